"""What came back, as the channel reported it. Amounts are minor units of the return's currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baton.values.ids import Id


class ReturnKind(StrEnum):
    """Whether goods came back, or a sale was taken back on paper before or after shipping."""

    RETURN = "return"
    CANCELLATION = "cancellation"


class Mode(StrEnum):
    """LIVE returns are worked on; HISTORY happened before Baton was there."""

    LIVE = "live"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units that came back, or a charge that was taken back.

    `order_id` None: what it reverses was not found. `order_line` and `charge_no` are numbers
    within that order. `amount` is what goes back to the customer for all units.
    """

    line_no: int
    sku_code: str
    title: str
    quantity: int
    amount: int
    sku_id: Id | None = None
    order_id: Id | None = None
    order_line: int | None = None
    charge_no: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """A return to be recorded, known again by channel and `external_id`.

    `country` and `customer` (an id or a name) are as the channel wrote them.
    """

    channel_id: Id
    external_id: str
    kind: ReturnKind
    mode: Mode
    currency: str
    occurred_at: datetime
    lines: tuple[ReturnLine, ...]
    country: str = ""
    customer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The id of a return, and whether it was recorded just now or had been before."""

    id: Id
    new: bool


@dataclass(frozen=True, slots=True)
class Return:
    """A return as it was recorded."""

    id: Id
    channel_id: Id
    external_id: str
    kind: ReturnKind
    mode: Mode
    country: str
    currency: str
    customer: str
    note: str
    occurred_at: datetime
    recorded_at: datetime
    lines: tuple[ReturnLine, ...]
