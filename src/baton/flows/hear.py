"""What providers say by themselves: webhooks are kept as they came, then acted upon.

A webhook and the answer of a call meet in the same verb (`payments.settle`), under the order's
lock: whoever comes first books it, whoever comes second changes nothing. What contradicts the
books is left as failed, where a person sees it and can have it heard again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from baton import orders, payments
from baton.orders.model import Order
from baton.payments.model import EffectState, NewsState, Webhook
from baton.payments.news import (
    Disputed,
    DisputeState,
    Heard,
    Listing,
    Look,
    Movement,
    News,
    Settled,
    Telling,
    Unasked,
    Verdict,
)
from baton.payments.port import Gateway
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.values import Id, Money
from baton.values.errors import BatonError

DISPUTE = "dispute"  # the kinds of exceptions
UNASKED = "unasked_money"

BACK = timedelta(days=3)
"""So far back a provider's own list is compared."""
_NO_NEWS = "it speaks of nothing of ours"


def judged(
    gateways: Mapping[str, Gateway], tx: Tx, provider: str, headers: Mapping[str, str], body: bytes
) -> Heard:
    """What is to be thought of a webhook that has just come."""
    gateway: object = gateways.get(provider)
    if not isinstance(gateway, Telling):
        return Heard(Verdict.UNREADABLE, note=f"no provider {provider!r} that sends webhooks")
    return gateway.heard(headers, body, tx.now)


@dataclass(frozen=True, slots=True)
class Hear:
    """The handlers of what providers say; `gateways` by the name of the provider."""

    db: Database
    gateways: Mapping[str, Gateway]

    def handlers(self) -> dict[str, Handler]:
        """For the worker."""
        return {
            payments.HEAR: Handler(inside=self.hear, limit=1),
            payments.COMPARE: Handler(outside=self.compare, limit=1),
        }

    def hear(self, tx: Tx, jobs: Sequence[Job]) -> None:
        """Act on webhooks that were kept; one that was heard before changes nothing."""
        for job in jobs:
            kept = payments.webhook(tx, Id(job.payload["webhook"]))
            gateway: object = self.gateways.get(kept.provider)
            if not isinstance(gateway, Telling):
                heard = Heard(Verdict.UNREADABLE, note="the provider is not set up any more")
            else:
                heard = gateway.heard(kept.headers, kept.body, tx.now, replay=True)
            state, note = _acted(tx, kept, heard)
            payments.handled(tx, kept.id, heard.verdict, state, note)

    def compare(self, caller: Caller, job: Job) -> None:
        """Compare what providers did with what was asked of them."""
        since = self.db.execute(caller, lambda tx: tx.now - BACK)
        lists = {
            name: gateway.movements(since)
            for name, gateway in self.gateways.items()
            if isinstance(gateway, Listing)
        }

        def book(tx: Tx) -> None:
            for name, movements in lists.items():
                _compared(tx, name, movements or ())
            work.finish(tx, [job])

        self.db.execute(caller, book)


def compare_daily(tx: Tx) -> None:
    """Have today's comparison made, once."""
    day = f"{tx.now:%Y-%m-%d}"
    work.put(tx, [Job(payments.COMPARE, {"day": day}, once_key=day)])


# ── acting ─────────────────────────────────────────────────────────────────────────────────


def _acted(tx: Tx, kept: Webhook, heard: Heard) -> tuple[NewsState, str]:
    if heard.verdict is not Verdict.GENUINE:
        return NewsState.REFUSED, heard.note
    if not heard.news:
        return NewsState.DONE, "nothing follows from it"
    try:
        with tx.savepoint():
            matched = [act(tx, kept.provider, each) for each in heard.news]
    except BatonError as error:
        return NewsState.FAILED, f"{error.code}: {error.message}"
    return (NewsState.DONE, "") if all(matched) else (NewsState.UNMATCHED, _NO_NEWS)


def act(tx: Tx, provider: str, news: News) -> bool:
    """Act on one piece of news; False where it speaks of nothing of ours.

    Raises SettledOtherwise or AnswerUnfit where it contradicts the books.
    """
    match news:
        case Settled():
            return _settled(tx, provider, news)
        case Look():
            return _look(tx, provider, news.key)
        case Disputed():
            return _disputed(tx, provider, news)
        case Unasked():
            return _unasked(tx, provider, news)


def _settled(tx: Tx, provider: str, news: Settled) -> bool:
    effect_id = _own(tx, provider, news.key)
    if effect_id is None:
        return False
    orders.lock(tx, [payments.found(tx, effect_id).order_id])
    payments.settle(tx, effect_id, news.outcome)
    return True


def _look(tx: Tx, provider: str, key: str) -> bool:
    effect_id = _own(tx, provider, key)
    if effect_id is None:
        return False
    look_at(tx, [effect_id])
    return True


def look_at(tx: Tx, effect_ids: Sequence[Id]) -> int:
    """Have these effects looked up now, those without an answer; returns how many."""
    due = [e for e in payments.effects_by_id(tx, effect_ids) if e.state is EffectState.REQUESTED]
    work.put(
        tx,
        [
            Job(payments.RECONCILE, {"effect_id": str(e.id), "tries": 0}, once_key=f"{e.id} told")
            for e in due
        ],
    )
    return len(due)


def _own(tx: Tx, provider: str, key: str) -> Id | None:
    """The effect that a key names, if it is one of this provider's."""
    try:
        effect_id = UUID(key)
    except ValueError:
        return None
    for effect in payments.effects_by_id(tx, [effect_id]):
        if payments.payment_of(tx, effect).provider == provider:
            return effect.id
    return None


def _disputed(tx: Tx, provider: str, news: Disputed) -> bool:
    found = payments.captured_as(tx, provider, news.refs)
    if found is None:
        return False
    _, payment = found
    book_dispute(tx, payment.order_id, payment.id, news)
    return True


def book_dispute(tx: Tx, order_id: Id, payment_id: Id, news: Disputed) -> Order:
    """What a bank says about a payment is booked, and a person told until it has ended."""
    order = orders.locked(tx, order_id)
    paid = {payment.id: payment for payment in payments.by_orders(tx, [order_id])}
    made = payments.dispute(tx, paid[payment_id], news)
    if made is None:
        return order
    subject = str(made.id)
    if made.state is not DisputeState.OPEN:
        return orders.resolve_kind(tx, order, DISPUTE, f"It was {made.state}.", subject)
    until = f" until {made.respond_by:%Y-%m-%d}" if made.respond_by else ""
    return orders.open_exception(
        tx,
        order,
        DISPUTE,
        subject,
        f"The buyer's bank takes back {Money(made.amount, made.currency)}: {made.reason}.",
        f"Send the evidence to the provider{until}, or accept the loss.",
    )


def _unasked(tx: Tx, provider: str, news: Unasked) -> bool:
    order_id = orders.by_number(tx, news.reference) if news.reference else None
    if order_id is None:
        return False
    order = orders.locked(tx, order_id)
    orders.open_exception(
        tx,
        order,
        UNASKED,
        f"{provider} {news.ref}",
        f"{provider} did a {news.kind} of {Money(news.amount, news.currency)} ({news.ref}) that"
        " nobody here asked for.",
        "Find out who did it at the provider; refund it there, or note it here.",
    )
    return True


def _compared(tx: Tx, provider: str, movements: Sequence[Movement]) -> None:
    """What a provider did is an effect of ours, or a person hears of it; what we think is open
    and was done is looked up."""
    keys = {m.key: key for m in movements if (key := _uuid(m.key)) is not None}
    effects = {e.id: e for e in payments.effects_by_id(tx, list(keys.values()))}
    for movement in movements:
        effect = effects.get(keys[movement.key]) if movement.key in keys else None
        if effect is None:
            news = Unasked(
                movement.kind,
                movement.ref,
                movement.reference,
                movement.amount,
                movement.currency,
            )
            _unasked(tx, provider, news)
        elif effect.state is EffectState.REQUESTED:
            look_at(tx, [effect.id])


def _uuid(key: str) -> Id | None:
    try:
        return UUID(key)
    except ValueError:
        return None
