"""Merchants' templates: only what is listed, refused with the line, and never without end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.notifications import samples, shapes
from baton.notifications.compose import compose, try_out, worded
from baton.notifications.errors import TemplateFailed, TemplateInvalid
from baton.notifications.model import (
    FIELDS,
    LANGUAGES,
    Item,
    Medium,
    MessageFacts,
    MessageKind,
    Place,
    Source,
    Template,
)
from baton.notifications.sandbox import check

SHIPPED = Place(MessageKind.SHIPPED, "en", Medium.MAIL)
SOURCE = Source("Order {{ order_number }}", "Hello {{ name }}\n", "<p>Hello {{ name }}</p>")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def own(text: str, place: Place = SHIPPED, *, withdrawn: bool = False) -> dict[Place, Template]:
    source = Source("S", text, "")
    return {place: Template(place, 1, source, withdrawn, "user:usr_1", NOW)}


def test_every_field_is_documented() -> None:
    assert list(FIELDS) == [f.name for f in fields(MessageFacts)]


@pytest.mark.parametrize("medium", list(Medium))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(MessageKind))
def test_what_is_built_in_could_be_a_merchants_own(
    kind: MessageKind, language: str, medium: Medium
) -> None:
    place = Place(kind, language, medium)
    source = shapes.built_in(kind, language, medium)
    try_out(place, source)
    facts = samples.sample(kind)
    assert compose(kind, language, facts, medium, source) == compose(kind, language, facts, medium)


@pytest.mark.parametrize("kind", list(MessageKind))
def test_each_language_has_words_of_its_own(kind: MessageKind) -> None:
    said = [shapes.words(language)[kind] for language in LANGUAGES]
    assert len({tuple(sorted(words)) for words in said}) == 1, "the same words are there in each"
    assert len({words["heading"] for words in said}) == len(LANGUAGES)
    shared = [set(shapes.words(language)["shared"]) for language in LANGUAGES]
    assert all(names == shared[0] for names in shared)


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ name.__class__ }}",
        "{{ name['__class__'] }}",
        "{{ items['__class__'] }}",
        "{{ items[name] }}",
        "{{ items|attr('__class__') }}",
        "{{ name|map('upper') }}",
        "{{ name|safe }}",
        "{{ name|format }}",
        "{{ name|xmlattr }}",
        "{{ '%s'|format(name) }}",
        "{{ name.format('{0.__class__}') }}",
        "{{ name.upper() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ lipsum.__globals__ }}",
        "{{ joiner }}",
        "{{ namespace() }}",
        "{{ dict() }}",
        "{{ range(9) }}",
        "{{ money.__closure__ }}",
        "{{ money.for_templates }}",
        "{{ parts.__class__ }}",
        "{{ parts._TemplateModule__context }}",
        "{{ words.__class__ }}",
        "{{ words.get('hello') }}",
        "{{ loop }}{{ caller }}",
        "{{ total.__class__ }}",
        "{{ money(total).__class__ }}",
        "{{ ([]|first)() }}",
        "{{ [].append }}",
        "{{ {}.items() }}",
        "{{ (1).real }}",
        "{{ 1 if name.__class__ else 2 }}",
        "{% set x = name %}",
        "{% set x %}{{ name }}{% endset %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{% include 'layout.html' %}",
        "{% include name %}",
        "{% extends name %}",
        "{% extends 'no_console.html' %}",
        "{% extends '../web/page.html' %}",
        "{% import 'layout.html' as layout %}",
        "{% import name as parts %}",
        "{% from 'parts.txt' import goods %}",
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "{% filter upper %}{{ name }}{% endfilter %}",
        "{% call(x) parts.panel('x') %}{{ x.__class__ }}{% endcall %}",
        "{% for c in name.__class__ %}{% endfor %}",
        "{% for c in [1, 2] %}{% endfor %}",
        "{% for c in range(9) %}{% endfor %}",
        "{% for a, b in items %}{% endfor %}",
        "{% for i in items recursive %}{{ loop(items) }}{% endfor %}",
        "{{ 9 * 9 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 'a' * 999999999 }}",
        "{{ name + name }}",
        "{{ -name }}",
        "{{ 1 // 0 }}",
        "{{ name[::2] }}",
        "{{ " + "9" * 6000 + " }}",
        "{{ " + "(" * 400 + "1" + ")" * 400 + " }}",
        "{% if 1 %}" * 300 + "{% endif %}" * 300,
        "{% do 1 %}",
        "{% debug %}",
        "{% trans %}x{% endtrans %}",
        "{{ undefined_name }}",
        "{{",
        "{% if %}",
        "{% endfor %}",
        "x" * 50_001,
    ],
)
def test_nothing_gets_out(escape: str) -> None:
    for part in ("subject", "text", "html"):
        with pytest.raises((TemplateInvalid, TemplateFailed)) as refused:
            try_out(SHIPPED, replace(SOURCE, **{part: escape}))
        assert refused.value.field == part
        assert refused.value.parameters["line"] >= 1


@pytest.mark.parametrize(
    ("broken", "line", "said"),
    [
        ("one\ntwo\n{{ nme }}\n", 3, "there is no field 'nme'"),
        ("one\n{% if partly %}\ntwo\n", 3, "if"),
        ("one\n\n{{ pickup.plce }}\n", 3, "plce"),
        ("one\n{{ items[0].colour }}", 2, "colour"),
        ("one\n{{ money(name) }}", 2, "an amount of money"),
        ("{{ day(order_number) }}", 1, "a date"),
        ("{{ name|shout }}", 1, "no filter 'shout'"),
        ("ok\nok\nok\n{{ parts.nothing() }}", 4, "parts"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(broken: str, line: int, said: str) -> None:
    with pytest.raises((TemplateInvalid, TemplateFailed)) as refused:
        try_out(SHIPPED, replace(SOURCE, text=broken))
    assert refused.value.parameters["line"] == line
    assert said in refused.value.message
    assert refused.value.message.startswith(f"Line {line}: ")


def test_what_may_be_missing_must_be_asked_for() -> None:
    """The least that such a message may know is tried too."""
    with pytest.raises(TemplateFailed, match="a date"):
        try_out(SHIPPED, replace(SOURCE, text="{{ day(promised_by) }}"))
    asked = "{% if promised_by is not none %}{{ day(promised_by) }}{% endif %}."
    try_out(SHIPPED, replace(SOURCE, text=asked))


def test_no_message_runs_without_end() -> None:
    loops = "{% for a in items %}{% for b in items %}{{ a.title }}{% endfor %}{% endfor %}"
    many = replace(samples.sample(MessageKind.SHIPPED), items=(Item("x", 1),) * 1000)
    with pytest.raises(TemplateFailed, match="too many steps"):
        compose(MessageKind.SHIPPED, "en", many, source=replace(SOURCE, text=loops))
    with pytest.raises(TemplateInvalid, match="twice at most"):
        check("{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}"
              "{% endfor %}{% endfor %}", "text")  # fmt: skip
    with pytest.raises(TemplateInvalid, match="at most 20 loops"):
        check("{% for a in items %}{% endfor %}" * 21, "text")
    long = "{% for a in items %}" + "x" * 1000 + "{% endfor %}"
    with pytest.raises(TemplateFailed, match="over 200000"):
        compose(MessageKind.SHIPPED, "en", many, source=replace(SOURCE, text=long))


def test_what_people_typed_is_escaped_in_html_alone() -> None:
    facts = replace(samples.sample(MessageKind.SHIPPED), name="<b>&{{ shop }}")
    made = compose(MessageKind.SHIPPED, "en", facts, source=SOURCE)
    assert made.text == "Hello <b>&{{ shop }}\n"
    assert made.html == "<p>Hello &lt;b&gt;&amp;{{ shop }}</p>"


def test_a_text_is_short_and_on_one_line() -> None:
    sms = Place(MessageKind.SHIPPED, "en", Medium.SMS)
    try_out(sms, Source("", "Your order\n{{ order_number }}", ""))
    facts = samples.sample(MessageKind.SHIPPED)
    made = compose(*sms_args(facts), Source("", "Your order\n{{ order_number }}", ""))
    assert (made.subject, made.html) == ("", "")
    assert made.text == "Your order K3V9T-0QX4M"
    with pytest.raises(TemplateFailed):
        try_out(sms, Source("", "x" * 1601, ""))
    with pytest.raises(TemplateFailed):
        try_out(sms, Source("", " \n", ""))


def sms_args(facts: MessageFacts) -> tuple[MessageKind, str, MessageFacts, Medium]:
    return MessageKind.SHIPPED, "en", facts, Medium.SMS


# ── which words count ──────────────────────────────────────────────────────────────────────


def said(languages: tuple[str, ...], templates: dict[Place, Template]) -> tuple[str, str]:
    facts = samples.sample(MessageKind.SHIPPED)
    made = worded(MessageKind.SHIPPED, Medium.MAIL, languages, facts, templates)
    return made.language, made.composed.text.splitlines()[0]


def test_the_orders_language_then_the_shops_then_english() -> None:
    assert said(("fr-CA", "de"), {})[0] == "fr"
    assert said(("pl", "de"), {})[0] == "de"
    assert said(("pl", "cs"), {})[0] == "en"
    assert said(("", "x!"), {})[0] == "en"


def test_a_merchants_words_come_first_even_in_a_language_of_their_own() -> None:
    polish = Place(MessageKind.SHIPPED, "pl", Medium.MAIL)
    assert said(("pl", "de"), own("Cześć\n", polish)) == ("pl", "Cześć")
    assert said(("en",), own("Ahoy\n")) == ("en", "Ahoy")
    assert said(("en",), own("Ahoy\n", withdrawn=True))[1] == "Hello Ada Lovelace,"
    assert said(("de",), own("Ahoy\n"))[0] == "de"


def test_words_that_fail_are_replaced_and_shown() -> None:
    facts = replace(samples.sample(MessageKind.SHIPPED), promised_by=None)
    broken = own("one\n{{ day(promised_by) }}")
    made = worded(MessageKind.SHIPPED, Medium.MAIL, ("en",), facts, broken)
    assert made.composed == compose(MessageKind.SHIPPED, "en", facts)
    assert made.failure is not None
    assert made.failure.parameters["line"] == 2


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}%#-|.()[]'\" \nnameitems0_~*+", max_size=60))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with suppress(TemplateInvalid, TemplateFailed):
        try_out(SHIPPED, replace(SOURCE, text=text))


def test_the_clock_of_quiet_hours() -> None:
    from baton.notifications.model import QuietHours
    from baton.notifications.rules import due

    berlin = QuietHours(time(21), time(8), "Europe/Berlin")

    def at(text: str) -> str:
        return due(datetime.fromisoformat(text).replace(tzinfo=UTC), berlin).isoformat()

    assert at("2026-01-10T12:00") == "2026-01-10T12:00:00+00:00"
    assert at("2026-01-10T20:00") == "2026-01-11T07:00:00+00:00"
    assert at("2026-01-11T06:59") == "2026-01-11T07:00:00+00:00"
    assert at("2026-01-11T07:00") == "2026-01-11T07:00:00+00:00"
    assert at("2026-07-10T19:30") == "2026-07-11T06:00:00+00:00"
    assert at("2026-03-28T22:00") == "2026-03-29T06:00:00+00:00", "summer time begins that night"
    noon = QuietHours(time(12), time(14), "UTC")
    half_past = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    assert due(half_past, noon).hour == 14
    assert due(half_past, QuietHours(time(0), time(0), "UTC")) == half_past
