"""The proof that stock adds up: every invariant, over every row."""

from __future__ import annotations

from baton.inventory.model import Check
from baton.inventory.store.invariants import INVARIANTS, Difference, Invariant, compare
from baton.platform.db import Tx


def verify(tx: Tx) -> list[Check]:
    """Each invariant of stock with the rows looked at and, if any differ, some of those.

    Sums are made by the database; what comes back is bounded, however large the tables are.
    """
    return [_check(tx, invariant) for invariant in INVARIANTS]


def _check(tx: Tx, invariant: Invariant) -> Check:
    found = compare(tx, invariant)
    said = [_said(invariant, difference) for difference in found.examples]
    return Check(invariant.name, found.rows, found.failing, said)


def _said(invariant: Invariant, difference: Difference) -> str:
    figures = ", ".join(
        f"{label} is {stored}, should be {computed}"
        for label, stored, computed in zip(
            invariant.labels, difference.stored, difference.computed, strict=True
        )
        if stored != computed
    )
    return f"{invariant.what} {difference.what} at {difference.place}: {figures}"
