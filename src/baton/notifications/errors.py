"""What the notifications module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound, Unavailable


class FactsIncomplete(Invalid):
    """A message of this kind needs something that it was not given."""

    code = "message_facts_incomplete"


class LinkInvalid(Invalid):
    """An address to be shown as a link is not one of the web."""

    code = "message_link_invalid"


class RecipientInvalid(Invalid):
    """A message is addressed to nobody, or to several."""

    code = "message_recipient_invalid"


class MessageNotFound(NotFound):
    """No message has this id."""

    code = "message_not_found"


class Unanswered(Unavailable):
    """The mail server may or may not have taken the message over: it is sent again."""

    code = "message_unanswered"
