"""Issued documents: written once, read ever after; and what `verify` asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from baton.invoicing.model import Content, Document, Kind, Line, Wanted
from baton.invoicing.store import intents, sql
from baton.platform.db import Tx, checked, columns
from baton.values.check import Check
from baton.values.ids import NIL, Id

_DOCUMENT = (
    "id, kind, legal_entity_id, series_id, year, no, number, issued_on, issued_at, customer_id,"
    " currency, net, tax, total, paid, collecting, content"
)
_NAMES = tuple(name.strip() for name in _DOCUMENT.split(","))
_LISTED = ", ".join(f"d.{name}" for name in _NAMES)

INSERT = sql(
    "insert_documents",
    f"""
    insert into invoicing.documents (tenant_id, {_DOCUMENT})
    select %(tenant)s, {_DOCUMENT} from unnest(
        %(id)s::uuid[], %(kind)s::text[], %(legal_entity_id)s::uuid[], %(series_id)s::uuid[],
        %(year)s::int[], %(no)s::bigint[], %(number)s::text[], %(issued_on)s::date[],
        %(issued_at)s::timestamptz[], %(customer_id)s::uuid[], %(currency)s::text[],
        %(net)s::bigint[], %(tax)s::bigint[], %(total)s::bigint[], %(paid)s::bigint[],
        %(collecting)s::bigint[], %(content)s::jsonb[]
    ) as n ({_DOCUMENT})
    """,
)
BY_IDS = sql(
    "documents_by_id",
    f"""
    select {_DOCUMENT} from invoicing.documents
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by issued_at, no
    """,
)
BY_NUMBER = sql(
    "documents_by_number",
    """
    select id from invoicing.documents
    where tenant_id = %(tenant)s and number = %(number)s order by issued_at limit 1
    """,
)
NUMBERED = sql(
    "documents_numbered",
    """
    select id from invoicing.documents
    where tenant_id = %(tenant)s and number = %(number)s order by id limit 1000
    """,
)
LISTED = sql(
    "listed",
    f"""
    select {_LISTED} from invoicing.documents d
    where d.tenant_id = %(tenant)s
      and (%(customer_id)s::uuid is null or d.customer_id = %(customer_id)s)
      and (%(legal_entity_id)s::uuid is null or d.legal_entity_id = %(legal_entity_id)s)
      and (%(series_id)s::uuid is null or d.series_id = %(series_id)s)
      and (%(kind)s::text is null or d.kind = %(kind)s)
      and (%(since)s::date is null or d.issued_on >= %(since)s)
      and (%(until)s::date is null or d.issued_on <= %(until)s)
      and (%(ids)s::uuid[] is null or d.id = any(%(ids)s))
      and (%(before_at)s::timestamptz is null
           or (d.issued_at, d.id) < (%(before_at)s, %(before_id)s))
    order by d.issued_at desc, d.id desc limit %(limit)s
    """,
)
PAGE = sql(
    "document_page",
    f"""
    select {_DOCUMENT} from invoicing.documents
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
    """,
)
GAPLESS = sql(
    "gapless",
    """
    select count(*), array_agg(s.pattern || ' ' || c.year || ': the next is ' || c.next
               || ', there are ' || coalesce(d.many, 0) || ' up to ' || coalesce(d.last, 0))
           filter (where coalesce(d.many, 0) <> c.next - 1 or coalesce(d.last, 0) <> c.next - 1)
    from invoicing.counters c
    join invoicing.series s on s.tenant_id = %(tenant)s and s.id = c.series_id
    left join (
        select x.series_id, x.year, count(*) as many, max(x.no) as last
        from invoicing.documents x where x.tenant_id = %(tenant)s group by x.series_id, x.year
    ) d on d.series_id = c.series_id and d.year = c.year
    where c.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
ISSUED = sql(
    "issued_intents",
    """
    select count(*), array_agg(i.id::text || ': its document is not there')
           filter (where d.id is null)
    from invoicing.intents i
    left join invoicing.documents d on d.tenant_id = %(tenant)s and d.id = i.document_id
    where i.tenant_id = %(tenant)s and i.document_id is not null
    """,
    scans="verify reads all",
)
SUMMED = sql(
    "summed_intents",
    """
    select count(*), array_agg(i.id::text || ': ' || i.net || ' + ' || i.tax || ', its lines '
               || coalesce(l.net, 0) || ' + ' || coalesce(l.tax, 0))
           filter (where (i.net, i.tax) <> (coalesce(l.net, 0), coalesce(l.tax, 0)))
    from invoicing.intents i
    left join (
        select x.intent_id, sum(x.net)::bigint as net, sum(x.tax)::bigint as tax
        from invoicing.lines x where x.tenant_id = %(tenant)s group by x.intent_id
    ) l on l.intent_id = i.id
    where i.tenant_id = %(tenant)s and i.policy <> 'none'
    """,
    scans="verify reads all",
)


def insert(tx: Tx, documents: Sequence[Document]) -> None:
    names = tuple(name for name in _NAMES if name != "content")
    content = [msgspec.json.encode(document.content).decode() for document in documents]
    tx.run(INSERT, **columns(documents, *names), content=content)


def by_ids(tx: Tx, ids: Collection[Id]) -> dict[Id, Document]:
    """Whole documents, with their lines."""
    rows = tx.all(BY_IDS, ids=sorted(ids))
    return {document.id: document for document in _whole(tx, rows)}


def by_number(tx: Tx, number: str) -> Id | None:
    row = tx.one(BY_NUMBER, number=number)
    return row[0] if row else None


def listed(tx: Tx, wanted: Wanted) -> list[Document]:
    """Documents without their lines, newest first."""
    among = None
    if wanted.order_id is not None:
        found = intents.by_orders(tx, [wanted.order_id])
        among = {i.document_id for i in found if i.document_id is not None}
    if wanted.number is not None:  # each legal entity may have one of this number
        numbered = {row[0] for row in tx.all(NUMBERED, number=wanted.number)}
        among = numbered if among is None else among & numbered
    at, id = wanted.before or (None, None)
    rows = tx.all(
        LISTED,
        customer_id=wanted.customer_id,
        legal_entity_id=wanted.legal_entity_id,
        series_id=wanted.series_id,
        kind=wanted.kind,
        since=wanted.since,
        until=wanted.until,
        ids=None if among is None else sorted(among),
        before_at=at,
        before_id=id,
        limit=wanted.limit,
    )
    return [_document(row) for row in rows]


def pages(tx: Tx, size: int = 200) -> Iterator[list[Document]]:
    """All documents, some at a time."""
    after = NIL
    while rows := tx.all(PAGE, after=after, limit=size):
        yield _whole(tx, rows)
        after = rows[-1][0]


def checks(tx: Tx) -> list[Check]:
    """What the tables say of themselves."""
    return [
        checked(tx, "numbers of a series have no gap", GAPLESS),
        checked(tx, "what was issued is in a document", ISSUED),
        checked(tx, "what is to be billed is the sum of its lines", SUMMED),
    ]


def _whole(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Document]:
    lines: dict[Id, list[Line]] = {}
    for intent in intents.by_documents(tx, [row[0] for row in rows]) if rows else ():
        assert intent.document_id is not None
        lines.setdefault(intent.document_id, []).extend(intent.lines)
    return [replace(_document(row), lines=tuple(lines.get(row[0], ()))) for row in rows]


def _document(row: Sequence[Any]) -> Document:
    kept = dict(zip(_NAMES, row, strict=True))
    kept["kind"] = Kind(kept["kind"])
    kept["content"] = msgspec.convert(kept["content"], Content)
    return Document(**kept)
