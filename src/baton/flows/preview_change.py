"""What a change would do, found out by doing it and taking it back.

The rehearsal runs the same code as the change itself, lets every location agree, and has the order
routed; so money, stock, dates and work are those that would follow, as things stand now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baton import fulfillment, inventory, orders, payments
from baton.flows import apply_change, recall
from baton.flows.change_money import Standing, standing
from baton.flows.change_order import NOTHING, submit
from baton.flows.route_orders import route_orders
from baton.fulfillment.model import FulfillmentOrder, Recall, RecallRequest, Status
from baton.orders import changes
from baton.orders.changes import Action
from baton.orders.model import Order
from baton.payments.model import Payment
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import Refused

Held = Mapping[tuple[int, Id], int]
"""Units promised, by order line and area."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order with what it holds and how it is paid, at one moment."""

    order: Order
    held: Held
    works: Sequence[FulfillmentOrder]
    payments: Sequence[Payment]
    money: Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of a fulfillment order that have to come back; `at_once` where nothing was begun."""

    work: FulfillmentOrder
    units: Mapping[int, int]
    at_once: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """An order before and after a change. With `problems` it can't be made: nothing differs."""

    before: Seen
    after: Seen
    recalls: tuple[Asked, ...]
    problems: tuple[str, ...]

    @property
    def missing(self) -> dict[int, int]:
        """Units by line that would wait for stock, and did not before."""
        was = {line.line_no: line.backordered for line in self.before.order.lines}
        return {
            line.line_no: line.backordered - was.get(line.line_no, 0)
            for line in self.after.order.lines
            if line.backordered > was.get(line.line_no, 0)
        }

    @property
    def stock(self) -> dict[tuple[int, Id], int]:
        """Units more (or fewer) that are promised, by line and area."""
        keys = {*self.before.held, *self.after.held}
        moved = {k: self.after.held.get(k, 0) - self.before.held.get(k, 0) for k in keys}
        return {key: units for key, units in sorted(moved.items()) if units}


def preview(tx: Tx, order_id: Id, actions: Sequence[Action]) -> Preview:
    """What the actions would do to money, stock, dates and work; nothing is changed.

    Raises what `changes.plan` refuses. What locations or carriers stand against is a problem in
    the answer.
    """
    order = orders.locked(tx, order_id)
    before = _seen(tx, order)
    known = apply_change.look_up(tx, order, tuple(actions))
    plan = changes.plan(order, changes.priced(actions, known), known)
    if plan.nothing:
        return Preview(before, before, (), (NOTHING,))
    back = changes.recalls(order, plan)
    if back.too_late:
        told = tuple(
            f"{units} units of line {line} were shipped or cancelled already."
            for line, units in back.too_late.items()
        )
        return Preview(before, before, (), told)
    try:
        asked = recall.requests(tx, order_id, back.needed, "") if back.needed else []
        recalls = _asked(before.works, asked)
        with tx.rehearsal():
            after = _rehearsed(tx, order_id, actions)
    except Refused as error:
        return Preview(before, before, (), (error.message,))
    return Preview(before, after, recalls, ())


def _rehearsed(tx: Tx, order_id: Id, actions: Sequence[Action]) -> Seen:
    submit(tx, order_id, actions, "preview")
    for work in fulfillment.of_orders(tx, [order_id]):
        if work.recall is Recall.REQUESTED:
            recall.answer(tx, work.id, True, "preview")
    route_orders(tx, [order_id], "preview")
    return _seen(tx, orders.read(tx, [order_id])[order_id])


def _seen(tx: Tx, order: Order) -> Seen:
    held: dict[tuple[int, Id], int] = {}
    for each in inventory.reservations(tx, [order.id]):
        key = each.owner_line, each.area_id
        held[key] = held.get(key, 0) + each.quantity
    paid = payments.by_orders(tx, [order.id])
    effects = payments.effects_by_orders(tx, [order.id])
    works = fulfillment.of_orders(tx, [order.id])
    return Seen(order, held, works, paid, standing(order, paid, effects))


def _asked(works: Sequence[FulfillmentOrder], asked: Sequence[RecallRequest]) -> tuple[Asked, ...]:
    by_id = {work.id: work for work in works}
    return tuple(
        Asked(
            by_id[request.fo_id],
            dict(request.lines or {}),
            by_id[request.fo_id].status is Status.RELEASED,
        )
        for request in asked
    )
