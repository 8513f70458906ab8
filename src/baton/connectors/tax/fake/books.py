"""The service's own books: what it committed, and what it voided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from baton.connectors.lines import Lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A sale that was committed, or a void of one; `commit` is the key of the sale."""

    event: str
    key: str
    commit: str
    reference: str
    ref: str
    currency: str
    tax: int
    request_sha256: str


class Books(Lines[Entry]):
    """What was committed and voided, by key."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Entry)
        self.entries: dict[str, Entry] = {}
        self.voided: set[str] = set()

    def _remember(self, entry: Entry) -> None:
        self.entries[entry.key] = entry
        if entry.event == "void":
            self.voided.add(entry.commit)
