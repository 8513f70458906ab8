"""`baton import`: orders, returns and write-offs out of files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.command import Here, command

area = typer.Typer(name="import", help="Bring in what other programs kept.", no_args_is_help=True)


class Mode(StrEnum):
    """`history`: it has happened already and moves no stock; `live`: it is still to be done."""

    HISTORY = "history"
    LIVE = "live"


@command(area, "orders")
def orders(
    here: Here,
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSON lines, gzipped or not.")],
    map: Annotated[
        str | None,
        typer.Option(help="What the columns mean: a YAML file, or a map that comes with Baton."),
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(
            "--as",
            help="history: has shipped, moves no stock; live: goes the way of all orders.",
        ),
    ] = Mode.HISTORY,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read it and say what would come; change nothing.")
    ] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Print a first map for the file, to be mended.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Where rows go that can't be used; default: FILE.rejects beside it."),
    ] = None,
    create_skus: Annotated[
        bool, typer.Option("--create-skus", help="Make SKUs that the catalogue lacks.")
    ] = False,
    create_channel: Annotated[
        bool,
        typer.Option(
            "--create-channel",
            help="For a first trial: make a channel that is missing, with a legal entity, an area "
            "and a location.",
        ),
    ] = False,
    country: Annotated[
        str | None,
        typer.Option(help="With --create-channel: its country, else that of the map's time zone."),
    ] = None,
) -> None:
    """Import a file of orders; the same file again brings in what is missing alone."""
    from baton.cli import importing

    if suggest:
        answer = importing.suggestion(file)
        here.show(answer, lambda said: typer.echo(said["yaml"], nl=False))
        return
    if map is None:
        raise typer.BadParameter(
            "say what the columns mean; --suggest writes a first map", param_hint="--map"
        )
    if dry_run:
        here.show(importing.read_only(file, map), importing.told)
        return
    wanted = importing.Wanted(
        mode=mode.value, create_skus=create_skus, create_channel=create_channel, country=country
    )
    with here.client() as client:
        answer = importing.brought_in(client, file, map, rejects, wanted)
    here.show(answer, importing.told)


@command(area, "sums")
def sums(
    here: Here,
    channel: Annotated[str, typer.Option(help="The channel's code.")],
    zone: Annotated[str, typer.Option(help="Time zone that months are reckoned in.")] = "UTC",
) -> None:
    """Lines, units and money of a channel by month and country, to compare with its files."""
    from baton.cli.output import table

    def show(said: dict[str, list[dict[str, object]]]) -> None:
        columns = ["month", "country", "currency", "lines", "units", "money"]
        table(columns, [[each[name] for name in columns] for each in said["sums"]])

    with here.client() as client:
        here.show(client.get("/v1/imports/sums", channel=channel, zone=zone), show)
