"""SQL of fulfillment orders and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from baton.fulfillment.model import (
    FulfillmentLine,
    FulfillmentOrder,
    Method,
    Place,
    Recall,
    Status,
)
from baton.platform.db import Statements, Tx, columns, listed
from baton.values import Id

sql = Statements("fulfillment")

_ORDER = (
    "id, number, order_id, group_no, location_id, method, status, recall, recall_reason,"
    " recall_by, reject_reason, pickup_hash, pickup_tries, ship_on, created_at, released_at,"
    " done_at, version"
)
_LINE = (
    "order_line, sku_id, sku_code, title, quantity, to_pick, picked, packed, cancel_requested,"
    " shipped, short, cancelled"
)

LOCK = sql(
    "lock",
    f"""
    select {_ORDER} from fulfillment.orders
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
BY_IDS = sql(
    "by_ids",
    f"""
    select {_ORDER} from fulfillment.orders
    where tenant_id = %(tenant)s and id = any(%(ids)s)
      and (%(at)s::uuid[] is null or location_id = any(%(at)s::uuid[])) order by id
    """,
)
SENT_TO = sql(
    "sent_to",
    """
    select 1 from fulfillment.orders
    where tenant_id = %(tenant)s and order_id = %(order_id)s
      and location_id = any(%(at)s::uuid[]) and released_at is not null limit 1
    """,
)
OF_ORDERS = sql(
    "of_orders",
    f"""
    select {_ORDER} from fulfillment.orders
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by created_at, id
    """,
)
BY_NUMBER = sql(
    "by_number",
    f"select {_ORDER} from fulfillment.orders where tenant_id = %(tenant)s and number = %(number)s",
)
# one walk down the index per status, then the earliest of them
QUEUE = sql(
    "queue",
    f"""
    select {_ORDER} from unnest(%(statuses)s::text[]) as wanted (status_wanted)
    cross join lateral (
        select {_ORDER} from fulfillment.orders o
        where o.tenant_id = %(tenant)s and o.status = wanted.status_wanted
          and (o.created_at, o.id) > (%(after_at)s, %(after_id)s)
        order by o.created_at, o.id limit %(limit)s
    ) found order by created_at, id limit %(limit)s
    """,
)
QUEUE_AT = sql(
    "queue_at",
    f"""
    select {_ORDER} from unnest(%(statuses)s::text[]) as wanted (status_wanted)
    cross join unnest(%(locations)s::uuid[]) as here (location_wanted)
    cross join lateral (
        select {_ORDER} from fulfillment.orders o
        where o.tenant_id = %(tenant)s and o.location_id = here.location_wanted
          and o.status = wanted.status_wanted
          and (o.created_at, o.id) > (%(after_at)s, %(after_id)s)
        order by o.created_at, o.id limit %(limit)s
    ) found order by created_at, id limit %(limit)s
    """,
)
DUE_RECALLS = sql(
    "due_recalls",
    f"""
    select {_ORDER} from fulfillment.orders
    where tenant_id = %(tenant)s and recall = 'requested' and recall_by <= %(now)s
    order by recall_by, id limit %(limit)s
    """,
)
COUNT_OF_ORDERS = sql(
    "count_of_orders",
    """
    select order_id, count(*)::int from fulfillment.orders
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) group by order_id
    """,
)
LINES = sql(
    "lines",
    f"""
    select fulfillment_order_id, {_LINE} from fulfillment.lines
    where tenant_id = %(tenant)s and fulfillment_order_id = any(%(ids)s)
    order by fulfillment_order_id, order_line
    """,
)
INSERT = sql(
    "insert",
    """
    insert into fulfillment.orders (tenant_id, id, number, order_id, group_no, location_id, method,
        status, recall, ship_on, created_at, version)
    select %(tenant)s, n.id, n.number, n.order_id, n.group_no, n.location_id, n.method, 'planned',
           'none', n.ship_on, %(now)s, 1
    from unnest(%(id)s::uuid[], %(number)s::text[], %(order_id)s::uuid[], %(group_no)s::int[],
                %(location_id)s::uuid[], %(method)s::text[], %(ship_on)s::date[])
         as n (id, number, order_id, group_no, location_id, method, ship_on)
    """,
)
INSERT_LINES = sql(
    "insert_lines",
    """
    insert into fulfillment.lines (tenant_id, fulfillment_order_id, order_line, sku_id, sku_code,
        title, quantity, to_pick)
    select %(tenant)s, n.id, n.order_line, n.sku_id, n.sku_code, n.title, n.quantity, n.quantity
    from unnest(%(id)s::uuid[], %(order_line)s::int[], %(sku_id)s::uuid[], %(sku_code)s::text[],
                %(title)s::text[], %(quantity)s::int[])
         as n (id, order_line, sku_id, sku_code, title, quantity)
    """,
)
UPDATE = sql(
    "update",
    """
    update fulfillment.orders o set
        status = c.status, recall = c.recall, recall_reason = c.recall_reason,
        recall_by = c.recall_by, reject_reason = c.reject_reason, pickup_hash = c.pickup_hash,
        pickup_tries = c.pickup_tries, released_at = c.released_at, done_at = c.done_at,
        version = c.version
    from unnest(%(id)s::uuid[], %(status)s::text[], %(recall)s::text[],
                %(recall_reason)s::text[], %(recall_by)s::timestamptz[],
                %(reject_reason)s::text[], %(pickup_hash)s::bytea[], %(pickup_tries)s::int[],
                %(released_at)s::timestamptz[], %(done_at)s::timestamptz[], %(version)s::int[])
         as c (id, status, recall, recall_reason, recall_by, reject_reason, pickup_hash,
               pickup_tries, released_at, done_at, version)
    where o.tenant_id = %(tenant)s and o.id = c.id
    """,
)
UPDATE_LINES = sql(
    "update_lines",
    """
    update fulfillment.lines l set
        to_pick = c.to_pick, picked = c.picked, packed = c.packed,
        cancel_requested = c.cancel_requested, shipped = c.shipped, short = c.short,
        cancelled = c.cancelled
    from unnest(%(id)s::uuid[], %(order_line)s::int[], %(to_pick)s::int[], %(picked)s::int[],
                %(packed)s::int[], %(cancel_requested)s::int[], %(shipped)s::int[],
                %(short)s::int[], %(cancelled)s::int[])
         as c (id, order_line, to_pick, picked, packed, cancel_requested, shipped, short,
               cancelled)
    where l.tenant_id = %(tenant)s and l.fulfillment_order_id = c.id
      and l.order_line = c.order_line
    """,
)


# ------------------------------------------------------------------ reading


def lock(tx: Tx, ids: Sequence[Id]) -> list[FulfillmentOrder]:
    """The fulfillment orders with these ids, locked in the order of their ids."""
    return _with_lines(tx, tx.all(LOCK, ids=list(ids)))


def by_ids(tx: Tx, ids: Sequence[Id], at: Collection[Id] | None = None) -> list[FulfillmentOrder]:
    """The fulfillment orders with these ids, at some locations or (None) at any.

    Unknown ids are left out.
    """
    return _with_lines(tx, tx.all(BY_IDS, ids=list(ids), at=listed(at)))


def sent_to(tx: Tx, order_id: Id, at: Collection[Id]) -> bool:
    """Whether work of an order was ever released to one of these locations."""
    return tx.one(SENT_TO, order_id=order_id, at=listed(at)) is not None


def by_number(tx: Tx, number: str) -> FulfillmentOrder | None:
    """The fulfillment order with this number."""
    return next(iter(_with_lines(tx, tx.all(BY_NUMBER, number=number))), None)


def of_orders(tx: Tx, order_ids: Sequence[Id]) -> list[FulfillmentOrder]:
    """All work for these orders, ended or not, oldest first."""
    return _with_lines(tx, tx.all(OF_ORDERS, ids=list(order_ids)))


def queue(
    tx: Tx,
    location_ids: Collection[Id] | None,
    statuses: Sequence[Status],
    after: Place | None,
    limit: int,
) -> list[FulfillmentOrder]:
    """A page of the work in these statuses, oldest first, at some locations or (None) at all."""
    place = {
        "statuses": sorted({status.value for status in statuses}),
        "after_at": after.created_at if after else "-infinity",
        "after_id": after.id if after else Id(int=0),
        "limit": limit,
    }
    if location_ids is None:
        return _with_lines(tx, tx.all(QUEUE, **place))
    return _with_lines(tx, tx.all(QUEUE_AT, locations=sorted(location_ids), **place))


def due_recalls(tx: Tx, limit: int) -> list[FulfillmentOrder]:
    """Work whose location did not answer a recall in time, longest overdue first."""
    return _with_lines(tx, tx.all(DUE_RECALLS, now=tx.now, limit=limit))


def counts(tx: Tx, order_ids: Sequence[Id]) -> dict[Id, int]:
    """How many fulfillment orders each order has had so far."""
    return dict(tx.all(COUNT_OF_ORDERS, ids=list(order_ids)))


def _with_lines(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[FulfillmentOrder]:
    if not rows:
        return []
    lines: dict[Id, list[FulfillmentLine]] = {row[0]: [] for row in rows}
    for owner, *line in tx.all(LINES, ids=list(lines)):
        lines[owner].append(FulfillmentLine(*line))
    return [_order(row, tuple(lines[row[0]])) for row in rows]


def _order(row: tuple[Any, ...], lines: tuple[FulfillmentLine, ...]) -> FulfillmentOrder:
    id, number, order_id, group_no, location_id, method, status, recall, *rest = row
    head = (id, number, order_id, group_no, location_id)
    return FulfillmentOrder(*head, Method(method), Status(status), Recall(recall), *(*rest, lines))


# ------------------------------------------------------------------ writing


def insert(tx: Tx, orders: Sequence[FulfillmentOrder]) -> None:
    """Write new work with its lines."""
    head = ("id", "number", "order_id", "group_no", "location_id", "method", "ship_on")
    tx.run(INSERT, **columns(orders, *head), now=tx.now)
    names = ("order_line", "sku_id", "sku_code", "title", "quantity")
    tx.run(
        INSERT_LINES,
        id=[o.id for o in orders for _ in o.lines],
        **columns([line for o in orders for line in o.lines], *names),
    )


def update(tx: Tx, orders: Sequence[FulfillmentOrder]) -> None:
    """Write all of an order that can change, but its lines."""
    recall = ("recall", "recall_reason", "recall_by", "reject_reason")
    rest = ("pickup_hash", "pickup_tries", "released_at", "done_at", "version")
    tx.run(UPDATE, **columns(orders, "id", "status", *recall, *rest))


def update_lines(tx: Tx, lines: Sequence[tuple[Id, FulfillmentLine]]) -> None:
    """Write where the units of these lines are now."""
    if not lines:
        return
    units = ("to_pick", "picked", "packed", "cancel_requested", "shipped", "short", "cancelled")
    tx.run(
        UPDATE_LINES,
        id=[id for id, _ in lines],
        **columns([line for _, line in lines], "order_line", *units),
    )
