"""Messages in words: complete, in two languages, and safe whatever a person is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.notifications.compose import LANGUAGES, compose
from baton.notifications.errors import FactsIncomplete, LinkInvalid
from baton.notifications.model import (
    Extra,
    Item,
    MessageFacts,
    MessageKind,
    Pickup,
    TrackedParcel,
)
from baton.notifications.shapes import BODY
from baton.values.address import Address
from baton.values.money import Money


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


FACTS = MessageFacts(
    shop="Nordlicht",
    order_number="K3V9T-0QX4M",
    name="Zoë Ünal",
    items=(Item("Wool blanket, moss green", 1, eur(8900)), Item("Mug", 1234, eur(1_234_567))),
    extras=(Extra("Shipping", eur(490)),),
    total=eur(1_243_957),
    address=Address("Zoë Ünal", ("Gartenstraße 12a", "Hinterhaus"), "Hamburg", "DE", "20357"),
    promised_from=date(2026, 3, 7),
    promised_by=date(2026, 3, 10),
    parcels=(TrackedParcel("Postfuchs", "PF 0012", "https://track.example/?a=1&b=2"),),
    delivered_on=date(2026, 3, 9),
    pickup=Pickup("Store Altona", ("Große Bergstraße 5",), "048213", date(2026, 3, 14), "10–19"),
    reason="not in stock",
    refund=eur(8900),
    promised_was=date(2026, 3, 5),
    note="Which mug is broken?",
    changed="address",
    amount=eur(4200),
    balance=eur(5000),
    document_no="R-2026-17",
    code="GIFT-7Q2M",
    until=date(2026, 4, 1),
    order_url="https://shop.example/t/abc",
    action_url="https://shop.example/t/abc/more",
    rate_url="https://shop.example/t/abc/rate",
    contact="help@nordlicht.example",
)
NUMBERLESS = {MessageKind.GIFT_CARD, MessageKind.STORE_CREDIT}
PARTLY = {
    MessageKind.SHIPPED,
    MessageKind.DELIVERED,
    MessageKind.PICKUP_READY,
    MessageKind.CANCELLED,
}
EVERY = [(kind, language) for kind in MessageKind for language in LANGUAGES]


class Read(HTMLParser):
    """The tags of a page, what they say, and whether each is closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_message_is_whole(kind: MessageKind, language: str) -> None:
    made = compose(kind, language, FACTS)
    page = Read(made.html)
    assert page.open == []
    assert f'<html lang="{language}">' in made.html
    assert "K3V9T-0QX4M" in made.subject or kind in NUMBERLESS
    assert "\n" not in made.subject
    goods = ["Wool blanket, moss green"] if "GOODS" in BODY[kind] else []
    for said in ("Zoë Ünal", *goods, "K3V9T-0QX4M", "help@nordlicht.example"):
        assert said in made.text
        assert said in page.text
    assert "https://shop.example/t/abc" in made.text
    assert "https://shop.example/t/abc" in page.links
    assert "{{" not in made.text + made.html
    assert "\n\n\n\n" not in made.text


@pytest.mark.parametrize(
    ("kind", "subjects", "said"),
    [
        (
            MessageKind.ORDER_CONFIRMED,
            ("Thank you for your order", "Vielen Dank für Ihre Bestellung"),
            ("Gartenstraße 12a", "20357 Hamburg"),
        ),
        (MessageKind.SHIPPED, ("is on its way", "ist unterwegs"), ("PF 0012", "Postfuchs")),
        (MessageKind.DELIVERED, ("has arrived", "ist angekommen"), ()),
        (
            MessageKind.PICKUP_READY,
            ("is ready for pick-up", "liegt zur Abholung bereit"),
            ("048213", "Store Altona", "Große Bergstraße 5", "10–19"),
        ),
        (MessageKind.CANCELLED, ("was cancelled", "wurde storniert"), ("not in stock",)),
        (MessageKind.RETURN_QUESTION, ("A question", "Eine Frage"), ("Which mug is broken?",)),
        (MessageKind.INVOICE_ISSUED, ("Invoice R-2026-17", "Rechnung R-2026-17"), ("R-2026-17",)),
        (MessageKind.GIFT_CARD, ("A gift card", "Ein Gutschein"), ("GIFT-7Q2M", "Which mug")),
    ],
)
def test_each_kind_says_what_it_is_for(
    kind: MessageKind, subjects: tuple[str, str], said: tuple[str, ...]
) -> None:
    for language, subject in zip(("en", "de"), subjects, strict=True):
        made = compose(kind, language, FACTS)
        assert subject in made.subject
        for words in said:
            assert words in made.text
            assert words in Read(made.html).text


def test_the_tracking_link_can_be_followed() -> None:
    made = compose(MessageKind.SHIPPED, "en", FACTS)
    assert "https://track.example/?a=1&b=2" in Read(made.html).links
    assert "https://track.example/?a=1&b=2" in made.text


def test_money_and_dates_look_as_the_language_wants_them() -> None:
    english = compose(MessageKind.ORDER_CONFIRMED, "en", FACTS).text
    german = compose(MessageKind.ORDER_CONFIRMED, "de", FACTS).text
    british = compose(MessageKind.ORDER_CONFIRMED, "en-GB", FACTS).text
    assert "€12,439.57" in english
    assert "Saturday, March 7, 2026" in english
    assert "12.439,57\N{NO-BREAK SPACE}€" in german
    assert "Samstag, 7. März 2026" in german
    assert "7 March 2026" in british
    assert "Germany" in english
    assert "Deutschland" in german


@pytest.mark.parametrize(
    ("money", "english", "german"),
    [
        (Money(1500, "JPY"), "¥1,500", "1.500 ¥"),
        (Money(1500, "KWD"), "KWD 1.500", "1,500 KWD"),
        (Money(1500, "IQD"), "IQD 1.500", "1,500 IQD"),
        (Money(-1500, "EUR"), "-€15.00", "-15,00 €"),
        (Money(1500, "CHF"), "CHF 15.00", "15,00 CHF"),
    ],
)
def test_no_currency_loses_a_digit(money: Money, english: str, german: str) -> None:
    for language, shown in (("en", english), ("de", german)):
        made = compose(MessageKind.ORDER_CONFIRMED, language, replace(FACTS, total=money))
        assert shown in made.text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "lang"),
    [("en-GB", "en"), ("de_AT", "de"), ("de-CH", "de"), ("pl", "en"), ("fr-CA", "fr"),
     ("", "en"), ("x!", "en"),
     ("zh-Hant-TW", "en"), ("de-DE-1901", "de")],
)  # fmt: skip
def test_a_language_without_words_is_answered_in_english(language: str, lang: str) -> None:
    assert f'<html lang="{lang}">' in compose(MessageKind.SHIPPED, language, FACTS).html


@pytest.mark.parametrize("kind", sorted(PARTLY))
def test_a_part_is_called_a_part(kind: MessageKind) -> None:
    whole, part = (compose(kind, "en", replace(FACTS, partly=partly)) for partly in (False, True))
    assert part.subject.startswith("Part of your order")
    assert whole.subject.startswith("Your order")


def test_what_is_not_known_is_left_out() -> None:
    bare = MessageFacts("Shop", "N1", "", (Item("Mug", 1),), total=eur(1))
    made = compose(MessageKind.ORDER_CONFIRMED, "en", bare)
    assert made.text.startswith("Hello,\n")
    assert "arrive" not in made.text
    assert "None" not in made.text + made.html
    assert "Questions" not in made.text
    assert Read(made.html).links == []


@pytest.mark.parametrize(
    ("kind", "missing", "field"),
    [
        (MessageKind.ORDER_CONFIRMED, {"total": None}, "total"),
        (MessageKind.ORDER_CONFIRMED, {"items": ()}, "items"),
        (MessageKind.SHIPPED, {"parcels": ()}, "parcels"),
        (MessageKind.PICKUP_READY, {"pickup": None}, "pickup"),
        (MessageKind.DELIVERED, {"order_number": ""}, "order_number"),
        (MessageKind.CANCELLED, {"shop": ""}, "shop"),
    ],
)
def test_what_must_be_there(kind: MessageKind, missing: dict[str, object], field: str) -> None:
    with pytest.raises(FactsIncomplete) as caught:
        compose(kind, "en", replace(FACTS, **missing))  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "x"])
def test_a_link_leads_to_the_web(url: str) -> None:
    with pytest.raises(LinkInvalid):
        compose(MessageKind.SHIPPED, "en", replace(FACTS, order_url=url))
    with pytest.raises(LinkInvalid):
        parcels = (TrackedParcel("P", "1", url),)
        compose(MessageKind.SHIPPED, "en", replace(FACTS, parcels=parcels))


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for x in ().__class__.__mro__ %}",
    "Anna\r\nBcc: all@example.com\r\n\r\nhello",
    "a\x00b\x1bc\x85d",
    "&amp;&lt;",
]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_no_name_can_do_anything(kind: MessageKind, language: str, nasty: str) -> None:
    plain, made = compose(kind, language, FACTS), compose(kind, language, _named(nasty))
    assert Read(made.html).tags == Read(plain.html).tags
    assert made.subject.splitlines() == [made.subject]
    assert len(made.text.splitlines()) == len(plain.text.splitlines())
    assert "7 * 7" not in nasty or nasty in made.text  # what looks like a template is text


def test_nobody_turns_the_direction_of_what_others_wrote() -> None:
    made = compose(MessageKind.SHIPPED, "en", _named("Anna \u202egnp.exe\u2066"))
    assert "\u202e" not in made.text + made.html + made.subject
    assert "\u2066" not in made.text


def test_names_of_all_scripts_stay_whole() -> None:
    for name in ("محمد الفاتح", "נועה", "山田 太郎", "O’Brien", "👩‍🚀 Zoë"):
        made = compose(MessageKind.SHIPPED, "en", replace(FACTS, name=name))
        assert name in made.text
        assert f"<bdi>{name}</bdi>" in made.html


@settings(deadline=None)  # the first one reads templates and tables of currencies
@given(st.text(max_size=60), st.sampled_from(EVERY))
def test_any_text_at_all(text: str, which: tuple[MessageKind, str]) -> None:
    kind, language = which
    made = compose(kind, language, _named("x" + text))
    assert Read(made.html).tags == Read(compose(kind, language, FACTS).html).tags
    assert made.subject.splitlines() == [made.subject]
    made.html.encode()
    made.text.encode()


def test_the_same_facts_give_the_same_words() -> None:
    for kind, language in EVERY:
        assert compose(kind, language, FACTS) == compose(kind, language, FACTS)


def test_a_mail_program_in_the_dark() -> None:
    html = compose(MessageKind.SHIPPED, "en", FACTS).html
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "max-width:600px" in html
    assert "http-equiv" not in html
    assert "<link" not in html
    assert "src=" not in html


def _named(text: str) -> MessageFacts:
    """The facts with `text` wherever a person could have typed it."""
    assert FACTS.pickup is not None
    assert FACTS.address is not None
    return replace(
        FACTS,
        name=text,
        items=tuple(replace(item, title=text) for item in FACTS.items),
        extras=(Extra(text, eur(490)),),
        address=Address(text, (text, text), text, "DE", text),
        parcels=(TrackedParcel(text, text, "https://track.example/?q=" + '"><b>'),),
        pickup=replace(FACTS.pickup, place=text, lines=(text,), hours="x" + text),
        reason="x" + text,
        note="x" + text,
        document_no="x" + text,
        code="x" + text,
    )
