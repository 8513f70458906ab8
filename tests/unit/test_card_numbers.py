"""What is taken for a card number, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.platform import log
from baton.values import card_numbers

# Published test numbers of the schemes. Source: docs.stripe.com/testing and docs.adyen.com, 2026.
CARDS = [
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6205500000000000004",
]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("around", ["{}", "pay with {} please", "card:{}", "{}, 12/29"])
def test_every_scheme_is_known(number: str, around: str) -> None:
    grouped = [number[at : at + 4] for at in range(0, len(number), 4)]
    for written in (number, " ".join(grouped), "-".join(grouped)):
        assert card_numbers.holds_one(around.format(written))
        assert written not in log.hidden(around.format(written))


@pytest.mark.parametrize(
    "text",
    [
        "tok_4242424242424242",
        "4242424242424241",
        "4006381333931",  # a GTIN whose check digit passes by chance, as in Visa's old length
        "4012345678901",
        "1234567890123452",
        "+49 151 2345 6789",
        "DE89 3704 0044 0532 0130 00",
        "00340434161094042557",  # a parcel of DHL
        "1Z999AA10123456784",
        "111-1234567-1234567",  # an order of Amazon
        "576461413038785752",  # an order of TikTok
        "K3V9T-0QX4M",
    ],
)
def test_other_numbers_are_let_through(text: str) -> None:
    assert not card_numbers.holds_one(text)


@given(st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_no_gtin_is_refused(number: str) -> None:
    assert not card_numbers.holds_one(number)


def test_the_field_is_named_wherever_it_is() -> None:
    given = {
        "note": "fine",
        "external_id": CARDS[0],
        "lines": [{"title": "a", "barcodes": [CARDS[0]]}, {"title": CARDS[1]}],
        "attributes": {"x": {"y": int(CARDS[3])}},
        CARDS[0]: "z",
    }
    assert list(card_numbers.where(given)) == ["lines.1.title", "attributes.x.y", "body"]
