"""A first table: the VAT rates of the member states (and of Northern Ireland for goods).

Entered by hand, to describe what holds on 2026-01-01. It was compared with public tables of 2025
(mindlink.lv, "VAT rates in EU"), NOT with the official source, the Commission's Taxes in Europe
Database; the changes of 2025-07 and later, Cyprus' and Estonia's lowest rates and Northern Ireland
stand on no such comparison. Check a country before you file by it. The list says which rates there
are, not which goods they are for. Nothing loads it but `baton tax seed-eu`.

Categories: `standard`, `reduced` (the higher reduced rate, or the only one), `reduced_2` (the lower
one), `super_reduced` (below 5 %, Article 98(2) of Directive 2006/112/EC).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from baton.tax.model import STANDARD, VAT, Code, Rate

AS_AT = date(2026, 1, 1)
SOURCE = f"EU list of {AS_AT}"
BEGINS = date(2024, 1, 1)
"""From when the list is complete; rates that are older are entered as if they began then."""

# country: standard, reduced, reduced_2, super_reduced
_SINCE_2024: dict[str, tuple[str, str, str, str]] = {
    "AT": ("20", "13", "10", ""),
    "BE": ("21", "12", "6", ""),
    "BG": ("20", "9", "", ""),
    "CY": ("19", "9", "5", "3"),
    "CZ": ("21", "12", "", ""),
    "DE": ("19", "7", "", ""),
    "DK": ("25", "", "", ""),
    "EE": ("22", "9", "5", ""),
    "ES": ("21", "10", "", "4"),
    "FI": ("24", "14", "10", ""),
    "FR": ("20", "10", "5.5", "2.1"),
    "GR": ("24", "13", "6", ""),
    "HR": ("25", "13", "5", ""),
    "HU": ("27", "18", "5", ""),
    "IE": ("23", "13.5", "9", "4.8"),
    "IT": ("22", "10", "5", "4"),
    "LT": ("21", "9", "5", ""),
    "LU": ("17", "14", "8", "3"),
    "LV": ("21", "12", "5", ""),
    "MT": ("18", "7", "5", ""),
    "NL": ("21", "9", "", ""),
    "PL": ("23", "8", "5", ""),
    "PT": ("23", "13", "6", ""),
    "RO": ("19", "9", "5", ""),
    "SE": ("25", "12", "6", ""),
    "SI": ("22", "9.5", "5", ""),
    "SK": ("20", "10", "5", ""),
    "XI": ("20", "5", "", ""),
}
_CATEGORIES = (STANDARD, "reduced", "reduced_2", "super_reduced")
_CHANGES: tuple[tuple[str, str, str, date], ...] = (
    ("FI", STANDARD, "25.5", date(2024, 9, 1)),
    ("SK", STANDARD, "23", date(2025, 1, 1)),
    ("SK", "reduced", "19", date(2025, 1, 1)),
    ("EE", STANDARD, "24", date(2025, 7, 1)),
    ("RO", STANDARD, "21", date(2025, 8, 1)),
    ("RO", "reduced", "11", date(2025, 8, 1)),
    ("FI", "reduced", "13.5", date(2026, 1, 1)),
    ("LT", "reduced", "12", date(2026, 1, 1)),
)
_ENDS = {("RO", "reduced_2"): date(2025, 7, 31)}


def eu_rates() -> list[Rate]:
    """All rates of the list, each with the day from which it holds."""
    first = [
        _rate(country, category, percent, BEGINS)
        for country, percents in _SINCE_2024.items()
        for category, percent in zip(_CATEGORIES, percents, strict=True)
        if percent
    ]
    return [*first, *(_rate(*change) for change in _CHANGES), *_zero_in_belfast()]


def _rate(country: str, category: str, percent: str, since: date) -> Rate:
    until = _ENDS.get((country, category))
    return Rate(
        country, "", category, VAT, since, until, Decimal(percent), Code.STANDARD, "", SOURCE
    )


def _zero_in_belfast() -> list[Rate]:
    return [Rate("XI", "", "zero", VAT, BEGINS, None, Decimal(0), Code.ZERO, "", SOURCE)]
