"""How a claim is laid on an order's payments, and how money is given back from them.

Explained with numbers in docs/algorithms/money.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from baton.payments.model import (
    EXTERNAL,
    Claim,
    Effect,
    EffectKind,
    EffectState,
    Payment,
    PaymentState,
)
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class Part:
    """Of a claim, what one payment covers; `drawn` from money that has come already."""

    payment_id: Id
    amount: int
    drawn: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How a claim is covered: new parts, what was covered before, and what nobody covers."""

    parts: tuple[Part, ...]
    before: int
    missing: int


def spread(
    claim: Claim, payments: Sequence[Payment], effects: Sequence[Effect], owed: int
) -> Spread:
    """Lay a claim on an order's payments in their rank: first what has come, then what is free.

    What was asked for this subject before counts, and a payment is asked once for a subject.
    What was declined, or is `owed` (a receivable), nobody asks for again; what was missing and
    is not owed is looked for again. `effects` are all those of the order.
    """
    asked = [
        e for e in effects if e.kind is EffectKind.CAPTURE and e.subject_id == claim.subject_id
    ]
    own = [effect for effect in asked if effect.state is not EffectState.DECLINED]
    before = sum(effect.amount for effect in own)
    wanted = max(claim.amount.minor, 0)
    if claim.subject_id == claim.order_id:
        # money taken elsewhere covers an order as it lies; a decline is owed by nobody yet
        there = sum(_undrawn(p, effects) for p in payments if p.provider == EXTERNAL)
        before += min(there, max(wanted - before, 0))
        owed += sum(e.amount for e in asked if e.state is EffectState.DECLINED)
    rest = max(wanted - before - owed, 0)
    used = {effect.payment_id for effect in asked}
    parts = []
    for payment in _in_turn(claim, payments):
        if payment.id not in used and (part := _part(claim, payment, effects, rest)).amount:
            parts.append(part)
            rest -= part.amount
    missing = max(wanted - before - sum(part.amount for part in parts), 0)
    return Spread(tuple(parts), before, missing)


def _in_turn(claim: Claim, payments: Sequence[Payment]) -> list[Payment]:
    """The tenders that may pay: what was added for a debt pays that alone, and first."""
    able = [p for p in payments if p.pays_for is None or p.pays_for == claim.subject_id]
    return sorted(able, key=lambda p: (p.pays_for is None, p.turn))


def _part(claim: Claim, payment: Payment, effects: Sequence[Effect], rest: int) -> Part:
    there = 0 if claim.subject_id == claim.order_id else _undrawn(payment, effects)
    if there:
        return Part(payment.id, min(rest, there), drawn=True)
    return Part(payment.id, min(rest, payment.free), drawn=False)


def _undrawn(payment: Payment, effects: Sequence[Effect]) -> int:
    """Money that came for the order as a whole and is not set against a shipment yet."""
    own = [e for e in effects if e.payment_id == payment.id and e.kind is EffectKind.CAPTURE]
    came = payment.captured if payment.state is PaymentState.EXTERNAL else 0
    for effect in own:
        if effect.drawn:
            came -= effect.amount
        elif effect.subject_id == effect.order_id and effect.state is EffectState.SUCCEEDED:
            came += effect.amount
    return max(came, 0)


# ── refunds ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Of a refund, what is taken from one capture, which the gateway calls `capture`.

    `round` tells it from what the same subject was given back from that capture before.
    """

    payment_id: Id
    amount: int
    capture: str
    round: int = 0


def give_back(
    amount: int,
    subject_id: Id,
    payments: Sequence[Payment],
    effects: Sequence[Effect],
    *,
    anyhow: bool = False,
) -> tuple[tuple[GivenBack, ...], int]:
    """The parts of a refund, last tender first, and what was asked for this subject before.

    Money that was taken elsewhere has to be given back there, and so is left out, unless the
    refund goes another way than its tender (`anyhow`).
    """
    before = given_back(subject_id, effects)
    rest = max(amount - before, 0)
    parts = []
    for payment in sorted(payments, key=lambda p: p.turn, reverse=True):
        if payment.provider == EXTERNAL and not anyhow:
            continue
        left = refundable(payment, effects)
        for capture in sorted(left, key=lambda ref: (-left[ref], ref)):
            if rest:
                taken = min(rest, left[capture])
                times = _round(payment.id, capture, subject_id, effects)
                parts.append(GivenBack(payment.id, taken, capture, times))
                rest -= taken
    return tuple(parts), before


def refundable(payment: Payment, effects: Sequence[Effect]) -> Counter[str]:
    """What is left of each capture, by the gateway's name of it; money that was taken elsewhere
    is one capture without a name."""
    left: Counter[str] = Counter()
    if payment.provider == EXTERNAL:
        left[""] = payment.captured
    for effect in effects:
        if effect.payment_id != payment.id or effect.drawn:
            continue
        if effect.kind is EffectKind.CAPTURE and effect.state is EffectState.SUCCEEDED:
            left[effect.provider_ref] += effect.amount
        elif effect.kind is EffectKind.REFUND and effect.state is not EffectState.DECLINED:
            left[effect.provider_ref] -= effect.amount
    return +left


def left(payments: Sequence[Payment], effects: Sequence[Effect]) -> int:
    """What of an order was captured, by whomever, and not given back yet."""
    return sum(sum(refundable(payment, effects).values()) for payment in payments)


def given_back(subject_id: Id, effects: Sequence[Effect]) -> int:
    """What was or is being given back for a subject."""
    return sum(effect.amount for effect in _refunds_of(subject_id, effects))


def _refunds_of(subject_id: Id, effects: Sequence[Effect]) -> list[Effect]:
    return [
        e
        for e in effects
        if e.kind is EffectKind.REFUND
        and e.subject_id == subject_id
        and e.state is not EffectState.DECLINED
    ]


def _round(payment_id: Id, capture: str, subject_id: Id, effects: Sequence[Effect]) -> int:
    """The number of the next refund of a subject from one capture."""
    own = [
        e.round
        for e in _refunds_of(subject_id, effects)
        if e.payment_id == payment_id and e.provider_ref == capture
    ]
    return max(own, default=-1) + 1
