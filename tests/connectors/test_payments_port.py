"""What the payments port itself refuses, before any gateway hears of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    CardNumberRefused,
    RefundRequest,
    RequestInvalid,
    VoidRequest,
    holds_card_number,
)
from baton.values.money import Money

EUR = Money(100, "EUR")

# Published test numbers of the schemes. Source: docs.stripe.com/testing and docs.adyen.com, 2026.
TEST_CARDS = [
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6205500000000000004",
    "4222222222222",
]


@pytest.mark.parametrize("number", TEST_CARDS)
@pytest.mark.parametrize("around", ["{}", " {} ", "card {}", "{}, 12/29", "\t{}\n", "«{}»"])
def test_card_numbers_are_found(number: str, around: str) -> None:
    assert holds_card_number(around.format(number))
    grouped = [number[i : i + 4] for i in range(0, len(number), 4)]
    assert holds_card_number(around.format(" ".join(grouped)))
    assert holds_card_number(around.format("-".join(grouped)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tok_visa",
        "tok_4242424242424242",
        "pm_1N4242424242424242Xy",
        "4242424242424241",
        "424242424242",
        "42424242424242424242",
        "4242 4242   4242 4242",
        "2026-11-21T10:00:00",
        "ord_01k9zq6mdn8gk",
    ],
)
def test_other_texts_are_not_card_numbers(text: str) -> None:
    assert not holds_card_number(text)


@given(st.text("0123456789", min_size=12, max_size=18))
def test_of_ten_check_digits_one_makes_a_card_number(body: str) -> None:
    assert sum(holds_card_number(body + digit) for digit in "0123456789") == 1


@pytest.mark.parametrize("number", TEST_CARDS)
def test_no_request_can_carry_a_card_number(number: str) -> None:
    with pytest.raises(CardNumberRefused) as refused:
        AuthoriseRequest("k", EUR, "SO-1", number)
    assert refused.value.field == "method"
    assert number not in str(refused.value)


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR")])
def test_amounts_are_positive(amount: Money) -> None:
    for make in (
        lambda: AuthoriseRequest("k", amount, "SO-1", "tok"),
        lambda: CaptureRequest("k", amount, "SO-1", "auth"),
        lambda: VoidRequest("k", amount, "SO-1", "auth"),
        lambda: RefundRequest("k", amount, "SO-1", "cap"),
    ):
        with pytest.raises(RequestInvalid):
            make()


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "half \ud83d"])
def test_keys_are_short_and_printable(key: str) -> None:
    with pytest.raises(RequestInvalid):
        CaptureRequest(key, EUR, "SO-1", "auth")


def test_what_came_before_is_named() -> None:
    for make in (
        lambda: AuthoriseRequest("k", EUR, "SO-1", ""),
        lambda: CaptureRequest("k", EUR, "SO-1", ""),
        lambda: VoidRequest("k", EUR, "SO-1", ""),
        lambda: RefundRequest("k", EUR, "SO-1", ""),
    ):
        with pytest.raises(RequestInvalid):
            make()
