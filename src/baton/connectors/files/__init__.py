"""Orders out of files: CSV, TSV or JSON lines, with a map that says what the columns mean.

    map = load_map("uci-online-retail")
    with open_import(Path("orders.csv.gz"), map) as orders:
        for batch in orders:
            for sourced in batch.entries:      # OrderEntry | ReturnEntry | WriteOffEntry
                ...                            # orders.refuse(sourced, reason, field)
    orders.summary, orders.rejects

One pass, bounded memory, no database. Every row of the file ends in exactly one place: in an
entry, in the rejects file with its reason, or skipped and counted. An order comes in whole or not
at all. The map is described in docs/how-to/import-orders.md; `suggest` writes a first one.
"""

from baton.connectors.files.entries import (
    Entry,
    OrderEntry,
    ReturnEntry,
    Sourced,
    WriteOffEntry,
)
from baton.connectors.files.errors import MapInvalid, RejectsUnwritable, SourceInvalid
from baton.connectors.files.importing import Batch, Import, open_import
from baton.connectors.files.mapping import Map, load_map, parse_map, shipped_maps
from baton.connectors.files.rejects import Reject, Rejects
from baton.connectors.files.summary import RowClass, Summary, Sums, Where

__all__ = [
    "Batch",
    "Entry",
    "Import",
    "Map",
    "MapInvalid",
    "OrderEntry",
    "Reject",
    "Rejects",
    "RejectsUnwritable",
    "ReturnEntry",
    "RowClass",
    "SourceInvalid",
    "Sourced",
    "Summary",
    "Sums",
    "Where",
    "WriteOffEntry",
    "load_map",
    "open_import",
    "parse_map",
    "shipped_maps",
]
