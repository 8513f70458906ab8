"""Giving money back: to where it came from, to store credit, or as somebody did it elsewhere.

A refund names its subject (a settled return, an appeasement, a person's own words for it) and
states what is given back for it all in all: the same refund said twice is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import orders, payments, stored_value
from baton.orders import rules
from baton.orders.model import Order
from baton.payments.errors import RefundUnfit
from baton.payments.model import EXTERNAL, STORE_CREDIT, Payment, Refunding
from baton.platform.db import Tx
from baton.stored_value.model import Cause, Grant
from baton.values import Id, Money
from baton.values.errors import Refused

ORIGINAL, ELSEWHERE = "original", "elsewhere"
TARGETS = (ORIGINAL, STORE_CREDIT, ELSEWHERE)

BY_HAND = "refund_by_hand"  # the kinds of exceptions
DECLINED = "refund_declined"

_VIA = {ORIGINAL: "", STORE_CREDIT: STORE_CREDIT, ELSEWHERE: EXTERNAL}


class NobodyToCredit(Refused):
    """Store credit belongs to a customer, and the order has none."""

    code = "refund_without_customer"


@dataclass(frozen=True, slots=True)
class PartOut:
    """Of a refund, what goes back to one tender."""

    payment: Payment
    amount: int


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a refund would do; amounts in minor units of the order's currency.

    `before` was given back for this subject already; `missing` was taken elsewhere.
    """

    order: Order
    before: int
    parts: tuple[PartOut, ...]
    missing: int
    refundable: int


def refund(
    tx: Tx,
    order_id: Id,
    subject_id: Id,
    amount: Money,
    to: str = ORIGINAL,
    reason: str = "",
) -> Refunding:
    """All in all, `amount` is or was given back for the subject.

    "original": to the tenders, the last first; what was taken elsewhere opens an exception.
    "store_credit": the customer gets it at once. "elsewhere": somebody gave it back already.
    Raises CurrencyMismatch, RefundUnfit, RefundTooHigh, NobodyToCredit.
    """
    order = orders.locked(tx, order_id)
    customer_id = order.header.customer_id
    if to not in _VIA:
        raise RefundUnfit(f"Give one of {', '.join(TARGETS)}.", field="to")
    if to == STORE_CREDIT and customer_id is None:
        raise NobodyToCredit("The order has no customer who could get store credit.", field="to")
    made = payments.ensure_refunded(tx, order_id, subject_id, amount, via=_VIA[to], reason=reason)
    if to == STORE_CREDIT and customer_id is not None:
        _credit(tx, customer_id, made, amount.currency, reason)
    if made.missing:
        orders.open_exception(
            tx,
            order,
            BY_HAND,
            str(subject_id),
            f"{made.missing} were taken elsewhere and can't be given back from here.",
            "Give it back where it was taken, then say so: a refund to “elsewhere”.",
        )
    elif to == ELSEWHERE:
        orders.resolve_kind(tx, order, BY_HAND, "given back elsewhere", str(subject_id))
    return made


def preview(
    tx: Tx, order_id: Id, subject_id: Id, amount: Money, to: str = ORIGINAL
) -> RefundPreview:
    """Which tender would get how much; nothing changes. Raises as `refund`."""
    order = orders.locked(tx, order_id)
    if to not in _VIA:
        raise RefundUnfit(f"Give one of {', '.join(TARGETS)}.", field="to")
    paid = {payment.id: payment for payment in payments.by_orders(tx, [order_id])}
    effects = payments.effects_by_orders(tx, [order_id])
    parts, before = payments.give_back(
        amount.minor, subject_id, list(paid.values()), effects, anyhow=bool(_VIA[to])
    )
    missing = max(amount.minor - before - sum(part.amount for part in parts), 0)
    told = tuple(PartOut(paid[part.payment_id], part.amount) for part in parts)
    left = payments.left(list(paid.values()), effects)
    return RefundPreview(order, before, told, missing, left)


def return_overpaid(tx: Tx, order: Order) -> None:
    """What was captured beyond what the order is worth by now goes back: it was captured before
    units were cancelled. Money that was taken elsewhere is given back there."""
    paid = payments.by_orders(tx, [order.id])
    captured = sum(p.captured for p in paid if p.provider != EXTERNAL and p.pays_for is None)
    excess = captured - max(rules.worth(order), 0)
    if excess > 0:
        left = payments.left(paid, payments.effects_by_orders(tx, [order.id]))
        before = _given_back(tx, order.id)
        amount = min(excess, before + left)
        if amount > before:
            total = Money(amount, order.header.currency)
            refund(tx, order.id, order.id, total, ORIGINAL, "cancelled")


def declined(tx: Tx, order: Order, effect_id: Id) -> Order:
    """A refund that its tender did not take goes to store credit where it was the merchant's own
    money, and is put before a person otherwise."""
    effect = payments.found(tx, effect_id)
    payment = payments.payment_of(tx, effect)
    customer_id = order.header.customer_id
    if payment.provider in payments.OWN and customer_id is not None and effect.subject_id:
        target = _given_back(tx, order.id, effect.subject_id) + effect.amount
        amount = Money(target, payment.currency)
        refund(tx, order.id, effect.subject_id, amount, STORE_CREDIT, effect.reason)
        return orders.locked(tx, order.id)
    return orders.open_exception(
        tx,
        order,
        DECLINED,
        str(effect.id),
        f"{Money(effect.amount, payment.currency)} could not be given back: {effect.error}",
        "Give it as store credit, or transfer it and refund to “elsewhere”.",
    )


def _credit(tx: Tx, customer_id: Id, made: Refunding, currency: str, reason: str) -> None:
    grants: Sequence[Grant] = [
        Grant(
            customer_id,
            Money(effect.amount, currency),
            effect.id,
            effect.order_id,
            Cause.RETURNED,
            reason,
        )
        for effect in made.effects
    ]
    stored_value.grant(tx, grants)


def _given_back(tx: Tx, order_id: Id, subject_id: Id | None = None) -> int:
    return payments.given_back(subject_id or order_id, payments.effects_by_orders(tx, [order_id]))
