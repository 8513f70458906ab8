"""What `baton verify` asks of changes, drafts and appeasements over several modules."""

from __future__ import annotations

from baton.platform.db import Statements

sql = Statements("views")

VERSIONS = sql(
    "change_versions",
    """
    select coalesce(sum(changes), 0)::bigint, array_agg(o.number || ': ' || c.changes
               || ' changes, the last is ' || c.last || '; ' || c.applied
               || ' applied, the last version is ' || c.version)
           filter (where c.changes <> c.last or c.applied <> c.version)
    from (select x.order_id, count(*) as changes, max(x.change_no) as last,
                 count(x.version) as applied, coalesce(max(x.version), 0) as version
          from orders.changes x where x.tenant_id = %(tenant)s group by x.order_id) c
    join orders.orders o on o.tenant_id = %(tenant)s and o.id = c.order_id
    """,
    scans="verify reads all",
)
WAITING = sql(
    "waiting_changes",
    """
    select count(*), array_agg(c.order_id::text || '/' || c.change_no || ': waits for '
               || w.key || ', which is asked for nothing')
           filter (where f.recall is distinct from 'requested')
    from orders.changes c
    cross join lateral jsonb_object_keys(c.waits) as w (key)
    left join fulfillment.orders f on f.tenant_id = %(tenant)s and f.id = w.key::uuid
    where c.tenant_id = %(tenant)s and c.state = 'pending'
    """,
    scans="verify reads all",
)
APPEASED = sql(
    "appeased_money",
    """
    with given as (
        select a.order_id, sum(a.amount_minor)::bigint as amount from orders.appeasements a
        where a.tenant_id = %(tenant)s and a.state = 'approved' group by a.order_id
    ), paid as (
        select p.order_id, sum(p.captured)::bigint as captured from payments.payments p
        where p.tenant_id = %(tenant)s group by p.order_id
    )
    select count(*), array_agg(g.order_id::text || ': ' || g.amount || ' appeased, '
               || coalesce(p.captured, 0) || ' captured')
           filter (where g.amount > coalesce(p.captured, 0))
    from given g left join paid p on p.order_id = g.order_id
    """,
    scans="verify reads all",
)
PLACED = sql(
    "placed_drafts",
    """
    select count(*), array_agg(d.number || ': placed, and its order is not there')
           filter (where o.id is null)
    from orders.drafts d
    left join orders.orders o on o.tenant_id = %(tenant)s and o.id = d.order_id
    where d.tenant_id = %(tenant)s and d.state = 'placed'
    """,
    scans="verify reads all",
)

CHANGE_PROMISES = {
    "changes: those applied are versions without a gap": VERSIONS,
    "appeasements: no more is given than was captured": APPEASED,
    "drafts: each that was placed is an order": PLACED,
    "changes: those that wait, wait for a location": WAITING,
}
