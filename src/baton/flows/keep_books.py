"""Booking: fact → a row that it is to be booked → one job after another → entries.

The reaction only writes down that there is something to book. The job reads the facts in their
order, asks `told` what they tell, and books each once. What can't be booked waits, parked with its
reason, until a person has mended what is missing and says *replay*.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import accounting
from baton.accounting.model import BOOK, LANE, Source, SourceState
from baton.flows import told
from baton.platform import journal, log, work
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.platform.work import Handler, Job
from baton.values.errors import BatonError

CATCH_UP = "accounting.catch_up"
BATCH, PAGE = 200, 2000

logger = log.get("accounting")


def handlers() -> dict[str, Handler]:
    """For the worker: one handler a kind of job."""
    return {
        BOOK: Handler(inside=lambda tx, _jobs: _work(tx), limit=100),
        CATCH_UP: Handler(inside=catch_up, limit=1),
    }


def note(tx: Tx, entries: Sequence[Entry]) -> None:
    """The books change: the fact is to be booked."""
    accounting.note(tx, entries)


def rates_known(tx: Tx, _entries: Sequence[Entry]) -> None:
    """An order has its rate now: what waited for one is booked."""
    accounting.rates_known(tx)


def book(tx: Tx, limit: int = BATCH) -> list[Source]:
    """Book the oldest facts that wait; returns what became of each."""
    waiting = accounting.lock_waiting(tx, limit)
    if not waiting:
        return []
    found = journal.entries_by_id(tx, waiting)
    entries = [found[id] for id in waiting]
    world = told.look_up(tx, entries)
    became = accounting.book(tx, [_read(world, entry) for entry in entries], told.currencies(world))
    for source in became:
        if source.state is SourceState.PARKED:
            logger.warning("posting parked", fact=source.fact, code=source.code)
    return became


def _work(tx: Tx) -> None:
    if len(book(tx)) == BATCH:
        work.put(tx, [Job(BOOK, {}, lane=LANE)])


def _read(world: told.World, entry: Entry) -> accounting.ToBook:
    try:
        return accounting.ToBook(entry, told.happened(world, entry))
    except BatonError as error:
        return accounting.ToBook(entry, unfit=error)


def replay(tx: Tx) -> int:
    """Try again what is parked, and look through the journal for facts that nobody noted.

    Returns how many were parked.
    """
    work.put(tx, [Job(CATCH_UP, {"after": 0}, lane=LANE)])
    return accounting.replay(tx)


def catch_up(tx: Tx, jobs: Sequence[Job]) -> None:
    """Note the facts of a stretch of the journal that are to be booked, and go on behind it."""
    for job in jobs:
        entries = journal.since(tx, int(job.payload["after"]), PAGE)
        accounting.note(tx, [entry for entry in entries if entry.fact in told.READERS])
        if len(entries) == PAGE:
            work.put(tx, [Job(CATCH_UP, {"after": entries[-1].no}, lane=LANE)])
