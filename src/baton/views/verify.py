"""`baton verify`: every promise that the database can be asked about, with the rows it read.

Each module checks its own tables; what spans modules is checked here. A promise over no rows
proves nothing and is reported as such by whoever reads the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baton import (
    access,
    accounting,
    catalog,
    channels,
    customers,
    fulfillment,
    inventory,
    invoicing,
    locations,
    notifications,
    orders,
    payments,
    returns,
    shipping,
    stored_value,
    tax,
)
from baton.orders import rules
from baton.platform import journal
from baton.platform.db import Statements, Tx, checked
from baton.values.check import Check
from baton.views import book_keeping
from baton.views.billing_promises import BILLING_PROMISES, lines_billed
from baton.views.change_promises import CHANGE_PROMISES
from baton.views.tax_promises import TAX_PROMISES
from baton.views.told import TOLD

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
RETURNED = sql(
    "returned_units",
    """
    with came as (
        select r.order_id, l.order_line, sum(l.received)::bigint as units
        from returns.rmas r
        join returns.rma_lines l on l.tenant_id = %(tenant)s and l.rma_id = r.id
        where r.tenant_id = %(tenant)s group by r.order_id, l.order_line
    ), told as (
        select l.order_id, l.order_line, sum(l.quantity)::bigint as units
        from returns.lines l
        where l.tenant_id = %(tenant)s and l.order_line is not null
        group by l.order_id, l.order_line
    )
    select count(*), array_agg(l.order_id::text || '/' || l.line_no || ': returned ' || l.returned
               || ', received ' || coalesce(c.units, 0))
           filter (where l.returned < coalesce(c.units, 0)
                      or l.returned > coalesce(c.units, 0) + coalesce(t.units, 0))
    from orders.lines l
    left join came c on c.order_id = l.order_id and c.order_line = l.line_no
    left join told t on t.order_id = l.order_id and t.order_line = l.line_no
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
RETURNS_MOVED = sql(
    "returns_moved",
    """
    with wanted as (
        select r.id, 'return' as kind, l.units
        from returns.receipts r
        join returns.receipt_lines l on l.tenant_id = %(tenant)s and l.receipt_id = r.id
        where r.tenant_id = %(tenant)s and r.parcel_id is null
        union all
        select p.id, 'return', l.units
        from returns.parcels p
        join returns.parcel_lines l on l.tenant_id = %(tenant)s and l.parcel_id = p.id
        where p.tenant_id = %(tenant)s
        union all
        select g.id, case g.disposition when 'donate' then 'donation'
                         when 'return_to_vendor' then 'vendor_return'
                         else g.disposition end, g.units
        from returns.gradings g
        where g.tenant_id = %(tenant)s and g.disposition not in ('', 'refurbish', 'repair')
    ), sums as (
        select w.id, w.kind, sum(w.units)::bigint as units from wanted w group by w.id, w.kind
    ), moved as (
        select d.document_id, sum(d.quantity)::bigint as units,
               count(m.id) as movements, count(*) as lines
        from inventory.document_lines d
        left join inventory.movements m on m.tenant_id = %(tenant)s
            and m.document_id = d.document_id and m.document_line = d.line_no
        where d.tenant_id = %(tenant)s group by d.document_id
    )
    select count(*), array_agg(s.kind || ' ' || s.id || ': ' || s.units || ' units, moved '
               || coalesce(m.units, 0))
           filter (where s.units <> coalesce(m.units, 0) or m.movements <> m.lines)
    from sums s left join moved m on m.document_id = s.id
    """,
    scans="verify reads all",
)
RETURNED_MONEY = sql(
    "returned_money",
    """
    with back as (
        select e.subject_id, sum(e.amount)::bigint as amount
        from payments.effects e
        where e.tenant_id = %(tenant)s and e.kind = 'refund' and e.state <> 'declined'
        group by e.subject_id
    )
    select count(*), array_agg(s.id::text || ': brings ' || s.amount_minor - s.bonus_minor
               || ', given back ' || b.amount)
           filter (where b.amount > s.amount_minor - s.bonus_minor - s.exchanged_minor)
    from returns.settlements s left join back b on b.subject_id = s.id
    where s.tenant_id = %(tenant)s
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
        select 'tax', d.order_id, o.id is null from tax.determinations d
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = d.order_id
        where d.tenant_id = %(tenant)s
        union all
        select 'message', m.order_id, o.id is null from notifications.messages m
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = m.order_id
        where m.tenant_id = %(tenant)s
        union all
        select 'rating', r.order_id, o.id is null from notifications.ratings r
        left join orders.orders o on o.tenant_id = %(tenant)s and o.id = r.order_id
        where r.tenant_id = %(tenant)s
        union all
        select 'return', r.order_id, o.id is null from returns.rmas r
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

OWN_MONEY = sql(
    "own_money",
    """
    with asked as (
        select e.id, case e.kind when 'capture' then 'redeemed' else 'returned' end as cause,
               case e.kind when 'capture' then -e.amount else e.amount end as amount
        from payments.effects e
        join payments.payments p on p.tenant_id = %(tenant)s and p.id = e.payment_id
        where e.tenant_id = %(tenant)s and e.state = 'succeeded' and (
            e.via = 'store_credit'
            or e.via = '' and p.provider in ('gift_card', 'store_credit')
               and (e.kind = 'refund' or e.kind = 'capture' and e.provider_ref <> ''))
          and e.kind in ('capture', 'refund')
    ), booked as (
        select n.subject_id as id, n.cause, n.amount from stored_value.entries n
        where n.tenant_id = %(tenant)s and n.cause in ('redeemed', 'returned')
    )
    select count(*), array_agg(coalesce(a.id, b.id)::text || ': a payment says '
               || coalesce(a.amount, 0) || ', the account ' || coalesce(b.amount, 0))
           filter (where coalesce(a.amount, 0) <> coalesce(b.amount, 0))
    from asked a full join booked b on b.id = a.id and b.cause = a.cause
    """,
    scans="verify reads all",
)
OWN_HOLDS = sql(
    "own_holds",
    """
    select count(*), array_agg(p.id::text || ': the payment may take '
               || p.authorised - p.captured - p.voided || ', held are ' || coalesce(h.amount, 0))
           filter (where p.authorised - p.captured - p.voided <> coalesce(h.amount, 0)
                     and not exists (
                         select from payments.effects e
                         where e.tenant_id = %(tenant)s and e.payment_id = p.id
                           and e.kind = 'void' and e.state = 'requested'))
    from payments.payments p
    left join (
        select s.holder_id, sum(s.amount)::bigint as amount from stored_value.holds s
        where s.tenant_id = %(tenant)s group by s.holder_id
    ) h on h.holder_id = p.id
    where p.tenant_id = %(tenant)s and p.provider in ('gift_card', 'store_credit')
    """,
    scans="verify reads all",
)

_SPANNING = {
    "I4 released units of a line are those at locations": RELEASED,
    "I2 promised units of a line are reserved in stock": PROMISED,
    "I3 each shipment has exactly its movements": MOVED,
    "I4 shipped units of a line are those in shipments": SHIPPED,
    "I3 each receipt and disposal of returned goods moved its stock once": RETURNS_MOVED,
    "I4 returned units of a line are those received or reported": RETURNED,
    "I5 no more is given back for a return than it brings": RETURNED_MONEY,
    "money: lines and charges sum to the total": ORDER_MONEY,
    **BILLING_PROMISES,
    "I7 what gift cards and store credit paid or got back is in their ledger": OWN_MONEY,
    "I5 gift cards and store credit hold what payments may still take": OWN_HOLDS,
    **TAX_PROMISES,
    **CHANGE_PROMISES,
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
    "books": book_keeping.verify,
    "billing": lines_billed,
    "access": access.verify,
    "accounting": accounting.verify,
    "catalog": catalog.verify,
    "channels": channels.verify,
    "customers": customers.verify,
    "fulfillment": fulfillment.verify,
    "inventory": inventory.verify,
    "invoicing": invoicing.verify,
    "locations": locations.verify,
    "notifications": notifications.verify,
    "payments": payments.verify,
    "returns": returns.verify,
    "shipping": shipping.verify,
    "stored_value": stored_value.verify,
    "tax": tax.verify,
}


def verify(tx: Tx) -> list[Promise]:
    """Every promise of this tenant's data, in the order of the modules."""
    return [
        Promise(module, found.name, found.rows, found.failures[:_SHOWN])
        for module, check in _CHECKS.items()
        for found in check(tx)
    ]
