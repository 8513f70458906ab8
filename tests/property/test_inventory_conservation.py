"""Documents, settling and shortages: what holds whatever happens, in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from baton.inventory import rules
from baton.inventory.model import (
    NOWHERE,
    AreaStock,
    Change,
    Document,
    DocumentKind,
    DocumentLine,
    Level,
    MovementKind,
    Settled,
    Shift,
    Shortage,
    Stock,
)

K = DocumentKind
AT = datetime(2026, 3, 1, tzinfo=UTC)
SKU, AREA = UUID(int=1), UUID(int=11)
PLACES = [UUID(int=21), UUID(int=22)]
FEW = st.integers(0, 9)


figures = st.tuples(st.integers(-4, 12), FEW, FEW, FEW)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    """Two levels and their area, settled."""
    raw = {(SKU, place): Level(SKU, place, AREA, *draw(figures)) for place in PLACES}
    levels = {key: replace(v, short=max(0, v.allocated - v.physical)) for key, v in raw.items()}
    allocated = sum(level.allocated for level in levels.values())
    return Stock({(SKU, AREA): area_of(levels.values(), allocated + draw(FEW))}, levels)


def area_of(levels: Iterable[Level], committed: int) -> AreaStock:
    own = list(levels)
    physical, offered = sum(v.physical for v in own), sum(v.sellable for v in own)
    return AreaStock(SKU, AREA, physical, offered, committed, max(0, committed - physical))


def after(stock: Stock, settled: Settled) -> Stock:
    return Stock(
        {**stock.areas, **{(row.sku_id, row.area_id): row for row in settled.areas}},
        {**stock.levels, **{(row.sku_id, row.location_id): row for row in settled.levels}},
    )


signed = st.integers(-6, 6)
changes = st.lists(
    st.builds(
        Change,
        sku_id=st.just(SKU),
        area_id=st.just(AREA),
        location_id=st.sampled_from(PLACES),
        on_hand=signed,
        unavailable=FEW,
        held_back=FEW,
        allocated=FEW,
        committed=FEW,
    )
    | st.builds(
        Change,
        sku_id=st.just(SKU),
        area_id=st.just(AREA),
        location_id=st.just(NOWHERE),
        committed=FEW,
    ),
    max_size=8,
)


@given(changes, stocks(), st.randoms())
def test_the_order_of_changes_does_not_matter(
    some: list[Change], stock: Stock, random: Random
) -> None:
    settled = after(stock, rules.settle(some, stock))
    random.shuffle(some)
    assert after(stock, rules.settle(some, stock)) == settled


@given(changes, changes, stocks())
def test_two_steps_are_one(first: list[Change], second: list[Change], stock: Stock) -> None:
    one = rules.settle([*first, *second], stock)
    half = rules.settle(first, stock)
    rest = rules.settle(second, after(stock, half))
    assert after(after(stock, half), rest) == after(stock, one)
    assert summed([*half.shifts, *rest.shifts]) == summed(one.shifts)


def summed(shifts: Iterable[Shift]) -> dict[tuple[UUID, UUID, UUID], int]:
    sums: Counter[tuple[UUID, UUID, UUID]] = Counter()
    for shift in shifts:
        sums[shift.sku_id, shift.area_id, shift.location_id] += shift.units
    return {place: units for place, units in sums.items() if units}


@given(changes, stocks())
def test_rows_stay_what_they_are_made_of(some: list[Change], stock: Stock) -> None:
    rows = after(stock, rules.settle(some, stock))
    area = rows.areas[SKU, AREA]
    assert area == area_of(rows.levels.values(), area.committed)
    for level in rows.levels.values():
        assert level.short == max(0, level.allocated - level.physical)


# ── documents ──────────────────────────────────────────────────────────────────────────────


def document(kind: DocumentKind, place: UUID, units: int, number: int) -> Document:
    line = DocumentLine(1, SKU, units)
    return Document(UUID(int=900 + number), kind, place, AREA, "", "", AT, (line,))


some_kinds = st.sampled_from([kind for kind in K if kind is not K.TRANSFER])
some_units = st.integers(1, 12) | st.integers(-12, -1)


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        kind, units = draw(some_kinds), draw(some_units)
        signed_units = units if kind is K.ADJUSTMENT else abs(units)
        made.append(document(kind, draw(st.sampled_from(PLACES)), signed_units, number))
    return made


@st.composite
def papers(draw: st.DrawFn) -> tuple[list[Document], Stock, dict[tuple[UUID, UUID], int]]:
    stock = draw(stocks())
    missing = {key: draw(st.integers(0, level.unavailable)) for key, level in stock.levels.items()}
    return draw(documents()), stock, missing


@given(papers())
def test_unavailable_units_are_damaged_or_missing_and_never_less_than_none(
    given_: tuple[list[Document], Stock, dict[tuple[UUID, UUID], int]],
) -> None:
    """The three kinds that tell missing units apart keep that figure exact."""
    made, stock, missing = given_
    unavailable = {key: level.unavailable for key, level in stock.levels.items()}
    lost = dict(missing)
    for move in rules.moves(made, stock, missing):
        key = move.sku_id, move.location_id
        unavailable[key] += move.unavailable
        if move.kind in (MovementKind.MISSING, MovementKind.FOUND, MovementKind.COUNT):
            lost[key] += move.unavailable
        assert 0 <= lost[key] <= unavailable[key]


@given(papers())
def test_a_count_leaves_what_was_counted_and_nothing_missing(
    given_: tuple[list[Document], Stock, dict[tuple[UUID, UUID], int]],
) -> None:
    made, stock, missing = given_
    place = PLACES[0]
    moves = rules.moves([*made, document(K.COUNT, place, 7, 99)], stock, missing)
    settled = after(stock, rules.settle(rules.as_changes(moves, stock), stock))
    level = settled.levels[SKU, place]
    assert level.on_hand == 7
    assert level.unavailable <= 7
    lost = missing[SKU, place] + sum(
        m.unavailable
        for m in moves
        if m.location_id == place
        and m.kind in (MovementKind.MISSING, MovementKind.FOUND, MovementKind.COUNT)
    )
    assert lost == 0


@given(papers())
def test_whoever_goes_short_somebody_is_to_blame(
    given_: tuple[list[Document], Stock, dict[tuple[UUID, UUID], int]],
) -> None:
    made, stock, missing = given_
    moves = rules.moves(made, stock, missing)
    blamed = rules.culprits(moves, stock)
    for shift in rules.settle(rules.as_changes(moves, stock), stock).shifts:
        if shift.units > 0:
            move = blamed[shift.sku_id, shift.area_id, shift.location_id]
            assert move.document_id in {document.id for document in made}
            assert move.on_hand < move.unavailable


# ── shortages ──────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50)), max_size=6), st.data())
def test_shortages_are_worked_off_to_the_unit(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    open_rows = [
        Shortage(UUID(int=n), SKU, AREA, PLACES[0], units, units, "count", SKU, AT + timedelta(age))
        for n, (units, age) in enumerate(rows)
    ]
    total = sum(row.open_units for row in open_rows)
    units = data.draw(st.integers(0, total))
    shifts = [Shift(SKU, AREA, PLACES[0], -units)] if units else []
    worked = {row.id: row for row in rules.work_off(shifts, open_rows, AT)}
    left = [worked.get(row.id, row) for row in sorted(open_rows, key=lambda r: (r.opened_at, r.id))]
    assert sum(row.open_units for row in left) == total - units
    assert all((row.closed_at is not None) == (row.open_units == 0) for row in left)
    first_open = next((n for n, row in enumerate(left) if row.open_units), len(left))
    assert all(row.id not in worked for row in left[first_open + 1 :])
