"""What is billed for units, and what is credited of it, to the cent.

Explained with worked numbers in docs/algorithms/invoicing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from baton.invoicing.errors import CreditTooMuch
from baton.invoicing.model import Billable, Billed, Kind, Line, Part
from baton.values.ids import Id
from baton.values.money import between, rounded, share


def bill(
    order_id: Id,
    billables: Sequence[Billable],
    units: Mapping[int, int],
    billed: Mapping[Part, Billed],
) -> tuple[Line, ...]:
    """The lines for `units` (line number → units) and for all charges that no document has yet.

    Each line takes the places that follow those billed before, so that any order of shipments
    sums to the line, its tax and its discount to the cent.
    """
    made = []
    for each in billables:
        before = billed.get(each.part)
        if each.part.charge_no:
            if before is None:
                made.append(_taken(order_id, each, 0, 1))
        elif wanted := units.get(each.part.line_no, 0):
            made.append(_taken(order_id, each, before.units if before else 0, wanted))
    return tuple(made)


def _taken(order_id: Id, each: Billable, first: int, units: int) -> Line:
    last = first + units
    total = between(each.total, each.ordered, first, last)
    tax = between(each.tax, each.ordered, first, last)
    return Line(
        order_id=order_id,
        part=each.part,
        sku=each.sku,
        title=each.title,
        first_unit=first,
        units=units,
        unit_price=each.unit_price,
        discount=between(each.discount, each.ordered, first, last),
        net=total - tax,
        tax=tax,
        taxed=each.taxed,
    )


@dataclass(frozen=True, slots=True)
class Credit:
    """What is to be credited of an order: units of lines, amounts of charges, an amount.

    `amounts` says what units of a line are worth, where that is not their share. `amount` is
    spread over all that is left; `fee` is kept back of the rest. All as the buyer pays, tax and
    all.
    """

    lines: Mapping[int, int] = field(default_factory=dict)
    amounts: Mapping[int, int] = field(default_factory=dict)
    charges: Mapping[int, int] = field(default_factory=dict)
    amount: int = 0
    fee: int = 0


def within(wanted: Credit, billed: Mapping[Part, Billed]) -> Credit:
    """What of `wanted` can be credited: no more units and money than were billed and are left."""
    lines, amounts, charges = {}, {}, {}
    for line_no, units in wanted.lines.items():
        there = billed.get(Part(line_no, 0))
        if there is not None and (most := min(units, there.units - there.credited_units)) > 0:
            lines[line_no] = most
    for line_no, amount in wanted.amounts.items():
        there = billed.get(Part(line_no, 0))
        if there is not None:
            amounts[line_no] = min(amount, there.left)
    for charge_no, amount in wanted.charges.items():
        left = sum(each.left for part, each in billed.items() if part.charge_no == charge_no)
        if (least := min(amount, left)) > 0:
            charges[charge_no] = least
    whole = sum(each.left for each in billed.values())
    if lines or charges:
        return replace(wanted, lines=lines, amounts=amounts, charges=charges)
    return Credit(amount=max(min(wanted.amount, whole), 0))


def credit(
    order_id: Id,
    billables: Sequence[Billable],
    wanted: Credit,
    billed: Mapping[Part, Billed],
) -> tuple[Line, ...]:
    """The lines of a credit memo. Raises CreditTooMuch beyond what was billed and is left."""
    by_part = {each.part: each for each in billables}
    made = []
    for line_no, units in sorted(wanted.lines.items()):
        there = _known(Part(line_no, 0), billed)
        made.append(_units_back(order_id, by_part[there.part], there, units, wanted.amounts))
    for charge_no, amount in sorted(wanted.charges.items()):
        pieces = {part: each for part, each in billed.items() if part.charge_no == charge_no}
        if not pieces:
            raise CreditTooMuch(f"Nothing of charge {charge_no} was billed.", field="charges")
        made += _spread(order_id, by_part, amount, pieces, "charges")
    made = _less_fee(made, wanted.fee, billed)
    if wanted.amount:
        after = added(billed, made, Kind.CREDIT_MEMO)
        made += _spread(order_id, by_part, wanted.amount, after, "amount")
    return tuple(made)


def _known(part: Part, billed: Mapping[Part, Billed]) -> Billed:
    found = billed.get(part)
    if found is None:
        raise CreditTooMuch(f"Nothing of line {part.line_no} was billed.", field="lines")
    return found


def _units_back(
    order_id: Id, each: Billable, there: Billed, units: int, amounts: Mapping[int, int]
) -> Line:
    first, last = there.credited_units, there.credited_units + units
    if not 0 < units <= there.units - there.credited_units:
        raise CreditTooMuch(
            f"Line {each.part.line_no}: {there.units - there.credited_units} units are billed "
            f"and not credited, not {units}.",
            field="lines",
        )
    worth = between(each.total, each.ordered, first, last)
    given = amounts.get(each.part.line_no)
    if given is not None and not 0 <= given <= there.left:
        raise CreditTooMuch(
            f"Line {each.part.line_no}: {there.left} are left to credit, not {given}.",
            field="lines",
        )
    # earlier credits of mere money may have used up a part of it
    total = given if given is not None else min(worth, there.left)
    tax = _tax_of(each, there, total, first, last)
    whole = total == worth
    return Line(
        order_id=order_id,
        part=each.part,
        sku=each.sku,
        title=each.title,
        first_unit=first,
        units=units,
        unit_price=each.unit_price,
        discount=between(each.discount, each.ordered, first, last) if whole else 0,
        net=total - tax,
        tax=tax,
        taxed=each.taxed,
    )


def _tax_of(each: Billable, there: Billed, total: int, first: int, last: int) -> int:
    """The tax in `total`: all that is left with the last cent, the share while nothing but
    shares was credited, else in proportion to what is left."""
    if total == there.left:
        return there.tax_left
    credited = (there.credited_net + there.credited_tax, there.credited_tax)
    shares = (share(each.total, each.ordered, first), share(each.tax, each.ordered, first))
    if credited == shares and total == between(each.total, each.ordered, first, last):
        return between(each.tax, each.ordered, first, last)
    return _in_proportion(there, total)


def _in_proportion(there: Billed, total: int) -> int:
    return rounded(Decimal(there.tax_left * total) / there.left)


def _money_back(order_id: Id, each: Billable, there: Billed, amount: int) -> Line:
    """Money of a line or charge that goes back without units."""
    tax = there.tax_left if amount == there.left else _in_proportion(there, amount)
    return Line(
        order_id=order_id,
        part=each.part,
        sku=each.sku,
        title=each.title,
        first_unit=0,
        units=0,
        unit_price=amount,
        discount=0,
        net=amount - tax,
        tax=tax,
        taxed=each.taxed,
    )


def _less_fee(made: list[Line], fee: int, billed: Mapping[Part, Billed]) -> list[Line]:
    """The lines with a fee kept back of each in proportion, its tax likewise."""
    worth = sum(line.total for line in made)
    if not fee:
        return made
    if not 0 < fee <= worth:
        raise CreditTooMuch(f"A fee of {fee} can't be kept of {worth}.", field="fee")
    kept, before, less = [], 0, 0
    for line in made:
        before += line.total
        part = share(fee, worth, before) - less
        less += part
        total = line.total - part
        tax = rounded(Decimal(line.tax * total) / line.total) if line.total else line.tax
        there = billed[line.part]
        tax = max(tax, there.tax_left - (there.left - total))  # never leave tax without money
        kept.append(replace(line, net=total - tax, tax=tax, discount=0))
    return kept


def _spread(
    order_id: Id,
    by_part: Mapping[Part, Billable],
    amount: int,
    billed: Mapping[Part, Billed],
    field: str,
) -> list[Line]:
    """An amount, over all that is left of these lines and charges, in proportion."""
    left = [there for there in billed.values() if there.left > 0]
    whole = sum(there.left for there in left)
    most = sum(there.left for there in billed.values())
    if not 0 < amount <= min(whole, most):
        raise CreditTooMuch(f"{max(most, 0)} are left to credit, not {amount}.", field=field)
    made, before, given = [], 0, 0
    for there in sorted(left, key=lambda there: there.part):
        before += there.left
        part = share(amount, whole, before) - given
        given += part
        if part:
            made.append(_money_back(order_id, by_part[there.part], there, part))
    return made


def added(billed: Mapping[Part, Billed], lines: Iterable[Line], kind: Kind) -> dict[Part, Billed]:
    """What documents say once these lines are in one of them."""
    found = dict(billed)
    for line in lines:
        was = found.get(line.part, Billed(line.part, line.taxed))
        found[line.part] = was.more(kind, line.units, line.net, line.tax)
    return found
