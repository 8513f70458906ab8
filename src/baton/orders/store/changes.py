"""Changes of orders: what was wanted, what it waits for, what it was and became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from baton.orders.model import Change, ChangeState
from baton.platform.db import Statements, Tx
from baton.values import Id

sql = Statements("orders")

_CHANGE = (
    "order_id, change_no, id, kind, state, version, actions, before, after, reason, actor, at,"
    " waits, hold_id, settled_at, outcome"
)

INSERT_CHANGE = sql(
    "insert_change",
    """
    insert into orders.changes
        (tenant_id, order_id, change_no, id, kind, state, actions, before, after, reason, actor,
         at, waits)
    select %(tenant)s, %(order_id)s,
           coalesce((select max(c.change_no) from orders.changes c
                     where c.tenant_id = %(tenant)s and c.order_id = %(order_id)s), 0) + 1,
           %(id)s, %(kind)s, 'pending', %(actions)s::jsonb, '{}', '{}', %(reason)s, %(actor)s,
           %(at)s, %(waits)s::jsonb
    returning change_no
    """,
)
UPDATE_CHANGE = sql(
    "update_change",
    """
    update orders.changes c set state = %(state)s, waits = %(waits)s::jsonb,
        hold_id = %(hold_id)s, settled_at = %(settled_at)s, outcome = %(outcome)s,
        before = %(before)s::jsonb, after = %(after)s::jsonb, kind = %(kind)s,
        version = case when %(state)s = 'applied' then
            coalesce((select max(x.version) from orders.changes x
                      where x.tenant_id = %(tenant)s and x.order_id = %(order_id)s), 0) + 1 end
    where c.tenant_id = %(tenant)s and c.order_id = %(order_id)s and c.change_no = %(change_no)s
      and c.state = 'pending'
    returning version
    """,
)
CHANGES = sql(
    "changes",
    f"""
    select {_CHANGE} from orders.changes
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, change_no
    """,
)
PENDING_CHANGES = sql(
    "pending_changes",
    f"""
    select {_CHANGE} from orders.changes
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) and state = 'pending'
    order by order_id, change_no
    """,
)


def insert_change(
    tx: Tx,
    order_id: Id,
    id: Id,
    kind: str,
    actions: object,
    waits: object,
    reason: str,
) -> int:
    """A new change that is pending; its number among those of the order."""
    row = tx.one(
        INSERT_CHANGE,
        order_id=order_id,
        id=id,
        kind=kind,
        actions=_json(actions),
        waits=_json(waits),
        reason=reason,
        actor=tx.caller.actor,
        at=tx.now,
    )
    assert row is not None
    return int(row[0])


def update_change(tx: Tx, change: Change, settled_at: datetime | None) -> int | None:
    """Keep how far a pending change is; returns its version once it is applied."""
    row = tx.one(
        UPDATE_CHANGE,
        order_id=change.order_id,
        change_no=change.change_no,
        kind=change.kind,
        state=change.state.value,
        waits=_json(change.waits),
        hold_id=change.hold_id,
        settled_at=settled_at,
        outcome=change.outcome,
        before=_json(change.before),
        after=_json(change.after),
    )
    assert row is not None, "a change is settled once"
    return row[0] if row[0] is None else int(row[0])


def changes_of(tx: Tx, order_ids: Sequence[Id]) -> list[Change]:
    """All changes of these orders, oldest first."""
    return [_change(row) for row in tx.all(CHANGES, ids=list(order_ids))]


def pending_changes(tx: Tx, order_ids: Sequence[Id]) -> list[Change]:
    """The changes of these orders that wait for a location, oldest first."""
    return [_change(row) for row in tx.all(PENDING_CHANGES, ids=list(order_ids))]


def _change(row: tuple[Any, ...]) -> Change:
    kept = dict(zip((f.name for f in fields(Change)), row, strict=True))
    kept["state"], kept["actions"] = ChangeState(kept["state"]), tuple(kept["actions"])
    return Change(**kept)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
