"""Merchants and their companies, on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from baton import access
from baton.access.errors import BaseCurrencyFixed, HandleTaken
from baton.access.model import LegalEntityDraft, TaxId, Tenant, TenantDraft
from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.values.ids import NIL

DE = LegalEntityDraft("de", "Baton GmbH", "DE", "EUR", "DE-", (TaxId("DE", "DE123456789"),))
GB = LegalEntityDraft("gb", "Baton Ltd", "GB", "GBP")


def new_handle() -> str:
    return f"t-{ids.secret()[:16]}"


def test_tenants_made_at_the_same_moment_all_come_to_be(db: Database) -> None:
    drafts = [TenantDraft(new_handle(), f"Merchant {n}") for n in range(6)]

    def make(draft: TenantDraft) -> Tenant:
        return access.create_tenant(db, draft, actor="test", cause="set-up")

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make, drafts))
    assert len({tenant.id for tenant in made}) == 6
    for tenant, draft in zip(made, drafts, strict=True):
        with db.transaction(Caller(tenant.id, "test")) as tx:
            assert access.tenant_by_handle(tx, draft.handle) == tenant
            assert tenant in access.all_tenants(tx)
            assert journal.head(tx).no == 0
            (entry,) = journal.timeline(tx, [NIL])
        assert (entry.fact, entry.actor, entry.cause) == ("access.tenant_created", "test", "set-up")


def test_a_handle_belongs_to_one_tenant(db: Database) -> None:
    draft = TenantDraft(new_handle(), "Merchant")
    access.create_tenant(db, draft, actor="test")
    with pytest.raises(HandleTaken):
        access.create_tenant(db, draft, actor="test")


def test_legal_entities_are_known_again_by_code(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        gb, de = access.save_legal_entities(tx, [GB, DE])
        assert (gb.code, de.code, de.tax_ids) == ("gb", "de", DE.tax_ids)
        assert access.save_legal_entities(tx, [DE]) == [de]
        moved = replace(DE, name="Baton AG", country="AT")
        assert access.save_legal_entities(tx, [moved]) == [
            replace(de, name="Baton AG", country="AT")
        ]
        assert access.save_legal_entities(tx, []) == []
        by_code = access.legal_entities_by_code(tx, ["de", "fr"])
        assert by_code["de"].name == "Baton AG"
        assert access.legal_entities_by_id(tx, [de.id]) == {de.id: by_code["de"]}
        assert [e.code for e in access.page_of_legal_entities(tx)] == ["de", "gb"]
        assert [e.code for e in access.page_of_legal_entities(tx, "de", 1)] == ["gb"]
        entries = journal.timeline(tx, [de.id])
    assert [(e.seq, e.data["new"], e.data["changed"]) for e in entries] == [
        (1, True, []),
        (2, False, ["name", "country"]),
    ]


def test_the_books_keep_their_currency(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        access.save_legal_entities(tx, [DE])
    with pytest.raises(BaseCurrencyFixed), db.transaction(caller) as tx:
        access.save_legal_entities(tx, [replace(DE, base_currency="CHF")])


def test_two_who_save_the_same_company_end_with_one(db: Database, caller: Caller) -> None:
    def save(name: str) -> None:
        db.execute(caller, lambda tx: access.save_legal_entities(tx, [GB, replace(DE, name=name)]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, ["A", "B", "C", "D"]))
    with db.transaction(caller) as tx:
        assert [e.code for e in access.page_of_legal_entities(tx)] == ["de", "gb"]
        (de,) = access.legal_entities_by_code(tx, ["de"]).values()
        assert sorted(e.seq for e in journal.timeline(tx, [de.id])) == [1, 2, 3, 4]
