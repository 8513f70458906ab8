"""PostgreSQL's own data: made once, whole or not at all, with the roles that Baton needs."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from baton.platform.embedded.errors import DataDirectoryUnusable, ServerNotStarted
from baton.platform.embedded.folder import UNFINISHED, Credentials, Folder, sync_folder
from baton.platform.embedded.launch import Launch
from baton.platform.embedded.parent import die_with_parent

SUPERUSER = "postgres"
ROLE = "baton"
DATABASE = "baton"
FIRST_WITH_BUILTIN_LOCALE = 17

# Written into postgresql.conf, where whoever runs the server may change them. Meant for a
# small machine that Baton shares.
_SETTINGS = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "8MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",  # containers give 64 MB of /dev/shm, if any
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def dsn(role: str, password: str, port: int, database: str) -> str:
    """A URL whose server has to prove that it knows the password, and never gets to see it."""
    return (
        f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{port}/"
        f"{quote(database, safe='')}?sslmode=disable&gssencmode=disable&require_auth=scram-sha-256"
    )


def credentials_for(folder: Folder) -> Credentials:
    """The folder's passwords; new ones while there is no data that knows others."""
    if (known := folder.credentials()) is not None:
        return known
    if folder.pgdata.exists():
        raise DataDirectoryUnusable(
            f"{folder.path / 'credentials.json'} is missing or damaged: put it back from a backup "
            "of this data directory; nothing else can sign in to its server.",
            path=str(folder.path),
        )
    made = Credentials(superuser=secrets.token_urlsafe(32), baton=secrets.token_urlsafe(32))
    folder.keep_credentials(made)
    return made


def create(launch: Launch, credentials: Credentials) -> None:
    """Makes the data beside its place and moves it there when it is complete and durable."""
    folder = launch.folder
    work = folder.path / f"{UNFINISHED}{secrets.token_hex(4)}"
    work.mkdir(0o700)
    password = work / "password"
    password.touch(0o600)
    password.write_text(credentials.superuser)
    if launch.account.uid is not None and launch.account.gid is not None:
        for path in (password, work):
            os.chown(path, launch.account.uid, launch.account.gid)
    _initdb(launch, work / "data", password)
    (work / "data").rename(folder.pgdata)
    sync_folder(folder.path)
    shutil.rmtree(work)


def _initdb(launch: Launch, data: Path, password: Path) -> None:
    command: list[str | Path] = [
        launch.programs / "initdb",
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        *(f"--set={name}={value}" for name, value in _SETTINGS.items()),
    ]
    if launch.major >= FIRST_WITH_BUILTIN_LOCALE:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not launch.fsync:
        command.append("--no-sync")
    with launch.folder.log.open("ab") as log:
        done = subprocess.run(  # noqa: S603
            command,
            user=launch.account.uid,
            group=launch.account.gid,
            extra_groups=launch.account.groups,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent("SIGKILL"),
            check=False,
        )
    if done.returncode != 0:
        raise ServerNotStarted(f"initdb ended with {done.returncode}.")


def sign_in(port: int, password: str) -> psycopg.Connection:
    """A superuser's connection; raises `psycopg.OperationalError` while nobody answers."""
    return psycopg.connect(
        dsn(SUPERUSER, password, port, "postgres"), autocommit=True, connect_timeout=2
    )


def ensure_role(connection: psycopg.Connection, password: str) -> None:
    """The role and database `baton` exist; the role has its password and no way past RLS."""
    encrypted = connection.pgconn.encrypt_password(
        password.encode(), ROLE.encode(), b"scram-sha-256"
    )
    found = connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone()
    connection.execute(
        sql.SQL(
            "{verb} role {role} login createrole createdb nosuperuser nobypassrls password {secret}"
        ).format(
            verb=sql.SQL("alter" if found else "create"),
            role=sql.Identifier(ROLE),
            secret=sql.Literal(encrypted.decode()),
        )
    )
    if not connection.execute(
        "select 1 from pg_database where datname = %s", [DATABASE]
    ).fetchone():
        connection.execute(
            sql.SQL("create database {} owner {}").format(
                sql.Identifier(DATABASE), sql.Identifier(ROLE)
            )
        )


def identity(connection: psycopg.Connection) -> tuple[int, str]:
    """The system identifier and the cluster's name, which every role may read."""
    row = connection.execute(
        "select system_identifier, current_setting('cluster_name') from pg_control_system()"
    ).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])
