"""A file on its way in: opened with its map, read in batches, counted, its rejects kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from baton.connectors.files.assembly import Assembly, Problem
from baton.connectors.files.entries import Sourced
from baton.connectors.files.errors import MapInvalid
from baton.connectors.files.grouping import Group, Grouping, Judged
from baton.connectors.files.layout import Format, Layout, layout_of
from baton.connectors.files.mapping import Document, Map
from baton.connectors.files.reader import Reader
from baton.connectors.files.rejects import Reject, Rejects, place_beside
from baton.connectors.files.rows import RowReader
from baton.connectors.files.source import Row, SourceFile, Unreadable
from baton.connectors.files.summary import Summary
from baton.connectors.files.verdicts import getter
from baton.values.errors import Invalid

BATCH = 200
BATCH_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Some entries, the rows read since the batch before, and how far the file has been read."""

    entries: tuple[Sourced, ...]
    rows: int
    bytes_read: int
    bytes_total: int


class Import:
    """One pass over a file. Iterate once; then `summary` and `rejects` are complete.

    Use it as a context: leaving it without an error gives the rejects file its name.
    """

    def __init__(
        self, file: SourceFile, layout: Layout, map: Map, rejects: Path | None, batch: int
    ) -> None:
        self.map = map
        self.summary = Summary(map.dates.timezone)
        self._file = file
        self._batch = batch
        self._reader = Reader(file, layout)
        _check_columns(map, self._reader.columns, layout)
        self.rejects = Rejects(rejects, layout, self._reader.columns) if rejects else None
        self._rows = RowReader(map)
        self._assembly = Assembly(map, self._rows)
        self._grouping = Grouping(map.merge_within)
        self._channel = getter(map.fields.channel)
        self._external_id = getter(map.fields.external_id)
        self._id_column = map.column_of("external_id")

    def __iter__(self) -> Iterator[Batch]:
        entries: list[Sourced] = []
        rows = held = 0
        for count, found in self._found():
            rows += count
            for sourced in found:
                entries.append(sourced)
                held += len(sourced.rows)
                if len(entries) >= self._batch or held >= BATCH_ROWS:
                    yield self._cut(entries, rows)
                    entries, rows, held = [], 0, 0
            if rows >= BATCH_ROWS:
                yield self._cut(entries, rows)
                entries, rows, held = [], 0, 0
        if entries or rows:
            yield self._cut(entries, rows)

    def refuse(self, sourced: Sourced, reason: str, field: str = "") -> None:
        """Rejects an entry that was read well, but that the other side did not take.

        `field` is its path in the entry (`lines.3.quantity`).
        """
        guilty = sourced.row_at(field)
        column = self.map.column_of(field.rpartition(".")[2])
        self.summary.refused += len(sourced.rows)
        self._kept(
            [
                Reject(row, column, reason)
                if guilty is None or row is guilty
                else Reject(row, "", f"Its order was refused for line {guilty.line_no}.")
                for row in sourced.rows
            ]
        )

    def close(self) -> None:
        """Ends the pass: the rejects get their name."""
        self._file.close()
        if self.rejects:
            self.rejects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self.rejects:
            self.rejects.abandon()
        self.close()

    # ── one row after the other ────────────────────────────────────────────────────────────

    def _found(self) -> Iterator[tuple[int, list[Sourced]]]:
        """How many rows were read, and the entries that they completed."""
        for item in self._reader:
            yield 1, self._taken(item)
        for group in self._grouping.rest():
            yield 0, self._made(group)

    def _taken(self, item: Row | Unreadable) -> list[Sourced]:
        if isinstance(item, Unreadable):
            self._torn(Reject(item, "", item.reason))
            return []
        if not any(item.values.values()):
            self.summary.skip("an empty row")
            return []
        verdict = self._rows.verdict(item.values)
        if verdict.document is Document.SKIP:
            self.summary.skip((verdict.reason and verdict.reason(item.values)) or "by a rule")
            return []
        external_id = self._external_id(item.values)
        if not external_id or item.damaged == self._id_column:
            self._torn(Reject(item, self._id_column, "The row does not say which order it is of."))
            return []
        key = f"{self._channel(item.values)}\0{external_id}"
        complete = self._grouping.add(key, Judged(item, verdict))
        return [sourced for group in complete for sourced in self._made(group)]

    def _torn(self, reject: Reject) -> None:
        self._grouping.tear(reject.line_no)
        self._reject([reject])

    def _made(self, group: Group) -> list[Sourced]:
        if group.fault:
            column = self._id_column
            self._reject([Reject(judged.row, column, group.fault) for judged in group.rows])
            return []
        made, problems = self._assembly.assembled(group.rows)
        if problems:
            self._reject(_all_rejected(group, problems))
        for one in made:
            self.summary.add(one)
        return [one.sourced for one in made]

    def _reject(self, rejects: Sequence[Reject]) -> None:
        self.summary.reject(rejects)
        self._kept(rejects)

    def _kept(self, rejects: Sequence[Reject]) -> None:
        if self.rejects:
            self.rejects.write(rejects)

    def _cut(self, entries: list[Sourced], rows: int) -> Batch:
        return Batch(tuple(entries), rows, self._file.bytes_read, self._file.bytes_total)


def open_import(
    path: Path,
    map: Map,
    *,
    rejects: Path | None = None,
    keep_rejects: bool = True,
    batch: int = BATCH,
) -> Import:
    """Opens a file for one pass. Rejects go to `rejects`, or beside the file.

    With `keep_rejects=False` (a dry run) nothing is written; the summary has the first of them.
    Raises SourceInvalid where the file can't be read, MapInvalid where it lacks a column.
    """
    asked = map.source
    layout = layout_of(
        path,
        format=asked.format,
        encoding=asked.encoding,
        delimiter=asked.delimiter,
        quote=asked.quote,
        header=asked.header,
    )
    file = SourceFile(path, layout.encoding)
    place = (rejects or place_beside(path, layout)) if keep_rejects else None
    try:
        return Import(file, layout, map, place, batch)
    except Invalid:
        file.close()
        raise


def _check_columns(map: Map, columns: Sequence[str], layout: Layout) -> None:
    if layout.format is Format.JSONL:  # each object names its own
        return
    missing = [(key, column) for key, column in map.columns() if column not in columns]
    if missing:
        said = "; ".join(f"{key}: the file has no column {column!r}" for key, column in missing)
        raise MapInvalid(f"{said}. Its columns: {', '.join(columns)}.", field=missing[0][0])


def _all_rejected(group: Group, problems: Sequence[Problem]) -> list[Reject]:
    """Every row of an order that can't be used as a whole: the guilty with their own reasons."""
    own = {id(problem.row): problem for problem in reversed(problems)}
    first = problems[0].row.line_no
    return [
        Reject(judged.row, problem.column, problem.reason)
        if (problem := own.get(id(judged.row)))
        else Reject(judged.row, "", f"Its order can't be used for line {first}.")
        for judged in group.rows
    ]
