"""What came in, what it was like, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baton.values.ids import Id


class Grade(StrEnum):
    """What returned goods are like: as new, used, damaged, worth nothing."""

    A = "A"
    B = "B"
    C = "C"
    SCRAP = "scrap"


class Disposition(StrEnum):
    """What becomes of returned goods. Refurbish and repair keep them in quarantine."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    REPAIR = "repair"
    DONATE = "donate"
    RETURN_TO_VENDOR = "return_to_vendor"
    WRITE_OFF = "write_off"


class Stage(StrEnum):
    """When a photo was taken: by the customer, or at the location."""

    REQUEST = "request"
    GRADE = "grade"


class LabelState(StrEnum):
    """How far the label for the way back is; `own`: the customer sends it as they like."""

    REQUESTED = "requested"
    BOUGHT = "bought"
    REFUSED = "refused"
    OWN = "own"


class ParcelState(StrEnum):
    """What became of goods that came without a return."""

    QUARANTINE = "quarantine"
    MATCHED = "matched"
    DISPOSED = "disposed"


class ClaimState(StrEnum):
    """What a carrier said to a claim."""

    OPEN = "open"
    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PhotoDraft:
    """A photo as it was sent: at most one million bytes of JPEG, PNG or WebP."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that is kept, without its content."""

    id: Id
    rma_id: Id
    line_no: int
    stage: Stage
    media_type: str
    size: int
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came in at a location, in one scan: units by line number.

    `parcel_id`: it had come before as unexpected goods, and its stock was moved then.
    """

    id: Id
    rma_id: Id
    location_id: Id
    reference: str
    parcel_id: Id | None
    received_at: datetime
    actor: str
    units: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Grading:
    """Units of one line at one location that were looked at; `disposition` None: undecided."""

    id: Id
    rma_id: Id
    line_no: int
    location_id: Id
    units: int
    grade: Grade
    note: str
    graded_at: datetime
    graded_by: str
    disposition: Disposition | None = None
    disposed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """The label for a way back; its id is the key under which the carrier is asked."""

    id: Id
    rma_id: Id
    carrier: str
    service: str
    state: LabelState
    tracking_no: str
    currency: str
    cost_minor: int
    error: str
    requested_at: datetime
    settled_at: datetime | None
    scanned_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """Units of a SKU that came unannounced; `matched` of them belong to a return by now."""

    line_no: int
    sku_id: Id
    sku_code: str
    units: int
    matched: int = 0

    @property
    def left(self) -> int:
        """Units that nobody has claimed."""
        return self.units - self.matched


@dataclass(frozen=True, slots=True)
class Parcel:
    """Goods that came without a return that waits for them, in quarantine until matched."""

    id: Id
    number: str
    location_id: Id
    status: ParcelState
    rma_id: Id | None
    order_hint: str
    sender: str
    tracking_no: str
    reference: str
    note: str
    arrived_at: datetime
    actor: str
    settled_at: datetime | None
    lines: tuple[ParcelLine, ...]


@dataclass(frozen=True, slots=True)
class CarrierClaim:
    """What a carrier is to pay for a parcel that it lost or broke."""

    id: Id
    order_id: Id
    shipment_id: Id
    carrier: str
    reason: str
    currency: str
    claimed_minor: int
    paid_minor: int
    status: ClaimState
    note: str
    opened_at: datetime
    settled_at: datetime | None
