"""Shares of money: whatever the order of parts, they sum to the whole and are fair to a cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from baton.values.money import Money, between, minor_units, rounded, share

totals = st.integers(-(10**12), 10**12)
units = st.integers(1, 100_000)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, int, list[int]]:
    """A total, its units, and where they are cut into parts."""
    total, of = draw(totals), draw(units)
    inner = draw(st.lists(st.integers(0, of), max_size=12))
    return total, of, sorted([0, *inner, of])


@given(cuts())
def test_parts_sum_to_the_whole(case: tuple[int, int, list[int]]) -> None:
    total, of, marks = case
    parts = [between(total, of, a, b) for a, b in pairwise(marks)]
    assert sum(parts) == total


@given(totals, units, st.data())
def test_a_share_is_the_exact_one_to_half_a_cent(total: int, of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of))
    exact = Fraction(total * count, of)
    assert abs(share(total, of, count) - exact) <= Fraction(1, 2)


@given(totals, units, st.data())
def test_a_share_follows_the_one_rounding_rule(total: int, of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of))
    exact = Fraction(total * count, of)
    assert share(total, of, count) == round(exact)  # Python rounds a Fraction half to even


@given(st.integers(0, 10**9), units, st.data())
def test_no_unit_of_a_positive_total_is_negative(total: int, of: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, of))
    last = data.draw(st.integers(first, of))
    assert between(total, of, first, last) >= 0


@given(totals, units, st.data())
def test_a_credit_mirrors_its_charge(total: int, of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of))
    assert share(-total, of, count) == -share(total, of, count)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_rounding_is_half_to_even(value: Decimal) -> None:
    assert rounded(value) == round(value)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_written_out_is_read_back(minor: int, currency: str) -> None:
    written = str(Decimal(minor).scaleb(-minor_units(currency)))
    assert Money.parse(written, currency) == Money(minor, currency)
