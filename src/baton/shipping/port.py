"""The port to a carrier: what a parcel would cost, its label, and where it is.

`label` may be repeated with the same `idempotency_key`: a carrier sells one label for it and
gives that one again. An answer that is missing, late or not understood is `Unknown`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from baton.values.address import Address
from baton.values.errors import Invalid
from baton.values.money import Money
from baton.values.parcel import Parcel


class LabelRequestInvalid(Invalid):
    """A label was asked for without a usable key, or for package 3 of 2."""

    code = "label_request_invalid"


class TrackingEventInvalid(Invalid):
    """A tracking event has no time zone, so that nobody can say when it happened."""

    code = "tracking_event_invalid"


# ------------------------------------------------------------------ what it would cost


@dataclass(frozen=True, slots=True)
class RateRequest:
    """One parcel from here to there. `distance_km` is the great circle, None if not known:
    carriers that ask for it then reckon with the farthest zone; others have zones of their own.
    """

    parcel: Parcel
    ship_from: Address
    ship_to: Address
    distance_km: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A service that would take the parcel, its price and its usual days in transit."""

    service: str
    name: str
    price: Money
    days_min: int
    days_max: int


# ------------------------------------------------------------------ labels


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """One package of an order, to be handed to the carrier on `ships_on`.

    `service` is a `Rate.service`; `package` counts from 1 to `packages`.
    """

    idempotency_key: str
    service: str
    parcel: Parcel
    ship_from: Address
    ship_to: Address
    order_number: str
    ships_on: date
    package: int = 1
    packages: int = 1
    distance_km: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.idempotency_key) <= 200 or not self.idempotency_key.isprintable():
            raise LabelRequestInvalid(
                "an idempotency key of 1 to 200 printable characters is needed",
                field="idempotency_key",
            )
        if not 1 <= self.package <= self.packages:
            raise LabelRequestInvalid(
                f"there is no package {self.package} of {self.packages}", field="package"
            )


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was bought. `pdf` is one page, as large as the label."""

    tracking_no: str
    service: str
    pdf: bytes
    cost: Money


@dataclass(frozen=True, slots=True)
class Voided:
    """The label is worthless and costs nothing, as of now or since an earlier call."""

    tracking_no: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The carrier won't, now or later, for this request: `code` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was done: repeat the call with the same key."""

    reason: str


Rates: TypeAlias = tuple[Rate, ...] | Refusal | Unknown
LabelOutcome: TypeAlias = Label | Refusal | Unknown
VoidOutcome: TypeAlias = Voided | Refusal | Unknown

# ------------------------------------------------------------------ tracking


class TrackingCode(StrEnum):
    """What can happen to a parcel, in Baton's words."""

    LABEL_CREATED = "label_created"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    LOST = "lost"
    RETURNED_TO_SENDER = "returned_to_sender"


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """A tracking event as a carrier tells it: `status` is a word of its own.

    `event_id` is the carrier's, empty where it gives none.
    """

    tracking_no: str
    status: str
    occurred_at: datetime
    place: str = ""
    detail: str = ""
    event_id: str = ""

    def __post_init__(self) -> None:
        if self.occurred_at.utcoffset() is None:
            raise TrackingEventInvalid("a time zone is needed", field="occurred_at")


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """A tracking event in Baton's words. The same event told twice has the same `event_id`."""

    event_id: str
    tracking_no: str
    code: TrackingCode
    occurred_at: datetime
    place: str
    detail: str


def tracking_event(told: CarrierEvent, code: TrackingCode) -> TrackingEvent:
    """The event in Baton's words, with an id made of its content if the carrier gave none."""
    occurred_at = told.occurred_at.astimezone(UTC)
    content = "\0".join((told.tracking_no, code, occurred_at.isoformat(), told.place))
    made_id = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]
    return TrackingEvent(
        event_id=told.event_id or made_id,
        tracking_no=told.tracking_no,
        code=code,
        occurred_at=occurred_at,
        place=told.place,
        detail=told.detail,
    )


# ------------------------------------------------------------------ the carrier


@dataclass(frozen=True, slots=True)
class CarrierCapabilities:
    """What a carrier can do beyond selling a label."""

    rates: bool
    """Prices can be asked before a label is bought."""
    void: bool
    """An unused label can be given back."""


class Carrier(Protocol):
    """A carrier. Never raises for what the other side or the network does: that is an outcome.
    Safe to share among threads.
    """

    def rates(self, request: RateRequest) -> Rates:
        """The services that take this parcel, cheapest first; a Refusal if none does."""
        ...

    def label(self, request: LabelRequest) -> LabelOutcome:
        """Buy one label per key; a repeated call gives the same label."""
        ...

    def void(self, tracking_no: str) -> VoidOutcome:
        """Give back an unused label; a repeated call changes nothing."""
        ...

    def normalised(self, event: CarrierEvent) -> TrackingEvent | Unknown:
        """The event in Baton's words; Unknown for a status this carrier is not known to use."""
        ...


# ------------------------------------------------------------------ paper in the box


@dataclass(frozen=True, slots=True)
class SlipLine:
    """Units of one SKU in this package."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """What the recipient finds on top of the goods. It names no prices: it may be a gift."""

    order_number: str
    ship_from: Address
    ship_to: Address
    lines: tuple[SlipLine, ...]
    ships_on: date
    tracking_no: str = ""
    package: int = 1
    packages: int = 1
    note: str = ""


class Documents(Protocol):
    """Sets papers. The same values give the same bytes."""

    def packing_slip(self, slip: PackingSlip) -> bytes:
        """A PDF of A4 pages, as many as the lines need."""
        ...
