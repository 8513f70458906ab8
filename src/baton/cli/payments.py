"""`baton payment`: what an order's tenders did, money that comes later, money given back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command, part
from baton.cli.output import fields, moment, money, table
from baton.values.money import Money

area = typer.Typer(
    name="payment", help="Payments of orders, refunds, receivables.", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(help="Number or id of an order.")]
Amount = Annotated[str, typer.Argument(help="An amount in the order's currency, like 12.50.")]
Owed = Annotated[str, typer.Argument(help="Id of a receivable.")]


@command(area, "show")
def show(here: Here, number: Number) -> None:
    """Show an order's tenders, all that was asked for them, and what is owed."""
    with here.client() as client:
        answer = client.get(f"{order_page.path(number)}/payments")
    here.show(answer, _told)


@command(area, "add")
def add(
    here: Here,
    number: Number,
    amount: Amount,
    token: Annotated[str, typer.Option(help="The provider's token, or a gift card's code.")] = "",
    method: Annotated[
        str, typer.Option(help="card, gift_card, store_credit or the provider's own word.")
    ] = "card",
    provider: Annotated[str, typer.Option(help="Else that of the channel.")] = "",
    receivable: Annotated[
        str | None, typer.Option(help="Id of a receivable that it is to pay.")
    ] = None,
) -> None:
    """Add a tender: to pay a difference, what is owed, or an order that waits for money."""
    body = {"method": method, "token": token, "provider": provider, "receivable": receivable}
    with here.client() as client:
        minor = _minor(client.get(order_page.path(number))["currency"], amount)
        answer = client.post(f"{order_page.path(number)}/payments", body | {"amount": minor})
    here.show(answer, _told)


@command(area, "refund")
def refund(
    here: Here,
    number: Number,
    amount: Amount,
    subject: Annotated[
        str, typer.Option("--subject", help="What for; the same again gives nothing more.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the timeline.")] = "",
    to: Annotated[
        str, typer.Option("--to", help="original, store_credit, or elsewhere: given back already.")
    ] = "original",
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would do, and change nothing.")
    ] = False,
) -> None:
    """Give money back: all in all this amount for the subject, the last tender first."""
    where = f"{order_page.path(number)}/refunds" + ("/preview" if preview else "")
    with here.client() as client:
        minor = _minor(client.get(order_page.path(number))["currency"], amount)
        body = {"amount": minor, "subject": subject, "reason": reason, "to": to}
        here.show(client.post(where, body), _refunded)


@command(area, "collect")
def collect(here: Here, number: Number, receivable: Owed) -> None:
    """Ask an order's tenders for what is owed."""
    with here.client() as client:
        answer = client.post(f"{_owed(number, receivable)}/collect")
    here.show(answer, _told)


@command(area, "settle")
def settle(
    here: Here,
    number: Number,
    receivable: Owed,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    how: Annotated[str, typer.Option(help="paid_elsewhere or written_off.")] = "paid_elsewhere",
) -> None:
    """End a debt by hand: it was paid elsewhere, or is written off."""
    with here.client() as client:
        answer = client.post(f"{_owed(number, receivable)}/settle", {"how": how, "reason": reason})
    here.show(answer, _told)


def _owed(number: str, receivable: str) -> str:
    return f"{order_page.path(number)}/receivables/{part(receivable)}"


def _minor(currency: str, amount: str) -> int:
    return Money.parse(amount, currency).minor


def _told(answer: Any) -> None:
    table(
        ("Payment", "Provider", "Status", ">Amount", ">Captured", ">Refunded", "Expires"),
        [
            (
                p["id"],
                p["provider"],
                p["status"],
                money(p["amount"], p["currency"]),
                money(p["captured"], p["currency"]),
                money(p["refunded"], p["currency"]),
                moment(p["expires_at"]),
            )
            for p in answer["payments"]
        ],
    )
    table(
        ("At", "What", "State", ">Amount", "Reference", "Said"),
        [
            (
                moment(e["requested_at"]),
                e["kind"],
                e["state"],
                money(e["amount"], p["currency"]),
                e["provider_ref"],
                e["error"] or e["action_url"],
            )
            for p in answer["payments"]
            for e in p["effects"]
        ],
    )
    for owed in answer["receivables"]:
        left = money(owed["amount"] - owed["paid"], owed["currency"])
        typer.echo(f"Owed {owed['id']}: {left} ({owed['cause']})")


def _refunded(answer: Any) -> None:
    currency = answer["currency"]
    table(
        ("Payment", "To", ">Amount"),
        [(p["payment_id"], p["provider"], money(p["amount"], currency)) for p in answer["parts"]],
    )
    fields([("To be given back elsewhere", money(answer["missing"], currency))])
