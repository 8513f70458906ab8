"""What a writer of ledgers fulfils: entries in, a file for another program out.

A writer is pure: the same entries make the same file. It says which export it writes, and where
that repeats days that were exported before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from baton.accounting.model import Account, Entry, Export


@dataclass(frozen=True, slots=True)
class Books:
    """What is written: an export, the company's name, the chart, and the entries in order."""

    export: Export
    entity_code: str
    entity_name: str
    base_currency: str
    accounts: Mapping[str, Account]
    entries: Sequence[Entry]

    @property
    def watermark(self) -> str:
        """Which export this is, and whether its days were exported before."""
        export = self.export
        said = (
            f"Baton export {export.number} of {self.entity_code}, "
            f"{export.first.isoformat()} to {export.last.isoformat()}, "
            f"{export.entries} entries up to number {export.last_no}"
        )
        if export.repeats:
            numbers = ", ".join(map(str, export.repeats))
            said += f"; REPEATED: shares days with export {numbers}"
        return said

    def name(self, number: str) -> str:
        """An account's name; its number where the chart does not have it any more."""
        account = self.accounts.get(number)
        return account.name if account else number


@dataclass(frozen=True, slots=True)
class Written:
    """A file: its name, media type and bytes."""

    name: str
    media_type: str
    content: bytes


class LedgerWriter(Protocol):
    """Writes entries in the format of one program."""

    @property
    def format(self) -> str:
        """The name by which people choose it."""
        ...

    def file_name(self, entity_code: str, number: int) -> str:
        """What the file of an export is called."""
        ...

    def write(self, books: Books) -> Written:
        """The file. Amounts are exact: nothing is rounded on the way out."""
        ...
