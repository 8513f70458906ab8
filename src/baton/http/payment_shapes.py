"""What payments, refunds and stored value look like on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from baton.http.order_shapes import CustomerId, OrderId, PaymentId
from baton.http.wire import In, Out, Prefixed, Text
from baton.values import Id

AccountId = Annotated[Id, Prefixed("sva")]
EffectId = Annotated[Id, Prefixed("eff")]
ReceivableId = Annotated[Id, Prefixed("rcv")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Due = Annotated[int, Field(ge=1, le=10**14, description="Minor units, e.g. cents.")]
Reason = Annotated[str, Field(max_length=500)]


class EffectOut(Out):
    """One thing asked of a provider. `action_url` is where the buyer has to confirm it."""

    id: EffectId
    kind: str
    state: str
    amount: int
    subject_id: str | None
    provider_ref: str
    via: str
    reason: str
    error: str
    action_url: str
    requested_at: datetime
    settled_at: datetime | None


class PaymentDetailOut(Out):
    """One tender with all that was ever asked of its provider."""

    id: PaymentId
    rank: int
    provider: str
    method: str
    currency: str
    amount: int
    status: str
    capture_at: str
    authorised: int
    captured: int
    capturing: int
    refunded: int
    refunding: int
    voided: int
    expires_at: datetime | None
    replaces: PaymentId | None
    pays_for: ReceivableId | None
    effects: list[EffectOut]


class ReceivableOut(Out):
    """Money that was due and did not come."""

    id: ReceivableId
    currency: str
    amount: int
    paid: int
    cause: str
    opened_at: datetime
    settled_at: datetime | None


class PaymentsOut(Out):
    """How an order is paid; `refundable` is what was captured and not given back."""

    order_id: OrderId
    status: str
    refundable: int
    payments: list[PaymentDetailOut]
    receivables: list[ReceivableOut]


class PaymentIn(In):
    """Another way to pay: the provider's token, or a gift card's code; never a card number."""

    method: Annotated[str, Field(min_length=1, max_length=80)]
    amount: Due
    token: Annotated[str, Field(max_length=500)] = ""
    provider: Annotated[str, Field(max_length=80)] = ""
    authorised_ref: Annotated[str, Field(max_length=200)] = ""
    receivable: ReceivableId | None = None


class RefundIn(In):
    """All in all, `amount` is given back for `subject`: the same subject again gives the
    difference."""

    subject: Text
    amount: Due
    currency: Currency | None = None
    to: Literal["original", "store_credit", "elsewhere"] = "original"
    reason: Reason = ""


class RefundPartOut(Out):
    payment_id: PaymentId
    provider: str
    amount: int


class RefundPreviewOut(Out):
    """What a refund would do: `before` was given back for the subject already, `missing` was
    taken elsewhere, `refundable` is the most that can be given back for the order."""

    currency: str
    before: int
    parts: list[RefundPartOut]
    missing: int
    refundable: int


class RefundOut(Out):
    """What is or was given back for the subject, and what has to be given back elsewhere."""

    subject_id: str
    currency: str
    refunded: int
    missing: int
    parts: list[RefundPartOut]


class ReceivableSettleIn(In):
    how: Literal["paid_elsewhere", "written_off"]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


# ── stored value ───────────────────────────────────────────────────────────────────────────


class AccountOut(Out):
    """A gift card, or a customer's store credit; of a code only the last four letters."""

    id: AccountId
    kind: str
    currency: str
    customer_id: CustomerId | None
    last_four: str
    status: str
    balance: int
    held: int
    free: int
    expires_at: datetime | None
    order_id: OrderId | None
    created_at: datetime


class EntryOut(Out):
    seq: int
    amount: int
    balance: int
    cause: str
    order_id: OrderId | None
    reason: str
    at: datetime


class AccountPageOut(AccountOut):
    """The same with every change of its balance, oldest first."""

    entries: list[EntryOut]


class NewCardOut(AccountOut):
    """A gift card whose code is shown this once."""

    code: str


class CardIn(In):
    """A gift card to be made. `code` is for cards that exist elsewhere already."""

    amount: Due
    currency: Currency
    active: bool = True
    expires_at: AwareDatetime | None = None
    reason: Reason = ""
    code: Annotated[str, Field(max_length=80)] | None = None


class LookUpIn(In):
    code: Annotated[str, Field(min_length=1, max_length=80)]


class BalanceOut(Out):
    """What may be spent from a gift card now."""

    id: AccountId
    currency: str
    free: int
    status: str
    last_four: str
    expires_at: datetime | None


class BecauseIn(In):
    reason: Reason = ""


class CorrectIn(In):
    """A change of a balance, up or down, in minor units."""

    amount: Annotated[int, Field(ge=-(10**14), le=10**14)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ExpiryIn(In):
    expires_at: AwareDatetime | None
    reason: Reason = ""


class GrantIn(In):
    """Store credit for a customer; the same subject gives it once."""

    amount: Due
    currency: Currency
    subject: Text
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def amounts(given: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, for models that share them."""
    return {name: getattr(given, name) for name in given.__dataclass_fields__}
