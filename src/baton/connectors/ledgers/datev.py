"""Postings for German tax advisers: DATEV's EXTF "Buchungsstapel", format 700.

*Source:* DATEV developer portal, "DATEV-Format", header fields 1 to 31 and format description
"Buchungsstapel" version 13 (version number 700, category 21): fields separated by semicolons,
texts in quotation marks, decimal comma, Windows-1252, amounts without sign beside "S" (Soll,
debit) or "H" (Haben, credit), the day as DDMM.

A record has one account and one contra account, an entry of ours any number of lines. So debits
and credits of an entry are paired off, largest first, and the records of one entry share the
field "Belegfeld 1". Amounts are in base currency, which is what the adviser's books are kept in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from baton.accounting.model import Entry
from baton.accounting.port import Books, Written
from baton.connectors.ledgers.table import amount, safe

VERSION, CATEGORY, CATEGORY_VERSION = 700, 21, 13
COLUMNS = (
    "Umsatz (ohne Soll/Haben-Kz)",
    "Soll/Haben-Kennzeichen",
    "WKZ Umsatz",
    "Kurs",
    "Basis-Umsatz",
    "WKZ Basis-Umsatz",
    "Konto",
    "Gegenkonto (ohne BU-Schlüssel)",
    "BU-Schlüssel",
    "Belegdatum",
    "Belegfeld 1",
    "Belegfeld 2",
    "Skonto",
    "Buchungstext",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One side against another: `base` in minor units of the base currency, never negative."""

    debit: str
    credit: str
    base: int
    text: str


class Datev:
    """A "Buchungsstapel" of all entries; the booking period stays open at DATEV (not fixed)."""

    format = "datev"

    def file_name(self, entity_code: str, number: int) -> str:
        return f"EXTF_Buchungsstapel_{entity_code}_{number}.csv"

    def write(self, books: Books) -> Written:
        rows = [_header(books), list(COLUMNS)]
        for entry in books.entries:
            rows += [_record(books, entry, one) for one in paired(entry)]
        text = "".join(";".join(row) + "\r\n" for row in rows)
        name = self.file_name(books.entity_code, books.export.number)
        return Written(name, "text/csv; charset=cp1252", text.encode("cp1252", "replace"))


def paired(entry: Entry) -> Iterable[Record]:
    """Debits against credits in base currency, until nothing is left of either."""
    debits = _sides(entry, sign=1)
    credits_ = _sides(entry, sign=-1)
    while debits and credits_:
        (account, left, text), (contra, right, _) = debits[0], credits_[0]
        part = min(left, right)
        yield Record(account, contra, part, text)
        debits[0] = (account, left - part, text)
        credits_[0] = (contra, right - part, credits_[0][2])
        if left == part:
            debits.pop(0)
        if right == part:
            credits_.pop(0)


def _sides(entry: Entry, sign: int) -> list[tuple[str, int, str]]:
    found = [(x.account, x.base * sign, x.key) for x in entry.lines if x.base * sign > 0]
    return sorted(found, key=lambda side: (-side[1], side[0]))


def _record(books: Books, entry: Entry, record: Record) -> list[str]:
    text = f"{safe(entry.memo)} {record.text}".strip()[:60]
    fields: Sequence[str] = (
        amount(record.base, entry.base_currency).replace(".", ","),
        '"S"',
        f'"{entry.base_currency}"',
        "",
        "",
        "",
        record.debit,
        record.credit,
        "",
        entry.booked_on.strftime("%d%m"),
        _text(f"{books.entity_code}-{entry.no}"[:36]),
        _text(f"{books.export.number}{'W' if books.export.repeats else ''}"),
        "",
        _text(text),
    )
    return list(fields)


def _header(books: Books) -> list[str]:
    export = books.export
    longest = max((len(number) for number in books.accounts), default=4)
    stamp = export.made_at.strftime("%Y%m%d%H%M%S") + f"{export.made_at.microsecond // 1000:03d}"
    label = f"Baton {export.number}" + (" WIEDERHOLT" if export.repeats else "")
    fields = [
        _text("EXTF"),
        str(VERSION),
        str(CATEGORY),
        _text("Buchungsstapel"),
        str(CATEGORY_VERSION),
        stamp,
        "",
        _text("BT"),
        _text(""),
        _text(""),
        "1001",  # Beraternummer, which the adviser's program replaces
        "1",  # Mandantennummer
        export.first.replace(month=1, day=1).strftime("%Y%m%d"),
        str(max(longest, 4)),
        export.first.strftime("%Y%m%d"),
        export.last.strftime("%Y%m%d"),
        _text(label[:30]),
        _text(""),
        "1",  # Buchungstyp: Finanzbuchführung
        "0",
        "0",  # Festschreibung: keine
        _text(books.base_currency),
    ]
    return fields + [""] * (31 - len(fields))


def _text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
