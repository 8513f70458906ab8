"""The table of transitions is exactly what labels and tracking events do, found by trying all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from baton.shipping import rules
from baton.shipping.errors import IllegalAction, LabelSettled
from baton.shipping.model import (
    Draft,
    Label,
    LabelState,
    LineUnits,
    Method,
    Shipment,
    Standing,
    Status,
)
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.shipping.states import MEANING, STAGE, TRANSITIONS, Action, legal_actions
from baton.values.ids import Id
from baton.values.money import Money

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TIMES = [NOW, NOW + timedelta(hours=1)]
ORDER, SHIPMENT = Id(int=1), Id(int=2)
BOXES = (Id(int=11), Id(int=12))

Labelled = tuple[Shipment, tuple[Label, ...]]
Transition = tuple[Status, Action, Status]


def opened(boxes: tuple[Id, ...] = BOXES) -> Labelled:
    draft = Draft(
        ORDER, "K3V9T", 1, Method.SHIP, "EUR", ((1, 2),), carrier="post", package_ids=boxes
    )
    shipment, _ = rules.opened(draft, SHIPMENT, 1, NOW)
    return shipment, tuple(rules.asked(box, SHIPMENT, None, NOW) for box in boxes)


def label_tries(now: Labelled) -> Iterator[tuple[Action, Callable[[], Labelled]]]:
    shipment, labels = now
    for label in labels:

        def buy(box: Id = label.package_id) -> Labelled:
            price = Money(500, "EUR")
            after, sold, _ = rules.bought(shipment, labels, box, f"T{box.int}", price, NOW)
            return after, tuple(sold if one.package_id == box else one for one in labels)

        def refuse(box: Id = label.package_id) -> Labelled:
            after, denied, _ = rules.refused(shipment, labels, box, "no", NOW)
            return after, tuple(denied if one.package_id == box else one for one in labels)

        yield Action.SETTLE_LABEL, buy
        yield Action.SETTLE_LABEL, refuse

    def retry() -> Labelled:
        after, again, _ = rules.retried(shipment, labels, NOW)
        by_box = {label.package_id: replace(label, key="k/1") for label in again}
        return after, tuple(by_box.get(one.package_id, one) for one in labels)

    yield Action.RETRY_LABELS, retry
    yield Action.VOID, lambda: (rules.voided(shipment, labels)[0], labels)


def assert_refused_rightly(shipment: Shipment, action: Action, refusal: IllegalAction) -> None:
    assert action not in TRANSITIONS[shipment.status]
    assert refusal.parameters["legal"] == legal_actions(shipment)


def explored_labels(first: Labelled) -> tuple[set[Transition], set[Labelled]]:
    found: set[Transition] = set()
    seen, waiting = {first}, [first]
    while waiting:
        now = waiting.pop()
        for action, attempt in label_tries(now):
            try:
                after = attempt()
            except LabelSettled:
                continue
            except IllegalAction as refusal:
                assert_refused_rightly(now[0], action, refusal)
                continue
            if now[0].status is not Status.VOIDED:
                found.add((now[0].status, action, after[0].status))
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return found, seen


@cache
def tracked_transitions(parcels: int) -> frozenset[Transition]:
    """From every place that so many parcels can be in, every event of each."""
    first = (Standing(),) * parcels
    seen, waiting, found = {first}, [first], set()
    while waiting:
        now = waiting.pop()
        for place, code, at in itertools.product(range(parcels), TrackingCode, TIMES):
            moved = rules.status_after(now[place], [TrackingEvent("e", "T", code, at, "", "")])
            after = (*now[:place], moved, *now[place + 1 :])
            old, new = rules.together(now).status, rules.together(after).status
            found.add((old, Action.TRACK, new))
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return frozenset(found)


def table(*actions: Action) -> set[Transition]:
    return {
        (status, action, result)
        for status, ways in TRANSITIONS.items()
        for action, results in ways.items()
        if action in actions
        for result in results
    }


def test_tracking_moves_a_shipment_as_the_table_says_and_not_otherwise() -> None:
    assert tracked_transitions(1) | tracked_transitions(2) == table(Action.TRACK)


def test_labels_move_a_shipment_as_the_table_says_and_not_otherwise() -> None:
    found = explored_labels(opened())[0] | explored_labels(opened(BOXES[:1]))[0]
    # what the carrier said before the last label was known counts with it
    early = {
        (status, action, later)
        for status, action, result in found
        if result is Status.SHIPPED
        for later in TRANSITIONS[Status.SHIPPED][Action.TRACK]
    }
    assert found | early == table(Action.SETTLE_LABEL, Action.RETRY_LABELS, Action.VOID)


def test_every_status_is_reached_and_a_voided_shipment_is_an_end() -> None:
    by_labels = {shipment.status for shipment, _ in explored_labels(opened())[1]}
    by_tracking = {new for _, _, new in tracked_transitions(2)}
    assert by_labels | by_tracking == set(Status)
    assert TRANSITIONS[Status.VOIDED] == {}


def test_the_labels_decide_until_the_shipment_left() -> None:
    for shipment, labels in explored_labels(opened())[1]:
        states = [label.state for label in labels]
        bought = sum(label.cost_minor for label in labels if label.state is LabelState.BOUGHT)
        assert shipment.cost == Money(bought, "EUR")
        match shipment.status:
            case Status.LABELLING:
                assert LabelState.REQUESTED in states
                assert LabelState.REFUSED not in states
            case Status.LABEL_FAILED:
                assert LabelState.REFUSED in states
            case Status.SHIPPED:
                assert set(states) == {LabelState.BOUGHT}
                assert shipment.tracking_no == "T11"
        assert (shipment.shipped_at is not None) == (shipment.status is Status.SHIPPED)


def test_every_code_has_a_meaning_and_every_meaning_a_stage() -> None:
    assert set(MEANING) == set(TrackingCode)
    assert {status for status in MEANING.values() if status} < set(STAGE)
    assert set(STAGE) == {new for _, _, new in tracked_transitions(1)}


@pytest.mark.parametrize("status", Status)
def test_what_has_not_left_or_is_void_is_not_tracked(status: Status) -> None:
    shipment, labels = opened()
    shipment = replace(shipment, status=status)
    if status in STAGE:
        rules.tracked(shipment, labels, [])
        return
    with pytest.raises(IllegalAction):
        rules.tracked(shipment, labels, [])


def test_a_shipment_shows_what_a_person_may_do() -> None:
    shipment, _ = opened()
    assert legal_actions(shipment) == ["void"]
    assert legal_actions(replace(shipment, status=Status.LABEL_FAILED)) == ["retry_labels", "void"]
    assert legal_actions(replace(shipment, status=Status.SHIPPED)) == []
    assert shipment.lines == (LineUnits(1, 2),)
