"""The words of currencies: rates by day against the euro, and between any two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from baton.values.ids import Id

EURO = "EUR"

STALE_DAYS = 10
"""A rate older than this is no rate: the longest gap of a central bank's calendar is five days."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rate of a file, as text: on `day` one euro was `rate` of `currency`."""

    day: str
    currency: str
    rate: str


@dataclass(frozen=True, slots=True)
class Published:
    """On `day` one euro was `per_euro` of `currency`, says `source`."""

    currency: str
    day: date
    per_euro: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that says no rate: which one of its file, as it came, and what is wrong with it."""

    place: int
    row: str
    problem: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import: rates that are new or corrected, and the rows that are none."""

    id: Id
    source: str
    added: int
    changed: int
    same: int
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it is kept."""

    id: Id
    source: str
    actor: str
    at: datetime
    days: int
    added: int
    changed: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is `value` of `quote`. `published` is the day of the older of its legs."""

    base: str
    quote: str
    value: Decimal
    published: date
    source: str
