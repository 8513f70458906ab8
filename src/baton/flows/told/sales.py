"""What orders and returns tell the books: revenue, tax, what is credited, and its cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from baton.accounting.errors import FactUnfit
from baton.accounting.model import (
    Credit,
    Item,
    Key,
    Occurrence,
    Sale,
    TaxPart,
)
from baton.flows.told.world import World, goods_of, goods_origin, order_origin
from baton.inventory.model import Movement
from baton.orders.model import ChargeKind, LineKind, Order
from baton.orders.rules import charge_total
from baton.platform.journal import Entry
from baton.tax.amounts import spread
from baton.tax.model import Determined
from baton.values.ids import Id
from baton.values.money import between, rounded

_LINE_KEYS = {
    LineKind.GOODS: Key.REVENUE,
    LineKind.SERVICE: Key.REVENUE_SERVICE,
    LineKind.GIFT_CARD: Key.GIFT_CARD_SALES,
}
_CHARGE_KEYS = {
    ChargeKind.SHIPPING: Key.REVENUE_SHIPPING,
    ChargeKind.DISCOUNT: Key.DISCOUNT,
    ChargeKind.GIFT_VOUCHER: Key.DISCOUNT,
    ChargeKind.ADJUSTMENT: Key.ADJUSTMENT,
}


def shipped(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Revenue for what left, and its cost out of stock."""
    order = world.orders[entry.subject_id]
    parts, units = world.taxes.get(order.id, ()), dict(entry.data["units"])
    items = [_sold(order, parts, units[told[0]], *told) for told in entry.data["sold"]]
    items += [charged(order, parts, *told) for told in entry.data["charged"]]
    if sum(i.net + sum(t.minor for t in i.taxes) for i in items) != entry.data["due_minor"]:
        raise FactUnfit("What is due is not the sum of what was sold: book it by hand.")
    yield Sale(order_origin(world, entry, "sale"), tuple(items))
    for movement in world.moved.get(Id(entry.data["shipment_id"]), ()):
        if movement.on_hand:
            origin = goods_origin(world, entry, "cost", movement.location_id, order.number)
            yield replace(
                goods_of(world, movement, origin, Key.COST),
                origin=replace(origin, order_id=order.id, channel_id=order.header.channel_id),
                order_line=movement.document_line,
                seller_id=order.header.legal_entity_id,
            )


def _sold(
    order: Order,
    parts: Sequence[Determined],
    units: int,
    line_no: int,
    first: int,
    net: int,
    discount: int,
    taxed: int,
) -> Item:
    line = order.line(line_no)
    own = [part for part in parts if part.line_no == line_no]
    shares = [between(part.tax_minor, line.ordered, first, first + units) for part in own]
    return Item(_LINE_KEYS[line.kind], net, discount, tax_parts(own, shares, taxed))


def charged(
    order: Order, parts: Sequence[Determined], charge_no: int, net: int, taxed: int
) -> Item:
    charge = next(c for c in order.charges if c.charge_no == charge_no)
    own = [part for part in parts if part.charge_no == charge_no]
    key = _CHARGE_KEYS.get(charge.kind, Key.REVENUE_CHARGE)
    taxes = tax_parts(own, [part.tax_minor for part in own], taxed)
    return Item(key, net, 0, taxes, "" if key is Key.DISCOUNT else charge.kind.value)


def tax_parts(
    parts: Sequence[Determined], shares: Sequence[int], whole: int
) -> tuple[TaxPart, ...]:
    """The tax by jurisdiction and rate; the last part has what rounding leaves of the whole."""
    if not parts:
        return (TaxPart((), whole),) if whole else ()
    minors = [*shares[:-1], whole - sum(shares[:-1])]
    return tuple(
        TaxPart(_tax_codes(part), minor) for part, minor in zip(parts, minors, strict=True) if minor
    )


def _tax_codes(part: Determined) -> tuple[str, ...]:
    rate = f"{part.rate.normalize():f}"
    return f"{part.jurisdiction}/{part.category}/{rate}", part.jurisdiction


def settled(world: World, entry: Entry) -> Iterable[Occurrence]:
    """What returned units bring the buyer, apart from what is given on top: that is a grant.

    What is withheld was never paid: it lowers what the buyer owes.
    """
    data = entry.data
    order = world.orders[entry.subject_id]
    due = int(data["amount_minor"]) - int(data["bonus_minor"]) + int(data["withheld_minor"])
    goods, taxed = int(data["goods_minor"]), int(data["tax_minor"])
    parts = world.taxes.get(order.id, ())
    back = {line: amount for line, _, amount in data["lines"]}
    own = [part for part in parts if part.line_no in back and part.tax_minor]
    weights = [part.tax_minor * back[part.line_no] for part in own]
    items = [Item(Key.RETURNS, goods - taxed, 0, tax_parts(own, spread(taxed, weights), taxed))]
    items += [_charged_back(order, parts, *told) for told in data["charges"]]
    items.append(Item(Key.RETURN_FEE, -int(data["fee_minor"])))
    rest = due - sum(i.net + sum(t.minor for t in i.taxes) for i in items)
    if rest:  # discounts that were taken back beyond the goods
        items.append(Item(Key.RETURNS, rest))
    yield Credit(order_origin(world, entry, "credit"), tuple(items))


def _charged_back(order: Order, parts: Sequence[Determined], charge_no: int, amount: int) -> Item:
    charge = next(c for c in order.charges if c.charge_no == charge_no)
    whole = charge_total(charge, tax_included=order.header.prices_include_tax)
    taxed = rounded(Decimal(charge.tax * amount) / whole) if whole else 0
    return charged(order, parts, charge_no, amount - taxed, taxed)


def received_back(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Units are in stock again, at the cost that they left with."""
    order = world.orders[entry.subject_id]
    lines = [(n, units, order.line(n).sku_id) for n, units in entry.data["units"]]
    for movement in world.moved.get(Id(entry.data["receipt_id"]), ()):
        if movement.on_hand:
            origin = goods_origin(world, entry, "cost", movement.location_id, order.number)
            yield replace(
                goods_of(world, movement, origin, Key.COST),
                origin=replace(origin, order_id=order.id, channel_id=order.header.channel_id),
                order_line=_line_of(lines, movement),
                seller_id=order.header.legal_entity_id,
            )


def _line_of(lines: list[tuple[int, int, Id | None]], movement: Movement) -> int:
    """The order line that a movement is of; where several have its SKU, the one with its units."""
    own = [line for line in lines if line[2] == movement.sku_id]
    found = next((line for line in own if line[1] == movement.on_hand), own[0])
    if len(own) > 1:
        lines.remove(found)
    return found[0]
