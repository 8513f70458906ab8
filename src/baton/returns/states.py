"""How a return may move, as data.

Docs draw this table; `rules.moved` allows nothing else; tests try every other pair. Once goods
are on their way, how far a return is follows from its units (`rules.progress`).
"""

from __future__ import annotations

from enum import StrEnum

from baton.returns.model.rma import State


class Action(StrEnum):
    """What is done to a return."""

    FLAG = "flag"
    ASK = "ask"
    ANSWER = "answer"
    APPROVE = "approve"
    REFUSE = "refuse"
    SEND = "send"
    RECEIVE = "receive"
    GRADE = "grade"
    SETTLE = "settle"
    DISPOSE = "dispose"
    CANCEL = "cancel"
    EXPIRE = "expire"


S = State

_UNDECIDED = (S.REQUESTED, S.FLAGGED, S.ASKED)
_UNDER_WAY = (S.APPROVED, S.ON_ITS_WAY, S.RECEIVED)
_PROGRESS = (S.RECEIVED, S.GRADED, S.SETTLED, S.CLOSED)

MOVES: dict[Action, frozenset[tuple[State, State]]] = {
    Action.FLAG: frozenset({(S.REQUESTED, S.FLAGGED), (S.ASKED, S.FLAGGED)}),
    Action.ASK: frozenset({(S.REQUESTED, S.ASKED), (S.FLAGGED, S.ASKED)}),
    Action.ANSWER: frozenset({(S.ASKED, S.REQUESTED)}),
    # a person may open again what a policy refused
    Action.APPROVE: frozenset((s, S.APPROVED) for s in (*_UNDECIDED, S.REFUSED)),
    Action.REFUSE: frozenset((s, S.REFUSED) for s in _UNDECIDED),
    Action.SEND: frozenset({(S.APPROVED, S.ON_ITS_WAY)}),
    # goods that come after the time are taken in all the same
    Action.RECEIVE: frozenset(
        (s, t) for s in (*_UNDER_WAY, S.GRADED, S.SETTLED, S.EXPIRED) for t in _PROGRESS
    ),
    Action.GRADE: frozenset((S.RECEIVED, t) for t in _PROGRESS),
    # what need not come back is settled at once; an early refund leaves a return where it is
    Action.SETTLE: frozenset(
        (s, t)
        for s in (S.APPROVED, S.ON_ITS_WAY, S.RECEIVED, S.GRADED)
        for t in (s, S.SETTLED, S.CLOSED)
    ),
    Action.DISPOSE: frozenset(
        {(S.RECEIVED, S.RECEIVED), (S.GRADED, S.GRADED), (S.SETTLED, S.SETTLED)}
        | {(S.SETTLED, S.CLOSED)}
    ),
    Action.CANCEL: frozenset((s, S.CANCELLED) for s in (*_UNDECIDED, S.APPROVED, S.ON_ITS_WAY)),
    # what came of it is settled; the rest will not come
    Action.EXPIRE: frozenset(
        {(S.ASKED, S.EXPIRED), (S.APPROVED, S.EXPIRED), (S.ON_ITS_WAY, S.EXPIRED)}
        | {(S.RECEIVED, t) for t in _PROGRESS}
        | {(S.APPROVED, S.CLOSED), (S.ON_ITS_WAY, S.CLOSED)}
    ),
}

ENDS = frozenset({S.CLOSED, S.CANCELLED})
