"""What shipping tells the journal. `units` is pairs of (order line, units).

Texts of carriers stay out of facts: they may name people. They are kept with labels and
tracking events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id

Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ShippingFact(Fact):
    """Every change of a shipment says which status it left behind."""

    subject: ClassVar[str] = "order"

    shipment_id: Id
    status: str


@dataclass(frozen=True, slots=True)
class ShipmentOpened(ShippingFact):
    """Packages are to leave: their labels were asked for."""

    fact: ClassVar[str] = "shipping.shipment_opened"

    number: str
    fulfillment_order_id: Id | None
    carrier: str
    service: str
    package_ids: tuple[Id, ...]
    units: Units


@dataclass(frozen=True, slots=True)
class LabelBought(ShippingFact):
    """The carrier sold the label of a package."""

    fact: ClassVar[str] = "shipping.label_bought"

    package_id: Id
    tracking_no: str
    currency: str
    cost_minor: int


@dataclass(frozen=True, slots=True)
class LabelRefused(ShippingFact):
    """The carrier won't sell the label of a package; its reason is kept with the label."""

    fact: ClassVar[str] = "shipping.label_refused"

    package_id: Id


@dataclass(frozen=True, slots=True)
class LabelsRetried(ShippingFact):
    """Refused labels were asked for again, each under a new key."""

    fact: ClassVar[str] = "shipping.labels_retried"

    package_ids: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class LabelUnwanted(ShippingFact):
    """A label was bought for a shipment that was voided: it must be given back."""

    fact: ClassVar[str] = "shipping.label_unwanted"

    package_id: Id
    tracking_no: str


@dataclass(frozen=True, slots=True)
class LabelVoided(ShippingFact):
    """The carrier took an unwanted label back."""

    fact: ClassVar[str] = "shipping.label_voided"

    package_id: Id
    tracking_no: str


@dataclass(frozen=True, slots=True)
class LabelKept(ShippingFact):
    """The carrier won't take an unwanted label back; what it cost is to be claimed."""

    fact: ClassVar[str] = "shipping.label_kept"

    package_id: Id
    tracking_no: str
    currency: str
    cost_minor: int


@dataclass(frozen=True, slots=True)
class ShipmentShipped(ShippingFact):
    """Units left: with a carrier, over the counter, or (history) before Baton knew of it."""

    fact: ClassVar[str] = "shipping.shipped"

    number: str
    fulfillment_order_id: Id | None
    method: str
    carrier: str
    service: str
    tracking_no: str
    shipped_at: datetime
    units: Units


@dataclass(frozen=True, slots=True)
class ShipmentVoided(ShippingFact):
    """A shipment was given up before it left."""

    fact: ClassVar[str] = "shipping.voided"


@dataclass(frozen=True, slots=True)
class TrackingFact(ShippingFact):
    """The carrier's events changed a shipment; `package_ids` are the parcels that now are so."""

    package_ids: tuple[Id, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ShipmentInTransit(TrackingFact):
    """The carrier has it and moves it."""

    fact: ClassVar[str] = "shipping.in_transit"


@dataclass(frozen=True, slots=True)
class ShipmentOutForDelivery(TrackingFact):
    """It is on its last way."""

    fact: ClassVar[str] = "shipping.out_for_delivery"


@dataclass(frozen=True, slots=True)
class ShipmentStuck(TrackingFact):
    """Something keeps the carrier from going on."""

    fact: ClassVar[str] = "shipping.exception"


@dataclass(frozen=True, slots=True)
class ShipmentDelivered(TrackingFact):
    """All of it arrived."""

    fact: ClassVar[str] = "shipping.delivered"


@dataclass(frozen=True, slots=True)
class ShipmentLost(TrackingFact):
    """The carrier gave up at least one parcel."""

    fact: ClassVar[str] = "shipping.lost"


@dataclass(frozen=True, slots=True)
class ShipmentReturned(TrackingFact):
    """At least one parcel came back to its sender."""

    fact: ClassVar[str] = "shipping.returned_to_sender"


@dataclass(frozen=True, slots=True)
class RateCardSaved(Fact):
    """What a carrier's service costs was set."""

    fact: ClassVar[str] = "shipping.rate_card_saved"
    subject: ClassVar[str] = "rate_card"

    carrier: str
    service: str
    currency: str
    active: bool
