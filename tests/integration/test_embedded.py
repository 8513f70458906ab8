"""The embedded PostgreSQL under many starters, kills, odd accounts and damaged files.

Everything here is real: processes, signals, file locks and servers, each in its own folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from embedded_house import (
    HERE,
    House,
    answers,
    ask,
    await_true,
    copy_all,
    fresh_place,
    never_two,
    odd_supervisor,
    supervisor_of,
    tell,
)

from baton.platform.embedded import (
    DataDirectoryUnusable,
    EmbeddedUnsupported,
    ServerNotStarted,
    join,
    locks,
    pg_bin,
    tool,
)
from baton.platform.embedded.folder import LOG_LIMIT_BYTES, default_data_dir

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root drops to another account")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and prctl")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BATON_PG_BIN", "BATON_PG_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATON_PG_FSYNC", "off")


@pytest.fixture
def place() -> Iterator[Path]:
    path = fresh_place()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_house(place: Path) -> Iterator[House]:
    """A data directory that is not there yet."""
    house = House(place / "data")
    yield house
    for user in house.users:
        user.kill()
        for pipe in (user.process.stdin, user.process.stdout):
            if pipe is not None:
                pipe.close()
    house.await_gone()


@pytest.fixture(scope="module")
def finished_data() -> Iterator[Path]:
    place = fresh_place()
    made = House(place / "data")
    join(made.data, fsync=False).close()
    made.await_gone()
    yield made.data
    shutil.rmtree(place)


@pytest.fixture
def house(new_house: House, finished_data: Path) -> House:
    """A data directory with data and without a server."""
    copy_all(finished_data, new_house.data)
    return new_house


# Many at once, coming and going


def test_five_starters_share_one_server_until_the_last_is_killed(new_house: House) -> None:
    users = [new_house.start() for _ in range(5)]
    hows = [user.answer().facts["how"] for user in users]
    assert sorted(map(str, hows)) == ["joined"] * 4 + ["started"]
    assert len({user.facts["port"] for user in users}) == 1
    assert len(new_house.postmasters()) == 1
    users[hows.index("started")].kill()
    staying = [user for user in users if user.process.poll() is None]
    time.sleep(0.5)  # longer than the supervisor takes to notice
    assert ask(staying[0].dsn, "select 1") == 1
    for user in staying:
        user.kill()
    new_house.await_gone()


def test_server_stays_for_serve_when_the_command_that_started_it_leaves(house: House) -> None:
    command = house.user()
    serve = house.user()
    with psycopg.connect(serve.dsn, autocommit=True) as connection:
        command.leave()
        time.sleep(0.5)
        assert connection.execute("select 1").fetchone() == (1,)
    assert (command.facts["how"], serve.facts["how"]) == ("started", "joined")
    serve.leave()
    house.await_gone()


def test_newcomer_gets_a_living_server_while_the_last_one_leaves(house: House) -> None:
    server = join(house.data)
    for delay_s in (0.0, 0.1, 0.15, 0.2, 0.22, 0.3):
        server.close()
        time.sleep(delay_s)
        server = join(house.data)
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            time.sleep(0.3)  # longer than a supervisor takes that did not see the newcomer
            assert connection.execute("select 1").fetchone() == (1,)
    server.close()
    house.await_gone()


def test_two_leases_of_one_program_count_as_two(house: House) -> None:
    with join(house.data) as first:
        second = join(house.data)
    first.close()
    time.sleep(0.5)
    assert ask(second.dsn, "select 1") == 1
    assert ask(second.dsn_for("template1"), "select current_user") == "baton"
    second.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_to_a_program_s_group_leave_the_server_to_the_others(
    house: House, number: signal.Signals
) -> None:
    first, second = house.user(), house.user()
    os.killpg(first.process.pid, number)
    assert first.process.wait() != 0
    time.sleep(0.5)
    assert ask(second.dsn, "select 1") == 1
    os.killpg(second.process.pid, number)
    house.await_gone()
    assert "database system is shut down" in house.folder.log.read_text()


def test_children_of_a_program_do_not_hold_its_lease(house: House) -> None:
    user = house.user("--children")
    children = [psutil.Process(pid) for pid in user.facts["children"]]  # type: ignore[attr-defined]
    user.kill()
    house.await_gone()
    assert [child.is_running() for child in children] == [True, True]
    for child in children:
        child.kill()


def test_starter_killed_at_any_moment_leaves_nothing_that_hinders(new_house: House) -> None:
    for delay_s in (0.4, 0.8, 1.2):
        user = new_house.start()
        time.sleep(delay_s)
        user.kill()
    assert new_house.user().facts["dsn"]


# Kills of the server's own processes


@on_linux
def test_killed_supervisor_takes_its_server_along_and_the_next_one_starts(house: House) -> None:
    first = house.user()
    tell(first.dsn, "create table kept as select 7 as n")
    with never_two(house):
        os.kill(supervisor_of(house), signal.SIGKILL)
        users = [house.start() for _ in range(3)]
        ports = {user.answer().facts["port"] for user in users}
    assert len(ports) == 1
    assert ask(users[0].dsn, "select n from kept") == 7
    os.kill(supervisor_of(house), signal.SIGKILL)
    await_true(lambda: not house.postmasters(), "the server outlived its supervisor")


def test_server_that_outlived_its_supervisor_is_stopped_before_the_next(house: House) -> None:
    with odd_supervisor(house, "forgetful") as process:
        first = house.user()
        tell(first.dsn, "create table kept as select 7 as n")
        with never_two(house):
            process.kill()
            process.wait()
            assert ask(first.dsn, "select n from kept") == 7
            second = house.user()
    assert second.facts["how"] == "started"
    assert ask(second.dsn, "select n from kept") == 7


def test_killed_server_comes_back_with_all_that_was_committed(house: House) -> None:
    user = house.user(env=os.environ | {"BATON_PG_FSYNC": "on"})
    tell(user.dsn, "create table kept as select g as n from generate_series(1, 1000) g")
    assert ask(user.dsn, "show fsync") == "on"
    with never_two(house):
        for victim in house.postmasters():
            victim.kill()
            victim.wait()
        newcomer = house.start()
        await_true(lambda: answers(user.dsn), "it did not come back where it was")
    assert newcomer.answer().facts["how"] == "joined"
    assert ask(newcomer.dsn, "select sum(n) from kept") == 500500


def test_server_and_supervisor_killed_together(house: House) -> None:
    user = house.user(env=os.environ | {"BATON_PG_FSYNC": "on"})
    tell(user.dsn, "create table kept as select 7 as n")
    for victim in house.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    newcomer = house.user()
    assert newcomer.facts["how"] == "started"
    assert ask(newcomer.dsn, "select n from kept") == 7


# Damaged and misleading files


def test_damaged_announcement_misleads_nobody(house: House) -> None:
    file = house.data / "server.json"
    damaged = (b"", b'{"port": 54', b"\xff\x00", b'{"port": "x"}', b"[]")
    with join(house.data) as first:
        for written in damaged:
            file.write_bytes(written)
            with join(house.data) as second:
                assert (second.how, second.port) == ("joined", first.port)
    house.await_gone()
    file.write_bytes(damaged[1])
    with join(house.data) as third:
        assert third.how == "started"


def test_address_stays_the_same_from_one_server_to_the_next(house: House) -> None:
    with join(house.data) as first:
        pass
    house.await_gone()
    with join(house.data) as second:
        assert second.how == "started"
        assert second.dsn == first.dsn


def test_copied_directory_does_not_lead_to_the_original_s_server(house: House) -> None:
    copy = House(house.data.with_name("copy"))
    with join(house.data) as original:
        copy_all(house.data, copy.data)
        lock = locks.claim(copy.folder.supervisor_lock)  # as if its supervisor were starting
        assert lock is not None
        with pytest.raises(ServerNotStarted, match="another server"):
            join(copy.data, timeout_s=0.5)
        os.close(lock)
        with join(copy.data) as other:
            assert other.how == "started"
            assert other.port != original.port
    copy.await_gone()


def test_pid_file_that_is_garbage_or_names_a_stranger_does_not_hinder(house: House) -> None:
    with join(house.data):
        owner = house.folder.pgdata.stat()
    house.await_gone()
    stranger = subprocess.Popen(["sleep", "600"], user=owner.st_uid if ROOT else None)
    zombie = subprocess.Popen(["true"], user=owner.st_uid if ROOT else None)
    await_true(lambda: psutil.Process(zombie.pid).status() == "zombie", "it lives")
    file = house.folder.pgdata / "postmaster.pid"
    for first_line in ("", "garbage", str(zombie.pid), f"{stranger.pid}\n{house.folder.pgdata}\n1"):
        file.write_text(first_line)
        os.chown(file, owner.st_uid, owner.st_gid)
        with join(house.data) as server:
            assert ask(server.dsn, "select 1") == 1
        house.await_gone()
    stranger.kill()
    stranger.wait()
    zombie.wait()


@on_linux
def test_server_that_somebody_else_started_on_the_data_is_left_alone(house: House) -> None:
    with join(house.data) as server:
        command = house.postmasters()[0].cmdline()
        uid = house.folder.pgdata.stat().st_uid if ROOT else None
    house.await_gone()
    stranger = subprocess.Popen(
        command, user=uid, extra_groups=[] if ROOT else None, stderr=subprocess.DEVNULL
    )
    try:
        await_true(lambda: answers(server.superuser_dsn), "the stranger did not start")
        with pytest.raises(ServerNotStarted, match="Baton did not start"):
            join(house.data)
        assert ask(server.superuser_dsn, "select 1") == 1
    finally:
        stranger.send_signal(signal.SIGINT)
        stranger.wait()


def test_impostor_on_the_announced_port_never_sees_the_password(house: House) -> None:
    with join(house.data):
        written = (house.data / "server.json").read_bytes()
    house.await_gone()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        threading.Thread(target=answer_all, args=(impostor, CLEAR_TEXT, heard), daemon=True).start()
        facts = json.loads(written) | {"port": impostor.getsockname()[1]}
        (house.data / "server.json").write_text(json.dumps(facts))
        lock = locks.claim(house.folder.supervisor_lock)
        assert lock is not None
        with pytest.raises(ServerNotStarted):
            join(house.data, timeout_s=0.5)
        os.close(lock)
        await_true(lambda: len(heard) > 1, "the impostor was not spoken to")
    credentials = house.folder.credentials()
    assert credentials is not None
    assert not any(credentials.baton.encode() in said for said in heard)


CLEAR_TEXT = b"R\0\0\0\x08\0\0\0\x03"  # "send your password as it is"
REFUSAL = b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"


def answer_all(listener: socket.socket, answer: bytes, heard: list[bytes]) -> None:
    """Gives everybody who calls the same answer, until the listener is closed."""
    while listener.fileno() >= 0:
        with contextlib.suppress(OSError):
            caller, _ = listener.accept()
            with caller:
                heard.append(caller.recv(4096))
                caller.sendall(answer)
                heard.append(caller.recv(4096))


def test_port_taken_in_the_meantime_is_swapped_for_another(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refusal = b"E" + (len(REFUSAL) + 4).to_bytes(4, "big") + REFUSAL
        threading.Thread(target=answer_all, args=(taken, refusal, []), daemon=True).start()
        with odd_supervisor(house, f"port={port}"):
            user = house.user()
            assert user.facts["how"] == "joined"
            assert user.facts["port"] != port
            assert "could not bind" in house.folder.log.read_text()


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
