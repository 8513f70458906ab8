"""A file as rows: CSV, TSV or JSON lines, gzip or not, of any size in bounded memory.

Nothing is lost on the way: what stands in the file comes out as a `Row`, or as `Unreadable` with
the reason. Reading goes on at the next line, even where somebody left a quote open.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from baton.connectors.files.errors import SourceInvalid
from baton.values.text import unkeepable

MAX_LINE = 1_000_000  # characters
GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """A row by column name; `line_no` is the line of the file, from 1, where it starts.

    `damaged` names a column whose bytes are no text, if there is one.
    """

    line_no: int
    values: Mapping[str, str]
    damaged: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no row: its cells as far as they were told apart."""

    line_no: int
    cells: tuple[str, ...]
    reason: str


class LineTooLong(Exception):
    """A line beyond all reason; its rest has been passed over."""


class _TooLong(str):
    """The start of such a line."""

    __slots__ = ()


def is_text(text: str) -> bool:
    """Whether all of it are characters, and none is NUL or stands in for undecodable bytes."""
    return ("\0" not in text and text.isascii()) or not unkeepable(text)


def damaged(values: Mapping[str, str]) -> str:
    """The first column that holds what is no text, or nothing."""
    return next((column for column, text in values.items() if not is_text(text)), "")


class Lines:
    """The physical lines of a text; counted, and those of the record at hand can be read again."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.count = 0
        self.suspect = False  # the record at hand may hold what is no text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_LINE:
            line = self._cut(line)
        self.count += 1
        self.taken.append(line)
        if "\0" in line or not line.isascii():
            self.suspect = True
        if isinstance(line, _TooLong):
            raise LineTooLong
        return line

    def begin(self) -> int:
        """Starts a record; its line number."""
        self.taken.clear()
        self.suspect = False
        return self.count + 1

    def only_first(self) -> str:
        """Ends the record after its first line, which is returned; the others come again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self.count -= len(others)
        return first

    def _cut(self, line: str) -> _TooLong:
        rest = line
        while rest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(MAX_LINE)
        return _TooLong(line[:80])


class SourceFile:
    """An open file, decompressed and decoded; knows how many of its bytes have been read."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise SourceInvalid(f"{path} can't be opened: {error.strerror}") from error
        start = self._raw.read(2)
        self._raw.seek(0)
        self.bytes_total = path.stat().st_size
        self.compressed = start == GZIP
        plain = gzip.GzipFile(fileobj=self._raw) if self.compressed else self._raw
        self._refuse_utf16(start)
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
        self._text = io.TextIOWrapper(
            cast(BinaryIO, plain), encoding=codec, errors="surrogateescape", newline=""
        )
        self.lines = Lines(self._text)

    @property
    def bytes_read(self) -> int:
        """Bytes of the file as it lies on disk, so that progress needs no look ahead."""
        return self._raw.tell()

    def sample(self, characters: int) -> list[str]:
        """The first whole lines, without moving on; for a file just opened."""
        with unbroken(self.path):
            text = self._text.read(characters)
            self._text.seek(0)
        lines = list(io.StringIO(text, newline=""))
        return lines[:-1] if len(text) == characters and len(lines) > 1 else lines

    def close(self) -> None:
        self._text.close()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_utf16(self, start: bytes) -> None:
        if start in _UTF16:
            self._raw.close()
            raise SourceInvalid(f"{self.path} is UTF-16; save it as UTF-8.")


@contextmanager
def unbroken(path: Path) -> Iterator[None]:
    """Turns what a broken archive raises into SourceInvalid."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceInvalid(
            f"{path} is a broken gzip file: {error}. What stood before the break has been read."
        ) from error
