"""Verbs of payments against the database: what is written, what is guarded, what is found."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from outside_world import jobs, lock_orders

from baton import payments
from baton.payments.errors import (
    CardData,
    CurrencyMismatch,
    EffectNotFound,
    RefundTooHigh,
    RefundUnfit,
    SettledOtherwise,
    TenderInvalid,
)
from baton.payments.model import (
    Claim,
    Effect,
    EffectKind,
    EffectState,
    Payment,
    PaymentState,
    Tender,
)
from baton.payments.port import DeclineCode, Declined, Outcome, Succeeded, Unknown
from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.values.check import Check
from baton.values.ids import Id
from baton.values.money import Money

NO = Declined(DeclineCode.DO_NOT_HONOUR, "no")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def tender(order_id: Id, amount: int = 10_000, **changes: object) -> Tender:
    plain = Tender(order_id, "N-1", 1, "fake", "card", "tok_ok", amount, "EUR", "ship")
    return replace(plain, **changes)  # type: ignore[arg-type]


def authorised(order_id: Id, amount: int = 10_000, **changes: object) -> Tender:
    return tender(order_id, amount, authorised_ref="auth_1", **changes)


@pytest.fixture
def order() -> Id:
    return ids.fresh()


class Shop:
    """One tenant's payments, a transaction a call."""

    def __init__(self, db: Database, caller: Caller) -> None:
        self.db, self.caller = db, caller

    def take(self, *tenders: Tender) -> list[Payment]:
        return self.db.execute(self.caller, lambda tx: payments.take(tx, tenders))

    def ensure(self, order: Id, subject: Id, minor: int) -> tuple[int, int]:
        ensured = self.db.execute(
            self.caller, lambda tx: payments.ensure_captured(tx, order, subject, eur(minor))
        )
        return ensured.intended.minor, ensured.missing.minor

    def settle(self, effect: Effect, outcome: Outcome) -> Effect:
        def work(tx):  # type: ignore[no-untyped-def]
            lock_orders(tx, [effect.order_id])
            return payments.settle(tx, effect.id, outcome)

        return self.db.execute(self.caller, work)

    def succeed(self, effect: Effect) -> Effect:
        return self.settle(effect, Succeeded(f"ref_{effect.id}", eur(effect.amount)))

    def payments(self, order: Id) -> list[Payment]:
        return self.db.execute(self.caller, lambda tx: payments.by_orders(tx, [order]))

    def effects(self, order: Id, *kinds: EffectKind) -> list[Effect]:
        found = self.db.execute(self.caller, lambda tx: payments.effects_by_orders(tx, [order]))
        return [effect for effect in found if not kinds or effect.kind in kinds]

    def owed(self, order: Id) -> dict[Id, int]:
        found = self.db.execute(self.caller, lambda tx: payments.receivables(tx, order))
        return {r.subject_id: r.amount for r in found}

    def facts(self, order: Id) -> list[str]:
        entries = self.db.execute(self.caller, lambda tx: journal.timeline(tx, [order]))
        return [entry.fact.removeprefix("payments.") for entry in entries]

    def verify(self) -> list[Check]:
        return self.db.execute(self.caller, payments.verify)

    def sound(self) -> None:
        assert [check for check in self.verify() if check.failures] == []


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    return Shop(db, caller)


# ── take ───────────────────────────────────────────────────────────────────────────────────


def test_a_tender_is_kept_and_a_call_is_put(shop: Shop, order: Id) -> None:
    [made] = shop.take(tender(order))
    assert shop.payments(order) == [made]
    assert made.state is PaymentState.REQUESTED
    [effect] = shop.effects(order)
    assert (effect.kind, effect.amount, effect.state) == (
        EffectKind.AUTHORISE, 10_000, EffectState.REQUESTED,
    )  # fmt: skip
    assert [job[:2] for job in jobs(shop.db, shop.caller.tenant)] == [("payments.call", "ready")]
    assert shop.facts(order) == ["authorise_requested"]
    shop.sound()


def test_a_batch_of_orders_is_taken_at_once(shop: Shop) -> None:
    orders = [ids.fresh() for _ in range(40)]
    made = shop.take(*[tender(o, rank=1) for o in orders], *[authorised(o, rank=2) for o in orders])
    assert len({payment.id for payment in made}) == 80
    for order in orders:
        assert [p.rank for p in shop.payments(order)] == [1, 2]
    assert len(jobs(shop.db, shop.caller.tenant)) == 40
    shop.sound()


def test_nothing_is_asked_where_there_is_nothing_to_ask(shop: Shop, order: Id) -> None:
    shop.take(
        tender(order, rank=1, provider="external"),
        authorised(order, rank=2),
        tender(order, rank=3, token=""),
        tender(order, 0, rank=4),
    )
    assert [p.state for p in shop.payments(order)] == [
        PaymentState.EXTERNAL,
        PaymentState.AUTHORISED,
        PaymentState.DECLINED,
        PaymentState.CAPTURED,
    ]
    assert shop.effects(order) == []
    assert jobs(shop.db, shop.caller.tenant) == []
    assert shop.facts(order) == ["taken", "authorised", "declined", "taken"]
    shop.sound()


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [({"token": "4111 1111 1111 1111"}, CardData), ({"amount": -5}, TenderInvalid)],
)
def test_one_bad_tender_and_nothing_is_written(
    shop: Shop, order: Id, bad: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        shop.take(tender(order), tender(order, **{"rank": 2, **bad}))  # type: ignore[arg-type]
    assert shop.payments(order) == []
    assert shop.facts(order) == []


def test_taking_no_tender_is_fine(shop: Shop) -> None:
    assert shop.take() == []


# ── claims ─────────────────────────────────────────────────────────────────────────────────


def test_two_tenders_pay_two_shipments(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 3_000, rank=1), authorised(order, 7_000, rank=2))
    first, second = ids.fresh(), ids.fresh()
    assert shop.ensure(order, first, 4_000) == (4_000, 0)
    assert shop.ensure(order, second, 6_500) == (6_000, 500)
    assert [(e.amount, e.subject_id) for e in shop.effects(order)] == [
        (3_000, first), (1_000, first), (6_000, second),
    ]  # fmt: skip
    assert [p.capturing for p in shop.payments(order)] == [3_000, 7_000]
    shop.sound()


def test_the_same_shipment_again_changes_nothing(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    subject = ids.fresh()
    assert shop.ensure(order, subject, 4_000) == (4_000, 0)
    before = (shop.effects(order), shop.payments(order), shop.facts(order))
    assert shop.ensure(order, subject, 4_000) == (4_000, 0)
    shop.succeed(shop.effects(order)[0])
    assert shop.ensure(order, subject, 4_000) == (4_000, 0)
    assert len(shop.effects(order)) == len(before[0])
    assert shop.facts(order) == [*before[2], "captured"]


def test_many_shipments_of_many_orders_at_once(shop: Shop) -> None:
    orders = [ids.fresh() for _ in range(10)]
    shop.take(*[authorised(order, 1_000) for order in orders])
    claims = [
        Claim(order, ids.fresh(), eur(minor)) for order in orders for minor in (600, 300, 200)
    ]
    answers = shop.db.execute(shop.caller, lambda tx: payments.ensure_all_captured(tx, claims))
    assert [(a.intended.minor, a.missing.minor) for a in answers] == [
        (600, 0), (300, 0), (100, 100),
    ] * 10  # fmt: skip
    shop.sound()


def test_money_taken_elsewhere_pays_shipments_without_asking_anybody(shop: Shop, order: Id) -> None:
    shop.take(tender(order, 1_000, provider="external"))
    first, second = ids.fresh(), ids.fresh()
    assert shop.ensure(order, first, 700) == (700, 0)
    assert shop.ensure(order, first, 700) == (700, 0)
    assert shop.ensure(order, second, 400) == (300, 100)
    assert jobs(shop.db, shop.caller.tenant) == []
    assert shop.facts(order) == ["taken", "drawn", "drawn"]
    shop.sound()


def test_an_order_without_payments_is_all_missing(shop: Shop, order: Id) -> None:
    assert shop.ensure(order, ids.fresh(), 700) == (0, 700)


def test_another_currency_is_refused(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    with pytest.raises(CurrencyMismatch), shop.db.transaction(shop.caller) as tx:
        payments.ensure_captured(tx, order, ids.fresh(), Money(1, "USD"))
    with pytest.raises(CurrencyMismatch), shop.db.transaction(shop.caller) as tx:
        payments.ensure_refunded(tx, order, ids.fresh(), Money(1, "USD"))


# ── answers ────────────────────────────────────────────────────────────────────────────────


def test_an_answer_moves_the_amounts_once(shop: Shop, order: Id) -> None:
    shop.take(tender(order))
    [asked] = shop.effects(order)
    assert shop.succeed(asked).state is EffectState.SUCCEEDED
    assert shop.succeed(asked).state is EffectState.SUCCEEDED
    shop.ensure(order, ids.fresh(), 4_000)
    [capture] = shop.effects(order, EffectKind.CAPTURE)
    for _ in range(3):
        shop.succeed(capture)
    [now] = shop.payments(order)
    assert (now.authorised, now.captured, now.capturing) == (10_000, 4_000, 0)
    assert now.provider_ref == f"ref_{asked.id}"
    assert shop.facts(order) == [
        "authorise_requested", "authorised", "capture_requested", "captured",
    ]  # fmt: skip
    shop.sound()


def test_a_late_no_after_a_yes_is_refused_and_changes_nothing(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    shop.ensure(order, ids.fresh(), 4_000)
    [capture] = shop.effects(order)
    shop.succeed(capture)
    before = shop.payments(order)
    with pytest.raises(SettledOtherwise):
        shop.settle(capture, NO)
    assert shop.payments(order) == before
    assert shop.owed(order) == {}


def test_an_unknown_answer_leaves_it_requested(shop: Shop, order: Id) -> None:
    shop.take(tender(order))
    [asked] = shop.effects(order)
    assert shop.settle(asked, Unknown("no answer")) == asked
    assert shop.effects(order) == [asked]
    assert shop.facts(order) == ["authorise_requested"]


def test_a_declined_authorisation_covers_nothing(shop: Shop, order: Id) -> None:
    shop.take(tender(order))
    shop.settle(shop.effects(order)[0], NO)
    [now] = shop.payments(order)
    assert now.state is PaymentState.DECLINED
    assert shop.ensure(order, ids.fresh(), 100) == (0, 100)
    assert shop.facts(order) == ["authorise_requested", "declined"]
    shop.sound()


def test_a_declined_capture_is_owed_and_frees_the_money(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    subject = ids.fresh()
    shop.ensure(order, subject, 4_000)
    shop.settle(shop.effects(order)[0], NO)
    assert shop.owed(order) == {subject: 4_000}
    assert [p.free for p in shop.payments(order)] == [10_000]
    # told again, nobody asks a second time for what has become a receivable
    assert shop.ensure(order, subject, 4_000) == (0, 4_000)
    assert len(shop.effects(order)) == 1
    assert shop.facts(order)[-2:] == ["capture_declined", "receivable_opened"]
    shop.sound()


def test_two_declines_for_one_shipment_are_owed_together(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 3_000, rank=1), authorised(order, 3_000, rank=2))
    subject = ids.fresh()
    assert shop.ensure(order, subject, 7_000) == (6_000, 1_000)
    with shop.db.transaction(shop.caller) as tx:
        assert payments.open_receivable(tx, order, subject, eur(1_000), "not covered")
        assert not payments.open_receivable(tx, order, subject, eur(1_000), "not covered")
        assert not payments.open_receivable(tx, order, subject, eur(0), "nothing")
    for effect in shop.effects(order):
        shop.settle(effect, NO)
    assert shop.owed(order) == {subject: 7_000}
    assert shop.ensure(order, subject, 7_000) == (0, 7_000)
    assert shop.facts(order).count("receivable_opened") == 3
    shop.sound()


def test_a_declined_capture_with_the_order_is_not_owed_yet(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    shop.ensure(order, order, 10_000)
    shop.settle(shop.effects(order)[0], NO)
    assert shop.owed(order) == {}
    shop.sound()


def test_an_effect_that_never_was(shop: Shop) -> None:
    with pytest.raises(EffectNotFound), shop.db.transaction(shop.caller) as tx:
        payments.settle(tx, ids.fresh(), NO)


# ── voids and refunds ──────────────────────────────────────────────────────────────────────


def test_the_rest_is_let_go_once(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    shop.ensure(order, ids.fresh(), 4_000)
    shop.succeed(shop.effects(order)[0])
    for _ in range(2):
        with shop.db.transaction(shop.caller) as tx:
            payments.void_rest(tx, [order])
    [void] = shop.effects(order, EffectKind.VOID)
    assert void.amount == 6_000
    assert shop.ensure(order, ids.fresh(), 1) == (0, 1)
    shop.succeed(void)
    [now] = shop.payments(order)
    assert (now.state, now.voided, now.free) == (PaymentState.CAPTURED, 6_000, 0)
    assert shop.facts(order)[-2:] == ["void_requested", "voided"]
    shop.sound()


def test_a_declined_void_gives_the_money_back_to_the_books(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    with shop.db.transaction(shop.caller) as tx:
        [void] = payments.void_rest(tx, [order])
    shop.settle(void, Declined(DeclineCode.NOTHING_LEFT, "nothing is left"))
    [now] = shop.payments(order)
    assert (now.state, now.voided, now.free) == (PaymentState.AUTHORISED, 0, 10_000)
    shop.sound()


def test_an_authorisation_under_way_has_nothing_to_let_go(shop: Shop, order: Id) -> None:
    shop.take(tender(order), tender(order, rank=2, provider="external"))
    with shop.db.transaction(shop.caller) as tx:
        assert payments.void_rest(tx, [order]) == []
        assert payments.void_rest(tx, []) == []


def test_money_goes_back_once_and_never_more_than_came(shop: Shop, order: Id) -> None:
    shop.take(authorised(order))
    shop.ensure(order, ids.fresh(), 4_000)
    shop.succeed(shop.effects(order)[0])
    back = ids.fresh()
    other = ids.fresh()
    for subject, minor in ((back, 1_500), (back, 1_500), (other, 2_500)):
        with shop.db.transaction(shop.caller) as tx:
            given = payments.ensure_refunded(tx, order, subject, eur(minor))
        assert (given.intended.minor, given.missing.minor) == (minor, 0)
    for subject, minor in ((ids.fresh(), 1), (back, 1_501), (other, 3_000)):
        with pytest.raises(RefundTooHigh), shop.db.transaction(shop.caller) as tx:
            payments.ensure_refunded(tx, order, subject, eur(minor))
    with pytest.raises(RefundUnfit), shop.db.transaction(shop.caller) as tx:
        payments.ensure_refunded(tx, order, back, eur(0))
    first, second = shop.effects(order, EffectKind.REFUND)
    shop.succeed(first)
    shop.settle(second, NO)
    [now] = shop.payments(order)
    assert (now.refunded, now.refunding) == (1_500, 0)
    assert shop.facts(order)[-4:] == [
        "refund_requested", "refund_requested", "refunded", "refund_declined",
    ]  # fmt: skip
    shop.sound()


# ── at the same time ───────────────────────────────────────────────────────────────────────


def _all_at_once(count: int, act: Callable[[int], None]) -> None:
    """`act` in `count` threads that start together; raises what any of them raised."""
    barrier, errors = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            act(number)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_fifty_shipments_claim_the_same_money(shop: Shop, order: Id) -> None:
    """30 of 50 fit, to the cent, and nobody takes an order's lock but the payment's own."""
    shop.take(authorised(order, 10_000))
    answers: list[tuple[int, int]] = []
    _all_at_once(50, lambda _: answers.append(shop.ensure(order, ids.fresh(), 333)))
    assert Counter(answers) == {(333, 0): 30, (10, 323): 1, (0, 333): 19}
    [now] = shop.payments(order)
    assert (now.capturing, now.free) == (10_000, 0)
    shop.sound()


def test_fifty_times_the_same_shipment(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 10_000))
    subject = ids.fresh()
    _all_at_once(50, lambda _: shop.ensure(order, subject, 333))
    assert [effect.amount for effect in shop.effects(order)] == [333]


def test_fifty_refunds_of_the_same_money(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 10_000))
    shop.ensure(order, ids.fresh(), 10_000)
    shop.succeed(shop.effects(order)[0])
    given: list[int] = []

    refused: list[int] = []

    def refund(_: int) -> None:
        try:
            answer = shop.db.execute(
                shop.caller, lambda tx: payments.ensure_refunded(tx, order, ids.fresh(), eur(333))
            )
        except RefundTooHigh as error:
            refused.append(error.parameters["refundable"])
        else:
            given.append(answer.intended.minor)

    _all_at_once(50, refund)
    assert given == [333] * 30
    assert refused == [10] * 20
    assert [p.refunding for p in shop.payments(order)] == [9_990]
    shop.sound()


def test_fifty_refunds_for_the_same_subject_are_one(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 10_000))
    shop.ensure(order, ids.fresh(), 10_000)
    shop.succeed(shop.effects(order)[0])
    subject = ids.fresh()

    def refund(number: int) -> None:
        target = eur(333 if number % 2 else 500)  # two who state other targets: the higher one
        shop.db.execute(
            shop.caller, lambda tx: payments.ensure_refunded(tx, order, subject, target)
        )

    _all_at_once(50, refund)
    assert sum(e.amount for e in shop.effects(order, EffectKind.REFUND)) == 500
    assert len(shop.effects(order, EffectKind.REFUND)) <= 2
    shop.sound()


def test_claims_voids_and_answers_race(shop: Shop, order: Id) -> None:
    shop.take(authorised(order, 10_000, rank=1), authorised(order, 5_000, rank=2))

    def act(number: int) -> None:
        if number % 4 == 0:
            shop.db.execute(shop.caller, lambda tx: payments.void_rest(tx, [order]))
        elif number % 4 == 1:
            for effect in shop.effects(order, EffectKind.CAPTURE):
                yes = effect.id.int % 2
                shop.succeed(effect) if yes else shop.settle(effect, NO)
        else:
            shop.ensure(order, ids.fresh(), 700)

    _all_at_once(40, act)
    for now in shop.payments(order):
        assert now.captured + now.capturing + now.voided <= now.authorised
    shop.sound()


def test_both_tenders_are_declined_at_the_same_time(shop: Shop, order: Id) -> None:
    tenders = [authorised(order, 100, rank=rank) for rank in range(1, 13)]
    shop.take(*tenders)
    subject = ids.fresh()
    shop.ensure(order, subject, 1_200)
    effects = shop.effects(order)
    _all_at_once(12, lambda n: shop.settle(effects[n], NO))
    assert shop.owed(order) == {subject: 1_200}
    shop.sound()


# ── reads, walls, promises ─────────────────────────────────────────────────────────────────


def test_open_effects_oldest_first(shop: Shop, order: Id) -> None:
    shop.take(tender(order, rank=1), tender(order, rank=2))
    first, second = shop.effects(order)
    with shop.db.transaction(shop.caller) as tx:
        now = tx.now
        assert payments.open_effects(tx, now + timedelta(seconds=1)) == [first, second]
        assert payments.open_effects(tx, now - timedelta(minutes=1)) == []
    shop.succeed(first)
    with shop.db.transaction(shop.caller) as tx:
        assert payments.open_effects(tx, tx.now + timedelta(seconds=1)) == [second]


def test_another_tenant_sees_nothing(
    shop: Shop, order: Id, new_tenant: Callable[[], int], db: Database
) -> None:
    shop.take(authorised(order), tender(order, rank=2))
    other = Shop(db, Caller(new_tenant(), "test"))
    assert other.payments(order) == []
    assert other.effects(order) == []
    assert other.ensure(order, ids.fresh(), 100) == (0, 100)
    assert [check.rows for check in other.verify()] == [0] * 6


@pytest.fixture
def busy(shop: Shop, order: Id) -> Shop:
    """A shop with one payment of each kind of history, all sound."""
    shop.take(authorised(order, rank=1), tender(order, rank=2), tender(order, rank=3, token=""))
    for subject, answer in ((ids.fresh(), None), (ids.fresh(), NO)):
        shop.ensure(order, subject, 1_000)
        capture = shop.effects(order, EffectKind.CAPTURE)[-1]
        shop.settle(capture, answer) if answer else shop.succeed(capture)
    shop.ensure(order, ids.fresh(), 1_000)
    shop.sound()
    assert all(check.rows for check in shop.verify())
    return shop


ALTERATIONS = {
    "payments: amounts are the sums of effects": [
        "update payments.payments set captured = captured - 1 where captured > 0",
        "update payments.payments set capturing = capturing + 1 where rank = 1",
        "update payments.payments set authorised = 1 where rank = 2",
        "update payments.effects set amount = amount + 1 where kind = 'capture'",
        "delete from payments.effects where kind = 'capture' and state = 'succeeded'",
    ],
    "payments: the state follows from the effects": [
        "update payments.payments set status = 'captured' where rank = 1",
        "update payments.payments set status = 'authorised' where rank = 3",
        "update payments.payments set status = 'declined' where rank = 1",
        "update payments.effects set state = 'declined' where kind = 'authorise'",
    ],
    "payments: a gateway's answer is known within a day": [
        "update payments.effects set requested_at = requested_at - interval '25 h'"
        " where state = 'requested'",
    ],
    "payments: what a gateway declined for a shipment is owed": [
        "delete from payments.receivables",
        "update payments.receivables set subject_id = order_id",
    ],
}


@pytest.mark.parametrize(
    ("promise", "statement"), [(p, s) for p, found in ALTERATIONS.items() for s in found]
)
def test_a_row_altered_by_hand_is_found(busy: Shop, promise: str, statement: str) -> None:
    by_hand(busy, statement)
    assert promise in {check.name for check in busy.verify() if check.failures}


def test_a_second_success_is_found(busy: Shop) -> None:
    """The unique index forbids it; without the index, verify still sees it."""
    by_hand(
        busy,
        "insert into payments.effects select tenant_id, gen_random_uuid(), payment_id, order_id,"
        " 'authorise', amount, null, 'succeeded', 'ref', '', requested_at, requested_at"
        " from payments.effects where kind = 'authorise'",
    )
    by_hand(busy, "update payments.effects set state = 'succeeded' where kind = 'authorise'")
    found = {check.name for check in busy.verify() if check.failures}
    assert "payments: an effect succeeds once for its subject" in found


@pytest.mark.parametrize(
    "statement",
    [
        "update payments.payments set capturing = authorised + 1",
        "update payments.payments set refunding = captured + 1",
        "update payments.payments set voided = -1",
    ],
)
def test_the_database_itself_refuses_too_much(busy: Shop, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        by_hand(busy, statement)


def by_hand(shop: Shop, statement: str) -> None:
    """As the owner of the database, past the program; within the wall of the tenant."""
    with psycopg.connect(shop.db.dsn) as connection:
        connection.execute(
            "select set_config('baton.tenant', %s, true)", (str(shop.caller.tenant),)
        )
        changed = connection.execute(statement.encode()).rowcount
        assert changed > 0
