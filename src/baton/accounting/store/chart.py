"""The merchant's chart of accounts, and exports that were made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from baton.accounting.model import Account, AccountKind, Chart, Export, Key, Mapping
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("accounting")

ACCOUNTS = sql(
    "accounts",
    """
    select a.number, a.name, a.kind from accounting.accounts a
    where a.tenant_id = %(tenant)s order by a.number limit 10000
    """,
)
MAPPINGS = sql(
    "mappings",
    """
    select m.key, m.account, m.legal_entity_id, m.channel_id, m.code from accounting.mappings m
    where m.tenant_id = %(tenant)s
    order by m.key, m.legal_entity_id, m.channel_id, m.code limit 20000
    """,
)
DROP_ACCOUNTS = sql(
    "drop_accounts",
    "delete from accounting.accounts where tenant_id = %(tenant)s and number > ''",
    scans="a chart is replaced whole",
)
DROP_MAPPINGS = sql(
    "drop_mappings",
    "delete from accounting.mappings where tenant_id = %(tenant)s and key > ''",
    scans="a mapping is replaced whole",
)
INSERT_ACCOUNTS = sql(
    "insert_accounts",
    """
    insert into accounting.accounts (tenant_id, number, name, kind)
    select %(tenant)s, n.* from unnest(%(number)s::text[], %(name)s::text[], %(kind)s::text[]) as n
    """,
)
INSERT_MAPPINGS = sql(
    "insert_mappings",
    """
    insert into accounting.mappings
        (tenant_id, key, legal_entity_id, channel_id, code, account)
    select %(tenant)s, n.* from unnest(%(key)s::text[], %(legal_entity_id)s::uuid[],
        %(channel_id)s::uuid[], %(code)s::text[], %(account)s::text[]) as n
    """,
)
_EXPORT = (
    "id, legal_entity_id, number, format, first, last, last_no, entries, made_at, actor, repeats"
)
INSERT_EXPORT = sql(
    "insert_export",
    f"""
    insert into accounting.exports (tenant_id, {_EXPORT})
    values (%(tenant)s, %(id)s, %(legal_entity_id)s, %(number)s, %(format)s, %(first)s, %(last)s,
            %(last_no)s, %(entries)s, %(made_at)s, %(actor)s, %(repeats)s::int[])
    """,
)
EXPORTS = sql(
    "exports",
    f"""
    select {_EXPORT} from accounting.exports
    where tenant_id = %(tenant)s and legal_entity_id = %(entity)s and number < %(before)s
    order by number desc limit %(limit)s
    """,
)
EXPORT = sql(
    "export",
    f"select {_EXPORT} from accounting.exports where tenant_id = %(tenant)s and id = %(id)s",
)
OVERLAPPING = sql(
    "overlapping_exports",
    """
    select e.number from accounting.exports e
    where e.tenant_id = %(tenant)s and e.legal_entity_id = %(entity)s and e.first <= %(last)s
      and e.last >= %(first)s
    order by e.number
    """,
)


def chart(tx: Tx) -> Chart | None:
    """The chart that the merchant saved; None where there is none."""
    accounts = tuple(Account(row[0], row[1], AccountKind(row[2])) for row in tx.all(ACCOUNTS))
    if not accounts:
        return None
    mappings = tuple(Mapping(Key(row[0]), *row[1:]) for row in tx.all(MAPPINGS))
    return Chart(accounts, mappings, saved=True)


def write_chart(tx: Tx, new: Chart) -> None:
    """Put this chart in the place of the one before."""
    tx.run(DROP_ACCOUNTS)
    tx.run(DROP_MAPPINGS)
    tx.run(
        INSERT_ACCOUNTS,
        **columns(new.accounts, "number", "name"),
        kind=[account.kind.value for account in new.accounts],
    )
    tx.run(
        INSERT_MAPPINGS,
        **columns(new.mappings, "legal_entity_id", "channel_id", "code", "account"),
        key=[each.key.value for each in new.mappings],
    )


def insert_export(tx: Tx, export: Export) -> None:
    """Write down that a period was exported."""
    values = {name: getattr(export, name) for name in _EXPORT.split(", ")}
    tx.run(INSERT_EXPORT, **values | {"repeats": list(export.repeats)})


def exports(tx: Tx, entity: Id, before: int, limit: int) -> list[Export]:
    """Exports of a legal entity below a number, the newest first."""
    rows = tx.all(EXPORTS, entity=entity, before=before, limit=limit)
    return [_export(row) for row in rows]


def export(tx: Tx, id: Id) -> Export | None:
    """One export."""
    row = tx.one(EXPORT, id=id)
    return _export(row) if row else None


def _export(row: tuple[Any, ...]) -> Export:
    values: list[Any] = [*row[:-1], tuple(row[-1])]
    return Export(*values)


def overlapping(tx: Tx, entity: Id, first: date, last: date) -> Sequence[int]:
    """Numbers of the exports that share a day with these."""
    return [row[0] for row in tx.all(OVERLAPPING, entity=entity, first=first, last=last)]
