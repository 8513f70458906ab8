"""`baton order change` and `changes`: one change of several things, and all that there were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command, pairs
from baton.cli.output import moment, money, table
from baton.cli.problem import Problem

Number = Annotated[str, typer.Argument(help="Number or id of an order.")]
Many = list[str] | None


def add_to(area: typer.Typer) -> None:
    """Add the commands to `baton order`."""
    command(area, "change")(change)
    command(area, "changes")(changes)


def change(
    here: Here,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the change.")],
    quantity: Annotated[
        Many, typer.Option("--quantity", help="LINE=UNITS that are wanted of a line.")
    ] = None,
    cancel: Annotated[Many, typer.Option("--cancel", help="LINE=UNITS that are not.")] = None,
    add: Annotated[
        Many, typer.Option("--add", help="SKU=UNITS more, at the catalogue's price.")
    ] = None,
    substitute: Annotated[
        Many, typer.Option("--substitute", help="LINE/SKU=UNITS of it in place of a line's.")
    ] = None,
    reship: Annotated[
        Many, typer.Option("--reship", help="LINE=UNITS that left, sent again for nothing.")
    ] = None,
    price: Annotated[
        Many, typer.Option("--price", help="LINE=PRICE of a unit, in minor units.")
    ] = None,
    charge: Annotated[
        Many, typer.Option("--charge", help="KIND=AMOUNT more to pay, in minor units.")
    ] = None,
    waive: Annotated[
        list[int] | None, typer.Option("--waive", help="Number of a charge that is let go.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="The first group's service of delivery.")
    ] = None,
    pickup: Annotated[
        str | None, typer.Option("--pickup", help="The first group is picked up there: a code.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="JSON: more actions, as the API takes them.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would do, and change nothing.")
    ] = False,
) -> None:
    """Change an order: all of it or nothing; what locations have begun waits for their answer."""
    actions = [
        *_of(quantity, "set_quantity", "line", "quantity"),
        *_of(cancel, "cancel_units", "line", "quantity"),
        *_of(add, "add_line", "sku", "quantity"),
        *_substitutes(substitute),
        *_of(reship, "reship", "line", "quantity"),
        *_of(price, "change_price", "line", "unit_price"),
        *_of(charge, "add_charge", "kind", "amount"),
        *({"type": "waive_charge", "charge": each} for each in waive or ()),
    ]
    if service:
        actions.append({"type": "change_method", "service": service})
    if pickup:
        actions.append({"type": "change_method", "method": "pickup", "location": pickup})
    actions += _in(file)
    where = f"{order_page.path(number)}/changes"
    with here.client() as client:
        if preview:
            here.show(client.post(f"{where}/preview", {"actions": actions}), _previewed)
            return
        version = client.get(order_page.path(number))["version"]
        body = {"actions": actions, "reason": reason, "version": version}
        here.show(client.post(where, body), _made)


def changes(here: Here, number: Number) -> None:
    """List every change of an order, oldest first."""
    with here.client() as client:
        page = client.get(f"{order_page.path(number)}/changes")
    here.show(page, _listed)


def _of(texts: Many, kind: str, name: str, value: str) -> list[dict[str, Any]]:
    found = []
    for key, number in pairs(texts or [], f"{name.upper()}={value.upper()}").items():
        if name == "line" and not key.isdecimal():
            raise typer.BadParameter(f"a line is named by its number, not {key!r}")
        found.append({"type": kind, name: int(key) if name == "line" else key, value: number})
    return found


def _substitutes(texts: Many) -> list[dict[str, Any]]:
    found = []
    for key, units in pairs(texts or [], "LINE/SKU=UNITS").items():
        line, _, sku = key.partition("/")
        if not line.isdecimal() or not sku:
            raise typer.BadParameter(f"{key!r} is not like LINE/SKU=UNITS")
        found.append({"type": "substitute", "line": int(line), "sku": sku, "quantity": units})
    return found


def _in(file: Path | None) -> list[Any]:
    if file is None:
        return []
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Problem(f"{file} can't be read: {error}", field="--file") from error
    return found if isinstance(found, list) else [found]


def _previewed(seen: Any) -> None:
    currency, paid = seen["currency"], seen["money"]
    for problem in seen["problems"]:
        typer.echo(f"Not possible: {problem}")
    table(
        (">Line", "SKU", ">Units", ">Then", ">Total", ">Then "),
        [
            (
                each["line_no"],
                each["sku"],
                each["quantity_before"],
                each["quantity_after"],
                money(each["total_before"], currency),
                money(each["total_after"], currency),
            )
            for each in seen["lines"]
        ],
    )
    typer.echo(
        f"To pay: {money(paid['payable_before'], currency)}, then "
        f"{money(paid['payable_after'], currency)}"
    )
    for name, said in (("to_ask", "still to ask"), ("given_back", "given back")):
        if paid[name]:
            typer.echo(f"  of it {said}: {money(paid[name], currency)}")
    for each in seen["missing"]:
        typer.echo(f"Line {each['line_no']}: {each['quantity']} units have to wait for stock")
    for each in seen["promises"]:
        if each["before"] != each["after"]:
            typer.echo(f"Group {each['group']}: promised by {each['before']}, then {each['after']}")
    for each in seen["recalls"]:
        how = "at once" if each["at_once"] else "waits for its answer"
        typer.echo(f"Asked back: {each['number']} at {each['location']}, {how}")


def _made(answer: Any) -> None:
    done = answer["change"]
    if done["state"] == "pending":
        typer.echo(f"Change {done['number']} waits for a location's answer.")
    else:
        typer.echo(f"Change {done['number']} made: version {done['version']}.")
    order_page.told(answer["order"])


def _listed(page: Any) -> None:
    table(
        (">No", "At", "Kind", "State", ">Version", "Who", "Why", "Outcome"),
        [
            (
                each["number"],
                moment(each["at"]),
                each["kind"],
                each["state"],
                each["version"],
                each["actor"],
                each["reason"],
                each["outcome"],
            )
            for each in page["data"]
        ],
    )
