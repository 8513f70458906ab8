"""`baton tax`: the own rates, quotes, and why an order's tax is what it is."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, pairs, part
from baton.cli.output import fields, money, table
from baton.cli.problem import Problem

area = typer.Typer(
    name="tax", help="Tax: rates, registrations, quotes, an order's tax.", no_args_is_help=True
)

MOST = 1000
COLUMNS = (
    "country",
    "region",
    "category",
    "component",
    "valid_from",
    "valid_to",
    "percent",
    "code",
    "exemption",
    "source",
)
NEEDED = ("country", "valid_from", "percent")


@command(area, "rates")
def rates(here: Here) -> None:
    """List the own rates by place, category and first day."""
    with here.client() as client:
        found = list(client.pages("/v1/tax/rates"))
    here.show({"data": found, "next": None}, _rates)


@command(area, "import")
def import_rates(
    here: Here,
    file: Annotated[
        Path, typer.Argument(help="CSV: country, valid_from, percent; region, category, …")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each row; change nothing.")
    ] = False,
) -> None:
    """Enter or change rates out of a CSV file; all of its rows, or none."""
    given = list(_read(file))
    with here.client() as client:
        if dry_run:
            answer = _previewed(client, given)
            here.show(answer, lambda said: _preview(given, said))
            if any(each["becomes"] == "refused" for each in answer["data"]):
                raise Problem("Some rows would be refused.")
            return
        if len(given) > MOST:
            raise Problem(f"A file has at most {MOST} rates: split it by country.")
        answer = client.call("PUT", "/v1/tax/rates", {"rates": [rate for _, rate in given]})
    here.show(answer, lambda said: typer.echo(f"{said['saved']} of {len(given)} rates saved."))


@command(area, "seed-eu")
def seed_eu(here: Here) -> None:
    """Enter the built-in list of EU rates. It was not checked officially: check it first."""
    from baton.tax.eu_rates import AS_AT, eu_rates

    given = [
        {
            "country": r.country,
            "category": r.category,
            "valid_from": r.valid_from.isoformat(),
            "valid_to": r.valid_to.isoformat() if r.valid_to else None,
            "percent": str(r.percent),
            "code": r.code.value,
            "source": r.source,
        }
        for r in eu_rates()
    ]
    with here.client() as client:
        answer = client.call("PUT", "/v1/tax/rates", {"rates": given})
    here.note(
        f"As at {AS_AT}. Which goods are reduced, and what has changed since, is yours to say."
    )
    here.show(answer, lambda said: typer.echo(f"{said['saved']} of {len(given)} rates saved."))


@command(area, "show")
def show(here: Here, order: Annotated[str, typer.Argument(help="Number or id.")]) -> None:
    """Show an order's tax by line and charge: rate, basis, tax, and why."""
    with here.client() as client:
        answer = client.get(f"/v1/orders/{part(order)}/tax")
    here.show(answer, _order)


@command(area, "determine")
def determine(
    here: Here, order: Annotated[list[str], typer.Argument(help="Numbers or ids.")]
) -> None:
    """Have the tax of orders determined anew, once rates or categories were mended."""
    with here.client() as client:
        for one in order:
            client.post(f"/v1/orders/{part(one)}/tax/determine")
    here.show({"orders": order}, lambda _: typer.echo(f"{len(order)} orders are determined anew."))


@command(area, "quote")
def quote(
    here: Here,
    lines: Annotated[
        list[str], typer.Argument(help="SKU=MINOR UNITS of a line, as many as needed.")
    ],
    channel: Annotated[str, typer.Option(help="The channel's code.")],
    country: Annotated[str, typer.Option(help="Where it goes, such as FR.")],
    region: Annotated[str, typer.Option(help="Its region, such as CA.")] = "",
    postal_code: Annotated[str, typer.Option(help="Its postal code.")] = "",
    vat_id: Annotated[str, typer.Option(help="The buyer's VAT id.")] = "",
    shipping: Annotated[int | None, typer.Option(help="Minor units for shipping.")] = None,
) -> None:
    """Say what the tax of a sale would be: SKU=1990 for a line of 19.90."""
    body = {
        "channel": channel,
        "lines": [
            {"sku": sku, "quantity": 1, "amount": amount}
            for sku, amount in pairs(lines, "SKU=AMOUNT").items()
        ],
        "charges": [] if shipping is None else [{"kind": "shipping", "amount": shipping}],
        "destination": {"country": country, "region": region, "postal_code": postal_code},
        "vat_id": vat_id,
    }
    with here.client() as client:
        answer = client.post("/v1/taxes/quote", body)
    here.show(answer, _quoted)


@command(area, "categories")
def categories(
    here: Here,
    given: Annotated[list[str] | None, typer.Argument(help="SKU=CATEGORY, to be saved.")] = None,
) -> None:
    """List SKUs with a tax category of their own, or put some into one: SKU=reduced."""
    with here.client() as client:
        if given:
            answer = client.call("PUT", "/v1/tax/sku-categories", {"skus": _categories(given)})
            here.show(answer, lambda said: typer.echo(f"{len(said['codes'])} SKUs saved."))
            return
        found = list(client.pages("/v1/tax/sku-categories"))
    here.show({"data": found, "next": None}, _listed)


@command(area, "register")
def register(
    here: Here,
    entity: Annotated[str, typer.Argument(help="Code of a legal entity.")],
    country: Annotated[str, typer.Argument(help="Where, such as FR.")],
    number: Annotated[str, typer.Argument(help="Under which number.")],
    since: Annotated[str, typer.Option(help="First day, such as 2026-01-01.")],
    until: Annotated[str | None, typer.Option(help="Last day.")] = None,
    region: Annotated[str, typer.Option(help="Its region, such as CA.")] = "",
    oss: Annotated[bool, typer.Option("--oss", help="By the one-stop shop.")] = False,
) -> None:
    """Enter a registration of a legal entity with a tax office."""
    body = {
        "legal_entity": entity,
        "country": country,
        "region": region,
        "scheme": "oss" if oss else "local",
        "number": number,
        "valid_from": since,
        "valid_to": until,
    }
    with here.client() as client:
        answer = client.call("PUT", "/v1/tax/registrations", body)
    here.show(answer, lambda _: typer.echo(f"{entity} is registered in {country}."))


def _read(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rates of a file, each with the number of its row. Raises Problem."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = csv.DictReader(opened)
            names = [name.strip().lower() for name in rows.fieldnames or ()]
            missing = [name for name in NEEDED if name not in names]
            unknown = [name for name in names if name not in COLUMNS]
            if missing or unknown:
                raise Problem(
                    f"{file.name}: columns are {', '.join(COLUMNS)}; "
                    + (f"{missing[0]!r} is missing." if missing else f"{unknown[0]!r} is none.")
                )
            for number, row in enumerate(rows, 2):
                yield number, _rate(number, dict(zip(names, row.values(), strict=False)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problem(f"{file.name} can't be read: {error}") from error


def _rate(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    empty = [name for name in NEEDED if not values.get(name)]
    if empty:
        raise Problem(f"Row {number}: {empty[0]} is empty.")
    return {name: value for name, value in values.items() if value}


def _previewed(client: Any, given: Sequence[tuple[int, dict[str, Any]]]) -> Any:
    said: list[Any] = []
    for start in range(0, len(given), MOST):
        chunk = [rate for _, rate in given[start : start + MOST]]
        page = client.post("/v1/tax/rates/preview", {"rates": chunk})
        said += [each | {"place": each["place"] + start} for each in page["data"]]
    return {"data": said}


def _categories(given: list[str]) -> list[dict[str, str]]:
    found = []
    for text in given:
        sku, _, category = text.rpartition("=")
        if not sku or not category:
            raise typer.BadParameter(f"{text!r} is not like SKU=CATEGORY")
        found.append({"sku": sku, "category": category})
    return found


def _preview(given: Sequence[tuple[int, Any]], answer: Any) -> None:
    for each in answer["data"]:
        if each["becomes"] == "refused":
            typer.echo(f"Row {given[each['place']][0]}: {each['problem']}")
    counts = Counter(each["becomes"] for each in answer["data"])
    typer.echo(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))


def _rates(page: Any) -> None:
    table(
        ("Place", "Category", "Component", "From", "Until", ">Percent", "Code", "Source"),
        [
            (
                f"{r['country']}-{r['region']}" if r["region"] else r["country"],
                r["category"],
                r["component"],
                r["valid_from"],
                r["valid_to"],
                r["percent"],
                r["code"],
                r["source"],
            )
            for r in page["data"]
        ],
    )


def _order(answer: Any) -> None:
    fields(
        [
            ("Order", answer["order"]),
            ("Figures", f"{answer['source']} {answer['service']}".strip()),
            ("State", answer["state"]),
            ("Tax", money(answer["tax"], answer["currency"])),
            ("Expected", money(answer["expected"], answer["currency"])),
            ("Note", answer["note"]),
        ]
    )
    _parts(answer, answer["currency"])


def _quoted(answer: Any) -> None:
    fields([("Net", answer["net"]), ("Tax", answer["tax"]), ("Total", answer["total"]),
            ("Figures", answer["source"]), ("Note", answer["note"])])  # fmt: skip
    _parts(answer, None)


def _parts(answer: Any, currency: str | None) -> None:
    def shown(minor: int) -> object:
        return money(minor, currency) if currency else minor

    table(
        ("Of", "Place", "Category", ">Percent", ">Basis", ">Tax", "Why"),
        [
            (
                f"line {p['line_no']}" if p["line_no"] else f"charge {p['charge_no']}",
                p["jurisdiction"],
                f"{p['category']} {p['goods_category']}",
                p["rate"],
                shown(p["basis"]),
                shown(p["tax"]),
                p["reason"],
            )
            for p in answer["parts"]
        ],
    )


def _listed(page: Any) -> None:
    table(("SKU", "Category"), [(each["sku"], each["category"]) for each in page["data"]])
