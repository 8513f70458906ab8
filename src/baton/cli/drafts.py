"""`baton draft`: orders by phone; `baton order appease`: goodwill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command, part
from baton.cli.output import fields, moment, money, table
from baton.cli.problem import Problem

area = typer.Typer(name="draft", help="Drafts: orders by phone, before they are placed.")

Draft = Annotated[str, typer.Argument(help="Number or id of a draft.")]
File = Annotated[Path, typer.Argument(help="JSON, as POST /v1/drafts takes it.")]


@command(area, "list")
def list_drafts(
    here: Here,
    state: Annotated[
        str | None, typer.Option(help="open, placed, discarded or expired; default: all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
) -> None:
    """List drafts, newest first."""
    with here.client() as client:
        page = client.get("/v1/drafts", state=state, limit=limit)
    here.show(page, _listed)


@command(area, "new")
def new(here: Here, file: File) -> None:
    """Write down what somebody wants to order."""
    with here.client() as client:
        here.show(client.post("/v1/drafts", _read(file)), _told)


@command(area, "show")
def show(here: Here, draft: Draft) -> None:
    """Show a draft as it would be placed now."""
    with here.client() as client:
        here.show(client.get(_path(draft)), _told)


@command(area, "change")
def change(here: Here, draft: Draft, file: File) -> None:
    """Write something else down; what the file leaves out stays."""
    with here.client() as client:
        here.show(client.call("PATCH", _path(draft), _read(file)), _told)


@command(area, "hold")
def hold(
    here: Here,
    draft: Draft,
    minutes: Annotated[int, typer.Option(min=1, help="How long its stock is kept.")] = 30,
) -> None:
    """Keep a draft's units for some minutes."""
    with here.client() as client:
        here.show(client.post(f"{_path(draft)}/hold-stock", {"minutes": minutes}), _told)


@command(area, "place")
def place(
    here: Here,
    draft: Draft,
    method: Annotated[
        str | None, typer.Option(help="How it is paid, such as card; without it, later.")
    ] = None,
    token: Annotated[str, typer.Option(help="The payment provider's token.")] = "",
    total: Annotated[
        int | None, typer.Option(help="What the buyer agreed to, in minor units.")
    ] = None,
) -> None:
    """Make a draft an order; placed again, it is the same one."""
    tenders = [{"method": method, "token": token}] if method else []
    with here.client() as client:
        answer = client.post(f"{_path(draft)}/place", {"tenders": tenders, "total": total})
    here.show(answer, order_page.told)


@command(area, "discard")
def discard(here: Here, draft: Draft) -> None:
    """End a draft that nobody wants."""
    with here.client() as client:
        here.show(client.post(f"{_path(draft)}/discard"), _told)


def add_to(orders: typer.Typer) -> None:
    """Add the commands of goodwill to `baton order`."""
    command(orders, "appease")(appease)
    command(orders, "approve-appeasement")(approve)


def appease(
    here: Here,
    number: Annotated[str, typer.Argument(help="Number or id of an order.")],
    reason: Annotated[str, typer.Option("--reason", help="A short code, such as late.")],
    amount: Annotated[int | None, typer.Option(min=1, help="Minor units.")] = None,
    percent: Annotated[str | None, typer.Option(help="Of what the lines cost.")] = None,
    line: Annotated[list[int] | None, typer.Option(help="Lines; default: all.")] = None,
    note: Annotated[str, typer.Option(help="In words.")] = "",
    credit: Annotated[bool, typer.Option("--credit", help="As store credit.")] = False,
) -> None:
    """Give money back out of goodwill: at once within one's limit, else once it is approved."""
    body = {
        "amount": amount,
        "percent": percent,
        "lines": line or [],
        "reason": reason,
        "note": note,
        "to": "store_credit" if credit else "original",
    }
    with here.client() as client:
        here.show(client.post(f"{order_page.path(number)}/appeasements", body), _appeased)


def approve(
    here: Here,
    appeasement: Annotated[str, typer.Argument(help="Id of an appeasement.")],
    note: Annotated[str, typer.Option(help="In words.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Give nothing.")] = False,
) -> None:
    """Give what somebody asked for beyond their limit, or refuse it."""
    what = "refuse" if refuse else "approve"
    with here.client() as client:
        path = f"/v1/appeasements/{part(appeasement)}/{what}"
        here.show(client.post(path, {"note": note}), _appeased)


def _path(draft: str) -> str:
    return f"/v1/drafts/{part(draft)}"


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Problem(f"{file} can't be read: {error}", field="FILE") from error


def _listed(page: Any) -> None:
    table(
        ("Number", "State", "Changed", "Buyer", ">Total"),
        [
            (
                each["number"],
                each["state"],
                moment(each["updated_at"]),
                each["buyer_name"] or each["email"],
                money(each["total"], each["currency"]),
            )
            for each in page["data"]
        ],
    )


def _told(draft: Any) -> None:
    currency = draft["currency"]
    fields(
        [
            ("Draft", f"{draft['number']}  ({draft['channel']}), {draft['state']}"),
            ("Buyer", " ".join(filter(None, (draft["buyer_name"], draft["email"])))),
            ("Total", f"{money(draft['total'], currency)}, tax {money(draft['tax'], currency)}"),
            ("Kept until", moment(draft["expires_at"])),
            ("Stock held", moment(draft["held_until"]) if draft["held_until"] else None),
        ]
    )
    table(
        ("SKU", "Title", ">Units", ">Missing", ">Price", "Why"),
        [
            (
                each["sku"],
                each["title"],
                each["quantity"],
                each["missing"] or "",
                money(each["unit_price"], currency),
                each["price_reason"],
            )
            for each in draft["lines"]
        ],
    )
    for problem in draft["problems"]:
        typer.echo(f"Not yet: {problem}")


def _appeased(given: Any) -> None:
    said = money(given["amount"], given["currency"])
    typer.echo(f"{given['id']}: {said} to {given['to']}, {given['state']}")
