"""Jobs as rows: put, claim, finish, fail, park, retry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from baton.platform import ids
from baton.platform.db import Statements, Tx
from baton.values.errors import Conflict, NotFound
from baton.values.ids import Id

sql = Statements("work")

PUT = sql(
    "put",
    """
    insert into work.items
        (tenant_id, id, kind, lane, payload, state, run_at, once_key, created_at)
    select %(tenant)s, j.id, j.kind, j.lane, j.payload, 'ready', j.run_at, j.once_key, %(now)s
    from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(lanes)s::text[], %(payloads)s::jsonb[],
                %(run_ats)s::timestamptz[], %(once_keys)s::text[])
         as j (id, kind, lane, payload, run_at, once_key)
    on conflict (tenant_id, kind, once_key) where once_key is not null do nothing
    """,
)
DUE_TENANTS = sql("due_tenants", "select * from work.due(%(now)s, %(wall)s)", scans="one function")
_FREE = """
    and (i.lane = '' or not exists (
        select from work.items e
        where e.tenant_id = %(tenant)s and e.lane = i.lane and e.state <> 'parked' and e.id < i.id))
"""
DUE_KINDS = sql(
    "due_kinds",
    """
    select i.kind, count(*)::int from (
        select kind from work.items
        where tenant_id = %(tenant)s and state = 'ready' and run_at <= %(now)s
        order by run_at, id limit 2000
    ) i group by i.kind
    union all
    select i.kind, count(*)::int from work.items i
    where i.tenant_id = %(tenant)s and i.state = 'leased' and i.lease_until <= %(wall)s
    group by i.kind
    """,
)
TAKE = sql(
    "take",
    f"""
    select i.id, i.kind, i.lane, i.payload, i.fence, i.attempts from work.items i
    where i.tenant_id = %(tenant)s and i.kind = %(kind)s and i.state = 'ready'
      and i.run_at <= %(now)s {_FREE}
    order by i.run_at, i.id limit %(limit)s for update of i skip locked
    """,
)
LEASE = sql(
    "lease",
    f"""
    with mine as materialized (
        select i.id from work.items i
        where i.tenant_id = %(tenant)s and i.kind = %(kind)s
          and (i.state = 'ready' and i.run_at <= %(now)s
               or i.state = 'leased' and i.lease_until <= %(wall)s) {_FREE}
        order by i.run_at, i.id limit %(limit)s for update of i skip locked
    )
    update work.items i set state = 'leased', lease_until = %(until)s, fence = i.fence + 1
    from mine where i.tenant_id = %(tenant)s and i.id = mine.id
    returning i.id, i.kind, i.lane, i.payload, i.fence, i.attempts
    """,
)
FINISH = sql(
    "finish",
    """
    delete from work.items i using unnest(%(ids)s::uuid[], %(fences)s::int[]) as done (id, fence)
    where i.tenant_id = %(tenant)s and i.id = done.id and i.fence = done.fence
    """,
)
FAIL = sql(
    "fail",
    """
    update work.items set state = %(state)s, run_at = %(run_at)s, lease_until = null,
        attempts = attempts + 1, error = %(error)s
    where tenant_id = %(tenant)s and id = %(id)s and fence = %(fence)s and state <> 'parked'
    """,
)
RETRY = sql(
    "retry",
    """
    update work.items set state = 'ready', run_at = %(now)s, attempts = 0
    where tenant_id = %(tenant)s and id = %(id)s and state = 'parked'
    """,
)
PARKED = sql(
    "parked",
    """
    select id, kind, lane, payload, fence, attempts, error, created_at from work.items
    where tenant_id = %(tenant)s and state = 'parked' order by created_at, id limit %(limit)s
    """,
)
BUSY_LANES = sql(
    "busy_lanes",
    """
    select distinct lane from work.items
    where tenant_id = %(tenant)s and lane = any(%(lanes)s) and kind = 'reaction'
      and lane <> '' and state <> 'parked'
    """,
)

_BACK_OFF = (1, 2, 5, 15, 60, 300, 900, 3600)


class Lapsed(Conflict):
    """The lease ran out and somebody else has the job now: what was done here must not count."""

    code = "lease_lapsed"


class NotParked(NotFound):
    """No parked job has this id."""

    code = "job_not_parked"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do. `lane`: jobs with the same one run in turn; `once_key`: at most one."""

    kind: str
    payload: dict[str, Any]
    lane: str = ""
    run_at: datetime | None = None
    once_key: str | None = None
    id: Id = field(default_factory=ids.fresh)
    fence: int = 0
    attempts: int = 0
    error: str = ""
    created_at: datetime | None = None


def put(tx: Tx, jobs: Sequence[Job]) -> None:
    """Write jobs; one whose `once_key` is there already is left out."""
    if not jobs:
        return
    tx.run(
        PUT,
        ids=[job.id for job in jobs],
        kinds=[job.kind for job in jobs],
        lanes=[job.lane for job in jobs],
        payloads=[msgspec.json.encode(job.payload).decode() for job in jobs],
        run_ats=[job.run_at or tx.now for job in jobs],
        once_keys=[job.once_key for job in jobs],
        now=tx.now,
    )


def due_tenants(tx: Tx) -> list[int]:
    """Tenants that have new journal entries or jobs to run: the one read across tenants."""
    return [row[0] for row in tx.all(DUE_TENANTS, now=tx.now, wall=tx.wall)]


def due_kinds(tx: Tx) -> list[str]:
    """Kinds of this tenant's jobs that are due now."""
    return sorted({row[0] for row in tx.all(DUE_KINDS, now=tx.now, wall=tx.wall)})


def take(tx: Tx, kind: str, limit: int) -> list[Job]:
    """Lock due jobs for the length of this transaction, to be done and finished in it."""
    rows = tx.all(TAKE, kind=kind, now=tx.now, limit=limit)
    return [Job(r[1], r[3], r[2], id=r[0], fence=r[4], attempts=r[5]) for r in rows]


def claim(tx: Tx, kind: str, limit: int, lease: timedelta) -> list[Job]:
    """Lease due or lapsed jobs, each under a new fence, to be done outside a transaction."""
    rows = tx.all(LEASE, kind=kind, now=tx.now, wall=tx.wall, until=tx.wall + lease, limit=limit)
    return [Job(r[1], r[3], r[2], id=r[0], fence=r[4], attempts=r[5]) for r in rows]


def finish(tx: Tx, jobs: Sequence[Job]) -> None:
    """Take finished jobs away, in the transaction of their effect.

    Raises Lapsed where one was given to somebody else meanwhile; the effect is then undone.
    """
    if not jobs:
        return
    done = tx.count(FINISH, ids=[job.id for job in jobs], fences=[job.fence for job in jobs])
    if done != len(jobs):
        raise Lapsed(f"{len(jobs) - done} of {len(jobs)} jobs belong to another worker now")


def fail(tx: Tx, job: Job, error: str, *, attempts: int) -> bool:
    """Note a failure: the job runs again later, or is parked after `attempts`. True if parked."""
    park = job.attempts + 1 >= attempts
    wait = _BACK_OFF[min(job.attempts, len(_BACK_OFF) - 1)]
    tx.run(
        FAIL,
        id=job.id,
        fence=job.fence,
        state="parked" if park else "ready",
        run_at=tx.now + timedelta(seconds=wait),
        error=error[:4000],
    )
    return park


def retry(tx: Tx, id: Id) -> None:
    """Let a parked job run again, from its first attempt. Raises NotParked."""
    if not tx.count(RETRY, id=id, now=tx.now):
        raise NotParked("No parked job has this id: it may have been retried already.")


def parked(tx: Tx, limit: int = 200) -> list[Job]:
    """Jobs that wait for a person, oldest first."""
    return [
        Job(r[1], r[3], r[2], id=r[0], fence=r[4], attempts=r[5], error=r[6], created_at=r[7])
        for r in tx.all(PARKED, limit=limit)
    ]


def busy_lanes(tx: Tx, lanes: Sequence[str]) -> set[str]:
    """Of these lanes, those in which a failed reaction still waits for its turn."""
    return {row[0] for row in tx.all(BUSY_LANES, lanes=sorted(set(lanes)))}
