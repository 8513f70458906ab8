"""What is decided about rates, from values to values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from baton.currencies.errors import RowInvalid
from baton.currencies.model import EURO, STALE_DAYS, Published, Rate, Reject, Row
from baton.values.money import Money, minor_units, rounded

# A rate has twelve digits that say something: an amount of 10^11 is off by less than one unit.
_DIGITS = Context(prec=12, rounding=ROUND_HALF_EVEN)
_LEAST, _MOST = Decimal("1e-9"), Decimal("1e9")


def read_row(row: Row, source: str) -> Published:
    """The rate that a row says. Raises RowInvalid with the field that says none."""
    try:
        day = date.fromisoformat(row.day.strip())
    except ValueError as error:
        raise RowInvalid(f"{row.day[:40]!r} is no day.", field="day") from error
    currency = row.currency.strip().upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise RowInvalid(f"{row.currency[:40]!r} is no currency.", field="currency")
    try:
        per_euro = Decimal(row.rate.strip())
    except InvalidOperation as error:
        raise RowInvalid(f"{row.rate[:40]!r} is no number.", field="rate") from error
    if not per_euro.is_finite() or not _LEAST <= per_euro <= _MOST:
        raise RowInvalid(f"{row.rate[:40]!r} is beyond all reason.", field="rate")
    if currency == EURO and per_euro != 1:
        raise RowInvalid("One euro is one euro.", field="rate")
    return Published(currency, day, per_euro, source)


def sorted_out(rows: Sequence[Row], source: str) -> tuple[list[Published], list[Reject]]:
    """The rates of a file, one for a currency and day, and the rows that say none."""
    found: dict[tuple[str, date], Published] = {}
    rejects = []
    for place, row in enumerate(rows, 1):
        try:
            rate = read_row(row, source)
            known = found.setdefault((rate.currency, rate.day), rate)
            if known.per_euro != rate.per_euro:
                raise RowInvalid(
                    f"{rate.currency} was {known.per_euro} on {rate.day} already.", field="rate"
                )
        except RowInvalid as error:
            text = f"{row.day},{row.currency},{row.rate}"[:200].replace(
                "\x00", "\N{REPLACEMENT CHARACTER}"
            )
            rejects.append(Reject(place, text, error.message))
    return [found[key] for key in sorted(found)], rejects


def crossed(base: str, quote: str, day: date, last: Mapping[str, Published]) -> Rate | None:
    """The rate between two currencies by their last rates against the euro; None where one is
    missing or older than `STALE_DAYS`.
    """
    if base == quote:
        return Rate(base, quote, Decimal(1), day, "")
    legs = []
    for currency in (base, quote):
        leg = Published(EURO, day, Decimal(1), "") if currency == EURO else last.get(currency)
        if leg is None or leg.day > day or day - leg.day > timedelta(days=STALE_DAYS):
            return None
        legs.append(leg)
    value = _DIGITS.divide(legs[1].per_euro, legs[0].per_euro)
    sources = dict.fromkeys(leg.source for leg in legs if leg.source)
    return Rate(base, quote, value, min(leg.day for leg in legs), ", ".join(sources))


def converted(amount: Money, rate: Rate) -> Money:
    """The amount in the rate's other currency, rounded once, half to even."""
    if amount.currency != rate.base:
        raise ValueError(f"{amount.currency} is not {rate.base}")
    digits = minor_units(rate.quote) - minor_units(rate.base)
    return Money(rounded((amount.minor * rate.value).scaleb(digits)), rate.quote)
