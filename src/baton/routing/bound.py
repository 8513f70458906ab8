"""How far from the best a plan can be at most: costs below which no plan can come."""

from __future__ import annotations

import numpy as np

from baton.routing.problem import NEVER, Problem
from baton.routing.rates import Ints, least_freight, least_price, rising
from baton.routing.sample import sampled


def least_possible(problem: Problem) -> int:
    """No plan that sends all that is wanted costs less than this.

    Either one parcel carries everything, which is reckoned for every place, or there are several.
    """
    several = max([_by_weight(problem), *_by_samples(problem)])
    if problem.limit == 1:
        return _in_one(problem)
    some = problem.wanted > 0
    if problem.alone[some].any() and np.count_nonzero(some) > 1:
        return several
    return min(_in_one(problem), several)


def _in_one(problem: Problem) -> int:
    """What everything in one parcel costs where that is cheapest."""
    able = np.flatnonzero(np.all(problem.stock >= problem.taken(problem.wanted), axis=1))
    lines = np.full(len(able), np.count_nonzero(problem.wanted))
    weights = np.full(len(able), problem.wanted @ problem.weight)
    return int(problem.costs(able, weights, lines).min(initial=NEVER))


def _by_weight(problem: Problem) -> int:
    """Two parcels (or one for each line that ships alone) are packed, each line is picked where
    that is cheapest, and the whole weight travels at the best price per gram.
    """
    some = problem.wanted > 0
    apart = int(np.count_nonzero(problem.alone & some))
    parcels = max(2, apart + bool((some & ~problem.alone).any()))
    weight = int(problem.wanted @ problem.weight)
    menus = problem.rates.menus
    freight = max(parcels * least_price(menus), least_freight(menus, weight))
    return int(_picks(problem)[some].sum()) + parcels * int(problem.pack.min()) + freight


def _picks(problem: Problem) -> Ints:
    """By line: what picking it costs where that is cheapest of the places that have any."""
    have = problem.stock[:, problem.sku] > 0
    picks: Ints = np.where(have, problem.pick[:, None], NEVER).min(axis=0)
    return picks


def _by_samples(problem: Problem) -> list[int]:
    """A few lines divided exactly, and the others picked.

    Leaving out a line makes no plan dearer as long as no price falls with the weight.
    """
    if not rising(problem.rates.menus):
        return []
    picks = _picks(problem)
    return [
        divided.cost + int(picks[(problem.wanted > 0) & ~sample].sum())
        for sample, divided in sampled(problem)
    ]
