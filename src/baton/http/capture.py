"""POST /v1/orders and /v1/orders/batch: bare routes, decoded by msgspec.

They stand in the OpenAPI document like all others; only the framework's own decoding, which
costs several times as much, is left out.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import FastAPI, Request, Response
from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from baton import orders
from baton.access.model import Permission, Principal
from baton.flows.take_orders import Taken, take_order, take_orders
from baton.http import order_shapes, order_views, problems
from baton.http.call import Call, bare_call
from baton.http.wire import Out
from baton.orders.errors import OrderInvalid
from baton.orders.model import (
    ChargeDraft,
    ChargeKind,
    GroupDraft,
    LineDraft,
    LineKind,
    Method,
    Mode,
    OrderDraft,
    TenderDraft,
)
from baton.platform.db import Tx
from baton.values import Address
from baton.values.errors import BatonError
from baton.values.ids import shown
from baton.views.order_page import order_page

T = TypeVar("T")

MAX_BATCH = 500

Str = Annotated[str, Meta(max_length=500)]
Long = Annotated[str, Meta(max_length=4000)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Rate = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,12})?$")]
Minor = Annotated[int, Meta(ge=0, le=10**14)]
Signed = Annotated[int, Meta(ge=-(10**14), le=10**14)]


class AddressIn(msgspec.Struct, forbid_unknown_fields=True):
    """A postal address in the customer's own words."""

    name: Str
    lines: Annotated[list[Str], Meta(max_length=6)]
    city: Str
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    postal_code: Str = ""
    region: Str = ""
    company: Str = ""


class LineIn(msgspec.Struct, forbid_unknown_fields=True):
    """Units of one SKU; amounts in minor units, `discount` over the whole line."""

    sku: Name
    quantity: Annotated[int, Meta(ge=1, le=10_000_000)]
    unit_price: Minor
    discount: Minor = 0
    tax: Minor = 0
    title: Str = ""
    group: Annotated[int, Meta(ge=1, le=100)] = 1
    kind: LineKind = LineKind.GOODS


class ChargeIn(msgspec.Struct, forbid_unknown_fields=True):
    """What is paid beside the goods; negative for discounts."""

    kind: ChargeKind
    amount: Signed
    tax: Signed = 0
    title: Str = ""


class GroupIn(msgspec.Struct, forbid_unknown_fields=True):
    """A delivery group: one recipient, address and method, or a place of pick-up."""

    number: Annotated[int, Meta(ge=1, le=100)] = 1
    method: Method = Method.SHIP
    address: AddressIn | None = None
    location: Str = ""
    service: Str = "standard"
    needed_by: date | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None


class TenderIn(msgspec.Struct, forbid_unknown_fields=True):
    """How the buyer pays: the provider's token, never a card number."""

    method: Name
    amount: Minor
    token: Str = ""
    provider: Str = ""
    authorised_ref: Str = ""


class OrderIn(msgspec.Struct, forbid_unknown_fields=True):
    """An order as a channel hands it in; `total` is what the buyer was told.

    `base_rate` is what one unit of its currency is in the merchant's, where the channel says it.
    """

    channel: Name
    external_id: Name
    placed_at: datetime
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    total: Signed
    lines: Annotated[list[LineIn], Meta(max_length=10_000)]
    groups: Annotated[list[GroupIn], Meta(max_length=100)] = msgspec.field(default_factory=list)
    charges: Annotated[list[ChargeIn], Meta(max_length=200)] = msgspec.field(default_factory=list)
    tenders: Annotated[list[TenderIn], Meta(max_length=20)] = msgspec.field(default_factory=list)
    buyer_name: Str = ""
    email: Str = ""
    phone: Str = ""
    channel_customer_id: Str = ""
    billing: AddressIn | None = None
    language: Annotated[str, Meta(max_length=20)] = "en"
    base_rate: Rate | None = None
    note: Long = ""
    attributes: dict[Annotated[str, Meta(max_length=80)], Long] = msgspec.field(
        default_factory=dict
    )


class BatchIn(msgspec.Struct, forbid_unknown_fields=True):
    """Many orders, each taken or refused for itself."""

    orders: Annotated[list[OrderIn], Meta(min_length=1, max_length=MAX_BATCH)]


class TakenOut(Out):
    """What became of one order of a batch."""

    external_id: str
    order_id: str | None
    number: str
    new: bool
    problem: dict[str, Any] | None = None


class BatchOut(Out):
    results: list[TakenOut]


_ORDER = msgspec.json.Decoder(OrderIn)
_BATCH = msgspec.json.Decoder(BatchIn)


def draft(order: OrderIn, mode: Mode = Mode.LIVE) -> OrderDraft:
    """The draft that a decoded body stands for."""
    if order.placed_at.tzinfo is None:
        raise OrderInvalid("Give the time with its zone, like …Z.", field="placed_at")
    return OrderDraft(
        channel=order.channel,
        external_id=order.external_id,
        placed_at=order.placed_at,
        currency=order.currency,
        total=order.total,
        lines=tuple(
            LineDraft(
                line.sku,
                line.quantity,
                line.unit_price,
                line.discount,
                line.tax,
                line.title,
                line.group,
                line.kind,
            )
            for line in order.lines
        ),
        groups=tuple(
            GroupDraft(
                group.number,
                group.method,
                _address(group.address),
                group.location,
                group.service,
                group.needed_by,
                group.lat,
                group.lon,
            )
            for group in order.groups or [GroupIn()]
        ),
        charges=tuple(ChargeDraft(c.kind, c.amount, c.tax, c.title) for c in order.charges),
        tenders=tuple(
            TenderDraft(t.method, t.amount, t.token, t.provider, t.authorised_ref)
            for t in order.tenders
        ),
        buyer_name=order.buyer_name,
        email=order.email,
        phone=order.phone,
        channel_customer_id=order.channel_customer_id,
        billing=_address(order.billing),
        language=order.language,
        base_rate=_rate(order.base_rate),
        note=order.note,
        attributes=order.attributes,
        mode=mode,
    )


def _rate(given: str | None) -> Decimal | None:
    if given is None:
        return None
    rate = Decimal(given)
    if not rate:
        raise OrderInvalid("A rate of exchange is more than 0.", field="base_rate")
    return rate


def _address(given: AddressIn | None) -> Address | None:
    if given is None:
        return None
    return Address(
        given.name,
        tuple(given.lines),
        given.city,
        given.country,
        given.postal_code,
        given.region,
        given.company,
    )


async def take_one(request: Request) -> Response:
    """Take one order: 201 if it is new, 200 if it is known, 409 if known with other contents."""
    return await _answered(request, _ORDER, _take_one)


async def take_batch(request: Request) -> Response:
    """Take up to 500 orders in one transaction, each accepted or refused for itself."""
    return await _answered(request, _BATCH, _take_batch)


async def _answered(request: Request, decoder: msgspec.json.Decoder[Any], take: Any) -> Response:
    body = await request.body()
    try:
        decoded = decode(decoder, body)
        call = bare_call(request, body)
        response: Response = await run_in_threadpool(take, call, decoded)
    except msgspec.DecodeError as error:
        return problems.of_msgspec(error)
    except BatonError as error:
        return problems.of(error)
    return response


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body as its struct. Raises msgspec.DecodeError or NotJson."""
    try:
        return decoder.decode(body)
    except UnicodeDecodeError as error:
        raise problems.NotJson("The body is not UTF-8.") from error
    except RecursionError as error:
        raise problems.NotJson("The body is nested too deeply.") from error


def _take_one(call: Call, order: OrderIn) -> Response:
    def work(tx: Tx, principal: Principal) -> order_shapes.OrderOut:
        taken = take_order(tx, draft(order))
        assert taken.order_id is not None
        new.append(taken.new)
        order_ = orders.read(tx, [taken.order_id])[taken.order_id]
        page = order_page(tx, order_, principal.location_ids)
        return order_views.whole(page, call.app.links.tracking(tx.tenant, page.order))

    new: list[bool] = []
    response = call.write(Permission.ORDERS_WRITE, work, status=201)
    if new and not new[-1]:
        response.status_code = 200
    return response


def _take_batch(call: Call, batch: BatchIn) -> Response:
    def work(tx: Tx, _principal: Principal) -> BatchOut:
        drafts = [draft(order) for order in batch.orders]
        return BatchOut(
            results=[
                taken_out(each.external_id, taken)
                for each, taken in zip(drafts, take_orders(tx, drafts), strict=True)
            ]
        )

    return call.write(Permission.ORDERS_WRITE, work)


def taken_out(external_id: str, taken: Taken) -> TakenOut:
    """What became of one order, with the problem document of a refusal."""
    refusal = taken.refusal
    return TakenOut(
        external_id=external_id,
        order_id=shown("ord", taken.order_id) if taken.order_id else None,
        number=taken.number,
        new=taken.new,
        problem=None
        if refusal is None
        else {"code": refusal.code, "detail": refusal.message, "field": refusal.field},
    )


def add_to(api: FastAPI) -> None:
    """Add both routes to the application; `documented` describes them."""
    api.add_route("/v1/orders", take_one, methods=["POST"], include_in_schema=False)
    api.add_route("/v1/orders/batch", take_batch, methods=["POST"], include_in_schema=False)


def documented(document: dict[str, Any]) -> None:
    """Describe both routes in an OpenAPI document."""
    schemas, components = msgspec.json.schema_components(
        [OrderIn, BatchIn], ref_template="#/components/schemas/{name}"
    )
    document["components"]["schemas"] |= components
    answers = {
        "/v1/orders": (schemas[0], "OrderOut", take_one, ("200", "201")),
        "/v1/orders/batch": (schemas[1], "BatchOut", take_batch, ("200",)),
    }
    document["components"]["schemas"] |= _out_schemas(document)
    for path, (schema, out, route, statuses) in answers.items():
        document["paths"].setdefault(path, {})["post"] = {
            "operationId": route.__name__,
            "summary": (route.__doc__ or "").splitlines()[0],
            "tags": ["orders"],
            "parameters": [
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": False,
                    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                }
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {
                status: {
                    "description": "Taken",
                    "content": {
                        "application/json": {"schema": {"$ref": f"#/components/schemas/{out}"}}
                    },
                }
                for status in statuses
            },
        }


def _out_schemas(document: dict[str, Any]) -> dict[str, Any]:
    made = BatchOut.model_json_schema(ref_template="#/components/schemas/{model}")
    nested = made.pop("$defs", {})
    known = document["components"]["schemas"]
    return {"BatchOut": made} | {name: s for name, s in nested.items() if name not in known}
