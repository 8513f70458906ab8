"""Tracking: what carriers say of parcels, however often, late and out of order they say it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from baton import fulfillment, orders, shipping
from baton.flows.track_returns import follow_parcels, track_returns
from baton.orders.events import OrderDelivered, OrderLost
from baton.orders.model import Order
from baton.platform.db import Tx
from baton.shipping.model import Change, PackageChange, Status
from baton.shipping.port import TrackingEvent
from baton.values import Id


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a batch: shipments whose status changed, and numbers nobody knows."""

    changed: int
    unknown: tuple[str, ...]


def track(tx: Tx, events: Sequence[TrackingEvent], at: Collection[Id] | None = None) -> Heard:
    """Book events; orders follow their parcels. Events of unknown parcels are named.

    Parcels from other locations than these are unknown; None: all are known.
    """
    shipments = shipping.by_tracking(tx, sorted({event.tracking_no for event in events}), at)
    owners = {shipment.id: shipment.order_id for shipment in shipments}
    locked = orders.lock(tx, list(owners.values()))
    heard = shipping.track(tx, events, at)
    packages = fulfillment.packages(tx, [change.package_id for change in heard.packages])
    contents = {package.id: dict(package.lines) for package in packages}
    for parcel in heard.packages:
        order_id = owners[parcel.shipment_id]
        units = contents.get(parcel.package_id, {})
        locked[order_id] = _parcel(tx, locked[order_id], parcel, units)
    for change in heard.changes:
        order_id = change.shipment.order_id
        locked[order_id] = _told(tx, locked[order_id], change)
    by_id = {shipment.id: shipment for shipment in shipments}
    for shipment_id, order_id in owners.items():
        moved = [p for p in heard.packages if p.shipment_id == shipment_id]
        follow_parcels(tx, locked[order_id], by_id[shipment_id], moved)
    back, unknown = track_returns(tx, heard.unknown, at)
    return Heard(len(heard.changes) + back, tuple(sorted({e.tracking_no for e in unknown})))


def _parcel(tx: Tx, order: Order, parcel: PackageChange, units: Mapping[int, int]) -> Order:
    """The units of one parcel arrived, or are lost; what was lost may still arrive."""
    if parcel.new not in (Status.DELIVERED, Status.LOST):
        return order
    arrived = parcel.new is Status.DELIVERED
    after = order
    for line_no, quantity in units.items():
        line = after.line(line_no)
        found = quantity if arrived and parcel.old is Status.LOST else 0
        after = after.with_line(
            replace(
                line,
                delivered=line.delivered + (quantity if arrived else 0),
                lost=line.lost + (0 if arrived else quantity) - found,
            )
        )
    kind = OrderDelivered if arrived else OrderLost
    fact = kind(order.id, "", "", tuple(units.items()), parcel.shipment_id)
    return orders.save(tx, [order], [after], [fact])[0]


_WORRIES = {
    Status.LOST: ("lost", "Claim it from the carrier; reship."),
    Status.RETURNED_TO_SENDER: ("coming back", "Ask the customer; ship again or refund."),
    Status.EXCEPTION: ("held up", "Look at the tracking; call the carrier."),
}


def _told(tx: Tx, order: Order, change: Change) -> Order:
    """A worry about a shipment is put before a person, and taken back when it moves on."""
    number = change.shipment.number
    if worry := _WORRIES.get(change.new):
        what, suggestion = worry
        said = f"The shipment {number} is {what}."
        return orders.open_exception(tx, order, "carrier_exception", number, said, suggestion)
    settled = [
        e.id
        for e in orders.exceptions(tx, [order.id])
        if e.kind == "carrier_exception" and e.subject == number and e.resolved_at is None
    ]
    return orders.resolve_exceptions(tx, order, settled, f"Now {change.new.value}.")
