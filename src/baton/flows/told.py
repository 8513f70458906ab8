"""What facts tell the books: each becomes occurrences, with all that its entries need.

A reader looks at the fact and at what never changes any more (an order's head, its tax, a stock
document, its movements), so that a fact tells the same today and in a year. The table at the end
is the ONE place that says which facts are booked. Explained in docs/algorithms/accounting.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from baton import access, catalog, channels, inventory, locations, orders, payments
from baton.access.model import LegalEntity
from baton.accounting.errors import FactUnfit
from baton.accounting.model import (
    Goods,
    Item,
    Key,
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
from baton.payments.model import EXTERNAL
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.values.ids import Id


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


def look_up(tx: Tx, entries: Sequence[Entry]) -> World:
    """What these facts speak of."""
    about = [e.subject_id for e in entries if e.subject == "order"]
    kept = orders.read(tx, sorted(set(about))) if about else {}
    paid = payments.by_orders(tx, list(kept)) if kept else []
    papers = [e.subject_id for e in entries if e.fact == "inventory.recorded"]
    shipments = [
        Id(e.data["shipment_id"])
        for e in entries
        if e.fact == "orders.shipped" and e.data["shipment_id"]
    ]
    moved: dict[Id, list[Movement]] = {}
    for movement in inventory.movements_of(tx, sorted({*papers, *shipments})):
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
        access.legal_entities_by_id(
            tx,
            sorted(
                {o.header.legal_entity_id for o in kept.values()}
                | {place.legal_entity_id for place in places.values()}
            ),
        ),
        places,
        catalog.skus_by_id(tx, sorted(named)) if named else {},
        {document.id: document for document in found},
        moved,
    )


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
    items = [_sold(order, *told) for told in entry.data["sold"]]
    items += [_charged(order, *told) for told in entry.data["charged"]]
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


def _sold(order: Order, line_no: int, _first: int, net: int, discount: int, tax: int) -> Item:
    line = order.line(line_no)
    return Item(_LINE_KEYS[line.kind], net, discount, _taxes(tax))


def _charged(order: Order, charge_no: int, net: int, tax: int) -> Item:
    charge = next(c for c in order.charges if c.charge_no == charge_no)
    key = _CHARGE_KEYS.get(charge.kind, Key.REVENUE_CHARGE)
    return Item(key, net, 0, _taxes(tax), "" if key is Key.DISCOUNT else charge.kind.value)


def _taxes(tax: int) -> tuple[TaxPart, ...]:
    return (TaxPart((), tax),) if tax else ()


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
    key, code = Key.CLEARING_GATEWAY, provider
    if provider == EXTERNAL:
        header = world.orders[entry.subject_id].header
        key, code = Key.CLEARING_CHANNEL, world.channels[header.channel_id].code
    return Money(_origin(world, entry, "money"), key, code, amount)


# ── stock ──────────────────────────────────────────────────────────────────────────────────

_OTHER_SIDE = {
    MovementKind.RECEIVE: Key.GOODS_RECEIVED,
    MovementKind.ADJUST: Key.STOCK_ADJUSTED,
    MovementKind.FOUND: Key.STOCK_ADJUSTED,
    MovementKind.COUNT: Key.STOCK_COUNTED,
    MovementKind.WRITE_OFF: Key.STOCK_WRITTEN_OFF,
    MovementKind.SALE: Key.COST,
    MovementKind.RETURN: Key.COST,
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
    "inventory.recorded": _recorded,
    "inventory.transfer_received": _arrived,
}


def currencies(world: World) -> dict[Id, str]:
    """The base currencies of all legal entities that these facts speak of."""
    return {id: entity.base_currency for id, entity in world.entities.items()}


def amounts(entry: Entry) -> Any:
    """What a fact says of money and units, for who looks at a parked one."""
    return {k: v for k, v in entry.data.items() if k.endswith(("_minor", "currency", "units"))}
