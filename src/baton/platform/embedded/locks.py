"""File locks that the kernel drops however their holder dies: the only truth about who lives.

A lock belongs to the open file, not to the process: whoever inherits the descriptor holds
it too, and it is free when the last copy is closed. Process ids play no part in it.
"""

from __future__ import annotations

import os
from pathlib import Path

from baton.platform.embedded.errors import ELSEWHERE, DataDirectoryUnusable


def open_lock(path: Path, *, create: bool = True) -> int:
    """A descriptor that children started by exec do not inherit, holding no lock yet."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise DataDirectoryUnusable(
            f"{path} can't be opened ({error.strerror}): run Baton as the owner of this data "
            f"directory, name another one, {ELSEWHERE}.",
            path=str(path),
        ) from error


def claim(path: Path) -> int | None:
    """The descriptor of an exclusive lock on `path`, or None while anybody holds a lock."""
    descriptor = open_lock(path)
    if try_exclusive(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def try_shared(descriptor: int) -> bool:
    """True when the shared lock is held now; it never waits."""
    import fcntl

    return _flock(descriptor, fcntl.LOCK_SH)


def try_exclusive(descriptor: int) -> bool:
    """True when the exclusive lock is held now; it never waits."""
    import fcntl

    return _flock(descriptor, fcntl.LOCK_EX)


def _flock(descriptor: int, kind: int) -> bool:
    import fcntl  # absent on Windows, where this module may be imported but never used

    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise DataDirectoryUnusable(
            f"file locks do not work in the data directory ({error.strerror}), as on some "
            f"network file systems: name one on a local disk, {ELSEWHERE}."
        ) from error
    return True
