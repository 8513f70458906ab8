"""How gift cards and store credit may change, as data."""

from __future__ import annotations

from enum import StrEnum

from baton.stored_value.model import Status


class Step(StrEnum):
    """What can be done to an account by hand, or by time."""

    ACTIVATE = "activate"
    FREEZE = "freeze"
    THAW = "thaw"
    EXPIRE = "expire"


S = Status

STARTS = frozenset({S.INACTIVE, S.ACTIVE})
ENDS = frozenset({S.EXPIRED})

MOVES: dict[Step, frozenset[tuple[Status, Status]]] = {
    Step.ACTIVATE: frozenset({(S.INACTIVE, S.ACTIVE)}),
    Step.FREEZE: frozenset({(S.ACTIVE, S.FROZEN)}),
    Step.THAW: frozenset({(S.FROZEN, S.ACTIVE)}),
    Step.EXPIRE: frozenset({(S.INACTIVE, S.EXPIRED), (S.ACTIVE, S.EXPIRED), (S.FROZEN, S.EXPIRED)}),
}
