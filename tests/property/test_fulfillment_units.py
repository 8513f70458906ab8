"""Whatever is done to a fulfillment order, in whatever order: no unit is lost or made."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from baton.fulfillment import recall, rules
from baton.fulfillment.errors import IllegalAction, TooMany, UnitsPacked
from baton.fulfillment.model import (
    Draft,
    DraftLine,
    FulfillmentOrder,
    LineUnits,
    Method,
    Package,
    PackageDraft,
    Pick,
    Recall,
    RecallRequest,
    Status,
)
from baton.fulfillment.states import ENDS, status_of
from baton.values.ids import Id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORDER, SKU, PLACE, SHIPMENT = (Id(int=n) for n in (1, 2, 3, 4))
counts = st.dictionaries(st.integers(1, 4), st.integers(1, 9), min_size=1)


class Work(RuleBasedStateMachine):
    """One fulfillment order; `left` counts by line the units that left it, by whatever door."""

    fo: FulfillmentOrder

    @initialize(
        quantities=st.lists(st.integers(1, 40), min_size=1, max_size=4),
        method=st.sampled_from(Method),
    )
    def plan(self, quantities: list[int], method: Method) -> None:
        lines = tuple(DraftLine(n, SKU, "S", "A thing", q) for n, q in enumerate(quantities, 1))
        draft = Draft(ORDER, "K3V9T", 1, PLACE, method, lines)
        self.fo = rules.planned(draft, Id(int=9), 1, NOW)[0]
        self.left: Counter[int] = Counter()
        self.packages: list[Package] = []

    def known(self, units: dict[int, int]) -> dict[int, int]:
        lines = {line.order_line for line in self.fo.lines}
        return {n: q for n, q in units.items() if n in lines} or {1: 1}

    @rule()
    def release(self) -> None:
        if self.fo.status is Status.PLANNED:
            self.fo = rules.released(self.fo, NOW)[0]

    @rule(really=st.integers(0, 5))
    def reject(self, really: int) -> None:
        before = self.fo
        try:
            if not really:
                self.fo = rules.rejected(self.fo, "no", NOW)[0]
                self.left.update({line.order_line: line.open for line in before.lines})
        except IllegalAction:
            pass

    @rule(units=counts, short=st.integers(0, 3))
    def pick(self, units: dict[int, int], short: int) -> None:
        picks = []
        for line in self.fo.lines:
            if line.to_pick and line.order_line in units:
                taken = min(units[line.order_line], line.to_pick)
                missing = min(short, taken)
                picks.append(Pick(line.order_line, taken - missing, missing))
        if picks and self.fo.status in (Status.RELEASED, Status.ACCEPTED):
            outcome, _ = rules.picked(self.fo, picks, NOW)
            self.fo = outcome.fo
            self.left.update({m.order_line: m.quantity for m in outcome.missing})

    @rule(units=counts)
    def pack(self, units: dict[int, int]) -> None:
        there = {line.order_line: line.picked for line in self.fo.lines}
        contents = {n: min(q, there[n]) for n, q in self.known(units).items() if there[n]}
        if not contents:
            return
        lines = tuple(LineUnits(n, q) for n, q in contents.items())
        id, place = Id(int=100 + len(self.packages)), len(self.packages) + 1
        self.fo = rules.packed(self.fo, [PackageDraft(1, None, lines)], [id], NOW)[0]
        self.packages.append(Package(id, self.fo.id, place, 1, None, NOW, None, False, lines))

    @rule(first=st.booleans())
    def ship(self, first: bool) -> None:
        waiting = [p for p in self.packages if p.shipment_id is None and not p.voided]
        try:
            leaving = rules.waiting(
                self.fo, self.packages, [waiting[0].id] if first and waiting else None
            )
            outcome, _ = rules.shipped(self.fo, leaving, SHIPMENT, NOW)
        except IllegalAction:
            return
        self.fo = outcome.fo
        self.left.update(dict(outcome.shipped))
        self.packages = [
            replace(p, shipment_id=SHIPMENT) if p in leaving else p for p in self.packages
        ]

    @rule(units=st.none() | counts)
    def recall(self, units: dict[int, int] | None) -> None:
        wanted = None if units is None else self.known(units)
        try:
            outcome, _ = recall.recalled(
                self.fo, RecallRequest(self.fo.id, "why", NOW, wanted), NOW
            )
        except (IllegalAction, TooMany):
            return
        self.fo = outcome.fo
        self.left.update(dict(outcome.freed))

    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        try:
            outcome, _ = recall.answer(self.fo, self.packages, yes, "", NOW)
        except (IllegalAction, UnitsPacked):
            return
        self.fo = outcome.fo
        self.left.update(dict(outcome.freed))
        self.packages = [
            replace(p, voided=p.voided or p.id in outcome.voided) for p in self.packages
        ]

    @invariant()
    def no_unit_is_lost_or_made(self) -> None:
        for line in self.fo.lines:
            places = (line.to_pick, line.picked, line.packed, line.shipped, line.short)
            assert line.quantity == sum(places) + line.cancelled
            assert min(*places, line.cancelled) >= 0
            assert 0 <= line.cancel_requested <= line.open
            assert line.open + self.left[line.order_line] == line.quantity

    @invariant()
    def status_and_recall_follow_from_the_units(self) -> None:
        if self.fo.status is not Status.REJECTED:
            assert status_of(self.fo.method, self.fo.status, self.fo.lines) is self.fo.status
        assert (self.fo.status in ENDS) == (self.fo.open == 0)
        asked = sum(line.cancel_requested for line in self.fo.lines)
        assert (self.fo.recall is Recall.REQUESTED) == (asked > 0)

    @invariant()
    def packages_hold_what_is_packed_and_shipped(self) -> None:
        waiting: Counter[int] = Counter()
        sent: Counter[int] = Counter()
        for package in self.packages:
            if not package.voided:
                (waiting if package.shipment_id is None else sent).update(dict(package.lines))
        for line in self.fo.lines:
            assert waiting[line.order_line] == line.packed
            assert sent[line.order_line] == line.shipped


TestWork = Work.TestCase
TestWork.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
