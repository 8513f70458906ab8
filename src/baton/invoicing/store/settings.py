"""Who issues, with which series, and when what was shipped is billed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

import msgspec

from baton.invoicing.model import Issuer, Kind, Policy, Rule, Series
from baton.invoicing.store import sql
from baton.platform.db import Tx
from baton.values.address import Address
from baton.values.ids import NIL, Id

_ISSUER = (
    "legal_entity_id, address, email, phone, registration, iban, bic, payment_days, time_zone,"
    " footer"
)
_SERIES = "id, legal_entity_id, kind, pattern, in_use, created_at"

SAVE_ISSUER = sql(
    "save_issuer",
    """
    insert into invoicing.issuers as i
        (tenant_id, id, legal_entity_id, address, email, phone, registration, iban, bic,
         payment_days, time_zone, footer, saved_at)
    values (%(tenant)s, %(id)s, %(legal_entity_id)s, %(address)s, %(email)s, %(phone)s,
            %(registration)s, %(iban)s, %(bic)s, %(payment_days)s, %(time_zone)s, %(footer)s,
            %(now)s)
    on conflict (tenant_id, legal_entity_id) do update
    set address = excluded.address, email = excluded.email, phone = excluded.phone,
        registration = excluded.registration, iban = excluded.iban, bic = excluded.bic,
        payment_days = excluded.payment_days, time_zone = excluded.time_zone,
        footer = excluded.footer, saved_at = excluded.saved_at
    returning i.id
    """,
)
ISSUERS = sql(
    "issuers",
    f"""
    select {_ISSUER} from invoicing.issuers
    where tenant_id = %(tenant)s and legal_entity_id = any(%(ids)s)
    """,
)
ADD_SERIES = sql(
    "add_series",
    """
    insert into invoicing.series
        (tenant_id, id, legal_entity_id, kind, pattern, skeleton, in_use, created_at)
    values (%(tenant)s, %(id)s, %(legal_entity_id)s, %(kind)s, %(pattern)s, %(skeleton)s, false,
            %(now)s)
    on conflict (tenant_id, legal_entity_id, skeleton) do nothing
    """,
)
SERIES_OF = sql(
    "series_of",
    f"""
    select {_SERIES} from invoicing.series
    where tenant_id = %(tenant)s and legal_entity_id = any(%(ids)s)
    order by legal_entity_id, kind, created_at, id
    """,
)
SERIES_BY_ID = sql(
    "series_by_id",
    f"select {_SERIES} from invoicing.series where tenant_id = %(tenant)s and id = any(%(ids)s)",
)
RETIRE = sql(
    "retire_series",
    """
    update invoicing.series set in_use = false
    where tenant_id = %(tenant)s and legal_entity_id = %(legal_entity_id)s and kind = %(kind)s
      and in_use and id <> %(id)s
    """,
)
USE = sql(
    "use_series",
    "update invoicing.series set in_use = true where tenant_id = %(tenant)s and id = %(id)s",
)
ADD_COUNTER = sql(
    "add_counter",
    """
    insert into invoicing.counters (tenant_id, series_id, year, next)
    values (%(tenant)s, %(series_id)s, %(year)s, 1)
    on conflict (tenant_id, series_id, year) do nothing
    """,
)
TAKE_NUMBERS = sql(
    "take_numbers",
    """
    update invoicing.counters set next = next + %(many)s
    where tenant_id = %(tenant)s and series_id = %(series_id)s and year = %(year)s
    returning next - %(many)s
    """,
)
SAVE_POLICY = sql(
    "save_policy",
    """
    insert into invoicing.policies as p (tenant_id, id, channel_id, customer_id, policy, saved_at)
    values (%(tenant)s, %(id)s, %(channel_id)s, %(customer_id)s, %(policy)s, %(now)s)
    on conflict (tenant_id, channel_id, customer_id) do update
    set policy = excluded.policy, saved_at = excluded.saved_at
    returning p.id
    """,
)
POLICIES_FOR = sql(
    "policies_for",
    """
    select channel_id, customer_id, policy from invoicing.policies
    where tenant_id = %(tenant)s and channel_id = any(%(channels)s)
      and customer_id = any(%(customers)s)
    """,
)
POLICY_PAGE = sql(
    "policy_page",
    """
    select channel_id, customer_id, policy from invoicing.policies
    where tenant_id = %(tenant)s
      and (%(channel)s::uuid is null or (channel_id, customer_id) > (%(channel)s, %(customer)s))
    order by channel_id, customer_id limit %(limit)s
    """,
)


def save_issuer(tx: Tx, id: Id, issuer: Issuer) -> Id:
    """Write what the paper says; the id of the row, which is locked from now on."""
    values: dict[str, Any] = {f.name: getattr(issuer, f.name) for f in fields(Issuer)}
    values["address"] = msgspec.json.encode(issuer.address).decode()
    row = tx.one(SAVE_ISSUER, id=id, now=tx.now, **values)
    assert row is not None
    kept: Id = row[0]
    return kept


def issuers(tx: Tx, legal_entity_ids: Collection[Id]) -> dict[Id, Issuer]:
    """Those that are set up, by legal entity."""
    return {
        row[0]: Issuer(row[0], msgspec.convert(row[1], Address), *row[2:])
        for row in tx.all(ISSUERS, ids=sorted(legal_entity_ids))
    }


def add_series(tx: Tx, series: Series, skeleton: str) -> None:
    """Write a series, unless one of that skeleton is there."""
    tx.run(
        ADD_SERIES,
        id=series.id,
        legal_entity_id=series.legal_entity_id,
        kind=series.kind,
        pattern=series.pattern,
        skeleton=skeleton,
        now=series.created_at,
    )


def series_of(tx: Tx, legal_entity_ids: Collection[Id]) -> list[Series]:
    return [_series(row) for row in tx.all(SERIES_OF, ids=sorted(legal_entity_ids))]


def series_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Series]:
    return {row[0]: _series(row) for row in tx.all(SERIES_BY_ID, ids=sorted(ids))}


def use(tx: Tx, series: Series) -> None:
    """This one from now on, and none other of its kind."""
    tx.run(RETIRE, id=series.id, legal_entity_id=series.legal_entity_id, kind=series.kind)
    tx.run(USE, id=series.id)


def take_numbers(tx: Tx, series_id: Id, year: int, many: int) -> int:
    """The first of so many numbers that nobody else has; the counter is locked from now on."""
    tx.run(ADD_COUNTER, series_id=series_id, year=year)
    row = tx.one(TAKE_NUMBERS, series_id=series_id, year=year, many=many)
    assert row is not None
    return int(row[0])


def save_policy(tx: Tx, id: Id, rule: Rule) -> Id:
    """Write a policy; the id of the row, which is locked from now on."""
    row = tx.one(
        SAVE_POLICY,
        id=id,
        channel_id=rule.channel_id,
        customer_id=rule.customer_id,
        policy=rule.policy,
        now=tx.now,
    )
    assert row is not None
    kept: Id = row[0]
    return kept


def policies_for(tx: Tx, channel_ids: Collection[Id], customer_ids: Collection[Id]) -> list[Rule]:
    """The policies that may speak of these channels and customers, those for all among them."""
    channels, customers = sorted({NIL, *channel_ids}), sorted({NIL, *customer_ids})
    return [_rule(row) for row in tx.all(POLICIES_FOR, channels=channels, customers=customers)]


def page_of_policies(tx: Tx, after: tuple[Id, Id] | None, limit: int) -> list[Rule]:
    """Policies by channel and customer, those after the pair given."""
    channel, customer = after or (None, None)
    rows = tx.all(POLICY_PAGE, channel=channel, customer=customer, limit=limit)
    return [_rule(row) for row in rows]


def _series(row: Sequence[Any]) -> Series:
    return Series(row[0], row[1], Kind(row[2]), *row[3:])


def _rule(row: Sequence[Any]) -> Rule:
    return Rule(row[0], row[1], Policy(row[2]))
