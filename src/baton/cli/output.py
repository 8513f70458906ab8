"""Answers as people read them: tables on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import typer

from baton.values.money import Money

RIGHT = ">"  # in front of a heading: figures, set to the right


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Rows under headings; `None` is empty."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _boxed(headings, texts, title)
    else:
        _plain(headings, texts, title)


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one to a line; those without a value are left out."""
    kept = [(name, str(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        typer.echo(f"{name:<{width}}  {value}")


def money(minor: int, currency: str) -> str:
    """An amount in minor units, such as 1,234.50 EUR."""
    return str(Money(minor, currency))


def moment(text: str | None) -> str:
    """An instant of the API in this machine's own time, to the minute."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def yes(value: bool) -> str:
    """Whether something holds."""
    return "yes" if value else "NO"


def _boxed(headings: Sequence[str], texts: Sequence[Sequence[str]], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        justify = "right" if heading.startswith(RIGHT) else "left"
        made.add_column(heading.removeprefix(RIGHT), justify=justify)  # type: ignore[arg-type]
    for row in texts:
        made.add_row(*(Text(cell) for cell in row))
    Console().print(made)


def _plain(headings: Sequence[str], texts: Sequence[Sequence[str]], title: str) -> None:
    if title:
        typer.echo(title)
    names = [heading.removeprefix(RIGHT) for heading in headings]
    lines = [names, *texts]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    for line in lines:
        cells = [
            f"{cell:>{width}}" if heading.startswith(RIGHT) else f"{cell:<{width}}"
            for cell, width, heading in zip(line, widths, headings, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())
