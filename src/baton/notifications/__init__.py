"""Messages to people: what is told to whom, once per fact, in the merchant's words.

Owns       the messages about orders with their words as they were sent, the templates that make
           them, what customers want to hear, and what they say when they are asked.
Tables     notifications.messages · .templates · .preferences · .consents · .promises · .ratings
           · .askings
Verbs      put has messages sent and ignores facts that were told before; settle books the other
           side's answer; resend · save_template · withdraw_template · prefer · consent · later ·
           rate · asked_too_often
Reads      found · by_orders · templates · versions · preferences · preferences_of · consents ·
           ratings · ratings_between · satisfaction · verify; worded and compose make the words,
           pure.
Facts      notifications.sent · refused · resent · rated, about the order; template_saved ·
           preferences_saved · consent_changed
Invariants One message for a kind, a fact and a medium, by a unique constraint; copies are those
           that somebody asked for. A message has one end. It has the same words and the same
           Message-ID however often it is handed over. One rating for what was asked about.

Sending is at-least-once: an answer that is lost is answered by the same message again, which
mail programs show once; a text is looked up first. flows/send_messages.py does it. Explained in
docs/algorithms/messages.md and outside-effects.md. The words lie in words/, a file a language.
"""

from baton.notifications.actions import (
    asked_too_often,
    consent,
    found,
    later,
    prefer,
    preferences_of,
    put,
    rate,
    resend,
    save_template,
    settle,
    withdraw_template,
)
from baton.notifications.compose import compose, try_out, worded
from baton.notifications.model import LANGUAGES, SEND
from baton.notifications.rules import outgoing, outgoing_text
from baton.notifications.store import (
    by_orders,
    consents,
    forget_askings,
    preferences,
    ratings,
    ratings_between,
    satisfaction,
    verify,
    versions,
)
from baton.notifications.store import current as templates

__all__ = [
    "LANGUAGES",
    "SEND",
    "asked_too_often",
    "by_orders",
    "compose",
    "consent",
    "consents",
    "forget_askings",
    "found",
    "later",
    "outgoing",
    "outgoing_text",
    "prefer",
    "preferences",
    "preferences_of",
    "put",
    "rate",
    "ratings",
    "ratings_between",
    "resend",
    "satisfaction",
    "save_template",
    "settle",
    "templates",
    "try_out",
    "verify",
    "versions",
    "withdraw_template",
    "worded",
]
