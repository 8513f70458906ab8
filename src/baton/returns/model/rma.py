"""A return that is worked on: what is asked, what was decided, how far its units are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from baton.returns.model.goods import PhotoDraft
from baton.returns.model.money import GoesTo
from baton.returns.model.policy import Terms
from baton.values.ids import Id

PREFIX = "ret"


class State(StrEnum):
    """How far a return is."""

    REQUESTED = "requested"
    FLAGGED = "flagged"
    """A person decides."""
    ASKED = "asked"
    """The customer has to answer: a question, or an offer."""
    APPROVED = "approved"
    REFUSED = "refused"
    ON_ITS_WAY = "on_its_way"
    RECEIVED = "received"
    """Something came in; not all of it was looked at, or more is to come."""
    GRADED = "graded"
    SETTLED = "settled"
    """The money is settled; some goods wait for what becomes of them."""
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Cause(StrEnum):
    """Why there is a return."""

    REQUEST = "request"
    REFUSED_PARCEL = "refused_parcel"
    """Nobody took the parcel in, and its carrier brings it back."""
    LOST_PARCEL = "lost_parcel"
    """Its carrier gave the parcel up: nothing comes back."""
    UNANNOUNCED = "unannounced"
    """The goods came before anybody asked."""
    CHANNEL = "channel"
    """A channel took it back; its figures count."""


class Reason(StrEnum):
    """Why the customer sends it back."""

    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    CHANGED_MIND = "changed_mind"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    LATE = "late"
    NOT_DELIVERED = "not_delivered"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of an order line that somebody wants to give back, and what for."""

    order_line: int
    units: int
    reason: Reason
    condition: str = ""
    note: str = ""
    wanted: GoesTo = GoesTo.ORIGINAL
    exchange_sku: str = ""
    photos: tuple[PhotoDraft, ...] = ()
    told_minor: int | None = None


@dataclass(frozen=True, slots=True)
class RmaLine:
    """A line of a return. Of `requested` units `units` may come back; of these some were
    `received`, some are `kept` by the customer, some are `missing`: they will not come."""

    line_no: int
    order_line: int
    sku_id: Id
    sku_code: str
    title: str
    requested: int
    units: int
    reason: str
    condition: str
    note: str
    wanted: GoesTo
    exchange_sku: str
    outcome: str
    decision: Mapping[str, Any]
    told_minor: int | None = None
    received: int = 0
    kept: int = 0
    missing: int = 0
    graded: int = 0
    disposed: int = 0
    settled: int = 0

    @property
    def expected(self) -> int:
        """Units that are still to come."""
        return self.units - self.received - self.kept - self.missing

    @property
    def payable(self) -> int:
        """Units that came, or need not come: what money goes back for in the end."""
        return self.received + self.kept


@dataclass(frozen=True, slots=True)
class Rma:
    """A return with its lines. Changing it makes a new one."""

    id: Id
    number: str
    order_id: Id
    order_number: str
    channel_id: Id
    customer_id: Id | None
    currency: str
    cause: Cause
    status: State
    location_id: Id | None
    policy: int
    terms: Terms
    reasons: tuple[str, ...]
    question: str
    note: str
    requested_at: datetime
    decided_at: datetime | None
    decided_by: str
    expires_at: datetime | None
    closed_at: datetime | None
    version: int
    lines: tuple[RmaLine, ...]

    def line(self, line_no: int) -> RmaLine:
        """The line with this number; LookupError where there is none."""
        for line in self.lines:
            if line.line_no == line_no:
                return line
        raise LookupError(f"return {self.number} has no line {line_no}")

    def with_line(self, changed: RmaLine) -> Rma:
        """The return with one line replaced."""
        lines = tuple(changed if x.line_no == changed.line_no else x for x in self.lines)
        return replace(self, lines=lines)


@dataclass(frozen=True, slots=True)
class Claim:
    """The guard of an order line: claimed ≤ gone, and of the claimed some are settled."""

    order_id: Id
    order_line: int
    gone: int
    claimed: int
    settled: int


class Place(NamedTuple):
    """Where a page of returns begins: after this one."""

    at: datetime
    id: Id


@dataclass(frozen=True, slots=True)
class Sold:
    """An order line as a return sees it: what left, was lost, came back."""

    order_line: int
    sku_id: Id
    sku_code: str
    title: str
    gone: int
    returned: int


@dataclass(frozen=True, slots=True)
class Request:
    """A return to be opened: of which order, which units, and where they are to come."""

    order_id: Id
    order_number: str
    channel_id: Id
    customer_id: Id | None
    currency: str
    cause: Cause
    asked: tuple[Asked, ...]
    sold: tuple[Sold, ...]
    location_id: Id | None = None
    note: str = ""
