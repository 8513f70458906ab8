"""What stock documents and transfers tell the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from baton.accounting.errors import FactUnfit
from baton.accounting.model import (
    Goods,
    Key,
    Occurrence,
    UnitCost,
)
from baton.flows.told.world import World, goods_of, goods_origin, standard_cost
from baton.inventory.model import MovementKind
from baton.platform.journal import Entry
from baton.values.ids import Id

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


def recorded(world: World, entry: Entry) -> Iterable[Occurrence]:
    """What a stock document changed: on the day that it happened, against what it reports."""
    document = world.documents[entry.subject_id]
    costs = {line.line_no: (line.unit_cost, line.cost_currency) for line in document.lines}
    for movement in world.moved.get(document.id, ()):
        if not movement.on_hand or movement.kind is MovementKind.TRANSFER_IN:
            continue
        if document.id in world.receipts:
            continue  # told by returns.received, with the order lines
        memo = document.reference or document.reason
        origin = goods_origin(
            world, entry, "stock", movement.location_id, memo, movement.occurred_at
        )
        goods = goods_of(world, movement, origin, _OTHER_SIDE[movement.kind])
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


def arrived(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A transfer changes nothing within a legal entity but what was lost, or came on top."""
    source, target = Id(entry.data["from_location_id"]), Id(entry.data["location_id"])
    origin = goods_origin(world, entry, "transfer", source, "")
    there = goods_origin(world, entry, "transfer.more", target, "")
    for sku, units, more in entry.data["arrived"]:
        sku_id = Id(sku)
        if there.legal_entity_id != origin.legal_entity_id and units > more:
            yield Goods(
                origin,
                sku_id,
                more - units,
                Key.STOCK,
                standard=standard_cost(world, sku_id, origin),
                to_entity_id=there.legal_entity_id,
            )
        if more:
            standard = standard_cost(world, sku_id, there)
            yield Goods(there, sku_id, more, Key.STOCK_ADJUSTED, standard=standard)
    lost = replace(origin, rule="transfer.lost")
    for sku, units in entry.data["missing"]:
        standard = standard_cost(world, Id(sku), origin)
        yield Goods(lost, Id(sku), -units, Key.STOCK_WRITTEN_OFF, standard=standard)
