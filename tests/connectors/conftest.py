"""Helper processes as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from connector_processes import Running, Start, running


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `example.<name>`; any number of times."""
    with ExitStack() as stack:
        yield lambda name, *options: stack.enter_context(running(f"example.{name}", *options))


@pytest.fixture(scope="module")
def module_start() -> Iterator[Start]:
    """As `start`; the processes live as long as the tests of one file."""
    with ExitStack() as stack:
        yield lambda name, *options: stack.enter_context(running(f"example.{name}", *options))


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A fake gateway without faults, shared by tests that use keys of their own."""
    ledger = tmp_path_factory.mktemp("gateway") / "ledger.jsonl"
    with running("example.gateway", "--ledger", ledger, "--api-key", "sk_very_secret") as found:
        yield found


@pytest.fixture(scope="session")
def mailsink_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mail sink without faults."""
    box = tmp_path_factory.mktemp("mail") / "box.jsonl"
    with running("example.mailsink", "--box", box) as found:
        yield found
