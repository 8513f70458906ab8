"""Every way of a shipment from one status to another, as data.

Two halves: until it leaves, labels decide (`TRANSITIONS`); afterwards the carrier's events do,
by precedence and not by arrival (`MEANING`, `STAGE`). Docs draw both, tests try every pair.
Explained in docs/algorithms/tracking.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from baton.shipping.errors import IllegalAction
from baton.shipping.model import Shipment, Status
from baton.shipping.port import TrackingCode


class Action(StrEnum):
    """What can be done to a shipment."""

    SETTLE_LABEL = "settle_label"
    RETRY_LABELS = "retry_labels"
    VOID = "void"
    TRACK = "track"


S = Status

# What the carrier's events mean. A label that was printed has not moved: it means nothing.
MEANING: Mapping[TrackingCode, Status | None] = {
    TrackingCode.LABEL_CREATED: None,
    TrackingCode.PICKED_UP: S.IN_TRANSIT,
    TrackingCode.IN_TRANSIT: S.IN_TRANSIT,
    TrackingCode.OUT_FOR_DELIVERY: S.OUT_FOR_DELIVERY,
    TrackingCode.EXCEPTION: S.EXCEPTION,
    TrackingCode.LOST: S.LOST,
    TrackingCode.DELIVERED: S.DELIVERED,
    TrackingCode.RETURNED_TO_SENDER: S.RETURNED_TO_SENDER,
}

# A higher stage stands whatever the clocks say; within a stage the newest event does. So a lost
# parcel can be found and delivered, a delivered one is not lost any more, and what came back to
# its sender is not delivered, even where the carrier calls that a delivery.
STAGE: Mapping[Status, int] = {
    S.SHIPPED: 0,
    S.IN_TRANSIT: 1,
    S.OUT_FOR_DELIVERY: 1,
    S.EXCEPTION: 1,
    S.LOST: 2,
    S.DELIVERED: 3,
    S.RETURNED_TO_SENDER: 4,
}

# Of two events at the same instant, the one that asks for attention stands.
TIE: Mapping[Status, int] = {S.IN_TRANSIT: 0, S.OUT_FOR_DELIVERY: 1, S.EXCEPTION: 2}

# A shipment of several parcels shows what needs attention first, then what is least far. Once
# one of them moves, those not heard of count as moving too.
SHOWN_FIRST = (
    S.LOST,
    S.RETURNED_TO_SENDER,
    S.EXCEPTION,
    S.IN_TRANSIT,
    S.OUT_FOR_DELIVERY,
    S.DELIVERED,
)

_GONE = tuple(STAGE)

TRANSITIONS: Mapping[Status, Mapping[Action, tuple[Status, ...]]] = {
    S.LABELLING: {
        # a carrier may have seen the first parcel before the last label is known
        Action.SETTLE_LABEL: (S.LABELLING, S.LABEL_FAILED, *_GONE),
        Action.VOID: (S.VOIDED,),
    },
    S.LABEL_FAILED: {
        Action.SETTLE_LABEL: (S.LABELLING, S.LABEL_FAILED, *_GONE),
        Action.RETRY_LABELS: (S.LABELLING,),
        Action.VOID: (S.VOIDED,),
    },
    S.SHIPPED: {Action.TRACK: _GONE},
    S.IN_TRANSIT: {Action.TRACK: _GONE[1:]},
    S.OUT_FOR_DELIVERY: {Action.TRACK: _GONE[1:]},
    # where one of two parcels was lost or stuck and goes on, the other is shown again
    S.EXCEPTION: {Action.TRACK: _GONE[1:]},
    S.LOST: {Action.TRACK: _GONE[1:]},
    S.DELIVERED: {Action.TRACK: (S.DELIVERED, S.RETURNED_TO_SENDER)},
    S.RETURNED_TO_SENDER: {Action.TRACK: (S.LOST, S.RETURNED_TO_SENDER)},
    S.VOIDED: {},
}

# An API shows these; labels and tracking are settled by whoever talks to the carrier.
SHOWN = frozenset({Action.RETRY_LABELS, Action.VOID})


def legal_actions(shipment: Shipment) -> list[str]:
    """What may be done now, sorted: the names that an API shows."""
    return sorted(action.value for action in TRANSITIONS[shipment.status] if action in SHOWN)


def check(shipment: Shipment, action: Action) -> None:
    """Nothing, where the action is legal now. Raises IllegalAction, which says what is legal."""
    if action not in TRANSITIONS[shipment.status]:
        legal = legal_actions(shipment)
        raise IllegalAction(
            f"{shipment.number} is {shipment.status}, which does not allow to "
            f"{action.replace('_', ' ')}. It allows: {', '.join(legal) or 'nothing'}.",
            action=action.value,
            status=shipment.status.value,
            legal=legal,
        )
