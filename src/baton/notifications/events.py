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
