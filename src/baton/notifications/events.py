"""Facts about messages. Whom they went to is not among them: it stands in the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class MessageFact(Fact):
    """Something that happened to a message about an order."""

    subject: ClassVar[str] = "order"

    message_id: Id
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class MessageSent(MessageFact):
    """The buyer was told: the mail server has taken the message over."""

    fact: ClassVar[str] = "notifications.sent"


@dataclass(frozen=True, slots=True)
class MessageRefused(MessageFact):
    """The buyer can't be told this way; `code` says why."""

    fact: ClassVar[str] = "notifications.refused"

    code: str


@dataclass(frozen=True, slots=True)
class CustomerRated(Fact):
    """A customer said how satisfied they are, 1 to 5; their words stand in the rating."""

    fact: ClassVar[str] = "notifications.rated"
    subject: ClassVar[str] = "order"

    asked: str
    about: str
    score: int


@dataclass(frozen=True, slots=True)
class MessageResent(MessageFact):
    """Somebody had a message sent again; `message_id` is the new one's."""

    fact: ClassVar[str] = "notifications.resent"

    copy_no: int


@dataclass(frozen=True, slots=True)
class TemplateSaved(Fact):
    """A merchant's own words for a kind of message were saved, or taken back."""

    fact: ClassVar[str] = "notifications.template_saved"
    subject: ClassVar[str] = "message_template"

    kind: str
    language: str
    medium: str
    version: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class PreferencesSaved(Fact):
    """What a merchant wants of messages was set, for a channel or (the nil id) all others."""

    fact: ClassVar[str] = "notifications.preferences_saved"
    subject: ClassVar[str] = "message_preferences"

    channel_id: Id
    language: str
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentChanged(Fact):
    """A customer wants a kind of message by a medium, or does not."""

    fact: ClassVar[str] = "notifications.consent_changed"
    subject: ClassVar[str] = "message_consent"

    customer_id: Id
    medium: str
    kind: str
    granted: bool
