"""`baton route`: why an order ships from where it does."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command
from baton.cli.output import moment, money, table

area = typer.Typer(name="route", help="Routing decisions.", no_args_is_help=True)


@command(area, "explain")
def explain(
    here: Here,
    number: Annotated[str, typer.Argument(help="Number or id of an order.")],
    all_plans: Annotated[
        bool, typer.Option("--all", help="Every decision, not the newest of each group alone.")
    ] = False,
) -> None:
    """Tell why an order ships from where it does: every location, its cost, why it lost."""
    with here.client() as client:
        page = client.get(f"{order_page.path(number)}/routing")

    def told(page: Any) -> None:
        seen: set[int] = set()
        for plan in page["data"]:
            if all_plans or plan["group"] not in seen:
                _plan(plan)
            seen.add(plan["group"])
        if not page["data"]:
            typer.echo("No routing decision yet.")

    here.show(page, told)


def _plan(plan: Any) -> None:
    why, currency = plan["explanation"], plan["currency"]
    sure = "the cheapest there is" if plan["exact"] else "the cheapest that was found"
    typer.echo(
        f"Plan {plan['plan_no']} of group {plan['group']}, {moment(plan['at'])} "
        f"({plan['trigger']}): {money(plan['cost'], currency)}, {sure}."
    )
    table(
        (
            "Parcel from",
            ">Units",
            ">km",
            "Service",
            ">Days",
            ">Freight",
            ">Late",
            ">Handling",
            ">Cost",
        ),
        [_parcel(parcel, currency) for parcel in why.get("parcels", ())],
    )
    for units in why.get("open_units", ()):
        typer.echo(f"{units['quantity']} units in no parcel: {units['reason'].replace('_', ' ')}")
    table(
        ("Location", "Verdict", ">km", ">Best plan with it", ">More", "Cause"),
        [
            (
                each["code"],
                each["verdict"].replace("_", " "),
                each["distance_km"],
                _amount(each["best_cost"], currency),
                _amount(each["difference"], currency),
                each["cause"],
            )
            for each in why.get("considered", ())
        ],
    )


def _parcel(parcel: Any, currency: str) -> tuple[object, ...]:
    quote = parcel["quote"]
    return (
        parcel["location_code"],
        sum(units["quantity"] for units in parcel["lines"]),
        parcel["distance_km"],
        quote["service"],
        f"{quote['min_days']}-{quote['max_days']}",
        money(quote["freight"], currency),
        money(quote["late"], currency),
        money(parcel["pack"] + parcel["pick"], currency),
        money(parcel["cost"], currency),
    )


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else money(minor, currency)
