"""From values to rows, and from the rows that `verify` reads to what it found."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from baton.platform.db.database import Tx
from baton.platform.db.statements import Statement
from baton.values.check import Check
from baton.values.ids import Id


def columns(values: Collection[object], *names: str) -> dict[str, list[Any]]:
    """These fields of all values, a list each, as `unnest` takes them."""
    return {name: [getattr(value, name) for value in values] for name in names}


def listed(ids: Collection[Id] | None) -> list[Id] | None:
    """These ids as a statement takes them; None, which means any, stays None."""
    return sorted(ids) if ids is not None else None


def checked(tx: Tx, name: str, statement: Statement, failure: str = "{}", **values: Any) -> Check:
    """One invariant as `statement` found it: its row is the rows read and what breaks it, or null.

    Each of those is put into the sentence `failure`.
    """
    row = tx.one(statement, **values)
    assert row is not None
    return Check(name, row[0], tuple(failure.format(found) for found in row[1] or ()))
