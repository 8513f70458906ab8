"""Payments over HTTP: what an order's tenders did, money that comes later, money given back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid5

from fastapi import APIRouter, Response

from baton import orders, payments
from baton.access.model import Permission, Principal
from baton.flows import pay, refund
from baton.http import payment_shapes as shapes
from baton.http.call import Asked, Call, Places
from baton.http.orders import OrderRef, found
from baton.payments.model import Effect, EffectKind, Payment, Receivable
from baton.platform.db import Tx
from baton.values import Id, Money
from baton.values.ids import shown

router = APIRouter(prefix="/v1", tags=["payments"])


@router.get("/orders/{order}/payments")
def order_payments(call: Asked, order: OrderRef) -> shapes.PaymentsOut:
    """How an order is paid: each tender, all that was asked for it, and what is owed."""

    def work(tx: Tx, at: Places) -> shapes.PaymentsOut:
        return _payments(tx, found(tx, order, at))

    return call.read_at(Permission.PAYMENTS_READ, work)


@router.post("/orders/{order}/payments", response_model=shapes.PaymentsOut, status_code=201)
def add_payment(call: Asked, order: OrderRef, body: shapes.PaymentIn) -> Response:
    """Another tender, the last in turn: for the order, or for one of its receivables."""

    def work(tx: Tx, id: Id) -> None:
        given = pay.TenderIn(
            body.method, body.amount, body.token, body.provider, body.authorised_ref
        )
        pay.add_tender(tx, id, given, body.receivable)

    return _changed(call, order, work, status=201)


@router.post("/orders/{order}/refunds/preview")
def preview_refund(call: Asked, order: OrderRef, body: shapes.RefundIn) -> shapes.RefundPreviewOut:
    """Which tender would get how much; nothing changes."""

    def work(tx: Tx, at: Places) -> shapes.RefundPreviewOut:
        id = found(tx, order, at)
        seen = refund.preview(tx, id, _subject(id, body.subject), _money(tx, id, body), body.to)
        return shapes.RefundPreviewOut(
            currency=seen.order.header.currency,
            before=seen.before,
            parts=[_part(part.payment, part.amount) for part in seen.parts],
            missing=seen.missing,
            refundable=seen.refundable,
        )

    return call.read_at(Permission.PAYMENTS_WRITE, work)


@router.post("/orders/{order}/refunds", response_model=shapes.RefundOut, status_code=201)
def refund_order(call: Asked, order: OrderRef, body: shapes.RefundIn) -> Response:
    """Give money back: to its tenders in reverse, to store credit, or as given back elsewhere."""

    def work(tx: Tx, principal: Principal) -> shapes.RefundOut:
        id = found(tx, order, principal.location_ids)
        subject_id = _subject(id, body.subject)
        made = refund.refund(tx, id, subject_id, _money(tx, id, body), body.to, body.reason)
        return _refunded(tx, id, subject_id, made.missing)

    return call.write(Permission.PAYMENTS_WRITE, work, status=201)


@router.post(
    "/orders/{order}/receivables/{receivable_id}/collect", response_model=shapes.PaymentsOut
)
def collect(call: Asked, order: OrderRef, receivable_id: shapes.ReceivableId) -> Response:
    """Ask the tenders that have something free for what is owed."""

    def work(tx: Tx, id: Id) -> None:
        orders.locked(tx, id)
        payments.collect(tx, id, receivable_id)

    return _changed(call, order, work)


@router.post(
    "/orders/{order}/receivables/{receivable_id}/settle", response_model=shapes.PaymentsOut
)
def settle_receivable(
    call: Asked,
    order: OrderRef,
    receivable_id: shapes.ReceivableId,
    body: shapes.ReceivableSettleIn,
) -> Response:
    """Nothing more is owed: it was paid elsewhere, or is written off."""

    def work(tx: Tx, id: Id) -> None:
        orders.locked(tx, id)
        payments.settle_receivable(tx, id, receivable_id, body.how, body.reason)

    return _changed(call, order, work)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _changed(
    call: Call, order: str, work: Callable[[Tx, Id], None], *, status: int = 200
) -> Response:
    def work_and_show(tx: Tx, principal: Principal) -> shapes.PaymentsOut:
        id = found(tx, order, principal.location_ids)
        work(tx, id)
        return _payments(tx, id)

    return call.write(Permission.PAYMENTS_WRITE, work_and_show, status=status)


def _subject(order_id: Id, text: str) -> Id:
    """The same words about the same order are the same subject."""
    return uuid5(order_id, text)


def _money(tx: Tx, order_id: Id, body: shapes.RefundIn) -> Money:
    currency = orders.read(tx, [order_id])[order_id].header.currency
    return Money(body.amount, body.currency or currency)


def _payments(tx: Tx, order_id: Id) -> shapes.PaymentsOut:
    paid = payments.by_orders(tx, [order_id])
    effects = payments.effects_by_orders(tx, [order_id])
    return shapes.PaymentsOut(
        order_id=order_id,
        status=payments.payment_status(paid).value,
        refundable=payments.left(paid, effects),
        payments=[_payment(p, [e for e in effects if e.payment_id == p.id]) for p in paid],
        receivables=[_receivable(owed) for owed in payments.receivables(tx, order_id)],
    )


def _payment(payment: Payment, effects: list[Effect]) -> shapes.PaymentDetailOut:
    told = {"status": payment.state.value, "effects": [_effect(effect) for effect in effects]}
    return shapes.PaymentDetailOut.model_validate(shapes.amounts(payment) | told)


def _effect(effect: Effect) -> shapes.EffectOut:
    subject = {"subject_id": str(effect.subject_id) if effect.subject_id else None}
    return shapes.EffectOut.model_validate(shapes.amounts(effect) | subject)


def _receivable(owed: Receivable) -> shapes.ReceivableOut:
    return shapes.ReceivableOut.model_validate(shapes.amounts(owed))


def _part(payment: Payment, amount: int, via: str = "") -> shapes.RefundPartOut:
    provider = via or payment.provider
    return shapes.RefundPartOut(payment_id=payment.id, provider=provider, amount=amount)


def _refunded(tx: Tx, order_id: Id, subject_id: Id, missing: Money) -> shapes.RefundOut:
    paid = {payment.id: payment for payment in payments.by_orders(tx, [order_id])}
    effects = payments.effects_by_orders(tx, [order_id])
    own = [e for e in effects if e.kind is EffectKind.REFUND and e.subject_id == subject_id]
    return shapes.RefundOut(
        subject_id=shown("sub", subject_id),
        currency=missing.currency,
        refunded=payments.given_back(subject_id, effects),
        missing=missing.minor,
        parts=[_part(paid[e.payment_id], e.amount, e.via) for e in own if e.state != "declined"],
    )
