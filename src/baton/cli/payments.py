"""`baton payment`: what an order's tenders did, money that comes later, money given back."""

from __future__ import annotations

import json
from pathlib import Path
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


# ── what providers say ─────────────────────────────────────────────────────────────────────


@command(area, "disputes")
def disputes(here: Here) -> None:
    """Disputes, newest first."""
    with here.client() as client:
        here.show(client.get("/v1/disputes"), lambda page: _disputes(page["data"]))


@command(area, "evidence")
def evidence(
    here: Here,
    dispute: Annotated[str, typer.Argument(help="Id of a dispute.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A zip to write.")] = None,
) -> None:
    """What to show the bank: order, addresses, parcels, messages; as JSON, or as a zip."""
    path = f"/v1/disputes/{part(dispute)}/evidence"
    with here.client() as client:
        if out is None:
            typer.echo(json.dumps(client.get(path), ensure_ascii=False, indent=2))
        else:
            out.write_bytes(client.file(f"{path}.zip"))
            here.note(f"Written: {out}")


@command(area, "end-dispute")
def end_dispute(
    here: Here,
    dispute: Annotated[str, typer.Argument(help="Id of a dispute.")],
    outcome: Annotated[str, typer.Argument(help="won or lost.")],
) -> None:
    """The bank has decided."""
    with here.client() as client:
        body = {"outcome": outcome}
        answer = client.post(f"/v1/disputes/{part(dispute)}/end", body)
    here.show(answer, lambda made: _disputes([made]))


@command(area, "webhooks")
def webhooks(here: Here) -> None:
    """Webhooks, newest first, also those that were refused."""
    with here.client() as client:
        here.show(client.get("/v1/payments/webhooks"), lambda page: _webhooks(page["data"]))


@command(area, "replay-webhook")
def replay_webhook(
    here: Here, webhook: Annotated[str, typer.Argument(help="Id of a webhook.")]
) -> None:
    """Have a webhook judged and acted upon again."""
    with here.client() as client:
        answer = client.post(f"/v1/payments/webhooks/{part(webhook)}/replay")
    here.show(answer, lambda made: _webhooks([made]))


@command(area, "webhook-address")
def webhook_address(
    here: Here, provider: Annotated[str, typer.Argument(help="Name of the provider.")]
) -> None:
    """A new address for a provider's webhooks, shown once; an older one is void."""
    with here.client() as client:
        answer = client.post("/v1/payments/webhook-addresses", {"provider": provider})
    here.show(answer, lambda made: typer.echo(made["url"]))


@command(area, "book-payout")
def book_payout(
    here: Here,
    provider: Annotated[str, typer.Argument(help="Name of the provider.")],
    file: Annotated[Path, typer.Argument(help="The file that it exports.", exists=True)],
) -> None:
    """Book the payouts of a file; booking them twice books once."""
    body = {"provider": provider, "content": file.read_text(encoding="utf-8-sig")}
    with here.client() as client:
        here.show(client.post("/v1/payouts", body), lambda made: _payouts(made["data"]))


@command(area, "payouts")
def payouts(here: Here) -> None:
    """Payouts, the last booked first."""
    with here.client() as client:
        here.show(client.get("/v1/payouts"), lambda page: _payouts(page["data"]))


@command(area, "payout")
def payout(here: Here, payout: Annotated[str, typer.Argument(help="Id of a payout.")]) -> None:
    """One payout, line by line."""
    with here.client() as client:
        here.show(client.get(f"/v1/payouts/{part(payout)}"), _payout)


def _disputes(rows: list[Any]) -> None:
    table(
        ("Dispute", "Provider", "State", ">Amount", ">Fee", "Reason", "Answer by"),
        [
            (
                d["id"],
                d["provider"],
                d["state"],
                money(d["amount"], d["currency"]),
                money(d["fee"], d["currency"]),
                d["reason"],
                moment(d["respond_by"]),
            )
            for d in rows
        ],
    )


def _webhooks(rows: list[Any]) -> None:
    table(
        ("Webhook", "Provider", "Received", "Verdict", "State", ">Times", "Note"),
        [
            (
                w["id"],
                w["provider"],
                moment(w["received_at"]),
                w["verdict"],
                w["state"],
                w["times"],
                w["note"],
            )
            for w in rows
        ],
    )


def _payouts(rows: list[Any]) -> None:
    table(
        ("Payout", "Reference", ">Gross", ">Fee", ">Net", ">Lines", ">Unmatched"),
        [
            (
                p["id"],
                p["payout_ref"],
                money(p["gross"], p["currency"]),
                money(p["fee"], p["currency"]),
                money(p["net"], p["currency"]),
                p["lines"],
                p["unmatched"],
            )
            for p in rows
        ],
    )


def _payout(answer: Any) -> None:
    _payouts([answer])
    table(
        (">Line", "Kind", "Reference", ">Amount", ">Fee", "Is"),
        [
            (
                x["line_no"],
                x["kind"],
                x["ref"],
                money(x["amount"], answer["currency"]),
                money(x["fee"], answer["currency"]),
                x["matched_id"] or ("" if x["kind"] == "fee" else "NOBODY KNOWS IT"),
            )
            for x in answer["line_items"]
        ],
    )
