"""Editing before release: the address, or the quantity of lines, with a preview of both effects.

Less of a line is a cancellation. More raises `ordered` by a change record, at the line's unit
price, and reserves the new units. Nothing is edited in place after release: recall it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from baton import customers, inventory, orders, payments
from baton.flows.cancel import cancel_now
from baton.flows.replan import find_stock, unroute
from baton.locations.rules import coordinates
from baton.orders import rules
from baton.orders.errors import LineNotFound, OrderInvalid, TooLate
from baton.orders.events import OrderEdited
from baton.orders.intake import MAX_UNITS
from baton.orders.model import Group, HoldKind, Line, LineKind, Method, Order
from baton.orders.rules import Legal
from baton.payments.model import Payment
from baton.platform.db import Tx
from baton.values import Address, Id
from baton.values.money import between, rounded


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What an edit would do: money in minor units, and stock for what is added."""

    order: Order
    total_before: int
    total_after: int
    uncovered_minor: int
    missing: Mapping[int, int]
    problems: tuple[str, ...]


def edit_address(
    tx: Tx, order_id: Id, group_no: int, address: Address, reason: str, version: int | None = None
) -> Order:
    """Change where a delivery group goes; what was planned for it is planned anew.

    Raises TooLate once units of the order are released.
    """
    order = orders.locked(tx, order_id, version)
    group = _group(order, group_no)
    if group.method is not Method.SHIP or Legal.EDIT_ADDRESS not in rules.legal_actions(order):
        raise TooLate("The address can only change before release: recall the order first.")
    point = coordinates(address.country)
    changed = replace(
        group,
        address=address,
        recipient=address.name,
        lat=point.lat if point else None,
        lon=point.lon if point else None,
        ship_on=None,
        promised_from=None,
        promised_by=None,
        promise=None,
    )
    order = unroute(tx, order, "address changed")
    before = asdict(group.address) if group.address else None
    number = orders.insert_change(tx, order.id, "address", before, asdict(address), reason)
    groups = tuple(changed if g.group_no == group_no else g for g in order.groups)
    fact = OrderEdited(order.id, "", "", "address", number, order.header.total_minor)
    order = orders.save(tx, [order], [replace(order, groups=groups)], [fact])[0]
    return _address_hold(tx, order, address)


def _address_hold(tx: Tx, order: Order, address: Address) -> Order:
    """A mended address resolves the hold that the broken one caused; a broken one makes one."""
    problems = customers.check_address(address)
    held = [h for h in order.holds if h.kind == HoldKind.ADDRESS and h.resolved_at is None]
    if not problems:
        for hold in held:
            order = orders.resolve_hold(tx, order, hold.id, "The address was mended.")
    elif not held:
        said = "; ".join(f"{p.field}: {p.message}" for p in problems)
        order = orders.hold(tx, order, HoldKind.ADDRESS, said)
    return order


def preview_quantities(tx: Tx, order_id: Id, quantities: Mapping[int, int]) -> EditPreview:
    """What new quantities would mean for money and stock; nothing is changed."""
    order = orders.locked(tx, order_id)
    more, less = _differences(order, quantities)
    plan = rules.plan_cancellation(order, less)
    problems = tuple(
        f"line {n}: {u} units are released or shipped already"
        for units in (plan.recall, plan.too_late)
        for n, u in units.items()
    )
    after = _raised(order, more)
    lowered = rules.value_of_cancelling(order, plan.units_now)
    total = after.header.total_minor - lowered
    skus = [line.sku_id for n in more if (line := order.line(n)).sku_id is not None]
    free = dict[Id, int]()
    for area in inventory.area_stock(tx, skus) if skus else ():
        free[area.sku_id] = free.get(area.sku_id, 0) + area.free
    missing = {}
    for line_no, units in more.items():
        sku_id = order.line(line_no).sku_id
        short = units - (free.get(sku_id, 0) if sku_id else 0)
        if short > 0:
            missing[line_no] = short
    return EditPreview(
        order,
        order.header.total_minor,
        total,
        _uncovered(payments.by_orders(tx, [order.id]), total),
        missing,
        problems,
    )


def edit_quantities(
    tx: Tx, order_id: Id, quantities: Mapping[int, int], reason: str, version: int | None = None
) -> Order:
    """Set how many units of lines are wanted. Raises TooLate where fewer can't be had any more."""
    order = orders.locked(tx, order_id, version)
    if Legal.EDIT_QUANTITY not in rules.legal_actions(order):
        raise TooLate("Quantities can only change before release: recall the order first.")
    more, less = _differences(order, quantities)
    if less:
        plan = rules.plan_cancellation(order, less)
        if plan.recall or plan.too_late:
            raise TooLate("Fewer units are left before release: recall them first.", field="lines")
        order = cancel_now(tx, order, plan, reason)
    if more:
        order = _raise(tx, order, more, reason)
    return order


def _raise(tx: Tx, order: Order, more: Mapping[int, int], reason: str) -> Order:
    after = _raised(order, more)
    before = {n: order.line(n).ordered for n in more}
    wanted = {n: after.line(n).ordered for n in more}
    number = orders.insert_change(tx, order.id, "quantity", before, wanted, reason)
    fact = OrderEdited(order.id, "", "", "quantity", number, after.header.total_minor)
    saved = orders.save(tx, [order], [after], [fact])[0]
    paid = payments.by_orders(tx, [order.id])
    uncovered = _uncovered(paid, rules.still_due(saved) + _shipped_value(saved))
    if uncovered > 0:
        saved = orders.hold(
            tx, saved, HoldKind.PAYMENT, "Units were added: the payment does not cover them."
        )
    return find_stock(tx, saved, more, "quantity raised")


def _raised(order: Order, more: Mapping[int, int]) -> Order:
    """The order with more units of some lines, at their unit price and tax rate."""
    lines, added, tax = [], 0, 0
    for line in order.lines:
        new = _more(line, more.get(line.line_no, 0))
        added += new.total - line.total
        tax += new.tax - line.tax
        lines.append(new)
    header = order.header
    return replace(
        order,
        lines=tuple(lines),
        header=replace(
            header,
            goods_minor=header.goods_minor + added,
            tax_minor=header.tax_minor + tax,
            total_minor=header.total_minor + added,
        ),
    )


def _more(line: Line, units: int) -> Line:
    if not units:
        return line
    ordered = line.ordered + units
    tax = rounded(Decimal(line.tax * ordered) / line.ordered)
    included = line.total == line.unit_price * line.ordered - line.discount
    added = line.unit_price * units + (0 if included else tax - line.tax)
    return replace(line, ordered=ordered, open=line.open + units, tax=tax, total=line.total + added)


def _differences(
    order: Order, quantities: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    more, less = {}, {}
    for line_no, wanted in quantities.items():
        line = orders.line_of(order, line_no)
        if not 0 <= wanted <= MAX_UNITS:
            raise OrderInvalid(f"Order 0 to {MAX_UNITS} units.", field="quantities")
        if line.kind is LineKind.GOODS and line.sku_id is None:
            raise OrderInvalid("Unpark the line first: its SKU is unknown.", field="quantities")
        change = wanted - (line.ordered - line.cancelled)
        if change > 0:
            _untouched(line)
            more[line_no] = change
        elif change < 0:
            less[line_no] = -change
    return more, less


def _untouched(line: Line) -> None:
    """A line of which units are gone has its shares fixed: more of it would move the cents."""
    if line.shipped or line.cancelled:
        raise TooLate(
            f"Units of line {line.line_no} were shipped or cancelled: order more as a new order.",
            field="quantities",
        )


def _uncovered(paid: list[Payment], total: int) -> int:
    """Minor units that no tender covers; money taken elsewhere covers what it says."""
    if not paid:
        return 0
    covered = sum(max(payment.authorised - payment.voided, 0) for payment in paid)
    waiting = sum(p.amount for p in paid if p.state.value == "requested")
    return max(total - covered - waiting, 0)


def _shipped_value(order: Order) -> int:
    return order.header.total_minor - rules.still_due(order) - _cancelled_value(order)


def _cancelled_value(order: Order) -> int:
    return sum(
        between(line.total, line.ordered, line.ordered - line.cancelled, line.ordered)
        for line in order.lines
    )


def _group(order: Order, group_no: int) -> Group:
    try:
        return order.group(group_no)
    except LookupError as error:
        raise LineNotFound(str(error), field="group") from error
