"""Orders too large for the exact method: a good plan, and how far from the best it can be.

Places are taken one after the other, each with all it can send, until everything is sent; then
the plan is improved by letting some place take over what it can from one parcel, from two or from
all, or by moving one line, as long as that saves money. One place for everything is among the
first plans tried, so that it is found whenever it is the cheapest of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from baton.routing.problem import NEVER, Load, Problem, offered
from baton.routing.rates import Bools, Ints
from baton.routing.sample import sampled

MOST_PAIRED = 12
"""Parcels of which each two are tried as one."""


MOST_SEEDED = 20_000
"""Places × lines up to which more than two covers are worth their time."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A plan in the making: `units` is parcels × lines. Lines that ship alone lie in `apart`."""

    places: tuple[int, ...]
    units: Ints
    apart: tuple[Load, ...]
    costs: tuple[int, ...]  # by parcel
    cost: int

    @property
    def loads(self) -> tuple[Load, ...]:
        """The parcels, in order of place."""
        rows = zip(self.places, self.units, strict=True)
        loads = [Load(place, units) for place, units in rows if units.any()]
        return tuple(sorted([*loads, *self.apart], key=lambda load: load.place))

    @property
    def sent(self) -> int:
        return int(self.units.sum()) + sum(int(load.units.sum()) for load in self.apart)


def drafted(problem: Problem, places: list[int], units: list[Ints], apart: list[Load]) -> Draft:
    """A draft, with its cost."""
    rows = np.array(units, np.int64).reshape(len(places), len(problem.wanted))
    costs = tuple(_each(problem, np.array(places, np.int64), rows).tolist())
    return Draft(tuple(places), rows, tuple(apart), costs, sum(costs) + problem.cost(apart))


def redrafted(problem: Problem, loads: tuple[Load, ...]) -> Draft:
    """A plan found elsewhere as a draft."""
    apart = [load for load in loads if problem.alone[load.units > 0].any()]
    rest = [load for load in loads if not problem.alone[load.units > 0].any()]
    return drafted(problem, [load.place for load in rest], [load.units for load in rest], apart)


# ------------------------------------------------------------------ a first plan


def covered(problem: Problem) -> Draft:
    """The best of some covers, improved: from nothing, by most units first and by least cost per
    unit, and from the parcels of a few lines that were divided exactly.
    """
    apart = _apart(problem)
    nothing = drafted(problem, [], [], apart)
    drafts = [_filled(problem, nothing, _by_units), _filled(problem, nothing, _by_cost)]
    if problem.stock.shape[0] * len(problem.wanted) <= MOST_SEEDED:
        for _, divided in sampled(problem):
            loads = divided.plan()
            if len(loads) + len(apart) <= problem.limit:
                seed = drafted(
                    problem, [load.place for load in loads], [load.units for load in loads], apart
                )
                drafts.append(_filled(problem, seed, _by_cost))
    return min(drafts, key=lambda draft: (-draft.sent, draft.cost))


Ranking = Callable[[Ints, Ints], int]


def _by_units(units: Ints, cost: Ints) -> int:
    most = np.flatnonzero(units == units.max())
    return int(most[cost[most].argmin()])


def _by_cost(units: Ints, cost: Ints) -> int:
    some = np.flatnonzero(units)
    return int(some[(cost[some] / units[some]).argmin()])


def _filled(problem: Problem, draft: Draft, ranking: Ranking) -> Draft:
    """A draft that sends what it can; a parcel saved by improving it is used for more."""
    while True:
        fuller = improved(problem, _extended(problem, _topped(problem, draft), ranking))
        if fuller.sent == draft.sent:
            return fuller
        draft = fuller


def _topped(problem: Problem, draft: Draft) -> Draft:
    """The draft with all in its parcels that their places have of the rest."""
    units, stock = draft.units.copy(), free(problem, draft, ())
    left = np.where(problem.alone, 0, problem.wanted) - units.sum(axis=0)
    for parcel, place in enumerate(draft.places):
        given = offered(problem, stock[[place]], left)[0]
        units[parcel] += given
        left = left - given
        stock[place] -= problem.taken(given)
    return drafted(problem, list(draft.places), list(units), list(draft.apart))


def _apart(problem: Problem) -> list[Load]:
    """A parcel for each line that ships alone (or more, if it is divided), each the cheapest."""
    loads: list[Load] = []
    stock = problem.stock.copy()
    for line in np.flatnonzero(problem.alone):
        pool = np.zeros_like(problem.wanted)
        pool[line] = problem.wanted[line]
        while pool.any() and len(loads) < problem.limit:
            load = _next(problem, stock, pool, _by_units)
            if load is None:
                break
            loads.append(load)
            pool -= load.units
            stock[load.place] -= problem.taken(load.units)
    return loads


def _extended(problem: Problem, draft: Draft, ranking: Ranking) -> Draft:
    """The draft and more parcels, until all is sent or no parcel is left."""
    places, units = list(draft.places), list(draft.units)
    stock = free(problem, draft, ())
    left = np.where(problem.alone, 0, problem.wanted) - draft.units.sum(axis=0)
    while left.any() and len(places) + len(draft.apart) < problem.limit:
        load = _next(problem, stock, left, ranking)
        if load is None:
            break
        places.append(load.place)
        units.append(load.units)
        left = left - load.units
        stock[load.place] -= problem.taken(load.units)
    return drafted(problem, places, units, list(draft.apart))


def _next(problem: Problem, stock: Ints, pool: Ints, ranking: Ranking) -> Load | None:
    """The parcel to take next, with all that its place can send."""
    given = offered(problem, stock, pool)
    units = given.sum(axis=1)
    if not units.any():
        return None
    places = np.arange(len(stock))
    cost = problem.costs(places, given @ problem.weight, np.count_nonzero(given, axis=1))
    place = ranking(units, cost)
    return Load(place, given[place])


def free(problem: Problem, draft: Draft, but: tuple[int, ...]) -> Ints:
    """Units left by place and SKU; the parcels numbered in `but` are counted as not packed."""
    stock = problem.stock.copy()
    for load in draft.apart:
        stock[load.place] -= problem.taken(load.units)
    for parcel, place in enumerate(draft.places):
        if parcel not in but:
            stock[place] -= problem.taken(draft.units[parcel])
    return stock


# ------------------------------------------------------------------ improvement


@dataclass(frozen=True, slots=True, eq=False)
class Takeover:
    """What the plan would be if a place took over all it can from the parcels of a group.

    By place: `costs` of that plan, NEVER where nothing would move, and what would be `given` of
    the group's `lines`.
    """

    group: tuple[int, ...]
    lines: Ints
    costs: Ints
    given: Ints


def takeovers(problem: Problem, draft: Draft) -> Iterator[Takeover]:
    """Every takeover from one parcel, from two (unless there are very many), and from all."""
    parcels = range(len(draft.places))
    groups: list[tuple[int, ...]] = [(each,) for each in parcels]
    if len(parcels) <= MOST_PAIRED:
        groups += combinations(parcels, 2)
    if len(parcels) > 2:
        groups.append(tuple(parcels))
    for group in groups:
        yield _takeover(problem, draft, group)


def _takeover(problem: Problem, draft: Draft, group: tuple[int, ...]) -> Takeover:
    places = np.arange(len(problem.stock))
    lines = np.flatnonzero(draft.units[list(group)].any(axis=0))
    few, units = problem.only(lines), draft.units[:, lines]
    given = offered(few, free(problem, draft, group), units[list(group)].sum(axis=0))
    # what each place's own parcel would hold, and what that costs now
    after, joins = given.copy(), np.zeros(len(places), np.bool_)
    weight, count, today = np.zeros((3, len(places)), np.int64)
    for parcel, place in enumerate(draft.places):
        if parcel not in group and not joins[place]:
            others = draft.units[parcel].copy()
            others[lines] = 0
            weight[place], count[place] = others @ problem.weight, np.count_nonzero(others)
            today[place], joins[place] = draft.costs[parcel], True
            after[place] += units[parcel]
    weight, count = weight + after @ few.weight, count + np.count_nonzero(after, axis=1)
    costs = draft.cost - today + problem.costs(places, weight, count)

    moved, rest = given.sum(axis=1), given.copy()
    number = np.full(len(places), len(draft.places) + len(draft.apart) - len(group)) + ~joins
    stranded = np.zeros(len(places), np.bool_)
    for parcel in group:
        place = draft.places[parcel]
        taken = np.minimum(rest, units[parcel])
        left, rest = units[parcel] - taken, rest - taken
        costs += _each(few, np.full(len(places), place), left) - draft.costs[parcel]
        number += left.any(axis=1)
        moved[place] -= units[parcel].sum()
        stranded[place] |= left[place].any()
    # a place that keeps a parcel of the group beside the new one would promise its stock twice
    useless = (moved <= 0) | (number > problem.limit) | stranded
    return Takeover(group, lines, np.where(useless, NEVER, costs), given)


def _each(problem: Problem, places: Ints, units: Ints) -> Ints:
    """What parcels of these units (rows) cost."""
    return problem.costs(places, units @ problem.weight, np.count_nonzero(units, axis=1))


def taken_over(problem: Problem, draft: Draft, takeover: Takeover, place: int) -> Draft:
    """The draft after a takeover."""
    given = np.zeros_like(problem.wanted)
    given[takeover.lines] = takeover.given[place]
    units, rest = np.vstack([draft.units, np.zeros_like(given)]), given.copy()
    for parcel in takeover.group:
        taken = np.minimum(rest, units[parcel])
        units[parcel] -= taken
        rest -= taken
    places = (*draft.places, place)
    own = [each for each in range(len(places)) if places[each] == place]
    units[next(each for each in own if each not in takeover.group)] += given
    return _packed(problem, replace(draft, places=places), units)


def improved(problem: Problem, draft: Draft) -> Draft:
    """The draft after takeovers and moves, the best first, until none saves money."""
    while True:
        better = _best_takeover(problem, draft) or _moved(problem, draft)
        if better is None or better.cost >= draft.cost:
            return draft
        draft = better


def _best_takeover(problem: Problem, draft: Draft) -> Draft | None:
    best = min(takeovers(problem, draft), key=lambda each: int(each.costs.min()), default=None)
    if best is None or best.costs.min() >= draft.cost:
        return None
    return taken_over(problem, draft, best, int(best.costs.argmin()))


def _moved(problem: Problem, draft: Draft) -> Draft | None:
    """The draft after all moves of one line that save money, the best first."""
    before = draft
    while (move := _best_move(problem, draft)) is not None:
        line, source, target = move
        units = draft.units.copy()
        units[target, line] += units[source, line]
        units[source, line] = 0
        draft = _packed(problem, draft, units)
    return draft if draft is not before else None


def _packed(problem: Problem, draft: Draft, units: Ints) -> Draft:
    kept = np.flatnonzero(units.any(axis=1))
    return drafted(
        problem, [draft.places[each] for each in kept], list(units[kept]), list(draft.apart)
    )


def _best_move(problem: Problem, draft: Draft) -> tuple[int, int, int] | None:
    """The line, and from which parcel to which, whose move saves most, if any does."""
    stock, below, found = free(problem, draft, ()), draft.cost, None
    parcels = range(len(draft.places))
    for source, target in ((one, other) for one in parcels for other in parcels if one != other):
        units, there = draft.units[source], draft.units[target]
        lines = np.flatnonzero((units > 0) & (stock[draft.places[target]][problem.sku] >= units))
        if not lines.size:
            continue
        weights = units[lines] * problem.weight[lines]
        less = _spread(
            problem,
            draft.places[source],
            units @ problem.weight - weights,
            np.full(len(lines), np.count_nonzero(units) - 1),
        )
        more = _spread(
            problem,
            draft.places[target],
            there @ problem.weight + weights,
            np.count_nonzero(there) + (there[lines] == 0),
        )
        today = draft.costs[source] + draft.costs[target]
        costs = draft.cost - today + less + more
        if costs.min() < below:
            below, found = int(costs.min()), (int(lines[costs.argmin()]), source, target)
    return found


def _spread(problem: Problem, place: int, weights: Ints, lines: Ints) -> Ints:
    return problem.costs(np.full(len(weights), place), weights, lines)


def relocated(problem: Problem, draft: Draft, apart: int) -> Ints:
    """By place: what the plan costs if the parcel numbered `apart` came from there; NEVER where
    stock is short, or where it comes from today.
    """
    load, places = draft.apart[apart], np.arange(len(problem.stock))
    able: Bools = np.all(free(problem, draft, ()) >= problem.taken(load.units), axis=1)
    able[load.place] = False
    costs = _each(problem, places, np.tile(load.units, (len(places), 1)))
    return np.where(able, draft.cost - problem.cost([load]) + costs, NEVER)
