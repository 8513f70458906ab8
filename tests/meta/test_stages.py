"""`make check` runs all its stages whatever fails, and ends with pytest's own summary."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.check import FOLDERS

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("uv", "ruff", "mypy", "lint-imports")


PYTEST = "import sys; print('pytest', *sys.argv[1:]); print({summary!r}); sys.exit({code})"


class Checkout:
    """A small checkout: the stages are real, the programs they call are a line each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__py*"))
        self.pytest("===== 1 passed in 0.01s =====", code=0)
        for name in PROGRAMS:
            self.program(name, exit_code=0)

    def pytest(self, summary: str, code: int) -> None:
        (self.folder / "pytest.py").write_text(PYTEST.format(summary=summary, code=code))

    def program(self, name: str, exit_code: int) -> None:
        file = self.programs / name
        file.write_text(f'#!/bin/sh\necho "{name} $*"\nexit {exit_code}\n')
        file.chmod(0o755)

    def check(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [sys.executable, "-m", "tools.check", *arguments],
            cwd=self.folder,
            env=os.environ
            | {"PATH": path, "UV": str(self.programs / "uv")}
            | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"},
            capture_output=True,
            text=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize(
    "summary", ["===== 1 passed in 0.01s =====", "8 passed in 61.20s (0:01:01)"]
)
def test_all_passed_is_0_and_the_last_line_is_pytests(checkout: Checkout, summary: str) -> None:
    checkout.pytest(summary, code=0)
    done = checkout.check()
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == summary
    table = re.findall(r"^ +[\d.]+  (\w+) +passed$", done.stdout, re.MULTILINE)
    assert table == ["lock", "lint", "format", "types", "imports", "console", "tests"]


def test_one_failure_fails_the_whole_but_stops_nothing(checkout: Checkout) -> None:
    checkout.program("ruff", exit_code=2)
    checkout.pytest("===== 1 failed, 8 passed in 2.10s =====", code=1)
    done = checkout.check("lint", "types", "tests")
    assert done.returncode == 1
    assert re.search(r"^ +[\d.]+  lint +FAILED \(exit code 2\)$", done.stdout, re.MULTILINE)
    assert re.search(r"^ +[\d.]+  types +passed$", done.stdout, re.MULTILINE)
    assert re.search(r"^ +[\d.]+  tests +FAILED \(exit code 1\)$", done.stdout, re.MULTILINE)
    assert done.stdout.splitlines()[-1] == "===== 1 failed, 8 passed in 2.10s ====="


def test_arguments_after_the_dashes_go_to_pytest_alone(checkout: Checkout) -> None:
    done = checkout.check("types", "tests", "--", "-k", "no_such_test")
    assert "mypy -p baton -p tools\n" in done.stdout
    assert re.search(r"^pytest -n \d .*-k no_such_test$", done.stdout, re.MULTILINE)


def test_an_unknown_stage_is_refused_with_the_known_ones(checkout: Checkout) -> None:
    done = checkout.check("lint", "typos")
    assert done.returncode == 2
    assert done.stdout.startswith("no stage typos; there are: lock, lint,")


def test_quick_leaves_out_what_asks_for_the_server_however_far_down(checkout: Checkout) -> None:
    (checkout.folder / "pytest.py").unlink()
    for named in FOLDERS:
        made = checkout.folder / named
        (made.parent if made.suffix else made).mkdir(parents=True, exist_ok=True)
        if made.suffix:
            made.touch()
    (checkout.folder / "tests" / "unit" / "test_two.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def server(): raise AssertionError('a database was started')\n"
        "@pytest.fixture\n"
        "def tenant(server): return 1\n"
        "def test_pure(): pass\n"
        "def test_with_database(tenant): pass\n"
    )
    done = checkout.check("quick")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout.splitlines()[-1], "and the other was not collected"
