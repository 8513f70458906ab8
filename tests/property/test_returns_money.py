"""What returns bring: in any order of part shipments, cancels and returns it sums to what was paid.

BATON_RETURN_EXAMPLES sets how many histories are tried.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from baton.returns.model import GoesTo, Grade, Grading, RmaLine, Terms
from baton.returns.rules.money import Due, Paid, Priced, settle
from baton.values.ids import new_id
from baton.values.money import between, share

EXAMPLES = int(os.environ.get("BATON_RETURN_EXAMPLES", "1000"))
ID = new_id(1, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def asked(number: int, units: int, **more: int) -> RmaLine:
    return RmaLine(
        number, number, ID, "S", "S", units, units, "other", "", "", GoesTo.ORIGINAL, "",
        "approve", {}, **more,
    )  # fmt: skip


@dataclass
class Line:
    total: int
    tax: int
    ordered: int
    shipped: int = 0
    cancelled: int = 0
    settled: int = 0
    brought: int = 0
    taxed: int = 0

    @property
    def waiting(self) -> int:
        return self.ordered - self.shipped - self.cancelled


@dataclass
class Sale:
    """An order under a small model of what its buyer paid."""

    lines: list[Line]
    charges: list[int]
    paid: int = 0
    brought: int = 0
    given: dict[int, int] = field(default_factory=dict)
    withheld: int = 0
    last: str = ""

    def ship(self, number: int, units: int) -> None:
        line, first = self.lines[number], not any(x.shipped for x in self.lines)
        due = between(line.total, line.ordered, line.shipped, line.shipped + units)
        due += sum(self.charges) if first else 0
        assume(due >= 0)  # a discount beyond the first parcel is no money that came
        line.shipped += units
        self.paid += due
        self.last = "ship"

    def cancel(self, number: int, units: int) -> None:
        self.lines[number].cancelled += units
        self.last = "cancel"

    def take_back(self, units: dict[int, int], terms: Terms) -> None:
        due = [Due(asked(n + 1, u), u, 0) for n, u in units.items()]
        order = [
            Priced(n + 1, x.total, x.tax, x.ordered, x.ordered - x.cancelled, x.settled)
            for n, x in enumerate(self.lines)
        ]
        charges = tuple(enumerate(self.charges, 1))
        paid = Paid(self.paid - self.brought, charges, dict(self.given))
        made = settle(due, order, paid, terms, credited=False, label_fee=0)
        for back in made.lines:
            line = self.lines[back.order_line - 1]
            assert back.first_unit == line.settled
            line.settled += back.units
            line.brought += back.amount
            line.taxed += back.tax
        for charge in made.charges:
            self.given[charge.charge_no] = self.given.get(charge.charge_no, 0) + charge.amount
        self.brought += made.amount
        self.withheld += made.withheld
        self.last = "return"
        assert made.amount >= 0
        assert self.brought <= self.paid, "never more than was paid"


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    lines = [
        Line(draw(st.integers(0, 50_000)), draw(st.integers(0, 5_000)), draw(st.integers(1, 9)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    charges = draw(st.lists(st.integers(-3_000, 3_000), max_size=3))
    return Sale(lines, charges)


@many
@given(sales(), st.data())
def test_any_order_of_events_sums_to_what_was_paid(sale: Sale, data: st.DataObject) -> None:
    terms = Terms(charges=True)
    for _ in range(data.draw(st.integers(1, 14))):
        number = data.draw(st.integers(0, len(sale.lines) - 1))
        line, what = sale.lines[number], data.draw(st.sampled_from(["ship", "cancel", "return"]))
        if what == "ship" and line.waiting:
            sale.ship(number, data.draw(st.integers(1, line.waiting)))
        elif what == "cancel" and line.waiting:
            sale.cancel(number, data.draw(st.integers(1, line.waiting)))
        elif what == "return" and line.shipped > line.settled:
            sale.take_back({number: data.draw(st.integers(1, line.shipped - line.settled))}, terms)
    for number, line in enumerate(sale.lines):
        if line.waiting:
            sale.cancel(number, line.waiting)
    rest = {n: x.shipped - x.settled for n, x in enumerate(sale.lines) if x.shipped > x.settled}
    if rest:
        sale.take_back(rest, terms)
    for line in sale.lines:
        assert line.brought == share(line.total, line.ordered, line.shipped)
        assert line.taxed == share(line.tax, line.ordered, line.shipped)
    if sale.last == "return" and not sale.withheld:
        assert sale.brought == sale.paid
        assert sale.given == {n: c for n, c in enumerate(sale.charges, 1) if c}


@many
@given(
    st.integers(0, 10**9),
    st.integers(1, 40),
    st.lists(st.tuples(st.sampled_from(list(Grade)), st.integers(1, 9)), min_size=1, max_size=6),
    st.fixed_dictionaries({grade.value: st.integers(0, 10_000) for grade in Grade}),
    st.data(),
)
def test_what_grades_take_off_does_not_depend_on_the_parts(
    total: int,
    ordered: int,
    grades: list[tuple[Grade, int]],
    deductions: dict[str, int],
    data: st.DataObject,
) -> None:
    """Settled unit by unit or at once: each grade's units bring their share less its part."""
    gradings = tuple(Grading(ID, ID, 1, ID, units, grade, "", NOW, "") for grade, units in grades)
    units = sum(each.units for each in gradings)
    assume(units <= ordered)
    terms, done, brought = Terms(deductions=deductions), 0, 0
    while done < units:
        part = data.draw(st.integers(1, units - done))
        line = asked(1, units, settled=done, received=units, graded=units)
        made = settle(
            [Due(line, part, 0, gradings)],
            [Priced(1, total, 0, ordered, ordered, done)],
            Paid(10**12),
            terms,
            credited=False,
            label_fee=0,
        )
        brought += made.amount
        done += part
    whole = share(total, ordered, units)
    assert 0 <= brought <= whole
    least = whole * (10_000 - max(deductions.values())) / 10_000
    assert brought >= least - units, "rounded once a part"


@many
@given(
    st.integers(0, 10**6),
    st.integers(0, 10_000),
    st.integers(0, 10**5),
    st.integers(0, 10**6),
    st.integers(0, 10_000),
    st.booleans(),
)
def test_fees_and_bonus_keep_within_their_bounds(
    total: int, restocking_bp: int, label_fee: int, available: int, bonus_bp: int, credited: bool
) -> None:
    made = settle(
        [Due(asked(1, 1), 1, 0)],
        [Priced(1, total, 0, 1, 1, 0)],
        Paid(available),
        Terms(restocking_bp=restocking_bp, bonus_bp=bonus_bp),
        credited=credited,
        label_fee=label_fee,
    )
    assert 0 <= made.fee <= total
    assert made.withheld == max(total - made.fee - available, 0)
    assert made.amount - made.bonus <= min(total, available)
    assert made.bonus == 0 or credited
    assert made.amount == max(made.goods + made.charges_minor - made.fee, 0) + made.bonus - (
        made.withheld
    )
