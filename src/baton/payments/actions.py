"""What is done with money, inside the caller's transaction.

The caller holds the locks of the orders concerned; each verb then locks their payments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from baton.payments import claims as laying
from baton.payments import facts, rules, store
from baton.payments.errors import (
    CurrencyMismatch,
    EffectNotFound,
    ReceivableNotFound,
    RefundTooHigh,
    RefundUnfit,
)
from baton.payments.model import (
    CALL,
    OWN,
    SETTLE_OWN,
    Claim,
    Effect,
    EffectKind,
    EffectState,
    Ensured,
    Payment,
    PaymentState,
    Receivable,
    Refunding,
    Tender,
)
from baton.payments.news import DisputeState
from baton.payments.port import Declined, Outcome, Succeeded, Unknown
from baton.payments.store import told
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.values.check import Check
from baton.values.ids import Id
from baton.values.money import Money


def take(tx: Tx, tenders: Sequence[Tender]) -> list[Payment]:
    """Keep how orders are paid; where a gateway must reserve the money, it will be asked.

    Raises CardData or TenderInvalid before anything is written; `check` says so beforehand.
    """
    for tender in tenders:
        rules.check(tender)
    payments = [rules.opened(tender, ids.fresh(), tx.now) for tender in tenders]
    if not payments:
        return []
    asked = [
        _effect(payment, EffectKind.AUTHORISE, payment.amount, None, tx.now)
        for payment in payments
        if payment.state is PaymentState.REQUESTED
    ]
    store.insert(tx, payments)
    store.insert_effects(tx, asked)
    _call(tx, {payment.id: payment for payment in payments}, asked)
    effects = {effect.payment_id: effect for effect in asked}
    journal.record(tx, [facts.opened(payment, effects.get(payment.id)) for payment in payments])
    return payments


def ensure_captured(tx: Tx, order_id: Id, subject_id: Id, amount: Money) -> Ensured:
    """Money for one shipment is captured, being captured, or known to be missing.

    For the order as a whole, `subject_id` is `order_id`. What is missing is for the caller to put
    into `open_receivable`; called again for the same subject, this then does nothing more.
    """
    return ensure_all_captured(tx, [Claim(order_id, subject_id, amount)])[0]


def ensure_all_captured(tx: Tx, claims: Sequence[Claim]) -> list[Ensured]:
    """As `ensure_captured`, for many shipments at once; one answer a claim, in their order.

    Raises CurrencyMismatch.
    """
    order_ids = [claim.order_id for claim in claims]
    payments = {payment.id: payment for payment in store.lock(tx, order_ids)}
    effects = _grouped(store.effects_by_orders(tx, order_ids), lambda e: e.order_id)
    owed = {r.subject_id: r.amount for r in store.receivables_by_orders(tx, order_ids)}
    answers, new = [], []
    for claim in claims:
        own = [p for p in payments.values() if p.order_id == claim.order_id]
        _same_currency(claim.amount, own)
        spread = laying.spread(claim, own, effects[claim.order_id], owed.get(claim.subject_id, 0))
        captures = [_capture(payments[p.payment_id], claim, p, tx.now) for p in spread.parts]
        effects[claim.order_id] += captures
        _sum_up(payments, effects[claim.order_id], captures)
        new += captures
        currency = claim.amount.currency
        intended = spread.before + sum(part.amount for part in spread.parts)
        answers.append(Ensured(Money(intended, currency), Money(spread.missing, currency)))
    _write(tx, payments, new)
    return answers


def void_rest(tx: Tx, order_ids: Sequence[Id]) -> list[Effect]:
    """Let go of all that is authorised and claimed by nobody, for orders that need no more.

    A payment that is still being authorised has nothing to let go yet: call again when it is
    (payments.authorised).
    """
    payments = {payment.id: payment for payment in store.lock(tx, order_ids)}
    voids = [
        _effect(payment, EffectKind.VOID, payment.free, None, tx.now)
        for payment in payments.values()
        if payment.free
    ]
    effects = _grouped(
        store.effects_by_payments(tx, [void.payment_id for void in voids]), lambda e: e.payment_id
    )
    for void in voids:
        _sum_up(payments, [*effects[void.payment_id], void], [void])
    _write(tx, payments, voids)
    return voids


def ensure_refunded(
    tx: Tx, order_id: Id, subject_id: Id, amount: Money, *, via: str = "", reason: str = ""
) -> Refunding:
    """All in all, `amount` is or was given back for the subject: to the last tender first.

    It states the target: the same again does nothing more, a higher amount gives back the
    difference. What is missing was taken elsewhere and has to be given back there. With `via`
    (store credit, or elsewhere) it goes another way than its tender: nobody is asked, and the
    caller sees to it that it gets there.

    Raises CurrencyMismatch, RefundUnfit, or RefundTooHigh where less was captured and not given
    back yet.
    """
    if amount.minor <= 0:
        raise RefundUnfit("A refund is more than nothing.", field="amount")
    payments = {payment.id: payment for payment in store.lock(tx, [order_id])}
    _same_currency(amount, payments.values())
    effects = store.effects_by_orders(tx, [order_id])
    own = list(payments.values())
    parts, before = laying.give_back(amount.minor, subject_id, own, effects, anyhow=bool(via))
    left = laying.left(own, effects) - disputed(tx, order_id)
    if amount.minor - before > left:
        raise RefundTooHigh(
            f"{Money(max(left, 0), amount.currency)} can still be given back for this order.",
            field="amount",
            refundable=max(left, 0),
        )
    new = [
        _refund(payments[part.payment_id], part, subject_id, via, reason, tx.now) for part in parts
    ]
    _sum_up(payments, [*effects, *new], new)
    _write(tx, payments, new)
    intended = Money(before + sum(part.amount for part in parts), amount.currency)
    missing = Money(max(amount.minor - intended.minor, 0), amount.currency)
    return Refunding(intended, missing, tuple(new))


def disputed(tx: Tx, order_id: Id) -> int:
    """What buyers' banks have taken back of an order, or are about to: it can't go back twice."""
    found = told.disputes_by_orders(tx, [order_id])
    return sum(each.amount for each in found if each.state is not DisputeState.WON)


def settle(tx: Tx, effect_id: Id, outcome: Outcome) -> Effect:
    """Book what a gateway answered; Unknown leaves the effect requested.

    Settling twice changes nothing. A declined capture for a shipment becomes a receivable.
    Raises EffectNotFound, SettledOtherwise or AnswerUnfit.
    """
    effect = found(tx, effect_id)
    if isinstance(outcome, Unknown):
        if outcome.action_url:
            store.note_action(tx, effect_id, outcome.action_url)
        return effect
    payment = store.lock_one(tx, effect.payment_id)
    effects = {e.id: e for e in store.effects_by_payments(tx, [payment.id])}
    before = effects[effect_id]
    after = rules.settled(before, payment, outcome, tx.now)
    if after is before:
        return before
    effects[effect_id] = after
    if after.kind is EffectKind.AUTHORISE and isinstance(outcome, Succeeded):
        payment = rules.authorised(payment, outcome)
    store.settle(tx, after)
    store.update(tx, [rules.moved(payment, list(effects.values()), after)])
    journal.record(tx, [facts.answered(payment, after, outcome)])
    _follow(tx, payment, after, outcome)
    return after


def unsettled(tx: Tx, effect_id: Id, tries: int) -> None:
    """Say that nobody knows what became of this effect, so that a person looks."""
    effect = found(tx, effect_id)
    payment = store.lock_one(tx, effect.payment_id)
    journal.record(tx, [facts.unsettled(payment, effect, tries)])


def open_receivable(tx: Tx, order_id: Id, subject_id: Id, amount: Money, cause: str) -> bool:
    """See to it that at least `amount` is owed for the subject; True if that was new.

    The same again owes nothing more.
    """
    if amount.minor <= 0:
        return False
    owed = store.raise_receivable(tx, _receivable(tx, order_id, subject_id, amount, cause))
    if owed is None:
        return False
    journal.record(tx, [facts.owed(owed)])
    return True


def collect(tx: Tx, order_id: Id, receivable_id: Id) -> Ensured:
    """What is owed is asked of the tenders that have something free; the same again does nothing.

    It is paid when the capture has succeeded. Raises ReceivableNotFound where nothing is open.
    """
    owed = _open_receivable_of(tx, order_id, receivable_id)
    before = _came(tx, owed)
    wanted = Money(owed.open + before, owed.currency)
    ensured = ensure_captured(tx, order_id, owed.id, wanted)
    _paid(tx, owed, _came(tx, owed) - before, "collected", "")  # drawn from what had come
    return ensured


def settle_receivable(tx: Tx, order_id: Id, receivable_id: Id, how: str, reason: str) -> Receivable:
    """Nothing more is owed: it was paid elsewhere, or is given up. Raises ReceivableNotFound."""
    owed = _open_receivable_of(tx, order_id, receivable_id)
    return _paid(tx, owed, owed.open, how, reason)


def void(tx: Tx, payment_id: Id) -> list[Effect]:
    """Let go of what one payment has left: another has taken its place."""
    payment = store.lock_one(tx, payment_id)
    if not payment.free:
        return []
    let_go = _effect(payment, EffectKind.VOID, payment.free, None, tx.now)
    effects = store.effects_by_payments(tx, [payment.id])
    payments = {payment.id: payment}
    _sum_up(payments, [*effects, let_go], [let_go])
    _write(tx, payments, [let_go])
    return [let_go]


def found(tx: Tx, effect_id: Id) -> Effect:
    """What was asked of a gateway, as it stands. Raises EffectNotFound."""
    effect = store.effect(tx, effect_id)
    if effect is None:
        raise EffectNotFound(f"Nothing was asked of a gateway under {effect_id}.")
    return effect


def payment_of(tx: Tx, effect: Effect) -> Payment:
    """The payment that an effect belongs to, as it stands."""
    return next(p for p in store.by_orders(tx, [effect.order_id]) if p.id == effect.payment_id)


def receivables(tx: Tx, order_id: Id) -> list[Receivable]:
    """What was due for this order and did not come, oldest first."""
    return store.receivables_by_orders(tx, [order_id])


def verify(tx: Tx) -> list[Check]:
    """Every payment is the sum of its effects, within its guard, and nothing is left hanging."""
    payments, effects = 0, 0
    failures: dict[str, list[str]] = defaultdict(list)
    for page in store.pages(tx, 500):
        own = _grouped(store.effects_by_payments(tx, [p.id for p in page]), lambda e: e.payment_id)
        debts = store.receivables_by_orders(tx, [p.order_id for p in page])
        owed = {debt.subject_id for debt in debts} | {debt.id for debt in debts}
        payments, effects = payments + len(page), effects + sum(map(len, own.values()))
        for payment in page:
            for promise, failure in rules.faults(payment, own.get(payment.id, []), owed, tx.now):
                failures[promise].append(failure)
    return [
        Check(sentence, rows, tuple(failures[promise]))
        for rows, promises in ((payments, rules.OF_PAYMENTS), (effects, rules.OF_EFFECTS))
        for promise, sentence in promises.items()
    ]


# ── parts of the above ─────────────────────────────────────────────────────────────────────


def _effect(
    payment: Payment,
    kind: EffectKind,
    amount: int,
    subject_id: Id | None,
    now: datetime,
    *,
    provider_ref: str = "",
) -> Effect:
    return Effect(
        id=ids.fresh(),
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=amount,
        subject_id=subject_id,
        provider_ref=provider_ref,
        error="",
        requested_at=now,
        settled_at=None,
        kind=kind,
        state=EffectState.REQUESTED,
    )


def _capture(payment: Payment, claim: Claim, part: laying.Part, now: datetime) -> Effect:
    effect = _effect(payment, EffectKind.CAPTURE, part.amount, claim.subject_id, now)
    return rules.done(effect) if part.drawn else effect


def _refund(
    payment: Payment, part: laying.GivenBack, subject_id: Id, via: str, reason: str, now: datetime
) -> Effect:
    asked = _effect(
        payment, EffectKind.REFUND, part.amount, subject_id, now, provider_ref=part.capture
    )
    effect = replace(asked, round=part.round, via=via, reason=reason)
    return rules.done(effect) if via else effect


def _sum_up(payments: dict[Id, Payment], effects: Sequence[Effect], new: Sequence[Effect]) -> None:
    """Bring the payments that `new` touches up to date with all their `effects`."""
    for payment_id in {effect.payment_id for effect in new}:
        own = [effect for effect in effects if effect.payment_id == payment_id]
        payments[payment_id] = rules.summed(payments[payment_id], own)


def _write(tx: Tx, payments: dict[Id, Payment], new: Sequence[Effect]) -> None:
    """Keep new effects with their payments, have the gateways asked, and say so."""
    asked = [effect for effect in new if not effect.asks_nobody]
    touched = {effect.payment_id for effect in new if not effect.drawn}
    store.insert_effects(tx, new)
    store.update(tx, [payment for id, payment in sorted(payments.items()) if id in touched])
    _call(tx, payments, asked)
    journal.record(tx, [facts.intended(payments[effect.payment_id], effect) for effect in new])


def _call(tx: Tx, payments: Mapping[Id, Payment], effects: Sequence[Effect]) -> None:
    work.put(
        tx,
        [
            work.Job(
                SETTLE_OWN if payments[effect.payment_id].provider in OWN else CALL,
                {"effect_id": str(effect.id)},
                lane=f"pay:{effect.payment_id}",
                once_key=str(effect.id),
            )
            for effect in effects
        ],
    )


def _same_currency(amount: Money, payments: Iterable[Payment]) -> None:
    for payment in payments:
        if payment.currency != amount.currency:
            raise CurrencyMismatch(
                f"The order is paid in {payment.currency}, not in {amount.currency}."
            )


def _grouped(effects: Iterable[Effect], key: Callable[[Effect], Id]) -> dict[Id, list[Effect]]:
    groups: dict[Id, list[Effect]] = defaultdict(list)
    for effect in effects:
        groups[key(effect)].append(effect)
    return groups


def _receivable(tx: Tx, order_id: Id, subject_id: Id, amount: Money, cause: str) -> Receivable:
    return Receivable(
        ids.fresh(), order_id, subject_id, amount.currency, amount.minor, cause, tx.now, None
    )


def _follow(tx: Tx, payment: Payment, effect: Effect, outcome: Outcome) -> None:
    """A shipment that is not paid is owed, a debt that is paid is not owed any more. For the
    order as a whole nothing is due yet."""
    if effect.kind is not EffectKind.CAPTURE or effect.subject_id is None:
        return
    if effect.subject_id == effect.order_id:
        return
    debt = store.receivable_locked(tx, effect.subject_id)
    if isinstance(outcome, Succeeded):
        if debt is not None:
            _paid(tx, debt, min(effect.amount, debt.open), "collected", "")
    elif isinstance(outcome, Declined) and debt is None:
        amount = Money(effect.amount, payment.currency)
        cause = f"capture declined: {outcome.code}"
        new = _receivable(tx, effect.order_id, effect.subject_id, amount, cause)
        journal.record(tx, [facts.owed(store.add_receivable(tx, new))])


def _open_receivable_of(tx: Tx, order_id: Id, receivable_id: Id) -> Receivable:
    owed = store.receivable_locked(tx, receivable_id)
    if owed is None or owed.order_id != order_id or not owed.open:
        raise ReceivableNotFound("Nothing is owed under this id.", field="receivable")
    return owed


def _came(tx: Tx, owed: Receivable) -> int:
    return sum(
        effect.amount
        for effect in store.effects_by_orders(tx, [owed.order_id])
        if effect.kind is EffectKind.CAPTURE
        and effect.subject_id == owed.id
        and effect.state is EffectState.SUCCEEDED
    )


def _paid(tx: Tx, owed: Receivable, amount: int, how: str, reason: str) -> Receivable:
    if amount <= 0:
        return owed
    paid = owed.paid + amount
    settled_at = tx.now if paid == owed.amount else None
    store.pay_receivable(tx, owed.id, paid, settled_at)
    after = replace(owed, paid=paid, settled_at=settled_at)
    journal.record(tx, [facts.paid(after, amount, how, reason)])
    return after
