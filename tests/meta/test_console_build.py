"""`make console` builds when console/ has changed, with npm or with the Node of the wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NPM = """#!/bin/sh
echo "npm $*" >> "$NPM_LOG"
[ "$*" = 'run build' ] || exit 0
mkdir -p dist/assets && cp main.ts dist/assets/main.js && echo '<html>' > dist/index.html
"""


class Checkout:
    """A checkout with a console of one file, and an npm that only copies it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.log = folder / "npm.log"
        self.built = folder / "src" / "baton" / "web" / "console"
        shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__py*"))
        self.program("npm", NPM)
        self.has_node("v22.12.0")

    def program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def has_node(self, version: str) -> None:
        self.program("node", f"#!/bin/sh\necho {version}\n")

    def has_console(self, **scripts: str) -> None:
        package = {"name": "console", "version": "0.0.0", "private": True, "scripts": scripts}
        lock = {"name": "console", "version": "0.0.0", "lockfileVersion": 3, "packages": {}}
        self.source("package.json", json.dumps(package))
        self.source("package-lock.json", json.dumps(lock))
        self.source("main.ts", "first")

    def source(self, name: str, text: str) -> None:
        file = self.folder / "console" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def make_console(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [sys.executable, "-m", "tools.console", *arguments],
            cwd=self.folder,
            env=os.environ | {"PATH": path, "NPM_LOG": str(self.log)},
            capture_output=True,
            text=True,
        )

    def npm_ran(self) -> list[str]:
        """What npm was asked to do since the last look."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.split(" --")[0] for line in lines]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_checkout_without_console_says_so_and_goes_on(checkout: Checkout) -> None:
    done = checkout.make_console()
    assert done.returncode == 0
    assert "no console/package.json" in done.stdout
    assert not checkout.built.exists()


def test_it_is_built_once_and_again_when_a_file_changes(checkout: Checkout) -> None:
    checkout.has_console()
    assert checkout.make_console().returncode == 0
    assert checkout.npm_ran() == ["npm ci", "npm run build"]
    checkout.source("node_modules/react/index.js", "not ours")
    assert "has not changed" in checkout.make_console().stdout
    assert checkout.npm_ran() == []
    checkout.source("main.ts", "second")
    assert checkout.make_console().returncode == 0
    assert checkout.npm_ran() == ["npm ci", "npm run build"]
    assert (checkout.built / "assets" / "main.js").read_text() == "second"


@pytest.mark.parametrize("change", ["rename", "remove the result"])
def test_it_is_built_again_when(checkout: Checkout, change: str) -> None:
    checkout.has_console()
    checkout.source("page.ts", "page")
    checkout.make_console()
    checkout.npm_ran()
    if change == "rename":
        (checkout.folder / "console" / "page.ts").rename(checkout.folder / "console" / "other.ts")
    else:
        shutil.rmtree(checkout.built)
    checkout.make_console()
    assert checkout.npm_ran() == ["npm ci", "npm run build"]
    assert (checkout.built / "index.html").exists()


def test_a_failed_build_leaves_the_last_good_one(checkout: Checkout) -> None:
    checkout.has_console()
    checkout.make_console()
    checkout.source("main.ts", "broken")
    checkout.program("npm", '#!/bin/sh\n[ "$1" = run ] && { mkdir -p dist; exit 4; }; exit 0\n')
    done = checkout.make_console()
    assert done.returncode == 1
    assert "npm run build failed with exit code 4" in done.stdout
    assert (checkout.built / "assets" / "main.js").read_text() == "first"
    checkout.program("npm", NPM)
    assert "built into" in checkout.make_console().stdout


def test_a_build_that_leaves_nothing_is_a_failure(checkout: Checkout) -> None:
    checkout.has_console()
    checkout.program("npm", "#!/bin/sh\nexit 0\n")
    done = checkout.make_console()
    assert done.returncode == 1
    assert "left no console/dist/index.html" in done.stdout


def test_types_are_checked_also_where_nothing_is_built(checkout: Checkout) -> None:
    checkout.has_console()
    checkout.make_console()
    checkout.npm_ran()
    checkout.source("node_modules/.package-lock.json", "{}")
    assert checkout.make_console("--types").returncode == 0
    assert checkout.npm_ran() == ["npm run typecheck"]


def test_an_old_node_gives_way_to_the_one_in_the_wheel(checkout: Checkout) -> None:
    checkout.has_node("v18.20.4")
    script = "require('fs').mkdirSync('dist'); "
    script += "require('fs').writeFileSync('dist/index.html', process.version)"
    checkout.has_console(build=f'node -e "{script}"')
    done = checkout.make_console()
    assert done.returncode == 0, done.stdout + done.stderr
    assert checkout.npm_ran() == [], "the npm of an old Node was used"
    assert (checkout.built / "index.html").read_text().startswith("v2")
