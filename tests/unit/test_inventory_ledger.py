"""What a document's line does to a level, and what rows become by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from baton.inventory import rules
from baton.inventory.errors import DocumentInvalid, LevelChanged, UnitsInvalid
from baton.inventory.model import (
    NOWHERE,
    AreaStock,
    Arrival,
    Change,
    Departure,
    Document,
    DocumentKind,
    DocumentLine,
    HeldBack,
    Level,
    LevelKey,
    Missing,
    Move,
    MovementKind,
    Shift,
    Shortage,
    Stock,
    Transfer,
)

K = DocumentKind
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SHIRT, SHOE, NORTH, STORE, DEPOT = (UUID(int=n) for n in range(1, 6))


def document(kind: DocumentKind, *lines: DocumentLine, number: int = 77) -> Document:
    return Document(UUID(int=number), kind, STORE, NORTH, "why", "ref", AT, lines)


def line(quantity: int, expected: int | None = None, number: int = 1) -> DocumentLine:
    return DocumentLine(number, SHIRT, quantity, expected)


def at_store(on_hand: int, unavailable: int = 0) -> Stock:
    level = Level(SHIRT, STORE, NORTH, on_hand, unavailable)
    return Stock({}, {(SHIRT, STORE): level})


def moved(
    documents: list[Document], stock: Stock, missing: Mapping[LevelKey, int] | None = None
) -> list[tuple[str, int, int]]:
    made = rules.moves(documents, stock, missing or {})
    return [(move.kind.value, move.on_hand, move.unavailable) for move in made]


@pytest.mark.parametrize(
    ("kind", "quantity", "expected"),
    [
        (K.RECEIPT, 5, ("receive", 5, 0)),
        (K.ARRIVAL, 5, ("transfer_in", 5, 0)),
        (K.ADJUSTMENT, -3, ("adjust", -3, 0)),
        (K.COUNT, 8, ("count", -2, -3)),  # 3 are missing: they are not among the 8
        (K.WRITE_OFF, 1, ("write_off", -1, -1)),  # damaged ones go first
        (K.WRITE_OFF, 5, ("write_off", -5, -2)),
        (K.DAMAGE, 2, ("damage", 0, 2)),
        (K.MISSING, 2, ("missing", 0, 2)),
        (K.FOUND, 2, ("found", 0, -2)),
        (K.FOUND, 5, ("found", 2, -3)),  # two more than anybody missed
        (K.SALE, 4, ("sale", -4, 0)),
    ],
)
def test_what_a_line_moves(
    kind: DocumentKind, quantity: int, expected: tuple[str, int, int]
) -> None:
    """Ten on hand, five of them unavailable: two damaged, three missing."""
    stock = at_store(10, 5)
    assert moved([document(kind, line(quantity))], stock, {(SHIRT, STORE): 3}) == [expected]


def test_a_movement_names_its_document() -> None:
    [move] = rules.moves([document(K.SALE, line(4, number=7))], at_store(9), {})
    assert move == Move(MovementKind.SALE, SHIRT, STORE, -4, 0, "sale", UUID(int=77), 7, "why", AT)


def test_each_line_sees_what_the_last_one_left() -> None:
    documents = [
        document(K.RECEIPT, line(5), number=1),
        document(K.DAMAGE, line(2), number=2),
        document(K.COUNT, line(11), number=3),
        document(K.ADJUSTMENT, line(-1, expected=11), number=4),
    ]
    assert moved(documents, at_store(10)) == [
        ("receive", 5, 0),
        ("damage", 0, 2),
        ("count", -4, 0),
        ("adjust", -1, 0),
    ]


def test_an_adjustment_that_expected_something_else_is_refused() -> None:
    with pytest.raises(LevelChanged) as caught:
        rules.moves([document(K.ADJUSTMENT, line(-1, expected=12))], at_store(10), {})
    assert caught.value.field == "lines.1.expected"
    assert caught.value.parameters == {"on_hand": 10, "expected": 12}


def test_a_count_is_booked_against_what_was_expected_when_it_was_made() -> None:
    """Counted 8 of 10 at nine; two were shipped before it was recorded: six are there."""
    counted = [document(K.COUNT, line(8, expected=10))]
    made = rules.moves(counted, at_store(8), {})
    assert [move.on_hand for move in made] == [-2]
    assert rules.believed(counted, made) == {(UUID(int=77), 1): 10}


def test_a_count_without_expectation_is_booked_against_the_level() -> None:
    counted = [document(K.COUNT, line(8))]
    made = rules.moves(counted, at_store(9), {})
    assert [move.on_hand for move in made] == [-1]
    assert rules.believed(counted, made) == {(UUID(int=77), 1): 9}


def test_damaged_units_that_a_count_does_not_find_are_written_off() -> None:
    assert moved([document(K.COUNT, line(1))], at_store(10, 4)) == [
        ("count", -9, 0),
        ("write_off", 0, -3),
    ]


def test_a_found_unit_is_missing_no_more_for_the_next_line() -> None:
    documents = [document(K.FOUND, line(2), number=1), document(K.FOUND, line(2), number=2)]
    stock = at_store(10, 3)
    assert moved(documents, stock, {(SHIRT, STORE): 3}) == [("found", 0, -2), ("found", 1, -1)]


def test_what_must_be_known_of_missing_units() -> None:
    documents = [document(K.COUNT, line(1)), document(K.RECEIPT, line(1))]
    assert rules.needs_missing(documents, at_store(5, 1)) == [(SHIRT, STORE)]
    assert rules.needs_missing(documents, at_store(5)) == []
    assert rules.needs_missing(documents[1:], at_store(5, 1)) == []


def test_departures_are_one_movement_for_each_line() -> None:
    ship = Departure(MovementKind.SHIP, "shipment", UUID(int=9), "", AT)
    units = [Missing(UUID(int=n), 1, SHIRT, STORE, n) for n in (2, 3)]
    units.append(Missing(UUID(int=2), 2, SHIRT, STORE, 4))
    shipped = rules.departures(units, ship)
    assert [(m.document_line, m.on_hand, m.unavailable) for m in shipped] == [
        (1, -5, 0),
        (2, -4, 0),
    ]
    lost = rules.departures(units, replace(ship, kind=MovementKind.MISSING))
    assert [(m.document_line, m.on_hand, m.unavailable) for m in lost] == [(1, 0, 5), (2, 0, 4)]


@pytest.mark.parametrize(
    ("kind", "lines", "error"),
    [
        (K.RECEIPT, (), DocumentInvalid),
        (K.RECEIPT, (line(1), line(2)), DocumentInvalid),
        (K.RECEIPT, (line(0),), UnitsInvalid),
        (K.RECEIPT, (line(-1),), UnitsInvalid),
        (K.SALE, (line(10**9),), UnitsInvalid),
        (K.ADJUSTMENT, (line(0),), UnitsInvalid),
        (K.COUNT, (line(-1),), UnitsInvalid),
        (K.COUNT, (line(1), line(2, number=2)), DocumentInvalid),
        (K.TRANSFER, (line(1),), DocumentInvalid),
    ],
)
def test_a_document_that_makes_no_sense(
    kind: DocumentKind, lines: tuple[DocumentLine, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        document(kind, *lines)


def test_a_count_of_nothing_makes_sense() -> None:
    assert document(K.COUNT, line(0)).lines[0].quantity == 0


def test_a_transfer_needs_two_places_and_units() -> None:
    with pytest.raises(DocumentInvalid):
        Transfer(SHIRT, STORE, STORE, "", "", AT, (line(1),))
    with pytest.raises(UnitsInvalid):
        Transfer(SHIRT, STORE, DEPOT, "", "", AT, (line(0),))


def test_an_arrival_of_nothing_is_only_good_to_close_a_transfer() -> None:
    with pytest.raises(DocumentInvalid):
        Arrival(SHIRT, SHOE, NORTH, "", AT, {})
    assert Arrival(SHIRT, SHOE, NORTH, "", AT, {}, final=True).final


def test_less_than_nothing_can_not_be_held_back() -> None:
    with pytest.raises(UnitsInvalid):
        HeldBack(SHIRT, STORE, -1)


# ── settling ───────────────────────────────────────────────────────────────────────────────


def area(**figures: int) -> AreaStock:
    return AreaStock(SHIRT, NORTH, **figures)


def two_levels(store: Level, depot: Level, committed: int) -> Stock:
    physical = store.physical + depot.physical
    row = area(
        physical=physical,
        offered=store.sellable + depot.sellable,
        committed=committed,
        short=max(0, committed - physical),
    )
    return Stock({(SHIRT, NORTH): row}, {(SHIRT, STORE): store, (SHIRT, DEPOT): depot})


def change(location: UUID = STORE, **figures: int) -> Change:
    return Change(SHIRT, NORTH, location, **figures)


STORE_ROW = Level(SHIRT, STORE, NORTH, on_hand=4, held_back=1, allocated=3)
DEPOT_ROW = Level(SHIRT, DEPOT, NORTH, on_hand=8, allocated=2)


def test_a_loss_is_taken_from_the_buffer_first() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=9)
    settled = rules.settle([change(on_hand=-1)], stock)
    assert settled.levels == (replace(STORE_ROW, on_hand=3),)
    assert settled.areas == (area(physical=11, offered=10, committed=9),)
    assert settled.shifts == ()


def test_a_loss_beyond_the_buffer_is_short_at_the_level_and_in_the_area() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=11)
    settled = rules.settle([change(on_hand=-3)], stock)
    assert settled.levels == (replace(STORE_ROW, on_hand=1, short=2),)
    assert settled.areas == (area(physical=9, offered=8, committed=11, short=2),)
    assert set(settled.shifts) == {Shift(SHIRT, NORTH, STORE, 2), Shift(SHIRT, NORTH, NOWHERE, 2)}


def test_a_loss_can_be_short_at_the_level_alone() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=5)
    settled = rules.settle([change(on_hand=-3)], stock)
    assert settled.shifts == (Shift(SHIRT, NORTH, STORE, 2),)
    assert settled.areas[0].short == 0


def test_a_level_below_zero_takes_nothing_from_its_area() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=5)
    settled = rules.settle([change(on_hand=-6)], stock)
    assert settled.levels[0].on_hand == -2
    assert settled.areas[0].physical == 8
    back = Stock({(SHIRT, NORTH): settled.areas[0]}, {(SHIRT, STORE): settled.levels[0]})
    again = rules.settle([change(on_hand=2)], back)
    assert again.areas == ()  # two came in and only filled the hole


def test_giving_up_promises_makes_fewer_short() -> None:
    short = replace(STORE_ROW, on_hand=1, short=2)
    stock = two_levels(short, DEPOT_ROW, committed=11)
    settled = rules.settle([change(allocated=-1, committed=-1)], stock)
    assert set(settled.shifts) == {
        Shift(SHIRT, NORTH, STORE, -1),
        Shift(SHIRT, NORTH, NOWHERE, -1),
    }


def test_shipping_the_goods_makes_nothing_short() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=11)
    settled = rules.settle([change(on_hand=-3, allocated=-3, committed=-3)], stock)
    assert settled.shifts == ()
    assert settled.areas == (area(physical=9, offered=8, committed=8),)


def test_allocating_does_not_need_the_area() -> None:
    stock = Stock({}, {(SHIRT, STORE): STORE_ROW})
    settled = rules.settle([change(allocated=-2)], stock)
    assert settled.levels == (replace(STORE_ROW, allocated=1),)
    assert settled.areas == ()


def test_changes_that_cancel_out_write_nothing() -> None:
    stock = two_levels(STORE_ROW, DEPOT_ROW, committed=11)
    there_and_back = [change(on_hand=-3, committed=2), change(on_hand=3, committed=-2)]
    settled = rules.settle(there_and_back, stock)
    assert (settled.levels, settled.areas, settled.shifts) == ((), (), ())


def shortage(number: int, open_units: int, minutes: int) -> Shortage:
    at = AT + timedelta(minutes=minutes)
    return Shortage(UUID(int=number), SHIRT, NORTH, STORE, 9, open_units, "count", UUID(int=77), at)


def test_the_oldest_shortage_is_worked_off_first() -> None:
    rows = [shortage(1, 3, 5), shortage(2, 2, 1), shortage(3, 4, 9)]
    worked = rules.work_off([Shift(SHIRT, NORTH, STORE, -4)], rows, AT)
    assert [(row.id.int, row.open_units, row.closed_at) for row in worked] == [
        (2, 0, AT),
        (1, 1, None),
    ]


def test_a_shortage_of_another_place_is_left_alone() -> None:
    rows = [replace(shortage(1, 3, 5), location_id=NOWHERE)]
    assert rules.work_off([Shift(SHIRT, NORTH, STORE, -4)], rows, AT) == []
    assert rules.work_off([Shift(SHIRT, NORTH, NOWHERE, 4)], rows, AT) == []


def test_the_last_movement_that_took_goods_is_to_blame() -> None:
    documents = [
        document(K.SALE, line(4), number=1),
        document(K.COUNT, line(3), number=2),
        document(K.RECEIPT, line(1), number=3),
    ]
    stock = at_store(10)
    blamed = rules.culprits(rules.moves(documents, stock, {}), stock)
    assert {place: move.document_id.int for place, move in blamed.items()} == {
        (SHIRT, NORTH, STORE): 2,
        (SHIRT, NORTH, NOWHERE): 2,
    }
