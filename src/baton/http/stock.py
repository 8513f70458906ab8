"""Stock over HTTP: levels, the ledger, documents, transfers, shortages, count tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from baton import access, catalog, inventory, locations
from baton.access.model import Permission, Principal
from baton.flows import stock
from baton.flows.stock import DocumentGiven, LineGiven
from baton.http import stock_shapes as shapes
from baton.http.call import Asked, Call, Places
from baton.http.wire import Done, Limit, Page, cursor, place
from baton.inventory.model import DocumentKind, StoredDocument
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import NotFound

router = APIRouter(prefix="/v1/stock", tags=["stock"])

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


@router.get("")
def show_stock(
    call: Asked, sku: Annotated[list[str], Query(min_length=1, max_length=100)]
) -> Page[shapes.StockOut]:
    """Stock of up to 100 SKUs, by location and by area.

    Whoever works for some locations sees those, and areas where nobody else has the SKU.
    """

    def work(tx: Tx, at: Places) -> Page[shapes.StockOut]:
        found = catalog.skus_by_code(tx, sku)
        wanted = [each.id for each in found.values()]
        levels = inventory.levels(tx, wanted, at) if wanted else []
        areas = inventory.area_stock(tx, wanted, at) if wanted else []
        places = locations.locations_by_id(tx, sorted({level.location_id for level in levels}))
        names = locations.areas_by_id(tx, sorted({area.area_id for area in areas}))
        return Page(
            data=[
                shapes.StockOut(
                    sku=code,
                    title=each.title,
                    levels=[
                        shapes.LevelOut(
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
                        shapes.AreaStockOut(
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

    return call.read_at(Permission.STOCK_READ, work)


@router.get("/movements")
def list_movements(
    call: Asked,
    sku: Annotated[str, Query(max_length=80)],
    location: Annotated[str, Query(max_length=80)],
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.MovementOut]:
    """The ledger of one SKU at one location, newest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.MovementOut]:
        known = catalog.skus_by_code(tx, [sku]).get(sku)
        where = locations.locations_by_code(tx, [location]).get(location)
        if known is None:
            raise UnknownSku(f"There is no SKU {sku!r}.", field="sku")
        if where is None:
            raise UnknownPlace(f"There is no location {location!r}.", field="location")
        if at is not None and where.id not in at:
            return Page(data=[])
        if after:
            found = inventory.movements(tx, known.id, where.id, place(after), limit)
        else:
            found = inventory.movements(tx, known.id, where.id, limit=limit)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=[
                shapes.MovementOut(
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

    return call.read_at(Permission.STOCK_READ, work)


def _document_route(path: str, kind: DocumentKind) -> None:
    def record(call: Asked, body: shapes.DocumentIn) -> Response:
        given = DocumentGiven(
            kind,
            body.location,
            [LineGiven(x.sku, x.quantity, x.expected, x.unit_cost, x.currency) for x in body.lines],
            body.reason,
            body.reference,
            body.occurred_at,
        )

        def work(tx: Tx, principal: Principal) -> shapes.DocumentOut:
            _allowed(tx, principal, body.location)
            return shown(tx, _own(principal, stock.record(tx, given)))

        return call.write(Permission.STOCK_WRITE, work, status=201)

    record.__doc__ = f"Record what happened: {path.replace('-', ' ')}. Facts are never refused."
    router.add_api_route(
        f"/{path}",
        record,
        methods=["POST"],
        status_code=201,
        response_model=shapes.DocumentOut,
        operation_id=f"record_{path.replace('-', '_')}",
    )


for _path, _kind in KINDS.items():
    _document_route(_path, _kind)


@router.get("/documents/{document_id}")
def show_document(call: Asked, document_id: shapes.DocumentId) -> shapes.DocumentOut:
    """One stock document with its lines."""

    def work(tx: Tx, at: Places) -> shapes.DocumentOut:
        return shown(tx, stock.found(tx, document_id, at))

    return call.read_at(Permission.STOCK_READ, work)


@router.post("/transfers", status_code=201, response_model=shapes.DocumentOut)
def request_transfer(call: Asked, body: shapes.TransferIn) -> Response:
    """Goods are to go from one location to another; they are promised at the source."""
    lines = [LineGiven(line.sku, line.quantity) for line in body.lines]

    def work(tx: Tx, principal: Principal) -> shapes.DocumentOut:
        _allowed(tx, principal, body.source)
        made = stock.request_transfer(
            tx, body.source, body.target, lines, body.reason, body.reference
        )
        return shown(tx, _own(principal, made))

    return call.write(Permission.STOCK_WRITE, work, status=201)


@router.post("/transfers/{document_id}/send", response_model=shapes.DocumentOut)
def send_transfer(
    call: Asked, document_id: shapes.DocumentId, body: shapes.SendIn | None = None
) -> Response:
    """The goods have left their location."""

    def work(tx: Tx) -> None:
        inventory.send_transfer(tx, document_id, tx.now, _units(body))

    return _transfer(call, document_id, work)


@router.post("/transfers/{document_id}/receive", response_model=shapes.DocumentOut)
def receive_transfer(
    call: Asked, document_id: shapes.DocumentId, body: shapes.ReceiveIn | None = None
) -> Response:
    """Goods of the transfer came in, all or part."""
    given = body or shapes.ReceiveIn()

    def work(tx: Tx) -> None:
        stock.receive_transfer(tx, document_id, _units(given), given.reference, final=given.final)

    return _transfer(call, document_id, work, arrives=True)


@router.post("/transfers/{document_id}/cancel", response_model=shapes.DocumentOut)
def cancel_transfer(call: Asked, document_id: shapes.DocumentId) -> Response:
    """Give up a transfer that was not sent."""
    return _transfer(call, document_id, lambda tx: inventory.cancel_transfer(tx, document_id))


@router.put("/held-back", response_model=Done)
def hold_back(call: Asked, body: shapes.HoldBackIn) -> Response:
    """Keep units from sale at a location from now on."""

    def work(tx: Tx, principal: Principal) -> Done:
        _allowed(tx, principal, body.location)
        stock.hold_back(tx, body.location, {line.sku: line.units for line in body.lines})
        return Done()

    return call.write(Permission.STOCK_WRITE, work)


@router.get("/shortages")
def list_shortages(call: Asked, limit: Annotated[Limit, Query()] = 100) -> Page[shapes.ShortageOut]:
    """Promised units that are not there, oldest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.ShortageOut]:
        found = inventory.open_shortages(tx, limit, at)
        skus = catalog.skus_by_id(tx, sorted({each.sku_id for each in found}))
        areas = locations.areas_by_id(tx, sorted({each.area_id for each in found}))
        places = locations.locations_by_id(tx, sorted({each.location_id for each in found}))
        return Page(
            data=[
                shapes.ShortageOut(
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

    return call.read_at(Permission.STOCK_READ, work)


@router.get("/count-tasks")
def list_count_tasks(
    call: Asked,
    location: Annotated[str, Query(max_length=80)],
    limit: Annotated[Limit, Query()] = 100,
) -> Page[shapes.TaskOut]:
    """What is to be counted at a location, oldest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.TaskOut]:
        where = locations.locations_by_code(tx, [location]).get(location)
        if where is None:
            raise UnknownPlace(f"There is no location {location!r}.", field="location")
        if at is not None and where.id not in at:
            return Page(data=[])
        found = inventory.open_count_tasks(tx, [where.id], limit)
        skus = catalog.skus_by_id(tx, sorted({task.sku_id for task in found}))
        return Page(
            data=[
                shapes.TaskOut(
                    id=task.id,
                    location=where.code,
                    sku=skus[task.sku_id].code,
                    cause=task.cause,
                    opened_at=task.opened_at,
                )
                for task in found
            ]
        )

    return call.read_at(Permission.STOCK_READ, work)


def shown(tx: Tx, document: StoredDocument) -> shapes.DocumentOut:
    """A stock document as the API shows it."""
    skus = catalog.skus_by_id(tx, sorted({line.sku_id for line in document.lines}))
    return shapes.DocumentOut(
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
            shapes.DocumentLineOut(
                line_no=line.line_no,
                sku=skus[line.sku_id].code,
                quantity=line.quantity,
                expected=line.expected,
                sent=line.sent,
                received=line.received,
                unit_cost=line.unit_cost,
                currency=line.cost_currency,
            )
            for line in document.lines
        ],
    )


def _transfer(
    call: Call, document_id: Id, change: Callable[[Tx], None], *, arrives: bool = False
) -> Response:
    def work(tx: Tx, principal: Principal) -> shapes.DocumentOut:
        found = stock.found(tx, document_id, principal.location_ids)
        where = found.to_location_id if arrives else found.location_id
        access.require(principal, Permission.STOCK_WRITE, where)
        change(tx)
        return shown(tx, stock.found(tx, document_id))

    return call.write(Permission.STOCK_WRITE, work)


def _units(body: shapes.SendIn | None) -> dict[int, int] | None:
    if body is None or body.lines is None:
        return None
    return {each.line: each.quantity for each in body.lines}


def _allowed(tx: Tx, principal: Principal, location: str) -> None:
    where = locations.locations_by_code(tx, [location]).get(location)
    if where is not None:
        access.require(principal, Permission.STOCK_WRITE, where.id)


def _own(principal: Principal, document: StoredDocument) -> StoredDocument:
    """The document that a write answers with; its reference may be that of another place's."""
    access.require(principal, Permission.STOCK_WRITE, document.location_id)
    return document
