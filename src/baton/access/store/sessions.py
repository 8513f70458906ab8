"""Sessions. They live by the server's own time: the demo's fast clock must not end them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from baton.access.store import sql
from baton.access.store.rows import Grant, grant
from baton.platform.db import Tx
from baton.values.ids import Id

ADD_SESSION = sql(
    "add_session",
    """
    insert into access.sessions (tenant_id, secret_hash, user_id, created_at, expires_at)
    values (%(tenant)s, %(secret_hash)s, %(user_id)s, %(wall)s, %(expires_at)s)
    """,
)
SESSION = sql(
    "session",
    """
    select s.secret_hash, u.id, u.roles, u.location_ids
    from access.sessions s
    join access.users u on u.tenant_id = %(tenant)s and u.id = s.user_id
    where s.tenant_id = %(tenant)s and s.secret_hash = %(secret_hash)s
      and s.expires_at > %(wall)s and u.disabled_at is null
    """,
)
END_SESSION = sql(
    "end_session",
    """
    delete from access.sessions
    where tenant_id = %(tenant)s and secret_hash = %(secret_hash)s returning user_id
    """,
)
END_SESSIONS_OF = sql(
    "end_sessions_of",
    "delete from access.sessions where tenant_id = %(tenant)s and user_id = any(%(user_ids)s)",
)
PRUNE_SESSIONS = sql(
    "prune_sessions",
    "delete from access.sessions where tenant_id = %(tenant)s and expires_at <= %(wall)s",
    scans="a few for each user, and pruning keeps them few",
)


def add_session(tx: Tx, secret_hash: bytes, user_id: Id, expires_at: datetime) -> None:
    tx.run(
        ADD_SESSION, secret_hash=secret_hash, user_id=user_id, wall=tx.wall, expires_at=expires_at
    )


def session(tx: Tx, secret_hash: bytes) -> Grant | None:
    """The enabled user behind a session that has not expired; `names` are roles."""
    return grant(tx.one(SESSION, secret_hash=secret_hash, wall=tx.wall))


def end_session(tx: Tx, secret_hash: bytes) -> Id | None:
    """Whose session it was, or None where there was none."""
    row = tx.one(END_SESSION, secret_hash=secret_hash)
    return row[0] if row else None


def end_sessions_of(tx: Tx, user_ids: Collection[Id]) -> None:
    tx.run(END_SESSIONS_OF, user_ids=list(user_ids))


def prune_sessions(tx: Tx) -> int:
    return tx.count(PRUNE_SESSIONS, wall=tx.wall)
