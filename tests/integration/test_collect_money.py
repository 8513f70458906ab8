"""From intent to the gateway and back: answers lost, doubled or late, crashes, lapsed leases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from outside_world import (
    ScriptedGateway,
    hurry,
    jobs,
    lines,
    lock_orders,
    order_number,
    running,
    worker,
)

from baton import payments
from baton.connectors.payments.fake import FakeGateway, FakeSettings
from baton.flows.collect_money import TRIES, CollectMoney, look_for_answers
from baton.payments.model import Effect, EffectKind, EffectState, Payment, PaymentState, Tender
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    DeclineCode,
    Declined,
    Gateway,
    RefundRequest,
    Succeeded,
    VoidRequest,
)
from baton.platform import ids, journal, work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Job, Lapsed, Worker
from baton.values.ids import Id
from baton.values.money import Money

NO = Declined(DeclineCode.INSUFFICIENT_FUNDS, "not enough")


class Till:
    """A tenant whose jobs are worked off against one gateway."""

    def __init__(self, db: Database, tenant: int, gateway: Gateway) -> None:
        self.db, self.tenant = db, tenant
        self.caller = Caller(tenant, "worker")
        self.flow = CollectMoney(db, {"fake": gateway}, lock_orders, order_number)

    def worker(self, attempts: int = 8) -> Worker:
        return worker(self.db, self.tenant, self.flow.handlers(), attempts)

    def work(self) -> None:
        """Everything that is due now."""
        self.worker().drain()

    def work_off(self, rounds: int = 30) -> None:
        """Everything, however long it waits."""
        for _ in range(rounds):
            self.work()
            if not hurry(self.db, self.tenant):
                return
        raise AssertionError(f"still there: {jobs(self.db, self.tenant)}")

    def claim(self, kind: str, lease: timedelta = timedelta(minutes=1)) -> Job:
        with self.db.transaction(self.caller) as tx:
            [job] = work.claim(tx, kind, 1, lease)
        return job

    def take(self, order: Id, amount: int = 10_000, **changes: object) -> None:
        tender = Tender(order, "N", 1, "fake", "card", "tok_ok", amount, "EUR", "ship")
        changed = replace(tender, **changes)  # type: ignore[arg-type]
        self.db.execute(self.caller, lambda tx: payments.take(tx, [changed]))

    def ensure(self, order: Id, amount: int, subject: Id | None = None) -> Id:
        subject = subject or ids.fresh()

        def claim(tx: Tx) -> None:
            lock_orders(tx, [order])
            payments.ensure_captured(tx, order, subject, Money(amount, "EUR"))

        self.db.execute(self.caller, claim)
        return subject

    def void(self, order: Id) -> None:
        self.db.execute(self.caller, lambda tx: payments.void_rest(tx, [order]))

    def payment(self, order: Id) -> Payment:
        [payment] = self.db.execute(self.caller, lambda tx: payments.by_orders(tx, [order]))
        return payment

    def effects(self, order: Id) -> list[Effect]:
        return self.db.execute(self.caller, lambda tx: payments.effects_by_orders(tx, [order]))

    def facts(self, order: Id) -> list[str]:
        entries = self.db.execute(self.caller, lambda tx: journal.timeline(tx, [order]))
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        return [entry.fact.removeprefix("payments.") for entry in entries]

    def jobs(self) -> list[tuple[str, str, float]]:
        return jobs(self.db, self.tenant)

    def sound(self) -> None:
        found = self.db.execute(self.caller, payments.verify)
        assert [check for check in found if check.failures] == []


@pytest.fixture
def order() -> Id:
    return ids.fresh()


@pytest.fixture
def till(db: Database, tenant: int) -> Callable[..., tuple[Till, ScriptedGateway]]:
    def made(*script: str) -> tuple[Till, ScriptedGateway]:
        gateway = ScriptedGateway(*script, says=NO)
        return Till(db, tenant, gateway), gateway

    return made


Made = Callable[..., tuple[Till, ScriptedGateway]]

# ── all goes well ──────────────────────────────────────────────────────────────────────────


def test_authorised_at_the_order_and_captured_at_the_shipment(till: Made, order: Id) -> None:
    shop, gateway = till()
    shop.take(order)
    shop.work()
    assert shop.payment(order).state is PaymentState.AUTHORISED
    shop.ensure(order, 4_000)
    shop.ensure(order, 6_000)
    shop.work()
    now = shop.payment(order)
    assert (now.state, now.captured, now.capturing) == (PaymentState.CAPTURED, 10_000, 0)
    assert [r.amount.minor for r in gateway.done(CaptureRequest)] == [4_000, 6_000]
    [asked] = gateway.done(AuthoriseRequest)
    assert isinstance(asked, AuthoriseRequest)
    assert (asked.method, asked.reference) == ("tok_ok", order_number(None, order))  # type: ignore[arg-type]
    assert {effect.state for effect in shop.effects(order)} == {EffectState.SUCCEEDED}
    assert shop.jobs() == []
    assert shop.facts(order) == [
        "authorise_requested", "authorised", "capture_requested", "capture_requested",
        "captured", "captured",
    ]  # fmt: skip
    shop.sound()


def test_void_and_refund_go_the_same_way(till: Made, order: Id) -> None:
    shop, gateway = till()
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    shop.void(order)
    with shop.db.transaction(shop.caller) as tx:
        payments.ensure_refunded(tx, order, ids.fresh(), Money(1_000, "EUR"))
    shop.work()
    now = shop.payment(order)
    assert (now.state, now.voided, now.refunded) == (PaymentState.CAPTURED, 6_000, 1_000)
    [back] = gateway.done(RefundRequest)
    [capture] = [e for e in shop.effects(order) if e.kind is EffectKind.CAPTURE]
    assert isinstance(back, RefundRequest)
    assert back.capture == capture.provider_ref
    assert len(gateway.done(VoidRequest)) == 1
    shop.sound()


@pytest.mark.parametrize(("calls", "fact"), [(0, "declined"), (1, "receivable_opened")])
def test_a_no_is_booked(till: Made, order: Id, calls: int, fact: str) -> None:
    shop, _ = till(*[""] * calls, "no")
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    assert fact in shop.facts(order)
    assert shop.payment(order).captured == 0
    shop.sound()


# ── answers that don't come ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("script", [["lose"], ["never"]])
def test_a_lost_answer_is_looked_up_later(till: Made, order: Id, script: list[str]) -> None:
    shop, gateway = till("", *script)
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    assert shop.payment(order).capturing == 4_000
    [(kind, state, wait_s)] = shop.jobs()
    assert (kind, state) == (payments.RECONCILE, "ready")
    assert 20 < wait_s <= 30
    shop.work_off()
    assert shop.payment(order).captured == 4_000
    assert len(gateway.done(CaptureRequest)) == 1
    key = str(shop.effects(order)[-1].id)
    # what was done is only looked up; what was never heard is asked for under the same key
    assert (gateway.heard[key], gateway.looked_up[key]) == (1 if script == ["lose"] else 2, 1)
    shop.sound()


def test_lost_again_and_again_and_then_a_person_is_told(till: Made, order: Id) -> None:
    silent = ["lose"] + ["never"] * (TRIES + 2)
    shop, gateway = till("", *silent)
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    waits = []
    for _ in range(TRIES + 2):
        [(_, state, wait_s)] = shop.jobs()
        assert state == "ready"
        waits.append(round(wait_s, -1))
        hurry(shop.db, shop.tenant)
        shop.work()
    assert waits == [30, 60, 120, 300, 600, 1800, 3600, 3600]
    assert shop.facts(order).count("unsettled") == 1
    assert shop.payment(order).capturing == 4_000  # nobody else may claim it meanwhile
    shop.work_off()
    assert shop.payment(order).captured == 4_000
    assert len(gateway.done(CaptureRequest)) == 1
    shop.sound()


def test_other_captures_do_not_wait_for_a_lost_answer(till: Made, order: Id) -> None:
    shop, _ = till("", "lose")
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    shop.ensure(order, 1_000)
    shop.work()
    now = shop.payment(order)
    assert (now.captured, now.capturing) == (1_000, 4_000)


def test_a_void_waits_for_a_capture_whose_answer_was_lost(till: Made, order: Id) -> None:
    """Void first would end the authorisation under a shipment that has left."""
    shop, gateway = till("", "never")
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    shop.void(order)
    shop.work()
    assert gateway.done(VoidRequest) == []
    shop.work_off()
    kinds = [type(request) for request, _ in gateway.ledger.values()]
    assert kinds == [AuthoriseRequest, CaptureRequest, VoidRequest]
    now = shop.payment(order)
    assert (now.state, now.captured, now.voided) == (PaymentState.CAPTURED, 4_000, 6_000)
    shop.sound()


def test_a_void_lets_go_of_what_a_declined_capture_freed(till: Made, order: Id) -> None:
    shop, _ = till("", "never", "no")
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    shop.work()
    shop.void(order)
    hurry(shop.db, shop.tenant)
    # the capture is declined before the void's turn: the gateway still holds all of it
    job = shop.claim(payments.RECONCILE)
    gateway = shop.flow.gateways["fake"]
    assert isinstance(gateway, ScriptedGateway)
    gateway._script[:] = ["", "no"]
    shop.flow.reconcile(shop.caller, job)
    assert shop.payment(order).free == 4_000
    held = Succeeded("void_1", Money(10_000, "EUR"))
    gateway._script[:], gateway._says = ["no"], held
    shop.work_off()
    now = shop.payment(order)
    assert (now.state, now.voided, now.free) == (PaymentState.VOIDED, 10_000, 0)
    shop.sound()


# ── crashes, doubles, lapses ───────────────────────────────────────────────────────────────


def test_a_crash_between_call_and_settle(till: Made, order: Id) -> None:
    """The gateway has done it, Baton never heard: called again, it is one capture."""
    shop, gateway = till()
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)

    class Crash(Exception):
        pass

    def crash() -> None:
        raise Crash

    gateway.meanwhile = crash
    job = shop.claim(payments.CALL, timedelta(0))
    with pytest.raises(Crash):
        shop.flow.call(shop.caller, job)
    assert len(gateway.done(CaptureRequest)) == 1
    assert shop.payment(order).capturing == 4_000
    gateway.meanwhile = lambda: None
    shop.work()
    assert shop.payment(order).captured == 4_000
    assert len(gateway.done(CaptureRequest)) == 1
    assert gateway.heard[str(shop.effects(order)[-1].id)] == 2
    shop.sound()


def test_a_crash_while_settling_leaves_nothing_half_done(
    till: Made, order: Id, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, gateway = till()
    shop.take(order)
    finish = work.finish
    broken = [True]

    def once(tx: Tx, done: list[Job]) -> None:
        if broken:
            broken.pop()
            raise OSError("the process dies after settle, before commit")
        finish(tx, done)

    monkeypatch.setattr(work, "finish", once)
    shop.work()
    assert shop.facts(order) == ["authorise_requested"]
    assert shop.payment(order).authorised == 0
    shop.work_off()
    assert shop.payment(order).authorised == 10_000
    assert shop.facts(order) == ["authorise_requested", "authorised"]
    assert len(gateway.done(AuthoriseRequest)) == 1


@pytest.mark.parametrize("first", ["old", "new"])
def test_a_lapsed_lease_settles_nothing(till: Made, order: Id, first: str) -> None:
    """Two workers have the job; only the one under the newer fence may settle it."""
    shop, gateway = till()
    shop.take(order)
    old = shop.claim(payments.CALL, timedelta(0))
    new = shop.claim(payments.CALL)
    assert new.fence == old.fence + 1
    if first == "old":
        with pytest.raises(Lapsed):
            shop.flow.call(shop.caller, old)
        assert shop.facts(order) == ["authorise_requested"]
        shop.flow.call(shop.caller, new)
    else:
        shop.flow.call(shop.caller, new)
        with pytest.raises(Lapsed):
            shop.flow.call(shop.caller, old)
    assert shop.facts(order) == ["authorise_requested", "authorised"]
    assert len(gateway.done(AuthoriseRequest)) == 1
    assert shop.jobs() == []


def test_overtaken_while_asking(till: Made, order: Id) -> None:
    """The lease lapses during the call, another worker settles: the slow answer is void."""
    shop, gateway = till()
    shop.take(order)
    old = shop.claim(payments.CALL, timedelta(0))

    def another_worker() -> None:
        gateway.meanwhile = lambda: None
        shop.work()

    gateway.meanwhile = another_worker
    with pytest.raises(Lapsed):
        shop.flow.call(shop.caller, old)
    assert shop.facts(order) == ["authorise_requested", "authorised"]
    assert gateway.heard[str(shop.effects(order)[0].id)] == 2
    assert len(gateway.done(AuthoriseRequest)) == 1


def test_an_effect_that_two_jobs_ask_for(till: Made, order: Id) -> None:
    shop, gateway = till("", "lose")
    shop.take(order)
    shop.work()
    shop.ensure(order, 4_000)
    with shop.db.transaction(shop.caller) as tx:
        assert look_for_answers(tx, tx.now + timedelta(seconds=1)) == 1
        assert look_for_answers(tx, tx.now + timedelta(seconds=1)) == 1
    assert sorted(job[0] for job in shop.jobs()) == [payments.CALL, payments.RECONCILE]
    shop.work_off()
    assert len(gateway.done(CaptureRequest)) == 1
    assert shop.facts(order).count("captured") == 1
    shop.sound()


def test_nobody_to_ask(db: Database, tenant: int, order: Id) -> None:
    """A payment of a gateway that is not set up waits, where a person sees it."""
    shop = Till(db, tenant, ScriptedGateway())
    shop.take(order, provider="other")
    shop.worker(attempts=1).drain()
    assert [job[:2] for job in shop.jobs()] == [(payments.CALL, "parked")]
    shop.flow = replace(shop.flow, gateways={"other": ScriptedGateway()})
    with db.transaction(shop.caller) as tx:
        work.retry(tx, work.parked(tx)[0].id)
    shop.work()
    assert shop.payment(order).state is PaymentState.AUTHORISED


def test_a_gateway_that_contradicts_itself_stops_where_a_person_sees_it(
    till: Made, order: Id
) -> None:
    shop, gateway = till("no")
    gateway._says = Succeeded("auth_1", Money(9_999, "EUR"))
    shop.take(order)
    shop.worker(attempts=1).drain()
    assert [job[:2] for job in shop.jobs()] == [(payments.CALL, "parked")]
    with shop.db.transaction(shop.caller) as tx:
        assert "AnswerUnfit" in work.parked(tx)[0].error
    assert shop.payment(order).authorised == 0


# ── the real process, with faults ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [1, 2])
def test_a_gateway_that_drops_doubles_delays_and_declines(
    db: Database, tenant: int, tmp_path: Path, seed: int
) -> None:
    """Its own ledger is the judge: each key done once, every cent matched with an effect."""
    ledger = tmp_path / "gateway.jsonl"
    faults = "drop_answer=0.25,error=0.25,twice=0.3,decline=0.15,delay=0.2:5ms"
    with running("example.gateway", "--ledger", ledger, "--seed", seed, "--fault", faults) as told:
        client = FakeGateway(FakeSettings(address=told["address"]))
        shop = Till(db, tenant, client)
        orders = [ids.fresh() for _ in range(12)]
        for order in orders:
            shop.take(order)
        shop.work_off()
        for order in orders:
            shop.ensure(order, 3_000)
            shop.ensure(order, 5_000)
        shop.work_off()
        for order in orders:
            shop.void(order)
        shop.work_off()
        client.close()
    entries = {entry["key"]: entry for entry in lines(ledger)}
    assert len(entries) == len(lines(ledger))
    effects = [effect for order in orders for effect in shop.effects(order)]
    assert {str(effect.id) for effect in effects} == set(entries)
    for effect in effects:
        entry = entries[str(effect.id)]
        assert (entry["operation"], entry["outcome"]) == (effect.kind, effect.state)
        if effect.state is EffectState.SUCCEEDED:
            assert (entry["amount"], entry["ref"]) == (effect.amount, effect.provider_ref)
    states = {shop.payment(order).state for order in orders}
    assert states <= {PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.DECLINED}
    assert len({entry["outcome"] for entry in entries.values()}) == 2
    shop.sound()


def test_a_gateway_that_is_gone_and_comes_back(
    db: Database, tenant: int, order: Id, tmp_path: Path
) -> None:
    ledger = tmp_path / "gateway.jsonl"
    with running("example.gateway", "--ledger", ledger) as told:
        address, port = told["address"], int(told["address"].rpartition(":")[2])
    client = FakeGateway(FakeSettings(address=address, timeout_s=2))
    shop = Till(db, tenant, client)
    shop.take(order)
    shop.work()
    assert shop.payment(order).state is PaymentState.REQUESTED
    with running("example.gateway", "--ledger", ledger, "--port", port):
        shop.work_off()
    client.close()
    assert shop.payment(order).state is PaymentState.AUTHORISED
    assert len(lines(ledger)) == 1
