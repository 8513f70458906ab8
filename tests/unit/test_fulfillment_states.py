"""The table of transitions is exactly what the rules do, found by trying everything.

A small fulfillment order has few enough states that all of them can be visited: from each, every
action is tried with every choice of units.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from baton.fulfillment import recall, rules
from baton.fulfillment.errors import IllegalAction, UnitsPacked
from baton.fulfillment.model import (
    Draft,
    DraftLine,
    FulfillmentOrder,
    LineUnits,
    Method,
    Package,
    PackageDraft,
    Pick,
    Recall,
    RecallRequest,
    Status,
    WrongCode,
)
from baton.fulfillment.states import ENDS, SHOWN, TRANSITIONS, Action, legal_actions, status_of
from baton.values.fact import Fact
from baton.values.ids import Id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
ORDER, SKU, PLACE, SHIPMENT = (Id(int=n) for n in (1, 2, 3, 4))
CODE = "042042"


@dataclass(frozen=True)
class Now:
    """A fulfillment order with its packages."""

    fo: FulfillmentOrder
    packages: tuple[Package, ...] = ()


After = tuple[Now, tuple[Fact, ...]]
Try = Callable[[], After]


def start(method: Method, *quantities: int) -> Now:
    lines = tuple(
        DraftLine(n, SKU, f"S{n}", "A thing", quantity) for n, quantity in enumerate(quantities, 1)
    )
    fo, _ = rules.planned(Draft(ORDER, "K3V9T", 1, PLACE, method, lines), Id(int=9), 1, NOW)
    return Now(fo)


def choices(most: dict[int, int]) -> Iterator[dict[int, int]]:
    """Every way to take at least one unit of what is there."""
    for counts in itertools.product(*(range(n + 1) for n in most.values())):
        if any(counts):
            yield {line: n for line, n in zip(most, counts, strict=True) if n}


def tries(now: Now) -> Iterator[tuple[Action, Try]]:
    """Every action with every choice of units, legal or not."""
    fo = now.fo
    yield Action.RELEASE, lambda: plain(now, rules.released(fo, NOW))
    yield Action.CANCEL, lambda: plain(now, rules.withdrawn(fo, NOW))
    yield Action.ACCEPT, lambda: plain(now, rules.accepted(fo))
    yield Action.REJECT, lambda: plain(now, rules.rejected(fo, "no", NOW))
    yield from pick_tries(now)
    yield from pack_tries(now)
    yield from leave_tries(now)
    yield from recall_tries(now)


def pick_tries(now: Now) -> Iterator[tuple[Action, Try]]:
    to_pick = {line.order_line: line.to_pick for line in now.fo.lines}
    for taken in choices(to_pick) if any(to_pick.values()) else [{1: 1}]:
        for short in ({}, taken):
            picks = [Pick(n, q - short.get(n, 0), short.get(n, 0)) for n, q in taken.items()]
            yield Action.PICK, lambda picks=picks: picked(now, picks)  # type: ignore[misc]


def pack_tries(now: Now) -> Iterator[tuple[Action, Try]]:
    there = {line.order_line: line.picked for line in now.fo.lines}
    for units in choices(there) if any(there.values()) else [{1: 1}]:
        yield Action.PACK, lambda units=units: packed(now, units)  # type: ignore[misc]


def leave_tries(now: Now) -> Iterator[tuple[Action, Try]]:
    waiting = [p.id for p in now.packages if p.shipment_id is None and not p.voided]
    for only in [None, *([id] for id in waiting)]:
        yield Action.SHIP, lambda only=only: shipped(now, only)  # type: ignore[misc]
    hashed = rules.pickup_hash(ORDER, CODE)
    yield Action.GIVE_CODE, lambda: plain(now, rules.code_given(now.fo, hashed))
    ready = Now(replace(now.fo, pickup_hash=hashed, pickup_tries=0), now.packages)
    for code in (CODE, "999999"):
        yield Action.HAND_OVER, lambda code=code: handed_over(ready, code)  # type: ignore[misc]


def recall_tries(now: Now) -> Iterator[tuple[Action, Try]]:
    left = {line.order_line: line.recallable for line in now.fo.lines}
    wanted = [None, *choices(left)] if any(left.values()) else [None]
    for units in wanted:
        yield Action.RECALL, lambda units=units: recalled(now, units)  # type: ignore[misc]
    for yes in (True, False):
        yield Action.ANSWER_RECALL, lambda yes=yes: answered(now, yes)  # type: ignore[misc]
    yield Action.ANSWER_RECALL, lambda: timed_out(now)


def plain(now: Now, result: tuple[FulfillmentOrder, tuple[Fact, ...]]) -> After:
    return Now(result[0], now.packages), result[1]


def picked(now: Now, picks: list[Pick]) -> After:
    outcome, facts = rules.picked(now.fo, picks, NOW)
    return Now(outcome.fo, now.packages), facts


def packed(now: Now, units: dict[int, int]) -> After:
    lines = tuple(LineUnits(n, q) for n, q in units.items())
    id = Id(int=100 + len(now.packages))
    after, facts = rules.packed(now.fo, [PackageDraft(500, None, lines)], [id], NOW)
    box = Package(id, now.fo.id, len(now.packages) + 1, 500, None, NOW, None, False, lines)
    return Now(after, (*now.packages, box)), facts


def shipped(now: Now, only: list[Id] | None) -> After:
    leaving = rules.waiting(now.fo, now.packages, only)
    outcome, facts = rules.shipped(now.fo, leaving, SHIPMENT, NOW)
    packages = tuple(replace(p, shipment_id=SHIPMENT) if p in leaving else p for p in now.packages)
    return Now(outcome.fo, packages), facts


def handed_over(now: Now, code: str) -> After:
    outcome, facts = rules.handed_over(now.fo, code, NOW)
    assert isinstance(outcome, WrongCode) == (code != CODE)
    return Now(replace(outcome.fo, pickup_hash=None, pickup_tries=0), now.packages), facts


def recalled(now: Now, units: dict[int, int] | None) -> After:
    outcome, facts = recall.recalled(now.fo, RecallRequest(now.fo.id, "why", LATER, units), NOW)
    return Now(outcome.fo, now.packages), facts


def answered(now: Now, yes: bool) -> After:
    outcome, facts = recall.answer(now.fo, now.packages, yes, "why", NOW)
    packages = tuple(replace(p, voided=p.voided or p.id in outcome.voided) for p in now.packages)
    return Now(outcome.fo, packages), facts


def timed_out(now: Now) -> After:
    outcome, facts = recall.timed_out(now.fo)
    return Now(outcome.fo, now.packages), facts


def explore(first: Now) -> tuple[set[tuple[Status, Action, Status]], set[Now]]:
    """Every transition that can happen, and every state that can be reached."""
    seen, waiting, found = {first}, [first], set()
    while waiting:
        now = waiting.pop()
        for action, attempt in tries(now):
            try:
                after, facts = attempt()
            except (IllegalAction, UnitsPacked) as refusal:
                assert_refused_rightly(now.fo, action, refusal)
                continue
            found.add((now.fo.status, action, after.fo.status))
            assert_told(after.fo, facts)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return found, seen


def assert_refused_rightly(
    fo: FulfillmentOrder, action: Action, refusal: IllegalAction | UnitsPacked
) -> None:
    if isinstance(refusal, UnitsPacked):
        assert action is Action.ANSWER_RECALL
        assert any(line.packed for line in fo.lines)
        return
    assert action not in TRANSITIONS[fo.status] or action.value not in legal_actions(fo)
    assert refusal.parameters == {
        "action": action.value,
        "status": fo.status.value,
        "legal": legal_actions(fo),
    }


def assert_told(fo: FulfillmentOrder, facts: tuple[Fact, ...]) -> None:
    """State = its last event."""
    assert facts, "every change is told"
    last = facts[-1]
    assert last.subject == "order"
    assert last.subject_id == ORDER
    assert (last.status, last.recall) == (fo.status.value, fo.recall.value)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def everything() -> tuple[set[tuple[Status, Action, Status]], set[Now]]:
    transitions: set[tuple[Status, Action, Status]] = set()
    states: set[Now] = set()
    for method, quantities in itertools.product(Method, ((1, 1), (2,))):
        found, seen = explore(start(method, *quantities))
        transitions |= found
        states |= seen
    return transitions, states


def test_the_table_holds_every_transition_that_can_happen_and_no_other(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    table = {
        (status, action, result)
        for status, ways in TRANSITIONS.items()
        for action, results in ways.items()
        for result in results
    }
    assert everything[0] == table


def test_every_status_is_reached_and_ends_are_ends(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    assert {now.fo.status for now in everything[1]} == set(Status)
    assert {now.fo.recall for now in everything[1]} == set(Recall)
    assert {Status.DONE, Status.CANCELLED, Status.REJECTED} == ENDS
    for now in everything[1]:
        assert (now.fo.status in ENDS) == (now.fo.open == 0)
        assert (now.fo.done_at is not None) == (now.fo.status in ENDS)


def test_in_every_state_the_units_add_up(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    for now in everything[1]:
        for line in now.fo.lines:
            places = (line.to_pick, line.picked, line.packed, line.shipped, line.short)
            assert sum(places) + line.cancelled == line.quantity
            assert min(*places, line.cancelled, line.cancel_requested) >= 0
            assert line.cancel_requested <= line.open
        asked = sum(line.cancel_requested for line in now.fo.lines)
        assert (now.fo.recall is Recall.REQUESTED) == (asked > 0)


def test_in_every_state_packages_hold_what_is_packed_and_what_was_shipped(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    for now in everything[1]:
        at_counter = now.fo.method is Method.PICKUP and now.fo.status is Status.DONE
        waiting: dict[int, int] = {}
        sent: dict[int, int] = {}
        for package in now.packages:
            gone = package.shipment_id is not None or at_counter
            place = sent if gone else waiting
            if not package.voided:
                for units in package.lines:
                    place[units.order_line] = place.get(units.order_line, 0) + units.quantity
        for line in now.fo.lines:
            assert waiting.get(line.order_line, 0) == line.packed
            assert sent.get(line.order_line, 0) == line.shipped


def test_in_every_state_the_status_follows_from_the_units(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    for now in everything[1]:
        if now.fo.status is not Status.REJECTED:
            assert status_of(now.fo.method, now.fo.status, now.fo.lines) is now.fo.status


def test_what_is_shown_as_legal_can_be_done(
    everything: tuple[set[tuple[Status, Action, Status]], set[Now]],
) -> None:
    for now in everything[1]:
        done = set()
        for action, attempt in tries(now):
            try:
                attempt()
            except (IllegalAction, UnitsPacked):
                continue
            done.add(action)
        assert legal_actions(now.fo) == sorted(a.value for a in done & SHOWN)


def test_a_released_pick_up_shows_what_its_store_may_do() -> None:
    fo, _ = rules.released(start(Method.PICKUP, 2).fo, NOW)
    assert legal_actions(fo) == ["accept", "pick", "recall", "reject"]
