"""A file of JSON lines that is only ever added to: the books of a party that Baton brings along.

Any number of threads and processes may share the file. A line counts once it is on disk.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

if sys.platform != "win32":
    import fcntl


E = TypeVar("E", bound="DataclassInstance")


class Lines(ABC, Generic[E]):
    """Books in a file, an entry a line. Look and add only while they are `opened`."""

    def __init__(self, path: Path, kind: type[E]) -> None:
        self._path, self._kind = path, kind
        self._read_to = 0
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, with all that others have added taken in; nobody else adds meanwhile."""
        with self._lock, self._path.open("a+b") as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
            self._take_in(file)
            yield file

    def add(self, file: BinaryIO, entry: E) -> None:
        """On disk, and remembered, when this returns."""
        file.write(json.dumps(asdict(entry)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
        self._read_to = file.tell()
        self._remember(entry)

    @abstractmethod
    def _remember(self, entry: E) -> None:
        """Told each entry once, in the order of the file."""

    def _take_in(self, file: BinaryIO) -> None:
        """Reads what was added. A line that its writer did not live to finish is cut off."""
        file.seek(self._read_to)
        news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        self._read_to += len(whole)
        if len(whole) < len(news):
            file.truncate(self._read_to)
        for line in whole.splitlines():
            self._remember(self._kind(**json.loads(line)))
