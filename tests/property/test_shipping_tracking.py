"""Tracking events repeated, late and shuffled: where a shipment is never depends on it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from baton.shipping import rules
from baton.shipping.model import Draft, Label, Method, Shipment, Standing, Status
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.shipping.states import STAGE
from baton.values.ids import Id
from baton.values.money import Money

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHIPMENT = Id(int=2)
BOXES = tuple(Id(int=n) for n in (11, 12, 13))

events = st.lists(
    st.builds(
        lambda n, code, hour: TrackingEvent(
            f"{n}{code}{hour}", f"T{n}", code, NOW + timedelta(hours=hour), "", ""
        ),
        st.sampled_from([box.int for box in BOXES]),
        st.sampled_from(TrackingCode),
        st.integers(0, 2),
    ),
    max_size=12,
)


def shipped() -> tuple[Shipment, list[Label]]:
    draft = Draft(Id(int=1), "K3V9T", 1, Method.SHIP, "EUR", ((1, 3),), package_ids=BOXES)
    shipment, _ = rules.opened(draft, SHIPMENT, 1, NOW)
    labels = [rules.asked(box, SHIPMENT, None, NOW) for box in BOXES]
    for place, label in enumerate(labels):
        number = f"T{label.package_id.int}"
        shipment, labels[place], _ = rules.bought(
            shipment, labels, label.package_id, number, Money(1, "EUR"), NOW
        )
    return shipment, labels


@given(events, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    told: list[TrackingEvent], chance: random.Random
) -> None:
    shipment, labels = shipped()
    shuffled = [*told, *chance.choices(told, k=len(told))] if told else []
    chance.shuffle(shuffled)
    assert rules.tracked(shipment, labels, shuffled)[0] == rules.tracked(shipment, labels, told)[0]


@given(events, st.integers(0, 12))
def test_one_batch_or_two_end_the_same(told: list[TrackingEvent], cut: int) -> None:
    at_once = rules.status_after(Standing(), told)
    first = rules.status_after(Standing(), told[:cut])
    assert rules.status_after(first, told[cut:]) == at_once


@given(events, events)
def test_a_parcel_never_falls_back_to_a_lower_stage(
    told: list[TrackingEvent], later: list[TrackingEvent]
) -> None:
    before = rules.status_after(Standing(), told)
    assert STAGE[rules.status_after(before, later).status] >= STAGE[before.status]


@given(events)
def test_delivered_means_every_parcel_and_says_when(told: list[TrackingEvent]) -> None:
    shipment, labels = shipped()
    after, _ = rules.tracked(shipment, labels, told)
    arrived = {e.tracking_no for e in told if e.code is TrackingCode.DELIVERED}
    if after.status is Status.DELIVERED:
        assert arrived == {label.tracking_no for label in labels}
    assert (after.delivered_at is not None) == (after.status is Status.DELIVERED)


@given(events)
def test_a_change_of_status_is_told_once_and_no_other(told: list[TrackingEvent]) -> None:
    shipment, labels = shipped()
    after, facts = rules.tracked(shipment, labels, told)
    assert len(facts) == (after.status is not shipment.status)
    assert rules.tracked(after, labels, told)[1] == ()
