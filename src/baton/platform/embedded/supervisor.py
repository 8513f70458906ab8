"""The process that owns the server of one data directory: `python -m … DIR`.

It starts PostgreSQL, starts it again when it crashes, and stops it when no program uses it
any more. Its lock says that it lives; PostgreSQL's own lock says that the data is in use.
When the supervisor is killed, the kernel tells PostgreSQL to shut down (on Linux), or the
next supervisor does (elsewhere).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import psycopg

from baton.platform.embedded import cluster, locks, postmaster
from baton.platform.embedded.binaries import DEFAULT_MAJOR
from baton.platform.embedded.errors import ServerNotStarted
from baton.platform.embedded.folder import Announcement, Credentials, Folder, prepare
from baton.platform.embedded.launch import Launch, plan
from baton.values.errors import Unavailable

POLL_S = 0.2
_STARTING_POLL_S = 0.02
_PORTS_TRIED = 5
_BIND_S = 2.0  # after that a server without its port has given up


class Abandoned(Exception):
    """Nobody uses the server, and from now on nobody can before this process has ended."""


class Supervisor:
    """Runs one server from its start to its end; the caller holds the supervisor's lock."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.folder: Folder = launch.folder
        self.users = locks.open_lock(self.folder.users_lock)
        self.port = self.folder.last_port() or postmaster.free_port()

    def run(self) -> None:
        """Returns when the server has ended because nobody used it, or by its own command."""
        self.folder.withdraw()
        self.folder.sweep()
        self.folder.log.touch(0o600)
        credentials = cluster.credentials_for(self.folder)
        if not self.folder.pgdata.exists():
            cluster.create(self.launch, credentials)
        crashed = True
        while crashed:
            process = self._started(credentials)
            try:
                crashed = self._watch(process, self._open(process, credentials))
            finally:
                self.folder.withdraw()
                postmaster.stop(process)

    def refuse_abandoned(self) -> None:
        """Raises once no program holds a lease; the exclusive lock then keeps newcomers out."""
        if locks.try_exclusive(self.users):
            raise Abandoned

    def _started(self, credentials: Credentials) -> subprocess.Popen[bytes]:
        """A server that accepts connections, on the port it had before if that is free."""
        data_lock = self._data_lock(credentials)
        try:
            for _ in range(_PORTS_TRIED):
                log_size = self.folder.log.stat().st_size
                process = postmaster.start(self.launch, self.port, data_lock)
                if self._accepts(process, credentials):
                    return process
                if b"could not bind" not in _since(self.folder.log, log_size):
                    break
                self.port = postmaster.free_port()
        finally:
            os.close(data_lock)  # now it is held by what lives of the server, and nothing else
        raise ServerNotStarted("PostgreSQL ended while it was starting.")

    def _data_lock(self, credentials: Credentials) -> int:
        """The lock on the data, once the last process of an earlier server is gone."""
        while (data_lock := postmaster.claim_data(self.folder.pgdata)) is None:
            self.refuse_abandoned()
            self._stop_orphan(credentials)
            time.sleep(POLL_S)
        return data_lock

    def _stop_orphan(self, credentials: Credentials) -> None:
        """Stops a server that outlived its supervisor, if it proves to be the one of this data."""
        with contextlib.suppress(OSError, ValueError, IndexError, psycopg.OperationalError):
            lines = (self.folder.pgdata / "postmaster.pid").read_text().splitlines()
            if self._is_own(int(lines[3]), credentials):
                os.kill(int(lines[0]), signal.SIGINT)

    def _accepts(self, process: subprocess.Popen[bytes], credentials: Credentials) -> bool:
        """True when it accepts connections, False when it has ended; a recovery takes its time."""
        while process.poll() is None:
            try:
                if self._is_own(self.port, credentials):
                    return True
            except psycopg.OperationalError as error:
                _refuse_wrong_password(process, error)
            self._refuse_abandoned_while(process)
            time.sleep(_STARTING_POLL_S)
        return False

    def _is_own(self, port: int, credentials: Credentials) -> bool:
        """True when this data's server answers there, and not, say, that of a copy of it."""
        with cluster.sign_in(port, credentials.superuser) as connection:
            return cluster.identity(connection)[1] == self.folder.cluster_name

    def _refuse_abandoned_while(self, process: subprocess.Popen[bytes]) -> None:
        try:
            self.refuse_abandoned()
        except Abandoned:
            postmaster.stop(process)
            raise

    def _open(self, process: subprocess.Popen[bytes], credentials: Credentials) -> Announcement:
        """Makes what programs need to sign in, then announces the server to them."""
        with cluster.sign_in(self.port, credentials.superuser) as connection:
            cluster.ensure_role(connection, credentials.baton)
            system_identifier, _ = cluster.identity(connection)
        announcement = Announcement(self.port, system_identifier, os.getpid(), process.pid)
        self.folder.announce(announcement)
        return announcement

    def _watch(self, process: subprocess.Popen[bytes], announcement: Announcement) -> bool:
        """True when the server crashed, False when it ended as it was told to."""
        while process.poll() is None:
            self.refuse_abandoned()
            with contextlib.suppress(OSError):  # a full disk is for PostgreSQL to deal with
                if self.folder.announced() != announcement:
                    self.folder.announce(announcement)
                self.folder.turn_log()
            time.sleep(POLL_S)
        _say(f"PostgreSQL ended with {process.returncode}")
        return process.returncode != 0


def main(arguments: Sequence[str]) -> int:
    """0 when the server ended in order or another supervisor is at work, else 1."""
    options = _parser().parse_args(arguments)
    folder = prepare(options.data_dir)
    claim = options.claim if options.claim is not None else locks.claim(folder.supervisor_lock)
    if claim is None:
        return 0
    os.set_inheritable(claim, False)
    os.chdir(folder.path)
    _outlive_signals()
    try:
        launch = plan(folder, major=options.major, fsync=options.fsync)
        Supervisor(launch).run()
    except Abandoned:
        return 0
    except Unavailable as error:
        _say(error.message)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m baton.platform.embedded.supervisor")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--major", type=int, default=DEFAULT_MAJOR)
    parser.add_argument("--fsync", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--claim", type=int, help="descriptor that holds the supervisor's lock")
    return parser


def _outlive_signals() -> None:
    """Signals to a whole group or session are meant for the programs, whose end is waited for.

    Handlers, and not SIG_IGN, because PostgreSQL would inherit that.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, _ignore)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return None


def _refuse_wrong_password(process: subprocess.Popen[bytes], error: Exception) -> None:
    """Raises if it was this server that refused, and not one that had the port before it."""
    if "password authentication failed" not in str(error):
        return
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_BIND_S)
        return
    postmaster.stop(process)
    raise ServerNotStarted("credentials.json does not hold the passwords of this data.")


def _since(path: Path, position: int) -> bytes:
    with path.open("rb") as log:
        log.seek(position)
        return log.read()


def _say(line: str) -> None:
    sys.stderr.write(f"supervisor: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
