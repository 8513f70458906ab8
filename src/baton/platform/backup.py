"""A whole database as one file, and back: by PostgreSQL's own pg_dump and pg_restore.

The file is in pg_dump's custom format and consistent to one moment, whoever works meanwhile.
Rows stand behind the tenant wall, so that a dump needs a log-in that sees past it.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from baton.platform.embedded import tool
from baton.values.errors import Refused, Unavailable

_MAJORS = (16, 18)  # of the programs that come with Baton


class BackupBlind(Refused):
    """This log-in sees one merchant at a time at most, so that a backup by it would lack rows."""

    code = "backup_blind"


class BackupFailed(Unavailable):
    """PostgreSQL's program did not succeed; the message has its own words."""

    code = "backup_failed"


class DatabaseNotEmpty(Refused):
    """A backup goes into an empty database only."""

    code = "database_not_empty"


def dump(dsn: str, file: Path) -> int:
    """Write the database to `file`, whole or not at all, for its owner alone; returns its bytes.

    Raises BackupBlind, BackupFailed.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
        if row is None or not row[0]:
            raise BackupBlind(
                "This log-in can't see past the wall between merchants: name a superuser, or a "
                "role with BYPASSRLS that may read every table."
            )
        major = _major(connection)
    unfinished = file.with_name(f".{file.name}.part")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", major, dsn, ["--format=custom", f"--file={unfinished}"])
        size = unfinished.stat().st_size
        unfinished.replace(file)
    except OSError as error:
        raise BackupFailed(f"{file} can't be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return size


def restore(dsn: str, file: Path) -> None:
    """Fill an empty database from `file`, whole or not at all; the log-in owns what is made.

    Roles that the file speaks of must be there. Raises DatabaseNotEmpty, BackupFailed.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_'"
            " and nspname not in ('information_schema', 'public') order by nspname limit 1"
        ).fetchone()
        if found is not None:
            raise DatabaseNotEmpty(
                f"The database is not empty (it has a schema {found[0]!r}): a backup goes into a "
                "new one."
            )
        major = _major(connection)
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    _run(
        "pg_restore",
        major,
        dsn,
        ["--no-owner", "--single-transaction", "--exit-on-error", str(file)],
    )


def _major(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """The version of the programs to use: no older than the server, no newer than need be."""
    server = connection.info.server_version // 10000
    return next((major for major in _MAJORS if major >= server), _MAJORS[-1])


def _run(name: str, major: int, dsn: str, options: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by an environment others can't see."""
    known = conninfo_to_dict(dsn)
    password = known.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603
        [tool(name, major), "--no-password", f"--dbname={make_conninfo('', **known)}", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{name} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
