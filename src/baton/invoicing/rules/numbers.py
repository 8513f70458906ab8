"""Patterns of numbers: what they make, and that no two make the same."""

from __future__ import annotations

import re

from baton.invoicing.errors import SeriesInvalid

LONGEST = 40
_NO = re.compile(r"\{no(?::0(1[0-8]|[1-9])d)?\}")
_YEAR = "{year}"
_LITERAL = re.compile(r"[A-Za-z0-9 ./_-]*")
_DIGITS = re.compile(r"[0-9#]+")


def check(pattern: str, field: str = "pattern") -> None:
    """Pass if `pattern` makes numbers: {no} once, {year} at most once. Raises SeriesInvalid."""
    if len(pattern) > LONGEST:
        raise SeriesInvalid(f"A pattern has at most {LONGEST} characters.", field=field)
    if len(_NO.findall(pattern)) != 1 or pattern.count(_YEAR) > 1:
        raise SeriesInvalid(
            "A pattern has {no} or {no:06d} once and {year} at most once, such as "
            "INV-{year}-{no:06d}.",
            field=field,
        )
    rest = _NO.sub("", pattern).replace(_YEAR, "")
    if not _LITERAL.fullmatch(rest) or pattern != pattern.strip():
        raise SeriesInvalid(
            "Beside {no} and {year} there are letters, digits and . / _ - alone.", field=field
        )


def number(pattern: str, year: int, no: int) -> str:
    """The number that a pattern makes; longer than its width where it has outgrown it."""
    found = _NO.search(pattern)
    assert found is not None, f"{pattern!r} is no pattern"
    width = int(found[1]) if found[1] else 0
    return _NO.sub(str(no).zfill(width), pattern).replace(_YEAR, f"{year:04d}")


def counted_in(pattern: str, year: int) -> int:
    """The year whose counter is used: 0 where the pattern names none and never starts anew."""
    return year if _YEAR in pattern else 0


def skeleton(pattern: str) -> str:
    """The pattern with each run of digits, written or to come, as one sign.

    Two numbers that are equal have equal skeletons, so patterns with different ones never make
    the same number.
    """
    return _DIGITS.sub("#", _NO.sub("#", pattern).replace(_YEAR, "#"))
