"""The built-in words as templates, as merchants may take them for a start.

`words/<language>.toml` holds what is said; the tables below hold what each kind consists of and
in which order. Together they make one template a kind, language and medium.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from baton.notifications.model import LANGUAGES, Medium, MessageKind, Source

K = MessageKind

# What a message says after its lead, in this order. A capital letter is a part of its own,
# in parts.html and parts.txt; the others are words of the kind.
BODY: Mapping[MessageKind, tuple[str, ...]] = {
    K.ORDER_CONFIRMED: ("promised", "collect", "GOODS", "PLACE", "LINK"),
    K.PAYMENT_FAILED: ("BUTTON", "after", "LINK"),
    K.SHIPPED: ("PARCELS", "GOODS", "rest", "PLACE", "LINK"),
    K.OUT_FOR_DELIVERY: ("PARCELS", "GOODS", "LINK"),
    K.PICKUP_READY: ("COUNTER", "GOODS", "LINK"),
    K.DELAYED: ("GOODS", "after", "LINK"),
    K.DELIVERED: ("GOODS", "after", "LINK"),
    K.CANCELLED: ("GOODS", "paid_back", "rest", "LINK"),
    K.ORDER_CHANGED: ("GOODS", "after", "LINK"),
    K.REFUND_MADE: ("after", "LINK"),
    K.RETURN_APPROVED: ("GOODS", "RETURN", "BUTTON", "LINK"),
    K.RETURN_REFUSED: ("GOODS", "after", "LINK"),
    K.RETURN_QUESTION: ("BUTTON", "LINK"),
    K.RETURN_LABEL: ("BUTTON", "RETURN", "LINK"),
    K.RETURN_RECEIVED: ("GOODS", "LINK"),
    K.EXCHANGE_SHIPPED: ("PARCELS", "GOODS", "LINK"),
    K.INVOICE_ISSUED: ("LINK",),
    K.GIFT_CARD: ("said", "CODE", "LINK"),
    K.STORE_CREDIT: ("after", "LINK"),
    K.CSAT_DELIVERY: ("SCALE", "LINK"),
    K.CSAT_RETURN: ("SCALE", "LINK"),
    K.ORDER_LINK: ("LINK", "after"),
}
# When words of a kind are said at all.
_WHEN = {
    "promised": "promised_by is not none",
    "collect": "pickup is not none",
    "rest": "partly",
    "said": "note",
}
_WHEN_OF = {(K.REFUND_MADE, "after"): "refund_to != 'store_credit'"}
_HTML = {
    "GOODS": "{{ parts.goods() }}",
    "PLACE": "{% if address is not none %}{{ parts.place(address) }}{% endif %}",
    "LINK": "{{ parts.order_link() }}",
    "PARCELS": "{% for one in parcels %}{{ parts.parcel(one) }}{% endfor %}",
    "COUNTER": "{{ parts.counter() }}",
    "CODE": "{{ parts.gift() }}",
    "RETURN": "{{ parts.return_no() }}",
    "SCALE": "{{ parts.scale() }}",
}
_TEXT = {
    "GOODS": "{{ parts.goods() }}",
    "PLACE": "{% if address is not none %}\n{{ parts.place(address) }}\n{% endif %}",
    "LINK": "",
    "PARCELS": "{{ parts.tracking() }}",
    "COUNTER": "{{ parts.counter() }}",
    "CODE": "{{ parts.gift() }}",
    "RETURN": "{{ parts.return_no() }}",
    "SCALE": "{{ parts.scale() }}",
}


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """All that a language says, by kind; "shared" is what kinds have in common."""
    text = (files("baton.notifications") / "words" / f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def spoken(language: str) -> str:
    """This language if there are built-in words in it, else English."""
    return language if language in LANGUAGES else "en"


@cache
def built_in(kind: MessageKind, language: str, medium: Medium) -> Source:
    """The template that a message has as long as the merchant has none of their own."""
    said = words(spoken(language))[kind]
    if medium is Medium.SMS:
        return Source("", said["sms"] + "\n", "")
    return Source(said["subject"], _text(kind, said), _html(kind, said))


def _html(kind: MessageKind, said: Mapping[str, str]) -> str:
    lines = [
        '{% extends "layout.html" %}',
        f"{{% block heading %}}{said['heading']}{{% endblock %}}",
        f"{{% block preview %}}{said['lead']}{{% endblock %}}",
        "{% block body %}",
        _paragraph(said["lead"]),
    ]
    for name in BODY[kind]:
        if name == "BUTTON":
            lines.append(f'{{{{ parts.button(action_url or order_url, "{said["button"]}") }}}}')
        elif name in _HTML:
            lines.append(_HTML[name])
        else:
            lines += _only_when(kind, name, _paragraph(said[name]))
    return "\n".join([*lines, "{% endblock %}"]) + "\n"


def _text(kind: MessageKind, said: Mapping[str, str]) -> str:
    lines = ['{% import "parts.txt" as parts with context %}', "{{ parts.greeting() }}", "",
             said["lead"], "", ""]  # fmt: skip
    for name in BODY[kind]:
        if name == "BUTTON":
            lines += [f"{said['button']}: {{{{ action_url or order_url }}}}", ""]
        elif name in _TEXT:
            lines += [_TEXT[name], ""]
        else:
            lines += [*_only_when(kind, name, said[name]), "", ""]
    return "\n".join([*lines, "{{ parts.ending() }}"]) + "\n"


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 16px">{text}</p>'


def _only_when(kind: MessageKind, name: str, text: str) -> list[str]:
    when = _WHEN_OF.get((kind, name)) or _WHEN.get(name)
    return [f"{{% if {when} %}}", text, "{% endif %}"] if when else [text]
