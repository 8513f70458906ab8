"""The words of payments: what a buyer pays with, what was asked of a gateway, what is owed.

Amounts are integers in minor units of the row's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baton.payments.news import DisputeState, LineKind, Verdict
from baton.values.ids import Id
from baton.values.money import Money

EXTERNAL = "external"
"""The provider of money that was taken elsewhere: by a marketplace, at a till."""

GIFT_CARD = "gift_card"
STORE_CREDIT = "store_credit"
OWN = frozenset({GIFT_CARD, STORE_CREDIT})
"""Providers whose money the merchant holds himself: no gateway is asked."""

CALL = "payments.call"
RECONCILE = "payments.reconcile"
SETTLE_OWN = "payments.settle_own"
HEAR = "payments.hear"
COMPARE = "payments.compare"


class CaptureAt(StrEnum):
    """When the merchant takes the money that was authorised."""

    ORDER = "order"
    RELEASE = "release"
    SHIP = "ship"
    EXTERNAL = "external"


class PaymentState(StrEnum):
    """How far one tender is."""

    REQUESTED = "requested"
    """The gateway has been asked to authorise it, and has not answered."""
    AUTHORISED = "authorised"
    """Some of it can still be captured, or a capture or void of it is under way."""
    DECLINED = "declined"
    CAPTURED = "captured"
    """Nothing is left to capture: it came, or there was nothing to pay."""
    VOIDED = "voided"
    """All of it was let go."""
    EXTERNAL = "external"


class PaymentStatus(StrEnum):
    """The payment word of an order, read off its tenders."""

    NONE = "none"
    REQUESTED = "requested"
    AUTHORISED = "authorised"
    PARTLY_CAPTURED = "partly_captured"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    EXTERNAL = "external"


class EffectKind(StrEnum):
    """What can be asked of a gateway."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class EffectState(StrEnum):
    """What came of it. An answer that is unknown leaves it requested."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Tender:
    """One way in which an order is paid; `rank` is its place in the channel's order.

    `method` is a word like "card", `token` what the gateway's own form gave for it, `capture_at`
    one of `CaptureAt`. `authorised_ref` is set where the channel has the authorisation already.
    `place`, `replaces` and `pays_for` as of `Payment`.
    """

    order_id: Id
    order_number: str
    rank: int
    provider: str
    method: str
    token: str = field(repr=False)
    amount: int
    currency: str
    capture_at: str
    authorised_ref: str | None = None
    place: int = 0
    replaces: Id | None = None
    pays_for: Id | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A tender as it is kept, and the guard of its money.

    captured + capturing + voided ≤ authorised, and refunded + refunding ≤ captured. `capturing`
    and `refunding` are asked for and not answered; `voided` counts from the moment of asking.
    `provider_ref` is the gateway's name of the authorisation.

    `place` is where it stands among the tenders (0: by its rank), `replaces` the payment whose
    authorisation it renews, `pays_for` the receivable that it was added for.
    """

    id: Id
    order_id: Id
    rank: int
    provider: str
    method: str
    token: str = field(repr=False)
    currency: str
    amount: int
    provider_ref: str
    expires_at: datetime | None
    authorised: int
    captured: int
    capturing: int
    refunded: int
    refunding: int
    voided: int
    created_at: datetime
    capture_at: CaptureAt
    state: PaymentState
    place: int = 0
    replaces: Id | None = None
    pays_for: Id | None = None

    @property
    def turn(self) -> tuple[int, int]:
        """Its turn among the order's tenders: a renewed one has that of what it replaces."""
        return (self.place or self.rank, self.rank)

    @property
    def free(self) -> int:
        """Authorised, and claimed by nobody."""
        return self.authorised - self.captured - self.capturing - self.voided


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing asked of a gateway; its id is the idempotency key.

    `subject_id` is what it is for: the shipment that a capture pays, the return that a refund
    gives back. `provider_ref` is the gateway's name of what it did; of a refund, the name of the
    capture that it is taken from. `round` counts a subject's refunds from one capture; `via` is
    where a refund goes if not back to its tender; `action_url` is where the buyer confirms;
    `answer_ref` is the gateway's own name of what it did, of refunds too.
    """

    id: Id
    payment_id: Id
    order_id: Id
    amount: int
    subject_id: Id | None
    provider_ref: str
    error: str
    requested_at: datetime
    settled_at: datetime | None
    kind: EffectKind
    state: EffectState
    round: int = 0
    via: str = ""
    reason: str = ""
    action_url: str = ""
    answer_ref: str = ""

    @property
    def asks_nobody(self) -> bool:
        """Done from the start: drawn, or given back by another way than its tender."""
        return self.drawn or bool(self.via)

    @property
    def drawn(self) -> bool:
        """Nobody was asked: money that had come before was set against a shipment."""
        return (
            self.kind is EffectKind.CAPTURE
            and self.state is EffectState.SUCCEEDED
            and not self.provider_ref
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a subject (a shipment, or the order as a whole) is to be paid."""

    order_id: Id
    subject_id: Id
    amount: Money


@dataclass(frozen=True, slots=True)
class Ensured:
    """Of a claim: what is captured, being captured or was paid before, and what nobody covers."""

    intended: Money
    missing: Money


@dataclass(frozen=True, slots=True)
class Refunding:
    """Of a refund: what is or was given back for its subject, and what must go another way.

    `effects` are those that this call added.
    """

    intended: Money
    missing: Money
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A buyer's bank takes a capture back, with a fee and a deadline for an answer.

    While it is open, and once it is lost, its money can't be given back a second time.
    """

    id: Id
    payment_id: Id
    order_id: Id
    provider: str
    provider_ref: str
    currency: str
    amount: int
    fee: int
    reason: str
    state: DisputeState
    respond_by: datetime | None
    opened_at: datetime
    closed_at: datetime | None


class NewsState(StrEnum):
    """What became of a webhook."""

    NEW = "new"
    DONE = "done"
    UNMATCHED = "unmatched"
    """It is genuine, and speaks of nothing of ours."""
    FAILED = "failed"
    REFUSED = "refused"
    """It is kept for people to see, and nothing follows from it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it came, and what became of it. `times` is how often it came."""

    id: Id
    provider: str
    event_id: str | None
    verdict: Verdict
    state: NewsState
    headers: dict[str, str]
    body: bytes = field(repr=False)
    note: str
    times: int
    received_at: datetime
    handled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that a provider paid out; gross − fee = net, the sums of its lines."""

    id: Id
    provider: str
    payout_ref: str
    currency: str
    gross: int
    fee: int
    net: int
    lines: int
    unmatched: int
    paid_at: datetime | None
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line of a payout, and the effect or dispute that it is, if there is one."""

    payout_id: Id
    line_no: int
    kind: LineKind
    ref: str
    amount: int
    fee: int
    matched_id: Id | None
    note: str


@dataclass(frozen=True, slots=True)
class Receivable:
    """Money that was due for a subject and did not come."""

    id: Id
    order_id: Id
    subject_id: Id
    currency: str
    amount: int
    cause: str
    opened_at: datetime
    settled_at: datetime | None
    paid: int = 0

    @property
    def open(self) -> int:
        """What is still owed."""
        return self.amount - self.paid
