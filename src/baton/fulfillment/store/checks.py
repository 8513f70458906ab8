"""SQL of `verify`: each statement counts what it looked at and names what doesn't hold."""

from __future__ import annotations

from baton.platform.db import Statement, Statements, Tx, checked
from baton.values.check import Check

sql = Statements("fulfillment")

_ALL = "verify reads everything"

LINE_SUMS = sql(
    "check_line_sums",
    """
    select count(*)::int, array_agg(o.number || ' line ' || l.order_line order by o.number)
        filter (where l.quantity <>
                    l.to_pick + l.picked + l.packed + l.shipped + l.short + l.cancelled
                or l.cancel_requested > l.to_pick + l.picked + l.packed
                or least(l.to_pick, l.picked, l.packed, l.cancel_requested, l.shipped, l.short,
                         l.cancelled) < 0)
    from fulfillment.lines l
    join fulfillment.orders o on o.tenant_id = %(tenant)s and o.id = l.fulfillment_order_id
    where l.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
STATUSES = sql(
    "check_statuses",
    """
    select count(*)::int, array_agg(o.number || ' is ' || o.status order by o.number)
        filter (where o.status is distinct from case
            when o.status = 'rejected' then
                case when l.open + l.picked + l.shipped = 0 then 'rejected' end
            when coalesce(l.open, 0) = 0 then
                case when l.shipped > 0 then 'done' else 'cancelled' end
            when o.status in ('planned', 'released') then
                case when l.begun = 0 then o.status end
            when l.to_pick > 0 then 'accepted'
            when l.picked > 0 then 'picked'
            when o.method = 'pickup' then 'ready'
            else 'packed' end)
    from fulfillment.orders o
    left join (
        select fulfillment_order_id, sum(to_pick) as to_pick, sum(picked) as picked,
               sum(shipped) as shipped, sum(to_pick + picked + packed) as open,
               sum(picked + packed + shipped + short) as begun
        from fulfillment.lines where tenant_id = %(tenant)s group by fulfillment_order_id
    ) l on l.fulfillment_order_id = o.id
    where o.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
RECALLS = sql(
    "check_recalls",
    """
    select count(*)::int, array_agg(o.number order by o.number)
        filter (where (o.recall = 'requested') <> (coalesce(l.asked, 0) > 0)
                or o.recall = 'requested' and o.recall_by is null)
    from fulfillment.orders o
    left join (
        select fulfillment_order_id, sum(cancel_requested) as asked
        from fulfillment.lines where tenant_id = %(tenant)s group by fulfillment_order_id
    ) l on l.fulfillment_order_id = o.id
    where o.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
CONTENTS = sql(
    "check_contents",
    """
    select count(*)::int, array_agg(o.number || ' line ' || l.order_line order by o.number)
        filter (where l.shipped <> coalesce(c.sent, 0) or l.packed <> coalesce(c.waiting, 0))
    from fulfillment.lines l
    join fulfillment.orders o on o.tenant_id = %(tenant)s and o.id = l.fulfillment_order_id
    left join (
        select p.fulfillment_order_id, i.order_line,
               sum(i.quantity) filter (where p.shipment_id is not null
                   or w.method = 'pickup' and w.status = 'done') as sent,
               sum(i.quantity) filter (where p.shipment_id is null
                   and w.status not in ('done', 'cancelled')) as waiting
        from fulfillment.packages p
        join fulfillment.orders w on w.tenant_id = %(tenant)s and w.id = p.fulfillment_order_id
        join fulfillment.package_lines i on i.tenant_id = %(tenant)s and i.package_id = p.id
        where p.tenant_id = %(tenant)s group by p.fulfillment_order_id, i.order_line
    ) c on c.fulfillment_order_id = l.fulfillment_order_id and c.order_line = l.order_line
    where l.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
PICKUP_CODES = sql(
    "check_pickup_codes",
    """
    select count(*)::int, array_agg(number order by number) filter (where pickup_hash is null)
    from fulfillment.orders where tenant_id = %(tenant)s and status = 'ready'
    """,
    scans=_ALL,
)
ORPHANS = sql(
    "check_orphans",
    """
    select count(*)::int, array_agg(part.name order by part.name)
        filter (where part.whole is null)
    from (
        select 'line ' || l.order_line || ' of ' || l.fulfillment_order_id as name, o.id as whole
        from fulfillment.lines l
        left join fulfillment.orders o
          on o.tenant_id = %(tenant)s and o.id = l.fulfillment_order_id
        where l.tenant_id = %(tenant)s
        union all
        select 'order ' || o.number, l.fulfillment_order_id
        from fulfillment.orders o
        left join (select distinct fulfillment_order_id from fulfillment.lines
                   where tenant_id = %(tenant)s) l on l.fulfillment_order_id = o.id
        where o.tenant_id = %(tenant)s
        union all
        select 'package ' || p.id, least(i.package_id, o.id)
        from fulfillment.packages p
        left join fulfillment.orders o on o.tenant_id = %(tenant)s and o.id = p.fulfillment_order_id
        left join (select distinct package_id from fulfillment.package_lines
                   where tenant_id = %(tenant)s) i on i.package_id = p.id
        where p.tenant_id = %(tenant)s
        union all
        select 'contents of package ' || i.package_id, l.fulfillment_order_id
        from fulfillment.package_lines i
        left join fulfillment.packages p on p.tenant_id = %(tenant)s and p.id = i.package_id
        left join fulfillment.lines l on l.tenant_id = %(tenant)s
          and l.fulfillment_order_id = p.fulfillment_order_id and l.order_line = i.order_line
        where i.tenant_id = %(tenant)s
    ) part
    """,
    scans=_ALL,
)

_CHECKS: tuple[tuple[str, Statement], ...] = (
    ("each unit of a fulfillment line is in one place", LINE_SUMS),
    ("a fulfillment order's status is what its units say", STATUSES),
    ("a recall is open exactly while units are asked back", RECALLS),
    ("packages hold what is packed and what was shipped", CONTENTS),
    ("a pick-up that is ready has a code", PICKUP_CODES),
    ("no line, package or content without its fulfillment order", ORPHANS),
)


def verify(tx: Tx) -> list[Check]:
    """Every invariant of the module, looked at in every row of this tenant."""
    return [checked(tx, name, statement) for name, statement in _CHECKS]
