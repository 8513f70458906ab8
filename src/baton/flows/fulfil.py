"""The work at a location: accept, reject, pick, pack, hand over.

Units that were not on the shelf become missing in the same transaction, with a count task, so
that nobody is promised the phantom again; the rest of the order looks for them elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import fulfillment, inventory, locations, orders, routing, shipping
from baton.flows import dispatch, jobs
from baton.flows.apply_change import settle
from baton.flows.messages import Links, pickup_ready
from baton.flows.recall import found
from baton.flows.replan import find_stock
from baton.fulfillment.model import (
    FulfillmentOrder,
    Method,
    Missing,
    PackageDraft,
    Pick,
    Sent,
    Status,
    WrongCode,
)
from baton.inventory.model import Give
from baton.inventory.model import Missing as MissingUnits
from baton.notifications.model import Pickup
from baton.orders import rules
from baton.orders.errors import OnHold
from baton.orders.events import OrderRecalled, OrderShort
from baton.orders.model import Bucket, HoldKind, Order, Transition
from baton.orders.states import Action
from baton.platform import ids
from baton.platform.db import Tx
from baton.shipping.errors import ShipmentNotFound
from baton.shipping.model import Shipment
from baton.values import Id


def accept(tx: Tx, fulfillment_order_id: Id) -> FulfillmentOrder:
    """The location takes the work."""
    _locked(tx, fulfillment_order_id)
    return fulfillment.accept(tx, [fulfillment_order_id])[0]


def reject(tx: Tx, fulfillment_order_id: Id, reason: str) -> FulfillmentOrder:
    """The location won't do it: its units are routed again, without it for a time.

    A pick-up is never turned into a shipment: its units stay where they are, and a person asks
    the customer.
    """
    order, before = _locked(tx, fulfillment_order_id)
    work = fulfillment.reject(tx, fulfillment_order_id, reason)
    units = {line.order_line: line.open for line in before.lines if line.open}
    after = rules.move(order, Action.RECALL, Bucket.RELEASED, Bucket.ALLOCATED, units)
    if work.method is Method.SHIP:
        after = rules.move(after, Action.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, units)
        inventory.deallocate(
            tx,
            [
                Give(order.id, n, work.line(n).sku_id, work.location_id, quantity)
                for n, quantity in units.items()
            ],
        )
    fact = OrderRecalled(order.id, "", "", tuple(units.items()), f"rejected: {reason}")
    order = orders.save(tx, [order], [after], [fact])[0]
    if work.method is Method.SHIP:
        _exclude(tx, order, work.location_id, f"rejected: {reason}")
        jobs.for_orders(tx, jobs.ROUTE, [order.id], "rejected")
    else:
        order = orders.hold(
            tx,
            order,
            HoldKind.MANUAL,
            f"The store rejected the pick-up: {reason}",
            blocks=(Transition.ROUTE, Transition.RELEASE),
        )
        orders.open_exception(
            tx,
            order,
            "pickup_rejected",
            work.number,
            f"The store rejected the pick-up {work.number}: {reason}.",
            "Ask the customer: another store, delivery, or cancel. Then route or cancel.",
        )
    return work


def pick(tx: Tx, fulfillment_order_id: Id, picks: Sequence[Pick]) -> FulfillmentOrder:
    """Units come off the shelf; those that are not there are missing from now on."""
    order, before = _locked(tx, fulfillment_order_id)
    _not_held(order, Transition.SHIP)
    outcome = fulfillment.pick(tx, fulfillment_order_id, picks)
    if outcome.missing:
        _short(tx, order, before, outcome.missing)
    return outcome.fo


def _short(tx: Tx, order: Order, work: FulfillmentOrder, missing: Sequence[Missing]) -> None:
    inventory.report_missing(
        tx,
        [
            MissingUnits(order.id, m.order_line, m.sku_id, work.location_id, m.quantity)
            for m in missing
        ],
        ids.fresh(),
        f"short pick of {work.number}",
    )
    units = {m.order_line: m.quantity for m in missing}
    recalled = {m.order_line: m.recalled for m in missing if m.recalled}
    after = rules.move(order, Action.SHORT, Bucket.RELEASED, Bucket.OPEN, units)
    fact = OrderShort(order.id, "", "", tuple(units.items()), work.location_id)
    order = orders.save(tx, [order], [after], [fact])[0]
    if recalled:  # what is not there is not kept either
        order = settle(tx, order, work.id, came=recalled, lost={}, how="")
    _exclude(tx, order, work.location_id, "short pick")
    wanted = {n: order.line(n).open for n in units if order.line(n).open}
    order = find_stock(tx, order, wanted, "short pick")
    waiting = sum(line.backordered for line in order.lines)
    if waiting:
        orders.open_exception(
            tx,
            order,
            "short_pick",
            work.number,
            f"{waiting} units were not on the shelf and are nowhere else.",
            "Wait for stock, substitute, or cancel them.",
        )


def pack(tx: Tx, fulfillment_order_id: Id, packages: Sequence[PackageDraft]) -> FulfillmentOrder:
    """Picked units go into packages; a pick-up that is complete is told to its customer."""
    _locked(tx, fulfillment_order_id)
    return fulfillment.pack(tx, fulfillment_order_id, packages).fo


def ready(tx: Tx, links: Links, fulfillment_order_id: Id) -> None:
    """A pick-up waits at the counter: its customer gets a code, once."""
    order, work = _locked(tx, fulfillment_order_id)
    if work.status is not Status.READY or work.pickup_hash is not None:
        return
    code = ids.pickup_code()
    place = locations.locations_by_id(tx, [work.location_id])[work.location_id]
    counter = Pickup(place.name, (*place.address.lines, place.address.city), code)
    units = {line.order_line: line.packed for line in work.lines if line.packed}
    pickup_ready(tx, links, order, str(work.id), units, counter)
    fulfillment.give_code(tx, work.id, fulfillment.pickup_hash(work.order_id, code))


def hand_over(tx: Tx, fulfillment_order_id: Id, code: str) -> Sent | WrongCode:
    """The customer takes a pick-up: with the right code it is shipped and delivered at once."""
    order, _ = _locked(tx, fulfillment_order_id)
    _not_held(order, Transition.SHIP)
    outcome = fulfillment.hand_over(tx, fulfillment_order_id, code)
    if isinstance(outcome, Sent):
        dispatch.handed_over(tx, order, outcome)
    return outcome


def ship(tx: Tx, fulfillment_order_id: Id, service: str | None = None) -> FulfillmentOrder:
    """Packed packages wait for their labels; with the last label the goods have left.

    The labels are bought by a job: no carrier is called here.
    """
    order, work = _locked(tx, fulfillment_order_id)
    _not_held(order, Transition.SHIP)
    dispatch.open_shipment(tx, order, work, service or order.group(work.group_no).service)
    return work


def retry_labels(tx: Tx, shipment_id: Id) -> Shipment:
    """Ask the carrier again for the labels that it refused. Raises IllegalAction."""
    order = _order_of_shipment(tx, shipment_id)
    _not_held(order, Transition.SHIP)
    return dispatch.retry_labels(tx, shipment_id)


def void_shipment(tx: Tx, shipment_id: Id) -> Shipment:
    """Give up a shipment that has not left; the work is packed as before. Raises IllegalAction.

    It meets the last label at the order's lock: either it comes first, and a label that is bought
    after all goes back to its carrier, or the shipment has left, and this is refused.
    """
    dispatch.give_up(tx, _order_of_shipment(tx, shipment_id), [shipment_id])
    return shipping.by_ids(tx, [shipment_id])[0]


def _order_of_shipment(tx: Tx, shipment_id: Id) -> Order:
    found = shipping.by_ids(tx, [shipment_id])
    if not found:
        raise ShipmentNotFound("No shipment has this id.")
    return orders.locked(tx, found[0].order_id)


def _locked(tx: Tx, fulfillment_order_id: Id) -> tuple[Order, FulfillmentOrder]:
    work = found(tx, fulfillment_order_id)
    order = orders.locked(tx, work.order_id)
    return order, found(tx, fulfillment_order_id)


def _not_held(order: Order, transition: Transition) -> None:
    if held := order.blocked(transition):
        raise OnHold(f"The hold {held[0].kind!r} blocks this: {held[0].reason}", field="holds")


def _exclude(tx: Tx, order: Order, location_id: Id, cause: str) -> None:
    strategies = routing.strategies(tx)
    strategy = strategies.get(order.header.channel_id, strategies[inventory.NOWHERE])
    routing.exclude(tx, order.id, location_id, cause, strategy.exclusion_hours)
