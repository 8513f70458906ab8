"""Orders beyond the exact method: what must hold of every plan, and of the bound below it."""

from __future__ import annotations

import uuid
from collections import Counter
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.routing.bound import least_possible
from baton.routing.cover import covered, relocated, taken_over, takeovers
from baton.routing.model import (
    Candidate,
    Decision,
    Demand,
    DemandLine,
    Destination,
    PlannedParcel,
    Point,
    RateCard,
    Service,
    Zone,
)
from baton.routing.problem import NEVER, Load, Problem, posed, sights, stock_of
from baton.routing.rates import Tariff, price_list, quote
from baton.routing.rules import plan
from baton.routing.solution import solved

SEEDS = st.integers(0, 2**32 - 1)
BRACKETS = (500, 2000, 10000)


def uid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def service(chance: Random, code: str) -> Service:
    """A service whose prices usually rise with the weight, and sometimes don't."""
    zones = []
    for bound in (150, 400, None):
        prices = [chance.randint(200, 900) for _ in BRACKETS]
        zones.append(Zone(bound, 1, 2, tuple(prices if chance.random() < 0.2 else sorted(prices))))
    return Service(code, code, BRACKETS, tuple(zones))


def world_of(chance: Random, least: int, most: int) -> tuple[Demand, list[Candidate], RateCard]:
    count = chance.randint(least, most)
    skus = count if chance.random() < 0.5 else max(1, count - chance.randint(0, 3))
    lines = tuple(
        DemandLine(
            uid(100 + number),
            uid(10_000 + (number if number < skus else chance.randrange(skus))),
            chance.choice([1, 1, 2, 3, 12]),
            chance.randint(0, 900),
            chance.random() < 0.05,
        )
        for number in range(count)
    )
    share = chance.choice([0.4, 0.7, 0.95])
    candidates = [
        Candidate(
            uid(1_000_000 + number),
            f"L{number}",
            "",
            "store",
            {
                line.sku_id: chance.choice([1, 3, 8, 20])
                for line in lines
                if chance.random() < share
            },
            Point(chance.uniform(47, 54), chance.uniform(6, 14)),
            chance.randint(0, 60),
            chance.randint(0, 200),
        )
        for number in range(chance.randint(1, 8))
    ]
    demand = Demand(
        lines, Destination("DE", "10115", Point(52.52, 13.4)), max_parcels=chance.randint(1, 6)
    )
    return demand, candidates, RateCard("EUR", (service(chance, "a"), service(chance, "b")))


def units(parcels: tuple[PlannedParcel, ...]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Units by location and line."""
    found: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for parcel in parcels:
        for line in parcel.lines:
            found[parcel.location_id, line.line_id] += line.quantity
    return found


def check_parcels(
    demand: Demand, candidates: list[Candidate], card: RateCard, parcels: tuple[PlannedParcel, ...]
) -> None:
    """Stock, rules and sums of a plan, reckoned anew."""
    assert len(parcels) <= demand.max_parcels
    lines = {line.line_id: line for line in demand.lines}
    places = {place.location_id: place for place in candidates}
    taken: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for (place, line), number in units(parcels).items():
        taken[place, lines[line].sku_id] += number
    assert all(number <= places[place].available[sku] for (place, sku), number in taken.items())
    tariff = Tariff(card, "DE")
    for parcel in parcels:
        place = places[parcel.location_id]
        assert len({each.line_id for each in parcel.lines}) == len(parcel.lines)
        alone = [each for each in parcel.lines if lines[each.line_id].ship_alone]
        assert not alone or len(parcel.lines) == 1
        weight = sum(lines[each.line_id].weight_g * each.quantity for each in parcel.lines)
        assert parcel.weight_g == weight
        assert parcel.quote == quote(tariff.menu(parcel.distance_km, None), weight)
        assert parcel.pack == place.pack_cost
        assert parcel.pick == place.pick_cost * len(parcel.lines)
        terms = parcel.quote.freight + parcel.quote.late + parcel.pack + parcel.pick
        assert parcel.cost == terms


def check_open(demand: Demand, decision: Decision) -> None:
    """Every unit is in a parcel or open, once."""
    sent: Counter[uuid.UUID] = Counter()
    for (_, line), number in units(decision.parcels).items():
        sent[line] += number
    for each in decision.open_units:
        assert each.quantity > 0
        sent[each.line_id] += each.quantity
    assert sent == {line.line_id: line.quantity for line in demand.lines}


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_plans_of_any_size_hold_together(seed: int) -> None:
    demand, candidates, card = world_of(Random(seed), 1, 40)
    decision = plan(demand, candidates, card)
    check_parcels(demand, candidates, card, decision.parcels)
    check_open(demand, decision)
    assert decision.cost == sum(parcel.cost for parcel in decision.parcels)
    assert 0 <= decision.lower_bound <= decision.cost
    assert not decision.exact or decision.lower_bound == decision.cost
    for each in decision.considered:
        if each.best_cost is not None:
            assert each.difference == each.best_cost - decision.cost >= 0
        if each.offer is not None:
            offer = each.offer
            assert offer.cost == offer.freight + offer.late + offer.pack + offer.pick
            assert offer.line_count == len(offer.lines)
    if decision.next_best is not None:
        check_parcels(demand, candidates, card, decision.next_best.parcels)
        assert units(decision.next_best.parcels) != units(decision.parcels)
        assert decision.next_best.difference >= 0
        assert decision.next_best.cost == sum(each.cost for each in decision.next_best.parcels)
    shuffled = Random(seed).sample(candidates, len(candidates))
    assert plan(demand, shuffled, card) == decision


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_one_location_for_everything_is_found_when_it_is_cheapest(seed: int) -> None:
    demand, candidates, card = world_of(Random(seed), 13, 40)
    if any(line.ship_alone for line in demand.lines):
        return
    wanted: Counter[uuid.UUID] = Counter()
    for line in demand.lines:
        wanted[line.sku_id] += line.quantity
    full = Candidate(uid(5), "full", "", "warehouse", wanted, Point(52, 13), 10, 100)
    decision = plan(demand, [*candidates, full], card)
    tariff = Tariff(card, "DE")
    weight = sum(line.weight_g * line.quantity for line in demand.lines)
    alone = quote(tariff.menu(64, None), weight).freight + 100 + 10 * len(demand.lines)
    assert [each.distance_km for each in decision.considered if each.code == "full"] == [64]
    assert decision.open_units == ()
    assert decision.cost <= alone


def problem_of(demand: Demand, candidates: list[Candidate], card: RateCard) -> Problem:
    seen = sights(demand, candidates, card, {})
    stock, sku = stock_of(demand, seen)
    serves = np.array([sight.out is None for sight in seen], np.bool_)
    return posed(demand, [sight for sight in seen if sight.out is None], stock[serves], sku)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_the_bound_is_below_the_optimum_and_the_cover_above(seed: int) -> None:
    demand, candidates, card = world_of(Random(seed), 1, 9)
    problem = problem_of(demand, candidates, card)
    best = solved(problem)
    if not best.exact or not best.loads:
        return
    sent = sum(load.units for load in best.loads)
    draft = covered(problem)
    assert problem.holds(draft.loads)
    assert draft.cost == problem.cost(draft.loads)
    assert draft.sent <= sent.sum()
    if draft.sent == sent.sum():
        assert draft.cost >= best.cost
    assert least_possible(problem.sending(sent)) <= best.cost


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_changes_of_a_plan_cost_what_was_reckoned(seed: int) -> None:
    problem = problem_of(*world_of(Random(seed), 2, 16))
    draft = covered(problem)
    for takeover in takeovers(problem, draft):
        for place in np.flatnonzero(takeover.costs < NEVER).tolist():
            after = taken_over(problem, draft, takeover, place)
            assert after.cost == problem.cost(after.loads) == takeover.costs[place]
            assert after.sent == draft.sent
            assert problem.holds(after.loads)
            assert len(after.loads) <= problem.limit
    for number, load in enumerate(draft.apart):
        costs = relocated(problem, draft, number)
        others = [each for each in draft.loads if each is not load]
        for place in np.flatnonzero(costs < NEVER).tolist():
            assert place != load.place
            assert problem.cost([*others, Load(place, load.units)]) == costs[place]


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.lists(st.integers(0, 60_000), min_size=1, max_size=30))
def test_tables_of_prices_say_what_quotes_say(seed: int, weights: list[int]) -> None:
    chance = Random(seed)
    card = RateCard("EUR", (service(chance, "a"), service(chance, "b")), 100, 10)
    tariff = Tariff(card, "DE")
    menus = list(
        dict.fromkeys(tariff.menu(km, chance.choice([None, 0, 1, 2])) for km in (5, 150, 151, 900))
    )
    listed = price_list(menus)
    expected = [
        [quote(lanes, each).freight + quote(lanes, each).late for each in weights]
        for lanes in menus
    ]
    table = listed.table(np.array(weights))
    assert table.tolist() == expected
    assert (table < NEVER).all()
    rows = np.array([chance.randrange(len(menus)) for _ in weights])
    each = listed.each(rows, np.array(weights))
    assert each.tolist() == [expected[row][column] for column, row in enumerate(rows)]
