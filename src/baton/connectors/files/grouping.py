"""Rows of one order brought together, in one pass and bounded memory.

An order stays open for a number of rows after its last one. A row that comes later than that is
given up, for its order has gone; and so is an order next to a line that could not be read, since
that line may be a part of it: an order comes in whole or not at all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from baton.connectors.files.entries import MAX_ROWS
from baton.connectors.files.seen import Seen
from baton.connectors.files.source import Row
from baton.connectors.files.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what it is."""

    row: Row
    verdict: Verdict


@dataclass(slots=True)
class Group:
    """The rows of one order. `fault` is why none of them can be used, if so."""

    key: str
    rows: list[Judged] = field(default_factory=list)
    at: int = 0  # when its last row came, counted in rows
    fault: str = ""


class Grouping:
    """Takes rows one by one and hands out groups that are complete, in the order they end."""

    def __init__(self, within: int) -> None:
        self._within = within
        self._open: OrderedDict[str, Group] = OrderedDict()
        self._gone = Seen()
        self._count = 0
        self._torn = 0  # line that could not be read, if no row has come since

    def add(self, key: str, judged: Judged) -> Iterator[Group]:
        """Puts a row to its order. Yields orders that are complete, and what came too late."""
        self._count += 1
        group = self._open.get(key)
        if group is None and key in self._gone:
            yield Group(key, [judged], fault=_APART.format(self._within))
        else:
            group = group or self._open.setdefault(key, Group(key))
            group.rows.append(judged)
            group.at = self._count
            self._open.move_to_end(key)
            self._tear(group)
            if len(group.rows) > MAX_ROWS:
                group.fault = f"An order has at most {MAX_ROWS} rows."
                yield self._closed(key)
        self._torn = 0
        yield from self._ended(self._count - self._within)

    def tear(self, line_no: int) -> None:
        """Says that a line can't be read, or that it does not name its order."""
        self._torn = line_no
        if self._open:
            self._tear(self._open[next(reversed(self._open))])

    def rest(self) -> Iterator[Group]:
        """What is still open at the end of the file."""
        yield from self._ended(self._count + 1)

    def _tear(self, group: Group) -> None:
        if self._torn and not group.fault:
            group.fault = f"Line {self._torn} beside it can't be used, and may belong to its order."

    def _ended(self, before: int) -> Iterator[Group]:
        while self._open:
            key, group = next(iter(self._open.items()))
            if group.at >= before:
                return
            yield self._closed(key)

    def _closed(self, key: str) -> Group:
        self._gone.add(key)
        return self._open.pop(key)


_APART = (
    "The other rows of this order stand more than {} rows away: "
    "sort the file by order, or raise merge_within in the map."
)
