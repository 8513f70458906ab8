"""One customer with all that care asks for: orders, value, returns, messages, credit, goodwill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from baton import customers, stored_value
from baton.customers.model import Customer
from baton.platform.db import Statements, Tx
from baton.values import Id
from baton.views.order_list import FOUND, OrderRow

sql = Statements("views")

_SHOWN = 50  # orders, newest first


@dataclass(frozen=True, slots=True)
class Value:
    """What a customer's orders of one currency are worth, in minor units."""

    currency: str
    orders: int
    ordered: int
    captured: int
    refunded: int
    appeased: int
    owed: int
    credit: int


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A customer, their newest orders, and what all of them come to."""

    customer: Customer
    orders: Sequence[OrderRow]
    values: Sequence[Value]
    returns: int
    messages: int
    open_exceptions: int

    @property
    def standing(self) -> str:
        """`owes` where money is due, `attention` where something is open, `new` before the first
        order, else `good`."""
        if any(value.owed for value in self.values):
            return "owes"
        if self.open_exceptions:
            return "attention"
        return "good" if self.orders else "new"


ORDERS = sql(
    "customer_orders",
    """
    select id from orders.orders
    where tenant_id = %(tenant)s and customer_id = %(customer_id)s
    order by placed_at desc limit %(limit)s
    """,
)
VALUES = sql(
    "customer_values",
    """
    with own as materialized (
        select id, currency, total_minor, status from orders.orders
        where tenant_id = %(tenant)s and customer_id = %(customer_id)s
    ), paid as (
        select p.currency, sum(p.captured)::bigint as captured, sum(p.refunded)::bigint as refunded
        from payments.payments p
        where p.tenant_id = %(tenant)s and p.order_id = any(array(select id from own))
        group by p.currency
    ), given as (
        select a.currency, sum(a.amount_minor)::bigint as appeased from orders.appeasements a
        where a.tenant_id = %(tenant)s and a.customer_id = %(customer_id)s
          and a.state = 'approved' group by a.currency
    ), due as (
        select r.currency, sum(r.amount - r.paid)::bigint as owed from payments.receivables r
        where r.tenant_id = %(tenant)s and r.order_id = any(array(select id from own))
          and r.settled_at is null group by r.currency
    )
    select o.currency, count(*)::int as orders,
           coalesce(sum(o.total_minor) filter (where o.status <> 'cancelled'), 0)::bigint
               as ordered,
           coalesce(max(p.captured), 0)::bigint as captured,
           coalesce(max(p.refunded), 0)::bigint as refunded,
           coalesce(max(g.appeased), 0)::bigint as appeased,
           coalesce(max(d.owed), 0)::bigint as owed, 0::bigint as credit
    from own o
    left join paid p on p.currency = o.currency
    left join given g on g.currency = o.currency
    left join due d on d.currency = o.currency
    group by o.currency order by o.currency
    """,
)
COUNTS = sql(
    "customer_counts",
    """
    with own as materialized (
        select id from orders.orders
        where tenant_id = %(tenant)s and customer_id = %(customer_id)s
    )
    select
        (select count(*) from returns.rmas r
         where r.tenant_id = %(tenant)s and r.order_id = any(array(select id from own)))::int,
        (select count(*) from notifications.messages m
         where m.tenant_id = %(tenant)s and m.order_id = any(array(select id from own)))::int,
        (select count(*) from orders.exceptions e
         where e.tenant_id = %(tenant)s and e.order_id = any(array(select id from own))
           and e.resolved_at is null)::int
    """,
)


def customer_page(tx: Tx, customer_id: Id) -> CustomerPage | None:
    """Everything about one customer as it is now; None where there is none."""
    customer = customers.customers_by_id(tx, [customer_id]).get(customer_id)
    if customer is None:
        return None
    ids = [row[0] for row in tx.all(ORDERS, customer_id=customer_id, limit=_SHOWN)]
    rows = tx.rows(OrderRow, FOUND, ids=ids) if ids else []
    counts = tx.one(COUNTS, customer_id=customer_id)
    assert counts is not None
    return CustomerPage(customer, rows, _values(tx, customer_id), *counts)


def _values(tx: Tx, customer_id: Id) -> list[Value]:
    credit = {a.currency: a.balance for a in stored_value.by_customer(tx, [customer_id])}
    found = {value.currency: value for value in tx.rows(Value, VALUES, customer_id=customer_id)}
    nothing = {c: Value(c, 0, 0, 0, 0, 0, 0, 0) for c in credit if c not in found}
    return [
        replace(value, credit=credit.get(currency, 0))
        for currency, value in sorted((found | nothing).items())
    ]
