"""The hash chain: what was sealed can't be altered unseen.

seal(k).hash = sha256(seal(k−1).hash ‖ the entries of seal k, in the order of their numbers).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from baton.platform.db import Statements, Tx

sql = Statements("journal")

HEAD = sql(
    "head",
    "select no, seal_no, hash from journal.heads where tenant_id = %(tenant)s",
    scans="one row a tenant",
)
SEALS = sql(
    "seals",
    """
    select seal_no, entries, hash from journal.seals
    where tenant_id = %(tenant)s and seal_no > %(after)s order by seal_no limit %(limit)s
    """,
)
SEALED = sql(
    "sealed",
    """
    select seal_no, id, subject, subject_id, seq, fact, data::text, actor, cause, at, no
    from journal.entries
    where tenant_id = %(tenant)s and seal_no >= %(first)s and seal_no <= %(last)s
    order by seal_no, no
    """,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a tenant's chain: last number, last seal, its hash."""

    no: int
    seal_no: int
    hash: bytes


def sealed_hash(previous: bytes, rows: Iterable[Sequence[Any]]) -> bytes:
    """The hash of a seal over rows of (id, subject, …, at, no), `data` as its text."""
    digest = hashlib.sha256(previous)
    for row in rows:
        digest.update(msgspec.json.encode([str(value) for value in row]))
    return digest.digest()


def head(tx: Tx) -> Head:
    """Where the chain of this tenant ends now."""
    row = tx.one(HEAD)
    return Head(row[0], row[1], bytes(row[2])) if row else Head(0, 0, b"")


def check(tx: Tx) -> tuple[int, list[str]]:
    """Sealed entries read, and what is wrong with the chain: nothing, or a sentence a seal."""
    end, read, wrong = head(tx), 0, []
    previous, after = b"", 0
    while seals := tx.all(SEALS, after=after, limit=50):
        first, last = seals[0][0], seals[-1][0]
        entries: dict[int, list[Sequence[Any]]] = {}
        for row in tx.all(SEALED, first=first, last=last):
            entries.setdefault(row[0], []).append(row[1:])
        for seal_no, count, kept in seals:
            rows = entries.get(seal_no, [])
            read += len(rows)
            if seal_no != after + 1:
                wrong.append(f"seal {after + 1} is missing")
            if len(rows) != count:
                wrong.append(f"seal {seal_no} covers {count} entries, {len(rows)} are there")
            elif sealed_hash(previous, rows) != bytes(kept):
                wrong.append(f"an entry of seal {seal_no} was altered")
            previous, after = bytes(kept), seal_no
    if (after, previous) != (end.seal_no, end.hash):
        wrong.append(f"the chain ends at seal {after}, its head says {end.seal_no}")
    return read, wrong
