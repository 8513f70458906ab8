"""Idempotency keys: the same request twice is answered once, with one effect."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from baton.platform.db import Statements, Tx
from baton.values.errors import Conflict, Invalid

sql = Statements("platform")

WAIT = sql("wait_little", "select set_config('lock_timeout', '1s', true)", scans="no table")
WAIT_AGAIN = sql("wait_usual", "select set_config('lock_timeout', '10s', true)", scans="no table")
CLAIM = sql(
    "claim_key",
    """
    insert into platform.idempotency_keys (tenant_id, key, body_hash, at)
    values (%(tenant)s, %(key)s, %(body_hash)s, %(at)s)
    on conflict (tenant_id, key) do nothing returning key
    """,
)
FIND = sql(
    "find_key",
    """
    select body_hash, status, answer from platform.idempotency_keys
    where tenant_id = %(tenant)s and key = %(key)s
    """,
)
ANSWER = sql(
    "answer_key",
    """
    update platform.idempotency_keys set status = %(status)s, answer = %(answer)s
    where tenant_id = %(tenant)s and key = %(key)s
    """,
)
PRUNE = sql(
    "prune_keys",
    "delete from platform.idempotency_keys where tenant_id = %(tenant)s and at < %(before)s",
)

KEPT = timedelta(days=7)


class KeyReused(Invalid):
    """The Idempotency-Key was used before with another body."""

    code = "idempotency_key_reused"


class KeyBusy(Conflict):
    """A request with this Idempotency-Key is still running."""

    code = "idempotency_key_busy"


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer that the first request with a key got."""

    status: int
    answer: str


def claim(tx: Tx, key: str, body: bytes) -> Stored | None:
    """Take the key for this transaction, or return the answer it was given before.

    Raises KeyReused for another body, KeyBusy while the first request runs.
    """
    body_hash = hashlib.sha256(body).digest()
    tx.run(WAIT)
    try:
        fresh = tx.one(CLAIM, key=key, body_hash=body_hash, at=tx.now)
    except psycopg.errors.LockNotAvailable as error:
        raise KeyBusy("The first request with this key is still running; ask again.") from error
    if fresh:
        tx.run(WAIT_AGAIN)
        return None
    found = tx.one(FIND, key=key)
    if found is None or found[1] is None:
        raise KeyBusy("The first request with this key is still running; ask again.")
    if bytes(found[0]) != body_hash:
        raise KeyReused(
            "This Idempotency-Key came with another body before: use a new key for a new request.",
            field="Idempotency-Key",
        )
    return Stored(found[1], found[2])


def answered(tx: Tx, key: str, status: int, answer: str) -> None:
    """Keep the answer beside the effect, in the same transaction."""
    tx.run(ANSWER, key=key, status=status, answer=answer)


def prune(tx: Tx) -> int:
    """Forget keys older than seven days; returns how many."""
    return tx.count(PRUNE, before=tx.now - KEPT)
