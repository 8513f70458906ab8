"""The exact method: the cheapest way to divide an order into parcels, for any price of a parcel.

The pieces of an order are its lines; a line that must be divided has as many levels as units. A
state says how much of each piece is meant, so that with n whole lines there are 2^n states.
First the cheapest place for each state as one parcel, then the cheapest sum of at most k of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from baton.routing.problem import NEVER, Load, Problem
from baton.routing.rates import Bools, Ints

MOST_PAIRS = 3**12
"""Pairs of a state and a part of it that are worth enumerating: those of 12 whole lines."""
MOST_ENTRIES = 1 << 22
"""Entries of a table of places × states that are worth their memory (32 MB)."""


# ------------------------------------------------------------------ pieces and states


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What is moved as one: `lines[i]` are the lines of piece i, `sizes[i]` its levels + 1.

    A piece of several levels is one line that may be divided, a level being a unit.
    """

    lines: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]
    step: Ints  # pieces × lines: units of each line in one level of a piece

    @property
    def pairs(self) -> int:
        """How many pairs of a state and a part of it there are."""
        pairs = 1
        for size in self.sizes:
            pairs *= size * (size + 1) // 2
        return pairs

    @property
    def states(self) -> int:
        states = 1
        for size in self.sizes:
            states *= size
        return states


def cut(problem: Problem, groups: list[tuple[int, ...]]) -> Pieces:
    """The pieces of an order: each group of whole lines is one, a divided line stands alone."""
    step = np.zeros((len(groups), len(problem.wanted)), np.int64)
    for piece, lines in enumerate(groups):
        for line in lines:
            step[piece, line] = problem.wanted[line] if problem.whole[line] else 1
    sizes = [
        2 if problem.whole[lines[0]] else int(problem.wanted[lines[0]]) + 1 for lines in groups
    ]
    return Pieces(tuple(groups), tuple(sizes), step)


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """All states, and for each the parts of it that hold some of its first piece.

    `levels` is pieces × states. `part` and `rest` list the pairs, by state; those of state x > 0
    begin at `start[x − 1]`. A state less a part of it is the difference of their numbers.
    """

    levels: Ints
    part: npt.NDArray[np.intp]
    rest: npt.NDArray[np.intp]
    start: npt.NDArray[np.intp]

    def parts(self, state: int) -> slice:
        """Where the pairs of a state stand."""
        last = self.start[state] if state < len(self.start) else len(self.part)
        return slice(int(self.start[state - 1]), int(last))


@lru_cache(maxsize=32)
def lattice(sizes: tuple[int, ...]) -> Lattice:
    """The lattice of pieces with so many levels + 1 each."""
    state, part = np.zeros(1, np.int64), np.zeros(1, np.int64)
    levels, stride = np.zeros((0, 1), np.int64), 1
    for size in sizes:
        whole, taken = np.tril_indices(size)
        empty = state == 0
        # the first piece that a state has any of must be in its part
        kept = ~empty[:, None] | (whole == 0) | (taken > 0)
        state = (state[:, None] + whole * stride)[kept]
        part = (part[:, None] + taken * stride)[kept]
        levels = np.vstack([np.tile(levels, size), np.repeat(np.arange(size), stride)])
        stride *= size
    order = np.argsort(state, kind="stable")[1:]
    state, part = state[order], part[order]
    start = np.searchsorted(state, np.arange(1, stride))
    return Lattice(levels, part.astype(np.intp), (state - part).astype(np.intp), start)


# ------------------------------------------------------------------ the price of a parcel


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What each place would take for each state as one parcel, NEVER if it can't send it.

    There can be `limit` parcels. `stocked` says what a place has, whether or not that may share a
    parcel. `crowded` are the places that could promise the same units to two parcels.
    """

    pieces: Pieces
    lattice: Lattice
    limit: int
    costs: Ints  # places × states
    stocked: Bools  # places × states
    crowded: npt.NDArray[np.intp]

    def loads(self, parcels: Iterable[tuple[int, int]]) -> tuple[Load, ...]:
        """Parcels given by place and state, as units of lines, in order of place."""
        levels, step = self.lattice.levels, self.pieces.step
        return tuple(Load(place, levels[:, state] @ step) for place, state in sorted(parcels))


def tabled(problem: Problem, pieces: Pieces) -> Table:
    """The prices of all parcels that there can be."""
    grid = lattice(pieces.sizes)
    some = grid.levels > 0
    picks = np.array([len(lines) for lines in pieces.lines]) @ some
    weights = (pieces.step @ problem.weight) @ grid.levels
    costs = problem.rates.table(weights)[problem.menu]
    costs += problem.pick[:, None] * picks
    costs += problem.pack[:, None]
    contended = _contended(problem, pieces)
    stocked = _stocked(problem, pieces, grid, contended)
    np.copyto(costs, NEVER, where=~stocked)
    lonely = [piece for piece, lines in enumerate(pieces.lines) if problem.alone[lines[0]]]
    for piece in lonely:
        costs[:, some[piece] & (picks > 1)] = NEVER
    costs[:, 0] = NEVER
    limit = min(problem.limit, sum(pieces.sizes) - len(pieces.sizes))
    return Table(pieces, grid, limit, costs, stocked, _crowded(problem, pieces, contended))


def _contended(problem: Problem, pieces: Pieces) -> list[int]:
    """SKUs that stand in several pieces or in one that may be divided."""
    if max(pieces.sizes) == 2 and problem.aligned:
        return []
    needed = problem.taken(pieces.step)
    many = np.count_nonzero(needed, axis=0) > 1
    for piece, size in enumerate(pieces.sizes):
        if size > 2:
            many |= needed[piece] > 0
    return [int(sku) for sku in np.flatnonzero(many)]


def _stocked(problem: Problem, pieces: Pieces, grid: Lattice, contended: list[int]) -> Bools:
    """Places × states: the place has all units of the state."""
    needed = problem.taken(pieces.step)
    lacking: Bools = np.any(problem.stock[:, None, :] < needed, axis=2)
    if not contended:
        # every piece has two levels and SKUs of its own: one bit each
        bits = lacking @ (1 << np.arange(len(pieces.sizes), dtype=np.int32))
        fits: Bools = (bits[:, None] & np.arange(pieces.states, dtype=np.int32)) == 0
        return fits
    stocked = np.ones((len(problem.stock), pieces.states), np.bool_)
    for piece in range(len(pieces.sizes)):
        stocked &= ~(lacking[:, piece, None] & (grid.levels[piece] > 0))
    for sku in contended:
        stocked &= needed[:, sku] @ grid.levels <= problem.stock[:, sku, None]
    return stocked


def _crowded(problem: Problem, pieces: Pieces, contended: list[int]) -> npt.NDArray[np.intp]:
    if not contended:
        return np.array([], np.intp)
    total = problem.taken(pieces.step * (np.array(pieces.sizes) - 1)[:, None]).sum(axis=0)
    stock = problem.stock[:, contended]
    crowded = (stock > 0) & (stock < total[contended])
    return np.flatnonzero(crowded.any(axis=1))


# ------------------------------------------------------------------ the cheapest sum of parcels


def least_sums(best: Ints, grid: Lattice, most: int) -> list[Ints]:
    """By number of parcels allowed, 0 to `most`: the least cost of each state.

    `best` is the least cost of each state as one parcel. The list ends early where one parcel
    more changes nothing.
    """
    nothing = np.full(len(best), NEVER)
    nothing[0] = 0
    sums = [nothing]
    while len(sums) <= most:
        last = sums[-1]
        new = last.copy()
        if len(sums) == 1:
            new[1:] = best[1:]
        elif len(best) > 1:
            found = np.minimum.reduceat(best[grid.part] + last[grid.rest], grid.start)
            np.minimum(last[1:], found, out=new[1:])
        if np.array_equal(new, last):
            break
        sums.append(new)
    return sums


def traced(best: Ints, sums: list[Ints], grid: Lattice, state: int) -> list[int]:
    """The parcels (states) behind the least cost of a state, as few as cost that little."""
    parcels, most = [], len(sums) - 1
    while state:
        while sums[most - 1][state] == sums[most][state]:
            most -= 1
        part = state
        if most > 1:
            pairs = grid.parts(state)
            cost = best[grid.part[pairs]] + sums[most - 1][grid.rest[pairs]]
            part = int(grid.part[pairs][cost.argmin()])
        parcels.append(part)
        state, most = state - part, most - 1
    return parcels


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """The least costs of a table, within so many parcels.

    `rest[x]` is what all but state x costs in one parcel less than are allowed.
    """

    table: Table
    best: Ints
    sums: list[Ints]
    rest: Ints
    cost: int

    def totals(self) -> Ints:
        """Places × states: the cheapest plan of which one parcel is this state from this place."""
        return self.table.costs + self.rest

    def plan(self) -> tuple[Load, ...]:
        """The cheapest plan; of several the one with fewest parcels."""
        full = len(self.best) - 1
        if self.sums[-1][full] == self.cost:
            return self._loads(self._traced(full))
        last = int((self.best + self.rest).argmin())
        return self._loads([self._cheapest(last), *self._traced(full - last)])

    def plan_with(self, place: int, state: int) -> tuple[Load, ...]:
        """The cheapest plan of which one parcel is this state from this place."""
        return self._loads([(place, state), *self._traced(len(self.best) - 1 - state)])

    def _traced(self, state: int) -> list[tuple[int, int]]:
        parcels = traced(self.best, self.sums, self.table.lattice, state)
        return [self._cheapest(parcel) for parcel in parcels]

    def _cheapest(self, state: int) -> tuple[int, int]:
        return int(self.table.costs[:, state].argmin()), state

    def _loads(self, parcels: list[tuple[int, int]]) -> tuple[Load, ...]:
        return self.table.loads(parcels)


def partitioned(table: Table) -> Partition:
    """The cheapest plan within the limit, if no two parcels compete for units at a place."""
    best: Ints = table.costs.min(axis=0)
    sums = least_sums(best, table.lattice, table.limit - 1)
    rest = sums[-1][::-1]  # all but x: in mixed radix the complement of x is the last state less x
    cost = min(int((best + rest).min()), int(sums[-1][-1]))
    return Partition(table, best, sums, rest, min(cost, NEVER))


def most_sent(sums: Ints, units: Ints) -> int:
    """The reachable state with most units; among those the cheapest, then the first."""
    reachable = np.flatnonzero(sums < NEVER)
    most = reachable[units[reachable] == units[reachable].max()]
    return int(most[sums[most].argmin()])
