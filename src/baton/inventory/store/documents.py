"""Stock documents and their lines, as they were handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from baton.inventory.model import (
    Document,
    DocumentKind,
    DocumentState,
    StoredDocument,
    StoredLine,
    Transfer,
)
from baton.inventory.store.ledger import END
from baton.platform.db import Statements, Tx, columns, listed
from baton.values.ids import Id

sql = Statements("inventory")

_DOCUMENT = (
    "d.id, d.kind, d.state, d.location_id, d.to_location_id, d.reason, d.reference,"
    " d.occurred_at, d.recorded_at, d.actor"
)
INSERT_DOCUMENTS = sql(
    "insert_documents",
    """
    insert into inventory.documents
        (tenant_id, id, kind, state, location_id, to_location_id, reason, reference, occurred_at,
         recorded_at, actor)
    select %(tenant)s, n.id, n.kind, n.state, n.location_id, n.to_location_id, n.reason,
           n.reference, n.occurred_at, %(now)s, %(actor)s
    from unnest(%(id)s::uuid[], %(kind)s::text[], %(state)s::text[], %(location_id)s::uuid[],
                %(to_location_id)s::uuid[], %(reason)s::text[], %(reference)s::text[],
                %(occurred_at)s::timestamptz[])
         as n (id, kind, state, location_id, to_location_id, reason, reference, occurred_at)
    order by n.kind, n.reference, n.id
    on conflict do nothing returning id
    """,
)
BY_REFERENCE = sql(
    "documents_by_reference",
    """
    select d.kind, d.reference, d.id
    from unnest(%(kinds)s::text[], %(references)s::text[]) as n (kind, reference)
    join inventory.documents d on d.tenant_id = %(tenant)s and d.kind = n.kind
     and d.reference = n.reference and d.reference <> ''
    """,
)
INSERT_LINES = sql(
    "insert_document_lines",
    """
    insert into inventory.document_lines
        (tenant_id, document_id, line_no, sku_id, quantity, expected, unit_cost, cost_currency)
    select %(tenant)s, n.* from unnest(%(document_id)s::uuid[], %(line_no)s::int[],
        %(sku_id)s::uuid[], %(quantity)s::int[], %(expected)s::int[], %(unit_cost)s::bigint[],
        %(cost_currency)s::text[])
        as n (document_id, line_no, sku_id, quantity, expected, unit_cost, cost_currency)
    """,
)
DOCUMENTS = sql(
    "documents",
    f"""
    select {_DOCUMENT} from inventory.documents d
    where d.tenant_id = %(tenant)s and d.id = any(%(ids)s)
      and (%(at)s::uuid[] is null or d.location_id = any(%(at)s::uuid[])
           or d.to_location_id = any(%(at)s::uuid[])) order by d.id
    """,
)
RECENT = sql(
    "recent_documents",
    f"""
    select {_DOCUMENT} from inventory.documents d
    where d.tenant_id = %(tenant)s and d.kind = %(kind)s and d.recorded_at <= %(before_at)s
      and (d.recorded_at < %(before_at)s or d.id < %(before_id)s)
    order by d.recorded_at desc, d.id desc limit %(limit)s
    """,
)
LINES = sql(
    "document_lines",
    """
    select l.document_id, l.line_no, l.sku_id, l.quantity, l.expected, l.sent, l.received,
           l.unit_cost, l.cost_currency
    from inventory.document_lines l
    where l.tenant_id = %(tenant)s and l.document_id = any(%(ids)s)
    order by l.document_id, l.line_no
    """,
)
LOCK_TRANSFER = sql(
    "lock_transfer",
    """
    select d.id from inventory.documents d
    where d.tenant_id = %(tenant)s and d.id = %(id)s and d.kind = 'transfer'
    order by d.id for update
    """,
)
WRITE_TRANSFER = sql(
    "write_transfer",
    """
    update inventory.documents d set state = %(state)s
    where d.tenant_id = %(tenant)s and d.id = %(id)s
    """,
)
WRITE_TRANSFER_LINES = sql(
    "write_transfer_lines",
    """
    update inventory.document_lines l set sent = n.sent, received = n.received
    from unnest(%(line_no)s::int[], %(sent)s::int[], %(received)s::int[])
         as n (line_no, sent, received)
    where l.tenant_id = %(tenant)s and l.document_id = %(id)s and l.line_no = n.line_no
    """,
)


def insert_documents(
    tx: Tx, documents: Sequence[Document | Transfer], states: Sequence[DocumentState]
) -> set[Id]:
    """Write the heads of those documents that are not there yet; returns the ids written."""
    if not documents:
        return set()
    rows = tx.all(
        INSERT_DOCUMENTS,
        **columns(documents, "id", "location_id", "reason", "reference", "occurred_at"),
        kind=[_kind(document) for document in documents],
        state=list(states),
        to_location_id=[d.to_location_id if isinstance(d, Transfer) else None for d in documents],
        now=tx.now,
        actor=tx.caller.actor,
    )
    return {row[0] for row in rows}


def by_reference(
    tx: Tx, wanted: Iterable[tuple[DocumentKind, str]]
) -> dict[tuple[DocumentKind, str], Id]:
    """The ids of the stored documents that have these kinds and references."""
    keys = sorted(set(wanted))
    rows = tx.all(
        BY_REFERENCE,
        kinds=[kind.value for kind, _ in keys],
        references=[reference for _, reference in keys],
    )
    return {(DocumentKind(kind), reference): id for kind, reference, id in rows}


def insert_lines(
    tx: Tx, documents: Sequence[Document | Transfer], expected: Mapping[tuple[Id, int], int]
) -> None:
    """Write the lines of new documents; `expected` says what counted levels were to hold."""
    lines = [(document.id, line) for document in documents for line in document.lines]
    if not lines:
        return
    tx.run(
        INSERT_LINES,
        document_id=[id for id, _ in lines],
        **columns([line for _, line in lines], "line_no", "sku_id", "quantity"),
        **columns([line for _, line in lines], "unit_cost", "cost_currency"),
        expected=[expected.get((id, line.line_no), line.expected) for id, line in lines],
    )


def documents(
    tx: Tx, document_ids: Sequence[Id], at: Collection[Id] | None = None
) -> list[StoredDocument]:
    """These documents with their lines; transfers from or to one of these locations, or any."""
    return _with_lines(tx, tx.all(DOCUMENTS, ids=list(document_ids), at=listed(at)))


def recent_documents(
    tx: Tx, kind: DocumentKind, before: tuple[datetime, Id] = END, limit: int = 50
) -> list[StoredDocument]:
    """Documents of a kind with their lines, newest first, from just before (recorded_at, id)."""
    rows = tx.all(
        RECENT,
        kind=kind.value,
        before_at=before[0],
        before_id=before[1],
        limit=limit,
    )
    return _with_lines(tx, rows)


def lock_transfer(tx: Tx, transfer_id: Id) -> StoredDocument | None:
    """The transfer, locked."""
    if tx.one(LOCK_TRANSFER, id=transfer_id) is None:
        return None
    return documents(tx, [transfer_id])[0]


def write_transfer(
    tx: Tx, transfer_id: Id, state: DocumentState, lines: Sequence[StoredLine] = ()
) -> None:
    """Write a locked transfer's state, and what was sent and received of these lines."""
    tx.run(WRITE_TRANSFER, id=transfer_id, state=state.value)
    if lines:
        written = columns(lines, "line_no", "sent", "received")
        tx.run(WRITE_TRANSFER_LINES, id=transfer_id, **written)


def _with_lines(tx: Tx, heads: Sequence[tuple[Any, ...]]) -> list[StoredDocument]:
    lines: dict[Id, list[StoredLine]] = {head[0]: [] for head in heads}
    for line in tx.rows(StoredLine, LINES, ids=list(lines)):
        lines[line.document_id].append(line)
    return [
        StoredDocument(
            id=head[0],
            kind=DocumentKind(head[1]),
            state=DocumentState(head[2]),
            location_id=head[3],
            to_location_id=head[4],
            reason=head[5],
            reference=head[6],
            occurred_at=head[7],
            recorded_at=head[8],
            actor=head[9],
            lines=tuple(lines[head[0]]),
        )
        for head in heads
    ]


def _kind(document: Document | Transfer) -> DocumentKind:
    return DocumentKind.TRANSFER if isinstance(document, Transfer) else document.kind
