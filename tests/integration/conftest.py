"""Data directories for embedded servers: fresh ones, and ones that have data already."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_house import House, copy_all, fresh_place

from baton.platform.embedded import join


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BATON_PG_BIN", "BATON_PG_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATON_PG_FSYNC", "off")


@pytest.fixture
def place() -> Iterator[Path]:
    path = fresh_place()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_house(place: Path) -> Iterator[House]:
    """A data directory that is not there yet."""
    house = House(place / "data")
    yield house
    for user in house.users:
        user.kill()
        for pipe in (user.process.stdin, user.process.stdout):
            if pipe is not None:
                pipe.close()
    house.await_gone()


@pytest.fixture(scope="module")
def finished_data() -> Iterator[Path]:
    place = fresh_place()
    made = House(place / "data")
    join(made.data, fsync=False).close()
    made.await_gone()
    yield made.data
    shutil.rmtree(place)


@pytest.fixture
def house(new_house: House, finished_data: Path) -> House:
    """A data directory with data and without a server."""
    copy_all(finished_data, new_house.data)
    return new_house
