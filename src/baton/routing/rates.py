"""What a parcel costs: the distance, the services that go there, their price by weight."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import asin, cos, inf, radians, sin, sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from baton.routing.model import Point, Quote, RateCard, Service

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (2a + b) / 3 of the GRS 80 ellipsoid. *Source:* IUGG; Moritz, Geodetic Reference
System 1980, Journal of Geodesy 74 (2000)."""


def distance_km(one: Point, other: Point) -> int:
    """Great-circle distance in whole km, good to 0.6 % of the way over the true ellipsoid.

    *Source:* the haversine formula as in R. W. Sinnott, "Virtues of the Haversine", Sky and
    Telescope 68 (1984), p. 159: it stays exact for short distances, where the cosine rule fails.
    """
    north, other_north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half_chord = (
        sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half_chord))))


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """A service from one location to the destination; `zone` counts from 0."""

    service: Service
    zone: int
    days_late: int
    penalty: int


Menu: TypeAlias = tuple[Lane, ...]
"""The lanes among which a location chooses the cheapest by weight; empty: out of reach."""


class Tariff:
    """A rate card as one country sees it. Equal menus are one object, so that they can be told
    apart by identity.
    """

    def __init__(self, card: RateCard, country: str) -> None:
        self.card = card
        self._services = [
            (service, [inf if zone.up_to_km is None else zone.up_to_km for zone in service.zones])
            for service in card.services
            if not service.countries or country in service.countries
        ]
        self._menus: dict[tuple[int, ...], Menu] = {}

    def menu(self, km: int, days_left: int | None) -> Menu:
        """The lanes that keep the date; all of them, with their penalties, where none does.

        `days_left` is None where no date is asked for.
        """
        key: list[int] = []
        for number, (service, bounds) in enumerate(self._services):
            zone = bisect_left(bounds, km)
            if zone < len(bounds):
                days = service.zones[zone].max_days
                key += number, zone, 0 if days_left is None else max(0, days - days_left)
        found = self._menus.get(tuple(key))
        if found is None:
            found = self._menus[tuple(key)] = self._lanes(key)
        return found

    def _lanes(self, key: list[int]) -> Menu:
        lanes = [
            Lane(self._services[number][0], zone, late, self._penalty(late))
            for number, zone, late in zip(key[::3], key[1::3], key[2::3], strict=True)
        ]
        return tuple(lane for lane in lanes if not lane.days_late) or tuple(lanes)

    def _penalty(self, days_late: int) -> int:
        return self.card.late_fee + self.card.late_fee_per_day * days_late if days_late else 0


def quote(lanes: Menu, weight_g: int) -> Quote:
    """The cheapest lane for this weight, penalty included; the card's order breaks ties."""
    best, freight, packages = lanes[0], 0, 0
    for number, lane in enumerate(lanes):
        price, full = _price(lane, weight_g)
        if not number or price + lane.penalty < freight + best.penalty:
            best, freight, packages = lane, price, full + 1
    zone = best.service.zones[best.zone]
    return Quote(
        service=best.service.code,
        zone=best.zone + 1,
        min_days=zone.min_days,
        max_days=zone.max_days,
        days_late=best.days_late,
        packages=packages,
        freight=freight,
        late=best.penalty,
    )


def _price(lane: Lane, weight_g: int) -> tuple[int, int]:
    """Freight, and how many packages fill the last bracket; one more has the rest."""
    brackets, prices = lane.service.brackets_g, lane.service.zones[lane.zone].prices
    if weight_g <= brackets[-1]:
        return prices[bisect_left(brackets, weight_g)], 0
    full = (weight_g - 1) // brackets[-1]
    rest = prices[bisect_left(brackets, weight_g - full * brackets[-1])]
    return full * prices[-1] + rest, full


@dataclass(frozen=True, slots=True, eq=False)
class PriceList:
    """Menus as tables, to price many parcels at once."""

    menus: tuple[Menu, ...]
    columns: tuple[Column, ...]

    def table(self, weights: Ints) -> Ints:
        """What `quote` says for each menu (row) and weight (column): freight and penalty."""
        found = None
        for column in self.columns:
            full, bracket = column.steps(weights)
            freight = column.prices[:, bracket] + column.prices[:, -1:] * full
            cost = freight[column.zone] + column.penalty[:, None]
            found = cost if found is None else np.minimum(found, cost, out=found)
        return np.empty((0, len(weights)), np.int64) if found is None else found

    def each(self, menus: Ints, weights: Ints) -> Ints:
        """What `quote` says for each menu and the weight that stands beside it."""
        found = np.full(len(weights), NOT_SOLD)
        for column in self.columns:
            full, bracket = column.steps(weights)
            zone = column.zone[menus]
            freight = column.prices[zone, bracket] + column.prices[zone, -1] * full
            np.minimum(found, freight + column.penalty[menus], out=found)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One service: its prices, and by menu its zone and penalty (NOT_SOLD if it isn't on it)."""

    brackets: Ints
    prices: Ints  # zones × brackets
    zone: Ints
    penalty: Ints

    def steps(self, weights: Ints) -> tuple[Ints, Ints]:
        """How many packages are full, and the bracket of the rest."""
        full = np.maximum(0, (weights - 1) // self.brackets[-1])
        bracket = np.searchsorted(self.brackets, weights - full * self.brackets[-1])
        return full, bracket.astype(np.int64, copy=False)


NOT_SOLD = 1 << 60


def price_list(menus: Sequence[Menu]) -> PriceList:
    """The menus, service by service."""
    services = {lane.service.code: lane.service for lanes in menus for lane in lanes}
    columns = []
    for service in services.values():
        zone = np.zeros(len(menus), np.int64)
        penalty = np.full(len(menus), NOT_SOLD)
        for number, lanes in enumerate(menus):
            for lane in lanes:
                if lane.service is service:
                    zone[number], penalty[number] = lane.zone, lane.penalty
        columns.append(Column(*_tables(service), zone, penalty))
    return PriceList(tuple(menus), tuple(columns))


@lru_cache(maxsize=256)
def _tables(service: Service) -> tuple[Ints, Ints]:
    """The brackets, and the prices by zone and bracket."""
    return (
        np.array(service.brackets_g, np.int64),
        np.array([zone.prices for zone in service.zones], np.int64),
    )


def rising(menus: Sequence[Menu]) -> bool:
    """No price falls with the weight."""
    return all(lower <= upper for prices, _ in _columns(menus) for lower, upper in pairwise(prices))


def least_price(menus: Sequence[Menu]) -> int:
    """No parcel is cheaper than this."""
    return min(min(prices) for prices, _ in _columns(menus))


def least_freight(menus: Sequence[Menu], weight_g: int) -> int:
    """All parcels that carry this weight together are not cheaper: the best price per gram."""
    return min(
        -(-weight_g * price // bound)
        for prices, bounds in _columns(menus)
        for price, bound in zip(prices, bounds, strict=True)
    )


def _columns(menus: Sequence[Menu]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The prices of each lane, and the brackets that they stand for."""
    for lanes in menus:
        for lane in lanes:
            yield lane.service.zones[lane.zone].prices, lane.service.brackets_g
