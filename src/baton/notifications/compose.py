"""Messages in words: the templates beside this file, filled in.

The same facts give the same words. A language without templates is answered in English. What a
person typed is escaped in HTML, and one line everywhere: no name can add a header, a tag or a
line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_currency_symbol
from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from baton.notifications.errors import FactsIncomplete, LinkInvalid
from baton.notifications.model import Composed, MessageFacts, MessageKind
from baton.values.money import Money, minor_units

LANGUAGES = ("en", "de")

# Marks that turn the direction of all text after them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NEEDED: dict[MessageKind, tuple[str, ...]] = {
    MessageKind.ORDER_CONFIRMED: ("items", "total"),
    MessageKind.SHIPPED: ("items", "parcels"),
    MessageKind.DELIVERED: ("items",),
    MessageKind.PICKUP_READY: ("items", "pickup"),
    MessageKind.CANCELLED: ("items",),
}

T = TypeVar("T")


def compose(kind: MessageKind, language: str, facts: MessageFacts) -> Composed:
    """Subject, text and HTML of one message.

    `language` is a tag like "de" or "en-GB": it chooses the words, the look of money and dates.
    Raises FactsIncomplete and LinkInvalid.
    """
    _check(kind, facts)
    locale = _locale(language)
    said = _one_line(facts)
    context = {
        **{f.name: getattr(said, f.name) for f in fields(said)},
        "lang": locale.language,
        "words": _words(locale.language),
        "money": _money_in(locale),
        "day": _day_in(locale),
        "country": _country_in(locale),
    }
    templates = _templates()
    place = f"{locale.language}/{kind}"
    subject, _, text = templates.get_template(f"{place}.txt").render(context).partition("\n")
    html = templates.get_template(f"{place}.html").render(context)
    return Composed(subject.removeprefix("Subject:").strip(), text.strip() + "\n", html)


def _check(kind: MessageKind, facts: MessageFacts) -> None:
    for name in ("shop", "order_number", *_NEEDED[kind]):
        if getattr(facts, name) in ("", (), None):
            raise FactsIncomplete(f"A message {kind} needs {name}.", field=name)
    for url in (facts.order_url, *(parcel.url for parcel in facts.parcels)):
        if url and not url.lower().startswith(("https://", "http://")):
            raise LinkInvalid(f"{url[:80]!r} is no address of the web.", field="url")


def _locale(language: str) -> Locale:
    try:
        locale = Locale.parse(language, sep="-" if "-" in language else "_")
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    return locale if locale.language in LANGUAGES else Locale("en")


@cache
def _templates() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("baton.notifications"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _words(language: str) -> dict[str, str]:
    """The short words that all messages of a language share."""
    module: Any = _templates().get_template(f"{language}/words.jinja").module
    return dict(module.words)


def _money_in(locale: Locale) -> Callable[[Money], str]:
    def shown(money: Money) -> str:
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
    return lambda day: format_date(day, "full", locale=locale)


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
