"""What the helper processes share: how they say where they listen, and how they end."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable


def announce(**facts: str | int | None) -> None:
    """One JSON line on standard output: whoever started this process reads where it listens."""
    print(json.dumps({**facts, "pid": os.getpid()}), flush=True)


def add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument(
        "--while-stdin-open",
        action="store_true",
        help="end when standard input closes, and so never outlive whoever started this",
    )


def on_end(stop: Callable[[], object], *, while_stdin_open: bool) -> None:
    """Calls `stop` once, from a thread of its own, on SIGTERM, on SIGINT or (if so asked) when
    standard input closes.
    """
    ended = threading.Event()

    def end(*_: object) -> None:
        if not ended.is_set():
            ended.set()
            threading.Thread(target=stop).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if while_stdin_open:
        threading.Thread(target=_at_end_of_stdin, args=(end,), daemon=True).start()


def _at_end_of_stdin(end: Callable[[], None]) -> None:
    sys.stdin.read()
    end()
