"""A real year of invoices, read with the map that comes with Baton and with a suggested one.

What the file holds is counted here a second time, with csv and Decimal alone.
"""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest

from baton.connectors.files import (
    OrderEntry,
    ReturnEntry,
    RowClass,
    Sourced,
    Summary,
    WriteOffEntry,
    load_map,
    open_import,
    parse_map,
)
from baton.connectors.files.suggest import suggest
from baton.orders.model import ChargeKind, LineKind

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

ROWS = 370_931
CENT = Decimal("0.01")
Cell: TypeAlias = tuple[str, str]  # month, country
Told: TypeAlias = tuple[str, str, str, str]  # code, description, quantity, price


@dataclass
class Held:
    """What the file itself holds."""

    invoices: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    money: dict[Cell, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    units: Counter[Cell] = field(default_factory=Counter)


@dataclass
class Read:
    """What was read: sums over the entries, and what is wrong with them."""

    summary: Summary
    money: Counter[Cell]
    units: Counter[Cell]
    line_nos: list[int]
    faults: list[str]
    orders: dict[str, OrderEntry]  # some, to look at


@pytest.fixture(scope="module")
def path(shared_data: Path) -> Path:
    return shared_data / "orders-uci-online-retail" / "online_retail_2010-12_to_2011-09.csv.gz"


@pytest.fixture(scope="module")
def held(path: Path) -> Held:
    found = Held()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            count, price = row["Quantity"], row["UnitPrice"]
            told = (row["StockCode"], row["Description"].strip(), count, price)
            found.invoices[row["InvoiceNo"]].append(told)
            cell = (row["InvoiceDate"][:7], row["Country"])
            found.money[cell] += Decimal(count) * Decimal(price)
            found.units[cell] += int(count)
    return found


WANTED = {"542806", "541431", "550193", "568200", "A563186", "536365"}


@pytest.fixture(scope="module")
def read(path: Path, held: Held) -> Read:
    with open_import(path, load_map("uci-online-retail"), keep_rejects=False) as orders:
        found = Read(orders.summary, Counter(), Counter(), [], [], {})
        for batch in orders:
            for sourced in batch.entries:
                found.line_nos += sourced.line_nos
                _count(sourced, found)
                found.faults += _faults(sourced, held.invoices)
    return found


def _count(sourced: Sourced, found: Read) -> None:
    entry = sourced.entry
    match entry:
        case OrderEntry():
            cell = (_london_month(entry.placed_at), entry.attributes["country"])
            found.money[cell] += entry.total
            found.units[cell] += sum(line.quantity for line in entry.lines)
            found.units[cell] += sum(_units_of_charge(c.title) for c in entry.charges)
            if entry.external_id in WANTED:
                found.orders[entry.external_id] = entry
        case ReturnEntry():
            cell = (_london_month(entry.occurred_at), entry.country)
            found.money[cell] -= entry.total
            found.units[cell] -= sum(line.quantity for line in entry.lines)
        case WriteOffEntry():
            cell = (_london_month(entry.occurred_at), entry.country)
            found.units[cell] -= sum(line.quantity for line in entry.lines)


def _london_month(at: str) -> str:
    """No invoice is within an hour of a month's end, so UTC has the same month."""
    assert "T00" < at[10:13] < "T23"
    return at[:7]


def _units_of_charge(title: str) -> int:
    count, times, _ = title.partition(" × ")
    return int(count) if times else 1


def _faults(sourced: Sourced, invoices: Mapping[str, list[Told]]) -> list[str]:
    """Where an entry says something else than its invoice."""
    entry = sourced.entry
    name = entry.reference if isinstance(entry, WriteOffEntry) else entry.external_id
    told = invoices[name]
    match entry:
        case OrderEntry():
            said = [(line.sku, line.title, str(line.quantity), _money(line.unit_price))
                    for line in entry.lines]  # fmt: skip
            expected = [(code, text, count, _money(round(Decimal(price) * 100)))
                        for code, text, count, price in told if code not in CHARGES]  # fmt: skip
            same = said == expected and len(entry.lines) + len(entry.charges) == len(told)
        case ReturnEntry():
            same = [
                (line.sku, line.title, -line.quantity, line.amount) for line in entry.lines
            ] == [
                (code, text, int(count), -int(Decimal(count) * Decimal(price) * 100))
                for code, text, count, price in told
            ]
        case WriteOffEntry():
            same = [(line.sku, -line.quantity) for line in entry.lines] == [
                (code, int(count)) for code, _, count, _ in told
            ]
    return [] if same else [name]


CHARGES = {"POST", "DOT", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK", "D", "B", "M", "m", "S"}


def _money(minor: int) -> str:
    return f"{Decimal(minor) / 100:.2f}"


def test_every_row_is_an_order_line_a_charge_a_return_or_a_write_off(read: Read) -> None:
    assert read.summary.rows == {
        RowClass.LINE: 361_526,
        RowClass.CHARGE: 1_730,
        RowClass.RETURN: 6_652,
        RowClass.WRITE_OFF: 1_023,
    }
    assert sum(read.summary.rows.values()) == ROWS
    assert sorted(read.line_nos) == list(range(2, ROWS + 2))
    assert read.summary.entries == {"order": 14_876, "return": 2_887, "write_off": 1_023}


def test_every_invoice_says_what_the_file_says(read: Read, held: Held) -> None:
    assert read.faults == []
    assert sum(read.summary.entries.values()) == len(held.invoices)


def test_money_and_units_are_the_files_by_month_and_country(read: Read, held: Held) -> None:
    assert {cell: Decimal(minor) / 100 for cell, minor in read.money.items()} == {
        cell: amount.quantize(CENT) for cell, amount in held.money.items()
    }
    assert read.units == held.units
    assert len(held.money) == 243
    assert sum(held.units.values()) == 3_639_299
    sums = read.summary.sums
    assert {(w.month, w.country): s.exact for w, s in sums.items()} == held.money
    assert read.summary.differing() == []


def test_four_prices_below_a_cent_are_the_only_roundings(read: Read) -> None:
    lost = read.summary.rounding()
    assert sum(lost.values()) == Decimal("-0.004")
    assert {(w.month, w.country) for w in lost} == {
        (month, "United Kingdom") for month in ("2011-04", "2011-07", "2011-09")
    }


def test_orders_far_from_the_usual(read: Read) -> None:
    assert len(read.orders["542806"].lines) == 39  # its rows stand in two places, two minutes
    assert read.orders["542806"].placed_at == "2011-02-01T11:19:00Z"
    giant = read.orders["541431"]
    assert [(line.quantity, line.unit_price) for line in giant.lines] == [(74_215, 104)]
    assert giant.total == 7_718_360
    assert read.orders["568200"].placed_at == "2011-09-25T13:58:00Z"  # summer time
    bad_debt = read.orders["A563186"]
    assert bad_debt.lines == ()
    assert [charge.kind for charge in bad_debt.charges] == [ChargeKind.ADJUSTMENT]
    assert bad_debt.total == -1_106_206
    assert read.orders["536365"].channel_customer_id == "17850"


def test_suggested_maps_read_it_as_well(path: Path, read: Read) -> None:
    found = suggest(path)
    assert set(found.confidence) == {
        "external_id", "placed_at", "channel_customer_id", "country", "sku", "title", "quantity",
        "unit_price",
    }  # fmt: skip
    assert not found.unused
    gift_cards = 0
    with open_import(path, parse_map(found.yaml), keep_rejects=False) as orders:
        for batch in orders:
            for sourced in batch.entries:
                if isinstance(sourced.entry, OrderEntry):
                    kinds = Counter(line.kind for line in sourced.entry.lines)
                    gift_cards += kinds[LineKind.GIFT_CARD]
    assert orders.summary.rows == read.summary.rows
    assert orders.summary.charges == read.summary.charges
    assert gift_cards == 32
    assert {(w.month, w.country): s.minor for w, s in orders.summary.sums.items()} == dict(
        read.money
    )


# The peak of this program alone: after a fork ru_maxrss holds the parent's peak as well.
MEMORY = """
import resource, sys
from pathlib import Path
from baton.connectors.files import load_map, open_import
with open_import(Path(sys.argv[1]), load_map("uci-online-retail"), keep_rejects=False) as orders:
    rows = sum(batch.rows for batch in orders)
status = Path("/proc/self/status")
if status.exists():
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    print(rows, int(peak.split()[1]) // 1024)
else:
    print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2)
"""


def test_memory_stays_small(path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, told.stdout.split())
    assert rows == ROWS
    assert megabytes < 200
