"""Rates of exchange: read as central banks write them, crossed over the euro, rounded once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.currencies.ecb import rows_of
from baton.currencies.errors import RatesUnreadable, RowInvalid
from baton.currencies.model import Published, Row
from baton.currencies.rules import converted, crossed, read_row, sorted_out
from baton.values.money import Money

DAY = date(2026, 3, 2)
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time="2026-03-02">
      <Cube currency="USD" rate="1.0500"/>
      <Cube currency="JPY" rate="161.25"/>
    </Cube>
    <Cube time="2026-02-27">
      <Cube currency="USD" rate="1.0412"/>
      <Cube currency="GBP" rate="0.x"/>
    </Cube>
  </Cube>
</gesmes:Envelope>
"""
CSV = """\
Date,USD,JPY,BGN,
2026-03-02,1.0500,161.25,N/A,
2026-02-27,1.0412,160.1,1.9558,
"""
DAILY = "Date, USD, JPY, \n02 March 2026, 1.0500, 161.25, \n"


def published(currency: str, per_euro: str, day: date = DAY) -> Published:
    return Published(currency, day, Decimal(per_euro), "ECB")


def test_the_xml_of_the_ecb() -> None:
    assert rows_of(XML) == [
        Row("2026-03-02", "USD", "1.0500"),
        Row("2026-03-02", "JPY", "161.25"),
        Row("2026-02-27", "USD", "1.0412"),
        Row("2026-02-27", "GBP", "0.x"),
    ]


def test_its_csv_says_the_same() -> None:
    rows = rows_of(CSV)
    assert rows[:2] == rows_of(XML)[:2] == rows_of(DAILY)
    assert Row("2026-02-27", "BGN", "1.9558") in rows
    assert not [row for row in rows if row.rate == "N/A"]
    assert rows_of("\N{ZERO WIDTH NO-BREAK SPACE}" + CSV) == rows


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "<x/>", "<Cube><Cube time=", "Date\n2026-01-01\n"]
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(RatesUnreadable):
        rows_of(text)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Row("2026-02-30", "USD", "1"), "day"),
        (Row("yesterday", "USD", "1"), "day"),
        (Row("2026-03-02", "DOLLAR", "1"), "currency"),
        (Row("2026-03-02", "U5D", "1"), "currency"),
        (Row("2026-03-02", "USD", "1,05"), "rate"),
        (Row("2026-03-02", "USD", "0"), "rate"),
        (Row("2026-03-02", "USD", "-1"), "rate"),
        (Row("2026-03-02", "USD", "NaN"), "rate"),
        (Row("2026-03-02", "USD", "Infinity"), "rate"),
        (Row("2026-03-02", "USD", "1e40"), "rate"),
        (Row("2026-03-02", "EUR", "2"), "rate"),
    ],
)
def test_a_row_that_says_no_rate_says_why(row: Row, field: str) -> None:
    with pytest.raises(RowInvalid) as refused:
        read_row(row, "ECB")
    assert refused.value.field == field
    good = Row("2026-03-02", "GBP", "0.84")
    rates, rejects = sorted_out([good, row], "ECB")
    assert [rate.currency for rate in rates] == ["GBP"]
    assert [(bad.place, bad.problem) for bad in rejects] == [(2, refused.value.message)]
    assert row.rate in rejects[0].row


def test_two_rates_of_one_day_contradict_each_other() -> None:
    same, other = Row("2026-03-02", "USD", "1.05"), Row("2026-03-02", "USD", "1.06")
    rates, rejects = sorted_out([same, same, other], "ECB")
    assert [rate.per_euro for rate in rates] == [Decimal("1.05")]
    assert [bad.place for bad in rejects] == [3]


def test_two_currencies_cross_over_the_euro() -> None:
    last = {"USD": published("USD", "1.05"), "GBP": published("GBP", "0.84")}
    assert crossed("EUR", "USD", DAY, last).value == Decimal("1.05")  # type: ignore[union-attr]
    assert crossed("USD", "EUR", DAY, last).value == Decimal("0.952380952381")  # type: ignore[union-attr]
    assert crossed("GBP", "USD", DAY, last).value == Decimal("1.25")  # type: ignore[union-attr]
    assert crossed("GBP", "GBP", DAY, {}).value == 1  # type: ignore[union-attr]
    assert crossed("EUR", "SEK", DAY, last) is None


def test_the_last_day_counts_until_it_is_stale() -> None:
    for day, known in ((2, True), (20, True), (19, False)):
        leg = published("USD", "1.05", date(2026, 2 if day > 2 else 3, day))
        found = crossed("USD", "EUR", DAY, {"USD": leg})
        assert (found is not None) is known
        assert found is None or found.published == leg.day
    later = published("USD", "1.05", date(2026, 3, 3))
    assert crossed("USD", "EUR", DAY, {"USD": later}) is None


def test_an_amount_is_rounded_once_into_the_others_units() -> None:
    last = {
        "USD": published("USD", "1.05"),
        "JPY": published("JPY", "161.25"),
        "KWD": published("KWD", "0.3231"),
    }

    def told(amount: Money, quote: str) -> Money:
        rate = crossed(amount.currency, quote, DAY, last)
        assert rate is not None
        return converted(amount, rate)

    assert told(Money(10_000, "USD"), "EUR") == Money(9524, "EUR")
    assert told(Money(10_000, "EUR"), "JPY") == Money(16_125, "JPY")
    assert told(Money(16_125, "JPY"), "EUR") == Money(10_000, "EUR")
    assert told(Money(100, "EUR"), "KWD") == Money(323, "KWD")
    assert told(Money(-10_000, "USD"), "EUR") == Money(-9524, "EUR")
    rate = crossed("USD", "EUR", DAY, last)
    assert rate is not None
    with pytest.raises(ValueError, match="JPY"):
        converted(Money(1, "JPY"), rate)


@given(
    st.integers(-(10**10), 10**10),
    st.decimals(min_value="0.01", max_value=1000, places=4),
)
def test_there_and_back_is_off_by_no_more_than_a_rounding(minor: int, per_euro: Decimal) -> None:
    last = {"USD": published("USD", str(per_euro))}
    there, back = crossed("EUR", "USD", DAY, last), crossed("USD", "EUR", DAY, last)
    assert there is not None
    assert back is not None
    again = converted(converted(Money(minor, "EUR"), there), back)
    assert abs(again.minor - minor) <= 1 + Decimal("0.5") / per_euro
