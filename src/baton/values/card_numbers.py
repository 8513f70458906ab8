"""Card numbers, which Baton takes nowhere: how one is told from other long numbers.

A number is taken for a card's if its first digits are those of a card scheme, its length is one
that the scheme uses, and its last digit is the check digit of them all. One long number in ten
passes the check by chance, so fields that hold machine-made numbers (`MACHINE_MADE`) are left out.
Why it is like this: docs/decisions/0050-no-card-data.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

# 13 to 19 digits, up to two spaces or hyphens between them, standing by themselves.
# *Source:* ISO/IEC 7812-1 (a card number has at most 19 digits and ends with a check digit).
_LONG = re.compile(r"(?<![0-9A-Za-z_])[0-9](?:[ -]{0,2}[0-9]){12,18}(?![0-9A-Za-z_])")

MACHINE_MADE = frozenset(
    {
        "external_id",
        "channel_customer_id",
        "original_id",
        "barcode",
        "barcodes",
        "ean",
        "gtin",
        "sscc",
        "upc",
        "tracking_no",
        "tracking_number",
    }
)
"""Fields whose numbers others made for goods, parcels and orders: a check digit means nothing."""

# First digits from … to, and the lengths in use. *Source:* the schemes' published ranges of issuer
# identification numbers. Visa's 13 digits were given up long ago, and are the length of a GTIN.
_RANGES: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (300, 305, frozenset({14, 16})),  # Diners Club
    (36, 36, frozenset({14})),
    (38, 39, frozenset({14, 16})),
    (3528, 3589, frozenset({16, 17, 18, 19})),  # JCB
    (6011, 6011, frozenset({16, 19})),  # Discover
    (644, 649, frozenset({16, 19})),
    (65, 65, frozenset({16, 19})),
    (62, 62, frozenset({16, 17, 18, 19})),  # UnionPay
    (2200, 2204, frozenset({16})),  # Mir
    (5018, 5018, frozenset({16, 18, 19})),  # Maestro
    (5020, 5020, frozenset({16, 18, 19})),
    (5038, 5038, frozenset({16, 18, 19})),
    (6304, 6304, frozenset({16, 18, 19})),
    (6759, 6763, frozenset({16, 18, 19})),
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others; what is no digit is passed over.

    *Source:* ISO/IEC 7812-1 annex B: from the right, every second digit counts double.
    """
    found = [int(c) for c in reversed(digits) if c.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in found[1::2])
    return (sum(found[::2]) + sum(doubled)) % 10 == 0


def looks_like_one(text: str) -> bool:
    """Whether any 13 to 19 digits in `text` pass the check: for fields that hold tokens, where
    no other number has a place. Digits inside a longer word ("tok_4111…") are no number."""
    return any(luhn(found) for found in _LONG.findall(text))


def holds_one(text: str) -> bool:
    """Whether `text` holds a number that a card scheme would have given out."""
    return any(luhn(found) and _issued(found) for found in _LONG.findall(text))


def _issued(number: str) -> bool:
    digits = "".join(c for c in number if c.isdigit())
    return any(
        low <= int(digits[: len(str(low))]) <= high and len(digits) in lengths
        for low, high, lengths in _RANGES
    )


def where(given: object, path: str = "") -> Iterator[str]:
    """The paths of all texts in a decoded document that hold a card number ("lines.0.title")."""
    if isinstance(given, str):
        if holds_one(given):
            yield path
    elif isinstance(given, Mapping):
        for name, value in given.items():
            at = f"{path}.{name}" if path else str(name)
            if holds_one(str(name)):
                yield path or "body"
            if name not in MACHINE_MADE:
                yield from where(value, at)
    elif isinstance(given, Sequence):
        for place, value in enumerate(given):
            yield from where(value, f"{path}.{place}" if path else str(place))
    elif isinstance(given, int) and not isinstance(given, bool) and holds_one(str(given)):
        yield path
