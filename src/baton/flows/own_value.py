"""Gift cards and store credit as tenders: what payments intend is booked in the ledger of ours.

The effects are those of any other tender. Nobody outside is asked, so an effect and what it does
to the account are settled in one transaction: an account that has too little declines, as a card
would.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import orders, payments, stored_value
from baton.payments.model import Effect, EffectKind, EffectState, Payment
from baton.payments.port import DeclineCode, Declined, Outcome, Succeeded
from baton.platform import work
from baton.platform.db import Tx
from baton.platform.work import Handler, Job
from baton.stored_value.model import PREFIX, Cause, Move, No
from baton.values import Id, Money
from baton.values.ids import parsed, shown

_CODES = {
    No.UNKNOWN: DeclineCode.METHOD_INVALID,
    No.OTHER_CURRENCY: DeclineCode.CURRENCY_MISMATCH,
    No.NOT_ACTIVE: DeclineCode.DO_NOT_HONOUR,
    No.EXPIRED: DeclineCode.METHOD_EXPIRED,
    No.TOO_LITTLE: DeclineCode.INSUFFICIENT_FUNDS,
}
_SENTENCES = {
    No.UNKNOWN: "there is no such account",
    No.OTHER_CURRENCY: "the account is in another currency",
    No.NOT_ACTIVE: "the account is not active",
    No.EXPIRED: "the account has expired",
    No.TOO_LITTLE: "the account has too little",
}


def handlers() -> dict[str, Handler]:
    """For the worker. One job at a time: a transaction never locks two accounts."""
    return {payments.SETTLE_OWN: Handler(inside=settle_own, limit=1)}


def settle_own(tx: Tx, jobs: Sequence[Job]) -> None:
    """Do in the ledger what an effect asks for, and settle the effect, together."""
    for job in jobs:
        effect = payments.found(tx, Id(job.payload["effect_id"]))
        orders.lock(tx, [effect.order_id])
        effect = payments.found(tx, effect.id)
        if effect.state is not EffectState.REQUESTED:
            continue
        payment = payments.payment_of(tx, effect)
        if payments.must_wait(effect, payment):
            key = str(effect.id)
            work.put(tx, [Job(job.kind, job.payload, lane=job.lane, once_key=f"{key} again")])
            continue
        payments.settle(tx, effect.id, _outcome(tx, effect, payment))


def _outcome(tx: Tx, effect: Effect, payment: Payment) -> Outcome:
    account_id = parsed(PREFIX, payment.token)
    ref, amount = f"{PREFIX}_{effect.id.hex}", effect.amount
    no: No | None = None
    match effect.kind:
        case EffectKind.AUTHORISE:
            no = stored_value.hold(
                tx, account_id, payment.id, effect.order_id, amount, payment.currency
            )
        case EffectKind.CAPTURE:
            stored_value.redeem(tx, payment.id, _move(account_id, effect, -amount, Cause.REDEEMED))
        case EffectKind.VOID:
            amount = stored_value.release(tx, account_id, payment.id)
        case EffectKind.REFUND:
            move = _move(account_id, effect, amount, Cause.RETURNED)
            no = stored_value.give_back(tx, move, payment.currency)
    if no is not None:
        return Declined(_CODES[no], _SENTENCES[no])
    return Succeeded(ref, Money(amount, payment.currency))


def _move(account_id: Id, effect: Effect, amount: int, cause: Cause) -> Move:
    return Move(account_id, amount, cause, effect.order_id, effect.id, effect.reason)


def token_of(account_id: Id) -> str:
    """How a tender names the account that it pays from."""
    return shown(PREFIX, account_id)
