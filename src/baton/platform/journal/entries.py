"""Writing facts, and reading them back by subject or by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from baton.platform import ids
from baton.platform.db import Statements, Tx
from baton.values.fact import Fact
from baton.values.ids import Id

sql = Statements("journal")

INSERT = sql(
    "insert",
    """
    insert into journal.entries
        (tenant_id, id, subject, subject_id, seq, fact, data, actor, cause, at)
    select %(tenant)s, n.id, n.subject, n.subject_id,
           coalesce(last.seq, 0) + n.place, n.fact, n.data, %(actor)s, %(cause)s, %(at)s
    from unnest(%(ids)s::uuid[], %(subjects)s::text[], %(subject_ids)s::uuid[], %(places)s::int[],
                %(facts)s::text[], %(datas)s::jsonb[])
         as n (id, subject, subject_id, place, fact, data)
    left join lateral (
        select e.seq from journal.entries e
        where e.tenant_id = %(tenant)s and e.subject_id = n.subject_id
        order by e.seq desc limit 1
    ) last on true
    """,
)
OPEN_HEAD = sql(
    "open_head",
    "insert into journal.heads (tenant_id, no, seal_no, hash) values (%(tenant)s, 0, 0, '')",
)
_COLUMNS = "id, subject, subject_id, seq, fact, data, actor, cause, at, no"
TIMELINE = sql(
    "timeline",
    f"""
    select {_COLUMNS} from journal.entries
    where tenant_id = %(tenant)s and subject_id = any(%(subject_ids)s) order by seq, at
    """,
)
ENTRY = sql(
    "entry",
    f"select {_COLUMNS} from journal.entries where tenant_id = %(tenant)s and id = %(id)s",
)
ENTRIES = sql(
    "entries",
    f"""
    select {_COLUMNS} from journal.entries
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id
    """,
)
SINCE = sql(
    "since",
    f"""
    select {_COLUMNS} from journal.entries
    where tenant_id = %(tenant)s and no > %(after)s order by no limit %(limit)s
    """,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as the journal keeps it; `no` is None until the relay has numbered it."""

    id: Id
    subject: str
    subject_id: Id
    seq: int
    fact: str
    data: dict[str, Any]
    actor: str
    cause: str
    at: datetime
    no: int | None = None


def record(tx: Tx, facts: Sequence[Fact]) -> None:
    """Write `facts` in the order given, each with its subject's next number.

    The caller holds the lock of every subject named, so that the numbers have no gap.
    """
    if not facts:
        return
    counted: dict[Id, int] = {}
    places = []
    for fact in facts:
        counted[fact.subject_id] = counted.get(fact.subject_id, 0) + 1
        places.append(counted[fact.subject_id])
    tx.run(
        INSERT,
        ids=[ids.fresh() for _ in facts],
        subjects=[fact.subject for fact in facts],
        subject_ids=[fact.subject_id for fact in facts],
        places=places,
        facts=[fact.fact for fact in facts],
        datas=[_details(fact) for fact in facts],
        actor=tx.caller.actor,
        cause=tx.caller.cause,
        at=tx.now,
    )


def _details(fact: Fact) -> str:
    details = msgspec.to_builtins(fact)
    del details["subject_id"]
    return msgspec.json.encode(details).decode()


def open_head(tx: Tx) -> None:
    """Begin the journal of a new tenant."""
    tx.run(OPEN_HEAD)


def timeline(tx: Tx, subject_ids: Sequence[Id]) -> list[Entry]:
    """All that happened to a subject, in the order of its numbers."""
    return tx.rows(Entry, TIMELINE, subject_ids=list(subject_ids))


def entry(tx: Tx, id: Id) -> Entry:
    """One entry. LookupError where there is none."""
    found = tx.rows(Entry, ENTRY, id=id)
    return found[0]


def entries_by_id(tx: Tx, ids: Sequence[Id]) -> dict[Id, Entry]:
    """These entries, by id."""
    return {found.id: found for found in tx.rows(Entry, ENTRIES, ids=list(ids))}


def since(tx: Tx, after: int, limit: int) -> list[Entry]:
    """Entries numbered above `after`: what every cursor outside runs on."""
    return tx.rows(Entry, SINCE, after=after, limit=limit)
