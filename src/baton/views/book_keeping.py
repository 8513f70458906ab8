"""Whether the books say what the other modules do: the sums that span them."""

from __future__ import annotations

from datetime import timedelta

from baton.accounting.model import BOOKED
from baton.platform.db import Statements, Tx, checked
from baton.values.check import Check

sql = Statements("views")

_ALL = "verify reads all"
PATIENCE = timedelta(hours=1)

NOTED = sql(
    "noted_facts",
    """
    select count(*), array_agg(e.fact || ' ' || e.id || ' was not noted')
           filter (where s.entry_id is null)
    from journal.entries e
    left join accounting.sources s on s.tenant_id = %(tenant)s and s.entry_id = e.id
    where e.tenant_id = %(tenant)s and e.no is not null and e.fact = any(%(facts)s)
    """,
    scans=_ALL,
)
TIMELY = sql(
    "timely_entries",
    """
    select count(*), array_agg(s.fact || ' ' || s.entry_id || ' waits since ' || s.at)
           filter (where s.state = 'waiting' and s.at < %(before)s)
    from accounting.sources s where s.tenant_id = %(tenant)s
    """,
    scans=_ALL,
)
RECEIVED = sql(
    "received_money",
    """
    with paid as (
        select p.order_id,
               sum(case when p.provider <> 'external' then p.captured
                        when o.mode = 'live' then p.amount else 0 end)::bigint as came,
               sum(p.refunded)::bigint as went
        from payments.payments p
        join orders.orders o on o.tenant_id = %(tenant)s and o.id = p.order_id
        where p.tenant_id = %(tenant)s group by p.order_id
    ), elsewhere as (
        select e.subject_id as order_id, sum((e.data['amount_minor'])::bigint)::bigint as came
        from journal.entries e
        where e.tenant_id = %(tenant)s and e.fact = 'payments.receivable_paid'
          and e.data['how'] #>> '{}' = 'paid_elsewhere' group by e.subject_id
    ), open as (
        select distinct s.subject_id from accounting.sources s
        where s.tenant_id = %(tenant)s and s.state = any('{waiting,parked}')
    ), late as (
        select distinct e.subject_id from journal.entries e
        where e.tenant_id = %(tenant)s and e.no is null and e.subject = 'order'
    )
    select count(*), array_agg(coalesce(p.order_id, a.order_id) || ': payments say '
               || coalesce(p.came - p.went, 0) + coalesce(x.came, 0) || ', the books '
               || coalesce(a.received, 0))
           filter (where coalesce(p.came - p.went, 0) + coalesce(x.came, 0)
                      <> coalesce(a.received, 0))
    from paid p
    full join (select a.order_id, a.received from accounting.order_accounts a
               where a.tenant_id = %(tenant)s) a on a.order_id = p.order_id
    left join elsewhere x on x.order_id = coalesce(p.order_id, a.order_id)
    where not exists (select from open where open.subject_id = coalesce(p.order_id, a.order_id))
      and not exists (select from late where late.subject_id = coalesce(p.order_id, a.order_id))
    """,
    scans=_ALL,
)
IN_STOCK = sql(
    "valued_units",
    """
    with lying as (
        select p.legal_entity_id, l.sku_id, sum(l.on_hand)::bigint as units
        from inventory.levels l
        join locations.locations p on p.tenant_id = %(tenant)s and p.id = l.location_id
        where l.tenant_id = %(tenant)s group by p.legal_entity_id, l.sku_id
    ), moving as (
        select p.legal_entity_id, x.sku_id, sum(greatest(x.sent - x.received, 0))::bigint as units
        from inventory.documents d
        join inventory.document_lines x on x.tenant_id = %(tenant)s and x.document_id = d.id
        join locations.locations p on p.tenant_id = %(tenant)s and p.id = d.location_id
        where d.tenant_id = %(tenant)s and d.kind = 'transfer' and d.state = 'in_transit'
        group by p.legal_entity_id, x.sku_id
    ), there as (
        select t.legal_entity_id, t.sku_id, sum(t.units)::bigint as units
        from (select * from lying union all select * from moving) t
        group by t.legal_entity_id, t.sku_id
    ), settled as (
        select not exists (select from accounting.sources s
                           where s.tenant_id = %(tenant)s and s.state = any('{waiting,parked}'))
           and not exists (select from journal.entries e
                           where e.tenant_id = %(tenant)s and e.no is null) as yes
    )
    select count(*), array_agg(coalesce(t.sku_id, p.sku_id) || ': in stock are '
               || coalesce(t.units, 0) || ', the books hold ' || coalesce(p.units, 0))
           filter (where coalesce(t.units, 0) <> coalesce(p.units, 0))
    from there t
    full join (select p.legal_entity_id, p.sku_id, p.units from accounting.pools p
               where p.tenant_id = %(tenant)s) p
      on p.legal_entity_id = t.legal_entity_id and p.sku_id = t.sku_id
    where (select yes from settled)
    """,
    scans=_ALL,
)
STORED_VALUE = sql(
    "stored_value_owed",
    """
    with kept as (
        select a.kind, a.currency, sum(a.balance)::bigint as balance
        from stored_value.accounts a where a.tenant_id = %(tenant)s group by a.kind, a.currency
    ), booked as (
        select p.code as kind, p.currency, sum(-p.amount)::bigint as balance
        from accounting.pots p
        where p.tenant_id = %(tenant)s
          and p.key = any('{gift_card.liability,store_credit.liability}')
        group by p.code, p.currency
    ), settled as (
        select not exists (select from accounting.sources s
                           where s.tenant_id = %(tenant)s and s.state = any('{waiting,parked}'))
           and not exists (select from journal.entries e
                           where e.tenant_id = %(tenant)s and e.no is null) as yes
    )
    select count(*), array_agg(coalesce(k.kind, b.kind) || ' in '
               || coalesce(k.currency, b.currency) || ': buyers hold ' || coalesce(k.balance, 0)
               || ', the books owe ' || coalesce(b.balance, 0))
           filter (where coalesce(k.balance, 0) <> coalesce(b.balance, 0))
    from kept k full join booked b on b.kind = k.kind and b.currency = k.currency
    where (select yes from settled)
    """,
    scans=_ALL,
)


def verify(tx: Tx) -> list[Check]:
    """Facts are booked, and what the books hold is what payments and stock have.

    What waits to be booked is left out: an order whose facts are under way proves nothing yet.
    """
    facts = sorted(BOOKED)
    return [
        checked(tx, "I9 each fact that changes the books was noted", NOTED, facts=facts),
        checked(tx, "I9 nothing waits for long to be booked", TIMELY, before=tx.now - PATIENCE),
        checked(tx, "I6 the books received what was captured and not refunded", RECEIVED),
        checked(tx, "I15 the books value the units that there are", IN_STOCK),
        checked(tx, "I15 the books owe what gift cards and store credit hold", STORED_VALUE),
    ]
