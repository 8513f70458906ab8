"""Unparking: a line that came with an unknown SKU gets one, and its units look for stock."""

from __future__ import annotations

from dataclasses import replace

from baton import catalog, orders
from baton.flows.replan import find_stock
from baton.orders import rules
from baton.orders.errors import IllegalMove, UnknownSku
from baton.orders.events import OrderUnparked
from baton.orders.model import Bucket, LineKind, Order
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.values import Id


def unpark(tx: Tx, order_id: Id, line_no: int, sku_code: str) -> Order:
    """Give a parked line the SKU that was meant. Raises UnknownSku or IllegalMove."""
    order = orders.locked(tx, order_id)
    line = orders.line_of(order, line_no, "line")
    sku = catalog.skus_by_code(tx, [sku_code]).get(sku_code)
    if sku is None:
        raise UnknownSku(f"The catalogue has no SKU {sku_code!r}; create it first.", field="sku")
    if not line.parked:
        raise IllegalMove(f"Line {line_no} is not parked.", field="line")
    known = replace(
        line,
        sku_id=sku.id,
        sku_code=sku.code,
        kind=LineKind(sku.kind),
        unit_weight_g=sku.weight_g,
        ship_alone=sku.ship_alone,
    )
    after = rules.move(
        order.with_line(known), Action.UNPARK, Bucket.PARKED, Bucket.OPEN, {line_no: line.parked}
    )
    fact = OrderUnparked(order.id, "", "", ((line_no, line.parked),))
    order = orders.save(tx, [order], [after], [fact])[0]
    if not rules.units_in(order.lines, Bucket.PARKED):
        order = orders.resolve_kind(tx, order, "unknown_sku", "All lines have a SKU.")
    return find_stock(tx, order, {line_no: line.parked}, "unparked")
