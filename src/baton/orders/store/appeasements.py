"""Appeasements and the limits they are given under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from baton.orders.appeasing import Appeasement, AppeasementState, Limit, Target
from baton.platform.db import Statements, Tx, columns
from baton.values import Id

sql = Statements("orders")

_APPEASEMENT = (
    "id, order_id, customer_id, amount_minor, currency, target, reason, note, lines, state, author,"
    " asked_at, decided_by, decided_at, decision"
)

INSERT_APPEASEMENT = sql(
    "insert_appeasement",
    f"""
    insert into orders.appeasements (tenant_id, {_APPEASEMENT})
    values (%(tenant)s, %(id)s, %(order_id)s, %(customer_id)s, %(amount_minor)s, %(currency)s,
            %(target)s, %(reason)s, %(note)s, %(lines)s::jsonb, %(state)s, %(author)s,
            %(asked_at)s, %(decided_by)s, %(decided_at)s, %(decision)s)
    """,
)
DECIDE_APPEASEMENT = sql(
    "decide_appeasement",
    """
    update orders.appeasements set state = %(state)s, decided_by = %(decided_by)s,
        decided_at = %(decided_at)s, decision = %(decision)s
    where tenant_id = %(tenant)s and id = %(id)s and state = 'pending'
    """,
)
APPEASEMENTS = sql(
    "appeasements",
    f"""
    select {_APPEASEMENT} from orders.appeasements
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by order_id, asked_at, id
    """,
)
APPEASEMENT = sql(
    "appeasement",
    f"select {_APPEASEMENT} from orders.appeasements where tenant_id = %(tenant)s and id = %(id)s",
)
PENDING_APPEASEMENTS = sql(
    "pending_appeasements",
    f"""
    select {_APPEASEMENT} from orders.appeasements
    where tenant_id = %(tenant)s and state = 'pending'
      and (asked_at, id) > (%(after_at)s, %(after_id)s) order by asked_at, id limit %(limit)s
    """,
)
GIVEN_TO = sql(
    "given_to_customer",
    """
    select coalesce(sum(amount_minor), 0)::bigint from orders.appeasements
    where tenant_id = %(tenant)s and customer_id = %(customer_id)s and asked_at > %(since)s
      and currency = %(currency)s and state <> 'refused' and id <> %(but)s
    """,
)
LIMITS = sql(
    "appeasement_limits",
    """
    select role, currency, per_order, per_customer from orders.appeasement_limits
    where tenant_id = %(tenant)s order by role, currency
    """,
    scans="a row for each role and currency",
)
SAVE_LIMITS = sql(
    "save_appeasement_limits",
    """
    insert into orders.appeasement_limits (tenant_id, role, currency, per_order, per_customer)
    select %(tenant)s, role, currency, per_order, per_customer
    from unnest(%(role)s::text[], %(currency)s::text[], %(per_order)s::bigint[],
                %(per_customer)s::bigint[]) as n (role, currency, per_order, per_customer)
    on conflict (tenant_id, role, currency) do update
        set per_order = excluded.per_order, per_customer = excluded.per_customer
    """,
)


def insert_appeasement(tx: Tx, given: Appeasement) -> None:
    kept = {f.name: getattr(given, f.name) for f in fields(Appeasement)}
    lines = msgspec.json.encode(given.lines).decode()
    tx.run(INSERT_APPEASEMENT, **(kept | {"lines": lines}))


def decide_appeasement(tx: Tx, given: Appeasement) -> bool:
    """Keep a decision; False where it was decided before."""
    return bool(
        tx.count(
            DECIDE_APPEASEMENT,
            id=given.id,
            state=given.state.value,
            decided_by=given.decided_by,
            decided_at=given.decided_at,
            decision=given.decision,
        )
    )


def appeasements(tx: Tx, order_ids: Sequence[Id]) -> list[Appeasement]:
    """What was given or asked for on these orders, oldest first."""
    return [_appeasement(row) for row in tx.all(APPEASEMENTS, ids=list(order_ids))]


def appeasement(tx: Tx, id: Id) -> Appeasement | None:
    row = tx.one(APPEASEMENT, id=id)
    return _appeasement(row) if row else None


def pending_appeasements(tx: Tx, after: tuple[datetime, Id], limit: int) -> list[Appeasement]:
    """What waits for somebody's approval, oldest first."""
    rows = tx.all(PENDING_APPEASEMENTS, after_at=after[0], after_id=after[1], limit=limit)
    return [_appeasement(row) for row in rows]


def given_to(tx: Tx, customer_id: Id, currency: str, since: datetime, but: Id) -> int:
    """Minor units that a customer was given since, or may still be; one appeasement aside."""
    values = {"customer_id": customer_id, "currency": currency, "since": since, "but": but}
    row = tx.one(GIVEN_TO, **values)
    assert row is not None
    return int(row[0])


def appeasement_limits(tx: Tx) -> list[Limit]:
    """All limits, by role and currency."""
    return tx.rows(Limit, LIMITS)


def save_appeasement_limits(tx: Tx, limits: Sequence[Limit]) -> None:
    tx.run(SAVE_LIMITS, **columns(limits, "role", "currency", "per_order", "per_customer"))


def _appeasement(row: tuple[Any, ...]) -> Appeasement:
    kept = dict(zip((f.name for f in fields(Appeasement)), row, strict=True))
    kept["target"], kept["state"] = Target(kept["target"]), AppeasementState(kept["state"])
    kept["lines"] = tuple(kept["lines"])
    return Appeasement(**kept)
