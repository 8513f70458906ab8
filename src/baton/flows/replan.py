"""Taking back what was planned and finding stock anew: the steps that several flows share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from baton import channels, fulfillment, inventory, orders
from baton.flows import jobs
from baton.fulfillment.model import FulfillmentOrder, Status
from baton.inventory.model import NOWHERE, Basket, Demand, Give
from baton.orders import rules
from baton.orders.events import OrderBackordered, OrderReserved, OrderUnrouted
from baton.orders.model import Bucket, LineKind, Order
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.values.fact import Fact

Chosen = Callable[[FulfillmentOrder], bool]


def unroute(tx: Tx, order: Order, why: str, chosen: Chosen = lambda _work: True) -> Order:
    """Give up work that is only planned; its units are reserved in their area again."""
    planned = [
        work
        for work in fulfillment.of_orders(tx, [order.id])
        if work.status is Status.PLANNED and chosen(work)
    ]
    if not planned:
        return order
    fulfillment.cancel_planned(tx, [work.id for work in planned])
    gives = [
        Give(order.id, line.order_line, line.sku_id, work.location_id, line.open)
        for work in planned
        for line in work.lines
        if line.open
    ]
    inventory.deallocate(tx, gives)
    units = by_line(gives)
    after = rules.move(order, Action.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, units)
    fact = OrderUnrouted(order.id, "", "", tuple(units.items()), why)
    return orders.save(tx, [order], [after], [fact])[0]


def find_stock(tx: Tx, order: Order, units: Mapping[int, int], why: str) -> Order:
    """Reserve open or backordered units wherever the channel sells from; the rest waits.

    Accepted units are never refused: what has no stock is backordered.
    """
    wanted = {n: u for n, u in units.items() if u and order.line(n).kind is LineKind.GOODS}
    if not wanted:
        return order
    channel = channels.channels_by_id(tx, [order.header.channel_id])[order.header.channel_id]
    demands = []
    for line_no, quantity in wanted.items():
        line = order.line(line_no)
        assert line.sku_id is not None
        place = order.group(line.group_no).location_id
        demands.append(Demand(line_no, line.sku_id, quantity, channel.area_ids, place))
    outcome = inventory.reserve(tx, [Basket("order", order.id, False, tuple(demands))])[0]
    in_area: dict[int, int] = {}
    at_location: dict[int, int] = {}
    for taken in outcome.taken:
        target = in_area if taken.location_id == NOWHERE else at_location
        target[taken.line] = target.get(taken.line, 0) + taken.quantity
    return _placed(tx, order, in_area, at_location, dict(outcome.missing), why)


def _placed(
    tx: Tx,
    order: Order,
    in_area: dict[int, int],
    at_location: dict[int, int],
    missing: dict[int, int],
    why: str,
) -> Order:
    """Move found units on, the longest waiting first, and say what is still missing."""
    after, facts, found = order, list[Fact](), dict[int, int]()
    for taken in (in_area, at_location):
        for line_no, quantity in taken.items():
            after = _reserved(after, line_no, quantity)
            found[line_no] = found.get(line_no, 0) + quantity
    after = rules.move(after, Action.ALLOCATE, Bucket.RESERVED, Bucket.ALLOCATED, at_location)
    waits = {n: min(u, after.line(n).open) for n, u in missing.items() if after.line(n).open}
    after = rules.move(after, Action.BACKORDER, Bucket.OPEN, Bucket.BACKORDERED, waits)
    if found:
        facts.append(OrderReserved(order.id, "", "", tuple(found.items())))
    if waits:
        facts.append(OrderBackordered(order.id, "", "", tuple(waits.items()), why))
    if not facts:
        return order
    saved = orders.save(tx, [order], [after], facts)[0]
    if found:
        jobs.for_orders(tx, jobs.ROUTE, [order.id], why)
    return saved


def _reserved(order: Order, line_no: int, quantity: int) -> Order:
    waiting = min(quantity, order.line(line_no).open)
    order = rules.move(order, Action.RESERVE, Bucket.OPEN, Bucket.RESERVED, {line_no: waiting})
    rest = {line_no: quantity - waiting}
    return rules.move(order, Action.RESERVE, Bucket.BACKORDERED, Bucket.RESERVED, rest)


def give_up_stock(tx: Tx, order: Order, units: Mapping[int, int]) -> None:
    """Free reserved units that are not allocated: line → units."""
    gives, left = [], dict(units)
    for held in inventory.reservations(tx, [order.id]):
        quantity = min(left.get(held.owner_line, 0), held.quantity)
        if quantity and held.location_id == NOWHERE:
            gives.append(Give(order.id, held.owner_line, held.sku_id, NOWHERE, quantity))
            left[held.owner_line] -= quantity
    assert not any(left.values()), f"{left} are not reserved"
    if gives:
        inventory.free(tx, merged(gives))


def merged(gives: list[Give]) -> list[Give]:
    """One entry for one line and location."""
    total: dict[tuple[object, ...], Give] = {}
    for give in gives:
        key = (give.owner_id, give.line, give.location_id)
        known = total.get(key)
        total[key] = replace(give, quantity=give.quantity + known.quantity) if known else give
    return list(total.values())


def by_line(gives: list[Give]) -> dict[int, int]:
    """Units given, by order line."""
    units: dict[int, int] = {}
    for give in gives:
        units[give.line] = units.get(give.line, 0) + give.quantity
    return units
