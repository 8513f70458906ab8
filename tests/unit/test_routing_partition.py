"""The lattice of states behind the exact method, and the cheapest sums over it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from baton.routing.partition import lattice, least_sums, traced
from baton.routing.problem import NEVER


@pytest.mark.parametrize("sizes", [(2,), (2, 2, 2), (3, 2), (2, 3), (5,), (3, 2, 4)])
def test_every_part_with_some_of_the_first_piece_is_listed_once(sizes: tuple[int, ...]) -> None:
    grid = lattice(sizes)
    states = [tuple(reversed(each)) for each in product(*(range(size) for size in sizes[::-1]))]
    assert [tuple(column) for column in grid.levels.T] == states
    for number, state in enumerate(states[1:], start=1):
        first = next(piece for piece, level in enumerate(state) if level)
        pairs = grid.parts(number)
        assert sorted(grid.part[pairs].tolist()) == [
            other
            for other, part in enumerate(states)
            if part[first] and all(low <= high for low, high in zip(part, state, strict=True))
        ]
        assert (grid.part[pairs] + grid.rest[pairs] == number).all()


def test_sums_are_the_least_over_all_ways_to_divide() -> None:
    # 0 … 4 units of one line: one unit costs 5, two 6, three 20, four 21
    best = np.array([NEVER, 5, 6, 20, 21])
    grid = lattice((5,))
    sums = least_sums(best, grid, 4)
    assert sums[1][1:].tolist() == [5, 6, 20, 21]
    assert sums[2][1:].tolist() == [5, 6, 11, 12]
    assert len(sums) == 3  # a third parcel changes nothing
    assert sorted(traced(best, sums, grid, 3)) == [1, 2]
    assert traced(best, sums, grid, 4) == [2, 2]


def test_what_no_parcel_can_carry_is_never_reached() -> None:
    best = np.array([NEVER, 5, NEVER, NEVER])
    sums = least_sums(best, lattice((2, 2)), 3)
    assert [each[3] for each in sums] == [NEVER] * len(sums)
