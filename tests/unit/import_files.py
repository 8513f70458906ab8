"""Small files and maps for the tests of the import."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from baton.connectors.files import Entry, OrderEntry, Reject, Summary, open_import, parse_map

MAP = """
fields:
  channel: {value: shop}
  external_id: order
  placed_at: placed
  currency: {value: EUR}
  sku: sku
  title: title
  quantity: qty
  unit_price: price
"""
HEADER = "order,placed,sku,title,qty,price"


@dataclass(frozen=True)
class Result:
    """All that came of a file."""

    entries: list[Entry]
    line_nos: list[tuple[int, ...]]
    rejects: list[Reject]
    summary: Summary
    rejects_path: Path | None

    @property
    def order(self) -> OrderEntry:
        (entry,) = self.entries
        assert isinstance(entry, OrderEntry)
        return entry

    @property
    def reasons(self) -> dict[int, tuple[str, str]]:
        return {reject.line_no: (reject.field, reject.reason) for reject in self.rejects}


def imported(path: Path, map_text: str = MAP, *, batch: int = 200) -> Result:
    entries, line_nos = [], []
    with open_import(path, parse_map(map_text), batch=batch) as orders:
        for found in orders:
            entries += [sourced.entry for sourced in found.entries]
            line_nos += [sourced.line_nos for sourced in found.entries]
    assert orders.rejects is not None
    summary = orders.summary
    return Result(entries, line_nos, summary.first_rejects, summary, orders.rejects.path)


def file_of(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    data = content.encode() if isinstance(content, str) else content
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"
