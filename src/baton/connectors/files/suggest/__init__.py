"""A first map for a file, from the names and values of its columns, to be read and mended.

What is guessed carries a remark with its confidence; what can't be guessed stands as `???`, which
no file has as a column, so that the map is refused until somebody has filled it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from baton.connectors.files.layout import Format, Layout, layout_of
from baton.connectors.files.mapping import parse_map
from baton.connectors.files.reader import Reader, first_cells
from baton.connectors.files.source import Row, SourceFile, is_text
from baton.connectors.files.suggest import guesses, kinds
from baton.connectors.files.suggest.fitting import Fit, fitted
from baton.connectors.files.suggest.page import Page, written
from baton.connectors.files.suggest.profiles import Profile, looks_like_data, profiled

__all__ = ["Suggestion", "suggest"]

SAMPLE_ROWS = 5_000
RULE_ROWS = 1_000_000  # as many are read to find rules


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A map as YAML, how sure each field is (0 to 1), and the columns that nothing uses."""

    yaml: str
    confidence: Mapping[str, float]
    unused: tuple[str, ...]


def suggest(path: Path) -> Suggestion:
    """A map for a file, to be reviewed. Raises SourceInvalid where the file can't be read."""
    layout = _layout(path)
    sample = list(islice(_rows(path, layout), SAMPLE_ROWS))
    profiles = [
        profiled(column, [row.values.get(column, "") for row in sample])
        for column in _columns(sample)
    ]
    fits = fitted(profiles)
    page = _page(path, layout, profiles, fits)
    map = parse_map(written(page))
    told = kinds.told(
        islice(_rows(path, layout), RULE_ROWS), map, [profile.column for profile in page.unused]
    )
    page = replace(page, rules=kinds.rules(told, map))
    return Suggestion(
        written(page),
        {field: fit.confidence for field, fit in fits.items()},
        tuple(profile.column for profile in page.unused),
    )


def _layout(path: Path) -> Layout:
    """The layout with an encoding that reads the file, and with names where it has no header."""
    encoding = "utf-8"
    with SourceFile(path, encoding) as file:
        lines = file.sample(1_000_000)
    if not all(map(is_text, lines)):
        encoding = "cp1252"
    layout = layout_of(path, encoding=encoding)
    if layout.format is Format.JSONL:
        return layout
    with SourceFile(path, encoding) as file:
        header = first_cells(file, layout)
    if not header or not looks_like_data(header):
        return layout
    return replace(layout, header=tuple(f"column_{n}" for n in range(1, len(header) + 1)))


def _rows(path: Path, layout: Layout) -> Iterator[Row]:
    with SourceFile(path, layout.encoding) as file:
        yield from (item for item in Reader(file, layout) if isinstance(item, Row))


def _columns(sample: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in sample for column in row.values))


def _page(path: Path, layout: Layout, profiles: Sequence[Profile], fits: Mapping[str, Fit]) -> Page:
    used = {fit.profile.column for fit in fits.values()}
    decimal, thousands = guesses.numbers(fits)
    return Page(
        name=path.name,
        layout=layout,
        decimal=decimal,
        thousands=thousands,
        timezone=guesses.timezone(fits),
        formats=guesses.formats(fits),
        fields=guesses.fields(path.name, fits),
        charges=guesses.charges(fits),
        rules=(),
        unused=[profile for profile in profiles if profile.column not in used],
    )
