"""Recall: asking a location for units it was sent, to change the order.

The same at a warehouse, a store and a 3PL. A location that has not begun gives them back at
once; else it answers, or the time runs out and the shipment stands. Changes that wait for the
units are made, or refused, with the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from baton import fulfillment, inventory, orders, shipping
from baton.flows import dispatch, jobs
from baton.flows.apply_change import settle
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
from baton.orders.events import OrderRecalled
from baton.orders.model import Bucket, Order
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.shipping.model import Status as Way
from baton.values import Id

PATIENCE = timedelta(hours=2)


def recall(tx: Tx, order_id: Id, units: Mapping[int, int] | None, reason: str) -> Order:
    """Ask for released units (None: all); what comes back at once is booked at once.

    Raises TooLate where fewer units are out than were asked for.
    """
    order = orders.locked(tx, order_id)
    return ask(tx, order, requests(tx, order_id, units, reason))


def ask(tx: Tx, order: Order, wanted: Sequence[RecallRequest]) -> Order:
    """Send requests to their locations, and start the time that they have to answer."""
    for answered in fulfillment.request_recall(tx, wanted):
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


def recallable(tx: Tx, order_id: Id) -> dict[int, int]:
    """Units that can be asked back now, by line."""
    return fulfillment.recallable(_sent(tx, order_id))


def _sent(tx: Tx, order_id: Id) -> list[FulfillmentOrder]:
    return [w for w in fulfillment.of_orders(tx, [order_id]) if w.status in fulfillment.SENT]


def requests(
    tx: Tx, order_id: Id, units: Mapping[int, int] | None, reason: str
) -> list[RecallRequest]:
    """What to ask of which location for these units (None: all).

    Raises TooLate where fewer units are out than are wanted.
    """
    found, left = [], dict(units) if units is not None else None
    for work in _sent(tx, order_id):
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
            found.append(RecallRequest(work.id, reason, tx.now + PATIENCE, lines))
    if not found or (left is not None and any(left.values())):
        raise TooLate(
            "Fewer units are with a location, or they were asked for before.", field="lines"
        )
    return found


def _booked(tx: Tx, order: Order, outcome: Recalled) -> Order:
    """Book what a recall brought: units back, or a refusal that somebody must know of."""
    if outcome.answer is Recall.REQUESTED:
        return order
    if not outcome.freed:
        order = _refused(tx, order, outcome)
        how = f"{outcome.fo.number} could not be recalled: {_said(outcome)}."
        return settle(tx, order, outcome.fo.id, came={}, lost=dict(outcome.asked), how=how)
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
    fact = OrderRecalled(order.id, "", "", tuple(units.items()), work.recall_reason)
    order = orders.save(tx, [order], [after], [fact])[0]
    return settle(tx, order, work.id, came=units, lost={}, how="")


def _without_shipments(tx: Tx, order: Order, outcome: Recalled) -> Order:
    """Parcels that are unpacked for the recall leave no more; their labels are given back."""
    if not outcome.voided:
        return order
    labels = shipping.labels_of_packages(tx, list(outcome.voided))
    shipments = shipping.by_ids(tx, sorted({label.shipment_id for label in labels}))
    waiting = (Way.LABELLING, Way.LABEL_FAILED)
    return dispatch.give_up(tx, order, [each.id for each in shipments if each.status in waiting])


def _refused(tx: Tx, order: Order, outcome: Recalled) -> Order:
    work = outcome.fo
    return orders.open_exception(
        tx,
        order,
        "recall_refused",
        work.number,
        f"{work.number} could not be recalled: {_said(outcome)}.",
        "Tell the customer that it ships all the same; offer a return.",
    )


def _said(outcome: Recalled) -> str:
    return outcome.answer.value.replace("_", " ")


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
