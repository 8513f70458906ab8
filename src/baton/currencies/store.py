"""All SQL of the currencies module."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date

from baton.currencies.model import Import, Published, Reject
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("currencies")

SAVE = sql(
    "save",
    """
    insert into currencies.rates as r (tenant_id, currency, day, per_euro, source, import_id)
    select %(tenant)s, n.currency, n.day, n.per_euro, n.source, %(import_id)s
    from unnest(%(currency)s::text[], %(day)s::date[], %(per_euro)s::numeric[], %(source)s::text[])
         as n (currency, day, per_euro, source)
    on conflict (tenant_id, currency, day) do update
        set per_euro = excluded.per_euro, source = excluded.source, import_id = excluded.import_id
        where r.per_euro <> excluded.per_euro
    returning xmax = 0
    """,
)
_IMPORT_FIELDS = tuple(one.name for one in fields(Import))
_IMPORT = ", ".join(_IMPORT_FIELDS)
ADD_IMPORT = sql(
    "add_import",
    f"""
    insert into currencies.imports (tenant_id, {_IMPORT})
    values (%(tenant)s, %(id)s, %(source)s, %(actor)s, %(at)s, %(days)s, %(added)s, %(changed)s,
            %(rejected)s)
    """,
)
ADD_REJECTS = sql(
    "add_rejects",
    """
    insert into currencies.rejects (tenant_id, import_id, place, row, problem)
    select %(tenant)s, %(import_id)s, n.place, n.row, n.problem
    from unnest(%(place)s::int[], %(row)s::text[], %(problem)s::text[])
         as n (place, row, problem)
    """,
)
LAST = sql(
    "last",
    """
    select w.day, w.currency, r.day, r.per_euro, r.source
    from unnest(%(days)s::date[], %(currencies)s::text[]) as w (day, currency)
    cross join lateral (
        select r.day, r.per_euro, r.source from currencies.rates r
        where r.tenant_id = %(tenant)s and r.currency = w.currency and r.day <= w.day
        order by r.day desc limit 1
    ) r
    """,
)
ANY = sql(
    "any",
    """
    select from currencies.rates where tenant_id = %(tenant)s and currency > ''
    order by currency limit 1
    """,
)
IMPORTS = sql(
    "imports",
    f"""
    select {_IMPORT} from currencies.imports
    where tenant_id = %(tenant)s and id < %(before)s order by id desc limit %(limit)s
    """,
)
REJECTS = sql(
    "rejects",
    """
    select import_id, place, row, problem from currencies.rejects
    where tenant_id = %(tenant)s and import_id = any(%(import_ids)s)
    order by import_id, place
    """,
)


def save(tx: Tx, import_id: Id, rates: Sequence[Published]) -> tuple[int, int]:
    """Write rates by currency and day; how many are new, and how many were others before."""
    rows = tx.all(
        SAVE, import_id=import_id, **columns(rates, "currency", "day", "per_euro", "source")
    )
    added = sum(row[0] for row in rows)
    return added, len(rows) - added


def add_import(tx: Tx, kept: Import, rejects: Sequence[Reject]) -> None:
    tx.run(ADD_IMPORT, **{name: getattr(kept, name) for name in _IMPORT_FIELDS})
    if rejects:
        tx.run(ADD_REJECTS, import_id=kept.id, **columns(rejects, "place", "row", "problem"))


def last(tx: Tx, wanted: Sequence[tuple[date, str]]) -> dict[tuple[date, str], Published]:
    """The last rate of each currency on or before each day, where there is one."""
    asked = sorted(set(wanted))
    rows = tx.all(LAST, days=[day for day, _ in asked], currencies=[code for _, code in asked])
    return {
        (day, currency): Published(currency, published, per_euro, source)
        for day, currency, published, per_euro, source in rows
    }


def are_kept(tx: Tx) -> bool:
    """Whether the merchant keeps any rates."""
    return tx.one(ANY) is not None


def imports(tx: Tx, before: Id, limit: int) -> list[Import]:
    """Imports, newest first."""
    return tx.rows(Import, IMPORTS, before=before, limit=limit)


def rejects(tx: Tx, import_ids: Collection[Id]) -> dict[Id, list[Reject]]:
    """The rows that say no rate, by import."""
    found: dict[Id, list[Reject]] = {}
    for import_id, *row in tx.all(REJECTS, import_ids=sorted(import_ids)) if import_ids else ():
        found.setdefault(import_id, []).append(Reject(*row))
    return found
