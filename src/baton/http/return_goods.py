"""Returned goods over HTTP: labels for the way back, exchanges, unexpected parcels, lost ones,
claims against carriers, and why things come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import returns
from baton.access.model import Permission, Principal
from baton.flows import arrivals, carrier_claims, return_labels, settle_return, track_returns
from baton.flows.pay import TenderIn
from baton.http import orders as order_routes
from baton.http import return_shapes as shapes
from baton.http import return_views as views
from baton.http.call import Asked, Places
from baton.http.order_shapes import ShipmentId
from baton.http.return_shapes import ParcelId
from baton.http.returns import ReturnRef, changed, found, place_of
from baton.http.wire import In, Limit, Minor, Out, Page, Text, Units, cursor, place
from baton.platform.db import Tx
from baton.returns.errors import ReturnInvalid
from baton.returns.model import Disposition, ParcelState, Place, Rma
from baton.values import Id
from baton.values.errors import NotFound
from baton.values.ids import NIL
from baton.views.return_figures import By, Cohort, figures

router = APIRouter(prefix="/v1", tags=["returns"])

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "A PDF", "content": {"application/pdf": {}}}
}
_END = Id(int=2**128 - 1)


class NoReturnLabel(NotFound):
    """No label was bought for this return, or not yet."""

    code = "return_label_not_found"


class SkuUnitsIn(In):
    sku: str = Field(min_length=1, max_length=80)
    quantity: Units = 1


class ArrivalIn(In):
    """Goods that came in. `rma` (a return's number), `order`, `tracking_no` and `sender` (an e-mail
    address) as far as they are known. The same `reference` at a location is taken in once."""

    location: str = Field(max_length=80)
    lines: list[SkuUnitsIn] = Field(min_length=1, max_length=1000)
    rma: str = Field(default="", max_length=80)
    order: str = Field(default="", max_length=80)
    sender: str = Field(default="", max_length=254)
    tracking_no: str = Field(default="", max_length=120)
    reference: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)


class ArrivedOut(Out):
    """The return that it was taken in for, and what lies in quarantine unmatched."""

    rma: shapes.ReturnOut | None
    parcel: shapes.ParcelOut | None


class MatchIn(In):
    rma: str = Field(max_length=80, description="Id or number of a return.")


class GuaranteeIn(In):
    """An authorisation that stands for the goods until they are back."""

    token: Text
    provider: str = Field(default="", max_length=80)


class ExchangeIn(In):
    """Send the other goods before these are back; awaited for `days` from now."""

    guarantee: GuaranteeIn | None = None
    days: int | None = Field(default=None, ge=1, le=365)


class LostIn(In):
    lines: list[shapes.LineUnitsIn] = Field(min_length=1, max_length=1000)
    note: str = Field(default="", max_length=2000)


class ClaimIn(In):
    """What a carrier is asked for a parcel; in the order's currency."""

    shipment_id: ShipmentId
    amount: int = Field(ge=1, le=10**14)
    reason: Text
    note: str = Field(default="", max_length=2000)


class ClaimAnswerIn(In):
    """What the carrier paid; nothing: it refused."""

    paid: Minor
    note: str = Field(default="", max_length=2000)


class FigureOut(Out):
    """Units that were shipped and came back in a cohort of orders, by one key."""

    key: str
    shipped: int
    returned: int
    rate_percent: float


class FiguresOut(Out):
    by: By
    since: date
    until: date
    data: list[FigureOut]


# ── the way back ───────────────────────────────────────────────────────────────────────────


@router.post("/returns/{return_id}/label", response_model=shapes.ReturnOut)
def label(call: Asked, return_id: ReturnRef, body: shapes.LabelIn | None = None) -> Response:
    """Have a label bought for the way back, or keep the customer's own tracking number."""
    given = body or shapes.LabelIn()

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        if given.tracking_no:
            return return_labels.own_label(tx, id, given.carrier, given.tracking_no)
        return return_labels.ask_label(tx, id, given.service)

    return changed(call, Permission.RETURNS_WRITE, return_id, work)


@router.get("/returns/{return_id}/label.pdf", response_class=Response, responses=_PDF)
def label_pdf(call: Asked, return_id: ReturnRef) -> Response:
    """The label for the way back, as PDF."""

    def work(tx: Tx, at: Places) -> bytes | None:
        return returns.label_pdf(tx, found(tx, return_id, at).id)

    pdf = call.read_at(Permission.RETURNS_READ, work)
    if pdf is None:
        raise NoReturnLabel("This return has no label yet.")
    return Response(pdf, media_type="application/pdf")


@router.post("/returns/{return_id}/exchange", response_model=shapes.ReturnOut)
def exchange(call: Asked, return_id: ReturnRef, body: ExchangeIn | None = None) -> Response:
    """Send what is wanted instead before the goods are back, against a guarantee or on trust."""
    given = body or ExchangeIn()

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        tender = None
        if given.guarantee is not None:
            tender = TenderIn("card", 0, given.guarantee.token, given.guarantee.provider)
        return settle_return.exchange_now(tx, id, tender, given.days)

    return changed(call, Permission.RETURNS_APPROVE, return_id, work)


# ── goods that nobody announced ────────────────────────────────────────────────────────────


@router.post("/return-parcels", status_code=201, response_model=ArrivedOut)
def arrive(call: Asked, body: ArrivalIn) -> Response:
    """Goods came in: taken in for the return they belong to, or kept in quarantine."""

    def work(tx: Tx, principal: Principal) -> ArrivedOut:
        place_of(tx, principal, Permission.RETURNS_RECEIVE, body.location)
        units: dict[str, int] = {}
        for line in body.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        arrival = arrivals.Arrival(
            body.location, units, body.rma, body.order, body.sender, body.tracking_no,
            body.reference, body.note,
        )  # fmt: skip
        return _arrived(tx, arrivals.arrive(tx, arrival))

    return call.write(Permission.RETURNS_RECEIVE, work, status=201)


@router.get("/return-parcels")
def list_parcels(
    call: Asked,
    status: Annotated[ParcelState, Query()] = ParcelState.QUARANTINE,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.ParcelOut]:
    """Goods that came without a return, the oldest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.ParcelOut]:
        since = Place(*place(after)) if after else Place(tx.now - timedelta(days=36_500), NIL)
        page = returns.parcels(tx, status, at, since, limit)
        last = page[-1] if len(page) == limit else None
        return Page(
            data=views.parcels(tx, page), next=cursor(last.arrived_at, last.id) if last else None
        )

    return call.read_at(Permission.RETURNS_READ, work)


@router.get("/return-parcels/{parcel_id}")
def show_parcel(call: Asked, parcel_id: ParcelId) -> shapes.ParcelOut:
    """One parcel that came without a return."""

    def work(tx: Tx, at: Places) -> shapes.ParcelOut:
        return views.parcels(tx, [returns.parcel(tx, parcel_id, at)])[0]

    return call.read_at(Permission.RETURNS_READ, work)


@router.post("/return-parcels/{parcel_id}/match", response_model=ArrivedOut)
def match(call: Asked, parcel_id: ParcelId, body: MatchIn) -> Response:
    """A person knows which return the goods belong to: they are taken in for it."""

    def work(tx: Tx, principal: Principal) -> ArrivedOut:
        returns.parcel(tx, parcel_id, principal.location_ids)
        rma = found(tx, body.rma, None)
        return _arrived(tx, arrivals.match(tx, parcel_id, rma.id))

    return call.write(Permission.RETURNS_RECEIVE, work)


@router.post("/return-parcels/{parcel_id}/dispose", response_model=shapes.ParcelOut)
def dispose(call: Asked, parcel_id: ParcelId, body: shapes.DisposeIn) -> Response:
    """Decide what becomes of goods that belong to no return."""

    def work(tx: Tx, principal: Principal) -> shapes.ParcelOut:
        returns.parcel(tx, parcel_id, principal.location_ids)
        made = arrivals.dispose(tx, parcel_id, Disposition(body.disposition))
        return views.parcels(tx, [made])[0]

    return call.write(Permission.RETURNS_RECEIVE, work)


def _arrived(tx: Tx, made: arrivals.Arrived) -> ArrivedOut:
    return ArrivedOut(
        rma=views.whole(tx, returns.load(tx, [made.rma.id])[made.rma.id]) if made.rma else None,
        parcel=views.parcels(tx, [made.parcel])[0] if made.parcel else None,
    )


# ── lost parcels and carriers ──────────────────────────────────────────────────────────────


@router.post("/orders/{order}/refund-lost", response_model=shapes.ReturnOut)
def refund_lost(call: Asked, order: order_routes.OrderRef, body: LostIn) -> Response:
    """Give back the money for units that a carrier lost; nothing has to come back."""

    def work(tx: Tx, principal: Principal) -> shapes.ReturnOut:
        order_id = order_routes.found(tx, order, principal.location_ids)
        units: dict[int, int] = {}
        for each in body.lines:
            units[each.line] = units.get(each.line, 0) + each.quantity
        rma = track_returns.refund_lost(tx, order_id, units, body.note)
        return views.whole(tx, rma)

    return call.write(Permission.RETURNS_APPROVE, work)


@router.get("/carrier-claims")
def list_claims(
    call: Asked,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.ClaimOut]:
    """Claims against carriers, newest first."""

    def work(tx: Tx) -> Page[shapes.ClaimOut]:
        since = Place(*place(after)) if after else Place(tx.now + timedelta(days=1), _END)
        page = returns.carrier_claims(tx, since, limit)
        last = page[-1] if len(page) == limit else None
        return Page(
            data=[views.claim(each) for each in page],
            next=cursor(last.opened_at, last.id) if last else None,
        )

    return call.read(Permission.RETURNS_READ, work, everywhere=True)


@router.post("/carrier-claims", status_code=201, response_model=shapes.ClaimOut)
def claim(call: Asked, body: ClaimIn) -> Response:
    """Ask a carrier for what it lost or broke, once a shipment."""

    def work(tx: Tx, _principal: Principal) -> shapes.ClaimOut:
        made = carrier_claims.claim(tx, body.shipment_id, body.amount, body.reason, body.note)
        return views.claim(made)

    return call.write(Permission.RETURNS_APPROVE, work, status=201, everywhere=True)


@router.post("/carrier-claims/{claim_id}/settle", response_model=shapes.ClaimOut)
def settle_claim(call: Asked, claim_id: shapes.ClaimId, body: ClaimAnswerIn) -> Response:
    """The carrier answered: it paid, in full or in part, or refused."""

    def work(tx: Tx, _principal: Principal) -> shapes.ClaimOut:
        return views.claim(carrier_claims.settle(tx, claim_id, body.paid, body.note))

    return call.write(Permission.RETURNS_APPROVE, work, everywhere=True)


# ── why things come back ───────────────────────────────────────────────────────────────────


@router.get("/returns/analysis")
def analysis(
    call: Asked,
    by: Annotated[By, Query()] = By.SKU,
    since: Annotated[date | None, Query(description="Orders placed from this day on.")] = None,
    until: Annotated[date | None, Query(description="… and before this one.")] = None,
    sku: Annotated[str | None, Query(max_length=80, description="Of this SKU alone.")] = None,
    channel: Annotated[str | None, Query(max_length=80, description="Of this channel.")] = None,
    limit: Annotated[Limit, Query()] = 100,
) -> FiguresOut:
    """Return rates of a cohort of orders: units that came back by units that were shipped."""

    def work(tx: Tx) -> FiguresOut:
        last = until or tx.now.date() + timedelta(days=1)
        first = since or last - timedelta(days=365)
        if not timedelta(0) < last - first <= timedelta(days=3660):
            raise ReturnInvalid("Give a period of one day to ten years.", field="since")
        wanted = Cohort(first, last, sku, channel)
        return FiguresOut(
            by=by,
            since=first,
            until=last,
            data=[FigureOut.model_validate(each) for each in figures(tx, by, wanted, limit)],
        )

    return call.read(Permission.RETURNS_READ, work, everywhere=True)
