"""Changing an order: one mechanism for edits, cancellations, substitutions and what else comes.

A change is a list of typed actions on an order at a version. It is made at once where no location
has begun with what it touches. Else the locations are asked for their units, the change waits,
and with the last answer it is made or refused: as a whole, never in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from baton import orders
from baton.flows import apply_change, recall
from baton.flows.pay import TenderIn, add_tender
from baton.fulfillment.model import RecallRequest
from baton.orders import changes, rules
from baton.orders.changes import Action, ChangeAddress, Plan
from baton.orders.errors import OrderInvalid, TooLate
from baton.orders.events import ChangeRequested
from baton.orders.model import (
    Change,
    HoldKind,
    Order,
    Transition,
)
from baton.orders.rules import Legal
from baton.platform.db import Tx
from baton.values import Id

NOTHING = "The order is like that already."


@dataclass(frozen=True, slots=True)
class Submitted:
    """The order after a change was handed in, and the change as it stands: applied or pending."""

    order: Order
    change: Change


def submit(
    tx: Tx,
    order_id: Id,
    actions: Sequence[Action],
    reason: str,
    version: int | None = None,
    *,
    tender: TenderIn | None = None,
) -> Submitted:
    """Make a change, or ask for the units that it needs back; `tender` pays for what is added.

    Raises VersionChanged where the order is not at `version`, TooLate where units have left, and
    what `changes.plan` refuses. Then nothing is changed.
    """
    order = orders.locked(tx, order_id, version)
    known = apply_change.look_up(tx, order, tuple(actions))
    agreed = changes.priced(actions, known)
    plan = changes.plan(order, agreed, known)
    if plan.nothing:
        raise OrderInvalid(NOTHING, field="actions")
    back = changes.recalls(order, plan)
    if back.too_late:
        raise TooLate(
            "These units were shipped or cancelled already; a return may still help.",
            field="lines",
            lines=dict(back.too_late),
        )
    asked = recall.requests(tx, order_id, back.needed, reason) if back.needed else []
    if tender is not None:
        add_tender(tx, order_id, tender)
    waits = {str(request.fo_id): _texts(request) for request in asked}
    change = orders.open_change(tx, order, kind_of(agreed), changes.to_json(agreed), reason, waits)
    if not asked:
        order = apply_change.apply(tx, order, change)
    else:
        order = _ask(tx, order, change, plan, asked)
    return Submitted(order, found(tx, order_id, change.change_no))


def edit(
    tx: Tx,
    order_id: Id,
    actions: Sequence[Action],
    reason: str,
    version: int | None = None,
) -> Order:
    """A change before release, which never waits for a location; nothing new is no change.

    Raises TooLate after release.
    """
    order = orders.locked(tx, order_id, version)
    legal = rules.legal_actions(order)
    needed = {
        Legal.EDIT_ADDRESS if isinstance(a, ChangeAddress) else Legal.EDIT_QUANTITY for a in actions
    }
    if not needed <= set(legal):
        raise TooLate("This can only change before release: recall the order first.")
    known = apply_change.look_up(tx, order, tuple(actions))
    plan = changes.plan(order, actions, known)
    if plan.nothing:
        return order
    if changes.recalls(order, plan).needed:
        raise TooLate("Fewer units are left before release: recall them first.", field="lines")
    return submit(tx, order_id, actions, reason).order


def found(tx: Tx, order_id: Id, change_no: int) -> Change:
    """A change of an order by its number."""
    return next(c for c in orders.changes_of(tx, [order_id]) if c.change_no == change_no)


def kind_of(actions: Sequence[Action]) -> str:
    """What a change is called in lists: its action's kind, or `several`."""
    kinds = {action.kind for action in actions}
    return kinds.pop() if len(kinds) == 1 else "several"


def _ask(tx: Tx, order: Order, change: Change, plan: Plan, asked: Sequence[RecallRequest]) -> Order:
    """Ask the locations; what still waits for an answer keeps the rest of the order in place."""
    units = {line: count for request in asked for line, count in (request.lines or {}).items()}
    fact = ChangeRequested(
        order.id, "", "", change.change_no, change.kind, tuple(sorted(units.items()))
    )
    order = orders.save(tx, [order], [order], [fact])[0]
    order = recall.ask(tx, order, asked)
    waiting = [c for c in orders.pending_changes(tx, [order.id]) if c.change_no == change.change_no]
    if not waiting or (len(asked) == 1 and not plan.edits):
        return order
    said = f"Change {change.change_no} waits for units that were asked back."
    blocks = (Transition.ROUTE, Transition.RELEASE)
    order = orders.hold(tx, order, HoldKind.MANUAL, said, blocks=blocks)
    orders.keep_change(tx, replace(waiting[0], hold_id=order.holds[-1].id))
    return order


def _texts(request: RecallRequest) -> dict[str, int]:
    return {str(line): units for line, units in (request.lines or {}).items()}
