"""The exact method where lines compete for the same units at a place.

Two parcels from one place may each be in stock and both together not. So the places at which
that can happen are taken one after the other, each at most once and with all that it sends; all
other places are one more in the row, for there the partition of the order alone is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baton.routing.partition import Table, least_sums, most_sent, traced
from baton.routing.problem import NEVER, Load
from baton.routing.rates import Ints

MOST_WORK = 10_000_000
"""Entries that may be written before the exact method is given up: some tens of milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One crowded place, or all others together: the least cost of each state from there.

    `best` is for one parcel, `sums` for up to so many, `allowed` what stock lets out in all.
    """

    place: int | None
    best: Ints
    sums: list[Ints]

    @property
    def states(self) -> npt.NDArray[np.intp]:
        """What it can send at all."""
        return np.flatnonzero(self.sums[-1] < NEVER)[1:]


def sources(table: Table, bounds: Ints, known: int) -> list[Source]:
    """The crowded places that may be worth using, and all others as one.

    `bounds` says what a plan with each place costs at least, `known` what some plan costs.
    """
    crowded = [int(place) for place in table.crowded if bounds[place] <= known]
    roomy = np.delete(np.arange(len(table.costs)), table.crowded)
    found = [_source(table, place) for place in crowded]
    if roomy.size:
        best: Ints = table.costs[roomy].min(axis=0)
        found.append(Source(None, best, least_sums(best, table.lattice, table.limit)))
    return [source for source in found if source.states.size]


def _source(table: Table, place: int) -> Source:
    best = table.costs[place]
    sums = least_sums(best, table.lattice, table.limit)
    return Source(place, best, [np.where(table.stocked[place], each, NEVER) for each in sums])


def work(table: Table, found: list[Source]) -> int:
    """How many entries `settled` will write."""
    return sum(len(source.states) for source in found) * table.pieces.states * table.limit


def settled(table: Table, found: list[Source], units: Ints) -> tuple[tuple[Load, ...], int]:
    """The plan that sends most units, the cheapest of those, and the state that it sends."""
    start = np.full((table.limit + 1, table.pieces.states), NEVER)
    start[:, 0] = 0
    steps = [start]
    for source in found:
        steps.append(_joined(table, steps[-1], source))
    goal = most_sent(steps[-1][-1], units)
    return table.loads(_retraced(table, found, steps, goal)), goal


def _retraced(
    table: Table, found: list[Source], steps: list[Ints], state: int
) -> list[tuple[int, int]]:
    """Place and state of each parcel behind the least cost of a state."""
    parcels, most = [], len(steps[0]) - 1
    for number in range(len(found) - 1, -1, -1):
        source, before, cost = found[number], steps[number], int(steps[number + 1][most][state])
        if before[most][state] > cost:
            sent, used = _share(table, source, before, state, most, cost)
            for parcel in traced(source.best, source.sums[: used + 1], table.lattice, sent):
                parcels.append((_place(table, source, parcel), parcel))
            state, most = state - sent, most - used
    return parcels


def _place(table: Table, source: Source, parcel: int) -> int:
    """Where a parcel of a source comes from."""
    if source.place is not None:
        return source.place
    costs = table.costs[:, parcel].copy()
    costs[table.crowded] = NEVER
    return int(costs.argmin())


def _joined(table: Table, before: Ints, source: Source) -> Ints:
    """Least costs by parcels allowed and state once this source may send its share too."""
    shape = table.pieces.sizes[::-1]
    after = before.copy()
    old, new = before.reshape(-1, *shape), after.reshape(-1, *shape)
    for state in source.states:
        level = table.lattice.levels[::-1, state]
        upper = tuple(slice(each, None) for each in level)
        lower = tuple(slice(0, size - each) for size, each in zip(shape, level, strict=True))
        for number in range(1, len(source.sums)):
            cost = source.sums[number][state]
            if cost < source.sums[number - 1][state]:
                part = new[(slice(number, None), *upper)]
                np.minimum(part, old[(slice(0, len(old) - number), *lower)] + cost, out=part)
    return np.minimum(after, NEVER)


def _share(
    table: Table, source: Source, before: Ints, state: int, most: int, cost: int
) -> tuple[int, int]:
    """What the source sends, and in how many parcels, for a state to cost that."""
    levels = table.lattice.levels
    parts = source.states[(levels[:, source.states] <= levels[:, state, None]).all(axis=0)]
    for number in range(1, min(most, len(source.sums) - 1) + 1):
        total = source.sums[number][parts] + before[most - number][state - parts]
        if total.min(initial=NEVER) == cost:
            return int(parts[total.argmin()]), number
    raise AssertionError("a cost without a plan behind it")
