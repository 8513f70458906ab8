"""Messages over HTTP: merchants' own words, what customers were told, want, and say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from baton import channels, customers, notifications, orders
from baton.access.model import Permission, Principal
from baton.customers.errors import CustomerNotFound
from baton.flows import messages
from baton.http.call import Asked, Places
from baton.http.master_data import UnknownCode
from baton.http.notification_shapes import (
    ConsentsIn,
    ConsentsOut,
    FieldsOut,
    MessagePreviewIn,
    MessagePreviewOut,
    MessageTextOut,
    PlaceIn,
    PreferencesIn,
    PreferencesOut,
    RatingOut,
    SatisfactionOut,
    SatisfactionsOut,
    TemplateIn,
    TemplateOut,
    TemplateRowOut,
    VersionOut,
)
from baton.http.order_shapes import CustomerId, MessageId
from baton.http.orders import OrderRef, found
from baton.http.wire import Page
from baton.notifications import rules
from baton.notifications.compose import compose
from baton.notifications.errors import MessageNotFound
from baton.notifications.model import (
    FIELDS,
    Consent,
    Medium,
    Message,
    MessageKind,
    Place,
    Preferences,
    QuietHours,
    Source,
    Template,
)
from baton.notifications.samples import sample
from baton.notifications.shapes import built_in
from baton.platform.db import Tx
from baton.values import Id
from baton.values.ids import NIL

router = APIRouter(prefix="/v1", tags=["notifications"])

VERSIONS = 50
COMMENTS = 100
# Whoever reads these could use what is in them.
SECRET = frozenset({MessageKind.PICKUP_READY, MessageKind.GIFT_CARD})

KindQuery = Annotated[MessageKind, Query(description="What a person is told about.")]
LanguageQuery = Annotated[str, Query(min_length=2, max_length=20, description="Like de or en-GB.")]
MediumQuery = Annotated[Medium, Query(description="mail or sms.")]


# ── the merchant's own words ───────────────────────────────────────────────────────────────


@router.get("/notifications/fields")
def list_fields(call: Asked) -> FieldsOut:
    """What templates may name, and the kinds, languages and media that there are."""
    answer = FieldsOut(
        fields=FIELDS,
        kinds=list(MessageKind),
        media=list(Medium),
        languages=list(notifications.LANGUAGES),
    )
    return call.read(Permission.NOTIFICATIONS_READ, lambda _tx: answer)


@router.get("/notifications/templates")
def list_templates(call: Asked) -> Page[TemplateRowOut]:
    """The places with words of the merchant's own; everywhere else the built-in ones count."""

    def work(tx: Tx) -> Page[TemplateRowOut]:
        own = notifications.templates(tx, set(MessageKind))
        return Page(data=[_row(each) for each in own.values()])

    return call.read(Permission.NOTIFICATIONS_READ, work)


@router.get("/notifications/template")
def show_template(
    call: Asked, kind: KindQuery, language: LanguageQuery, medium: MediumQuery = Medium.MAIL
) -> TemplateOut:
    """The template that counts in a place, and every version that was saved there."""
    place = Place(kind, rules.checked_language(language), medium)
    return call.read(Permission.NOTIFICATIONS_READ, lambda tx: _shown(tx, place))


@router.put("/notifications/template", response_model=TemplateOut)
def save_template(call: Asked, body: TemplateIn) -> Response:
    """Save words of one's own; they count from now on. A broken one is refused with its line."""
    place, source = _place(body), Source(body.subject, body.text, body.html)

    def work(tx: Tx, _principal: Principal) -> TemplateOut:
        notifications.save_template(tx, place, source, body.version)
        return _shown(tx, place)

    return call.write(Permission.NOTIFICATIONS_WRITE, work)


@router.post("/notifications/template/withdraw", response_model=TemplateOut)
def withdraw_template(call: Asked, body: PlaceIn) -> Response:
    """Let the built-in words count again; every version stays."""
    place = _place(body)

    def work(tx: Tx, _principal: Principal) -> TemplateOut:
        notifications.withdraw_template(tx, place)
        return _shown(tx, place)

    return call.write(Permission.NOTIFICATIONS_WRITE, work)


@router.post("/notifications/preview")
def preview(call: Asked, body: MessagePreviewIn) -> MessagePreviewOut:
    """What a message would look like: with a real order or a made-up one, by the template that
    counts or by one that is not saved yet. Nothing is sent."""
    place = _place(body)

    def work(tx: Tx, at: Places) -> MessagePreviewOut:
        facts = sample(place.kind)
        if body.order is not None:
            id = found(tx, body.order, at)
            order = orders.read(tx, [id])[id]
            facts = messages.preview(tx, call.app.links, order, place.kind, facts)
        own = notifications.templates(tx, {place.kind}).get(place)
        if body.text is not None:
            source = Source(body.subject, body.text, body.html)
            notifications.try_out(place, source)
        elif own is not None and not own.withdrawn:
            source = own.source
        else:
            source = built_in(place.kind, place.language, place.medium)
        made = compose(place.kind, body.language, facts, place.medium, source)
        return MessagePreviewOut(subject=made.subject, text=made.text, html=made.html)

    return call.read_at(Permission.NOTIFICATIONS_WRITE, work)


@router.get("/notifications/preferences")
def show_preferences(call: Asked) -> Page[PreferencesOut]:
    """What is wanted of messages, for all channels (null) and for single ones."""

    def work(tx: Tx) -> Page[PreferencesOut]:
        said = notifications.preferences(tx)
        codes = {id: c.code for id, c in channels.channels_by_id(tx, sorted(said)).items()}
        general = said.get(NIL, Preferences(NIL))
        others = [each for id, each in said.items() if id != NIL]
        return Page(data=[_preferences(each, codes) for each in (general, *others)])

    return call.read(Permission.NOTIFICATIONS_READ, work)


@router.put("/notifications/preferences", response_model=PreferencesOut)
def save_preferences(call: Asked, body: PreferencesIn) -> Response:
    """Say what is wanted of messages, for one channel or for all others."""

    def work(tx: Tx, _principal: Principal) -> PreferencesOut:
        channel_id, codes = NIL, dict[Id, str]()
        if body.channel is not None:
            channel = channels.channels_by_code(tx, [body.channel]).get(body.channel)
            if channel is None:
                raise UnknownCode(f"There is no channel {body.channel!r}.", field="channel")
            channel_id, codes = channel.id, {channel.id: channel.code}
        quiet = QuietHours(body.quiet_start, body.quiet_end, body.time_zone)
        wanted = Preferences(
            channel_id, body.language, quiet, frozenset(body.off), body.ask_after_days
        )
        return _preferences(notifications.prefer(tx, wanted), codes)

    return call.write(Permission.NOTIFICATIONS_WRITE, work)


# ── customers ──────────────────────────────────────────────────────────────────────────────


@router.get("/customers/{customer_id}/consents")
def show_consents(call: Asked, customer_id: CustomerId) -> ConsentsOut:
    """What a customer wants to hear by which medium; where nothing was said: mail yes, texts no."""

    def work(tx: Tx) -> ConsentsOut:
        _known(tx, customer_id)
        return _consents(tx, customer_id)

    return call.read(Permission.NOTIFICATIONS_READ, work)


@router.put("/customers/{customer_id}/consents", response_model=ConsentsOut)
def save_consents(call: Asked, customer_id: CustomerId, body: ConsentsIn) -> Response:
    """Note what a customer wants to hear, as they said it."""

    def work(tx: Tx, _principal: Principal) -> ConsentsOut:
        _known(tx, customer_id)
        said = [Consent(customer_id, c.medium, c.kind, c.granted) for c in body.consents]
        notifications.consent(tx, said)
        return _consents(tx, customer_id)

    return call.write(Permission.CUSTOMERS_WRITE, work)


@router.get("/orders/{order}/messages")
def list_messages(call: Asked, order: OrderRef) -> Page[MessageTextOut]:
    """What the customer was told about an order, word for word, oldest first.

    The words of messages that hold a code are for those who may write messages.
    """

    def work(tx: Tx, at: Places) -> Page[MessageTextOut]:
        all_words = Permission.NOTIFICATIONS_WRITE in call.who(tx).permissions
        told = notifications.by_orders(tx, [found(tx, order, at)])
        return Page(data=[_message(each, all_words=all_words) for each in told])

    return call.read_at(Permission.NOTIFICATIONS_READ, work)


@router.post(
    "/orders/{order}/messages/{message_id}/resend", response_model=MessageTextOut, status_code=201
)
def resend_message(call: Asked, order: OrderRef, message_id: MessageId) -> Response:
    """Send the very same words to the same person once more."""

    def work(tx: Tx, principal: Principal) -> MessageTextOut:
        id = found(tx, order, principal.location_ids)
        orders.locked(tx, id)
        if notifications.found(tx, message_id).order_id != id:
            raise MessageNotFound("This order has no such message.")
        return _message(notifications.resend(tx, message_id), all_words=False)

    return call.write(Permission.ORDERS_EDIT, work, status=201)


@router.get("/csat")
def satisfaction(
    call: Asked,
    since: Annotated[date | None, Query(description="First day; a year ago by default.")] = None,
    until: Annotated[date | None, Query(description="Last day; today by default.")] = None,
    by: Annotated[Literal["day", "week", "month"], Query()] = "month",
) -> SatisfactionsOut:
    """How satisfied customers are, by period (UTC) and by what was asked, and what they wrote."""

    def work(tx: Tx) -> SatisfactionsOut:
        last = until or tx.now.date()
        first = since or last - timedelta(days=365)
        span = (_midnight(first), _midnight(last) + timedelta(days=1))
        return SatisfactionsOut(
            data=[
                SatisfactionOut(
                    period=each.period,
                    asked=each.asked,
                    ratings=each.ratings,
                    average=f"{each.points / each.ratings:.2f}",
                    scores=list(each.scores),
                )
                for each in notifications.satisfaction(tx, *span, by)
            ],
            latest=[
                RatingOut.model_validate(each)
                for each in notifications.ratings_between(tx, *span, COMMENTS)
            ],
        )

    return call.read(Permission.NOTIFICATIONS_READ, work, everywhere=True)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _place(body: PlaceIn) -> Place:
    return Place(body.kind, rules.checked_language(body.language), body.medium)


def _shown(tx: Tx, place: Place) -> TemplateOut:
    versions = notifications.versions(tx, place, VERSIONS)
    own = versions[0] if versions and not versions[0].withdrawn else None
    source = own.source if own else built_in(place.kind, place.language, place.medium)
    return TemplateOut(
        kind=place.kind,
        language=place.language,
        medium=place.medium,
        own=own is not None,
        version=versions[0].version if versions else 0,
        subject=source.subject,
        text=source.text,
        html=source.html,
        versions=[_version(each) for each in versions],
    )


def _version(template: Template) -> VersionOut:
    return VersionOut(
        version=template.version,
        withdrawn=template.withdrawn,
        author=template.author,
        saved_at=template.saved_at,
        subject=template.source.subject,
        text=template.source.text,
        html=template.source.html,
    )


def _row(template: Template) -> TemplateRowOut:
    place = template.place
    return TemplateRowOut(
        kind=place.kind,
        language=place.language,
        medium=place.medium,
        version=template.version,
        withdrawn=template.withdrawn,
        author=template.author,
        saved_at=template.saved_at,
    )


def _preferences(said: Preferences, codes: dict[Id, str]) -> PreferencesOut:
    return PreferencesOut(
        channel=codes.get(said.channel_id),
        language=said.language,
        quiet_start=said.quiet.start,
        quiet_end=said.quiet.end,
        time_zone=said.quiet.time_zone,
        off=sorted(said.off),
        ask_after_days=said.ask_after_days,
    )


def _known(tx: Tx, customer_id: Id) -> None:
    if customer_id not in customers.customers_by_id(tx, [customer_id]):
        raise CustomerNotFound("There is no such customer.")


def _consents(tx: Tx, customer_id: Id) -> ConsentsOut:
    return ConsentsOut.model_validate(
        {"consents": notifications.consents(tx, [customer_id])}, from_attributes=True
    )


def _message(message: Message, *, all_words: bool) -> MessageTextOut:
    told = all_words or message.kind not in SECRET
    return MessageTextOut(
        id=message.id,
        kind=message.kind.value,
        medium=message.medium.value,
        language=message.language,
        state=message.state.value,
        error=message.error,
        recipient=message.recipient,
        copy_no=message.copy_no,
        created_at=message.created_at,
        due_at=message.due_at,
        sent_at=message.sent_at,
        subject=message.composed.subject,
        text=message.composed.text if told else "",
        html=message.composed.html if told else "",
        hidden=not told,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)
