"""The ledger as a table: every line with all that Baton knows of it, as RFC 4180 CSV in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from baton.accounting.model import Entry
from baton.accounting.port import Books, Written
from baton.values.money import minor_units

COLUMNS = (
    "export",
    "repeats",
    "entry",
    "booked_on",
    "belongs_on",
    "account",
    "account_name",
    "debit",
    "credit",
    "currency",
    "base_debit",
    "base_credit",
    "base_currency",
    "rate",
    "key",
    "code",
    "fact",
    "rule",
    "source_id",
    "order_id",
    "memo",
    "note",
)


def amount(minor: int, currency: str) -> str:
    """Minor units as a decimal number with a point: 1250 EUR is 12.50."""
    digits = minor_units(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def text_of(rows: Iterable[Sequence[object]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Rows as CSV. *Source:* RFC 4180."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end)
    writer.writerows(rows)
    return made.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula. *Source:* OWASP, CSV injection."""
    plain = " ".join(text.split())
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@") else plain


class LedgerTable:
    """A line of the file for each line of an entry; debits and credits in columns of their own."""

    format = "csv"

    def file_name(self, entity_code: str, number: int) -> str:
        return f"ledger-{entity_code}-{number}.csv"

    def write(self, books: Books) -> Written:
        rows = [row for entry in books.entries for row in _rows(books, entry)]
        content = text_of([COLUMNS, *rows]).encode()
        name = self.file_name(books.entity_code, books.export.number)
        return Written(name, "text/csv; charset=utf-8", content)


def _rows(books: Books, entry: Entry) -> Iterable[Sequence[object]]:
    repeats = " ".join(map(str, books.export.repeats))
    for line in entry.lines:
        yield (
            books.export.number,
            repeats,
            entry.no,
            entry.booked_on.isoformat(),
            entry.belongs_on.isoformat(),
            line.account,
            safe(books.name(line.account)),
            amount(max(line.amount, 0), entry.currency),
            amount(max(-line.amount, 0), entry.currency),
            entry.currency,
            amount(max(line.base, 0), entry.base_currency),
            amount(max(-line.base, 0), entry.base_currency),
            entry.base_currency,
            f"{entry.rate:f}",
            line.key,
            safe(line.code),
            entry.fact,
            entry.rule,
            entry.source_id,
            entry.order_id or "",
            safe(entry.memo),
            safe(entry.note),
        )
