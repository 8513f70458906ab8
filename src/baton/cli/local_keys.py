"""API keys of the local operator: whoever may read the database's own files may do everything."""

from __future__ import annotations

from baton import access
from baton.access.errors import HandleTaken, Unauthenticated
from baton.access.model import KeyDraft, Permission, Tenant, TenantDraft
from baton.cli.place import Place, read, write
from baton.cli.problem import Problem
from baton.platform.db import Caller, Database

FIRST = TenantDraft("main", "My company")
_ACTOR = "operator"


def first_run(place: Place, db: Database) -> list[Tenant]:
    """Every merchant of the database: the first one is made, with a key, where there is none."""
    with db.transaction(Caller(0, _ACTOR)) as tx:
        found = access.all_tenants(tx)
    if found:
        return found
    try:
        made = access.create_tenant(db, FIRST, actor=_ACTOR)
    except HandleTaken:  # another process was faster
        return first_run(place, db)
    key_for(place, db, made)
    return [made]


def kept_key(place: Place, handle: str | None) -> str | None:
    """The key in the operator's file, without a look at the database; None where it has none."""
    keys = read(place.operator_file)
    if handle is None:
        handle = FIRST.handle if FIRST.handle in keys else next(iter(keys), None)
        if len(keys) > 1 and handle != FIRST.handle:
            return None
    return keys.get(handle) if handle else None


def key_for(place: Place, db: Database, tenant: Tenant) -> str:
    """A key that works for this merchant: the one kept, else a new one that is kept."""
    keys = read(place.operator_file)
    kept = keys.get(tenant.handle)
    if kept and _works(db, kept, tenant):
        return str(kept)
    draft = KeyDraft("local operator", frozenset(Permission))
    made = db.execute(
        Caller(tenant.id, _ACTOR),
        lambda tx: access.create_key(tx, access.program(_ACTOR), draft),
    )
    write(place.operator_file, keys | {tenant.handle: made.handle})
    return made.handle


def chosen(tenants: list[Tenant], handle: str | None) -> Tenant:
    """The merchant that is meant. Raises Problem where that is not clear."""
    by_handle = {tenant.handle: tenant for tenant in tenants}
    if handle is None:
        handle = FIRST.handle if FIRST.handle in by_handle else tenants[0].handle
        if len(tenants) > 1 and handle != FIRST.handle:
            raise Problem(f"Name a merchant with --tenant: {', '.join(sorted(by_handle))}.")
    if handle not in by_handle:
        raise Problem(
            f"There is no merchant {handle!r}: {', '.join(sorted(by_handle))}.", field="--tenant"
        )
    return by_handle[handle]


def _works(db: Database, key: str, tenant: Tenant) -> bool:
    try:
        if access.handle_tenant(key) != tenant.id:
            return False
        with db.transaction(Caller(tenant.id, _ACTOR)) as tx:
            access.authenticate(tx, key)
    except Unauthenticated:
        return False
    return True
