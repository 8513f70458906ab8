"""What must hold between entries, balances, and what they lean on; over all rows of a tenant."""

from __future__ import annotations

from baton.platform.db import Statements, Tx, checked
from baton.values.check import Check

sql = Statements("accounting")

_ALL = "verify reads all"

BALANCED = sql(
    "verify_balanced",
    """
    select count(*), array_agg(e.legal_entity_id || ' entry ' || e.no || ': ' || e.amount || ' '
               || e.currency || ', ' || e.base || ' in base currency')
           filter (where e.amount <> 0 or e.base <> 0 or e.strange)
    from (select e.legal_entity_id, e.no, e.currency, coalesce(sum(l.amount), 0) as amount,
                 coalesce(sum(l.base), 0) as base,
                 count(l.entry_id) = 0 or bool_or(
                     l.currency <> e.currency or l.legal_entity_id <> e.legal_entity_id
                     or l.entry_no <> e.no or l.booked_on <> e.booked_on
                     or e.currency = e.base_currency and l.amount <> l.base) as strange
          from accounting.entries e
          left join accounting.lines l on l.tenant_id = %(tenant)s and l.entry_id = e.id
          where e.tenant_id = %(tenant)s
          group by e.id, e.legal_entity_id, e.no, e.currency) e
    """,
    scans=_ALL,
)
NUMBERED = sql(
    "verify_numbered",
    """
    select count(*), array_agg(b.legal_entity_id || ': ' || b.entries || ' entries, the last is '
               || b.last || ', the next would be ' || b.next_no)
           filter (where b.entries <> b.last or b.next_no <> b.last + 1)
    from (select b.legal_entity_id, b.next_no, count(e.no) as entries,
                 coalesce(max(e.no), 0) as last
          from accounting.books b
          left join accounting.entries e
            on e.tenant_id = %(tenant)s and e.legal_entity_id = b.legal_entity_id
          where b.tenant_id = %(tenant)s group by b.legal_entity_id, b.next_no) b
    """,
    scans=_ALL,
)
MONTHLY = sql(
    "verify_monthly",
    """
    select count(*), array_agg(coalesce(b.account, l.account) || ' in '
               || coalesce(b.month, l.month) || ': the balance differs from its lines')
           filter (where (b.debit, b.credit, b.base_debit, b.base_credit)
               is distinct from (l.debit, l.credit, l.base_debit, l.base_credit))
    from (select b.legal_entity_id, b.month, b.account, b.currency, b.debit::numeric as debit,
                 b.credit::numeric as credit, b.base_debit::numeric as base_debit,
                 b.base_credit::numeric as base_credit
          from accounting.balances b where b.tenant_id = %(tenant)s) b
    full join (select l.legal_entity_id, date_trunc('month', l.booked_on)::date as month,
                      l.account, l.currency, sum(greatest(l.amount, 0)) as debit,
                      sum(greatest(-l.amount, 0)) as credit, sum(greatest(l.base, 0)) as base_debit,
                      sum(greatest(-l.base, 0)) as base_credit
               from accounting.lines l where l.tenant_id = %(tenant)s group by 1, 2, 3, 4) l
      on b.legal_entity_id = l.legal_entity_id and b.month = l.month and b.account = l.account
     and b.currency = l.currency
    """,
    scans=_ALL,
)
LAYERED = sql(
    "verify_layers",
    """
    select count(*), array_agg(coalesce(p.sku_id, l.sku_id) || ': ' || coalesce(p.units, 0)
               || ' units worth ' || coalesce(p.value, 0) || ', its layers hold '
               || coalesce(l.units, 0) || ' worth ' || coalesce(l.value, 0))
           filter (where coalesce(p.units, 0) <> coalesce(l.units, 0)
                      or coalesce(p.value, 0) <> coalesce(l.value, 0)
                      or l.least < 0 and l.most > 0)
    from (select p.legal_entity_id, p.sku_id, p.units, p.value
          from accounting.pools p where p.tenant_id = %(tenant)s) p
    full join (select l.legal_entity_id, l.sku_id, sum(l.units) as units, sum(l.value) as value,
                      min(l.units) as least, max(l.units) as most
               from accounting.layers l where l.tenant_id = %(tenant)s
               group by l.legal_entity_id, l.sku_id) l
      on p.legal_entity_id = l.legal_entity_id and p.sku_id = l.sku_id
    """,
    scans=_ALL,
)
# Entries by hand and their reversals are the merchant's own: they belong to no ledger below.
STOCK = sql(
    "verify_stock",
    """
    select count(*), array_agg(coalesce(p.sku_id, l.sku_id) || ': stock holds '
               || coalesce(p.units, 0) || ' units worth ' || coalesce(p.value, 0)
               || ', entries say ' || coalesce(l.units, 0) || ' worth ' || coalesce(l.base, 0))
           filter (where coalesce(p.units, 0) <> coalesce(l.units, 0)
                      or coalesce(p.value, 0) <> coalesce(l.base, 0))
    from (select p.legal_entity_id, p.sku_id, p.units, p.value
          from accounting.pools p where p.tenant_id = %(tenant)s) p
    full join (select l.legal_entity_id, l.sku_id, sum(l.units) as units, sum(l.base) as base
               from accounting.lines l
               where l.tenant_id = %(tenant)s and l.key = 'stock' and l.sku_id is not null
               group by l.legal_entity_id, l.sku_id) l
      on p.legal_entity_id = l.legal_entity_id and p.sku_id = l.sku_id
    """,
    scans=_ALL,
)
OWED = sql(
    "verify_owed",
    """
    select count(*), array_agg(coalesce(a.order_id, e.order_id) || ': owed is '
               || coalesce(a.amount, 0) || ', entries say ' || coalesce(e.amount, 0))
           filter (where coalesce(a.amount, 0) <> coalesce(e.amount, 0)
                      or coalesce(a.base, 0) <> coalesce(e.base, 0)
                      or e.receivable < 0 or e.deposit > 0
                      or e.receivable <> 0 and e.deposit <> 0)
    from (select a.order_id, a.amount, a.base
          from accounting.order_accounts a where a.tenant_id = %(tenant)s) a
    full join (select e.order_id, sum(l.amount) as amount, sum(l.base) as base,
                      sum(l.amount) filter (where l.key = 'receivable') as receivable,
                      sum(l.amount) filter (where l.key = 'deposit') as deposit
               from accounting.entries e
               join accounting.lines l on l.tenant_id = %(tenant)s and l.entry_id = e.id
               where e.tenant_id = %(tenant)s and l.key = any('{receivable,deposit}')
                 and e.order_id is not null
               group by e.order_id) e
      on a.order_id = e.order_id
    """,
    scans=_ALL,
)
HELD = sql(
    "verify_pots",
    """
    select count(*), array_agg(coalesce(p.key, l.key) || ' ' || coalesce(p.code, l.code)
               || ': holds ' || coalesce(p.amount, 0) || ', entries say '
               || coalesce(l.amount, 0))
           filter (where coalesce(p.amount, 0) <> coalesce(l.amount, 0)
                      or coalesce(p.base, 0) <> coalesce(l.base, 0))
    from (select p.legal_entity_id, p.key, p.code, p.currency, p.amount, p.base
          from accounting.pots p
          where p.tenant_id = %(tenant)s and p.key = any(%(keys)s)) p
    full join (select l.legal_entity_id, l.key, l.code, l.currency, sum(l.amount) as amount,
                      sum(l.base) as base
               from accounting.lines l
               where l.tenant_id = %(tenant)s and l.key = any(%(keys)s) and l.code <> ''
               group by l.legal_entity_id, l.key, l.code, l.currency) l
      on p.legal_entity_id = l.legal_entity_id and p.key = l.key and p.code = l.code
     and p.currency = l.currency
    """,
    scans=_ALL,
)
BOOKED = sql(
    "verify_sources",
    """
    select count(*), array_agg(s.fact || ' ' || s.entry_id || ': ' || s.state || ', with '
               || s.entries || ' entries')
           filter (where (s.state = 'booked') <> (s.entries > 0))
    from (select s.fact, s.entry_id, s.state, count(e.id) as entries
          from accounting.sources s
          left join accounting.entries e
            on e.tenant_id = %(tenant)s and e.source_id = s.entry_id
          where s.tenant_id = %(tenant)s group by s.fact, s.entry_id, s.state) s
    """,
    scans=_ALL,
)

POTS = ("clearing.gateway", "clearing.channel", "gift_card.liability", "store_credit.liability")


def verify(tx: Tx) -> list[Check]:
    """Entries balance, sums are those of their lines, control accounts those of their ledgers."""
    return [
        checked(tx, "I15 each entry balances, in its currency and in base", BALANCED),
        checked(tx, "I15 entries are numbered without a gap", NUMBERED),
        checked(tx, "I15 monthly balances are the sums of their lines", MONTHLY),
        checked(tx, "I15 the value of stock is the sum of its layers", LAYERED),
        checked(tx, "I15 the stock account is the value of stock", STOCK),
        checked(tx, "I15 receivables and deposits are what orders owe", OWED),
        checked(
            tx, "I15 clearing and stored value are what their entries say", HELD, keys=list(POTS)
        ),
        checked(tx, "I9 each fact that was booked has its entries", BOOKED),
    ]
