"""The data directory: what lies in it, none of it ever seen half-written.

users.lock        shared: every program that uses the server; exclusive: to stop it
supervisor.lock   exclusive: the one supervisor, or the program about to start it
pgdata/           PostgreSQL's own files; PG_VERSION in it is locked by whatever process
                  of the server still lives, so that no second one can start
credentials.json  passwords, made once
server.json       where the server answers; worth nothing unless it was tried
last.json         the same about the server before it, for the sake of the port
server.log        what PostgreSQL and the supervisor said, and server.log.1 before that
binaries/         a copy of the programs, where root's own can't be read by the server
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from baton.platform.embedded.account import ROOT
from baton.platform.embedded.errors import ELSEWHERE, DataDirectoryUnusable

LOG_LIMIT_BYTES = 16 * 2**20
UNFINISHED = "unfinished-"
_TAIL_LINES = 20
_TAIL_BYTES = 16 * 2**10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of the superuser `postgres` and of the ordinary role `baton`."""

    superuser: str = field(repr=False)
    baton: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a server answered when it was started. Process ids are for people's eyes only."""

    port: int
    system_identifier: int
    supervisor_pid: int
    postmaster_pid: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A data directory that exists, belongs to the caller and has an absolute path."""

    path: Path

    @property
    def users_lock(self) -> Path:
        return self.path / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.path / "supervisor.lock"

    @property
    def pgdata(self) -> Path:
        return self.path / "pgdata"

    @property
    def binaries(self) -> Path:
        return self.path / "binaries"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def cluster_name(self) -> str:
        """What its server calls itself: a copy of this directory has another name."""
        return f"baton-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]}"

    def major(self) -> int | None:
        """The major version that the data was made by; None when there is no data yet."""
        try:
            return int((self.pgdata / "PG_VERSION").read_text())
        except FileNotFoundError:
            if not self.pgdata.exists():
                return None
        except ValueError:
            pass
        raise DataDirectoryUnusable(
            f"{self.pgdata} does not hold PostgreSQL's data: move it away, or name another "
            "data directory.",
            path=str(self.pgdata),
        )

    def credentials(self) -> Credentials | None:
        return _decoded(self.path / "credentials.json", Credentials)

    def keep_credentials(self, credentials: Credentials) -> None:
        _write_whole(self.path / "credentials.json", msgspec.json.encode(credentials))

    def announced(self) -> Announcement | None:
        """What is written about the server; None when absent or not to be understood."""
        return _decoded(self.path / "server.json", Announcement)

    def announce(self, server: Announcement) -> None:
        _write_whole(self.path / "server.json", msgspec.json.encode(server))

    def withdraw(self) -> None:
        """From now on nobody is sent to the server."""
        with contextlib.suppress(FileNotFoundError):
            (self.path / "server.json").replace(self.path / "last.json")

    def last_port(self) -> int | None:
        """The port of the server before: with it the address that programs know stays good."""
        last = _decoded(self.path / "last.json", Announcement)
        return None if last is None else last.port

    def sweep(self) -> None:
        """Removes what a killed supervisor left half-made; only the supervisor may do so."""
        for leftover in self.path.glob(".*.json.*"):
            leftover.unlink(missing_ok=True)
        for leftover in self.path.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def log_tail(self) -> str:
        """The last lines of the server's log, for an error message."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError as error:
            return f"(no log: {error})"
        return "\n".join([f"the end of {self.log}:", *lines[-_TAIL_LINES:]])

    def turn_log(self) -> None:
        """Keeps the log below a limit; writers append, so they go on with the emptied file."""
        if self.log.stat().st_size > LOG_LIMIT_BYTES:
            shutil.copyfile(self.log, self.log.with_name("server.log.1"))
            os.truncate(self.log, 0)


def default_data_dir(major: int) -> Path:
    """`/var/lib/baton/<major>` for root, below the user's data home for everybody else."""
    if os.geteuid() == ROOT:
        return Path("/var/lib/baton", str(major))
    named = os.environ.get("XDG_DATA_HOME", "")
    home = Path(named) if os.path.isabs(named) else Path.home() / ".local" / "share"
    return home / "baton" / str(major)


def prepare(directory: Path) -> Folder:
    """The folder, made if need be; one that was there before keeps its mode and owner."""
    path = Path(os.path.realpath(directory.expanduser()))
    try:
        _make(path)
        about = path.stat()
    except OSError as error:
        raise DataDirectoryUnusable(
            f"the data directory {path} can't be made or read ({error.strerror}): name another "
            f"one, {ELSEWHERE}.",
            path=str(path),
        ) from error
    if about.st_uid != os.geteuid() or about.st_mode & stat.S_IWOTH:
        raise DataDirectoryUnusable(
            f"the data directory {path} must belong to the user who runs Baton and must not be "
            f"writable by everybody: name another one, {ELSEWHERE}.",
            path=str(path),
        )
    return Folder(path)


def _make(path: Path) -> None:
    # Under root the server runs as somebody else, who has to pass through, not to look around.
    inner, outer = (0o711, 0o755) if os.geteuid() == ROOT else (0o700, 0o700)
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        mode = inner if folder == path else outer
        with contextlib.suppress(FileExistsError):  # another starter was faster
            folder.mkdir(mode)
            folder.chmod(mode)


def _decoded(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _write_whole(path: Path, content: bytes) -> None:
    """Replaces the file in one step; durable, and readable by its owner only."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Makes renames inside `path` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
