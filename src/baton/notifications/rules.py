"""What becomes of a message, from values to values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from baton.notifications.errors import (
    NotSendable,
    PreferencesInvalid,
    RatingInvalid,
    RecipientInvalid,
)
from baton.notifications.model import (
    Consent,
    Draft,
    Medium,
    Message,
    MessageKind,
    MessageState,
    Preferences,
    QuietHours,
    Rating,
)
from baton.notifications.port import Attachment, Outcome, Refusal, Sent, TextMessage, message_id
from baton.notifications.port import Message as Outgoing
from baton.notifications.port import Unknown as UnknownOutcome
from baton.notifications.states import MOVES
from baton.values.ids import Id

LONGEST_COMMENT = 2000
# Source: ITU-T E.164, section 6.1: at most 15 digits with the country's
_TELEPHONE = re.compile(r"\+[1-9][0-9]{6,14}")
# What is sent whatever a customer wants: it carries what they need or asked for.
ALWAYS = frozenset({MessageKind.ORDER_LINK, MessageKind.GIFT_CARD, MessageKind.PICKUP_READY})


def check(draft: Draft) -> None:
    """Raises RecipientInvalid unless the message has one recipient and nothing hidden there."""
    address = draft.recipient
    if draft.medium is Medium.SMS:
        if not _TELEPHONE.fullmatch(address):
            raise RecipientInvalid("A text goes to one number like +4930123456.", field="recipient")
        return
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
        medium=draft.medium,
        due_at=draft.due_at,
        attachment=draft.attachment,
        copy_no=draft.copy_no,
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
        case UnknownOutcome():
            return message
    return after if (message.state, after.state) in MOVES else message


def outgoing(message: Message, domain: str, attachments: tuple[Attachment, ...] = ()) -> Outgoing:
    """The message for the mailer: the same each time, under the same Message-ID."""
    return Outgoing(
        to=message.recipient,
        subject=message.composed.subject,
        text=message.composed.text,
        html=message.composed.html,
        message_id=message_id(str(message.id), domain),
        written_at=message.created_at,
        attachments=attachments,
    )


def outgoing_text(message: Message) -> TextMessage:
    """The message for the sender of texts: the same each time, under the same key."""
    return TextMessage(
        message.recipient, message.composed.text, str(message.id), message.created_at
    )


def telephone(written: str) -> str:
    """The number as texts take it, or empty where it is none with its country's prefix."""
    digits = re.sub(r"[\s().\-/]", "", written)
    found = "+" + digits[2:] if digits.startswith("00") else digits
    return found if _TELEPHONE.fullmatch(found) else ""


def again(message: Message, copy_no: int) -> Draft:
    """The same words to the same person once more. Raises NotSendable while the first are open."""
    if message.state is MessageState.REQUESTED:
        raise NotSendable("This message is still on its way: wait until it has an end.")
    return Draft(
        order_id=message.order_id,
        kind=message.kind,
        fact_key=message.fact_key,
        recipient=message.recipient,
        language=message.language,
        composed=message.composed,
        medium=message.medium,
        attachment=message.attachment,
        copy_no=copy_no,
    )


# ── who wants what, and when ───────────────────────────────────────────────────────────────


def wanted(
    kind: MessageKind, medium: Medium, preferences: Preferences, said: Iterable[Consent]
) -> bool:
    """Whether a customer is told this by this medium: texts only where they asked for them, mails
    unless the merchant turned the kind off or the customer does not want it."""
    spoken = {each.granted for each in said if (each.kind, each.medium) == (kind, medium)}
    if kind in preferences.off:
        return False
    if medium is Medium.SMS:
        return spoken == {True}
    return kind in ALWAYS or False not in spoken


def chain(language: str, preferences: Preferences) -> tuple[str, ...]:
    """The languages to look for words in: the order's, the shop's, English."""
    return tuple(dict.fromkeys((language, preferences.language, "en")))


def due(now: datetime, quiet: QuietHours) -> datetime:
    """When a text may be sent: now, or when the quiet hours are over.

    Where clocks are put forward over the end, it is the first moment after.
    """
    zone = ZoneInfo(quiet.time_zone)
    local = now.astimezone(zone)
    start, end, clock = quiet.start, quiet.end, local.time()
    over_night = start > end
    inside = clock >= start or clock < end if over_night else start <= clock < end
    if start == end or not inside:
        return now
    day = local.date() + timedelta(days=1 if over_night and clock >= start else 0)
    return datetime.combine(day, end, tzinfo=zone).astimezone(now.tzinfo)


def checked_preferences(preferences: Preferences) -> Preferences:
    """Raises PreferencesInvalid for a time zone or language that there is not."""
    try:
        ZoneInfo(preferences.quiet.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PreferencesInvalid(
            f"There is no time zone {preferences.quiet.time_zone!r}; write one like Europe/Berlin.",
            field="time_zone",
        ) from error
    return replace(preferences, language=checked_language(preferences.language))


def checked_language(language: str) -> str:
    """The bare language of a tag. Raises PreferencesInvalid where there is none such."""
    try:
        return str(Locale.parse(language, sep="-" if "-" in language else "_").language)
    except (ValueError, UnknownLocaleError) as error:
        raise PreferencesInvalid(
            f"There is no language {language!r}; write one like de.", field="language"
        ) from error


def checked_rating(rating: Rating) -> Rating:
    """Raises RatingInvalid."""
    if not 1 <= rating.score <= 5:
        raise RatingInvalid("Give 1 to 5.", field="score")
    if len(rating.comment) > LONGEST_COMMENT:
        raise RatingInvalid(f"Write at most {LONGEST_COMMENT} characters.", field="comment")
    return rating


def moved_later(
    told: Collection[tuple[int, object]], now: Collection[tuple[int, object]]
) -> tuple[int, ...]:
    """Delivery groups whose promised day is later than the one that the customer was told."""
    before = dict(told)
    return tuple(
        group
        for group, day in now
        if group in before and day > before[group]  # type: ignore[operator]
    )
