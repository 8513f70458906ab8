"""SQL of `verify`: each statement counts what it looked at and names what doesn't hold."""

from __future__ import annotations

from baton.platform.db import Statement, Statements, Tx, checked
from baton.values.check import Check

sql = Statements("shipping")

_ALL = "verify reads everything"

LABELS = sql(
    "check_labels",
    """
    select count(*)::int, array_agg('package ' || package_id order by package_id)
        filter (where (state in ('bought', 'voided'))
                      <> (tracking_no <> '' and document is not null)
                   or (state = 'requested') <> (settled_at is null)
                   or state in ('requested', 'refused') and cost_minor <> 0)
    from shipping.labels where tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
STATUSES = sql(
    "check_statuses",
    """
    select count(*)::int, array_agg(s.number || ' is ' || s.status order by s.number)
        filter (where case s.status
            when 'voided' then s.method <> 'ship' or s.shipped_at is not null
            when 'labelling' then s.method <> 'ship' or s.shipped_at is not null
                 or coalesce(l.requested, 0) = 0 or l.refused > 0
            when 'label_failed' then s.method <> 'ship' or s.shipped_at is not null
                 or coalesce(l.refused, 0) = 0
            else s.shipped_at is null
                 or s.method = 'ship' and (coalesce(l.bought, 0) = 0 or l.bought < l.all_of_them)
                 or s.method <> 'ship' and l.all_of_them > 0
                 or (s.status = 'delivered') <> (s.delivered_at is not null) end)
    from shipping.shipments s
    left join (
        select shipment_id, count(*) as all_of_them,
               count(*) filter (where state = 'requested') as requested,
               count(*) filter (where state = 'refused') as refused,
               count(*) filter (where state = 'bought') as bought
        from shipping.labels where tenant_id = %(tenant)s group by shipment_id
    ) l on l.shipment_id = s.id
    where s.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
COSTS = sql(
    "check_costs",
    """
    select count(*)::int, array_agg(s.number order by s.number)
        filter (where s.cost_minor <> coalesce(l.cost_minor, 0))
    from shipping.shipments s
    left join (
        select shipment_id, sum(cost_minor) as cost_minor
        from shipping.labels where tenant_id = %(tenant)s and state = 'bought'
        group by shipment_id
    ) l on l.shipment_id = s.id
    where s.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
LINES = sql(
    "check_lines",
    """
    select count(*)::int, array_agg(s.number order by s.number)
        filter (where l.shipment_id is null)
    from shipping.shipments s
    left join (select distinct shipment_id from shipping.shipment_lines
               where tenant_id = %(tenant)s) l on l.shipment_id = s.id
    where s.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
ORPHANS = sql(
    "check_orphans",
    """
    select count(*)::int, array_agg(part.name order by part.name) filter (where s.id is null)
    from (
        select shipment_id, 'line ' || order_line || ' of ' || shipment_id as name
        from shipping.shipment_lines where tenant_id = %(tenant)s
        union all
        select shipment_id, 'label of package ' || package_id
        from shipping.labels where tenant_id = %(tenant)s
        union all
        select shipment_id, 'event ' || event_key || ' of ' || shipment_id
        from shipping.tracking_events where tenant_id = %(tenant)s
    ) part
    left join shipping.shipments s on s.tenant_id = %(tenant)s and s.id = part.shipment_id
    """,
    scans=_ALL,
)

_CHECKS: tuple[tuple[str, Statement], ...] = (
    ("a label has a number and a document exactly when it was bought", LABELS),
    ("a shipment's status is what its labels say", STATUSES),
    ("a shipment costs what its labels cost", COSTS),
    ("a shipment has lines", LINES),
    ("no line, label or event without its shipment", ORPHANS),
)


def checks(tx: Tx) -> list[Check]:
    """What SQL alone can check, looked at in every row of this tenant."""
    return [checked(tx, name, statement) for name, statement in _CHECKS]
