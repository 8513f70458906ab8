"""`baton stock`: what is there, and what happened to it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, pairs, part
from baton.cli.output import table

area = typer.Typer(
    name="stock", help="Stock: levels, receipts, counts, transfers.", no_args_is_help=True
)

Location = Annotated[str, typer.Argument(help="Code of a location.")]
Lines = Annotated[list[str], typer.Argument(help="SKU=UNITS, as many as needed.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")]
Reference = Annotated[
    str, typer.Option("--reference", help="Your own: the same one again changes nothing.")
]


@command(area, "show")
def show(
    here: Here, sku: Annotated[list[str], typer.Argument(help="Codes of up to 100 SKUs.")]
) -> None:
    """Show SKUs by location and by area."""
    with here.client() as client:
        page = client.get("/v1/stock", sku=sku)
    here.show(page, _levels)


@command(area, "receive")
def receive(
    here: Here, location: Location, lines: Lines, reason: Reason = "", reference: Reference = ""
) -> None:
    """Goods came in: SKU=UNITS."""
    _record(here, "receipts", location, lines, reason, reference)


@command(area, "adjust")
def adjust(
    here: Here, location: Location, lines: Lines, reason: Reason, reference: Reference = ""
) -> None:
    """Correct levels by a difference: SKU=+UNITS or SKU=-UNITS."""
    _record(here, "adjustments", location, lines, reason, reference)


@command(area, "count")
def count(
    here: Here, location: Location, lines: Lines, reason: Reason = "", reference: Reference = ""
) -> None:
    """Units were counted: SKU=UNITS that are there."""
    _record(here, "counts", location, lines, reason, reference)


@command(area, "transfer")
def transfer(
    here: Here,
    source: Annotated[str, typer.Argument(help="Code of the location that gives.")],
    target: Annotated[str, typer.Argument(help="Code of the location that gets.")],
    lines: Lines,
    reason: Reason = "",
    reference: Reference = "",
    send: Annotated[bool, typer.Option("--send", help="They have left already.")] = False,
    receive: Annotated[
        bool, typer.Option("--receive", help="They have left and arrived already.")
    ] = False,
) -> None:
    """Move goods between locations; they are promised at the source until they leave."""
    body = {
        "from": source,
        "to": target,
        "lines": _lines(lines),
        "reason": reason,
        "reference": reference,
    }
    with here.client() as client:
        answer = client.post("/v1/stock/transfers", body)
        where = f"/v1/stock/transfers/{part(answer['id'])}"
        if send or receive:
            answer = client.post(f"{where}/send")
        if receive:
            answer = client.post(f"{where}/receive", {"final": True})
    here.show(answer, _document)


def _record(
    here: Here, what: str, location: str, lines: list[str], reason: str, reference: str
) -> None:
    body = {
        "location": location,
        "lines": _lines(lines),
        "reason": reason,
        "reference": reference,
    }
    with here.client() as client:
        answer = client.post(f"/v1/stock/{what}", body)
    here.show(answer, _document)


def _lines(lines: list[str]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": units} for sku, units in pairs(lines, "SKU=UNITS").items()]


def _levels(page: Any) -> None:
    table(
        ("SKU", "Location", ">On hand", ">Unavailable", ">Held back", ">Allocated", ">Free"),
        [
            (
                each["sku"],
                level["location"],
                level["on_hand"],
                level["unavailable"],
                level["held_back"],
                level["allocated"],
                level["free"],
            )
            for each in page["data"]
            for level in each["levels"]
        ],
    )
    table(
        ("SKU", "Area", ">Physical", ">Offered", ">Committed", ">Short", ">Free"),
        [
            (
                each["sku"],
                area["area"],
                area["physical"],
                area["offered"],
                area["committed"],
                area["short"],
                area["free"],
            )
            for each in page["data"]
            for area in each["areas"]
        ],
    )


def _document(answer: Any) -> None:
    table(
        ("SKU", ">Units", ">Sent", ">Received"),
        [
            (line["sku"], line["quantity"], line["sent"], line["received"])
            for line in answer["lines"]
        ],
        title=f"{answer['kind']} {answer['id']}, {answer['state']}",
    )
