"""Figures that come after capture: the tax of orders that came without, and rates of exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from baton.orders.model import Charge
from baton.platform.db import Statements, Tx
from baton.values import Id

sql = Statements("orders")

CHARGE_TAXES = sql(
    "charge_taxes",
    """
    update orders.charges c set tax = n.tax
    from unnest(%(order_id)s::uuid[], %(charge_no)s::int[], %(tax)s::bigint[])
         as n (order_id, charge_no, tax)
    where c.tenant_id = %(tenant)s and c.order_id = n.order_id and c.charge_no = n.charge_no
    """,
)
BASE_RATES = sql(
    "base_rates",
    """
    update orders.orders o set base_rate = n.rate
    from unnest(%(id)s::uuid[], %(rate)s::numeric[]) as n (id, rate)
    where o.tenant_id = %(tenant)s and o.id = n.id
    """,
)
WITHOUT_RATE = sql(
    "without_rate",
    """
    select id from orders.orders
    where tenant_id = %(tenant)s and base_rate is null and id > %(after)s
    order by id limit %(limit)s
    """,
)
UNRATED = sql(
    "unrated",
    """
    select id from orders.orders
    where tenant_id = %(tenant)s and id = any(%(ids)s) and base_rate is null order by id
    """,
)


def update_charge_taxes(tx: Tx, charges: Sequence[tuple[Id, Charge]]) -> None:
    """Write the tax of charges; nothing else of a charge changes."""
    if charges:
        tx.run(
            CHARGE_TAXES,
            order_id=[order_id for order_id, _ in charges],
            charge_no=[charge.charge_no for _, charge in charges],
            tax=[charge.tax for _, charge in charges],
        )


def update_base_rates(tx: Tx, rates: Mapping[Id, Decimal]) -> None:
    """Write what one unit of the order's currency is in its base currency."""
    ids = sorted(rates)
    tx.run(BASE_RATES, id=ids, rate=[rates[id] for id in ids])


def without_rate(tx: Tx, after: Id, limit: int) -> list[Id]:
    """Orders in another currency whose rate is not known, by id."""
    return [row[0] for row in tx.all(WITHOUT_RATE, after=after, limit=limit)]


def unrated(tx: Tx, ids: Sequence[Id]) -> list[Id]:
    """Those of these orders whose rate is not known."""
    return [row[0] for row in tx.all(UNRATED, ids=sorted(set(ids)))]
