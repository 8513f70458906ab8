"""The outside world for these tests: real processes on 127.0.0.1, ended with the test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Running:
    """A helper process, and what it said about itself."""

    process: subprocess.Popen[str]
    facts: dict[str, str]

    @property
    def address(self) -> str:
        return self.facts["address"]

    @property
    def port(self) -> int:
        return int(self.facts["port"])


Start = Callable[..., Running]


@contextmanager
def running(module: str, *options: object) -> Iterator[Running]:
    """The module as a process that ends with this block, or with this process."""
    command = [sys.executable, "-m", module, "--while-stdin-open", *map(str, options)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Running(process, json.loads(process.stdout.readline()))
        process.terminate()
