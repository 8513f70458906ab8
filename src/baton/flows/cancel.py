"""Cancelling units: at once where nothing has begun, by recall where a location has them.

A convenience over changes of the order: one change for what no location has, and one for each
location that is asked, so that what can be cancelled now does not wait for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from baton import orders
from baton.flows import recall as recalls
from baton.flows.change_order import submit
from baton.orders import rules
from baton.orders.changes import CancelUnits
from baton.orders.errors import TooLate
from baton.orders.model import Order
from baton.orders.rules import Cancellation
from baton.platform.db import Tx
from baton.values import Id


@dataclass(frozen=True, slots=True)
class CancelPreview:
    """What cancelling would do; amounts are minor units of the order's currency."""

    order: Order
    plan: Cancellation
    value_minor: int
    still_due_minor: int


def preview(tx: Tx, order_id: Id, units: Mapping[int, int] | None) -> CancelPreview:
    """What would become of units and money; nothing is changed."""
    order = orders.locked(tx, order_id)
    plan = rules.plan_cancellation(order, _wanted(order, units))
    value = rules.value_of_cancelling(order, plan.units_now)
    return CancelPreview(order, plan, value, rules.still_due(order) - value)


def cancel(
    tx: Tx,
    order_id: Id,
    units: Mapping[int, int] | None,
    reason: str,
    version: int | None = None,
) -> Order:
    """Cancel units (None: all that can be): now, or by asking the location for them.

    Raises TooLate where units were shipped already; then nothing is cancelled.
    """
    order = orders.locked(tx, order_id, version)
    plan = rules.plan_cancellation(order, _wanted(order, units))
    if units is None:  # what was asked back before need not be asked for again
        able = recalls.recallable(tx, order_id)
        asked = {n: min(u, able.get(n, 0)) for n, u in plan.recall.items() if able.get(n)}
        plan = replace(plan, recall=asked)
    if plan.too_late or not (plan.now or plan.recall):
        raise TooLate(
            "These units were shipped or cancelled already; a return may still help.",
            field="lines",
            lines=dict(plan.too_late),
        )
    asked_of = recalls.requests(tx, order_id, plan.recall, reason) if plan.recall else []
    for part in (plan.units_now, *(request.lines or {} for request in asked_of)):
        if part:
            actions = [CancelUnits(line, quantity) for line, quantity in part.items()]
            order = submit(tx, order_id, actions, reason).order
    return order


def _wanted(order: Order, units: Mapping[int, int] | None) -> dict[int, int]:
    if units is None:
        return rules.everything(order)
    for line_no in units:
        orders.line_of(order, line_no)
    return dict(units)
