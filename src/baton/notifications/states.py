"""How a message may move, as data."""

from __future__ import annotations

from baton.notifications.model import MessageState

M = MessageState

STARTS = frozenset({M.REQUESTED})
ENDS = frozenset({M.SENT, M.REFUSED})
MOVES: frozenset[tuple[MessageState, MessageState]] = frozenset(
    {(M.REQUESTED, M.SENT), (M.REQUESTED, M.REFUSED)}
)
