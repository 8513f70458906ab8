"""Figures that an order gets after it was taken: tax that nobody had told, rates of exchange.

What the buyer pays is never changed here. The caller holds the orders' locks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from baton.orders.actions import save
from baton.orders.events import OrderRated, OrderTaxed
from baton.orders.model import Order
from baton.orders.store import update_base_rates, update_charge_taxes
from baton.platform.db import Tx
from baton.values import Id


def tell_tax(tx: Tx, order: Order, lines: Mapping[int, int], charges: Mapping[int, int]) -> Order:
    """Write the tax that lines and charges hold (number → minor units) where prices include it.

    The total stays. An order that holds these taxes already is left alone.
    """
    assert order.header.prices_include_tax, "tax that is not in the prices would change the total"
    taxed = tuple(replace(x, tax=lines.get(x.line_no, x.tax)) for x in order.lines)
    charged = tuple(replace(x, tax=charges.get(x.charge_no, x.tax)) for x in order.charges)
    if (taxed, charged) == (order.lines, order.charges):
        return order
    tax = sum(line.tax for line in taxed) + sum(charge.tax for charge in charged)
    after = replace(
        order, lines=taxed, charges=charged, header=replace(order.header, tax_minor=tax)
    )
    changed = [new for old, new in zip(order.charges, charged, strict=True) if old != new]
    update_charge_taxes(tx, [(order.id, charge) for charge in changed])
    fact = OrderTaxed(order.id, "", "", tax, order.header.currency)
    return save(tx, [order], [after], [fact])[0]


def set_base_rates(tx: Tx, orders: Sequence[Order], rates: Mapping[Id, Decimal]) -> list[Order]:
    """Write rates from orders' currencies to their base currencies; known ones stay.

    `rates` are by order: one unit of the order's currency in units of its base currency.
    """
    wanted = [o for o in orders if o.header.base_rate is None and o.id in rates]
    if not wanted:
        return []
    update_base_rates(tx, {order.id: rates[order.id] for order in wanted})
    after = [
        replace(order, header=replace(order.header, base_rate=rates[order.id])) for order in wanted
    ]
    facts = [
        OrderRated(o.id, "", "", o.header.currency, o.header.base_currency, str(o.header.base_rate))
        for o in after
    ]
    return save(tx, wanted, after, facts)
