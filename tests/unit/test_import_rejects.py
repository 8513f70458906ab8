"""Rejects can be mended and imported alone, and nobody's mending is ever overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from import_files import MAP, file_of, imported, table

from baton.connectors.files import (
    OrderEntry,
    RejectsUnwritable,
    SourceInvalid,
    open_import,
    parse_map,
)

WRONG = "7,2026-01-05,A,a,x,5.00"
BESIDE = "7,2026-01-05,B,b,2,5.00"
GOOD = "8,2026-01-05,A,a,2,5.00"


def test_rejects_have_the_sources_columns_and_the_reason(tmp_path: Path) -> None:
    found = imported(file_of(tmp_path, table(WRONG, BESIDE, GOOD)))
    assert found.rejects_path == tmp_path / "orders.rejects.csv"
    assert found.rejects_path.read_text() == (
        "_line,_field,_reason,order,placed,sku,title,qty,price\n"
        "2,qty,'x' is no number.,7,2026-01-05,A,a,x,5.00\n"
        "3,,Its order can't be used for line 2.,7,2026-01-05,B,b,2,5.00\n"
    )


def test_without_rejects_there_is_no_file(tmp_path: Path) -> None:
    found = imported(file_of(tmp_path, table(GOOD)))
    assert found.rejects_path is None
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz", "orders"])
def test_mended_rejects_are_imported_alone(tmp_path: Path, name: str) -> None:
    rejects = imported(file_of(tmp_path, table(WRONG, BESIDE, GOOD), name)).rejects_path
    assert rejects == tmp_path / "orders.rejects.csv"
    rejects.write_text(rejects.read_text().replace(",x,", ",3,"))
    order = imported(rejects).order
    assert [line.quantity for line in order.lines] == [3, 2]


UNREADABLE = [
    ("7,2026-01-05,A,a,2,5.00,more", "7,2026-01-05,A,a,2,5.00,more", "7,2026-01-05,A,a,2,5.00"),
    ('7,2026-01-05,A,"a,2,5.00', '"7,2026-01-05,A,""a,2,5.00"', "7,2026-01-05,A,a,2,5.00"),
]


@pytest.mark.parametrize(("row", "as_written", "mended"), UNREADABLE)
def test_what_could_not_be_read_can_be_mended_too(
    tmp_path: Path, row: str, as_written: str, mended: str
) -> None:
    rejects = imported(file_of(tmp_path, table(row))).rejects_path
    assert rejects is not None
    text = rejects.read_text()
    assert as_written in text
    again = imported(rejects)  # as it is, it stays rejected
    assert (again.entries, len(again.rejects)) == ([], 1)
    rejects.write_text(text.replace(as_written, mended))
    assert imported(rejects).order.total == 1_000


@pytest.mark.parametrize("line", ["{broken", '{"order": {"id": 7}}'])
def test_json_lines_too(tmp_path: Path, line: str) -> None:
    good = {"order": 7, "placed": "2026-01-05", "sku": "A", "title": "Ü", "qty": 1, "price": 5.5}
    wrong = json.dumps({**good, "qty": "x"}, ensure_ascii=False)
    path = file_of(tmp_path, f"{wrong}\n{line}\n", "orders.jsonl")
    rejects = imported(path).rejects_path
    assert rejects == tmp_path / "orders.rejects.jsonl"
    broken, row = map(json.loads, rejects.read_text().splitlines())
    assert broken["_raw"] == line
    assert (row["_line"], row["_field"]) == ("1", "order")  # beside a line that can't be read
    assert row["title"] == "Ü"
    again = imported(rejects)
    assert (again.entries, len(again.rejects)) == ([], 2)
    rejects.write_text(json.dumps({**good, "_line": "1", "_reason": "mended"}))
    assert imported(rejects).order.total == 550


def test_bytes_that_are_no_text_come_back_as_they_were(tmp_path: Path) -> None:
    row = b"7,2026-01-05,A,caf\xe9,1,5\n"
    path = file_of(tmp_path, table().encode() + row)
    rejects = imported(path).rejects_path
    assert rejects is not None
    assert rejects.read_bytes().endswith(row)
    path = file_of(tmp_path, b'{"order": "7", "title": "\\ud800"}\n', "half.jsonl")
    half = imported(path).rejects_path
    assert half is not None
    assert "\\ud800" in half.read_text()


def test_rejects_are_written_in_the_sources_encoding_and_cut(tmp_path: Path) -> None:
    map = MAP + "source: {encoding: windows-1252}\n"
    text = table("7;2026-01-05;A;Café;Œ;5", header="order;placed;sku;title;qty;price")
    rejects = imported(file_of(tmp_path, text.encode("cp1252")), map).rejects_path
    assert rejects is not None
    assert b"2;qty;'\x8c' is no number.;7;2026-01-05;A;Caf\xe9;\x8c;5" in rejects.read_bytes()
    assert len(imported(rejects, map).rejects) == 1


def test_rejects_of_a_file_without_header_have_one(tmp_path: Path) -> None:
    map = MAP + "source: {header: [order, placed, sku, title, qty, price]}\n"
    path = file_of(tmp_path, f"{GOOD}\n{WRONG}\n")
    found = imported(path, map)
    assert found.line_nos == [(1,)]
    rejects = found.rejects_path
    assert rejects is not None
    rejects.write_text(rejects.read_text().replace(",x,", ",3,"))
    assert imported(rejects, map).order.external_id == "7"


def test_without_quotes_cells_stay_apart(tmp_path: Path) -> None:
    map = MAP + "source: {format: tsv, quote: none}\n"
    rows = [row.replace(",", "\t").replace("\ta\t", '\t5" a, b\t') for row in (WRONG, BESIDE)]
    path = file_of(tmp_path, table(*rows, header="order\tplaced\tsku\ttitle\tqty\tprice"))
    rejects = imported(path, map).rejects_path
    assert rejects is not None
    rejects.write_text(rejects.read_text().replace("\tx\t", "\t3\t"))
    assert [line.title for line in imported(rejects, map).order.lines] == ['5" a, b', "b"]


# ── what lies there already ────────────────────────────────────────────────────────────────


def test_the_same_rejects_again_leave_the_file_alone(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(WRONG, GOOD))
    rejects = imported(path).rejects_path
    assert rejects is not None
    before = rejects.stat()
    assert imported(path).rejects_path == rejects
    after = rejects.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["orders.csv", "orders.rejects.csv"]


def test_a_file_that_somebody_is_mending_is_not_touched(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(GOOD, WRONG))
    first = imported(path).rejects_path
    assert first is not None
    first.write_text("half mended")
    second = imported(path).rejects_path
    assert second == tmp_path / "orders.rejects.2.csv"
    assert first.read_text() == "half mended"
    assert imported(path).rejects_path == second
    third = imported(second).rejects_path  # its own lines are others
    assert third == tmp_path / "orders.rejects.3.csv"


def test_a_run_without_rejects_leaves_those_of_the_last(tmp_path: Path) -> None:
    rejects = imported(file_of(tmp_path, table(WRONG, GOOD))).rejects_path
    assert imported(file_of(tmp_path, table(GOOD))).rejects_path is None
    assert rejects is not None
    assert rejects.exists()


def test_a_run_that_breaks_off_gives_no_file_its_name(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(WRONG, *[GOOD] * 5))
    with (
        pytest.raises(SourceInvalid),
        open_import(path, parse_map(MAP + "merge_within: 0\n"), batch=1) as orders,
    ):
        for _ in orders:
            raise SourceInvalid("the power fails")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["orders.csv", "orders.rejects.csv.part"]
    assert imported(path).rejects_path == tmp_path / "orders.rejects.csv"
    assert not (tmp_path / "orders.rejects.csv.part").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(WRONG, GOOD))
    with open_import(path, parse_map(MAP), keep_rejects=False) as orders:
        assert sum(len(batch.entries) for batch in orders) == 1
    assert orders.rejects is None
    assert [reject.line_no for reject in orders.summary.first_rejects] == [2]
    assert [file.name for file in tmp_path.iterdir()] == ["orders.csv"]


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(WRONG))
    nowhere = tmp_path / "missing" / "rejects.csv"
    with (
        pytest.raises(RejectsUnwritable, match="missing"),
        open_import(path, parse_map(MAP), rejects=nowhere) as orders,
    ):
        list(orders)


# ── what the other side refuses ────────────────────────────────────────────────────────────


def test_a_refused_order_is_rejected_with_the_cell_that_is_wrong(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(GOOD, "8,2026-01-05,POST,Postage,1,5.00", GOOD))
    rule = "rules:\n  - {when: {sku: POST}, charge: shipping}\n"
    with open_import(path, parse_map(MAP + rule)) as orders:
        (batch,) = orders
        (sourced,) = batch.entries
        assert isinstance(sourced.entry, OrderEntry)
        assert sourced.line_nos == (2, 3, 4)
        orders.refuse(sourced, "There are no such units.", "lines.1.quantity")
        assert orders.summary.refused == 3
    assert orders.rejects is not None
    assert orders.rejects.path is not None
    lines = orders.rejects.path.read_text().splitlines()
    assert lines[1].startswith("2,,Its order was refused for line 4.,8,")
    assert lines[2].startswith("3,,Its order was refused for line 4.,8,")
    assert lines[3].startswith("4,qty,There are no such units.,8,")


def test_a_refusal_of_the_whole_order_stands_on_each_row(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(GOOD, GOOD))
    with open_import(path, parse_map(MAP)) as orders:
        for batch in orders:
            for sourced in batch.entries:
                orders.refuse(sourced, "There is no such channel.", "channel")
    assert orders.rejects is not None
    assert orders.rejects.path is not None
    assert orders.rejects.path.read_text().count("There is no such channel.") == 2
