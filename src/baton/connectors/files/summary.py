"""What was read, counted: rows by what became of them, money and units by month and country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from baton.connectors.files.amounts import minor
from baton.connectors.files.assembly import Made, Part
from baton.connectors.files.entries import OrderEntry, ReturnEntry, WriteOffEntry
from baton.connectors.files.mapping import Document
from baton.connectors.files.rejects import Reject
from baton.orders.model import ChargeKind
from baton.values.money import minor_units

_SHOWN = 20


class RowClass(StrEnum):
    """What became of a row; each row became exactly one thing."""

    LINE = "line"
    CHARGE = "charge"
    RETURN = "return"
    CANCELLATION = "cancellation"
    WRITE_OFF = "write_off"
    SKIPPED = "skipped"
    REJECTED = "rejected"


_CLASS_OF: Mapping[Document, RowClass] = {
    Document.RETURN: RowClass.RETURN,
    Document.CANCELLATION: RowClass.CANCELLATION,
    Document.WRITE_OFF: RowClass.WRITE_OFF,
    Document.SKIP: RowClass.SKIPPED,
}


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A month of the map's time zone (2011-03), the file's word for a country, a currency."""

    month: str
    country: str
    currency: str


@dataclass(slots=True)
class Sums:
    """What the rows of a month and country sum to.

    `units` are goods, `charge_units` the quantities of charges; what came back or was written off
    counts against them. `exact` is the file's own money, `minor` that of the entries.
    """

    rows: int = 0
    units: int = 0
    charge_units: int = 0
    exact: Decimal = Decimal(0)
    minor: int = 0


@dataclass(slots=True)
class Summary:
    """Counts of one pass over a file."""

    zone: ZoneInfo
    rows: Counter[RowClass] = field(default_factory=Counter)
    charges: Counter[ChargeKind] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    sums: dict[Where, Sums] = field(default_factory=dict)
    refused: int = 0  # rows of entries that were read well, and that the other side did not take
    first_rejects: list[Reject] = field(default_factory=list)

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())

    def rounding(self) -> dict[Where, Decimal]:
        """Where the entries' money differs from the file's, and by how much: the parts of a minor
        unit that prices with more digits than their currency were rounded by."""
        found = {}
        for where, sums in self.sums.items():
            difference = Decimal(sums.minor).scaleb(-minor_units(where.currency)) - sums.exact
            if difference:
                found[where] = difference
        return found

    def differing(self) -> list[Where]:
        """Where the file's money, rounded to minor units, is not the entries'."""
        return [
            where
            for where, sums in sorted(self.sums.items())
            if minor(sums.exact, minor_units(where.currency)) != sums.minor
        ]

    def add(self, made: Made) -> None:
        """Counts an entry and its rows."""
        entry, head = made.sourced.entry, made.head
        self.entries[_name(made)] += 1
        month = head.at.astimezone(self.zone).strftime("%Y-%m")
        where = Where(month, head.said("country"), head.currency)
        sums = self.sums.setdefault(where, Sums())
        sums.exact += made.exact_charges
        sums.minor += _money(entry)
        for part in made.parts:
            self._add_row(part, sums)

    def skip(self, reason: str) -> None:
        self.rows[RowClass.SKIPPED] += 1
        self.skipped[reason] += 1

    def reject(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.rows[RowClass.REJECTED] += 1
            if len(self.first_rejects) < _SHOWN:
                self.first_rejects.append(reject)

    def _add_row(self, part: Part, sums: Sums) -> None:
        verdict, item = part.judged.verdict, part.item
        sold = RowClass.CHARGE if verdict.charge else RowClass.LINE
        self.rows[_CLASS_OF.get(verdict.document, sold)] += 1
        sums.rows += 1
        sums.exact += item.exact
        if verdict.charge:
            self.charges[verdict.charge] += 1
            sums.charge_units += item.units
        else:
            sums.units += item.units


def _name(made: Made) -> str:
    entry = made.sourced.entry
    match entry:
        case OrderEntry():
            return "order"
        case ReturnEntry():
            return entry.kind.value
        case WriteOffEntry():
            return "write_off"


def _money(entry: OrderEntry | ReturnEntry | WriteOffEntry) -> int:
    match entry:
        case OrderEntry():
            goods = sum(line.unit_price * line.quantity - line.discount for line in entry.lines)
            return goods + sum(charge.amount for charge in entry.charges)
        case ReturnEntry():
            return -entry.total
        case WriteOffEntry():
            return 0
