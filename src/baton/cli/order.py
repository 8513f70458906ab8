"""`baton order`: look at orders, and take some."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command
from baton.cli.output import moment, money, table
from baton.cli.problem import Problem

area = typer.Typer(name="order", help="Orders: look, take, hold, change.", no_args_is_help=True)

MOST = 500  # orders of one request

Number = Annotated[str, typer.Argument(help="Number or id of an order.")]


@command(area, "list")
def list_orders(
    here: Here,
    query: Annotated[
        str, typer.Argument(help="Number, external id, e-mail, name, SKU or tracking number.")
    ] = "",
    status: Annotated[str | None, typer.Option(help="Orders in this status alone.")] = None,
    health: Annotated[
        str | None, typer.Option(help="Orders of this health alone, such as blocked.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Orders of this channel's code.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    after: Annotated[
        str | None, typer.Option(help="Go on after a page: its `next`, as --json shows it.")
    ] = None,
) -> None:
    """List orders, newest first."""
    with here.client() as client:
        page = client.get(
            "/v1/orders",
            q=query or None,
            status=status,
            health=health,
            channel=channel,
            limit=limit,
            after=after,
        )
    here.show(page, _listed)


@command(area, "show")
def show(here: Here, number: Number) -> None:
    """Show an order with all that belongs to it."""
    with here.client() as client:
        order = client.get(order_page.path(number))
    here.show(order, order_page.told)


@command(area, "timeline")
def timeline(here: Here, number: Number) -> None:
    """Tell all that happened to an order, oldest first."""
    with here.client() as client:
        page = client.get(f"{order_page.path(number)}/timeline")
    here.show(page, _timeline)


@command(area, "take")
def take(
    here: Here,
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON: one order as POST /v1/orders takes it, a list of them, or one to a line. "
            "- reads standard input.",
            allow_dash=True,
        ),
    ],
) -> None:
    """Take orders from a JSON file; an order that is known already changes nothing."""
    bodies = _orders_in(file)
    with here.client() as client:
        if len(bodies) == 1:
            here.show(client.post("/v1/orders", bodies[0]), order_page.told)
            return
        results: list[Any] = []
        for start in range(0, len(bodies), MOST):
            some = {"orders": bodies[start : start + MOST]}
            results += client.post("/v1/orders/batch", some)["results"]
    here.show({"results": results}, _taken)
    refused = sum(each["problem"] is not None for each in results)
    if refused:
        raise Problem(f"{refused} of {len(results)} orders were refused.")


def _listed(page: Any) -> None:
    table(
        ("Number", "Placed", "Channel", "Status", "Health", "Payment", ">Units", ">Total", "Buyer"),
        [
            (
                row["number"],
                moment(row["placed_at"]),
                row["channel"]["code"],
                row["status"],
                row["health"],
                row["payment_status"],
                row["units"],
                money(row["total"], row["currency"]),
                row["buyer_name"],
            )
            for row in page["data"]
        ],
    )
    if page["next"]:
        typer.echo(f"There are more: --after {page['next']}", err=True)


def _timeline(page: Any) -> None:
    table(
        (">Seq", "At", "Fact", "Actor", "What"),
        [
            (
                fact["seq"],
                moment(fact["at"]),
                fact["fact"],
                fact["actor"],
                _short(fact["data"]),
            )
            for fact in page["data"]
        ],
    )


def _short(data: dict[str, Any]) -> str:
    said = ", ".join(
        f"{name} {json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value}"
        for name, value in data.items()
        if value not in (None, "", [], {}) and not name.endswith("_id")
    )
    return said if len(said) <= 120 else f"{said[:119]}…"


def _taken(answer: Any) -> None:
    table(
        ("External id", "Number", "Result"),
        [(each["external_id"], each["number"], _result(each)) for each in answer["results"]],
    )


def _result(each: Any) -> str:
    if each["problem"]:
        where = each["problem"].get("field")
        return f"refused: {each['problem']['detail']}" + (f" [{where}]" if where else "")
    return "new" if each["new"] else "known"


def _orders_in(file: Path) -> list[Any]:
    """The orders of a file, unchecked: the API says what is wrong with one."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} can't be read: {error}", field="FILE") from error
    try:
        found = json.loads(text)
    except ValueError:
        found = list(_lines(text, file))
    if isinstance(found, dict) and isinstance(found.get("orders"), list):
        found = found["orders"]
    bodies = found if isinstance(found, list) else [found]
    if not bodies:
        raise Problem(f"{file} has no orders.", field="FILE")
    return bodies


def _lines(text: str, file: Path) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.strip():
                yield json.loads(line)
        except ValueError as error:
            raise Problem(f"{file}, line {number} is not JSON: {error}", field="FILE") from error
