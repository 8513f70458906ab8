"""What becomes of a message, from values to values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from baton.notifications.errors import RecipientInvalid
from baton.notifications.model import Draft, Message, MessageState
from baton.notifications.port import Message as Outgoing
from baton.notifications.port import Outcome, Refusal, Sent, Unknown, message_id
from baton.notifications.states import MOVES
from baton.values.ids import Id


def check(draft: Draft) -> None:
    """Raises RecipientInvalid unless the message has one recipient and nothing hidden there."""
    address = draft.recipient
    if "@" not in address or not address.isprintable() or any(c in address for c in " ,;<>"):
        raise RecipientInvalid("A message goes to one e-mail address.", field="recipient")


def opened(draft: Draft, id: Id, now: datetime) -> Message:
    """The message that a draft starts as."""
    return Message(
        id=id,
        order_id=draft.order_id,
        kind=draft.kind,
        fact_key=draft.fact_key,
        recipient=draft.recipient,
        language=draft.language,
        composed=draft.composed,
        state=MessageState.REQUESTED,
        error="",
        created_at=now,
        sent_at=None,
    )


def settled(message: Message, outcome: Outcome, now: datetime) -> Message:
    """The message after the mail server's answer.

    A message that has an end keeps it: sending is at-least-once, so a later answer is about a
    copy.
    """
    match outcome:
        case Sent():
            after = replace(message, state=MessageState.SENT, sent_at=now)
        case Refusal(code, said):
            after = replace(message, state=MessageState.REFUSED, error=f"{code}: {said}"[:500])
        case Unknown():
            return message
    return after if (message.state, after.state) in MOVES else message


def outgoing(message: Message, domain: str) -> Outgoing:
    """The message for the mailer: the same each time, under the same Message-ID."""
    return Outgoing(
        to=message.recipient,
        subject=message.composed.subject,
        text=message.composed.text,
        html=message.composed.html,
        message_id=message_id(str(message.id), domain),
        written_at=message.created_at,
    )
