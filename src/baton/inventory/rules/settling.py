"""What rows become when units move or promises change, and which units are short then.

Every verb ends here, so that one place derives what is derived:
level.short = max(0, allocated − physical) and area.short = max(0, committed − physical).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from baton.inventory.model import (
    NOWHERE,
    AreaKey,
    AreaStock,
    Change,
    Level,
    LevelKey,
    Move,
    Settled,
    Shift,
    Shortage,
    Stock,
)
from baton.values.ids import Id

Place = tuple[Id, Id, Id]  # SKU, area, and a location or NOWHERE


def settle(changes: Iterable[Change], stock: Stock) -> Settled:
    """What the locked rows become. Only the sums of the changes count, not their order.

    An area row is looked at only where its promises or its goods change.
    """
    levels: dict[LevelKey, Level] = {}
    areas: dict[AreaKey, AreaStock] = {}
    for change in changes:
        if change.location_id != NOWHERE:
            place = change.sku_id, change.location_id
            levels[place] = _changed(levels.get(place) or stock.levels[place], change)
        if change.committed:
            key = change.sku_id, change.area_id
            row = areas.get(key) or stock.areas[key]
            areas[key] = replace(row, committed=row.committed + change.committed)
    _add_goods(areas, levels, stock)
    settled_levels = [_level_settled(level) for level in levels.values()]
    settled_areas = [_area_settled(row) for row in areas.values()]
    return Settled(
        tuple(row for row in settled_levels if row != stock.levels[row.sku_id, row.location_id]),
        tuple(row for row in settled_areas if row != stock.areas[row.sku_id, row.area_id]),
        tuple(_shifts(settled_levels, settled_areas, stock)),
    )


def as_changes(moves: Iterable[Move], stock: Stock) -> list[Change]:
    """What these movements do to levels."""
    return [
        Change(
            move.sku_id,
            stock.levels[move.sku_id, move.location_id].area_id,
            move.location_id,
            on_hand=move.on_hand,
            unavailable=move.unavailable,
        )
        for move in moves
    ]


def _changed(level: Level, change: Change) -> Level:
    return replace(
        level,
        on_hand=level.on_hand + change.on_hand,
        unavailable=level.unavailable + change.unavailable,
        held_back=level.held_back + change.held_back,
        allocated=level.allocated + change.allocated,
    )


def _add_goods(
    areas: dict[AreaKey, AreaStock], levels: dict[LevelKey, Level], stock: Stock
) -> None:
    for place, level in levels.items():
        before = stock.levels[place]
        physical = level.physical - before.physical
        offered = level.sellable - before.sellable
        if physical or offered:
            key = level.sku_id, level.area_id
            row = areas.get(key) or stock.areas[key]
            areas[key] = replace(
                row, physical=row.physical + physical, offered=row.offered + offered
            )


def _level_settled(level: Level) -> Level:
    return replace(level, short=max(0, level.allocated - level.physical))


def _area_settled(row: AreaStock) -> AreaStock:
    return replace(row, short=max(0, row.committed - row.physical))


def _shifts(levels: Iterable[Level], areas: Iterable[AreaStock], stock: Stock) -> Iterable[Shift]:
    for level in levels:
        more = level.short - stock.levels[level.sku_id, level.location_id].short
        if more:
            yield Shift(level.sku_id, level.area_id, level.location_id, more)
    for row in areas:
        more = row.short - stock.areas[row.sku_id, row.area_id].short
        if more:
            yield Shift(row.sku_id, row.area_id, NOWHERE, more)


# ── shortages ──────────────────────────────────────────────────────────────────────────────


def culprits(moves: Iterable[Move], stock: Stock) -> dict[Place, Move]:
    """For each place that lost good units, the last movement that took some."""
    found: dict[Place, Move] = {}
    for move in moves:
        if move.on_hand < move.unavailable:
            area_id = stock.levels[move.sku_id, move.location_id].area_id
            found[move.sku_id, area_id, move.location_id] = move
            found[move.sku_id, area_id, NOWHERE] = move
    return found


def work_off(
    shifts: Iterable[Shift], open_rows: Sequence[Shortage], now: datetime
) -> list[Shortage]:
    """The open shortages after fewer units are short: oldest first, closed when nothing is left."""
    rest = {(s.sku_id, s.area_id, s.location_id): -s.units for s in shifts if s.units < 0}
    worked = []
    for row in sorted(open_rows, key=lambda row: (row.opened_at, row.id)):
        place = row.sku_id, row.area_id, row.location_id
        units = min(rest.get(place, 0), row.open_units)
        if units:
            rest[place] -= units
            left = row.open_units - units
            worked.append(replace(row, open_units=left, closed_at=None if left else now))
    return worked
