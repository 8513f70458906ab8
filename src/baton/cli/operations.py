"""`baton verify` and `baton work`: whether all is well, and what waits for a person."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, part
from baton.cli.output import moment, table, yes
from baton.cli.problem import Problem

work_area = typer.Typer(name="work", help="Jobs that wait for a person.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add `baton verify`."""
    command(app, "verify")(verify)


def verify(here: Here) -> None:
    """Check every promise on the merchant's data; exit code 1 if one does not hold."""
    with here.client() as client:
        answer = client.get("/v1/verify")
    here.show(answer, promises)
    if not answer["holds"]:
        failed = sum(not each["holds"] for each in answer["promises"])
        raise Problem(f"{failed} of {len(answer['promises'])} promises do not hold.")


def promises(answer: Any) -> None:
    """Every promise with its rows, then where it fails."""
    table(
        ("Holds", "Module", "Promise", ">Rows"),
        [
            (yes(each["holds"]), each["module"], each["name"], each["rows"])
            for each in answer["promises"]
        ],
    )
    for each in answer["promises"]:
        for failure in each["failures"]:
            typer.echo(f"{each['name']}: {failure}")
    for notice in answer["notices"]:
        typer.echo(f"Notice: {notice}")
    empty = sum(not each["rows"] for each in answer["promises"])
    if empty:
        typer.echo(f"{empty} promises had no rows to be checked on, which proves nothing.")
    typer.echo(f"Journal: {answer['journal_no']} facts, head {answer['journal_head']}")


@command(work_area, "parked")
def parked(here: Here) -> None:
    """List jobs that failed too often and wait for a person, oldest first."""
    with here.client() as client:
        page = client.get("/v1/work/parked", limit=200)
    here.show(page, _parked)


@command(work_area, "retry")
def retry(
    here: Here,
    job: Annotated[list[str] | None, typer.Argument(help="Ids of parked jobs.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every parked job.")] = False,
) -> None:
    """Let parked jobs run again, from their first attempt."""
    if bool(job) == every:
        raise typer.BadParameter("name jobs, or say --all")
    with here.client() as client:
        wanted = job or [each["id"] for each in client.get("/v1/work/parked", limit=200)["data"]]
        for one in wanted:
            client.post(f"/v1/work/{part(one)}/retry")
    here.show({"retried": wanted}, lambda _: typer.echo(f"{len(wanted)} jobs run again."))


def _parked(page: Any) -> None:
    table(
        ("Job", "Kind", ">Attempts", "Since", "Error"),
        [
            (
                each["id"],
                each["kind"],
                each["attempts"],
                moment(each["created_at"]),
                " ".join(each["error"].split())[:160],
            )
            for each in page["data"]
        ],
    )
