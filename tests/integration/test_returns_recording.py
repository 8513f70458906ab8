"""Returns on a real database: recorded once, found by order, listed newest first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg

from baton import returns
from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.returns.model import Mode, Recorded, Return, ReturnDraft, ReturnKind, ReturnLine

CHANNEL, ORDER, OTHER = ids.fresh(), ids.fresh(), ids.fresh()
THEN = datetime(2010, 12, 1, 9, 41, tzinfo=UTC)
DRAFT = ReturnDraft(
    CHANNEL,
    "C536379",
    ReturnKind.RETURN,
    Mode.HISTORY,
    "GBP",
    THEN,
    (
        ReturnLine(1, "85123A", "A light", 2, 5_10, ids.fresh(), ORDER, 3),
        ReturnLine(2, "POST", "Postage", 1, 18_00, order_id=OTHER, charge_no=1),
        ReturnLine(5, "D", "Discount", 1, -27_50),
    ),
    "Channel Islands",
    "14527",
    "was too bright",
)
PAPER = replace(
    DRAFT, external_id="C536383", kind=ReturnKind.CANCELLATION, country="", lines=DRAFT.lines[:1]
)


def test_a_return_is_kept_as_it_was_sent(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        first, second = returns.record(tx, [DRAFT, PAPER])
        now = tx.now
    with db.transaction(caller) as tx:
        found = returns.returns_by_id(tx, [first.id, second.id, ids.fresh()])
    assert first.new
    assert second.new
    assert set(found) == {first.id, second.id}
    assert found[first.id] == Return(
        first.id,
        CHANNEL,
        "C536379",
        ReturnKind.RETURN,
        Mode.HISTORY,
        "Channel Islands",
        "GBP",
        "14527",
        "was too bright",
        THEN,
        now,
        DRAFT.lines,
    )
    assert found[second.id].country == ""


def test_the_same_return_again_is_the_same_return(db: Database, caller: Caller) -> None:
    elsewhere = replace(DRAFT, channel_id=ids.fresh())
    with db.transaction(caller) as tx:
        assert returns.record(tx, []) == []
        first, again, other = returns.record(tx, [DRAFT, replace(DRAFT, note="x"), elsewhere])
        assert (first.new, again) == (True, Recorded(first.id, False))
        assert other.new
    with db.transaction(caller) as tx:
        fresh, known = returns.record(tx, [PAPER, DRAFT])
        assert (fresh.new, known) == (True, Recorded(first.id, False))
        assert returns.returns_by_id(tx, [first.id])[first.id].note == "was too bright"
        (entry,) = journal.timeline(tx, [first.id])
        assert (entry.fact, entry.subject) == ("returns.recorded", "return")
        assert (entry.data["units"], entry.data["amount_minor"]) == (4, -4_40)
        assert len(returns.page_of_returns(tx)) == 3


def test_many_who_record_the_same_returns_write_each_once(db: Database, caller: Caller) -> None:
    drafts = [replace(DRAFT, external_id=f"C{n}") for n in range(20)]

    def run(worker: int) -> list[Recorded]:
        order = drafts[:: (-1) ** worker]
        return db.execute(caller, lambda tx: returns.record(tx, order))[:: (-1) ** worker]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(run, range(4)))
    for told in zip(*answers, strict=True):
        assert len({one.id for one in told}) == 1
        assert sum(one.new for one in told) == 1
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in returns.verify(tx)[:2]] == [(60, ()), (20, ())]


def test_returns_are_found_by_the_orders_that_they_reverse(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        first, second = returns.record(tx, [DRAFT, PAPER])
        found = returns.returns_of_orders(tx, [ORDER, OTHER, ids.fresh()])
        assert {o: [r.id for r in of_it] for o, of_it in found.items()} == {
            ORDER: sorted([first.id, second.id]),
            OTHER: [first.id],
        }
        assert found[OTHER][0].lines == DRAFT.lines
        assert returns.returns_of_orders(tx, [ids.fresh()]) == {}


def test_the_newest_come_first_and_lists_go_on_where_they_stopped(
    db: Database, caller: Caller
) -> None:
    drafts = [
        replace(DRAFT, external_id=str(n), occurred_at=THEN + timedelta(days=n // 2))
        for n in range(7)
    ]
    seen: list[Return] = []
    with db.transaction(caller) as tx:
        assert returns.page_of_returns(tx) == []
        returns.record(tx, drafts)
        while page := returns.page_of_returns(
            tx, (seen[-1].occurred_at, seen[-1].id) if seen else None, limit=3
        ):
            seen += page
    assert {one.external_id for one in seen} == {str(n) for n in range(7)}
    assert [one.occurred_at for one in seen] == sorted(
        (one.occurred_at for one in seen), reverse=True
    )


def test_verify_finds_what_was_altered_by_hand(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        _, second = returns.record(tx, [DRAFT, PAPER])
    with psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}") as connection:
        connection.execute(
            "update returns.returns set id = gen_random_uuid() where tenant_id = %s and id = %s",
            (caller.tenant, second.id),
        )
    with db.transaction(caller) as tx:
        lines, lined, *_ = returns.verify(tx)
        assert lines.failures == (f"return {second.id} is not there",)
        assert lined.failures == ("return C536383 has none",)
