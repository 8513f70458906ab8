"""Versions of the merchant's policy, and which of them decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from baton.platform.db import Statements, Tx
from baton.returns.model.policy import Policy, Terms
from baton.values.ids import NIL, Id

sql = Statements("returns")

ADD = sql(
    "add_policy",
    """
    insert into returns.policies (tenant_id, version, name, content, fingerprint, saved_at,
                                  saved_by)
    values (%(tenant)s, %(version)s, %(name)s, %(content)s, %(fingerprint)s, %(saved_at)s,
            %(saved_by)s)
    """,
)
HEADS = sql(
    "policies",
    """
    select version, name, saved_at, saved_by, fingerprint from returns.policies
    where tenant_id = %(tenant)s order by version desc limit 500
    """,
)
CONTENT = sql(
    "policy_content",
    "select content from returns.policies where tenant_id = %(tenant)s and version = %(version)s",
)
IN_FORCE = sql(
    "policy_in_force",
    "select version from returns.policy_in_force where tenant_id = %(tenant)s",
    scans="one row a merchant",
)
LOCK = sql(
    "lock_policy",
    """
    insert into returns.policy_in_force as p (tenant_id, version) values (%(tenant)s, 0)
    on conflict (tenant_id) do update set version = p.version returning version
    """,
)
ACTIVATE = sql(
    "activate_policy",
    "update returns.policy_in_force set version = %(version)s where tenant_id = %(tenant)s",
    scans="one row a merchant",
)
PAST = sql(
    "past_decisions",
    """
    select r.id, r.number, r.requested_at, l.line_no, l.sku_code, l.requested, l.outcome, l.decision
    from returns.rmas r
    join returns.rma_lines l on l.tenant_id = %(tenant)s and l.rma_id = r.id
    where r.tenant_id = %(tenant)s and (r.requested_at, r.id) < (%(before)s, %(id)s)
      and r.requested_at >= %(since)s
    order by r.requested_at desc, r.id desc, l.line_no limit %(limit)s
    """,
)


def lock(tx: Tx) -> int:
    """The version in force, locked until the transaction ends."""
    row = tx.one(LOCK)
    assert row is not None
    return int(row[0])


def in_force(tx: Tx) -> int:
    """The version that decides now; 0 is the built-in one."""
    row = tx.one(IN_FORCE)
    return int(row[0]) if row else 0


def add(tx: Tx, version: int, name: str, content: Mapping[str, Any], fingerprint: bytes) -> None:
    tx.run(
        ADD,
        version=version,
        name=name,
        content=msgspec.json.encode(content).decode(),
        fingerprint=fingerprint,
        saved_at=tx.now,
        saved_by=tx.caller.actor,
    )


def heads(tx: Tx) -> list[tuple[Policy, bytes]]:
    """The merchant's versions without their content, newest first, each with its fingerprint."""
    current = in_force(tx)
    return [
        (Policy(row[0], row[1], {}, row[2], row[3], row[0] == current), bytes(row[4]))
        for row in tx.all(HEADS)
    ]


def content(tx: Tx, version: int) -> Mapping[str, Any] | None:
    row = tx.one(CONTENT, version=version)
    return row[0] if row else None


def activate(tx: Tx, version: int) -> None:
    tx.run(ACTIVATE, version=version)


def past(tx: Tx, since: Any, before: Any, limit: int, id: Id = NIL) -> list[tuple[Any, ...]]:
    """Lines of past returns with what was decided, newest first."""
    return tx.all(PAST, since=since, before=before, id=id, limit=limit)


def terms_of(kept: Mapping[str, Any]) -> Terms:
    """Terms as they were kept."""
    return msgspec.convert(kept, Terms)
