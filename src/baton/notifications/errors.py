"""What the notifications module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused, Unavailable


class FactsIncomplete(Invalid):
    """A message of this kind needs something that it was not given."""

    code = "message_facts_incomplete"


class LinkInvalid(Invalid):
    """An address to be shown as a link is not one of the web."""

    code = "message_link_invalid"


class RecipientInvalid(Invalid):
    """A message is addressed to nobody, or to several."""

    code = "message_recipient_invalid"


class TemplateInvalid(Invalid):
    """A template holds what templates may not; `line` says where."""

    code = "message_template_invalid"


class TemplateFailed(Invalid):
    """A template can't be filled in; `line` says where."""

    code = "message_template_failed"


class PreferencesInvalid(Invalid):
    """What is wanted of messages can't be: an unknown time zone or language, say."""

    code = "message_preferences_invalid"


class RatingInvalid(Invalid):
    """A rating is 1 to 5, with a comment of at most 2,000 characters."""

    code = "rating_invalid"


class MessageNotFound(NotFound):
    """No message has this id."""

    code = "message_not_found"


class TemplateNotFound(NotFound):
    """There is no own template in this place."""

    code = "message_template_not_found"


class TemplateChanged(Conflict):
    """Somebody else saved this template meanwhile: read it again."""

    code = "message_template_changed"


class NotSendable(Refused):
    """A message that has not come to its end yet is not sent again."""

    code = "message_not_ended"


class Unanswered(Unavailable):
    """The other side may or may not have taken the message over: it is sent again."""

    code = "message_unanswered"
