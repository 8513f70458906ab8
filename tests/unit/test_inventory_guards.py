"""Who gets which units: the two guards, whole and part baskets, drawing from reservations."""

from __future__ import annotations

from uuid import UUID

import pytest

from baton.inventory import rules
from baton.inventory.errors import UnitsInvalid
from baton.inventory.model import (
    MOST,
    NOWHERE,
    AreaStock,
    Basket,
    Demand,
    Give,
    Level,
    Outcome,
    Reservation,
    Stock,
    Taken,
    Wanted,
)


def id(number: int) -> UUID:
    return UUID(int=number)


SHIRT, SHOE = id(1), id(2)
NORTH, SOUTH = id(11), id(12)
STORE, DEPOT = id(21), id(22)


def stock(*rows: AreaStock | Level) -> Stock:
    return Stock(
        {(r.sku_id, r.area_id): r for r in rows if isinstance(r, AreaStock)},
        {(r.sku_id, r.location_id): r for r in rows if isinstance(r, Level)},
    )


def area(sku: UUID, area_id: UUID, offered: int, committed: int = 0) -> AreaStock:
    return AreaStock(sku, area_id, physical=offered, offered=offered, committed=committed)


def basket(owner: int, *demands: Demand, whole: bool = True) -> Basket:
    return Basket("order", id(owner), whole, demands)


def units(outcomes: list[Outcome]) -> list[int]:
    return [sum(part.quantity for part in outcome.taken) for outcome in outcomes]


def test_first_come_first_served() -> None:
    wants = [basket(n, Demand(1, SHIRT, 2, (NORTH,))) for n in range(100, 104)]
    outcomes = rules.reserve(wants, stock(area(SHIRT, NORTH, 5)))
    assert [outcome.accepted for outcome in outcomes] == [True, True, False, False]
    assert outcomes[2].missing == {1: 1}
    assert outcomes[0].taken == (Taken(1, SHIRT, NORTH, NOWHERE, 2),)


def test_a_refused_whole_basket_leaves_its_units_to_the_next() -> None:
    rows = stock(area(SHIRT, NORTH, 3), area(SHOE, NORTH, 0))
    greedy = basket(100, Demand(1, SHIRT, 3, (NORTH,)), Demand(2, SHOE, 1, (NORTH,)))
    outcomes = rules.reserve([greedy, basket(101, Demand(1, SHIRT, 3, (NORTH,)))], rows)
    assert [outcome.accepted for outcome in outcomes] == [False, True]
    assert outcomes[0].taken == ()
    assert outcomes[0].missing == {2: 1}


def test_a_basket_that_need_not_be_whole_takes_what_is_there() -> None:
    wants = [basket(n, Demand(1, SHIRT, 4, (NORTH,)), whole=False) for n in (100, 101, 102)]
    outcomes = rules.reserve(wants, stock(area(SHIRT, NORTH, 5)))
    assert units(outcomes) == [4, 1, 0]
    assert [outcome.missing for outcome in outcomes] == [{}, {1: 3}, {1: 4}]
    assert all(outcome.accepted for outcome in outcomes)


def test_areas_are_used_in_the_order_given() -> None:
    rows = stock(area(SHIRT, NORTH, 2), area(SHIRT, SOUTH, 9))
    [outcome] = rules.reserve([basket(100, Demand(1, SHIRT, 5, (NORTH, SOUTH)))], rows)
    assert [(part.area_id, part.quantity) for part in outcome.taken] == [(NORTH, 2), (SOUTH, 3)]
    [outcome] = rules.reserve([basket(100, Demand(1, SHIRT, 5, (SOUTH, NORTH)))], rows)
    assert [(part.area_id, part.quantity) for part in outcome.taken] == [(SOUTH, 5)]


def test_one_basket_does_not_count_the_same_stock_twice() -> None:
    lines = (Demand(1, SHIRT, 3, (NORTH,)), Demand(2, SHIRT, 3, (NORTH,)))
    rows = stock(area(SHIRT, NORTH, 5))
    assert not rules.reserve([basket(100, *lines)], rows)[0].accepted
    [partly] = rules.reserve([basket(100, *lines, whole=False)], rows)
    assert [(part.line, part.quantity) for part in partly.taken] == [(1, 3), (2, 2)]


@pytest.mark.parametrize(
    ("offered", "committed", "at_store", "allocated", "fits"),
    [
        (9, 0, 2, 0, True),
        (9, 0, 2, 1, False),  # the store has one left
        (9, 8, 2, 0, False),  # the area has one left: somebody counts on the store's goods
        (9, 7, 2, 0, True),
    ],
)
def test_a_pick_up_passes_both_guards(
    offered: int, committed: int, at_store: int, allocated: int, fits: bool
) -> None:
    rows = stock(
        area(SHIRT, NORTH, offered, committed),
        Level(SHIRT, STORE, NORTH, on_hand=at_store, allocated=allocated),
    )
    [outcome] = rules.reserve([basket(100, Demand(1, SHIRT, 2, (), STORE))], rows)
    assert outcome.accepted is fits
    if fits:
        assert outcome.taken == (Taken(1, SHIRT, NORTH, STORE, 2),)


def test_a_pick_up_and_a_parcel_share_one_area() -> None:
    rows = stock(area(SHIRT, NORTH, 3), Level(SHIRT, STORE, NORTH, on_hand=3))
    parcel = basket(100, Demand(1, SHIRT, 2, (NORTH,)))
    pick_up = basket(101, Demand(1, SHIRT, 2, (NORTH,), STORE), whole=False)
    assert units(rules.reserve([parcel, pick_up], rows)) == [2, 1]
    assert units(rules.reserve([pick_up, parcel], rows)) == [2, 0]


def test_a_refused_pick_up_gives_back_both_area_and_level() -> None:
    rows = stock(area(SHIRT, NORTH, 2), Level(SHIRT, STORE, NORTH, on_hand=2))
    greedy = basket(100, Demand(1, SHIRT, 2, (), STORE), Demand(2, SHOE, 1, (NORTH,)))
    outcomes = rules.reserve([greedy, basket(101, Demand(1, SHIRT, 2, (), STORE))], rows)
    assert [outcome.accepted for outcome in outcomes] == [False, True]


def test_where_there_is_no_row_there_is_no_stock() -> None:
    [outcome] = rules.reserve(
        [basket(100, Demand(1, SHIRT, 1, (NORTH,)), Demand(2, SHIRT, 1, (), STORE))], stock()
    )
    assert outcome.missing == {1: 1, 2: 1}


def test_what_is_over_committed_is_not_free() -> None:
    rows = stock(area(SHIRT, NORTH, offered=3, committed=7))
    assert units(rules.reserve([basket(1, Demand(1, SHIRT, 1, (NORTH,)), whole=False)], rows)) == [
        0
    ]


@pytest.mark.parametrize("quantity", [0, -1, MOST + 1])
def test_a_demand_needs_a_sane_number_of_units(quantity: int) -> None:
    with pytest.raises(UnitsInvalid):
        Demand(1, SHIRT, quantity, (NORTH,))


# ── allocating ─────────────────────────────────────────────────────────────────────────────


def held(owner: int, quantity: int, location: UUID = NOWHERE, area_id: UUID = NORTH) -> Reservation:
    return Reservation("order", id(owner), 1, SHIRT, area_id, location, quantity)


def wanted(owner: int, quantity: int, location: UUID = STORE, **more: object) -> Wanted:
    return Wanted("order", id(owner), 1, SHIRT, None, location, quantity, **more)  # type: ignore


def allocated(wants: list[Wanted], rows: Stock, *reservations: Reservation) -> list[int]:
    return [sum(p.units for p in parts) for parts in rules.allocate(wants, rows, reservations)]


def test_allocating_gives_what_level_and_reservation_allow() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=9, unavailable=1, held_back=2, allocated=1))
    wants = [wanted(100, 3), wanted(101, 3), wanted(102, 1)]
    assert allocated(wants, rows, held(100, 2), held(101, 5), held(102, 1)) == [2, 3, 0]


def test_only_units_reserved_in_the_area_of_the_location_are_allocated() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=9))
    assert allocated([wanted(100, 3)], rows, held(100, 3, area_id=SOUTH)) == [0]
    elsewhere = Wanted("order", id(100), 1, SHIRT, SOUTH, STORE, 3)
    assert allocated([elsewhere], rows, held(100, 3)) == [0]


def test_two_that_want_the_same_reservation_share_it() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=9), Level(SHIRT, DEPOT, NORTH, on_hand=9))
    wants = [wanted(100, 2), wanted(100, 2, DEPOT)]
    assert allocated(wants, rows, held(100, 3)) == [2, 1]


def test_what_is_allocated_already_is_not_allocated_again() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=9), Level(SHIRT, DEPOT, NORTH, on_hand=9))
    assert allocated([wanted(100, 2, DEPOT)], rows, held(100, 3, STORE)) == [0]


def test_what_is_held_back_is_used_only_when_asked_for() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=5, held_back=4))
    assert allocated([wanted(100, 3)], rows, held(100, 3)) == [1]
    assert allocated([wanted(100, 6, held_back_too=True)], rows, held(100, 6)) == [5]


def test_nothing_is_allocated_at_a_short_level() -> None:
    rows = stock(Level(SHIRT, STORE, NORTH, on_hand=2, allocated=5, short=3))
    assert allocated([wanted(100, 1)], rows, held(100, 1)) == [0]


# ── drawing ────────────────────────────────────────────────────────────────────────────────


def drawn(gives: list[Give], *reservations: Reservation) -> list[list[tuple[UUID, int]]]:
    return [
        [(part.reservation.area_id, part.units) for part in parts]
        for parts in rules.draw(gives, reservations)
    ]


def test_units_are_drawn_where_they_are() -> None:
    give = Give(id(100), 1, SHIRT, STORE, 2)
    assert drawn([give], held(100, 5), held(100, 3, STORE)) == [[(NORTH, 2)]]
    assert drawn([give], held(100, 5)) == [[]]


def test_units_in_several_areas_are_drawn_one_after_the_other() -> None:
    give = Give(id(100), 1, SHIRT, NOWHERE, 4)
    rows = held(100, 3), held(100, 3, area_id=SOUTH)
    assert drawn([give], *rows) == [[(NORTH, 3), (SOUTH, 1)]]


def test_two_do_not_draw_the_same_units() -> None:
    give = Give(id(100), 1, SHIRT, STORE, 2)
    assert drawn([give, give], held(100, 3, STORE)) == [[(NORTH, 2)], [(NORTH, 1)]]


def test_another_line_or_sku_is_not_drawn_from() -> None:
    gives = [Give(id(100), 2, SHIRT, STORE, 1), Give(id(100), 1, SHOE, STORE, 1)]
    assert drawn(gives, held(100, 3, STORE)) == [[], []]
