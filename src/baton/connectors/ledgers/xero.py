"""Manual journals for Xero, as the file that its import of manual journals takes.

*Source:* Xero Central, "Import manual journals": columns *Narration, *Date, Description,
*AccountCode, *TaxRate, *Amount; a positive amount is a debit, a negative one a credit; lines with
the same narration and date are one journal. Amounts are in the organisation's base currency. Tax is
on lines of its own already, so each line has the rate "Tax Exempt".
"""

from __future__ import annotations

from baton.accounting.port import Books, Written
from baton.connectors.ledgers.table import amount, safe, text_of

COLUMNS = ("*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount")


class Xero:
    """One manual journal for each entry, told apart by its number in the narration."""

    format = "xero"

    def file_name(self, entity_code: str, number: int) -> str:
        return f"xero-journals-{entity_code}-{number}.csv"

    def write(self, books: Books) -> Written:
        rows = [
            (
                f"{books.entity_code}/{entry.no} {entry.rule} {safe(entry.memo)}"[:250]
                + _repeated(books),
                entry.booked_on.strftime("%d/%m/%Y"),
                line.key,
                line.account,
                "Tax Exempt",
                amount(line.base, entry.base_currency),
            )
            for entry in books.entries
            for line in entry.lines
            if line.base
        ]
        content = text_of([COLUMNS, *rows]).encode()
        name = self.file_name(books.entity_code, books.export.number)
        return Written(name, "text/csv; charset=utf-8", content)


def _repeated(books: Books) -> str:
    return f" [export {books.export.number}" + (", REPEATED]" if books.export.repeats else "]")
