"""Twilio's Messages resource, pure both ways. Every field is explained in README.md.

Twilio takes no key of ours. So a text is known again by its number, its words and the time since
when it can have been sent; a text in doubt is looked up that way before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

import msgspec

from baton.connectors.answers import Answer
from baton.notifications.port import (
    LookedUp,
    NeverReceived,
    Outcome,
    Refusal,
    Sent,
    TextMessage,
    Unknown,
)

PAGE = 100
# Their clock and ours may differ by so much.
LEEWAY = timedelta(minutes=2)

# What Twilio says about the number or the words: sending again would not help.
# *Source:* Twilio, Error and Warning Dictionary.
REFUSALS: Mapping[int, str] = {
    21211: "recipient_invalid",
    21214: "recipient_invalid",
    21217: "recipient_invalid",
    21408: "region_not_allowed",
    21610: "recipient_unsubscribed",
    21612: "recipient_unreachable",
    21614: "recipient_no_mobile",
    21617: "text_too_long",
    21619: "text_empty",
}
_GONE = frozenset({"failed", "undelivered", "canceled"})


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request, but for the address and the credentials. No body means GET."""

    path: str
    body: bytes | None


class _Message(msgspec.Struct):
    sid: str
    to: str
    body: str
    status: str
    date_created: str | None = None
    error_code: int | None = None


class _Page(msgspec.Struct):
    messages: list[_Message]
    next_page_uri: str | None = None


class _Error(msgspec.Struct):
    code: int
    message: str = ""


def written(text: TextMessage, account: str, sender: str) -> Call:
    """The call that sends this text from a number or, where it begins with MG, a service."""
    who = "MessagingServiceSid" if sender.startswith("MG") else "From"
    body = urlencode({"To": text.to, who: sender, "Body": text.text})
    return Call(_path(account), body.encode())


def written_lookup(text: TextMessage, account: str) -> Call:
    """The call that lists the newest texts to this number."""
    query = urlencode({"To": text.to, "PageSize": PAGE})
    return Call(f"{_path(account)}?{query}", None)


def read(text: TextMessage, answer: Answer) -> Outcome:
    """What became of a text that was sent just now."""
    if answer.status == 201:
        try:
            made = msgspec.json.decode(answer.body, type=_Message)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return Unknown("the answer can't be read")
        if made.to != text.to or made.body != text.text:
            return Unknown("the answer is about another text")
        return Sent(made.sid)
    if answer.status == 400:
        return _refused(answer.body)
    return Unknown(f"the answer was {answer.status}")


def read_lookup(text: TextMessage, answer: Answer) -> LookedUp:
    """What became of a text, from the list of those to its number."""
    if answer.status != 200:
        return Unknown(f"the answer was {answer.status}")
    try:
        page = msgspec.json.decode(answer.body, type=_Page)
        since = text.written_at - LEEWAY
        times = [_created(each) for each in page.messages]
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, TypeError):
        return Unknown("the answer can't be read")
    return _found(text, page.messages, times, since, more=page.next_page_uri is not None)


def _found(
    text: TextMessage,
    messages: Sequence[_Message],
    times: Sequence[datetime],
    since: datetime,
    *,
    more: bool,
) -> LookedUp:
    for message, created in zip(messages, times, strict=True):
        if message.to == text.to and message.body == text.text and created >= since:
            if message.status in _GONE:
                code = REFUSALS.get(message.error_code or 0, "text_undelivered")
                return Refusal(code, f"{message.status}: {message.error_code}")
            return Sent(message.sid)
    if more and all(created >= since for created in times):
        return Unknown("there are too many texts to this number to find one")
    return NeverReceived()


def _refused(body: bytes) -> Outcome:
    try:
        error = msgspec.json.decode(body, type=_Error)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Unknown("the refusal can't be read")
    code = REFUSALS.get(error.code)
    if code is None:
        return Unknown(f"error {error.code}")
    return Refusal(code, f"{error.code}: {error.message}"[:300])


def _created(message: _Message) -> datetime:
    if not message.date_created:
        raise ValueError("a text without a date")
    found = parsedate_to_datetime(message.date_created)
    if found.tzinfo is None:
        raise ValueError("a date without its zone")
    return found


def _path(account: str) -> str:
    return f"/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
