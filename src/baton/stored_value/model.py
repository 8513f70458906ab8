"""The words of stored value: gift cards and store credit, their entries and holds.

Amounts are integers in minor units of the account's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baton.values.ids import Id
from baton.values.money import Money

PREFIX = "sva"


class Kind(StrEnum):
    """What an account is; also the `provider` under which it pays."""

    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"


class Status(StrEnum):
    """Whether an account may be spent from."""

    INACTIVE = "inactive"
    """A gift card that was made and not handed out yet."""
    ACTIVE = "active"
    FROZEN = "frozen"
    """Money may come, none may go."""
    EXPIRED = "expired"


class Cause(StrEnum):
    """Why a balance changed."""

    SOLD = "sold"
    GRANTED = "granted"
    REDEEMED = "redeemed"
    RETURNED = "returned"
    EXPIRED = "expired"
    CORRECTED = "corrected"


class No(StrEnum):
    """Why an account does not pay, or takes nothing."""

    UNKNOWN = "unknown"
    OTHER_CURRENCY = "other_currency"
    NOT_ACTIVE = "not_active"
    EXPIRED = "expired"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class Account:
    """One gift card, or what one customer has in one currency.

    `balance` is the sum of its entries, `held` that of its holds; balance − held ≥ 0. Of a gift
    card's code only the last four letters are kept in the clear.
    """

    id: Id
    kind: Kind
    currency: str
    customer_id: Id | None
    last_four: str
    status: Status
    balance: int
    held: int
    entries: int
    expires_at: datetime | None
    order_id: Id | None
    created_at: datetime

    @property
    def free(self) -> int:
        """What may still be spent."""
        return self.balance - self.held


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a balance; entries are never changed."""

    account_id: Id
    seq: int
    amount: int
    balance: int
    cause: Cause
    order_id: Id | None
    subject_id: Id | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What is left of the money that one payment has set aside."""

    account_id: Id
    holder_id: Id
    order_id: Id
    amount: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a balance that is wanted. The same `subject_id` and cause moves money once."""

    account_id: Id
    amount: int
    cause: Cause
    order_id: Id | None = None
    subject_id: Id | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A gift card to be made. `origin_key` names what it is made for: there is one for each.

    `code` is given where the card exists elsewhere already; otherwise one is made.
    """

    amount: Money
    active: bool = True
    expires_at: datetime | None = None
    order_id: Id | None = None
    origin_key: str | None = None
    cause: Cause = Cause.GRANTED
    reason: str = ""
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewCard:
    """A gift card that has just been made; its code is never shown again."""

    account: Account
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """Money for a customer. The same `subject_id` and cause gives it once."""

    customer_id: Id
    amount: Money
    subject_id: Id
    order_id: Id | None = None
    cause: Cause = Cause.GRANTED
    reason: str = ""
