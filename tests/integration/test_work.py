"""The work queue under races, lapses, poison and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job, Lapsed, Worker

LEASE = timedelta(seconds=30)


def put(db: Database, caller: Caller, *jobs: Job) -> None:
    with db.transaction(caller) as tx:
        work.put(tx, jobs)


def left(db: Database, caller: Caller) -> int:
    with db.transaction(caller) as tx:
        row = tx.connection.execute(
            "select count(*) from work.items where tenant_id = %s", (caller.tenant,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def worker(db: Database, caller: Caller, handlers: dict[str, Handler], attempts: int = 3) -> Worker:
    only = frozenset({caller.tenant})
    return Worker(db, handlers, lambda _tenant: 0, lease=LEASE, attempts=attempts, only=only)


def test_a_job_of_an_undone_transaction_was_never_there(db: Database, caller: Caller) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction(caller) as tx:
        work.put(tx, [Job("x", {})])
        raise ZeroDivisionError
    assert left(db, caller) == 0


def test_the_same_once_key_is_one_job(db: Database, caller: Caller) -> None:
    put(db, caller, Job("x", {"n": 1}, once_key="k"), Job("x", {"n": 2}, once_key="k"))
    put(db, caller, Job("x", {"n": 3}, once_key="k"), Job("y", {"n": 4}, once_key="k"))
    assert left(db, caller) == 2


def test_jobs_of_one_lane_run_in_turn(db: Database, caller: Caller) -> None:
    put(db, caller, *[Job("x", {"n": n}, lane="order") for n in range(3)], Job("x", {"n": 9}))
    with db.transaction(caller) as tx:
        assert [job.payload["n"] for job in work.take(tx, "x", 10)] == [0, 9]
    done: list[int] = []
    worker(
        db,
        caller,
        {"x": Handler(inside=lambda _tx, jobs: done.extend(j.payload["n"] for j in jobs))},
    ).drain()
    assert done == [0, 9, 1, 2]


def test_two_workers_never_share_a_job(db: Database, caller: Caller) -> None:
    put(db, caller, *[Job("x", {"n": n}) for n in range(200)])
    done: list[int] = []
    guard = threading.Lock()

    def inside(_tx: Tx, jobs: Sequence[Job]) -> None:
        with guard:
            done.extend(job.payload["n"] for job in jobs)

    threads = [
        threading.Thread(target=worker(db, caller, {"x": Handler(inside=inside, limit=7)}).drain)
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(200))
    assert left(db, caller) == 0


def test_a_lapsed_lease_is_claimed_again_and_the_first_holder_can_not_settle(
    db: Database, caller: Caller
) -> None:
    put(db, caller, Job("x", {}))
    with db.transaction(caller) as tx:
        (first,) = work.claim(tx, "x", 1, timedelta(seconds=-1))
    with db.transaction(caller) as tx:
        (second,) = work.claim(tx, "x", 1, LEASE)
        assert work.claim(tx, "x", 1, LEASE) == []
    assert second.fence == first.fence + 1
    with pytest.raises(Lapsed), db.transaction(caller) as tx:
        work.put(tx, [Job("effect of the first", {})])
        work.finish(tx, [first])
    with db.transaction(caller) as tx:
        work.finish(tx, [second])
    assert left(db, caller) == 0


def test_poison_is_parked_where_a_person_can_retry_it(db: Database, caller: Caller) -> None:
    put(db, caller, *[Job("x", {"n": n}) for n in range(5)])
    done: list[int] = []
    cured = threading.Event()

    def inside(_tx: Tx, jobs: Sequence[Job]) -> None:
        if any(job.payload["n"] == 3 for job in jobs) and not cured.is_set():
            raise ValueError("poison")
        done.extend(job.payload["n"] for job in jobs)

    one_try = worker(db, caller, {"x": Handler(inside=inside)}, attempts=1)
    one_try.drain()
    assert sorted(done) == [0, 1, 2, 4]
    with db.transaction(caller) as tx:
        (parked,) = work.parked(tx)
        assert (parked.payload, parked.attempts) == ({"n": 3}, 1)
        assert "poison" in parked.error
    cured.set()
    with db.transaction(caller) as tx:
        work.retry(tx, parked.id)
    one_try.drain()
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert left(db, caller) == 0


def test_failures_back_off_before_they_are_parked(db: Database, caller: Caller) -> None:
    put(db, caller, Job("x", {}))

    def outside(_caller: Caller, _job: Job) -> None:
        raise TimeoutError("no answer")

    worker(db, caller, {"x": Handler(outside=outside)}, attempts=3).drain()
    with db.transaction(caller) as tx:
        assert work.parked(tx) == []
        assert work.take(tx, "x", 1) == [], "not due again yet"
    assert left(db, caller) == 1


def test_a_job_for_later_waits_for_business_time(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        work.put(tx, [Job("x", {}, run_at=tx.now + timedelta(hours=1))])
        assert work.queue.due_kinds(tx) == []


_DIES = """
import os, sys
from datetime import timedelta
from baton.platform import work
from baton.platform.db import Caller, Database
db = Database(sys.argv[1]); db.open()
def outside(caller, job):
    print("working", flush=True)
    import time; time.sleep(60)
work.Worker(db, {"x": work.Handler(outside=outside)}, lambda t: 0,
            lease=timedelta(seconds=2), attempts=3, only=frozenset({int(sys.argv[2])})).run()
"""


def test_kill_9_of_a_worker_loses_nothing(db: Database, caller: Caller, dsn: str) -> None:
    put(db, caller, Job("x", {"n": 1}))
    doomed = subprocess.Popen(
        [sys.executable, "-c", _DIES, dsn, str(caller.tenant)], stdout=subprocess.PIPE, text=True
    )
    assert doomed.stdout is not None
    assert doomed.stdout.readline() == "working\n"
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    doomed.stdout.close()
    done: list[int] = []

    def outside(asked: Caller, job: Job) -> None:
        with db.transaction(asked) as tx:
            work.finish(tx, [job])
        done.append(job.payload["n"])

    survivor = worker(db, caller, {"x": Handler(outside=outside)})
    deadline = time.monotonic() + 15
    while not done and time.monotonic() < deadline:
        survivor.drain()
        time.sleep(0.1)
    assert done == [1]
    assert left(db, caller) == 0


def test_due_names_only_tenants_with_something_due(
    db: Database, caller: Caller, new_tenant: Callable[[], int]
) -> None:
    idle = new_tenant()
    put(db, caller, Job("x", {}))
    with db.transaction(Caller(0, "worker")) as tx:
        due = work.due_tenants(tx)
    assert caller.tenant in due
    assert idle not in due
