"""Ask gateways for what payments intend, and book what they answer.

    intend     a verb of payments writes the effect and puts a job, in one transaction
    call       here: read, close the transaction, ask under the effect's id as key
    settle     here: a new transaction books the answer and ends the job, together
    reconcile  here: an answer that is unknown is looked up later, and asked for again

So the same question may be put twice, and is the same each time. Whoever lost the lease of the
job while asking has everything undone that he would settle. Explained in
docs/algorithms/outside-effects.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from baton import payments
from baton.payments.errors import GatewayMissing
from baton.payments.model import Effect, EffectState
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    Gateway,
    GatewayRequest,
    NeverReceived,
    Outcome,
    RefundRequest,
    VoidRequest,
)
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.values.ids import Id

# Seconds until the next look after the first, second, … answer that was unknown.
WAITS_S = (30, 60, 120, 300, 600, 1800, 3600)
# So many answers that were unknown, and a person is told. The looking goes on.
TRIES = 6
# A void that waits for captures under way looks again after this long.
_PAUSE = timedelta(seconds=10)
# Jobs leased at once: asked one after another, they must fit into one lease.
_LIMIT = 5


@dataclass(frozen=True, slots=True)
class _Question:
    """An effect without an answer, and how to ask for it."""

    effect: Effect
    gateway: Gateway
    request: GatewayRequest


@dataclass(frozen=True, slots=True)
class CollectMoney:
    """The handlers of payment jobs.

    `gateways` by the name of the provider; `lock_orders` takes the locks that facts about
    orders need; `order_number` is what the gateway's statements are to show.
    """

    db: Database
    gateways: Mapping[str, Gateway]
    lock_orders: Callable[[Tx, Sequence[Id]], object]
    order_number: Callable[[Tx, Id], str]

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {
            payments.CALL: Handler(outside=self.call, limit=_LIMIT),
            payments.RECONCILE: Handler(outside=self.reconcile, limit=_LIMIT),
        }

    def call(self, caller: Caller, job: Job) -> None:
        """Ask the gateway for one effect and settle it; where it was settled, just end the job.

        Raises GatewayMissing, and Lapsed where somebody else has the job by now.
        """
        question = self._question(caller, job)
        if question is not None:
            self._settle(caller, job, question.effect, _asked(question))

    def reconcile(self, caller: Caller, job: Job) -> None:
        """Find out what became of an effect whose answer is unknown.

        What the gateway has never heard of is asked again, under the same key.
        """
        question = self._question(caller, job)
        if question is None:
            return
        found = question.gateway.lookup(str(question.effect.id))
        outcome = _asked(question) if isinstance(found, NeverReceived) else found
        self._settle(caller, job, question.effect, outcome)

    def _question(self, caller: Caller, job: Job) -> _Question | None:
        """What to ask; None where the job was ended, or put off, because there is nothing to."""
        return self.db.execute(caller, lambda tx: self._read(tx, job))

    def _read(self, tx: Tx, job: Job) -> _Question | None:
        effect = payments.found(tx, Id(job.payload["effect_id"]))
        if effect.state is not EffectState.REQUESTED:
            work.finish(tx, [job])
            return None
        payment = payments.payment_of(tx, effect)
        if payments.must_wait(effect, payment):
            work.finish(tx, [job])
            work.put(tx, [_put_off(job, tx.now + _PAUSE)])
            return None
        gateway = self.gateways.get(payment.provider)
        if gateway is None:
            raise GatewayMissing(f"There is no gateway called {payment.provider!r}.")
        number = self.order_number(tx, effect.order_id)
        return _Question(effect, gateway, payments.request(effect, payment, number))

    def _settle(self, caller: Caller, job: Job, effect: Effect, outcome: Outcome) -> None:
        def book(tx: Tx) -> None:
            self.lock_orders(tx, [effect.order_id])
            settled = payments.settle(tx, effect.id, outcome)
            work.finish(tx, [job])
            if settled.state is EffectState.REQUESTED:
                _look_later(tx, job, effect)

        self.db.execute(caller, book)


def look_for_answers(tx: Tx, before: datetime) -> int:
    """Have all effects looked up that were asked for before this moment and have no answer.

    An effect is looked up by one job at a time, so this may be called at any time; it returns
    how many there were.
    """
    hanging = payments.open_effects(tx, before)
    work.put(tx, [_look(effect, tries=0, at=tx.now) for effect in hanging])
    return len(hanging)


def _asked(question: _Question) -> Outcome:
    gateway = question.gateway
    match question.request:
        case AuthoriseRequest() as request:
            return gateway.authorise(request)
        case CaptureRequest() as request:
            return gateway.capture(request)
        case VoidRequest() as request:
            return gateway.void(request)
        case RefundRequest() as request:
            return gateway.refund(request)
        case never:
            assert_never(never)


def _look_later(tx: Tx, job: Job, effect: Effect) -> None:
    tries = int(job.payload.get("tries", 0)) + 1
    wait_s = WAITS_S[min(tries, len(WAITS_S)) - 1]
    if tries == TRIES:
        payments.unsettled(tx, effect.id, tries)
    work.put(tx, [_look(effect, tries=tries, at=tx.now + timedelta(seconds=wait_s))])


def _look(effect: Effect, *, tries: int, at: datetime) -> Job:
    """A job without a lane: other captures of the payment don't wait for this answer."""
    key = str(effect.id)
    return Job(payments.RECONCILE, {"effect_id": key, "tries": tries}, run_at=at, once_key=key)


def _put_off(job: Job, until: datetime) -> Job:
    key = str(job.payload["effect_id"])
    return Job(job.kind, job.payload, lane=job.lane, run_at=until, once_key=key)
