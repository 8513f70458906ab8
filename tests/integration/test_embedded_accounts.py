"""What an embedded PostgreSQL is made of: its data and programs, the account and the system.

Everything here is real: processes, file rights and servers, each in its own folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from embedded_house import HERE, ROOT, House, ask, await_true

from baton.platform.embedded import (
    DataDirectoryUnusable,
    EmbeddedUnsupported,
    ServerNotStarted,
    join,
    pg_bin,
    tool,
)
from baton.platform.embedded.folder import LOG_LIMIT_BYTES, default_data_dir

pytestmark = pytest.mark.usefixtures("plain_environment")
as_root = pytest.mark.skipif(not ROOT, reason="only root drops to another account")

# Making the data


def programs(place: Path, initdb: str) -> Path:
    """A program folder with PostgreSQL 18, whose initdb is a script."""
    folder = place / "bin"
    folder.mkdir(0o755)
    real = pg_bin(18)
    if ROOT and "root" in real.parts:
        pytest.skip("the server's account can't run the programs where they are")
    (folder / "postgres").symlink_to(real / "postgres")
    script = folder / "initdb"
    script.write_text(f"#!/bin/sh\nreal={real}/initdb\n{initdb}\n")
    script.chmod(0o755)
    return folder


def test_initdb_killed_half_way_is_done_again(
    new_house: House, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.chmod(0o733)
    folder = programs(
        place,
        'case "$1" in --version) exec "$real" --version;; esac\n'
        f'test -e {place}/tried && exec "$real" "$@"\n'
        f'touch {place}/tried; "$real" "$@" >/dev/null; kill -9 $$',
    )
    monkeypatch.setenv("BATON_PG_BIN", str(folder))
    with join(new_house.data) as server:
        assert ask(server.dsn, "select 1") == 1
    assert (place / "tried").exists()
    assert not list(new_house.data.glob("unfinished-*"))


def test_failure_to_start_shows_what_the_log_says(
    new_house: House, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = programs(
        place,
        'case "$1" in --version) exec "$real" --version;; esac\necho no room for cats >&2; exit 1',
    )
    monkeypatch.setenv("BATON_PG_BIN", str(folder))
    with pytest.raises(ServerNotStarted, match="no room for cats"):
        join(new_house.data)
    assert not new_house.folder.pgdata.exists()


def test_passwords_that_are_lost_or_of_other_data_are_named_as_the_cause(house: House) -> None:
    kept = house.data / "credentials.json"
    kept.write_text('{"superuser": "wrong", "baton": "wrong"}')
    with pytest.raises(ServerNotStarted, match=r"credentials\.json does not hold"):
        join(house.data)
    kept.unlink()
    with pytest.raises(ServerNotStarted, match=r"credentials\.json is missing"):
        join(house.data)


def test_server_is_what_it_is_said_to_be(new_house: House) -> None:
    with join(new_house.data, fsync=True) as server:
        about = "from pg_roles where rolname = current_user"
        past_walls = "rolsuper or rolbypassrls or rolreplication"
        assert ask(server.dsn, f"select {past_walls} {about}") is False
        assert ask(server.dsn, f"select rolcreaterole and rolcreatedb {about}") is True
        owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'baton'"
        assert ask(server.dsn, owner) == "baton"
        for name, value in {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "dynamic_shared_memory_type": "mmap",
            "server_encoding": "UTF8",
            "data_checksums": "on",
            "fsync": "on",
        }.items():
            assert ask(server.superuser_dsn, f"show {name}") == value, name
        assert ask(server.dsn, "select lower('ÄÉ')") == "äé"
        secret = stat.S_IMODE((new_house.data / "credentials.json").stat().st_mode)
        assert secret == 0o600
        assert "@" not in repr(server)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn, password="guessed")


def test_log_is_kept_below_its_limit(house: House) -> None:
    with join(house.data):
        with house.folder.log.open("ab") as log:
            log.truncate(LOG_LIMIT_BYTES + 1)
        await_true(lambda: house.folder.log.stat().st_size < LOG_LIMIT_BYTES, "it only grows")
    assert (house.data / "server.log.1").stat().st_size > LOG_LIMIT_BYTES


# Versions and programs


def test_other_programs_make_the_data_and_the_data_s_version_wins_later(
    new_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_PG_BIN", str(pg_bin(16)))
    with join(new_house.data, major=18) as server:
        assert str(ask(server.dsn, "show server_version")).startswith("16.")
    new_house.await_gone()
    monkeypatch.delenv("BATON_PG_BIN")
    with join(new_house.data, major=18) as server:
        assert str(ask(server.dsn, "show server_version")).startswith("16.")
    new_house.await_gone()
    monkeypatch.setenv("BATON_PG_BIN", str(pg_bin(18)))
    with pytest.raises(DataDirectoryUnusable, match="made by PostgreSQL 16"):
        join(new_house.data)


def test_tools_lie_beside_the_server() -> None:
    for major in (16, 18):
        said = subprocess.run([tool("pg_dump", major), "--version"], capture_output=True, text=True)
        assert f"(PostgreSQL) {major}." in said.stdout
    with pytest.raises(EmbeddedUnsupported, match="pg_cat"):
        tool("pg_cat")
    with pytest.raises(EmbeddedUnsupported, match="DATABASE_URL"):
        pg_bin(15)


# Accounts and systems


def test_default_directory_follows_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_dir(18) == Path("/var/lib/baton/18")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_data_dir(16) == Path("/data/baton/16")
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/ann")
    assert default_data_dir(18) == Path("/home/ann/.local/share/baton/18")


def test_other_systems_are_told_to_set_database_url(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "win32")
        with pytest.raises(EmbeddedUnsupported, match="DATABASE_URL"):
            join(place / "data")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr", lambda name: None)
    with pytest.raises(EmbeddedUnsupported, match=r"Alpine.*DATABASE_URL"):
        join(place / "data")


@as_root
def test_account_without_passwd_entry_is_told_to_set_database_url(new_house: House) -> None:
    said = new_house.user("--uid", "54321").facts
    assert said["code"] == "embedded_unsupported"
    assert "DATABASE_URL" in str(said["message"])


@as_root
def test_data_below_a_closed_folder_is_refused_and_nothing_is_opened(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(0o700)
    with pytest.raises(DataDirectoryUnusable, match=rf"enter {closed}\..*DATABASE_URL"):
        join(closed / "below" / "data")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_account_to_drop_to_must_exist_and_must_not_be_root(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no-such-user", "root"):
        monkeypatch.setenv("BATON_PG_USER", name)
        with pytest.raises(EmbeddedUnsupported, match="BATON_PG_USER"):
            join(place / "data")


@as_root
def test_root_runs_programs_that_lie_below_a_closed_folder(new_house: House, place: Path) -> None:
    checkout = place / "checkout"
    checkout.mkdir(0o700)
    package = pg_bin(18).parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, checkout / part.name, ignore=shutil.ignore_patterns("pginstall"))
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    users = [new_house.start(env=environment) for _ in range(3)]
    assert sorted(str(user.answer().facts.get("how")) for user in users) == [
        "joined",
        "joined",
        "started",
    ]
    program = Path(new_house.postmasters()[0].cmdline()[0])
    assert program.is_relative_to(new_house.folder.binaries)
    assert new_house.postmasters()[0].username() != "root"
    assert stat.S_IMODE(checkout.stat().st_mode) == 0o700
    assert len(list(new_house.folder.binaries.iterdir())) == 1


@as_root
def test_ordinary_user_needs_nothing_but_a_home(new_house: House, place: Path) -> None:
    home = place / "home"
    home.mkdir(0o700)
    os.chown(home, 65534, 65534)
    command, environment = interpreter_for(65534)
    environment |= {"HOME": str(home)}
    new_house.data = home / ".local" / "share" / "baton" / "18"
    user = new_house.user(
        command=[*command, HERE / "embedded_user.py"],
        env=environment,
        user=65534,
        group=65534,
        extra_groups=[],
        cwd="/",
    )
    assert user.facts["how"] == "started"
    assert user.facts["data_dir"] == str(new_house.data)
    with pytest.raises(DataDirectoryUnusable, match="must belong to the user"):
        join(new_house.data)
    user.leave()
    new_house.await_gone()


def interpreter_for(uid: int) -> tuple[list[str], dict[str, str]]:
    """A Python that `uid` may run with the same packages; the test is skipped without one."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in filter(None, (sys.executable, shutil.which(version, path="/usr/bin:/bin"))):
        with contextlib.suppress(OSError):
            tried = subprocess.run(
                [python, "-c", "import psycopg, baton.platform.embedded"],
                user=uid,
                extra_groups=[],
                env=environment,
                cwd="/",
                stderr=subprocess.DEVNULL,
            )
            if tried.returncode == 0:
                return [python], environment
    pytest.skip("no Python here that an ordinary user may run with these packages")
