"""Cancelling units: at once where nothing has begun, by recall where a location has them.

`preview` says what would happen to units and money; `cancel` does it. Money that was
authorised is let go when the order needs no more of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from baton import inventory, orders, payments
from baton.flows import recall as recalls
from baton.flows.replan import give_up_stock, unroute
from baton.inventory.model import NOWHERE, Give
from baton.orders import rules
from baton.orders.errors import TooLate
from baton.orders.events import OrderCancelled
from baton.orders.model import Bucket, Order
from baton.orders.rules import Cancellation
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.values import Id


@dataclass(frozen=True, slots=True)
class CancelPreview:
    """What cancelling would do; amounts are minor units of the order's currency."""

    order: Order
    plan: Cancellation
    value_minor: int
    still_due_minor: int


def preview(tx: Tx, order_id: Id, units: Mapping[int, int] | None) -> CancelPreview:
    """What would become of units and money; nothing is changed."""
    order = orders.locked(tx, order_id)
    plan = rules.plan_cancellation(order, _wanted(order, units))
    value = rules.value_of_cancelling(order, plan.units_now)
    return CancelPreview(order, plan, value, rules.still_due(order) - value)


def cancel(
    tx: Tx,
    order_id: Id,
    units: Mapping[int, int] | None,
    reason: str,
    version: int | None = None,
) -> Order:
    """Cancel units (None: all that can be): now, or by asking the location for them.

    Raises TooLate where units were shipped already; then nothing is cancelled.
    """
    order = orders.locked(tx, order_id, version)
    plan = rules.plan_cancellation(order, _wanted(order, units))
    if units is None:  # what was asked back before need not be asked for again
        able = recalls.recallable(tx, order_id, cancel=True)
        asked = {n: min(u, able.get(n, 0)) for n, u in plan.recall.items() if able.get(n)}
        plan = replace(plan, recall=asked)
    if plan.too_late or not (plan.now or plan.recall):
        raise TooLate(
            "These units were shipped or cancelled already; a return may still help.",
            field="lines",
            lines=dict(plan.too_late),
        )
    if plan.now:
        order = cancel_now(tx, order, plan, reason)
    if plan.recall:
        order = recalls.recall(tx, order.id, plan.recall, reason, cancel=True)
    return order


def cancel_now(tx: Tx, order: Order, plan: Cancellation, reason: str) -> Order:
    """Cancel what no location has begun; allocations of the rest are planned anew."""
    allocated = dict(plan.now.get(Bucket.ALLOCATED, {}))
    before = order
    order = _free_allocated(tx, order, allocated)
    reserved = dict(plan.now.get(Bucket.RESERVED, {}))
    for line_no, units in allocated.items():
        reserved[line_no] = reserved.get(line_no, 0) + units
    give_up_stock(tx, order, reserved)
    after = order
    for bucket in (Bucket.PARKED, Bucket.BACKORDERED, Bucket.OPEN):
        gone = plan.now.get(bucket, {})
        after = rules.move(after, Action.CANCEL, bucket, Bucket.CANCELLED, gone)
    after = rules.move(after, Action.CANCEL, Bucket.RESERVED, Bucket.CANCELLED, reserved)
    return _booked(tx, before, order, after, plan.units_now, reason)


def _booked(
    tx: Tx, before: Order, order: Order, after: Order, units: Mapping[int, int], reason: str
) -> Order:
    old = {line.line_no: line.cancelled for line in before.lines if line.line_no in units}
    new = {line.line_no: line.cancelled for line in after.lines if line.line_no in units}
    orders.insert_change(tx, order.id, "cancel", old, new, reason)
    fact = OrderCancelled(order.id, "", "", tuple(units.items()), reason)
    saved = orders.save(tx, [order], [after], [fact])[0]
    if not rules.everything(saved):
        payments.void_rest(tx, [order.id])
    return saved


def _free_allocated(tx: Tx, order: Order, units: Mapping[int, int]) -> Order:
    """Make allocated units reserved again: planned work with them is given up, pick-ups freed."""
    if not units:
        return order
    order = unroute(tx, order, "cancelled", lambda w: any(x.order_line in units for x in w.lines))
    left = {
        n: u for n, u in units.items() if order.line(n).allocated and u > order.line(n).reserved
    }
    gives = []
    for held in inventory.reservations(tx, [order.id]):
        need = left.get(held.owner_line, 0)
        if need and held.location_id != NOWHERE:
            quantity = min(need, held.quantity)
            gives.append(Give(order.id, held.owner_line, held.sku_id, held.location_id, quantity))
            left[held.owner_line] = need - quantity
    if not gives:
        return order
    inventory.deallocate(tx, gives)
    moved: dict[int, int] = {}
    for give in gives:
        moved[give.line] = moved.get(give.line, 0) + give.quantity
    after = rules.move(order, Action.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, moved)
    return orders.save(tx, [order], [after])[0]


def _wanted(order: Order, units: Mapping[int, int] | None) -> dict[int, int]:
    if units is None:
        return rules.everything(order)
    for line_no in units:
        orders.line_of(order, line_no)
    return dict(units)
