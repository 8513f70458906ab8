"""A small shop with stock: two areas, three locations, and short words for the verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from baton import inventory
from baton.inventory import (
    NOWHERE,
    Basket,
    Consume,
    Demand,
    Document,
    DocumentKind,
    DocumentLine,
    Give,
    Level,
    Outcome,
    Wanted,
)
from baton.inventory.model import AreaStock, Reservation, Shortage
from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.platform.journal import Entry
from baton.values import Id

T = TypeVar("T")
K = DocumentKind
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Shop:
    """Its verbs run in a transaction of their own each, and repeat where others are in the way."""

    def __init__(self, db: Database, caller: Caller) -> None:
        self.db, self.caller = db, caller
        self.north, self.south = ids.fresh(), ids.fresh()
        self.store, self.depot, self.outlet = ids.fresh(), ids.fresh(), ids.fresh()
        self.areas = {self.store: self.north, self.depot: self.north, self.outlet: self.south}

    def run(self, verb: Callable[..., T], *args: Any, **more: Any) -> T:
        return self.db.execute(self.caller, lambda tx: verb(tx, *args, **more))

    def sku(self, **units: int) -> Id:
        """A new SKU with units at the places named: sku(store=3, depot=5)."""
        sku = ids.fresh()
        for place, quantity in units.items():
            self.record(K.RECEIPT, sku, quantity, at=getattr(self, place))
        return sku

    def document(
        self,
        kind: DocumentKind,
        lines: Mapping[Id, int],
        *,
        at: Id | None = None,
        expected: int | None = None,
        reference: str = "",
        history: bool = False,
    ) -> Document:
        place = at or self.store
        numbered = tuple(
            DocumentLine(n, sku, units, expected) for n, (sku, units) in enumerate(lines.items(), 1)
        )
        return Document(
            ids.fresh(), kind, place, self.areas[place], "test", reference, AT, numbered, history
        )

    def record(self, kind: DocumentKind, sku: Id, units: int, **more: Any) -> Id:
        return self.run(inventory.record, [self.document(kind, {sku: units}, **more)])[0]

    def basket(
        self, lines: Mapping[Id, int], *, whole: bool = True, at: Id | None = None
    ) -> Basket:
        demands = tuple(
            Demand(n, sku, units, (self.north, self.south), at)
            for n, (sku, units) in enumerate(lines.items(), 1)
        )
        return Basket("order", ids.fresh(), whole, demands)

    def reserve(self, sku: Id, units: int, **more: Any) -> Outcome:
        return self.run(inventory.reserve, [self.basket({sku: units}, **more)])[0]

    def sold(self, sku: Id, units: int, *, at: Id | None = None) -> Id:
        """An order that has its units reserved (and allocated, with a place); returns its id."""
        outcome = self.reserve(sku, units)
        assert outcome.accepted, outcome.missing
        if at is not None:
            assert self.allocate(outcome.owner_id, sku, units, at) == units
        return outcome.owner_id

    def allocate(self, owner: Id, sku: Id, units: int, at: Id, **more: Any) -> int:
        want = Wanted("order", owner, 1, sku, None, at, units, **more)
        return self.run(inventory.allocate, [want])[0]

    def deallocate(self, owner: Id, sku: Id, units: int, at: Id) -> None:
        self.run(inventory.deallocate, [Give(owner, 1, sku, at, units)])

    def free(self, owner: Id, sku: Id, units: int, at: Id = NOWHERE) -> int:
        return self.run(inventory.free, [Give(owner, 1, sku, at, units)])

    def ship(self, owner: Id, sku: Id, units: int, at: Id, shipment: Id | None = None) -> int:
        consumed = [Consume(owner, 1, sku, at, units)]
        return self.run(inventory.consume, consumed, "shipment", shipment or ids.fresh(), AT)[0]

    # ── what there is ──────────────────────────────────────────────────────────────────────

    def level(self, sku: Id, at: Id | None = None) -> Level:
        place = at or self.store
        return next(v for v in self.run(inventory.levels, [sku]) if v.location_id == place)

    def figures(self, sku: Id, at: Id | None = None) -> tuple[int, int, int, int]:
        """on_hand, unavailable, allocated, short of a level."""
        level = self.level(sku, at)
        return level.on_hand, level.unavailable, level.allocated, level.short

    def area(self, sku: Id, area: Id | None = None) -> AreaStock:
        wanted = area or self.north
        return next(v for v in self.run(inventory.area_stock, [sku]) if v.area_id == wanted)

    def area_figures(self, sku: Id, area: Id | None = None) -> tuple[int, int, int, int]:
        """physical, offered, committed, short of an area."""
        row = self.area(sku, area)
        return row.physical, row.offered, row.committed, row.short

    def held(self, owner: Id) -> dict[Id, int]:
        """Units by location that an owner is promised."""
        rows: list[Reservation] = self.run(inventory.reservations, [owner])
        return {row.location_id: row.quantity for row in rows}

    def shortages(self, sku: Id) -> dict[Id, int]:
        """Open units by location that are short."""
        rows: list[Shortage] = self.run(inventory.open_shortages, 10_000)
        return {row.location_id: row.open_units for row in rows if row.sku_id == sku}

    def facts(self, subject_id: Id) -> list[Entry]:
        return self.run(journal.timeline, [subject_id])

    def verify(self) -> None:
        """Raises AssertionError where stock does not add up."""
        checks = self.run(inventory.verify)
        assert [check for check in checks if check.failures] == []


class HastyShop(Shop):
    """Its verbs are tried once: where two get into each other's way, the test sees it."""

    def run(self, verb: Callable[..., T], *args: Any, **more: Any) -> T:
        with self.db.transaction(self.caller) as tx:
            return verb(tx, *args, **more)
