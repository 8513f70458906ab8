"""Money after a change: what is paid too much goes back, what is not covered is asked for.

Targets are stated, not steps: called twice, or late, nothing is given back or asked for twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import orders, payments
from baton.flows import refund
from baton.orders import rules
from baton.orders.model import HoldKind, Order
from baton.payments.model import EXTERNAL, Effect, Payment, PaymentState
from baton.platform.db import Tx

NOT_COVERED = "Units were added: the payment does not cover them."


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order is paid, in minor units.

    `uncovered` is payable, and no tender covers it, nor is any asked for it. `given_back` is
    refunded because the order became smaller; `outside` was taken elsewhere.
    """

    payable: int
    uncovered: int
    given_back: int
    outside: int


def standing(order: Order, paid: Sequence[Payment], effects: Sequence[Effect]) -> Standing:
    """How the order is paid as it is now; one that came without a tender has its own hold."""
    payable = rules.worth(order)
    given_back = payments.given_back(order.id, effects)
    waiting = sum(p.amount for p in paid if p.state is PaymentState.REQUESTED and not p.pays_for)
    covered = payments.covered(paid) + waiting - given_back
    return Standing(
        payable,
        max(payable - covered, 0) if paid else 0,
        given_back,
        sum(payment.captured for payment in paid if payment.provider == EXTERNAL),
    )


def follow(tx: Tx, order: Order, *, raised: bool) -> Order:
    """Bring money up to date with a changed order: refund, void, or hold until it is covered."""
    if not rules.everything(order):
        payments.void_rest(tx, [order.id])
    refund.return_overpaid(tx, order)
    order = orders.locked(tx, order.id)  # a refund may have called a person
    paid = payments.by_orders(tx, [order.id])
    found = standing(order, paid, payments.effects_by_orders(tx, [order.id]))
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
