"""PostgreSQL's main process: started on data that nobody else uses, watched, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from baton.platform.embedded import locks
from baton.platform.embedded.errors import ServerNotStarted
from baton.platform.embedded.launch import Launch
from baton.platform.embedded.parent import die_with_parent


def claim_data(pgdata: Path) -> int | None:
    """The descriptor of the lock on the data; None while any process of a server lives on it.

    The lock lies on a file that the data can't do without, so nobody deletes it by mistake.
    """
    descriptor = locks.open_lock(pgdata / "PG_VERSION", create=False)
    if locks.try_exclusive(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def free_port() -> int:
    """A port of this machine that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(launch: Launch, port: int, data_lock: int) -> subprocess.Popen[bytes]:
    """The process, which holds `data_lock` as all its children do, and ends with its parent."""
    discard_stale_pid_file(launch.folder.pgdata)
    command: list[str | Path] = [launch.programs / "postgres", "-D", launch.folder.pgdata]
    command += ["-p", str(port), "-k", ""]
    settings = {
        "listen_addresses": "127.0.0.1",
        "cluster_name": launch.folder.cluster_name,
        "lc_messages": "C",
    }
    if not launch.fsync:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with launch.folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603
            command,
            user=launch.account.uid,
            group=launch.account.gid,
            extra_groups=launch.account.groups,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(data_lock,),
            preexec_fn=die_with_parent("SIGINT"),
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends it the fast and clean way: sessions are cut off, then a checkpoint is written."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait()


def discard_stale_pid_file(pgdata: Path) -> None:
    """Removes a `postmaster.pid` by which PostgreSQL would refuse to start for no reason.

    That is one half-written, or one whose number now belongs to another program. PostgreSQL
    itself sees to one whose process is gone, and then looks for survivors in shared memory.
    A server that somebody started past Baton is left alone. The caller holds the data's lock.
    """
    file = pgdata / "postmaster.pid"
    try:
        pid = abs(int(file.read_bytes().split(b"\n")[0]))
    except FileNotFoundError:
        return
    except ValueError:
        pid = 0
    if pid and _serves(pid, pgdata):
        raise ServerNotStarted(
            f"process {pid} is a PostgreSQL on {pgdata} that Baton did not start: stop it first."
        )
    if not pid or _exists(pid):
        file.unlink()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _serves(pid: int, pgdata: Path) -> bool:
    """True when that process is a PostgreSQL at work in `pgdata`, as far as can be seen."""
    if sys.platform != "linux":
        shown = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return Path(shown.stdout.strip()).name.startswith("postgres")
    process = Path("/proc", str(pid))
    with contextlib.suppress(OSError):
        program = (process / "comm").read_text().strip()
        return program.startswith("postgres") and (process / "cwd").samefile(pgdata)
    return False
