"""What every carrier must hold to, run over every connector of the port."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest
from pypdf import PdfReader
from rate_cards import CARD

from baton.connectors import BUILT_IN, Port, Registry
from baton.shipping.port import (
    Carrier,
    CarrierCapabilities,
    CarrierEvent,
    Label,
    LabelRequest,
    LabelRequestInvalid,
    Rate,
    RateRequest,
    Refusal,
    TrackingCode,
    TrackingEvent,
    TrackingEventInvalid,
    Unknown,
    Voided,
)
from baton.values.address import Address
from baton.values.parcel import Parcel

HERE = Address("Warehouse North", ("Speicherstraße 12",), "Hamburg", "DE", "20457")
THERE = Address("Aurélie Lefèvre", ("14 rue de la République",), "Lyon", "FR", "69002")
_numbers = count()


def request(**changes: object) -> LabelRequest:
    whole = LabelRequest(
        idempotency_key=f"carriers-{next(_numbers)}",
        service="standard",
        parcel=Parcel(1840),
        ship_from=HERE,
        ship_to=THERE,
        order_number="SO-1",
        ships_on=date(2026, 11, 21),
        distance_km=750,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Rig:
    """A carrier to try, and what is peculiar to it."""

    carrier: Carrier
    capabilities: CarrierCapabilities
    service: str
    weight_max_g: int
    words: dict[str, TrackingCode]
    breaking: Callable[[], Carrier]
    """A carrier whose other side has just stopped to answer."""


def flat_rate_rig(folder: Path) -> Rig:
    connector = Registry(BUILT_IN).carrier("flat_rate")
    assert isinstance(connector.capabilities, CarrierCapabilities)

    def breaking() -> Carrier:
        ledger = folder / "unwritable.jsonl"
        broken = connector.open({"rate_card": CARD, "ledger": ledger})
        ledger.mkdir()
        return broken

    return Rig(
        connector.open({"rate_card": CARD, "ledger": folder / "carrier.jsonl"}),
        connector.capabilities,
        service="standard",
        weight_max_g=31500,
        words={"Delivered": TrackingCode.DELIVERED, "on-vehicle": TrackingCode.OUT_FOR_DELIVERY},
        breaking=breaking,
    )


RIGS = {"flat_rate": flat_rate_rig}


def test_every_carrier_has_a_rig() -> None:
    assert {c.name for c in BUILT_IN if c.port is Port.SHIPPING} == set(RIGS)


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    return RIGS[request.param](tmp_path)


# ------------------------------------------------------------------ rates


def test_rates_are_offers_that_can_be_bought(rig: Rig) -> None:
    if not rig.capabilities.rates:
        pytest.skip("this carrier tells no prices beforehand")
    rates = rig.carrier.rates(RateRequest(Parcel(1840), HERE, THERE, 750))
    assert isinstance(rates, tuple)
    assert [rate.price for rate in rates] == sorted(rate.price for rate in rates)
    for rate in rates:
        assert isinstance(rate, Rate)
        label = rig.carrier.label(request(service=rate.service))
        assert isinstance(label, Label)
        assert (label.cost, label.service) == (rate.price, rate.service)


def test_what_nobody_carries_is_refused(rig: Rig) -> None:
    too_heavy = Parcel(rig.weight_max_g + 1)
    rates = rig.carrier.rates(RateRequest(too_heavy, HERE, THERE, 750))
    label = rig.carrier.label(request(parcel=too_heavy))
    assert isinstance(rates, Refusal)
    assert isinstance(label, Refusal)
    assert rates.code == label.code == "parcel_too_heavy"


# ------------------------------------------------------------------ labels


def test_a_label_is_a_page_that_names_its_parcel(rig: Rig) -> None:
    label = rig.carrier.label(request())
    assert isinstance(label, Label)
    (page,) = PdfReader(io.BytesIO(label.pdf)).pages
    text = "".join(page.extract_text().split())
    assert label.tracking_no in text
    assert "SO-1" in text
    assert "AurélieLefèvre" in text


def test_a_repeated_key_buys_nothing_new(rig: Rig) -> None:
    asked = request()
    first = rig.carrier.label(asked)
    assert isinstance(first, Label)
    assert [rig.carrier.label(asked) for _ in range(3)] == [first] * 3


def test_one_key_from_many_threads_is_one_label(rig: Rig) -> None:
    asked = request()
    with ThreadPoolExecutor(8) as threads:
        labels = list(threads.map(lambda _: rig.carrier.label(asked), range(16)))
    assert isinstance(labels[0], Label)
    assert all(label == labels[0] for label in labels)


def test_many_keys_from_many_threads_are_as_many_labels(rig: Rig) -> None:
    asked = [request(order_number=f"SO-{n}") for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        labels = list(threads.map(rig.carrier.label, asked))
    numbers = {label.tracking_no for label in labels if isinstance(label, Label)}
    assert len(numbers) == 40
    for one, label in zip(asked, labels, strict=True):
        assert rig.carrier.label(one) == label


def test_a_key_used_for_another_parcel_is_refused(rig: Rig) -> None:
    asked = request()
    assert isinstance(rig.carrier.label(asked), Label)
    outcome = rig.carrier.label(replace(asked, parcel=Parcel(1841)))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "key_reused"


def test_a_service_that_is_none_is_refused(rig: Rig) -> None:
    outcome = rig.carrier.label(request(service="by_balloon"))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "service_unknown"


@pytest.mark.parametrize(
    "changes",
    [
        {"idempotency_key": ""},
        {"idempotency_key": "x" * 201},
        {"idempotency_key": "a\nb"},
        {"package": 0},
        {"package": 3, "packages": 2},
    ],
)
def test_requests_that_make_no_sense_can_not_be_made(changes: dict[str, object]) -> None:
    with pytest.raises(LabelRequestInvalid):
        request(**changes)


# ------------------------------------------------------------------ voids


def test_a_label_given_back_stays_given_back(rig: Rig) -> None:
    if not rig.capabilities.void:
        pytest.skip("this carrier takes no label back")
    asked = request()
    label = rig.carrier.label(asked)
    assert isinstance(label, Label)
    assert [rig.carrier.void(label.tracking_no) for _ in range(2)] == [
        Voided(label.tracking_no)
    ] * 2
    late = rig.carrier.label(asked)
    assert isinstance(late, Refusal)
    assert late.code == "label_void"


def test_what_was_never_sold_can_not_be_given_back(rig: Rig) -> None:
    label = rig.carrier.label(request())
    assert isinstance(label, Label)
    last = "1" if label.tracking_no[-1] != "1" else "2"
    for number in ("", "1Z999AA10123456784", label.tracking_no[:-1] + last):
        outcome = rig.carrier.void(number)
        assert isinstance(outcome, Refusal)
        assert outcome.code == "label_unknown"


# ------------------------------------------------------------------ trouble


def test_trouble_on_the_other_side_is_unknown(rig: Rig) -> None:
    sold = rig.carrier.label(request())
    assert isinstance(sold, Label)
    broken = rig.breaking()
    assert isinstance(broken.label(request()), Unknown)
    assert isinstance(broken.void(sold.tracking_no), Unknown)


def test_nothing_is_said_about_people_in_logs(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.carrier.label(request())
    assert "Lefèvre" not in caplog.text + repr(rig.carrier)


# ------------------------------------------------------------------ tracking

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("code", TrackingCode)
def test_our_own_words_are_understood(rig: Rig, code: TrackingCode) -> None:
    event = rig.carrier.normalised(CarrierEvent("BF1", code.value, AT, "Hamburg", "on its way"))
    assert isinstance(event, TrackingEvent)
    assert (event.code, event.occurred_at, event.place) == (code, AT, "Hamburg")
    assert event.detail == "on its way"


def test_the_carriers_words_are_understood(rig: Rig) -> None:
    for word, code in rig.words.items():
        event = rig.carrier.normalised(CarrierEvent("BF1", word, AT))
        assert isinstance(event, TrackingEvent)
        assert event.code is code


@pytest.mark.parametrize("word", ["", "???", "teleported", "delivered!", "x" * 10_000])
def test_a_word_that_nobody_knows_is_not_guessed(rig: Rig, word: str) -> None:
    assert isinstance(rig.carrier.normalised(CarrierEvent("BF1", word, AT)), Unknown)


def test_the_same_event_told_twice_is_the_same_event(rig: Rig) -> None:
    def told(**changes: object) -> str:
        event = replace(CarrierEvent("BF1", "in_transit", AT, "Hamburg"), **changes)  # type: ignore[arg-type]
        normalised = rig.carrier.normalised(event)
        assert isinstance(normalised, TrackingEvent)
        return normalised.event_id

    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    assert told() == told(occurred_at=elsewhere) == told(detail="the same, in other words")
    others = {
        told(tracking_no="BF2"),
        told(status="delivered"),
        told(occurred_at=AT + timedelta(seconds=1)),
        told(place="Bremen"),
    }
    assert len(others | {told()}) == 5
    assert told(event_id="evt_1") == "evt_1"


def test_an_event_without_a_time_zone_can_not_be_told() -> None:
    with pytest.raises(TrackingEventInvalid):
        CarrierEvent("BF1", "delivered", datetime(2026, 11, 21))  # noqa: DTZ001
