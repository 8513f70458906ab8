"""Whatever the order of part shipments and credits, documents sum to the order to the cent."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.invoicing.errors import CreditTooMuch
from baton.invoicing.model import Billable, Billed, Kind, Line, Part, Taxed
from baton.invoicing.rules import shares, sums
from baton.invoicing.rules.shares import Credit
from baton.values.money import share
from papers import ORDER, S7, S19, billable

RATES = (S19, S7, Taxed("Z", S7.rate * 0))


@st.composite
def orders(draw: st.DrawFn) -> tuple[Billable, ...]:
    """Lines and charges, discounts among them, with any tax up to their total."""
    made = []
    for no in range(1, draw(st.integers(1, 4)) + 1):
        ordered, total = draw(st.integers(1, 12)), draw(st.integers(0, 50_000))
        tax = draw(st.integers(0, total))
        discount = draw(st.integers(0, 5_000))
        rate = draw(st.sampled_from(RATES))
        made.append(billable(no, ordered, total, tax, discount=discount, taxed=rate))
    for no in range(1, draw(st.integers(0, 2)) + 1):
        total = draw(st.integers(-500, 1_000))
        made.append(billable(no, 1, total, total // 6, charge=True))
    return tuple(made)


def steps(data: st.DataObject, left: dict[int, int]) -> Iterator[dict[int, int]]:
    """Part shipments of one or several lines, in any order, until nothing is left."""
    while left:
        units = {}
        for no in data.draw(st.sets(st.sampled_from(sorted(left)), min_size=1), label="lines"):
            units[no] = data.draw(st.integers(1, left[no]), label="units")
        left = {no: n for no, many in left.items() if (n := many - units.get(no, 0))}
        yield units


def per_rate(lines: list[Line]) -> dict[tuple[str, object], tuple[int, int]]:
    return {(t.category, t.rate): (t.net, t.tax) for t in sums.taxes(lines)}


def whole(order: tuple[Billable, ...]) -> list[Line]:
    """One document of everything: what all others must sum to."""
    units = {x.part.line_no: x.ordered for x in order if x.part.line_no}
    return list(shares.bill(ORDER, order, units, {}))


@settings(max_examples=300, deadline=None)
@given(orders(), st.data())
def test_part_shipments_sum_to_the_order_per_rate(
    order: tuple[Billable, ...], data: st.DataObject
) -> None:
    billed: dict[Part, Billed] = {}
    lines: list[Line] = []
    for units in steps(data, {x.part.line_no: x.ordered for x in order if x.part.line_no}):
        made = shares.bill(ORDER, order, units, billed)
        lines += made
        billed = shares.added(billed, made, Kind.INVOICE)
        for each in order:
            there = billed.get(each.part, Billed(each.part))
            assert there.net + there.tax == share(each.total, each.ordered, there.units)
            assert there.tax == share(each.tax, each.ordered, there.units)
    assert per_rate(lines) == per_rate(whole(order))
    assert sum(x.discount for x in lines) == sum(x.discount for x in order)
    places = [(x.part, n) for x in lines for n in range(x.first_unit, x.first_unit + x.units)]
    assert len(places) == len(set(places)), "no unit is billed twice"


@settings(max_examples=300, deadline=None)
@given(orders(), st.data())
def test_credits_never_go_below_nothing_and_end_at_it(
    order: tuple[Billable, ...], data: st.DataObject
) -> None:
    invoiced = whole(order)
    billed = shares.added({}, invoiced, Kind.INVOICE)
    memos: list[Line] = []
    for _ in range(data.draw(st.integers(0, 6))):
        wanted = _wanted(data, order)
        try:
            made = shares.credit(ORDER, order, wanted, billed)
        except CreditTooMuch:
            continue
        billed = shares.added(billed, made, Kind.CREDIT_MEMO)
        memos += made
        _sound(order, billed)
    for each in order:  # and all that is left, at once: units where there are, else money
        there = billed[each.part]
        last = _rest(each, there)
        if last is None:  # units are gone, and less was given for them: nothing is left to return
            continue
        made = shares.credit(ORDER, order, last, billed)
        billed = shares.added(billed, made, Kind.CREDIT_MEMO)
        memos += made
        there = billed[each.part]
        assert (there.left, there.tax_left) == (0, 0)
        assert there.net == there.credited_net
    for part, there in billed.items():
        own = [x for x in memos if x.part == part]
        assert (sum(x.net for x in own), sum(x.tax for x in own)) == (
            there.credited_net,
            there.credited_tax,
        )


def _wanted(data: st.DataObject, order: tuple[Billable, ...]) -> Credit:
    lines = {
        x.part.line_no: n
        for x in order
        if x.part.line_no and (n := data.draw(st.integers(0, x.ordered)))
    }
    amounts = {no: data.draw(st.integers(0, 5_000)) for no in lines if data.draw(st.booleans())}
    charges = {
        x.part.charge_no: n
        for x in order
        if x.part.charge_no and (n := data.draw(st.integers(0, 300)))
    }
    fee = data.draw(st.sampled_from([0, 0, 1, 99]))
    return Credit(lines, amounts, charges, data.draw(st.sampled_from([0, 0, 1, 499])), fee)


def _sound(order: tuple[Billable, ...], billed: dict[Part, Billed]) -> None:
    for each in order:
        there = billed[each.part]
        assert there.credited_units <= there.units
        if each.total >= 0:
            assert 0 <= there.tax_left <= there.left, "no tax without its money"


def _rest(each: Billable, there: Billed) -> Credit | None:
    if each.part.line_no and there.units > there.credited_units:
        no = each.part.line_no
        left = there.units - there.credited_units
        return Credit(lines={no: left}, amounts={no: there.left})
    if each.part.charge_no and there.left > 0:
        return Credit(charges={each.part.charge_no: there.left})
    return None


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10**6), st.integers(0, 100), st.data())
def test_units_credited_by_shares_take_the_shares_tax(
    ordered: int, total: int, percent: int, data: st.DataObject
) -> None:
    order = (billable(1, ordered, total, total * percent // 100),)
    billed = shares.added({}, whole(order), Kind.INVOICE)
    while (left := ordered - billed[Part(1, 0)].credited_units) > 0:
        units = data.draw(st.integers(1, left))
        made = shares.credit(ORDER, order, Credit(lines={1: units}), billed)
        billed = shares.added(billed, made, Kind.CREDIT_MEMO)
        there = billed[Part(1, 0)]
        assert there.credited_tax == share(order[0].tax, ordered, there.credited_units)
        assert there.credited_net + there.credited_tax == share(
            total, ordered, there.credited_units
        )
