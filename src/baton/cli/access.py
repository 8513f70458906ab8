"""`baton user`, `baton key`, `baton tenant`: who may do what, for which merchant."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.command import Here, command, part
from baton.cli.output import fields, moment, table
from baton.cli.problem import Problem

if TYPE_CHECKING:
    from baton.app import App
    from baton.cli.client import Client
    from baton.cli.place import Place

users = typer.Typer(name="user", help="People who sign in to the console.", no_args_is_help=True)
keys = typer.Typer(name="key", help="API keys of programs.", no_args_is_help=True)
tenants = typer.Typer(name="tenant", help="Merchants that share a Baton.", no_args_is_help=True)
areas = (users, keys, tenants)

Places = Annotated[
    list[str] | None,
    typer.Option("--location", help="Code of a location; without any, all of them."),
]


@command(users, "add")
def add_user(
    here: Here,
    email: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str | None, typer.Option(help="Their name; default: the address.")] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="admin (default), care, developer, finance, operations, store, viewer, "
            "warehouse; one or more."
        ),
    ] = None,
    location: Places = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a user, or change the one with this address; asks for a password."""
    body: dict[str, Any] = {
        "email": email,
        "name": name or email.partition("@")[0],
        "roles": role or ["admin"],
        "password": _password(email, piped=password_stdin),
    }
    with here.client() as client:
        body["location_ids"] = _locations(client, location)
        answer = client.post("/v1/users", body)
    here.show(answer, _user)


@command(users, "list")
def list_users(here: Here) -> None:
    """List users by e-mail."""
    with here.client() as client:
        found = list(client.pages("/v1/users"))
    here.show({"data": found, "next": None}, _users)


@command(keys, "add")
def add_key(
    here: Here,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="A permission such as orders:read; one or more.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that you may do.")] = False,
    location: Places = None,
) -> None:
    """Make an API key and print it, this once."""
    if bool(scope) == everything:
        raise typer.BadParameter("name permissions with --scope, or say --all")
    with here.client() as client:
        scopes = scope or client.get("/v1/session")["permissions"]
        body = {"name": name, "scopes": scopes, "location_ids": _locations(client, location)}
        answer = client.post("/v1/api-keys", body)
    here.show(answer, lambda made: typer.echo(made["key"]))


@command(keys, "list")
def list_keys(here: Here) -> None:
    """List API keys, without their secrets."""
    with here.client() as client:
        page = client.get("/v1/api-keys", limit=200)
    here.show(page, _keys)


@command(keys, "revoke")
def revoke_key(
    here: Here, key: Annotated[str, typer.Argument(help="Id of a key, as `key list` shows it.")]
) -> None:
    """Make a key useless from now on."""
    with here.client() as client:
        answer = client.call("DELETE", f"/v1/api-keys/{part(key)}")
    here.show(answer, lambda key: typer.echo(f"{key['name']} …{key['hint']} is revoked."))


@command(tenants, "add", tenant=False)
def add_tenant(
    here: Here,
    handle: Annotated[str, typer.Argument(help="Short name that people sign in under.")],
    name: Annotated[str | None, typer.Option(help="The merchant's name; default: HANDLE.")] = None,
) -> None:
    """Set up a merchant; the local operator gets a key for it."""
    from baton import access
    from baton.access.model import TenantDraft
    from baton.cli.local_keys import key_for

    with _database(here) as (place, app):
        made = access.create_tenant(app.db, TenantDraft(handle, name or handle), actor="operator")
        key_for(place, app.db, made)
    answer = {"handle": made.handle, "name": made.name}
    here.show(answer, lambda _: typer.echo(f"{handle} is set up: use --tenant {handle}."))


@command(tenants, "list", tenant=False)
def list_tenants(here: Here) -> None:
    """List the merchants of this database, the oldest first."""
    from baton import access
    from baton.platform.db import Caller

    with _database(here) as (_, app), app.db.transaction(Caller(0, "operator")) as tx:
        found = access.all_tenants(tx)
    rows = [
        {"handle": each.handle, "name": each.name, "created_at": each.created_at.isoformat()}
        for each in found
    ]
    here.show({"data": rows, "next": None}, _tenants)


@contextmanager
def _database(here: Here) -> Iterator[tuple[Place, App]]:
    """The database itself: merchants are set up beside all of them, where no API reaches."""
    from baton.cli.client import opened
    from baton.cli.place import place_of

    place = place_of(here.data)
    if place.settings.url:
        raise Problem("Merchants are set up beside the database: unset BATON_URL and go there.")
    with opened(place) as app:
        yield place, app


def _password(email: str, *, piped: bool) -> str | None:
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Problem("No terminal to ask for a password on: use --password-stdin.")
    said: str = typer.prompt(f"Password for {email}", hide_input=True, confirmation_prompt=True)
    return said


def _locations(client: Client, codes: list[str] | None) -> list[str] | None:
    if not codes:
        return None
    known = {each["code"]: each["id"] for each in client.pages("/v1/locations")}
    missing = [code for code in codes if code not in known]
    if missing:
        raise Problem(f"There is no location {missing[0]!r}.", field="--location")
    return [known[code] for code in codes]


def _user(user: Any) -> None:
    fields([("User", user["email"]), ("Name", user["name"]), ("Roles", ", ".join(user["roles"]))])


def _users(page: Any) -> None:
    table(
        ("E-mail", "Name", "Roles", "Since", "Disabled"),
        [
            (
                each["email"],
                each["name"],
                ", ".join(each["roles"]),
                moment(each["created_at"]),
                moment(each["disabled_at"]),
            )
            for each in page["data"]
        ],
    )


def _keys(page: Any) -> None:
    table(
        ("Key", "Name", "Ends in", ">Permissions", "Since", "Revoked"),
        [
            (
                each["id"],
                each["name"],
                each["hint"],
                len(each["scopes"]),
                moment(each["created_at"]),
                moment(each["revoked_at"]),
            )
            for each in page["data"]
        ],
    )


def _tenants(page: Any) -> None:
    table(
        ("Handle", "Name", "Since"),
        [(each["handle"], each["name"], moment(each["created_at"])) for each in page["data"]],
    )
