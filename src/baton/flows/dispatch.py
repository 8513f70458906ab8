"""Shipping: labels are bought, goods leave, stock and money follow.

Opening a shipment writes the intent and a job; the job calls the carrier with no transaction
open; the settlement books the label. With the last label of a shipment its goods have left:
stock is consumed, the units are shipped, the money for them is asked for. A shipment is never
refused for money: what does not come is a receivable and an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from baton import fulfillment, inventory, orders, payments, shipping
from baton.flows import jobs
from baton.flows.apply_change import settle
from baton.flows.release import services
from baton.fulfillment.errors import IllegalAction
from baton.fulfillment.model import FulfillmentOrder, LineUnits, Sent, Status
from baton.inventory.model import Consume
from baton.orders import rules
from baton.orders.events import OrderDelivered, OrderShipped
from baton.orders.model import Bucket, Order
from baton.orders.states import Action
from baton.payments.model import CaptureAt
from baton.platform import work
from baton.platform.db import Tx
from baton.shipping.model import Draft, Method, RateCard, Shipment
from baton.shipping.model import Status as Way
from baton.values import Id, Money
from baton.values.errors import Refused

LABEL_REFUSED = "label_refused"  # the kind of exception


class NoRateCard(Refused):
    """Nothing can be shipped, for no carrier's rate card is in use."""

    code = "no_rate_card"


def open_shipment(tx: Tx, order: Order, work_: FulfillmentOrder, service: str) -> Shipment:
    """A shipment with all packed packages of a fulfillment order, waiting for its labels."""
    shipments = shipping.by_fulfillment_orders(tx, [work_.id])
    failed = [each for each in shipments if each.status is Way.LABEL_FAILED]
    if failed:
        return retry_labels(tx, failed[0].id)
    live = [each.id for each in shipments if each.status is not Way.VOIDED]
    underway = {label.package_id for label in shipping.labels_of(tx, live)}
    packages = [
        package
        for package in fulfillment.packages_of(tx, [work_.id])
        if package.shipment_id is None and not package.voided and package.id not in underway
    ]
    if not packages or work_.status is not Status.PACKED:
        raise IllegalAction(
            f"{work_.number} is {work_.status.value}: only what is packed can be shipped.",
            action="ship",
            status=work_.status.value,
        )
    units: dict[int, int] = {}
    for package in packages:
        for line, quantity in package.lines:
            units[line] = units.get(line, 0) + quantity
    card = _rate_card(tx, service)
    draft = Draft(
        order_id=order.id,
        order_number=order.number,
        group_no=work_.group_no,
        fulfillment_order_id=work_.id,
        location_id=work_.location_id,
        method=Method.SHIP,
        carrier=card.carrier,
        service=card.service,
        currency=card.currency,
        lines=tuple(sorted(units.items())),
        package_ids=tuple(package.id for package in packages),
    )
    shipment = shipping.open_shipments(tx, [draft])[0]
    ask_labels(tx, shipment.id)
    return shipment


def retry_labels(tx: Tx, shipment_id: Id) -> Shipment:
    """Labels that the carrier refused are asked for again; the order is locked."""
    shipping.retry_labels(tx, [shipment_id])
    ask_labels(tx, shipment_id)
    return shipping.by_ids(tx, [shipment_id])[0]


def ask_labels(tx: Tx, *shipment_ids: Id) -> None:
    """A job for each shipment, which buys the labels that it still needs."""
    work.put(
        tx,
        [
            work.Job(jobs.BUY_LABELS, {"shipment": str(id)}, lane=f"labels:{id}", once_key=str(id))
            for id in shipment_ids
        ],
    )


def give_up(tx: Tx, order: Order, shipment_ids: Sequence[Id]) -> Order:
    """Shipments that have not left are given up: their packages leave no more, or later.

    Labels that were bought go back to the carrier by a job; one whose answer is not known yet
    goes back once it is.
    """
    for shipment in shipping.void(tx, shipment_ids) if shipment_ids else ():
        order = _labels_settled(tx, order, shipment, "The shipment was given up.")
    return order


def _labels_settled(tx: Tx, order: Order, shipment: Shipment, how: str) -> Order:
    """What somebody was told of refused labels of this shipment is over."""
    if not order.exceptions:
        return order
    told = [
        e.id
        for e in orders.exceptions(tx, [order.id])
        if e.kind == LABEL_REFUSED and e.subject == shipment.number and e.resolved_at is None
    ]
    return orders.resolve_exceptions(tx, order, told, how) if told else order


def _rate_card(tx: Tx, service: str) -> RateCard:
    """The card of the wanted service, or the first that is in use."""
    cards = [card for card in shipping.rate_cards(tx) if card.active]
    wanted = [card for card in cards if card.service == service] or cards
    if not wanted:
        raise NoRateCard("No carrier's rate card is in use: save one, then ship again.")
    return wanted[0]


def dispatched(tx: Tx, order: Order, shipment: Shipment) -> Order:
    """The goods of a labelled shipment have left: book stock, units and money."""
    assert shipment.fulfillment_order_id is not None
    packages = {label.package_id for label in shipping.labels_of(tx, [shipment.id])}
    sent = fulfillment.shipped(tx, shipment.fulfillment_order_id, shipment.id, packages)
    order = _labels_settled(tx, order, shipment, "The carrier sold the label.")
    order = book(tx, order, sent, shipment.id, tx.now)
    if shipment.status is Way.DELIVERED:  # the carrier was faster than its last label
        order = deliver(tx, order, shipment.id, sent.shipped)
    return order


def handed_over(tx: Tx, order: Order, sent: Sent) -> Order:
    """A pick-up was taken: a shipment without a carrier, delivered as it leaves."""
    work_ = sent.fo
    draft = Draft(
        order_id=order.id,
        order_number=order.number,
        group_no=work_.group_no,
        fulfillment_order_id=work_.id,
        location_id=work_.location_id,
        method=Method.PICKUP,
        carrier="",
        service="pickup",
        currency=order.header.currency,
        lines=tuple(sent.shipped),
        occurred_at=tx.now,
    )
    shipment = shipping.open_shipments(tx, [draft])[0]
    order = book(tx, order, sent, shipment.id, tx.now)
    return deliver(tx, order, shipment.id, sent.shipped)


def book(tx: Tx, order: Order, sent: Sent, shipment_id: Id, at: datetime) -> Order:
    """Shipped units leave stock and are due; services that waited for them are done."""
    work_ = sent.fo
    inventory.consume(
        tx,
        [
            Consume(order.id, line, work_.line(line).sku_id, work_.location_id, quantity)
            for line, quantity in sent.shipped
        ],
        "shipment",
        shipment_id,
        at,
    )
    units = dict(sent.shipped)
    after = rules.move(order, Action.SHIP, Bucket.RELEASED, Bucket.SHIPPED, units)
    done = services(after)
    due = rules.due_for_shipping(order, units | done)
    sold, charged = rules.sold_by_shipping(order, units | done)
    after = rules.move(after, Action.SHIP, Bucket.OPEN, Bucket.SHIPPED, done)
    left = tuple((units | done).items())
    fact = OrderShipped(order.id, "", "", left, shipment_id, due, sold, charged)
    order = orders.save(tx, [order], [after], [fact])[0]
    if sent.overtaken:
        order = orders.open_exception(
            tx,
            order,
            "recall_too_late",
            work_.number,
            f"{work_.number} left although it was asked back.",
            "Tell the customer that it is on its way; offer a return.",
        )
        how = f"{work_.number} left before it was given back."
        order = settle(tx, order, work_.id, came={}, lost=dict(sent.overtaken), how=how)
    return ensure_funds(tx, order, work_.id, shipment_id, due)


def ensure_funds(tx: Tx, order: Order, work_id: Id, shipment_id: Id, due_minor: int) -> Order:
    """Money for a shipment is asked for; what no tender covers is owed, and a person told.

    What was captured at release was captured for the fulfillment order, and is not asked twice.
    """
    if due_minor <= 0:
        return order
    due = Money(due_minor, order.header.currency)
    paid = payments.by_orders(tx, [order.id])
    at_release = any(payment.capture_at is CaptureAt.RELEASE for payment in paid)
    ensured = payments.ensure_captured(tx, order.id, work_id if at_release else shipment_id, due)
    if ensured.missing.minor <= 0:
        return order
    payments.open_receivable(
        tx, order.id, shipment_id, ensured.missing, "no tender covers the shipment"
    )
    return orders.open_exception(
        tx,
        order,
        "receivable",
        str(shipment_id),
        f"{ensured.missing} of a shipment are not covered by any payment.",
        "Send a payment link or an invoice; write it off if it never comes.",
    )


def deliver(tx: Tx, order: Order, shipment_id: Id, lines: Sequence[LineUnits]) -> Order:
    """Shipped units arrived."""
    after = order
    for line_no, quantity in lines:
        line = after.line(line_no)
        after = after.with_line(replace(line, delivered=line.delivered + quantity))
    fact = OrderDelivered(order.id, "", "", tuple(lines), shipment_id)
    return orders.save(tx, [order], [after], [fact])[0]
