"""Fulfillment orders on the database: every verb, read back; races; what `verify` notices."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from baton import fulfillment
from baton.fulfillment.errors import FulfillmentOrderNotFound, IllegalAction
from baton.fulfillment.model import (
    Draft,
    DraftLine,
    FulfillmentOrder,
    LineUnits,
    Method,
    PackageDraft,
    Packed,
    Pick,
    Place,
    Recall,
    RecallRequest,
    Sent,
    Status,
    WrongCode,
)
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx
from baton.values import Dimensions
from baton.values.errors import Refused
from baton.values.ids import Id

CODE = "042042"


def draft(
    quantities: tuple[int, ...] = (3,),
    *,
    order_id: Id | None = None,
    location_id: Id | None = None,
    method: Method = Method.SHIP,
) -> Draft:
    lines = tuple(
        DraftLine(n, ids.fresh(), f"SKU-{n}", f"Thing {n}", quantity)
        for n, quantity in enumerate(quantities, 1)
    )
    return Draft(
        order_id or ids.fresh(),
        ids.order_number(),
        1,
        location_id or ids.fresh(),
        method,
        lines,
        date(2026, 3, 3),
    )


def planned(tx: Tx, quantities: tuple[int, ...] = (3,), method: Method = Method.SHIP) -> Id:
    return fulfillment.plan(tx, [draft(quantities, method=method)])[0].id


def released(tx: Tx, quantities: tuple[int, ...] = (3,), method: Method = Method.SHIP) -> Id:
    return fulfillment.release(tx, [planned(tx, quantities, method)])[0].id


def packed(tx: Tx, quantities: tuple[int, ...] = (3,), method: Method = Method.SHIP) -> Packed:
    fo_id = released(tx, quantities, method)
    fulfillment.pick(tx, fo_id, [Pick(n, q) for n, q in enumerate(quantities, 1)])
    contents = tuple(LineUnits(n, q) for n, q in enumerate(quantities, 1))
    box = PackageDraft(1250, Dimensions(300, 200, 100), contents)
    outcome = fulfillment.pack(tx, fo_id, [box])
    if method is Method.PICKUP:
        fo = outcome.fo
        fulfillment.give_code(tx, fo.id, fulfillment.pickup_hash(fo.order_id, CODE))
    return outcome


def one(tx: Tx, fo_id: Id) -> FulfillmentOrder:
    return fulfillment.by_ids(tx, [fo_id])[0]


def sound(tx: Tx) -> dict[str, int]:
    """Rows that `verify` looked at, none of them failing."""
    checks = fulfillment.verify(tx)
    assert [c for c in checks if c.failures] == []
    return {c.name: c.rows for c in checks}


# ------------------------------------------------------------------ from plan to parcel


def test_work_goes_from_plan_to_parcel(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        made = draft((3, 1))
        fo = fulfillment.plan(tx, [made])[0]
    assert fo.number == f"{made.order_number}-F1"
    with db.transaction(caller) as tx:
        assert fulfillment.release(tx, [fo.id])[0].released_at == tx.now
    with db.transaction(caller) as tx:
        assert fulfillment.accept(tx, [fo.id])[0].status is Status.ACCEPTED
        fulfillment.pick(tx, fo.id, [Pick(1, 2)])
        outcome = fulfillment.pick(tx, fo.id, [Pick(1, 0, 1), Pick(2, 1)])
        assert [(m.order_line, m.quantity) for m in outcome.missing] == [(1, 1)]
    with db.transaction(caller) as tx:
        first = PackageDraft(900, Dimensions(300, 200, 100), (LineUnits(1, 2),))
        second = PackageDraft(100, None, (LineUnits(2, 1),))
        fulfillment.pack(tx, fo.id, [first])
        assert fulfillment.pack(tx, fo.id, [second]).fo.status is Status.PACKED
        sound(tx)
    with db.transaction(caller) as tx:
        shipment_id = ids.fresh()
        sent = fulfillment.shipped(tx, fo.id, shipment_id)
        assert sent.shipped == ((1, 2), (2, 1))
    with db.transaction(caller) as tx:
        done = one(tx, fo.id)
        assert done == sent.fo
        assert (done.status, done.done_at is not None, done.version) == (Status.DONE, True, 8)
        assert [(n.shipped, n.short, n.quantity) for n in done.lines] == [(2, 1, 3), (1, 0, 1)]
        boxes = fulfillment.packages_of(tx, [fo.id])
        assert [(b.package_no, b.dims, b.lines) for b in boxes] == [
            (1, Dimensions(300, 200, 100), ((1, 2),)),
            (2, None, ((2, 1),)),
        ]
        assert {b.shipment_id for b in boxes} == {shipment_id}
        assert [entry.fact for entry in journal.timeline(tx, [fo.order_id])] == [
            "fulfillment.planned",
            "fulfillment.released",
            "fulfillment.accepted",
            "fulfillment.picked",
            "fulfillment.picked",
            "fulfillment.short_picked",
            "fulfillment.packed",
            "fulfillment.packed",
            "fulfillment.shipped",
        ]
        unseen = [name for name, rows in sound(tx).items() if not rows]
        assert unseen == ["a pick-up that is ready has a code"]


def test_what_is_returned_is_what_is_stored(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        outcomes = [
            fulfillment.plan(tx, [draft()])[0],
            one(tx, released(tx)),
            fulfillment.pick(tx, released(tx, (2, 2)), [Pick(1, 1, 1)]).fo,
            fulfillment.reject(tx, released(tx), "closed"),
            fulfillment.cancel_planned(tx, [planned(tx)])[0],
            packed(tx).fo,
            fulfillment.request_recall(
                tx, [RecallRequest(packed(tx).fo.id, "customer", tx.now, None)]
            )[0].fo,
        ]
    with db.transaction(caller) as tx:
        assert [one(tx, fo.id) for fo in outcomes] == outcomes
        sound(tx)


def test_numbers_go_on_within_an_order(db: Database, caller: Caller) -> None:
    order_id = ids.fresh()
    with db.transaction(caller) as tx:
        fulfillment.plan(tx, [draft(order_id=order_id), draft(), draft(order_id=order_id)])
    with db.transaction(caller) as tx:
        fulfillment.plan(tx, [draft(order_id=order_id)])
        numbers = [fo.number for fo in fulfillment.of_orders(tx, [order_id])]
    assert [number[-3:] for number in numbers] == ["-F1", "-F2", "-F3"]


def test_a_batch_is_released_as_one(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        made = [fo.id for fo in fulfillment.plan(tx, [draft((1, 2)) for _ in range(20)])]
        assert {fo.status for fo in fulfillment.release(tx, made)} == {Status.RELEASED}
        assert [fo.id for fo in fulfillment.by_ids(tx, made)] == sorted(made)


def test_an_unknown_id_is_not_found(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx, pytest.raises(FulfillmentOrderNotFound):
        fulfillment.release(tx, [ids.fresh()])


def test_another_tenant_sees_and_changes_nothing(
    db: Database, caller: Caller, new_tenant: Callable[[], int]
) -> None:
    with db.transaction(caller) as tx:
        outcome = packed(tx)
    with db.transaction(Caller(new_tenant(), "test")) as tx:
        assert fulfillment.by_ids(tx, [outcome.fo.id]) == []
        assert fulfillment.of_orders(tx, [outcome.fo.order_id]) == []
        assert fulfillment.packages(tx, [outcome.packages[0].id]) == []
        with pytest.raises(FulfillmentOrderNotFound):
            fulfillment.shipped(tx, outcome.fo.id, ids.fresh())


# ------------------------------------------------------------------ pick-up


def test_a_pick_up_is_handed_over_with_its_code(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        fo = packed(tx, (2,), Method.PICKUP).fo
        assert fo.status is Status.READY
    with db.transaction(caller) as tx:
        wrong = fulfillment.hand_over(tx, fo.id, "000000")
        assert isinstance(wrong, WrongCode)
    with db.transaction(caller) as tx:
        assert one(tx, fo.id).pickup_tries == 1
        outcome = fulfillment.hand_over(tx, fo.id, CODE)
        assert isinstance(outcome, Sent)
        assert outcome.shipped == ((1, 2),)
    with db.transaction(caller) as tx:
        assert one(tx, fo.id).status is Status.DONE
        assert not fulfillment.packages_of(tx, [fo.id])[0].voided
        sound(tx)


# ------------------------------------------------------------------ recalls


def ask(tx: Tx, fo_id: Id, lines: dict[int, int] | None = None) -> Recall:
    by = tx.now + timedelta(hours=2)
    return fulfillment.request_recall(tx, [RecallRequest(fo_id, "customer", by, lines)])[0].answer


@pytest.mark.parametrize(
    ("begun", "answer"), [(planned, Recall.ACCEPTED), (released, Recall.ACCEPTED)]
)
def test_a_recall_before_the_location_begins_frees_the_units_at_once(
    db: Database, caller: Caller, begun: Callable[[Tx], Id], answer: Recall
) -> None:
    with db.transaction(caller) as tx:
        fo_id = begun(tx)
        assert ask(tx, fo_id) is answer
        assert one(tx, fo_id).status is Status.CANCELLED
        sound(tx)


def test_a_recall_is_answered_in_every_state_that_has_begun(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        accepted = fulfillment.accept(tx, [released(tx)])[0].id
        picked = fulfillment.pick(tx, released(tx), [Pick(1, 3)]).fo.id
        waiting = [packed(tx).fo.id, packed(tx, method=Method.PICKUP).fo.id]
        for fo_id in (accepted, picked, *waiting):
            before = one(tx, fo_id)
            assert ask(tx, fo_id) is Recall.REQUESTED
            refused = fulfillment.answer_recall(tx, fo_id, False, "on its way")
            assert (refused.fo.status, refused.freed) == (before.status, ())
            assert ask(tx, fo_id) is Recall.REQUESTED
            given = fulfillment.answer_recall(tx, fo_id, True, "")
            assert (given.fo.status, given.freed) == (Status.CANCELLED, ((1, 3),))
            assert one(tx, fo_id) == given.fo
        boxes = fulfillment.packages_of(tx, waiting)
        assert [box.voided for box in boxes] == [True, True]
        sound(tx)


def test_recalls_without_an_answer_time_out_once(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        fo_id = fulfillment.accept(tx, [released(tx)])[0].id
        overdue = RecallRequest(fo_id, "customer", tx.now - timedelta(seconds=1), {1: 2})
        fulfillment.request_recall(tx, [overdue])
        patient = fulfillment.accept(tx, [released(tx)])[0].id
        ask(tx, patient)
    with db.transaction(caller) as tx:
        due = [fo.id for fo in fulfillment.due_recalls(tx, 10)]
        assert due == [fo_id]
        ended = fulfillment.time_out_recalls(tx, [fo_id, patient])
        assert [(r.fo.id, r.answer, r.asked) for r in ended] == [
            (fo_id, Recall.TIMED_OUT, ((1, 2),))
        ]
        assert fulfillment.time_out_recalls(tx, due) == []
        assert fulfillment.due_recalls(tx, 10) == []
        sound(tx)


# ------------------------------------------------------------------ repeats and races


def test_a_repeated_command_is_refused_and_changes_nothing(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        done = packed(tx).fo.id
        fulfillment.shipped(tx, done, ids.fresh())
        rejected = fulfillment.reject(tx, released(tx), "closed").id
        repeats: list[tuple[Id, Callable[[Id], object]]] = [
            (done, lambda id: fulfillment.shipped(tx, id, ids.fresh())),
            (done, lambda id: fulfillment.release(tx, [id])),
            (done, lambda id: fulfillment.accept(tx, [id])),
            (done, lambda id: fulfillment.pick(tx, id, [Pick(1, 1)])),
            (done, lambda id: ask(tx, id)),
            (done, lambda id: fulfillment.answer_recall(tx, id, True, "")),
            (rejected, lambda id: fulfillment.reject(tx, id, "closed")),
            (rejected, lambda id: fulfillment.hand_over(tx, id, CODE)),
        ]
        before = fulfillment.by_ids(tx, [done, rejected])
        for fo_id, repeat in repeats:
            with pytest.raises(IllegalAction) as refusal:
                repeat(fo_id)
            assert refusal.value.parameters["legal"] == []
        assert fulfillment.by_ids(tx, [done, rejected]) == before


def raced(db: Database, caller: Caller, *racers: Callable[[Tx], object]) -> list[object]:
    """What each racer got, or its refusal, when all of them start at the same moment."""
    barrier = threading.Barrier(len(racers))
    results: list[object] = [None] * len(racers)

    def race(place: int) -> None:
        try:
            with db.transaction(caller) as tx:
                barrier.wait(20)
                results[place] = racers[place](tx)
        except Refused as refusal:
            results[place] = refusal

    threads = [threading.Thread(target=race, args=(n,)) for n in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in results
    return results


@pytest.mark.parametrize("attempt", range(8))
def test_a_shipment_and_an_accepted_recall_have_one_winner(
    db: Database, caller: Caller, attempt: int
) -> None:
    with db.transaction(caller) as tx:
        fo_id = packed(tx).fo.id
        ask(tx, fo_id)
    racers: list[Callable[[Tx], object]] = [
        lambda tx: fulfillment.shipped(tx, fo_id, ids.fresh()),
        lambda tx: fulfillment.answer_recall(tx, fo_id, True, ""),
    ]
    results = raced(db, caller, *(racers if attempt % 2 else reversed(racers)))
    assert sum(isinstance(result, IllegalAction) for result in results) == 1
    with db.transaction(caller) as tx:
        fo = one(tx, fo_id)
        ended = (fo.status, fo.recall, fo.lines[0].shipped, fo.lines[0].cancelled)
        assert ended in {
            (Status.DONE, Recall.REJECTED, 3, 0),
            (Status.CANCELLED, Recall.ACCEPTED, 0, 3),
        }
        assert fulfillment.packages_of(tx, [fo_id])[0].voided == (fo.status is Status.CANCELLED)
        sound(tx)


def test_of_many_who_ship_one_wins(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        fo_id = packed(tx).fo.id
    results = raced(db, caller, *[lambda tx: fulfillment.shipped(tx, fo_id, ids.fresh())] * 6)
    assert sum(isinstance(result, Sent) for result in results) == 1


def test_picks_of_the_same_line_never_exceed_it(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        fo_id = released(tx, (5,))
    results = raced(db, caller, *[lambda tx: fulfillment.pick(tx, fo_id, [Pick(1, 2)])] * 4)
    assert sum(isinstance(result, Refused) for result in results) == 2
    with db.transaction(caller) as tx:
        assert one(tx, fo_id).lines[0].picked == 4
        seqs = [e.seq for e in journal.timeline(tx, [one(tx, fo_id).order_id])]
        assert sorted(seqs) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("attempt", range(4))
def test_batches_in_opposite_order_do_not_deadlock(
    db: Database, caller: Caller, attempt: int
) -> None:
    with db.transaction(caller) as tx:
        both = [released(tx), released(tx)]
    racers = [
        lambda tx: fulfillment.accept(tx, both),
        lambda tx: fulfillment.accept(tx, both[::-1]),
    ]
    results = raced(db, caller, *racers)
    assert sum(isinstance(result, IllegalAction) for result in results) == 1


def test_wrong_codes_at_two_counters_are_all_counted(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        fo_id = packed(tx, method=Method.PICKUP).fo.id
    raced(db, caller, *[lambda tx: fulfillment.hand_over(tx, fo_id, "999999")] * 4)
    with db.transaction(caller) as tx:
        assert one(tx, fo_id).pickup_tries == 4


# ------------------------------------------------------------------ the queue


def test_the_queue_is_read_page_by_page_without_gap_or_repeat(db: Database, caller: Caller) -> None:
    here, there = ids.fresh(), ids.fresh()
    made: list[Id] = []
    for n in range(7):
        with db.transaction(caller) as tx:
            drafts = [draft(location_id=here), draft(location_id=there)]
            new = fulfillment.plan(tx, drafts)
            made.append(new[0].id)
            if n % 2:
                fulfillment.release(tx, [fo.id for fo in new])
    with db.transaction(caller) as tx:
        both = [Status.PLANNED, Status.RELEASED]
        found: list[Id] = []
        after: Place | None = None
        for size in (3, 3, 1, 0):
            page = fulfillment.queue(tx, [here], both, after, 3)
            assert len(page) == size
            found += [fo.id for fo in page]
            if page and page[-1].created_at:
                after = Place(page[-1].created_at, page[-1].id)
        assert found == made
        ready = fulfillment.queue(tx, [here], [Status.RELEASED], None, 50)
        assert [fo.id for fo in ready] == made[1::2]
        assert len(fulfillment.queue(tx, None, both, None, 50)) == 14
        assert fulfillment.queue(tx, [here], [Status.DONE], None, 50) == []


# ------------------------------------------------------------------ what verify notices


TAMPERINGS = {
    "each unit of a fulfillment line": "update fulfillment.lines set cancel_requested = 9",
    "a fulfillment order's status": "update fulfillment.orders set status = 'accepted'",
    "a recall is open exactly": "update fulfillment.orders set recall = 'requested'",
    "packages hold": "update fulfillment.package_lines set quantity = quantity + 1",
    "a pick-up that is ready": "update fulfillment.orders set pickup_hash = null",
    "no line, package or content": "delete from fulfillment.lines where order_line = 1",
}


@pytest.mark.parametrize("check", TAMPERINGS)
def test_verify_notices_rows_altered_by_hand(new_database: Callable[[], str], check: str) -> None:
    dsn = new_database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into access.tenants (id, handle, name, created_at)"
            " values (1, 'one', 'Test', now())"
        )
        connection.execute("alter table fulfillment.lines drop constraint fulfillment_lines_asked")
    db = Database(dsn, size=2)
    db.open()
    try:
        with db.transaction(Caller(1, "test")) as tx:
            journal.open_head(tx)
            packed(tx, (2, 1))
            packed(tx, (1,), Method.PICKUP)
            assert min(sound(tx).values()) > 0
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("select set_config('baton.tenant', '1', false)")
            connection.execute(TAMPERINGS[check])
        with db.transaction(Caller(1, "test")) as tx:
            failing = [c.name for c in fulfillment.verify(tx) if c.failures]
        assert any(name.startswith(check) for name in failing)
    finally:
        db.close()
