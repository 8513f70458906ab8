"""Which method an order gets, and what it says: the plan, the next best, each place's best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baton.routing.bound import least_possible
from baton.routing.contention import MOST_WORK, settled, sources, work
from baton.routing.cover import (
    Draft,
    covered,
    improved,
    redrafted,
    relocated,
    taken_over,
    takeovers,
)
from baton.routing.model import Proof
from baton.routing.partition import (
    MOST_ENTRIES,
    MOST_PAIRS,
    Partition,
    Pieces,
    Table,
    cut,
    least_sums,
    most_sent,
    partitioned,
    tabled,
)
from baton.routing.problem import NEVER, Load, Problem
from baton.routing.rates import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The parcels that were chosen, and what the explanation needs.

    `exact`: nothing sends more units, and nothing that sends as many is cheaper. `uses` is the
    cost of the best plan with each place, NEVER if there is none, as sure as `proofs` says.
    `second` is the cheapest other plan.
    """

    loads: tuple[Load, ...]
    cost: int
    exact: bool
    lower_bound: int
    uses: Ints
    proofs: tuple[Proof, ...]
    second: tuple[Load, ...] | None
    second_proof: Proof


def solved(problem: Problem) -> Solution:
    """The cheapest plan that sends as much as can be sent: proven where the order is small
    enough for it, else the best found and a bound.
    """
    if not problem.wanted.any():
        return _nothing(problem)
    pieces = cut(problem, _lines(problem))
    if _small(problem, pieces):
        return _exactly(problem, pieces)
    return _roughly(problem, _merged(problem), 0)


def _nothing(problem: Problem) -> Solution:
    uses = np.full(len(problem.stock), NEVER)
    proofs = (Proof.EXACT,) * len(uses)
    return Solution((), 0, True, 0, uses, proofs, None, Proof.EXACT)


def _lines(problem: Problem) -> list[tuple[int, ...]]:
    """Each line with something to send, as a piece of its own."""
    return [(line,) for line in np.flatnonzero(problem.wanted).tolist()]


def _small(problem: Problem, pieces: Pieces) -> bool:
    entries = pieces.states * len(problem.stock)
    return pieces.pairs <= MOST_PAIRS and entries <= MOST_ENTRIES


# ------------------------------------------------------------------ exact


def _exactly(problem: Problem, pieces: Pieces) -> Solution:
    table = tabled(problem, pieces)
    partition = partitioned(table)
    if not table.crowded.size:
        if partition.cost < NEVER:
            return _proven(partition)
        return _exactly(*_narrowed(problem, table, _most_of(table)))
    if partition.cost < NEVER and problem.holds(partition.plan()):
        return _around(problem, partition, partition.plan())
    return _contending(problem, partition)


def _narrowed(problem: Problem, table: Table, goal: int) -> tuple[Problem, Pieces]:
    """The problem of sending only the units of one state."""
    sending = problem.sending(table.lattice.levels[:, goal] @ table.pieces.step)
    return sending, cut(sending, _lines(sending))


def _most_of(table: Table) -> int:
    best = table.costs.min(axis=0)
    return most_sent(least_sums(best, table.lattice, table.limit)[-1], _units(table))


def _units(table: Table) -> Ints:
    """Units of each state."""
    units: Ints = table.pieces.step.sum(axis=1) @ table.lattice.levels
    return units


def _proven(partition: Partition) -> Solution:
    """The solution where no two parcels can compete for units: all of it is exact."""
    loads = partition.plan()
    totals = partition.totals()
    uses = totals.min(axis=1)
    second = _second(partition, totals, loads)
    return Solution(
        loads=loads,
        cost=partition.cost,
        exact=True,
        lower_bound=partition.cost,
        uses=np.minimum(uses, NEVER),
        proofs=(Proof.EXACT,) * len(uses),
        second=second,
        second_proof=Proof.EXACT,
    )


def _second(partition: Partition, totals: Ints, loads: Sequence[Load]) -> tuple[Load, ...] | None:
    """The cheapest plan that sends some unit from another place than these loads do; it strikes
    out the others in `totals`.

    Such a plan has a parcel in which a place sends more of some piece than it did. (A piece of
    several levels can be spread over several parcels of one place; only there a cheaper one
    may be missed.)
    """
    table = partition.table
    units = table.pieces.step.T @ table.lattice.levels
    for place in {load.place for load in loads}:
        sent = np.sum([load.units for load in loads if load.place == place], axis=0)
        same = np.all(units <= sent[:, None], axis=0)
        totals[place, same] = NEVER
    place, state = divmod(int(totals.argmin()), totals.shape[1])
    return partition.plan_with(place, state) if totals[place, state] < NEVER else None


# ------------------------------------------------------------------ exact, with contention


def _contending(problem: Problem, partition: Partition) -> Solution:
    """The solution where the plain partition would promise units twice."""
    table = partition.table
    bounds = partition.totals().min(axis=1)
    draft = covered(problem)
    complete = draft.sent == problem.wanted.sum()
    found = sources(table, bounds, draft.cost if complete else NEVER)
    if work(table, found) > MOST_WORK:
        bound = partition.cost if partition.cost < NEVER else 0
        return _roughly(problem, draft, bound)
    loads, goal = settled(table, found, _units(table))
    if goal < table.pieces.states - 1:
        problem, pieces = _narrowed(problem, table, goal)
        partition = partitioned(tabled(problem, pieces))
    return _around(problem, partition, loads)


def _around(problem: Problem, partition: Partition, loads: tuple[Load, ...]) -> Solution:
    """The solution around a plan that is known to be the cheapest.

    What the partition says of other plans is a lower bound, and exact if that plan is possible.
    """
    cost = problem.cost(loads)
    chosen = {load.place for load in loads}
    totals = partition.totals()
    states = totals.argmin(axis=1)
    uses = np.minimum(totals.min(axis=1), NEVER)
    proofs = []
    for place, state in enumerate(states.tolist()):
        possible = uses[place] >= NEVER or problem.holds(partition.plan_with(place, state))
        proofs.append(Proof.EXACT if possible or place in chosen else Proof.AT_LEAST)
    uses = np.maximum(uses, cost)
    uses[sorted(chosen)] = cost
    second, proof = _second(partition, totals, loads), Proof.EXACT
    if second is None or not problem.holds(second):
        second, proof = _neighbours(problem, redrafted(problem, loads))[1], Proof.FOUND
    elif max(partition.table.pieces.sizes) > 2:
        proof = Proof.FOUND
    return Solution(loads, cost, True, cost, uses, tuple(proofs), second, proof)


# ------------------------------------------------------------------ found


def _merged(problem: Problem) -> Draft:
    """A draft for a large order. Lines that the same places have are first tried as one piece:
    that is exact for the pieces, and often the best there is for the lines.
    """
    draft = covered(problem)
    pieces = cut(problem, _groups(problem))
    if not _small(problem, pieces):
        return draft
    partition = partitioned(tabled(problem, pieces))
    if partition.cost >= NEVER or not problem.holds(partition.plan()):
        return draft
    merged = improved(problem, redrafted(problem, partition.plan()))
    return min(draft, merged, key=lambda each: (-each.sent, each.cost))


def _groups(problem: Problem) -> list[tuple[int, ...]]:
    """Whole lines with SKUs of their own, by the places that have them; each other line alone."""
    common = np.bincount(problem.sku)[problem.sku] > 1
    apart = problem.alone | common | ~problem.whole
    have = problem.stock[:, problem.sku] >= problem.wanted
    groups: dict[object, list[int]] = {}
    for line in np.flatnonzero(problem.wanted).tolist():
        key = line if apart[line] else have[:, line].tobytes()
        groups.setdefault(key, []).append(line)
    return [tuple(lines) for lines in groups.values()]


def _roughly(problem: Problem, draft: Draft, bound: int) -> Solution:
    """The solution around a draft; `bound` is what sending everything costs at least, if known."""
    sent = sum((load.units for load in draft.loads), np.zeros_like(problem.wanted))
    complete = bool((sent == problem.wanted).all())
    lower = least_possible(problem.sending(sent)) if sent.any() else 0
    lower = min(max(lower, bound if complete else 0), draft.cost)
    uses, second = _neighbours(problem, draft)
    exact = complete and lower == draft.cost
    proofs = (Proof.FOUND,) * len(uses)
    return Solution(draft.loads, draft.cost, exact, lower, uses, proofs, second, Proof.FOUND)


def _neighbours(problem: Problem, draft: Draft) -> tuple[Ints, tuple[Load, ...] | None]:
    """The cost of the best plan one step away with each place, and the best of these plans."""
    uses, best, second = np.full(len(problem.stock), NEVER), NEVER, None
    for takeover in takeovers(problem, draft):
        uses = np.minimum(uses, takeover.costs)
        place = int(takeover.costs.argmin())
        if takeover.costs[place] < best:
            best = int(takeover.costs[place])
            second = taken_over(problem, draft, takeover, place).loads
    for number, load in enumerate(draft.apart):
        costs = relocated(problem, draft, number)
        uses = np.minimum(uses, costs)
        place = int(costs.argmin())
        if costs[place] < best:
            best = int(costs[place])
            others = [each for each in draft.loads if each is not load]
            second = tuple(sorted([*others, Load(place, load.units)], key=lambda each: each.place))
    for load in draft.loads:
        uses[load.place] = draft.cost
    return uses, second
