"""Release: planned work is sent to its locations, once nothing stands against it.

It states the target, not the step: called whenever something changed that it waits for (a
plan, a payment, a resolved hold), it does what can be done and leaves the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from baton import fulfillment, orders, payments
from baton.fulfillment.model import FulfillmentOrder, Status
from baton.orders import rules
from baton.orders.events import OrderReleased, OrderShipped
from baton.orders.model import Bucket, HoldKind, LineKind, Order, Transition
from baton.orders.states import Action
from baton.payments.model import CaptureAt, Payment, PaymentState, PaymentStatus
from baton.platform.db import Tx
from baton.values import Id, Money

FUNDED = {
    PaymentStatus.AUTHORISED,
    PaymentStatus.PARTLY_CAPTURED,
    PaymentStatus.CAPTURED,
    PaymentStatus.EXTERNAL,
}


def release(tx: Tx, order_ids: Sequence[Id]) -> None:
    """Send the planned work of these orders; what is on hold or unpaid waits."""
    locked = orders.lock(tx, order_ids)
    paid = _by_order(payments.by_orders(tx, list(locked)))
    planned: dict[Id, list[FulfillmentOrder]] = {}
    for work in fulfillment.of_orders(tx, list(locked)):
        if work.status is Status.PLANNED:
            planned.setdefault(work.order_id, []).append(work)
    for order in locked.values():
        works = planned.get(order.id, [])
        done = services(order)
        waits = not works and not done
        if waits or order.blocked(Transition.RELEASE) or not _funded(tx, order, paid):
            continue
        if works:
            _release(tx, order, works, paid.get(order.id, []))
        else:
            _perform(tx, order, done)


def _funded(tx: Tx, order: Order, paid: dict[Id, list[Payment]]) -> bool:
    """Whether money is there or on its way; a decline puts the order on hold."""
    own = paid.get(order.id, [])
    status = payments.payment_status(own)
    if status in FUNDED and _short(order, own):
        decline(tx, order)
        return False
    if status in FUNDED or order.header.total_minor <= 0:
        return True
    if status is PaymentStatus.NONE:  # somebody resolved the hold that unpaid orders come with
        return True
    if status is PaymentStatus.DECLINED:
        decline(tx, order)
    return False


def _short(order: Order, paid: Sequence[Payment]) -> bool:
    """Whether a tender was declined, the others don't cover the order, and nobody has looked at
    it yet: whoever resolved a hold for that has decided."""
    declined = any(p.state is PaymentState.DECLINED and p.replaces is None for p in paid)
    looked_at = any(held.kind == HoldKind.PAYMENT for held in order.holds)
    return declined and not looked_at and payments.covered(paid) < rules.worth(order)


def decline(tx: Tx, order: Order) -> None:
    """An order whose payment was declined is held until somebody finds another way."""
    if not any(h.kind == HoldKind.PAYMENT and h.resolved_at is None for h in order.holds):
        orders.hold(tx, order, HoldKind.PAYMENT, "The payment was declined.")


def _release(
    tx: Tx, order: Order, works: Sequence[FulfillmentOrder], paid: Sequence[Payment]
) -> None:
    fulfillment.release(tx, [work.id for work in works])
    units: dict[int, int] = {}
    for work in works:
        for line in work.lines:
            units[line.order_line] = units.get(line.order_line, 0) + line.open
    after = rules.move(order, Action.RELEASE, Bucket.ALLOCATED, Bucket.RELEASED, units)
    fact = OrderReleased(order.id, "", "", tuple(units.items()))
    orders.save(tx, [order], [after], [fact])
    if any(payment.capture_at is CaptureAt.RELEASE for payment in paid):
        _take_money(tx, order, works)


def _perform(tx: Tx, order: Order, done: Mapping[int, int]) -> None:
    """Services and gift cards of an order without goods: nothing is sent, and they are due."""
    due = rules.due_for_shipping(order, done)
    after = rules.move(order, Action.SHIP, Bucket.OPEN, Bucket.SHIPPED, done)
    fact = OrderShipped(order.id, "", "", tuple(done.items()), None, due)
    orders.save(tx, [order], [after], [fact])
    if due > 0:
        payments.ensure_captured(tx, order.id, order.id, Money(due, order.header.currency))


def _take_money(tx: Tx, order: Order, works: Sequence[FulfillmentOrder]) -> None:
    """Ask for the money of each fulfillment order as it is released; it is the one that the
    shipment will draw on. Units released before count as shipped, so that shares never overlap.
    """
    out = {line.line_no: line.released for line in order.lines if line.released}
    order = order.moved(Bucket.RELEASED, Bucket.SHIPPED, out)
    for work in works:
        units = {line.order_line: line.open for line in work.lines}
        due = Money(rules.due_for_shipping(order, units), order.header.currency)
        payments.ensure_captured(tx, order.id, work.id, due)
        order = order.moved(Bucket.ALLOCATED, Bucket.SHIPPED, units)


def services(order: Order) -> dict[int, int]:
    """Services and gift cards that are done when the last goods leave: line → units."""
    goods_left = sum(
        line.ordered - line.shipped - line.cancelled
        for line in order.lines
        if line.kind is LineKind.GOODS
    )
    if goods_left:
        return {}
    return {
        line.line_no: line.open
        for line in order.lines
        if line.kind is not LineKind.GOODS and line.open
    }


def _by_order(paid: Sequence[Payment]) -> dict[Id, list[Payment]]:
    found: dict[Id, list[Payment]] = {}
    for payment in paid:
        found.setdefault(payment.order_id, []).append(payment)
    return found
