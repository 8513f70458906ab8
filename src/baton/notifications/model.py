"""The words of notifications: which message, what it says, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from baton.values.address import Address
from baton.values.ids import Id
from baton.values.money import Money

SEND = "notifications.send"


class MessageKind(StrEnum):
    """What a person is told about."""

    ORDER_CONFIRMED = "order_confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PICKUP_READY = "pickup_ready"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """How far a message is."""

    REQUESTED = "requested"
    SENT = "sent"
    """The mail server has taken it over; what happens behind that nobody hears."""
    REFUSED = "refused"
    """It can't be delivered: there is no such address, say."""


# ── what a message is made of ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one thing, and their price together where it is to be shown."""

    title: str
    quantity: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A line below the items: shipping, a discount."""

    title: str
    amount: Money


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    """A parcel on its way; `url` is a page that shows where it is, or empty."""

    carrier: str
    tracking_no: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where goods wait, the code that is asked for there, and until when they wait."""

    place: str
    lines: tuple[str, ...]
    code: str
    until: date | None = None
    hours: str = ""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """All that a message may say; which of it must be there depends on the kind.

    `partly`: the message is about some of the order, and the rest stands. `refund` is what a
    cancellation gives back. `contact` is where a reader can write to.
    """

    shop: str
    order_number: str
    name: str
    items: tuple[Item, ...]
    extras: tuple[Extra, ...] = ()
    total: Money | None = None
    address: Address | None = None
    promised_from: date | None = None
    promised_by: date | None = None
    parcels: tuple[TrackedParcel, ...] = ()
    delivered_on: date | None = None
    pickup: Pickup | None = None
    reason: str = ""
    refund: Money | None = None
    partly: bool = False
    order_url: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in words: one line of subject, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


# ── what is kept ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent once: `fact_key` names the fact that it tells, a shipment's id say."""

    order_id: Id
    kind: MessageKind
    fact_key: str
    recipient: str
    language: str
    composed: Composed


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is kept, with its words as they were sent."""

    id: Id
    order_id: Id
    kind: MessageKind
    fact_key: str
    recipient: str
    language: str
    composed: Composed
    state: MessageState
    error: str
    created_at: datetime
    sent_at: datetime | None
