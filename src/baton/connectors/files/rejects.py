"""Rows that can't be used, in a file that can be mended and imported alone.

It is laid out as its source is, never compressed, with three columns of ours in front: `_line`,
`_field` and `_reason`, which the reader passes over. Somebody may be at work in the file of an
earlier run: it is left as it is, and another is written beside it, but for one that says the same.
"""

from __future__ import annotations

import csv
import filecmp
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from baton.connectors.files.errors import RejectsUnwritable
from baton.connectors.files.layout import Format, Layout
from baton.connectors.files.reader import OURS, RAW
from baton.connectors.files.source import Row, Unreadable

_NUMBERED = re.compile(r"\.rejects(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that can't be used. `field` is the column to mend, nothing where it is the row."""

    row: Row | Unreadable
    field: str
    reason: str

    @property
    def line_no(self) -> int:
        return self.row.line_no


def place_beside(source: Path, layout: Layout) -> Path:
    """Rejects of `orders.csv.gz`, and those of its rejects, go to `orders.rejects.csv`."""
    plain = source.with_suffix("") if source.suffix.lower() == ".gz" else source
    stem = _NUMBERED.sub("", plain.stem)
    return plain.with_name(f"{stem}.rejects{plain.suffix or f'.{layout.format}'}")


class Rejects:
    """Writes rejects to `place`, or to `place` with a number where others lie already.

    They go to `….part` first; `close` gives the file its name. `path` is the finished file, None
    as long as there is none.
    """

    def __init__(self, place: Path, layout: Layout, columns: Sequence[str]) -> None:
        self._layout = layout
        self._columns = tuple(columns)
        self._place = place
        self._part = place.with_name(place.name + ".part")
        self._file: TextIO | None = None
        self.count = 0
        self.path: Path | None = None

    def write(self, rejects: Sequence[Reject]) -> None:
        """Adds rows, in the order given."""
        if rejects and self._file is None:
            self._file = self._opened()
        for reject in rejects:
            assert self._file is not None
            self._file.write(self._written(reject))
            self.count += 1

    def close(self) -> None:
        """Gives the file its name; without rejects there is no file."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        self.path = self._free()
        if self.path.exists():
            self._part.unlink()
        else:
            self._part.rename(self.path)

    def abandon(self) -> None:
        """Ends without giving the file its name: what came so far stays in `….part`."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> TextIO:
        try:
            file = self._part.open(
                "w", encoding=self._layout.encoding, errors="surrogateescape", newline=""
            )
        except OSError as error:
            raise RejectsUnwritable(
                f"Rejects can't be written to {self._place}: {error.strerror}. Name another place."
            ) from error
        if self._layout.format is not Format.JSONL:
            file.write(self._cut([*OURS, *self._columns]))
        return file

    def _free(self) -> Path:
        """The first name that is not taken by other rejects than these."""
        number, path = 1, self._place
        while path.exists() and not filecmp.cmp(path, self._part, shallow=False):
            number += 1
            path = self._place.with_name(f"{self._place.stem}.{number}{self._place.suffix}")
        return path

    def _written(self, reject: Reject) -> str:
        ours = (str(reject.line_no), reject.field, self._sayable(reject.reason))
        if self._layout.format is Format.JSONL:
            return _object(ours, reject.row)
        row = reject.row
        if isinstance(row, Unreadable):
            return self._cut([*ours, *row.cells])
        return self._cut([*ours, *(row.values.get(column, "") for column in self._columns)])

    def _sayable(self, reason: str) -> str:
        """The reason in the letters of the file's encoding, on one line."""
        encoding = self._layout.encoding
        words = " ".join(reason.split())
        return words.encode(encoding, "backslashreplace").decode(encoding)

    def _cut(self, cells: Sequence[str]) -> str:
        layout = self._layout
        if not layout.quote:
            whole = (cell.replace(layout.delimiter, " ") for cell in cells)
            return layout.delimiter.join(whole) + "\n"
        line = io.StringIO()  # the default end of a line: by it cells with \r are quoted too
        csv.writer(line, delimiter=layout.delimiter, quotechar=layout.quote).writerow(cells)
        return line.getvalue().removesuffix("\r\n") + "\n"


def _object(ours: tuple[str, str, str], row: Row | Unreadable) -> str:
    said: Mapping[str, str] = dict(zip(OURS, ours, strict=True))
    values = {RAW: "".join(row.cells)} if isinstance(row, Unreadable) else row.values
    try:
        line = json.dumps({**said, **values}, ensure_ascii=False)
        line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, which JSON can write and UTF-8 can't
        line = json.dumps({**said, **values})
    return line + "\n"
