"""Working off shortages: promised units that are not there get a place elsewhere, or wait.

At a location: planned work that leans on the missing units is given up, newest orders first,
and routed again. In an area as a whole: the newest promises are backordered, and a person is
told. Work that a location has begun is left alone: its short pick will say so.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import fulfillment, inventory, orders
from baton.flows import jobs
from baton.flows.replan import find_stock, unroute
from baton.fulfillment.model import FulfillmentOrder, Status
from baton.inventory.model import NOWHERE, Give, Reservation, Shortage
from baton.orders import rules
from baton.orders.events import OrderShort
from baton.orders.model import Bucket, Order
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.values import Id


def work_off(tx: Tx, limit: int = 100) -> int:
    """Work off open shortages as far as can be; returns how many units found a way out."""
    settled = 0
    for shortage in inventory.open_shortages(tx, limit):
        if shortage.location_id == NOWHERE:
            settled += _in_area(tx, shortage)
        else:
            settled += _at_location(tx, shortage)
    return settled


def _at_location(tx: Tx, shortage: Shortage) -> int:
    held = _of_orders(tx, shortage)
    locked = orders.lock(tx, [reservation.owner_id for reservation in held])
    left = shortage.open_units
    for reservation in _of_orders(tx, shortage):
        order = locked.get(reservation.owner_id)
        if left <= 0 or order is None:
            break
        freed = _unplanned(tx, order, reservation, shortage)
        left -= freed
    return shortage.open_units - max(left, 0)


def _unplanned(tx: Tx, order: Order, held: Reservation, shortage: Shortage) -> int:
    """Give up planned work of an order that leans on the shortage; units that are free now."""

    def leans(work: FulfillmentOrder) -> bool:
        return work.location_id == shortage.location_id and any(
            line.sku_id == shortage.sku_id for line in work.lines
        )

    before = order.line(held.owner_line).allocated
    after = unroute(tx, order, f"shortage: {shortage.cause}", leans)
    freed = before - after.line(held.owner_line).allocated
    if freed:
        jobs.for_orders(tx, jobs.ROUTE, [order.id], "shortage")
    return freed


def _in_area(tx: Tx, shortage: Shortage) -> int:
    held = _of_orders(tx, shortage)
    locked = orders.lock(tx, [reservation.owner_id for reservation in held])
    left = shortage.open_units
    for reservation in sorted(
        _of_orders(tx, shortage), key=lambda r: (r.location_id != NOWHERE, -r.owner_id.int)
    ):
        order = locked.get(reservation.owner_id)
        if left <= 0 or order is None:
            break
        left -= _backordered(tx, order.id, reservation, left, shortage)
    return shortage.open_units - max(left, 0)


def _backordered(tx: Tx, order_id: Id, held: Reservation, wanted: int, shortage: Shortage) -> int:
    """Take units from one order's promise; it looks in the channel's other areas, or waits."""
    order = orders.locked(tx, order_id)
    if held.location_id != NOWHERE:
        if order.group(order.line(held.owner_line).group_no).location_id is None:
            order = unroute(
                tx,
                order,
                f"shortage: {shortage.cause}",
                lambda work: any(line.order_line == held.owner_line for line in work.lines),
            )
        else:
            order = _unplanned_pickup(tx, order, held)
    units = min(wanted, order.line(held.owner_line).reserved, held.quantity)
    if not units:
        return 0
    inventory.free(tx, [Give(order.id, held.owner_line, held.sku_id, NOWHERE, units)])
    moved = {held.owner_line: units}
    after = rules.move(order, Action.SHORT, Bucket.RESERVED, Bucket.OPEN, moved)
    fact = OrderShort(order.id, "", "", tuple(moved.items()), shortage.location_id)
    order = orders.save(tx, [order], [after], [fact])[0]
    order = find_stock(tx, order, moved, f"shortage: {shortage.cause}")
    if order.line(held.owner_line).backordered:
        orders.open_exception(
            tx,
            order,
            "shortage",
            f"{order.number}/{held.owner_line}",
            f"{units} units of {order.line(held.owner_line).sku_code} were promised and are gone.",
            "Wait for stock, substitute, or cancel them and tell the customer.",
        )
    return units


def _unplanned_pickup(tx: Tx, order: Order, held: Reservation) -> Order:
    """A pick-up whose units are not begun is taken back to its area."""
    works = [w for w in fulfillment.of_orders(tx, [order.id]) if w.status is Status.PLANNED]
    if works:
        return unroute(tx, order, "shortage")
    line = order.line(held.owner_line)
    units = min(line.allocated, held.quantity)
    if not units:
        return order
    give = Give(order.id, held.owner_line, held.sku_id, held.location_id, units)
    inventory.deallocate(tx, [give])
    moved = {held.owner_line: units}
    after = rules.move(order, Action.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, moved)
    return orders.save(tx, [order], [after])[0]


def _of_orders(tx: Tx, shortage: Shortage) -> Sequence[Reservation]:
    """Promises that lean on the short units, newest orders first."""
    held = inventory.victims(tx, shortage)
    return [reservation for reservation in held if reservation.owner_kind == "order"]
