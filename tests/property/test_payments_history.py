"""Any history of claims, answers, voids and refunds: no money is claimed twice, none is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from baton.payments import claims, rules
from baton.payments.model import Claim, Effect, EffectKind, EffectState, Payment, Tender
from baton.payments.port import DeclineCode, Declined, Succeeded
from baton.values.ids import Id, new_id
from baton.values.money import Money

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORDER = new_id(1, 1)
amounts = st.integers(0, 12_000)


class History(RuleBasedStateMachine):
    """An order's payments under the decisions that the verbs take, and what a ledger would say."""

    @initialize(
        tenders=st.lists(
            st.tuples(st.sampled_from(["gateway", "channel", "external"]), amounts),
            min_size=1,
            max_size=3,
        )
    )
    def open(self, tenders: list[tuple[str, int]]) -> None:
        self.numbers = count(1)
        self.payments: dict[Id, Payment] = {}
        self.effects: dict[Id, Effect] = {}
        self.claimed: dict[Id, int] = {}
        self.owed: dict[Id, int] = {}
        for rank, (kind, amount) in enumerate(tenders, 1):
            tender = Tender(
                ORDER, "N", rank, "external" if kind == "external" else "fake", "card", "tok",
                amount, "EUR", "ship", "auth" if kind == "channel" else None,
            )  # fmt: skip
            opened = rules.opened(tender, self._id(), NOW)
            self.payments[opened.id] = opened
            if kind == "gateway" and amount:
                self._add(opened.id, EffectKind.AUTHORISE, amount, None)

    @rule(amount=amounts)
    def claim(self, amount: int) -> None:
        self._claim(self._id(), amount)

    @rule(amount=amounts)
    def claim_the_order(self, amount: int) -> None:
        if ORDER not in self.claimed:
            self._claim(ORDER, amount)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def claim_again(self, data: st.DataObject) -> None:
        subject = data.draw(st.sampled_from(sorted(self.claimed)))
        before = dict(self.effects)
        self._claim(subject, self.claimed[subject])
        if subject != ORDER:
            assert self.effects == before

    @invariant()
    def a_payment_is_asked_once_for_a_subject(self) -> None:
        """Declined or not; for the order too, whose missing money nobody has put down as owed."""
        asked = Counter(
            (e.payment_id, e.subject_id)
            for e in self.effects.values()
            if e.kind is EffectKind.CAPTURE
        )
        assert all(times == 1 for times in asked.values())

    @precondition(lambda self: self._waiting())
    @rule(data=st.data(), yes=st.booleans())
    def answer(self, data: st.DataObject, *, yes: bool) -> None:
        asked = data.draw(st.sampled_from(self._waiting()))
        payment = self.payments[asked.payment_id]
        held = asked.amount + (payment.free if asked.kind is EffectKind.VOID else 0)
        done = rules.settled(
            asked,
            payment,
            Succeeded(f"ref_{asked.id.int}", Money(held, "EUR"))
            if yes
            else Declined(DeclineCode.OTHER, "no"),
            NOW,
        )
        self.effects[asked.id] = done
        if yes and asked.kind is EffectKind.AUTHORISE:
            payment = replace(payment, provider_ref=done.provider_ref)
        self.payments[payment.id] = rules.moved(payment, self._of(payment.id), done)
        if not yes and asked.kind is EffectKind.CAPTURE and asked.subject_id != ORDER:
            assert asked.subject_id is not None
            self.owed[asked.subject_id] = self.owed.get(asked.subject_id, 0) + asked.amount

    @rule()
    def void_the_rest(self) -> None:
        for payment in list(self.payments.values()):
            if payment.free:
                self._add(payment.id, EffectKind.VOID, payment.free, None)

    @rule(amount=amounts)
    def refund(self, amount: int) -> None:
        subject = self._id()
        payments, effects = list(self.payments.values()), list(self.effects.values())
        parts, before = claims.give_back(amount, subject, payments, effects)
        assert before == 0
        assert sum(part.amount for part in parts) <= amount
        for part in parts:
            self._add(part.payment_id, EffectKind.REFUND, part.amount, subject, part.capture)

    @invariant()
    def every_promise_holds(self) -> None:
        for payment in self.payments.values():
            effects = self._of(payment.id)
            assert list(rules.faults(payment, effects, set(self.owed), NOW)) == []

    @invariant()
    def no_capture_gives_back_more_than_it_took(self) -> None:
        for payment in self.payments.values():
            for effect in self._of(payment.id):
                if effect.kind is not EffectKind.CAPTURE or not effect.provider_ref:
                    continue
                back = sum(
                    e.amount
                    for e in self._of(payment.id)
                    if e.kind is EffectKind.REFUND
                    and e.provider_ref == effect.provider_ref
                    and e.state is not EffectState.DECLINED
                )
                assert back <= effect.amount

    @invariant()
    def every_claim_is_covered_or_owed(self) -> None:
        """To the cent: what a shipment is due is captured, under way, drawn, or a receivable."""
        for subject, amount in self.claimed.items():
            covered = sum(
                e.amount
                for e in self.effects.values()
                if e.kind is EffectKind.CAPTURE
                and e.subject_id == subject
                and e.state is not EffectState.DECLINED
            )
            if subject != ORDER:
                assert covered + self.owed.get(subject, 0) == amount

    def _claim(self, subject: Id, amount: int) -> None:
        self.claimed[subject] = amount
        claim = Claim(ORDER, subject, Money(amount, "EUR"))
        payments, effects = list(self.payments.values()), list(self.effects.values())
        spread = claims.spread(claim, payments, effects, self.owed.get(subject, 0))
        assert spread.before + sum(p.amount for p in spread.parts) + spread.missing == amount
        for part in spread.parts:
            self._add(part.payment_id, EffectKind.CAPTURE, part.amount, subject, drawn=part.drawn)
        if spread.missing and subject != ORDER:
            self.owed[subject] = max(self.owed.get(subject, 0), spread.missing)

    def _add(
        self,
        payment_id: Id,
        kind: EffectKind,
        amount: int,
        subject: Id | None,
        ref: str = "",
        *,
        drawn: bool = False,
    ) -> None:
        new = Effect(
            self._id(), payment_id, ORDER, amount, subject, ref, "", NOW, None, kind,
            EffectState.REQUESTED,
        )  # fmt: skip
        self.effects[new.id] = rules.done(new) if drawn else new
        self.payments[payment_id] = rules.summed(self.payments[payment_id], self._of(payment_id))

    def _of(self, payment_id: Id) -> list[Effect]:
        return [e for e in self.effects.values() if e.payment_id == payment_id]

    def _waiting(self) -> list[Effect]:
        return [
            e
            for e in self.effects.values()
            if e.state is EffectState.REQUESTED
            and not rules.must_wait(e, self.payments[e.payment_id])
        ]

    def _id(self) -> Id:
        return new_id(2, next(self.numbers))


History.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestHistory = History.TestCase
