"""The flat-rate carrier: prices, numbers, memory, captured cases."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from connector_cases import Case, cases
from hypothesis import given
from hypothesis import strategies as st
from rate_cards import CARD, HERE, carrier

from baton.connectors.shipping.flat_rate import FlatRateSettings, RateCard
from baton.connectors.shipping.flat_rate.codec import sheet
from baton.connectors.shipping.flat_rate.ledger import Entry, Ledger
from baton.connectors.shipping.flat_rate.rates import RateCardInvalid
from baton.connectors.shipping.flat_rate.tracking import is_tracking_no, tracking_no
from baton.shipping.port import Label, LabelRequest, RateRequest, Refusal, Unknown, Voided
from baton.values.parcel import Parcel

CASES = cases("shipping", "flat_rate")
SETTINGS = FlatRateSettings.of({"rate_card": CARD})


def request(key: str, **changes: object) -> LabelRequest:
    whole = LabelRequest(key, "standard", Parcel(500), HERE, HERE, "SO-1", date(2026, 11, 21))
    return replace(whole, **changes)  # type: ignore[arg-type]


def entries(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_bytes().splitlines()]


# ------------------------------------------------------------------ captured cases


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    if isinstance(case.ours, RateRequest):
        rates = carrier().rates(case.ours)
        assert (list(rates) if isinstance(rates, tuple) else rates) == case.result
        return
    outcome = carrier().label(case.ours)
    if isinstance(outcome, Label):
        zone = SETTINGS.rate_card.zones[SETTINGS.rate_card.zone(case.ours.distance_km)]
        service = SETTINGS.rate_card.service(case.ours.service)
        assert service is not None
        printed = sheet(
            case.ours,
            carrier="Flat Rate",
            service=service.name,
            zone=zone.name,
            tracking_no=outcome.tracking_no,
        )
        assert json.loads(json.dumps(asdict(printed))) == case.request
        outcome = replace(outcome, pdf=b"")
    assert outcome == case.result


# ------------------------------------------------------------------ prices


@pytest.mark.parametrize(
    ("weight_g", "distance_km", "minor"),
    [
        (1, 0, 390),
        (2000, 100, 390),
        (2001, 100, 590),
        (2000, 101, 490),
        (10000, 800, 790),
        (10000, 801, 1790),
        (31500, 20000, 3490),
        (31500, None, 3490),
    ],
)
def test_limits_belong_to_the_cheaper_side(
    weight_g: int, distance_km: int | None, minor: int
) -> None:
    outcome = carrier().label(request("k", parcel=Parcel(weight_g), distance_km=distance_km))
    assert isinstance(outcome, Label)
    assert (outcome.cost.minor, outcome.cost.currency) == (minor, "EUR")


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    inner: Any = card
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return card


@pytest.mark.parametrize(
    "card",
    [
        changed(["zones"], []),
        changed(["zones", 2, "up_to_km"], 900),
        changed(["zones", 0, "up_to_km"], None),
        changed(["zones", 0, "up_to_km"], 800),
        changed(["zones", 0, "up_to_km"], 0),
        changed(["services"], []),
        changed(["services", 1, "code"], "standard"),
        changed(["services", 0, "brackets"], []),
        changed(["services", 0, "brackets", 0, "up_to_g"], 10000),
        changed(["services", 0, "brackets", 0, "prices_minor"], [390, 490]),
        changed(["services", 0, "brackets", 0, "prices_minor"], [390, 490, -1]),
        changed(["services", 0, "days"], [[1, 2]]),
        changed(["services", 0, "days", 0], [3, 2]),
    ],
)
def test_a_rate_card_with_a_gap_is_refused(card: dict[str, Any]) -> None:
    with pytest.raises(RateCardInvalid):
        FlatRateSettings.of({"rate_card": card})


@given(st.integers(1, 31500), st.one_of(st.none(), st.integers(0, 20000)))
def test_every_weight_and_distance_has_one_price(weight_g: int, distance_km: int | None) -> None:
    card: RateCard = SETTINGS.rate_card
    standard = card.services[0]
    rate = card.rate(standard, weight_g, distance_km)
    heavier = card.rate(standard, min(weight_g + 1000, 31500), distance_km)
    assert rate is not None
    assert heavier is not None
    assert heavier.price.minor >= rate.price.minor > 0


# ------------------------------------------------------------------ tracking numbers


def test_a_number_worked_by_hand() -> None:
    # 98 − (100 · 123456789012345678 mod 97) = 98 − 10 = 88
    assert 123456789012345678 * 100 % 97 == 10
    assert is_tracking_no("BF12345678901234567888")
    assert not is_tracking_no("BF12345678901234567889")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=50))
def test_numbers_check_and_depend_on_account_and_key(key: str) -> None:
    number = tracking_no("a", key)
    assert is_tracking_no(number)
    assert number == tracking_no("a", key)
    assert number != tracking_no("b", key)


@given(st.text(min_size=1, max_size=20), st.integers(0, 19), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(key: str, place: int, change: int) -> None:
    digits = tracking_no("", key.encode("utf-8", "replace").decode())[2:]
    wrong = str((int(digits[place]) + change) % 10)
    assert not is_tracking_no("BF" + digits[:place] + wrong + digits[place + 1 :])


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), st.integers(0, 18))
def test_every_swap_of_neighbours_is_found(key: str, place: int) -> None:
    digits = tracking_no("", key)[2:]
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert is_tracking_no("BF" + swapped) == (swapped == digits)


@pytest.mark.parametrize("text", ["", "BF", "BF1", "XX12345678901234567888", "BF" + "٣" * 20])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not is_tracking_no(text)


# ------------------------------------------------------------------ memory


def test_the_ledger_holds_what_was_sold_and_voided(tmp_path: Path) -> None:
    ledger = tmp_path / "deep" / "carrier.jsonl"
    seller = carrier(ledger)
    labels = [seller.label(request(f"k{n}", order_number=f"SO-{n}")) for n in range(3)]
    first = labels[0]
    assert isinstance(first, Label)
    seller.void(first.tracking_no)
    seller.label(request("k1", order_number="SO-1"))
    assert [(e["event"], e["order_number"], e["cost_minor"]) for e in entries(ledger)] == [
        ("label", "SO-0", 990),
        ("label", "SO-1", 990),
        ("label", "SO-2", 990),
        ("void", "SO-0", 990),
    ]


def test_another_carrier_on_the_same_ledger_knows_it_all(tmp_path: Path) -> None:
    ledger = tmp_path / "carrier.jsonl"
    one, other = carrier(ledger), carrier(ledger)
    sold = one.label(request("k"))
    assert isinstance(sold, Label)
    assert other.label(request("k")) == sold
    refused = other.label(request("k", order_number="SO-2"))
    assert isinstance(refused, Refusal)
    assert other.void(sold.tracking_no) == Voided(sold.tracking_no)
    assert isinstance(one.label(request("k")), Refusal)


def test_two_accounts_share_no_number(tmp_path: Path) -> None:
    ledger = tmp_path / "carrier.jsonl"
    labels = [carrier(ledger, account=account).label(request("k")) for account in ("a", "b")]
    assert len({label.tracking_no for label in labels if isinstance(label, Label)}) == 2


def test_a_line_that_was_never_finished_is_cut_off(tmp_path: Path) -> None:
    ledger = tmp_path / "carrier.jsonl"
    seller = carrier(ledger)
    assert isinstance(seller.label(request("k0")), Label)
    with ledger.open("ab") as file:
        file.write(b'{"event": "label", "track')
    assert isinstance(seller.label(request("k1")), Label)
    assert isinstance(carrier(ledger).label(request("k2")), Label)
    assert [entry["key"] for entry in entries(ledger)] == ["k0", "k1", "k2"]


BUYER = """
import datetime, pathlib, sys
from rate_cards import HERE, carrier
from baton.shipping.port import Label, LabelRequest
from baton.values.parcel import Parcel

seller, today = carrier(pathlib.Path(sys.argv[1])), datetime.date(2026, 11, 21)
for n in range(8):
    asked = LabelRequest(f"k{n}", "standard", Parcel(500), HERE, HERE, "SO-1", today)
    assert isinstance(seller.label(asked), Label)
"""


def test_processes_that_share_a_ledger_sell_each_label_once(tmp_path: Path) -> None:
    ledger = tmp_path / "carrier.jsonl"
    command = [sys.executable, "-c", BUYER, str(ledger)]
    buyers = [subprocess.Popen(command, cwd=Path(__file__).parent) for _ in range(2)]
    assert [buyer.wait() for buyer in buyers] == [0, 0]
    assert Counter(entry["key"] for entry in entries(ledger)) == {f"k{n}": 1 for n in range(8)}


def test_nobody_looks_while_another_one_writes(tmp_path: Path) -> None:
    file = tmp_path / "carrier.jsonl"
    one, other = Ledger(file), Ledger(file)
    sale = Entry("label", "BF1", "k", "", "SO-1", "standard", "2026-11-21", 500, 390, "EUR")
    seen: list[bool] = []

    def look() -> None:
        with other.opened():
            seen.append("BF1" in other.sold)

    late = threading.Thread(target=look)
    with one.opened() as page:
        late.start()
        time.sleep(0.2)  # long enough to look, were it not locked out
        one.add(page, sale)
    late.join()
    assert seen == [True]


def test_a_ledger_that_can_not_be_written_sells_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "carrier.jsonl"
    seller = carrier(ledger)
    ledger.mkdir()
    assert isinstance(seller.label(request("k")), Unknown)


def test_without_a_ledger_every_right_number_can_be_voided() -> None:
    number = tracking_no("", "k")
    assert carrier().void(number) == Voided(number)
