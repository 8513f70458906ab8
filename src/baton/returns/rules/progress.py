"""How far a return is, and what may be done to it now."""

from __future__ import annotations

from dataclasses import replace

from baton.returns.errors import ReturnActionIllegal
from baton.returns.model.policy import RefundAt
from baton.returns.model.rma import Rma, RmaLine, State
from baton.returns.states import MOVES, Action

_BY_HAND = (
    Action.ANSWER,
    Action.APPROVE,
    Action.REFUSE,
    Action.RECEIVE,
    Action.GRADE,
    Action.DISPOSE,
    Action.SETTLE,
    Action.CANCEL,
)


def moved(rma: Rma, action: Action, target: State) -> Rma:
    """The return in another state. Raises ReturnActionIllegal where no way leads there."""
    if (rma.status, target) not in MOVES[action]:
        raise ReturnActionIllegal(
            f"The return {rma.number} is {rma.status.replace('_', ' ')}: it can't be "
            f"{_WORDS.get(action, action)} now.",
            action=action.value,
            status=rma.status.value,
            legal=[each.value for each in legal_actions(rma)],
        )
    return replace(rma, status=target)


_WORDS = {
    Action.ANSWER: "answered",
    Action.APPROVE: "approved",
    Action.REFUSE: "refused",
    Action.RECEIVE: "received",
    Action.GRADE: "graded",
    Action.SETTLE: "settled",
    Action.DISPOSE: "disposed of",
    Action.CANCEL: "cancelled",
    Action.SEND: "sent",
}


def legal_actions(rma: Rma) -> list[Action]:
    """What a person may do to this return now."""
    found = {a for a in _BY_HAND if any(source is rma.status for source, _ in MOVES[a])}
    if not any(line.expected for line in rma.lines):
        found -= {Action.RECEIVE}
    if not any(line.received > line.graded for line in rma.lines):
        found -= {Action.GRADE}
    if not any(line.graded > line.disposed for line in rma.lines):
        found -= {Action.DISPOSE}
    if not any(line.payable > line.settled for line in rma.lines):
        found -= {Action.SETTLE}
    return sorted(found)


def progress(rma: Rma) -> State:
    """The one function that says how far a return is, once units may come.

    `received` while units are to come or to be looked at, `graded` until their money is settled,
    `settled` until it is decided what becomes of them, and then `closed`.
    """
    lines = rma.lines
    came = any(line.received for line in lines)
    if any(line.expected for line in lines) or any(x.graded < x.received for x in lines):
        return State.RECEIVED if came else rma.status
    if any(line.settled < line.payable for line in lines):
        return State.GRADED if came else rma.status
    if any(line.disposed < line.graded for line in lines):
        return State.SETTLED
    return State.CLOSED if any(line.payable for line in lines) else rma.status


def due_units(line: RmaLine, at: RefundAt, *, scanned: bool) -> int:
    """Units of a line whose money is due now and was not settled yet."""
    coming = line.received + line.expected
    by_moment = {
        RefundAt.NOW: coming,
        RefundAt.SCAN: coming if scanned else line.received,
        RefundAt.RECEIPT: line.received,
        RefundAt.GRADE: line.graded,
    }
    return max(line.kept + by_moment[at] - line.settled, 0)
