"""What providers say by themselves, over HTTP: webhooks, disputes, payouts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import AwareDatetime, Field
from starlette.concurrency import run_in_threadpool

from baton import payments
from baton.access.errors import Unauthenticated
from baton.access.model import HandleKind, Permission, Principal
from baton.access.rules import parse_handle
from baton.app import App
from baton.flows import hear
from baton.http import payment_shapes as shapes
from baton.http.call import Asked
from baton.http.order_shapes import OrderId, PaymentId
from baton.http.orders import OrderRef, found
from baton.http.wire import Done, In, Limit, Out, Page, Prefixed, Text
from baton.payments.errors import DoorUnknown, EffectNotFound, PayoutUnreadable
from baton.payments.model import Dispute, Payout, Webhook
from baton.payments.news import Disputed, DisputeState, Paying
from baton.platform.db import Caller, Tx
from baton.values import Id
from baton.values.ids import parsed, shown
from baton.views.evidence import evidence, packed

router = APIRouter(prefix="/v1", tags=["payments"])
doors = APIRouter(prefix="/v1", tags=["payments"])

WebhookId = Annotated[Id, Prefixed("whk")]
DisputeId = Annotated[Id, Prefixed("dsp")]
PayoutId = Annotated[Id, Prefixed("pyt")]
After = Annotated[str | None, Query(max_length=80, description="The `next` of the page before.")]

MAX_WEBHOOK = 512 * 1024
_KEPT_HEADERS = 60
_LAST = Id(int=2**128 - 1)


class DoorIn(In):
    """The provider whose webhooks are to arrive."""

    provider: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z0-9_]+$")]


class DoorOut(Out):
    """Where a provider is to send its webhooks; shown this once."""

    provider: str
    url: str


class WebhookOut(Out):
    """A webhook as it was judged, and what became of it."""

    id: WebhookId
    provider: str
    event_id: str | None
    verdict: str
    state: str
    note: str
    times: int
    received_at: datetime
    handled_at: datetime | None


class WebhookPageOut(WebhookOut):
    """The same with what came, as it came."""

    headers: dict[str, str]
    body: str


class DisputeOut(Out):
    """A buyer's bank takes money back: `respond_by` is until when it hears the merchant."""

    id: DisputeId
    order_id: OrderId
    payment_id: PaymentId
    provider: str
    provider_ref: str
    currency: str
    amount: int
    fee: int
    reason: str
    state: str
    respond_by: datetime | None
    opened_at: datetime
    closed_at: datetime | None


class DisputeIn(In):
    """A dispute that a provider told of by other means than a webhook."""

    payment_id: PaymentId
    provider_ref: Text
    amount: shapes.Due
    fee: Annotated[int, Field(ge=0, le=10**14)] = 0
    reason: Annotated[str, Field(max_length=200)] = ""
    respond_by: AwareDatetime | None = None


class DisputeEndIn(In):
    outcome: Literal["won", "lost"]
    fee: Annotated[int, Field(ge=0, le=10**14)] = 0


class EvidenceOut(Out):
    """All that speaks for the merchant, from the order to the parcel's delivery."""

    dispute: DisputeOut
    order: dict[str, Any]
    deliveries: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


class PayoutIn(In):
    """A payout file, as the provider exports it."""

    provider: Annotated[str, Field(min_length=1, max_length=80)]
    content: Annotated[str, Field(min_length=1, max_length=9_000_000)]


class PayoutOut(Out):
    """Money that a provider paid out: gross − fee = net."""

    id: PayoutId
    provider: str
    payout_ref: str
    currency: str
    gross: int
    fee: int
    net: int
    lines: int
    unmatched: int
    paid_at: datetime | None
    booked_at: datetime


class PayoutBookedOut(PayoutOut):
    """The same, and whether it was booked just now."""

    new: bool


class PayoutsBookedOut(Out):
    data: list[PayoutBookedOut]


class PayoutLineOut(Out):
    """A line, and the effect or dispute that it is (null: nobody knows it)."""

    line_no: int
    kind: str
    ref: str
    amount: int
    fee: int
    matched_id: str | None
    note: str


class PayoutPageOut(PayoutOut):
    line_items: list[PayoutLineOut]


# ── webhooks ───────────────────────────────────────────────────────────────────────────────


@router.post("/payments/webhook-addresses", response_model=DoorOut, status_code=201)
def open_door(call: Asked, body: DoorIn) -> Response:
    """A new address for a provider's webhooks; an older one of that provider is void."""

    def work(tx: Tx, _principal: Principal) -> DoorOut:
        secret = payments.open_door(tx, body.provider)
        address = f"{HandleKind.WEBHOOK}_{tx.tenant}_{secret}"
        url = f"{call.app.links.public_url}/v1/webhooks/{body.provider}/{address}"
        return DoorOut(provider=body.provider, url=url)

    return call.write(Permission.PAYMENTS_WRITE, work, status=201, keep=False, everywhere=True)


@doors.post("/webhooks/{provider}/{address}", response_model=Done)
async def receive(request: Request, provider: str, address: str) -> Response:
    """A provider tells what happened. It is kept as it came, and acted upon once its signature
    was checked; what is forged or too old is answered with 401 and kept for people to see."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_WEBHOOK:
            return Response(status_code=413)
    headers = {k: v[:2000] for k, v in list(request.headers.items())[:_KEPT_HEADERS]}
    headers.pop("authorization", None)
    headers.pop("cookie", None)
    app: App = request.app.state.app
    return await run_in_threadpool(_received, app, provider, address, headers, bytes(body))


def _received(
    app: App, provider: str, address: str, headers: dict[str, str], body: bytes
) -> Response:
    try:
        handle = parse_handle(address)
    except Unauthenticated as error:
        raise DoorUnknown("There is no address for webhooks like this.") from error
    if handle.kind is not HandleKind.WEBHOOK:
        raise DoorUnknown("There is no address for webhooks like this.")

    def keep(tx: Tx) -> Webhook:
        payments.check_door(tx, provider, handle.secret)
        heard = hear.judged(app.gateways, tx, provider, headers, body)
        return payments.keep(tx, provider, headers, body, heard)

    kept = app.execute(Caller(handle.tenant, f"webhook {provider}"), keep)
    if kept.verdict == "genuine":
        return Response(Done().model_dump_json(), media_type="application/json")
    raise Unauthenticated(f"The webhook is {kept.verdict}: it was kept, and not acted upon.")


@router.get("/payments/webhooks")
def list_webhooks(call: Asked, limit: Limit = 50, after: After = None) -> Page[WebhookOut]:
    """Webhooks, newest first, also those that were refused."""
    before = parsed("whk", after, field="after") if after is not None else _LAST

    def work(tx: Tx) -> Page[WebhookOut]:
        rows = payments.webhooks(tx, before, limit + 1)
        more = shown("whk", rows[limit - 1].id) if len(rows) > limit else None
        return Page(data=[WebhookOut.model_validate(row) for row in rows[:limit]], next=more)

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.get("/payments/webhooks/{webhook_id}")
def show_webhook(call: Asked, webhook_id: WebhookId) -> WebhookPageOut:
    """One webhook with its headers and body as they came."""

    def work(tx: Tx) -> WebhookPageOut:
        kept = payments.webhook(tx, webhook_id)
        told = shapes.amounts(kept) | {"body": kept.body.decode(errors="replace")}
        return WebhookPageOut.model_validate(told)

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.post("/payments/webhooks/{webhook_id}/replay", response_model=WebhookOut)
def replay_webhook(call: Asked, webhook_id: WebhookId) -> Response:
    """Have a webhook heard again: its signature is checked anew, its age left aside."""

    def work(tx: Tx, _principal: Principal) -> WebhookOut:
        return WebhookOut.model_validate(payments.hear_again(tx, webhook_id))

    return call.write(Permission.PAYMENTS_WRITE, work, everywhere=True)


@router.post("/orders/{order}/payments/look-up", response_model=Done)
def look_up_payments(call: Asked, order: OrderRef) -> Response:
    """Have everything looked up now that providers have not answered: the buyer has come back
    from confirming, say."""

    def work(tx: Tx, principal: Principal) -> Done:
        id = found(tx, order, principal.location_ids)
        hear.look_at(tx, [effect.id for effect in payments.effects_by_orders(tx, [id])])
        return Done()

    return call.write(Permission.PAYMENTS_WRITE, work)


# ── disputes ───────────────────────────────────────────────────────────────────────────────


@router.get("/disputes")
def list_disputes(call: Asked, limit: Limit = 50, after: After = None) -> Page[DisputeOut]:
    """Disputes, newest first."""
    before = parsed("dsp", after, field="after") if after is not None else _LAST

    def work(tx: Tx) -> Page[DisputeOut]:
        rows = payments.disputes(tx, before, limit + 1)
        more = shown("dsp", rows[limit - 1].id) if len(rows) > limit else None
        return Page(data=[_dispute(row) for row in rows[:limit]], next=more)

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.post("/orders/{order}/disputes", response_model=DisputeOut, status_code=201)
def open_dispute(call: Asked, order: OrderRef, body: DisputeIn) -> Response:
    """Book a dispute that the provider told of by letter or mail."""

    def work(tx: Tx, principal: Principal) -> DisputeOut:
        id = found(tx, order, principal.location_ids)
        paid = {payment.id: payment for payment in payments.by_orders(tx, [id])}
        payment = paid.get(body.payment_id)
        if payment is None:
            raise EffectNotFound("The order has no such payment.", field="payment_id")
        news = Disputed(
            body.provider_ref,
            (),
            DisputeState.OPEN,
            body.amount,
            body.fee,
            payment.currency,
            body.reason,
            body.respond_by,
        )
        hear.book_dispute(tx, id, payment.id, news)
        made = payments.disputes_by_orders(tx, [id])
        return _dispute(next(d for d in made if d.provider_ref == body.provider_ref))

    return call.write(Permission.PAYMENTS_WRITE, work, status=201)


@router.post("/disputes/{dispute_id}/end", response_model=DisputeOut)
def end_dispute(call: Asked, dispute_id: DisputeId, body: DisputeEndIn) -> Response:
    """The bank has decided: won or lost."""

    def work(tx: Tx, _principal: Principal) -> DisputeOut:
        known = payments.found_dispute(tx, dispute_id)
        state, fee = DisputeState(body.outcome), body.fee
        news = Disputed(known.provider_ref, (), state, known.amount, fee, known.currency)
        hear.book_dispute(tx, known.order_id, known.payment_id, news)
        return _dispute(payments.found_dispute(tx, dispute_id))

    return call.write(Permission.PAYMENTS_WRITE, work, everywhere=True)


@router.get("/disputes/{dispute_id}/evidence")
def show_evidence(call: Asked, dispute_id: DisputeId) -> EvidenceOut:
    """What to show the bank: order, addresses, parcels and their delivery, messages, timeline."""

    def work(tx: Tx) -> EvidenceOut:
        made = evidence(tx, dispute_id)
        told = {"dispute": _dispute(made.dispute)}
        return EvidenceOut.model_validate(shapes.amounts(made) | told)

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.get(
    "/disputes/{dispute_id}/evidence.zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def download_evidence(call: Asked, dispute_id: DisputeId) -> Response:
    """The same as a file to send."""

    def work(tx: Tx) -> bytes:
        return packed(evidence(tx, dispute_id))

    content = call.read(Permission.PAYMENTS_READ, work, everywhere=True)
    name = f'attachment; filename="evidence-{shown("dsp", dispute_id)}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


# ── payouts ────────────────────────────────────────────────────────────────────────────────


@router.get("/payouts")
def list_payouts(call: Asked, limit: Limit = 50, after: After = None) -> Page[PayoutOut]:
    """Payouts, the last booked first."""
    before = parsed("pyt", after, field="after") if after is not None else _LAST

    def work(tx: Tx) -> Page[PayoutOut]:
        rows = payments.payouts(tx, before, limit + 1)
        more = shown("pyt", rows[limit - 1].id) if len(rows) > limit else None
        return Page(data=[_payout(row) for row in rows[:limit]], next=more)

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.get("/payouts/{payout_id}")
def show_payout(call: Asked, payout_id: PayoutId) -> PayoutPageOut:
    """One payout, line by line."""

    def work(tx: Tx) -> PayoutPageOut:
        payout, lines = payments.payout(tx, payout_id)
        items = [
            PayoutLineOut.model_validate(
                shapes.amounts(line)
                | {"matched_id": str(line.matched_id) if line.matched_id else None}
            )
            for line in lines
        ]
        return PayoutPageOut.model_validate(shapes.amounts(payout) | {"line_items": items})

    return call.read(Permission.PAYMENTS_READ, work, everywhere=True)


@router.post("/payouts", response_model=PayoutsBookedOut, status_code=201)
def import_payouts(call: Asked, body: PayoutIn) -> Response:
    """Book the payouts of a file; one that was booked before is answered again."""

    def work(tx: Tx, _principal: Principal) -> PayoutsBookedOut:
        gateway: object = call.app.gateways.get(body.provider)
        if not isinstance(gateway, Paying):
            raise PayoutUnreadable("Payout files of this provider can't be read.", field="provider")
        files = gateway.payouts(body.content)
        booked = [payments.book_payout(tx, body.provider, file) for file in files]
        return PayoutsBookedOut(
            data=[
                PayoutBookedOut.model_validate(shapes.amounts(payout) | {"new": new})
                for payout, new in booked
            ]
        )

    return call.write(Permission.PAYMENTS_WRITE, work, status=201, everywhere=True)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def add_to(api: FastAPI, responses: dict[int | str, dict[str, Any]]) -> None:
    """Add what is here to the API."""
    api.include_router(router, responses=responses)
    api.include_router(doors, responses=responses)


def _dispute(dispute: Dispute) -> DisputeOut:
    return DisputeOut.model_validate(shapes.amounts(dispute))


def _payout(payout: Payout) -> PayoutOut:
    return PayoutOut.model_validate(shapes.amounts(payout))
