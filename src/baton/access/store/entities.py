"""Legal entities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from baton.access.model import LegalEntity, TaxId
from baton.access.store import sql
from baton.platform.db import Tx, columns
from baton.values.ids import Id

_ENTITY = "id, code, name, country, base_currency, invoice_series, tax_ids"
ADD_ENTITIES = sql(
    "add_legal_entities",
    """
    insert into access.legal_entities (tenant_id, id, code, name, country, base_currency, tax_ids,
                                       invoice_series, created_at)
    select %(tenant)s, n.id, n.code, n.name, n.country, n.base_currency, n.tax_ids,
           n.invoice_series, %(now)s
    from unnest(%(id)s::uuid[], %(code)s::text[], %(name)s::text[], %(country)s::text[],
                %(base_currency)s::text[], %(tax_ids)s::jsonb[], %(invoice_series)s::text[])
         as n (id, code, name, country, base_currency, tax_ids, invoice_series)
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE_ENTITIES = sql(
    "change_legal_entities",
    """
    update access.legal_entities e
    set name = n.name, country = n.country, tax_ids = n.tax_ids, invoice_series = n.invoice_series
    from unnest(%(id)s::uuid[], %(name)s::text[], %(country)s::text[], %(tax_ids)s::jsonb[],
                %(invoice_series)s::text[]) as n (id, name, country, tax_ids, invoice_series)
    where e.tenant_id = %(tenant)s and e.id = n.id
    """,
)
LOCK_ENTITIES = sql(
    "lock_legal_entities",
    f"""
    select {_ENTITY} from access.legal_entities
    where tenant_id = %(tenant)s and code = any(%(codes)s) order by code for update
    """,
)
ENTITIES_BY_CODE = sql(
    "legal_entities_by_code",
    f"""
    select {_ENTITY} from access.legal_entities
    where tenant_id = %(tenant)s and code = any(%(codes)s)
    """,
)
ENTITIES_BY_ID = sql(
    "legal_entities_by_id",
    f"""
    select {_ENTITY} from access.legal_entities
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
ENTITY_PAGE = sql(
    "legal_entity_page",
    f"""
    select {_ENTITY} from access.legal_entities
    where tenant_id = %(tenant)s and code > %(after)s order by code limit %(limit)s
    """,
)


def _entities(rows: Iterable[tuple[Any, ...]]) -> list[LegalEntity]:
    return [
        LegalEntity(id, code, name, country, currency, series, tuple(TaxId(**t) for t in tax_ids))
        for id, code, name, country, currency, series, tax_ids in rows
    ]


def add_legal_entities(tx: Tx, entities: Sequence[LegalEntity]) -> None:
    """Write those whose code is new; the others stay as they are."""
    tx.run(
        ADD_ENTITIES,
        **columns(entities, "id", "code", "name", "country", "base_currency", "invoice_series"),
        tax_ids=[msgspec.json.encode(e.tax_ids).decode() for e in entities],
        now=tx.now,
    )


def change_legal_entities(tx: Tx, entities: Sequence[LegalEntity]) -> None:
    tx.run(
        CHANGE_ENTITIES,
        **columns(entities, "id", "name", "country", "invoice_series"),
        tax_ids=[msgspec.json.encode(e.tax_ids).decode() for e in entities],
    )


def lock_legal_entities(tx: Tx, codes: Collection[str]) -> dict[str, LegalEntity]:
    return {e.code: e for e in _entities(tx.all(LOCK_ENTITIES, codes=list(codes)))}


def legal_entities_by_code(tx: Tx, codes: Collection[str]) -> dict[str, LegalEntity]:
    return {e.code: e for e in _entities(tx.all(ENTITIES_BY_CODE, codes=list(codes)))}


def legal_entities_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, LegalEntity]:
    return {e.id: e for e in _entities(tx.all(ENTITIES_BY_ID, ids=list(ids)))}


def page_of_legal_entities(tx: Tx, after: str, limit: int) -> list[LegalEntity]:
    return _entities(tx.all(ENTITY_PAGE, after=after, limit=limit))
