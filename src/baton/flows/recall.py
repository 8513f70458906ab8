"""Recall: asking a location for units it was sent, to cancel them or to change the order.

The same at a warehouse, a store and a 3PL. A location that has not begun gives them back at
once; else it answers, or the time runs out and the shipment stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from baton import fulfillment, inventory, orders, payments, shipping
from baton.flows import dispatch, jobs
from baton.flows.replan import give_up_stock
from baton.fulfillment.errors import FulfillmentOrderNotFound
from baton.fulfillment.model import (
    FulfillmentOrder,
    Recall,
    Recalled,
    RecallRequest,
)
from baton.inventory.model import Give
from baton.orders import rules
from baton.orders.errors import TooLate
from baton.orders.events import OrderCancelled, OrderRecalled
from baton.orders.model import Bucket, Order
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.shipping.model import Status as Way
from baton.values import Id

PATIENCE = timedelta(hours=2)
CANCEL = "cancel: "  # how a recall's reason remembers that its units are to be cancelled


def recall(
    tx: Tx, order_id: Id, units: Mapping[int, int] | None, reason: str, *, cancel: bool = False
) -> Order:
    """Ask for released units (None: all); what comes back at once is booked at once.

    Raises TooLate where fewer units are out than were asked for.
    """
    order = orders.locked(tx, order_id)
    works = _willing(tx, order_id, cancel)
    requests = _requests(tx, works, units, CANCEL + reason if cancel else reason)
    for answered in fulfillment.request_recall(tx, requests):
        order = _booked(tx, order, answered)
        if answered.answer is Recall.REQUESTED:
            jobs.at(tx, jobs.TIME_OUT_RECALL, answered.fo.id, tx.now + PATIENCE)
    return order


def answer(tx: Tx, fulfillment_order_id: Id, accepted: bool, reason: str) -> Order:
    """The location's answer to a recall."""
    order = _order_of(tx, fulfillment_order_id)
    return _booked(tx, order, fulfillment.answer_recall(tx, fulfillment_order_id, accepted, reason))


def time_out(tx: Tx, fulfillment_order_ids: Sequence[Id]) -> None:
    """Recalls that nobody answered in time: the location goes on, and a person is told."""
    works = fulfillment.by_ids(tx, fulfillment_order_ids)
    locked = orders.lock(tx, [work.order_id for work in works])
    for timed_out in fulfillment.time_out_recalls(tx, [work.id for work in works]):
        _booked(tx, locked[timed_out.fo.order_id], timed_out)


def recallable(tx: Tx, order_id: Id, *, cancel: bool) -> dict[int, int]:
    """Units that can be asked back now, to cancel them or to change the order, by line."""
    return fulfillment.recallable(_willing(tx, order_id, cancel))


def _willing(tx: Tx, order_id: Id, cancel: bool) -> list[FulfillmentOrder]:
    works = fulfillment.of_orders(tx, [order_id])
    return [w for w in works if w.status in fulfillment.SENT and not _otherwise(w, cancel)]


def _otherwise(work: FulfillmentOrder, cancel: bool) -> bool:
    """Whether units are being asked back already to do something else with them.

    One answer comes for all of them, so both wishes can't be open at once.
    """
    return work.recall is Recall.REQUESTED and work.recall_reason.startswith(CANCEL) != cancel


def _requests(
    tx: Tx, works: Sequence[FulfillmentOrder], units: Mapping[int, int] | None, reason: str
) -> list[RecallRequest]:
    requests, left = [], dict(units) if units is not None else None
    for work in works:
        lines = {}
        for line in work.lines:
            asked = (
                line.recallable
                if left is None
                else min(left.get(line.order_line, 0), line.recallable)
            )
            if asked:
                lines[line.order_line] = asked
                if left is not None:
                    left[line.order_line] -= asked
        if lines:
            requests.append(RecallRequest(work.id, reason, tx.now + PATIENCE, lines))
    if not requests or (left is not None and any(left.values())):
        raise TooLate(
            "Fewer units are with a location, or they were asked for before.", field="lines"
        )
    return requests


def _booked(tx: Tx, order: Order, outcome: Recalled) -> Order:
    """Book what a recall brought: units back, or a refusal that somebody must know of."""
    if outcome.answer is Recall.REQUESTED:
        return order
    if not outcome.freed:
        return _refused(tx, order, outcome)
    order = _without_shipments(tx, order, outcome)
    units = dict(outcome.freed)
    after = rules.move(order, Action.RECALL, Bucket.RELEASED, Bucket.ALLOCATED, units)
    after = rules.move(after, Action.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, units)
    work = outcome.fo
    inventory.deallocate(
        tx,
        [
            Give(order.id, line, work.line(line).sku_id, work.location_id, quantity)
            for line, quantity in outcome.freed
        ],
    )
    why = work.recall_reason
    fact = OrderRecalled(order.id, "", "", tuple(units.items()), why)
    order = orders.save(tx, [order], [after], [fact])[0]
    if why.startswith(CANCEL):
        return _cancelled(tx, order, units, why.removeprefix(CANCEL))
    return order


def _without_shipments(tx: Tx, order: Order, outcome: Recalled) -> Order:
    """Parcels that are unpacked for the recall leave no more; their labels are given back."""
    if not outcome.voided:
        return order
    labels = shipping.labels_of_packages(tx, list(outcome.voided))
    shipments = shipping.by_ids(tx, sorted({label.shipment_id for label in labels}))
    waiting = (Way.LABELLING, Way.LABEL_FAILED)
    return dispatch.give_up(tx, order, [each.id for each in shipments if each.status in waiting])


def _cancelled(tx: Tx, order: Order, units: Mapping[int, int], reason: str) -> Order:
    give_up_stock(tx, order, units)
    after = rules.move(order, Action.CANCEL, Bucket.RESERVED, Bucket.CANCELLED, units)
    before = {n: order.line(n).cancelled for n in units}
    orders.insert_change(
        tx, order.id, "cancel", before, {n: after.line(n).cancelled for n in units}, reason
    )
    fact = OrderCancelled(order.id, "", "", tuple(units.items()), reason)
    saved = orders.save(tx, [order], [after], [fact])[0]
    if not rules.everything(saved):
        payments.void_rest(tx, [order.id])
    return saved


def _refused(tx: Tx, order: Order, outcome: Recalled) -> Order:
    work = outcome.fo
    return orders.open_exception(
        tx,
        order,
        "recall_refused",
        work.number,
        f"{work.number} could not be recalled: {outcome.answer.value.replace('_', ' ')}.",
        "Tell the customer that it ships all the same; offer a return.",
    )


def _order_of(tx: Tx, fulfillment_order_id: Id) -> Order:
    work = found(tx, fulfillment_order_id)
    return orders.locked(tx, work.order_id)


def found(tx: Tx, fulfillment_order_id: Id, at: Collection[Id] | None = None) -> FulfillmentOrder:
    """The fulfillment order with this id, at some locations or (None) at any.

    Raises FulfillmentOrderNotFound.
    """
    works = fulfillment.by_ids(tx, [fulfillment_order_id], at)
    if not works:
        raise FulfillmentOrderNotFound("No fulfillment order has this id.")
    return works[0]
