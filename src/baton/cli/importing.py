"""A file goes to the API in batches; what is refused goes to the rejects, with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from baton.cli.client import Client
from baton.cli.first_channel import make_channel
from baton.cli.output import money, table
from baton.cli.problem import Problem
from baton.connectors.files import (
    Batch,
    Import,
    Map,
    OrderEntry,
    ReturnEntry,
    Sourced,
    Summary,
    load_map,
    open_import,
)
from baton.connectors.files.suggest import suggest

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be brought in."""

    mode: str
    create_skus: bool = False
    create_channel: bool = False
    country: str | None = None


@dataclass(slots=True)
class _Landed:
    """What became of the entries that were sent, and the channels known to be there."""

    new: int = 0
    known: int = 0
    refused: int = 0
    linked: int = 0
    reasons: list[str] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)


def suggestion(file: Path) -> dict[str, Any]:
    """A first map for a file, with how sure each of its fields is."""
    made = suggest(file)
    return {"yaml": made.yaml, "confidence": dict(made.confidence), "unused": list(made.unused)}


def read_only(file: Path, map_name: str) -> dict[str, Any]:
    """What a file would bring in; nothing is written, and no API is asked."""
    with open_import(file, load_map(map_name), keep_rejects=False) as source:
        with _progress(file) as advance:
            for batch in source:
                advance(batch)
        return _summary(source, None)


def brought_in(
    client: Client, file: Path, map_name: str, rejects: Path | None, wanted: Wanted
) -> dict[str, Any]:
    """Every entry of a file is in the database once, or its rows are among the rejects.

    May be interrupted at any moment, and run again. Raises Problem where a channel is missing.
    """
    map = load_map(map_name)
    landed = _Landed(channels={each["code"] for each in client.pages("/v1/channels")})
    with open_import(file, map, rejects=rejects) as source, _progress(file) as advance:
        for batch in source:
            _check_channels(client, batch.entries, map, wanted, landed)
            _send(client, source, batch.entries, map, wanted, landed)
            advance(batch)
    return _summary(source, landed)


def _check_channels(
    client: Client, entries: Sequence[Sourced], map: Map, wanted: Wanted, landed: _Landed
) -> None:
    for sourced in entries:
        code = sourced.entry.channel
        if code in landed.channels:
            continue
        if not wanted.create_channel:
            raise Problem(
                f"There is no channel {code!r}: set it up (POST /v1/channels), or have one made "
                "for a first trial with --create-channel.",
                field="channel",
            )
        currency = (
            ""
            if not isinstance(sourced.entry, OrderEntry | ReturnEntry)
            else (sourced.entry.currency)
        )
        make_channel(client, code, map, currency, wanted.country)
        landed.channels.add(code)


def _send(
    client: Client,
    source: Import,
    entries: Sequence[Sourced],
    map: Map,
    wanted: Wanted,
    landed: _Landed,
) -> None:
    """Send entries; one that makes the whole request unreadable is refused, and the rest sent."""
    left = list(entries)
    while left:
        body = {
            "mode": wanted.mode,
            "create_skus": wanted.create_skus or map.create_skus,
            "entries": [_body(sourced) for sourced in left],
        }
        try:
            results = client.post("/v1/imports", body)["results"]
        except Problem as problem:
            place, inner = _guilty(problem, len(left))
            if place is None:
                raise
            _refuse(source, left.pop(place), problem.message, inner, landed)
            continue
        for sourced, result in zip(left, results, strict=True):
            _note(source, sourced, result, landed)
        return


def _note(source: Import, sourced: Sourced, result: Any, landed: _Landed) -> None:
    if problem := result["problem"]:
        _refuse(source, sourced, problem["detail"], problem["field"] or "", landed)
        return
    landed.new += result["new"]
    landed.known += not result["new"]
    landed.linked += result["linked"]


def _refuse(source: Import, sourced: Sourced, reason: str, where: str, landed: _Landed) -> None:
    source.refuse(sourced, reason, where)
    landed.refused += 1
    if len(landed.reasons) < _SHOWN:
        landed.reasons.append(f"line {sourced.line_nos[0]}: {reason}")


def _guilty(problem: Problem, count: int) -> tuple[int | None, str]:
    """Which entry a refusal of the whole request is about: `entries.3.lines.0.sku` → 3."""
    head, _, rest = problem.field.partition(".")
    number, _, inner = rest.partition(".")
    if head != "entries" or not number.isdigit() or int(number) >= count:
        return None, ""
    return int(number), inner


def _body(sourced: Sourced) -> dict[str, Any]:
    entry = sourced.entry
    match entry:
        case OrderEntry():
            kind = "order"
        case ReturnEntry():
            kind = "return"
        case _:
            kind = "write_off"
    return {"type": kind, **msgspec.to_builtins(entry)}


@contextmanager
def _progress(file: Path) -> Iterator[Any]:
    """A bar on standard error as the file's bytes are read; nothing where that is no terminal."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(file.name, total=None)

        def advance(batch: Batch) -> None:
            bar.update(task, total=batch.bytes_total, completed=batch.bytes_read)

        yield advance


# ── what came of it ────────────────────────────────────────────────────────────────────────


def _summary(source: Import, landed: _Landed | None) -> dict[str, Any]:
    summary = source.summary
    rejects = source.rejects
    if rejects is not None:
        rejects.close()
    found: dict[str, Any] = {
        "rows": {kind.value: count for kind, count in sorted(summary.rows.items())},
        "total_rows": summary.total_rows,
        "skipped": dict(summary.skipped),
        "entries": dict(summary.entries),
        "money": _money(summary),
        "first_rejects": [
            {"line": each.line_no, "field": each.field, "reason": each.reason}
            for each in summary.first_rejects
        ],
    }
    if landed is None:
        return found
    return found | {
        "new": landed.new,
        "known": landed.known,
        "refused": landed.refused,
        "refused_rows": summary.refused,
        "first_refused": landed.reasons,
        "return_lines_linked": landed.linked,
        "rejects": str(rejects.path) if rejects is not None and rejects.path else None,
    }


def _money(summary: Summary) -> list[dict[str, Any]]:
    """Units and money by currency, returns taken off."""
    found: dict[str, dict[str, Any]] = {}
    for where, sums in summary.sums.items():
        one = found.setdefault(where.currency, {"currency": where.currency, "units": 0, "minor": 0})
        one["units"] += sums.units
        one["minor"] += sums.minor
    return list(found.values())


def told(answer: Any) -> None:
    """What was read and what came of it."""
    rows = [("rows", kind.replace("_", " "), count) for kind, count in answer["rows"].items()]
    rows += [
        ("entries", kind.replace("_", " "), count) for kind, count in answer["entries"].items()
    ]
    if "new" in answer:
        rows += [
            ("landed", "new", answer["new"]),
            ("landed", "known before", answer["known"]),
            ("landed", "refused", answer["refused"]),
            ("landed", "return lines linked", answer["return_lines_linked"]),
        ]
    table(("", "What", ">Count"), [*rows, ("rows", "in all", answer["total_rows"])])
    for each in answer["money"]:
        typer.echo(f"{each['units']:,} units, {money(each['minor'], each['currency'])}")
    for reason, count in answer["skipped"].items():
        typer.echo(f"Skipped {count}: {reason}")
    for each in answer["first_rejects"]:
        where = f" [{each['field']}]" if each["field"] else ""
        typer.echo(f"Line {each['line']}{where}: {each['reason']}")
    for said in answer.get("first_refused", ()):
        typer.echo(f"Refused, {said}")
    if answer.get("rejects"):
        typer.echo(f"Rows to mend, and to import alone then: {answer['rejects']}")
