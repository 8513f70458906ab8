"""What is done with messages, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from baton.notifications import rules, store
from baton.notifications.compose import try_out
from baton.notifications.errors import MessageNotFound, TemplateChanged, TemplateNotFound
from baton.notifications.events import (
    ConsentChanged,
    CustomerRated,
    MessageRefused,
    MessageResent,
    MessageSent,
    PreferencesSaved,
    TemplateSaved,
)
from baton.notifications.model import (
    SEND,
    Asked,
    Consent,
    Draft,
    Message,
    MessageState,
    Place,
    Preferences,
    Rating,
    Source,
    Template,
)
from baton.notifications.port import Outcome, Refusal
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.values.ids import NIL, Id

ASKING_WINDOW = timedelta(hours=1)


def put(tx: Tx, drafts: Sequence[Draft]) -> list[Message]:
    """Have messages sent: one for each kind, fact and medium, however often that fact is told.

    Returns those that are new. Raises RecipientInvalid before anything is written.
    """
    for draft in drafts:
        rules.check(draft)
    messages = [rules.opened(draft, ids.fresh(), tx.now) for draft in drafts]
    new = store.insert(tx, messages) if messages else set()
    kept = [message for message in messages if message.id in new]
    work.put(
        tx,
        [
            work.Job(
                SEND,
                {"message_id": str(message.id)},
                run_at=message.due_at,
                once_key=str(message.id),
            )
            for message in kept
        ],
    )
    return kept


def settle(tx: Tx, message_id: Id, outcome: Outcome) -> Message:
    """Book the other side's answer; settling again changes nothing, nor does Unknown.

    The caller holds the lock of the order. Raises MessageNotFound.
    """
    before = _found(store.read(tx, message_id, lock=True), message_id)
    after = rules.settled(before, outcome, tx.now)
    if after is before:
        return before
    store.settle(tx, after)
    about = (after.order_id, after.id, after.kind.value, after.fact_key)
    if after.state is MessageState.REFUSED:
        assert isinstance(outcome, Refusal)
        journal.record(tx, [MessageRefused(*about, outcome.code)])
    else:
        journal.record(tx, [MessageSent(*about)])
    return after


def found(tx: Tx, message_id: Id) -> Message:
    """One message as it stands. Raises MessageNotFound."""
    return _found(store.read(tx, message_id), message_id)


def resend(tx: Tx, message_id: Id) -> Message:
    """Have the very same words sent to the same person once more, as a copy with a number.

    The caller holds the lock of the order. Raises MessageNotFound, and NotSendable while the
    message is on its way.
    """
    message = _found(store.read(tx, message_id, lock=True), message_id)
    copy_no = store.last_copy(tx, message) + 1
    made = put(tx, [rules.again(message, copy_no)])[0]
    about = (made.order_id, made.id, made.kind.value, made.fact_key)
    journal.record(tx, [MessageResent(*about, copy_no)])
    return made


# ── the merchant's own words ───────────────────────────────────────────────────────────────


def save_template(tx: Tx, place: Place, source: Source, version: int | None = None) -> Template:
    """Keep a new version of the merchant's words; it counts from now on.

    `version` is the newest that the caller has seen, 0 for none. Raises TemplateInvalid and
    TemplateFailed with the line, TemplateChanged where it was saved by somebody else meanwhile.
    """
    try_out(place, source)
    return _next(tx, place, source, version, withdrawn=False)


def withdraw_template(tx: Tx, place: Place, version: int | None = None) -> Template:
    """Let the built-in words count again; the versions stay. Raises TemplateNotFound."""
    newest = next(iter(store.versions(tx, place, 1)), None)
    if newest is None or newest.withdrawn:
        raise TemplateNotFound("There are no words of your own in this place.")
    return _next(tx, place, newest.source, version, withdrawn=True)


def _next(tx: Tx, place: Place, source: Source, seen: int | None, *, withdrawn: bool) -> Template:
    newest = next(iter(store.versions(tx, place, 1)), None)
    last = newest.version if newest else 0
    template = Template(place, last + 1, source, withdrawn, tx.caller.actor, tx.now)
    if seen not in (None, last) or not store.save(tx, template):
        raise TemplateChanged(f"Version {last} was saved meanwhile: read it first.", version=last)
    about = (place.kind.value, place.language, place.medium.value, last + 1, withdrawn)
    journal.record(tx, [TemplateSaved(ids.fresh(), *about)])
    return template


# ── who wants what ─────────────────────────────────────────────────────────────────────────


def prefer(tx: Tx, wanted: Preferences) -> Preferences:
    """Say what is wanted of messages, for a channel or (the nil id) for all others.

    Raises PreferencesInvalid.
    """
    checked = rules.checked_preferences(wanted)
    store.prefer(tx, checked)
    off = tuple(sorted(checked.off))
    journal.record(tx, [PreferencesSaved(ids.fresh(), checked.channel_id, checked.language, off)])
    return checked


def preferences_of(tx: Tx, channel_ids: Collection[Id]) -> dict[Id, Preferences]:
    """What counts for each of these channels: its own preferences, else those of all others."""
    said = store.preferences(tx)
    general = said.get(NIL, Preferences(NIL))
    return {id: said.get(id, general) for id in channel_ids}


def consent(tx: Tx, said: Sequence[Consent]) -> None:
    """Keep what customers want to hear; what they said before about the same is replaced."""
    known = {(c.customer_id, c.medium, c.kind): c.granted
             for c in store.consents(tx, [c.customer_id for c in said])}  # fmt: skip
    newest = {(c.customer_id, c.medium, c.kind): c for c in said}
    changed = [c for key, c in sorted(newest.items()) if known.get(key) is not c.granted]
    if changed:
        store.consent(tx, changed)
    journal.record(
        tx,
        [ConsentChanged(ids.fresh(), c.customer_id, c.medium, c.kind, c.granted) for c in changed],
    )


def later(tx: Tx, order_id: Id, promised: dict[int, date]) -> dict[int, date]:
    """Note what is promised by delivery group; returns the days told before of those groups whose
    promise has moved to a later day. The caller holds the lock of the order.
    """
    told = store.promises(tx, order_id)
    news = {group: day for group, day in promised.items() if told.get(group) != day}
    if news:
        store.promise(tx, order_id, news)
    moved = rules.moved_later(told.items(), promised.items())
    return {group: told[group] for group in moved}


# ── what customers say ─────────────────────────────────────────────────────────────────────


def rate(tx: Tx, asked: Asked, fact_key: str, order_id: Id, score: int, comment: str) -> bool:
    """Keep what a customer says of a fact; the first word counts, False for any later one.

    The caller holds the lock of the order, and has seen that the fact is of this order. Raises
    RatingInvalid.
    """
    rating = rules.checked_rating(Rating(asked, fact_key, order_id, score, comment.strip(), tx.now))
    if not store.rate(tx, rating):
        return False
    journal.record(tx, [CustomerRated(order_id, asked.value, fact_key, score)])
    return True


def asked_too_often(tx: Tx, limits: dict[str, int]) -> bool:
    """Count one asking under each of these names; whether one was asked more often than its limit
    within an hour. The names are kept as hashes.
    """
    hashed = {hashlib.sha256(name.encode()).hexdigest(): most for name, most in limits.items()}
    times = store.asked(tx, list(hashed), ASKING_WINDOW)
    return any(times[key] > most for key, most in hashed.items())


def _found(message: Message | None, id: Id) -> Message:
    if message is None:
        raise MessageNotFound(f"There is no message {id}.")
    return message
