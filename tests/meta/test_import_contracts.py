"""The import contracts hold on the real tree, and each one notices what it is there for.

Every planting copies the program to a folder of its own, writes one import that the house
forbids, and expects that exactly one contract breaks: the one that names the rule.
"""

from __future__ import annotations

import configparser
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(ROOT / ".importlinter")
TITLES = {
    section.rpartition(":")[2]: CONTRACTS[section]["name"]
    for section in CONTRACTS.sections()
    if section.startswith("importlinter:contract:")
}


@dataclass(frozen=True)
class Planting:
    """Lines to add to files of `baton` (dotted names), which break one contract."""

    breaks: str
    what: str
    lines: dict[str, str]

    def __str__(self) -> str:
        return f"{self.breaks}: {self.what}"


PLANTINGS = [
    Planting(
        "floors",
        "a module imports its neighbour",
        {"orders.planted": "import baton.inventory.planted", "inventory.planted": ""},
    ),
    Planting(
        "floors",
        "a module imports a flow",
        {"orders.planted": "import baton.flows.planted", "flows.planted": ""},
    ),
    Planting(
        "floors",
        "the platform imports a module, for type checks only",
        {
            "platform.db.planted": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    import baton.orders.planted",
            "orders.planted": "",
        },
    ),
    Planting(
        "floors",
        "one entry imports the other, inside a function",
        {"web.planted": "def late():\n    import baton.http.planted", "http.planted": ""},
    ),
    Planting("floors", "a package on no floor", {"wherever.planted": ""}),
    Planting(
        "platform",
        "a part imports its neighbour",
        {
            "platform.ids.planted": "import baton.platform.clock.planted",
            "platform.clock.planted": "",
        },
    ),
    Planting(
        "platform",
        "a lower part imports a higher one",
        {
            "platform.db.planted": "import baton.platform.journal.planted",
            "platform.journal.planted": "",
        },
    ),
    Planting("platform", "a part on no sub-floor", {"platform.wherever.planted": ""}),
    Planting("decisions", "a rule opens a socket", {"orders.rules": "import socket"}),
    Planting("decisions", "a value reads the clock", {"values.planted": "from time import time"}),
    Planting(
        "decisions", "a state table is read from a table", {"returns.states": "import psycopg"}
    ),
    Planting("decisions", "a model makes its own id", {"returns.model": "import random"}),
    Planting("decisions", "an event writes to the log", {"returns.events": "import structlog"}),
    Planting("decisions", "an error looks at the machine", {"returns.errors": "import os"}),
    Planting("decisions", "a port calls the vendor", {"payments.port": "import httpx2"}),
    Planting(
        "decisions",
        "a part of a split rule reaches the platform through a neighbour",
        {
            "routing.rules.planted": "import baton.routing.planted",
            "routing.planted": "import baton.platform.clock.planted",
            "platform.clock.planted": "",
        },
    ),
    Planting(
        "connectors",
        "a connector opens a transaction",
        {"connectors.planted": "import baton.platform.db.planted", "platform.db.planted": ""},
    ),
    Planting(
        "connectors",
        "a connector reaches a store through a verb",
        {
            "connectors.carriers.planted": "import baton.shipping.planted_verb",
            "shipping.planted_verb": "import baton.shipping.store",
            "shipping.store": "",
        },
    ),
    Planting(
        "stores",
        "a flow reads a module's table",
        {"flows.planted": "from baton.orders import store", "orders.store": ""},
    ),
    Planting(
        "stores",
        "a view uses a part of a split store",
        {
            "views.planted": "from baton.orders.store.planted import rows",
            "orders.store.planted": "rows = ()",
        },
    ),
    Planting(
        "framework", "a flow raises the framework's error", {"flows.planted": "import fastapi"}
    ),
    Planting(
        "framework",
        "a module returns a response",
        {"orders.planted": "from starlette.responses import Response"},
    ),
    Planting("server", "the worker serves", {"worker.planted": "import uvicorn"}),
]


class Lint:
    """import-linter on a copy of the program, in this process: a new one costs more than the work.

    The copy has to be found before the program itself, which other tests may have imported.
    """

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.patch = patch
        self.capsys = capsys

    def __call__(self, source: Path) -> tuple[set[str], str]:
        """The ids of the contracts that are broken in `source`, and what was printed."""
        self.patch.syspath_prepend(ROOT)  # has tools.contracts
        self.patch.syspath_prepend(source)
        self.patch.chdir(source)  # import-linter looks there first
        self.patch.delitem(sys.modules, "baton", raising=False)
        code = lint_imports(
            config_filename=str(ROOT / ".importlinter"), no_cache=True, no_logo=True
        )
        printed = self.capsys.readouterr().out
        verdicts = {line.strip() for line in printed.splitlines()}
        kept = {id for id, title in TITLES.items() if f"{title} KEPT" in verdicts}
        broken = {id for id, title in TITLES.items() if f"{title} BROKEN" in verdicts}
        assert kept | broken == TITLES.keys(), printed
        assert code == (1 if broken else 0)
        return broken, printed


def plant(tree: Path, module: str, line: str) -> None:
    """Adds a line to a module of the copied program; packages on the way are made."""
    *packages, name = module.split(".")
    folder = tree / "baton"
    for package in packages:
        folder = _as_package(folder, package)
    file = folder / name / "__init__.py" if (folder / name).is_dir() else folder / f"{name}.py"
    with file.open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")


def _as_package(parent: Path, name: str) -> Path:
    """The folder of a package; a module in one file becomes a folder with the same text."""
    folder, file = parent / name, parent / f"{name}.py"
    folder.mkdir(exist_ok=True)
    if file.exists():
        file.rename(folder / "__init__.py")
    (folder / "__init__.py").touch()
    return folder


@pytest.fixture
def lint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    return Lint(monkeypatch, capsys)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a copy of the program's Python files."""
    shutil.copytree(ROOT / "src" / "baton", tmp_path / "baton", ignore=_not_python)
    return tmp_path


def _not_python(folder: str, names: list[str]) -> list[str]:
    here = Path(folder)
    return [n for n in names if n == "__pycache__" or ((here / n).is_file() and n[-3:] != ".py")]


def test_the_program_keeps_every_contract(lint: Lint) -> None:
    broken, printed = lint(ROOT / "src")
    assert not broken, printed


def test_no_contract_has_exceptions() -> None:
    options = {option for section in CONTRACTS.sections() for option in CONTRACTS[section]}
    assert not {option for option in options if "ignore" in option or "exclude" in option}


def test_every_folder_of_python_is_a_package_and_so_seen_by_the_contracts() -> None:
    folders = {file.parent for file in (ROOT / "src" / "baton").rglob("*.py")}
    assert not [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()]


def test_every_contract_is_tried_by_a_planting() -> None:
    assert {planting.breaks for planting in PLANTINGS} == TITLES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("planting", PLANTINGS, ids=str)
def test_a_planted_violation_breaks_its_contract_alone(
    planting: Planting, tree: Path, lint: Lint
) -> None:
    for module, line in planting.lines.items():
        plant(tree, module, line)
    broken, printed = lint(tree)
    assert broken == {planting.breaks}, printed
