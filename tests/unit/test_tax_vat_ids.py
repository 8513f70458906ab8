"""VAT ids: numbers in use pass; no near miss of them does."""

from __future__ import annotations

import pytest

from baton.tax import vat_ids
from baton.tax.errors import VatIdInvalid

# numbers known to be in use; their owners' own publications were not looked up
REAL = [
    "ATU13585627",
    "BE0202239951",
    "DE136695976",
    "DE811569869",
    "DK13585628",
    "FI20774740",
    "FR40303265045",
    "FR82542065479",
    "GB980780684",
    "IT00743110157",
    "LU15027442",
    "NL004495445B01",
    "PL7740001454",
    "PT501964843",
    "SE556810898801",
]


@pytest.mark.parametrize("number", REAL)
def test_a_real_number_is_one(number: str) -> None:
    assert vat_ids.normalised(number) == number
    spaced = f"{number[:2].lower()} {number[2:5]}.{number[5:]}"
    assert vat_ids.normalised(spaced) == number


@pytest.mark.parametrize("number", REAL)
def test_a_wrong_digit_is_found(number: str) -> None:
    """At each place some other digit is wrong; a check of 11 or 97 finds nearly all."""
    found = 0
    places = [place for place in range(2, len(number)) if number[place].isdigit()]
    for place in places:
        changed = str((int(number[place]) + 1) % 10)
        found += not vat_ids.is_valid(f"{number[:place]}{changed}{number[place + 1 :]}")
    assert found >= len(places) - 2  # the Dutch B01 counts establishments, and is not checked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not begin"),
        ("US123456789", "does not begin"),
        ("DE12345678", "has not the form"),
        ("DE1234567890", "has not the form"),
        ("ATX13585627", "has not the form"),
        ("FR40303265046", "check digit"),
    ],
)
def test_what_is_none_says_why(text: str, said: str) -> None:
    with pytest.raises(VatIdInvalid, match=said) as refused:
        vat_ids.normalised(text)
    assert refused.value.field == "vat_id"
    assert vat_ids.country_of(text) is None


def test_greece_is_el_in_vat_ids_alone() -> None:
    assert vat_ids.country_of("EL094259216") == "GR"
    assert vat_ids.country_of("GR094259216") is None


def test_countries_without_a_published_rule_are_checked_by_form() -> None:
    for number in ("CHE123456789MWST", "IE6388047V", "ESB58378431", "HU12892312", "XI980780684"):
        assert vat_ids.is_valid(number), number
