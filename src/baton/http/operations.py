"""What operators watch and mend: health, metrics, parked jobs, events, verify."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)

from baton.access.model import Permission, Principal
from baton.app import App
from baton.http.call import Asked
from baton.http.wire import Done, Limit, Out, Page, Prefixed
from baton.platform import journal, work
from baton.platform.db import Caller, Tx
from baton.values import Id
from baton.views.verify import verify

router = APIRouter(tags=["operations"])

JobId = Annotated[Id, Prefixed("job")]
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "baton_http_requests", "Requests", ["method", "path", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "baton_http_seconds", "Seconds a request took", ["method", "path"], registry=REGISTRY
)


class JobOut(Out):
    """A job that waits for a person."""

    id: JobId
    kind: str
    payload: dict[str, Any]
    attempts: int
    error: str
    created_at: datetime


class EventOut(Out):
    """A journal entry under its dense number."""

    no: int
    at: datetime
    subject: str
    subject_id: str
    seq: int
    fact: str
    actor: str
    cause: str
    data: dict[str, Any]


class PromiseOut(Out):
    module: str
    name: str
    rows: int
    holds: bool
    failures: list[str]


class VerifyOut(Out):
    """Every promise with the rows it was checked on; `head` is the journal chain's."""

    holds: bool
    promises: list[PromiseOut]
    notices: list[str]
    journal_no: int
    journal_head: str


def seen(method: str, path: str, status: int, seconds: float) -> None:
    """Count a request."""
    REQUESTS.labels(method, path, str(status)).inc()
    SECONDS.labels(method, path).observe(seconds)


@router.get("/healthz", include_in_schema=False)
def healthz(request: Request) -> dict[str, str]:
    """The process runs."""
    return {"status": "ok", "instance": getattr(request.app.state, "instance", "")}


@router.get("/readyz", include_in_schema=False)
def readyz(request: Request) -> dict[str, str]:
    """The database answers."""
    app: App = request.app.state.app
    with app.db.transaction(Caller(0, "readyz")) as tx:
        return {"status": "ready", "at": tx.now.isoformat()}


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/work/parked")
def parked(call: Asked, limit: Annotated[Limit, Query()] = 100) -> Page[JobOut]:
    """Jobs that failed too often and wait for a person, oldest first."""

    def read(tx: Tx) -> Page[JobOut]:
        return Page(data=[JobOut.model_validate(job) for job in work.parked(tx, limit)])

    return call.read(Permission.WORK_READ, read, everywhere=True)


@router.post("/v1/work/{job_id}/retry", response_model=Done)
def retry(call: Asked, job_id: JobId) -> Response:
    """Let a parked job run again."""

    def again(tx: Tx, _principal: Principal) -> Done:
        work.retry(tx, job_id)
        return Done()

    return call.write(Permission.WORK_WRITE, again, everywhere=True)


@router.get("/v1/events")
def events(
    call: Asked,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[EventOut]:
    """All that happened, under dense numbers: ask again after the last one you have."""

    def read(tx: Tx) -> Page[EventOut]:
        found = journal.since(tx, after, limit)
        last = str(found[-1].no) if len(found) == limit else None
        return Page(
            data=[
                EventOut(
                    no=entry.no or 0,
                    at=entry.at,
                    subject=entry.subject,
                    subject_id=str(entry.subject_id),
                    seq=entry.seq,
                    fact=entry.fact,
                    actor=entry.actor,
                    cause=entry.cause,
                    data=entry.data,
                )
                for entry in found
            ],
            next=last,
        )

    return call.read(Permission.EVENTS_READ, read, everywhere=True)


@router.get("/v1/verify")
def check(call: Asked) -> VerifyOut:
    """Check every promise on this merchant's data."""

    def read(tx: Tx) -> VerifyOut:
        found = verify(tx)
        head = journal.head(tx)
        return VerifyOut(
            holds=all(promise.holds for promise in found),
            promises=[PromiseOut.model_validate(promise) for promise in found],
            notices=list(call.app.db.notices()),
            journal_no=head.no,
            journal_head=head.hash.hex(),
        )

    return call.read(Permission.VERIFY_READ, read, everywhere=True)
