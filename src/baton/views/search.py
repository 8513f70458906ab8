"""One search for everything: a number, a name, an e-mail, a telephone, a SKU, a parcel, a payment.

Each kind of thing is found through indexes alone: by its whole name, or by how it begins. What
orders are found by is said in `order_list`.
"""

from __future__ import annotations

from dataclasses import dataclass

from baton.customers.contacts import normalised_email, normalised_phone
from baton.platform.db import Statement, Statements, Tx
from baton.values import Id

sql = Statements("views")

_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: what it is called, and a word on what it is."""

    id: Id
    name: str
    detail: str


CUSTOMERS = sql(
    "search_customers",
    """
    select c.id, c.name, c.email as detail from customers.customers c
    where c.tenant_id = %(tenant)s and c.id in (
        (select x.id from customers.customers x
         where x.tenant_id = %(tenant)s and x.email = %(email)s and x.email <> '' limit %(limit)s)
        union (select x.id from customers.customers x
         where x.tenant_id = %(tenant)s and x.phone = any(%(phones)s) and x.phone <> ''
         limit %(limit)s)
        union (select o.customer_id from orders.orders o
         where o.tenant_id = %(tenant)s and o.buyer_key >= %(lower)s and o.buyer_key < %(lower_end)s
         order by o.buyer_key limit %(limit)s))
    order by c.name, c.id limit %(limit)s
    """,
)
SKUS = sql(
    "search_skus",
    """
    select s.id, s.code as name, s.title as detail from catalog.skus s
    where s.tenant_id = %(tenant)s and s.code >= %(text)s and s.code < %(text_end)s
    order by s.code limit %(limit)s
    """,
)
RETURNS = sql(
    "search_returns",
    """
    select r.id, r.number as name, r.status || ', ' || r.order_number as detail
    from returns.rmas r
    where r.tenant_id = %(tenant)s and r.number >= %(upper)s and r.number < %(upper_end)s
    order by r.number limit %(limit)s
    """,
)
DRAFTS = sql(
    "search_drafts",
    """
    (select d.id, d.number as name, d.state || ', ' || d.buyer_name as detail
     from orders.drafts d
     where d.tenant_id = %(tenant)s and d.number >= %(upper)s and d.number < %(upper_end)s
     order by d.number limit %(limit)s)
    union
    (select d.id, d.number, d.state || ', ' || d.buyer_name from orders.drafts d
     where d.tenant_id = %(tenant)s and d.email = %(email)s and d.email <> '' limit %(limit)s)
    """,
)


def customers_found(tx: Tx, text: str, limit: int) -> list[Hit]:
    """Customers with this e-mail or telephone, or who ordered under a name that begins so."""
    return _hits(tx, CUSTOMERS, text, limit, "email", "phones", "lower", "lower_end")


def skus_found(tx: Tx, text: str, limit: int) -> list[Hit]:
    """SKUs whose code begins so."""
    return _hits(tx, SKUS, text, limit, "text", "text_end")


def returns_found(tx: Tx, text: str, limit: int) -> list[Hit]:
    """Returns whose number begins so."""
    return _hits(tx, RETURNS, text, limit, "upper", "upper_end")


def drafts_found(tx: Tx, text: str, limit: int) -> list[Hit]:
    """Drafts whose number begins so, or that were written down for this e-mail."""
    return _hits(tx, DRAFTS, text, limit, "upper", "upper_end", "email")


def _hits(tx: Tx, statement: Statement, text: str, limit: int, *names: str) -> list[Hit]:
    values = {
        "text": text,
        "text_end": text + _END,
        "lower": text.lower(),
        "lower_end": text.lower() + _END,
        "upper": text.upper(),
        "upper_end": text.upper() + _END,
        "email": normalised_email(text) or text.lower(),
        "phones": [text, normalised_phone(text)],
    }
    return tx.rows(Hit, statement, limit=limit, **{n: values[n] for n in names})[:limit]
