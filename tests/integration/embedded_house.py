"""A data directory, the programs that use it, and what can be seen of its server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from baton.platform.embedded import locks
from baton.platform.embedded.folder import Folder
from baton.platform.embedded.lease import Lease

HERE = Path(__file__).parent
ROOT = os.geteuid() == 0
PATIENCE_S = 60.0


@dataclass
class User:
    """A program of its own process that uses the server."""

    process: subprocess.Popen[str]
    facts: dict[str, object] = field(default_factory=dict)

    def answer(self) -> User:
        """Waits for what it has to say."""
        assert self.process.stdout is not None
        self.facts = json.loads(self.process.stdout.readline())
        return self

    @property
    def dsn(self) -> str:
        return str(self.facts["dsn"])

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait() == 0

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait()


@dataclass
class House:
    """One data directory, and the programs that use it."""

    data: Path
    users: list[User] = field(default_factory=list)

    @property
    def folder(self) -> Folder:
        return Folder(self.data)

    def start(self, *options: str, **popen: object) -> User:
        environment = {"BATON_PG_FSYNC": "off"} | dict(popen.pop("env", None) or os.environ)
        command = [sys.executable, HERE / "embedded_user.py", self.data, *options]
        process = subprocess.Popen(
            popen.pop("command", command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=environment,
            **popen,
        )
        self.users.append(User(process))
        return self.users[-1]

    def user(self, *options: str, **popen: object) -> User:
        return self.start(*options, **popen).answer()

    def processes(self) -> list[psutil.Process]:
        """The server's: their command lines name this directory; its users are not among them."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                words = " ".join(process.cmdline())
                if str(self.data) in words and "embedded_user.py" not in words:
                    found.append(process)
        return found

    def postmasters(self) -> list[psutil.Process]:
        """PostgreSQL's main processes; a child just forked looks like one, but for its parent."""
        parents = {}
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if "bin/postgres" in "".join(process.cmdline()[:1]):
                    parents[process] = process.ppid()
        pids = {process.pid for process in parents}
        return [process for process, parent in parents.items() if parent not in pids]

    def await_gone(self) -> None:
        await_true(self.supervisor_gone, "the supervisor is still there")
        await_true(lambda: not self.processes(), "the server is still there")

    def supervisor_gone(self) -> bool:
        """True when nobody holds the supervisor's lock."""
        if not self.data.exists():
            return True
        lock = locks.claim(self.folder.supervisor_lock)
        if lock is not None:
            os.close(lock)
        return lock is not None


def await_true(holds: Callable[[], object], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def ask(dsn: str, question: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def tell(dsn: str, command: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(command)


def answers(dsn: str) -> bool:
    try:
        return ask(dsn, "select 1") == 1
    except psycopg.OperationalError:
        return False


@contextlib.contextmanager
def never_two(house: House) -> Iterator[None]:
    """Fails if there were ever two servers on the directory at the same time."""
    most, over = [0], threading.Event()

    def count() -> None:
        while not over.is_set():
            most[0] = max(most[0], len(house.postmasters()))
            time.sleep(0.1)

    watcher = threading.Thread(target=count)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    assert most[0] == 1


def supervisor_of(house: House) -> int:
    announced = house.folder.announced()
    assert announced is not None
    return announced.supervisor_pid


@contextlib.contextmanager
def odd_supervisor(house: House, circumstance: str) -> Iterator[subprocess.Popen[bytes]]:
    """One that this test starts, with a lease that keeps it from leaving at once."""
    lease = Lease(house.folder.users_lock)
    assert lease.taken()
    process = subprocess.Popen(
        [
            sys.executable,
            HERE / "embedded_odd_supervisor.py",
            circumstance,
            house.data,
            "--no-fsync",
        ],
        start_new_session=True,
    )
    try:
        await_true(lambda: house.folder.announced() or process.poll(), "no server")
        yield process
    finally:
        lease.release()
        for user in house.users:
            user.kill()
        process.wait()


def fresh_place() -> Path:
    """A folder that every account may enter."""
    path = Path(os.path.realpath(tempfile.mkdtemp(prefix="baton-embedded-")))
    path.chmod(0o711)
    return path


def copy_all(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)
