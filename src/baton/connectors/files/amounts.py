"""Money of a row: multiplied exactly, rounded once, and split so that nothing is lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from baton.values.money import rounded


@dataclass(frozen=True, slots=True)
class Priced:
    """`unit_price` × units − `discount` is the line's money."""

    unit_price: int
    discount: int


def minor(amount: Decimal, digits: int) -> int:
    """Minor units of an amount, half to even: 0.125 EUR is 12, 0.135 EUR is 14."""
    return rounded(amount.scaleb(digits))


def priced(units: int, gross: int, discount: int) -> Priced:
    """A price in whole minor units for a line of `gross` minor units before its discount.

    The price is the least that reaches the gross; what it is too much (less than one minor unit
    a unit) is added to the discount: 3 units of 0.333 make 1.00 = 3 × 0.34 − 0.02. A price in
    whole minor units stays as it is.
    """
    unit_price = -(-gross // units)
    return Priced(unit_price, discount + unit_price * units - gross)
