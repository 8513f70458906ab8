"""Facts about the books that people change. Entries that follow from facts have none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class BooksFact(Fact):
    """Something about the books of one legal entity."""

    subject: ClassVar[str] = "books"


@dataclass(frozen=True, slots=True)
class PeriodClosed(BooksFact):
    """Nothing is booked on a day up to this one any more."""

    fact: ClassVar[str] = "accounting.period_closed"

    through: date


@dataclass(frozen=True, slots=True)
class PeriodReopened(BooksFact):
    """Days after this one can be booked on again; None: all days."""

    fact: ClassVar[str] = "accounting.period_reopened"

    through: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class MethodSet(BooksFact):
    """What leaves stock is valued by another method from now on."""

    fact: ClassVar[str] = "accounting.method_set"

    method: str


@dataclass(frozen=True, slots=True)
class EntryMade(BooksFact):
    """Somebody booked an entry by hand."""

    fact: ClassVar[str] = "accounting.entry_made"

    entry_id: Id
    currency: str
    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class EntryReversed(BooksFact):
    """Somebody reversed an entry by another that takes back every line of it."""

    fact: ClassVar[str] = "accounting.entry_reversed"

    entry_id: Id
    reverses: Id
    reason: str


@dataclass(frozen=True, slots=True)
class Exported(BooksFact):
    """The entries of some days were written for another program; `repeats` names earlier times."""

    fact: ClassVar[str] = "accounting.exported"

    export_id: Id
    number: int
    format: str
    first: date
    last: date
    entries: int
    repeats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChartSaved(Fact):
    """The chart of accounts and the mapping of postings to it were replaced."""

    fact: ClassVar[str] = "accounting.chart_saved"
    subject: ClassVar[str] = "chart"

    accounts: int
    mappings: int


@dataclass(frozen=True, slots=True)
class PostingsReplayed(Fact):
    """Postings that waited for a person are tried again."""

    fact: ClassVar[str] = "accounting.replayed"
    subject: ClassVar[str] = "chart"

    parked: int
