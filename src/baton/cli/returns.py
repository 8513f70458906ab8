"""`baton return`: ask, decide, take in, grade, put away, settle; `baton return-policy`."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli.command import Here, command, pairs, part
from baton.cli.output import fields, moment, money, table

area = typer.Typer(
    name="return", help="Returns: ask, decide, take in, settle.", no_args_is_help=True
)
policy_area = typer.Typer(
    name="return-policy", help="The return policy: versions, trials.", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(help="Number or id of a return.")]
Order = Annotated[str, typer.Argument(help="Number or id of an order.")]
Location = Annotated[str, typer.Argument(help="Code of a location.")]
Lines = Annotated[list[str], typer.Argument(help="LINE=UNITS, as many as needed.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the order's timeline.")]
Photos = Annotated[
    list[Path] | None, typer.Option("--photo", help="A JPEG, PNG or WebP, as often as needed.")
]
Content = Annotated[Path, typer.Argument(help="A file with a policy, in the JSON Decision Model.")]
_TYPES = {".png": "image/png", ".webp": "image/webp"}


@command(area, "list")
def list_(
    here: Here,
    status: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    order: Annotated[str | None, typer.Option(help="Only those of this order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
) -> None:
    """List returns, newest first."""
    with here.client() as client:
        page = client.get("/v1/returns", status=status, order=order, limit=limit)
    here.show(page, _listed)


@command(area, "show")
def show(here: Here, number: Number) -> None:
    """Show a return with its goods and its money."""
    with here.client() as client:
        answer = client.get(_path(number))
    here.show(answer, told)


@command(area, "ask")
def ask(
    here: Here,
    order: Order,
    lines: Lines,
    reason: Annotated[str, typer.Option("--reason", help="too_small, damaged, other …")],
    resolution: Annotated[
        str, typer.Option(help="original, store_credit, exchange or none.")
    ] = "original",
    exchange: Annotated[str, typer.Option(help="The SKU that is wanted instead.")] = "",
    condition: Annotated[str, typer.Option(help="What the customer says it is like.")] = "",
    note: Annotated[str, typer.Option(help="In the customer's words.")] = "",
    location: Annotated[str, typer.Option(help="Where it is to come.")] = "",
    photo: Photos = None,
) -> None:
    """Ask for a return of an order's units; the policy decides."""
    photos = [_photo(path) for path in photo or ()]
    body = {
        "order": order,
        "location": location,
        "note": note,
        "lines": [
            each
            | {
                "reason": reason,
                "resolution": resolution,
                "exchange_sku": exchange,
                "condition": condition,
                "photos": photos if not number else [],
            }
            for number, each in enumerate(units_of(lines))
        ],
    }
    _post(here, "/v1/returns", body)


@command(area, "approve")
def approve(
    here: Here,
    number: Number,
    line: Annotated[
        list[str] | None, typer.Option("--line", help="LINE=UNITS; without it, all.")
    ] = None,
    reason: Why = "",
    location: Annotated[str, typer.Option(help="Where it is to come.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="The goods need not come back.")] = False,
) -> None:
    """Approve a return, also one that the policy refused."""
    body: dict[str, Any] = {"reason": reason, "location": location}
    body["lines"] = units_of(line) if line else None
    body["terms"] = {"keep": True} if keep else None
    _post(here, f"{_path(number)}/approve", body)


@command(area, "refuse")
def refuse(here: Here, number: Number, reason: Why) -> None:
    """Refuse a return."""
    _post(here, f"{_path(number)}/refuse", {"reason": reason})


@command(area, "answer")
def answer(
    here: Here,
    number: Number,
    offer: Annotated[int | None, typer.Option(min=0, help="Take this offer, by place.")] = None,
    line: Annotated[int, typer.Option(min=1, help="The line that photos belong to.")] = 1,
    photo: Photos = None,
    condition: Annotated[str | None, typer.Option(help="What it is like.")] = None,
) -> None:
    """Answer for the customer: take an offer, or send what was asked for."""
    body: dict[str, Any] = {"offer": offer, "condition": condition}
    if photo:
        body["photos"] = [{"line": line, "photos": [_photo(path) for path in photo]}]
    _post(here, f"{_path(number)}/answer", body)


@command(area, "cancel")
def cancel(here: Here, number: Number, reason: Why) -> None:
    """Call a return off before anything came."""
    _post(here, f"{_path(number)}/cancel", {"reason": reason})


@command(area, "receive")
def receive(
    here: Here,
    number: Number,
    location: Location,
    lines: Lines,
    reference: Annotated[
        str, typer.Option(help="Names the scan: the same one again changes nothing.")
    ] = "",
) -> None:
    """Take units in at a location; they lie in quarantine."""
    body = {"location": location, "lines": units_of(lines), "reference": reference}
    _post(here, f"{_path(number)}/receive", body)


@command(area, "grade")
def grade(
    here: Here,
    number: Number,
    location: Location,
    line: Annotated[str, typer.Argument(help="LINE=UNITS")],
    mark: Annotated[str, typer.Argument(metavar="GRADE", help="A, B, C or scrap.")],
    disposition: Annotated[
        str | None,
        typer.Option(help="restock, refurbish, repair, donate, return_to_vendor, write_off."),
    ] = None,
    note: Annotated[str, typer.Option(help="What was seen.")] = "",
    photo: Photos = None,
) -> None:
    """Say what units are like, and at once what becomes of them."""
    (units,) = units_of([line])
    body = units | {
        "location": location,
        "grade": mark,
        "disposition": disposition,
        "note": note,
        "photos": [_photo(path) for path in photo or ()],
    }
    _post(here, f"{_path(number)}/grade", body)


@command(area, "dispose")
def dispose(
    here: Here,
    number: Number,
    grading: Annotated[str, typer.Argument(help="Id of a grading.")],
    disposition: Annotated[str, typer.Argument(help="restock, write_off …")],
) -> None:
    """Decide what becomes of graded units; their stock is moved once."""
    path = f"{_path(number)}/gradings/{part(grading)}/dispose"
    _post(here, path, {"disposition": disposition})


@command(area, "settle")
def settle(
    here: Here,
    number: Number,
    at: Annotated[
        str | None, typer.Option(help="Sooner than by its terms: now, scan or receipt.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would bring, and change nothing.")
    ] = False,
) -> None:
    """Settle what is due, each unit once."""
    if preview:
        with here.client() as client:
            seen = client.post(f"{_path(number)}/settle/preview", {"at": at})
        here.show(seen, _previewed)
    else:
        _post(here, f"{_path(number)}/settle", {"at": at})


# ── the policy ─────────────────────────────────────────────────────────────────────────────


@command(policy_area, "list")
def policies(here: Here) -> None:
    """List the versions of the policy."""
    with here.client() as client:
        page = client.get("/v1/returns/policies")
    here.show(page, _policies)


@command(policy_area, "show")
def policy(here: Here, name: Annotated[str, typer.Argument(help="policy-0 is built in.")]) -> None:
    """Print a version of the policy: a file to be changed and saved."""
    with here.client() as client:
        answer = client.get(f"/v1/returns/policies/{part(name)}")
    here.show(answer, lambda each: typer.echo(json.dumps(each["content"], indent=2)))


@command(policy_area, "save")
def save(
    here: Here,
    file: Content,
    name: Annotated[str, typer.Option(help="What this version is about.")],
) -> None:
    """Keep a version of the policy; `activate` puts it in force."""
    with here.client() as client:
        answer = client.call("PUT", "/v1/returns/policies", {"name": name, "content": _read(file)})
    here.show(answer, lambda each: typer.echo(f"Kept as {each['policy']}."))


@command(policy_area, "try")
def try_(
    here: Here,
    file: Annotated[str, typer.Argument(help="A file with a policy, or policy-<version>.")],
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 90,
) -> None:
    """Say what a policy would have decided over past returns."""
    body: dict[str, Any] = {"days": days}
    if file.startswith("policy-"):
        body["policy"] = file
    else:
        body["content"] = _read(Path(file))
    with here.client() as client:
        answer = client.post("/v1/returns/policies/try", body)
    here.show(answer, _trial)


@command(policy_area, "activate")
def activate(here: Here, name: Annotated[str, typer.Argument(help="policy-<version>")]) -> None:
    """Let a version decide from now on."""
    with here.client() as client:
        answer = client.post(f"/v1/returns/policies/{part(name)}/activate")
    here.show(answer, lambda each: typer.echo(f"{each['policy']} decides from now on."))


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _path(number: str) -> str:
    return f"/v1/returns/{part(number)}"


def _post(here: Here, path: str, body: Any) -> None:
    with here.client() as client:
        answer = client.post(path, body)
    here.show(answer, told)


def units_of(lines: list[str]) -> list[dict[str, Any]]:
    try:
        return [
            {"line": int(line), "quantity": units}
            for line, units in pairs(lines, "LINE=UNITS").items()
        ]
    except ValueError as error:
        raise typer.BadParameter("a line is named by its number: LINE=UNITS") from error


def _photo(path: Path) -> dict[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error
    kind = _TYPES.get(path.suffix.lower(), "image/jpeg")
    return {"media_type": kind, "content": base64.b64encode(content).decode()}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(f"{path}: this is no JSON: {error}") from error


def _listed(page: Any) -> None:
    table(
        ("Return", "Order", "State", ">Units", "To", "Asked"),
        [
            (
                each["number"],
                each["order_number"],
                each["status"],
                each["units"],
                each["location"] or "",
                moment(each["requested_at"]),
            )
            for each in page["data"]
        ],
    )


def told(answer: Any) -> None:
    fields(
        [
            ("Return", answer["number"]),
            ("Order", answer["order_number"]),
            ("State", answer["status"]),
            ("Because", ", ".join(answer["reasons"])),
            ("Comes to", answer["location"] or ""),
            ("May", ", ".join(answer["legal_actions"])),
        ]
    )
    if answer["question"]:
        typer.echo(answer["question"])
    names = ("requested", "units", "received", "graded", "disposed", "settled")
    table(
        (">Line", "SKU", "Reason", *(f">{name.capitalize()}" for name in names), "Decided by"),
        [
            (
                each["order_line"],
                each["sku_code"],
                each["reason"],
                *(each[name] for name in names),
                each["decision"].get("rule", ""),
            )
            for each in answer["lines"]
        ],
    )
    if answer["settlements"]:
        _sums(answer["currency"], answer["settlements"])


def _previewed(answer: Any) -> None:
    _sums(answer["currency"], answer["settlements"])


def _sums(currency: str, settlements: Any) -> None:
    names = ("goods", "charges", "fee", "bonus", "withheld", "amount")
    table(
        ("To", *(f">{name.capitalize()}" for name in names)),
        [(each["to"], *(money(each[name], currency) for name in names)) for each in settlements],
    )


def _policies(page: Any) -> None:
    table(
        ("Policy", "Name", "In force", "Saved"),
        [
            (
                each["policy"],
                each["name"],
                "yes" if each["in_force"] else "",
                moment(each["saved_at"]),
            )
            for each in page["data"]
        ],
    )


def _trial(answer: Any) -> None:
    typer.echo(f"{answer['lines']} lines, {len(answer['changed'])} would be decided otherwise.")
    table(
        ("Return", ">Line", "SKU", "Was", "Would be", "By"),
        [
            (
                each["number"],
                each["line_no"],
                each["sku_code"],
                f"{each['outcome']} {', '.join(each['reasons'])}",
                f"{each['would_be']} {', '.join(each['would_be_reasons'])}",
                each["rule"],
            )
            for each in answer["changed"]
        ],
    )
