"""What `baton verify` found of one invariant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant as it was found: rows read, and a sentence for each that breaks it."""

    name: str
    rows: int
    failures: tuple[str, ...]
