"""VAT ids: the form that each country gives them, and check digits where their rule is published.

A form that fits says nothing of whether the number is in use: that is asked of the country's
register. *Source:* the forms are those of the European Commission's VIES FAQ ("What is the format
of a VAT number?"), entered from memory of it and not compared with the page; check digits follow
the rules named below, and are tried on numbers in use (tests/unit/test_tax_vat_ids.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from baton.tax.errors import VatIdInvalid

_FORMS: Mapping[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W])",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
}
_ISO = {"EL": "GR"}


def normalised(text: str) -> str:
    """The VAT id with its country's two letters and nothing between the signs.

    Raises VatIdInvalid where no country has such numbers, or the check digit is wrong.
    """
    number = re.sub(r"[\s.\-/]", "", text).upper()
    country, rest = number[:2], number[2:]
    form = _FORMS.get(country)
    if form is None:
        raise VatIdInvalid(
            f"{text[:40]!r} does not begin with a country that Baton knows.", field="vat_id"
        )
    if not re.fullmatch(form, rest):
        raise VatIdInvalid(f"{text[:40]!r} has not the form of {country}.", field="vat_id")
    check = _CHECKS.get(country)
    if check is not None and not check(rest):
        raise VatIdInvalid(f"The check digit of {text[:40]!r} is wrong.", field="vat_id")
    return number


def looks_like_one(text: str) -> bool:
    """Whether it begins with a country's letters: other tax numbers are left as they are."""
    return text[:2].upper() in _FORMS and len(text) > 2


def is_valid(text: str) -> bool:
    """Whether it has the form and check digit of its country."""
    return country_of(text) is not None


def country_of(text: str) -> str | None:
    """The ISO country of a VAT id; None where it is none."""
    if not text:
        return None
    try:
        number = normalised(text)
    except VatIdInvalid:
        return None
    return _ISO.get(number[:2], number[:2])


def _digits(rest: str) -> list[int]:
    return [int(sign) for sign in rest if sign.isdigit()]


def _luhn(digits: list[int]) -> int:
    """The sum that ISO/IEC 7812-1 annex B wants to be a multiple of 10."""
    return sum(
        sum(divmod(2 * digit, 10)) if place % 2 else digit
        for place, digit in enumerate(reversed(digits))
    )


def _austria(rest: str) -> bool:
    # BMF: UID-Nummer, "Prüfziffernverfahren": digits 2, 4, 6 count double as their cross sum
    *body, check = _digits(rest)
    total = sum(sum(divmod(d * (2 if place % 2 else 1), 10)) for place, d in enumerate(body))
    return (96 - total) % 10 == check


def _belgium(rest: str) -> bool:
    # SPF Finances: 97 less the first eight digits modulo 97
    return 97 - int(rest[:8]) % 97 == int(rest[8:])


def _germany(rest: str) -> bool:
    # ISO/IEC 7064, MOD 11,10
    *body, check = _digits(rest)
    product = 10
    for digit in body:
        product = (((digit + product) % 10 or 10) * 2) % 11
    return (11 - product) % 10 == check


def _denmark(rest: str) -> bool:
    weights = (2, 7, 6, 5, 4, 3, 2, 1)
    return sum(w * d for w, d in zip(weights, _digits(rest), strict=True)) % 11 == 0


def _finland(rest: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2)
    *body, check = _digits(rest)
    left = sum(w * d for w, d in zip(weights, body, strict=True)) % 11
    return left != 1 and (11 - left if left else 0) == check


def _france(rest: str) -> bool:
    # the key of digits is (12 + 3 · (SIREN mod 97)) mod 97; keys with letters are not published
    if not rest[:2].isdigit():
        return True
    return int(rest[:2]) == (12 + 3 * (int(rest[2:]) % 97)) % 97


def _italy(rest: str) -> bool:
    return _luhn(_digits(rest)) % 10 == 0


def _luxembourg(rest: str) -> bool:
    return int(rest[:6]) % 89 == int(rest[6:])


def _netherlands(rest: str) -> bool:
    # either the old rule of nine digits (11-proof) or, since 2020, MOD 97-10 of the whole
    *body, check = _digits(rest[:9])
    weights = range(9, 1, -1)
    if sum(w * d for w, d in zip(weights, body, strict=True)) % 11 == check:
        return True
    text = "".join(str(int(sign, 36)) for sign in f"NL{rest}")
    return int(text) % 97 == 1


def _poland(rest: str) -> bool:
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    *body, check = _digits(rest)
    return sum(w * d for w, d in zip(weights, body, strict=True)) % 11 == check


def _portugal(rest: str) -> bool:
    *body, check = _digits(rest)
    left = sum(w * d for w, d in zip(range(9, 1, -1), body, strict=True)) % 11
    return (0 if left < 2 else 11 - left) == check


def _sweden(rest: str) -> bool:
    return _luhn(_digits(rest[:10])) % 10 == 0


def _britain(rest: str) -> bool:
    # HMRC: weights 8 to 2; the sum with the two check digits is a multiple of 97, or 55 short of it
    if not rest.isdigit():
        return True  # government departments and health authorities
    total = sum(w * d for w, d in zip(range(8, 1, -1), _digits(rest[:7]), strict=True))
    total += int(rest[7:9])
    return total % 97 == 0 or (total + 55) % 97 == 0


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "AT": _austria,
    "BE": _belgium,
    "DE": _germany,
    "DK": _denmark,
    "FI": _finland,
    "FR": _france,
    "GB": _britain,
    "IT": _italy,
    "LU": _luxembourg,
    "NL": _netherlands,
    "PL": _poland,
    "PT": _portugal,
    "SE": _sweden,
    "XI": _britain,
}
