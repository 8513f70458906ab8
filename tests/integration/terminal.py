"""The command line as a test uses it: in the test's own process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import structlog
from typer.testing import CliRunner, Result

from baton.cli import app

MAP = """
dates: {timezone: Europe/Berlin}
fields:
  channel: {value: old-shop}
  external_id: order
  placed_at: placed
  currency: {value: EUR}
  sku: sku
  title: title
  quantity: qty
  unit_price: price
  channel_customer_id: customer
rules:
  - when: {order: {matches: '^C'}}
    is: return
create_skus: true
"""
ORDERS = """\
order,placed,sku,title,qty,price,customer
1,2026-01-05,A,Mug,3,2.50,c1
1,2026-01-05,B,Cup,1,4.00,c1
2,2026-01-06,A,Mug,1,2.50,c2
3,2026-01-06,A,Mug,x,2.50,c2
C4,2026-01-09,A,Mug,-2,2.50,c1
"""


ELSEWHERE = ("DATABASE_URL", "BATON_DATA", "BATON_URL", "BATON_API_KEY", "BATON_TENANT")


@dataclass
class Terminal:
    """Commands in this process, with an environment of their own."""

    environment: dict[str, str]
    runner: CliRunner = field(default_factory=CliRunner)

    def run(self, *words: str, typed: str | None = None) -> Result:
        environment = dict.fromkeys(ELSEWHERE) | self.environment
        log = structlog.get_config()
        try:
            return self.runner.invoke(
                app, list(words), input=typed, env=environment, catch_exceptions=False
            )
        finally:  # the runner's standard error is gone, and with it where the log was sent
            structlog.configure(**log)

    def says(self, *words: str, typed: str | None = None) -> str:
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, (words, result.stdout, result.stderr)
        return result.stdout

    def answer(self, *words: str, typed: str | None = None) -> Any:
        return json.loads(self.says(*words, "--json", typed=typed))

    def refusal(self, *words: str, code: int = 1) -> str:
        result = self.run(*words)
        assert result.exit_code == code, (words, result.stdout, result.stderr)
        return result.stderr


def process(*words: str, **environment: str) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "baton", *words],
        env={k: v for k, v in os.environ.items() if k not in ELSEWHERE} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(running: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    """The exit code, output and errors of a process that was sent a signal."""
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    return running.returncode, out, err
