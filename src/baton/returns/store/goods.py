"""What came in, gradings, photos, labels for the way back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from baton.platform.db import Statements, Tx
from baton.returns.model.goods import (
    Disposition,
    Grade,
    Grading,
    Label,
    LabelState,
    Photo,
    PhotoDraft,
    Receipt,
    Stage,
)
from baton.values.ids import Id

sql = Statements("returns")

ADD_RECEIPT = sql(
    "add_receipt",
    """
    insert into returns.receipts (tenant_id, id, rma_id, location_id, reference, parcel_id,
                                  received_at, actor)
    values (%(tenant)s, %(id)s, %(rma_id)s, %(location_id)s, %(reference)s, %(parcel_id)s,
            %(received_at)s, %(actor)s)
    on conflict (tenant_id, rma_id, reference) where reference <> '' do nothing
    """,
)
SCANNED_BEFORE = sql(
    "scanned_before",
    """
    select r.rma_id from returns.receipts r
    where r.tenant_id = %(tenant)s and r.location_id = %(location_id)s
      and r.reference = %(reference)s and r.reference <> '' limit 1
    """,
)
ADD_RECEIPT_LINES = sql(
    "add_receipt_lines",
    """
    insert into returns.receipt_lines (tenant_id, receipt_id, line_no, units)
    select %(tenant)s, %(receipt_id)s, n.line_no, n.units
    from unnest(%(line_no)s::int[], %(units)s::int[]) as n (line_no, units)
    """,
)
RECEIPTS = sql(
    "receipts",
    """
    select r.id, r.rma_id, r.location_id, r.reference, r.parcel_id, r.received_at, r.actor,
           array_agg(l.line_no order by l.line_no), array_agg(l.units order by l.line_no)
    from returns.receipts r
    join returns.receipt_lines l on l.tenant_id = %(tenant)s and l.receipt_id = r.id
    where r.tenant_id = %(tenant)s and r.rma_id = any(%(ids)s)
    group by r.id, r.rma_id, r.location_id, r.reference, r.parcel_id, r.received_at, r.actor
    order by r.received_at, r.id
    """,
)
KNOWN_RECEIPTS = sql(
    "known_receipts",
    """
    select r.id from returns.receipts r where r.tenant_id = %(tenant)s and r.id = any(%(ids)s)
    """,
)
_GRADING = (
    "id, rma_id, line_no, location_id, units, grade, note, graded_at, graded_by, disposition,"
    " disposed_at"
)
ADD_GRADING = sql(
    "add_grading",
    f"""
    insert into returns.gradings (tenant_id, {_GRADING})
    values (%(tenant)s, %(id)s, %(rma_id)s, %(line_no)s, %(location_id)s, %(units)s, %(grade)s,
            %(note)s, %(graded_at)s, %(graded_by)s, %(disposition)s, %(disposed_at)s)
    """,
)
GRADINGS = sql(
    "gradings",
    f"""
    select {_GRADING} from returns.gradings
    where tenant_id = %(tenant)s and rma_id = any(%(ids)s) order by graded_at, id
    """,
)
DISPOSE = sql(
    "dispose",
    """
    update returns.gradings set disposition = %(disposition)s, disposed_at = %(disposed_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
ADD_PHOTO = sql(
    "add_photo",
    """
    insert into returns.photos (tenant_id, id, rma_id, line_no, stage, media_type, content,
                                added_at, added_by)
    values (%(tenant)s, %(id)s, %(rma_id)s, %(line_no)s, %(stage)s, %(media_type)s, %(content)s,
            %(added_at)s, %(added_by)s)
    """,
)
PHOTOS = sql(
    "photos",
    """
    select id, rma_id, line_no, stage, media_type, octet_length(content), added_at, added_by
    from returns.photos
    where tenant_id = %(tenant)s and rma_id = any(%(ids)s) order by added_at, id
    """,
)
PHOTO = sql(
    "photo",
    """
    select media_type, content from returns.photos
    where tenant_id = %(tenant)s and id = %(id)s and rma_id = %(rma_id)s
    """,
)
_LABEL = (
    "id, rma_id, carrier, service, state, tracking_no, currency, cost_minor, error, requested_at,"
    " settled_at, scanned_at"
)
ADD_LABEL = sql(
    "add_return_label",
    f"""
    insert into returns.labels (tenant_id, {_LABEL})
    values (%(tenant)s, %(id)s, %(rma_id)s, %(carrier)s, %(service)s, %(state)s, %(tracking_no)s,
            %(currency)s, %(cost_minor)s, %(error)s, %(requested_at)s, %(settled_at)s,
            %(scanned_at)s)
    """,
)
SETTLE_LABEL = sql(
    "settle_return_label",
    """
    update returns.labels set state = %(state)s, tracking_no = %(tracking_no)s,
        currency = %(currency)s, cost_minor = %(cost_minor)s, pdf = %(pdf)s, error = %(error)s,
        settled_at = %(settled_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
SCANNED = sql(
    "return_label_scanned",
    """
    update returns.labels set scanned_at = %(at)s
    where tenant_id = %(tenant)s and id = any(%(ids)s) and scanned_at is null
    """,
)
LABELS = sql(
    "return_labels",
    f"""
    select {_LABEL} from returns.labels
    where tenant_id = %(tenant)s and rma_id = any(%(ids)s) order by requested_at, id
    """,
)
LABELS_BY_TRACKING = sql(
    "return_labels_by_tracking",
    f"""
    select {_LABEL} from returns.labels
    where tenant_id = %(tenant)s and tracking_no = any(%(numbers)s) and tracking_no <> ''
    order by id
    """,
)
HANGING = sql(
    "hanging_return_labels",
    f"""
    select {_LABEL} from returns.labels
    where tenant_id = %(tenant)s and state = 'requested' and requested_at < %(before)s
    order by requested_at limit %(limit)s
    """,
)
LABEL_PDF = sql(
    "return_label_pdf",
    """
    select pdf from returns.labels
    where tenant_id = %(tenant)s and rma_id = %(rma_id)s and state = 'bought'
    """,
)


def known_receipts(tx: Tx, ids: Collection[Id]) -> frozenset[Id]:
    """Of these ids, those of receipts of returns."""
    return frozenset(row[0] for row in tx.all(KNOWN_RECEIPTS, ids=sorted(ids)))


def add_receipt(tx: Tx, receipt: Receipt) -> bool:
    """Write what came in; False where this reference was received for the return before."""
    written = tx.count(
        ADD_RECEIPT,
        id=receipt.id,
        rma_id=receipt.rma_id,
        location_id=receipt.location_id,
        reference=receipt.reference,
        parcel_id=receipt.parcel_id,
        received_at=receipt.received_at,
        actor=receipt.actor,
    )
    if written:
        tx.run(
            ADD_RECEIPT_LINES,
            receipt_id=receipt.id,
            line_no=[line for line, _ in receipt.units],
            units=[units for _, units in receipt.units],
        )
    return bool(written)


def receipt_of(tx: Tx, location_id: Id, reference: str) -> Id | None:
    """The return that a scan at a location was taken in for."""
    row = tx.one(SCANNED_BEFORE, location_id=location_id, reference=reference)
    return row[0] if row else None


def receipts(tx: Tx, rma_ids: Collection[Id]) -> list[Receipt]:
    """What came in for these returns, oldest first."""
    rows = tx.all(RECEIPTS, ids=sorted(set(rma_ids)))
    return [_receipt(row) for row in rows]


def add_grading(tx: Tx, grading: Grading) -> None:
    tx.run(
        ADD_GRADING,
        id=grading.id,
        rma_id=grading.rma_id,
        line_no=grading.line_no,
        location_id=grading.location_id,
        units=grading.units,
        grade=grading.grade.value,
        note=grading.note,
        graded_at=grading.graded_at,
        graded_by=grading.graded_by,
        disposition=grading.disposition.value if grading.disposition else "",
        disposed_at=grading.disposed_at,
    )


def gradings(tx: Tx, rma_ids: Collection[Id]) -> list[Grading]:
    """What was looked at of these returns, oldest first."""
    return [_grading(row) for row in tx.all(GRADINGS, ids=sorted(set(rma_ids)))]


def dispose(tx: Tx, grading: Grading) -> None:
    assert grading.disposition is not None
    tx.run(
        DISPOSE,
        id=grading.id,
        disposition=grading.disposition.value,
        disposed_at=grading.disposed_at,
    )


def add_photo(tx: Tx, id: Id, rma_id: Id, line_no: int, stage: Stage, photo: PhotoDraft) -> None:
    tx.run(
        ADD_PHOTO,
        id=id,
        rma_id=rma_id,
        line_no=line_no,
        stage=stage.value,
        media_type=photo.media_type,
        content=photo.content,
        added_at=tx.now,
        added_by=tx.caller.actor,
    )


def photos(tx: Tx, rma_ids: Collection[Id]) -> list[Photo]:
    """The photos of these returns, without their content, oldest first."""
    rows = tx.all(PHOTOS, ids=sorted(set(rma_ids)))
    return [_photo(row) for row in rows]


def photo(tx: Tx, rma_id: Id, id: Id) -> PhotoDraft | None:
    row = tx.one(PHOTO, rma_id=rma_id, id=id)
    return PhotoDraft(row[0], bytes(row[1])) if row else None


def add_label(tx: Tx, label: Label) -> None:
    tx.run(ADD_LABEL, **_label_values(label))


def settle_label(tx: Tx, label: Label, pdf: bytes | None) -> None:
    """Write what the carrier answered."""
    values = _label_values(label)
    for fixed in ("rma_id", "carrier", "service", "requested_at", "scanned_at"):
        del values[fixed]
    tx.run(SETTLE_LABEL, pdf=pdf, **values)


def scanned(tx: Tx, label_ids: Sequence[Id]) -> int:
    """A carrier has these parcels: how many of them were not known to be on their way."""
    return tx.count(SCANNED, ids=list(label_ids), at=tx.now)


def labels(tx: Tx, rma_ids: Collection[Id]) -> list[Label]:
    """Labels for the way back of these returns, oldest first."""
    return [_label(row) for row in tx.all(LABELS, ids=sorted(set(rma_ids)))]


def labels_by_tracking(tx: Tx, numbers: Collection[str]) -> list[Label]:
    return [_label(row) for row in tx.all(LABELS_BY_TRACKING, numbers=sorted(set(numbers)))]


def hanging_labels(tx: Tx, before: datetime, limit: int) -> list[Label]:
    """Labels that were asked for before this moment, and of which nobody heard."""
    return [_label(row) for row in tx.all(HANGING, before=before, limit=limit)]


def label_pdf(tx: Tx, rma_id: Id) -> bytes | None:
    """The label of a return, once it was bought."""
    row = tx.one(LABEL_PDF, rma_id=rma_id)
    return bytes(row[0]) if row and row[0] is not None else None


def _receipt(row: Sequence[Any]) -> Receipt:
    id, rma_id, location_id, reference, parcel_id, at, actor, lines, units = row
    came = tuple(zip(lines, units, strict=True))
    return Receipt(id, rma_id, location_id, reference, parcel_id, at, actor, came)


def _photo(row: Sequence[Any]) -> Photo:
    id, rma_id, line_no, stage, media_type, size, added_at, added_by = row
    return Photo(id, rma_id, line_no, Stage(stage), media_type, size, added_at, added_by)


def _grading(row: Sequence[Any]) -> Grading:
    kept = dict(zip((f.name for f in fields(Grading)), row, strict=True))
    kept["grade"] = Grade(kept["grade"])
    kept["disposition"] = Disposition(kept["disposition"]) if kept["disposition"] else None
    return Grading(**kept)


def _label(row: Sequence[Any]) -> Label:
    kept = dict(zip((f.name for f in fields(Label)), row, strict=True))
    return Label(**kept | {"state": LabelState(kept["state"])})


def _label_values(label: Label) -> dict[str, Any]:
    names = [name.strip() for name in _LABEL.split(",")]
    values = {name: getattr(label, name) for name in names}
    values["state"] = label.state.value
    return values
