"""No card number gets in: every JSON body is looked through before anything reads it."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException

from baton.values import card_numbers


class CardNumberSent(HTTPException):
    """A field of a body holds a card number."""

    def __init__(self, field: str) -> None:
        super().__init__(
            422, "This holds what looks like a card number: send the provider's token instead."
        )
        self.code, self.field = "card_data", field


def check(body: bytes) -> None:
    """Raises CardNumberSent, which names the field and not what it holds.

    A body that is no JSON is for others to refuse. The cheap look at the whole text comes first:
    hardly any body has a number of that kind at all.
    """
    text = body.decode(errors="replace")
    if not card_numbers.holds_one(text) and "\\u00" not in text:
        return
    try:
        found = next(card_numbers.where(json.loads(text)), None)
    except (ValueError, RecursionError):
        return
    if found is not None:
        raise CardNumberSent(found or "body")
