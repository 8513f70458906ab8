"""Level and area rows: locked in one order, written whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from baton.inventory.model import AreaKey, AreaStock, Level, LevelKey, Settled, Stock
from baton.platform.db import Statements, Tx, columns, listed
from baton.values.ids import Id

sql = Statements("inventory")

_AREA = "a.sku_id, a.area_id, a.physical, a.offered, a.committed, a.short"
_LEVEL = (
    "l.sku_id, l.location_id, l.area_id, l.on_hand, l.unavailable, l.held_back, l.allocated,"
    " l.short"
)
_AREA_KEYS = "unnest(%(area_skus)s::uuid[], %(areas)s::uuid[]) as k (sku_id, area_id)"
_LEVEL_KEYS = "unnest(%(level_skus)s::uuid[], %(locations)s::uuid[]) as p (sku_id, location_id)"

# The areas named, and those of the levels named: one statement, so that they are locked in order.
LOCK_AREAS = sql(
    "lock_areas",
    f"""
    select {_AREA} from inventory.area_stock a
    where a.tenant_id = %(tenant)s and (a.sku_id, a.area_id) in (
        select k.sku_id, k.area_id from {_AREA_KEYS}
        union
        select l.sku_id, l.area_id from {_LEVEL_KEYS}
        join inventory.levels l
          on l.tenant_id = %(tenant)s and l.sku_id = p.sku_id and l.location_id = p.location_id
    )
    order by a.sku_id, a.area_id for update of a
    """,
)
LOCK_LEVELS = sql(
    "lock_levels",
    f"""
    select {_LEVEL} from {_LEVEL_KEYS}
    join inventory.levels l
      on l.tenant_id = %(tenant)s and l.sku_id = p.sku_id and l.location_id = p.location_id
    order by l.sku_id, l.location_id for update of l
    """,
)
# `where false`: a row that is there is locked, in its place in the order, and not written.
OPEN_AREAS = sql(
    "open_areas",
    f"""
    insert into inventory.area_stock as a (tenant_id, sku_id, area_id, physical, offered)
    select %(tenant)s, k.sku_id, k.area_id, 0, 0 from {_AREA_KEYS} order by k.sku_id, k.area_id
    on conflict (tenant_id, sku_id, area_id) do update set physical = a.physical where false
    """,
)
OPEN_LEVELS = sql(
    "open_levels",
    """
    insert into inventory.levels as l (tenant_id, sku_id, location_id, area_id, on_hand)
    select %(tenant)s, p.sku_id, p.location_id, p.area_id, 0
    from unnest(%(level_skus)s::uuid[], %(locations)s::uuid[], %(areas)s::uuid[])
         as p (sku_id, location_id, area_id)
    order by p.sku_id, p.location_id
    on conflict (tenant_id, sku_id, location_id) do update set on_hand = l.on_hand where false
    """,
)
WRITE_AREAS = sql(
    "write_areas",
    """
    update inventory.area_stock a
    set physical = n.physical, offered = n.offered, committed = n.committed, short = n.short
    from unnest(%(sku_id)s::uuid[], %(area_id)s::uuid[], %(physical)s::int[], %(offered)s::int[],
                %(committed)s::int[], %(short)s::int[])
         as n (sku_id, area_id, physical, offered, committed, short)
    where a.tenant_id = %(tenant)s and a.sku_id = n.sku_id and a.area_id = n.area_id
    """,
)
WRITE_LEVELS = sql(
    "write_levels",
    """
    update inventory.levels l
    set on_hand = n.on_hand, unavailable = n.unavailable, held_back = n.held_back,
        allocated = n.allocated, short = n.short
    from unnest(%(sku_id)s::uuid[], %(location_id)s::uuid[], %(on_hand)s::int[],
                %(unavailable)s::int[], %(held_back)s::int[], %(allocated)s::int[],
                %(short)s::int[])
         as n (sku_id, location_id, on_hand, unavailable, held_back, allocated, short)
    where l.tenant_id = %(tenant)s and l.sku_id = n.sku_id and l.location_id = n.location_id
    """,
)
LEVELS = sql(
    "levels",
    f"""
    select {_LEVEL} from inventory.levels l
    where l.tenant_id = %(tenant)s and l.sku_id = any(%(skus)s)
      and (%(at)s::uuid[] is null or l.location_id = any(%(at)s::uuid[]))
    order by l.sku_id, l.location_id
    """,
)
# an area's figures are sums: for some locations, those of areas where nobody else has the SKU
AREA_STOCK = sql(
    "area_stock",
    f"""
    select {_AREA} from inventory.area_stock a
    where a.tenant_id = %(tenant)s and a.sku_id = any(%(skus)s)
      and (%(at)s::uuid[] is null or not exists (
          select from inventory.levels l
          where l.tenant_id = %(tenant)s and l.sku_id = a.sku_id and l.area_id = a.area_id
            and l.location_id <> all(%(at)s::uuid[])))
    order by a.sku_id, a.area_id
    """,
)
CANDIDATES = sql(
    "candidates",
    f"""
    select {_LEVEL} from inventory.levels l
    where l.tenant_id = %(tenant)s and l.sku_id = any(%(skus)s) and l.area_id = any(%(areas)s)
      and l.on_hand - l.unavailable - l.allocated > l.held_back * %(keep)s
    order by l.sku_id, l.location_id
    """,
)


def lock(tx: Tx, areas: Iterable[AreaKey] = (), levels: Iterable[LevelKey] = ()) -> Stock:
    """These rows and the area rows of these levels, locked: areas first, each by its key."""
    area_keys, level_keys = sorted(set(areas)), sorted(set(levels))
    if not area_keys and not level_keys:
        return Stock({}, {})
    keys = _split(area_keys, "area_skus", "areas") | _split(level_keys, "level_skus", "locations")
    rows = [AreaStock(*row) for row in tx.all(LOCK_AREAS, **keys)]
    return Stock({(row.sku_id, row.area_id): row for row in rows}, _lock_levels(tx, level_keys))


def lock_levels(tx: Tx, levels: Iterable[LevelKey]) -> Stock:
    """These levels, locked by key, without their areas: for what changes no promise there."""
    return Stock({}, _lock_levels(tx, sorted(set(levels))))


def _lock_levels(tx: Tx, keys: Sequence[LevelKey]) -> dict[LevelKey, Level]:
    if not keys:
        return {}
    rows = tx.all(LOCK_LEVELS, **_split(keys, "level_skus", "locations"))
    return {(level.sku_id, level.location_id): level for level in (Level(*row) for row in rows)}


def open_rows(tx: Tx, places: Iterable[tuple[Id, Id, Id]]) -> list[LevelKey]:
    """Make the levels (SKU, location, area) and area rows that are not there, lock the others.

    A level that is there keeps its area. Returns the keys of the levels, to be read by `lock`.
    """
    areas = {(sku_id, location_id): area_id for sku_id, location_id, area_id in places}
    if not areas:
        return []
    keys = sorted(areas)
    area_keys = sorted({(sku_id, area_id) for (sku_id, _), area_id in areas.items()})
    tx.run(OPEN_AREAS, **_split(area_keys, "area_skus", "areas"))
    tx.run(
        OPEN_LEVELS,
        **_split(keys, "level_skus", "locations"),
        areas=[areas[key] for key in keys],
    )
    return keys


def write(tx: Tx, settled: Settled) -> None:
    """Write the changed rows; the caller has locked them."""
    if settled.areas:
        sums = ("physical", "offered", "committed", "short")
        tx.run(WRITE_AREAS, **columns(settled.areas, "sku_id", "area_id", *sums))
    if settled.levels:
        units = ("on_hand", "unavailable", "held_back", "allocated", "short")
        tx.run(WRITE_LEVELS, **columns(settled.levels, "sku_id", "location_id", *units))


def levels(tx: Tx, sku_ids: Sequence[Id], at: Collection[Id] | None = None) -> list[Level]:
    """The levels of these SKUs at some locations or (None) at all, by SKU and location."""
    return tx.rows(Level, LEVELS, skus=list(sku_ids), at=listed(at))


def area_stock(tx: Tx, sku_ids: Sequence[Id], at: Collection[Id] | None = None) -> list[AreaStock]:
    """The area rows of these SKUs, by SKU and area.

    `at` keeps to those that sum nothing but these locations; None: all.
    """
    return tx.rows(AreaStock, AREA_STOCK, skus=list(sku_ids), at=listed(at))


def candidates(
    tx: Tx, sku_ids: Sequence[Id], area_ids: Sequence[Id], *, held_back_too: bool = False
) -> list[Level]:
    """Levels in these areas that have `free` units (or `spare` ones, where `held_back_too`).

    Not locked: `allocate` guards.
    """
    keep = 0 if held_back_too else 1
    return tx.rows(Level, CANDIDATES, skus=list(sku_ids), areas=list(area_ids), keep=keep)


def _split(keys: Sequence[tuple[Id, Id]], first: str, second: str) -> dict[str, list[Id]]:
    return {first: [key[0] for key in keys], second: [key[1] for key in keys]}
