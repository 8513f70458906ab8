"""The work queue: calls to the outside and timers, as rows with a time, a lane and a lease.

`put` writes a job in the transaction that wants it. Workers claim jobs of one tenant at a time;
jobs of one lane run one after another. A job that has lapsed is claimed again under a new fence,
so that whoever held it before can't settle it any more. Failures back off; in the end the job
is parked, where a person reads the error and says *retry*.

Tables: work.items.
"""

from baton.platform.work.queue import (
    Job,
    Lapsed,
    busy_lanes,
    claim,
    due_tenants,
    fail,
    finish,
    parked,
    put,
    retry,
    take,
)
from baton.platform.work.worker import Handler, Worker

__all__ = [
    "Handler",
    "Job",
    "Lapsed",
    "Worker",
    "busy_lanes",
    "claim",
    "due_tenants",
    "fail",
    "finish",
    "parked",
    "put",
    "retry",
    "take",
]
