"""What a server is to be started with, checked before anything is started."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from baton.platform.embedded.account import Account, refuse_unenterable, server_account
from baton.platform.embedded.binaries import major_of, named_programs, pg_bin, private_copy
from baton.platform.embedded.errors import (
    ELSEWHERE,
    DataDirectoryUnusable,
    EmbeddedUnsupported,
)
from baton.platform.embedded.folder import Folder

OLDEST_MAJOR = 16
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Launch:
    """Programs that `account` can run, on a folder that it can enter."""

    folder: Folder
    programs: Path
    major: int
    account: Account
    fsync: bool

    @property
    def environment(self) -> dict[str, str]:
        """The little that PostgreSQL needs: it is not to know the program's secrets."""
        known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return known | {"LC_ALL": "C"}


def plan(folder: Folder, *, major: int, fsync: bool) -> Launch:
    """The launch for this folder; `major` counts only while there is no data.

    Raises what stands in the way. The caller holds the supervisor's lock.
    """
    account = server_account(folder.pgdata)
    made_by = folder.major()
    refuse_unenterable(folder.path, account)
    programs = _runnable(pg_bin(made_by or major), folder, account)
    version = major_of(programs, account)
    if version is None or version < OLDEST_MAJOR:
        raise EmbeddedUnsupported(
            f"{account.name!r} can't run the PostgreSQL programs in {programs}, or they are older "
            f"than {OLDEST_MAJOR}: name another folder in BATON_PG_BIN, {ELSEWHERE}.",
            path=str(programs),
        )
    if made_by not in (None, version):
        raise DataDirectoryUnusable(
            f"the data in {folder.path} was made by PostgreSQL {made_by}, and the programs in "
            f"{programs} are {version}: unset BATON_PG_BIN, or back up with the old version and "
            "restore into a new data directory.",
            path=str(folder.path),
        )
    return Launch(folder, programs, version, account, fsync)


def _runnable(programs: Path, folder: Folder, account: Account) -> Path:
    """The programs where they are, or a copy where the server's account can't read them."""
    if account.uid is None or named_programs() or major_of(programs, account) is not None:
        return programs
    return private_copy(programs, folder.binaries)
