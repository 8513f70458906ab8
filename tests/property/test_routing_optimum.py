"""The router against brute force: every way to divide a small order is tried, one by one."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.routing.model import (
    Candidate,
    Decision,
    Demand,
    DemandLine,
    Destination,
    PlannedParcel,
    Point,
    Proof,
    RateCard,
    Service,
    Verdict,
    Zone,
)
from baton.routing.rates import Tariff, distance_km, quote
from baton.routing.rules import plan

BERLIN = Point(52.52, 13.40)


def uid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


# ------------------------------------------------------------------ small worlds


@dataclass(frozen=True)
class World:
    demand: Demand
    candidates: tuple[Candidate, ...]
    card: RateCard


def card_of(chance: Random) -> RateCard:
    """Prices without any order in them: heavier, farther and faster may all be cheaper."""
    services = []
    for code in chance.choice([("eco",), ("eco", "express")]):
        brackets = tuple(sorted(chance.sample(range(1, 10), chance.randint(1, 3))))
        zones = []
        for bound in chance.choice([(None,), (100, None), (600,), (100, 400, None)]):
            days = chance.randint(0, 4)
            prices = tuple(chance.randint(0, 12) for _ in brackets)
            zones.append(Zone(bound, max(0, days - 1), days, prices))
        services.append(Service(code, code, brackets, tuple(zones)))
    return RateCard("EUR", tuple(services), chance.randint(0, 12), chance.randint(0, 3), 150)


def lines_of(chance: Random, kind: str) -> tuple[DemandLine, ...]:
    return tuple(
        DemandLine(
            line_id=uid(100 + number),
            sku_id=uid(chance.randint(1, 2) if kind == "shared" else number + 1),
            quantity=chance.randint(2, 4) if kind == "divided" else chance.randint(1, 3),
            weight_g=chance.randint(0, 5),
            ship_alone=chance.random() < 0.15,
        )
        for number in range(chance.randint(1, 2 if kind == "divided" else 4))
    )


def candidate_of(chance: Random, kind: str, number: int, dated: bool) -> Candidate:
    stock = [0, 1, 2, 3] if kind == "divided" else [0, 1, 2, 3, 4, 9]
    return Candidate(
        location_id=uid(1000 + number),
        code=chance.choice("ABC"),
        name="",
        kind="store",
        available={uid(sku): chance.choice(stock) for sku in range(1, 5)},
        point=chance.choice([None, BERLIN, Point(53.55, 10.0), Point(48.1, 11.6)]),
        pick_cost=chance.randint(0, 3),
        pack_cost=chance.randint(0, 6),
        can_ship=chance.random() > 0.05,
        capacity_left=chance.choice([None] * 9 + [1] * 9 + [0]),
        days_left=chance.randint(-1, 5) if dated else None,
    )


def world_of(kind: str, seed: int) -> World:
    """At most 4 lines at 3 locations. In shared worlds several lines ask for one SKU, in divided
    ones a line often asks for more than any location has.
    """
    chance = Random(seed)
    dated = chance.random() < 0.5
    demand = Demand(
        lines=lines_of(chance, kind),
        destination=Destination("DE", "10115", chance.choice([BERLIN, BERLIN, None])),
        needed_by=date(2027, 1, 15) if dated else None,
        max_parcels=chance.choice([1, 2, 2, 3, 4]),
    )
    number = chance.choice([0, 1, 2, 2, 3, 3, 3, 3])
    candidates = tuple(candidate_of(chance, kind, each, dated) for each in range(number))
    return World(demand, candidates, card_of(chance))


# a seed in place of drawn numbers: Hypothesis likes empty and equal ones too much
SEEDS = st.integers(0, 2**32 - 1)
WORLDS = st.builds(world_of, st.sampled_from(["plain", "shared", "divided"]), SEEDS)


# ------------------------------------------------------------------ every plan there is


@dataclass(frozen=True)
class Piece:
    """A whole line, or one unit of a line that may be divided."""

    line: DemandLine
    units: int


Parcels = tuple[tuple[Candidate, tuple[Piece, ...]], ...]


def eligible(world: World) -> list[Candidate]:
    tariff = Tariff(world.card, "DE")
    return [
        each
        for each in sorted(world.candidates, key=lambda each: (each.code, each.location_id))
        if each.can_ship and each.capacity_left != 0 and tariff.menu(km(world, each), 0)
    ]


def km(world: World, candidate: Candidate) -> int:
    there = world.demand.destination.point
    known = there is not None and candidate.point is not None
    return distance_km(candidate.point, there) if known else world.card.unknown_km


def pieces(world: World) -> list[Piece]:
    """The documented rule: what there is of each line, whole unless it fits nowhere so."""
    places = eligible(world)
    found = []
    for sku in {line.sku_id for line in world.demand.lines}:
        stock = [each.available[sku] for each in places]
        lines, left, wanted = [], sum(stock), {}
        for line in world.demand.lines:
            if line.sku_id == sku:
                wanted[line.line_id] = min(line.quantity, left)
                left -= wanted[line.line_id]
                lines.append(line)
        for line in sorted(lines, key=lambda each: -wanted[each.line_id]):
            number = wanted[line.line_id]
            fits = [each for each, have in enumerate(stock) if have >= number]
            if number and fits:
                stock[min(fits, key=lambda each: stock[each])] -= number
                found.append(Piece(line, number))
            else:
                found.extend([Piece(line, 1)] * number)
    return found


def divisions(items: list[Piece], most: int) -> Iterator[tuple[tuple[Piece, ...], ...]]:
    """Every way to put pieces into at most so many parcels."""
    if not items:
        yield ()
        return
    first, *rest = items
    for blocks in divisions(rest, most):
        for index, block in enumerate(blocks):
            yield (*blocks[:index], (first, *block), *blocks[index + 1 :])
        if len(blocks) < most:
            yield ((first,), *blocks)


def plans(world: World, items: list[Piece]) -> Iterator[Parcels]:
    """Every plan that breaks no rule."""
    places = eligible(world)
    for blocks in divisions(items, world.demand.max_parcels):
        if any(alone_broken(block) for block in blocks):
            continue
        for chosen in product(places, repeat=len(blocks)):
            parcels = tuple(zip(chosen, blocks, strict=True))
            if in_stock(parcels):
                yield parcels


def alone_broken(block: tuple[Piece, ...]) -> bool:
    lines = {piece.line for piece in block}
    return len(lines) > 1 and any(line.ship_alone for line in lines)


def in_stock(parcels: Parcels) -> bool:
    taken: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for place, block in parcels:
        for piece in block:
            taken[place.location_id, piece.line.sku_id] += piece.units
    stock = {each.location_id: each.available for each, _ in parcels}
    return all(number <= stock[place][sku] for (place, sku), number in taken.items())


def cost(world: World, parcels: Parcels) -> int:
    tariff = Tariff(world.card, "DE")
    total = 0
    for place, block in parcels:
        days = None if world.demand.needed_by is None else place.days_left
        weight = sum(piece.units * piece.line.weight_g for piece in block)
        terms = quote(tariff.menu(km(world, place), days), weight)
        lines = len({piece.line.line_id for piece in block})
        total += terms.freight + terms.late + place.pack_cost + place.pick_cost * lines
    return total


def assignment(parcels: Parcels) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Which location sends how many units of which line."""
    found: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for place, block in parcels:
        for piece in block:
            found[place.location_id, piece.line.line_id] += piece.units
    return found


def units(items: tuple[Piece, ...] | list[Piece]) -> int:
    return sum(piece.units for piece in items)


def parts(items: list[Piece]) -> list[list[Piece]]:
    return [
        [item for item, kept in zip(items, mask, strict=True) if kept]
        for mask in product([True, False], repeat=len(items))
    ]


def best(world: World) -> tuple[int, list[Parcels]]:
    """The most units that can be sent, and all plans that send so many."""
    by_units: dict[int, list[list[Piece]]] = {}
    for part in parts(pieces(world)):
        by_units.setdefault(units(part), []).append(part)
    for number in sorted(by_units, reverse=True):
        found = [each for part in by_units[number] for each in plans(world, part)]
        if found:
            return number, found
    raise AssertionError("sending nothing is always possible")


# ------------------------------------------------------------------ what a decision says


def promised_once(world: World, parcels: tuple[PlannedParcel, ...]) -> bool:
    """No location gives more units of a SKU than it has."""
    sku = {line.line_id: line.sku_id for line in world.demand.lines}
    taken: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for (place, line), number in sent(parcels).items():
        taken[place, sku[line]] += number
    stock = {each.location_id: each.available for each in world.candidates}
    return all(number <= stock[place][each] for (place, each), number in taken.items())


def sent(parcels: tuple[PlannedParcel, ...]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    found: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for parcel in parcels:
        for line in parcel.lines:
            found[parcel.location_id, line.line_id] += line.quantity
    return found


def by_line(found: Counter[tuple[uuid.UUID, uuid.UUID]]) -> Counter[uuid.UUID]:
    lines: Counter[uuid.UUID] = Counter()
    for (_, line), number in found.items():
        lines[line] += number
    return lines


def comparable(decision: Decision, possible: list[Parcels]) -> list[Parcels]:
    """The plans that send the same units of the same lines."""
    lines = by_line(sent(decision.parcels))
    return [each for each in possible if by_line(assignment(each)) == lines]


@settings(max_examples=320, deadline=None)
@given(world=WORLDS)
def test_decisions_are_what_brute_force_finds(world: World) -> None:
    decision = plan(world.demand, world.candidates, world.card)
    number, possible = best(world)
    check_optimum(world, decision, number, possible)
    possible = comparable(decision, possible)
    check_candidates(world, decision, possible)
    check_next_best(world, decision, possible)


def check_optimum(world: World, decision: Decision, number: int, possible: list[Parcels]) -> None:
    """No plan sends more units, and none that sends as many is cheaper."""
    assert sum(sent(decision.parcels).values()) == number
    assert decision.exact
    assert promised_once(world, decision.parcels)
    assert decision.cost == min(cost(world, each) for each in possible)
    assert decision.lower_bound == decision.cost


def check_candidates(world: World, decision: Decision, possible: list[Parcels]) -> None:
    """What is said of each candidate is true."""
    for each in decision.considered:
        using = [
            cost(world, parcels)
            for parcels in possible
            if any(place.location_id == each.location_id for place, _ in parcels)
        ]
        if each.proof is Proof.EXACT:
            assert each.best_cost == min(using, default=None)
        elif each.best_cost is not None:
            assert each.proof is Proof.AT_LEAST
            assert each.best_cost <= min(using, default=each.best_cost)
        if each.verdict is Verdict.TOO_MANY_PARCELS:
            assert not using
        if each.best_cost is not None:
            assert each.difference == each.best_cost - decision.cost >= 0


def check_next_best(world: World, decision: Decision, possible: list[Parcels]) -> None:
    """The next best plan is another, and the cheapest of all others if it says so."""
    chosen, other = sent(decision.parcels), decision.next_best
    others = [each for each in possible if assignment(each) != chosen]
    cheapest = min((cost(world, each) for each in others), default=None)
    if other is None:
        divided = any(piece.units < piece.line.quantity for piece in pieces(world))
        shared = len({line.sku_id for line in world.demand.lines}) < len(world.demand.lines)
        assert cheapest is None or divided or shared
        return
    assert promised_once(world, other.parcels)
    assert sent(other.parcels) != chosen
    assert by_line(sent(other.parcels)) == by_line(chosen)
    assert other.cost == sum(parcel.cost for parcel in other.parcels)
    assert other.difference == other.cost - decision.cost >= 0
    assert cheapest is not None
    assert other.cost == cheapest if other.proof is Proof.EXACT else other.cost >= cheapest


@settings(max_examples=60, deadline=None)
@given(world=WORLDS, seed=SEEDS)
def test_the_order_of_candidates_does_not_matter(world: World, seed: int) -> None:
    shuffled = Random(seed).sample(world.candidates, len(world.candidates))
    decision = plan(world.demand, world.candidates, world.card)
    assert plan(world.demand, shuffled, world.card) == decision
