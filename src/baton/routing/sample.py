"""A few lines of a large order, divided exactly as if there were no others.

What that costs is a bound for the whole order, and its parcels are a good beginning for it.
"""

from __future__ import annotations

import numpy as np

from baton.routing.partition import Partition, cut, partitioned, tabled
from baton.routing.problem import NEVER, Problem
from baton.routing.rates import Bools, Ints

SIZE = 8
"""Lines in a sample: 256 states."""


def sampled(problem: Problem) -> list[tuple[Bools, Partition]]:
    """The lines that fewest places have, and the heaviest: which they are, and their division.

    Lines that may be divided, ship alone or share a SKU are in neither.
    """
    own = np.bincount(problem.sku)[problem.sku] == 1
    lines = np.flatnonzero((problem.wanted > 0) & problem.whole & own & ~problem.alone)
    if not lines.size:
        return []
    holders = (problem.stock[:, problem.sku[lines]] >= problem.wanted[lines]).sum(axis=0)
    weight = (problem.wanted * problem.weight)[lines]
    rarest = lines[np.lexsort((-weight, holders))]
    heaviest = lines[np.argsort(-weight, kind="stable")]
    found = [_divided(problem, sample[:SIZE]) for sample in (rarest, heaviest)]
    return [(sample, divided) for sample, divided in found if divided.cost < NEVER]


def _divided(problem: Problem, lines: Ints) -> tuple[Bools, Partition]:
    sample = np.zeros(len(problem.wanted), np.bool_)
    sample[lines] = True
    pieces = cut(problem, [(line,) for line in sorted(lines.tolist())])
    sending = problem.sending(np.where(sample, problem.wanted, 0))
    return sample, partitioned(tabled(sending, pieces))
