"""The words of fulfillment: the work at one location for one delivery group, and its packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from baton.fulfillment.errors import DraftInvalid, LineUnknown, QuantityInvalid
from baton.values.ids import Id
from baton.values.parcel import Dimensions


class Method(StrEnum):
    """How the units leave the location."""

    SHIP = "ship"
    PICKUP = "pickup"


class Status(StrEnum):
    """How far the work is."""

    PLANNED = "planned"
    """Chosen, but the location does not know of it yet."""
    RELEASED = "released"
    """The location has it and has not begun."""
    ACCEPTED = "accepted"
    """The location has begun: some units are still to be picked."""
    PICKED = "picked"
    """All are off the shelf, some are not in a package yet."""
    PACKED = "packed"
    """All are in packages that wait for the carrier."""
    READY = "ready"
    """All are in packages that wait at the counter."""
    DONE = "done"
    """All that could be sent was sent or handed over."""
    REJECTED = "rejected"
    """The location won't do it."""
    CANCELLED = "cancelled"
    """Nothing was sent, and nothing will be."""


class Recall(StrEnum):
    """What became of the last attempt to get units back."""

    NONE = "none"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"


class LineUnits(NamedTuple):
    """Units of one order line."""

    order_line: int
    quantity: int


# ------------------------------------------------------------------ the work


@dataclass(frozen=True, slots=True)
class FulfillmentLine:
    """Units of one order line at this location, each in exactly one place.

    quantity = to_pick + picked + packed + shipped + short + cancelled. `cancel_requested` of the
    open ones were asked back and not yet answered.
    """

    order_line: int
    sku_id: Id
    sku_code: str
    title: str
    quantity: int
    to_pick: int
    picked: int = 0
    packed: int = 0
    cancel_requested: int = 0
    shipped: int = 0
    short: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        """Units that the location still has to do something with."""
        return self.to_pick + self.picked + self.packed

    @property
    def recallable(self) -> int:
        """Open units that nobody has asked back yet."""
        return self.open - self.cancel_requested


@dataclass(frozen=True, slots=True)
class FulfillmentOrder:
    """The work at one location for one delivery group; `done_at` is when it ended, however."""

    id: Id
    number: str
    order_id: Id
    group_no: int
    location_id: Id
    method: Method
    status: Status
    recall: Recall = Recall.NONE
    recall_reason: str = ""
    recall_by: datetime | None = None
    reject_reason: str = ""
    pickup_hash: bytes | None = field(default=None, repr=False)
    pickup_tries: int = 0
    ship_on: date | None = None
    created_at: datetime | None = None
    released_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 1
    lines: tuple[FulfillmentLine, ...] = ()

    @property
    def open(self) -> int:
        """Units that the location still has to do something with."""
        return sum(line.open for line in self.lines)

    def line(self, order_line: int) -> FulfillmentLine:
        """The line for this order line. Raises LineUnknown."""
        for line in self.lines:
            if line.order_line == order_line:
                return line
        raise LineUnknown(
            f"{self.number} has no units of order line {order_line}.",
            field="lines",
            order_line=order_line,
        )


@dataclass(frozen=True, slots=True)
class Package:
    """A box with its contents. `voided`: its units were recalled and it was never sent."""

    id: Id
    fulfillment_order_id: Id
    package_no: int
    weight_g: int
    dims: Dimensions | None
    packed_at: datetime
    shipment_id: Id | None
    voided: bool
    lines: tuple[LineUnits, ...]


# ------------------------------------------------------------------ what callers give


@dataclass(frozen=True, slots=True)
class DraftLine:
    """Units of one order line that a location is to send."""

    order_line: int
    sku_id: Id
    sku_code: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Draft:
    """Work that routing chose a location for."""

    order_id: Id
    order_number: str
    group_no: int
    location_id: Id
    method: Method
    lines: tuple[DraftLine, ...]
    ship_on: date | None = None

    def __post_init__(self) -> None:
        if not self.lines:
            raise DraftInvalid("Work without units is none.", field="lines")
        if len({line.order_line for line in self.lines}) < len(self.lines):
            raise DraftInvalid("An order line stands twice.", field="lines")
        if any(line.quantity < 1 for line in self.lines):
            raise DraftInvalid("At least one unit of each line is needed.", field="lines")


@dataclass(frozen=True, slots=True)
class Pick:
    """Units of a line that were taken off the shelf, and units that were not there."""

    order_line: int
    picked: int
    short: int = 0

    def __post_init__(self) -> None:
        if min(self.picked, self.short) < 0 or self.picked + self.short < 1:
            raise QuantityInvalid(
                f"Line {self.order_line}: picked and short are at least 0, and not both 0.",
                field="lines",
            )


@dataclass(frozen=True, slots=True)
class PackageDraft:
    """A box that was filled: its gross weight, its outer size where known, its contents."""

    weight_g: int
    dims: Dimensions | None
    lines: tuple[LineUnits, ...]

    def __post_init__(self) -> None:
        dims = self.dims
        if dims is not None and min(dims.length_mm, dims.width_mm, dims.height_mm) < 1:
            raise QuantityInvalid("A side of a package is at least 1 mm.", field="dims")
        if self.weight_g < 0:
            raise QuantityInvalid("A weight is not negative.", field="weight_g")
        if not self.lines:
            raise QuantityInvalid("A package has contents.", field="lines")
        if len({units.order_line for units in self.lines}) < len(self.lines):
            raise QuantityInvalid("An order line stands twice in a package.", field="lines")
        if any(units.quantity < 1 for units in self.lines):
            raise QuantityInvalid("At least one unit of each line is packed.", field="lines")


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """Units asked back, until `by` at the latest; `lines` None means all that are left."""

    fo_id: Id
    reason: str
    by: datetime
    lines: Mapping[int, int] | None = None

    def __post_init__(self) -> None:
        if self.lines is not None and (not self.lines or min(self.lines.values()) < 1):
            raise QuantityInvalid("At least one unit of each line is recalled.", field="lines")


# ------------------------------------------------------------------ what came of it


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that the location does not have. `recalled` of them had been asked back anyway,
    so that they are cancelled and not sought elsewhere.
    """

    order_line: int
    sku_id: Id
    quantity: int
    recalled: int


@dataclass(frozen=True, slots=True)
class Picked:
    """The work after a pick, and what was not there."""

    fo: FulfillmentOrder
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """The work after packing, and the new packages."""

    fo: FulfillmentOrder
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """The work after a shipment, the units that left, and those of them that had been asked
    back: too late.
    """

    fo: FulfillmentOrder
    shipped: tuple[LineUnits, ...]
    overtaken: tuple[LineUnits, ...]


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code was not the customer's; so many guesses are left."""

    fo: FulfillmentOrder
    tries_left: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Where a recall stands: `answer` is requested, accepted, rejected or timed out.

    `asked` are the units it was about, `freed` those that came back, and `voided` the packages
    that are unpacked for it.
    """

    fo: FulfillmentOrder
    answer: Recall
    asked: tuple[LineUnits, ...]
    freed: tuple[LineUnits, ...]
    voided: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended."""

    created_at: datetime
    id: Id


def units(counts: Iterable[tuple[int, int]]) -> tuple[LineUnits, ...]:
    """Order lines and their units, ascending, without those that have none."""
    return tuple(LineUnits(line, n) for line, n in sorted(counts) if n)
