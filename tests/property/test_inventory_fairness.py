"""Reserving and allocating, against arithmetic that is too simple to be wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from baton.inventory import rules
from baton.inventory.model import (
    NOWHERE,
    AreaStock,
    Basket,
    Demand,
    Level,
    Outcome,
    Reservation,
    Stock,
    Wanted,
)

SKUS = [UUID(int=n) for n in (1, 2)]
AREAS = [UUID(int=n) for n in (11, 12)]
PLACES = {UUID(int=21): AREAS[0], UUID(int=22): AREAS[0], UUID(int=23): AREAS[1]}
FEW = st.integers(0, 9)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    """Levels with anything in them, their areas with the right sums and any promises."""
    levels = {
        (sku, place): Level(sku, place, area, draw(FEW), draw(FEW), draw(FEW), draw(FEW))
        for sku in SKUS
        for place, area in PLACES.items()
        if draw(st.booleans())
    }
    areas = {}
    for sku, area in {(level.sku_id, level.area_id) for level in levels.values()}:
        own = [v for v in levels.values() if (v.sku_id, v.area_id) == (sku, area)]
        physical, offered = sum(v.physical for v in own), sum(v.sellable for v in own)
        areas[sku, area] = AreaStock(sku, area, physical, offered, draw(FEW))
    return Stock(areas, levels)


demands = st.builds(
    Demand,
    line=st.integers(1, 3),
    sku_id=st.sampled_from(SKUS),
    quantity=st.integers(1, 8),
    areas=st.permutations(AREAS).map(tuple) | st.sampled_from([(area,) for area in AREAS]),
    location_id=st.none() | st.sampled_from(list(PLACES)),
)


@st.composite
def baskets(draw: st.DrawFn) -> list[Basket]:
    some = draw(st.lists(st.tuples(st.booleans(), st.lists(demands, max_size=3)), max_size=6))
    return [
        Basket("order", UUID(int=100 + n), whole, tuple(wants))
        for n, (whole, wants) in enumerate(some)
    ]


def taken(outcomes: list[Outcome]) -> tuple[Counter[tuple[UUID, UUID]], Counter[tuple[UUID, UUID]]]:
    """Units by (SKU, area), and by (SKU, location) those allocated."""
    areas: Counter[tuple[UUID, UUID]] = Counter()
    levels: Counter[tuple[UUID, UUID]] = Counter()
    for outcome in outcomes:
        for part in outcome.taken:
            areas[part.sku_id, part.area_id] += part.quantity
            if part.location_id != NOWHERE:
                levels[part.sku_id, part.location_id] += part.quantity
    return areas, levels


@given(baskets(), stocks())
def test_nothing_is_promised_twice(wants: list[Basket], stock: Stock) -> None:
    areas, levels = taken(rules.reserve(wants, stock))
    for key, units in areas.items():
        assert stock.areas[key].committed + units <= stock.areas[key].offered
    for key, units in levels.items():
        assert stock.levels[key].allocated + units <= stock.levels[key].sellable


@given(baskets(), stocks())
def test_every_unit_asked_for_is_taken_or_missing(wants: list[Basket], stock: Stock) -> None:
    for basket, outcome in zip(wants, rules.reserve(wants, stock), strict=True):
        asked: Counter[int] = Counter()
        for demand in basket.demands:
            asked[demand.line] += demand.quantity
        got: Counter[int] = Counter()
        for part in outcome.taken:
            got[part.line] += part.quantity
        if outcome.accepted:
            assert got + Counter(outcome.missing) == asked
        else:
            assert basket.whole
            assert outcome.missing
            assert not outcome.taken
        assert not (basket.whole and outcome.accepted and outcome.missing)


@given(baskets(), baskets(), stocks())
def test_who_comes_later_changes_nothing(
    first: list[Basket], later: list[Basket], stock: Stock
) -> None:
    alone = rules.reserve(first, stock)
    assert rules.reserve([*first, *later], stock)[: len(first)] == alone


@given(baskets(), stocks())
def test_one_batch_is_the_same_as_one_after_another(wants: list[Basket], stock: Stock) -> None:
    together = rules.reserve(wants, stock)
    for basket, outcome in zip(wants, together, strict=True):
        assert rules.reserve([basket], stock) == [outcome]
        stock = after(stock, basket, outcome)


def after(stock: Stock, basket: Basket, outcome: Outcome) -> Stock:
    """The rows as they are once this outcome is written."""
    rows = [
        Reservation(
            "order", basket.owner_id, p.line, p.sku_id, p.area_id, p.location_id, p.quantity
        )
        for p in outcome.taken
    ]
    settled = rules.settle(rules.promising(rows), stock)
    assert not settled.shifts, "a promise that passed the guards makes nothing short"
    return Stock(
        {**stock.areas, **{(row.sku_id, row.area_id): row for row in settled.areas}},
        {**stock.levels, **{(row.sku_id, row.location_id): row for row in settled.levels}},
    )


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 40), st.randoms())
def test_the_units_sold_do_not_depend_on_the_order_of_buyers(
    quantities: list[int], offered: int, random: Random
) -> None:
    stock = Stock({(SKUS[0], AREAS[0]): AreaStock(SKUS[0], AREAS[0], offered, offered)}, {})

    def sold() -> int:
        wants = [
            Basket("order", UUID(int=n), False, (Demand(1, SKUS[0], units, (AREAS[0],)),))
            for n, units in enumerate(quantities)
        ]
        return sum(taken(rules.reserve(wants, stock))[0].values())

    assert sold() == min(offered, sum(quantities))
    random.shuffle(quantities)
    assert sold() == min(offered, sum(quantities))


@given(baskets(), stocks())
def test_nobody_is_refused_who_could_be_served(wants: list[Basket], stock: Stock) -> None:
    """A whole basket that is refused lacks something even if it were the only one left."""
    for basket, outcome in zip(wants, rules.reserve(wants, stock), strict=True):
        if not outcome.accepted:
            loose = replace(basket, whole=False)
            assert rules.reserve([loose], stock)[0].missing == outcome.missing
        stock = after(stock, basket, outcome)


# ── allocating ─────────────────────────────────────────────────────────────────────────────

reservations = st.lists(
    st.builds(
        Reservation,
        owner_kind=st.just("order"),
        owner_id=st.integers(100, 104).map(lambda n: UUID(int=n)),
        owner_line=st.integers(1, 2),
        sku_id=st.sampled_from(SKUS),
        area_id=st.sampled_from(AREAS),
        location_id=st.just(NOWHERE) | st.sampled_from(list(PLACES)),
        quantity=st.integers(1, 9),
    ),
    max_size=10,
    unique_by=lambda row: row.key,
)
wishes = st.lists(
    st.builds(
        Wanted,
        owner_kind=st.just("order"),
        owner_id=st.integers(100, 104).map(lambda n: UUID(int=n)),
        line=st.integers(1, 2),
        sku_id=st.sampled_from(SKUS),
        area_id=st.none() | st.sampled_from(AREAS),
        location_id=st.sampled_from(list(PLACES)),
        quantity=st.integers(1, 9),
        held_back_too=st.booleans(),
    ),
    max_size=10,
)


@given(wishes, stocks(), reservations)
def test_allocating_keeps_to_levels_and_reservations(
    wants: list[Wanted], stock: Stock, held: list[Reservation]
) -> None:
    given_out = rules.allocate(wants, stock, held)
    at: Counter[tuple[UUID, UUID]] = Counter()
    of: Counter[tuple[UUID, int, UUID, UUID]] = Counter()
    for want, parts in zip(wants, given_out, strict=True):
        assert sum(part.units for part in parts) <= want.quantity
        for part in parts:
            level = stock.levels[want.sku_id, want.location_id]
            assert not part.reservation.allocated
            assert part.reservation.area_id == level.area_id
            assert want.area_id in (None, level.area_id)
            at[want.sku_id, want.location_id] += part.units
            of[part.reservation.key] += part.units
    for key, units in at.items():
        assert stock.levels[key].allocated + units <= stock.levels[key].physical
    quantities = {row.key: row.quantity for row in held}
    assert all(units <= quantities[key] for key, units in of.items())


@given(wishes, stocks(), reservations)
def test_what_is_held_back_is_never_used_unasked(
    wants: list[Wanted], stock: Stock, held: list[Reservation]
) -> None:
    modest = [replace(want, held_back_too=False) for want in wants]
    at: Counter[tuple[UUID, UUID]] = Counter()
    for want, parts in zip(modest, rules.allocate(modest, stock, held), strict=True):
        at[want.sku_id, want.location_id] += sum(part.units for part in parts)
    assert all(units <= stock.levels[key].free for key, units in at.items() if units)
