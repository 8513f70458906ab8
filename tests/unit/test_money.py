"""Money: exact amounts, and the one rule by which they are rounded and split."""

from __future__ import annotations

from decimal import Decimal

import pytest

from baton.values.money import Money, MoneyError, between, minor_units, rounded, share


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("XXX", 2)],
)
def test_minor_units(currency: str, digits: int) -> None:
    assert minor_units(currency) == digits


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("-0.01", "EUR", -1),
        ("0", "EUR", 0),
        ("1e3", "EUR", 100_000),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("99999999999999.99", "EUR", 9_999_999_999_999_999),
    ],
)
def test_a_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("", "EUR"),
        ("12,50", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("-inf", "EUR"),
        ("twelve", "EUR"),
    ],
)
def test_what_is_no_exact_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(MoneyError) as caught:
        Money.parse(text, currency)
    assert caught.value.code == "money_invalid"


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (Money(123_456_789, "EUR"), "1,234,567.89 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(1500, "JPY"), "1,500 JPY"),
        (Money(1500, "KWD"), "1.500 KWD"),
    ],
)
def test_shown(money: Money, shown: str) -> None:
    assert str(money) == shown


def test_arithmetic() -> None:
    ten, three = Money(10, "EUR"), Money(3, "EUR")
    assert ten + three == Money(13, "EUR")
    assert ten - three == Money(7, "EUR")
    assert -three == Money(-3, "EUR")
    assert three * 4 == Money(12, "EUR")
    assert bool(ten)
    assert not Money(0, "EUR")
    assert three < ten


def test_two_currencies_never_meet() -> None:
    with pytest.raises(MoneyError):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(MoneyError):
        Money(1, "EUR") - Money(1, "USD")


@pytest.mark.parametrize(
    ("value", "whole"),
    [("0.5", 0), ("1.5", 2), ("2.5", 2), ("-0.5", 0), ("-1.5", -2), ("2.51", 3), ("2.49", 2)],
)
def test_halves_go_to_the_even_side(value: str, whole: int) -> None:
    assert rounded(Decimal(value)) == whole


def test_ten_euro_over_three_units() -> None:
    assert [share(1000, 3, k) for k in range(4)] == [0, 333, 667, 1000]
    assert [between(1000, 3, k, k + 1) for k in range(3)] == [333, 334, 333]


def test_a_cent_over_two_units_goes_to_the_second() -> None:
    assert [between(1, 2, k, k + 1) for k in range(2)] == [0, 1]
    assert [between(3, 2, k, k + 1) for k in range(2)] == [2, 1]


def test_a_negative_total_is_split_like_a_positive_one() -> None:
    assert [between(-1000, 3, k, k + 1) for k in range(3)] == [-333, -334, -333]


def test_nothing_of_nothing() -> None:
    assert share(0, 0, 0) == 0


@pytest.mark.parametrize(("of", "units"), [(3, 4), (3, -1), (0, 1)])
def test_more_units_than_there_are(of: int, units: int) -> None:
    with pytest.raises(ValueError, match="units"):
        share(100, of, units)
