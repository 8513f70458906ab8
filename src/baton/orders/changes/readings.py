"""How each action is read: what it asks of the order, and when it comes too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from baton.orders import rules
from baton.orders.changes.planned import Draft, LineEdit, Plan, edited, edited_line
from baton.orders.changes.wanted import (
    Action,
    AddCharge,
    AddLine,
    CancelUnits,
    ChangeAddress,
    ChangeMethod,
    ChangePrice,
    Known,
    Reship,
    SetQuantity,
    Substitute,
    WaiveCharge,
)
from baton.orders.errors import LineNotFound, OrderInvalid, TooLate, UnknownSku
from baton.orders.intake import MAX_LINES, MAX_MINOR, MAX_UNITS, KnownSku
from baton.orders.model import (
    Bucket,
    Charge,
    ChargeKind,
    Group,
    Line,
    LineKind,
    Method,
    Order,
)
from baton.values import Address
from baton.values.money import between, rounded


def plan(order: Order, actions: Sequence[Action], known: Known) -> Plan:
    """What the actions, one after the other, make of the order.

    Raises LineNotFound, OrderInvalid, UnknownSku or TooLate for the first that can't be done.
    Whether units come back from their locations is not decided here: see `recalls`.
    """
    draft = Draft(order, known)
    if order.lines and all(line.ordered == line.cancelled for line in order.lines):
        raise TooLate("The order was cancelled: take a new one.", field="actions")
    for place, action in enumerate(actions):
        _READ[type(action)](draft, action, f"actions.{place}")
    made = draft.done()
    after = edited(order, made)
    if len(after.lines) > MAX_LINES:
        raise OrderInvalid(f"An order has at most {MAX_LINES} lines.", field="actions")
    if not 0 <= rules.worth(after, made.cancel) <= MAX_MINOR:
        raise OrderInvalid("What is left to pay would be less than nothing.", field="actions")
    return made


# ── one action each ────────────────────────────────────────────────────────────────────────


def _set_quantity(draft: Draft, action: SetQuantity, where: str) -> None:
    line = draft.line(action.line, where)
    if not 0 <= action.quantity <= MAX_UNITS:
        raise OrderInvalid(f"Order 0 to {MAX_UNITS} units.", field=f"{where}.quantity")
    if line.kind is LineKind.GOODS and line.sku_id is None:
        raise OrderInvalid("Unpark the line first: its SKU is unknown.", field=f"{where}.line")
    change = action.quantity - draft.wanted(line)
    if change < 0:
        _unedited(draft, line, where)
        draft.cancel[line.line_no] = draft.cancel.get(line.line_no, 0) - change
    elif change > 0:
        _untouched(draft, line, where, "order more of it as a new line")
        draft.lines[line.line_no] = _more(line, draft.lines.get(line.line_no), change, where)


def _cancel_units(draft: Draft, action: CancelUnits, where: str) -> None:
    line = draft.line(action.line, where)
    _unedited(draft, line, where)
    if not 1 <= action.quantity <= draft.wanted(line):
        raise TooLate(
            f"Line {line.line_no} has {draft.wanted(line)} units that could be cancelled.",
            field=f"{where}.quantity",
            lines={line.line_no: action.quantity},
        )
    draft.cancel[line.line_no] = draft.cancel.get(line.line_no, 0) + action.quantity


def _change_address(draft: Draft, action: ChangeAddress, where: str) -> None:
    group = draft.group(action.group, where)
    if group.method is not Method.SHIP:
        raise OrderInvalid("This group is picked up: it has no address.", field=f"{where}.group")
    _waits(draft, group, where)
    draft.groups[group.group_no] = _unpromised(group, action.address)


def _change_method(draft: Draft, action: ChangeMethod, where: str) -> None:
    group = draft.group(action.group, where)
    _waits(draft, group, where)
    changed = _unpromised(group, action.address or group.address)
    if action.service is not None:
        changed = replace(changed, service=action.service)
    if action.method is Method.PICKUP:
        place = draft.known.places.get(action.location)
        if place is None:
            said = f"{action.location[:40]!r} is no location that hands over pick-ups."
            raise OrderInvalid(said, field=f"{where}.location")
        changed = replace(changed, method=Method.PICKUP, location_id=place)
    elif action.method is Method.SHIP:
        changed = replace(changed, method=Method.SHIP, location_id=None)
    if changed.method is Method.SHIP and changed.address is None:
        raise OrderInvalid("What is to be shipped needs an address.", field=f"{where}.address")
    draft.groups[group.group_no] = changed


def _add_line(draft: Draft, action: AddLine, where: str) -> None:
    if not rules.everything(draft.order):
        raise TooLate("All units have left: take a new order.", field=where)
    draft.group(action.group, where)
    sku = _sku(draft, action.sku, where)
    price = action.unit_price
    if price is None:
        said = f"The catalogue has no price for {action.sku[:80]!r} in this currency: give one."
        raise OrderInvalid(said, field=f"{where}.unit_price")
    draft.new_lines.append(
        _new_line(
            draft, sku, action.sku, action.quantity, price, action.discount, action.tax, where,
            group_no=action.group,
        )
    )  # fmt: skip


def _substitute(draft: Draft, action: Substitute, where: str) -> None:
    line = draft.line(action.line, where)
    _cancel_units(draft, CancelUnits(action.line, action.quantity), where)
    sku = _sku(draft, action.sku, where)
    price, discount, tax = _terms(draft, line, action)
    made = _new_line(
        draft, sku, action.sku, action.quantity, price, discount, tax, where,
        group_no=line.group_no,
    )  # fmt: skip
    draft.new_lines.append(replace(made, replaces_line=line.line_no))


def _terms(draft: Draft, line: Line, action: Substitute) -> tuple[int, int, int]:
    """Unit price, discount and tax of a substitute: to the cent what it replaces, or as given."""
    units, included = action.quantity, draft.order.header.prices_include_tax
    if action.unit_price is not None:
        tax = action.tax
        if tax is None:
            tax = _taxed(line, action.unit_price * units)
        return action.unit_price, 0, tax
    last = line.ordered - line.cancelled - draft.cancel[line.line_no] + units
    value = between(line.total, line.ordered, last - units, last)
    goods = line.unit_price * units
    if included or not line.tax:
        return line.unit_price, goods - value, between(line.tax, line.ordered, last - units, last)
    discount = between(line.discount, line.ordered, last - units, last)
    return line.unit_price, discount, value - (goods - discount)


def _add_charge(draft: Draft, action: AddCharge, where: str) -> None:
    _nothing_shipped(draft, where)
    if abs(action.amount) > MAX_MINOR or abs(action.tax) > MAX_MINOR:
        raise OrderInvalid("This amount is beyond all reason.", field=f"{where}.amount")
    title = action.title or action.charge.value
    draft.new_charges.append(
        Charge(draft.next_charge(), action.charge, title, action.amount, action.tax)
    )


def _waive_charge(draft: Draft, action: WaiveCharge, where: str) -> None:
    _nothing_shipped(draft, where)
    all_charges = (*draft.order.charges, *draft.new_charges)
    charge = next((c for c in all_charges if c.charge_no == action.charge), None)
    if charge is None or charge.waives is not None:
        raise LineNotFound("The order has no such charge.", field=f"{where}.charge")
    if any(c.waives == charge.charge_no for c in all_charges):
        raise OrderInvalid("This charge is waived already.", field=f"{where}.charge")
    draft.new_charges.append(
        Charge(
            draft.next_charge(),
            ChargeKind.DISCOUNT,
            f"{charge.title} waived",
            -charge.amount,
            -charge.tax,
            waives=charge.charge_no,
        )
    )


def _change_price(draft: Draft, action: ChangePrice, where: str) -> None:
    line = draft.line(action.line, where)
    _untouched(draft, line, where, "its price is settled")
    was = draft.lines.get(line.line_no)
    added = was.added if was else 0
    ordered = line.ordered + added
    untaxed = action.unit_price * ordered - line.discount
    if untaxed < 0 or not 0 <= untaxed <= MAX_MINOR:
        raise OrderInvalid("The discount is more than the line.", field=f"{where}.unit_price")
    tax = _taxed(line, untaxed)
    included = draft.order.header.prices_include_tax
    total = untaxed if included else untaxed + tax
    draft.lines[line.line_no] = LineEdit(added, action.unit_price, tax, total)


def _reship(draft: Draft, action: Reship, where: str) -> None:
    line = draft.line(action.line, where)
    sent_again = sum(
        each.ordered - each.cancelled
        for each in (*draft.order.lines, *draft.new_lines)
        if each.replaces_line == line.line_no and not each.unit_price
    )
    if not 1 <= action.quantity <= line.shipped - sent_again:
        raise TooLate(
            f"Line {line.line_no} has {line.shipped - sent_again} units that left and were not"
            " sent again.",
            field=f"{where}.quantity",
        )
    if line.sku_id is None or line.kind is not LineKind.GOODS:
        raise OrderInvalid("Only goods are sent again.", field=f"{where}.line")
    draft.new_lines.append(
        replace(
            line,
            line_no=draft.next_line(),
            unit_price=0,
            discount=0,
            tax=0,
            total=0,
            ordered=action.quantity,
            replaces_line=line.line_no,
            open=action.quantity,
            **_NOTHING,
        )
    )


_NOTHING: dict[str, Any] = dict.fromkeys(
    (
        *(bucket.value for bucket in Bucket if bucket is not Bucket.OPEN),
        *("delivered", "lost", "returned", "invoiced", "credited"),
    ),
    0,
)

_READ: Mapping[type, Any] = {
    SetQuantity: _set_quantity,
    CancelUnits: _cancel_units,
    ChangeAddress: _change_address,
    ChangeMethod: _change_method,
    AddLine: _add_line,
    Substitute: _substitute,
    AddCharge: _add_charge,
    WaiveCharge: _waive_charge,
    ChangePrice: _change_price,
    Reship: _reship,
}


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _more(line: Line, was: LineEdit | None, units: int, where: str) -> LineEdit:
    """More units of a line at its unit price and tax rate."""
    now = edited_line(line, was)
    ordered = now.ordered + units
    if ordered > MAX_UNITS:
        raise OrderInvalid(f"Order 0 to {MAX_UNITS} units.", field=f"{where}.quantity")
    tax = rounded(Decimal(now.tax * ordered) / now.ordered)
    included = now.total == now.unit_price * now.ordered - now.discount
    added = now.unit_price * units + (0 if included else tax - now.tax)
    return LineEdit(ordered - line.ordered, now.unit_price, tax, now.total + added)


def _taxed(line: Line, untaxed: int) -> int:
    """The tax on another amount at the rate that a line has."""
    was = line.unit_price * line.ordered - line.discount
    return rounded(Decimal(line.tax * untaxed) / was) if was else line.tax


def _new_line(
    draft: Draft,
    sku: KnownSku,
    code: str,
    quantity: int,
    unit_price: int,
    discount: int,
    tax: int,
    where: str,
    *,
    group_no: int,
) -> Line:
    if not 1 <= quantity <= MAX_UNITS:
        raise OrderInvalid(f"Order 1 to {MAX_UNITS} units.", field=f"{where}.quantity")
    untaxed = unit_price * quantity - discount
    if not 0 <= untaxed <= MAX_MINOR or min(unit_price, discount) < 0 or abs(tax) > MAX_MINOR:
        raise OrderInvalid("The discount is more than the line.", field=f"{where}.discount")
    included = draft.order.header.prices_include_tax
    return Line(
        line_no=draft.next_line(),
        group_no=group_no,
        kind=sku.kind,
        sku_id=sku.id,
        sku_code=code,
        title=sku.title,
        unit_weight_g=sku.weight_g,
        ship_alone=sku.ship_alone,
        unit_price=unit_price,
        discount=discount,
        tax=tax,
        total=untaxed if included else untaxed + tax,
        ordered=quantity,
        open=quantity,
    )


def _sku(draft: Draft, code: str, where: str) -> KnownSku:
    known = draft.known.skus.get(code)
    if known is None:
        raise UnknownSku(f"The catalogue has no SKU {code[:80]!r}.", field=f"{where}.sku")
    return known


def _unpromised(group: Group, address: Address | None) -> Group:
    """The group at an address, with no date promised until it is planned anew."""
    return replace(
        group,
        address=address,
        recipient=address.name if address else group.recipient,
        ship_on=None,
        promised_from=None,
        promised_by=None,
        promise=None,
    )


def _waits(draft: Draft, group: Group, where: str) -> None:
    """Some unit of the group has still to leave."""
    for line in draft.order.lines:
        if line.group_no == group.group_no and line.ordered > line.shipped + line.cancelled:
            return
    raise TooLate("All units of this group were shipped or cancelled.", field=f"{where}.group")


def _untouched(draft: Draft, line: Line, where: str, instead: str) -> None:
    """A line of which units are gone has its shares fixed: a change would move the cents."""
    if line.shipped or line.cancelled or draft.cancel.get(line.line_no):
        raise TooLate(
            f"Units of line {line.line_no} were shipped or cancelled: {instead}.",
            field=f"{where}.line",
        )


def _unedited(draft: Draft, line: Line, where: str) -> None:
    """Units that a change adds or prices anew are not cancelled by the same change."""
    if line.line_no in draft.lines:
        raise OrderInvalid("Say once what becomes of this line.", field=f"{where}.line")


def _nothing_shipped(draft: Draft, where: str) -> None:
    """Charges are paid with the first parcel; after it, money goes back as an appeasement."""
    if rules.units_in(draft.order.lines, Bucket.SHIPPED):
        raise TooLate("Charges were paid with the first parcel.", field=where)
