"""Making a change true, once all units that it needs are back from their locations.

The plan is made anew on the order as it is then. Units are cancelled first, then the order is
written with its edits, then stock is looked for and money follows. All in one transaction: a
change is applied as a whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from baton import catalog, customers, inventory, locations, orders
from baton.flows import change_money
from baton.flows.replan import find_stock, give_up_stock, unroute
from baton.inventory.model import NOWHERE, Give
from baton.locations.model import Ability
from baton.locations.rules import coordinates
from baton.orders import changes, rules
from baton.orders.changes import Action, Known, Plan
from baton.orders.events import ChangeRefused, OrderCancelled, OrderEdited
from baton.orders.intake import KnownSku
from baton.orders.model import (
    Bucket,
    Change,
    ChangeState,
    Group,
    HoldKind,
    LineKind,
    Order,
)
from baton.orders.states import Action as Move
from baton.orders.versions import difference
from baton.platform.db import Tx
from baton.values import Address, Id
from baton.values.errors import BatonError

REFUSED = "change_refused"  # the kind of exception


def look_up(tx: Tx, order: Order, actions: tuple[Action, ...]) -> Known:
    """The SKUs, prices and places that actions name."""
    codes, places = changes.skus_of(actions), changes.places_of(actions)
    skus = catalog.skus_by_code(tx, codes) if codes else {}
    found = locations.locations_by_code(tx, places) if places else {}
    return Known(
        {
            code: KnownSku(sku.id, sku.title, LineKind(sku.kind), sku.weight_g, sku.ship_alone)
            for code, sku in skus.items()
        },
        {
            code: sku.price_minor
            for code, sku in skus.items()
            if sku.currency == order.header.currency
        },
        {
            code: place.id
            for code, place in found.items()
            if place.active and Ability.PICKUP in place.can
        },
    )


def apply(tx: Tx, order: Order, change: Change) -> Order:
    """The order with a pending change made true. Raises what `changes.plan` raises, before
    anything is written."""
    actions = changes.from_json(change.actions)
    plan = _located(changes.plan(order, actions, look_up(tx, order, actions)), order)
    before, again = order, set[int]()
    if plan.groups:
        order, again = _replanned(tx, order, plan)
    if plan.cancel:
        order = _cancelled(tx, order, plan.cancel, change.reason)
    after = changes.edited(order, plan)
    was, became = difference(before, after)
    orders.keep_change(tx, replace(change, state=ChangeState.APPLIED, before=was, after=became))
    if plan.edits:
        total = after.header.total_minor
        fact = OrderEdited(order.id, "", "", change.kind, change.change_no, total)
        order = orders.save(tx, [order], [after], [fact])[0]
        for group in plan.groups.values():
            if group.address is not None:
                order = _address_hold(tx, order, group.address)
        seeking = {n: order.line(n).open for n in again | plan.added.keys()}
        order = find_stock(tx, order, seeking, "order changed")
    raised = rules.worth(order) > rules.worth(before)
    return change_money.follow(tx, order, raised=raised)


# ── what a location answered ───────────────────────────────────────────────────────────────


def settle(
    tx: Tx,
    order: Order,
    fulfillment_order_id: Id,
    *,
    came: Mapping[int, int],
    lost: Mapping[int, int],
    how: str,
) -> Order:
    """Changes that waited for units of a fulfillment order: those came back, these did not.

    With its last unit back a change is applied; with the first that stays it is refused.
    """
    left = dict(came)
    for change in orders.pending_changes(tx, [order.id]):
        waits = change.waits.get(str(fulfillment_order_id))
        if not waits:
            continue
        if any(int(line) in lost for line in waits):
            order = refuse(tx, order, change, how)
            continue
        still = {}
        for line, units in waits.items():
            back = min(left.get(int(line), 0), units)
            left[int(line)] = left.get(int(line), 0) - back
            if units > back:
                still[line] = units - back
        rest = {k: v for k, v in change.waits.items() if k != str(fulfillment_order_id)}
        if still:
            rest[str(fulfillment_order_id)] = still
        change = replace(change, waits=rest)
        order = _apply_late(tx, order, change) if not rest else _waits_on(tx, order, change)
    return order


def refuse(tx: Tx, order: Order, change: Change, why: str) -> Order:
    """A change that can't be made any more: the order is as it was, and what was held goes on."""
    orders.keep_change(tx, replace(change, state=ChangeState.REFUSED, waits={}, outcome=why))
    fact = ChangeRefused(order.id, "", "", change.change_no, change.kind, why)
    order = orders.save(tx, [order], [order], [fact])[0]
    return _let_go(tx, order, change, "The change was refused.")


def _tell(tx: Tx, order: Order, change: Change, why: str) -> Order:
    """A change that could not be made although its units came back needs a person."""
    order = refuse(tx, order, change, why)
    return orders.open_exception(
        tx,
        order,
        REFUSED,
        f"{order.number}/{change.change_no}",
        f"Change {change.change_no} was not made: {why}",
        "Tell the customer; offer a return, or change what can still be changed.",
    )


def _apply_late(tx: Tx, order: Order, change: Change) -> Order:
    """All units are back: the change is made, if the order still allows it."""
    actions = changes.from_json(change.actions)
    try:
        plan = changes.plan(order, actions, look_up(tx, order, actions))
        back = changes.recalls(order, plan)
    except BatonError as error:
        return _tell(tx, order, change, error.message)
    if back.needed or back.too_late:
        return _tell(tx, order, change, "Other units of the order went to a location meanwhile.")
    order = apply(tx, order, change)
    return _let_go(tx, order, change, "The change was made.")


def _waits_on(tx: Tx, order: Order, change: Change) -> Order:
    orders.keep_change(tx, change)
    return order


def _let_go(tx: Tx, order: Order, change: Change, how: str) -> Order:
    """What was held for a change goes on."""
    held = any(h.id == change.hold_id and h.resolved_at is None for h in order.holds)
    return orders.resolve_hold(tx, order, change.hold_id, how) if held and change.hold_id else order


# ── units ──────────────────────────────────────────────────────────────────────────────────


def _cancelled(tx: Tx, order: Order, units: Mapping[int, int], reason: str) -> Order:
    """Cancel what no location has; allocations of the rest are planned anew."""
    plan = rules.plan_cancellation(order, units)
    assert not plan.recall, "these units have to come back first"
    assert not plan.too_late, "these units are gone"
    order, reserved = _freed(tx, order, plan.now.get(Bucket.ALLOCATED, {}))
    for line_no, count in plan.now.get(Bucket.RESERVED, {}).items():
        reserved[line_no] = reserved.get(line_no, 0) + count
    give_up_stock(tx, order, reserved)
    after = order
    for bucket in (Bucket.PARKED, Bucket.BACKORDERED, Bucket.OPEN):
        gone = plan.now.get(bucket, {})
        after = rules.move(after, Move.CANCEL, bucket, Bucket.CANCELLED, gone)
    after = rules.move(after, Move.CANCEL, Bucket.RESERVED, Bucket.CANCELLED, reserved)
    fact = OrderCancelled(order.id, "", "", tuple(plan.units_now.items()), reason)
    return orders.save(tx, [order], [after], [fact])[0]


def _freed(tx: Tx, order: Order, units: Mapping[int, int]) -> tuple[Order, dict[int, int]]:
    """Allocated units made reserved again: planned work with them is given up, pick-ups freed."""
    if not units:
        return order, {}
    order = unroute(tx, order, "cancelled", lambda w: any(x.order_line in units for x in w.lines))
    left = {
        n: u for n, u in units.items() if order.line(n).allocated and u > order.line(n).reserved
    }
    return _deallocated(tx, order, left), dict(units)


def _deallocated(tx: Tx, order: Order, units: Mapping[int, int]) -> Order:
    """Units that have their place and no work yet, as pick-ups do, are reserved in their area."""
    left, gives = dict(units), []
    for held in inventory.reservations(tx, [order.id]) if left else ():
        need = left.get(held.owner_line, 0)
        if need and held.location_id != NOWHERE:
            quantity = min(need, held.quantity)
            gives.append(Give(order.id, held.owner_line, held.sku_id, held.location_id, quantity))
            left[held.owner_line] = need - quantity
    if not gives:
        return order
    inventory.deallocate(tx, gives)
    moved: dict[int, int] = {}
    for give in gives:
        moved[give.line] = moved.get(give.line, 0) + give.quantity
    after = rules.move(order, Move.DEALLOCATE, Bucket.ALLOCATED, Bucket.RESERVED, moved)
    return orders.save(tx, [order], [after])[0]


def _replanned(tx: Tx, order: Order, plan: Plan) -> tuple[Order, set[int]]:
    """Planned work of changed groups is given up; returns the lines that need stock anew: those
    of a group that is delivered in another way from now on."""
    order = unroute(tx, order, "order changed", lambda work: work.group_no in plan.groups)
    turned = {
        group.group_no
        for group in plan.groups.values()
        if _way(group) != _way(order.group(group.group_no))
    }
    lines = [line for line in order.lines if line.group_no in turned]
    order = _deallocated(tx, order, {x.line_no: x.allocated for x in lines if x.allocated})
    after, again = order, set[int]()
    for bucket in (Bucket.RESERVED, Bucket.BACKORDERED):
        units = {x.line_no: x.units(bucket) for x in order.lines if x.group_no in turned}
        units = {n: u for n, u in units.items() if u}
        if bucket is Bucket.RESERVED:
            give_up_stock(tx, order, units)
        after = rules.move(after, Move.CHANGE, bucket, Bucket.OPEN, units)
        again |= units.keys()
    return (orders.save(tx, [order], [after])[0] if again else order), again


def _way(group: Group) -> tuple[str, Id | None]:
    return group.method.value, group.location_id


# ── addresses ──────────────────────────────────────────────────────────────────────────────


def _located(plan: Plan, order: Order) -> Plan:
    """The plan with the place on the map of each new address."""
    groups = {}
    for number, group in plan.groups.items():
        if group.address is not None and group.address != order.group(number).address:
            point = coordinates(group.address.country)
            group = replace(
                group, lat=point.lat if point else None, lon=point.lon if point else None
            )
        groups[number] = group
    return replace(plan, groups=groups)


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
