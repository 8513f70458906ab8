"""The whole command line, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from baton import __version__
from baton.cli import (
    access,
    currencies,
    database,
    demo,
    drafts,
    imports,
    invoice,
    ledger,
    message,
    operations,
    order,
    order_changes,
    order_edits,
    payments,
    return_goods,
    returns,
    route,
    serve,
    stock,
    stored_value,
    tax,
)

app = typer.Typer(
    name="baton",
    help="Baton, an order management system.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command that the arguments name; exit code 0, 1 for a refusal, 2 for misuse."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"baton {__version__}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Baton, an order management system."""


serve.add_to(app)
database.add_to(app)
operations.add_to(app)
demo.add_to(app)
order_changes.add_to(order.area)
order_edits.add_to(order.area)
drafts.add_to(order.area)
app.add_typer(order.area)
app.add_typer(drafts.area)
app.add_typer(invoice.area)
app.add_typer(stock.area)
return_goods.add_to(returns.area)
app.add_typer(returns.area)
app.add_typer(returns.policy_area)
app.add_typer(route.area)
app.add_typer(ledger.area)
app.add_typer(payments.area)
app.add_typer(stored_value.cards)
app.add_typer(stored_value.credit)
app.add_typer(tax.area)
app.add_typer(currencies.area)
app.add_typer(operations.work_area)
app.add_typer(imports.area)
app.add_typer(message.area)
app.add_typer(message.template_area)
for area in access.areas:
    app.add_typer(area)
