"""Rows out of an open file, by its layout."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from baton.connectors.files.errors import SourceInvalid
from baton.connectors.files.layout import Format, Layout
from baton.connectors.files.source import (
    Lines,
    LineTooLong,
    Row,
    SourceFile,
    Unreadable,
    damaged,
    is_text,
    unbroken,
)

OWN = "_"  # columns that start so are passed over: they are ours
OURS = ("_line", "_field", "_reason")  # in front of every reject
RAW = "_raw"  # the text of a reject that was no JSON object
_TOO_LONG = "The line is too long; mend it in the file that it comes from."


class Reader:
    """The rows of a file, one pass. `columns` are its own, in order; empty for JSON lines.

    Raises SourceInvalid on a header that can't be one, or on a broken archive.
    """

    def __init__(self, file: SourceFile, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        self._cells = _Table(file.lines, layout)
        self._all = () if _has_our_header(file) else layout.header
        if layout.format is not Format.JSONL and not self._all:
            with unbroken(file.path):
                self._all = self._header()
        self.columns = tuple(name for name in self._all if not name.startswith(OWN))

    def __iter__(self) -> Iterator[Row | Unreadable]:
        with unbroken(self._file.path):
            if self._layout.format is Format.JSONL:
                yield from _objects(self._file.lines)
            else:
                yield from self._rows()

    def _header(self) -> tuple[str, ...]:
        first = next(iter(self._cells), None)
        if first is None:
            raise SourceInvalid(f"{self._file.path} has no header line.")
        if isinstance(first, Unreadable):
            raise SourceInvalid(f"The header of {self._file.path} can't be read: {first.reason}")
        names = tuple(cell.strip() for cell in first[1])
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or not all(map(is_text, names)):
            said = f"has {twice[0]!r} twice" if twice else "holds what is no text"
            raise SourceInvalid(f"The header of {self._file.path} {said}.")
        return names

    def _rows(self) -> Iterator[Row | Unreadable]:
        names, width = self._all, len(self._all)
        lines = self._file.lines
        own = [name for name in names if name.startswith(OWN)]
        for record in self._cells:
            if isinstance(record, Unreadable):
                yield record
                continue
            line_no, cells = record
            if len(cells) != width:
                yield self._cells.unreadable(
                    line_no, f"The row has {len(cells)} cells, the header {width}."
                )
                continue
            values = dict(zip(names, cells, strict=True))
            for name in own:
                del values[name]
            yield Row(line_no, values, damaged(values) if lines.suspect else "")


def _has_our_header(file: SourceFile) -> bool:
    """Whether it is a file of rejects, which has a header even where its source had none."""
    return any(line.startswith(OURS[0]) for line in file.sample(1_000)[:1])


class _Table:
    """Records of a CSV file: line number and cells. Quotes are read strictly, so that an open
    one is noticed where the next begins; then its first line alone is given up."""

    def __init__(self, lines: Lines, layout: Layout) -> None:
        self._lines = lines
        self._reader = csv.reader(
            lines,
            delimiter=layout.delimiter,
            quotechar=layout.quote or None,
            quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
            strict=True,
        )
        self._cells: Sequence[str] = ()

    def __iter__(self) -> Iterator[tuple[int, list[str]] | Unreadable]:
        reader, lines = self._reader, self._lines
        while True:
            line_no = lines.begin()
            try:
                self._cells = cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Unreadable(line_no, (_stripped(lines.only_first()),), f"Quotes: {error}.")
            except LineTooLong:
                yield Unreadable(line_no, (lines.only_first(),), _TOO_LONG)
            else:
                if cells:
                    yield line_no, cells

    def unreadable(self, line_no: int, reason: str) -> Unreadable:
        """Gives up the record at hand; of one over several lines the first line alone."""
        if len(self._lines.taken) == 1:
            return Unreadable(line_no, tuple(self._cells), reason)
        return Unreadable(line_no, (_stripped(self._lines.only_first()),), reason)


def first_cells(file: SourceFile, layout: Layout) -> list[str]:
    """The cells of the first record of a CSV file; none where it can't be read."""
    with unbroken(file.path):
        first = next(iter(_Table(file.lines, layout)), None)
    return first[1] if isinstance(first, tuple) else []


def _stripped(line: str) -> str:
    return line.rstrip("\r\n")


# ── JSON lines ─────────────────────────────────────────────────────────────────────────────


def _objects(lines: Lines) -> Iterator[Row | Unreadable]:
    """One object a line. Numbers keep the digits they are written with."""
    while True:
        line_no = lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except LineTooLong:
            yield Unreadable(line_no, tuple(lines.taken), _TOO_LONG)
            continue
        if line.strip():
            yield _object(line_no, _stripped(line))


def _object(line_no: int, line: str) -> Row | Unreadable:
    try:
        pairs = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(line_no, (line,), f"No JSON object: {error}.")
    if not isinstance(pairs, _Pairs):
        return Unreadable(line_no, (line,), "No JSON object.")
    values: dict[str, str] = {}
    for name, value in pairs:
        if isinstance(value, list):
            return Unreadable(line_no, (line,), f"{name!r} is not one value, but nested.")
        if name == RAW:
            return Unreadable(line_no, (str(value),), f"Write the row's columns in place of {RAW}.")
        if name in values:
            return Unreadable(line_no, (line,), f"{name!r} stands twice.")
        if not name.startswith(OWN):
            values[name] = _WORDS.get(value, "") if not isinstance(value, str) else value
    return Row(line_no, values, damaged(values))


class _Pairs(list[tuple[str, Any]]):
    """An object's members as they stand, so that a name that comes twice is seen."""


def _no_number(text: str) -> str:
    raise ValueError(f"{text} is no number")


_WORDS = {True: "true", False: "false"}
_DECODER = json.JSONDecoder(
    object_pairs_hook=cast(Any, _Pairs), parse_int=str, parse_float=str, parse_constant=_no_number
)
