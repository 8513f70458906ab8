"""Two currencies: amounts at a rate, and pots that settle at another than they came at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from baton.accounting.model import Pot
from baton.values.money import minor_units, rounded, share


def converted(minor: int, currency: str, base_currency: str, rate: Decimal) -> int:
    """Minor units of the base currency; `rate` is base currency for one unit of the currency."""
    if currency == base_currency:
        return minor
    digits = minor_units(base_currency) - minor_units(currency)
    return rounded((Decimal(minor) * rate).scaleb(digits))


@dataclass(frozen=True, slots=True)
class Moved:
    """A pot afterwards; what was relieved of it at its own worth, what was added at the rate.

    `gain` is what the relieved part is worth more at the rate of the day, in its own sign.
    """

    pot: Pot
    relieved: Pot
    added: Pot
    gain: int


def move(pot: Pot, amount: int, currency: str, base_currency: str, rate: Decimal) -> Moved:
    """`amount` on a pot: what is against its sign relieves it at the worth that it came at."""
    opposite = (amount > 0) != (pot.amount > 0) and pot.amount != 0
    part = min(abs(amount), abs(pot.amount)) if opposite else 0
    signed = part if amount > 0 else -part
    worth = share(abs(pot.base), abs(pot.amount), part) if part else 0
    # the worth has the sign of the pot, what relieves it the other one
    relieved = Pot(signed, -worth if pot.base > 0 else worth)
    rest = amount - signed
    added = Pot(rest, converted(rest, currency, base_currency, rate))
    after = Pot(pot.amount + amount, pot.base + relieved.base + added.base)
    gain = relieved.base - converted(signed, currency, base_currency, rate)
    return Moved(after, relieved, added, gain)
