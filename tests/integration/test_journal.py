"""The journal: nothing is skipped, nothing is handled twice, nothing is altered unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import psycopg
import pytest

from baton.platform import ids, journal, work
from baton.platform.db import Caller, Database, Tx
from baton.platform.journal import Entry
from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class Happened(Fact):
    """Something a test did."""

    fact: ClassVar[str] = "test.happened"
    subject: ClassVar[str] = "test"

    what: str


def divert(tx: Tx, failed: Sequence[tuple[Entry, str, str]]) -> None:
    work.put(
        tx,
        [
            work.Job("reaction", {"entry": str(e.id), "name": n, "error": error}, str(e.subject_id))
            for e, n, error in failed
        ],
    )


def busy(tx: Tx, entries: Sequence[Entry]) -> set[str]:
    return work.busy_lanes(tx, [str(e.subject_id) for e in entries])


def run(db: Database, tenant: int, reactions: journal.Reactions, limit: int = 500) -> int:
    return journal.relay(db, tenant, reactions, busy=busy, divert=divert, limit=limit)


def tell(db: Database, caller: Caller, subject: Id, *whats: str) -> None:
    with db.transaction(caller) as tx:
        journal.record(tx, [Happened(subject, what) for what in whats])


def test_each_subject_is_numbered_without_a_gap(db: Database, caller: Caller) -> None:
    one, two = ids.fresh(), ids.fresh()
    with db.transaction(caller) as tx:
        journal.record(tx, [Happened(one, "a"), Happened(two, "b"), Happened(one, "c")])
    tell(db, caller, one, "d")
    with db.transaction(caller) as tx:
        told = [(e.subject_id, e.seq, e.data["what"]) for e in journal.timeline(tx, [one, two])]
    assert sorted(told) == sorted([(one, 1, "a"), (one, 2, "c"), (one, 3, "d"), (two, 1, "b")])


def test_two_writers_of_one_subject_can_not_both_take_a_number(
    db: Database, caller: Caller
) -> None:
    subject, failed = ids.fresh(), []

    def second() -> None:
        try:
            tell(db, caller, subject, "second")
        except psycopg.errors.UniqueViolation as error:
            failed.append(error)

    thread = threading.Thread(target=second)
    with db.transaction(caller) as first:
        journal.record(first, [Happened(subject, "first")])
        assert journal.timeline(first, [subject])
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second waits for the first to commit"
    thread.join()
    assert len(failed) == 1
    with db.transaction(caller) as tx:
        assert [e.data["what"] for e in journal.timeline(tx, [subject])] == ["first"]


def test_an_entry_that_commits_late_is_not_skipped(db: Database, caller: Caller) -> None:
    seen: list[str] = []

    def react(_tx: Tx, entries: Sequence[Entry]) -> None:
        seen.extend(e.data["what"] for e in entries)

    late_may_commit, late_wrote = threading.Event(), threading.Event()

    def late() -> None:
        with db.transaction(caller) as tx:
            journal.record(tx, [Happened(ids.fresh(), "late")])
            assert tx.one(journal.seal.HEAD)  # the row is written, not committed
            late_wrote.set()
            assert late_may_commit.wait(10)

    thread = threading.Thread(target=late)
    thread.start()
    assert late_wrote.wait(10)
    tell(db, caller, ids.fresh(), "early")
    assert run(db, caller.tenant, {"test.happened": [react]}) == 1
    late_may_commit.set()
    thread.join()
    assert run(db, caller.tenant, {"test.happened": [react]}) == 1
    assert seen == ["early", "late"]
    with db.transaction(caller) as tx:
        assert [e.no for e in journal.since(tx, 0, 10)] == [1, 2]


def test_many_relays_at_once_hand_each_entry_on_once(db: Database, caller: Caller) -> None:
    seen: list[str] = []
    guard = threading.Lock()

    def react(_tx: Tx, entries: Sequence[Entry]) -> None:
        with guard:
            seen.extend(e.data["what"] for e in entries)

    def relay_all() -> None:
        for _ in range(20):
            run(db, caller.tenant, {"test.happened": [react]}, limit=7)

    subjects = [ids.fresh() for _ in range(20)]
    threads = [threading.Thread(target=relay_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(60):
        tell(db, caller, subjects[n % 20], f"{n}")
    for thread in threads:
        thread.join()
    while run(db, caller.tenant, {"test.happened": [react]}):
        pass
    assert sorted(seen, key=int) == [str(n) for n in range(60)]
    with db.transaction(caller) as tx:
        assert [e.no for e in journal.since(tx, 0, 100)] == list(range(1, 61))
        assert journal.check(tx) == (60, [])


def test_a_poisoned_entry_holds_up_only_its_own_subject(db: Database, caller: Caller) -> None:
    bad, good = ids.fresh(), ids.fresh()
    seen: list[str] = []

    def react(_tx: Tx, entries: Sequence[Entry]) -> None:
        if any(e.data["what"] == "poison" for e in entries):
            raise ZeroDivisionError("poison")
        seen.extend(e.data["what"] for e in entries)

    tell(db, caller, bad, "before", "poison", "after")
    tell(db, caller, good, "fine")
    assert run(db, caller.tenant, {"test.happened": [react]}) == 4
    assert sorted(seen) == ["before", "fine"]
    with db.transaction(caller) as tx:
        jobs = work.take(tx, "reaction", 10)
        waiting = tx.connection.execute(
            "select payload ->> 'error' from work.items where tenant_id = %s order by id",
            (caller.tenant,),
        ).fetchall()
    assert [job.lane for job in jobs] == [str(bad)], "one at a time in a lane"
    assert [("Zero" in row[0], "waits" in row[0]) for row in waiting] == [
        (True, False),
        (False, True),
    ]


def test_a_reaction_that_fails_leaves_no_trace_of_its_own(db: Database, caller: Caller) -> None:
    def react(tx: Tx, _entries: Sequence[Entry]) -> None:
        work.put(tx, [work.Job("half-done", {})])
        raise ZeroDivisionError

    tell(db, caller, ids.fresh(), "x")
    run(db, caller.tenant, {"test.happened": [react]})
    with db.transaction(caller) as tx:
        assert work.take(tx, "half-done", 10) == []
        assert len(work.take(tx, "reaction", 10)) == 1


def test_a_relay_that_dies_has_done_nothing(db: Database, caller: Caller) -> None:
    class Killed(BaseException):
        pass

    def die(tx: Tx, _entries: Sequence[Entry]) -> None:
        work.put(tx, [work.Job("effect", {})])
        raise Killed

    tell(db, caller, ids.fresh(), "x")
    with pytest.raises(Killed):
        run(db, caller.tenant, {"test.happened": [die]})
    with db.transaction(caller) as tx:
        assert work.take(tx, "effect", 10) == []
        assert journal.since(tx, 0, 10) == []
    assert run(db, caller.tenant, {"test.happened": []}) == 1


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ('update journal.entries set data = \'{"what": "forged"}\' where no = 2', "altered"),
        ("update journal.entries set actor = 'nobody' where no = 3", "altered"),
        ("update journal.entries set at = at + interval '1 s' where no = 1", "altered"),
        ("delete from journal.entries where no = 2", "are there"),
        ("delete from journal.seals where seal_no = 1", "missing"),
        ("update journal.heads set hash = ''", "head"),
    ],
)
def test_the_seal_finds_what_was_altered(
    new_database: Callable[[], str], harm: str, found: str
) -> None:
    dsn = new_database()
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("insert into access.tenants values (1, 'one', 'One', now())")
    database, caller = Database(dsn), Caller(1, "test")
    database.open()
    with database.transaction(caller) as tx:
        journal.open_head(tx)
    for what in ("a", "b", "c"):
        tell(database, caller, ids.fresh(), what)
        run(database, 1, {})
    with database.transaction(caller) as tx:
        assert journal.check(tx) == (3, [])
    with psycopg.connect(dsn, autocommit=True) as owner:
        for table in ("entries", "seals", "heads"):
            owner.execute(f"alter table journal.{table} no force row level security")
        owner.execute(harm)
    with database.transaction(caller) as tx:
        _, wrong = journal.check(tx)
    database.close()
    assert any(found in sentence for sentence in wrong), wrong


def test_the_program_may_not_alter_or_delete_entries(db: Database, caller: Caller) -> None:
    tell(db, caller, ids.fresh(), "x")
    for harm in ("update journal.entries set fact = 'y'", "delete from journal.entries"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            db.transaction(caller) as tx,
        ):
            tx.connection.execute(harm)
