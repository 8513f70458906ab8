"""Where parcels are, what labels do to a shipment, and what a parcel costs, by example."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from baton.shipping import rules
from baton.shipping.errors import (
    DraftInvalid,
    LabelCurrencyWrong,
    LabelSettled,
    RateCardInvalid,
)
from baton.shipping.model import (
    Draft,
    Label,
    LabelState,
    Method,
    RateCard,
    Shipment,
    Standing,
    Status,
    Zone,
)
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.values.ids import Id
from baton.values.money import Money

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDER, SHIPMENT = Id(int=1), Id(int=2)
BOXES = (Id(int=11), Id(int=12))
Code = TrackingCode


def seen(code: TrackingCode, hour: int, tracking_no: str = "T11") -> TrackingEvent:
    at = NOW + timedelta(hours=hour)
    return TrackingEvent(f"{tracking_no}-{code}-{hour}", tracking_no, code, at, "", "")


def where(*events: TrackingEvent) -> Status:
    return rules.status_after(Standing(), events).status


def opened(
    method: Method = Method.SHIP,
    boxes: tuple[Id, ...] = BOXES,
    occurred_at: datetime | None = None,
    delivered_at: datetime | None = None,
) -> Shipment:
    draft = Draft(
        ORDER,
        "K3V9T",
        1,
        method,
        "EUR",
        ((2, 1), (1, 2)),
        package_ids=boxes,
        occurred_at=occurred_at,
        delivered_at=delivered_at,
    )
    return rules.opened(draft, SHIPMENT, 2, NOW)[0]


def labels() -> list[Label]:
    return [rules.asked(box, SHIPMENT, None, NOW) for box in BOXES]


def bought(shipment: Shipment, wanted: list[Label], place: int) -> tuple[Shipment, list[Label]]:
    box, price = wanted[place].package_id, Money(450, "EUR")
    after, sold, _ = rules.bought(shipment, wanted, box, f"T{box.int}", price, NOW)
    return after, [sold if label.package_id == box else label for label in wanted]


# ------------------------------------------------------------------ where a parcel is


def test_the_newest_movement_stands() -> None:
    assert where(seen(Code.OUT_FOR_DELIVERY, 5), seen(Code.IN_TRANSIT, 3)) == "out_for_delivery"
    assert where(seen(Code.OUT_FOR_DELIVERY, 5), seen(Code.IN_TRANSIT, 6)) == "in_transit"


def test_a_later_movement_overtakes_an_exception_and_an_earlier_one_does_not() -> None:
    assert where(seen(Code.EXCEPTION, 5), seen(Code.IN_TRANSIT, 6)) == "in_transit"
    assert where(seen(Code.EXCEPTION, 5), seen(Code.IN_TRANSIT, 4)) == "exception"


def test_at_one_instant_what_asks_for_attention_stands() -> None:
    same = [seen(Code.IN_TRANSIT, 5), seen(Code.EXCEPTION, 5), seen(Code.OUT_FOR_DELIVERY, 5)]
    assert {where(*order) for order in itertools.permutations(same)} == {"exception"}
    assert {where(*order) for order in itertools.permutations(same[::2])} == {"out_for_delivery"}


def test_what_was_delivered_stays_so_whatever_is_told_of_its_way() -> None:
    late = [seen(Code.IN_TRANSIT, 9), seen(Code.EXCEPTION, 9), seen(Code.LOST, 9)]
    assert where(seen(Code.DELIVERED, 5), *late) == "delivered"


def test_a_lost_parcel_can_be_found_and_delivered_but_does_not_just_move_on() -> None:
    assert where(seen(Code.LOST, 5), seen(Code.IN_TRANSIT, 6)) == "lost"
    assert where(seen(Code.LOST, 5), seen(Code.DELIVERED, 6)) == "delivered"


def test_what_came_back_is_not_delivered_even_if_the_carrier_calls_it_so() -> None:
    events = [seen(Code.RETURNED_TO_SENDER, 5), seen(Code.DELIVERED, 6)]
    assert where(*events) == where(*reversed(events)) == "returned_to_sender"


def test_a_printed_label_has_not_moved() -> None:
    assert where(seen(Code.LABEL_CREATED, 1)) == "shipped"
    assert where(seen(Code.PICKED_UP, 1), seen(Code.LABEL_CREATED, 2)) == "in_transit"


def test_the_first_delivery_told_is_when_it_arrived() -> None:
    standing = rules.status_after(Standing(), [seen(Code.DELIVERED, 7), seen(Code.DELIVERED, 5)])
    assert standing.delivered_at == NOW + timedelta(hours=5)


def test_a_shipment_is_delivered_with_its_last_parcel() -> None:
    shipment, sold = bought(*bought(opened(), labels(), 0), 1)
    first = [seen(Code.DELIVERED, 5, "T11")]
    after, facts = rules.tracked(shipment, sold, first)
    assert (after.status, after.delivered_at) == (Status.IN_TRANSIT, None)
    assert [fact.fact for fact in facts] == ["shipping.in_transit"]
    both = [*first, seen(Code.DELIVERED, 8, "T12")]
    done, facts = rules.tracked(after, sold, both)
    assert (done.status, done.delivered_at) == (Status.DELIVERED, NOW + timedelta(hours=8))
    assert facts[0].package_ids == BOXES  # type: ignore[attr-defined]


def test_one_lost_parcel_of_two_shows_on_the_shipment_and_each_parcel_is_known() -> None:
    shipment, sold = bought(*bought(opened(), labels(), 0), 1)
    events = [seen(Code.LOST, 5, "T12"), seen(Code.DELIVERED, 6, "T11")]
    after, facts = rules.tracked(shipment, sold, events)
    assert after.status is Status.LOST
    assert facts[0].package_ids == BOXES[1:]  # type: ignore[attr-defined]
    moved = rules.package_changes(sold, [], events)
    assert [(m.package_id, m.old, m.new) for m in moved] == [
        (BOXES[0], Status.SHIPPED, Status.DELIVERED),
        (BOXES[1], Status.SHIPPED, Status.LOST),
    ]


# ------------------------------------------------------------------ opening


def test_a_shipment_by_carrier_waits_for_its_labels() -> None:
    shipment = opened()
    assert (shipment.number, shipment.status) == ("K3V9T-S2", Status.LABELLING)
    assert shipment.lines == ((1, 2), (2, 1))
    assert shipment.shipped_at is None


def test_a_pick_up_is_delivered_at_once() -> None:
    shipment = opened(Method.PICKUP, ())
    assert (shipment.status, shipment.shipped_at, shipment.delivered_at) == ("delivered", NOW, NOW)


def test_history_left_when_it_left_and_arrived_where_that_is_known() -> None:
    left, arrived = NOW - timedelta(days=9), NOW - timedelta(days=7)
    shipment = opened(Method.HISTORY, (), left)
    assert (shipment.status, shipment.shipped_at, shipment.delivered_at) == ("shipped", left, None)
    shipment = opened(Method.HISTORY, (), left, arrived)
    assert (shipment.status, shipment.delivered_at) == ("delivered", arrived)


@pytest.mark.parametrize(
    ("method", "lines", "boxes", "field"),
    [
        (Method.SHIP, (), BOXES, "lines"),
        (Method.SHIP, ((1, 0),), BOXES, "lines"),
        (Method.SHIP, ((1, 1), (1, 1)), BOXES, "lines"),
        (Method.SHIP, ((1, 1),), (), "package_ids"),
        (Method.SHIP, ((1, 1),), BOXES[:1] * 2, "package_ids"),
        (Method.PICKUP, ((1, 1),), BOXES, "package_ids"),
        (Method.HISTORY, ((1, 1),), (), "occurred_at"),
    ],
)
def test_a_draft_that_lacks_something_is_refused(
    method: Method, lines: tuple[tuple[int, int], ...], boxes: tuple[Id, ...], field: str
) -> None:
    with pytest.raises(DraftInvalid) as refusal:
        Draft(ORDER, "K3V9T", 1, method, "EUR", lines, package_ids=boxes)
    assert refusal.value.field == field


# ------------------------------------------------------------------ labels


def test_a_label_key_is_the_same_for_a_call_and_another_for_the_next_attempt() -> None:
    first = rules.asked(BOXES[0], SHIPMENT, None, NOW)
    assert first.key == rules.asked(BOXES[0], Id(int=99), None, NOW).key == f"{BOXES[0]}/1"
    assert rules.asked(BOXES[0], SHIPMENT, first, NOW).key == f"{BOXES[0]}/2"


def test_a_shipment_leaves_with_its_last_label_and_costs_them_all() -> None:
    half, wanted = bought(opened(), labels(), 1)
    assert (half.status, half.tracking_no) == (Status.LABELLING, "")
    whole, _ = bought(half, wanted, 0)
    assert (whole.status, whole.shipped_at) == (Status.SHIPPED, NOW)
    assert (whole.tracking_no, whole.cost) == ("T11", Money(900, "EUR"))


def test_a_refused_label_is_retried_under_its_next_key() -> None:
    wanted = labels()
    failed, denied, _ = rules.refused(opened(), wanted, BOXES[1], "no such street", NOW)
    assert failed.status is Status.LABEL_FAILED
    after, again, facts = rules.retried(failed, [wanted[0], denied], NOW)
    assert after.status is Status.LABELLING
    assert [(label.key, label.state, label.error) for label in again] == [
        (f"{BOXES[1]}/2", LabelState.REQUESTED, "")
    ]
    assert facts[0].package_ids == BOXES[1:]  # type: ignore[attr-defined]


def test_a_label_bought_for_a_voided_shipment_is_unwanted_until_given_back() -> None:
    half, wanted = bought(opened(), labels(), 0)
    void, facts = rules.voided(half, wanted)
    assert [fact.fact for fact in facts] == ["shipping.voided", "shipping.label_unwanted"]
    after, sold, facts = rules.bought(void, wanted, BOXES[1], "T12", Money(450, "EUR"), NOW)
    assert after.status is Status.VOIDED
    assert [fact.fact for fact in facts] == ["shipping.label_bought", "shipping.label_unwanted"]
    assert after.cost == Money(900, "EUR")
    back, label, _ = rules.given_back(after, sold, NOW)
    assert (back.cost, label.state) == (Money(450, "EUR"), LabelState.VOIDED)
    with pytest.raises(LabelSettled):
        rules.given_back(back, label, NOW)


def test_a_label_that_the_carrier_keeps_is_void_and_claimed() -> None:
    half, wanted = bought(opened(), labels(), 0)
    void, _ = rules.voided(half, wanted)
    after, label, (fact,) = rules.kept(void, wanted[0], "it was scanned", NOW)
    assert (label.state, label.error) == (LabelState.VOIDED, "it was scanned")
    assert after.cost == Money(0, "EUR")
    assert (fact.fact, fact.cost_minor) == ("shipping.label_kept", 450)  # type: ignore[attr-defined]
    with pytest.raises(LabelSettled):
        rules.kept(after, label, "it was scanned", NOW)


def test_a_label_in_use_is_not_given_back() -> None:
    half, wanted = bought(opened(), labels(), 0)
    for give in (rules.given_back, lambda *of: rules.kept(*of[:2], "no", of[2])):
        with pytest.raises(LabelSettled):
            give(half, wanted[0], NOW)


def test_a_label_is_settled_once() -> None:
    half, wanted = bought(opened(), labels(), 0)
    with pytest.raises(LabelSettled):
        rules.bought(half, wanted, BOXES[0], "OTHER", Money(1, "EUR"), NOW)
    with pytest.raises(LabelSettled):
        rules.refused(half, wanted, BOXES[0], "no", NOW)


def test_a_price_in_another_currency_is_not_added() -> None:
    with pytest.raises(LabelCurrencyWrong):
        rules.bought(opened(), labels(), BOXES[0], "T11", Money(1, "USD"), NOW)


# ------------------------------------------------------------------ rate cards


CARD = RateCard(
    carrier="flat_rate",
    service="standard",
    name="Standard",
    currency="EUR",
    zones=(Zone(100, 1, 1), Zone(500, 1, 2), Zone(None, 2, 4)),
    brackets_g=(1000, 5000),
    prices=((390, 590), (450, 690), (790, 990)),
)


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"carrier": " "}, "carrier"),
        ({"service": ""}, "service"),
        ({"currency": "euro"}, "currency"),
        ({"zones": ()}, "zones"),
        ({"zones": (Zone(None, 1, 1), Zone(500, 1, 2), Zone(None, 2, 4))}, "zones[0]"),
        ({"zones": (Zone(100, 1, 1), Zone(100, 1, 2), Zone(None, 2, 4))}, "zones[1]"),
        ({"zones": (Zone(100, 1, 1), Zone(500, 3, 2), Zone(None, 2, 4))}, "zones[1]"),
        ({"zones": (Zone(0, 1, 1), Zone(500, 1, 2), Zone(None, 2, 4))}, "zones[0]"),
        ({"brackets_g": ()}, "brackets_g"),
        ({"brackets_g": (1000, 1000)}, "brackets_g[1]"),
        ({"prices": ((390, 590),)}, "prices"),
        ({"prices": ((390, 590), (450,), (790, 990))}, "prices[1]"),
        ({"prices": ((390, 590), (450, 690), (790, -1))}, "prices[2]"),
    ],
)
def test_a_card_with_a_gap_says_where(fault: dict[str, object], field: str) -> None:
    with pytest.raises(RateCardInvalid) as refusal:
        replace(CARD, **fault)  # type: ignore[arg-type]
    assert refusal.value.field == field
