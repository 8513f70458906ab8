"""A program that uses the embedded server of DIR: says what it got, then waits for its input
to end.

    embedded_user.py DIR [--major N] [--uid UID] [--children]

`--uid` becomes that user first; `--children` leaves behind one child of each kind.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from baton.platform.embedded import join
from baton.values.errors import BatonError


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path, nargs="?")
    parser.add_argument("--major", type=int, default=18)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--children", action="store_true")
    options = parser.parse_args()
    if options.uid is not None:
        os.setgroups([])
        os.setgid(options.uid)
        os.setuid(options.uid)
    try:
        server = join(options.data_dir, major=options.major)
    except BatonError as error:
        say(code=error.code, message=error.message)
        return
    with server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("select 1")
        say(
            how=server.how,
            port=server.port,
            dsn=server.dsn,
            superuser_dsn=server.superuser_dsn,
            data_dir=str(server.data_dir),
            children=children() if options.children else [],
        )
        sys.stdin.read()


def children() -> list[int]:
    """One started by exec with every descriptor that may be inherited, one by fork alone."""
    executed = subprocess.Popen(["sleep", "600"], close_fds=False, start_new_session=True)
    forked = os.fork()
    if forked == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    return [executed.pid, forked]


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
