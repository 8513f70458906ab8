"""SQL of shipments and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from baton.platform.db import Statements, Tx, columns, listed
from baton.shipping.model import LineUnits, Method, Shipment, Status
from baton.values import Id, Money

sql = Statements("shipping")

_SHIPMENT = (
    "id, number, order_id, group_no, fulfillment_order_id, location_id, method, carrier, service,"
    " status, cost_minor, currency, tracking_no, tracking_seen_at, created_at, shipped_at,"
    " delivered_at"
)
_HERE = "and (%(at)s::uuid[] is null or location_id = any(%(at)s::uuid[]))"

LOCK = sql(
    "lock",
    f"""
    select {_SHIPMENT} from shipping.shipments
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
BY_IDS = sql(
    "by_ids",
    f"""
    select {_SHIPMENT} from shipping.shipments
    where tenant_id = %(tenant)s and id = any(%(ids)s) {_HERE} order by id
    """,
)
OF_ORDERS = sql(
    "of_orders",
    f"""
    select {_SHIPMENT} from shipping.shipments
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) {_HERE}
    order by created_at, id
    """,
)
BY_FULFILLMENT_ORDERS = sql(
    "by_fulfillment_orders",
    f"""
    select {_SHIPMENT} from shipping.shipments
    where tenant_id = %(tenant)s and fulfillment_order_id = any(%(ids)s) order by created_at, id
    """,
)
CARRIED = sql(
    "carried",
    f"""
    select {_SHIPMENT} from shipping.shipments
    where tenant_id = %(tenant)s and id > %(after)s and method = 'ship'
      and status not in ('labelling', 'label_failed', 'voided')
    order by id limit %(limit)s
    """,
)
COUNT_OF_ORDERS = sql(
    "count_of_orders",
    """
    select order_id, count(*)::int from shipping.shipments
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) group by order_id
    """,
)
LINES = sql(
    "lines",
    """
    select shipment_id, order_line, quantity from shipping.shipment_lines
    where tenant_id = %(tenant)s and shipment_id = any(%(ids)s) order by shipment_id, order_line
    """,
)
# each label has a key of its own; the column for one of the whole shipment stays empty
INSERT = sql(
    "insert",
    """
    insert into shipping.shipments (tenant_id, id, number, order_id, group_no,
        fulfillment_order_id, location_id, method, carrier, service, status, currency, label_key,
        created_at, shipped_at, delivered_at)
    select %(tenant)s, n.id, n.number, n.order_id, n.group_no, n.fulfillment_order_id,
           n.location_id, n.method, n.carrier, n.service, n.status, n.currency, '', n.created_at,
           n.shipped_at, n.delivered_at
    from unnest(%(id)s::uuid[], %(number)s::text[], %(order_id)s::uuid[], %(group_no)s::int[],
                %(fulfillment_order_id)s::uuid[], %(location_id)s::uuid[], %(method)s::text[],
                %(carrier)s::text[], %(service)s::text[], %(status)s::text[],
                %(currency)s::text[], %(created_at)s::timestamptz[],
                %(shipped_at)s::timestamptz[], %(delivered_at)s::timestamptz[])
         as n (id, number, order_id, group_no, fulfillment_order_id, location_id, method, carrier,
               service, status, currency, created_at, shipped_at, delivered_at)
    """,
)
INSERT_LINES = sql(
    "insert_lines",
    """
    insert into shipping.shipment_lines (tenant_id, shipment_id, order_line, quantity)
    select %(tenant)s, n.id, n.order_line, n.quantity
    from unnest(%(id)s::uuid[], %(order_line)s::int[], %(quantity)s::int[])
         as n (id, order_line, quantity)
    """,
)
UPDATE = sql(
    "update",
    """
    update shipping.shipments s set
        status = c.status, cost_minor = c.cost_minor, tracking_no = c.tracking_no,
        tracking_seen_at = c.tracking_seen_at, shipped_at = c.shipped_at,
        delivered_at = c.delivered_at
    from unnest(%(id)s::uuid[], %(status)s::text[], %(cost_minor)s::bigint[],
                %(tracking_no)s::text[], %(tracking_seen_at)s::timestamptz[],
                %(shipped_at)s::timestamptz[], %(delivered_at)s::timestamptz[])
         as c (id, status, cost_minor, tracking_no, tracking_seen_at, shipped_at, delivered_at)
    where s.tenant_id = %(tenant)s and s.id = c.id
    """,
)


def lock(tx: Tx, ids: Sequence[Id]) -> list[Shipment]:
    """The shipments with these ids, locked in the order of their ids."""
    return _with_lines(tx, tx.all(LOCK, ids=list(ids)))


def by_ids(tx: Tx, ids: Sequence[Id], at: Collection[Id] | None = None) -> list[Shipment]:
    """The shipments with these ids that leave some locations or (None) any; others are left out."""
    return _with_lines(tx, tx.all(BY_IDS, ids=list(ids), at=listed(at)))


def of_orders(tx: Tx, order_ids: Sequence[Id], at: Collection[Id] | None = None) -> list[Shipment]:
    """All shipments of these orders from some locations or (None) from any, oldest first."""
    return _with_lines(tx, tx.all(OF_ORDERS, ids=list(order_ids), at=listed(at)))


def by_fulfillment_orders(tx: Tx, fo_ids: Sequence[Id]) -> list[Shipment]:
    """All shipments of this work, voided ones among them, oldest first."""
    return _with_lines(tx, tx.all(BY_FULFILLMENT_ORDERS, ids=list(fo_ids)))


def carried(tx: Tx, after: Id, limit: int) -> list[Shipment]:
    """Shipments that left with a carrier, by id, from the one after `after` on."""
    return _with_lines(tx, tx.all(CARRIED, after=after, limit=limit))


def counts(tx: Tx, order_ids: Sequence[Id]) -> dict[Id, int]:
    """How many shipments each order has had so far."""
    return dict(tx.all(COUNT_OF_ORDERS, ids=list(order_ids)))


def insert(tx: Tx, new: Sequence[Shipment]) -> None:
    """Write new shipments with their lines."""
    head = ("id", "number", "order_id", "group_no", "fulfillment_order_id", "location_id")
    rest = ("method", "carrier", "service", "status", "created_at", "shipped_at", "delivered_at")
    tx.run(INSERT, **columns(new, *head, *rest), currency=[s.cost.currency for s in new])
    tx.run(
        INSERT_LINES,
        id=[s.id for s in new for _ in s.lines],
        **columns([line for s in new for line in s.lines], "order_line", "quantity"),
    )


def update(tx: Tx, changed: Sequence[Shipment]) -> None:
    """Write all of a shipment that can change."""
    if not changed:
        return
    times = ("tracking_seen_at", "shipped_at", "delivered_at")
    tx.run(
        UPDATE,
        **columns(changed, "id", "status", "tracking_no", *times),
        cost_minor=[s.cost.minor for s in changed],
    )


def _with_lines(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Shipment]:
    if not rows:
        return []
    lines: dict[Id, list[LineUnits]] = {row[0]: [] for row in rows}
    for owner, order_line, quantity in tx.all(LINES, ids=list(lines)):
        lines[owner].append(LineUnits(order_line, quantity))
    return [_shipment(row, tuple(lines[row[0]])) for row in rows]


def _shipment(row: tuple[Any, ...], lines: tuple[LineUnits, ...]) -> Shipment:
    *head, method, carrier, service, status, cost_minor, currency = row[:12]
    cost = Money(cost_minor, currency)
    return Shipment(
        *(*head, Method(method), carrier, service, Status(status), cost, *row[12:], lines)
    )
