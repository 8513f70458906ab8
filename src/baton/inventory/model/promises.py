"""What is promised: demands and outcomes, reservations, shortages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from baton.inventory.model.stock import NOWHERE, positive
from baton.values.ids import Id

OwnerKind = Literal["order", "cart", "channel", "transfer", "kit_build", "queue"]


@dataclass(frozen=True, slots=True)
class Demand:
    """Units that one line wants, from `areas` in this order; or all from one location.

    With a location (pick-up) `areas` is not looked at: the units come from that location's
    area and are allocated there at once.
    """

    line: int
    sku_id: Id
    quantity: int
    areas: tuple[Id, ...]
    location_id: Id | None = None

    def __post_init__(self) -> None:
        positive(self.quantity)


@dataclass(frozen=True, slots=True)
class Basket:
    """What one owner wants together. `whole`: all of it or nothing."""

    owner_kind: OwnerKind
    owner_id: Id
    whole: bool
    demands: tuple[Demand, ...]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of a line that are promised now, in an area or already at a location."""

    line: int
    sku_id: Id
    area_id: Id
    location_id: Id
    quantity: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a basket got. `accepted` is False only for a whole basket that missed something.

    `missing` holds units by line number: what was not there, whether or not it was accepted.
    """

    owner_id: Id
    accepted: bool
    taken: tuple[Taken, ...]
    missing: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Reserved units of a line that are to be allocated at a location.

    `area_id`: allocate only if the location's stock belongs to that area; None: to whichever.
    `held_back_too`: use what is kept from sale, for promises that nothing else can keep.
    """

    owner_kind: OwnerKind
    owner_id: Id
    line: int
    sku_id: Id
    area_id: Id | None
    location_id: Id
    quantity: int
    held_back_too: bool = False

    def __post_init__(self) -> None:
        positive(self.quantity)


@dataclass(frozen=True, slots=True)
class Units:
    """Units of an owner's line at a location, or not allocated yet (NOWHERE)."""

    owner_id: Id
    line: int
    sku_id: Id
    location_id: Id
    quantity: int

    def __post_init__(self) -> None:
        positive(self.quantity)


@dataclass(frozen=True, slots=True)
class Give(Units):
    """Promised units that are given back."""


@dataclass(frozen=True, slots=True)
class Consume(Units):
    """Units that have left the location, for this line."""


@dataclass(frozen=True, slots=True)
class Missing(Units):
    """Units that were to be picked for this line, and are not where they should be."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units promised to a line of an owner."""

    owner_kind: OwnerKind
    owner_id: Id
    owner_line: int
    sku_id: Id
    area_id: Id
    location_id: Id
    quantity: int
    expires_at: datetime | None = None

    @property
    def key(self) -> tuple[Id, int, Id, Id]:
        """What no two reservations share."""
        return self.owner_id, self.owner_line, self.area_id, self.location_id

    @property
    def allocated(self) -> bool:
        return self.location_id != NOWHERE


@dataclass(frozen=True, slots=True)
class Shortage:
    """Promised units that are not there, and are to be worked off.

    Until `open_units` is 0, somebody who was promised goods at this location (or in this area,
    where the location is NOWHERE) has to get them elsewhere, later, or not at all.
    """

    id: Id
    sku_id: Id
    area_id: Id
    location_id: Id
    units: int
    open_units: int
    cause: str
    document_id: Id
    opened_at: datetime
    closed_at: datetime | None = None
