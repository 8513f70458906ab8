"""What must hold among the rows of returns."""

from __future__ import annotations

from baton.platform.db import Statements, Tx, checked
from baton.values.check import Check

sql = Statements("returns")

CHECK_LINES = sql(
    "check_lines",
    """
    select count(*), (array_agg(l.return_id::text) filter (where r.id is null))[1:20]
    from returns.lines l
    left join returns.returns r on r.tenant_id = %(tenant)s and r.id = l.return_id
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_RETURNS = sql(
    "check_returns",
    """
    select count(*), (array_agg(r.external_id) filter (where not r.lined))[1:20]
    from (select r.external_id, exists (select from returns.lines l
                                        where l.tenant_id = %(tenant)s and l.return_id = r.id)
                 as lined
          from returns.returns r where r.tenant_id = %(tenant)s) r
    """,
    scans="verify reads all",
)


CHECK_UNITS = sql(
    "check_units",
    """
    with came as (
        select r.rma_id, l.line_no, sum(l.units) as units
        from returns.receipts r
        join returns.receipt_lines l on l.tenant_id = %(tenant)s and l.receipt_id = r.id
        where r.tenant_id = %(tenant)s group by r.rma_id, l.line_no
    ), seen as (
        select g.rma_id, g.line_no, sum(g.units) as units,
               sum(g.units) filter (
                   where g.disposition not in ('', 'refurbish', 'repair')) as gone
        from returns.gradings g where g.tenant_id = %(tenant)s group by g.rma_id, g.line_no
    ), paid as (
        select s.rma_id, p.line_no, sum(p.units) as units
        from returns.settlements s
        join returns.settlement_lines p on p.tenant_id = %(tenant)s and p.settlement_id = s.id
        where s.tenant_id = %(tenant)s group by s.rma_id, p.line_no
    )
    select count(*), (array_agg(l.rma_id::text || '/' || l.line_no) filter (
        where l.received <> coalesce(c.units, 0) or l.graded <> coalesce(v.units, 0)
           or l.disposed <> coalesce(v.gone, 0) or l.settled <> coalesce(p.units, 0)))[1:20]
    from returns.rma_lines l
    left join came c on c.rma_id = l.rma_id and c.line_no = l.line_no
    left join seen v on v.rma_id = l.rma_id and v.line_no = l.line_no
    left join paid p on p.rma_id = l.rma_id and p.line_no = l.line_no
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_CLAIMS = sql(
    "check_claims",
    """
    with open as (
        select l.order_id, l.order_line, sum(l.settled)::bigint as settled,
               sum(case when r.status in ('refused', 'cancelled') then 0
                        else l.units - l.missing end)::bigint as units
        from returns.rma_lines l
        join returns.rmas r on r.tenant_id = %(tenant)s and r.id = l.rma_id
        where l.tenant_id = %(tenant)s group by l.order_id, l.order_line
    )
    select count(*), (array_agg(o.order_id::text || '/' || o.order_line) filter (
        where c.claimed is null or c.claimed < o.units or c.settled < o.settled))[1:20]
    from open o
    left join returns.claims c
      on c.tenant_id = %(tenant)s and c.order_id = o.order_id and c.order_line = o.order_line
    """,
    scans="verify reads all",
)
CHECK_SETTLEMENTS = sql(
    "check_settlements",
    """
    with parts as (
        select p.settlement_id, sum(p.amount) as amount, sum(p.tax) as tax
        from returns.settlement_lines p where p.tenant_id = %(tenant)s group by p.settlement_id
    ), extra as (
        select c.settlement_id, sum(c.amount) as amount
        from returns.settlement_charges c where c.tenant_id = %(tenant)s group by c.settlement_id
    )
    select count(*), (array_agg(s.id::text) filter (
        where p.amount is null or s.goods_minor <> p.amount or s.tax_minor <> p.tax
           or s.charges_minor <> coalesce(e.amount, 0)))[1:20]
    from returns.settlements s
    left join parts p on p.settlement_id = s.id
    left join extra e on e.settlement_id = s.id
    where s.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_ENDS = sql(
    "check_ends",
    """
    select count(*), (array_agg(r.number) filter (where exists (
        select from returns.rma_lines l
        where l.tenant_id = %(tenant)s and l.rma_id = r.id
          and (l.received > l.graded or l.graded > l.disposed
               or l.received + l.kept > l.settled
               or l.received + l.kept + l.missing < l.units))))[1:20]
    from returns.rmas r where r.tenant_id = %(tenant)s and r.status = 'closed'
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """Records have lines; of returns, every unit is accounted for and settled once."""
    return [
        checked(tx, "returns: a line belongs to a return", CHECK_LINES, "return {} is not there"),
        checked(tx, "returns: a return has lines", CHECK_RETURNS, "return {} has none"),
        checked(tx, "returns: units are those received, graded, settled", CHECK_UNITS, "line {}"),
        checked(tx, "returns: what is returned is claimed of its line", CHECK_CLAIMS, "line {}"),
        checked(tx, "returns: a settlement is the sum of its parts", CHECK_SETTLEMENTS),
        checked(tx, "returns: a closed return leaves nothing to do", CHECK_ENDS, "return {}"),
    ]
