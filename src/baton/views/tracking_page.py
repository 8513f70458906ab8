"""What a customer sees of an order: how far it is, when it comes, what they may do about it.

No name, no address, no words: everything said is a code, which the page puts into the order's
language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from baton import access, fulfillment, notifications, shipping
from baton.notifications.model import Asked, Preferences, Rating
from baton.notifications.rules import telephone
from baton.orders.model import Group, Line, LineKind, Method, Order, Status
from baton.orders.rules import Legal, legal_actions
from baton.platform.db import Tx
from baton.shipping.model import Seen, Shipment
from baton.shipping.model import Status as Way
from baton.values import Id

STEPS = ("ordered", "preparing", "shipped", "delivered")
PICKUP_STEPS = ("ordered", "preparing", "collected")
_WORRIES = {Way.EXCEPTION, Way.LOST, Way.RETURNED_TO_SENDER}


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    done: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A line; `states` are (units, code)."""

    line_no: int
    title: str
    states: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A delivery or a pick-up. `first` and `last` are the promised days while they matter."""

    number: int
    pickup: bool
    cancelled: bool
    first: date | None
    last: date | None
    worry: str
    waits: int
    steps: Sequence[Step]
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class EventView:
    code: str
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ParcelView:
    carrier: str
    tracking_no: str
    events: Sequence[EventView]


@dataclass(frozen=True, slots=True)
class Changeable:
    """Units of a line that a customer may still ask to be cancelled."""

    line_no: int
    title: str
    units: int


@dataclass(frozen=True, slots=True)
class TrackingPage:
    """An order for whoever holds its link: no name, no address."""

    shop: str
    number: str
    version: int
    placed_on: date
    languages: tuple[str, ...]
    time_zone: str
    currency: str
    headline: str
    groups: Sequence[GroupView]
    parcels: Sequence[ParcelView]
    changeable: Sequence[Changeable]
    addresses: Sequence[int]
    to_rate: Sequence[tuple[Asked, Id]]
    phone: str


def tracking_page(tx: Tx, order: Order) -> TrackingPage:
    """The customer's view of an order, as it is now."""
    header = order.header
    entity = access.legal_entities_by_id(tx, [header.legal_entity_id])[header.legal_entity_id]
    wanted = notifications.preferences_of(tx, [header.channel_id])[header.channel_id]
    sent = [s for s in shipping.of_orders(tx, [order.id]) if s.shipped_at is not None]
    seen = shipping.tracking_of(tx, [shipment.id for shipment in sent]) if sent else []
    works = fulfillment.of_orders(tx, [order.id])
    back = sum(fulfillment.recallable(works).values())
    legal = legal_actions(order, back)
    return TrackingPage(
        entity.name,
        order.number,
        header.version,
        header.placed_at.date(),
        languages(order, wanted),
        wanted.quiet.time_zone,
        header.currency,
        _headline(header.status),
        [_group(order, group, sent) for group in order.groups],
        [_parcel(s, [e for e in seen if e.shipment_id == s.id]) for s in sent if s.tracking_no],
        _changeable(order) if Legal.CANCEL in legal else (),
        _addresses(order) if Legal.EDIT_ADDRESS in legal else (),
        _to_rate(sent, notifications.ratings(tx, [order.id])),
        telephone(header.phone) if header.customer_id is not None else "",
    )


def languages(order: Order, preferences: Preferences) -> tuple[str, ...]:
    """The languages to speak to an order's customer in: the order's, the shop's."""
    return (order.header.language, preferences.language)


def _headline(status: Status) -> str:
    match status:
        case Status.CANCELLED | Status.DELIVERED | Status.SHIPPED | Status.PARTLY_SHIPPED:
            return status.value
        case Status.BACKORDERED | Status.PARKED:
            return "waiting"
        case _:
            return "preparing"


def _group(order: Order, group: Group, sent: Sequence[Shipment]) -> GroupView:
    lines = [line for line in order.lines if line.group_no == group.group_no]
    pickup = group.method is Method.PICKUP
    codes = PICKUP_STEPS if pickup else STEPS
    reached = _reached(lines, len(codes))
    cancelled = all(line.ordered == line.cancelled for line in lines)
    done = cancelled or reached == len(codes) - 1
    return GroupView(
        group.group_no,
        pickup,
        cancelled,
        None if done else group.promised_from,
        None if done else group.promised_by,
        next((s.status for s in sent if s.group_no == group.group_no and s.status in _WORRIES), ""),
        sum(line.backordered + line.parked for line in lines),
        [Step(code, n <= reached, n == reached) for n, code in enumerate(codes)],
        [_item(line) for line in lines],
    )


def _reached(lines: Sequence[Line], steps: int) -> int:
    live = sum(line.ordered - line.cancelled for line in lines)
    shipped = sum(line.shipped for line in lines)
    if live and sum(line.delivered for line in lines) >= live:
        return steps - 1
    if live and shipped >= live:
        return min(2, steps - 1)
    return 1 if any(line.allocated or line.released or line.shipped for line in lines) else 0


def _item(line: Line) -> Item:
    back = min(line.returned, line.delivered)
    states = (
        (line.delivered - back, "delivered"),
        (line.shipped - line.delivered - line.lost, "on_the_way"),
        (line.lost, "lost"),
        (line.allocated + line.released + line.reserved + line.open, "preparing"),
        (line.backordered + line.parked, "waiting"),
        (line.cancelled, "cancelled"),
        (line.returned, "returned"),
    )
    return Item(line.line_no, line.title, [(n, code) for n, code in states if n > 0])


def _parcel(shipment: Shipment, seen: Sequence[Seen]) -> ParcelView:
    events = [EventView(e.event.code.value, e.event.place, e.event.occurred_at) for e in seen]
    if shipment.shipped_at is not None:
        events.append(EventView("shipped", "", shipment.shipped_at))
    newest = sorted(events, key=lambda event: event.at, reverse=True)
    carrier = shipment.carrier.replace("_", " ").title()
    return ParcelView(carrier, shipment.tracking_no, newest)


def _changeable(order: Order) -> list[Changeable]:
    left = [
        (line, line.ordered - line.cancelled - line.shipped)
        for line in order.lines
        if line.kind is LineKind.GOODS
    ]
    return [Changeable(line.line_no, line.title, units) for line, units in left if units > 0]


def _addresses(order: Order) -> list[int]:
    return [g.group_no for g in order.groups if g.method is Method.SHIP and g.address is not None]


def _to_rate(sent: Sequence[Shipment], said: Sequence[Rating]) -> list[tuple[Asked, Id]]:
    rated = {rating.fact_key for rating in said if rating.asked is Asked.DELIVERY}
    return [
        (Asked.DELIVERY, s.id)
        for s in sent
        if s.delivered_at is not None and str(s.id) not in rated
    ]
