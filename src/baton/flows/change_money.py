"""Money after a change: what is paid too much goes back, what is not covered is asked for.

Targets are stated, not steps: called twice, or late, nothing is given back or asked for twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import orders, payments
from baton.orders import rules
from baton.orders.model import HoldKind, Order
from baton.payments.model import EXTERNAL, Effect, EffectKind, EffectState, Payment
from baton.platform.db import Tx
from baton.values import Id, Money

NOT_COVERED = "Units were added: the payment does not cover them."


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order is paid, in minor units.

    `given_back` was or is being refunded because the order became smaller, `surplus` is still to
    be; `uncovered` is payable, and no tender covers it. `outside` was taken elsewhere.
    """

    payable: int
    covered: int
    captured: int
    given_back: int
    outside: int
    surplus: int
    uncovered: int


def standing(order: Order, paid: Sequence[Payment], effects: Sequence[Effect]) -> Standing:
    """How the order is paid as it is now; an order that was never paid here owes nothing here."""
    payable = rules.payable(order)
    own = [payment for payment in paid if payment.provider != EXTERNAL]
    outside = sum(p.captured for p in paid if p.provider == EXTERNAL)
    authorised = sum(max(payment.authorised - payment.voided, 0) for payment in own)
    waiting = sum(payment.amount for payment in own if payment.state.value == "requested")
    captured = sum(payment.captured for payment in own)
    given_back = sum(
        effect.amount
        for effect in effects
        if effect.kind is EffectKind.REFUND
        and effect.subject_id == order.id
        and effect.state is not EffectState.DECLINED
    )
    covered = authorised + waiting + outside - given_back
    surplus = captured - given_back - max(payable - outside, 0)
    return Standing(
        payable,
        covered,
        captured,
        given_back,
        outside,
        max(surplus, 0),
        max(payable - covered, 0) if own else 0,
    )


def follow(tx: Tx, order: Order, *, raised: bool) -> Order:
    """Bring money up to date with a changed order: refund, void, or hold until it is covered."""
    if not rules.everything(order):
        payments.void_rest(tx, [order.id])
    found = give_back_surplus(tx, [order])[order.id]
    ours = [
        hold
        for hold in order.holds
        if hold.kind == HoldKind.PAYMENT and hold.reason == NOT_COVERED and not hold.resolved_at
    ]
    if found.uncovered and raised and not ours:
        return orders.hold(tx, order, HoldKind.PAYMENT, NOT_COVERED)
    if not found.uncovered:
        for hold in ours:
            order = orders.resolve_hold(tx, order, hold.id, "The payment covers the order.")
    return order


def give_back_surplus(tx: Tx, found: Sequence[Order]) -> dict[Id, Standing]:
    """Refund what was captured and is not payable any more. The caller holds the orders' locks.

    The subject of these refunds is the order; the amount stated is all that it got too much.
    """
    paid = _by_order(payments.by_orders(tx, [order.id for order in found]))
    effects = _by_order(payments.effects_by_orders(tx, [order.id for order in found]))
    standings = {}
    for order in found:
        now = standing(order, paid.get(order.id, []), effects.get(order.id, []))
        standings[order.id] = now
        if now.surplus:
            target = Money(now.given_back + now.surplus, order.header.currency)
            payments.refund(tx, order.id, target, order.id)
    return standings


def _by_order(rows: Sequence[object]) -> dict[Id, list]:  # type: ignore[type-arg]
    grouped: dict[Id, list] = {}  # type: ignore[type-arg]
    for row in rows:
        grouped.setdefault(row.order_id, []).append(row)  # type: ignore[attr-defined]
    return grouped
