"""What fulfillment tells the journal. `units` is pairs of (order line, units)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id

Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FulfillmentFact(Fact):
    """Every change of a fulfillment order says which status and recall it left behind."""

    subject: ClassVar[str] = "order"

    fulfillment_order_id: Id
    status: str
    recall: str


@dataclass(frozen=True, slots=True)
class FulfillmentPlanned(FulfillmentFact):
    """A location was chosen for units; it does not know yet."""

    fact: ClassVar[str] = "fulfillment.planned"

    number: str
    group_no: int
    location_id: Id
    method: str
    ship_on: date | None
    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentReleased(FulfillmentFact):
    """The location was sent the work."""

    fact: ClassVar[str] = "fulfillment.released"

    location_id: Id
    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentAccepted(FulfillmentFact):
    """The location took the work on."""

    fact: ClassVar[str] = "fulfillment.accepted"


@dataclass(frozen=True, slots=True)
class FulfillmentRejected(FulfillmentFact):
    """The location won't do the work; the units are free for another."""

    fact: ClassVar[str] = "fulfillment.rejected"

    location_id: Id
    reason: str
    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentPicked(FulfillmentFact):
    """Units were taken off the shelf."""

    fact: ClassVar[str] = "fulfillment.picked"

    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentShortPicked(FulfillmentFact):
    """Units that should have been at the location are not there."""

    fact: ClassVar[str] = "fulfillment.short_picked"

    location_id: Id
    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentPacked(FulfillmentFact):
    """Units were put into packages."""

    fact: ClassVar[str] = "fulfillment.packed"

    package_ids: tuple[Id, ...]
    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentReady(FulfillmentFact):
    """All of it waits at the counter for the customer."""

    fact: ClassVar[str] = "fulfillment.ready"

    location_id: Id


@dataclass(frozen=True, slots=True)
class PickupCodeGiven(FulfillmentFact):
    """The customer has a new code for the counter; older ones are void."""

    fact: ClassVar[str] = "fulfillment.pickup_code_given"


@dataclass(frozen=True, slots=True)
class PickupCodeWrong(FulfillmentFact):
    """Somebody tried a wrong code at the counter."""

    fact: ClassVar[str] = "fulfillment.pickup_code_wrong"

    tries: int


@dataclass(frozen=True, slots=True)
class FulfillmentHandedOver(FulfillmentFact):
    """The customer took the units at the counter."""

    fact: ClassVar[str] = "fulfillment.handed_over"

    units: Units


@dataclass(frozen=True, slots=True)
class FulfillmentShipped(FulfillmentFact):
    """Packed units left the location in a shipment."""

    fact: ClassVar[str] = "fulfillment.shipped"

    shipment_id: Id
    package_ids: tuple[Id, ...]
    units: Units


@dataclass(frozen=True, slots=True)
class RecallRequested(FulfillmentFact):
    """Units were asked back from the location, to be answered until `by`."""

    fact: ClassVar[str] = "fulfillment.recall_requested"

    reason: str
    by: datetime
    units: Units


@dataclass(frozen=True, slots=True)
class RecallAnswered(FulfillmentFact):
    """A recall ended for these units: `answer` is accepted, rejected or timed_out."""

    fact: ClassVar[str] = "fulfillment.recall_answered"

    answer: str
    reason: str
    units: Units
    voided_package_ids: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class FulfillmentCancelled(FulfillmentFact):
    """The work ended and nothing was sent."""

    fact: ClassVar[str] = "fulfillment.cancelled"
