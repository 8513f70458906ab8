"""The words of routing: what is to be sent, from where it could go, and what was decided.

All money is in minor units of the rate card's currency, weights are in grams, distances in km.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from baton.routing.errors import CandidatesInvalid, DemandInvalid, RateCardInvalid
from baton.values.ids import Id

# ------------------------------------------------------------------ what is to be sent


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the globe in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to. Without a `point` the rate card's `unknown_km` stands for every distance."""

    country: str
    postal_code: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class DemandLine:
    """Units of one SKU. A line that ships alone shares no parcel with another line."""

    line_id: Id
    sku_id: Id
    quantity: int
    weight_g: int  # of one unit
    ship_alone: bool = False

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.weight_g < 0:
            raise DemandInvalid(
                f"{self.quantity} units of {self.weight_g} g can't be sent", field="lines"
            )


@dataclass(frozen=True, slots=True)
class Demand:
    """One delivery group: one destination, one date, at most `max_parcels` parcels."""

    lines: tuple[DemandLine, ...]
    destination: Destination
    needed_by: date | None = None
    max_parcels: int = 4

    def __post_init__(self) -> None:
        if self.max_parcels < 1:
            raise DemandInvalid("at least one parcel must be allowed", field="max_parcels")
        if len({line.line_id for line in self.lines}) < len(self.lines):
            raise DemandInvalid("a line stands twice", field="lines")


# ------------------------------------------------------------------ from where it could go


@dataclass(frozen=True, slots=True)
class Candidate:
    """A location as this order sees it.

    `available` holds free units per SKU, already less what others are promised. `pick_cost` is
    per line and parcel, `pack_cost` per parcel. `capacity_left` counts the orders it can still
    take, None for any number. `days_left` are the carrier's working days from the day on which
    it would ship until the demand's `needed_by`, negative if it ships later than that.
    """

    location_id: Id
    code: str
    name: str
    kind: str
    available: Mapping[Id, int]
    point: Point | None = None
    pick_cost: int = 0
    pack_cost: int = 0
    can_ship: bool = True
    capacity_left: int | None = None
    days_left: int | None = None

    def __post_init__(self) -> None:
        if self.pick_cost < 0 or self.pack_cost < 0:
            raise CandidatesInvalid(f"{self.code} has a negative cost", field="candidates")


@dataclass(frozen=True, slots=True)
class Zone:
    """Distances up to `up_to_km` (None: any), days in transit, a price per weight bracket."""

    up_to_km: int | None
    min_days: int
    max_days: int
    prices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What a carrier sells: zones by distance and brackets by weight, both ascending.

    `brackets_g` are upper bounds. What is heavier than the last goes as several packages: as many
    full ones as there are, and the rest. No zone beyond the last `up_to_km` means no service
    there. `countries` are those it delivers to; none named means all.
    """

    code: str
    name: str
    brackets_g: tuple[int, ...]
    zones: tuple[Zone, ...]
    countries: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        bounds = [zone.up_to_km for zone in self.zones[:-1]]
        reach = self.zones[-1].up_to_km if self.zones else None
        known = [bound for bound in (*bounds, reach) if bound is not None]
        if not self.zones or None in bounds or not _ascending(known):
            raise RateCardInvalid(f"{self.code}: zones must ascend in km", field="zones")
        if not self.brackets_g or self.brackets_g[0] < 1 or not _ascending(self.brackets_g):
            raise RateCardInvalid(f"{self.code}: brackets must ascend in g", field="brackets_g")
        for zone in self.zones:
            if len(zone.prices) != len(self.brackets_g) or min(zone.prices) < 0:
                raise RateCardInvalid(f"{self.code}: a price per bracket", field="prices")
            if not 0 <= zone.min_days <= zone.max_days:
                raise RateCardInvalid(f"{self.code}: days in transit", field="max_days")


def _ascending(bounds: tuple[int, ...] | list[int]) -> bool:
    return all(lower < upper for lower, upper in pairwise(bounds))


@dataclass(frozen=True, slots=True)
class RateCard:
    """What parcels cost. A parcel that misses its date costs `late_fee`, and `late_fee_per_day`
    for each working day. `unknown_km` is the distance where coordinates are missing.
    """

    currency: str
    services: tuple[Service, ...]
    late_fee: int = 0
    late_fee_per_day: int = 0
    unknown_km: int = 500

    def __post_init__(self) -> None:
        if len({service.code for service in self.services}) < len(self.services):
            raise RateCardInvalid("a service stands twice", field="services")
        if self.late_fee < 0 or self.late_fee_per_day < 0 or self.unknown_km < 0:
            raise RateCardInvalid("fees and distances are not negative", field="late_fee")


# ------------------------------------------------------------------ what was decided


class OpenReason(StrEnum):
    """Why units are in no parcel."""

    NO_STOCK = "no_stock"
    """No candidate has any."""
    NOT_ELIGIBLE = "not_eligible"
    """Only candidates have them that may not send this order."""
    SHORT = "short"
    """The candidates together have fewer than are wanted."""
    TOO_MANY_PARCELS = "too_many_parcels"
    """They would need one parcel more than is allowed."""


class Verdict(StrEnum):
    """What became of a candidate."""

    CHOSEN = "chosen"
    DEARER = "dearer"
    TIE = "tie"
    """A plan with it costs the same; more parcels, or a later code, lost."""
    TOO_MANY_PARCELS = "too_many_parcels"
    """No plan that uses it sends the same units in the parcels allowed."""
    NO_STOCK = "no_stock"
    CANNOT_SHIP = "cannot_ship"
    OUT_OF_REACH = "out_of_reach"
    """No service of the rate card goes from there to this destination."""
    CAPACITY = "capacity"
    EXCLUDED = "excluded"


class Proof(StrEnum):
    """How sure the cost is that stands beside it."""

    EXACT = "exact"
    """It is the cheapest there is."""
    AT_LEAST = "at_least"
    """It can't be less, and may be more."""
    FOUND = "found"
    """Such a plan was found; a cheaper one may exist."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units of one line."""

    line_id: Id
    quantity: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The cheapest way to send some weight from a location: `zone` counts from 1.

    `days_late` is by how much the slowest usual transit misses the date, and `late` its price.
    """

    service: str
    zone: int
    min_days: int
    max_days: int
    days_late: int
    packages: int
    freight: int
    late: int


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """What one location sends in one go. `cost` = freight + late + pack + pick.

    `distance_known` is False where a coordinate is missing and `distance_km` is the stand-in.
    """

    location_id: Id
    location_code: str
    lines: tuple[Units, ...]
    weight_g: int
    distance_km: int
    distance_known: bool
    quote: Quote
    pack: int
    pick: int
    cost: int


@dataclass(frozen=True, slots=True)
class OpenUnits:
    """Units of a line that no parcel carries, and why."""

    line_id: Id
    quantity: int
    reason: OpenReason


@dataclass(frozen=True, slots=True)
class Offer:
    """What it would cost to send from one location all of the order that it could serve.

    `lines` are named up to `LINES_NAMED`, beyond that `line_count` alone tells. Lines that ship
    alone are parcels of their own; `quote` is the heaviest parcel's, the money is that of all.
    """

    line_count: int
    lines: tuple[Units, ...]
    weight_g: int
    parcels: int
    quote: Quote
    freight: int
    late: int
    pack: int
    pick: int
    cost: int


LINES_NAMED = 50


@dataclass(frozen=True, slots=True)
class Considered:
    """One candidate and what became of it.

    `best_cost` is the cost of the cheapest plan that sends the same units and uses it, as sure
    as `proof` says; `difference` is that less the chosen plan's. None where there is none.
    """

    location_id: Id
    code: str
    name: str
    kind: str
    verdict: Verdict
    cause: str
    distance_km: int
    distance_known: bool
    offer: Offer | None
    best_cost: int | None = None
    difference: int | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan that sends the same units and draws at least one from another location."""

    parcels: tuple[PlannedParcel, ...]
    cost: int
    difference: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a delivery group ships from, what that costs, and how it came to be.

    `cost` is the sum over `parcels`. `exact`: no plan that sends as many units is cheaper; else
    none that sends these is cheaper than `lower_bound`. `considered` has every candidate, in order
    of code.
    """

    currency: str
    destination: Destination
    needed_by: date | None
    max_parcels: int
    parcels: tuple[PlannedParcel, ...]
    open_units: tuple[OpenUnits, ...]
    cost: int
    exact: bool
    lower_bound: int
    next_best: Alternative | None
    considered: tuple[Considered, ...]
