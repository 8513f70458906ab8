"""A plugin for pytest, by which `make quick` leaves out what needs a database.

A test needs one if any of its fixtures, however far down, asks for `server`, the fixture that
starts PostgreSQL. So nothing has to be marked, and nothing can be marked wrongly.
"""

from __future__ import annotations

import pytest

SERVER = "server"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        needs_server = SERVER in getattr(item, "fixturenames", ())
        (left_out if needs_server else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept
