"""Merchants and their companies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from baton.access import rules
from baton.access.errors import BaseCurrencyFixed, HandleTaken
from baton.access.events import LegalEntitySaved, TenantCreated
from baton.access.model import LegalEntity, LegalEntityDraft, Tenant, TenantDraft
from baton.access.store import entities, tenants
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx
from baton.values.ids import NIL, Id


def create_tenant(db: Database, draft: TenantDraft, *, actor: str, cause: str = "") -> Tenant:
    """A new merchant with an open journal, in a transaction that is its own from the start.

    It takes a database, not a transaction: which tenant a transaction belongs to stands before
    it opens. Others who take the same number at the same moment get the next one.
    Raises AccessInvalid or HandleTaken.
    """
    rules.check_tenant(draft)
    while True:
        number = db.execute(Caller(0, actor, cause), tenants.next_tenant)
        made = db.execute(Caller(number, actor, cause), lambda tx: _begin(tx, draft))
        if made is not None:
            return made


def _begin(tx: Tx, draft: TenantDraft) -> Tenant | None:
    if not tenants.add_tenant(tx, draft.handle, draft.name):
        if tenants.tenant_by_handle(tx, draft.handle):
            raise HandleTaken("Another tenant has this handle: choose another.", field="handle")
        return None
    journal.open_head(tx)
    journal.record(tx, [TenantCreated(NIL, draft.handle)])
    return Tenant(tx.tenant, draft.handle, draft.name, tx.now)


def all_tenants(tx: Tx) -> list[Tenant]:
    """Every merchant here, the oldest first."""
    return tenants.tenants(tx)


def tenant_by_handle(tx: Tx, handle: str) -> Tenant | None:
    """The merchant that people sign in to under this name."""
    return tenants.tenant_by_handle(tx, handle)


def save_legal_entities(tx: Tx, drafts: Sequence[LegalEntityDraft]) -> list[LegalEntity]:
    """The companies as they are now, in the order of the drafts; what is new or differs is written.

    Raises AccessInvalid, or BaseCurrencyFixed for another base currency than before.
    """
    if not drafts:
        return []
    rules.check_legal_entities(drafts)
    wanted = {
        d.code: LegalEntity(
            ids.fresh(), d.code, d.name, d.country, d.base_currency, d.invoice_series, d.tax_ids
        )
        for d in sorted(drafts, key=lambda d: d.code)
    }
    entities.add_legal_entities(tx, list(wanted.values()))
    changed, facts = [], []
    for code, before in entities.lock_legal_entities(tx, wanted).items():
        new = before.id == wanted[code].id
        after = wanted[code] = replace(wanted[code], id=before.id)
        names = rules.changed_fields(before, after)
        if "base_currency" in names:
            raise BaseCurrencyFixed(
                f"{code} keeps its books in {before.base_currency}: make another legal entity.",
                field="base_currency",
            )
        if names:
            changed.append(after)
        if new or names:
            facts.append(LegalEntitySaved(before.id, code, new, names))
    if changed:
        entities.change_legal_entities(tx, changed)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def legal_entities_by_code(tx: Tx, codes: Collection[str]) -> dict[str, LegalEntity]:
    """Those that exist, by code."""
    return entities.legal_entities_by_code(tx, codes)


def legal_entities_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, LegalEntity]:
    """Those that exist, by id."""
    return entities.legal_entities_by_id(tx, ids)


def page_of_legal_entities(tx: Tx, after: str = "", limit: int = 100) -> list[LegalEntity]:
    """Up to `limit` companies whose code comes after `after`."""
    return entities.page_of_legal_entities(tx, after, limit)
