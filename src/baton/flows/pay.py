"""Money that comes later than the order: another tender, a debt that is paid, a renewed
authorisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from baton import channels, orders, payments, stored_value
from baton.flows.own_value import token_of
from baton.orders import rules
from baton.orders.model import HoldKind, Order
from baton.payments.errors import ReceivableNotFound, TenderInvalid
from baton.payments.model import (
    GIFT_CARD,
    OWN,
    STORE_CREDIT,
    CaptureAt,
    Payment,
    Receivable,
    Tender,
)
from baton.platform.db import Tx
from baton.values import Id, Money

RENEW_WITHIN = timedelta(days=2)
"""So long before it lapses, an authorisation that is still needed is renewed."""

NOT_RENEWED = "authorisation_not_renewed"  # the kind of exception


@dataclass(frozen=True, slots=True)
class TenderIn:
    """Another way in which an order is paid; `provider` is that of the channel if empty."""

    method: str
    amount: int
    token: str = ""
    provider: str = ""
    authorised_ref: str = ""


def add_tender(tx: Tx, order_id: Id, given: TenderIn, receivable_id: Id | None = None) -> Payment:
    """Another tender, the last in turn: for the order, or for one of its debts.

    Of a gift card the token is its code. Raises TenderInvalid, CardData, ReceivableNotFound.
    """
    order = orders.locked(tx, order_id)
    debt = None
    if receivable_id is not None:
        debt = next((r for r in payments.receivables(tx, order_id) if r.id == receivable_id), None)
        if debt is None or not debt.open:
            raise ReceivableNotFound("Nothing is owed under this id.", field="receivable")
        if given.amount > debt.open:
            raise TenderInvalid("It is more than what is owed.", field="amount")
    if given.amount <= 0:
        raise TenderInvalid("A tender is more than nothing.", field="amount")
    tender = _tender(tx, order, given, debt)
    payment = payments.take(tx, [tender])[0]
    if debt is not None and given.authorised_ref and tender.provider not in OWN:
        payments.collect(tx, order_id, debt.id)
    return payment


def _tender(tx: Tx, order: Order, given: TenderIn, debt: Receivable | None) -> Tender:
    channel = channels.channels_by_id(tx, [order.header.channel_id])[order.header.channel_id]
    provider = given.provider or (given.method if given.method in OWN else channel.payment_provider)
    if not provider:
        raise TenderInvalid("The channel has no provider: name one.", field="provider")
    token = given.token
    if provider in OWN:
        token = _account_token(tx, order, provider, given.token)
    elif not token and not given.authorised_ref:
        raise TenderInvalid("Give the provider's token, or its authorisation.", field="token")
    paid = payments.by_orders(tx, [order.id])
    moment = channel.capture_at.value
    return Tender(
        order.id,
        order.number,
        max((payment.rank for payment in paid), default=0) + 1,
        provider,
        given.method,
        token,
        given.amount,
        order.header.currency,
        CaptureAt.SHIP.value if moment == CaptureAt.EXTERNAL.value else moment,
        given.authorised_ref or None,
        pays_for=debt.id if debt else None,
    )


def _account_token(tx: Tx, order: Order, provider: str, code: str) -> str:
    if provider == GIFT_CARD:
        account = stored_value.by_codes(tx, [code]).get(code)
    else:
        owner = order.header.customer_id
        found = stored_value.by_customer(tx, [owner]) if owner is not None else []
        account = next((a for a in found if a.currency == order.header.currency), None)
    if account is None:
        what = "gift card" if provider == GIFT_CARD else "store credit"
        raise TenderInvalid(f"There is no such {what}.", field="token")
    assert provider in (GIFT_CARD, STORE_CREDIT)
    return token_of(account.id)


def follow_authorised(tx: Tx, payment_ids: Sequence[Id], order_ids: Sequence[Id]) -> None:
    """After authorisations: what they replace is let go, the debts they are for are taken, and
    holds for want of money end where the order is covered."""
    found = orders.lock(tx, order_ids)
    paid = payments.by_orders(tx, order_ids)
    new = [payment for payment in paid if payment.id in set(payment_ids)]
    for payment in new:
        if payment.replaces is not None:
            payments.void(tx, payment.replaces)
        if payment.pays_for is not None:
            _collect(tx, payment.order_id, payment.pays_for)
    for order in found.values():
        own = [payment for payment in paid if payment.order_id == order.id]
        if payments.covered(own) >= rules.worth(order):
            _go_on(tx, order, [payment for payment in new if payment.order_id == order.id])


def _collect(tx: Tx, order_id: Id, receivable_id: Id) -> None:
    if any(r.id == receivable_id and r.open for r in payments.receivables(tx, order_id)):
        payments.collect(tx, order_id, receivable_id)


def _go_on(tx: Tx, order: Order, new: Sequence[Payment]) -> None:
    """End the holds that stood when this money was sent for; older money does not end a hold."""
    for held in order.holds:
        waits = held.kind == HoldKind.PAYMENT and held.resolved_at is None
        if waits and any(payment.created_at > held.placed_at for payment in new):
            order = orders.resolve_hold(tx, order, held.id, "The money is there.")


def renew(tx: Tx, within: timedelta = RENEW_WITHIN, limit: int = 100) -> int:
    """Ask anew for what lapses soon and is still needed; returns how many were asked for.

    The old authorisation stays until the new one is there, and is then let go. It is renewed
    once: what is declined is put before a person.
    """
    due = payments.expiring(tx, tx.now + within, limit)
    found = orders.lock(tx, sorted({payment.order_id for payment in due}))
    fresh = {p.id: p for p in payments.by_orders(tx, list(found))}
    every = list(fresh.values())
    replaced = {payment.replaces for payment in every}
    tenders: list[Tender] = []
    for payment in (fresh[one.id] for one in due):
        own = [p for p in every if p.order_id == payment.order_id]
        ranks = [p.rank for p in own] + [t.rank for t in tenders if t.order_id == payment.order_id]
        if _needed(found[payment.order_id], payment, own) and payment.id not in replaced:
            tenders.append(_renewed(found[payment.order_id], payment, max(ranks) + 1))
    payments.take(tx, tenders)
    return len(tenders)


def _needed(order: Order, payment: Payment, own: Sequence[Payment]) -> bool:
    came = sum(p.captured + p.capturing for p in own)
    return bool(payment.free and payment.token) and rules.worth(order) > came


def _renewed(order: Order, payment: Payment, rank: int) -> Tender:
    return Tender(
        payment.order_id,
        order.number,
        rank,
        payment.provider,
        payment.method,
        payment.token,
        payment.free,
        payment.currency,
        payment.capture_at.value,
        place=payment.turn[0],
        replaces=payment.id,
        pays_for=payment.pays_for,
    )


def tell_not_renewed(tx: Tx, order: Order, payment: Payment) -> Order:
    """The buyer's bank reserves the money no longer: a person asks for another way to pay."""
    return orders.open_exception(
        tx,
        order,
        NOT_RENEWED,
        str(payment.replaces),
        f"The authorisation of {Money(payment.amount, payment.currency)} lapses soon,"
        " and was declined when it was asked for anew.",
        "Ask the buyer for another payment; add it as a tender.",
    )
