"""`baton invoice`: invoices and credit memos, what waits, and who issues them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, pairs, part
from baton.cli.output import fields, moment, money, table, yes

area = typer.Typer(
    name="invoice",
    help="Invoices: list, fetch, credit, run; series and policies.",
    no_args_is_help=True,
)

Invoice = Annotated[str, typer.Argument(metavar="INVOICE", help="Id of an invoice or memo.")]
Entity = Annotated[str, typer.Argument(metavar="LEGAL_ENTITY", help="Code of a legal entity.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]


@command(area, "list")
def list_(
    here: Here,
    order: Annotated[str | None, typer.Option("--order", help="Of this order.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Issued from this day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Issued up to this day.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="invoice or credit_memo.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many.")] = 50,
) -> None:
    """List invoices and credit memos, newest first."""
    asked = {"order": order, "since": since, "until": until, "kind": kind, "limit": limit}
    with here.client() as client:
        page = client.get("/v1/invoices", **{k: v for k, v in asked.items() if v is not None})
    here.show(page, _listed)


@command(area, "show")
def show(here: Here, invoice: Invoice) -> None:
    """Show one invoice or credit memo."""
    with here.client() as client:
        document = client.get(f"/v1/invoices/{part(invoice)}")
    here.show(document, _shown)


@command(area, "pdf")
def pdf(here: Here, invoice: Invoice, output: Output) -> None:
    """Write an invoice's paper to a file."""
    _fetched(here, invoice, "pdf", output)


@command(area, "xml")
def xml(
    here: Here,
    invoice: Invoice,
    output: Output,
    ubl: Annotated[bool, typer.Option("--ubl", help="As UBL 2.1, not as CII.")] = False,
) -> None:
    """Write the electronic invoice to a file."""
    _fetched(here, invoice, "ubl" if ubl else "xml", output)


@command(area, "waiting")
def waiting(here: Here) -> None:
    """List what is to be billed or credited and has no document yet."""
    with here.client() as client:
        rows = list(client.pages("/v1/invoicing/waiting"))
    here.show(rows, _waiting)


@command(area, "credit")
def credit(
    here: Here,
    order: Annotated[str, typer.Argument(help="Number or id of an order.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands on the memo.")],
    line: Annotated[
        list[str] | None, typer.Option("--line", help="LINE=UNITS, as often as needed.")
    ] = None,
    charge: Annotated[
        list[str] | None, typer.Option("--charge", help="CHARGE=AMOUNT in minor units.")
    ] = None,
    amount: Annotated[int, typer.Option("--amount", min=0, help="Over all, minor units.")] = 0,
) -> None:
    """Credit units, charges or an amount of what was billed of an order."""
    body = {
        "lines": [
            {"line": int(n), "quantity": q} for n, q in pairs(line or [], "LINE=UNITS").items()
        ],
        "charges": [
            {"charge": int(n), "amount": a} for n, a in pairs(charge or [], "CHARGE=AMOUNT").items()
        ],
        "amount": amount,
        "reason": reason,
    }
    with here.client() as client:
        made = client.post(f"/v1/orders/{part(order)}/credit-memos", body)
    here.show(made, lambda each: _waiting([each]))


@command(area, "run")
def run(
    here: Here,
    entity: Entity,
    until: Annotated[str, typer.Option("--until", help="Shipped up to this day.")],
) -> None:
    """Bill now what waits for the end of its month."""
    with here.client() as client:
        body = {"legal_entity": entity, "until": until}
        made = client.post("/v1/invoicing/collective-runs", body)
    here.show(made, lambda each: typer.echo(f"{each['shipments']} shipments are billed."))


@command(area, "issuers")
def issuers(here: Here) -> None:
    """List legal entities with their series."""
    with here.client() as client:
        rows = list(client.pages("/v1/invoicing/issuers"))
    here.show(rows, _issuers)


@command(area, "set-issuer")
def set_issuer(
    here: Here,
    entity: Entity,
    street: Annotated[str, typer.Option("--street", help="Street and house number.")],
    city: Annotated[str, typer.Option("--city", help="City.")],
    country: Annotated[str, typer.Option("--country", help="Two letters.")],
    postal_code: Annotated[str, typer.Option("--postal-code", help="Postal code.")] = "",
    name: Annotated[str, typer.Option("--name", help="As the address says it.")] = "",
    pattern: Annotated[str | None, typer.Option("--pattern", help="INV-{year}-{no:06d}")] = None,
    memo_pattern: Annotated[
        str | None, typer.Option("--memo-pattern", help="CN-{year}-{no:06d}")
    ] = None,
    email: Annotated[str, typer.Option("--email", help="Stands on the paper.")] = "",
    phone: Annotated[str, typer.Option("--phone", help="Stands on the paper.")] = "",
    registration: Annotated[str, typer.Option("--registration", help="Entry in a register.")] = "",
    iban: Annotated[str, typer.Option("--iban", help="Where invoices are paid to.")] = "",
    bic: Annotated[str, typer.Option("--bic", help="That account's bank.")] = "",
    payment_days: Annotated[
        int, typer.Option("--payment-days", min=0, help="Days until it is due.")
    ] = 14,
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="In which days begin: Europe/Berlin.")
    ] = "UTC",
    footer: Annotated[str, typer.Option("--footer", help="What else stands at the end.")] = "",
) -> None:
    """Set what a legal entity's paper says and how it is numbered; what waited is issued."""
    body = {
        "legal_entity": entity,
        "address": {
            "name": name or entity,
            "lines": [street],
            "city": city,
            "postal_code": postal_code,
            "country": country,
        },
        "invoice_pattern": pattern,
        "credit_memo_pattern": memo_pattern,
        "email": email,
        "phone": phone,
        "registration": registration,
        "iban": iban,
        "bic": bic,
        "payment_days": payment_days,
        "time_zone": time_zone,
        "footer": footer,
    }
    with here.client() as client:
        saved = client.call("PUT", "/v1/invoicing/issuers", body)
    here.show(saved, lambda each: _issuers([each]))


@command(area, "set-policy")
def set_policy(
    here: Here,
    policy: Annotated[str, typer.Argument(help="shipment, order, month or none.")],
    channel: Annotated[str | None, typer.Option("--channel", help="Code of a channel.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", help="Id of a customer.")] = None,
) -> None:
    """Set when shipments are billed: for a channel, a customer, or all others."""
    body = {"policy": policy, "channel": channel, "customer_id": customer}
    with here.client() as client:
        saved = client.call("PUT", "/v1/invoicing/policies", body)
    here.show(saved, lambda each: typer.echo(f"Billed by {each['policy']} from now on."))


@command(area, "check")
def check(
    here: Here,
    file: Annotated[Path, typer.Argument(help="UBL 2.1 or CII, as XML.", exists=True)],
) -> None:
    """Read an electronic invoice of anybody, and say what does not add up."""
    with here.client() as client:
        body = {"xml": file.read_text(encoding="utf-8")}
        read = client.post("/v1/invoicing/checks", body)
    here.show(read, _checked)


def _fetched(here: Here, invoice: str, what: str, output: Path) -> None:
    with here.client() as client:
        content = client.file(f"/v1/invoices/{part(invoice)}/{what}")
    output.write_bytes(content)
    told = {"file": str(output), "bytes": len(content)}
    here.show(told, lambda each: typer.echo(f"{each['file']}: {each['bytes']} bytes"))


def _listed(page: Any) -> None:
    table(
        ("Number", "Kind", "Issued", "Buyer", "Orders", ">Total", ">Due", "Id"),
        [
            (
                each["number"],
                each["kind"],
                each["issued_on"],
                each["buyer"],
                ", ".join(each["orders"][:3]),
                money(each["total"], each["currency"]),
                money(each["due"], each["currency"]),
                each["id"],
            )
            for each in page["data"]
        ],
    )


def _shown(document: Any) -> None:
    currency = document["currency"]
    fields(
        (
            ("Number", document["number"]),
            ("Kind", document["kind"]),
            ("Issued", document["issued_on"]),
            ("Buyer", document["buyer"]),
            ("Orders", ", ".join(document["orders"])),
            ("Corrects", ", ".join(each["number"] for each in document["corrects"])),
            ("Reason", document["reason"]),
            ("Net", money(document["net"], currency)),
            ("Tax", money(document["tax"], currency)),
            ("Total", money(document["total"], currency)),
            ("Paid", money(document["paid"], currency)),
            ("Due", money(document["due"], currency)),
        )
    )
    table(
        (">Units", "SKU", "Item", "Tax", ">Net", ">Amount"),
        [
            (
                line["units"],
                line["sku"],
                line["title"],
                f"{line['category']} {line['rate']} %",
                money(line["net"], currency),
                money(line["total"], currency),
            )
            for line in document["lines"]
        ],
    )
    for lack in document["e_invoice_lacks"]:
        typer.echo(f"No electronic invoice: {lack}")


def _waiting(rows: Any) -> None:
    table(
        ("Kind", "Since", ">Amount", "Waits for", "Order", "Id"),
        [
            (
                each["kind"],
                moment(each["occurred_at"]),
                money(each["total"], each["currency"]),
                each["waits_for"],
                each["order_id"],
                each["id"],
            )
            for each in rows
        ],
    )


def _issuers(rows: Any) -> None:
    table(
        ("Legal entity", "Name", "Set up", "Invoices", "Credit memos"),
        [
            (
                each["legal_entity"],
                each["name"],
                yes(each["address"] is not None),
                _in_use(each, "invoice"),
                _in_use(each, "credit_memo"),
            )
            for each in rows
        ],
    )


def _in_use(issuer: Any, kind: str) -> str:
    used = [s["pattern"] for s in issuer["series"] if s["in_use"] and s["kind"] == kind]
    return ", ".join(used)


def _checked(read: Any) -> None:
    currency = read["currency"]
    named = ("net", "tax", "gross", "due")
    totals = {name: f"{read[name]} {currency}" for name in named if read[name]}
    fields(
        (
            ("Number", read["number"]),
            ("Kind", read["kind"]),
            ("Issued", read["issued_on"]),
            ("Seller", read["seller"]),
            ("Buyer", read["buyer"]),
            ("Lines", read["lines"]),
            *((name.capitalize(), text) for name, text in totals.items()),
        )
    )
    for fault in read["faults"]:
        typer.echo(f"Does not hold: {fault}")
    if not read["faults"]:
        typer.echo("Everything adds up.")
