"""The ledger: what moved, and what is to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from baton.inventory.model import CountTask, LevelKey, Move, Movement, MovementKind
from baton.platform import ids
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("inventory")

END = datetime.max.replace(tzinfo=UTC), Id(int=(1 << 128) - 1)  # after all that is recorded

_MOVEMENT = (
    "m.kind, m.sku_id, m.location_id, m.on_hand, m.unavailable, m.document_kind, m.document_id,"
    " m.document_line, m.reason, m.occurred_at, m.id, m.actor, m.recorded_at"
)
_PLACES = "unnest(%(skus)s::uuid[], %(locations)s::uuid[]) as n (sku_id, location_id)"

INSERT_MOVEMENTS = sql(
    "insert_movements",
    """
    insert into inventory.movements
        (tenant_id, id, sku_id, location_id, kind, on_hand, unavailable, document_kind,
         document_id, document_line, reason, actor, occurred_at, recorded_at)
    select %(tenant)s, n.id, n.sku_id, n.location_id, n.kind, n.on_hand, n.unavailable,
           n.document_kind, n.document_id, n.document_line, n.reason, %(actor)s, n.occurred_at,
           %(now)s
    from unnest(%(id)s::uuid[], %(sku_id)s::uuid[], %(location_id)s::uuid[], %(kind)s::text[],
                %(on_hand)s::int[], %(unavailable)s::int[], %(document_kind)s::text[],
                %(document_id)s::uuid[], %(document_line)s::int[], %(reason)s::text[],
                %(occurred_at)s::timestamptz[])
         as n (id, sku_id, location_id, kind, on_hand, unavailable, document_kind, document_id,
               document_line, reason, occurred_at)
    """,
)
MOVED = sql(
    "moved",
    """
    select m.document_line, m.sku_id, m.location_id from inventory.movements m
    where m.tenant_id = %(tenant)s and m.document_id = %(document)s and m.kind = %(kind)s
    """,
)
MISSING_UNITS = sql(
    "missing_units",
    f"""
    select m.sku_id, m.location_id, sum(m.unavailable)::int
    from {_PLACES}
    join inventory.movements m
      on m.tenant_id = %(tenant)s and m.sku_id = n.sku_id and m.location_id = n.location_id
    where m.kind in ('missing', 'found', 'count')
    group by m.sku_id, m.location_id
    """,
)
MOVEMENTS = sql(
    "movements",
    f"""
    select {_MOVEMENT} from inventory.movements m
    where m.tenant_id = %(tenant)s and m.sku_id = %(sku)s and m.location_id = %(location)s
      and m.recorded_at <= %(before_at)s
      and (m.recorded_at < %(before_at)s or m.id < %(before_id)s)
    order by m.recorded_at desc, m.id desc limit %(limit)s
    """,
)
OF_DOCUMENTS = sql(
    "movements_of_documents",
    f"""
    select {_MOVEMENT} from inventory.movements m
    where m.tenant_id = %(tenant)s and m.document_id = any(%(documents)s)
    order by m.document_id, m.document_line, m.kind, m.sku_id, m.location_id
    """,
)
OPEN_COUNT_TASKS = sql(
    "open_count_tasks",
    """
    select t.id, t.location_id, t.sku_id, t.cause, t.opened_at from inventory.count_tasks t
    where t.tenant_id = %(tenant)s and t.location_id = any(%(locations)s)
      and t.closed_at is null
    order by t.location_id, t.sku_id limit %(limit)s
    """,
)
ASK_COUNTS = sql(
    "ask_counts",
    """
    insert into inventory.count_tasks (tenant_id, id, location_id, sku_id, cause, opened_at)
    select %(tenant)s, n.id, n.location_id, n.sku_id, n.cause, %(now)s
    from unnest(%(ids)s::uuid[], %(locations)s::uuid[], %(skus)s::uuid[], %(causes)s::text[])
         as n (id, location_id, sku_id, cause)
    order by n.location_id, n.sku_id
    on conflict (tenant_id, location_id, sku_id) where closed_at is null do nothing
    returning id, location_id, sku_id, cause, opened_at
    """,
)
SETTLE_COUNTS = sql(
    "settle_counts",
    """
    update inventory.count_tasks t set closed_at = %(now)s, document_id = n.document_id
    from unnest(%(locations)s::uuid[], %(skus)s::uuid[], %(documents)s::uuid[])
         as n (location_id, sku_id, document_id)
    where t.tenant_id = %(tenant)s and t.location_id = n.location_id and t.sku_id = n.sku_id
      and t.closed_at is null
    """,
)


def insert_movements(tx: Tx, moves: Sequence[Move]) -> None:
    """Write these lines of the ledger; the same one twice is an error."""
    if not moves:
        return
    what = ("kind", "sku_id", "location_id", "on_hand", "unavailable", "reason", "occurred_at")
    tx.run(
        INSERT_MOVEMENTS,
        id=[ids.fresh() for _ in moves],
        **columns(moves, *what, "document_kind", "document_id", "document_line"),
        actor=tx.caller.actor,
        now=tx.now,
    )


def moved(tx: Tx, document_id: Id, kind: MovementKind) -> set[tuple[int, Id, Id]]:
    """The (line, SKU, location) that this document has moved already."""
    rows = tx.all(MOVED, document=document_id, kind=kind.value)
    return {(row[0], row[1], row[2]) for row in rows}


def missing_units(tx: Tx, places: Sequence[LevelKey]) -> dict[LevelKey, int]:
    """How many of the unavailable units of these levels are missing."""
    if not places:
        return {}
    rows = tx.all(
        MISSING_UNITS, skus=[sku for sku, _ in places], locations=[place for _, place in places]
    )
    return {(sku, location): units for sku, location, units in rows}


def movements(
    tx: Tx, sku_id: Id, location_id: Id, before: tuple[datetime, Id] = END, limit: int = 50
) -> list[Movement]:
    """The ledger of a level, newest first, from just before (recorded_at, id)."""
    rows = tx.all(
        MOVEMENTS,
        sku=sku_id,
        location=location_id,
        before_at=before[0],
        before_id=before[1],
        limit=limit,
    )
    return [Movement(MovementKind(row[0]), *row[1:]) for row in rows]


def movements_of(tx: Tx, document_ids: Sequence[Id]) -> list[Movement]:
    """All that these documents moved, in the order of their lines."""
    if not document_ids:
        return []
    rows = tx.all(OF_DOCUMENTS, documents=list(document_ids))
    return [Movement(MovementKind(row[0]), *row[1:]) for row in rows]


# ── counting ───────────────────────────────────────────────────────────────────────────────


def ask_counts(tx: Tx, wanted: Mapping[LevelKey, str]) -> list[CountTask]:
    """Open a task for each of these levels, with its cause, unless one is open; returns the new."""
    keys = sorted(wanted)
    return tx.rows(
        CountTask,
        ASK_COUNTS,
        ids=[ids.fresh() for _ in keys],
        locations=[location for _, location in keys],
        skus=[sku for sku, _ in keys],
        causes=[wanted[key] for key in keys],
        now=tx.now,
    )


def settle_counts(tx: Tx, counted: Mapping[LevelKey, Id]) -> None:
    """Close the open tasks of these levels, each with the count that settled it."""
    if counted:
        tx.run(
            SETTLE_COUNTS,
            locations=[location for _, location in counted],
            skus=[sku for sku, _ in counted],
            documents=list(counted.values()),
            now=tx.now,
        )


def open_count_tasks(tx: Tx, location_ids: Sequence[Id], limit: int = 100) -> list[CountTask]:
    """What is to be counted at these locations."""
    return tx.rows(CountTask, OPEN_COUNT_TASKS, locations=list(location_ids), limit=limit)
