"""Which fact tells what happened to a payment."""

from __future__ import annotations

from baton.payments import events
from baton.payments.model import Effect, EffectKind, Payment, PaymentState, Receivable
from baton.payments.port import Declined, Succeeded
from baton.values.fact import Fact
from baton.values.ids import Id


def opened(payment: Payment, effect: Effect | None) -> Fact:
    """What a tender started as; `effect` is the authorisation asked for, if any."""
    about = (payment.order_id, payment.id, payment.amount, payment.currency, payment.provider)
    match payment.state:
        case PaymentState.REQUESTED if effect is not None:
            return events.AuthoriseRequested(*about, effect.id)
        case PaymentState.DECLINED:
            return events.Declined(*about, None, "method_invalid")
        case PaymentState.AUTHORISED:
            return events.Authorised(*about, None, payment.provider_ref, None)
        case _:
            return events.Taken(*about, payment.method)


def _about(payment: Payment, effect: Effect) -> tuple[Id, Id, int, str, str, Id, Id | None]:
    return (
        payment.order_id,
        payment.id,
        effect.amount,
        payment.currency,
        effect.via or payment.provider,
        effect.id,
        effect.subject_id,
    )


def intended(payment: Payment, effect: Effect) -> Fact:
    """What is to be asked of a gateway, or was done without asking."""
    about = _about(payment, effect)
    match effect.kind:
        case EffectKind.CAPTURE:
            kind = events.Drawn if effect.drawn else events.CaptureRequested
            return kind(*about)
        case EffectKind.VOID:
            return events.VoidRequested(*about)
        case EffectKind.REFUND:
            if effect.via:
                return events.Refunded(*about, "", effect.reason)
            return events.RefundRequested(*about, effect.reason)
        case EffectKind.AUTHORISE:
            return events.AuthoriseRequested(*about[:6])


def answered(payment: Payment, effect: Effect, outcome: Succeeded | Declined) -> Fact:
    """What a gateway said for good."""
    about = _about(payment, effect)
    if isinstance(outcome, Declined):
        code = outcome.code.value
        match effect.kind:
            case EffectKind.AUTHORISE:
                return events.Declined(*about[:6], code)
            case EffectKind.CAPTURE:
                return events.CaptureDeclined(*about, code)
            case EffectKind.VOID:
                return events.VoidDeclined(*about, code)
            case EffectKind.REFUND:
                return events.RefundDeclined(*about, code)
    ref = outcome.provider_ref
    match effect.kind:
        case EffectKind.AUTHORISE:
            return events.Authorised(*about[:6], ref, outcome.expires_at)
        case EffectKind.CAPTURE:
            return events.Captured(*about, ref)
        case EffectKind.VOID:
            return events.Voided(*about, ref)
        case EffectKind.REFUND:
            return events.Refunded(*about, ref, effect.reason)


def unsettled(payment: Payment, effect: Effect, tries: int) -> Fact:
    """Nobody knows what became of an effect."""
    return events.Unsettled(*_about(payment, effect), kind=effect.kind.value, tries=tries)


def owed(receivable: Receivable) -> Fact:
    """Money is owed for a subject."""
    return events.ReceivableOpened(
        receivable.order_id,
        receivable.subject_id,
        receivable.amount,
        receivable.currency,
        receivable.cause,
    )


def paid(receivable: Receivable, amount: int, how: str, reason: str) -> Fact:
    """Of what is owed, some came or was given up; `receivable` as it stands then."""
    return events.ReceivablePaid(
        receivable.order_id,
        receivable.id,
        receivable.subject_id,
        amount,
        receivable.open,
        receivable.currency,
        how,
        reason,
    )
