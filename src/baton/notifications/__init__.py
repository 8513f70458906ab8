"""Messages to people: what is told to whom, once per fact.

Owns       the messages about orders, with their words as they were sent, and what became of them.
Tables     notifications.messages
Verbs      put has messages sent and ignores facts that were told before; settle books the mail
           server's answer.
Reads      found · by_orders · verify; compose makes the words, pure.
Facts      notifications.sent · notifications.refused, both about the order.
Invariants One message for a kind and a fact, by a unique constraint. A message has one end. It
           has the same words and the same Message-ID however often it is handed over.

Sending is at-least-once: an answer that is lost is answered by the same message again, which
mail programs show once. flows/send_messages.py does it. Explained in
docs/algorithms/outside-effects.md. The words live in templates/, a folder a language.
"""

from baton.notifications.actions import found, put, settle
from baton.notifications.compose import LANGUAGES, compose
from baton.notifications.model import SEND
from baton.notifications.rules import outgoing
from baton.notifications.store import by_orders, verify

__all__ = [
    "LANGUAGES",
    "SEND",
    "by_orders",
    "compose",
    "found",
    "outgoing",
    "put",
    "settle",
    "verify",
]
