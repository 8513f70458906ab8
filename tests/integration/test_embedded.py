"""The life of an embedded PostgreSQL: many starters, kills, damaged and misleading files.

Everything here is real: processes, signals, file locks and servers, each in its own folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import psycopg
import pytest
from embedded_house import (
    ROOT,
    House,
    answers,
    ask,
    await_true,
    copy_all,
    never_two,
    odd_supervisor,
    supervisor_of,
    tell,
)

from baton.platform.embedded import ServerNotStarted, join, locks

pytestmark = pytest.mark.usefixtures("plain_environment")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and prctl")

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
