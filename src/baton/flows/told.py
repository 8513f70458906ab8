"""What facts tell the books: each becomes occurrences, with all that its entries need.

A reader looks at the fact and at what never changes any more (an order's head, its tax, a stock
document, its movements), so that a fact tells the same today and in a year. The table at the end
is the ONE place that says which facts are booked. Explained in docs/algorithms/accounting.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from baton import access, catalog, channels, inventory, locations, orders, payments, returns, tax
from baton.access.model import LegalEntity
from baton.accounting.errors import FactUnfit
from baton.accounting.model import (
    Credit,
    Goods,
    Held,
    Item,
    Key,
    Leg,
    Money,
    Occurrence,
    Origin,
    Sale,
    TaxPart,
    UnitCost,
)
from baton.catalog.model import Sku
from baton.channels.model import Channel
from baton.inventory.model import Movement, MovementKind, StoredDocument
from baton.locations.model import Location
from baton.orders.model import ChargeKind, LineKind, Mode, Order
from baton.orders.rules import charge_total
from baton.payments.model import EXTERNAL, GIFT_CARD, STORE_CREDIT
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.tax.amounts import spread
from baton.tax.model import Determined
from baton.values.ids import NIL, Id
from baton.values.money import between, rounded


@dataclass(slots=True)
class World:
    """What a batch of facts speaks of, fetched once."""

    orders: dict[Id, Order] = field(default_factory=dict)
    providers: dict[Id, str] = field(default_factory=dict)  # by payment
    channels: dict[Id, Channel] = field(default_factory=dict)
    entities: dict[Id, LegalEntity] = field(default_factory=dict)
    places: dict[Id, Location] = field(default_factory=dict)
    skus: dict[Id, Sku] = field(default_factory=dict)
    documents: dict[Id, StoredDocument] = field(default_factory=dict)
    moved: dict[Id, list[Movement]] = field(default_factory=dict)  # by document
    taxes: dict[Id, tuple[Determined, ...]] = field(default_factory=dict)  # by order
    receipts: frozenset[Id] = frozenset()  # documents that returns were received with


def look_up(tx: Tx, entries: Sequence[Entry]) -> World:
    """What these facts speak of."""
    about = {e.subject_id for e in entries if e.subject == "order"} | {
        Id(e.data["order_id"]) for e in entries if e.data.get("order_id")
    }
    kept = orders.read(tx, sorted(about)) if about else {}
    paid = payments.by_orders(tx, list(kept)) if kept else []
    papers = [e.subject_id for e in entries if e.fact == "inventory.recorded"]
    shipments = [
        Id(e.data["shipment_id"])
        for e in entries
        if e.fact == "orders.shipped" and e.data["shipment_id"]
    ]
    received = [Id(e.data["receipt_id"]) for e in entries if e.fact == "returns.received"]
    moved: dict[Id, list[Movement]] = {}
    for movement in inventory.movements_of(tx, sorted({*papers, *shipments, *received})):
        moved.setdefault(movement.document_id, []).append(movement)
    spoken = {
        Id(e.data[name]) for e in entries for name in _PLACES if e.data.get(name) is not None
    } | {m.location_id for own in moved.values() for m in own}
    places = locations.locations_by_id(tx, sorted(spoken)) if spoken else {}
    named = {m.sku_id for own in moved.values() for m in own} | {
        Id(sku)
        for e in entries
        if e.fact == "inventory.transfer_received"
        for sku, *_ in [*e.data.get("arrived", ()), *e.data.get("missing", ())]
    }
    found = inventory.documents(tx, papers) if papers else []
    sold = channels.channels_by_id(tx, sorted({o.header.channel_id for o in kept.values()}))
    return World(
        kept,
        {payment.id: payment.provider for payment in paid},
        sold,
        _entities(tx, entries, kept, places),
        places,
        catalog.skus_by_id(tx, sorted(named)) if named else {},
        {document.id: document for document in found},
        moved,
        tax.of_orders(tx, list(kept)) if kept else {},
        returns.known_receipts(tx, papers) if papers else frozenset(),
    )


def _entities(
    tx: Tx, entries: Sequence[Entry], kept: Mapping[Id, Order], places: Mapping[Id, Location]
) -> dict[Id, LegalEntity]:
    """The legal entities of these orders and places; all, where a fact names neither."""
    if any(e.subject == "stored_value" and not e.data.get("order_id") for e in entries):
        return {entity.id: entity for entity in access.page_of_legal_entities(tx, limit=1000)}
    named = {order.header.legal_entity_id for order in kept.values()}
    named |= {place.legal_entity_id for place in places.values()}
    return access.legal_entities_by_id(tx, sorted(named))


_PLACES = ("location_id", "to_location_id", "from_location_id")


def happened(world: World, entry: Entry) -> list[Occurrence]:
    """What a fact tells the books; nothing where it changes none. Raises FactUnfit."""
    try:
        return list(READERS[entry.fact](world, entry))
    except (LookupError, TypeError, ValueError) as error:
        raise FactUnfit(
            f"{entry.fact} does not say what its entry needs ({error!r}): book it by hand."
        ) from error


# ── orders ─────────────────────────────────────────────────────────────────────────────────


def _origin(world: World, entry: Entry, rule: str, memo: str = "") -> Origin:
    """The origin of an entry about an order, in its currency."""
    header = world.orders[entry.subject_id].header
    return Origin(
        source_id=entry.id,
        rule=rule,
        fact=entry.fact,
        subject_id=entry.subject_id,
        legal_entity_id=header.legal_entity_id,
        day=entry.at.date(),
        currency=header.currency,
        base_currency=header.base_currency,
        rate=header.base_rate,
        order_id=header.id,
        channel_id=header.channel_id,
        memo=memo or header.number,
    )


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


def _shipped(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Revenue for what left, and its cost out of stock."""
    order = world.orders[entry.subject_id]
    parts, units = world.taxes.get(order.id, ()), dict(entry.data["units"])
    items = [_sold(order, parts, units[told[0]], *told) for told in entry.data["sold"]]
    items += [_charged(order, parts, *told) for told in entry.data["charged"]]
    if sum(i.net + sum(t.minor for t in i.taxes) for i in items) != entry.data["due_minor"]:
        raise FactUnfit("What is due is not the sum of what was sold: book it by hand.")
    yield Sale(_origin(world, entry, "sale"), tuple(items))
    for movement in world.moved.get(Id(entry.data["shipment_id"]), ()):
        if movement.on_hand:
            origin = _goods_origin(world, entry, "cost", movement.location_id, order.number)
            yield replace(
                _goods(world, movement, origin, Key.COST),
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
    return Item(_LINE_KEYS[line.kind], net, discount, _taxes(own, shares, taxed))


def _charged(
    order: Order, parts: Sequence[Determined], charge_no: int, net: int, taxed: int
) -> Item:
    charge = next(c for c in order.charges if c.charge_no == charge_no)
    own = [part for part in parts if part.charge_no == charge_no]
    key = _CHARGE_KEYS.get(charge.kind, Key.REVENUE_CHARGE)
    taxes = _taxes(own, [part.tax_minor for part in own], taxed)
    return Item(key, net, 0, taxes, "" if key is Key.DISCOUNT else charge.kind.value)


def _taxes(parts: Sequence[Determined], shares: Sequence[int], whole: int) -> tuple[TaxPart, ...]:
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


# ── returns ────────────────────────────────────────────────────────────────────────────────


def _settled(world: World, entry: Entry) -> Iterable[Occurrence]:
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
    items = [Item(Key.RETURNS, goods - taxed, 0, _taxes(own, spread(taxed, weights), taxed))]
    items += [_charged_back(order, parts, *told) for told in data["charges"]]
    items.append(Item(Key.RETURN_FEE, -int(data["fee_minor"])))
    rest = due - sum(i.net + sum(t.minor for t in i.taxes) for i in items)
    if rest:  # discounts that were taken back beyond the goods
        items.append(Item(Key.RETURNS, rest))
    yield Credit(_origin(world, entry, "credit"), tuple(items))


def _charged_back(order: Order, parts: Sequence[Determined], charge_no: int, amount: int) -> Item:
    charge = next(c for c in order.charges if c.charge_no == charge_no)
    whole = charge_total(charge, tax_included=order.header.prices_include_tax)
    taxed = rounded(Decimal(charge.tax * amount) / whole) if whole else 0
    return _charged(order, parts, charge_no, amount - taxed, taxed)


def _received_back(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Units are in stock again, at the cost that they left with."""
    order = world.orders[entry.subject_id]
    lines = [(n, units, order.line(n).sku_id) for n, units in entry.data["units"]]
    for movement in world.moved.get(Id(entry.data["receipt_id"]), ()):
        if movement.on_hand:
            origin = _goods_origin(world, entry, "cost", movement.location_id, order.number)
            yield replace(
                _goods(world, movement, origin, Key.COST),
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


# ── money ──────────────────────────────────────────────────────────────────────────────────


def _taken(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Money that a marketplace or a till has taken: it owes it to us."""
    header = world.orders[entry.subject_id].header
    if header.mode is Mode.LIVE and entry.data["amount_minor"]:
        yield _money(world, entry, int(entry.data["amount_minor"]))


def _captured(world: World, entry: Entry) -> Iterable[Occurrence]:
    yield _money(world, entry, int(entry.data["amount_minor"]))


def _refunded(world: World, entry: Entry) -> Iterable[Occurrence]:
    yield _money(world, entry, -int(entry.data["amount_minor"]))


def _money(world: World, entry: Entry, amount: int) -> Money:
    provider = entry.data.get("provider") or world.providers[Id(entry.data["payment_id"])]
    key, code = _HOLDERS.get(provider, Key.CLEARING_GATEWAY), provider
    if provider == EXTERNAL:
        header = world.orders[entry.subject_id].header
        key, code = Key.CLEARING_CHANNEL, world.channels[header.channel_id].code
    return Money(_origin(world, entry, "money"), key, code, amount)


_HOLDERS = {GIFT_CARD: Key.GIFT_CARD, STORE_CREDIT: Key.STORE_CREDIT}


def _debt_ended(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A debt that was paid to the bank, or given up. What a gateway collected is told by itself."""
    amount = int(entry.data["amount_minor"])
    match entry.data["how"]:
        case "paid_elsewhere":
            yield Money(_origin(world, entry, "money"), Key.BANK, "elsewhere", amount)
        case "written_off":
            yield Credit(_origin(world, entry, "credit"), (Item(Key.BAD_DEBT, amount),))
        case "collected":
            pass
        case how:
            raise FactUnfit(f"Nobody knows how a debt ends by {how!r}: book it by hand.")


_CAUSES = {
    "sold": Key.GIFT_CARD_SALES,
    "granted": Key.GOODWILL,
    "corrected": Key.GOODWILL,
    "expired": Key.BREAKAGE,
}


def _value_moved(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A card was sold, credit given, or either lapsed. What orders pay with it or get back as it
    is told by their payments."""
    data = entry.data
    if data["cause"] in ("redeemed", "returned"):
        return
    order = world.orders.get(Id(data["order_id"])) if data["order_id"] else None
    currency, amount = str(data["currency"]), int(data["amount_minor"])
    entity = _keeper(world, order, currency)
    same = order is not None and order.header.currency == currency
    origin = Origin(
        source_id=entry.id,
        rule="stored_value",
        fact=entry.fact,
        subject_id=entry.subject_id,
        legal_entity_id=entity.id,
        day=entry.at.date(),
        currency=currency,
        base_currency=entity.base_currency,
        rate=order.header.base_rate if order is not None and same else None,
        channel_id=order.header.channel_id if order is not None else NIL,
        memo=order.number if order is not None else str(data["reason"]),
    )
    other = Leg(_CAUSES[data["cause"]], amount)
    yield Held(origin, _HOLDERS[data["kind"]], data["kind"], -amount, (other,))


def _keeper(world: World, order: Order | None, currency: str) -> LegalEntity:
    """Whose books stored value stands in: its order's, else the first with this currency."""
    if order is not None:
        return world.entities[order.header.legal_entity_id]
    kept = sorted(world.entities.values(), key=lambda e: (e.base_currency != currency, e.code))
    return kept[0]


# ── stock ──────────────────────────────────────────────────────────────────────────────────

_OTHER_SIDE = {
    MovementKind.RECEIVE: Key.GOODS_RECEIVED,
    MovementKind.ADJUST: Key.STOCK_ADJUSTED,
    MovementKind.FOUND: Key.STOCK_ADJUSTED,
    MovementKind.COUNT: Key.STOCK_COUNTED,
    MovementKind.WRITE_OFF: Key.STOCK_WRITTEN_OFF,
    MovementKind.SALE: Key.COST,
    MovementKind.RETURN: Key.COST,
    MovementKind.DONATE: Key.STOCK_WRITTEN_OFF,
    MovementKind.VENDOR_RETURN: Key.GOODS_RECEIVED,
}


def _goods_origin(
    world: World, entry: Entry, rule: str, location_id: Id, memo: str, at: datetime | None = None
) -> Origin:
    entity = world.entities[world.places[location_id].legal_entity_id]
    return Origin(
        source_id=entry.id,
        rule=rule,
        fact=entry.fact,
        subject_id=entry.subject_id,
        legal_entity_id=entity.id,
        day=(at or entry.at).date(),
        currency=entity.base_currency,
        base_currency=entity.base_currency,
        rate=None,
        memo=memo,
    )


def _goods(world: World, movement: Movement, origin: Origin, key: Key) -> Goods:
    standard = _standard(world, movement.sku_id, origin)
    return Goods(origin, movement.sku_id, movement.on_hand, key, standard=standard)


def _standard(world: World, sku_id: Id, origin: Origin) -> UnitCost | None:
    """The catalogue's cost of a unit, where it has one in the currency of the books."""
    sku = world.skus[sku_id]
    if not sku.cost_minor or sku.currency != origin.base_currency:
        return None
    return UnitCost(sku.cost_minor, 1)


def _recorded(world: World, entry: Entry) -> Iterable[Occurrence]:
    """What a stock document changed: on the day that it happened, against what it reports."""
    document = world.documents[entry.subject_id]
    costs = {line.line_no: (line.unit_cost, line.cost_currency) for line in document.lines}
    for movement in world.moved.get(document.id, ()):
        if not movement.on_hand or movement.kind is MovementKind.TRANSFER_IN:
            continue
        if document.id in world.receipts:
            continue  # told by returns.received, with the order lines
        memo = document.reference or document.reason
        origin = _goods_origin(
            world, entry, "stock", movement.location_id, memo, movement.occurred_at
        )
        goods = _goods(world, movement, origin, _OTHER_SIDE[movement.kind])
        if movement.kind is MovementKind.RECEIVE:
            unit_cost, currency = costs[movement.document_line]
            if unit_cost is None:
                cost = goods.standard or UnitCost(0, 1)
            elif currency == origin.base_currency:
                cost = UnitCost(unit_cost, 1)
            else:
                raise FactUnfit(
                    f"The receipt is in {currency}, the books in {origin.base_currency}."
                )
            if not cost.value and unit_cost is None:
                goods = replace(goods, origin=replace(origin, note="the cost is not known"))
            goods = replace(goods, cost=cost)
        yield goods


def _arrived(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A transfer changes nothing within a legal entity but what was lost, or came on top."""
    source, target = Id(entry.data["from_location_id"]), Id(entry.data["location_id"])
    origin = _goods_origin(world, entry, "transfer", source, "")
    there = _goods_origin(world, entry, "transfer.more", target, "")
    for sku, units, more in entry.data["arrived"]:
        sku_id = Id(sku)
        if there.legal_entity_id != origin.legal_entity_id and units > more:
            yield Goods(
                origin,
                sku_id,
                more - units,
                Key.STOCK,
                standard=_standard(world, sku_id, origin),
                to_entity_id=there.legal_entity_id,
            )
        if more:
            standard = _standard(world, sku_id, there)
            yield Goods(there, sku_id, more, Key.STOCK_ADJUSTED, standard=standard)
    lost = replace(origin, rule="transfer.lost")
    for sku, units in entry.data["missing"]:
        standard = _standard(world, Id(sku), origin)
        yield Goods(lost, Id(sku), -units, Key.STOCK_WRITTEN_OFF, standard=standard)


Reader = Callable[[World, Entry], Iterable[Occurrence]]

READERS: Mapping[str, Reader] = {
    "orders.shipped": _shipped,
    "payments.taken": _taken,
    "payments.captured": _captured,
    "payments.refunded": _refunded,
    "payments.receivable_paid": _debt_ended,
    "returns.received": _received_back,
    "returns.settled": _settled,
    "stored_value.moved": _value_moved,
    "inventory.recorded": _recorded,
    "inventory.transfer_received": _arrived,
}


def currencies(world: World) -> dict[Id, str]:
    """The base currencies of all legal entities that these facts speak of."""
    return {id: entity.base_currency for id, entity in world.entities.items()}


def amounts(entry: Entry) -> Any:
    """What a fact says of money and units, for who looks at a parked one."""
    return {k: v for k, v in entry.data.items() if k.endswith(("_minor", "currency", "units"))}
