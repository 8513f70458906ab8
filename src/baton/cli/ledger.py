"""`baton ledger`: the books: balances, accounts, entries, periods, exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, part
from baton.cli.output import money, table

area = typer.Typer(
    name="ledger", help="The books: balances, entries, periods, exports.", no_args_is_help=True
)

Entity = Annotated[str, typer.Option("--legal-entity", help="Code of a legal entity.")]
First = Annotated[str | None, typer.Option("--from", help="First day, such as 2026-01-01.")]
Last = Annotated[str | None, typer.Option("--to", help="Last day; else today.")]


@command(area, "trial-balance")
def trial_balance(here: Here, entity: Entity, first: First = None, last: Last = None) -> None:
    """Show every account over some days, in base currency; debits and credits are the same."""
    with here.client() as client:
        answer = client.get(
            "/v1/accounting/trial-balance", legal_entity=entity, first=first, last=last
        )
    here.show(answer, _balances)


@command(area, "account")
def account(
    here: Here,
    number: Annotated[str, typer.Argument(help="Number of an account.")],
    entity: Entity,
    first: First = None,
    last: Last = None,
    limit: Annotated[int, typer.Option("--limit", help="How many lines at most.")] = 200,
) -> None:
    """Show the lines of an account, with the balance after each."""
    with here.client() as client:
        answer = client.get(
            f"/v1/accounting/accounts/{part(number)}/ledger",
            legal_entity=entity,
            first=first,
            last=last,
            limit=limit,
        )
    here.show(answer, _ledger)


@command(area, "entries")
def entries(
    here: Here,
    entity: Entity,
    first: First = None,
    last: Last = None,
    limit: Annotated[int, typer.Option("--limit", help="How many entries at most.")] = 50,
) -> None:
    """List entries with their lines."""
    with here.client() as client:
        page = client.get(
            "/v1/accounting/entries", legal_entity=entity, first=first, last=last, limit=limit
        )
    here.show(page, _entries)


@command(area, "close")
def close(
    here: Here,
    through: Annotated[str, typer.Argument(help="Last day to be closed, such as 2026-01-31.")],
    entity: Entity,
) -> None:
    """Close all days through one. What belongs there later goes to the first open day."""
    with here.client() as client:
        answer = client.post(f"/v1/accounting/books/{part(entity)}/close", {"through": through})
    here.show(answer, _books)


@command(area, "reopen")
def reopen(
    here: Here,
    entity: Entity,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the journal.")],
    through: Annotated[
        str | None, typer.Option("--after", help="Open the days after this one; else all.")
    ] = None,
) -> None:
    """Open closed days again."""
    body = {"through": through, "reason": reason}
    with here.client() as client:
        answer = client.post(f"/v1/accounting/books/{part(entity)}/reopen", body)
    here.show(answer, _books)


@command(area, "parked")
def parked(here: Here) -> None:
    """List facts that could not be booked, each with what is missing."""
    with here.client() as client:
        page = client.get("/v1/accounting/parked", limit=200)
    here.show(page, _parked)


@command(area, "replay")
def replay(here: Here) -> None:
    """Try again what could not be booked, and book older facts that were never noted."""
    with here.client() as client:
        answer = client.post("/v1/accounting/parked/replay")
    here.show(answer, lambda made: typer.echo(f"{made['parked']} facts are tried again."))


@command(area, "export")
def export(
    here: Here,
    first: Annotated[str, typer.Argument(help="First day, such as 2026-01-01.")],
    last: Annotated[str, typer.Argument(help="Last day.")],
    entity: Entity,
    format: Annotated[
        str, typer.Option("--format", help="csv, datev, quickbooks, xero or beancount.")
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; else its own name, here.")
    ] = None,
) -> None:
    """Write the entries of some days for another program, under the next export number."""
    body = {"legal_entity": entity, "format": format, "first": first, "last": last}
    with here.client() as client:
        made = client.post("/v1/accounting/exports", body)
        content = client.file(f"/v1/accounting/exports/{part(made['id'])}/file")
    path = out or Path(made["file"])
    path.write_bytes(content)
    if made["repeats"]:
        numbers = ", ".join(map(str, made["repeats"]))
        here.note(f"REPEATED: these days were exported before, as {numbers}.")
    here.show(
        made,
        lambda _: typer.echo(f"Export {made['number']}: {made['entries']} entries in {path}."),
    )


def _balances(answer: Any) -> None:
    base = answer["base_currency"]
    table(
        ("Account", "Name", "Currency", ">Opening", ">Debit", ">Credit", ">Closing"),
        [
            (
                each["account"],
                each["name"],
                each["currency"],
                money(each["base_opening"], base),
                money(each["base_debit"], base),
                money(each["base_credit"], base),
                money(each["base_closing"], base),
            )
            for each in answer["balances"]
        ],
        title=f"{answer['legal_entity']}, {answer['first']} to {answer['last']}",
    )
    typer.echo(f"Debits {money(answer['debit'], base)}, credits {money(answer['credit'], base)}")


def _ledger(answer: Any) -> None:
    base = answer["base_currency"]
    typer.echo(f"{answer['account']} {answer['name']}: opening {money(answer['opening'], base)}")
    table(
        ("Day", ">Entry", "Fact", "For", ">Debit", ">Credit", ">Balance"),
        [
            (
                each["booked_on"],
                each["entry_no"],
                each["fact"],
                f"{each['memo']} {each['code']}".strip(),
                money(each["base"], base) if each["base"] > 0 else "",
                money(-each["base"], base) if each["base"] < 0 else "",
                money(each["balance"], base),
            )
            for each in answer["data"]
        ],
    )


def _entries(page: Any) -> None:
    table(
        (">Entry", "Day", "Fact", "For", "Account", ">Debit", ">Credit", "Note"),
        [
            (
                entry["no"],
                entry["booked_on"],
                f"{entry['fact']} ({entry['rule']})",
                f"{entry['memo']} {line['code']}".strip(),
                line["account"],
                money(line["debit"], entry["currency"]) if line["debit"] else "",
                money(line["credit"], entry["currency"]) if line["credit"] else "",
                entry["note"],
            )
            for entry in page["data"]
            for line in entry["lines"]
        ],
    )


def _books(answer: Any) -> None:
    closed = answer["closed_through"]
    state = f"closed through {closed}" if closed else "all days are open"
    typer.echo(f"{answer['legal_entity']}: {state}, {answer['entries']} entries.")


def _parked(page: Any) -> None:
    table(
        ("Since", "Fact", "About", "Missing"),
        [(each["at"], each["fact"], each["subject_id"], each["reason"]) for each in page["data"]],
    )
