"""What must hold between the tables of stock, each as one statement over all rows of a tenant.

Each compares what is stored with what it is made of, and answers with the rows compared and at
most twenty that differ: `what` and `place` name the row, the rest is told apart by the
invariant's labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton.inventory.model import NOWHERE, DocumentKind
from baton.platform.db import Statement, Statements, Tx
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("inventory")

_EVERY_ROW = "an invariant is looked at in every row of the tenant"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold; `labels` name the figures that are compared."""

    name: str
    what: str
    labels: tuple[str, ...]
    statement: Statement


def _invariant(key: str, name: str, what: str, labels: tuple[str, ...], compared: str) -> Invariant:
    statement = sql(
        f"verify_{key}",
        f"""
        with compared as materialized ({compared}),
        differing as (
            select * from compared c where c.stored <> c.computed
            order by c.what, c.place limit 20
        )
        select t.rows, d.what, d.place, d.stored, d.computed
        from (select count(*) as rows from compared c) t
        left join differing d on true
        """,
        scans=_EVERY_ROW,
    )
    return Invariant(name, what, labels, statement)


INVARIANTS = (
    _invariant(
        "ledger",
        "I1 level = sum of its movements",
        "SKU",
        ("on_hand", "unavailable"),
        """
        select coalesce(l.sku_id, m.sku_id) as what,
               coalesce(l.location_id, m.location_id) as place,
               array[l.on_hand, l.unavailable]::bigint[] as stored,
               array[coalesce(m.on_hand, 0), coalesce(m.unavailable, 0)]::bigint[] as computed
        from (select v.sku_id, v.location_id, v.on_hand, v.unavailable
              from inventory.levels v where v.tenant_id = %(tenant)s) l
        full join (select v.sku_id, v.location_id, sum(v.on_hand) as on_hand,
                          sum(v.unavailable) as unavailable
                   from inventory.movements v where v.tenant_id = %(tenant)s
                   group by v.sku_id, v.location_id) m
          on l.sku_id = m.sku_id and l.location_id = m.location_id
        """,
    ),
    _invariant(
        "short",
        "I1 short = promised beyond the good units there",
        "SKU",
        ("short",),
        """
        select l.sku_id as what, l.location_id as place, array[l.short]::bigint[] as stored,
               array[greatest(l.allocated - greatest(l.on_hand - l.unavailable, 0), 0)]::bigint[]
               as computed
        from inventory.levels l where l.tenant_id = %(tenant)s
        union all
        select a.sku_id, a.area_id, array[a.short]::bigint[],
               array[greatest(a.committed - a.physical, 0)]::bigint[]
        from inventory.area_stock a where a.tenant_id = %(tenant)s
        """,
    ),
    _invariant(
        "allocated",
        "I2 level.allocated = sum of reservations there",
        "SKU",
        ("allocated",),
        """
        select coalesce(l.sku_id, r.sku_id) as what,
               coalesce(l.location_id, r.location_id) as place,
               array[l.allocated]::bigint[] as stored,
               array[coalesce(r.quantity, 0)]::bigint[] as computed
        from (select v.sku_id, v.location_id, v.area_id, v.allocated
              from inventory.levels v where v.tenant_id = %(tenant)s) l
        full join (select v.sku_id, v.location_id, v.area_id, sum(v.quantity) as quantity
                   from inventory.reservations v
                   where v.tenant_id = %(tenant)s
                     and v.location_id <> %(nowhere)s
                   group by v.sku_id, v.location_id, v.area_id) r
          on l.sku_id = r.sku_id and l.location_id = r.location_id and l.area_id = r.area_id
        """,
    ),
    _invariant(
        "committed",
        "I2 area.committed = sum of reservations in it",
        "SKU",
        ("committed",),
        """
        select coalesce(a.sku_id, r.sku_id) as what, coalesce(a.area_id, r.area_id) as place,
               array[a.committed]::bigint[] as stored,
               array[coalesce(r.quantity, 0)]::bigint[] as computed
        from (select v.sku_id, v.area_id, v.committed
              from inventory.area_stock v where v.tenant_id = %(tenant)s) a
        full join (select v.sku_id, v.area_id, sum(v.quantity) as quantity
                   from inventory.reservations v where v.tenant_id = %(tenant)s
                   group by v.sku_id, v.area_id) r
          on a.sku_id = r.sku_id and a.area_id = r.area_id
        """,
    ),
    _invariant(
        "areas",
        "I2 area.physical and area.offered = sums of its levels",
        "SKU",
        ("physical", "offered"),
        """
        select coalesce(a.sku_id, l.sku_id) as what, coalesce(a.area_id, l.area_id) as place,
               array[a.physical, a.offered]::bigint[] as stored,
               array[coalesce(l.physical, 0), coalesce(l.offered, 0)]::bigint[] as computed
        from (select v.sku_id, v.area_id, v.physical, v.offered
              from inventory.area_stock v where v.tenant_id = %(tenant)s) a
        full join (select v.sku_id, v.area_id,
                          sum(greatest(v.on_hand - v.unavailable, 0)) as physical,
                          sum(greatest(v.on_hand - v.unavailable - v.held_back, 0)) as offered
                   from inventory.levels v where v.tenant_id = %(tenant)s
                   group by v.sku_id, v.area_id) l
          on a.sku_id = l.sku_id and a.area_id = l.area_id
        """,
    ),
    _invariant(
        "shortages",
        "I2 short = open units of its shortages",
        "SKU",
        ("short", "shortages half closed"),
        """
        select coalesce(p.sku_id, s.sku_id) as what,
               coalesce(p.shown, nullif(s.location_id, %(nowhere)s), s.area_id) as place,
               array[p.short, 0]::bigint[] as stored,
               array[coalesce(s.open_units, 0), coalesce(s.odd, 0)]::bigint[] as computed
        from (select v.sku_id, v.area_id, v.location_id, v.location_id as shown, v.short
              from inventory.levels v where v.tenant_id = %(tenant)s
              union all
              select v.sku_id, v.area_id, %(nowhere)s, v.area_id, v.short
              from inventory.area_stock v where v.tenant_id = %(tenant)s) p
        full join (select v.sku_id, v.area_id, v.location_id, sum(v.open_units) as open_units,
                          count(*) filter (where (v.open_units = 0) <> (v.closed_at is not null))
                          as odd
                   from inventory.shortages v where v.tenant_id = %(tenant)s
                   group by v.sku_id, v.area_id, v.location_id) s
          on p.sku_id = s.sku_id and p.area_id = s.area_id and p.location_id = s.location_id
        """,
    ),
    # A count may write off damaged units that it did not find: a movement beside its own.
    _invariant(
        "lines",
        "I3 each document line has exactly its movements",
        "Document",
        ("movements", "units"),
        """
        select coalesce(l.document_id, m.document_id) as what,
               coalesce(l.sku_id, m.sku_id) as place,
               array[l.movements,
                     case l.kind
                         when 'transfer' then -l.sent
                         when 'count' then l.quantity - l.expected
                         when 'write_off' then -l.quantity
                         when 'sale' then -l.quantity
                         when 'donation' then -l.quantity
                         when 'vendor_return' then -l.quantity
                         when 'restock' then 0
                         when 'repair' then 0
                         else l.quantity end * l.counts]::bigint[] as stored,
               array[coalesce(m.movements, 0),
                     case coalesce(l.kind, m.document_kind)
                         when 'found' then m.on_hand - m.unavailable
                         when 'damage' then m.unavailable
                         when 'missing' then m.unavailable
                         else coalesce(m.on_hand, 0) end]::bigint[] as computed
        from (select v.document_id, v.line_no, v.sku_id, v.quantity, v.expected, v.sent, d.kind,
                     d.location_id, case d.state when 'history' then 0 else 1 end as counts,
                     case when d.state = 'history' then 0
                          when d.kind <> 'transfer' then 1
                          when v.sent <> 0 then 1 else 0 end as movements
              from inventory.document_lines v
              left join inventory.documents d
                on d.tenant_id = %(tenant)s and d.id = v.document_id
              where v.tenant_id = %(tenant)s) l
        full join (select v.document_id, v.document_line, v.sku_id, v.location_id,
                          v.document_kind, sum(v.on_hand) as on_hand,
                          sum(v.unavailable) as unavailable,
                          count(*) filter (where v.document_kind <> 'count' or v.kind = 'count')
                          as movements
                   from inventory.movements v
                   where v.tenant_id = %(tenant)s and v.document_kind = any(%(kinds)s)
                   group by v.document_id, v.document_line, v.sku_id, v.location_id,
                            v.document_kind) m
          on l.document_id = m.document_id and l.line_no = m.document_line
         and l.sku_id = m.sku_id and l.location_id = m.location_id
        union all
        select coalesce(t.sku_id, m.sku_id), coalesce(t.to_location_id, m.location_id),
               array[1, coalesce(t.received, 0)]::bigint[],
               array[1, coalesce(m.on_hand, 0)]::bigint[]
        from (select v.sku_id, d.to_location_id, sum(v.received) as received
              from inventory.documents d
              join inventory.document_lines v
                on v.tenant_id = %(tenant)s and v.document_id = d.id
              where d.tenant_id = %(tenant)s and d.kind = 'transfer'
              group by v.sku_id, d.to_location_id) t
        full join (select v.sku_id, v.location_id, sum(v.on_hand) as on_hand
                   from inventory.movements v
                   where v.tenant_id = %(tenant)s and v.kind = 'transfer_in'
                   group by v.sku_id, v.location_id) m
          on t.sku_id = m.sku_id and t.to_location_id = m.location_id
        """,
    ),
)


def verify(tx: Tx) -> list[Check]:
    """Each invariant of stock with the rows looked at and, if any differ, some of those.

    Sums are made by the database; what comes back is bounded, however large the tables are.
    """
    return [_compared(tx, invariant) for invariant in INVARIANTS]


def _compared(tx: Tx, invariant: Invariant) -> Check:
    kinds = [kind.value for kind in DocumentKind]
    answers = tx.all(invariant.statement, nowhere=NOWHERE, kinds=kinds)
    differing = [difference for _, *difference in answers if difference[0] is not None]
    said = tuple(_said(invariant, *difference) for difference in differing)
    return Check(invariant.name, answers[0][0], said)


def _said(
    invariant: Invariant,
    what: Id,
    place: Id,
    stored: Sequence[int | None],
    computed: Sequence[int | None],
) -> str:
    figures = ", ".join(
        f"{label} is {is_now}, should be {should_be}"
        for label, is_now, should_be in zip(invariant.labels, stored, computed, strict=True)
        if is_now != should_be
    )
    return f"{invariant.what} {what} at {place}: {figures}"
