"""All the SQL of customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from baton.customers.model import Customer, Identity, Problem, SavedAddress
from baton.platform.db import Statements, Tx, checked, columns
from baton.values.address import Address
from baton.values.check import Check
from baton.values.ids import NIL, Id

sql = Statements("customers")

# ---------------------------------------------------------------- identities

OWNERS = sql(
    "owners",
    """
    select i.kind, i.value, i.customer_id
    from unnest(%(kinds)s::text[], %(values)s::text[]) as n (kind, value)
    join customers.identities i
      on i.tenant_id = %(tenant)s and i.kind = n.kind and i.value = n.value
    """,
)
CLAIM = sql(
    "claim",
    """
    insert into customers.identities (tenant_id, kind, value, customer_id)
    select %(tenant)s, n.kind, n.value, n.customer_id
    from unnest(%(kinds)s::text[], %(values)s::text[], %(customer_ids)s::uuid[])
         as n (kind, value, customer_id)
    on conflict (tenant_id, kind, value) do nothing returning kind, value
    """,
)
REASSIGN = sql(
    "reassign",
    """
    update customers.identities i set customer_id = n.customer_id
    from unnest(%(kinds)s::text[], %(values)s::text[], %(customer_ids)s::uuid[])
         as n (kind, value, customer_id)
    where i.tenant_id = %(tenant)s and i.kind = n.kind and i.value = n.value
    """,
)


def owners(tx: Tx, identities: Collection[Identity]) -> dict[Identity, Id]:
    """Who is known by these; identities of nobody are absent."""
    rows = tx.all(OWNERS, **_split(identities))
    return {Identity(kind, value): owner for kind, value, owner in rows}


def claim(tx: Tx, links: Mapping[Identity, Id]) -> set[Identity]:
    """Those that were still free, now written; waits for others who write them just now."""
    ordered = sorted(links)
    rows = tx.all(CLAIM, **_split(ordered), customer_ids=[links[one] for one in ordered])
    return {Identity(*row) for row in rows}


def reassign(tx: Tx, links: Mapping[Identity, Id]) -> None:
    tx.run(REASSIGN, **_split(links), customer_ids=list(links.values()))


def _split(identities: Iterable[Identity]) -> dict[str, list[str]]:
    listed = list(identities)
    return {"kinds": [one.kind for one in listed], "values": [one.value for one in listed]}


# ---------------------------------------------------------------- customers

_CUSTOMER = "id, name, email, phone, language, merged_into"
ADD = sql(
    "add",
    """
    insert into customers.customers (tenant_id, id, name, email, phone, language, created_at)
    select %(tenant)s, n.id, n.name, n.email, n.phone, n.language, %(now)s
    from unnest(%(id)s::uuid[], %(name)s::text[], %(email)s::text[], %(phone)s::text[],
                %(language)s::text[]) as n (id, name, email, phone, language)
    """,
)
LOCK = sql(
    "lock",
    """
    select id from customers.customers
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id for update
    """,
)
BY_ID = sql(
    "by_id",
    f"""
    select {_CUSTOMER} from customers.customers where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
BY_EMAIL = sql(
    "by_email",
    f"""
    select {_CUSTOMER} from customers.customers
    where tenant_id = %(tenant)s and email = any(%(emails)s) order by email, id
    """,
)
PAGE = sql(
    "page",
    f"""
    select {_CUSTOMER} from customers.customers
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
    """,
)


def add(tx: Tx, customers: Sequence[Customer]) -> None:
    tx.run(ADD, **columns(customers, "id", "name", "email", "phone", "language"), now=tx.now)


def lock(tx: Tx, ids: Collection[Id]) -> set[Id]:
    """Those of them that exist, locked."""
    return {row[0] for row in tx.all(LOCK, ids=list(ids))}


def customers_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Customer]:
    """Those that exist, by id; merged ones as they were."""
    return {c.id: c for c in tx.rows(Customer, BY_ID, ids=list(ids))}


def by_email(tx: Tx, emails: Collection[str]) -> list[Customer]:
    return tx.rows(Customer, BY_EMAIL, emails=list(emails))


def page_of_customers(tx: Tx, after: Id = NIL, limit: int = 100) -> list[Customer]:
    """Up to `limit` customers first seen after the one named."""
    return tx.rows(Customer, PAGE, after=after, limit=limit)


# ---------------------------------------------------------------- addresses

ADD_ADDRESSES = sql(
    "add_addresses",
    """
    insert into customers.addresses (tenant_id, customer_id, id, address, problems, created_at)
    select %(tenant)s, n.customer_id, n.id, n.address, n.problems, %(now)s
    from unnest(%(customer_ids)s::uuid[], %(ids)s::uuid[], %(addresses)s::jsonb[],
                %(problems)s::jsonb[]) as n (customer_id, id, address, problems)
    """,
)
ADDRESSES_OF = sql(
    "addresses_of",
    """
    select id, customer_id, address, problems from customers.addresses
    where tenant_id = %(tenant)s and customer_id = any(%(customer_ids)s) order by customer_id, id
    """,
)


def add_addresses(tx: Tx, saved: Sequence[SavedAddress]) -> None:
    tx.run(
        ADD_ADDRESSES,
        customer_ids=[one.customer_id for one in saved],
        ids=[one.id for one in saved],
        addresses=[msgspec.json.encode(one.address).decode() for one in saved],
        problems=[msgspec.json.encode(one.problems).decode() for one in saved],
        now=tx.now,
    )


def addresses_of(tx: Tx, customer_ids: Collection[Id]) -> dict[Id, list[SavedAddress]]:
    """The book of each customer, the oldest first; customers without one are absent."""
    found: dict[Id, list[SavedAddress]] = {}
    rows = tx.all(ADDRESSES_OF, customer_ids=list(customer_ids))
    for id, customer_id, address, problems in rows:
        saved = SavedAddress(
            id,
            customer_id,
            msgspec.convert(address, Address),
            msgspec.convert(problems, tuple[Problem, ...]),
        )
        found.setdefault(customer_id, []).append(saved)
    return found


# ---------------------------------------------------------------- what must hold

CHECK_IDENTITIES = sql(
    "check_identities",
    """
    select count(*), (array_agg(i.customer_id::text) filter (where c.id is null))[1:20]
    from customers.identities i
    left join customers.customers c on c.tenant_id = %(tenant)s and c.id = i.customer_id
    where i.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_CUSTOMERS = sql(
    "check_customers",
    """
    select count(*), (array_agg(c.id::text) filter (where not c.known))[1:20]
    from (select c.id, exists (select from customers.identities i
                               where i.tenant_id = %(tenant)s and i.customer_id = c.id) as known
          from customers.customers c where c.tenant_id = %(tenant)s) c
    """,
    scans="verify reads all",
)
CHECK_ADDRESSES = sql(
    "check_addresses",
    """
    select count(*), (array_agg(a.id::text) filter (where c.id is null))[1:20]
    from customers.addresses a
    left join customers.customers c on c.tenant_id = %(tenant)s and c.id = a.customer_id
    where a.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """Identities and addresses have their customer, and every customer can be known again."""
    return [
        checked(
            tx,
            "customers: an identity points to a customer",
            CHECK_IDENTITIES,
            "customer {} has an identity and is not there",
        ),
        checked(
            tx,
            "customers: a customer can be known again",
            CHECK_CUSTOMERS,
            "customer {} has no identity",
        ),
        checked(
            tx,
            "customers: an address has a customer",
            CHECK_ADDRESSES,
            "address {} is in nobody's book",
        ),
    ]
