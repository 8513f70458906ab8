"""What units cost on paper, what a memo takes back, and what numbers look like."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from baton.flows.tax_rates import NOT_TAXED, effective, pieces
from baton.invoicing.errors import CreditTooMuch, SeriesInvalid
from baton.invoicing.model import Kind, Part, Policy, Rule, Taxed, policy_for
from baton.invoicing.rules import numbers, shares, sums
from baton.invoicing.rules.shares import Credit
from baton.tax.model import Determined
from baton.values import Id
from baton.values.ids import NIL
from papers import ORDER, S7, S19, billable, document, line

LINE = billable(1, 3, 1000, 160, discount=100)
SHIPPING = billable(1, 1, 490, 78, charge=True)


def amounts(lines) -> list[tuple[int, int]]:
    return [(x.net, x.tax) for x in lines]


def test_units_cost_their_share_and_charges_go_with_the_first() -> None:
    first = shares.bill(ORDER, (LINE, SHIPPING), {1: 1}, {})
    assert amounts(first) == [(280, 53), (412, 78)]
    billed = shares.added({}, first, Kind.INVOICE)
    second = shares.bill(ORDER, (LINE, SHIPPING), {1: 2}, billed)
    assert amounts(second) == [(560, 107)]
    assert (second[0].first_unit, second[0].units, second[0].discount) == (1, 2, 67)


def test_nothing_is_billed_for_units_that_did_not_leave() -> None:
    assert shares.bill(ORDER, (LINE,), {}, {}) == ()


def billed_whole():
    return shares.added({}, shares.bill(ORDER, (LINE, SHIPPING), {1: 3}, {}), Kind.INVOICE)


def test_units_are_credited_by_their_shares() -> None:
    made = shares.credit(ORDER, (LINE, SHIPPING), Credit(lines={1: 1}), billed_whole())
    assert amounts(made) == [(280, 53)]


def test_what_an_appeasement_took_is_not_credited_again() -> None:
    billed = billed_whole()
    eased = shares.credit(ORDER, (LINE, SHIPPING), Credit(amount=745), billed)
    assert [x.total for x in eased] == [245, 500]
    assert [x.units for x in eased] == [0, 0]
    billed = shares.added(billed, eased, Kind.CREDIT_MEMO)
    rest = shares.credit(ORDER, (LINE, SHIPPING), Credit(lines={1: 3}), billed)
    assert rest[0].total == 500
    billed = shares.added(billed, rest, Kind.CREDIT_MEMO)
    assert (billed[Part(1, 0)].left, billed[Part(1, 0)].tax_left) == (0, 0)


def test_a_fee_is_kept_back_in_proportion() -> None:
    wanted = Credit(lines={1: 3}, charges={1: 490}, fee=149)
    made = shares.credit(ORDER, (LINE, SHIPPING), wanted, billed_whole())
    assert [x.total for x in made] == [900, 441]


@pytest.mark.parametrize(
    "wanted",
    [
        Credit(lines={1: 4}),
        Credit(lines={2: 1}),
        Credit(lines={1: 0}),
        Credit(lines={1: 1}, amounts={1: 1001}),
        Credit(charges={1: 491}),
        Credit(charges={2: 1}),
        Credit(amount=1491),
        Credit(lines={1: 1}, fee=334),
    ],
)
def test_no_more_is_credited_than_was_billed(wanted: Credit) -> None:
    with pytest.raises(CreditTooMuch):
        shares.credit(ORDER, (LINE, SHIPPING), wanted, billed_whole())


def test_up_to_what_was_billed() -> None:
    wanted = Credit(lines={1: 9, 2: 1}, amounts={1: 5000, 2: 1}, charges={1: 999, 3: 1})
    least = shares.within(wanted, billed_whole())
    assert (least.lines, least.amounts, least.charges) == ({1: 3}, {1: 1000}, {1: 490})


# ── numbers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("INV-{year}-{no:06d}", "INV-2026-000042"),
        ("{no}", "42"),
        ("R{no:03d}/{year}", "R042/2026"),
        ("{no:01d}", "42"),
    ],
)
def test_a_pattern_makes_numbers(pattern: str, made: str) -> None:
    numbers.check(pattern)
    assert numbers.number(pattern, 2026, 42) == made


def test_a_number_outgrows_its_width() -> None:
    assert numbers.number("A{no:02d}", 2026, 1234) == "A1234"


@pytest.mark.parametrize(
    "pattern",
    ["", "INV", "{no}{no}", "{year}{year}{no}", "{NO}", "{no:6d}", "{no:099d}", "a{b}{no}", "ä{no}",
     " {no}", "x" * 40 + "{no}", "{no}\n"],
)  # fmt: skip
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(SeriesInvalid):
        numbers.check(pattern)


def test_years_count_anew_where_they_are_named() -> None:
    assert numbers.counted_in("A-{year}-{no}", 2026) == 2026
    assert numbers.counted_in("A-{no}", 2026) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A-{no}", "A-{no:06d}"),
        ("A{no}", "A1{no}"),
        ("{year}{no}", "{no}"),
        ("A{no}", "A{no}{year}"),
    ],
)
def test_patterns_that_could_make_the_same_are_alike(one: str, other: str) -> None:
    assert numbers.skeleton(one) == numbers.skeleton(other)


def test_patterns_with_other_letters_are_not() -> None:
    made = {numbers.skeleton(p) for p in ("A-{no}", "B-{no}", "A-{year}-{no}", "{no}-A")}
    assert len(made) == 4


# ── sums, policies, rates ──────────────────────────────────────────────────────────────────


def test_taxes_are_the_sums_of_lines_per_rate() -> None:
    lines = [line(1, 1, 100, 19), line(2, 1, 50, 10), line(3, 1, 200, 14, S7)]
    assert [(t.rate, t.net, t.tax) for t in sums.taxes(lines)] == [
        (S19.rate, 150, 29),
        (S7.rate, 200, 14),
    ]


def test_a_document_that_does_not_add_up_is_found() -> None:
    sound = document([line(1, 1, 100, 19)])
    assert list(sums.faults(sound)) == []
    wrong = document([line(1, 1, 100, 19)], net=99)
    assert "its lines 100 + 19" in next(iter(sums.faults(wrong)))
    assert "tax summary" in next(iter(sums.faults(document([line(1, 1, 100, 19)], taxes=()))))


def test_the_customers_policy_comes_first_then_the_channels() -> None:
    channel, customer = Id(int=1), Id(int=2)
    assert policy_for([], channel, customer) is Policy.SHIPMENT
    rules = [Rule(NIL, NIL, Policy.NONE)]
    assert policy_for(rules, channel, None) is Policy.NONE
    rules.append(Rule(channel, NIL, Policy.ORDER))
    assert policy_for(rules, channel, customer) is Policy.ORDER
    rules.append(Rule(NIL, customer, Policy.MONTH))
    assert policy_for(rules, channel, customer) is Policy.MONTH
    assert policy_for(rules, Id(int=9), None) is Policy.NONE
    rules.append(Rule(channel, customer, Policy.SHIPMENT))
    assert policy_for(rules, channel, customer) is Policy.SHIPMENT


@pytest.mark.parametrize(
    ("net", "tax", "stated"),
    [
        (840, 160, Taxed("S", Decimal("19.05"))),
        (-840, -160, Taxed("S", Decimal("19.05"))),
        (1000, 0, NOT_TAXED),
        (0, 0, NOT_TAXED),
        (100, -1, NOT_TAXED),
    ],
)
def test_a_rate_is_what_the_amounts_make_and_nothing_is_guessed(
    net: int, tax: int, stated: Taxed
) -> None:
    assert effective(net, tax) == stated


# ── what was determined ────────────────────────────────────────────────────────────────────


def determined(line_no: int, charge_no: int, rate: str, basis: int, tax: int, **more) -> Determined:
    code = more.pop("category", "S")
    return Determined(
        ORDER, line_no, charge_no, more.pop("component", "vat"), "DE", code, Decimal(rate), basis,
        tax, "domestic", **more,
    )  # fmt: skip


def an_order():
    """One line of 3 for 10.00 with 1.60 in it, and shipping of 5.95 with 1.00 in it."""
    return SimpleNamespace(
        header=SimpleNamespace(prices_include_tax=True),
        lines=(SimpleNamespace(line_no=1, total=1000, tax=160),),
        charges=(SimpleNamespace(charge_no=1, amount=595, tax=100),),
    )


def stated(*parts: Determined) -> dict:
    made = pieces(an_order(), parts)
    return {
        tuple(part): (x.taxed.category, str(x.taxed.rate), x.total, x.tax)
        for part, x in made.items()
    }


def test_rates_are_those_determined() -> None:
    parts = (determined(1, 0, "19", 840, 160), determined(0, 1, "19", 495, 100))
    assert stated(*parts) == {(1, 0, 0): ("S", "19", 1000, 160), (0, 1, 0): ("S", "19", 595, 100)}


def test_a_charge_is_billed_at_each_rate_that_it_shares() -> None:
    parts = (
        determined(0, 1, "19", 375, 71),
        determined(0, 1, "7", 120, 29, goods_category="books"),
    )
    made = stated(*parts)
    assert made[0, 1, 0] == ("S", "7", 149, 29)
    assert made[0, 1, 1] == ("S", "19", 446, 71)


def test_components_are_one_rate_on_paper() -> None:
    parts = (
        determined(1, 0, "7.25", 840, 120, component="state"),
        determined(1, 0, "2.25", 840, 40, component="district"),
    )
    assert stated(*parts)[1, 0, 0] == ("S", "9.50", 1000, 160)


def test_what_is_not_determined_is_what_the_amounts_make() -> None:
    assert stated()[1, 0, 0] == ("S", "19.05", 1000, 160)
    stale = determined(1, 0, "19", 900, 171)
    assert stated(stale)[1, 0, 0] == ("S", "19.05", 1000, 160)
    half = (determined(0, 1, "19", 375, 71),)
    assert stated(*half)[0, 1, 0] == ("S", "20.20", 595, 100)


def test_why_nothing_is_taken_is_kept() -> None:
    order = an_order()
    order.lines = (SimpleNamespace(line_no=1, total=1000, tax=0),)
    part = determined(1, 0, "0", 1000, 0, category="G", exemption="VATEX-EU-G")
    assert pieces(order, [part])[Part(1, 0)].taxed == Taxed("G", Decimal(0), "VATEX-EU-G")


def test_a_charge_in_pieces_is_credited_in_proportion() -> None:
    halves = (
        replace(SHIPPING, part=Part(0, 1, 0), total=300, tax=48, taxed=S19),
        replace(SHIPPING, part=Part(0, 1, 1), total=190, tax=12, taxed=S7),
    )
    lines = shares.bill(ORDER, halves, {}, {})
    assert amounts(lines) == [(252, 48), (178, 12)]
    billed = shares.added({}, lines, Kind.INVOICE)
    made = shares.credit(ORDER, halves, Credit(charges={1: 49}), billed)
    assert [(x.total, x.taxed) for x in made] == [(30, S19), (19, S7)]
    assert shares.bill(ORDER, halves, {}, billed) == ()
