"""The words of shipping: shipments, the labels of their packages, and where they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from baton.shipping.errors import DraftInvalid, RateCardInvalid
from baton.shipping.port import TrackingEvent
from baton.values.ids import Id
from baton.values.money import Money


class Method(StrEnum):
    """How the units leave: by carrier, over the counter, or before Baton knew of it."""

    SHIP = "ship"
    PICKUP = "pickup"
    HISTORY = "history"


class Status(StrEnum):
    """How far a shipment is."""

    LABELLING = "labelling"
    """Labels were asked for and not all are there."""
    LABEL_FAILED = "label_failed"
    """The carrier refused a label: somebody must look."""
    SHIPPED = "shipped"
    """It left the location; the carrier has not said anything yet."""
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    """Something keeps the carrier from going on; a later movement overtakes it."""
    DELIVERED = "delivered"
    LOST = "lost"
    """The carrier gave it up; it may still be found and delivered."""
    RETURNED_TO_SENDER = "returned_to_sender"
    VOIDED = "voided"
    """It never left."""


class LabelState(StrEnum):
    """The one outside effect of a package: buying its label."""

    REQUESTED = "requested"
    """Asked for; until the carrier has answered nobody knows."""
    BOUGHT = "bought"
    REFUSED = "refused"
    VOIDED = "voided"


class LineUnits(NamedTuple):
    """Units of one order line."""

    order_line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """What leaves one location in one go. `cost` is the sum of its bought labels.

    `tracking_no` is the first label's; `tracking_seen_at` the time of the newest event that
    counted.
    """

    id: Id
    number: str
    order_id: Id
    group_no: int
    fulfillment_order_id: Id | None
    location_id: Id | None
    method: Method
    carrier: str
    service: str
    status: Status
    cost: Money
    tracking_no: str
    tracking_seen_at: datetime | None
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[LineUnits, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A package's label; `key` goes to the carrier, so that repeated calls buy one label."""

    package_id: Id
    shipment_id: Id
    key: str
    state: LabelState
    tracking_no: str
    cost_minor: int
    error: str
    requested_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A shipment to be opened.

    `ship`: one label for each of `package_ids`. `pickup`: over the counter at `occurred_at`.
    `history`: it left at `occurred_at` and, where that is known, arrived at `delivered_at`.
    `lines` is pairs of (order line, units).
    """

    order_id: Id
    order_number: str
    group_no: int
    method: Method
    currency: str
    lines: tuple[tuple[int, int], ...]
    fulfillment_order_id: Id | None = None
    location_id: Id | None = None
    carrier: str = ""
    service: str = ""
    package_ids: tuple[Id, ...] = ()
    occurred_at: datetime | None = None
    delivered_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.lines or min(quantity for _, quantity in self.lines) < 1:
            raise DraftInvalid("A shipment has units of each line.", field="lines")
        if len({order_line for order_line, _ in self.lines}) < len(self.lines):
            raise DraftInvalid("An order line stands twice.", field="lines")
        if (self.method is Method.SHIP) != bool(self.package_ids):
            raise DraftInvalid("What a carrier takes has packages.", field="package_ids")
        if len(set(self.package_ids)) < len(self.package_ids):
            raise DraftInvalid("A package stands twice.", field="package_ids")
        if self.method is Method.HISTORY and self.occurred_at is None:
            raise DraftInvalid("When did it leave?", field="occurred_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one parcel is: a status, when that was so, and when it was first said delivered."""

    status: Status = Status.SHIPPED
    seen_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A shipment after its status changed, and both statuses."""

    shipment: Shipment
    old: Status
    new: Status


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package whose own status changed: one of two parcels may arrive first, or be lost."""

    package_id: Id
    shipment_id: Id
    old: Status
    new: Status


@dataclass(frozen=True, slots=True)
class Tracked:
    """What tracking events changed, and those whose tracking number nobody knows."""

    changes: tuple[Change, ...]
    packages: tuple[PackageChange, ...]
    unknown: tuple[TrackingEvent, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A tracking event as it is kept, for a shipment's timeline."""

    shipment_id: Id
    event: TrackingEvent
    recorded_at: datetime


# ------------------------------------------------------------------ what it costs


@dataclass(frozen=True, slots=True)
class Zone:
    """Distances up to `up_to_km` (None, in the last zone: any), and usual days in transit."""

    up_to_km: int | None
    transit_min_days: int
    transit_max_days: int


@dataclass(frozen=True, slots=True)
class RateCard:
    """What one service of a carrier costs. `brackets_g` are upper bounds of a parcel's weight;
    `prices[zone][bracket]` is in minor units of `currency`.

    Raises RateCardInvalid, whose `field` says where, for a card with gaps.
    """

    carrier: str
    service: str
    name: str
    currency: str
    zones: tuple[Zone, ...]
    brackets_g: tuple[int, ...]
    prices: tuple[tuple[int, ...], ...]
    active: bool = True

    def __post_init__(self) -> None:
        for field, text in (("carrier", self.carrier), ("service", self.service)):
            if not text.strip():
                raise RateCardInvalid(f"A rate card names its {field}.", field=field)
        if len(self.currency) != 3 or not self.currency.isupper():
            raise RateCardInvalid("A currency is three capital letters.", field="currency")
        self._check_zones()
        self._check_brackets()
        self._check_prices()

    def _check_zones(self) -> None:
        if not self.zones:
            raise RateCardInvalid("At least one zone is needed.", field="zones")
        for n, zone in enumerate(self.zones):
            if zone.up_to_km is None and n < len(self.zones) - 1:
                raise RateCardInvalid("Only the last zone has no end.", field=_at("zones", n))
            if not 0 <= zone.transit_min_days <= zone.transit_max_days:
                raise RateCardInvalid("Days in transit go up.", field=_at("zones", n))
        bounds = [zone.up_to_km for zone in self.zones if zone.up_to_km is not None]
        _ascend("zones", bounds)

    def _check_brackets(self) -> None:
        if not self.brackets_g:
            raise RateCardInvalid("At least one bracket is needed.", field="brackets_g")
        _ascend("brackets_g", list(self.brackets_g))

    def _check_prices(self) -> None:
        if len(self.prices) != len(self.zones):
            raise RateCardInvalid("Each zone has a row of prices.", field="prices")
        for n, row in enumerate(self.prices):
            if len(row) != len(self.brackets_g):
                raise RateCardInvalid("Each bracket has a price.", field=_at("prices", n))
            if min(row) < 0:
                raise RateCardInvalid("A price is not negative.", field=_at("prices", n))


def units(counts: Iterable[tuple[int, int]]) -> tuple[LineUnits, ...]:
    """Order lines and their units, ascending."""
    return tuple(LineUnits(line, n) for line, n in sorted(counts))


def _ascend(field: str, bounds: list[int]) -> None:
    for n, bound in enumerate(bounds):
        if bound < 1:
            raise RateCardInvalid("A bound is at least 1.", field=_at(field, n))
    for n, (one, other) in enumerate(pairwise(bounds), start=1):
        if one >= other:
            raise RateCardInvalid(f"{other} does not follow {one}.", field=_at(field, n))


def _at(field: str, n: int) -> str:
    return f"{field}[{n}]"
