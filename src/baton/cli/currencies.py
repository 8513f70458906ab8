"""`baton currencies`: rates of exchange, and the files that they come in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli.command import Here, command
from baton.cli.output import fields, moment, money, table
from baton.cli.problem import Problem
from baton.values.money import Money

area = typer.Typer(name="currencies", help="Rates of exchange by day.", no_args_is_help=True)

MOST = 20_000
_SHOWN = 20


@command(area, "import")
def import_rates(
    here: Here,
    file: Annotated[
        Path, typer.Argument(help="As the ECB publishes them: eurofxref XML, or CSV by currency.")
    ],
    source: Annotated[str, typer.Option(help="Who says so.")] = "ECB",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read it and say what is in it; change nothing.")
    ] = False,
) -> None:
    """Import rates; a row that says none is kept and named, the others come in."""
    from baton.currencies.ecb import rows_of
    from baton.currencies.rules import sorted_out

    try:
        rows = rows_of(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file.name} can't be read: {error}") from error
    if dry_run:
        good, bad = sorted_out(rows, source)
        said = {
            "rates": len(good),
            "days": len({rate.day for rate in good}),
            "rejects": [{"place": r.place, "row": r.row, "problem": r.problem} for r in bad],
        }
        here.show(said, _read)
        return
    counts: Counter[str] = Counter()
    rejects: list[Any] = []
    with here.client() as client:
        for start in range(0, len(rows), MOST):
            chunk = [
                {"day": row.day, "currency": row.currency, "rate": row.rate}
                for row in rows[start : start + MOST]
            ]
            answer = client.post("/v1/currencies/imports", {"source": source, "rows": chunk})
            counts.update({name: answer[name] for name in ("added", "changed", "same")})
            rejects += [each | {"place": each["place"] + start} for each in answer["rejects"]]
    here.show({**counts, "rejects": rejects}, _imported)


@command(area, "rate")
def rate(
    here: Here,
    base: Annotated[str, typer.Argument(help="Such as USD.")],
    quote: Annotated[str, typer.Argument(help="Such as EUR.")],
    day: Annotated[str | None, typer.Option(help="Such as 2026-03-02; today, unless said.")] = None,
    amount: Annotated[str | None, typer.Option(help="To be converted, such as 12.50.")] = None,
) -> None:
    """Say what one currency is worth in another on a day."""
    base, quote = base.upper(), quote.upper()
    minor = Money.parse(amount, base).minor if amount is not None else None
    with here.client() as client:
        answer = client.get("/v1/currencies/rate", base=base, quote=quote, day=day, amount=minor)
    here.show(answer, lambda said: _rate(said, minor))


@command(area, "imports")
def imports(here: Here) -> None:
    """List imports, newest first, with the rows that said no rate."""
    with here.client() as client:
        page = client.get("/v1/currencies/imports", limit=50)
    here.show(page, _imports)


@command(area, "fill")
def fill(here: Here) -> None:
    """Have orders that wait for their rate looked at again."""
    with here.client() as client:
        answer = client.post("/v1/currencies/fill")
    here.show(answer, lambda _: typer.echo("Orders without a rate are looked at."))


def _read(said: Any) -> None:
    typer.echo(f"{said['rates']} rates of {said['days']} days.")
    _bad(said["rejects"])


def _imported(said: Any) -> None:
    typer.echo(f"{said['added']} new, {said['changed']} corrected, {said['same']} known.")
    _bad(said["rejects"])


def _bad(rejects: list[Any]) -> None:
    if rejects:
        typer.echo(f"{len(rejects)} rows say no rate:")
    for each in rejects[:_SHOWN]:
        typer.echo(f"  {each['place']}: {each['row']}: {each['problem']}")


def _rate(said: Any, minor: int | None) -> None:
    pairs: list[tuple[str, object]] = [
        (f"1 {said['base']}", f"{said['value']} {said['quote']}"),
        ("Published", said["published"]),
        ("Source", said["source"]),
    ]
    if minor is not None:
        pairs.append((money(minor, said["base"]), money(said["converted"], said["quote"])))
    fields(pairs)


def _imports(page: Any) -> None:
    table(
        ("At", "Source", ">Days", ">New", ">Corrected", ">Rejected", "By"),
        [
            (
                moment(one["at"]),
                one["source"],
                one["days"],
                one["added"],
                one["changed"],
                one["rejected"],
                one["actor"],
            )
            for one in page["data"]
        ],
    )
    _bad([reject for one in page["data"] for reject in one["rejects"]])
