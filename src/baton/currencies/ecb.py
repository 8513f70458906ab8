"""The two forms in which the European Central Bank publishes its reference rates, as rows.

Nothing is judged here: each row goes on as it came, and whoever takes it says what is wrong.
*Source:* ECB, "Euro foreign exchange reference rates": `eurofxref-daily.xml`, `-hist.xml`,
`-hist-90d.xml` and `eurofxref-hist.csv` (a column for each currency, N/A where there was none).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

from baton.currencies.errors import RatesUnreadable
from baton.currencies.model import Row

_ABSENT = frozenset({"", "N/A", "-"})


def rows_of(text: str) -> list[Row]:
    """The rates in a file of either form. Raises RatesUnreadable."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(_xml(text) if text.lstrip().startswith("<") else _csv(text))


def _xml(text: str) -> Iterator[Row]:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  (expat limits what entities grow to)
    except (ElementTree.ParseError, ValueError) as error:
        raise RatesUnreadable(f"The file is no XML: {error}") from error
    days = [cube for cube in root.iter() if _name(cube) == "Cube" and "time" in cube.attrib]
    if not days:
        raise RatesUnreadable("The XML has no <Cube time=…>: it is no list of rates.")
    for day in days:
        for cube in day:
            yield Row(day.attrib["time"], cube.get("currency", ""), cube.get("rate", ""))


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _csv(text: str) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    head = [name.strip() for name in next(rows, [])]
    if not head or head[0].lower() != "date" or len(head) < 2:
        raise RatesUnreadable("The first row has to name the columns: Date, USD, JPY, …")
    for row in rows:
        for currency, rate in zip(head[1:], row[1:], strict=False):
            if currency and rate.strip() not in _ABSENT:
                yield Row(_day(row[0].strip()), currency, rate.strip())


def _day(text: str) -> str:
    """`20 November 2026` of the daily file as 2026-11-20; anything else as it is."""
    try:
        return datetime.strptime(text, "%d %B %Y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return text
