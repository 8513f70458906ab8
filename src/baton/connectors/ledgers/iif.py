"""General journal entries for QuickBooks Desktop, in its Intuit Interchange Format.

*Source:* Intuit, "IIF overview: import kit, sample files, and headers": tab-separated; header
rows !TRNS, !SPL and !ENDTRNS; each transaction is a TRNS row, its SPL rows and ENDTRNS; amounts of
a transaction sum to zero; TRNSTYPE "GENERAL JOURNAL"; dates are MM/DD/YYYY. Amounts are in base
currency. The account is named by number and name, as QuickBooks shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from baton.accounting.model import Entry
from baton.accounting.port import Books, Written
from baton.connectors.ledgers.table import amount, safe

_FIELDS = ("TRNSTYPE", "DATE", "ACCNT", "NAME", "CLASS", "AMOUNT", "DOCNUM", "MEMO")


class QuickBooksIif:
    """A general journal entry for each entry; DOCNUM is its number in these books."""

    format = "quickbooks"

    def file_name(self, entity_code: str, number: int) -> str:
        return f"quickbooks-{entity_code}-{number}.iif"

    def write(self, books: Books) -> Written:
        rows: list[Sequence[object]] = [
            ("!TRNS", *_FIELDS),
            ("!SPL", *_FIELDS),
            ("!ENDTRNS",),
        ]
        for entry in books.entries:
            rows += _rows(books, entry)
        text = "".join("\t".join(map(str, row)) + "\r\n" for row in rows)
        name = self.file_name(books.entity_code, books.export.number)
        return Written(name, "text/plain; charset=cp1252", text.encode("cp1252", "replace"))


def _rows(books: Books, entry: Entry) -> Iterable[Sequence[object]]:
    again = " REPEATED" if books.export.repeats else ""
    memo = f"{safe(entry.memo)} ({entry.rule}, export {books.export.number}{again})"
    day = entry.booked_on.strftime("%m/%d/%Y")
    lines = [line for line in entry.lines if line.base]
    for place, line in enumerate(lines):
        account = f"{line.account} · {safe(books.name(line.account))}"
        figure = amount(line.base, entry.base_currency)
        kind = "SPL" if place else "TRNS"
        yield kind, "GENERAL JOURNAL", day, account, "", "", figure, entry.no, memo
    if lines:
        yield ("ENDTRNS",)
