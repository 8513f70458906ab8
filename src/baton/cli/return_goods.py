"""`baton return`, on the way: labels, exchanges, unexpected goods, carriers, figures."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, pairs, part
from baton.cli.output import moment, money, table
from baton.cli.returns import Location, Number, Order, told, units_of

Note = Annotated[str, typer.Option("--note", help="What was seen or said.")]
Parcel = Annotated[str, typer.Argument(help="Id of a parcel with unexpected goods.")]


def add_to(area: typer.Typer) -> None:
    """Add the commands to `baton return`."""
    for name, work in (
        ("label", label),
        ("exchange", exchange),
        ("arrive", arrive),
        ("parcels", parcels),
        ("match", match),
        ("put-away", put_away),
        ("refund-lost", refund_lost),
        ("claims", claims),
        ("claim", claim),
        ("settle-claim", settle_claim),
        ("analysis", analysis),
    ):
        command(area, name)(work)


def label(
    here: Here,
    number: Number,
    service: Annotated[str | None, typer.Option(help="A service of a rate card.")] = None,
    tracking: Annotated[str, typer.Option(help="The customer's own tracking number.")] = "",
    carrier: Annotated[str, typer.Option(help="Whose number it is.")] = "",
) -> None:
    """Have a label bought for the way back; a worker does it."""
    body = {"service": service, "tracking_no": tracking, "carrier": carrier}
    with here.client() as client:
        answer = client.post(f"/v1/returns/{part(number)}/label", body)
    here.show(answer, told)


def exchange(
    here: Here,
    number: Number,
    token: Annotated[
        str, typer.Option(help="The gateway's token of an authorisation as guarantee.")
    ] = "",
    days: Annotated[
        int | None, typer.Option(min=1, help="So long the goods are awaited from now.")
    ] = None,
) -> None:
    """Send the other goods before these are back."""
    body = {"guarantee": {"token": token} if token else None, "days": days}
    with here.client() as client:
        answer = client.post(f"/v1/returns/{part(number)}/exchange", body)
    here.show(answer, told)


def arrive(
    here: Here,
    location: Location,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, as many as needed.")],
    rma: Annotated[str, typer.Option("--return", help="Number of a return.")] = "",
    order: Annotated[str, typer.Option(help="Number of an order.")] = "",
    sender: Annotated[str, typer.Option(help="E-mail address of who sent it.")] = "",
    tracking: Annotated[str, typer.Option(help="Tracking number on the parcel.")] = "",
    reference: Annotated[str, typer.Option(help="Names the scan: taken in once.")] = "",
    note: Note = "",
) -> None:
    """Take in goods that came, for the return they belong to, or into quarantine."""
    body = {
        "location": location,
        "lines": [{"sku": s, "quantity": n} for s, n in pairs(lines, "SKU=UNITS").items()],
        "rma": rma,
        "order": order,
        "sender": sender,
        "tracking_no": tracking,
        "reference": reference,
        "note": note,
    }
    with here.client() as client:
        answer = client.post("/v1/return-parcels", body)
    here.show(answer, _arrived)


def parcels(
    here: Here,
    status: Annotated[str, typer.Option(help="quarantine, matched or disposed.")] = "quarantine",
) -> None:
    """List goods that came without a return."""
    with here.client() as client:
        page = client.get("/v1/return-parcels", status=status, limit=200)
    here.show(page, lambda each: _parcels(each["data"]))


def match(here: Here, parcel: Parcel, number: Number) -> None:
    """Say which return unexpected goods belong to."""
    with here.client() as client:
        answer = client.post(f"/v1/return-parcels/{part(parcel)}/match", {"rma": number})
    here.show(answer, _arrived)


def put_away(
    here: Here,
    parcel: Parcel,
    disposition: Annotated[str, typer.Argument(help="restock, donate, write_off …")],
) -> None:
    """Decide what becomes of goods that belong to no return."""
    body = {"disposition": disposition}
    with here.client() as client:
        answer = client.post(f"/v1/return-parcels/{part(parcel)}/dispose", body)
    here.show(answer, lambda each: _parcels([each]))


def refund_lost(
    here: Here,
    order: Order,
    lines: Annotated[list[str], typer.Argument(help="LINE=UNITS that the carrier lost.")],
    note: Note = "",
) -> None:
    """Give back the money for units that a carrier lost."""
    with here.client() as client:
        body = {"lines": units_of(lines), "note": note}
        answer = client.post(f"/v1/orders/{part(order)}/refund-lost", body)
    here.show(answer, told)


def claims(here: Here) -> None:
    """List claims against carriers."""
    with here.client() as client:
        page = client.get("/v1/carrier-claims", limit=200)
    here.show(page, lambda each: _claims(each["data"]))


def claim(
    here: Here,
    shipment: Annotated[str, typer.Argument(help="Id of a shipment.")],
    amount: Annotated[int, typer.Argument(min=1, help="In minor units of the order's currency.")],
    reason: Annotated[str, typer.Option("--reason", help="lost, damaged …")],
    note: Note = "",
) -> None:
    """Ask a carrier for what it lost or broke."""
    body = {"shipment_id": shipment, "amount": amount, "reason": reason, "note": note}
    with here.client() as client:
        answer = client.post("/v1/carrier-claims", body)
    here.show(answer, lambda each: _claims([each]))


def settle_claim(
    here: Here,
    claim: Annotated[str, typer.Argument(help="Id of a claim.")],
    paid: Annotated[int, typer.Argument(min=0, help="What the carrier paid; 0: it refused.")],
    note: Note = "",
) -> None:
    """Keep what a carrier answered to a claim."""
    with here.client() as client:
        body = {"paid": paid, "note": note}
        answer = client.post(f"/v1/carrier-claims/{part(claim)}/settle", body)
    here.show(answer, lambda each: _claims([each]))


def analysis(
    here: Here,
    by: Annotated[
        str, typer.Option(help="sku, product, category, channel, reason or month.")
    ] = "sku",
    since: Annotated[str | None, typer.Option(help="Orders from this day on: 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="… and before this one.")] = None,
    sku: Annotated[str | None, typer.Option(help="Of this SKU alone.")] = None,
    channel: Annotated[str | None, typer.Option(help="Of this channel alone.")] = None,
) -> None:
    """Say how much of what was sold in a period came back, and why."""
    with here.client() as client:
        answer = client.get(
            "/v1/returns/analysis", by=by, since=since, until=until, sku=sku, channel=channel
        )
    here.show(answer, _figures)


def _arrived(answer: Any) -> None:
    if answer["rma"]:
        told(answer["rma"])
    if answer["parcel"]:
        _parcels([answer["parcel"]])


def _parcels(found: Any) -> None:
    table(
        ("Parcel", "Id", "Location", "State", "SKU", ">Units", ">Matched", "Came"),
        [
            (
                each["number"],
                each["id"],
                each["location"],
                each["status"],
                line["sku_code"],
                line["units"],
                line["matched"],
                moment(each["arrived_at"]),
            )
            for each in found
            for line in each["lines"]
        ],
    )


def _claims(found: Any) -> None:
    table(
        ("Claim", "Carrier", "Reason", "State", ">Claimed", ">Paid"),
        [
            (
                each["id"],
                each["carrier"],
                each["reason"],
                each["status"],
                money(each["claimed"], each["currency"]),
                money(each["paid"], each["currency"]),
            )
            for each in found
        ],
    )


def _figures(answer: Any) -> None:
    table(
        (answer["by"].capitalize(), ">Shipped", ">Returned", ">Percent"),
        [(x["key"], x["shipped"], x["returned"], x["rate_percent"]) for x in answer["data"]],
        title=f"Orders from {answer['since']} to {answer['until']}",
    )
