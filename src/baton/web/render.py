"""Pages in words: templates, languages, and what a page may load.

Customers' pages load nothing but one style sheet of ours: no script, no font, no picture of
anybody else's.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from baton.notifications.compose import money_in
from baton.notifications.model import LANGUAGES
from baton.values import Money

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
STYLE = (files("baton.web") / "static" / "customer.css").read_text("utf-8")
STYLE_PATH = f"/pages/{hashlib.sha256(STYLE.encode()).hexdigest()[:16]}.css"

_pages = Environment(
    loader=PackageLoader("baton.web"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a page speaks: its language, and amounts and times as people there write them."""

    language: str
    time_zone: str = "UTC"

    def say(self, code: str, **values: object) -> str:
        """These words, with the values in their places."""
        return _words(self.language)[code].format_map(values)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)

    def short_day(self, day: date) -> str:
        return str(format_skeleton("MMMEd", _noon(day), locale=self.language))

    def moment(self, at: datetime) -> str:
        zone = ZoneInfo(self.time_zone)
        day = format_skeleton("MMMEd", at.astimezone(zone), tzinfo=zone, locale=self.language)
        clock = format_datetime(at, "HH:mm", tzinfo=zone, locale=self.language)
        return f"{day}, {clock}" + (" UTC" if self.time_zone == "UTC" else "")

    def money(self, minor: int, currency: str) -> str:
        return money_in(self.language)(Money(minor, currency))

    def country(self, code: str) -> str:
        return str(Locale(self.language).territories.get(code, code))


def tongue(languages: Sequence[str], time_zone: str = "UTC") -> Tongue:
    """The first of these languages that pages have words in; else English."""
    for language in languages:
        try:
            bare = Locale.parse(language, sep="-" if "-" in language else "_").language
        except (ValueError, UnknownLocaleError, TypeError):
            continue
        if bare in LANGUAGES:
            return Tongue(bare, time_zone)
    return Tongue("en", time_zone)


def accepted(header: str) -> Tongue:
    """The language that a browser asks for. *Source:* RFC 9110, section 12.5.4."""
    wished = list[tuple[float, int, str]]()
    for place, part in enumerate(header[:500].split(",")[:20]):
        language, _, weight = part.partition(";q=")
        try:
            wished.append((-float(weight or 1), place, language.strip()))
        except ValueError:
            continue
    return tongue([language for _, _, language in sorted(wished)])


def page(
    name: str,
    speaks: Tongue,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """A customer's page in their language."""
    said: dict[str, Callable[..., str]] = {
        "say": speaks.say,
        "day": speaks.day,
        "short_day": speaks.short_day,
        "moment": speaks.moment,
        "money": speaks.money,
        "country": speaks.country,
    }
    context = {"lang": speaks.language, "style": STYLE_PATH, **said, **values}
    text = _pages.get_template(name).render(context)
    fixed = {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow"}
    return HTMLResponse(text, status, fixed | dict(headers or {}))


def moved_to(path: str) -> RedirectResponse:
    """Go on there with GET, so that loading the page again sends nothing again."""
    return RedirectResponse(path, 303, {"Content-Security-Policy": POLICY})


@cache
def _words(language: str) -> Mapping[str, str]:
    text = (files("baton.web") / "words" / f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001  a day has no zone
