"""What tests of outside effects share: helper processes, a scripted gateway, time that jumps."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    GatewayRequest,
    LookedUp,
    NeverReceived,
    Outcome,
    RefundRequest,
    Succeeded,
    Unknown,
    VoidRequest,
)
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Worker
from baton.values.ids import Id

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(module: str, *options: object) -> Iterator[dict[str, Any]]:
    """The module as a process that ends with this block; what it said about itself."""
    command = [sys.executable, "-m", module, "--while-stdin-open", *map(str, options)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


def lines(path: Path) -> list[dict[str, Any]]:
    """A helper's own file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# ── a gateway in this process ──────────────────────────────────────────────────────────────

Fault = Callable[[str], str]


class ScriptedGateway:
    """Does each key's work once and remembers it; `script` says what goes wrong, call by call.

    "lose" does the work and drops the answer, "never" gets no question, "no" declines (`says`).
    Each entry is used for one call; without one all goes well.
    """

    def __init__(self, *script: str, says: Outcome | None = None) -> None:
        self._script, self._says = list(script), says
        self._lock = threading.Lock()
        self.ledger: dict[str, tuple[GatewayRequest, Outcome]] = {}
        self.heard: Counter[str] = Counter()
        self.looked_up: Counter[str] = Counter()
        self.meanwhile: Callable[[], None] = lambda: None

    def authorise(self, request: AuthoriseRequest) -> Outcome:
        return self._do(request)

    def capture(self, request: CaptureRequest) -> Outcome:
        return self._do(request)

    def void(self, request: VoidRequest) -> Outcome:
        return self._do(request)

    def refund(self, request: RefundRequest) -> Outcome:
        return self._do(request)

    def lookup(self, idempotency_key: str) -> LookedUp:
        with self._lock:
            self.looked_up[idempotency_key] += 1
            if self._next() in ("lose", "never"):
                return Unknown("no answer")
            known = self.ledger.get(idempotency_key)
        return known[1] if known else NeverReceived()

    def close(self) -> None:
        """Nothing is held."""

    def done(self, kind: type[GatewayRequest]) -> list[GatewayRequest]:
        """The work of one kind that was really done."""
        return [
            request
            for request, outcome in self.ledger.values()
            if isinstance(request, kind) and isinstance(outcome, Succeeded)
        ]

    def _do(self, request: GatewayRequest) -> Outcome:
        key = request.idempotency_key
        with self._lock:
            fault = self._next()
            self.heard[key] += 1
            if fault == "never":
                return Unknown("no answer")
            if key in self.ledger:
                assert self.ledger[key][0] == request, "the same key with another question"
            else:
                self.ledger[key] = (request, self._outcome(request, fault))
        self.meanwhile()
        return Unknown("no answer") if fault == "lose" else self.ledger[key][1]

    def _outcome(self, request: GatewayRequest, fault: str) -> Outcome:
        if fault == "no":
            assert self._says is not None
            return self._says
        return Succeeded(f"ref_{len(self.ledger) + 1}", request.amount)

    def _next(self) -> str:
        return self._script.pop(0) if self._script else ""


# ── orders and time ────────────────────────────────────────────────────────────────────────


def lock_orders(tx: Tx, order_ids: Sequence[Id]) -> None:
    """Stands in for the lock of an order's row, of which these tests have none."""
    for order_id in sorted(order_ids):
        tx.connection.execute("select pg_advisory_xact_lock(%s)", (order_id.int % 2**62,))


def order_number(_tx: Tx, order_id: Id) -> str:
    """As long as an order's number, and as steady."""
    return f"N-{order_id.hex[-8:]}"


def worker(db: Database, tenant: int, handlers: Mapping[str, Handler], attempts: int = 8) -> Worker:
    """A worker of one tenant's jobs; nobody reacts to facts."""
    only = frozenset({tenant})
    lease = timedelta(seconds=60)
    return Worker(db, handlers, lambda _: 0, lease=lease, attempts=attempts, only=only)


def hurry(db: Database, tenant: int) -> int:
    """Whatever waits for its time is due now; returns how many jobs there are."""
    with db.transaction(Caller(tenant, "test")) as tx:
        moved = tx.connection.execute(
            "update work.items set run_at = created_at where tenant_id = %s and state = 'ready'"
            " returning id",
            (tenant,),
        )
        return len(moved.fetchall())


def jobs(db: Database, tenant: int) -> list[tuple[str, str, float]]:
    """Kind, state and seconds until it runs, of all jobs of a tenant."""
    with db.transaction(Caller(tenant, "test")) as tx:
        rows = tx.connection.execute(
            "select kind, state, run_at from work.items where tenant_id = %s order by id", (tenant,)
        ).fetchall()
        return [(kind, state, (run_at - tx.now).total_seconds()) for kind, state, run_at in rows]
