"""After the commit: number the new entries, hand them to the reactions, seal them.

All three happen in one transaction, so that "numbered" means "handled". One relay works for a
tenant at a time. Entries are claimed by having no number yet, never by "greater than the last
one seen": ids and times are taken before commit and would skip whoever commits late.

A reaction that fails holds nothing up: the entry becomes a job in its subject's lane, which is
repeated, and parked in the end where a person sees it. Later entries of that subject queue up
behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from baton.platform import log
from baton.platform.db import Caller, Database, Statements, Tx
from baton.platform.journal.entries import Entry
from baton.platform.journal.seal import sealed_hash

Reaction = Callable[[Tx, Sequence[Entry]], None]
Reactions = Mapping[str, Sequence[Reaction]]
Divert = Callable[[Tx, Sequence[tuple[Entry, str, str]]], None]

sql = Statements("journal")

LOCK_HEAD = sql(
    "lock_head",
    """
    select no, seal_no, hash from journal.heads
    where tenant_id = %(tenant)s for update skip locked
    """,
    scans="one row a tenant",
)
NEW = sql(
    "new",
    """
    select id, subject, subject_id, seq, fact, data, actor, cause, at, data::text
    from journal.entries
    where tenant_id = %(tenant)s and no is null order by at, id limit %(limit)s
    """,
)
NUMBER = sql(
    "number",
    """
    update journal.entries e set no = n.no, seal_no = %(seal_no)s
    from unnest(%(ids)s::uuid[], %(numbers)s::bigint[]) as n (id, no)
    where e.tenant_id = %(tenant)s and e.id = n.id
    """,
)
SEAL = sql(
    "seal",
    """
    insert into journal.seals (tenant_id, seal_no, entries, hash, at)
    values (%(tenant)s, %(seal_no)s, %(entries)s, %(hash)s, %(at)s)
    """,
)
MOVE_HEAD = sql(
    "move_head",
    """
    update journal.heads set no = %(no)s, seal_no = %(seal_no)s, hash = %(hash)s
    where tenant_id = %(tenant)s
    """,
    scans="one row a tenant",
)

logger = log.get("relay")


def relay(
    db: Database,
    tenant: int,
    reactions: Reactions,
    *,
    busy: Callable[[Tx, Sequence[Entry]], set[str]],
    divert: Divert,
    limit: int = 500,
) -> int:
    """Number, hand on and seal up to `limit` new entries; returns how many there were.

    `busy` names the lanes in which a failed reaction still waits; `divert` makes jobs of
    (entry, reaction, error).
    """

    def work(tx: Tx) -> int:
        locked = tx.one(LOCK_HEAD)
        if locked is None:
            return 0
        rows = _in_sequence(tx.all(NEW, limit=limit))
        if not rows:
            return 0
        entries = [Entry(*row[:9]) for row in rows]
        _hand_on(tx, entries, reactions, busy(tx, entries), divert)
        _number_and_seal(tx, rows, int(locked[0]), int(locked[1]), bytes(locked[2]))
        return len(rows)

    return db.execute(Caller(tenant, "relay"), work)


def _in_sequence(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows by time, but never a subject's later entry before its earlier one."""
    waiting: dict[object, list[tuple[Any, ...]]] = {}
    for row in rows:
        waiting.setdefault(row[2], []).append(row)
    for of_subject in waiting.values():
        of_subject.sort(key=lambda row: row[3])
        of_subject.reverse()
    return [waiting[row[2]].pop() for row in rows]


def _hand_on(
    tx: Tx, entries: Sequence[Entry], reactions: Reactions, busy: set[str], divert: Divert
) -> None:
    for reaction, group in _rounds(entries, reactions):
        name = f"{reaction.__module__}.{reaction.__qualname__}"
        waiting = [e for e in group if str(e.subject_id) in busy]
        if waiting:
            divert(tx, [(e, name, "waits for an earlier entry") for e in waiting])
        failed = _attempt(tx, reaction, [e for e in group if str(e.subject_id) not in busy])
        if failed:
            busy |= {str(e.subject_id) for e, _ in failed}
            divert(tx, [(e, name, error) for e, error in failed])


def _rounds(
    entries: Sequence[Entry], reactions: Reactions
) -> Iterator[tuple[Reaction, list[Entry]]]:
    """Batches for each reaction; the n-th round holds the n-th entry of every subject."""
    depth: dict[object, int] = {}
    rounds: list[dict[Reaction, list[Entry]]] = []
    for entry in entries:
        place = depth.get(entry.subject_id, 0)
        for reaction in reactions.get(entry.fact, ()):
            if place == len(rounds):
                rounds.append({})
            rounds[place].setdefault(reaction, []).append(entry)
        if reactions.get(entry.fact):
            depth[entry.subject_id] = place + 1
    for one in rounds:
        yield from one.items()


def _attempt(tx: Tx, reaction: Reaction, group: list[Entry]) -> list[tuple[Entry, str]]:
    """Run a reaction on a batch; where that fails, on each entry; returns those that failed."""
    if not group:
        return []
    try:
        with tx.savepoint():
            reaction(tx, group)
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
        raise
    except Exception as error:  # noqa: BLE001  the entry becomes a job that a person can see
        logger.warning("reaction failed", entries=len(group), error=repr(error))
        if len(group) == 1:
            return [(group[0], repr(error))]
        return [failure for entry in group for failure in _attempt(tx, reaction, [entry])]
    return []


def _number_and_seal(
    tx: Tx, rows: Sequence[tuple[Any, ...]], no: int, seal_no: int, previous: bytes
) -> None:
    numbers = range(no + 1, no + 1 + len(rows))
    sealed = sealed_hash(
        previous,
        ((*row[:5], row[9], *row[6:9], number) for row, number in zip(rows, numbers, strict=True)),
    )
    tx.run(NUMBER, ids=[row[0] for row in rows], numbers=list(numbers), seal_no=seal_no + 1)
    tx.run(SEAL, seal_no=seal_no + 1, entries=len(rows), hash=sealed, at=tx.now)
    tx.run(MOVE_HEAD, no=numbers[-1], seal_no=seal_no + 1, hash=sealed)
