"""Orders with their lines, groups and charges: read and locked whole, written by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from baton.orders.model import (
    BUCKETS,
    Charge,
    ChargeKind,
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
from baton.orders.store.attention import insert_holds
from baton.platform.db import Statements, Tx
from baton.values import Address, Id

T = TypeVar("T")

sql = Statements("orders")

_HEADER = (
    "id, number, channel_id, legal_entity_id, external_id, mode, customer_id, buyer_name, email,"
    " phone, billing, language, currency, base_currency, base_rate, prices_include_tax,"
    " goods_minor, charges_minor, tax_minor, total_minor, note, attributes, placed_at, taken_at,"
    " tracking_secret, fingerprint, status, health, version"
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
    select order_id, charge_no, kind, title, amount, tax, credited, waives from orders.charges
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
WITH_SKUS = sql(
    "with_skus",
    """
    select o.id from orders.orders o
    where o.tenant_id = %(tenant)s and o.customer_id = %(customer_id)s
      and o.placed_at <= %(until)s
      and exists (select from orders.lines l
                  where l.tenant_id = %(tenant)s and l.order_id = o.id
                    and l.sku_code = any(%(codes)s))
    order by o.placed_at desc limit 500
    """,
)
STANDING = sql(
    "standing",
    """
    select coalesce(sum(l.shipped), 0)::int, coalesce(sum(l.returned), 0)::int
    from (select id from orders.orders
          where tenant_id = %(tenant)s and customer_id = %(customer_id)s
          order by placed_at desc limit 500) o
    join orders.lines l on l.tenant_id = %(tenant)s and l.order_id = o.id
    where l.tenant_id = %(tenant)s
    """,
)
IDS = sql(
    "ids",
    """
    select id from orders.orders
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
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
        %(tracking_secret)s::text[], %(fingerprint)s::bytea[], %(status)s::text[],
        %(health)s::text[], %(version)s::int[]
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
    insert into orders.charges (tenant_id, order_id, charge_no, kind, title, amount, tax, waives)
    select %(tenant)s, order_id, charge_no, kind, title, amount, tax, waives from unnest(
        %(order_id)s::uuid[], %(charge_no)s::int[], %(kind)s::text[], %(title)s::text[],
        %(amount)s::bigint[], %(tax)s::bigint[], %(waives)s::int[]
    ) as n (order_id, charge_no, kind, title, amount, tax, waives)
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
        unit_weight_g = n.unit_weight_g, ordered = n.ordered, unit_price = n.unit_price,
        discount = n.discount, tax = n.tax, total = n.total, parked = n.parked, open = n.open,
        backordered = n.backordered, reserved = n.reserved, allocated = n.allocated,
        released = n.released, shipped = n.shipped, cancelled = n.cancelled,
        delivered = n.delivered, lost = n.lost, returned = n.returned, invoiced = n.invoiced,
        credited = n.credited
    from unnest(
        %(order_id)s::uuid[], %(line_no)s::int[], %(sku_id)s::uuid[], %(sku_code)s::text[],
        %(title)s::text[], %(unit_weight_g)s::int[], %(ordered)s::int[], %(unit_price)s::bigint[],
        %(discount)s::bigint[], %(tax)s::bigint[], %(total)s::bigint[], %(parked)s::int[],
        %(open)s::int[], %(backordered)s::int[], %(reserved)s::int[], %(allocated)s::int[],
        %(released)s::int[], %(shipped)s::int[], %(cancelled)s::int[], %(delivered)s::int[],
        %(lost)s::int[], %(returned)s::int[], %(invoiced)s::int[], %(credited)s::int[]
    ) as n (order_id, line_no, sku_id, sku_code, title, unit_weight_g, ordered, unit_price,
            discount, tax, total, parked, open, backordered, reserved, allocated, released,
            shipped, cancelled, delivered, lost, returned, invoiced, credited)
    where l.tenant_id = %(tenant)s and l.order_id = n.order_id and l.line_no = n.line_no
    """,
)
UPDATE_GROUPS = sql(
    "update_groups",
    """
    update orders.delivery_groups g set method = n.method, location_id = n.location_id,
        service = n.service, recipient = n.recipient, address = n.address, country = n.country,
        lat = n.lat, lon = n.lon, ship_on = n.ship_on, promised_from = n.promised_from,
        promised_by = n.promised_by, promise = n.promise
    from unnest(
        %(order_id)s::uuid[], %(group_no)s::int[], %(method)s::text[], %(location_id)s::uuid[],
        %(service)s::text[], %(recipient)s::text[], %(address)s::jsonb[], %(country)s::text[],
        %(lat)s::double precision[], %(lon)s::double precision[], %(ship_on)s::date[],
        %(promised_from)s::date[], %(promised_by)s::date[], %(promise)s::jsonb[]
    ) as n (order_id, group_no, method, location_id, service, recipient, address, country, lat,
            lon, ship_on, promised_from, promised_by, promise)
    where g.tenant_id = %(tenant)s and g.order_id = n.order_id and g.group_no = n.group_no
    """,
)
UPDATE_CREDITED = sql(
    "update_credited",
    """
    update orders.charges c set credited = n.credited
    from unnest(%(order_id)s::uuid[], %(charge_no)s::int[], %(credited)s::bigint[])
         as n (order_id, charge_no, credited)
    where c.tenant_id = %(tenant)s and c.order_id = n.order_id and c.charge_no = n.charge_no
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


def with_skus(tx: Tx, customer_id: Id, codes: Sequence[str], until: datetime) -> list[Id]:
    """A customer's orders up to a moment that have lines of these SKUs, newest first."""
    values = {"customer_id": customer_id, "codes": list(codes), "until": until}
    return [row[0] for row in tx.all(WITH_SKUS, **values)]


def standing(tx: Tx, customer_id: Id) -> tuple[int, int]:
    """Units that a customer was sent and gave back, over their last 500 orders."""
    row = tx.one(STANDING, customer_id=customer_id)
    assert row is not None
    return row[0], row[1]


def pages(tx: Tx, size: int = 500) -> Iterator[list[Order]]:
    """All orders, `size` at a time, by id: memory stays bounded."""
    after = Id(int=0)
    while ids := [row[0] for row in tx.all(IDS, after=after, limit=size)]:
        yield list(load(tx, ids, lock=False).values())
        after = ids[-1]


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
    insert_lines(tx, [(order.id, line) for order in orders for line in order.lines])
    groups = [(order.id, group) for order in orders for group in order.groups]
    tx.run(INSERT_GROUPS, **_group_columns(groups))
    charges = [(order.id, charge) for order in orders for charge in order.charges]
    if charges:
        insert_charges(tx, charges)
    insert_holds(tx, [(order.id, hold) for order in orders for hold in order.holds])


def insert_lines(tx: Tx, pairs: Sequence[tuple[Id, Line]]) -> None:
    names = [f.name for f in fields(Line)]
    columns = {n: [getattr(line, n) for _, line in pairs] for n in names}
    tx.run(INSERT_LINES, order_id=[id for id, _ in pairs], **columns)


def insert_charges(tx: Tx, charges: Sequence[tuple[Id, Charge]]) -> None:
    tx.run(
        INSERT_CHARGES,
        order_id=[id for id, _ in charges],
        charge_no=[charge.charge_no for _, charge in charges],
        kind=[charge.kind for _, charge in charges],
        title=[charge.title for _, charge in charges],
        amount=[charge.amount for _, charge in charges],
        tax=[charge.tax for _, charge in charges],
        waives=[charge.waives for _, charge in charges],
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
        "line_no", "sku_id", "sku_code", "title", "unit_weight_g", "ordered", "unit_price",
        "discount", "tax", "total", *(bucket.value for bucket in BUCKETS), *_COUNTERS,
    ]  # fmt: skip
    columns = {n: [getattr(line, n) for _, line in lines] for n in names}
    tx.run(UPDATE_LINES, order_id=[id for id, _ in lines], **columns)


def update_credited(tx: Tx, charges: Sequence[tuple[Id, Charge]]) -> None:
    """What was credited of charges; their amounts never change."""
    if charges:
        tx.run(
            UPDATE_CREDITED,
            order_id=[id for id, _ in charges],
            charge_no=[charge.charge_no for _, charge in charges],
            credited=[charge.credited for _, charge in charges],
        )


def update_groups(tx: Tx, groups: Sequence[tuple[Id, Group]]) -> None:
    if groups:
        columns = _group_columns(groups)
        del columns["needed_by"]
        tx.run(UPDATE_GROUPS, **columns)


def backordered(tx: Tx, sku_ids: Sequence[Id], limit: int) -> list[Id]:
    return [row[0] for row in tx.all(BACKORDERED, sku_ids=list(sku_ids), limit=limit)]


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
