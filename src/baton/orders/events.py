"""Facts about orders. `lines` is pairs of (line number, units)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id

Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OrderFact(Fact):
    """Every change of an order says which status and health it left behind."""

    subject: ClassVar[str] = "order"

    status: str
    health: str


@dataclass(frozen=True, slots=True)
class OrderTaken(OrderFact):
    """An order was captured; each of its units is reserved, backordered, parked or cancelled."""

    fact: ClassVar[str] = "orders.taken"

    number: str
    channel_id: Id
    mode: str
    currency: str
    total_minor: int
    lines: int


@dataclass(frozen=True, slots=True)
class OrderReserved(OrderFact):
    """Units that waited have stock now."""

    fact: ClassVar[str] = "orders.reserved"

    units: Units


@dataclass(frozen=True, slots=True)
class OrderBackordered(OrderFact):
    """Units have no stock any more, and wait for some."""

    fact: ClassVar[str] = "orders.backordered"

    units: Units
    why: str


@dataclass(frozen=True, slots=True)
class OrderRouted(OrderFact):
    """Locations were chosen, and the date that follows from them was promised."""

    fact: ClassVar[str] = "orders.routed"

    units: Units
    plan_no: int
    cost_minor: int
    locations: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class OrderUnrouted(OrderFact):
    """Allocations were taken back; the units stay reserved."""

    fact: ClassVar[str] = "orders.unrouted"

    units: Units
    why: str


@dataclass(frozen=True, slots=True)
class OrderReleased(OrderFact):
    """The work was sent to its locations."""

    fact: ClassVar[str] = "orders.released"

    units: Units


@dataclass(frozen=True, slots=True)
class OrderRecalled(OrderFact):
    """Released units came back before they were shipped."""

    fact: ClassVar[str] = "orders.recalled"

    units: Units
    why: str


@dataclass(frozen=True, slots=True)
class OrderShort(OrderFact):
    """A location does not have units that it was sent."""

    fact: ClassVar[str] = "orders.short"

    units: Units
    location_id: Id


@dataclass(frozen=True, slots=True)
class OrderShipped(OrderFact):
    """Units left a location, and what they cost the buyer: the sum of all net and tax is due.

    `sold` is (line, its units shipped before, net, discount that is taken off already, tax),
    `charged` is (charge, net, tax); all in minor units.
    """

    fact: ClassVar[str] = "orders.shipped"

    units: Units
    shipment_id: Id | None
    due_minor: int
    sold: tuple[tuple[int, int, int, int, int], ...] = ()
    charged: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OrderDelivered(OrderFact):
    """Units arrived."""

    fact: ClassVar[str] = "orders.delivered"

    units: Units
    shipment_id: Id


@dataclass(frozen=True, slots=True)
class OrderLost(OrderFact):
    """Units were lost on their way."""

    fact: ClassVar[str] = "orders.lost"

    units: Units
    shipment_id: Id


@dataclass(frozen=True, slots=True)
class OrderReturned(OrderFact):
    """Units came back after they were shipped."""

    fact: ClassVar[str] = "orders.returned"

    units: Units
    return_id: Id


@dataclass(frozen=True, slots=True)
class OrderCancelled(OrderFact):
    """Units were cancelled before they were shipped."""

    fact: ClassVar[str] = "orders.cancelled"

    units: Units
    why: str


@dataclass(frozen=True, slots=True)
class OrderUnparked(OrderFact):
    """Units whose SKU was unknown have one now."""

    fact: ClassVar[str] = "orders.unparked"

    units: Units


@dataclass(frozen=True, slots=True)
class OrderEdited(OrderFact):
    """More than cancelled: address, method, units, prices or charges are others now."""

    fact: ClassVar[str] = "orders.edited"

    kind: str
    change_no: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class ChangeRequested(OrderFact):
    """A change needs units back from locations, and waits for their answers."""

    fact: ClassVar[str] = "orders.change_requested"

    change_no: int
    kind: str
    units: Units


@dataclass(frozen=True, slots=True)
class ChangeRefused(OrderFact):
    """A change that waited can't be made any more; the order is as it was."""

    fact: ClassVar[str] = "orders.change_refused"

    change_no: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class OrderTaxed(OrderFact):
    """The order came without tax: what its prices hold of it was reckoned. The total stays."""

    fact: ClassVar[str] = "orders.taxed"

    tax_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderRated(OrderFact):
    """The rate from the order's currency to the base currency is known: `rate` is a decimal."""

    fact: ClassVar[str] = "orders.rated"

    currency: str
    base_currency: str
    rate: str


@dataclass(frozen=True, slots=True)
class OrderHeld(OrderFact):
    """A hold was placed."""

    fact: ClassVar[str] = "orders.held"

    hold_id: Id
    kind: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldResolved(OrderFact):
    """A hold was resolved."""

    fact: ClassVar[str] = "orders.hold_resolved"

    hold_id: Id
    kind: str


@dataclass(frozen=True, slots=True)
class ExceptionOpened(OrderFact):
    """Something about the order needs a person."""

    fact: ClassVar[str] = "orders.exception_opened"

    exception_id: Id
    kind: str


@dataclass(frozen=True, slots=True)
class ExceptionResolved(OrderFact):
    """A person, or what happened since, settled an exception."""

    fact: ClassVar[str] = "orders.exception_resolved"

    exception_id: Id
    kind: str


@dataclass(frozen=True, slots=True)
class OrderAppeased(OrderFact):
    """Money goes back out of goodwill: `to` is original or store_credit."""

    fact: ClassVar[str] = "orders.appeased"

    appeasement_id: Id
    amount_minor: int
    currency: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class AppeasementAsked(OrderFact):
    """Somebody wants to give more than they may: it waits for approval."""

    fact: ClassVar[str] = "orders.appeasement_asked"

    appeasement_id: Id
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class AppeasementRefused(OrderFact):
    """What somebody wanted to give is not given."""

    fact: ClassVar[str] = "orders.appeasement_refused"

    appeasement_id: Id
    why: str


@dataclass(frozen=True, slots=True)
class DraftOpened(Fact):
    """An order by phone or mail was written down, and not placed yet."""

    subject: ClassVar[str] = "draft"
    fact: ClassVar[str] = "orders.draft_opened"

    number: str
    currency: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class DraftPlaced(Fact):
    """A draft became an order."""

    subject: ClassVar[str] = "draft"
    fact: ClassVar[str] = "orders.draft_placed"

    number: str
    order_id: Id


@dataclass(frozen=True, slots=True)
class DraftEnded(Fact):
    """A draft was discarded, or its time was over; `state` says which."""

    subject: ClassVar[str] = "draft"
    fact: ClassVar[str] = "orders.draft_ended"

    number: str
    state: str
