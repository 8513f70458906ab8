"""What a change makes of an order: collected action by action, then read as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from baton.orders import rules
from baton.orders.changes.wanted import Known
from baton.orders.errors import LineNotFound
from baton.orders.model import (
    Charge,
    Group,
    Line,
    Order,
)


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What a line is beside its buckets, once it was changed; `added` units are new and open."""

    added: int
    unit_price: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change makes of an order. `cancel` is line → units; units that are added are open."""

    cancel: Mapping[int, int]
    lines: Mapping[int, LineEdit]
    new_lines: tuple[Line, ...]
    new_charges: tuple[Charge, ...]
    groups: Mapping[int, Group]

    @property
    def added(self) -> dict[int, int]:
        """Units that need stock, by line: raised lines and new ones."""
        raised = {n: edit.added for n, edit in self.lines.items() if edit.added}
        return raised | {line.line_no: line.open for line in self.new_lines}

    @property
    def edits(self) -> bool:
        """Whether anything but cancelling happens."""
        return bool(self.lines or self.new_lines or self.new_charges or self.groups)

    @property
    def nothing(self) -> bool:
        """Whether the order is like that already."""
        return not (self.cancel or self.edits)


@dataclass(frozen=True, slots=True)
class Recalls:
    """Units by line that a location has to give back first, and those that are gone already."""

    needed: Mapping[int, int]
    too_late: Mapping[int, int]


class Draft:
    """A plan while its actions are read one after the other. `where` is the action's field."""

    def __init__(self, order: Order, known: Known) -> None:
        self.order, self.known = order, known
        self.cancel: dict[int, int] = {}
        self.lines: dict[int, LineEdit] = {}
        self.new_lines: list[Line] = []
        self.new_charges: list[Charge] = []
        self.groups: dict[int, Group] = {}

    def line(self, number: int, where: str) -> Line:
        """A line of the order. Raises LineNotFound."""
        try:
            return self.order.line(number)
        except LookupError as error:
            raise LineNotFound(str(error), field=f"{where}.line") from error

    def group(self, number: int, where: str) -> Group:
        """A group as the plan has it so far. Raises LineNotFound."""
        try:
            return self.groups.get(number) or self.order.group(number)
        except LookupError as error:
            raise LineNotFound(str(error), field=f"{where}.group") from error

    def wanted(self, line: Line) -> int:
        """Units of a line that are wanted, as far as the plan goes."""
        edit = self.lines.get(line.line_no)
        added = edit.added if edit else 0
        return line.ordered + added - line.cancelled - self.cancel.get(line.line_no, 0)

    def next_line(self) -> int:
        """The number of the next new line."""
        return max(line.line_no for line in (*self.order.lines, *self.new_lines)) + 1

    def next_charge(self) -> int:
        """The number of the next new charge."""
        numbers = [charge.charge_no for charge in (*self.order.charges, *self.new_charges)]
        return max(numbers, default=0) + 1

    def done(self) -> Plan:
        """The plan of all actions."""
        cancel = {n: units for n, units in self.cancel.items() if units}
        return Plan(cancel, self.lines, tuple(self.new_lines), tuple(self.new_charges), self.groups)


def recalls(order: Order, made: Plan) -> Recalls:
    """What a plan needs back from locations: units to cancel, and whole groups that change."""
    cancellation = rules.plan_cancellation(order, made.cancel)
    needed = dict(cancellation.recall)
    for line in order.lines:
        if line.group_no in made.groups and line.released:
            needed[line.line_no] = line.released
    return Recalls(needed, cancellation.too_late)


def edited(order: Order, made: Plan) -> Order:
    """The order with all of a plan but its cancellations, and its sums anew."""
    lines = [edited_line(line, made.lines.get(line.line_no)) for line in order.lines]
    groups = tuple(made.groups.get(group.group_no, group) for group in order.groups)
    return retotalled(
        replace(
            order,
            lines=(*lines, *made.new_lines),
            charges=(*order.charges, *made.new_charges),
            groups=groups,
        )
    )


def retotalled(order: Order) -> Order:
    """The order with the sums of its lines and charges; cancelled units stay in them."""
    goods = sum(line.total for line in order.lines)
    included = order.header.prices_include_tax
    extra = sum(rules.charge_total(charge, tax_included=included) for charge in order.charges)
    tax = sum(line.tax for line in order.lines) + sum(charge.tax for charge in order.charges)
    header = replace(
        order.header,
        goods_minor=goods,
        charges_minor=extra,
        tax_minor=tax,
        total_minor=goods + extra,
    )
    return replace(order, header=header)


def edited_line(line: Line, edit: LineEdit | None) -> Line:
    """A line with what a change makes of it; its new units are open."""
    if edit is None:
        return line
    return replace(
        line,
        ordered=line.ordered + edit.added,
        open=line.open + edit.added,
        unit_price=edit.unit_price,
        tax=edit.tax,
        total=edit.total,
    )
