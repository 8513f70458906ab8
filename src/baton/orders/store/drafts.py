"""Drafts: what is wanted, kept as one document each, and where it led."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from baton.orders.drafting import Draft, DraftState, Wish
from baton.platform.db import Statements, Tx
from baton.values import Id

sql = Statements("orders")

_DRAFT = (
    "id, number, state, channel_id, body, currency, total_minor, order_id, author, version,"
    " created_at, updated_at, expires_at, held_until"
)

INSERT_DRAFT = sql(
    "insert_draft",
    """
    insert into orders.drafts
        (tenant_id, id, number, state, channel_id, body, currency, total_minor, buyer_name, email,
         author, version, created_at, updated_at, expires_at)
    values (%(tenant)s, %(id)s, %(number)s, 'open', %(channel_id)s, %(body)s::jsonb,
            %(currency)s, %(total_minor)s, %(buyer_name)s, %(email)s, %(author)s, 1,
            %(created_at)s, %(updated_at)s, %(expires_at)s)
    """,
)
UPDATE_DRAFT = sql(
    "update_draft",
    """
    update orders.drafts set state = %(state)s, channel_id = %(channel_id)s,
        body = %(body)s::jsonb, currency = %(currency)s, total_minor = %(total_minor)s,
        buyer_name = %(buyer_name)s, email = %(email)s, order_id = %(order_id)s,
        version = version + 1, updated_at = %(updated_at)s, expires_at = %(expires_at)s,
        held_until = %(held_until)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
LOCK_DRAFTS = sql(
    "lock_drafts",
    f"""
    select {_DRAFT} from orders.drafts
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
DRAFTS = sql(
    "drafts",
    f"select {_DRAFT} from orders.drafts where tenant_id = %(tenant)s and id = any(%(ids)s)",
)
DRAFT_BY_NUMBER = sql(
    "draft_by_number",
    "select id from orders.drafts where tenant_id = %(tenant)s and number = %(number)s",
)
PAGE_OF_DRAFTS = sql(
    "page_of_drafts",
    f"""
    select {_DRAFT} from orders.drafts
    where tenant_id = %(tenant)s and (created_at, id) < (%(before_at)s, %(before_id)s)
      and state = any(%(states)s) and (%(author)s::text is null or author = %(author)s)
    order by created_at desc, id desc limit %(limit)s
    """,
)
DUE_DRAFTS = sql(
    "due_drafts",
    """
    select id from orders.drafts
    where tenant_id = %(tenant)s and state = 'open' and expires_at <= %(now)s
    order by expires_at, id limit %(limit)s for update skip locked
    """,
)


def insert_draft(tx: Tx, draft: Draft) -> None:
    tx.run(INSERT_DRAFT, **_columns(draft))


def update_draft(tx: Tx, draft: Draft) -> None:
    tx.run(UPDATE_DRAFT, **_columns(draft))


def lock_drafts(tx: Tx, ids: Sequence[Id]) -> list[Draft]:
    """Drafts that nobody else changes until the transaction ends, by id."""
    return [_draft(row) for row in tx.all(LOCK_DRAFTS, ids=list(ids))]


def drafts(tx: Tx, ids: Sequence[Id]) -> list[Draft]:
    return [_draft(row) for row in tx.all(DRAFTS, ids=list(ids))]


def draft_by_number(tx: Tx, number: str) -> Id | None:
    row = tx.one(DRAFT_BY_NUMBER, number=number)
    return row[0] if row else None


def page_of_drafts(
    tx: Tx,
    before: tuple[datetime, Id],
    states: Sequence[DraftState],
    author: str | None,
    limit: int,
) -> list[Draft]:
    """Drafts in these states, newest first; of one author, or of all."""
    values = {"states": [state.value for state in states], "author": author, "limit": limit}
    rows = tx.all(PAGE_OF_DRAFTS, before_at=before[0], before_id=before[1], **values)
    return [_draft(row) for row in rows]


def due_drafts(tx: Tx, limit: int) -> list[Id]:
    return [row[0] for row in tx.all(DUE_DRAFTS, now=tx.now, limit=limit)]


def _columns(draft: Draft) -> dict[str, Any]:
    columns = {f.name: getattr(draft, f.name) for f in fields(Draft) if f.name != "wish"}
    return columns | {
        "state": draft.state.value,
        "body": msgspec.json.encode(draft.wish).decode(),
        "buyer_name": draft.wish.buyer_name,
        "email": draft.wish.email,
    }


def _draft(row: tuple[Any, ...]) -> Draft:
    kept = list(row)
    kept[2] = DraftState(kept[2])
    kept[4] = msgspec.convert(kept[4], Wish)
    return Draft(*kept)
