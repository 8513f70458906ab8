"""The table of moves tried pair by pair; statuses and money read off the buckets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orders import rules
from baton.orders.errors import IllegalMove
from baton.orders.model import (
    BUCKETS,
    Bucket,
    Charge,
    ChargeKind,
    Group,
    Header,
    Line,
    LineKind,
    Method,
    Mode,
    Order,
    Status,
)
from baton.orders.states import ENDS, MOVES, Action
from baton.values.ids import NIL

AT = datetime(2026, 3, 2, tzinfo=UTC)


def line(number: int = 1, total: int = 1000, **units: int) -> Line:
    ordered = sum(units.values())
    return Line(
        number, 1, LineKind.GOODS, NIL, "S", "Thing", 100, False, total, 0, 0, total, ordered,
        **units,
    )  # fmt: skip


def order(*lines: Line, charges: int = 0) -> Order:
    header = Header(
        NIL, "N", NIL, NIL, "x", Mode.LIVE, None, "", "", "", None, "en", "EUR", "EUR", None, True,
        0, 0, 0, 0, "", {}, AT, AT, "s", b"f",
    )  # fmt: skip
    group = Group(1, Method.SHIP, None, "", None, None, None, "standard")
    extra = (Charge(1, ChargeKind.SHIPPING, "Shipping", charges, 0),) if charges else ()
    return Order(header, lines, (group,), extra)


@pytest.mark.parametrize(
    ("action", "source", "target"), list(product(Action, BUCKETS, BUCKETS)), ids=str
)
def test_units_move_only_as_the_table_says(action: Action, source: Bucket, target: Bucket) -> None:
    before = order(line(**{source.value: 3}))
    if (source, target) in MOVES[action]:
        after = rules.move(before, action, source, target, {1: 2})
        assert (after.line(1).units(source), after.line(1).units(target)) == (1, 2)
        assert rules.bucket_sum(after.line(1)) == 3
    else:
        with pytest.raises(IllegalMove):
            rules.move(before, action, source, target, {1: 2})


def test_more_units_than_there_are_do_not_move() -> None:
    with pytest.raises(IllegalMove):
        rules.move(order(line(open=2)), Action.RESERVE, Bucket.OPEN, Bucket.RESERVED, {1: 3})


def test_ends_are_ends() -> None:
    leaving = {source for moves in MOVES.values() for source, _ in moves}
    assert not leaving & ENDS


def test_every_bucket_is_reached_from_where_an_order_begins() -> None:
    reached = {Bucket.OPEN, Bucket.PARKED}
    while (
        more := {
            target for moves in MOVES.values() for source, target in moves if source in reached
        }
        - reached
    ):
        reached |= more
    assert reached == set(BUCKETS)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((line(parked=1), line(2, reserved=1)), Status.PARKED),
        ((line(open=1), line(2, allocated=1)), Status.OPEN),
        ((line(backordered=1), line(2, reserved=1)), Status.BACKORDERED),
        ((line(reserved=1), line(2, allocated=1)), Status.RESERVED),
        ((line(allocated=1, cancelled=1),), Status.ALLOCATED),
        ((line(released=1), line(2, backordered=1)), Status.RELEASED),
        ((line(shipped=1), line(2, backordered=1)), Status.PARTLY_SHIPPED),
        ((line(shipped=1), line(2, cancelled=1)), Status.SHIPPED),
        ((line(cancelled=2),), Status.CANCELLED),
        ((replace(line(shipped=2), delivered=1, lost=1),), Status.DELIVERED),
        ((), Status.SHIPPED),
    ],
)
def test_the_status_is_read_off_the_buckets(lines: tuple[Line, ...], status: Status) -> None:
    assert rules.status(lines) is status


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10_000)), min_size=1, max_size=4),
    st.integers(0, 900),
    st.data(),
)
def test_parts_in_any_order_sum_to_the_total(
    lines: list[tuple[int, int]], charges: int, data: st.DataObject
) -> None:
    """Whatever is shipped or cancelled first, the parts sum to the total to the cent."""
    now = order(
        *(line(n, total, open=units) for n, (units, total) in enumerate(lines, 1)),
        charges=charges,
    )
    whole = sum(total for _, total in lines) + charges
    paid = dropped = 0
    while left := rules.everything(now):
        number = data.draw(st.sampled_from(sorted(left)))
        units = {number: data.draw(st.integers(1, left[number]))}
        if data.draw(st.booleans()):
            paid += rules.due_for_shipping(now, units)
            now = now.moved(Bucket.OPEN, Bucket.SHIPPED, units)
        else:
            dropped += rules.value_of_cancelling(now, units)
            now = now.moved(Bucket.OPEN, Bucket.CANCELLED, units)
        assert paid + dropped + rules.still_due(now) == whole
    assert paid + dropped == whole
