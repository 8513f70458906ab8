"""What returned units bring, to the cent: explained with numbers in docs/algorithms/returns.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from baton.returns.model.goods import Grading
from baton.returns.model.money import ChargeBack, LineBack
from baton.returns.model.policy import Terms
from baton.returns.model.rma import RmaLine
from baton.values.money import between, rounded, share

_BP = 10_000


@dataclass(frozen=True, slots=True)
class Priced:
    """An order line: what all its units cost, the tax in it, and how many were not cancelled."""

    order_line: int
    total: int
    tax: int
    ordered: int
    standing: int
    settled: int
    goods: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """Units of a return's line that are settled now; of these `kept` don't come back."""

    line: RmaLine
    units: int
    kept: int
    gradings: tuple[Grading, ...] = ()


@dataclass(frozen=True, slots=True)
class Paid:
    """What an order's buyer can still be given back, and its charges.

    `charges` are (number, whole amount); `given` is what of each was given back before.
    """

    available: int
    charges: tuple[tuple[int, int], ...] = ()
    given: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A settlement before it is kept; `amount` = max(goods + charges − fee, 0) + bonus −
    withheld."""

    lines: tuple[LineBack, ...]
    charges: tuple[ChargeBack, ...]
    goods: int
    tax: int
    fee: int
    bonus: int
    withheld: int

    @property
    def charges_minor(self) -> int:
        return sum(charge.amount for charge in self.charges)

    @property
    def amount(self) -> int:
        return max(self.goods + self.charges_minor - self.fee, 0) + self.bonus - self.withheld


def settle(
    due: Sequence[Due],
    order: Sequence[Priced],
    paid: Paid,
    terms: Terms,
    *,
    credited: bool,
    label_fee: int,
) -> Sum:
    """What these units bring. `credited`: it becomes store credit or other goods.

    Units of an order line are counted from its first one, whoever returns them, so that any order
    of returns sums to the line. Never more than what is `available`; what is beyond it is
    withheld, for it was never paid.
    """
    priced = {each.order_line: each for each in order}
    lines = tuple(_line_back(each, priced[each.line.order_line], terms) for each in due)
    goods = sum(line.amount for line in lines)
    told = any(each.line.told_minor is not None for each in due)
    charges = () if told else _charges(lines, order, paid, terms)
    before_fee = max(goods + sum(charge.amount for charge in charges), 0)
    fee = min(_part(goods, terms.restocking_bp) + label_fee, before_fee)
    owed = before_fee - fee
    withheld = max(owed - max(paid.available, 0), 0)
    bonus = _part(goods, terms.bonus_bp) if credited and not withheld else 0
    tax = sum(line.tax for line in lines)
    return Sum(lines, charges, goods, tax, fee, bonus, withheld)


def _line_back(due: Due, priced: Priced, terms: Terms) -> LineBack:
    """Units first+1 … first+n of the order line: their share, less what grades take off."""
    line, first = due.line, priced.settled
    if line.told_minor is not None:
        amount = between(line.told_minor, line.requested, line.settled, line.settled + due.units)
    else:
        amount = 0
        for place, units, bp in _chunks(due, terms):
            whole = between(priced.total, priced.ordered, first + place, first + place + units)
            amount += whole - _part(whole, _BP - bp)
    tax = between(priced.tax, priced.ordered, first, first + due.units)
    full = between(priced.total, priced.ordered, first, first + due.units)
    if amount != full:  # the tax is that of what goes back
        tax = rounded(Decimal(tax) * amount / full) if full else 0
    return LineBack(line.line_no, line.order_line, first, due.units, amount, tax)


def _chunks(due: Due, terms: Terms) -> list[tuple[int, int, int]]:
    """(place, units, what they bring in basis points), in the order in which they are settled."""
    found: list[tuple[int, int, int]] = []
    place = 0
    if due.kept:
        found.append((0, due.kept, terms.part_bp))
        place = due.kept
    # kept units are settled first: the others follow in the order in which they were graded
    skip = max(due.line.settled - due.line.kept, 0)
    for grading in due.gradings:
        passed = min(skip, grading.units)
        skip -= passed
        units = min(grading.units - passed, due.units - place)
        if units:
            found.append((place, units, _BP - terms.deductions.get(grading.grade.value, 0)))
            place += units
    if place < due.units:
        found.append((place, due.units - place, _BP))
    return found


def _charges(
    lines: Sequence[LineBack], order: Sequence[Priced], paid: Paid, terms: Terms
) -> tuple[ChargeBack, ...]:
    """Discounts on the whole order go with the goods, by their value; what was charged goes back
    with the last unit of the order, where the policy says so."""
    more = {line.order_line: line.units for line in lines}
    standing = sum(share(x.total, x.ordered, x.standing) for x in order)
    after = sum(share(x.total, x.ordered, x.settled + more.get(x.order_line, 0)) for x in order)
    whole = all(x.settled + more.get(x.order_line, 0) == x.standing for x in order if x.goods)
    given, found = paid.given or {}, []
    for number, amount in paid.charges:
        if amount < 0 and standing > 0:
            taken = share(amount, standing, min(after, standing)) - given.get(number, 0)
            if taken:
                found.append(ChargeBack(number, taken, whole=False))
        elif amount > 0 and whole and terms.charges and number not in given:
            found.append(ChargeBack(number, amount, whole=True))
    return tuple(found)


def _part(amount: int, bp: int) -> int:
    return rounded(Decimal(amount) * bp / _BP)
