"""What `baton verify` asks of tax over several modules."""

from __future__ import annotations

from baton.platform.db import Statements

sql = Statements("views")

TAXED = sql(
    "order_taxes",
    """
    select count(*), array_agg(o.number || coalesce(
               ': the tax of its lines and charges is ' || d.tax_minor || ', the order says '
               || o.tax_minor, ': its tax was not determined'))
           filter (where d.tax_minor <> o.tax_minor or (d.order_id is null
               and not exists (select from work.items i
                               where i.tenant_id = %(tenant)s and i.lane = 'tax.determine:' || o.id)
               and not exists (select from journal.entries e
                               where e.tenant_id = %(tenant)s and e.subject_id = o.id
                                 and e.no is null)))
    from orders.orders o
    left join tax.determinations d on d.tenant_id = %(tenant)s and d.order_id = o.id
    where o.tenant_id = %(tenant)s and o.mode = 'live'
    """,
    scans="verify reads all",
)
TAX_SEEN = sql(
    "tax_differences",
    """
    select count(*), array_agg(o.number || ': its tax differs, and nobody was told')
           filter (where not exists (
               select from orders.exceptions x
               where x.tenant_id = %(tenant)s and x.order_id = d.order_id
                 and x.kind = 'tax_differs'))
    from tax.determinations d
    join orders.orders o on o.tenant_id = %(tenant)s and o.id = d.order_id
    where d.tenant_id = %(tenant)s and d.state = 'differs'
    """,
    scans="verify reads all",
)

TAX_PROMISES = {
    "tax: that of lines and charges is the order's": TAXED,
    "tax: a difference was put before a person": TAX_SEEN,
}
