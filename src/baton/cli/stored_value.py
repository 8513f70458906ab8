"""`baton gift-card` and `baton store-credit`: money of buyers that the merchant holds."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, part
from baton.cli.output import fields, moment, money, table
from baton.values.money import Money

cards = typer.Typer(
    name="gift-card", help="Gift cards: make, look up, freeze, correct.", no_args_is_help=True
)
credit = typer.Typer(
    name="store-credit", help="What customers have with the merchant.", no_args_is_help=True
)

Account = Annotated[str, typer.Argument(help="Id of a gift card or store credit.")]
Customer = Annotated[str, typer.Argument(help="Id of a customer.")]
Currency = Annotated[str, typer.Option("--currency", help="ISO 4217, like EUR.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")]


@command(cards, "issue")
def issue(
    here: Here,
    amount: Annotated[str, typer.Argument(help="What it is worth, like 25.00.")],
    currency: Currency,
    reason: Reason = "",
    code: Annotated[
        str | None, typer.Option(help="Of a card that exists elsewhere already.")
    ] = None,
    expires_at: Annotated[str | None, typer.Option(help="An instant, ISO 8601.")] = None,
    inactive: Annotated[
        bool, typer.Option("--inactive", help="To be activated when it is handed out.")
    ] = False,
) -> None:
    """Make a gift card; its code is shown once."""
    body = {
        "amount": Money.parse(amount, currency).minor,
        "currency": currency,
        "active": not inactive,
        "code": code,
        "expires_at": expires_at,
        "reason": reason,
    }
    with here.client() as client:
        here.show(client.post("/v1/gift-cards", body), _card)


@command(cards, "list")
def list_accounts(here: Here) -> None:
    """The newest gift cards and store credits."""
    with here.client() as client:
        here.show(client.get("/v1/stored-value"), lambda page: _accounts(page["data"]))


@command(cards, "show")
def show(here: Here, account: Account) -> None:
    """Show a gift card or store credit with every change of its balance."""
    with here.client() as client:
        here.show(client.get(_path(account)), _card)


@command(cards, "look-up")
def look_up(here: Here, code: Annotated[str, typer.Argument(help="A gift card's code.")]) -> None:
    """What may be spent from the gift card with this code."""
    with here.client() as client:
        here.show(client.post("/v1/gift-cards/look-up", {"code": code}), _balance)


@command(cards, "activate")
def activate(here: Here, account: Account, reason: Reason = "") -> None:
    """Let a gift card be spent from."""
    _step(here, account, "activate", {"reason": reason})


@command(cards, "freeze")
def freeze(here: Here, account: Account, reason: Reason = "") -> None:
    """Let no more money go from an account."""
    _step(here, account, "freeze", {"reason": reason})


@command(cards, "thaw")
def thaw(here: Here, account: Account, reason: Reason = "") -> None:
    """Let a frozen account be spent from again."""
    _step(here, account, "thaw", {"reason": reason})


@command(cards, "correct")
def correct(
    here: Here,
    account: Account,
    amount: Annotated[str, typer.Argument(help="The difference, like 5.00; less with --down.")],
    reason: Reason,
    down: Annotated[bool, typer.Option("--down", help="Take it away.")] = False,
) -> None:
    """Change a balance by hand."""
    with here.client() as client:
        currency = client.get(_path(account))["currency"]
        minor = Money.parse(amount, currency).minor
        body = {"amount": -minor if down else minor, "reason": reason}
        here.show(client.post(f"{_path(account)}/correct", body), _card)


@command(cards, "new-code")
def new_code(here: Here, account: Account) -> None:
    """Give a gift card another code, shown once; the old one is void."""
    _step(here, account, "code", {})


@command(credit, "show")
def show_credit(here: Here, customer: Customer) -> None:
    """What a customer has, in each currency."""
    with here.client() as client:
        found = client.get(f"/v1/customers/{part(customer)}/store-credit")
    here.show(found, lambda page: _accounts(page["data"]))


@command(credit, "grant")
def grant(
    here: Here,
    customer: Customer,
    amount: Annotated[str, typer.Argument(help="How much, like 5.00.")],
    currency: Currency,
    reason: Reason,
    subject: Annotated[
        str, typer.Option("--subject", help="What for; the same again gives nothing more.")
    ],
) -> None:
    """Give a customer store credit."""
    body = {
        "amount": Money.parse(amount, currency).minor,
        "currency": currency,
        "reason": reason,
        "subject": subject,
    }
    with here.client() as client:
        here.show(client.post(f"/v1/customers/{part(customer)}/store-credit", body), _card)


def _path(account: str) -> str:
    return f"/v1/stored-value/{part(account)}"


def _step(here: Here, account: str, step: str, body: dict[str, Any]) -> None:
    with here.client() as client:
        here.show(client.post(f"{_path(account)}/{step}", body), _card)


def _balance(found: Any) -> None:
    fields(
        [
            ("Free", money(found["free"], found["currency"])),
            ("Status", found["status"]),
            ("Expires", moment(found["expires_at"])),
        ]
    )


def _card(account: Any) -> None:
    if "code" in account:
        typer.echo(f"Code {account['code']} (shown this once)")
    _accounts([account])
    if "entries" in account:
        table(
            ("At", "Cause", ">Amount", ">Balance", "Reason"),
            [
                (
                    moment(entry["at"]),
                    entry["cause"],
                    money(entry["amount"], account["currency"]),
                    money(entry["balance"], account["currency"]),
                    entry["reason"],
                )
                for entry in account["entries"]
            ],
        )


def _accounts(accounts: list[Any]) -> None:
    table(
        ("Account", "Kind", "Code", "Status", ">Balance", ">Held", ">Free", "Expires"),
        [
            (
                each["id"],
                each["kind"],
                f"…{each['last_four']}" if each["last_four"] else "",
                each["status"],
                money(each["balance"], each["currency"]),
                money(each["held"], each["currency"]),
                money(each["free"], each["currency"]),
                moment(each["expires_at"]),
            )
            for each in accounts
        ],
    )
