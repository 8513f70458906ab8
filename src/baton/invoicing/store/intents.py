"""What is to be billed or credited, with its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from baton.invoicing.model import Billed, Intent, InvoicedIn, Kind, Line, Part, Policy, Taxed
from baton.invoicing.store import sql
from baton.platform.db import Tx, columns
from baton.values.ids import Id

_INTENT = (
    "id, kind, subject_id, order_id, legal_entity_id, customer_id, currency, policy, group_key,"
    " net, tax, reason, occurred_at, created_at, ready, document_id"
)
_QUALIFIED = ", ".join(f"i.{name.strip()}" for name in _INTENT.split(","))
_NAMES = tuple(name.strip() for name in _INTENT.split(",")[:-1])
_LINE = (
    "intent_id, entry_no, kind, order_id, line_no, charge_no, piece, sku, title, first_unit,"
    " units, unit_price, discount, net, tax, category, rate, exemption"
)

INSERT = sql(
    "insert_intents",
    """
    insert into invoicing.intents
        (tenant_id, id, kind, subject_id, order_id, legal_entity_id, customer_id, currency, policy,
         group_key, net, tax, reason, occurred_at, created_at, ready)
    select %(tenant)s, n.* from unnest(
        %(id)s::uuid[], %(kind)s::text[], %(subject_id)s::uuid[], %(order_id)s::uuid[],
        %(legal_entity_id)s::uuid[], %(customer_id)s::uuid[], %(currency)s::text[],
        %(policy)s::text[], %(group_key)s::text[], %(net)s::bigint[], %(tax)s::bigint[],
        %(reason)s::text[], %(occurred_at)s::timestamptz[], %(created_at)s::timestamptz[],
        %(ready)s::boolean[]
    ) as n
    """,
)
INSERT_LINES = sql(
    "insert_lines",
    f"""
    insert into invoicing.lines (tenant_id, {_LINE})
    select %(tenant)s, {_LINE} from unnest(
        %(intent_id)s::uuid[], %(entry_no)s::int[], %(kind)s::text[], %(order_id)s::uuid[],
        %(line_no)s::int[], %(charge_no)s::int[], %(piece)s::int[], %(sku)s::text[],
        %(title)s::text[], %(first_unit)s::int[], %(units)s::int[], %(unit_price)s::bigint[],
        %(discount)s::bigint[], %(net)s::bigint[], %(tax)s::bigint[], %(category)s::text[],
        %(rate)s::numeric[], %(exemption)s::text[]
    ) as n ({_LINE})
    """,
)
BY_SUBJECTS = sql(
    "by_subjects",
    f"""
    select {_INTENT} from invoicing.intents
    where tenant_id = %(tenant)s and kind = %(kind)s and subject_id = any(%(subjects)s)
    """,
)
BY_ORDERS = sql(
    "by_orders",
    f"""
    select {_INTENT} from invoicing.intents
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by occurred_at, id
    """,
)
BY_DOCUMENTS = sql(
    "by_documents",
    f"""
    select {_INTENT} from invoicing.intents
    where tenant_id = %(tenant)s and document_id = any(%(document_ids)s) order by occurred_at, id
    """,
)
LOCK_READY = sql(
    "lock_ready",
    f"""
    select {_QUALIFIED} from invoicing.intents i
    where i.tenant_id = %(tenant)s and i.legal_entity_id = %(legal_entity_id)s
      and i.kind = %(kind)s and i.document_id is null and i.ready
      and not exists (
          select from invoicing.intents e
          where e.tenant_id = %(tenant)s and %(kind)s = 'credit_memo' and e.order_id = i.order_id
            and e.kind = 'invoice' and e.document_id is null and e.policy <> 'none')
    order by i.occurred_at, i.id limit %(limit)s for update of i
    """,
)
LOCK_GROUPS = sql(
    "lock_groups",
    f"""
    select {_INTENT} from invoicing.intents
    where tenant_id = %(tenant)s and group_key = any(%(keys)s) and document_id is null and ready
    order by occurred_at, id for update
    """,
)
MAKE_READY = sql(
    "make_ready",
    """
    update invoicing.intents set ready = true
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) and policy = 'order'
      and not ready
    """,
)
COLLECT = sql(
    "collect",
    """
    update invoicing.intents set ready = true
    where tenant_id = %(tenant)s and legal_entity_id = %(legal_entity_id)s and policy = 'month'
      and document_id is null and not ready and occurred_at < %(before)s
    """,
)
ISSUED = sql(
    "mark_issued",
    """
    update invoicing.intents i set document_id = n.document_id
    from unnest(%(ids)s::uuid[], %(documents)s::uuid[]) as n (id, document_id)
    where i.tenant_id = %(tenant)s and i.id = n.id
    """,
)
WAITING = sql(
    "waiting",
    f"""
    select {_INTENT} from invoicing.intents
    where tenant_id = %(tenant)s and document_id is null and policy <> 'none'
      and (occurred_at, id) > (%(after)s, %(after_id)s)
    order by occurred_at, id limit %(limit)s
    """,
)
LINES = sql(
    "lines_of",
    f"""
    select {_LINE} from invoicing.lines
    where tenant_id = %(tenant)s and intent_id = any(%(ids)s) order by intent_id, entry_no
    """,
)
BILLED = sql(
    "billed",
    """
    select l.order_id, l.line_no, l.charge_no, l.piece, l.kind, sum(l.units)::int,
           sum(l.net)::bigint, sum(l.tax)::bigint, l.category, l.rate, l.exemption
    from invoicing.lines l
    where l.tenant_id = %(tenant)s and l.order_id = any(%(order_ids)s)
    group by l.order_id, l.line_no, l.charge_no, l.piece, l.kind, l.category, l.rate, l.exemption
    order by l.order_id, l.line_no, l.charge_no, l.piece, l.kind desc, l.rate
    """,
)
INVOICED_IN = sql(
    "invoiced_in",
    """
    select distinct l.order_id, l.line_no, l.charge_no, l.piece, l.first_unit, l.units,
           i.document_id
    from invoicing.lines l
    join invoicing.intents i on i.tenant_id = %(tenant)s and i.id = l.intent_id
    where l.tenant_id = %(tenant)s and l.order_id = any(%(order_ids)s) and l.kind = 'invoice'
      and i.document_id is not null
    """,
)


def insert(tx: Tx, intents: Sequence[Intent]) -> None:
    if not intents:
        return
    tx.run(INSERT, **columns(intents, *_NAMES))
    rows = [(intent, no, line) for intent in intents for no, line in enumerate(intent.lines, 1)]
    if not rows:
        return
    lines = [line for _, _, line in rows]
    names = ("order_id", "sku", "title", "first_unit", "units", "unit_price", "discount")
    tx.run(
        INSERT_LINES,
        **columns(lines, *names, "net", "tax"),
        intent_id=[intent.id for intent, _, _ in rows],
        entry_no=[no for _, no, _ in rows],
        kind=[intent.kind for intent, _, _ in rows],
        line_no=[line.part.line_no for line in lines],
        charge_no=[line.part.charge_no for line in lines],
        piece=[line.part.piece for line in lines],
        category=[line.taxed.category for line in lines],
        rate=[line.taxed.rate for line in lines],
        exemption=[line.taxed.exemption for line in lines],
    )


def by_subjects(tx: Tx, kind: Kind, subject_ids: Collection[Id]) -> dict[Id, Intent]:
    """What is billed or credited for these shipments or settlements already."""
    rows = tx.all(BY_SUBJECTS, kind=kind, subjects=sorted(subject_ids))
    return {intent.subject_id: intent for intent in _whole(tx, rows)}


def by_orders(tx: Tx, order_ids: Collection[Id]) -> list[Intent]:
    """All that is billed and credited of these orders, oldest first, without lines."""
    return [_intent(row, ()) for row in tx.all(BY_ORDERS, order_ids=sorted(order_ids))]


def by_documents(tx: Tx, document_ids: Collection[Id]) -> list[Intent]:
    return _whole(tx, tx.all(BY_DOCUMENTS, document_ids=sorted(document_ids)))


def lock_ready(tx: Tx, legal_entity_id: Id, kind: Kind, limit: int) -> list[Intent]:
    """What may be issued now, oldest first, with all else that goes into the same documents.

    Credit memos wait until their order's invoices are issued.
    """
    values = {"legal_entity_id": legal_entity_id, "kind": kind, "limit": limit}
    keys = {_intent(row, ()).group_key for row in tx.all(LOCK_READY, **values)}
    return _whole(tx, tx.all(LOCK_GROUPS, keys=sorted(keys))) if keys else []


def make_ready(tx: Tx, order_ids: Collection[Id]) -> None:
    """What waited for the whole of these orders may be issued."""
    tx.run(MAKE_READY, order_ids=sorted(order_ids))


def collect(tx: Tx, legal_entity_id: Id, before: datetime) -> int:
    """What waits for the month's invoice and left before this may be issued; how many are new."""
    return tx.count(COLLECT, legal_entity_id=legal_entity_id, before=before)


def mark_issued(tx: Tx, pairs: Sequence[tuple[Id, Id]]) -> None:
    """Intent and document."""
    tx.run(ISSUED, ids=[a for a, _ in pairs], documents=[b for _, b in pairs])


def waiting(tx: Tx, after: datetime, after_id: Id, limit: int) -> list[Intent]:
    rows = tx.all(WAITING, after=after, after_id=after_id, limit=limit)
    return [_intent(row, ()) for row in rows]


def billed(tx: Tx, order_ids: Collection[Id]) -> dict[Id, dict[Part, Billed]]:
    """What documents, issued or waiting, say of each line and charge of these orders."""
    found: dict[Id, dict[Part, Billed]] = {id: {} for id in order_ids}
    for row in tx.all(BILLED, order_ids=sorted(order_ids)):
        part, (units, net, tax) = Part(*row[1:4]), row[5:8]
        was = found[row[0]].get(part, Billed(part, Taxed(*row[8:11])))
        found[row[0]][part] = was.more(Kind(row[4]), units, net, tax)
    return found


def invoiced_in(tx: Tx, order_ids: Collection[Id]) -> list[InvoicedIn]:
    """In which documents the lines and charges of these orders were invoiced."""
    return [
        InvoicedIn(row[0], Part(*row[1:4]), *row[4:])
        for row in tx.all(INVOICED_IN, order_ids=sorted(order_ids))
    ]


def _whole(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Intent]:
    ids = sorted(row[0] for row in rows)
    lines: dict[Id, list[Line]] = {}
    for row in tx.all(LINES, ids=ids) if ids else ():
        lines.setdefault(row[0], []).append(_line(row))
    return [_intent(row, lines.get(row[0], ())) for row in rows]


def _intent(row: Sequence[Any], lines: Iterable[Line]) -> Intent:
    kept = dict(zip((*_NAMES, "document_id"), row, strict=True))
    kept["kind"], kept["policy"] = Kind(kept["kind"]), Policy(kept["policy"])
    return Intent(**kept, lines=tuple(lines))


def _line(row: Sequence[Any]) -> Line:
    return Line(*(row[3], Part(*row[4:7]), *row[7:15], Taxed(*row[15:18])))
