"""What a batch of facts speaks of, fetched once, and the origins of entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from baton import (
    access,
    catalog,
    channels,
    currencies,
    inventory,
    locations,
    orders,
    payments,
    returns,
    tax,
)
from baton.access.model import LegalEntity
from baton.accounting.model import (
    Goods,
    Key,
    Origin,
    UnitCost,
)
from baton.catalog.model import Sku
from baton.channels.model import Channel
from baton.inventory.model import Movement, StoredDocument
from baton.locations.model import Location
from baton.orders.model import Order
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.tax.model import Determined
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
    taxes: dict[Id, tuple[Determined, ...]] = field(default_factory=dict)  # by order
    receipts: frozenset[Id] = frozenset()  # documents that returns were received with
    settlements: frozenset[Id] = frozenset()  # of returns: what refunds are for
    rates: dict[tuple[date, str, str], Decimal] = field(default_factory=dict)
    """Of facts about no order: by day, their currency and a base currency."""


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
    entities = _entities(tx, entries, kept, places)
    return World(
        kept,
        {payment.id: payment.provider for payment in paid},
        sold,
        entities,
        places,
        catalog.skus_by_id(tx, sorted(named)) if named else {},
        {document.id: document for document in found},
        moved,
        tax.of_orders(tx, list(kept)) if kept else {},
        returns.known_receipts(tx, papers) if papers else frozenset(),
        frozenset(s.id for s in returns.settlements(tx, list(kept))) if kept else frozenset(),
        _rates(tx, entries, entities),
    )


def _of_no_order(entry: Entry) -> bool:
    return entry.subject in ("stored_value", "payout") and not entry.data.get("order_id")


def _rates(
    tx: Tx, entries: Sequence[Entry], entities: Mapping[Id, LegalEntity]
) -> dict[tuple[date, str, str], Decimal]:
    """What the currencies of facts about no order were worth on their days, where that is known."""
    bases = {entity.base_currency for entity in entities.values()}
    told = {(e.at.date(), str(e.data["currency"])) for e in entries if _of_no_order(e)}
    wanted = sorted((day, code, base) for day, code in told for base in bases if code != base)
    found = currencies.rates(tx, wanted) if wanted else []
    return {w: rate.value for w, rate in zip(wanted, found, strict=True) if rate is not None}


def _entities(
    tx: Tx, entries: Sequence[Entry], kept: Mapping[Id, Order], places: Mapping[Id, Location]
) -> dict[Id, LegalEntity]:
    """The legal entities of these orders and places; all, where a fact names neither."""
    if any(map(_of_no_order, entries)):
        return {entity.id: entity for entity in access.page_of_legal_entities(tx, limit=1000)}
    named = {order.header.legal_entity_id for order in kept.values()}
    named |= {place.legal_entity_id for place in places.values()}
    return access.legal_entities_by_id(tx, sorted(named))


_PLACES = ("location_id", "to_location_id", "from_location_id")


def order_origin(world: World, entry: Entry, rule: str, memo: str = "") -> Origin:
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


def goods_origin(
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


def goods_of(world: World, movement: Movement, origin: Origin, key: Key) -> Goods:
    standard = standard_cost(world, movement.sku_id, origin)
    return Goods(origin, movement.sku_id, movement.on_hand, key, standard=standard)


def standard_cost(world: World, sku_id: Id, origin: Origin) -> UnitCost | None:
    """The catalogue's cost of a unit, where it has one in the currency of the books."""
    sku = world.skus[sku_id]
    if not sku.cost_minor or sku.currency != origin.base_currency:
        return None
    return UnitCost(sku.cost_minor, 1)
