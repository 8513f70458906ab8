"""A program's lease on the one server of a data directory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg

from baton.platform.embedded import cluster, locks
from baton.platform.embedded.account import own_account, refuse_unsupported
from baton.platform.embedded.binaries import DEFAULT_MAJOR, default_major
from baton.platform.embedded.errors import ServerNotStarted
from baton.platform.embedded.folder import Credentials, Folder, default_data_dir, prepare
from baton.platform.embedded.launch import plan

_POLL_S = 0.02
_STARTS_TRIED = 2

How = Literal["started", "joined"]

_held: set[int] = set()


class Lease:
    """A shared lock on the users' file until `release`, or until this process ends anyhow.

    Children do not hold it: neither those started by exec, nor those forked.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = locks.open_lock(path)
        self._process = os.getpid()
        _held.add(self._descriptor)

    def taken(self) -> bool:
        """True when it is held; False while the server is being stopped."""
        assert self._descriptor is not None, "the lease was released"
        return locks.try_shared(self._descriptor)

    def release(self) -> None:
        """Gives it back; once more does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and self._process == os.getpid():
            _drop(descriptor)


def _drop(descriptor: int) -> None:
    _held.discard(descriptor)
    os.close(descriptor)


def _drop_all_in_child() -> None:
    for descriptor in tuple(_held):
        _drop(descriptor)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drop_all_in_child)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answered, and goes on running at least until `close`.

    When it crashes it comes back by itself, and when its supervisor was killed with the next
    `join`: on the same port, unless somebody took that meanwhile.
    """

    port: int
    data_dir: Path
    how: How
    _credentials: Credentials = field(repr=False)
    _lease: Lease = field(repr=False)

    @property
    def dsn(self) -> str:
        """The database `baton` as the ordinary role that owns it."""
        return self.dsn_for(cluster.DATABASE)

    @property
    def superuser_dsn(self) -> str:
        """The same database past all walls: for backups and tests only."""
        return cluster.dsn(
            cluster.SUPERUSER, self._credentials.superuser, self.port, cluster.DATABASE
        )

    def dsn_for(self, database: str) -> str:
        """Any database of this server as the ordinary role."""
        return cluster.dsn(cluster.ROLE, self._credentials.baton, self.port, database)

    def close(self) -> None:
        """Gives the lease back; the server is stopped when nobody else holds one."""
        self._lease.release()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def join(
    data_dir: Path | None = None,
    *,
    major: int = DEFAULT_MAJOR,
    timeout_s: float = 120.0,
    fsync: bool | None = None,
) -> Server:
    """A lease on the one running server of `data_dir`, which is started if there is none.

    `major` chooses the version for new data, and with it the default directory. `fsync=False`
    (or `BATON_PG_FSYNC=off`) risks the data for speed, and counts only for whoever starts the
    server. Raises `EmbeddedUnsupported`, `DataDirectoryUnusable` or `ServerNotStarted`.
    """
    refuse_unsupported()
    folder = prepare(data_dir or default_data_dir(default_major(major, own_account())))
    durable = _fsync_from_environment() if fsync is None else fsync
    deadline = time.monotonic() + timeout_s
    lease = Lease(folder.users_lock)
    try:
        while not lease.taken():
            _wait(deadline, folder, "it is still being stopped")
        return _found_or_started(folder, lease, major, durable, deadline)
    except BaseException:
        lease.release()
        raise


def _found_or_started(
    folder: Folder, lease: Lease, major: int, fsync: bool, deadline: float
) -> Server:
    starts, trouble = 0, "nobody has announced it"
    while True:
        claim = locks.claim(folder.supervisor_lock)
        if claim is not None:
            starts += 1
            _start_supervisor(folder, claim, starts, major, fsync)
        else:
            try:
                return _answering(folder, lease, "started" if starts else "joined")
            except (ConnectionError, psycopg.OperationalError) as error:
                trouble = str(error)
        _wait(deadline, folder, trouble)


def _start_supervisor(folder: Folder, claim: int, starts: int, major: int, fsync: bool) -> None:
    """Hands the supervisor's lock over to a supervisor; this process keeps no part of it."""
    _held.add(claim)
    try:
        folder.withdraw()
        if starts > _STARTS_TRIED:
            raise ServerNotStarted(
                f"the embedded PostgreSQL did not start; {folder.log_tail()}", path=str(folder.path)
            )
        plan(folder, major=major, fsync=fsync)
        _spawn(folder, claim, major, fsync)
    finally:
        _drop(claim)


def _spawn(folder: Folder, claim: int, major: int, fsync: bool) -> None:
    """Starts it in a session of its own and as nobody's child, so that none has to reap it."""
    command = [sys.executable, "-P", "-m", "baton.platform.embedded.supervisor", str(folder.path)]
    command += [f"--major={major}", f"--claim={claim}", "--fsync" if fsync else "--no-fsync"]
    with open(os.open(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
        subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(claim,),
            start_new_session=True,
            check=True,
        )


def _answering(folder: Folder, lease: Lease, how: How) -> Server:
    """The announced server, which was spoken to and is the one of this folder's data."""
    announced, credentials = folder.announced(), folder.credentials()
    if announced is None or credentials is None:
        raise ConnectionError("nobody has announced it")
    server = Server(announced.port, folder.path, how, credentials, lease)
    with psycopg.connect(server.dsn, autocommit=True, connect_timeout=2) as connection:
        found = cluster.identity(connection)
    if found != (announced.system_identifier, folder.cluster_name):
        raise ConnectionError(f"another server answers on port {announced.port}")
    if folder.announced() != announced:  # its supervisor died, and another one began anew
        raise ConnectionError("it was replaced meanwhile")
    return server


def _wait(deadline: float, folder: Folder, trouble: str) -> None:
    if time.monotonic() >= deadline:
        raise ServerNotStarted(
            f"the embedded PostgreSQL did not answer in time ({trouble}); {folder.log_tail()}",
            path=str(folder.path),
        )
    time.sleep(_POLL_S)


def _fsync_from_environment() -> bool:
    return os.environ.get("BATON_PG_FSYNC", "on").lower() not in ("off", "0", "false", "no")
