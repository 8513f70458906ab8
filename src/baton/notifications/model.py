"""The words of notifications: which message, what it says, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from baton.values.address import Address
from baton.values.ids import Id
from baton.values.money import Money

SEND = "notifications.send"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
"""The languages that Baton has words in."""


class MessageKind(StrEnum):
    """What a person is told about."""

    ORDER_CONFIRMED = "order_confirmed"
    PAYMENT_FAILED = "payment_failed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    PICKUP_READY = "pickup_ready"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    ORDER_CHANGED = "order_changed"
    REFUND_MADE = "refund_made"
    RETURN_APPROVED = "return_approved"
    RETURN_REFUSED = "return_refused"
    RETURN_QUESTION = "return_question"
    RETURN_LABEL = "return_label"
    RETURN_RECEIVED = "return_received"
    EXCHANGE_SHIPPED = "exchange_shipped"
    INVOICE_ISSUED = "invoice_issued"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    CSAT_DELIVERY = "csat_delivery"
    CSAT_RETURN = "csat_return"
    ORDER_LINK = "order_link"


class Medium(StrEnum):
    """How a message reaches a person."""

    MAIL = "mail"
    SMS = "sms"


class MessageState(StrEnum):
    """How far a message is."""

    REQUESTED = "requested"
    SENT = "sent"
    """Whoever carries it has taken it over; what happens behind that nobody hears."""
    REFUSED = "refused"
    """It can't be delivered: there is no such address, say."""


class Asked(StrEnum):
    """What a customer is asked to rate."""

    DELIVERY = "delivery"
    RETURN = "return"


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

    These are the fields that templates know; what each means stands in FIELDS.
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
    promised_was: date | None = None
    parcels: tuple[TrackedParcel, ...] = ()
    delivered_on: date | None = None
    pickup: Pickup | None = None
    reason: str = ""
    note: str = ""
    changed: str = ""
    amount: Money | None = None
    balance: Money | None = None
    refund: Money | None = None
    refund_to: str = "original"
    partly: bool = False
    credit: bool = False
    attached: bool = False
    document_no: str = ""
    code: str = ""
    until: date | None = None
    order_url: str = ""
    action_url: str = ""
    rate_url: str = ""
    contact: str = ""


FIELDS = {
    "shop": "The name of the shop.",
    "order_number": "The number of the order.",
    "name": "Who the message is for; may be empty.",
    "items": "What it is about: a list of `title`, `quantity` and `amount` (money or none).",
    "extras": "Lines below the items, shipping say: a list of `title` and `amount`.",
    "total": "The order's total, or none.",
    "address": "Where it goes, or none: `name`, `company`, `lines`, `postal_code`, `city`, "
    "`region`, `country`.",
    "promised_from": "The first day of the promise, or none.",
    "promised_by": "The last day of the promise, or none.",
    "promised_was": "The last day of the promise before it moved, or none.",
    "parcels": "Parcels on their way: a list of `carrier`, `tracking_no` and `url`.",
    "delivered_on": "The day of delivery, or none.",
    "pickup": "Where it can be picked up, or none: `place`, `lines`, `code`, `until`, `hours`.",
    "reason": "Why, in words of people; may be empty.",
    "note": "A question to the customer, or the words that go with a gift.",
    "changed": "What was changed: `address`, or `order` for anything else.",
    "amount": "The money it is about, or none.",
    "balance": "Store credit after that, or none.",
    "refund": "What a cancellation gives back, or none.",
    "refund_to": "Where a refund goes: `original` or `store_credit`.",
    "partly": "True where it is about some of the order and the rest stands.",
    "credit": "True for a credit memo, false for an invoice.",
    "attached": "True where a document goes with the message.",
    "document_no": "The number of the invoice, credit memo or return.",
    "code": "The code of a gift card.",
    "until": "Until when: a return is awaited, a gift card is good; or none.",
    "order_url": "The customer's page of the order.",
    "action_url": "The page on which something is to be done; may be empty.",
    "rate_url": "The page on which to rate; `?score=` and 1 to 5 may follow it.",
    "contact": "Where a reader can write to.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A template: a subject of one line, plain text, and the same as HTML. SMS is text alone."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in words: one line of subject, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


# ── what is kept ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Place:
    """Which template: for a kind, in a language, for a medium."""

    kind: MessageKind
    language: str
    medium: Medium


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a merchant's own template; withdrawn, the built-in words count again."""

    place: Place
    version: int
    source: Source
    withdrawn: bool
    author: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No text is sent from `start` to `end` of the clock in `time_zone`; equal: at any time."""

    start: time = time(21)
    end: time = time(8)
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a merchant wants of messages, for one channel or (the nil id) for all others.

    `ask_after_days`: how long after delivery or settlement a rating is asked for; None: never.
    """

    channel_id: Id
    language: str = "en"
    quiet: QuietHours = QuietHours()
    off: frozenset[MessageKind] = frozenset()
    ask_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a customer wants a kind of message by a medium."""

    customer_id: Id
    medium: Medium
    kind: MessageKind
    granted: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent once: `fact_key` names the fact that it tells, a shipment's id say.

    `due_at`: not before then. `attachment` names a document that goes with it. `copy_no` is 0 but
    for messages that are sent again because somebody asked.
    """

    order_id: Id
    kind: MessageKind
    fact_key: str
    recipient: str
    language: str
    composed: Composed
    medium: Medium = Medium.MAIL
    due_at: datetime | None = None
    attachment: str = ""
    copy_no: int = 0


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
    medium: Medium = Medium.MAIL
    due_at: datetime | None = None
    attachment: str = ""
    copy_no: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer said: 1 (bad) to 5 (very good), once for a fact."""

    asked: Asked
    fact_key: str
    order_id: Id
    score: int
    comment: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The ratings of one period and kind: how many, their sum, and how many of each score."""

    period: date
    asked: Asked
    ratings: int
    points: int
    scores: tuple[int, int, int, int, int]
