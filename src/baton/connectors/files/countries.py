"""Countries by any of their usual names, as ISO 3166-1 alpha-2."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale
from babel.core import get_global

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da")

# What people write and Unicode's list of names (CLDR, by Babel) has not, in their own languages.
_ALSO = {
    "bosnia": "BA",
    "czech republic": "CZ",
    "eire": "IE",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "ivory coast": "CI",
    "macau": "MO",
    "macedonia": "MK",
    "northern ireland": "GB",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "rsa": "ZA",
    "russian federation": "RU",
    "scotland": "GB",
    "swaziland": "SZ",
    "the netherlands": "NL",
    "turkey": "TR",
    "u.k.": "GB",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
    "wales": "GB",
}
# Codes that name no country: pseudo-locales, the Union, the unknown, outlying Oceania.
_NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@lru_cache(1)
def codes() -> frozenset[str]:
    """All codes of countries."""
    found = map(str, Locale("en").territories)
    return frozenset(c for c in found if len(c) == 2 and c.isalpha()) - _NO_COUNTRY


@lru_cache(4096)
def country_code(text: str) -> str:
    """The code of a country by its name or code; nothing where the text names none.

    "EIRE" is IE and "USA" is US; "Channel Islands" (two countries), "European Community" and
    "Unspecified" are none.
    """
    upper = text.strip().upper()
    if upper in codes():
        return upper
    plain = _plain(text)
    if found := _ALSO.get(plain) or _by_alias(upper):
        return found
    return next((c for language in LANGUAGES if (c := _names(language).get(plain))), "")


def _by_alias(code: str) -> str:
    """By the three letters of ISO 3166-1, and by UK."""
    if len(code) == 3 or code == "UK":
        countries = get_global("territory_aliases").get(code, ())
        if len(countries) == 1 and countries[0] in codes():
            return str(countries[0])
    return ""


@lru_cache(len(LANGUAGES))
def _names(language: str) -> dict[str, str]:
    return dict(_pairs(Locale(language).territories.items()))


def _pairs(names: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for code, name in names:
        if code in codes():
            yield _plain(name), code


@lru_cache(4096)
def _plain(text: str) -> str:
    """Without accents and case, blanks single."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
