"""Numbers under races and kills, one document for a subject, and frozen rows."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from invoicing_house import ENTITY, LONG_AGO, dense, intent, issue, issued, set_up

from baton import invoicing
from baton.invoicing.errors import DocumentNotFound, SeriesTooAlike
from baton.invoicing.model import Kind
from baton.platform import ids
from baton.platform.db import Caller, Database, Tx

HERE = Path(__file__).parent


class Undone(Exception):
    """Something failed after numbers were taken."""


@pytest.fixture
def ready(db: Database, caller: Caller) -> int:
    """So many shipments wait to be billed."""
    many = 120
    db.execute(caller, set_up)
    db.execute(caller, lambda tx: invoicing.draft(tx, [intent(n) for n in range(many)]))
    return many


def test_numbers_have_no_gap_whatever_fails(db: Database, caller: Caller, ready: int) -> None:
    """Eight at once; every other batch is undone after it has its numbers."""
    barrier = Barrier(8)

    def run(seed: int) -> None:
        chance = random.Random(seed)
        barrier.wait()

        def batch(tx: Tx) -> int:
            made = issue(tx, chance.randint(1, 5))
            if made and chance.random() < 0.5:
                raise Undone
            return len(made)

        while True:
            try:
                if not db.execute(caller, batch):
                    return
            except Undone:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    while db.execute(caller, lambda tx: issue(tx, 50)):
        pass
    documents = issued(db, caller)
    assert len(documents) == ready
    assert dense([d.no for d in documents])
    assert len({d.number for d in documents}) == ready
    assert [c for c in db.execute(caller, invoicing.verify) if c.failures] == []


def test_numbers_have_no_gap_when_processes_are_killed(
    db: Database, caller: Caller, ready: int
) -> None:
    """Twelve programs that issue are killed, each after another while; the last may finish."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}

    def begin() -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / "invoicing_house.py"), db.dsn, str(caller.tenant)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def told(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    for least in range(6):
        victims = [begin(), begin()]
        for victim in victims:
            assert told(victim) == "open"
        # until some of the work is done, or all of it
        while len(issued(db, caller)) < least * 9 and all(v.poll() is None for v in victims):
            pass
        for victim in victims:
            victim.kill()
            victim.communicate()
    with begin() as last:
        assert [told(last), told(last)] == ["open", "done"]
    documents = issued(db, caller)
    assert len(documents) == ready
    assert dense([d.no for d in documents])
    assert [c for c in db.execute(caller, invoicing.verify) if c.failures] == []


def test_the_oldest_get_the_first_numbers(db: Database, caller: Caller) -> None:
    db.execute(caller, set_up)
    shuffled = [intent(n) for n in range(20)]
    random.Random(7).shuffle(shuffled)
    db.execute(caller, lambda tx: invoicing.draft(tx, shuffled))
    made = [d for _ in range(4) for d in db.execute(caller, lambda tx: issue(tx, 6))]
    by_age = sorted(shuffled, key=lambda each: each.occurred_at)
    assert [d.lines[0].order_id for d in made] == [each.order_id for each in by_age]
    assert [d.no for d in made] == list(range(1, 21))


def test_a_shipment_is_billed_once_however_often_it_is_told(db: Database, caller: Caller) -> None:
    """Twice in a batch, and again later; a settlement of the same id is another matter."""
    shipment = ids.fresh()
    db.execute(caller, set_up)
    twice = [intent(1, subject=shipment), intent(2, subject=shipment)]
    assert len(db.execute(caller, lambda tx: invoicing.draft(tx, twice))) == 1
    assert db.execute(caller, lambda tx: invoicing.draft(tx, twice)) == []
    memo = intent(3, kind=Kind.CREDIT_MEMO, subject=shipment)
    assert db.execute(caller, lambda tx: invoicing.draft(tx, [memo])) == [memo]


def test_two_at_once_for_one_shipment_are_one(db: Database, caller: Caller) -> None:
    shipment, barrier = ids.fresh(), Barrier(4)

    def draft(_n: int) -> int:
        barrier.wait()
        try:
            each = intent(1, subject=shipment)
            return len(db.execute(caller, lambda tx: invoicing.draft(tx, [each])))
        except psycopg.errors.UniqueViolation:  # the orders' locks keep this from happening
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(draft, range(4))) == 1


@pytest.mark.parametrize(
    ("invoices", "memos"),
    [("INV-{no}-{year}", "X{no}"), ("A{no}", "CN-7{no}"), ("A{no}", "A{no}"), ("CN-{no}", "B{no}")],
)
def test_a_series_that_is_alike_is_refused(
    db: Database, caller: Caller, invoices: str, memos: str
) -> None:
    """Like one of before, like that of the other kind, and the same for both."""
    db.execute(caller, set_up)
    with pytest.raises(SeriesTooAlike):
        db.execute(caller, lambda tx: set_up(tx, invoices, memos))


def test_what_is_not_there_is_said(db: Database, caller: Caller) -> None:
    for read in (
        lambda tx: invoicing.document(tx, ids.fresh()),
        lambda tx: invoicing.by_number(tx, "x"),
    ):
        with pytest.raises(DocumentNotFound):
            db.execute(caller, read)


def test_documents_can_be_found(db: Database, caller: Caller, ready: int) -> None:
    made = db.execute(caller, lambda tx: issue(tx, 2))
    with db.transaction(caller) as tx:
        assert invoicing.by_number(tx, made[1].number) == made[1].id
        assert invoicing.document(tx, made[0].id) == made[0]
        assert [
            len(found) for found in invoicing.of_orders(tx, [made[0].lines[0].order_id]).values()
        ] == [1]
        waiting = invoicing.waiting(tx, LONG_AGO, ENTITY, 1000)
        assert len(waiting) == ready - 2


@pytest.mark.parametrize("statement", [
    "update invoicing.documents set total = total",
    "delete from invoicing.documents",
    "update invoicing.lines set net = 0",
    "delete from invoicing.lines",
    "update invoicing.intents set net = 0",
    "delete from invoicing.intents",
    "update invoicing.series set pattern = 'x'",
])  # fmt: skip
def test_the_program_may_not_change_what_was_issued(
    db: Database, caller: Caller, ready: int, statement: str
) -> None:
    db.execute(caller, lambda tx: issue(tx, 1))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(caller) as tx:
        tx.connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def altered(new_database: Callable[[], str]) -> tuple[Database, Caller]:
    """A database in which rows may be altered, with issued documents."""
    dsn = new_database()
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "insert into access.tenants (id, handle, name, created_at) values (1, 't', 'T', now())"
        )
        for (table,) in owner.execute(
            "select relnamespace::regnamespace::text || '.' || relname from pg_class"
            " where relkind = 'r' and relforcerowsecurity"
        ).fetchall():
            owner.execute(f"alter table {table} no force row level security")
    db, caller = Database(dsn, size=2), Caller(1, "test")
    db.open()
    db.execute(caller, set_up)
    db.execute(caller, lambda tx: invoicing.draft(tx, [intent(n) for n in range(4)]))
    db.execute(caller, lambda tx: issue(tx, 3))
    return db, caller


@pytest.mark.parametrize(
    ("promise", "statement"),
    [
        ("have no gap", "delete from invoicing.documents where no = 2"),
        ("have no gap", "update invoicing.counters set next = next + 1"),
        ("have no gap", "update invoicing.documents set no = 9 where no = 3"),
        ("is in a document", "delete from invoicing.documents where no = 3"),
        (
            "sum of its lines, per rate",
            "update invoicing.documents set net = 1, total = 161 where no = 1",
        ),
        ("sum of its lines, per rate", "update invoicing.lines set rate = 7"),
        ("to be billed is the sum", "update invoicing.intents set tax = 1"),
    ],
)
def test_a_row_altered_by_hand_is_found(
    altered: tuple[Database, Caller], promise: str, statement: str
) -> None:
    db, caller = altered
    assert [c for c in db.execute(caller, invoicing.verify) if c.failures] == []
    with psycopg.connect(db.dsn) as owner:
        assert owner.execute(statement).rowcount  # type: ignore[call-overload]
        with owner.cursor() as cursor:
            cursor.execute("select set_config('baton.tenant', '1', true)")
            tx = Tx(owner, caller, now=LONG_AGO, wall=LONG_AGO)
            broken = [c.name for c in invoicing.verify(tx) if c.failures]
        owner.rollback()
    assert any(promise in name for name in broken), broken
