"""An order as a terminal shows it."""

from __future__ import annotations

from typing import Any

import typer

from baton.cli.command import part
from baton.cli.output import fields, moment, money, table

_BUCKETS = (
    "parked",
    "open",
    "backordered",
    "reserved",
    "allocated",
    "released",
    "shipped",
    "cancelled",
)


def path(number: str) -> str:
    """Where the API has an order."""
    return f"/v1/orders/{part(number)}"


def told(order: Any) -> None:
    """Print everything that a person asks first."""
    _head(order)
    _lines(order)
    for held in order["holds"]:
        if held["resolved_at"] is None:
            typer.echo(f"Hold {held['id']}: {held['reason']} (blocks {', '.join(held['blocks'])})")
    for each in order["exceptions"]:
        if each["resolved_at"] is None:
            typer.echo(f"Exception {each['id']}: {each['cause']} {each['suggestion']}")
    _works(order)
    _shipments(order)
    _payments(order)
    typer.echo(f"Now possible: {', '.join(order['actions']) or 'nothing'}")


def _head(order: Any) -> None:
    currency, totals = order["currency"], order["totals"]
    groups = [
        f"{group['number']}: {group['method']} "
        + (_address(group["address"]) or (group["location"] or {}).get("name", ""))
        + (f", promised by {group['promised_by']}" if group["promised_by"] else "")
        for group in order["groups"]
    ]
    fields(
        [
            ("Order", f"{order['number']}  ({order['channel']['code']} {order['external_id']})"),
            ("Status", f"{order['status']}, {order['health']}, payment {order['payment_status']}"),
            ("Placed", f"{moment(order['placed_at'])}, taken {moment(order['taken_at'])}"),
            ("Buyer", " ".join(filter(None, map(order["customer"].get, ("name", "email"))))),
            *(("Group", group) for group in groups),
            ("Total", money(totals["total"], currency)),
            ("Captured", money(totals["captured"], currency)),
            ("Refunded", money(totals["refunded"], currency) if totals["refunded"] else None),
            ("Note", order["note"]),
        ]
    )


def _address(address: Any) -> str:
    if not address:
        return ""
    place = f"{address['postal_code']} {address['city']}".strip()
    return ", ".join(filter(None, [*address["lines"], place, address["country"]]))


def _lines(order: Any) -> None:
    shown = [name for name in _BUCKETS if any(line["buckets"].get(name) for line in order["lines"])]
    table(
        (
            ">Line",
            "SKU",
            "Title",
            ">Ordered",
            *(f">{name.capitalize()}" for name in shown),
            ">Total",
        ),
        [
            (
                line["line_no"],
                line["sku"],
                line["title"],
                line["ordered"],
                *(line["buckets"].get(name) or "" for name in shown),
                money(line["total"], order["currency"]),
            )
            for line in order["lines"]
        ],
    )


def _works(order: Any) -> None:
    if order["fulfillment_orders"]:
        table(
            ("Work", "Location", "Method", "Status", "Ship on", ">Units"),
            [
                (
                    work["number"],
                    work["location"]["code"],
                    work["method"],
                    work["status"] + (f", recall {work['recall']}" if _recalled(work) else ""),
                    work["ship_on"],
                    sum(line["quantity"] for line in work["lines"]),
                )
                for work in order["fulfillment_orders"]
            ],
        )


def _recalled(work: Any) -> bool:
    return work["recall"] not in ("", "none")


def _shipments(order: Any) -> None:
    if order["shipments"]:
        table(
            ("Shipment", "Carrier", "Service", "Status", "Tracking", "Shipped", "Delivered"),
            [
                (
                    each["number"],
                    each["carrier"],
                    each["service"],
                    each["status"],
                    each["tracking_no"],
                    moment(each["shipped_at"]),
                    moment(each["delivered_at"]),
                )
                for each in order["shipments"]
            ],
        )


def _payments(order: Any) -> None:
    if order["payments"]:
        table(
            (">Payment", "Method", "Status", ">Amount", ">Captured", ">Refunded"),
            [
                (
                    each["rank"],
                    each["method"],
                    each["status"],
                    money(each["amount"], each["currency"]),
                    money(each["captured"], each["currency"]),
                    money(each["refunded"], each["currency"]),
                )
                for each in order["payments"]
            ],
        )
