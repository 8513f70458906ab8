"""Random days: any verb after any other on a real database, beside a model a child could keep.

After every step the figures are the model's, and every invariant holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from inventory_shop import AT, Shop

from baton import inventory
from baton.inventory import (
    NOWHERE,
    Arrival,
    Document,
    DocumentKind,
    DocumentLine,
    HeldBack,
    Missing,
    Transfer,
)
from baton.inventory.errors import TransferShort
from baton.platform import ids
from baton.platform.db import Caller, Database
from baton.values import Id

K = DocumentKind
UNITS = st.integers(1, 6)
PLACE = st.sampled_from(["store", "depot", "outlet"])
SKU = st.sampled_from([0, 1])


class Day(RuleBasedStateMachine):
    """`db` and `new_tenant` are set by the test that runs it."""

    db: Database
    new_tenant: Callable[[], int]

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(self.db, Caller(self.new_tenant(), "test"))
        self.skus = [self.shop.sku(), self.shop.sku()]
        self.on_hand: Counter[tuple[Id, Id]] = Counter()
        self.damaged: Counter[tuple[Id, Id]] = Counter()
        self.missing: Counter[tuple[Id, Id]] = Counter()
        self.held_back: Counter[tuple[Id, Id]] = Counter()
        self.promised: Counter[tuple[Id, Id, Id, Id]] = Counter()  # owner, SKU, area, location
        self.to_send: dict[Id, tuple[Id, int]] = {}
        self.on_the_way: dict[Id, tuple[Id, int]] = {}
        self.last: Document | None = None

    # ── the model ──────────────────────────────────────────────────────────────────────────

    def physical(self, sku: Id, at: Id) -> int:
        key = sku, at
        return max(self.on_hand[key] - self.damaged[key] - self.missing[key], 0)

    def sellable(self, sku: Id, at: Id) -> int:
        key = sku, at
        kept = self.damaged[key] + self.missing[key] + self.held_back[key]
        return max(self.on_hand[key] - kept, 0)

    def committed(self, sku: Id, area: Id) -> int:
        return sum(q for (_, s, a, _), q in self.promised.items() if (s, a) == (sku, area))

    def allocated(self, sku: Id, at: Id) -> int:
        return sum(q for (_, s, _, place), q in self.promised.items() if (s, place) == (sku, at))

    def offered(self, sku: Id, area: Id) -> int:
        return sum(self.sellable(sku, p) for p, a in self.shop.areas.items() if a == area)

    def free_in(self, sku: Id, area: Id) -> int:
        return max(self.offered(sku, area) - self.committed(sku, area), 0)

    def free_at(self, sku: Id, at: Id) -> int:
        return max(self.sellable(sku, at) - self.allocated(sku, at), 0)

    def held(self, *, allocated: bool) -> list[tuple[Id, Id, Id, Id]]:
        orders = [key for key, q in self.promised.items() if q and key[0] not in self.to_send]
        return sorted(key for key in orders if (key[3] != NOWHERE) is allocated)

    def pick(self, data: st.DataObject, *, allocated: bool) -> tuple[Id, Id, Id, Id, int]:
        key = data.draw(st.sampled_from(self.held(allocated=allocated)))
        return *key, data.draw(st.integers(1, self.promised[key]))

    # ── facts ──────────────────────────────────────────────────────────────────────────────

    def record(self, kind: DocumentKind, n: int, place: str, units: int) -> tuple[Id, Id]:
        at: Id = getattr(self.shop, place)
        self.last = self.shop.document(kind, {self.skus[n]: units}, at=at)
        self.shop.run(inventory.record, [self.last])
        return self.skus[n], at

    @initialize(store=UNITS, depot=UNITS)
    def open_with_some_stock(self, store: int, depot: int) -> None:
        self.on_hand[self.record(K.RECEIPT, 0, "store", store)] += store
        self.on_hand[self.record(K.RECEIPT, 0, "depot", depot)] += depot

    @rule(n=SKU, place=PLACE, units=UNITS)
    def receive(self, n: int, place: str, units: int) -> None:
        self.on_hand[self.record(K.RECEIPT, n, place, units)] += units

    @rule(n=SKU, place=PLACE, units=UNITS)
    def sell_over_the_counter(self, n: int, place: str, units: int) -> None:
        self.on_hand[self.record(K.SALE, n, place, units)] -= units

    @rule(n=SKU, place=PLACE, units=UNITS, sign=st.sampled_from([-1, 1]))
    def adjust(self, n: int, place: str, units: int, sign: int) -> None:
        self.on_hand[self.record(K.ADJUSTMENT, n, place, sign * units)] += sign * units

    @rule(n=SKU, place=PLACE, units=UNITS)
    def damage(self, n: int, place: str, units: int) -> None:
        self.damaged[self.record(K.DAMAGE, n, place, units)] += units

    @rule(n=SKU, place=PLACE, units=UNITS)
    def lose(self, n: int, place: str, units: int) -> None:
        self.missing[self.record(K.MISSING, n, place, units)] += units

    @rule(n=SKU, place=PLACE, units=UNITS)
    def find(self, n: int, place: str, units: int) -> None:
        key = self.record(K.FOUND, n, place, units)
        back = min(units, self.missing[key])
        self.missing[key] -= back
        self.on_hand[key] += units - back

    @rule(n=SKU, place=PLACE, units=UNITS)
    def write_off(self, n: int, place: str, units: int) -> None:
        key = self.record(K.WRITE_OFF, n, place, units)
        self.on_hand[key] -= units
        self.damaged[key] -= min(units, self.damaged[key])

    @rule(n=SKU, place=PLACE, units=st.integers(0, 9))
    def count(self, n: int, place: str, units: int) -> None:
        key = self.record(K.COUNT, n, place, units)
        self.on_hand[key] = units
        self.missing[key] = 0
        self.damaged[key] = min(self.damaged[key], units)

    @precondition(lambda self: self.last is not None)
    @rule()
    def record_the_last_document_again(self) -> None:
        self.shop.run(inventory.record, [self.last])

    @rule(n=SKU, place=PLACE, units=st.integers(0, 4))
    def hold_back(self, n: int, place: str, units: int) -> None:
        at: Id = getattr(self.shop, place)
        setting = HeldBack(self.skus[n], at, units, self.shop.areas[at])
        self.shop.run(inventory.set_held_back, [setting])
        self.held_back[self.skus[n], at] = units

    # ── promises ───────────────────────────────────────────────────────────────────────────

    @rule(n=SKU, units=UNITS, whole=st.booleans())
    def reserve(self, n: int, units: int, whole: bool) -> None:
        sku, shop = self.skus[n], self.shop
        north = min(units, self.free_in(sku, shop.north))
        south = min(units - north, self.free_in(sku, shop.south))
        outcome = shop.reserve(sku, units, whole=whole)
        assert outcome.accepted is (north + south == units or not whole)
        assert sum(outcome.missing.values()) == units - north - south
        if outcome.accepted:
            self.promised[outcome.owner_id, sku, shop.north, NOWHERE] += north
            self.promised[outcome.owner_id, sku, shop.south, NOWHERE] += south

    @rule(n=SKU, place=PLACE, units=UNITS)
    def reserve_for_pick_up(self, n: int, place: str, units: int) -> None:
        sku, at = self.skus[n], getattr(self.shop, place)
        area = self.shop.areas[at]
        there = min(units, self.free_at(sku, at), self.free_in(sku, area))
        outcome = self.shop.reserve(sku, units, whole=False, at=at)
        assert sum(part.quantity for part in outcome.taken) == there
        self.promised[outcome.owner_id, sku, area, at] += there

    @precondition(lambda self: self.held(allocated=False))
    @rule(data=st.data(), place=PLACE, into_buffer=st.booleans())
    def allocate(self, data: st.DataObject, place: str, into_buffer: bool) -> None:
        owner, sku, _, _, units = self.pick(data, allocated=False)
        at = getattr(self.shop, place)
        spare = max(self.physical(sku, at) - self.allocated(sku, at), 0)
        room = spare if into_buffer else self.free_at(sku, at)
        reserved = self.promised[owner, sku, self.shop.areas[at], NOWHERE]
        got = self.shop.allocate(owner, sku, units, at, held_back_too=into_buffer)
        assert got == min(units, room, reserved)
        self.promised[owner, sku, self.shop.areas[at], NOWHERE] -= got
        self.promised[owner, sku, self.shop.areas[at], at] += got

    @precondition(lambda self: self.held(allocated=True))
    @rule(data=st.data())
    def deallocate(self, data: st.DataObject) -> None:
        owner, sku, area, at, units = self.pick(data, allocated=True)
        self.shop.deallocate(owner, sku, units, at)
        self.promised[owner, sku, area, at] -= units
        self.promised[owner, sku, area, NOWHERE] += units

    @precondition(lambda self: self.held(allocated=True))
    @rule(data=st.data())
    def free_allocated(self, data: st.DataObject) -> None:
        owner, sku, area, at, units = self.pick(data, allocated=True)
        assert self.shop.free(owner, sku, units, at) == units
        self.promised[owner, sku, area, at] -= units

    @precondition(lambda self: self.held(allocated=False))
    @rule(data=st.data())
    def free_all_of_an_order(self, data: st.DataObject) -> None:
        owner, *_ = self.pick(data, allocated=False)
        self.shop.run(inventory.free_all, [owner])
        for key in [key for key in self.promised if key[0] == owner]:
            del self.promised[key]

    @precondition(lambda self: self.held(allocated=True))
    @rule(data=st.data(), extra=st.integers(0, 2), twice=st.booleans())
    def ship(self, data: st.DataObject, extra: int, twice: bool) -> None:
        owner, sku, area, at, units = self.pick(data, allocated=True)
        promised = min(units + extra, self.promised[owner, sku, area, at])
        shipment = ids.fresh()
        assert self.shop.ship(owner, sku, units + extra, at, shipment) == promised
        if twice:
            assert self.shop.ship(owner, sku, units + extra, at, shipment) == 0
        self.promised[owner, sku, area, at] -= promised
        self.on_hand[sku, at] -= units + extra

    @precondition(lambda self: self.held(allocated=True))
    @rule(data=st.data(), extra=st.integers(0, 2))
    def pick_short(self, data: st.DataObject, extra: int) -> None:
        owner, sku, area, at, units = self.pick(data, allocated=True)
        promised = min(units + extra, self.promised[owner, sku, area, at])
        missing = [Missing(owner, 1, sku, at, units + extra)]
        freed = self.shop.run(inventory.report_missing, missing, ids.fresh(), "short pick")
        assert freed == [promised]
        self.promised[owner, sku, area, at] -= promised
        self.missing[sku, at] += units + extra
        tasks = self.shop.run(inventory.open_count_tasks, [at])
        assert sku in {task.sku_id for task in tasks}

    # ── transfers, from the store to the outlet ────────────────────────────────────────────

    @rule(n=SKU, units=UNITS)
    def request_transfer(self, n: int, units: int) -> None:
        sku, shop = self.skus[n], self.shop
        fits = units <= min(self.free_at(sku, shop.store), self.free_in(sku, shop.north))
        line = DocumentLine(1, sku, units)
        wanted = Transfer(ids.fresh(), shop.store, shop.outlet, "", "", AT, (line,))
        try:
            shop.run(inventory.request_transfer, wanted)
        except TransferShort:
            assert not fits
            return
        assert fits
        self.to_send[wanted.id] = sku, units
        self.promised[wanted.id, sku, shop.north, shop.store] = units

    @precondition(lambda self: self.to_send)
    @rule(data=st.data(), give_up=st.booleans())
    def send_or_cancel_transfer(self, data: st.DataObject, give_up: bool) -> None:
        transfer = data.draw(st.sampled_from(sorted(self.to_send)))
        sku, units = self.to_send.pop(transfer)
        del self.promised[transfer, sku, self.shop.north, self.shop.store]
        if give_up:
            self.shop.run(inventory.cancel_transfer, transfer)
            return
        sent = data.draw(st.integers(1, units))
        self.shop.run(inventory.send_transfer, transfer, AT, {1: sent})
        self.on_hand[sku, self.shop.store] -= sent
        self.on_the_way[transfer] = sku, sent

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data(), final=st.booleans())
    def receive_transfer(self, data: st.DataObject, final: bool) -> None:
        transfer = data.draw(st.sampled_from(sorted(self.on_the_way)))
        sku, units = self.on_the_way.pop(transfer)
        came = data.draw(st.integers(1, units))
        arrival = Arrival(ids.fresh(), transfer, self.shop.south, "", AT, {1: came}, final)
        self.shop.run(inventory.receive_transfer, arrival)
        self.on_hand[sku, self.shop.outlet] += came
        if came < units and not final:
            self.on_the_way[transfer] = sku, units - came

    # ── after every step ───────────────────────────────────────────────────────────────────

    @invariant()
    def levels_are_the_models(self) -> None:
        for level in self.shop.run(inventory.levels, self.skus):
            key = level.sku_id, level.location_id
            physical, allocated = self.physical(*key), self.allocated(*key)
            assert level.on_hand == self.on_hand[key]
            assert level.unavailable == self.damaged[key] + self.missing[key]
            assert (level.held_back, level.allocated) == (self.held_back[key], allocated)
            assert level.short == max(0, allocated - physical)

    @invariant()
    def areas_are_the_models(self) -> None:
        for row in self.shop.run(inventory.area_stock, self.skus):
            places = [p for p, area in self.shop.areas.items() if area == row.area_id]
            physical = sum(self.physical(row.sku_id, place) for place in places)
            committed = self.committed(row.sku_id, row.area_id)
            assert (row.physical, row.committed) == (physical, committed)
            assert row.offered == self.offered(row.sku_id, row.area_id)
            assert row.short == max(0, committed - physical)

    @invariant()
    def all_adds_up(self) -> None:
        self.shop.verify()


def test_random_days(db: Database, new_tenant: Callable[[], int]) -> None:
    class DayHere(Day):
        pass

    DayHere.db, DayHere.new_tenant = db, staticmethod(new_tenant)
    run_state_machine_as_test(
        DayHere,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
