"""Who asks, for which merchant, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`actor` is a user, an API key or a part of the program; `cause` the request or fact."""

    tenant: int
    actor: str
    cause: str = ""
