"""Tenants: a row each, outside the tenant wall."""

from __future__ import annotations

from baton.access.model import Tenant
from baton.access.store import sql
from baton.platform.db import Tx

NEXT_TENANT = sql(
    "next_tenant",
    "select coalesce(max(t.id), 0) + 1 from access.tenants t",
    scans="one row for each merchant",
)
ADD_TENANT = sql(
    "add_tenant",
    """
    insert into access.tenants (id, handle, name, created_at)
    values (%(tenant)s, %(handle)s, %(name)s, %(now)s)
    on conflict do nothing returning id
    """,
)
TENANTS = sql(
    "tenants",
    "select id, handle, name, created_at from access.tenants order by id",
    scans="all of them are asked for",
)
TENANT_BY_HANDLE = sql(
    "tenant_by_handle",
    "select id, handle, name, created_at from access.tenants where handle = %(handle)s",
    scans="one row for each merchant",
)


def next_tenant(tx: Tx) -> int:
    row = tx.one(NEXT_TENANT)
    assert row is not None
    return int(row[0])


def add_tenant(tx: Tx, handle: str, name: str) -> bool:
    """Whether the transaction's tenant and the handle were both still free."""
    return tx.one(ADD_TENANT, handle=handle, name=name, now=tx.now) is not None


def tenants(tx: Tx) -> list[Tenant]:
    return tx.rows(Tenant, TENANTS)


def tenant_by_handle(tx: Tx, handle: str) -> Tenant | None:
    return next(iter(tx.rows(Tenant, TENANT_BY_HANDLE, handle=handle)), None)
