"""Forms that customers send: read strictly, from our own pages alone, and done once.

Whoever sends a form names the link's secret in its address, and nothing is known by a cookie: so
another site can't send one in a customer's name. Where a browser says that a form comes from
elsewhere, it is refused all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from baton.platform import idempotency
from baton.platform.db import Tx
from baton.values.errors import Forbidden, Invalid

LONGEST = 20_000
FIELDS = 300


class FormUnreadable(Invalid):
    """A form holds what no page of ours sends."""

    code = "form_unreadable"


class FormForeign(Forbidden):
    """A form was sent from a page that is not ours."""

    code = "form_foreign"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came, not read yet."""

    body: bytes
    site: str | None
    origin: str
    host: str


async def _sent(request: Request) -> Sent:
    heads = request.headers
    return Sent(
        await request.body(),
        heads.get("sec-fetch-site"),
        heads.get("origin", "null"),
        heads.get("host", ""),
    )


Form = Annotated[Sent, Depends(_sent)]


def fields(sent: Sent) -> dict[str, str]:
    """The fields of a form, each once, as text. Raises FormUnreadable and FormForeign."""
    if sent.site is not None:
        own = sent.site in ("same-origin", "none")
    else:  # an old browser; where it tells no page it says "null"
        own = sent.origin == "null" or urlsplit(sent.origin).netloc == sent.host
    if not own:
        raise FormForeign("Send this form from its own page.")
    if len(sent.body) > LONGEST:
        raise FormUnreadable("The form is too long.")
    try:
        pairs = parse_qsl(
            sent.body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(sent.body),
            errors="strict",
            max_num_fields=FIELDS,
        )
    except ValueError as error:
        raise FormUnreadable("The form can't be read.") from error
    return {name: _text(value) for name, value in pairs}


def number(form: Mapping[str, str], name: str, most: int) -> int:
    """A whole number from 0 to `most`. Raises FormUnreadable."""
    text = form.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > most:
        raise FormUnreadable(f"{name} is no number from 0 to {most}.", field=name)
    return int(text)


def once(tx: Tx, form: Mapping[str, str], page: str, work: Callable[[], str]) -> str:
    """Do what a form asks once, however often it is sent; where to go on, the same each time."""
    stamp = form.get("once", "")
    if not 16 <= len(stamp) <= 64 or not stamp.isalnum():
        raise FormUnreadable("The form has no stamp.", field="once")
    key, body = f"page:{page}:{stamp}"[:255], repr(sorted(form.items())).encode()
    kept = idempotency.claim(tx, key, body)
    if kept is not None:
        return kept.answer
    answer = work()
    idempotency.answered(tx, key, 303, answer)
    return answer


def _text(value: str) -> str:
    """Text as it can be kept: no control signs, no ends of lines but plain ones."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return "".join(c for c in plain if c == "\n" or c.isprintable()).strip()
