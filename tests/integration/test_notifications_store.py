"""One message for one fact, however often and by however many it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from outside_world import jobs, lock_orders

from baton import notifications
from baton.notifications.errors import MessageNotFound, RecipientInvalid
from baton.notifications.model import Composed, Draft, Message, MessageKind, MessageState
from baton.notifications.port import Outcome, Refusal, Sent, Unknown
from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.values.ids import Id

WORDS = Composed("Your order is on its way", "Text\n", "<p>Text</p>")


@pytest.fixture
def order() -> Id:
    return ids.fresh()


def draft(order: Id, fact: str = "shipment 1", **changes: object) -> Draft:
    plain = Draft(order, MessageKind.SHIPPED, fact, "zoe@example.com", "en", WORDS)
    return replace(plain, **changes)  # type: ignore[arg-type]


def put(db: Database, caller: Caller, *drafts: Draft) -> list[Message]:
    return db.execute(caller, lambda tx: notifications.put(tx, drafts))


def kept(db: Database, caller: Caller, order: Id) -> list[Message]:
    return db.execute(caller, lambda tx: notifications.by_orders(tx, [order]))


def settle(db: Database, caller: Caller, message: Message, outcome: Outcome) -> Message:
    def book(tx):  # type: ignore[no-untyped-def]
        lock_orders(tx, [message.order_id])
        return notifications.settle(tx, message.id, outcome)

    return db.execute(caller, book)


def facts(db: Database, caller: Caller, order: Id) -> list[tuple[str, object]]:
    entries = db.execute(caller, lambda tx: journal.timeline(tx, [order]))
    return [(entry.fact, entry.data.get("code")) for entry in entries]


def test_a_message_is_kept_and_a_job_is_put(db: Database, caller: Caller, order: Id) -> None:
    [made] = put(db, caller, draft(order))
    assert kept(db, caller, order) == [made]
    assert db.execute(caller, lambda tx: notifications.found(tx, made.id)) == made
    assert [job[:2] for job in jobs(db, caller.tenant)] == [("notifications.send", "ready")]


def test_the_same_fact_again_is_no_message(db: Database, caller: Caller, order: Id) -> None:
    put(db, caller, draft(order))
    assert put(db, caller, draft(order), draft(order)) == []
    assert put(db, caller, draft(order, composed=replace(WORDS, subject="Other"))) == []
    assert len(kept(db, caller, order)) == len(jobs(db, caller.tenant)) == 1


def test_twice_in_one_batch_is_one_message(db: Database, caller: Caller, order: Id) -> None:
    made = put(db, caller, draft(order), draft(order), draft(order, "shipment 2"))
    assert sorted(message.fact_key for message in made) == ["shipment 1", "shipment 2"]
    assert len(jobs(db, caller.tenant)) == 2


def test_another_kind_is_another_message(db: Database, caller: Caller, order: Id) -> None:
    put(db, caller, draft(order), draft(order, kind=MessageKind.DELIVERED))
    assert len(kept(db, caller, order)) == 2


def test_nothing_to_put(db: Database, caller: Caller) -> None:
    assert put(db, caller) == []


def test_a_fact_told_by_twenty_at_once(db: Database, caller: Caller, order: Id) -> None:
    barrier, made = threading.Barrier(20), []

    def tell() -> None:
        barrier.wait()
        made.extend(put(db, caller, draft(order)))

    threads = [threading.Thread(target=tell) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(kept(db, caller, order)) == len(jobs(db, caller.tenant)) == 1


def test_one_bad_recipient_and_nothing_is_written(db: Database, caller: Caller, order: Id) -> None:
    with pytest.raises(RecipientInvalid):
        put(db, caller, draft(order), draft(order, "shipment 2", recipient="a@b.c, d@e.f"))
    assert kept(db, caller, order) == []


def test_sent_once_and_told_once(db: Database, caller: Caller, order: Id) -> None:
    [made] = put(db, caller, draft(order))
    assert settle(db, caller, made, Unknown("no answer")) == made
    for _ in range(2):
        assert settle(db, caller, made, Sent("250")).state is MessageState.SENT
    assert settle(db, caller, made, Refusal("late", "no")).state is MessageState.SENT
    assert facts(db, caller, order) == [("notifications.sent", None)]


def test_refused_and_told_without_the_address(db: Database, caller: Caller, order: Id) -> None:
    [made] = put(db, caller, draft(order))
    settle(db, caller, made, Refusal("recipient_refused", "550 <zoe@example.com> is unknown"))
    [now] = kept(db, caller, order)
    assert (now.state, now.error[:17]) == (MessageState.REFUSED, "recipient_refused")
    assert facts(db, caller, order) == [("notifications.refused", "recipient_refused")]
    entries = db.execute(caller, lambda tx: journal.timeline(tx, [order]))
    assert "zoe" not in str(entries[0].data)


def test_a_message_that_never_was(db: Database, caller: Caller) -> None:
    with pytest.raises(MessageNotFound), db.transaction(caller) as tx:
        notifications.settle(tx, ids.fresh(), Sent("250"))


def test_another_tenant_sees_nothing(
    db: Database, caller: Caller, order: Id, new_tenant: Callable[[], int]
) -> None:
    put(db, caller, draft(order))
    other = Caller(new_tenant(), "test")
    assert kept(db, other, order) == []
    assert len(put(db, other, draft(order))) == 1


@pytest.mark.parametrize(
    ("promise", "statement"),
    [
        (
            "notifications: a message ends once",
            "update notifications.messages set sent_at = null where state = 'sent'",
        ),
        (
            "notifications: a message ends once",
            "update notifications.messages set state = 'refused' where state = 'requested'",
        ),
        (
            "notifications: a message is answered within a day",
            "update notifications.messages set created_at = created_at - interval '25 h'",
        ),
    ],
)
def test_a_row_altered_by_hand_is_found(
    db: Database, caller: Caller, order: Id, promise: str, statement: str
) -> None:
    first, _ = put(db, caller, draft(order), draft(order, "shipment 2"))
    settle(db, caller, first, Sent("250"))
    checks = db.execute(caller, notifications.verify)
    assert [(check.rows, check.failures) for check in checks] == [(2, ())] * 3
    with psycopg.connect(db.dsn) as connection:
        connection.execute("select set_config('baton.tenant', %s, true)", (str(caller.tenant),))
        assert connection.execute(statement.encode()).rowcount > 0
    checks = db.execute(caller, notifications.verify)
    assert [check.name for check in checks if check.failures] == [promise]
