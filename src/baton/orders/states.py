"""The buckets of an order line and every way between them, as data.

Docs draw this table; `rules.move` allows nothing else; tests try every other pair.
"""

from __future__ import annotations

from enum import StrEnum

from baton.orders.model import Bucket


class Action(StrEnum):
    """Why units change bucket."""

    UNPARK = "unpark"
    RESERVE = "reserve"
    BACKORDER = "backorder"
    ALLOCATE = "allocate"
    DEALLOCATE = "deallocate"
    RELEASE = "release"
    RECALL = "recall"
    SHORT = "short"
    CHANGE = "change"
    SHIP = "ship"
    CANCEL = "cancel"


B = Bucket

MOVES: dict[Action, frozenset[tuple[Bucket, Bucket]]] = {
    Action.UNPARK: frozenset({(B.PARKED, B.OPEN)}),
    Action.RESERVE: frozenset({(B.OPEN, B.RESERVED), (B.BACKORDERED, B.RESERVED)}),
    Action.BACKORDER: frozenset({(B.OPEN, B.BACKORDERED), (B.RESERVED, B.BACKORDERED)}),
    Action.ALLOCATE: frozenset({(B.RESERVED, B.ALLOCATED)}),
    Action.DEALLOCATE: frozenset({(B.ALLOCATED, B.RESERVED)}),
    Action.RELEASE: frozenset({(B.ALLOCATED, B.RELEASED)}),
    Action.RECALL: frozenset({(B.RELEASED, B.ALLOCATED)}),
    # the location does not have them: they need stock elsewhere
    Action.SHORT: frozenset({(B.RELEASED, B.OPEN), (B.ALLOCATED, B.OPEN), (B.RESERVED, B.OPEN)}),
    # how they are delivered changed: stock is looked for anew, perhaps at one place alone
    Action.CHANGE: frozenset(
        {(B.ALLOCATED, B.OPEN), (B.RESERVED, B.OPEN), (B.BACKORDERED, B.OPEN)}
    ),
    # services and gift cards are never reserved: they go from open to shipped
    Action.SHIP: frozenset({(B.RELEASED, B.SHIPPED), (B.OPEN, B.SHIPPED)}),
    Action.CANCEL: frozenset(
        {
            (B.PARKED, B.CANCELLED),
            (B.OPEN, B.CANCELLED),
            (B.BACKORDERED, B.CANCELLED),
            (B.RESERVED, B.CANCELLED),
            (B.ALLOCATED, B.CANCELLED),
        }
    ),
}

ENDS = frozenset({B.SHIPPED, B.CANCELLED})
