"""Where goods lie and leave from: areas, locations, and the days on which they are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from baton.values.address import Address
from baton.values.ids import Id

WORKING_WEEK = (1, 2, 3, 4, 5)


class LocationKind(StrEnum):
    """What a place is, for those who work with it."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "3pl"
    SUPPLIER = "supplier"


class Ability(StrEnum):
    """What can be done at a location."""

    COUNT = "count"
    PICKUP = "pickup"
    RECEIVE = "receive"
    SHIP = "ship"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the globe in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """An area to be saved, known again by `code`."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Area:
    """A set of locations whose stock is promised together."""

    id: Id
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A location to be saved, known again by `code`.

    `weekdays` are ISO days, Monday 1; `cut_off` is local time: what is released before it is
    worked on the same day, and leaves `processing_days` working days later. Costs are minor
    units of the legal entity's currency, a pick for each line and a pack for each parcel.
    """

    code: str
    name: str
    kind: LocationKind
    area_code: str
    legal_entity_id: Id
    address: Address
    time_zone: str
    point: Point | None = None
    weekdays: tuple[int, ...] = WORKING_WEEK
    cut_off: time = time(14)
    processing_days: int = 0
    capacity_per_day: int | None = None
    can: frozenset[Ability] = frozenset(Ability)
    pick_cost_minor: int = 0
    pack_cost_minor: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Location:
    """A place with stock, in one area for good. `capacity_per_day` None means any number."""

    id: Id
    code: str
    name: str
    kind: LocationKind
    area_id: Id
    legal_entity_id: Id
    address: Address
    point: Point | None
    time_zone: str
    weekdays: tuple[int, ...]
    cut_off: time
    processing_days: int
    capacity_per_day: int | None
    can: frozenset[Ability]
    pick_cost_minor: int
    pack_cost_minor: int
    active: bool


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which a location does not work, whatever its week says."""

    location_id: Id
    closed_on: date
    reason: str = ""
