"""The loop that runs jobs: inside one transaction, or outside of any with a lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from baton.platform import log
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import queue
from baton.platform.work.queue import Job, Lapsed

logger = log.get("worker")


@dataclass(frozen=True, slots=True)
class Handler:
    """How jobs of one kind are done.

    `inside` gets the transaction and a batch; its effect and the end of the jobs commit
    together. `outside` gets one leased job and no transaction: it calls, then settles in a
    transaction of its own, in which it finishes the job.
    """

    inside: Callable[[Tx, Sequence[Job]], None] | None = None
    outside: Callable[[Caller, Job], None] | None = None
    limit: int = 50


class Worker:
    """Runs journal relay and jobs for all tenants until told to stop.

    Any number of them may run at once, in any number of processes; `only` keeps one to some
    tenants.
    """

    def __init__(
        self,
        db: Database,
        handlers: Mapping[str, Handler],
        relay: Callable[[int], int],
        *,
        lease: timedelta,
        attempts: int,
        only: frozenset[int] | None = None,
    ) -> None:
        self._db, self._handlers, self._relay = db, handlers, relay
        self._lease, self._attempts, self._only = lease, attempts, only
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish the job at hand, then return from `run`."""
        self._stop.set()

    def run(self, pause_s: float = 0.1) -> None:
        """Work until `stop`; rest for `pause_s` whenever nothing is due."""
        while not self._stop.is_set():
            try:
                done = self.round()
            except Exception as error:  # noqa: BLE001  the loop outlives whatever goes wrong
                logger.error("round failed", error=repr(error))
                done, wait = 0, 1.0
            else:
                wait = pause_s
            if not done:
                self._stop.wait(wait)

    def drain(self) -> int:
        """Work until nothing is due; returns how many entries and jobs that took."""
        total = 0
        while done := self.round():
            total += done
        return total

    def round(self) -> int:
        """One pass over the tenants that have something due; returns what was done."""
        with self._db.transaction(Caller(0, "worker")) as tx:
            due = queue.due_tenants(tx)
        tenants = [tenant for tenant in due if self._only is None or tenant in self._only]
        done = 0
        for tenant in tenants:
            if self._stop.is_set():
                break
            done += self._relay(tenant)
            done += self._jobs(tenant)
        return done

    def _jobs(self, tenant: int) -> int:
        caller = Caller(tenant, "worker")
        with self._db.transaction(caller) as tx:
            kinds = queue.due_kinds(tx)
        done = 0
        for kind in kinds:
            handler = self._handlers.get(kind)
            if handler is None:
                logger.error("no handler", kind=kind)
            elif handler.inside is not None:
                done += self._inside(caller, kind, handler, handler.limit)
            else:
                done += self._outside(caller, kind, handler)
        return done

    def _inside(self, caller: Caller, kind: str, handler: Handler, limit: int) -> int:
        jobs: Sequence[Job] = ()

        def work(tx: Tx) -> int:
            nonlocal jobs
            jobs = queue.take(tx, kind, limit)
            if jobs:
                assert handler.inside is not None
                handler.inside(tx, jobs)
                queue.finish(tx, jobs)
            return len(jobs)

        try:
            return self._db.execute(caller, work)
        except Exception as error:  # noqa: BLE001  parked, where a person sees it
            if len(jobs) > 1:
                return sum(self._inside(caller, kind, handler, 1) for _ in jobs)
            if jobs:
                self._failed(caller, jobs[0], error)
            return len(jobs)

    def _outside(self, caller: Caller, kind: str, handler: Handler) -> int:
        assert handler.outside is not None
        with self._db.transaction(caller) as tx:
            jobs = queue.claim(tx, kind, handler.limit, self._lease)
        for job in jobs:
            try:
                handler.outside(caller, job)
            except Lapsed:
                logger.warning("lease lapsed", kind=kind, job=str(job.id))
            except Exception as error:  # noqa: BLE001  parked, where a person sees it
                self._failed(caller, job, error)
        return len(jobs)

    def _failed(self, caller: Caller, job: Job, error: Exception) -> None:
        with self._db.transaction(caller) as tx:
            parked = queue.fail(tx, job, repr(error), attempts=self._attempts)
        logger.warning("job failed", kind=job.kind, error=repr(error), parked=parked)
