"""What is decided about money, from values to values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from baton.payments.errors import AnswerUnfit, CardData, SettledOtherwise, TenderInvalid
from baton.payments.model import (
    EXTERNAL,
    CaptureAt,
    Effect,
    EffectKind,
    EffectState,
    Payment,
    PaymentState,
    PaymentStatus,
    Tender,
)
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    Declined,
    GatewayRequest,
    RefundRequest,
    Succeeded,
    VoidRequest,
    holds_card_number,
)
from baton.payments.states import EFFECT_MOVES, PAYMENT_MOVES, Answer
from baton.values.ids import Id
from baton.values.money import Money

_MOMENTS = tuple(moment.value for moment in CaptureAt)
_PATIENCE = timedelta(days=1)
_GOOD = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURED, PaymentState.EXTERNAL})

# ── tenders ────────────────────────────────────────────────────────────────────────────────


def check(tender: Tender) -> None:
    """Raises CardData or TenderInvalid where a tender may not be kept as it is."""
    place = f"tenders.{tender.rank - 1}"
    for name, text in (("method", tender.method), ("token", tender.token)):
        if holds_card_number(text):
            raise CardData(
                f"The {name} of tender {tender.rank} of order {tender.order_number} looks like a "
                "card number: send the gateway's token instead.",
                field=f"{place}.{name}",
            )
    if tender.amount < 0:
        raise TenderInvalid("A tender is not negative.", field=f"{place}.amount")
    if tender.capture_at not in _MOMENTS:
        raise TenderInvalid(
            f"{tender.capture_at[:40]!r} is none of {', '.join(_MOMENTS)}.",
            field=f"{place}.capture_at",
        )


def opened(tender: Tender, id: Id, now: datetime) -> Payment:
    """The payment that a tender starts as.

    Requested where a gateway is to be asked; authorised where the channel asked already;
    declined where there is no token to ask with; captured where there is nothing to pay.
    """
    external = tender.provider == EXTERNAL
    ref = "" if external else tender.authorised_ref or ""
    if external:
        state = PaymentState.EXTERNAL
    elif not tender.amount:
        state, ref = PaymentState.CAPTURED, ""
    elif ref:
        state = PaymentState.AUTHORISED
    else:
        state = PaymentState.REQUESTED if tender.token else PaymentState.DECLINED
    there = tender.amount if state in (PaymentState.EXTERNAL, PaymentState.AUTHORISED) else 0
    return Payment(
        id=id,
        order_id=tender.order_id,
        rank=tender.rank,
        provider=tender.provider,
        method=tender.method,
        token=tender.token,
        currency=tender.currency,
        amount=tender.amount,
        provider_ref=ref,
        expires_at=None,
        authorised=there,
        captured=there if external else 0,
        capturing=0,
        refunded=0,
        refunding=0,
        voided=0,
        created_at=now,
        capture_at=CaptureAt.EXTERNAL if external else CaptureAt(tender.capture_at),
        state=state,
        place=tender.place,
        replaces=tender.replaces,
        pays_for=tender.pays_for,
    )


# ── a payment is the sum of its effects ────────────────────────────────────────────────────


def summed(payment: Payment, effects: Sequence[Effect]) -> Payment:
    """The payment with amounts and state as its effects (all of them) make it.

    Every write goes through here, and `verify` compares rows with it.
    """
    sums: Counter[tuple[EffectKind, EffectState]] = Counter()
    for effect in effects:
        if not effect.drawn:
            sums[effect.kind, effect.state] += effect.amount
    external = payment.provider == EXTERNAL
    authorisations = [e for e in effects if e.kind is EffectKind.AUTHORISE]
    there = external or (payment.provider_ref and not authorisations)  # before it came to us
    after = replace(
        payment,
        authorised=payment.amount if there else sums[EffectKind.AUTHORISE, EffectState.SUCCEEDED],
        captured=payment.amount if external else sums[EffectKind.CAPTURE, EffectState.SUCCEEDED],
        capturing=sums[EffectKind.CAPTURE, EffectState.REQUESTED],
        refunded=sums[EffectKind.REFUND, EffectState.SUCCEEDED],
        refunding=sums[EffectKind.REFUND, EffectState.REQUESTED],
        voided=sums[EffectKind.VOID, EffectState.REQUESTED]
        + sums[EffectKind.VOID, EffectState.SUCCEEDED],
    )
    letting_go = any(
        e.kind is EffectKind.VOID and e.state is EffectState.REQUESTED for e in effects
    )
    return replace(after, state=_state(after, authorisations, letting_go=letting_go))


def _state(payment: Payment, authorisations: Sequence[Effect], *, letting_go: bool) -> PaymentState:
    if payment.provider == EXTERNAL:
        return PaymentState.EXTERNAL
    if any(effect.state is EffectState.REQUESTED for effect in authorisations):
        return PaymentState.REQUESTED
    if payment.amount and not payment.authorised:
        return PaymentState.DECLINED
    if payment.free or payment.capturing or letting_go:
        return PaymentState.AUTHORISED
    return PaymentState.VOIDED if payment.voided and not payment.captured else PaymentState.CAPTURED


def payment_status(payments: Sequence[Payment]) -> PaymentStatus:
    """The payment word of an order: how far its money is, tenders that failed left aside."""
    if not payments:
        return PaymentStatus.NONE
    states = {payment.state for payment in payments}
    for only in (PaymentState.EXTERNAL, PaymentState.DECLINED, PaymentState.VOIDED):
        if states == {only}:
            return PaymentStatus(only.value)
    alive = [p for p in payments if p.state not in (PaymentState.DECLINED, PaymentState.VOIDED)]
    if any(payment.state is PaymentState.REQUESTED for payment in alive):
        return PaymentStatus.REQUESTED
    if not alive:
        return PaymentStatus.VOIDED
    if all(p.state in (PaymentState.CAPTURED, PaymentState.EXTERNAL) for p in alive):
        return PaymentStatus.CAPTURED
    captured = any(payment.captured for payment in alive)
    return PaymentStatus.PARTLY_CAPTURED if captured else PaymentStatus.AUTHORISED


# ── answers ────────────────────────────────────────────────────────────────────────────────


def settled(
    effect: Effect, payment: Payment, answer: Succeeded | Declined, now: datetime
) -> Effect:
    """The effect once its answer is known; the same one where it was known before.

    A void lets go of all that nobody claimed, and counts as that much.

    Raises SettledOtherwise where the gateway contradicts itself, and AnswerUnfit where it did
    something else than it was asked for.
    """
    heard = Answer.SUCCEEDED if isinstance(answer, Succeeded) else Answer.DECLINED
    if effect.state.value == heard.value:
        _same(effect, answer)
        return effect
    state = EffectState(heard.value)
    if (effect.state, state) not in EFFECT_MOVES[heard]:
        raise SettledOtherwise(
            f"The {effect.kind} {effect.id} is {effect.state}, and now the gateway says {heard}."
        )
    if isinstance(answer, Declined):
        error = f"{answer.code}: {answer.message}"[:500]
        return replace(effect, state=state, error=error, settled_at=now)
    amount = effect.amount + (payment.free if effect.kind is EffectKind.VOID else 0)
    if not answer.provider_ref or answer.amount != Money(amount, payment.currency):
        raise AnswerUnfit(
            f"The {effect.kind} {effect.id} should be {Money(amount, payment.currency)}; "
            f"the gateway says {answer.amount} and calls it {answer.provider_ref!r}."
        )
    keeps_ref = effect.kind is EffectKind.REFUND
    ref = effect.provider_ref if keeps_ref else answer.provider_ref
    return replace(
        effect,
        state=state,
        amount=amount,
        provider_ref=ref,
        settled_at=now,
        answer_ref=answer.provider_ref,
    )


def _same(effect: Effect, answer: Succeeded | Declined) -> None:
    """A second success under another name is a second success: nobody may overlook it."""
    refund = effect.kind is EffectKind.REFUND
    before = effect.answer_ref or ("" if refund else effect.provider_ref)
    if isinstance(answer, Declined) or not before:
        return
    if answer.provider_ref != before:
        raise SettledOtherwise(
            f"The {effect.kind} {effect.id} was {before!r} before "
            f"and is {answer.provider_ref!r} now."
        )


def moved(payment: Payment, effects: Sequence[Effect], effect: Effect) -> Payment:
    """The payment after `effect`, which is among `effects`, was settled.

    Asserts that its state moved only as the table allows.
    """
    after = summed(payment, effects)
    move = (payment.state, after.state)
    allowed = PAYMENT_MOVES[effect.kind, Answer(effect.state.value)]
    assert move in allowed or move[0] is move[1], f"{effect.kind} {effect.state}: {move}"
    return after


def done(effect: Effect) -> Effect:
    """The effect as it stands when nobody is to be asked: done with the asking."""
    return replace(effect, state=EffectState.SUCCEEDED, settled_at=effect.requested_at)


def authorised(payment: Payment, answer: Succeeded) -> Payment:
    """The payment with the gateway's name of the authorisation, and when that lapses."""
    return replace(payment, provider_ref=answer.provider_ref, expires_at=answer.expires_at)


def request(effect: Effect, payment: Payment, reference: str) -> GatewayRequest:
    """What the gateway is asked for this effect: the same each time, under the same key."""
    key, amount = str(effect.id), Money(effect.amount, payment.currency)
    match effect.kind:
        case EffectKind.AUTHORISE:
            return AuthoriseRequest(key, amount, reference, payment.token)
        case EffectKind.CAPTURE:
            return CaptureRequest(key, amount, reference, payment.provider_ref)
        case EffectKind.VOID:
            return VoidRequest(key, amount, reference, payment.provider_ref)
        case EffectKind.REFUND:
            return RefundRequest(key, amount, reference, effect.provider_ref)


def covered(payments: Sequence[Payment]) -> int:
    """What an order's tenders are good for: reserved and not let go, or taken; renewed ones and
    what pays old debts aside."""
    good = [p for p in payments if p.state in _GOOD and p.pays_for is None]
    renewed = {payment.replaces for payment in good}
    return sum(
        p.captured + p.capturing if p.id in renewed else p.authorised - p.voided for p in good
    )


def must_wait(effect: Effect, payment: Payment) -> bool:
    """A void ends the authorisation: it waits until captures under way are settled."""
    return effect.kind is EffectKind.VOID and payment.capturing > 0


# ── promises ───────────────────────────────────────────────────────────────────────────────

OF_PAYMENTS = {
    "sums": "payments: amounts are the sums of effects",
    "guard": "payments: no money is claimed twice",
    "state": "payments: the state follows from the effects",
}
OF_EFFECTS = {
    "one_success": "payments: an effect succeeds once for its subject",
    "settled_in_time": "payments: a gateway's answer is known within a day",
    "declined_is_owed": "payments: what a gateway declined for a shipment is owed",
}


def faults(
    payment: Payment, effects: Sequence[Effect], owed: Collection[Id], now: datetime
) -> Iterator[tuple[str, str]]:
    """Which promises a payment breaks, and how; `owed` are the subjects of receivables."""
    right = summed(payment, effects)
    amounts = ("authorised", "captured", "capturing", "refunded", "refunding", "voided")
    for name in amounts:
        stored, due = getattr(payment, name), getattr(right, name)
        if stored != due:
            yield "sums", f"payment {payment.id}: {name} is {stored}, its effects sum to {due}"
    drawn = sum(effect.amount for effect in effects if effect.drawn)
    if drawn > payment.captured:
        yield "sums", f"payment {payment.id}: {drawn} drawn, but only {payment.captured} came"
    if payment.free < 0 or payment.refunded + payment.refunding > payment.captured:
        yield "guard", f"payment {payment.id}: claimed beyond what there is"
    if payment.state is not right.state:
        yield "state", f"payment {payment.id} is {payment.state}, its effects make it {right.state}"
    yield from _effect_faults(effects, owed, now)


def _effect_faults(
    effects: Sequence[Effect], owed: Collection[Id], now: datetime
) -> Iterator[tuple[str, str]]:
    won = Counter(
        (e.kind, e.subject_id, e.provider_ref if e.kind is EffectKind.REFUND else "", e.round)
        for e in effects
        if e.state is EffectState.SUCCEEDED
        and (e.subject_id is not None or e.kind is EffectKind.AUTHORISE)
    )
    for (kind, subject_id, _, _), times in won.items():
        if times > 1:
            yield "one_success", f"{times} successes: {kind} for {subject_id}"
    for effect in effects:
        hangs = effect.state is EffectState.REQUESTED and not effect.action_url
        if hangs and effect.requested_at < now - _PATIENCE:
            yield "settled_in_time", f"{effect.kind} {effect.id} has no answer since a day"
        declined = effect.kind is EffectKind.CAPTURE and effect.state is EffectState.DECLINED
        if declined and effect.subject_id != effect.order_id and effect.subject_id not in owed:
            yield "declined_is_owed", f"capture {effect.id} was declined, and nobody owes it"
