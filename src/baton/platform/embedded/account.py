"""The account PostgreSQL runs as: the caller's own, or for root one that exists already."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baton.platform.embedded.errors import ELSEWHERE, DataDirectoryUnusable, EmbeddedUnsupported

ROOT = 0
_FIRST_CLOSED = 'for d do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    """`uid`, `gid` and `groups` are None where nothing is to be changed (see `subprocess`)."""

    name: str
    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        return None if self.uid is None else []

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str] | None:
        """The finished command, run as this account; None when it may not run the program."""
        try:
            return subprocess.run(  # noqa: S603
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=self.groups,
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            if error.errno == errno.EPERM:
                raise EmbeddedUnsupported(
                    f"PostgreSQL refuses to run as root, and this root may not become "
                    f"{self.name!r}: run Baton as an ordinary user, {ELSEWHERE}."
                ) from error
            return None


def refuse_unsupported() -> None:
    """Raises `EmbeddedUnsupported` where the embedded PostgreSQL can't run at all."""
    if sys.platform not in ("linux", "darwin"):
        raise EmbeddedUnsupported(
            f"the embedded PostgreSQL runs on Linux and macOS, not on {sys.platform}: "
            "set DATABASE_URL to a PostgreSQL (16 or later).",
            platform=sys.platform,
        )
    if _name_of(os.geteuid()) is None:
        raise EmbeddedUnsupported(
            f"user id {os.geteuid()} has no entry in the password database, and PostgreSQL's "
            "initdb refuses such an account: add one, "
            f"{ELSEWHERE}.",
            uid=os.geteuid(),
        )


def own_account() -> Account:
    """The caller's own account."""
    return Account(_name_of(os.geteuid()) or str(os.geteuid()))


def server_account(pgdata: Path) -> Account:
    """The owner of the data where there is some; else `BATON_PG_USER`, else `nobody`, for root."""
    owner = pgdata.stat().st_uid if pgdata.exists() else None
    if os.geteuid() != ROOT:
        if owner not in (None, os.geteuid()):
            raise DataDirectoryUnusable(
                f"{pgdata} does not belong to the user who runs Baton: run Baton as its owner.",
                path=str(pgdata),
            )
        return own_account()
    wanted = os.environ.get("BATON_PG_USER") or None
    if owner is None:
        return _account(wanted or "nobody")
    name = _name_of(owner)
    if owner == ROOT or name is None or wanted not in (None, name):
        raise DataDirectoryUnusable(
            f"{pgdata} belongs to {name or owner}, but PostgreSQL would run as "
            f"{wanted or 'an ordinary user'}: change its owner with "
            f"`chown -R {wanted or 'nobody'} {pgdata}`.",
            path=str(pgdata),
        )
    return _account(name)


def refuse_unenterable(directory: Path, account: Account) -> None:
    """Raises unless `account` can enter `directory` and every folder above it."""
    if account.uid is None:
        return
    way = [*reversed(directory.parents), directory]
    tried = account.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *way])
    if tried is not None and tried.returncode == 0:
        return
    closed = tried.stdout if tried is not None and tried.stdout else str(directory)
    raise DataDirectoryUnusable(
        f"PostgreSQL has to run as {account.name!r} (it refuses root), who can't enter {closed}. "
        "Name a data directory below folders that everybody may enter, such as /var/lib or "
        f"/srv; or allow it with `chmod o+x {closed}`; or run Baton as an ordinary user; "
        f"{ELSEWHERE}.",
        path=closed,
        user=account.name,
    )


def _account(name: str) -> Account:
    import pwd

    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise EmbeddedUnsupported(
            f"there is no user {name!r} to run PostgreSQL as (it refuses root): name one in "
            f"BATON_PG_USER, {ELSEWHERE}.",
            user=name,
        ) from error
    if entry.pw_uid == ROOT:
        raise EmbeddedUnsupported("PostgreSQL refuses to run as root: name another BATON_PG_USER.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def _name_of(uid: int) -> str | None:
    import pwd  # absent on Windows, where this module may be imported but is never used

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
