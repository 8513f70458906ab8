"""`baton verify`: every promise that the database can be asked about, with the rows it read.

Each module checks its own tables; what spans modules is checked here. A promise over no rows
proves nothing and is reported as such by whoever reads the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baton import (
    access,
    catalog,
    channels,
    customers,
    fulfillment,
    inventory,
    locations,
    notifications,
    orders,
    payments,
    returns,
    shipping,
)
from baton.orders import rules
from baton.platform import journal
from baton.platform.db import Statements, Tx, checked
from baton.values.check import Check

sql = Statements("views")

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, the rows it was checked on, and where it does not hold."""

    module: str
    name: str
    rows: int
    failures: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.failures


RELEASED = sql(
    "released_units",
    """
    with work as (
        select f.order_id, w.order_line, sum(w.to_pick + w.picked + w.packed)::bigint as units
        from fulfillment.orders f
        join fulfillment.lines w on w.tenant_id = %(tenant)s and w.fulfillment_order_id = f.id
        where f.tenant_id = %(tenant)s and f.status not in ('planned', 'rejected', 'cancelled')
        group by f.order_id, w.order_line
    )
    select count(*), array_agg(l.order_id::text || '/' || l.line_no || ': released ' || l.released
               || ', at locations ' || coalesce(w.units, 0))
           filter (where l.released <> coalesce(w.units, 0))
    from orders.lines l
    left join work w on w.order_id = l.order_id and w.order_line = l.line_no
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
SHIPPED = sql(
    "shipped_units",
    """
    with sent as (
        select s.order_id, x.order_line, sum(x.quantity)::bigint as units
        from shipping.shipments s
        join shipping.shipment_lines x on x.tenant_id = %(tenant)s and x.shipment_id = s.id
        where s.tenant_id = %(tenant)s and s.shipped_at is not null and s.status <> 'voided'
        group by s.order_id, x.order_line
    )
    select count(*), array_agg(l.order_id::text || '/' || l.line_no || ': shipped ' || l.shipped
               || ', in shipments ' || coalesce(s.units, 0))
           filter (where l.kind = 'goods' and l.shipped <> coalesce(s.units, 0))
    from orders.lines l
    left join sent s on s.order_id = l.order_id and s.order_line = l.line_no
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
PROMISED = sql(
    "promised_units",
    """
    with held as (
        select r.owner_id, r.owner_line, sum(r.quantity)::bigint as units,
               sum(r.quantity) filter (
                   where r.location_id <> '00000000-0000-0000-0000-000000000000')::bigint as placed
        from inventory.reservations r
        where r.tenant_id = %(tenant)s and r.owner_kind = 'order'
        group by r.owner_id, r.owner_line
    )
    select count(*), array_agg(l.order_id::text || '/' || l.line_no || ': promised '
               || l.reserved + l.allocated + l.released || ', reserved in stock '
               || coalesce(h.units, 0))
           filter (where l.reserved + l.allocated + l.released <> coalesce(h.units, 0)
                      or l.allocated + l.released <> coalesce(h.placed, 0))
    from orders.lines l
    left join held h on h.owner_id = l.order_id and h.owner_line = l.line_no
    where l.tenant_id = %(tenant)s and l.kind = 'goods'
    """,
    scans="verify reads all",
)
MOVED = sql(
    "moved_units",
    """
    with moved as (
        select m.document_id, sum(-m.on_hand)::bigint as units
        from inventory.movements m
        where m.tenant_id = %(tenant)s and m.kind = 'ship' group by m.document_id
    ), sent as (
        select s.id, s.number, coalesce(sum(x.quantity) filter (where l.kind = 'goods'), 0)::bigint
               as units
        from shipping.shipments s
        join shipping.shipment_lines x on x.tenant_id = %(tenant)s and x.shipment_id = s.id
        join orders.lines l on l.tenant_id = %(tenant)s and l.order_id = s.order_id
            and l.line_no = x.order_line
        where s.tenant_id = %(tenant)s and s.shipped_at is not null and s.method <> 'history'
          and s.status <> 'voided'
        group by s.id, s.number
    )
    select count(*), array_agg(s.number || ': shipped ' || s.units || ', moved '
               || coalesce(m.units, 0)) filter (where s.units <> coalesce(m.units, 0))
    from sent s left join moved m on m.document_id = s.id
    """,
    scans="verify reads all",
)
ORPHANS = sql(
    "orphans",
    """
    select count(*), array_agg(kind || ' of order ' || order_id) filter (where missing) from (
        select 'line' as kind, l.order_id, o.id is null as missing from orders.lines l
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = l.order_id
        where l.tenant_id = %(tenant)s
        union all
        select 'fulfillment order', f.order_id, o.id is null from fulfillment.orders f
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = f.order_id
        where f.tenant_id = %(tenant)s
        union all
        select 'shipment', s.order_id, o.id is null from shipping.shipments s
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = s.order_id
        where s.tenant_id = %(tenant)s
        union all
        select 'payment', p.order_id, o.id is null from payments.payments p
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = p.order_id
        where p.tenant_id = %(tenant)s
        union all
        select 'message', m.order_id, o.id is null from notifications.messages m
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = m.order_id
        where m.tenant_id = %(tenant)s
        union all
        select 'rating', r.order_id, o.id is null from notifications.ratings r
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = r.order_id
        where r.tenant_id = %(tenant)s
    ) children
    """,
    scans="verify reads all",
)
GAPS = sql(
    "journal_gaps",
    """
    select count(*), array_agg(subject_id::text || ': ' || entries || ' facts, the last is '
               || last) filter (where entries <> last)
    from (select e.subject_id, count(*) as entries, max(e.seq) as last from journal.entries e
          where e.tenant_id = %(tenant)s group by e.subject_id) subjects
    """,
    scans="verify reads all",
)
DENSE = sql(
    "journal_dense",
    """
    select count(e.no), case when count(e.no) <> coalesce(max(e.no), 0)
        then array['numbers have a gap: ' || count(e.no) || ' entries, the last is ' || max(e.no)]
        end
    from journal.entries e where e.tenant_id = %(tenant)s and e.no is not null
    """,
    scans="verify reads all",
)
LAST_STATE = sql(
    "last_states",
    """
    with last as (
        select distinct on (e.subject_id) e.subject_id, e.data['status'] #>> '{}' as status
        from journal.entries e
        where e.tenant_id = %(tenant)s and e.subject = 'order' and e.fact >= 'orders.'
          and e.fact < 'orders/'
        order by e.subject_id, e.seq desc
    )
    select count(*), array_agg(o.number || ': ' || o.status || ', its last fact says '
               || coalesce(last.status, 'nothing'))
           filter (where o.status <> coalesce(last.status, ''))
    from orders.orders o left join last on last.subject_id = o.id
    where o.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
ORDER_MONEY = sql(
    "order_money",
    """
    with goods as (
        select l.order_id, sum(l.total)::bigint as total from orders.lines l
        where l.tenant_id = %(tenant)s group by l.order_id
    ), charges as (
        select c.order_id, sum(c.amount)::bigint as amount, sum(c.tax)::bigint as tax
        from orders.charges c where c.tenant_id = %(tenant)s group by c.order_id
    )
    select count(*), array_agg(o.number || ': lines and charges sum to '
               || coalesce(g.total, 0) + coalesce(c.amount, 0)
                  + case when o.prices_include_tax then 0 else coalesce(c.tax, 0) end
               || ', the total is ' || o.total_minor)
           filter (where o.total_minor <> coalesce(g.total, 0) + coalesce(c.amount, 0)
                      + case when o.prices_include_tax then 0 else coalesce(c.tax, 0) end)
    from orders.orders o
    left join goods g on g.order_id = o.id
    left join charges c on c.order_id = o.id
    where o.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
HELD = sql(
    "held_releases",
    """
    select count(*), array_agg(o.number || ': released while a hold was open')
           filter (where exists (
               select from fulfillment.orders f
               where f.tenant_id = %(tenant)s and f.order_id = h.order_id
                 and f.released_at > h.placed_at
                 and f.released_at < coalesce(h.resolved_at, 'infinity')))
    from orders.holds h
    join orders.orders o on o.tenant_id = %(tenant)s and o.id = h.order_id
    where h.tenant_id = %(tenant)s and 'release' = any(h.blocks)
    """,
    scans="verify reads all",
)

TOLD = sql(
    "messages_told",
    """
    with told as (
        select e.data['message_id'] #>> '{}' as id, count(*) as times from journal.entries e
        where e.tenant_id = %(tenant)s and e.subject = 'order' and e.fact = 'notifications.sent'
        group by e.data['message_id'] #>> '{}'
    )
    select count(*), array_agg('message ' || m.id::text || ': ' || m.state || ', said to be sent '
               || coalesce(t.times, 0) || ' times')
           filter (where coalesce(t.times, 0) <> case when m.state = 'sent' then 1 else 0 end)
    from notifications.messages m left join told t on t.id = m.id::text
    where m.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)

_SPANNING = {
    "I4 released units of a line are those at locations": RELEASED,
    "I2 promised units of a line are reserved in stock": PROMISED,
    "I3 each shipment has exactly its movements": MOVED,
    "I4 shipped units of a line are those in shipments": SHIPPED,
    "money: lines and charges sum to the total": ORDER_MONEY,
    "I8 the status is that of the last fact": LAST_STATE,
    "I9 each subject's facts are numbered without a gap": GAPS,
    "I9 the journal's numbers are dense": DENSE,
    "I11 nothing was released while a hold blocked it": HELD,
    "I7 each message is sent at most once": TOLD,
    "I13 every row has its order": ORPHANS,
}


def _chain(tx: Tx) -> list[Check]:
    rows, wrong = journal.check(tx)
    return [Check("I12 the chain is intact up to its head", rows, tuple(wrong))]


def _statuses(tx: Tx) -> list[Check]:
    """I16 and the sum of the buckets, with the very functions that the program uses."""
    rows, wrong = 0, list[str]()
    for page in orders.pages(tx):
        for order in page:
            rows += 1
            if rules.status(order.lines) is not order.header.status:
                wrong.append(f"{order.number}: {order.header.status} is stored")
            if rules.health(order.holds, order.exceptions) is not order.header.health:
                wrong.append(f"{order.number}: health {order.header.health} is stored")
            wrong += [
                f"{order.number}/{line.line_no}: buckets sum to {rules.bucket_sum(line)}"
                for line in order.lines
                if rules.bucket_sum(line) != line.ordered
            ]
    return [Check("I16 stored statuses are those derived anew", rows, tuple(wrong))]


def _spanning(tx: Tx) -> list[Check]:
    return [checked(tx, name, statement) for name, statement in _SPANNING.items()]


_CHECKS: dict[str, Callable[[Tx], list[Check]]] = {
    "journal": _chain,
    "orders": _statuses,
    "views": _spanning,
    "access": access.verify,
    "catalog": catalog.verify,
    "channels": channels.verify,
    "customers": customers.verify,
    "fulfillment": fulfillment.verify,
    "inventory": inventory.verify,
    "locations": locations.verify,
    "notifications": notifications.verify,
    "payments": payments.verify,
    "returns": returns.verify,
    "shipping": shipping.verify,
}


def verify(tx: Tx) -> list[Promise]:
    """Every promise of this tenant's data, in the order of the modules."""
    return [
        Promise(module, found.name, found.rows, found.failures[:_SHOWN])
        for module, check in _CHECKS.items()
        for found in check(tx)
    ]
