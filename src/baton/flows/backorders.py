"""Backorders: stock that came in is given to who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence

from baton import orders
from baton.flows import jobs
from baton.flows.replan import find_stock
from baton.platform import work
from baton.platform.db import Tx
from baton.values import Id

CHUNK = 100


def fill(tx: Tx, sku_ids: Sequence[Id]) -> None:
    """Serve orders that wait for these SKUs, oldest first, as far as the stock goes."""
    waiting = orders.backordered(tx, sku_ids, CHUNK)
    wanted = set(sku_ids)
    served = 0
    for order_id, order in sorted(orders.lock(tx, waiting).items()):
        units = {
            line.line_no: line.backordered
            for line in order.lines
            if line.backordered and line.sku_id in wanted
        }
        after = find_stock(tx, order, units, "stock came in")
        if after.header.version != order.header.version:
            served += 1
            _settle(tx, order_id)
    if served and len(waiting) == CHUNK:
        payload = {"skus": [str(sku) for sku in sku_ids]}
        work.put(tx, [work.Job(jobs.FILL_BACKORDERS, payload, lane="backorders")])


def _settle(tx: Tx, order_id: Id) -> None:
    """What a person was asked to look at is settled once nothing waits any more."""
    order = orders.locked(tx, order_id)
    if not any(line.backordered for line in order.lines):
        for kind in ("sold_by_channel", "shortage", "short_pick"):
            order = orders.resolve_kind(tx, order, kind, "Stock came in.")
