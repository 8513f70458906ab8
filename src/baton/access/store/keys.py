"""API keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from baton.access.model import ApiKey
from baton.access.store import sql
from baton.access.store.rows import Grant, grant, places, scopes_of
from baton.platform.db import Tx
from baton.values.ids import Id

_KEY = "id, name, hint, scopes, location_ids, created_at, revoked_at"
ADD_KEY = sql(
    "add_key",
    """
    insert into access.api_keys (tenant_id, id, name, hint, secret_hash, scopes, location_ids,
                                 created_at)
    values (%(tenant)s, %(id)s, %(name)s, %(hint)s, %(secret_hash)s, %(scopes)s,
            %(location_ids)s::uuid[], %(now)s)
    """,
)
KEY = sql(
    "key",
    """
    select secret_hash, id, scopes, location_ids from access.api_keys
    where tenant_id = %(tenant)s and secret_hash = %(secret_hash)s and revoked_at is null
    """,
)
LOCK_KEY = sql(
    "lock_key",
    f"""
    select {_KEY} from access.api_keys
    where tenant_id = %(tenant)s and id = %(id)s order by id for update
    """,
)
REVOKE_KEY = sql(
    "revoke_key",
    """
    update access.api_keys set revoked_at = %(now)s where tenant_id = %(tenant)s and id = %(id)s
    """,
)
KEY_PAGE = sql(
    "key_page",
    f"""
    select {_KEY} from access.api_keys
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
    """,
)


def _keys(rows: Iterable[tuple[Any, ...]]) -> list[ApiKey]:
    return [
        ApiKey(id, name, hint, scopes_of(scopes), places(location_ids), *times)
        for id, name, hint, scopes, location_ids, *times in rows
    ]


def add_key(tx: Tx, key: ApiKey, secret_hash: bytes) -> None:
    tx.run(
        ADD_KEY,
        id=key.id,
        name=key.name,
        hint=key.hint,
        secret_hash=secret_hash,
        scopes=sorted(key.scopes),
        location_ids=None if key.location_ids is None else sorted(key.location_ids),
        now=tx.now,
    )


def key(tx: Tx, secret_hash: bytes) -> Grant | None:
    """The key behind a secret unless it was revoked; `names` are scopes."""
    return grant(tx.one(KEY, secret_hash=secret_hash))


def lock_key(tx: Tx, id: Id) -> ApiKey | None:
    row = tx.one(LOCK_KEY, id=id)
    return _keys([row])[0] if row else None


def revoke_key(tx: Tx, id: Id) -> None:
    tx.run(REVOKE_KEY, id=id, now=tx.now)


def page_of_keys(tx: Tx, after: Id, limit: int) -> list[ApiKey]:
    return _keys(tx.all(KEY_PAGE, after=after, limit=limit))
