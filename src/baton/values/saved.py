"""Rows that are known again by code: what saving them makes new, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Generic, Protocol, TypeVar

from baton.values.ids import Id


class Row(Protocol):
    """A dataclass, of which one stands for a code."""

    @property
    def id(self) -> Id: ...
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=Row)


@dataclass(frozen=True, slots=True)
class Saved(Generic[T]):
    """A row as it is now: it is new, or the fields named in `changed` are."""

    row: T
    new: bool
    changed: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """There is something to tell."""
        return self.new or bool(self.changed)


def saved(wanted: Mapping[str, T], found: Mapping[str, T]) -> dict[str, Saved[T]]:
    """What becomes of the rows wanted, by code, once those with a new code were added.

    `found` are the rows that are there by then. One that is there under the id wanted was added
    just now; any other keeps the id that it has.
    """
    rows: dict[str, Saved[T]] = {}
    for code, before in found.items():
        after = replace(wanted[code], id=before.id)  # type: ignore[type-var]
        names = (one.name for one in fields(before))  # type: ignore[arg-type]
        changed = tuple(n for n in names if getattr(before, n) != getattr(after, n))
        rows[code] = Saved(after, before.id == wanted[code].id, changed)
    return rows
