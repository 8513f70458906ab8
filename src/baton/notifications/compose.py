"""Messages in words: a template, built in or the merchant's own, filled in.

The same facts give the same words. A language without words is answered in the next one of the
chain. What a person typed is escaped in HTML, and one line everywhere: no name can add a header,
a tag or a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_currency_symbol

from baton.notifications import shapes
from baton.notifications.errors import FactsIncomplete, LinkInvalid, TemplateFailed
from baton.notifications.model import (
    LANGUAGES,
    Composed,
    Medium,
    MessageFacts,
    MessageKind,
    Place,
    Source,
    Template,
)
from baton.notifications.samples import bare, sample
from baton.notifications.sandbox import Steps, check, counted, function, rendered
from baton.values.money import Money, minor_units

LONGEST_TEXT = 1600
"""Characters of a text message. *Source:* Twilio, Messages resource, Body: up to 1,600."""
LONGEST_SUBJECT = 300
# Marks that turn the direction of all text after them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMPTY_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_NEEDED: dict[MessageKind, tuple[str, ...]] = {
    MessageKind.ORDER_CONFIRMED: ("items", "total"),
    MessageKind.SHIPPED: ("items", "parcels"),
    MessageKind.OUT_FOR_DELIVERY: ("parcels",),
    MessageKind.DELIVERED: ("items",),
    MessageKind.PICKUP_READY: ("items", "pickup"),
    MessageKind.DELAYED: ("promised_by",),
    MessageKind.CANCELLED: ("items",),
    MessageKind.ORDER_CHANGED: ("changed",),
    MessageKind.REFUND_MADE: ("amount",),
    MessageKind.RETURN_LABEL: ("action_url",),
    MessageKind.EXCHANGE_SHIPPED: ("parcels",),
    MessageKind.INVOICE_ISSUED: ("document_no",),
    MessageKind.GIFT_CARD: ("amount", "code"),
    MessageKind.STORE_CREDIT: ("amount",),
    MessageKind.CSAT_DELIVERY: ("rate_url",),
    MessageKind.CSAT_RETURN: ("rate_url",),
    MessageKind.ORDER_LINK: ("order_url",),
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words, its language, and what was wrong with the merchant's own template."""

    composed: Composed
    language: str
    failure: TemplateFailed | None = None


def worded(
    kind: MessageKind,
    medium: Medium,
    languages: Sequence[str],
    facts: MessageFacts,
    own: Mapping[Place, Template],
) -> Worded:
    """The message in the first of these languages that there are words in, at last in English.

    The merchant's own template comes before the built-in one of its language. One that fails is
    replaced by the built-in words, and `failure` says why. Raises FactsIncomplete, LinkInvalid.
    """
    for language in (*languages, "en"):
        locale = _locale(language)
        template = own.get(Place(kind, locale.language, medium))
        if template is not None and not template.withdrawn:
            try:
                made = compose(kind, language, facts, medium, template.source)
                return Worded(made, locale.language)
            except TemplateFailed as failure:
                return Worded(compose(kind, language, facts, medium), locale.language, failure)
        if locale.language in LANGUAGES:
            return Worded(compose(kind, language, facts, medium), locale.language)
    raise AssertionError("there are words in English")


def compose(
    kind: MessageKind,
    language: str,
    facts: MessageFacts,
    medium: Medium = Medium.MAIL,
    source: Source | None = None,
) -> Composed:
    """One message by the built-in template, or by this one.

    `language` is a tag like "de" or "en-GB": it chooses the words, the look of money and dates.
    Raises FactsIncomplete, LinkInvalid, and TemplateFailed.
    """
    _complete(kind, facts)
    locale = _locale(language)
    if source is None:
        locale = locale if locale.language in LANGUAGES else Locale("en")
        source = shapes.built_in(kind, locale.language, medium)
    context = _context(locale, facts)
    text = rendered(source.text, context, "text")
    if medium is Medium.SMS:
        return Composed("", _short(text), "")
    subject = " ".join(rendered(source.subject, context, "subject").split())
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise TemplateFailed("A subject has 1 to 300 characters.", field="subject", line=1)
    html = rendered(source.html, context, "html") if source.html else ""
    return Composed(subject, _EMPTY_LINES.sub("\n\n", text).strip() + "\n", html)


def try_out(place: Place, source: Source) -> None:
    """Pass a template that templates may be like, and that can be filled in: with all that such a
    message may know, and with the least.

    Raises TemplateInvalid or TemplateFailed, with the part in `field` and its `line`.
    """
    for field in ("subject", "text", "html"):
        check(getattr(source, field), field)
    if not source.text.strip():
        raise TemplateFailed("A message needs its text.", field="text", line=1)
    for facts in (sample(place.kind), bare(place.kind)):
        compose(place.kind, place.language, facts, place.medium, source)


def _short(text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > LONGEST_TEXT:
        raise TemplateFailed(f"A text has 1 to {LONGEST_TEXT} characters.", field="text", line=1)
    return said


def _context(locale: Locale, facts: MessageFacts) -> dict[str, Any]:
    steps = Steps()
    said = counted(_one_line(facts), steps)
    spoken = shapes.spoken(locale.language)
    return {
        **{f.name: getattr(said, f.name) for f in fields(said)},
        "lang": locale.language,
        "marks": (1, 2, 3, 4, 5),
        "words": shapes.words(spoken)["shared"],
        "money": function(_money_in(locale), steps),
        "day": function(_day_in(locale), steps),
        "country": function(_country_in(locale), steps),
    }


def _complete(kind: MessageKind, facts: MessageFacts) -> None:
    for name in ("shop", "order_number", *_NEEDED.get(kind, ())):
        if getattr(facts, name) in ("", (), None):
            raise FactsIncomplete(f"A message {kind} needs {name}.", field=name)
    urls = (facts.order_url, facts.action_url, facts.rate_url, *(p.url for p in facts.parcels))
    for url in urls:
        if url and not url.lower().startswith(("https://", "http://")):
            raise LinkInvalid(f"{url[:80]!r} is no address of the web.", field="url")


def language_of(text: str) -> str:
    """The bare language of a tag like "de-AT"; English where it is none."""
    return str(_locale(text).language)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def money_in(language: str) -> Callable[[Money], str]:
    """How amounts are written in a language."""
    return _money_in(_locale(language))


def _money_in(locale: Locale) -> Callable[[Money], str]:
    def shown(money: Money) -> str:
        if not isinstance(money, Money):
            raise TypeError("money() shows an amount of money")
        digits = minor_units(money.currency)
        pattern = copy(locale.currency_formats["standard"])
        pattern.frac_prec = (digits, digits)
        text = str(
            pattern.apply(
                Decimal(money.minor).scaleb(-digits),
                locale,
                currency=money.currency,
                currency_digits=False,
            )
        )
        if get_currency_symbol(money.currency, locale) != money.currency:
            return text
        return text.replace(money.currency, f"{money.currency}\N{NO-BREAK SPACE}").strip()

    return shown


def _day_in(locale: Locale) -> Callable[[date], str]:
    def shown(day: date) -> str:
        if not isinstance(day, date):
            raise TypeError("day() shows a date")
        return format_date(day, "full", locale=locale)

    return shown


def _country_in(locale: Locale) -> Callable[[str], str]:
    return lambda code: str(locale.territories.get(code, code))


def _one_line(value: T) -> T:
    """The value with every text in it on one line, without what can't be seen.

    An emoji joined of several keeps its joiners; what turns the direction of writing goes.
    """
    if isinstance(value, str):
        text = _TURNS.sub("", value.encode("utf-8", "replace").decode())
        seen = "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text)
        return " ".join(seen.split())  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(map(_one_line, value))  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: _one_line(getattr(value, f.name)) for f in fields(value)}
        return type(value)(**parts)
    return value
