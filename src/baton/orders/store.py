"""All SQL of the orders module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from baton.orders.model import (
    BUCKETS,
    Charge,
    ChargeKind,
    Exception_,
    Group,
    Header,
    Health,
    Hold,
    Line,
    LineKind,
    Method,
    Mode,
    Order,
    Status,
    Transition,
)
from baton.platform.db import Statements, Tx
from baton.values import Address, Id

T = TypeVar("T")

sql = Statements("orders")

_HEADER = (
    "id, number, channel_id, legal_entity_id, external_id, mode, customer_id, buyer_name, email,"
    " phone, billing, language, currency, base_currency, base_rate, prices_include_tax,"
    " goods_minor, charges_minor, tax_minor, total_minor, note, attributes, placed_at, taken_at,"
    " tracking_secret, status, health, version"
)
_COUNTERS = ("delivered", "lost", "returned", "invoiced", "credited")
_LINE = (
    "line_no, group_no, kind, sku_id, sku_code, title, unit_weight_g, ship_alone, unit_price,"
    " discount, tax, total, ordered, parked, open, backordered, reserved, allocated, released,"
    " shipped, cancelled, delivered, lost, returned, invoiced, credited, replaces_line"
)
_GROUP = (
    "group_no, method, location_id, recipient, address, lat, lon, service, needed_by, ship_on,"
    " promised_from, promised_by, promise"
)
_HOLD = (
    "id, kind, reason, blocks, author, placed_at, level, line_no, resolved_at, resolved_by,"
    " resolution"
)
_EXCEPTION = (
    "id, order_id, kind, subject, cause, suggestion, owner_id, opened_at, resolved_at,"
    " resolved_by, resolution"
)

LOCK = sql(
    "lock",
    f"""
    select {_HEADER} from orders.orders
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
READ = sql(
    "read",
    f"select {_HEADER} from orders.orders where tenant_id = %(tenant)s and id = any(%(ids)s)",
)
LINES = sql(
    "lines",
    f"""
    select order_id, {_LINE} from orders.lines
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, line_no
    """,
)
GROUPS = sql(
    "groups",
    f"""
    select order_id, {_GROUP} from orders.delivery_groups
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, group_no
    """,
)
CHARGES = sql(
    "charges",
    """
    select order_id, charge_no, kind, title, amount, tax, credited from orders.charges
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, charge_no
    """,
)
HOLDS = sql(
    "holds",
    f"""
    select order_id, {_HOLD} from orders.holds
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, placed_at, id
    """,
)
OPEN_EXCEPTIONS = sql(
    "open_exceptions",
    """
    select order_id, count(*)::int from orders.exceptions
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) and resolved_at is null
    group by order_id
    """,
)
BY_NUMBER = sql(
    "by_number", "select id from orders.orders where tenant_id = %(tenant)s and number = %(number)s"
)
BY_EXTERNAL = sql(
    "by_external",
    """
    select o.channel_id, o.external_id, o.id from orders.orders o
    join unnest(%(channels)s::uuid[], %(externals)s::text[]) as w (channel_id, external_id)
      on o.tenant_id = %(tenant)s and o.channel_id = w.channel_id and o.external_id = w.external_id
    """,
)
BY_TRACKING = sql(
    "by_tracking",
    "select id from orders.orders where tenant_id = %(tenant)s and tracking_secret = %(secret)s",
)
INSERT = sql(
    "insert",
    f"""
    insert into orders.orders (tenant_id, {_HEADER}, buyer_key)
    select %(tenant)s, {_HEADER}, lower(buyer_name) from unnest(
        %(id)s::uuid[], %(number)s::text[], %(channel_id)s::uuid[], %(legal_entity_id)s::uuid[],
        %(external_id)s::text[], %(mode)s::text[], %(customer_id)s::uuid[], %(buyer_name)s::text[],
        %(email)s::text[], %(phone)s::text[], %(billing)s::jsonb[], %(language)s::text[],
        %(currency)s::text[], %(base_currency)s::text[], %(base_rate)s::numeric[],
        %(prices_include_tax)s::boolean[], %(goods_minor)s::bigint[], %(charges_minor)s::bigint[],
        %(tax_minor)s::bigint[], %(total_minor)s::bigint[], %(note)s::text[],
        %(attributes)s::jsonb[], %(placed_at)s::timestamptz[], %(taken_at)s::timestamptz[],
        %(tracking_secret)s::text[], %(status)s::text[], %(health)s::text[], %(version)s::int[]
    ) as n ({_HEADER})
    """,
)
INSERT_LINES = sql(
    "insert_lines",
    f"""
    insert into orders.lines (tenant_id, order_id, {_LINE})
    select %(tenant)s, order_id, {_LINE} from unnest(
        %(order_id)s::uuid[], %(line_no)s::int[], %(group_no)s::int[], %(kind)s::text[],
        %(sku_id)s::uuid[], %(sku_code)s::text[], %(title)s::text[], %(unit_weight_g)s::int[],
        %(ship_alone)s::boolean[], %(unit_price)s::bigint[], %(discount)s::bigint[],
        %(tax)s::bigint[], %(total)s::bigint[], %(ordered)s::int[], %(parked)s::int[],
        %(open)s::int[], %(backordered)s::int[], %(reserved)s::int[], %(allocated)s::int[],
        %(released)s::int[], %(shipped)s::int[], %(cancelled)s::int[], %(delivered)s::int[],
        %(lost)s::int[], %(returned)s::int[], %(invoiced)s::int[], %(credited)s::int[],
        %(replaces_line)s::int[]
    ) as n (order_id, {_LINE})
    """,
)
INSERT_GROUPS = sql(
    "insert_groups",
    f"""
    insert into orders.delivery_groups (tenant_id, order_id, country, {_GROUP})
    select %(tenant)s, order_id, country, {_GROUP} from unnest(
        %(order_id)s::uuid[], %(country)s::text[], %(group_no)s::int[], %(method)s::text[],
        %(location_id)s::uuid[], %(recipient)s::text[], %(address)s::jsonb[],
        %(lat)s::double precision[], %(lon)s::double precision[], %(service)s::text[],
        %(needed_by)s::date[], %(ship_on)s::date[], %(promised_from)s::date[],
        %(promised_by)s::date[], %(promise)s::jsonb[]
    ) as n (order_id, country, {_GROUP})
    """,
)
INSERT_CHARGES = sql(
    "insert_charges",
    """
    insert into orders.charges (tenant_id, order_id, charge_no, kind, title, amount, tax)
    select %(tenant)s, order_id, charge_no, kind, title, amount, tax from unnest(
        %(order_id)s::uuid[], %(charge_no)s::int[], %(kind)s::text[], %(title)s::text[],
        %(amount)s::bigint[], %(tax)s::bigint[]
    ) as n (order_id, charge_no, kind, title, amount, tax)
    """,
)
UPDATE = sql(
    "update",
    """
    update orders.orders o set status = n.status, health = n.health, version = o.version + 1,
        goods_minor = n.goods_minor, charges_minor = n.charges_minor, tax_minor = n.tax_minor,
        total_minor = n.total_minor
    from unnest(%(id)s::uuid[], %(status)s::text[], %(health)s::text[], %(goods_minor)s::bigint[],
                %(charges_minor)s::bigint[], %(tax_minor)s::bigint[], %(total_minor)s::bigint[])
         as n (id, status, health, goods_minor, charges_minor, tax_minor, total_minor)
    where o.tenant_id = %(tenant)s and o.id = n.id
    """,
)
UPDATE_LINES = sql(
    "update_lines",
    """
    update orders.lines l set sku_id = n.sku_id, sku_code = n.sku_code, title = n.title,
        unit_weight_g = n.unit_weight_g, ordered = n.ordered, discount = n.discount, tax = n.tax,
        total = n.total, parked = n.parked, open = n.open, backordered = n.backordered,
        reserved = n.reserved, allocated = n.allocated, released = n.released,
        shipped = n.shipped, cancelled = n.cancelled, delivered = n.delivered, lost = n.lost,
        returned = n.returned, invoiced = n.invoiced, credited = n.credited
    from unnest(
        %(order_id)s::uuid[], %(line_no)s::int[], %(sku_id)s::uuid[], %(sku_code)s::text[],
        %(title)s::text[], %(unit_weight_g)s::int[], %(ordered)s::int[], %(discount)s::bigint[],
        %(tax)s::bigint[], %(total)s::bigint[], %(parked)s::int[], %(open)s::int[],
        %(backordered)s::int[], %(reserved)s::int[], %(allocated)s::int[], %(released)s::int[],
        %(shipped)s::int[], %(cancelled)s::int[], %(delivered)s::int[], %(lost)s::int[],
        %(returned)s::int[], %(invoiced)s::int[], %(credited)s::int[]
    ) as n (order_id, line_no, sku_id, sku_code, title, unit_weight_g, ordered, discount, tax,
            total, parked, open, backordered, reserved, allocated, released, shipped, cancelled,
            delivered, lost, returned, invoiced, credited)
    where l.tenant_id = %(tenant)s and l.order_id = n.order_id and l.line_no = n.line_no
    """,
)
UPDATE_GROUPS = sql(
    "update_groups",
    """
    update orders.delivery_groups g set recipient = n.recipient, address = n.address,
        country = n.country, lat = n.lat, lon = n.lon, ship_on = n.ship_on,
        promised_from = n.promised_from, promised_by = n.promised_by, promise = n.promise
    from unnest(
        %(order_id)s::uuid[], %(country)s::text[], %(group_no)s::int[], %(recipient)s::text[],
        %(address)s::jsonb[], %(lat)s::double precision[], %(lon)s::double precision[],
        %(ship_on)s::date[], %(promised_from)s::date[], %(promised_by)s::date[],
        %(promise)s::jsonb[]
    ) as n (order_id, country, group_no, recipient, address, lat, lon, ship_on, promised_from,
            promised_by, promise)
    where g.tenant_id = %(tenant)s and g.order_id = n.order_id and g.group_no = n.group_no
    """,
)
INSERT_HOLDS = sql(
    "insert_holds",
    """
    insert into orders.holds
        (tenant_id, order_id, id, kind, reason, level, line_no, blocks, author, placed_at)
    select %(tenant)s, order_id, id, kind, reason, level, line_no, string_to_array(blocks, ','),
           author, placed_at
    from unnest(%(order_id)s::uuid[], %(id)s::uuid[], %(kind)s::text[], %(reason)s::text[],
                %(level)s::text[], %(line_no)s::int[], %(blocks)s::text[], %(author)s::text[],
                %(placed_at)s::timestamptz[])
         as n (order_id, id, kind, reason, level, line_no, blocks, author, placed_at)
    """,
)
RESOLVE_HOLD = sql(
    "resolve_hold",
    """
    update orders.holds set resolved_at = %(at)s, resolved_by = %(by)s, resolution = %(resolution)s
    where tenant_id = %(tenant)s and order_id = %(order_id)s and id = %(id)s
      and resolved_at is null
    """,
)
INSERT_EXCEPTIONS = sql(
    "insert_exceptions",
    """
    insert into orders.exceptions
        (tenant_id, id, order_id, kind, subject, cause, suggestion, opened_at)
    select %(tenant)s, id, order_id, kind, subject, cause, suggestion, %(at)s
    from unnest(%(id)s::uuid[], %(order_id)s::uuid[], %(kind)s::text[], %(subject)s::text[],
                %(cause)s::text[], %(suggestion)s::text[])
         as n (id, order_id, kind, subject, cause, suggestion)
    on conflict (tenant_id, kind, subject) where resolved_at is null do nothing
    returning id
    """,
)
RESOLVE_EXCEPTIONS = sql(
    "resolve_exceptions",
    f"""
    update orders.exceptions set resolved_at = %(at)s, resolved_by = %(by)s,
        resolution = %(resolution)s
    where tenant_id = %(tenant)s and id = any(%(ids)s) and resolved_at is null
    returning {_EXCEPTION}
    """,
)
EXCEPTIONS = sql(
    "exceptions",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by opened_at, id
    """,
)
EXCEPTION = sql(
    "exception",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
INBOX = sql(
    "inbox",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and resolved_at is null
      and (opened_at, id) > (%(after_at)s, %(after_id)s) order by opened_at, id limit %(limit)s
    """,
)
ASSIGN_EXCEPTION = sql(
    "assign_exception",
    """
    update orders.exceptions set owner_id = %(owner_id)s
    where tenant_id = %(tenant)s and id = %(id)s and resolved_at is null
    """,
)
BACKORDERED = sql(
    "backordered",
    """
    select distinct order_id from orders.lines
    where tenant_id = %(tenant)s and sku_id = any(%(sku_ids)s) and backordered > 0
    order by order_id limit %(limit)s
    """,
)
INSERT_CHANGE = sql(
    "insert_change",
    """
    insert into orders.changes
        (tenant_id, order_id, change_no, kind, before, after, reason, actor, at)
    select %(tenant)s, %(order_id)s,
           coalesce((select max(c.change_no) from orders.changes c
                     where c.tenant_id = %(tenant)s and c.order_id = %(order_id)s), 0) + 1,
           %(kind)s, %(before)s::jsonb, %(after)s::jsonb, %(reason)s, %(actor)s, %(at)s
    returning change_no
    """,
)
CHANGES = sql(
    "changes",
    """
    select change_no, kind, before, after, reason, actor, at from orders.changes
    where tenant_id = %(tenant)s and order_id = %(order_id)s order by change_no
    """,
)


def load(tx: Tx, ids: Sequence[Id], *, lock: bool) -> dict[Id, Order]:
    """Whole orders, locked in the order of their ids if wanted."""
    wanted = sorted(set(ids))
    headers = {row[0]: _header(row) for row in tx.all(LOCK if lock else READ, ids=wanted)}
    lines = _by_order(tx.all(LINES, ids=wanted), _line)
    groups = _by_order(tx.all(GROUPS, ids=wanted), _group)
    charges = _by_order(tx.all(CHARGES, ids=wanted), _charge)
    holds = _by_order(tx.all(HOLDS, ids=wanted), _hold)
    exceptions = dict(tx.all(OPEN_EXCEPTIONS, ids=wanted))
    return {
        id: Order(
            header,
            tuple(lines.get(id, ())),
            tuple(groups.get(id, ())),
            tuple(charges.get(id, ())),
            tuple(holds.get(id, ())),
            exceptions.get(id, 0),
        )
        for id, header in headers.items()
    }


def by_number(tx: Tx, number: str) -> Id | None:
    row = tx.one(BY_NUMBER, number=number)
    return row[0] if row else None


def by_tracking(tx: Tx, secret: str) -> Id | None:
    row = tx.one(BY_TRACKING, secret=secret)
    return row[0] if row else None


def by_external(tx: Tx, keys: Sequence[tuple[Id, str]]) -> dict[tuple[Id, str], Id]:
    """Which of these (channel, external id) are orders already."""
    rows = tx.all(BY_EXTERNAL, channels=[k[0] for k in keys], externals=[k[1] for k in keys])
    return {(row[0], row[1]): row[2] for row in rows}


def insert(tx: Tx, orders: Sequence[Order]) -> None:
    headers = [order.header for order in orders]
    names = [f.name for f in fields(Header)]
    columns: dict[str, list[Any]] = {n: [getattr(h, n) for h in headers] for n in names}
    columns["billing"] = [_json(h.billing) for h in headers]
    columns["attributes"] = [_json(h.attributes) for h in headers]
    tx.run(INSERT, **columns)
    _insert_lines(tx, orders)
    groups = [(order.id, group) for order in orders for group in order.groups]
    tx.run(INSERT_GROUPS, **_group_columns(groups))
    charges = [(order.id, charge) for order in orders for charge in order.charges]
    if charges:
        _insert_charges(tx, charges)
    insert_holds(tx, [(order.id, hold) for order in orders for hold in order.holds])


def _insert_lines(tx: Tx, orders: Sequence[Order]) -> None:
    pairs = [(order.id, line) for order in orders for line in order.lines]
    names = [f.name for f in fields(Line)]
    columns = {n: [getattr(line, n) for _, line in pairs] for n in names}
    tx.run(INSERT_LINES, order_id=[id for id, _ in pairs], **columns)


def add_lines(tx: Tx, order: Order, lines: Sequence[Line]) -> None:
    names = [f.name for f in fields(Line)]
    columns = {n: [getattr(line, n) for line in lines] for n in names}
    tx.run(INSERT_LINES, order_id=[order.id for _ in lines], **columns)


def _insert_charges(tx: Tx, charges: Sequence[tuple[Id, Charge]]) -> None:
    tx.run(
        INSERT_CHARGES,
        order_id=[id for id, _ in charges],
        charge_no=[charge.charge_no for _, charge in charges],
        kind=[charge.kind for _, charge in charges],
        title=[charge.title for _, charge in charges],
        amount=[charge.amount for _, charge in charges],
        tax=[charge.tax for _, charge in charges],
    )


def update_headers(tx: Tx, orders: Sequence[Order]) -> None:
    """Status, health and sums as they stand in `orders`; the version goes up by one."""
    headers = [order.header for order in orders]
    names = ["id", "status", "health", "goods_minor", "charges_minor", "tax_minor", "total_minor"]
    tx.run(UPDATE, **{n: [getattr(h, n) for h in headers] for n in names})


def update_lines(tx: Tx, lines: Sequence[tuple[Id, Line]]) -> None:
    if not lines:
        return
    names = [
        "line_no", "sku_id", "sku_code", "title", "unit_weight_g", "ordered", "discount", "tax",
        "total", *(bucket.value for bucket in BUCKETS), *_COUNTERS,
    ]  # fmt: skip
    columns = {n: [getattr(line, n) for _, line in lines] for n in names}
    tx.run(UPDATE_LINES, order_id=[id for id, _ in lines], **columns)


def update_groups(tx: Tx, groups: Sequence[tuple[Id, Group]]) -> None:
    if groups:
        columns = _group_columns(groups)
        for fixed in ("method", "location_id", "service", "needed_by"):
            del columns[fixed]
        tx.run(UPDATE_GROUPS, **columns)


def insert_holds(tx: Tx, holds: Sequence[tuple[Id, Hold]]) -> None:
    if not holds:
        return
    names = ["id", "kind", "reason", "level", "line_no", "author", "placed_at"]
    columns = {n: [getattr(hold, n) for _, hold in holds] for n in names}
    tx.run(
        INSERT_HOLDS,
        order_id=[id for id, _ in holds],
        blocks=[",".join(hold.blocks) for _, hold in holds],
        **columns,
    )


def resolve_hold(tx: Tx, order_id: Id, id: Id, by: str, resolution: str) -> bool:
    return bool(
        tx.count(RESOLVE_HOLD, order_id=order_id, id=id, at=tx.now, by=by, resolution=resolution)
    )


def insert_exceptions(tx: Tx, exceptions: Sequence[Exception_]) -> set[Id]:
    """Open exceptions, one for one cause; returns the ids of those that are new."""
    names = ["id", "order_id", "kind", "subject", "cause", "suggestion"]
    columns = {n: [getattr(e, n) for e in exceptions] for n in names}
    return {row[0] for row in tx.all(INSERT_EXCEPTIONS, at=tx.now, **columns)}


def resolve_exceptions(tx: Tx, ids: Sequence[Id], by: str, resolution: str) -> list[Exception_]:
    values = {"ids": list(ids), "at": tx.now, "by": by, "resolution": resolution}
    return tx.rows(Exception_, RESOLVE_EXCEPTIONS, **values)


def exceptions(tx: Tx, order_ids: Sequence[Id]) -> list[Exception_]:
    return tx.rows(Exception_, EXCEPTIONS, ids=list(order_ids))


def exceptions_by_id(tx: Tx, ids: Sequence[Id]) -> dict[Id, Exception_]:
    return {e.id: e for e in tx.rows(Exception_, EXCEPTION, ids=list(ids))}


def inbox(tx: Tx, after_at: datetime, after_id: Id, limit: int) -> list[Exception_]:
    return tx.rows(Exception_, INBOX, after_at=after_at, after_id=after_id, limit=limit)


def assign_exception(tx: Tx, id: Id, owner_id: Id) -> bool:
    return bool(tx.count(ASSIGN_EXCEPTION, id=id, owner_id=owner_id))


def backordered(tx: Tx, sku_ids: Sequence[Id], limit: int) -> list[Id]:
    return [row[0] for row in tx.all(BACKORDERED, sku_ids=list(sku_ids), limit=limit)]


def insert_change(
    tx: Tx, order_id: Id, kind: str, before: object, after: object, reason: str
) -> int:
    row = tx.one(
        INSERT_CHANGE,
        order_id=order_id,
        kind=kind,
        before=_json(before),
        after=_json(after),
        reason=reason,
        actor=tx.caller.actor,
        at=tx.now,
    )
    assert row is not None
    return int(row[0])


def changes(tx: Tx, order_id: Id) -> list[tuple[Any, ...]]:
    return tx.all(CHANGES, order_id=order_id)


# ── rows to values and back ────────────────────────────────────────────────────────────────


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _address(kept: Mapping[str, Any] | None) -> Address | None:
    return None if kept is None else msgspec.convert(kept, Address)


def _by_order(
    rows: Sequence[tuple[Any, ...]], made: Callable[[tuple[Any, ...]], T]
) -> dict[Id, list[T]]:
    found: dict[Id, list[T]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(made(row[1:]))
    return found


def _header(row: tuple[Any, ...]) -> Header:
    kept = dict(zip((f.name for f in fields(Header)), row, strict=True))
    kept["mode"], kept["status"] = Mode(kept["mode"]), Status(kept["status"])
    kept["health"], kept["billing"] = Health(kept["health"]), _address(kept["billing"])
    return Header(**kept)


def _line(row: tuple[Any, ...]) -> Line:
    return Line(row[0], row[1], LineKind(row[2]), *row[3:])


def _group(row: tuple[Any, ...]) -> Group:
    return Group(row[0], Method(row[1]), row[2], row[3], _address(row[4]), *row[5:])


def _charge(row: tuple[Any, ...]) -> Charge:
    return Charge(row[0], ChargeKind(row[1]), *row[2:])


def _hold(row: tuple[Any, ...]) -> Hold:
    blocks = tuple(Transition(name) for name in row[3])
    return Hold(row[0], row[1], row[2], blocks, *row[4:])


def _group_columns(groups: Sequence[tuple[Id, Group]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        f.name: [getattr(group, f.name) for _, group in groups] for f in fields(Group)
    }
    columns["order_id"] = [id for id, _ in groups]
    columns["country"] = [g.address.country if g.address else None for _, g in groups]
    columns["address"] = [_json(group.address) for _, group in groups]
    columns["promise"] = [_json(group.promise) for _, group in groups]
    return columns
