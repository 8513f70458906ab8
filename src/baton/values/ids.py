"""Ids: UUIDv7 inside, a prefix and 26 letters outside (`ord_01k9…`)."""

from __future__ import annotations

import uuid

from baton.values.errors import Invalid

Id = uuid.UUID
NIL = uuid.UUID(int=0)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_VALUE = {letter: number for number, letter in enumerate(_ALPHABET)}
_LENGTH = 26


class UnknownId(Invalid):
    """A text that should be an id is none, or one of another kind."""

    code = "id_invalid"


def new_id(milliseconds: int, random: int) -> Id:
    """A UUIDv7 from a Unix time in ms and 74 random bits. *Source:* RFC 9562, section 5.7."""
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | (random >> 62 & 0xFFF) << 64
    return uuid.UUID(int=value | 2 << 62 | random & (1 << 62) - 1)


def shown(prefix: str, id: Id) -> str:
    """The id as the outside sees it; `parsed` is its inverse."""
    number, letters = id.int, []
    for _ in range(_LENGTH):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"


def parsed(prefix: str, text: str, *, field: str | None = None) -> Id:
    """The id behind a shown one.

    Raises UnknownId where the prefix is another or the letters are no id.
    """
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != _LENGTH or any(c not in _VALUE for c in letters):
        raise UnknownId(f"{text[:60]!r} is not an id that starts with {prefix}_", field=field)
    number = 0
    for letter in letters:
        number = number << 5 | _VALUE[letter]
    if number >= 1 << 128:
        raise UnknownId(f"{text!r} is not an id that starts with {prefix}_", field=field)
    return uuid.UUID(int=number)
