"""What picking, packing, shipping, the counter and recalls do to units, by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from baton.fulfillment import recall, rules
from baton.fulfillment.errors import (
    DraftInvalid,
    IllegalAction,
    LineUnknown,
    PackageNotFound,
    PickupCodeMissing,
    PickupLocked,
    QuantityInvalid,
    TooMany,
    UnitsPacked,
)
from baton.fulfillment.events import RecallAnswered
from baton.fulfillment.model import (
    Draft,
    DraftLine,
    FulfillmentLine,
    FulfillmentOrder,
    LineUnits,
    Method,
    Missing,
    Package,
    PackageDraft,
    Pick,
    Recall,
    RecallRequest,
    Sent,
    Status,
    WrongCode,
)
from baton.values import Dimensions
from baton.values.ids import Id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDER, SKU, PLACE, SHIPMENT = (Id(int=n) for n in (1, 2, 3, 4))


def fo(status: Status, *lines: FulfillmentLine, method: Method = Method.SHIP) -> FulfillmentOrder:
    return FulfillmentOrder(
        Id(int=9), "K3V9T-F1", ORDER, 1, PLACE, method, status, created_at=NOW, lines=lines
    )


def line(order_line: int, **places: int) -> FulfillmentLine:
    """A line whose units are in these places."""
    asked = places.pop("asked", 0)
    quantity = sum(places.values())
    places.setdefault("to_pick", 0)
    return FulfillmentLine(
        order_line, SKU, "S", "A thing", quantity, **places, cancel_requested=asked
    )


def box(n: int, *units: tuple[int, int], sent: bool = False) -> Package:
    lines = tuple(LineUnits(*u) for u in units)
    shipment = SHIPMENT if sent else None
    return Package(Id(int=100 + n), Id(int=9), n, 500, None, NOW, shipment, False, lines)


def ask(
    work: FulfillmentOrder, lines: dict[int, int] | None, by: datetime = NOW
) -> FulfillmentOrder:
    return recall.recalled(work, RecallRequest(work.id, "customer", by, lines), NOW)[0].fo


# ------------------------------------------------------------------ planning


def test_work_is_numbered_within_its_order_and_starts_unpicked() -> None:
    lines = (DraftLine(2, SKU, "B", "Bee", 4), DraftLine(1, SKU, "A", "Ant", 1))
    draft = Draft(ORDER, "K3V9T", 1, PLACE, Method.SHIP, lines, date(2026, 3, 3))
    work, facts = rules.planned(draft, Id(int=9), 3, NOW)
    assert work.number == "K3V9T-F3"
    assert [(n.order_line, n.to_pick, n.open) for n in work.lines] == [(1, 1, 1), (2, 4, 4)]
    assert (work.status, work.ship_on, work.created_at) == (Status.PLANNED, date(2026, 3, 3), NOW)
    assert [f.fact for f in facts] == ["fulfillment.planned"]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (DraftLine(1, SKU, "A", "Ant", 0),),
        (DraftLine(1, SKU, "A", "Ant", 1), DraftLine(1, SKU, "A", "Ant", 1)),
    ],
)
def test_work_without_units_or_with_a_line_twice_is_refused(lines: tuple[DraftLine, ...]) -> None:
    with pytest.raises(DraftInvalid):
        Draft(ORDER, "K3V9T", 1, PLACE, Method.SHIP, lines)


# ------------------------------------------------------------------ picking


def test_a_part_pick_leaves_the_rest_and_implies_acceptance() -> None:
    outcome, facts = rules.picked(fo(Status.RELEASED, line(1, to_pick=5)), [Pick(1, 2)], NOW)
    assert outcome.fo.status is Status.ACCEPTED
    assert (outcome.fo.lines[0].to_pick, outcome.fo.lines[0].picked) == (3, 2)
    assert outcome.missing == ()
    assert [f.fact for f in facts] == ["fulfillment.accepted", "fulfillment.picked"]


def test_what_is_missing_leaves_the_work() -> None:
    work = fo(Status.ACCEPTED, line(1, to_pick=5), line(2, to_pick=1))
    outcome, facts = rules.picked(work, [Pick(1, 3, 2), Pick(2, 1)], NOW)
    assert outcome.fo.status is Status.PICKED
    assert outcome.missing == (Missing(1, SKU, 2, recalled=0),)
    assert [f.fact for f in facts] == ["fulfillment.picked", "fulfillment.short_picked"]


def test_where_all_is_missing_the_work_ends() -> None:
    outcome, facts = rules.picked(fo(Status.RELEASED, line(1, to_pick=2)), [Pick(1, 0, 2)], NOW)
    assert (outcome.fo.status, outcome.fo.done_at) == (Status.CANCELLED, NOW)
    assert facts[-1].fact == "fulfillment.cancelled"


def test_a_missing_unit_that_was_asked_back_is_cancelled_and_not_sought_elsewhere() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=5)), {1: 1})
    outcome, _ = rules.picked(work, [Pick(1, 3, 2)], NOW)
    assert outcome.missing == (Missing(1, SKU, 2, recalled=1),)
    assert outcome.fo.recall is Recall.ACCEPTED


@pytest.mark.parametrize(
    ("picks", "refusal"),
    [
        ([Pick(1, 3)], TooMany),
        ([Pick(1, 1, 2)], TooMany),
        ([Pick(7, 1)], LineUnknown),
        ([Pick(1, 1), Pick(1, 1)], QuantityInvalid),
        ([], QuantityInvalid),
    ],
)
def test_what_can_not_be_picked(picks: list[Pick], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.picked(fo(Status.ACCEPTED, line(1, to_pick=2)), picks, NOW)


@pytest.mark.parametrize(("picked", "short"), [(0, 0), (-1, 2), (2, -1)])
def test_a_pick_of_nothing_or_less_is_invalid(picked: int, short: int) -> None:
    with pytest.raises(QuantityInvalid):
        Pick(1, picked, short)


# ------------------------------------------------------------------ packing


def pack(work: FulfillmentOrder, *units: tuple[int, int]) -> FulfillmentOrder:
    draft = PackageDraft(500, Dimensions(300, 200, 100), tuple(LineUnits(*u) for u in units))
    return rules.packed(work, [draft], [Id(int=100)], NOW)[0]


def test_packing_in_several_calls_ends_packed_or_ready() -> None:
    for method, end in ((Method.SHIP, Status.PACKED), (Method.PICKUP, Status.READY)):
        work = fo(Status.PICKED, line(1, picked=2), line(2, picked=1), method=method)
        part = pack(work, (1, 1))
        assert part.status is Status.PICKED
        assert pack(part, (1, 1), (2, 1)).status is end


def test_two_packages_of_one_call_share_what_was_picked() -> None:
    work = fo(Status.PICKED, line(1, picked=3))
    drafts = [PackageDraft(500, None, (LineUnits(1, 2),))] * 2
    with pytest.raises(TooMany) as refusal:
        rules.packed(work, drafts, [Id(int=100), Id(int=101)], NOW)
    assert refusal.value.parameters["wanted"] == 4


def test_what_can_not_be_packed() -> None:
    work = fo(Status.ACCEPTED, line(1, to_pick=1, picked=1), line(2, to_pick=1))
    with pytest.raises(TooMany):
        pack(work, (1, 2))
    with pytest.raises(TooMany):
        pack(work, (1, 1), (2, 1))
    with pytest.raises(LineUnknown):
        pack(work, (3, 1))
    with pytest.raises(QuantityInvalid):
        rules.packed(work, [], [], NOW)


@pytest.mark.parametrize(
    ("weight_g", "dims", "units"),
    [
        (-1, None, ((1, 1),)),
        (1, Dimensions(1, 0, 1), ((1, 1),)),
        (1, None, ()),
        (1, None, ((1, 0),)),
        (1, None, ((1, 1), (1, 1))),
    ],
)
def test_a_package_that_can_not_be(
    weight_g: int, dims: Dimensions | None, units: tuple[tuple[int, int], ...]
) -> None:
    with pytest.raises(QuantityInvalid):
        PackageDraft(weight_g, dims, tuple(LineUnits(*u) for u in units))


# ------------------------------------------------------------------ shipping


def test_some_packages_may_leave_before_the_others() -> None:
    work = fo(Status.PACKED, line(1, packed=3))
    boxes = [box(1, (1, 2)), box(2, (1, 1))]
    first, _ = rules.shipped(work, rules.waiting(work, boxes, [boxes[1].id]), SHIPMENT, NOW)
    assert (first.fo.status, first.shipped) == (Status.PACKED, ((1, 1),))
    rest = [boxes[0], replace(boxes[1], shipment_id=SHIPMENT)]
    last, _ = rules.shipped(first.fo, rules.waiting(first.fo, rest, None), SHIPMENT, NOW)
    assert (last.fo.status, last.shipped, last.fo.done_at) == (Status.DONE, ((1, 2),), NOW)


def test_only_packages_that_wait_can_leave() -> None:
    work = fo(Status.PACKED, line(1, packed=1, shipped=1))
    boxes = [box(1, (1, 1)), box(2, (1, 1), sent=True)]
    for wrong in ([boxes[1].id], [Id(int=77)], [boxes[0].id, Id(int=77)], []):
        with pytest.raises(PackageNotFound):
            rules.waiting(work, boxes, wrong)


def test_a_shipment_overtakes_a_recall() -> None:
    work = ask(fo(Status.PACKED, line(1, packed=2)), {1: 1})
    outcome, facts = rules.shipped(work, [box(1, (1, 2))], SHIPMENT, NOW)
    assert (outcome.overtaken, outcome.fo.recall) == (((1, 1),), Recall.REJECTED)
    assert facts[-1].fact == "fulfillment.recall_answered"


def test_a_recall_stays_open_for_what_is_still_there() -> None:
    work = ask(fo(Status.PACKED, line(1, packed=3)), {1: 3})
    outcome, _ = rules.shipped(work, [box(1, (1, 2))], SHIPMENT, NOW)
    assert outcome.overtaken == ((1, 2),)
    assert outcome.fo.recall is Recall.REQUESTED
    assert outcome.fo.lines[0].cancel_requested == 1


# ------------------------------------------------------------------ the counter


def ready() -> FulfillmentOrder:
    work = fo(Status.READY, line(1, packed=2), method=Method.PICKUP)
    return rules.code_given(work, rules.pickup_hash(ORDER, "042042"))[0]


def test_the_right_code_hands_everything_over() -> None:
    outcome, _ = rules.handed_over(ready(), "042042", NOW)
    assert isinstance(outcome, Sent)
    assert (outcome.fo.status, outcome.shipped) == (Status.DONE, ((1, 2),))


def test_five_wrong_codes_lock_the_counter_until_a_new_code() -> None:
    work = ready()
    for left in (4, 3, 2, 1, 0):
        outcome, _ = rules.handed_over(work, "000000", NOW)
        assert isinstance(outcome, WrongCode)
        assert outcome.tries_left == left
        work = outcome.fo
    with pytest.raises(PickupLocked):
        rules.handed_over(work, "042042", NOW)
    work = rules.code_given(work, rules.pickup_hash(ORDER, "777777"))[0]
    assert isinstance(rules.handed_over(work, "042042", NOW)[0], WrongCode)
    assert isinstance(rules.handed_over(work, "777777", NOW)[0], Sent)


def test_without_a_code_nothing_is_handed_over() -> None:
    work = replace(ready(), pickup_hash=None)
    with pytest.raises(PickupCodeMissing):
        rules.handed_over(work, "042042", NOW)


def test_a_code_opens_one_order_only() -> None:
    assert rules.pickup_hash(ORDER, "042042") != rules.pickup_hash(PLACE, "042042")


# ------------------------------------------------------------------ recalls


def test_before_a_location_begins_units_come_back_at_once() -> None:
    for status in (Status.PLANNED, Status.RELEASED):
        work = fo(status, line(1, to_pick=3))
        outcome, facts = recall.recalled(work, RecallRequest(work.id, "no", NOW, {1: 1}), NOW)
        assert (outcome.answer, outcome.freed) == (Recall.ACCEPTED, ((1, 1),))
        assert (outcome.fo.status, outcome.fo.lines[0].cancelled) == (status, 1)
        assert [f.fact.rpartition("_")[2] for f in facts] == ["requested", "answered"]


def test_once_begun_the_location_is_asked() -> None:
    work = fo(Status.ACCEPTED, line(1, to_pick=3))
    outcome, _ = recall.recalled(work, RecallRequest(work.id, "no", NOW, None), NOW)
    assert (outcome.answer, outcome.asked, outcome.freed) == (Recall.REQUESTED, ((1, 3),), ())
    assert outcome.fo.lines[0].to_pick == 3


def test_a_second_recall_adds_to_the_first_and_keeps_the_earlier_date() -> None:
    later = NOW + timedelta(hours=1)
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=3)), {1: 1}, by=NOW)
    work = ask(work, {1: 1}, by=later)
    assert (work.lines[0].cancel_requested, work.recall_by) == (2, NOW)
    with pytest.raises(TooMany):
        ask(work, {1: 2})


def test_what_was_asked_back_is_not_asked_again() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=3)), None)
    with pytest.raises(IllegalAction) as refusal:
        ask(work, None)
    assert refusal.value.parameters["legal"] == ["answer_recall", "pick"]


def test_units_not_yet_picked_are_given_back_first() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=1, picked=2, packed=2)), {1: 2})
    outcome, _ = recall.answer(work, [box(1, (1, 2))], True, "", NOW)
    left = outcome.fo.lines[0]
    assert (left.to_pick, left.picked, left.packed, left.cancelled) == (0, 1, 2, 2)
    assert outcome.voided == ()


def test_units_in_packages_come_back_only_with_all_that_is_left() -> None:
    work = ask(fo(Status.PACKED, line(1, packed=2)), {1: 1})
    with pytest.raises(UnitsPacked):
        recall.answer(work, [box(1, (1, 2))], True, "", NOW)
    outcome, facts = recall.answer(ask(work, None), [box(1, (1, 2))], True, "", NOW)
    assert (outcome.fo.status, outcome.voided) == (Status.CANCELLED, (Id(int=101),))
    told = facts[0]
    assert isinstance(told, RecallAnswered)
    assert told.voided_package_ids == (Id(int=101),)


def test_a_sent_package_is_not_voided_and_the_work_is_done() -> None:
    work = ask(fo(Status.PACKED, line(1, packed=1, shipped=1)), None)
    outcome, _ = recall.answer(work, [box(1, (1, 1), sent=True), box(2, (1, 1))], True, "", NOW)
    assert (outcome.fo.status, outcome.voided) == (Status.DONE, (Id(int=102),))


def test_a_rejected_or_lapsed_recall_changes_no_units() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=3)), {1: 2})
    for outcome, _ in (recall.answer(work, [], False, "sent", NOW), recall.timed_out(work)):
        assert (outcome.asked, outcome.freed) == (((1, 2),), ())
        assert (outcome.fo.lines[0].to_pick, outcome.fo.lines[0].cancel_requested) == (3, 0)


def test_a_recall_is_due_when_its_time_is_over_and_nobody_answered() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=3)), None, by=NOW)
    assert recall.due(work, NOW)
    assert not recall.due(work, NOW - timedelta(seconds=1))
    assert not recall.due(recall.timed_out(work)[0].fo, NOW)


def test_a_location_answers_the_recall_before_it_rejects() -> None:
    work = ask(fo(Status.ACCEPTED, line(1, to_pick=3)), {1: 1})
    with pytest.raises(IllegalAction):
        rules.rejected(work, "no stock", NOW)
    given = recall.answer(work, [], True, "", NOW)[0].fo
    after, _ = rules.rejected(given, "no stock", NOW)
    assert (after.status, after.lines[0].cancelled) == (Status.REJECTED, 3)


@pytest.mark.parametrize("lines", [{}, {1: 0}, {1: -2}])
def test_a_recall_of_nothing_is_invalid(lines: dict[int, int]) -> None:
    with pytest.raises(QuantityInvalid):
        RecallRequest(Id(int=9), "why", NOW, lines)
