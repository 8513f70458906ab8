"""What a customer sees of an order: how far it is, when it comes, where each parcel was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from baton import access, shipping
from baton.orders.model import Group, Line, Method, Order, Status
from baton.platform.db import Tx
from baton.shipping.model import Seen, Shipment
from baton.shipping.model import Status as Way

STEPS = ("Ordered", "In preparation", "On its way", "Delivered")
PICKUP_STEPS = ("Ordered", "In preparation", "Collected")
_WORDS = {
    "label_created": "Label printed",
    "picked_up": "Handed to the carrier",
    "in_transit": "On its way",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "exception": "Held up",
    "lost": "Lost on its way",
    "returned_to_sender": "Going back to the sender",
}
_WORRIES = {
    Way.EXCEPTION: "The carrier reports a delay. We are looking into it.",
    Way.LOST: "The carrier can't find this parcel. We will be in touch.",
    Way.RETURNED_TO_SENDER: "This parcel is on its way back to us. We will be in touch.",
}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    done: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class GroupView:
    title: str
    badge: str
    expected: str
    worry: str
    steps: Sequence[Step]
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class EventView:
    text: str
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ParcelView:
    carrier: str
    tracking_no: str
    events: Sequence[EventView]


@dataclass(frozen=True, slots=True)
class TrackingPage:
    """An order for whoever holds its link: no name, no address, no money."""

    shop: str
    number: str
    placed_on: date
    headline: str
    groups: Sequence[GroupView]
    parcels: Sequence[ParcelView]


def tracking_page(tx: Tx, order: Order) -> TrackingPage:
    """The customer's view of an order, as it is now."""
    header = order.header
    entity = access.legal_entities_by_id(tx, [header.legal_entity_id])[header.legal_entity_id]
    sent = [s for s in shipping.of_orders(tx, [order.id]) if s.shipped_at is not None]
    seen = shipping.tracking_of(tx, [shipment.id for shipment in sent]) if sent else []
    return TrackingPage(
        entity.name,
        order.number,
        header.placed_at.date(),
        _headline(header.status),
        [_group(order, group, sent) for group in order.groups],
        [_parcel(s, [e for e in seen if e.shipment_id == s.id]) for s in sent if s.tracking_no],
    )


def _headline(status: Status) -> str:
    match status:
        case Status.CANCELLED:
            return "Your order was cancelled"
        case Status.DELIVERED:
            return "Your order has arrived"
        case Status.SHIPPED:
            return "Your order is on its way"
        case Status.PARTLY_SHIPPED:
            return "Part of your order is on its way"
        case Status.BACKORDERED | Status.PARKED:
            return "We are waiting for stock"
        case _:
            return "We are preparing your order"


def _group(order: Order, group: Group, sent: Sequence[Shipment]) -> GroupView:
    lines = [line for line in order.lines if line.group_no == group.group_no]
    names = PICKUP_STEPS if group.method is Method.PICKUP else STEPS
    reached = _reached(lines, len(names))
    worry = next(
        (_WORRIES[s.status] for s in sent if s.group_no == group.group_no and s.status in _WORRIES),
        "",
    )
    waits = sum(line.backordered + line.parked for line in lines)
    cancelled = all(line.ordered == line.cancelled for line in lines)
    badge = "Cancelled" if cancelled else names[reached]
    steps = [Step(name, n <= reached, n == reached) for n, name in enumerate(names)]
    if waits and not worry:
        worry = f"{waits} {'piece' if waits == 1 else 'pieces'} will follow when stock is in."
    title = "Pick-up" if group.method is Method.PICKUP else "Delivery"
    expected = "" if cancelled else _expected(group, done=reached == len(names) - 1)
    return GroupView(title, badge, expected, worry, steps, [_item(line) for line in lines])


def _reached(lines: Sequence[Line], steps: int) -> int:
    live = sum(line.ordered - line.cancelled for line in lines)
    shipped = sum(line.shipped for line in lines)
    if live and sum(line.delivered for line in lines) >= live:
        return steps - 1
    if live and shipped >= live:
        return min(2, steps - 1)
    return 1 if any(line.allocated or line.released or line.shipped for line in lines) else 0


def _expected(group: Group, *, done: bool) -> str:
    if done or group.promised_by is None:
        return ""
    last = group.promised_by.strftime("%a %-d %B")
    if group.method is Method.PICKUP:
        return f"Ready from {last}"
    if group.promised_from is None or group.promised_from == group.promised_by:
        return f"Expected {last}"
    return f"Expected {group.promised_from.strftime('%a %-d')} – {last}"


def _item(line: Line) -> Item:
    parts = []
    for count, word in (
        (line.delivered, "delivered"),
        (line.shipped - line.delivered - line.lost, "on the way"),
        (line.lost, "lost"),
        (line.allocated + line.released + line.reserved + line.open, "in preparation"),
        (line.backordered + line.parked, "waiting"),
        (line.cancelled, "cancelled"),
    ):
        if count:
            parts.append(f"{count} {word}")
    return Item(line.title, ", ".join(parts))


def _parcel(shipment: Shipment, seen: Sequence[Seen]) -> ParcelView:
    events = [
        EventView(_WORDS.get(each.event.code.value, each.event.code.value), each.event.place, at)
        for each in seen
        for at in [each.event.occurred_at]
    ]
    if shipment.shipped_at is not None:
        events.append(EventView("Shipped", "", shipment.shipped_at))
    newest = sorted(events, key=lambda event: event.at, reverse=True)
    carrier = shipment.carrier.replace("_", " ").title()
    return ParcelView(carrier, shipment.tracking_no, newest)
