"""POST /v1/imports: entries that were read from a file, each landed once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request, Response
from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from baton import channels
from baton.access.model import Permission, Principal
from baton.flows.import_entries import (
    Given,
    Landed,
    ReturnGiven,
    ReturnLineGiven,
    WriteOffGiven,
    import_entries,
)
from baton.http import problems
from baton.http.call import Asked, Call, bare_call
from baton.http.capture import Long, Name, OrderIn, Signed, Str, decode, draft
from baton.http.wire import Out
from baton.orders.model import Mode
from baton.platform.db import Tx
from baton.returns.model import ReturnKind
from baton.values.errors import BatonError, Invalid
from baton.views.import_sums import import_sums, linked_returns

router = APIRouter(prefix="/v1", tags=["imports"])

MOST = 1000
Units = Annotated[int, Meta(ge=1, le=10_000_000)]


class OrderEntryIn(OrderIn, tag_field="type", tag="order"):
    """An order, as POST /v1/orders takes it."""


class ReturnLineIn(msgspec.Struct, forbid_unknown_fields=True):
    """Units of a SKU or charge that go back; `amount` for all of them, minor units."""

    sku: Name
    title: Str
    quantity: Units
    amount: Signed
    charge: Str | None = None


class ReturnEntryIn(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="return"):
    """A credit note."""

    kind: ReturnKind
    channel: Name
    external_id: Name
    occurred_at: datetime
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    lines: Annotated[list[ReturnLineIn], Meta(min_length=1, max_length=10_000)]
    total: Signed = 0
    order: Str = ""
    channel_customer_id: Str = ""
    email: Str = ""
    country: Str = ""


class WriteOffLineIn(msgspec.Struct, forbid_unknown_fields=True):
    """Units that left the books."""

    sku: Name
    title: Str
    quantity: Units


class WriteOffEntryIn(
    msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="write_off"
):
    """Stock that was written off."""

    channel: Name
    reference: Name
    occurred_at: datetime
    reason: Long
    lines: Annotated[list[WriteOffLineIn], Meta(min_length=1, max_length=10_000)]
    location: Str = ""
    country: Str = ""


EntryIn = OrderEntryIn | ReturnEntryIn | WriteOffEntryIn


class ImportIn(msgspec.Struct, forbid_unknown_fields=True):
    """Entries of a file. `history`: what became of them is past and moves no stock here."""

    mode: Literal["live", "history"]
    entries: Annotated[list[EntryIn], Meta(min_length=1, max_length=MOST)]
    create_skus: bool = False


class LandedOut(Out):
    """What became of one entry; `linked` return lines found the order they take back."""

    reference: str
    new: bool
    linked: int
    problem: dict[str, Any] | None = None


class ImportOut(Out):
    results: list[LandedOut]


class SumOut(Out):
    month: str
    country: str
    currency: str
    lines: int
    units: int
    money: int


class SumsOut(Out):
    """Money in minor units, returns taken off."""

    sums: list[SumOut]
    return_lines: int
    linked_return_lines: int


class ZoneUnknown(Invalid):
    """There is no such time zone."""

    code = "time_zone_unknown"


_IMPORT = msgspec.json.Decoder(ImportIn)


async def land(request: Request) -> Response:
    """Import up to 1,000 entries in one transaction, each landed once or refused for itself."""
    body = await request.body()
    try:
        decoded = decode(_IMPORT, body)
        call = bare_call(request, body)
        response: Response = await run_in_threadpool(_land, call, decoded)
    except msgspec.DecodeError as error:
        return problems.of_msgspec(error)
    except BatonError as error:
        return problems.of(error)
    return response


def _land(call: Call, body: ImportIn) -> Response:
    mode = Mode(body.mode)

    def work(tx: Tx, _principal: Principal) -> ImportOut:
        entries = [_given(entry, mode) for entry in body.entries]
        landed = import_entries(tx, entries, mode=mode, create_skus=body.create_skus)
        return ImportOut(results=[_out(each) for each in landed])

    return call.write(Permission.IMPORTS_WRITE, work)


def _given(entry: EntryIn, mode: Mode) -> Given:
    match entry:
        case OrderEntryIn():
            return draft(entry, mode)
        case ReturnEntryIn():
            return ReturnGiven(
                entry.kind,
                entry.channel,
                entry.external_id,
                entry.occurred_at,
                entry.currency,
                tuple(
                    ReturnLineGiven(x.sku, x.title, x.quantity, x.amount, x.charge)
                    for x in entry.lines
                ),
                entry.order,
                entry.channel_customer_id,
                entry.email,
                entry.country,
            )
        case WriteOffEntryIn():
            return WriteOffGiven(
                entry.channel,
                entry.reference,
                entry.occurred_at,
                entry.reason,
                tuple((x.sku, x.title, x.quantity) for x in entry.lines),
                entry.location,
            )


def _out(landed: Landed) -> LandedOut:
    refusal = landed.refusal
    said = None
    if refusal is not None:
        said = {"code": refusal.code, "detail": refusal.message, "field": refusal.field}
    return LandedOut(reference=landed.reference, new=landed.new, linked=landed.linked, problem=said)


@router.get("/imports/sums")
def sums(
    call: Asked,
    channel: Annotated[str, Query(max_length=80)],
    zone: Annotated[str, Query(max_length=60)] = "UTC",
) -> SumsOut:
    """Lines, units and money of a channel by month and country, to compare with its files."""
    if zone not in available_timezones():
        raise ZoneUnknown(f"There is no time zone {zone!r}.", field="zone")

    def work(tx: Tx) -> SumsOut:
        known = channels.channels_by_code(tx, [channel]).get(channel)
        if known is None:
            return SumsOut(sums=[], return_lines=0, linked_return_lines=0)
        lines, linked = linked_returns(tx, known.id)
        found = import_sums(tx, known.id, zone)
        return SumsOut(
            sums=[SumOut.model_validate(each) for each in found],
            return_lines=lines,
            linked_return_lines=linked,
        )

    return call.read(Permission.ORDERS_READ, work, everywhere=True)


def add_to(api: FastAPI) -> None:
    """Add the bare route; `documented` describes it."""
    api.add_route("/v1/imports", land, methods=["POST"], include_in_schema=False)


def documented(document: dict[str, Any]) -> None:
    """Describe the route in an OpenAPI document."""
    schemas, components = msgspec.json.schema_components(
        [ImportIn], ref_template="#/components/schemas/{name}"
    )
    made = ImportOut.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] |= made.pop("$defs", {})
    document["components"]["schemas"] |= components | {"ImportOut": made}
    document["paths"]["/v1/imports"] = {
        "post": {
            "operationId": "import_entries",
            "summary": (land.__doc__ or "").splitlines()[0],
            "tags": ["imports"],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schemas[0]}},
            },
            "responses": {
                "200": {
                    "description": "What became of each entry",
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ImportOut"}}
                    },
                }
            },
        }
    }
