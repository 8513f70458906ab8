"""Facts that are to be booked, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from baton.accounting.model import Source, SourceState
from baton.platform.db import Statements, Tx, columns
from baton.platform.journal import Entry
from baton.values.ids import Id

sql = Statements("accounting")

NOTE = sql(
    "note_sources",
    """
    insert into accounting.sources (tenant_id, entry_id, fact, subject_id, at, state)
    select %(tenant)s, n.id, n.fact, n.subject_id, n.at, 'waiting'
    from unnest(%(id)s::uuid[], %(fact)s::text[], %(subject_id)s::uuid[], %(at)s::timestamptz[])
         as n (id, fact, subject_id, at)
    order by n.id
    on conflict do nothing
    """,
)
LOCK_WAITING = sql(
    "lock_waiting_sources",
    """
    select s.entry_id from accounting.sources s
    where s.tenant_id = %(tenant)s and s.state = 'waiting'
    order by s.at, s.entry_id limit %(limit)s for update
    """,
)
SETTLE = sql(
    "settle_sources",
    """
    update accounting.sources s set state = n.state, code = n.code, reason = n.reason
    from unnest(%(entry_id)s::uuid[], %(state)s::text[], %(code)s::text[], %(reason)s::text[])
         as n (entry_id, state, code, reason)
    where s.tenant_id = %(tenant)s and s.entry_id = n.entry_id
    """,
)
PARKED = sql(
    "parked_sources",
    """
    select s.entry_id, s.fact, s.subject_id, s.at, s.state, s.code, s.reason
    from accounting.sources s
    where s.tenant_id = %(tenant)s and s.state = 'parked'
      and (s.at, s.entry_id) > (%(after_at)s, %(after_id)s)
    order by s.at, s.entry_id limit %(limit)s
    """,
)
COUNTS = sql(
    "count_sources",
    """
    select count(*) filter (where s.state = 'waiting'), count(*) filter (where s.state = 'parked')
    from accounting.sources s
    where s.tenant_id = %(tenant)s and s.state = any('{waiting,parked}')
    """,
    scans="what waits and what is parked, which is little",
)
UNPARK = sql(
    "unpark_sources",
    """
    update accounting.sources set state = 'waiting', code = '', reason = ''
    where tenant_id = %(tenant)s and state = 'parked'
      and (%(code)s = '' or code = %(code)s)
    """,
)


def note(tx: Tx, entries: Sequence[Entry]) -> None:
    """Have these facts booked; those that are known already stay as they are."""
    if entries:
        tx.run(NOTE, **columns(entries, "id", "fact", "subject_id", "at"))


def lock_waiting(tx: Tx, limit: int) -> list[Id]:
    """The oldest facts that wait to be booked, locked."""
    return [row[0] for row in tx.all(LOCK_WAITING, limit=limit)]


def settle(tx: Tx, became: Sequence[Source]) -> None:
    """Write what became of facts."""
    if became:
        tx.run(
            SETTLE,
            **columns(became, "entry_id", "code", "reason"),
            state=[source.state.value for source in became],
        )


def parked(tx: Tx, after: tuple[datetime, Id], limit: int) -> list[Source]:
    """Facts that wait for a person, oldest first, from just after (at, entry)."""
    rows = tx.all(PARKED, after_at=after[0], after_id=after[1], limit=limit)
    return [
        Source(row[0], row[1], row[2], row[3], SourceState(row[4]), row[5], row[6]) for row in rows
    ]


def counts(tx: Tx) -> tuple[int, int]:
    """How many facts wait to be booked, and how many for a person."""
    row = tx.one(COUNTS)
    assert row is not None
    return row[0], row[1]


def unpark(tx: Tx, code: str = "") -> int:
    """Let parked facts wait again, those with this code or all; returns how many there were."""
    return tx.count(UNPARK, code=code)
