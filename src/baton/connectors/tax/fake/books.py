"""The service's own books: JSON lines in a file, only ever added to.

Any number of threads and processes may share the file. A line counts once it is on disk.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True, slots=True)
class Entry:
    """A sale that was committed, or a void of one; `commit` is the key of the sale."""

    event: str
    key: str
    commit: str
    reference: str
    ref: str
    currency: str
    tax: int
    request_sha256: str


class Books:
    """What was committed and voided, by key. Look and add only while they are `opened`."""

    def __init__(self, path: Path) -> None:
        self.entries: dict[str, Entry] = {}
        self.voided: set[str] = set()
        self._path, self._read_to, self._lock = path, 0, threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, with all that others have added taken in; nobody else adds meanwhile."""
        with self._lock, self._path.open("a+b") as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
            self._take_in(file)
            yield file

    def add(self, file: BinaryIO, entry: Entry) -> None:
        """On disk, and remembered, when this returns."""
        file.write(json.dumps(asdict(entry)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
        self._read_to = file.tell()
        self._remember(entry)

    def _take_in(self, file: BinaryIO) -> None:
        file.seek(self._read_to)
        news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        self._read_to += len(whole)
        if len(whole) < len(news):  # its writer did not live to finish the line
            file.truncate(self._read_to)
        for line in whole.splitlines():
            self._remember(Entry(**json.loads(line)))

    def _remember(self, entry: Entry) -> None:
        self.entries[entry.key] = entry
        if entry.event == "void":
            self.voided.add(entry.commit)
