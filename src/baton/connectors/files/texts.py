"""Numbers and instants out of a file's texts: exact, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

ISO = "iso"
_MAX_DIGITS = 30
_CACHED = 8192


class NotRead(ValueError):
    """A text is not what its field needs; the message says why."""


def number_reader(decimal: str, thousands: str) -> Callable[[str], Decimal]:
    """Reads numbers as they are written in one country: (".", ",") reads 1,234.50.

    The reader raises NotRead.
    """
    point = re.escape(decimal)
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    form = re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d{{1,2}})?", re.A)

    @lru_cache(_CACHED)
    def read(text: str) -> Decimal:
        if len(text) > _MAX_DIGITS or not form.fullmatch(text):
            raise NotRead(f"{text[:60]!r} is no number.")
        if thousands:
            text = text.replace(thousands, "")
        return Decimal(text if decimal == "." else text.replace(decimal, "."))

    return read


def units(number: Decimal) -> int:
    """A whole number of units: 6 for 6.0. Raises NotRead."""
    if number != number.to_integral_value():
        raise NotRead(f"{number} is no whole number of units.")
    return int(number)


def instant_reader(formats: Sequence[str], zone: ZoneInfo) -> Callable[[str], datetime]:
    """Reads instants in the first of the formats that fits, into UTC.

    A time without an offset is local to `zone`; where the clock is set back, it is the first of
    the two. The reader raises NotRead.
    """

    @lru_cache(_CACHED)
    def read(text: str) -> datetime:
        for form in formats:
            try:
                found = datetime.fromisoformat(text) if form == ISO else _by_form(text, form)
            except ValueError:
                continue
            local = found if found.tzinfo else found.replace(tzinfo=zone)
            try:
                return local.astimezone(UTC)
            except OverflowError:
                break
        raise NotRead(f"{text[:60]!r} is no time as the map describes it.")

    return read


def _by_form(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007  (the zone is the map's)


def written(at: datetime) -> str:
    """ISO 8601 in UTC, as the API takes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
