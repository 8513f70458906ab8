"""All SQL of the stored_value module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from baton.platform.db import Statements, Tx, columns
from baton.stored_value.model import Account, Cause, Entry, Hold, Kind, Status
from baton.values.ids import NIL, Id

sql = Statements("stored_value")

_ACCOUNT = (
    "id, kind, currency, customer_id, last_four, status, balance, held, entries, expires_at,"
    " order_id, created_at"
)
_ENTRY = "account_id, seq, amount, balance, cause, order_id, subject_id, reason, at"
_HOLD = "account_id, holder_id, order_id, amount, placed_at"
_ENTRY_FIELDS = tuple(one.name for one in fields(Entry))
_HOLD_FIELDS = tuple(one.name for one in fields(Hold))

INSERT = sql(
    "insert",
    f"""
    insert into stored_value.accounts (tenant_id, {_ACCOUNT}, code_hash, origin_key)
    select %(tenant)s, {_ACCOUNT}, code_hash, origin_key from unnest(
        %(id)s::uuid[], %(kind)s::text[], %(currency)s::text[], %(customer_id)s::uuid[],
        %(last_four)s::text[], %(status)s::text[], %(balance)s::bigint[], %(held)s::bigint[],
        %(entries)s::int[], %(expires_at)s::timestamptz[], %(order_id)s::uuid[],
        %(created_at)s::timestamptz[], %(code_hash)s::bytea[], %(origin_key)s::text[]
    ) as n ({_ACCOUNT}, code_hash, origin_key)
    on conflict do nothing returning id
    """,
)
# Makes what is missing and locks what is there, in the order of the keys.
ENSURE = sql(
    "ensure",
    f"""
    insert into stored_value.accounts as a (tenant_id, {_ACCOUNT})
    select %(tenant)s, n.id, 'store_credit', n.currency, n.customer_id, '', 'active', 0, 0, 0,
           null, null, %(now)s
    from unnest(%(ids)s::uuid[], %(customer_ids)s::uuid[], %(currencies)s::text[])
         as n (id, customer_id, currency)
    order by n.customer_id, n.currency
    on conflict (tenant_id, customer_id, currency) where customer_id is not null
    do update set balance = a.balance where false
    returning id
    """,
)
UPDATE = sql(
    "update",
    """
    update stored_value.accounts a set status = n.status, balance = n.balance, held = n.held,
        entries = n.entries, expires_at = n.expires_at
    from unnest(%(id)s::uuid[], %(status)s::text[], %(balance)s::bigint[], %(held)s::bigint[],
                %(entries)s::int[], %(expires_at)s::timestamptz[])
         as n (id, status, balance, held, entries, expires_at)
    where a.tenant_id = %(tenant)s and a.id = n.id
    """,
)
SET_CODE = sql(
    "set_code",
    """
    update stored_value.accounts set code_hash = %(code_hash)s, last_four = %(last_four)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
LOCK = sql(
    "lock",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
BY_ID = sql(
    "by_id",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id
    """,
)
BY_CODE = sql(
    "by_code",
    f"""
    select code_hash, {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and code_hash = any(%(hashes)s)
    """,
)
BY_ORIGIN = sql(
    "by_origin",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and origin_key = any(%(keys)s)
    """,
)
BY_CUSTOMER = sql(
    "by_customer",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and customer_id = any(%(customer_ids)s)
    order by customer_id, currency
    """,
)
LAPSING = sql(
    "lapsing",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and expires_at <= %(now)s and expires_at is not null
      and (status in ('inactive', 'active') or balance > held)
    order by expires_at, id limit %(limit)s for update skip locked
    """,
)
PAGE = sql(
    "page",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
    """,
)
NEWEST = sql(
    "newest",
    f"""
    select {_ACCOUNT} from stored_value.accounts
    where tenant_id = %(tenant)s and id < %(before)s order by id desc limit %(limit)s
    """,
)
INSERT_ENTRIES = sql(
    "insert_entries",
    f"""
    insert into stored_value.entries (tenant_id, {_ENTRY})
    select %(tenant)s, {_ENTRY} from unnest(
        %(account_id)s::uuid[], %(seq)s::int[], %(amount)s::bigint[], %(balance)s::bigint[],
        %(cause)s::text[], %(order_id)s::uuid[], %(subject_id)s::uuid[], %(reason)s::text[],
        %(at)s::timestamptz[]
    ) as n ({_ENTRY})
    """,
)
ENTRIES = sql(
    "entries",
    f"""
    select {_ENTRY} from stored_value.entries
    where tenant_id = %(tenant)s and account_id = any(%(account_ids)s) order by account_id, seq
    """,
)
ENTRIES_BY_SUBJECT = sql(
    "entries_by_subject",
    f"""
    select {_ENTRY} from stored_value.entries
    where tenant_id = %(tenant)s and subject_id = any(%(subject_ids)s) order by account_id, seq
    """,
)
SAVE_HOLDS = sql(
    "save_holds",
    f"""
    insert into stored_value.holds (tenant_id, {_HOLD})
    select %(tenant)s, {_HOLD} from unnest(
        %(account_id)s::uuid[], %(holder_id)s::uuid[], %(order_id)s::uuid[], %(amount)s::bigint[],
        %(placed_at)s::timestamptz[]) as n ({_HOLD})
    on conflict (tenant_id, account_id, holder_id) do update set amount = excluded.amount
    """,
)
HOLDS = sql(
    "holds",
    f"""
    select {_HOLD} from stored_value.holds
    where tenant_id = %(tenant)s and account_id = any(%(account_ids)s)
    order by account_id, holder_id
    """,
)
HOLD = sql(
    "hold",
    f"""
    select {_HOLD} from stored_value.holds
    where tenant_id = %(tenant)s and account_id = %(account_id)s and holder_id = %(holder_id)s
    """,
)
MISSES = sql(
    "misses",
    """
    insert into stored_value.misses as m (tenant_id, actor, since, misses)
    values (%(tenant)s, %(actor)s, %(now)s, 0)
    on conflict (tenant_id, actor) do update set misses = m.misses
    returning misses, since
    """,
)
SET_MISSES = sql(
    "set_misses",
    """
    update stored_value.misses set misses = %(misses)s, since = %(since)s
    where tenant_id = %(tenant)s and actor = %(actor)s
    """,
)


def insert(tx: Tx, accounts: Sequence[tuple[Account, bytes | None, str | None]]) -> set[Id]:
    """Keep new accounts, each with the hash of its code and its origin; the ids of those that
    were new."""
    made = [account for account, _, _ in accounts]
    values = columns(
        made,
        "id",
        "kind",
        "currency",
        "customer_id",
        "last_four",
        "status",
        "balance",
        "held",
        "entries",
        "expires_at",
        "order_id",
        "created_at",
    )
    hashes = [code_hash for _, code_hash, _ in accounts]
    keys = [key for _, _, key in accounts]
    return {row[0] for row in tx.all(INSERT, **values, code_hash=hashes, origin_key=keys)}


def ensure(tx: Tx, wanted: Sequence[tuple[Id, Id, str]], now: datetime) -> set[Id]:
    """Store credit for (new id, customer, currency): made or locked; the ids that are new."""
    rows = tx.all(
        ENSURE,
        ids=[each[0] for each in wanted],
        customer_ids=[each[1] for each in wanted],
        currencies=[each[2] for each in wanted],
        now=now,
    )
    return {row[0] for row in rows}


def update(tx: Tx, accounts: Sequence[Account]) -> None:
    if accounts:
        names = ("id", "status", "balance", "held", "entries", "expires_at")
        tx.run(UPDATE, **columns(accounts, *names))


def set_code(tx: Tx, id: Id, code_hash: bytes, last_four: str) -> None:
    tx.run(SET_CODE, id=id, code_hash=code_hash, last_four=last_four)


def lock(tx: Tx, ids: Sequence[Id]) -> dict[Id, Account]:
    """These accounts, locked in the order of their ids."""
    rows = tx.all(LOCK, ids=sorted(set(ids)))
    return {row[0]: _account(row) for row in rows}


def by_id(tx: Tx, ids: Sequence[Id]) -> dict[Id, Account]:
    rows = tx.all(BY_ID, ids=sorted(set(ids)))
    return {row[0]: _account(row) for row in rows}


def by_code(tx: Tx, hashes: Sequence[bytes]) -> dict[bytes, Account]:
    """Gift cards by the hash of their code."""
    rows = tx.all(BY_CODE, hashes=sorted(set(hashes)))
    return {bytes(row[0]): _account(row[1:]) for row in rows}


def by_origin(tx: Tx, keys: Sequence[str]) -> list[Account]:
    """Gift cards by what they were made for."""
    return [_account(row) for row in tx.all(BY_ORIGIN, keys=sorted(set(keys)))]


def by_customer(tx: Tx, customer_ids: Sequence[Id]) -> list[Account]:
    """The store credit of these customers, in every currency."""
    return [_account(row) for row in tx.all(BY_CUSTOMER, customer_ids=sorted(set(customer_ids)))]


def lapsing(tx: Tx, now: datetime, limit: int) -> list[Account]:
    """Accounts whose time is over and not booked yet, locked."""
    return [_account(row) for row in tx.all(LAPSING, now=now, limit=limit)]


def newest(tx: Tx, before: Id, limit: int) -> list[Account]:
    """Accounts that are older than `before`, newest first."""
    return [_account(row) for row in tx.all(NEWEST, before=before, limit=limit)]


def pages(tx: Tx, size: int) -> Iterator[list[Account]]:
    """All accounts, some at a time."""
    after = NIL
    while rows := tx.all(PAGE, after=after, limit=size):
        yield [_account(row) for row in rows]
        after = rows[-1][0]


def insert_entries(tx: Tx, entries: Sequence[Entry]) -> None:
    if entries:
        tx.run(INSERT_ENTRIES, **columns(entries, *_ENTRY_FIELDS))


def entries(tx: Tx, account_ids: Sequence[Id]) -> list[Entry]:
    """Everything that ever changed the balances of these accounts, oldest first."""
    return [_entry(row) for row in tx.all(ENTRIES, account_ids=sorted(set(account_ids)))]


def entries_by_subject(tx: Tx, subject_ids: Sequence[Id]) -> list[Entry]:
    return [_entry(row) for row in tx.all(ENTRIES_BY_SUBJECT, subject_ids=sorted(set(subject_ids)))]


def save_holds(tx: Tx, holds: Sequence[Hold]) -> None:
    if holds:
        tx.run(SAVE_HOLDS, **columns(holds, *_HOLD_FIELDS))


def holds(tx: Tx, account_ids: Sequence[Id]) -> list[Hold]:
    return tx.rows(Hold, HOLDS, account_ids=sorted(set(account_ids)))


def hold(tx: Tx, account_id: Id, holder_id: Id) -> Hold | None:
    return next(iter(tx.rows(Hold, HOLD, account_id=account_id, holder_id=holder_id)), None)


def misses(tx: Tx, actor: str) -> tuple[int, datetime]:
    """How often this actor asked in vain, and since when; the row is locked."""
    row = tx.one(MISSES, actor=actor, now=tx.now)
    assert row is not None
    return row[0], row[1]


def set_misses(tx: Tx, actor: str, misses: int, since: datetime) -> None:
    tx.run(SET_MISSES, actor=actor, misses=misses, since=since)


def _account(row: tuple[Any, ...]) -> Account:
    id, kind, currency, customer_id, last_four, status, *rest = row
    return Account(id, Kind(kind), currency, customer_id, last_four, Status(status), *rest)


def _entry(row: tuple[Any, ...]) -> Entry:
    account_id, seq, amount, balance, cause, *rest = row
    return Entry(account_id, seq, amount, balance, Cause(cause), *rest)
