"""Money: integer minor units and a currency, and the one rule by which it is split.

See docs/algorithms/money.md for worked numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from baton.values.errors import Invalid

# Digits after the point where they are not two. Source: ISO 4217 list one, column "minor unit".
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_UNITS = dict.fromkeys(_NO_DIGITS.split(), 0) | dict.fromkeys(_THREE_DIGITS.split(), 3)


class MoneyError(Invalid):
    """Amounts of two currencies were mixed, or a text is no amount of its currency."""

    code = "money_invalid"


def minor_units(currency: str) -> int:
    """Digits after the decimal point of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_UNITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: `minor` is in the currency's smallest unit (cents for EUR)."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        digits = minor_units(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):,.{digits}f} {self.currency}"

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} can't be added")
        return other

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """The exact amount written in `text` ("12.50"); never rounds.

        Raises MoneyError where the text is no number or has more digits than the currency.
        """
        try:
            minor = Decimal(text).scaleb(minor_units(currency))
        except InvalidOperation as error:
            raise MoneyError(f"{text!r} is not an amount") from error
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise MoneyError(
                f"{text!r} is not an exact amount of {currency}: "
                f"it has {minor_units(currency)} digits after the point"
            )
        return cls(int(minor), currency)


def rounded(value: Decimal) -> int:
    """The one rounding rule of Baton: half to even, so that errors don't add up one way."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def share(total: int, of: int, units: int) -> int:
    """Minor units that belong to the first `units` of `of` equal units of `total`.

    share(t, n, 0) = 0 and share(t, n, n) = t, so that the money of units k+1..m, which is
    share(m) − share(k), sums to the total to the cent in whatever order parts are shipped,
    cancelled or returned.
    """
    if not 0 <= units <= of:
        raise ValueError(f"{units} of {of} units")
    if of == 0:
        return 0
    # exact integer half-to-even division
    quotient, rest = divmod(total * units, of)
    if 2 * rest > of or (2 * rest == of and quotient % 2):
        quotient += 1
    return quotient


def between(total: int, of: int, first: int, last: int) -> int:
    """Minor units that belong to units `first`+1 … `last` of `of` equal units of `total`."""
    return share(total, of, last) - share(total, of, first)
