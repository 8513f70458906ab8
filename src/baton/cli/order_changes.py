"""`baton order`: hold, resolve, cancel, route, release, recall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command, pairs, part
from baton.cli.output import money, table
from baton.cli.problem import Problem

if TYPE_CHECKING:
    from baton.cli.client import Client

Number = Annotated[str, typer.Argument(help="Number or id of an order.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the order's timeline.")]
Lines = Annotated[
    list[str] | None,
    typer.Option("--line", help="LINE=UNITS, as often as needed; without it, all that can be."),
]


def add_to(area: typer.Typer) -> None:
    """Add the commands to `baton order`."""
    command(area, "hold")(hold)
    command(area, "resolve")(resolve)
    command(area, "cancel")(cancel)
    command(area, "route")(route)
    command(area, "release")(release)
    command(area, "recall")(recall)


def hold(
    here: Here,
    number: Number,
    reason: Reason,
    block: Annotated[
        list[str] | None,
        typer.Option(help="What is stopped: reserve, route or release; default: by the kind."),
    ] = None,
    kind: Annotated[str, typer.Option(help="Kind of the hold.")] = "manual",
    line: Annotated[int | None, typer.Option(min=1, help="Hold this line alone.")] = None,
) -> None:
    """Stop an order until the hold is resolved."""
    body: dict[str, Any] = {"reason": reason, "kind": kind, "line": line, "blocks": block or None}
    with here.client() as client:
        answer = client.post(f"{order_page.path(number)}/holds", body)
    here.show(answer, order_page.told)


def resolve(
    here: Here,
    number: Number,
    resolution: Annotated[str, typer.Option("--resolution", help="How it was settled.")],
    hold: Annotated[
        str | None, typer.Option(help="Id of one hold; default: all that are open.")
    ] = None,
    exception: Annotated[
        str | None, typer.Option(help="Id of an exception to settle instead of holds.")
    ] = None,
) -> None:
    """Resolve an order's holds, or settle one of its exceptions; what was stopped goes on."""
    body = {"resolution": resolution}
    with here.client() as client:
        if exception is not None:
            answer = client.post(f"/v1/exceptions/{part(exception)}/resolve", body)
        else:
            for each in [hold] if hold else _open_holds(client, number):
                answer = client.post(f"{order_page.path(number)}/holds/{part(each)}/resolve", body)
    here.show(answer, order_page.told)


def cancel(
    here: Here,
    number: Number,
    reason: Reason,
    line: Lines = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would do, and change nothing.")
    ] = False,
) -> None:
    """Cancel units of an order: at once where nothing has begun, by recall where it has."""
    body = {"reason": reason, "lines": _units(line)}
    where = f"{order_page.path(number)}/cancel"
    with here.client() as client:
        if preview:
            here.show(client.post(f"{where}/preview", body), _previewed)
        else:
            here.show(client.post(where, body), order_page.told)


def route(here: Here, number: Number) -> None:
    """Have an order's reserved units routed now; a worker does it."""
    _asked(here, number, "route")


def release(here: Here, number: Number) -> None:
    """Have an order's planned work sent to its locations now; a worker does it."""
    _asked(here, number, "release")


def recall(here: Here, number: Number, reason: Reason, line: Lines = None) -> None:
    """Ask locations for released units back; the order is held until that is resolved."""
    _asked(here, number, "recall", {"reason": reason, "lines": _units(line)})


def _asked(here: Here, number: str, what: str, body: Any = None) -> None:
    with here.client() as client:
        answer = client.post(f"{order_page.path(number)}/{what}", body)
    here.show(answer, order_page.told)


def _units(lines: list[str] | None) -> list[dict[str, int]] | None:
    if not lines:
        return None
    found = pairs(lines, "LINE=UNITS")
    try:
        return [{"line": int(line), "quantity": units} for line, units in found.items()]
    except ValueError as error:
        raise typer.BadParameter("a line is named by its number: LINE=UNITS") from error


def _open_holds(client: Client, number: str) -> list[str]:
    order = client.get(order_page.path(number))
    found = [str(hold["id"]) for hold in order["holds"] if hold["resolved_at"] is None]
    if not found:
        raise Problem(f"Order {order['number']} has no open hold.", field="NUMBER")
    return found


def _previewed(answer: Any) -> None:
    table(
        ("What", ">Line", ">Units"),
        [
            (what, each["line_no"], each["quantity"])
            for what, key in (("now", "now"), ("by recall", "recall"), ("too late", "too_late"))
            for each in answer[key]
        ],
    )
    currency = answer["currency"]
    typer.echo(
        f"Worth {money(answer['value'], currency)}; still due: "
        f"{money(answer['still_due'], currency)}"
    )
