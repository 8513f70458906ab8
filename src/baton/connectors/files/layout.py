"""How a file is laid out: what the map says, and where it is silent what the file shows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from baton.connectors.files.errors import SourceInvalid
from baton.connectors.files.source import SourceFile

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 65_536
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Format(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything needed to cut a file into rows. `header` is empty where the file has its own."""

    format: Format
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: tuple[str, ...] = ()


def format_of(path: Path, sample: Sequence[str]) -> Format:
    """By the name, else by the first character."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in _SUFFIXES:
        return Format(_SUFFIXES[suffixes[-1]])
    first = next((line for line in sample if line.strip()), "")
    return Format.JSONL if first.lstrip().startswith("{") else Format.CSV


def delimiter_of(sample: Sequence[str]) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells, > 1."""

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = _widths(sample, delimiter)
        width = widths[0] if widths else 1
        return (widths.count(width) / len(widths), width) if width > 1 else (0.0, 1)

    return max(_DELIMITERS, key=agreement)


def _widths(sample: Sequence[str], delimiter: str) -> list[int]:
    try:
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return []
    return [len(row) for row in rows[:200]]


def layout_of(
    path: Path,
    *,
    format: Format | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    quote: str = '"',
    header: Sequence[str] = (),
) -> Layout:
    """The layout of a file: what is given counts, the rest is read off its name and first lines.

    Raises SourceInvalid where the file is empty or can't be opened.
    """
    with SourceFile(path, encoding) as file:
        sample = file.sample(_SAMPLE)
    if not any(line.strip() for line in sample):
        raise SourceInvalid(f"{path} is empty.")
    found = format or format_of(path, sample)
    if delimiter is None:
        delimiter = "\t" if found is Format.TSV else delimiter_of(sample)
    return Layout(found, encoding, delimiter, quote, tuple(header))
