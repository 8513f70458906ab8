"""An order as tables of numbers: what the methods of choice work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baton.routing.errors import CandidatesInvalid, DemandInvalid
from baton.routing.model import Candidate, Demand, RateCard, Verdict
from baton.routing.rates import Bools, Ints, Menu, PriceList, Tariff, distance_km, price_list
from baton.values.ids import Id

NEVER = 1 << 60
"""The cost of what can't be done; two of them still fit into 64 bits."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A candidate as seen from the destination; `out` says why it can't serve, if it can't."""

    candidate: Candidate
    km: int
    known: bool
    lanes: Menu
    free: list[int]  # by SKU of the demand, never below 0
    out: Verdict | None


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Lines × places. Places are the candidates that can serve, in order of code.

    `wanted` are the units to be sent: a line's quantity, or what of it there is. A line that is
    `whole` goes in one parcel; the others hold more than any place has and may be divided.
    """

    limit: int
    stock: Ints  # places × SKUs: free units
    sku: Ints  # by line
    aligned: bool  # `sku` is 0, 1, 2 …: no SKU stands in two lines
    wanted: Ints  # by line
    weight: Ints  # by line, of one unit
    whole: Bools  # by line
    alone: Bools  # by line
    rates: PriceList
    menu: Ints  # by place: which menu of `rates`
    pack: Ints  # by place
    pick: Ints  # by place

    def sending(self, units: Ints) -> Problem:
        """The same problem with fewer units to be sent."""
        return replace(self, wanted=units)

    def only(self, lines: Ints) -> Problem:
        """The same problem with only these lines."""
        return replace(
            self,
            sku=self.sku[lines],
            aligned=False,
            wanted=self.wanted[lines],
            weight=self.weight[lines],
            whole=self.whole[lines],
            alone=self.alone[lines],
        )

    def costs(self, places: Ints, weights: Ints, lines: Ints) -> Ints:
        """What parcels cost, one for each place named; a parcel without lines costs nothing."""
        freight = self.rates.each(self.menu[places], weights)
        costs: Ints = freight + self.pack[places] + self.pick[places] * lines
        return np.where(lines > 0, costs, 0)

    def cost(self, loads: Sequence[Load]) -> int:
        """What these parcels cost together."""
        if not loads:
            return 0
        units = np.array([load.units for load in loads])
        places = np.array([load.place for load in loads])
        return int(self.costs(places, units @ self.weight, np.count_nonzero(units, axis=1)).sum())

    def taken(self, units: Ints) -> Ints:
        """Units per SKU (last axis) of units per line (last axis)."""
        if self.aligned:
            return units
        taken = np.zeros((*units.shape[:-1], self.stock.shape[1]), np.int64)
        np.add.at(taken.T, self.sku, units.T)
        return taken

    def holds(self, loads: Sequence[Load]) -> bool:
        """No place gives more units of a SKU than it has, over all its parcels."""
        left = self.stock.copy()
        for load in loads:
            left[load.place] -= self.taken(load.units)
        return bool((left >= 0).all())


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """One parcel: a place, and the units of each line that it sends."""

    place: int
    units: Ints


# ------------------------------------------------------------------ who can serve


def sights(
    demand: Demand,
    candidates: Sequence[Candidate],
    card: RateCard,
    exclusions: Mapping[Id, str],
) -> list[Sight]:
    """Every candidate, in order of code and id, with its distance, lanes and first obstacle."""
    if len({candidate.location_id for candidate in candidates}) < len(candidates):
        raise CandidatesInvalid("a location stands twice", field="candidates")
    skus = list(dict.fromkeys(line.sku_id for line in demand.lines))
    tariff = Tariff(card, demand.destination.country)
    seen = []
    for candidate in sorted(candidates, key=lambda each: (each.code, each.location_id)):
        there, here = demand.destination.point, candidate.point
        known = there is not None and here is not None
        km = distance_km(here, there) if here and there else card.unknown_km
        lanes = tariff.menu(km, _days_left(demand, candidate))
        available = candidate.available
        free = [max(0, available.get(sku, 0)) for sku in skus]
        obstacle = _obstacle(candidate, lanes, any(free), exclusions)
        seen.append(Sight(candidate, km, known, lanes, free, obstacle))
    return seen


def _days_left(demand: Demand, candidate: Candidate) -> int | None:
    if demand.needed_by is None:
        return None
    if candidate.days_left is None and candidate.can_ship:
        raise DemandInvalid(
            f"the demand has a date, but {candidate.code} has no days left to it",
            field="needed_by",
        )
    return candidate.days_left


def _obstacle(
    candidate: Candidate, lanes: Menu, stocked: bool, exclusions: Mapping[Id, str]
) -> Verdict | None:
    if candidate.location_id in exclusions:
        return Verdict.EXCLUDED
    if not candidate.can_ship:
        return Verdict.CANNOT_SHIP
    if candidate.capacity_left is not None and candidate.capacity_left < 1:
        return Verdict.CAPACITY
    if not stocked:
        return Verdict.NO_STOCK
    return None if lanes else Verdict.OUT_OF_REACH


# ------------------------------------------------------------------ tables


def stock_of(demand: Demand, seen: Sequence[Sight]) -> tuple[Ints, Ints]:
    """Free units by candidate and SKU, and the SKU (column) of each line."""
    columns: dict[Id, int] = {}
    sku = [columns.setdefault(line.sku_id, len(columns)) for line in demand.lines]
    stock = np.array([sight.free for sight in seen], np.int64)
    return stock.reshape(len(seen), len(columns)), np.array(sku, np.int64)


def posed(demand: Demand, serving: Sequence[Sight], stock: Ints, sku: Ints) -> Problem:
    """The tables of a demand and the candidates that can serve it (the rows of `stock`)."""
    wanted = _there(np.array([line.quantity for line in demand.lines], np.int64), sku, stock)
    rows: dict[Menu, int] = {}
    by_place = [rows.setdefault(sight.lanes, len(rows)) for sight in serving]
    return Problem(
        limit=demand.max_parcels,
        stock=stock,
        sku=sku,
        aligned=not _shared(sku),
        wanted=wanted,
        weight=np.array([line.weight_g for line in demand.lines], np.int64),
        whole=_whole(wanted, sku, stock),
        alone=np.array([line.ship_alone for line in demand.lines], np.bool_),
        rates=price_list(tuple(rows)),
        menu=np.array(by_place, np.int64),
        pack=np.array([sight.candidate.pack_cost for sight in serving], np.int64),
        pick=np.array([sight.candidate.pick_cost for sight in serving], np.int64),
    )


def _there(quantity: Ints, sku: Ints, stock: Ints) -> Ints:
    """Of each line the units that there are, all places together; earlier lines come first."""
    left = stock.sum(axis=0)
    wanted: Ints = np.minimum(quantity, left[sku])
    for one in _shared(sku):
        rest = int(left[one])
        for line in np.flatnonzero(sku == one):
            wanted[line] = min(int(quantity[line]), rest)
            rest -= int(wanted[line])
    return wanted


def _shared(sku: Ints) -> list[int]:
    """The SKUs that several lines ask for."""
    return np.flatnonzero(np.bincount(sku) > 1).tolist() if sku.size else []


def _whole(wanted: Ints, sku: Ints, stock: Ints) -> Bools:
    """Lines that need not be divided. Those that share a SKU are laid out largest first, each
    where it fits most tightly; what then fits nowhere may be divided.
    """
    whole: Bools = np.any(stock[:, sku] >= wanted, axis=0)
    for one in _shared(sku):
        left = stock[:, one].copy()
        for line in sorted(np.flatnonzero(sku == one), key=lambda each: -wanted[each]):
            fits = np.flatnonzero(left >= wanted[line])
            whole[line] = fits.size > 0
            if fits.size:
                left[fits[left[fits].argmin()]] -= wanted[line]
    return whole


def offered(problem: Problem, stock: Ints, pool: Ints) -> Ints:
    """By place (row of `stock`) and line: what of `pool` each place alone could send.

    Lines of one SKU share its units, earlier ones first.
    """
    have = stock[:, problem.sku]
    given: Ints = _served(problem.whole, pool, have)
    for one in [] if problem.aligned else _shared(problem.sku):
        left = stock[:, one].copy()
        for line in np.flatnonzero(problem.sku == one):
            given[:, line] = _served(problem.whole[line], pool[line], left)
            left -= given[:, line]
    return given


def _served(whole: Bools, pool: Ints, have: Ints) -> Ints:
    return np.where(have >= pool, pool, np.where(whole, 0, np.minimum(have, pool)))
