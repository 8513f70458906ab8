"""Tax in parts: whatever ships, is cancelled and comes back sums to the line's tax to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from baton.tax import amounts
from baton.tax.model import Buyer, Code, Item, Place, Rate, Seller, Supply
from baton.tax.reckoning import determined
from baton.tax.rules import Tables
from baton.values.ids import NIL
from baton.values.money import between

PERCENTS = st.decimals(min_value="0.5", max_value=30, places=2)


def rates(percents: list[Decimal]) -> Tables:
    since = date(2020, 1, 1)
    return Tables(
        tuple(
            Rate("US", "", "standard", f"c{n}", since, None, percent, Code.STANDARD, "", "")
            for n, percent in enumerate(percents)
        )
    )


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A line's units, and the places at which shipments, cancels and returns cut it."""
    units = draw(st.integers(1, 60))
    marks = draw(st.lists(st.integers(0, units), max_size=8))
    return units, sorted({0, units, *marks})


@given(
    amount=st.integers(0, 10**9),
    percents=st.lists(PERCENTS, min_size=1, max_size=4),
    cut=cuts(),
    included=st.booleans(),
    data=st.data(),
)
def test_the_parts_of_a_line_sum_to_it(
    amount: int, percents: list[Decimal], cut: tuple[int, list[int]], included: bool,
    data: st.DataObject,
) -> None:  # fmt: skip
    units, marks = cut
    item = Item(1, 0, "goods", "standard", amount, units, None, Place("US"))
    seller = Seller(Place("US"))
    supply = Supply(date(2026, 1, 1), included, seller, Buyer(), (item,))
    made = determined(NIL, supply, rates(percents))
    total = amount if included else amount + made.tax_minor
    pieces = data.draw(st.permutations(list(pairwise(marks))))
    tax: Counter[str] = Counter()
    paid = basis = 0
    for first, last in pieces:
        parts = amounts.of_units(made.parts, total, units, first, last)
        assert parts[0].basis_minor + sum(p.tax_minor for p in parts) == between(
            total, units, first, last
        ), "each shipment's invoice adds up in itself"
        basis += parts[0].basis_minor
        paid += sum(p.tax_minor for p in parts)
        for part in parts:
            tax[part.component] += part.tax_minor
            back = amounts.reversed_parts([part])[0]
            assert back.tax_minor + part.tax_minor == back.basis_minor + part.basis_minor == 0
    assert {p.component: p.tax_minor for p in made.parts} == dict(tax)
    assert (basis, paid) == (made.parts[0].basis_minor, made.tax_minor)


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=8),
)
def test_what_is_spread_sums_to_what_it_came_from(total: int, weights: list[int]) -> None:
    parts = amounts.spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(part - Decimal(total) * weight / whole) <= 1


@given(
    st.integers(1, 10**8),
    st.integers(1, 500),
    PERCENTS,
    st.booleans(),
    st.sampled_from(["line", "units"]),
)
def test_honest_roundings_always_agree(
    amount: int, units: int, percent: Decimal, included: bool, how: str
) -> None:
    part = percent / (100 + percent) if included else percent / 100
    exact = amount * part
    given_tax = int(exact) if how == "line" else int(exact / units) * units
    assert amounts.agrees(given_tax, amount, units, percent, included=included)
    assert not amounts.agrees(given_tax + 3 * units + 3, amount, units, percent, included=included)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.integers(-(10**6), 10**6),
       st.booleans())  # fmt: skip
def test_an_order_sums_to_what_the_buyer_pays(
    lines: list[int], shipping: int, included: bool
) -> None:
    kept = Tables(
        tuple(
            Rate("DE", "", category, "vat", date(2020, 1, 1), None, percent, Code.STANDARD, "", "")
            for category, percent in (("standard", Decimal(19)), ("reduced", Decimal(7)))
        )
    )
    items = [
        Item(n, 0, "goods", ("standard", "reduced")[n % 2], amount, 1, None, Place("DE"))
        for n, amount in enumerate(lines, 1)
    ]
    items.append(Item(0, 1, "shipping", "", shipping, 1, None, Place("DE")))
    supply = Supply(date(2026, 1, 1), included, Seller(Place("DE")), Buyer(), tuple(items))
    made = determined(NIL, supply, kept)
    net = sum(part.basis_minor for part in made.parts)
    whole = sum(lines) + shipping
    assert net + (made.tax_minor if included else 0) == whole
    assert made.tax_minor == sum(part.tax_minor for part in made.parts) == made.expected_minor
