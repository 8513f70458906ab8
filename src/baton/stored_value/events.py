"""Facts about gift cards and store credit. Amounts are in minor units of `currency`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class AccountFact(Fact):
    """Something that happened to one account."""

    subject: ClassVar[str] = "stored_value"

    account_id: Id
    kind: str
    currency: str


@dataclass(frozen=True, slots=True)
class Opened(AccountFact):
    """A gift card was made, or a customer's store credit begun."""

    fact: ClassVar[str] = "stored_value.opened"

    last_four: str
    status: str
    expires_at: datetime | None
    customer_id: Id | None
    order_id: Id | None


@dataclass(frozen=True, slots=True)
class Moved(AccountFact):
    """The balance changed by `amount_minor` because of `cause`; `balance_minor` is what is left."""

    fact: ClassVar[str] = "stored_value.moved"

    amount_minor: int
    balance_minor: int
    cause: str
    order_id: Id | None
    moved_for: Id | None
    reason: str


@dataclass(frozen=True, slots=True)
class Held(AccountFact):
    """Money was set aside for a payment of an order."""

    fact: ClassVar[str] = "stored_value.held"

    amount_minor: int
    order_id: Id
    payment_id: Id


@dataclass(frozen=True, slots=True)
class Freed(AccountFact):
    """Money that had been set aside may be spent again."""

    fact: ClassVar[str] = "stored_value.freed"

    amount_minor: int
    order_id: Id
    payment_id: Id


@dataclass(frozen=True, slots=True)
class StatusChanged(AccountFact):
    """The account was activated, frozen, thawed or expired."""

    fact: ClassVar[str] = "stored_value.status_changed"

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExpiryChanged(AccountFact):
    """The account lapses at another time, or never."""

    fact: ClassVar[str] = "stored_value.expiry_changed"

    expires_at: datetime | None
    reason: str
