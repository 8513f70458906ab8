"""`baton migrate`, `baton backup`, `baton restore`: the database as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.command import Here, command
from baton.cli.output import table, yes
from baton.cli.problem import Problem

if TYPE_CHECKING:
    from baton.cli.place import Place


def add_to(app: typer.Typer) -> None:
    """Add the three commands."""
    command(app, "migrate", tenant=False)(migrate)
    command(app, "backup", tenant=False)(backup)
    command(app, "restore", tenant=False)(restore)


def migrate(here: Here) -> None:
    """Bring the database to this version's schema; `serve` does so by itself."""
    from baton.cli.place import place_of
    from baton.platform.migrate import migrate as bring_up_to_date

    with _dsn(place_of(here.data)) as (dsn, _):
        applied = bring_up_to_date(dsn)
    said = f"Applied: {', '.join(applied)}." if applied else "The database is up to date."
    here.show({"applied": applied}, lambda _: typer.echo(said))


def backup(
    here: Here,
    file: Annotated[Path, typer.Argument(help="Where to; it is readable by you alone.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
    login: Annotated[
        str | None,
        typer.Option(
            envvar="BATON_BACKUP_URL",
            help="With DATABASE_URL: the same database by a log-in that bypasses row security.",
        ),
    ] = None,
) -> None:
    """Write the whole database, all merchants, to one file; Baton may go on meanwhile."""
    from baton.cli.place import place_of
    from baton.platform import backup as copies

    if file.exists() and not overwrite:
        raise Problem(f"{file} is there already: name another, or say --overwrite.", field="FILE")
    with _dsn(place_of(here.data)) as (dsn, superuser):
        size = copies.dump(login or superuser or dsn, file)
    answer = {"file": str(file), "bytes": size}
    here.show(answer, lambda _: typer.echo(f"{file}: {size:,} bytes."))


def restore(
    here: Here,
    file: Annotated[Path, typer.Argument(help="A file that `baton backup` wrote.")],
) -> None:
    """Fill an empty database from a backup, migrate it, and verify every merchant."""
    from baton.cli.place import place_of
    from baton.platform import backup as copies
    from baton.platform.migrate import make_roles

    place = place_of(here.data)
    with _dsn(place) as (dsn, _):
        make_roles(dsn)
        copies.restore(dsn, file)
        verified = _verified(place)
    here.show(
        {"merchants": verified},
        lambda _: table(
            ("Holds", "Merchant", ">Promises", ">Rows", ">Facts"),
            [
                (
                    yes(answer["holds"]),
                    handle,
                    len(answer["promises"]),
                    sum(each["rows"] for each in answer["promises"]),
                    answer["journal_no"],
                )
                for handle, answer in verified.items()
            ],
            title="Restored and verified:",
        ),
    )
    if not all(answer["holds"] for answer in verified.values()):
        raise Problem("Not every promise holds: baton verify --tenant … tells which.")


def _verified(place: Place) -> dict[str, Any]:
    """What `verify` says about each merchant."""
    from baton.cli.client import inside, opened
    from baton.cli.local_keys import first_run

    found = {}
    with opened(place) as app:
        for tenant in first_run(place, app.db):
            with inside(place, app, tenant.handle) as client:
                found[tenant.handle] = client.get("/v1/verify")
    return found


@contextmanager
def _dsn(place: Place) -> Iterator[tuple[str, str | None]]:
    """The database as its owner, and where it is the embedded one, past all walls."""
    from baton.platform.embedded import join

    settings = place.settings
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value(), None
        return
    with join(settings.data, major=settings.pg_major) as server:
        yield server.dsn, server.superuser_dsn
