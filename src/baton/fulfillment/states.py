"""Every way of a fulfillment order from one status to another, as data.

Docs draw this table, `check` refuses what is not in it, tests try every other pair. Where an
action has several results, the quantities decide (`status_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from baton.fulfillment.errors import IllegalAction
from baton.fulfillment.model import FulfillmentLine, FulfillmentOrder, Method, Recall, Status


class Action(StrEnum):
    """What can be done to a fulfillment order."""

    RELEASE = "release"
    CANCEL = "cancel"
    ACCEPT = "accept"
    REJECT = "reject"
    PICK = "pick"
    PACK = "pack"
    SHIP = "ship"
    GIVE_CODE = "give_code"
    HAND_OVER = "hand_over"
    RECALL = "recall"
    ANSWER_RECALL = "answer_recall"


S = Status
_GOING = (S.ACCEPTED, S.PICKED, S.PACKED, S.READY)

TRANSITIONS: Mapping[Status, Mapping[Action, tuple[Status, ...]]] = {
    S.PLANNED: {
        Action.RELEASE: (S.RELEASED,),
        Action.CANCEL: (S.CANCELLED,),
        Action.RECALL: (S.PLANNED, S.CANCELLED),
    },
    S.RELEASED: {
        Action.ACCEPT: (S.ACCEPTED,),
        Action.REJECT: (S.REJECTED,),
        Action.PICK: (S.ACCEPTED, S.PICKED, S.CANCELLED),
        Action.RECALL: (S.RELEASED, S.CANCELLED),
    },
    S.ACCEPTED: {
        Action.REJECT: (S.REJECTED,),
        Action.PICK: (*_GOING, S.CANCELLED),
        Action.PACK: (S.ACCEPTED,),
        Action.RECALL: (S.ACCEPTED,),
        Action.ANSWER_RECALL: (*_GOING, S.CANCELLED),
    },
    S.PICKED: {
        Action.PACK: (S.PICKED, S.PACKED, S.READY),
        Action.RECALL: (S.PICKED,),
        Action.ANSWER_RECALL: (S.PICKED, S.PACKED, S.READY, S.CANCELLED),
    },
    S.PACKED: {
        Action.SHIP: (S.PACKED, S.DONE),
        Action.RECALL: (S.PACKED,),
        Action.ANSWER_RECALL: (S.PACKED, S.DONE, S.CANCELLED),
    },
    S.READY: {
        Action.GIVE_CODE: (S.READY,),
        Action.HAND_OVER: (S.READY, S.DONE),
        Action.RECALL: (S.READY,),
        Action.ANSWER_RECALL: (S.READY, S.CANCELLED),
    },
    S.DONE: {},
    S.REJECTED: {},
    S.CANCELLED: {},
}

SENT = (S.RELEASED, *_GOING)  # a location has been told, and is not done
ENDS = frozenset(status for status, ways in TRANSITIONS.items() if not ways)

# Of these a location is told what it may do now; the others belong to the order's own actions.
SHOWN = frozenset(Action) - {Action.RELEASE, Action.CANCEL, Action.GIVE_CODE}


def status_of(method: Method, before: Status, lines: Iterable[FulfillmentLine]) -> Status:
    """The status that follows from where the units are: the furthest that all of them reached."""
    found = tuple(lines)
    if not any(line.open for line in found):
        return S.DONE if any(line.shipped for line in found) else S.CANCELLED
    if before in (S.PLANNED, S.RELEASED):
        return before
    if any(line.to_pick for line in found):
        return S.ACCEPTED
    if any(line.picked for line in found):
        return S.PICKED
    return S.READY if method is Method.PICKUP else S.PACKED


def legal_actions(fo: FulfillmentOrder) -> list[str]:
    """What may be done now, sorted: the names that an API shows."""
    return sorted(action.value for action in SHOWN if _legal(fo, action))


def recallable(works: Iterable[FulfillmentOrder]) -> dict[int, int]:
    """Units that were sent to a location and can be asked back: order line → units."""
    units: dict[int, int] = {}
    for fo in works:
        for line in fo.lines if fo.status in SENT else ():
            if line.recallable:
                units[line.order_line] = units.get(line.order_line, 0) + line.recallable
    return units


def check(fo: FulfillmentOrder, action: Action) -> None:
    """Nothing, where the action is legal now. Raises IllegalAction, which says what is legal."""
    if _legal(fo, action):
        return
    legal = legal_actions(fo)
    raise IllegalAction(
        f"{fo.number} is {fo.status}, which does not allow to {action.replace('_', ' ')}. "
        f"It allows: {', '.join(legal) or 'nothing'}.",
        action=action.value,
        status=fo.status.value,
        legal=legal,
    )


def _legal(fo: FulfillmentOrder, action: Action) -> bool:
    return action in TRANSITIONS[fo.status] and _there_is_something_to(fo, action)


def _there_is_something_to(fo: FulfillmentOrder, action: Action) -> bool:
    """What quantities and recall say, whatever the status."""
    lines = fo.lines
    match action:
        case Action.REJECT:
            # what was asked back is cancelled, what is rejected goes elsewhere: the recall first
            begun = any(line.picked or line.packed for line in lines)
            return not begun and fo.recall is not Recall.REQUESTED
        case Action.PACK:
            return any(line.picked for line in lines)
        case Action.RECALL:
            return any(line.recallable for line in lines)
        case Action.ANSWER_RECALL:
            return fo.recall is Recall.REQUESTED
        case _:
            return True
