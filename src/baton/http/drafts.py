"""Drafts over HTTP: orders by phone and mail, priced and shown with their stock, then placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import orders
from baton.access.model import Permission, Principal
from baton.flows import phone_orders
from baton.flows.phone_orders import Quoted
from baton.http import order_shapes as shapes
from baton.http.call import Asked, Call
from baton.http.order_views import address
from baton.http.orders import AddressIn, address_of, page_of
from baton.http.wire import In, Limit, Minor, Out, Page, Prefixed, Text, Units, cursor, place
from baton.orders.drafting import (
    DRAFT_PREFIX,
    Draft,
    DraftState,
    WantedCharge,
    WantedLine,
    Wish,
    tax_of,
)
from baton.orders.errors import DraftNotFound
from baton.orders.model import ChargeKind, GroupDraft, Method, TenderDraft
from baton.platform.db import Tx
from baton.values import Id
from baton.values.ids import NIL, parsed

router = APIRouter(prefix="/v1", tags=["drafts"])

DraftRef = Annotated[str, Field(max_length=80, description="Id or number of a draft.")]
DraftId = Annotated[Id, Prefixed(DRAFT_PREFIX)]
Signed = Annotated[int, Field(ge=-(10**14), le=10**14, description="Minor units.")]
Line = Annotated[str, Field(max_length=500)]

_NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
_LAST = Id(int=(1 << 128) - 1)


class DraftLineIn(In):
    """Units of a SKU; another price than the catalogue's needs a reason. Without `tax` it is
    determined; given, it is over the line."""

    sku: Text
    quantity: Units
    unit_price: Minor | None = None
    price_reason: Line = ""
    discount: Minor = 0
    tax: Minor | None = None
    group: int = Field(default=1, ge=1, le=100)


class DraftChargeIn(In):
    """A charge; negative for a discount on the whole order."""

    kind: ChargeKind
    amount: Signed
    tax: Signed | None = None
    title: Line = ""


class DraftGroupIn(In):
    """One recipient, address and method, or a place of pick-up by its code."""

    number: int = Field(default=1, ge=1, le=100)
    method: Method = Method.SHIP
    address: AddressIn | None = None
    location: str = Field(default="", max_length=80)
    service: Text = "standard"
    needed_by: date | None = None


class DraftIn(In):
    """What somebody wants to order."""

    channel: Text
    lines: list[DraftLineIn] = Field(min_length=1, max_length=1000)
    charges: list[DraftChargeIn] = Field(default_factory=list, max_length=100)
    groups: list[DraftGroupIn] = Field(default_factory=list, max_length=100)
    buyer_name: Line = ""
    email: Line = ""
    phone: Line = ""
    language: str = Field(default="en", max_length=20)
    note: str = Field(default="", max_length=4000)


class DraftChangeIn(In):
    """What is another now; all that is left out stays as it is."""

    channel: Text | None = None
    lines: list[DraftLineIn] | None = Field(default=None, min_length=1, max_length=1000)
    charges: list[DraftChargeIn] | None = Field(default=None, max_length=100)
    groups: list[DraftGroupIn] | None = Field(default=None, max_length=100)
    buyer_name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    language: str | None = Field(default=None, max_length=20)
    note: str | None = Field(default=None, max_length=4000)
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class DraftTenderIn(In):
    """How the buyer pays; an amount of 0 is all of it. The token of a provider, never a card."""

    method: Text
    amount: Minor = 0
    token: Line = ""
    provider: str = Field(default="", max_length=80)


class PlaceIn(In):
    """Place a draft: `total` is what the buyer agreed to. Without tenders it waits for money."""

    tenders: list[DraftTenderIn] = Field(default_factory=list, max_length=20)
    total: Signed | None = None
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class HoldStockIn(In):
    """How long the draft's stock is kept for it."""

    minutes: int = Field(default=30, ge=1, le=7 * 24 * 60)


class DraftLineOut(Out):
    """A line as it is priced now; `missing` units are not in stock."""

    sku: str
    title: str
    quantity: int
    unit_price: int
    price_reason: str
    discount: int
    tax: int
    group: int
    missing: int


class DraftChargeOut(Out):
    kind: str
    title: str
    amount: int
    tax: int


class DraftGroupOut(Out):
    """Where it goes, and when it would be there if it were placed now."""

    number: int
    method: str
    address: shapes.AddressOut | None
    location: str
    service: str
    needed_by: date | None
    promised_by: date | None


class DraftRowOut(Out):
    """A draft as lists show it; `total` is of when it was last changed."""

    id: DraftId
    number: str
    state: str
    buyer_name: str
    email: str
    currency: str
    total: int
    order_id: shapes.OrderId | None
    author: str
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    held_until: datetime | None


class DraftOut(DraftRowOut):
    """A draft as it would be placed now; `problems` say what stands against it."""

    channel: str
    phone: str
    language: str
    note: str
    prices_include_tax: bool
    tax: int
    lines: list[DraftLineOut]
    charges: list[DraftChargeOut]
    groups: list[DraftGroupOut]
    problems: list[str]


@router.get("/drafts")
def list_drafts(
    call: Asked,
    state: Annotated[DraftState | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[DraftRowOut]:
    """Drafts, newest first; who works for some locations sees those of their own."""

    def work(tx: Tx) -> Page[DraftRowOut]:
        who = call.who(tx)
        since = place(after) if after else (_NEWEST, _LAST)
        states = [state] if state else list(DraftState)
        author = None if who.location_ids is None else who.actor
        found = orders.page_of_drafts(tx, since, states, author, limit)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=[DraftRowOut(**_row(each)) for each in found],
            next=cursor(last.created_at, last.id) if last else None,
        )

    return call.read(Permission.ORDERS_READ, work)


@router.post("/drafts", status_code=201, response_model=DraftOut)
def start_draft(call: Asked, body: DraftIn) -> Response:
    """Write down what somebody wants to order: nothing is sold yet."""

    def work(tx: Tx, _who: Principal) -> DraftOut:
        return _shown(tx, phone_orders.start(tx, _wish(body)))

    return call.write(Permission.ORDERS_WRITE, work, status=201)


@router.get("/drafts/{draft}")
def show_draft(call: Asked, draft: DraftRef) -> DraftOut:
    """A draft with its prices, taxes, stock and dates as they are now."""

    def work(tx: Tx) -> DraftOut:
        id = _found(tx, draft, call.who(tx))
        return _shown(tx, orders.drafts(tx, [id])[0])

    return call.read(Permission.ORDERS_READ, work)


@router.patch("/drafts/{draft}", response_model=DraftOut)
def change_draft(call: Asked, draft: DraftRef, body: DraftChangeIn) -> Response:
    """Write something else down; what is left out stays."""

    def work(tx: Tx, who: Principal) -> DraftOut:
        id = _found(tx, draft, who)
        kept = orders.drafts(tx, [id])[0].wish
        return _shown(tx, phone_orders.change(tx, id, _changed(kept, body), body.version))

    return call.write(Permission.ORDERS_WRITE, work)


@router.post("/drafts/{draft}/hold-stock", response_model=DraftOut)
def hold_draft_stock(call: Asked, draft: DraftRef, body: HoldStockIn) -> Response:
    """Keep the draft's units for some minutes; they are free again on their own."""
    return _done(call, draft, lambda tx, id: phone_orders.hold_stock(tx, id, body.minutes))


@router.post("/drafts/{draft}/discard", response_model=DraftOut)
def discard_draft(call: Asked, draft: DraftRef) -> Response:
    """Nobody wants it any more."""
    return _done(call, draft, phone_orders.discard)


@router.post("/drafts/{draft}/place", status_code=201, response_model=shapes.OrderOut)
def place_draft(call: Asked, draft: DraftRef, body: PlaceIn) -> Response:
    """Make the draft an order; placed again, it is the same one."""

    def work(tx: Tx, who: Principal) -> shapes.OrderOut:
        tenders = [TenderDraft(t.method, t.amount, t.token, t.provider) for t in body.tenders]
        order_id = phone_orders.place(
            tx, _found(tx, draft, who), tenders, version=body.version, expected=body.total
        )
        return page_of(tx, call, order_id, who.location_ids)

    return call.write(Permission.ORDERS_WRITE, work, status=201)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _done(call: Call, draft: str, do: Any) -> Response:
    def work(tx: Tx, who: Principal) -> DraftOut:
        return _shown(tx, do(tx, _found(tx, draft, who)))

    return call.write(Permission.ORDERS_WRITE, work)


def _found(tx: Tx, text: str, who: Principal) -> Id:
    """The draft with this id or number. Raises DraftNotFound, also where it is somebody else's
    and whoever asks works for some locations only."""
    prefixed = text.startswith(f"{DRAFT_PREFIX}_")
    id = parsed(DRAFT_PREFIX, text) if prefixed else orders.draft_by_number(tx, text.upper())
    found = orders.drafts(tx, [id or NIL])
    if not found or (who.location_ids is not None and found[0].author != who.actor):
        raise DraftNotFound(f"There is no draft {text[:40]!r}.")
    return found[0].id


def _wish(body: DraftIn) -> Wish:
    return Wish(
        body.channel,
        _lines(body.lines),
        _charges(body.charges),
        _groups(body.groups),
        body.buyer_name,
        body.email,
        body.phone,
        body.language,
        body.note,
    )


def _changed(kept: Wish, body: DraftChangeIn) -> Wish:
    said = body.model_fields_set
    texts = ("channel", "buyer_name", "email", "phone", "language", "note")
    values: dict[str, Any] = {
        name: getattr(body, name)
        for name in texts
        if name in said and getattr(body, name) is not None
    }
    if body.lines is not None:
        values["lines"] = _lines(body.lines)
    if body.charges is not None:
        values["charges"] = _charges(body.charges)
    if body.groups is not None:
        values["groups"] = _groups(body.groups)
    return replace(kept, **values)


def _lines(given: list[DraftLineIn]) -> tuple[WantedLine, ...]:
    return tuple(
        WantedLine(x.sku, x.quantity, x.unit_price, x.price_reason, x.discount, x.tax, x.group)
        for x in given
    )


def _charges(given: list[DraftChargeIn]) -> tuple[WantedCharge, ...]:
    return tuple(WantedCharge(x.kind, x.amount, x.tax, x.title) for x in given)


def _groups(given: list[DraftGroupIn]) -> tuple[GroupDraft, ...]:
    return tuple(
        GroupDraft(
            x.number,
            x.method,
            address_of(x.address) if x.address else None,
            x.location,
            x.service,
            x.needed_by,
        )
        for x in given
    ) or (GroupDraft(),)


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "number": draft.number,
        "state": draft.state.value,
        "buyer_name": draft.wish.buyer_name,
        "email": draft.wish.email,
        "currency": draft.currency,
        "total": draft.total_minor,
        "order_id": draft.order_id,
        "author": draft.author,
        "version": draft.version,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
        "expires_at": draft.expires_at,
        "held_until": draft.held_until,
    }


def _shown(tx: Tx, draft: Draft) -> DraftOut:
    seen = phone_orders.quoted(tx, draft)
    wish, order = seen.wish, seen.order
    missing = {x.line_no: x.backordered + x.cancelled for x in order.lines} if order else {}
    dates = {x.group_no: x.promised_by for x in order.groups} if order else {}
    return DraftOut(
        **(_row(draft) | {"total": seen.total}),
        channel=wish.channel,
        phone=wish.phone,
        language=wish.language,
        note=wish.note,
        prices_include_tax=seen.tax_included,
        tax=tax_of(wish),
        lines=[
            DraftLineOut(
                sku=line.sku,
                title=seen.titles[line.sku],
                quantity=line.quantity,
                unit_price=line.unit_price or 0,
                price_reason=line.price_reason,
                discount=line.discount,
                tax=line.tax or 0,
                group=line.group,
                missing=missing.get(number, 0),
            )
            for number, line in enumerate(wish.lines, 1)
        ],
        charges=[
            DraftChargeOut(kind=c.kind.value, title=c.title, amount=c.amount, tax=c.tax or 0)
            for c in wish.charges
        ],
        groups=[
            DraftGroupOut(
                number=group.number,
                method=group.method.value,
                address=address(group.address),
                location=group.location,
                service=group.service,
                needed_by=group.needed_by,
                promised_by=dates.get(group.number),
            )
            for group in wish.groups
        ],
        problems=_problems(seen, draft),
    )


def _problems(seen: Quoted, draft: Draft) -> list[str]:
    if draft.state is not DraftState.OPEN or seen.order is None:
        return [seen.refusal] if seen.refusal and draft.state is DraftState.OPEN else []
    return [hold.reason for hold in seen.order.holds if hold.kind != "payment"]
