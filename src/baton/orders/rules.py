"""Decisions about orders: values in, decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from baton.orders.errors import IllegalAction, IllegalMove
from baton.orders.model import (
    BUCKETS,
    Bucket,
    Charge,
    Health,
    Hold,
    HoldKind,
    Line,
    LineKind,
    Method,
    Order,
    Status,
    Transition,
)
from baton.orders.states import MOVES, Action
from baton.values.money import between, share

BLOCKS: Mapping[str, tuple[Transition, ...]] = {
    HoldKind.ADDRESS: (Transition.RELEASE,),
    HoldKind.CURRENCY: (Transition.RELEASE,),
    HoldKind.FRAUD: (Transition.RELEASE, Transition.SHIP),
    HoldKind.MANUAL: (Transition.RELEASE,),
    HoldKind.PAYMENT: (Transition.RELEASE,),
    HoldKind.TOTALS: (Transition.RELEASE,),
}

CANCELLABLE = (
    Bucket.PARKED,
    Bucket.BACKORDERED,
    Bucket.OPEN,
    Bucket.RESERVED,
    Bucket.ALLOCATED,
)


class Legal(StrEnum):
    """What a caller may ask of an order now; the API names these in every answer."""

    CANCEL = "cancel"
    CHANGE = "change"
    EDIT_ADDRESS = "edit_address"
    EDIT_QUANTITY = "edit_quantity"
    HOLD = "hold"
    RECALL = "recall"
    RELEASE = "release"
    RESOLVE_HOLD = "resolve_hold"
    ROUTE = "route"
    UNPARK = "unpark"


def units_in(lines: Iterable[Line], bucket: Bucket) -> int:
    """Units of all lines in one bucket."""
    return sum(line.units(bucket) for line in lines)


def status(lines: Sequence[Line]) -> Status:
    """The one function that says how far an order is.

    Shipping and later words speak of all units that were not cancelled; before that the least
    advanced unit decides, so that a queue never hides what waits. Services and gift cards wait
    for the goods and don't hold the headline back.
    """
    if not lines:
        return Status.SHIPPED  # charges alone, as history knows them: nothing is left to do
    ordered = sum(line.ordered - line.cancelled for line in lines)
    shipped = units_in(lines, Bucket.SHIPPED)
    if not ordered:
        return Status.CANCELLED
    if shipped == ordered:
        arrived = sum(line.delivered + line.lost for line in lines)
        return Status.DELIVERED if arrived == shipped else Status.SHIPPED
    if shipped:
        return Status.PARTLY_SHIPPED
    goods = [line for line in lines if line.kind is LineKind.GOODS] or list(lines)
    if units_in(goods, Bucket.RELEASED):
        return Status.RELEASED
    for bucket in (Bucket.PARKED, Bucket.OPEN, Bucket.BACKORDERED, Bucket.RESERVED):
        if units_in(goods, bucket):
            return Status(bucket.value)
    return Status.ALLOCATED if units_in(goods, Bucket.ALLOCATED) else Status.OPEN


def health(holds: Iterable[Hold], exceptions: int) -> Health:
    """Blocked while a hold is open, attention while an exception is, else ok."""
    if any(hold.resolved_at is None for hold in holds):
        return Health.BLOCKED
    return Health.ATTENTION if exceptions else Health.OK


def move(
    order: Order, action: Action, source: Bucket, target: Bucket, units: Mapping[int, int]
) -> Order:
    """The order with `units` (line number → units) moved as `action` allows.

    Raises IllegalMove where the table has no such way, or a line has fewer units there.
    """
    if (source, target) not in MOVES[action]:
        raise IllegalMove(f"{action} does not take units from {source} to {target}")
    for line_no, wanted in units.items():
        there = order.line(line_no).units(source)
        if not 0 <= wanted <= there:
            raise IllegalMove(
                f"Line {line_no} has {there} units {source}, not {wanted}.",
                field=f"lines.{line_no}",
            )
    return order.moved(source, target, units)


def legal_actions(order: Order, recallable: int = 0) -> list[Legal]:
    """What may be asked of this order now; `recallable` units are with locations and were not
    asked back yet."""
    lines, found = order.lines, set()
    before_release = sum(units_in(lines, bucket) for bucket in CANCELLABLE)
    if before_release or recallable:
        found.add(Legal.CANCEL)
    if everything(order):
        found.add(Legal.CHANGE)
    if before_release:
        found.add(Legal.EDIT_QUANTITY)
        if any(g.method is Method.SHIP for g in order.groups) and not units_in(
            lines, Bucket.RELEASED
        ):
            found.add(Legal.EDIT_ADDRESS)
    if units_in(lines, Bucket.RESERVED) and not order.blocked(Transition.ROUTE):
        found.add(Legal.ROUTE)
    if units_in(lines, Bucket.ALLOCATED) and not order.blocked(Transition.RELEASE):
        found.add(Legal.RELEASE)
    if recallable:
        found.add(Legal.RECALL)
    if units_in(lines, Bucket.PARKED):
        found.add(Legal.UNPARK)
    if any(hold.resolved_at is None for hold in order.holds):
        found.add(Legal.RESOLVE_HOLD)
    if before_release or units_in(lines, Bucket.RELEASED):
        found.add(Legal.HOLD)
    return sorted(found)


def check(order: Order, action: Legal) -> None:
    """Nothing, where the action is legal now. Raises IllegalAction, which says what is legal."""
    legal = legal_actions(order)
    if action not in legal:
        raise IllegalAction(
            f"{order.number} does not allow to {action.replace('_', ' ')} now.",
            action=action.value,
            status=order.header.status.value,
            legal=[each.value for each in legal],
        )


# ── money ──────────────────────────────────────────────────────────────────────────────────


def charge_total(charge: Charge, *, tax_included: bool) -> int:
    """What the buyer pays for a charge, tax and all, in minor units."""
    return charge.amount if tax_included else charge.amount + charge.tax


def due_for_shipping(order: Order, units: Mapping[int, int]) -> int:
    """Minor units due when `units` (line → units) ship now: their shares, and all charges
    with the first parcel, so that any order of shipments sums to the total to the cent."""
    goods = sum(
        between(line.total, line.ordered, line.shipped, line.shipped + units[line.line_no])
        for line in order.lines
        if units.get(line.line_no)
    )
    if units_in(order.lines, Bucket.SHIPPED):
        return goods
    included = order.header.prices_include_tax
    return goods + sum(charge_total(charge, tax_included=included) for charge in order.charges)


def sold_by_shipping(
    order: Order, units: Mapping[int, int]
) -> tuple[tuple[tuple[int, int, int, int, int], ...], tuple[tuple[int, int, int], ...]]:
    """What `due_for_shipping` is made of: of each line (its number, units shipped before, net,
    discount, tax), of each charge (its number, net, tax). Any order of shipments sums to the line.
    """
    included = order.header.prices_include_tax
    sold = []
    for line in order.lines:
        if not units.get(line.line_no):
            continue
        of, first, last = line.ordered, line.shipped, line.shipped + units[line.line_no]
        total, tax = between(line.total, of, first, last), between(line.tax, of, first, last)
        discount = between(net_discount(line, tax_included=included), of, first, last)
        sold.append((line.line_no, first, total - tax, discount, tax))
    if units_in(order.lines, Bucket.SHIPPED):
        return tuple(sold), ()
    return tuple(sold), tuple(
        (charge.charge_no, charge_total(charge, tax_included=included) - charge.tax, charge.tax)
        for charge in order.charges
    )


def net_discount(line: Line, *, tax_included: bool) -> int:
    """Minor units of a line's discount without the tax in it, at the line's own rate of tax."""
    if not tax_included or line.total <= 0:
        return line.discount
    return line.discount - share(line.discount, line.total, min(line.tax, line.total))


def value_of_cancelling(order: Order, units: Mapping[int, int]) -> int:
    """Minor units that need not be paid once `units` (line → units) are cancelled.

    Shipped units take their shares from the front of the line and cancelled ones from its end,
    so the two never overlap. Charges fall with the last unit, if nothing was shipped.
    """
    value = 0
    for line in order.lines:
        if taken := units.get(line.line_no):
            end = line.ordered - line.cancelled
            value += between(line.total, line.ordered, end - taken, end)
    left = sum(line.ordered - line.cancelled - units.get(line.line_no, 0) for line in order.lines)
    if not left and not units_in(order.lines, Bucket.SHIPPED):
        included = order.header.prices_include_tax
        value += sum(charge_total(charge, tax_included=included) for charge in order.charges)
    return value


def worth(order: Order, cancelling: Mapping[int, int] | None = None) -> int:
    """Minor units that the order costs by now, cancelled units (and those of `cancelling`, line →
    units) left out.

    What was captured beyond it goes back. Units that are left take their shares from the front;
    charges are due as long as there is such a unit.
    """
    goods, wanted = 0, 0
    for line in order.lines:
        left = line.ordered - line.cancelled - (cancelling or {}).get(line.line_no, 0)
        goods += share(line.total, line.ordered, left)
        wanted += left
    if order.lines and not wanted:
        return goods
    included = order.header.prices_include_tax
    return goods + sum(charge_total(charge, tax_included=included) for charge in order.charges)


def still_due(order: Order) -> int:
    """Minor units that units not yet shipped will still cost the buyer."""
    open_units = {
        line.line_no: line.ordered - line.cancelled - line.shipped
        for line in order.lines
        if line.ordered > line.cancelled + line.shipped
    }
    return due_for_shipping(order, open_units) if open_units else 0


# ── cancelling ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How wanted units can be cancelled: at once by bucket, by recall, or not any more."""

    now: Mapping[Bucket, Mapping[int, int]]
    recall: Mapping[int, int]
    too_late: Mapping[int, int]

    @property
    def units_now(self) -> dict[int, int]:
        """Units that can be cancelled at once, by line."""
        total: dict[int, int] = {}
        for units in self.now.values():
            for line_no, count in units.items():
                total[line_no] = total.get(line_no, 0) + count
        return total


def plan_cancellation(order: Order, wanted: Mapping[int, int]) -> Cancellation:
    """Take wanted units from where it costs least: not begun first, allocated last."""
    now: dict[Bucket, dict[int, int]] = {}
    recall: dict[int, int] = {}
    too_late: dict[int, int] = {}
    for line_no, units in wanted.items():
        line, left = order.line(line_no), units
        for bucket in CANCELLABLE:
            taken = min(left, line.units(bucket))
            if taken:
                now.setdefault(bucket, {})[line_no] = taken
                left -= taken
        if asked := min(left, line.released):
            recall[line_no] = asked
            left -= asked
        if left:
            too_late[line_no] = left
    return Cancellation(now, recall, too_late)


def everything(order: Order) -> dict[int, int]:
    """All units of an order that are not yet shipped or cancelled."""
    return {
        line.line_no: line.ordered - line.shipped - line.cancelled
        for line in order.lines
        if line.ordered > line.shipped + line.cancelled
    }


def bucket_sum(line: Line) -> int:
    """The sum of the buckets: always `ordered`."""
    return sum(line.units(bucket) for bucket in BUCKETS)
