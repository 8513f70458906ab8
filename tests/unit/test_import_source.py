"""Files become rows: formats, encodings, quotes, and what is no row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from baton.connectors.files import SourceInvalid
from baton.connectors.files.layout import Format, Layout, layout_of
from baton.connectors.files.reader import Reader
from baton.connectors.files.source import MAX_LINE, Row, SourceFile, Unreadable


def read(path: Path, layout: Layout | None = None, **asked: object) -> list[Row | Unreadable]:
    layout = layout or layout_of(path, **asked)  # type: ignore[arg-type]
    with SourceFile(path, layout.encoding) as file:
        return list(Reader(file, layout))


def write(folder: Path, content: str | bytes, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def values(items: list[Row | Unreadable]) -> list[dict[str, str]]:
    return [dict(item.values) for item in items if isinstance(item, Row)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", "a,b\n1,x y\n2,\n"),
        ("f.csv", "a;b\n1;x y\n2;\n"),
        ("f.csv", "a|b\r\n1|x y\r\n2|\r\n"),
        ("f.tsv", "a\tb\n1\tx y\n2\t\n"),
        ("f.txt", "a\tb\n1\tx y\n2\t\n"),
        ("f.csv", "\ufeffa,b\n1,x y\n2,\n"),
        ("f.csv", 'a,b\n"1","x y"\n2,\n'),
        ("f.csv", "a,b\n1,x y\n\n2,"),
        ("f.jsonl", '{"a": 1, "b": "x y"}\n\n{"a": "2", "b": null}\n'),
        ("f.dat", '{"a": 1, "b": "x y"}\n{"a": "2", "b": ""}'),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_every_format_gives_the_same_rows(
    tmp_path: Path, name: str, content: str, compressed: bool
) -> None:
    data = content.encode()
    path = write(tmp_path, gzip.compress(data) if compressed else data, name)
    assert values(read(path)) == [{"a": "1", "b": "x y"}, {"a": "2", "b": ""}]


def test_rows_know_the_physical_line_that_they_start_on(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"two\nlines"\n\n2,x\r\n3,"q ""q"""\n')
    items = read(path)
    assert [item.line_no for item in items] == [2, 5, 6]
    assert values(items)[0]["b"] == "two\nlines"
    assert values(items)[2]["b"] == 'q "q"'


def test_bytes_that_are_no_text_name_their_column(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,caf\xe9\n2,caf\xc3\xa9\n3,x\x00y\n")
    first, second, third = read(path)
    assert isinstance(first, Row)
    assert first.damaged == "b"
    assert second == Row(3, {"a": "2", "b": "café"})
    assert isinstance(third, Row)
    assert third.damaged == "b"


def test_another_encoding_reads_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,caf\xe9 \x80\n")
    assert values(read(path, encoding="cp1252")) == [{"a": "1", "b": "café €"}]


@pytest.mark.parametrize(
    "broken",
    [
        '2,"never closed',
        '2,"closed" but going on',
        "2,x,one too many",
        "2",
    ],
)
def test_a_broken_row_costs_itself_alone(tmp_path: Path, broken: str) -> None:
    path = write(tmp_path, f'a,b\n1,x\n{broken}\n3,"y"\n4,z\n')
    items = read(path)
    assert [type(item) for item in items] == [Row, Unreadable, Row, Row]
    assert [item.line_no for item in items] == [2, 3, 4, 5]
    assert values(items) == [{"a": "1", "b": "x"}, {"a": "3", "b": "y"}, {"a": "4", "b": "z"}]


def test_a_quote_open_to_the_end_of_a_long_file_costs_one_line(tmp_path: Path) -> None:
    rows = "".join(f"{n},{'x' * 40}\n" for n in range(20_000))
    items = read(write(tmp_path, f'a,b\n0,"open\n{rows}'))
    assert isinstance(items[0], Unreadable)
    assert items[0].cells == ('0,"open',)
    assert [item.line_no for item in items] == list(range(2, 20_003))
    assert all(isinstance(item, Row) for item in items[1:])


def test_a_line_without_end_costs_itself_alone(tmp_path: Path) -> None:
    endless = "9," + "x" * (2 * MAX_LINE)
    items = read(write(tmp_path, f'a,b\n1,x\n{endless}\n2,"open\n{endless}\n3,z\n'))
    assert [item.line_no for item in items] == [2, 3, 4, 5, 6]
    kinds = [Row, Unreadable, Unreadable, Unreadable, Row]
    assert [type(item) for item in items] == kinds
    assert items[2].cells == ('2,"open\n',)  # type: ignore[union-attr]


def test_without_quotes_a_quote_is_a_sign_like_others(tmp_path: Path) -> None:
    path = write(tmp_path, 'a\tb\n1\t5" nail\n2\t"x\n', "f.tsv")
    assert values(read(path, quote="")) == [{"a": "1", "b": '5" nail'}, {"a": "2", "b": '"x'}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("a,a\n1,2\n", "twice"),
        (b"a,\xff\n1,2\n", "no text"),
        ('a,"b\n', "can't be read"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_without_a_usable_header_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(SourceInvalid, match=said):
        read(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceInvalid, match="No such file"):
        read(tmp_path / "no.csv")


def test_a_broken_archive_gives_what_stands_before_the_break(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n * n}\n" for n in range(50_000))
    data = gzip.compress(f"a,b\n{rows}".encode())
    path = write(tmp_path, data[: len(data) // 2], "f.csv.gz")
    layout = Layout(Format.CSV)
    items = []
    with (
        SourceFile(path, "utf-8") as file,
        pytest.raises(SourceInvalid, match="broken gzip"),
    ):
        for item in Reader(file, layout):
            items.append(item)
    assert 1_000 < len(items) < 50_000
    assert items[-1] == Row(
        len(items) + 1, {"a": str(len(items) - 1), "b": str((len(items) - 1) ** 2)}
    )


def test_progress_counts_the_bytes_on_disk(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n * n}\n" for n in range(50_000))
    path = write(tmp_path, gzip.compress(f"a,b\n{rows}".encode()), "f.csv.gz")
    with SourceFile(path, "utf-8") as file:
        seen = [file.bytes_read for _ in Reader(file, Layout(Format.CSV))]
        assert seen == sorted(seen)
        assert 0 < seen[0] < seen[-1] == file.bytes_total == path.stat().st_size


# ── JSON lines ─────────────────────────────────────────────────────────────────────────────


def test_json_numbers_keep_their_digits(tmp_path: Path) -> None:
    line = '{"a": 0.10, "b": 12345678901234567890.12, "c": true, "d": 1e-3, "e": -7}'
    (row,) = read(write(tmp_path, line, "f.jsonl"))
    assert isinstance(row, Row)
    assert row.values == {
        "a": "0.10",
        "b": "12345678901234567890.12",
        "c": "true",
        "d": "1e-3",
        "e": "-7",
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "No JSON object"),
        ("[1, 2]", "No JSON object"),
        ('"a"', "No JSON object"),
        ("NaN", "No JSON object"),
        ('{"a": NaN}', "no number"),
        ('{"a": {"b": 1}}', "'a' is not one value"),
        ('{"a": {}}', "'a' is not one value"),
        ('{"a": [1]}', "'a' is not one value"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ("[" * 100_000, "No JSON object"),
        ('{"_raw": "12;x"}', "in place of _raw"),
    ],
)
def test_a_line_that_is_no_flat_object_costs_itself_alone(
    tmp_path: Path, line: str, said: str
) -> None:
    items = read(write(tmp_path, f'{{"a": 1}}\n{line}\n{{"a": 2}}\n', "f.jsonl"))
    assert [type(item) for item in items] == [Row, Unreadable, Row]
    assert isinstance(items[1], Unreadable)
    assert said in items[1].reason


@pytest.mark.parametrize("escape", ["\\ud800", "\\u0000"])
def test_json_escapes_that_are_no_text_name_their_column(tmp_path: Path, escape: str) -> None:
    (row,) = read(write(tmp_path, json.dumps({"a": "x"}).replace("x", escape), "f.jsonl"))
    assert isinstance(row, Row)
    assert row.damaged == "a"
