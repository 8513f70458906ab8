"""What the carrier itself remembers: the labels that it sold and voided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from baton.connectors.lines import Lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A label that was sold or voided. A void repeats what is known of its label."""

    event: str
    tracking_no: str
    key: str
    request_sha256: str
    order_number: str
    service: str
    ships_on: str
    weight_g: int
    cost_minor: int
    currency: str


class Ledger(Lines[Entry]):
    """What was sold and what is void, by tracking number."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Entry)
        self.sold: dict[str, Entry] = {}
        self.void: set[str] = set()

    def _remember(self, entry: Entry) -> None:
        if entry.event == "void":
            self.void.add(entry.tracking_no)
        else:
            self.sold[entry.tracking_no] = entry
