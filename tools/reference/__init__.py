"""The pages of docs/reference/, each made from the program itself, so that they can't go stale.

    python -m tools.reference            writes them (make docs)
    python -m tools.reference --check    writes nothing; exit code 1 if one differs

No database is needed: the pages say what the program is, not what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.reference import api, commands, errors, events, message_fields, settings, states

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api.page,
    "cli.md": commands.page,
    "errors.md": errors.page,
    "events.md": events.page,
    "message-fields.md": message_fields.page,
    "settings.md": settings.page,
    "states.md": states.page,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """Pages that are not what the program would write today."""
    return [name for name, page in PAGES.items() if _read(folder / name) != page()]


def write(folder: Path = FOLDER) -> list[str]:
    """Write the pages that are stale; returns their names."""
    changed = stale(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (folder / name).write_text(PAGES[name](), encoding="utf-8")
    return changed


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
