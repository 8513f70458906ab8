"""Facts about money. Amounts are in minor units of `currency`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class PaymentFact(Fact):
    """Something that happened to one tender of an order.

    `provider` is who holds the money: a gateway, the merchant's own gift cards or store credit,
    or "external"; of a refund, whom it went to.
    """

    subject: ClassVar[str] = "order"

    payment_id: Id
    amount_minor: int
    currency: str
    provider: str


@dataclass(frozen=True, slots=True)
class Taken(PaymentFact):
    """The money was taken elsewhere, by a marketplace or at a till, or there was none to take."""

    fact: ClassVar[str] = "payments.taken"

    method: str


@dataclass(frozen=True, slots=True)
class AuthoriseRequested(PaymentFact):
    """A gateway is to be asked to reserve the money; the call itself comes later."""

    fact: ClassVar[str] = "payments.authorise_requested"

    effect_id: Id


@dataclass(frozen=True, slots=True)
class Authorised(PaymentFact):
    """The money is reserved. Without `effect_id` the channel had seen to it."""

    fact: ClassVar[str] = "payments.authorised"

    effect_id: Id | None
    provider_ref: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Declined(PaymentFact):
    """The money was not reserved: `code` is the reason in Baton's words."""

    fact: ClassVar[str] = "payments.declined"

    effect_id: Id | None
    code: str


@dataclass(frozen=True, slots=True)
class EffectFact(PaymentFact):
    """Something about one call to a gateway; `paid_for` is the shipment or return behind it."""

    effect_id: Id
    paid_for: Id | None


@dataclass(frozen=True, slots=True)
class CaptureRequested(EffectFact):
    """Reserved money is claimed for a shipment; the gateway is to be asked for it."""

    fact: ClassVar[str] = "payments.capture_requested"


@dataclass(frozen=True, slots=True)
class Captured(EffectFact):
    """The gateway has taken the money."""

    fact: ClassVar[str] = "payments.captured"

    provider_ref: str


@dataclass(frozen=True, slots=True)
class CaptureDeclined(EffectFact):
    """The gateway did not take the money: the claim is given up, a receivable takes its place."""

    fact: ClassVar[str] = "payments.capture_declined"

    code: str


@dataclass(frozen=True, slots=True)
class Drawn(EffectFact):
    """Money that had come before was set against a shipment."""

    fact: ClassVar[str] = "payments.drawn"


@dataclass(frozen=True, slots=True)
class VoidRequested(EffectFact):
    """Reserved money that nobody needs any more is to be let go."""

    fact: ClassVar[str] = "payments.void_requested"


@dataclass(frozen=True, slots=True)
class Voided(EffectFact):
    """The gateway has let the rest go."""

    fact: ClassVar[str] = "payments.voided"

    provider_ref: str


@dataclass(frozen=True, slots=True)
class VoidDeclined(EffectFact):
    """The gateway did not let the rest go: it may have lapsed already."""

    fact: ClassVar[str] = "payments.void_declined"

    code: str


@dataclass(frozen=True, slots=True)
class RefundRequested(EffectFact):
    """Captured money is to be given back."""

    fact: ClassVar[str] = "payments.refund_requested"

    reason: str


@dataclass(frozen=True, slots=True)
class Refunded(EffectFact):
    """The money was given back; a gateway calls that `provider_ref`."""

    fact: ClassVar[str] = "payments.refunded"

    provider_ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundDeclined(EffectFact):
    """The gateway did not give the money back: it must go another way."""

    fact: ClassVar[str] = "payments.refund_declined"

    code: str


@dataclass(frozen=True, slots=True)
class Unsettled(EffectFact):
    """A gateway has been asked many times and nobody knows yet whether it was done."""

    fact: ClassVar[str] = "payments.unsettled"

    kind: str
    tries: int


@dataclass(frozen=True, slots=True)
class ReceivableOpened(Fact):
    """Money that was due for `due_for` did not come: `amount_minor` is owed for it by now."""

    fact: ClassVar[str] = "payments.receivable_opened"
    subject: ClassVar[str] = "order"

    due_for: Id
    amount_minor: int
    currency: str
    cause: str


@dataclass(frozen=True, slots=True)
class ReceivablePaid(Fact):
    """`amount_minor` of what was owed for `due_for` came, or was given up; `left_minor` is open.

    `how` is "collected" (see payments.captured of the same subject), "paid_elsewhere" or
    "written_off".
    """

    fact: ClassVar[str] = "payments.receivable_paid"
    subject: ClassVar[str] = "order"

    receivable_id: Id
    due_for: Id
    amount_minor: int
    left_minor: int
    currency: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeFact(Fact):
    """Something about a dispute over a payment; `fee_minor` is what the provider takes for it."""

    subject: ClassVar[str] = "order"

    dispute_id: Id
    payment_id: Id
    amount_minor: int
    fee_minor: int
    currency: str
    provider: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeOpened(DisputeFact):
    """The buyer's bank has taken money back; it may be answered until `respond_by`."""

    fact: ClassVar[str] = "payments.dispute_opened"

    respond_by: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeWon(DisputeFact):
    """The bank has decided for the merchant: the money is back."""

    fact: ClassVar[str] = "payments.dispute_won"


@dataclass(frozen=True, slots=True)
class DisputeLost(DisputeFact):
    """The bank has decided for the buyer: the money is gone."""

    fact: ClassVar[str] = "payments.dispute_lost"


@dataclass(frozen=True, slots=True)
class PayoutBooked(Fact):
    """A provider has paid out; gross − fee = net. `unmatched` are lines that nobody knows:
    (line, kind, the provider's name, amount)."""

    fact: ClassVar[str] = "payments.payout_booked"
    subject: ClassVar[str] = "payout"

    provider: str
    payout_ref: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    unmatched: tuple[tuple[int, str, str, int], ...]
