"""What one routing decision costs: CPU time by number of locations and lines.

    python -m bench.routing

Every figure is printed beside its ratio to a reference that runs in the same process, a product of
two 128 × 128 matrices of 64-bit integers (numpy does that on one thread), so that runs on busy or
different machines can be compared. Decisions include reading the candidates and the explanation
of each of them; the worlds are synthetic, made from a seed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median
from time import process_time_ns

import numpy as np

from baton.routing.model import (
    Candidate,
    Demand,
    DemandLine,
    Destination,
    Point,
    RateCard,
    Service,
    Zone,
)
from baton.routing.rules import plan

LOCATIONS = (10, 50, 200)
LINES = (1, 3, 5, 10)
ORDERS = 40
LARGE = ((10, 20), (10, 100), (10, 705), (50, 705), (200, 705))

BRACKETS = (500, 2000, 5000, 10000, 31500)
CARD = RateCard(
    "EUR",
    (
        Service(
            "parcel",
            "Parcel",
            BRACKETS,
            (
                Zone(100, 1, 1, (390, 490, 590, 790, 1290)),
                Zone(400, 1, 2, (420, 540, 680, 940, 1590)),
                Zone(None, 2, 3, (450, 620, 790, 1190, 1990)),
            ),
        ),
        Service(
            "express",
            "Express",
            BRACKETS,
            (
                Zone(400, 1, 1, (1190, 1390, 1690, 2190, 3490)),
                Zone(None, 1, 2, (1390, 1690, 2190, 2990, 4990)),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Order:
    demand: Demand
    candidates: list[Candidate]


def order(chance: Random, locations: int, lines: int) -> Order:
    """Two locations that have most of the order, and the others a third of it."""
    wanted = tuple(
        DemandLine(
            line_id=uuid.UUID(int=chance.getrandbits(128)),
            sku_id=uuid.UUID(int=chance.getrandbits(128)),
            quantity=chance.choice((1, 1, 1, 2, 3)),
            weight_g=chance.randint(50, 1500),
        )
        for _ in range(lines)
    )
    candidates = [
        Candidate(
            location_id=uuid.UUID(int=chance.getrandbits(128)),
            code=f"L{number:03}",
            name=f"Location {number}",
            kind="store",
            available={
                line.sku_id: chance.randint(1, 20)
                for line in wanted
                if chance.random() < (0.9 if number < 2 else 0.35)
            },
            point=Point(chance.uniform(47.5, 54.5), chance.uniform(6.5, 14.5)),
            pick_cost=chance.randint(20, 90),
            pack_cost=chance.randint(40, 180),
        )
        for number in range(locations)
    ]
    there = Point(chance.uniform(47.5, 54.5), chance.uniform(6.5, 14.5))
    return Order(Demand(wanted, Destination("DE", "10115", there)), candidates)


def microseconds(work: Callable[[], object]) -> float:
    started = process_time_ns()
    work()
    return (process_time_ns() - started) / 1000


def reference() -> float:
    """The reference, in µs of CPU time: the best of some runs."""
    matrix = np.arange(128 * 128, dtype=np.int64).reshape(128, 128)
    return min(microseconds(lambda: matrix @ matrix) for _ in range(20))


def decided(orders: list[Order]) -> list[float]:
    """CPU time of each decision in µs, the first time over (to fill caches) not counted."""
    plan(orders[0].demand, orders[0].candidates, CARD)
    return [
        microseconds(lambda each=each: plan(each.demand, each.candidates, CARD))  # type: ignore[misc]
        for each in orders
    ]


def report(locations: int, lines: int, orders: int) -> None:
    chance = Random(f"{locations} {lines}")
    times = sorted(decided([order(chance, locations, lines) for _ in range(orders)]))
    yardstick, middle = reference(), median(times)
    print(
        f"{locations:9} {lines:6} {middle:10.0f} {times[-1]:10.0f} "
        f"{middle / yardstick:10.2f}   (reference {yardstick:.0f} µs)"
    )


def main() -> None:
    print("Routing one order, explanation included, CPU time")
    print(f"{'locations':>9} {'lines':>6} {'median µs':>10} {'most µs':>10} {'× ref.':>10}")
    for locations in LOCATIONS:
        for lines in LINES:
            report(locations, lines, ORDERS)
    for locations, lines in LARGE:
        report(locations, lines, 5)


if __name__ == "__main__":
    main()
