"""Every format, read back by a reader of its own: nothing is lost, and it balances."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from baton.accounting.model import Entry, Export, PostingLine
from baton.accounting.port import Books
from baton.accounting.rules.chart import SHIPPED
from baton.connectors.ledgers import WRITERS
from baton.values.ids import Id

MADE = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
EXPORT = Export(
    Id(int=1), Id(int=2), 7, "csv", date(2026, 3, 1), date(2026, 3, 31), 3, 3, MADE, "ann"
)


def entry(no: int, memo: str, *lines: tuple[str, int, int], currency: str = "EUR") -> Entry:
    return Entry(
        id=Id(int=100 + no),
        legal_entity_id=Id(int=2),
        no=no,
        source_id=Id(int=200 + no),
        rule="sale",
        fact="orders.shipped",
        subject_id=Id(int=3),
        order_id=Id(int=3),
        channel_id=Id(int=4),
        currency=currency,
        base_currency="EUR",
        rate=Decimal("0.9") if currency != "EUR" else Decimal(1),
        belongs_on=date(2026, 3, no),
        booked_on=date(2026, 3, no),
        booked_at=MADE,
        actor="work",
        memo=memo,
        note="",
        reverses=None,
        lines=tuple(PostingLine(n, "key", amount, base) for n, amount, base in lines),
    )


ENTRIES = (
    entry(1, "K3V9T", ("1100", 2500, 2500), ("4000", -1681, -1681), ("4020", -420, -420),
          ("2300", -399, -399)),
    entry(2, '=cmd|"x"; ümlaut\t€', ("1200", 10000, 9500), ("1100", -10000, -9000),
          ("4500", 0, -500), currency="USD"),
    entry(3, "nothing", ("1300", 0, 0), ("5000", 0, 0)),
)  # fmt: skip
BOOKS = Books(EXPORT, "main", "Test GmbH", "EUR", {a.number: a for a in SHIPPED.accounts}, ENTRIES)
AGAIN = replace(BOOKS, export=replace(EXPORT, repeats=(4, 5)))

Sums = dict[str, Decimal]


def _table(content: bytes) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(content.decode())):
        sums[row["account"]] += Decimal(row["base_debit"]) - Decimal(row["base_credit"])
        assert row["export"] == "7"
    return sums


def _xero(content: bytes) -> Sums:
    sums: Sums = defaultdict(Decimal)
    journals: Sums = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(content.decode())):
        amount = Decimal(row["*Amount"])
        sums[row["*AccountCode"]] += amount
        journals[row["*Narration"]] += amount
        assert re.fullmatch(r"\d\d/\d\d/\d{4}", row["*Date"])
        assert row["*TaxRate"] == "Tax Exempt"
    assert set(journals.values()) == {Decimal(0)}, "Xero refuses a journal that does not balance"
    return sums


def _iif(content: bytes) -> Sums:
    sums: Sums = defaultdict(Decimal)
    rows = [line.split("\t") for line in content.decode("cp1252").splitlines()]
    assert [row[0] for row in rows[:3]] == ["!TRNS", "!SPL", "!ENDTRNS"]
    rest, kinds = Decimal(0), []
    for row in rows[3:]:
        kinds.append(row[0])
        if row[0] == "ENDTRNS":
            assert rest == 0, "QuickBooks refuses a transaction that does not balance"
            continue
        assert len(row) == len(rows[0]), "a tab too many would shift all columns"
        amount = Decimal(row[6])
        rest += amount
        sums[row[3].partition(" ")[0]] += amount
    assert re.fullmatch(r"(TRNS,(SPL,)+ENDTRNS,)+", ",".join(kinds) + ",")
    return sums


def _datev(content: bytes) -> Sums:
    sums: Sums = defaultdict(Decimal)
    rows = list(csv.reader(io.StringIO(content.decode("cp1252")), delimiter=";"))
    header, names = rows[:2]
    assert header[:5] == ["EXTF", "700", "21", "Buchungsstapel", "13"]
    assert len(header) == 31
    assert header[5] == "20260401083000000"
    assert header[12:16] == ["20260101", "4", "20260301", "20260331"]
    assert header[21] == "EUR"
    for row in rows[2:]:
        assert len(row) == len(names)
        found = dict(zip(names, row, strict=True))
        amount = Decimal(found["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "."))
        assert amount > 0
        assert found["Soll/Haben-Kennzeichen"] == "S"
        assert re.fullmatch(r"\d{4}", found["Belegdatum"])
        assert len(found["Buchungstext"]) <= 60
        sums[found["Konto"]] += amount
        sums[found["Gegenkonto (ohne BU-Schlüssel)"]] -= amount
    return sums


def _beancount(content: bytes) -> Sums:
    """A reader of the parts of the syntax that are written; it balances each transaction."""
    sums: Sums = defaultdict(Decimal)
    opened, rest = set(), None
    for line in content.decode().splitlines():
        if found := re.fullmatch(r"\d{4}-\d\d-\d\d open ([A-Z][\w:-]+)", line):
            opened.add(found[1])
        elif re.match(r"\d{4}-\d\d-\d\d \* ", line):
            assert rest in (None, 0)
            assert re.fullmatch(r'\d{4}-\d\d-\d\d \* "[^"]*" "[^"]*" \^[\w/-]+', line), line
            rest = Decimal(0)
        elif found := re.fullmatch(r"  ([A-Z]\w+:[\w-]+)  (-?[\d.]+) EUR", line):
            assert found[1] in opened
            assert rest is not None
            rest += Decimal(found[2])
            sums[found[1].partition(":")[2].partition("-")[0]] += Decimal(found[2])
        else:
            assert not line or line[0] == ";" or re.match(r'option |    ?\w+: ".*"|  \w+: "', line)
    assert rest == 0
    return sums


READERS: dict[str, Callable[[bytes], Sums]] = {
    "csv": _table,
    "xero": _xero,
    "quickbooks": _iif,
    "datev": _datev,
    "beancount": _beancount,
}


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(WRITERS)


@pytest.mark.parametrize("format", WRITERS)
def test_every_account_comes_out_as_it_went_in(format: str) -> None:
    wanted: Sums = defaultdict(Decimal)
    for each in ENTRIES:
        for line in each.lines:
            wanted[line.account] += Decimal(line.base).scaleb(-2)
    read = READERS[format](WRITERS[format].write(BOOKS).content)
    assert {k: v for k, v in read.items() if v} == {k: v for k, v in wanted.items() if v}


@pytest.mark.parametrize("format", WRITERS)
def test_the_same_entries_make_the_same_file(format: str) -> None:
    writer = WRITERS[format]
    assert writer.write(BOOKS) == writer.write(BOOKS)
    assert writer.format == format
    assert re.fullmatch(r"[\w.-]+", writer.write(BOOKS).name)


@pytest.mark.parametrize("format", WRITERS)
def test_what_was_exported_before_says_so_in_the_file(format: str) -> None:
    writer = WRITERS[format]
    first, again = (writer.write(each).content for each in (BOOKS, AGAIN))
    assert first != again
    if format != "csv":
        assert re.search(rb"REPEATED|WIEDERHOLT", again)
        assert not re.search(rb"REPEATED|WIEDERHOLT", first)
    assert "REPEATED: shares days with export 4, 5" in AGAIN.watermark


@pytest.mark.parametrize("format", ["csv", "xero", "quickbooks"])
def test_no_text_is_a_formula(format: str) -> None:
    text = WRITERS[format].write(BOOKS).content.decode("cp1252", "replace")
    cells = re.split(r'[\t\r\n,]"?', text)
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


def test_an_empty_period_is_a_file_all_the_same() -> None:
    empty = replace(BOOKS, entries=())
    for format, writer in WRITERS.items():
        assert writer.write(empty).content, format
