"""The port to whatever carries a message to a person: today, a mail server.

A message has a stable `message_id`. Sending is at-least-once, so the same message may arrive
twice; it then carries the same id, and mail programs show it once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias


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
    """It may or may not have been taken over: send the same message again later."""

    reason: str


Outcome: TypeAlias = Sent | Refusal | Unknown


@dataclass(frozen=True, slots=True)
class MailerCapabilities:
    """What a way to people can carry."""

    html: bool
    """The HTML part reaches the reader; otherwise only the text does."""
    deduplicates: bool
    """The other side itself drops a message whose id it has seen."""


class Mailer(Protocol):
    """Hands messages over. Never raises for what the other side or the network does: that is
    an outcome. Safe to share among threads.
    """

    def send(self, message: Message) -> Outcome: ...


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the message with this key: the same one each time, never another's.

    *Source:* RFC 5322, section 3.6.4 (a globally unique left side, a domain on the right).
    """
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
