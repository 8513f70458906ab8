"""Exports of the books over HTTP: numbered, and the same bytes each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from baton import access, accounting
from baton.access.model import LegalEntity, Permission, Principal
from baton.accounting.errors import EntryInvalid, FormatUnknown
from baton.accounting.model import Export
from baton.accounting.port import Books, LedgerWriter
from baton.http import accounting_shapes as shapes
from baton.http.accounting import EntityCode, entity_of
from baton.http.call import Asked
from baton.http.wire import Limit, Page
from baton.platform.db import Tx

router = APIRouter(prefix="/v1/accounting/exports", tags=["accounting"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A file", "content": {"text/csv": {}, "text/plain": {}}}
}


@router.post("", status_code=201, response_model=shapes.ExportOut)
def export(call: Asked, body: shapes.ExportIn) -> Response:
    """Number an export of some days, for a program that keeps books. It says what it repeats."""

    writers = call.app.ledgers

    def work(tx: Tx, _principal: Principal) -> shapes.ExportOut:
        if body.format not in writers:
            raise FormatUnknown(f"Give one of {', '.join(writers)}.", field="format")
        if body.first > body.last:
            raise EntryInvalid("The first day is not after the last.", field="first")
        entity = entity_of(tx, body.legal_entity)
        made = accounting.export(
            tx, entity.id, entity.base_currency, body.format, body.first, body.last
        )
        return _export(made, entity, writers)

    return call.write(Permission.ACCOUNTING_WRITE, work, status=201, everywhere=True)


@router.get("")
def list_exports(
    call: Asked, legal_entity: EntityCode, limit: Annotated[Limit, Query()] = 50
) -> Page[shapes.ExportOut]:
    """Exports that were made of a legal entity's books, the newest first."""

    def work(tx: Tx) -> Page[shapes.ExportOut]:
        entity = entity_of(tx, legal_entity)
        found = accounting.exports(tx, entity.id, 2**31 - 1, limit)
        return Page(data=[_export(each, entity, call.app.ledgers) for each in found])

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


@router.get("/{export_id}/file", response_class=Response, responses=_FILE)
def download(call: Asked, export_id: shapes.ExportId) -> Response:
    """The file of an export: the same bytes each time."""

    def work(tx: Tx) -> Response:
        made = accounting.found_export(tx, export_id)
        entity = access.legal_entities_by_id(tx, [made.legal_entity_id])[made.legal_entity_id]
        accounts = {each.number: each for each in accounting.chart(tx).accounts}
        entries = accounting.exported(tx, made)
        books = Books(made, entity.code, entity.name, entity.base_currency, accounts, entries)
        written = call.app.ledgers[made.format].write(books)
        headers = {
            "Content-Disposition": f'attachment; filename="{written.name}"',
            "X-Baton-Export": books.watermark,
        }
        return Response(written.content, 200, headers, media_type=written.media_type)

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


def _export(
    export: Export, entity: LegalEntity, writers: Mapping[str, LedgerWriter]
) -> shapes.ExportOut:
    return shapes.ExportOut(
        id=export.id,
        legal_entity=entity.code,
        number=export.number,
        file=writers[export.format].file_name(entity.code, export.number),
        format=export.format,
        first=export.first,
        last=export.last,
        entries=export.entries,
        last_no=export.last_no,
        repeats=list(export.repeats),
        made_at=export.made_at,
        actor=export.actor,
    )
