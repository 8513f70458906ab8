"""Every SQL statement of the program is a named constant in a register.

Tests explain each one on the migrated schema, as the program's role, and check that it binds
the tenant on every table it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: `%(tenant)s` is bound by the transaction, the others by the caller."""

    name: str
    text: str
    scans: str = ""  # why a sequential scan is right here, where it is

    @property
    def owner(self) -> str:
        """The module that the statement belongs to."""
        return self.name.partition(".")[0]

    def numbered(self) -> str:
        """The text with $1, $2, … in place of names, as EXPLAIN (GENERIC_PLAN) wants it."""
        names: dict[str, int] = {}
        return _PARAMETER.sub(
            lambda found: f"${names.setdefault(found[1], len(names) + 1)}", self.text
        ).replace("%%", "%")


STATEMENTS: dict[str, Statement] = {}


def Statements(owner: str) -> Callable[..., Statement]:  # noqa: N802  (reads as a type where used)
    """A function that names and registers the statements of one module."""

    def register(name: str, text: LiteralString, *, scans: str = "") -> Statement:
        full = f"{owner}.{name}"
        assert full not in STATEMENTS, f"two statements are called {full}"
        STATEMENTS[full] = Statement(full, text, scans)
        return STATEMENTS[full]

    return register
