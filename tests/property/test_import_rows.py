"""Whatever stands in a file: each row ends in one place, and no money is lost."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.connectors.files import (
    OrderEntry,
    ReturnEntry,
    Sourced,
    Summary,
    WriteOffEntry,
    open_import,
    parse_map,
)
from baton.connectors.files.amounts import minor, priced
from baton.connectors.files.layout import Format, Layout
from baton.connectors.files.reader import Reader
from baton.connectors.files.rejects import Reject, Rejects
from baton.connectors.files.seen import Seen
from baton.connectors.files.source import Row, SourceFile

COLUMNS = ("order", "placed", "sku", "title", "qty", "price")
MAP = parse_map(
    """
merge_within: 3
fields:
  channel: {value: shop}
  external_id: order
  placed_at: placed
  currency: {value: EUR}
  sku: sku
  title: title
  quantity: qty
  unit_price: price
rules:
  - {when: {order: {matches: '^C'}}, is: return}
  - {when: {qty: {less_than: 0}, price: {number: 0}}, is: write_off, reason: title}
  - {when: {sku: POST}, charge: shipping}
  - {when: {sku: SKIP}, is: skip}
"""
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ORDERS = st.sampled_from(["1", "2", "3", "4", "C5", "C6", ""])
ROWS = st.tuples(
    ORDERS,
    st.sampled_from(["2026-01-05", "2026-02-28 23:59", "2026-03-01", "soon"]),
    st.sampled_from(["A", "B", "POST", "SKIP", ""]),
    st.sampled_from(["", "Mug", 'a "quoted" one', "two\nlines", "a,b", "Ünï"]),
    st.sampled_from(["1", "2", "3", "-1", "-7", "0", "x", "1.0"]),
    st.sampled_from(["0", "2.50", "0.333", "0.001", "-1", "1000000", "free"]),
)
ROTTEN = st.sampled_from(
    ['1,2026-01-05,"A,a,1,2', "1,2", "a,b,c,d,e,f,g,h", '"', "1,2026-01-05,A,\xff,1,2", '1,"a"b,c']
)


def written(row: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    return line.getvalue()


def read(content: bytes, folder: Path) -> tuple[list[Sourced], Summary, Path | None]:
    path = folder / "orders.csv"
    path.write_bytes(content)
    with open_import(path, MAP, batch=3) as orders:
        entries = [sourced for batch in orders for sourced in batch.entries]
    assert orders.rejects is not None
    return entries, orders.summary, orders.rejects.path


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS | ROTTEN, max_size=30))
def test_every_row_ends_in_exactly_one_place(rows: list[tuple[str, ...] | str]) -> None:
    lines = [row + "\n" if isinstance(row, str) else written(row) for row in rows]
    content = (",".join(COLUMNS) + "\n" + "".join(lines)).encode("latin-1", "replace")
    with TemporaryDirectory() as folder:
        entries, summary, rejects = read(content, Path(folder))
        rejected = []
        if rejects:
            layout = Layout(Format.CSV)
            with SourceFile(rejects, "utf-8") as file:
                rejected = [int(row[0]) for _, row in Reader(file, layout)._cells]  # type: ignore[misc]
        taken = [number for sourced in entries for number in sourced.line_nos]
        assert len(set(taken + rejected)) == len(taken) + len(rejected)
        with SourceFile(Path(folder) / "orders.csv", "utf-8") as file:
            found = {item.line_no for item in Reader(file, Layout(Format.CSV))}
        assert set(taken + rejected) <= found
        assert (
            len(found)
            == summary.total_rows
            == len(taken) + len(rejected) + sum(summary.skipped.values())
        )


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=30))
def test_entries_hold_the_files_money_and_units(rows: list[tuple[str, ...]]) -> None:
    """Counted again from the rows that the entries name, by other means."""
    content = (",".join(COLUMNS) + "\n" + "".join(map(written, rows))).encode()
    with TemporaryDirectory() as folder:
        entries, summary, _ = read(content, Path(folder))
    assert sum(_units(sourced) for sourced in entries) == sum(
        sums.units for sums in summary.sums.values()
    )
    for sourced in entries:
        values = [row.values for row in sourced.rows]
        exact = [Decimal(v["qty"]) * Decimal(v["price"]) for v in values]
        match sourced.entry:
            case OrderEntry(lines=lines, charges=charges, total=total):
                goods = [line.unit_price * line.quantity - line.discount for line in lines]
                assert sum(goods) + sum(charge.amount for charge in charges) == total
                assert total == sum(minor(amount, 2) for amount in exact)
                assert all(0 <= line.discount < line.quantity for line in lines)
            case ReturnEntry(lines=lines, total=total):
                assert total == sum(line.amount for line in lines)
                assert all(line.quantity > 0 for line in lines)
            case WriteOffEntry(lines=lines):
                assert all(line.quantity > 0 for line in lines)


def _units(sourced: Sourced) -> int:
    match sourced.entry:
        case OrderEntry(lines=lines):
            return sum(line.quantity for line in lines)
        case ReturnEntry(lines=back):
            return -sum(line.quantity for line in back if line.charge is None)
        case WriteOffEntry(lines=off):
            return -sum(line.quantity for line in off)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(*[TEXTS] * 3), min_size=1, max_size=8),
    st.sampled_from(
        [Layout(Format.CSV), Layout(Format.CSV, delimiter=";"), Layout(Format.TSV, delimiter="\t"),
         Layout(Format.JSONL)]
    ),
)  # fmt: skip
def test_rejects_come_back_as_they_went(rows: list[tuple[str, ...]], layout: Layout) -> None:
    names = ("a", "b", "c")
    sent = [dict(zip(names, row, strict=True)) for row in rows]
    with TemporaryDirectory() as folder:
        rejects = Rejects(Path(folder) / "r", layout, names)
        rejects.write([Reject(Row(1, values), "a", 'a, "reason";\nhere') for values in sent])
        rejects.close()
        assert rejects.path is not None
        with SourceFile(rejects.path, "utf-8") as file:
            back = [item.values for item in Reader(file, layout) if isinstance(item, Row)]
    assert back == sent


@given(st.integers(1, 10**7), st.integers(0, 10**12), st.integers(0, 10**6))
def test_a_price_and_a_discount_hold_a_lines_money(units: int, gross: int, discount: int) -> None:
    found = priced(units, gross, discount)
    assert found.unit_price * units - found.discount == gross - discount
    assert discount <= found.discount < discount + units


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=6), max_size=60))
def test_what_was_seen_is_known(keys: list[str]) -> None:
    seen, known = Seen(recent=4), set[str]()
    for key in keys:
        assert (key in seen) == (key in known)
        seen.add(key)
        known.add(key)
