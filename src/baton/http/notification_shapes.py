"""What messages look like on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated

from pydantic import Field

from baton.http.master_data import ClockTime
from baton.http.order_shapes import MessageId, OrderId
from baton.http.orders import OrderRef
from baton.http.wire import Code, In, Out
from baton.notifications.model import Asked, Medium, MessageKind
from baton.notifications.sandbox import SOURCE

Words = Annotated[str, Field(max_length=SOURCE, description="A template; see `fields`.")]
Language = Annotated[str, Field(min_length=2, max_length=20, description="Like de or en-GB.")]


class PlaceIn(In):
    """Which template: a kind, a language, a medium."""

    kind: MessageKind
    language: Language
    medium: Medium = Medium.MAIL


class TemplateIn(PlaceIn):
    """Words of one's own. A text message has `text` alone; `version` is the newest that was seen,
    so that nobody overwrites what somebody else saved meanwhile."""

    subject: str = Field(default="", max_length=1000)
    text: Words
    html: Words = ""
    version: int | None = Field(default=None, ge=0, le=2**31 - 2)


class MessagePreviewIn(PlaceIn):
    """What to show; without `text` the template that counts, without `order` a made-up one."""

    order: OrderRef | None = None
    subject: str = Field(default="", max_length=1000)
    text: Words | None = None
    html: Words = ""


class MessagePreviewOut(Out):
    subject: str
    text: str
    html: str


class VersionOut(Out):
    version: int
    withdrawn: bool
    author: str
    saved_at: datetime
    subject: str
    text: str
    html: str


class TemplateRowOut(Out):
    kind: MessageKind
    language: str
    medium: Medium
    version: int
    withdrawn: bool
    author: str
    saved_at: datetime


class TemplateOut(Out):
    """The template that counts in a place; `own` is false while it is the built-in one."""

    kind: MessageKind
    language: str
    medium: Medium
    own: bool
    version: int
    subject: str
    text: str
    html: str
    versions: list[VersionOut]


class FieldsOut(Out):
    """What templates may name, with what it means."""

    fields: Mapping[str, str]
    kinds: list[MessageKind]
    media: list[Medium]
    languages: list[str]


class PreferencesIn(In):
    """What is wanted of messages, for one channel or, without one, for all others.

    Texts wait from `quiet_start` to `quiet_end` of the clock in `time_zone`. `off`: kinds that are
    not told. `ask_after_days`: when a rating is asked for; null: never.
    """

    channel: Code | None = None
    language: Language = "en"
    quiet_start: ClockTime = time(21)
    quiet_end: ClockTime = time(8)
    time_zone: str = Field(default="UTC", min_length=1, max_length=60)
    off: list[MessageKind] = Field(default_factory=list, max_length=len(MessageKind))
    ask_after_days: int | None = Field(default=None, ge=0, le=365)


class PreferencesOut(Out):
    channel: str | None
    language: str
    quiet_start: ClockTime
    quiet_end: ClockTime
    time_zone: str
    off: list[MessageKind]
    ask_after_days: int | None


class ConsentIn(In):
    medium: Medium
    kind: MessageKind
    granted: bool


class ConsentsIn(In):
    consents: list[ConsentIn] = Field(max_length=100)


class ConsentOut(Out):
    medium: Medium
    kind: MessageKind
    granted: bool


class ConsentsOut(Out):
    consents: list[ConsentOut]


class MessageTextOut(Out):
    """A message as the customer got it; `hidden`: it holds a code that is not for this caller."""

    id: MessageId
    kind: str
    medium: str
    language: str
    state: str
    error: str
    recipient: str
    copy_no: int
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    subject: str
    text: str
    html: str
    hidden: bool


class SatisfactionOut(Out):
    """Ratings of one period: how many of 1 to 5, and their average."""

    period: date
    asked: Asked
    ratings: int
    average: str
    scores: list[int]


class RatingOut(Out):
    asked: Asked
    order_id: OrderId
    score: int
    comment: str
    rated_at: datetime


class SatisfactionsOut(Out):
    data: list[SatisfactionOut]
    latest: list[RatingOut]
