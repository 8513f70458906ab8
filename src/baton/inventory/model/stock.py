"""What there is: levels and area rows, and what a decision makes of them.

All quantities are whole units. NOWHERE stands where a location would: in a reservation, units
that are not allocated yet; in a shortage, an area as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baton.inventory.errors import UnitsInvalid
from baton.values.ids import NIL, Id

NOWHERE = NIL
MOST = 100_000_000  # units that one line can name: far beyond any real one, far below an overflow

AreaKey = tuple[Id, Id]  # SKU, area
LevelKey = tuple[Id, Id]  # SKU, location


def positive(quantity: int) -> None:
    """Raises UnitsInvalid for a number of units that is none, or absurd."""
    if not 1 <= quantity <= MOST:
        raise UnitsInvalid(f"Units go from 1 to {MOST:,}, not {quantity:,}.", field="quantity")


@dataclass(frozen=True, slots=True)
class Level:
    """Units of one SKU at one location.

    `unavailable` are damaged, in quarantine or missing, `held_back` must not be sold (safety,
    store protection), `short` are allocated and not there.
    """

    sku_id: Id
    location_id: Id
    area_id: Id
    on_hand: int = 0
    unavailable: int = 0
    held_back: int = 0
    allocated: int = 0
    short: int = 0

    @property
    def physical(self) -> int:
        """Good units that are there."""
        return max(self.on_hand - self.unavailable, 0)

    @property
    def sellable(self) -> int:
        """Good units that may be sold."""
        return max(self.on_hand - self.unavailable - self.held_back, 0)

    @property
    def free(self) -> int:
        """Units that can still be allocated here."""
        return max(self.sellable - self.allocated, 0)

    @property
    def spare(self) -> int:
        """Good units that nobody is allocated, those held back among them."""
        return max(self.physical - self.allocated, 0)


@dataclass(frozen=True, slots=True)
class AreaStock:
    """Units of one SKU in one area: the sums of its levels, and what is promised of them."""

    sku_id: Id
    area_id: Id
    physical: int = 0
    offered: int = 0
    committed: int = 0
    short: int = 0

    @property
    def free(self) -> int:
        """Units that can still be reserved."""
        return max(self.offered - self.committed, 0)


@dataclass(frozen=True, slots=True)
class Stock:
    """The locked rows that a decision is made from; a row that is not there holds nothing."""

    areas: Mapping[AreaKey, AreaStock]
    levels: Mapping[LevelKey, Level]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """From now on `units` of a SKU are kept from sale at a location.

    `area_id` is needed where the SKU has never been there.
    """

    sku_id: Id
    location_id: Id
    units: int
    area_id: Id | None = None

    def __post_init__(self) -> None:
        if self.units < 0:
            raise UnitsInvalid(f"{self.units} units can't be held back", field="units")


# ── deciding and checking ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Change:
    """Signed changes of one level and of its area's promises; NOWHERE: of the area alone."""

    sku_id: Id
    area_id: Id
    location_id: Id
    on_hand: int = 0
    unavailable: int = 0
    held_back: int = 0
    allocated: int = 0
    committed: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """Short units of a level or an area became more (positive) or fewer."""

    sku_id: Id
    area_id: Id
    location_id: Id
    units: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What rows become: those that changed, whole, and how their short units shifted."""

    levels: tuple[Level, ...]
    areas: tuple[AreaStock, ...]
    shifts: tuple[Shift, ...]
