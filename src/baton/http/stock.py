"""Stock over HTTP: levels, the ledger, documents, transfers, shortages, count tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from baton import access, catalog, inventory, locations
from baton.access.model import Permission, Principal
from baton.flows import stock
from baton.flows.stock import DocumentGiven, LineGiven
from baton.http.call import Asked, Call
from baton.http.order_shapes import LocationId
from baton.http.wire import Code, Done, In, Limit, Out, Page, Prefixed, cursor, place
from baton.inventory.model import DocumentKind, StoredDocument
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import NotFound

router = APIRouter(prefix="/v1/stock", tags=["stock"])

SkuId = Annotated[Id, Prefixed("sku")]
DocumentId = Annotated[Id, Prefixed("doc")]
MovementId = Annotated[Id, Prefixed("mov")]
ShortageId = Annotated[Id, Prefixed("sho")]
TaskId = Annotated[Id, Prefixed("tsk")]

KINDS = {
    "receipts": DocumentKind.RECEIPT,
    "adjustments": DocumentKind.ADJUSTMENT,
    "counts": DocumentKind.COUNT,
    "damages": DocumentKind.DAMAGE,
    "found": DocumentKind.FOUND,
    "sales": DocumentKind.SALE,
    "write-offs": DocumentKind.WRITE_OFF,
}


class UnknownSku(NotFound):
    """The catalogue has no such SKU."""

    code = "stock_sku_unknown"


class UnknownPlace(NotFound):
    """There is no such location."""

    code = "stock_location_unknown"


class LevelOut(Out):
    """One SKU at one location, in units."""

    location: str
    on_hand: int
    unavailable: int
    held_back: int
    allocated: int
    short: int
    sellable: int
    free: int


class AreaStockOut(Out):
    area: str
    physical: int
    offered: int
    committed: int
    short: int
    free: int


class StockOut(Out):
    """A SKU's stock: by location, and by area as it is promised."""

    sku: str
    title: str
    levels: list[LevelOut]
    areas: list[AreaStockOut]


class MovementOut(Out):
    id: MovementId
    kind: str
    on_hand: int
    unavailable: int
    document_kind: str
    document_id: DocumentId
    reason: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime


class LineIn(In):
    """`quantity` is what was counted or received; for adjustments, the signed difference."""

    sku: Code
    quantity: int = Field(ge=-10_000_000, le=10_000_000)
    expected: int | None = Field(default=None, ge=-10_000_000, le=10_000_000)


class DocumentIn(In):
    """`reference` is yours: the same one again changes nothing."""

    location: Code
    lines: list[LineIn] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=120)
    occurred_at: AwareDatetime | None = None


class DocumentLineOut(Out):
    line_no: int
    sku: str
    quantity: int
    expected: int | None
    sent: int
    received: int


class DocumentOut(Out):
    id: DocumentId
    kind: str
    state: str
    location_id: LocationId
    to_location_id: LocationId | None
    reason: str
    reference: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    lines: list[DocumentLineOut]


class MoveIn(In):
    sku: Code
    quantity: int = Field(ge=1, le=10_000_000)


class TransferIn(In):
    source: Code = Field(alias="from")
    target: Code = Field(alias="to")
    lines: list[MoveIn] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=120)


class UnitsIn(In):
    line: int = Field(ge=1)
    quantity: int = Field(ge=1, le=10_000_000)


class SendIn(In):
    """What leaves; without `lines`, all that was requested."""

    lines: list[UnitsIn] | None = Field(default=None, min_length=1, max_length=5000)


class ReceiveIn(SendIn):
    """What came in; `final` says that nothing more will."""

    reference: str = Field(default="", max_length=120)
    final: bool = False


class HeldIn(In):
    sku: Code
    units: int = Field(ge=0, le=10_000_000)


class HoldBackIn(In):
    location: Code
    lines: list[HeldIn] = Field(min_length=1, max_length=5000)


class ShortageOut(Out):
    id: ShortageId
    sku: str
    area: str
    location: str | None
    units: int
    open_units: int
    cause: str
    opened_at: datetime


class TaskOut(Out):
    id: TaskId
    location: str
    sku: str
    cause: str
    opened_at: datetime


@router.get("")
def show_stock(
    call: Asked, sku: Annotated[list[str], Query(min_length=1, max_length=100)]
) -> Page[StockOut]:
    """Stock of up to 100 SKUs, by location and by area."""

    def work(tx: Tx) -> Page[StockOut]:
        found = catalog.skus_by_code(tx, sku)
        wanted = [each.id for each in found.values()]
        levels = inventory.levels(tx, wanted) if wanted else []
        areas = inventory.area_stock(tx, wanted) if wanted else []
        places = locations.locations_by_id(tx, sorted({level.location_id for level in levels}))
        names = locations.areas_by_id(tx, sorted({area.area_id for area in areas}))
        return Page(
            data=[
                StockOut(
                    sku=code,
                    title=each.title,
                    levels=[
                        LevelOut(
                            location=places[level.location_id].code,
                            on_hand=level.on_hand,
                            unavailable=level.unavailable,
                            held_back=level.held_back,
                            allocated=level.allocated,
                            short=level.short,
                            sellable=level.sellable,
                            free=level.free,
                        )
                        for level in levels
                        if level.sku_id == each.id
                    ],
                    areas=[
                        AreaStockOut(
                            area=names[area.area_id].code,
                            physical=area.physical,
                            offered=area.offered,
                            committed=area.committed,
                            short=area.short,
                            free=area.free,
                        )
                        for area in areas
                        if area.sku_id == each.id
                    ],
                )
                for code, each in sorted(found.items())
            ]
        )

    return call.read(Permission.STOCK_READ, work)


@router.get("/movements")
def list_movements(
    call: Asked,
    sku: Annotated[str, Query(max_length=80)],
    location: Annotated[str, Query(max_length=80)],
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[MovementOut]:
    """The ledger of one SKU at one location, newest first."""

    def work(tx: Tx) -> Page[MovementOut]:
        known = catalog.skus_by_code(tx, [sku]).get(sku)
        where = locations.locations_by_code(tx, [location]).get(location)
        if known is None:
            raise UnknownSku(f"There is no SKU {sku!r}.", field="sku")
        if where is None:
            raise UnknownPlace(f"There is no location {location!r}.", field="location")
        if after:
            found = inventory.movements(tx, known.id, where.id, place(after), limit)
        else:
            found = inventory.movements(tx, known.id, where.id, limit=limit)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=[
                MovementOut(
                    id=each.id,
                    kind=each.kind.value,
                    on_hand=each.on_hand,
                    unavailable=each.unavailable,
                    document_kind=each.document_kind,
                    document_id=each.document_id,
                    reason=each.reason,
                    actor=each.actor,
                    occurred_at=each.occurred_at,
                    recorded_at=each.recorded_at,
                )
                for each in found
            ],
            next=cursor(last.recorded_at, last.id) if last else None,
        )

    return call.read(Permission.STOCK_READ, work)


def _document_route(path: str, kind: DocumentKind) -> None:
    def record(call: Asked, body: DocumentIn) -> Response:
        given = DocumentGiven(
            kind,
            body.location,
            [LineGiven(line.sku, line.quantity, line.expected) for line in body.lines],
            body.reason,
            body.reference,
            body.occurred_at,
        )

        def work(tx: Tx, principal: Principal) -> DocumentOut:
            _allowed(tx, principal, body.location)
            return shown(tx, stock.record(tx, given))

        return call.write(Permission.STOCK_WRITE, work, status=201)

    record.__doc__ = f"Record what happened: {path.replace('-', ' ')}. Facts are never refused."
    router.add_api_route(
        f"/{path}",
        record,
        methods=["POST"],
        status_code=201,
        response_model=DocumentOut,
        operation_id=f"record_{path.replace('-', '_')}",
    )


for _path, _kind in KINDS.items():
    _document_route(_path, _kind)


@router.get("/documents/{document_id}")
def show_document(call: Asked, document_id: DocumentId) -> DocumentOut:
    """One stock document with its lines."""
    return call.read(Permission.STOCK_READ, lambda tx: shown(tx, stock.found(tx, document_id)))


@router.post("/transfers", status_code=201, response_model=DocumentOut)
def request_transfer(call: Asked, body: TransferIn) -> Response:
    """Goods are to go from one location to another; they are promised at the source."""
    lines = [LineGiven(line.sku, line.quantity) for line in body.lines]

    def work(tx: Tx, principal: Principal) -> DocumentOut:
        _allowed(tx, principal, body.source)
        made = stock.request_transfer(
            tx, body.source, body.target, lines, body.reason, body.reference
        )
        return shown(tx, made)

    return call.write(Permission.STOCK_WRITE, work, status=201)


@router.post("/transfers/{document_id}/send", response_model=DocumentOut)
def send_transfer(call: Asked, document_id: DocumentId, body: SendIn | None = None) -> Response:
    """The goods have left their location."""

    def work(tx: Tx) -> None:
        inventory.send_transfer(tx, document_id, tx.now, _units(body))

    return _transfer(call, document_id, work)


@router.post("/transfers/{document_id}/receive", response_model=DocumentOut)
def receive_transfer(
    call: Asked, document_id: DocumentId, body: ReceiveIn | None = None
) -> Response:
    """Goods of the transfer came in, all or part."""
    given = body or ReceiveIn()

    def work(tx: Tx) -> None:
        stock.receive_transfer(tx, document_id, _units(given), given.reference, final=given.final)

    return _transfer(call, document_id, work, arrives=True)


@router.post("/transfers/{document_id}/cancel", response_model=DocumentOut)
def cancel_transfer(call: Asked, document_id: DocumentId) -> Response:
    """Give up a transfer that was not sent."""
    return _transfer(call, document_id, lambda tx: inventory.cancel_transfer(tx, document_id))


@router.put("/held-back", response_model=Done)
def hold_back(call: Asked, body: HoldBackIn) -> Response:
    """Keep units from sale at a location from now on."""

    def work(tx: Tx, principal: Principal) -> Done:
        _allowed(tx, principal, body.location)
        stock.hold_back(tx, body.location, {line.sku: line.units for line in body.lines})
        return Done()

    return call.write(Permission.STOCK_WRITE, work)


@router.get("/shortages")
def list_shortages(call: Asked, limit: Annotated[Limit, Query()] = 100) -> Page[ShortageOut]:
    """Promised units that are not there, oldest first."""

    def work(tx: Tx) -> Page[ShortageOut]:
        found = inventory.open_shortages(tx, limit)
        skus = catalog.skus_by_id(tx, sorted({each.sku_id for each in found}))
        areas = locations.areas_by_id(tx, sorted({each.area_id for each in found}))
        places = locations.locations_by_id(tx, sorted({each.location_id for each in found}))
        return Page(
            data=[
                ShortageOut(
                    id=each.id,
                    sku=skus[each.sku_id].code,
                    area=areas[each.area_id].code,
                    location=places[each.location_id].code if each.location_id in places else None,
                    units=each.units,
                    open_units=each.open_units,
                    cause=each.cause,
                    opened_at=each.opened_at,
                )
                for each in found
            ]
        )

    return call.read(Permission.STOCK_READ, work)


@router.get("/count-tasks")
def list_count_tasks(
    call: Asked,
    location: Annotated[str, Query(max_length=80)],
    limit: Annotated[Limit, Query()] = 100,
) -> Page[TaskOut]:
    """What is to be counted at a location, oldest first."""

    def work(tx: Tx) -> Page[TaskOut]:
        where = locations.locations_by_code(tx, [location]).get(location)
        if where is None:
            raise UnknownPlace(f"There is no location {location!r}.", field="location")
        found = inventory.open_count_tasks(tx, [where.id], limit)
        skus = catalog.skus_by_id(tx, sorted({task.sku_id for task in found}))
        return Page(
            data=[
                TaskOut(
                    id=task.id,
                    location=where.code,
                    sku=skus[task.sku_id].code,
                    cause=task.cause,
                    opened_at=task.opened_at,
                )
                for task in found
            ]
        )

    return call.read(Permission.STOCK_READ, work)


def shown(tx: Tx, document: StoredDocument) -> DocumentOut:
    """A stock document as the API shows it."""
    skus = catalog.skus_by_id(tx, sorted({line.sku_id for line in document.lines}))
    return DocumentOut(
        id=document.id,
        kind=document.kind.value,
        state=document.state.value,
        location_id=document.location_id,
        to_location_id=document.to_location_id,
        reason=document.reason,
        reference=document.reference,
        occurred_at=document.occurred_at,
        recorded_at=document.recorded_at,
        actor=document.actor,
        lines=[
            DocumentLineOut(
                line_no=line.line_no,
                sku=skus[line.sku_id].code,
                quantity=line.quantity,
                expected=line.expected,
                sent=line.sent,
                received=line.received,
            )
            for line in document.lines
        ],
    )


def _transfer(
    call: Call, document_id: Id, change: Callable[[Tx], None], *, arrives: bool = False
) -> Response:
    def work(tx: Tx, principal: Principal) -> DocumentOut:
        found = stock.found(tx, document_id)
        where = found.to_location_id if arrives else found.location_id
        access.require(principal, Permission.STOCK_WRITE, where)
        change(tx)
        return shown(tx, stock.found(tx, document_id))

    return call.write(Permission.STOCK_WRITE, work)


def _units(body: SendIn | None) -> dict[int, int] | None:
    if body is None or body.lines is None:
        return None
    return {each.line: each.quantity for each in body.lines}


def _allowed(tx: Tx, principal: Principal, location: str) -> None:
    where = locations.locations_by_code(tx, [location]).get(location)
    if where is not None:
        access.require(principal, Permission.STOCK_WRITE, where.id)
