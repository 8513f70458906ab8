"""At which rate an order's lines and charges are taxed, as documents state it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from baton.invoicing.model import Part, Taxed
from baton.orders import rules
from baton.orders.model import Order
from baton.platform.db import Tx
from baton.values import Id

_HUNDREDTH = Decimal("0.01")
NOT_TAXED = Taxed("Z", Decimal(0))


def rates(_tx: Tx, found: Mapping[Id, Order]) -> dict[Id, dict[Part, Taxed]]:
    """How each line and charge is taxed: as it was determined, else as the order's amounts say."""
    return {id: _stated(order) for id, order in found.items()}


def _stated(order: Order) -> dict[Part, Taxed]:
    included = order.header.prices_include_tax
    lines = {Part(x.line_no, 0): effective(x.total - x.tax, x.tax) for x in order.lines}
    charges = {
        Part(0, c.charge_no): effective(rules.charge_total(c, tax_included=included) - c.tax, c.tax)
        for c in order.charges
    }
    return lines | charges


def effective(net: int, tax: int) -> Taxed:
    """The rate that the amounts themselves make, to a hundredth of a percent.

    It is stated as it is and never bent to a rate that exists: 1.60 on 8.40 is 19.05 %.
    """
    if not tax or not net or (tax < 0) is not (net < 0):
        return NOT_TAXED
    return Taxed("S", (Decimal(tax * 100) / net).quantize(_HUNDREDTH))
