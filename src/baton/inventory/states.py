"""The states of a transfer and every way between them, as data.

All other stock documents are facts: recorded once, or kept as history, and never changed.
"""

from __future__ import annotations

from enum import StrEnum

from baton.inventory.errors import TransferState
from baton.inventory.model import DocumentState


class TransferAction(StrEnum):
    """What can be done with a transfer."""

    SEND = "send"
    RECEIVE_PART = "receive_part"
    RECEIVE_LAST = "receive_last"
    CANCEL = "cancel"


S, A = DocumentState, TransferAction

TRANSFER: dict[tuple[DocumentState, TransferAction], DocumentState] = {
    (S.REQUESTED, A.SEND): S.IN_TRANSIT,
    (S.REQUESTED, A.CANCEL): S.CANCELLED,
    (S.IN_TRANSIT, A.RECEIVE_PART): S.IN_TRANSIT,
    (S.IN_TRANSIT, A.RECEIVE_LAST): S.RECEIVED,
    # a parcel turns up after the transfer was closed: the goods are there all the same
    (S.RECEIVED, A.RECEIVE_PART): S.RECEIVED,
    (S.RECEIVED, A.RECEIVE_LAST): S.RECEIVED,
}

_DONE = {
    A.SEND: "sent",
    A.RECEIVE_PART: "received",
    A.RECEIVE_LAST: "received",
    A.CANCEL: "cancelled",
}


def advance(state: DocumentState, action: TransferAction) -> DocumentState:
    """The state after the action. Raises TransferState where it can't be done."""
    after = TRANSFER.get((state, action))
    if after is None:
        said = state.value.replace("_", " ")
        raise TransferState(f"A transfer that is {said} can't be {_DONE[action]}.", state=said)
    return after
