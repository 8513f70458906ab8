"""What providers say by themselves: webhooks, disputes, payouts, and their own lists. Pure.

A connector turns a vendor's words into these values; flows/hear.py and flows/payouts.py act on
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

from baton.payments.port import Declined, Succeeded

TOLERANCE = timedelta(minutes=5)
"""A webhook that is older or newer than this may be a replay: it is kept and not acted on."""


class Verdict(StrEnum):
    """What is to be thought of a webhook."""

    GENUINE = "genuine"
    FORGED = "forged"
    STALE = "stale"
    UNREADABLE = "unreadable"


class DisputeState(StrEnum):
    """How far a dispute is."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a request of ours, in full; `key` is its idempotency key."""

    key: str
    outcome: Succeeded | Declined


@dataclass(frozen=True, slots=True)
class Look:
    """Something became of a request of ours: look it up."""

    key: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """A buyer's bank takes a capture back, or has decided. `refs` are the names of the capture."""

    dispute_ref: str
    refs: tuple[str, ...]
    state: DisputeState
    amount: int
    fee: int
    currency: str
    reason: str = ""
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unasked:
    """Money moved at the provider without a request of ours. `reference` may name an order."""

    kind: str
    ref: str
    reference: str
    amount: int
    currency: str


News: TypeAlias = Settled | Look | Disputed | Unasked


@dataclass(frozen=True, slots=True)
class Heard:
    """A webhook as it was judged; only a genuine one has an id and news."""

    verdict: Verdict
    event_id: str | None = None
    news: tuple[News, ...] = ()
    note: str = ""


class LineKind(StrEnum):
    """What a line of a payout is."""

    CAPTURE = "capture"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One line of a payout: `amount` as it changed the merchant's balance, before its `fee`."""

    kind: LineKind
    ref: str
    amount: int
    fee: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """One payout with its lines, all in one currency."""

    payout_ref: str
    currency: str
    paid_at: datetime | None
    lines: tuple[PayoutLine, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that a provider did, from its own list; `key` is empty where nobody gave one."""

    kind: str
    key: str
    ref: str
    reference: str
    amount: int
    currency: str


@runtime_checkable
class Telling(Protocol):
    """A gateway that sends webhooks."""

    def heard(
        self, headers: Mapping[str, str], body: bytes, now: datetime, *, replay: bool = False
    ) -> Heard:
        """Judge a webhook by its signature over the raw body; `replay`: its age is no matter."""
        ...


@runtime_checkable
class Listing(Protocol):
    """A gateway that can list what it did."""

    def movements(self, since: datetime) -> Sequence[Movement] | None:
        """Captures and refunds since then; None where it did not answer."""
        ...


@runtime_checkable
class Paying(Protocol):
    """A gateway whose payout files can be read."""

    def payouts(self, text: str) -> Sequence[PayoutFile]:
        """The payouts in a file. Raises PayoutUnreadable."""
        ...
