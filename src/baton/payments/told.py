"""Verbs about what providers say by themselves, inside the caller's transaction."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from baton.payments import events
from baton.payments.errors import DisputeNotFound, DoorUnknown, PayoutNotFound, WebhookNotFound
from baton.payments.model import (
    HEAR,
    BookedLine,
    Dispute,
    Effect,
    EffectKind,
    EffectState,
    NewsState,
    Payment,
    Payout,
    Webhook,
)
from baton.payments.news import (
    Disputed,
    DisputeState,
    Heard,
    LineKind,
    PayoutFile,
    PayoutLine,
    Verdict,
)
from baton.payments.store import told as store
from baton.payments.store.money import by_orders, effects_by_answer
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.values.fact import Fact
from baton.values.ids import Id

KEPT = timedelta(days=30)
"""So long a webhook that was refused stays to be looked at."""

# ── webhooks ───────────────────────────────────────────────────────────────────────────────


def open_door(tx: Tx, provider: str) -> str:
    """A new secret for the address of a provider's webhooks; an older address is void."""
    secret = ids.secret()
    store.save_door(tx, provider, hashlib.sha256(secret.encode()).digest())
    return secret


def check_door(tx: Tx, provider: str, secret: str) -> None:
    """Raises DoorUnknown where the address was not given out."""
    kept = store.door(tx, provider)
    if kept is None or not hmac.compare_digest(kept, hashlib.sha256(secret.encode()).digest()):
        raise DoorUnknown("There is no address for webhooks like this.")


def keep(tx: Tx, provider: str, headers: Mapping[str, str], body: bytes, heard: Heard) -> Webhook:
    """Keep a webhook as it came; a genuine one that is new gets a job. Others are there to see."""
    genuine = heard.verdict is Verdict.GENUINE
    new = Webhook(
        ids.fresh(),
        provider,
        heard.event_id,
        heard.verdict,
        NewsState.NEW if genuine else NewsState.REFUSED,
        dict(headers),
        body,
        heard.note,
        1,
        tx.now,
        None,
    )
    kept = store.keep(tx, new)
    if genuine and kept == new.id:
        _hear(tx, kept)
    return replace(new, id=kept)


def hear_again(tx: Tx, webhook_id: Id) -> Webhook:
    """Act once more on a webhook, whatever was thought of it: it is judged anew, its age left
    aside. Raises WebhookNotFound."""
    kept = webhook(tx, webhook_id)
    store.handled(tx, webhook_id, kept.verdict, NewsState.NEW, "to be heard again")
    _hear(tx, webhook_id)
    return replace(kept, state=NewsState.NEW)


def webhook(tx: Tx, webhook_id: Id) -> Webhook:
    """One webhook, locked. Raises WebhookNotFound."""
    found = store.webhook(tx, webhook_id)
    if found is None:
        raise WebhookNotFound("No webhook was received under this id.")
    return found


def forget(tx: Tx) -> int:
    """Forget refused webhooks after thirty days; returns how many."""
    return store.forget(tx, tx.now - KEPT)


def _hear(tx: Tx, webhook_id: Id) -> None:
    payload = {"webhook": str(webhook_id)}
    work.put(tx, [work.Job(HEAR, payload, once_key=str(webhook_id))])


# ── disputes ───────────────────────────────────────────────────────────────────────────────


def captured_as(tx: Tx, provider: str, refs: Sequence[str]) -> tuple[Effect, Payment] | None:
    """The capture that a provider calls by one of these names, or the authorisation before it."""
    for effect in effects_by_answer(tx, refs):
        paid = {payment.id: payment for payment in by_orders(tx, [effect.order_id])}
        payment = paid[effect.payment_id]
        money = effect.kind in (EffectKind.CAPTURE, EffectKind.AUTHORISE)
        if money and payment.provider == provider:
            return effect, payment
    return None


def dispute(tx: Tx, payment: Payment, told: Disputed) -> Dispute | None:
    """Book what is said about a dispute; None where it was known. The order is locked.

    An end is never undone by a word that comes late.
    """
    known = next(iter(store.disputes_by_ref(tx, payment.provider, [told.dispute_ref])), None)
    if known is not None and (known.state is told.state or known.state is not DisputeState.OPEN):
        return None
    ended = told.state is not DisputeState.OPEN
    if known is None:
        made = Dispute(
            ids.fresh(),
            payment.id,
            payment.order_id,
            payment.provider,
            told.dispute_ref,
            told.currency,
            told.amount,
            told.fee,
            told.reason[:200],
            told.state,
            told.respond_by,
            tx.now,
            tx.now if ended else None,
        )
        facts = [_fact(replace(made, state=DisputeState.OPEN))] if ended else []
    else:
        fee = max(known.fee, told.fee)
        made = replace(known, state=told.state, fee=fee, closed_at=tx.now)
        facts = []
    store.save_dispute(tx, made)
    journal.record(tx, [*facts, _fact(made)])
    return made


def found_dispute(tx: Tx, dispute_id: Id) -> Dispute:
    """One dispute. Raises DisputeNotFound."""
    found = store.dispute(tx, dispute_id)
    if found is None:
        raise DisputeNotFound("There is no dispute under this id.")
    return found


def _fact(made: Dispute) -> Fact:
    about = (
        made.order_id,
        made.id,
        made.payment_id,
        made.amount,
        made.fee,
        made.currency,
        made.provider,
        made.reason,
    )
    match made.state:
        case DisputeState.OPEN:
            return events.DisputeOpened(*about, made.respond_by)
        case DisputeState.WON:
            return events.DisputeWon(*about)
        case DisputeState.LOST:
            return events.DisputeLost(*about)


# ── payouts ────────────────────────────────────────────────────────────────────────────────


def book_payout(tx: Tx, provider: str, file: PayoutFile) -> tuple[Payout, bool]:
    """Book a payout, its lines matched to captures, refunds and disputes; whether it was new.

    A line that matches nothing, another amount, or what an earlier payout had, is kept as
    unmatched.
    """
    known = store.payout_by_ref(tx, provider, file.payout_ref)
    if known is not None:
        return known, False
    matches = _matches(tx, provider, file)
    payout_id = ids.fresh()
    lines = [
        BookedLine(payout_id, n, line.kind, line.ref, line.amount, line.fee, match, line.note)
        for n, (line, match) in enumerate(zip(file.lines, matches, strict=True), 1)
    ]
    lost = [x for x in lines if x.matched_id is None and x.kind is not LineKind.FEE]
    gross, fee = sum(x.amount for x in lines), sum(x.fee for x in lines)
    payout = Payout(
        payout_id,
        provider,
        file.payout_ref,
        file.currency,
        gross,
        fee,
        gross - fee,
        len(lines),
        len(lost),
        file.paid_at,
        tx.now,
    )
    if not store.insert_payout(tx, payout):
        return book_payout(tx, provider, file)
    store.insert_lines(tx, lines)
    unmatched = tuple((x.line_no, x.kind.value, x.ref, x.amount) for x in lost)
    fact = events.PayoutBooked(
        payout_id, provider, file.payout_ref, gross, fee, gross - fee, file.currency, unmatched
    )
    journal.record(tx, [fact])
    return payout, True


def payout(tx: Tx, payout_id: Id) -> tuple[Payout, list[BookedLine]]:
    """One payout with its lines. Raises PayoutNotFound."""
    found = store.payout(tx, payout_id)
    if found is None:
        raise PayoutNotFound("No payout was booked under this id.")
    return found, store.lines(tx, [payout_id])


def _matches(tx: Tx, provider: str, file: PayoutFile) -> list[Id | None]:
    refs = [line.ref for line in file.lines if line.ref]
    effects = effects_by_answer(tx, refs) if refs else []
    paid = {p.id: p for p in by_orders(tx, [e.order_id for e in effects])} if effects else {}
    own = [e for e in effects if paid[e.payment_id].provider == provider]
    currencies = {e.id: paid[e.payment_id].currency for e in own}
    before = store.matched(tx, [effect.id for effect in own]) if own else set()
    disputes = {d.provider_ref: d for d in store.disputes_by_ref(tx, provider, refs)}
    used: Counter[Id] = Counter(before)

    def match(line: PayoutLine) -> Id | None:
        if line.kind is LineKind.DISPUTE:
            dispute = disputes.get(line.ref)
            return dispute.id if dispute is not None else None
        for effect in own:
            fits = (
                effect.answer_ref == line.ref
                and effect.state is EffectState.SUCCEEDED
                and currencies[effect.id] == file.currency
                and _worth(effect, line.kind) == line.amount
            )
            if fits and not used[effect.id]:
                used[effect.id] += 1
                return effect.id
        return None

    return [match(line) for line in file.lines]


def _worth(effect: Effect, kind: LineKind) -> int | None:
    if kind is LineKind.CAPTURE and effect.kind is EffectKind.CAPTURE:
        return effect.amount
    if kind is LineKind.REFUND and effect.kind is EffectKind.REFUND:
        return -effect.amount
    return None
