"""`make` says what it can do, and finds or fetches uv on machines of several kinds.

The machines are folders of programs: the few of POSIX that tools/uv needs, and a python3 written
in shell that behaves as that machine's would. Nothing is fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POSIX = ("sh", "dirname", "mkdir", "rm", "cp", "mv", "cat", "chmod", "env")

UV = '#!/bin/sh\n[ "$1" = --version ] && echo "uv {version}" && exit\necho "uv ran: $*"\nexit 7\n'

# What a Python that can make environments does for `-m venv` and for `-m pip install`.
VENV_WORKS = """mkdir -p "$3/bin"; cp "$0" "$3/bin/python" """
VENV_FAILS = "echo 'ensurepip is not available'; mkdir -p \"$3\"; exit 1"
PIP_WORKS = """
case "$*" in
    *--version*) echo 'pip 23.0' ;;
    *--target*) while [ "$1" != --target ]; do shift; done; place=$2/bin ;;
    *) place=$(dirname "$0") ;;
esac
[ -z "${place:-}" ] || { mkdir -p "$place"; cp "$UV_TO_INSTALL" "$place/uv"; }
"""
PIP_FAILS = "echo 'No module named pip' >&2; exit 1"
PIP_OFFLINE = (
    "case \"$*\" in *--version*) echo 'pip 23.0' ;; *) echo 'no route' >&2; exit 1 ;; esac"
)

PYTHON = """#!/bin/sh
case "$1 $2" in
    '-c '*) echo '{version}' ;;
    '-m venv') {venv} ;;
    '-m pip') {pip} ;;
esac
"""


class Machine:
    """A machine with nothing but a few programs of POSIX, and a copy of tools/uv."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "check out"  # a blank in the path is no trouble
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in POSIX:
            found = shutil.which(name)
            assert found
            (self.programs / name).symlink_to(found)
        (self.checkout / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "uv", self.checkout / "tools")
        self.uv_to_install = self.write(folder / "uv", UV.format(version="0.13.9"))

    @staticmethod
    def write(file: Path, text: str) -> Path:
        file.write_text(text)
        file.chmod(0o755)
        return file

    def has(self, name: str, text: str) -> None:
        self.write(self.programs / name, text)

    def has_python(self, venv: str, pip: str, version: str = "3.11", name: str = "python3") -> None:
        self.has(name, PYTHON.format(version=version, venv=venv, pip=pip))

    def runs_uv(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs / "sh"), str(self.checkout / "tools" / "uv"), *arguments],
            env={"PATH": str(self.programs), "UV_TO_INSTALL": str(self.uv_to_install)},
            capture_output=True,
            text=True,
        )

    def left(self) -> list[str]:
        """What stands in .tools/ afterwards."""
        return sorted(os.listdir(self.checkout / ".tools"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_uv_on_path_is_used_and_its_exit_code_passed_on(machine: Machine) -> None:
    machine.has("uv", UV.format(version="0.9.1"))
    done = machine.runs_uv("run", "a b")
    assert (done.returncode, done.stdout, done.stderr) == (7, "uv ran: run a b\n", "")
    assert not (machine.checkout / ".tools").exists()


def test_python_with_venv_fetches_uv_once(machine: Machine) -> None:
    machine.has_python(VENV_WORKS, PIP_WORKS)
    first, again = machine.runs_uv("sync"), machine.runs_uv("sync")
    assert (first.returncode, first.stdout) == (7, "uv ran: sync\n")
    assert (again.returncode, again.stdout, again.stderr) == (7, "uv ran: sync\n", "")
    assert machine.left() == ["uv"]


def test_without_ensurepip_pip_installs_into_a_folder(machine: Machine) -> None:
    machine.has_python(VENV_FAILS, PIP_WORKS)
    done = machine.runs_uv("sync")
    assert (done.returncode, done.stdout) == (7, "uv ran: sync\n")
    assert "into a folder" in done.stderr
    assert machine.left() == ["uv"]


def test_without_venv_and_pip_the_package_to_install_is_named(machine: Machine) -> None:
    machine.has_python(VENV_FAILS, PIP_FAILS)
    done = machine.runs_uv("sync")
    assert done.returncode == 1
    assert "Install python3-venv or python3-pip" in done.stderr
    assert machine.left() == []


@pytest.mark.parametrize("venv", [VENV_WORKS, VENV_FAILS])
def test_without_an_index_the_error_says_so(machine: Machine, venv: str) -> None:
    machine.has_python(venv, PIP_OFFLINE)
    done = machine.runs_uv("sync")
    assert done.returncode == 1
    assert "no route" in done.stderr
    assert "pip could not install uv" in done.stderr
    assert machine.left() == []


def test_an_old_uv_or_a_shim_without_a_program_is_passed_over(machine: Machine) -> None:
    machine.has("uv", UV.format(version="0.4.30"))
    machine.has_python(VENV_WORKS, PIP_WORKS)
    assert machine.runs_uv("sync").stdout == "uv ran: sync\n"
    machine.has("uv", "#!/bin/sh\necho 'shim: no uv here' >&2\nexit 127\n")
    assert machine.runs_uv("sync").stdout == "uv ran: sync\n"


def test_a_later_python_under_another_name_is_found(machine: Machine) -> None:
    machine.has_python(VENV_FAILS, PIP_FAILS, version="3.9")
    machine.has_python(VENV_WORKS, PIP_WORKS, version="3.12", name="python3.12")
    assert machine.runs_uv("sync").stdout == "uv ran: sync\n"


def test_an_older_python_alone_is_named(machine: Machine) -> None:
    machine.has_python(VENV_WORKS, PIP_WORKS, version="3.10")
    done = machine.runs_uv("sync")
    assert done.returncode == 1
    assert "needs Python 3.11 or later" in done.stderr
    assert "python3 is 3.10" in done.stderr


def test_no_python_at_all_is_said(machine: Machine) -> None:
    done = machine.runs_uv("sync")
    assert done.returncode == 1
    assert "there is no python3 on PATH" in done.stderr


def make(*arguments: str, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs make as a person would, also where these tests were started by make."""
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS"}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=at,
        env={name: value for name, value in os.environ.items() if name not in outer},
        capture_output=True,
        text=True,
    )


def test_make_alone_lists_every_target() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^  make ([a-z]+) +\S", make().stdout, re.MULTILINE)
    assert listed == targets
    assert {"demo", "test", "check", "quick", "serve", "console", "bench"} <= set(listed)


@pytest.mark.parametrize("target", ["demo", "serve", "test", "quick", "bench"])
def test_arguments_reach_the_command(target: str) -> None:
    printed = make("-n", target, "ARGS=--orders 50 --exit").stdout
    assert printed.rstrip().endswith("--orders 50 --exit")


def test_make_fails_where_its_command_fails(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "uv").write_text("exit 3\n")
    for target in ("demo", "test", "check", "quick", "lint"):
        done = make(target, at=tmp_path)
        assert (done.returncode, "Error 3" in done.stderr) == (2, True)


def test_make_bench_knows_its_benchmarks() -> None:
    command = [sys.executable, "-m", "bench", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no benchmark 'nothing': routing, live_file." in done.stderr
