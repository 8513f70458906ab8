"""Who gets which units. First come, first served, exactly.

Both guards stand here: a reservation keeps committed + q ≤ offered in its area, an allocation
keeps allocated + q ≤ sellable at its location (≤ physical, where it may use what is held back,
for a promise that nothing else can keep). See docs/algorithms/stock.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from baton.inventory.model import (
    NOWHERE,
    AreaKey,
    Basket,
    Change,
    Demand,
    LevelKey,
    Outcome,
    Reservation,
    Stock,
    Taken,
    Units,
    Wanted,
)
from baton.values.ids import Id


def reserve(baskets: Sequence[Basket], stock: Stock) -> list[Outcome]:
    """What each basket gets, in the order given; no unit goes to two of them.

    A basket sees what all before it have left. A whole basket that misses something takes
    nothing, so that those after it find its units again.
    """
    free = _Free(stock)
    return [_serve(basket, free) for basket in baskets]


def _serve(basket: Basket, free: _Free) -> Outcome:
    taken: list[Taken] = []
    missing: dict[int, int] = {}
    for demand in basket.demands:
        got = list(free.take(demand))
        taken.extend(got)
        lacking = demand.quantity - sum(part.quantity for part in got)
        if lacking:
            missing[demand.line] = missing.get(demand.line, 0) + lacking
    if basket.whole and missing:
        free.give_back(taken)
        return Outcome(basket.owner_id, False, (), missing)
    return Outcome(basket.owner_id, True, tuple(taken), missing)


class _Free:
    """Units that nobody has yet, while baskets are served one after another."""

    __slots__ = ("_areas", "_levels", "_stock")

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._areas: dict[AreaKey, int] = {key: row.free for key, row in stock.areas.items()}
        self._levels: dict[LevelKey, int] = {key: row.free for key, row in stock.levels.items()}

    def take(self, demand: Demand) -> Iterator[Taken]:
        if demand.location_id is not None:
            yield from self._take_there(demand, demand.location_id)
            return
        wanted = demand.quantity
        for area_id in demand.areas:
            key = demand.sku_id, area_id
            units = min(wanted, self._areas.get(key, 0))
            if units:
                self._areas[key] -= units
                wanted -= units
                yield Taken(demand.line, demand.sku_id, area_id, NOWHERE, units)

    def _take_there(self, demand: Demand, location_id: Id) -> Iterator[Taken]:
        key = demand.sku_id, location_id
        level = self._stock.levels.get(key)
        if level is None:
            return
        area = demand.sku_id, level.area_id
        units = min(demand.quantity, self._levels[key], self._areas.get(area, 0))
        if units:
            self._levels[key] -= units
            self._areas[area] -= units
            yield Taken(demand.line, demand.sku_id, level.area_id, location_id, units)

    def give_back(self, taken: Iterable[Taken]) -> None:
        for part in taken:
            self._areas[part.sku_id, part.area_id] += part.quantity
            if part.location_id != NOWHERE:
                self._levels[part.sku_id, part.location_id] += part.quantity


# ── what is promised already ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Drawn:
    """Units taken out of one reservation."""

    reservation: Reservation
    units: int


def draw(asked: Sequence[Units], reservations: Iterable[Reservation]) -> list[list[Drawn]]:
    """For each asked, what the owner's line really has there: all of it, or less.

    Two that ask for the same units don't both get them. What a line has in several areas is
    drawn in the order of the reservations.
    """
    held = _Held(reservations)
    return [
        held.take(want.owner_id, want.line, want.sku_id, want.location_id, want.quantity)
        for want in asked
    ]


def allocate(
    wanted: Sequence[Wanted], stock: Stock, reservations: Iterable[Reservation]
) -> list[list[Drawn]]:
    """For each wanted, the reserved units that can be allocated there: all of it, or less.

    Only units that are reserved in the area of the location, and not allocated yet, can be.
    """
    held = _Held(reservations)
    given: dict[LevelKey, int] = {}
    return [_allocate(want, stock, given, held) for want in wanted]


def _allocate(want: Wanted, stock: Stock, given: dict[LevelKey, int], held: _Held) -> list[Drawn]:
    place = want.sku_id, want.location_id
    level = stock.levels.get(place)
    if level is None or want.area_id not in (None, level.area_id):
        return []
    limit = level.physical if want.held_back_too else level.sellable
    room = max(limit - level.allocated - given.get(place, 0), 0)
    drawn = held.take(
        want.owner_id, want.line, want.sku_id, NOWHERE, min(want.quantity, room), level.area_id
    )
    given[place] = given.get(place, 0) + sum(part.units for part in drawn)
    return drawn


def promising(taken: Iterable[Reservation]) -> list[Change]:
    """The changes by which these units are promised, on top of what is."""
    return [
        Change(
            row.sku_id,
            row.area_id,
            row.location_id,
            allocated=row.quantity if row.allocated else 0,
            committed=row.quantity,
        )
        for row in taken
    ]


def freeing(drawn: Iterable[Drawn]) -> list[Change]:
    """The changes by which these units are promised to nobody any more."""
    return [
        Change(
            r.sku_id,
            r.area_id,
            r.location_id,
            allocated=-units if r.allocated else 0,
            committed=-units,
        )
        for r, units in ((part.reservation, part.units) for part in drawn)
    ]


class _Held:
    """Reservations by owner, line, SKU and location, while units are drawn from them."""

    __slots__ = ("_left", "_rows")

    def __init__(self, reservations: Iterable[Reservation]) -> None:
        self._rows: dict[tuple[Id, int, Id, Id], list[Reservation]] = {}
        self._left: dict[tuple[Id, int, Id, Id], int] = {}
        for row in reservations:
            key = row.owner_id, row.owner_line, row.sku_id, row.location_id
            self._rows.setdefault(key, []).append(row)
            self._left[row.key] = row.quantity

    def take(
        self,
        owner_id: Id,
        line: int,
        sku_id: Id,
        location_id: Id,
        wanted: int,
        area_id: Id | None = None,
    ) -> list[Drawn]:
        drawn = []
        for row in self._rows.get((owner_id, line, sku_id, location_id), ()):
            units = min(wanted, self._left[row.key]) if area_id in (None, row.area_id) else 0
            if units:
                self._left[row.key] -= units
                wanted -= units
                drawn.append(Drawn(row, units))
        return drawn
