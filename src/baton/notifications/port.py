"""The ports to whatever carries a message to a person: a mail server, a sender of texts.

A message has a stable `message_id`. Sending is at-least-once, so the same message may arrive
twice; it then carries the same id, and mail programs show it once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. `text` is always there; `html` says the same or is empty."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    """As `message_id()` makes it: with angle brackets."""
    written_at: datetime
    to_name: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text to one telephone. `to` is a number as E.164 has it: + and up to 15 digits.

    `written_at` is when it was composed: a lookup need not search before that.
    """

    to: str
    text: str
    key: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken the message over; `reply` is what it said."""

    reply: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The message can't be delivered, now or later: `code` is stable, `message` for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been taken over: look it up, or send the same message again later."""

    reason: str


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """The other side has no such message: the same one may be sent (again)."""


Outcome: TypeAlias = Sent | Refusal | Unknown
LookedUp: TypeAlias = Sent | Refusal | NeverReceived | Unknown


@dataclass(frozen=True, slots=True)
class MailerCapabilities:
    """What a way to people can carry."""

    html: bool
    """The HTML part reaches the reader; otherwise only the text does."""
    deduplicates: bool
    """The other side itself drops a message whose id it has seen."""


@dataclass(frozen=True, slots=True)
class TextCapabilities:
    """What a sender of texts can do."""

    deduplicates: bool
    """The other side itself drops a text whose key it has seen."""
    looks_up: bool
    """It can say whether it has taken over a text; else `lookup` is always Unknown."""


class Mailer(Protocol):
    """Hands messages over. Never raises for what the other side or the network does: that is
    an outcome. Safe to share among threads.
    """

    def send(self, message: Message) -> Outcome: ...


class TextSender(Protocol):
    """Hands texts over, and says what became of one. Never raises for what the other side or the
    network does. Safe to share among threads.

    A lookup finds the text by `key` where the other side keeps it, else by number and words since
    it was written: the same words to the same telephone are the same text.
    """

    def send(self, text: TextMessage) -> Outcome: ...

    def lookup(self, text: TextMessage) -> LookedUp: ...


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the message with this key: the same one each time, never another's.

    *Source:* RFC 5322, section 3.6.4 (a globally unique left side, a domain on the right).
    """
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
