"""What was imported, summed: money and units by month and country, to compare with the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton.platform.db import Statements, Tx
from baton.values import Id

sql = Statements("views")

SUMS = sql(
    "import_sums",
    """
    select month, country, currency, sum(lines)::bigint as lines, sum(units)::bigint as units,
           sum(money)::bigint as money
    from (
        select to_char(o.placed_at at time zone %(zone)s, 'YYYY-MM') as month,
               coalesce(o.attributes['country'] #>> '{}', '') as country, o.currency as currency,
               count(*) as lines, sum(l.ordered) as units, sum(l.total) as money
        from orders.orders o
        join orders.lines l on l.tenant_id = %(tenant)s and l.order_id = o.id
        where o.tenant_id = %(tenant)s and o.channel_id = %(channel_id)s
        group by 1, 2, 3
        union all
        select to_char(o.placed_at at time zone %(zone)s, 'YYYY-MM'),
               coalesce(o.attributes['country'] #>> '{}', ''), o.currency, count(*), 0,
               sum(c.amount)
        from orders.orders o
        join orders.charges c on c.tenant_id = %(tenant)s and c.order_id = o.id
        where o.tenant_id = %(tenant)s and o.channel_id = %(channel_id)s
        group by 1, 2, 3
        union all
        select to_char(r.occurred_at at time zone %(zone)s, 'YYYY-MM'), r.country, r.currency,
               count(*), -sum(l.quantity), -sum(l.amount)
        from returns.returns r
        join returns.lines l on l.tenant_id = %(tenant)s and l.return_id = r.id
        where r.tenant_id = %(tenant)s and r.channel_id = %(channel_id)s
        group by 1, 2, 3
    ) parts
    group by month, country, currency order by month, country, currency
    """,
    scans="a report over all that was imported",
)
LINKED = sql(
    "linked_returns",
    """
    select count(*)::int, count(l.order_id)::int
    from returns.returns r
    join returns.lines l on l.tenant_id = %(tenant)s and l.return_id = r.id
    where r.tenant_id = %(tenant)s and r.channel_id = %(channel_id)s
    """,
    scans="a report over all that was imported",
)


@dataclass(frozen=True, slots=True)
class ImportSum:
    """Of one month and country: lines, units and money (minor units), returns taken off."""

    month: str
    country: str
    currency: str
    lines: int
    units: int
    money: int


def import_sums(tx: Tx, channel_id: Id, zone: str) -> Sequence[ImportSum]:
    """Sums of orders, charges and returns of a channel; months in the time zone `zone`."""
    return tx.rows(ImportSum, SUMS, channel_id=channel_id, zone=zone)


def linked_returns(tx: Tx, channel_id: Id) -> tuple[int, int]:
    """Return lines of a channel, and how many of them found the order they take back."""
    row = tx.one(LINKED, channel_id=channel_id)
    assert row is not None
    return int(row[0]), int(row[1])
