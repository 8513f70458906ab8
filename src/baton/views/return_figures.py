"""Why things come back: return rates of a cohort of orders, by what they are counted by.

A rate is units that came back, by units that were shipped, of the orders placed in a period; so a
sale and its returns are in the same figure, whenever these come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from baton.platform.db import Statements, Tx

sql = Statements("views")


class By(StrEnum):
    """What return rates are counted by."""

    SKU = "sku"
    PRODUCT = "product"
    CATEGORY = "category"
    CHANNEL = "channel"
    REASON = "reason"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Figure:
    """Units of a cohort by one key; of a reason, `shipped` is that of the whole cohort."""

    key: str
    shipped: int
    returned: int

    @property
    def rate_percent(self) -> float:
        """Units that came back, in percent of those shipped, to two digits."""
        return round(self.returned * 100 / self.shipped, 2) if self.shipped else 0.0


@dataclass(frozen=True, slots=True)
class Cohort:
    """Orders placed from `since` on and before `until` (days in UTC), perhaps of one SKU or
    channel, by their codes."""

    since: date
    until: date
    sku: str | None = None
    channel: str | None = None


FIGURES = sql(
    "return_figures",
    """
    select case %(by)s
               when 'sku' then l.sku_code
               when 'product' then coalesce(p.code, '')
               when 'category' then coalesce(p.category, '')
               when 'channel' then c.code
               else to_char(o.placed_at at time zone 'UTC', 'YYYY-MM') end as key,
           sum(l.shipped)::bigint as shipped, sum(l.returned)::bigint as returned
    from orders.orders o
    join orders.lines l on l.tenant_id = %(tenant)s and l.order_id = o.id
    join channels.channels c on c.tenant_id = %(tenant)s and c.id = o.channel_id
    left join catalog.skus s on s.tenant_id = %(tenant)s and s.id = l.sku_id
    left join catalog.products p on p.tenant_id = %(tenant)s and p.id = s.product_id
    where o.tenant_id = %(tenant)s and o.placed_at >= %(since)s and o.placed_at < %(until)s
      and l.kind = 'goods' and l.shipped > 0
      and (%(sku)s::text is null or l.sku_code = %(sku)s)
      and (%(channel)s::text is null or c.code = %(channel)s)
    group by 1 order by 3 desc, 1 limit %(limit)s
    """,
    scans="a report over a period",
)
REASONS = sql(
    "return_reasons",
    """
    with sold as (
        select sum(l.shipped)::bigint as units
        from orders.orders o
        join orders.lines l on l.tenant_id = %(tenant)s and l.order_id = o.id
        join channels.channels c on c.tenant_id = %(tenant)s and c.id = o.channel_id
        where o.tenant_id = %(tenant)s and o.placed_at >= %(since)s and o.placed_at < %(until)s
          and l.kind = 'goods' and (%(sku)s::text is null or l.sku_code = %(sku)s)
          and (%(channel)s::text is null or c.code = %(channel)s)
    )
    select r.reason as key, coalesce((select s.units from sold s), 0)::bigint as shipped,
           sum(r.received)::bigint as returned
    from returns.rma_lines r
    join orders.orders o on o.tenant_id = %(tenant)s and o.id = r.order_id
    join channels.channels c on c.tenant_id = %(tenant)s and c.id = o.channel_id
    where r.tenant_id = %(tenant)s and o.placed_at >= %(since)s and o.placed_at < %(until)s
      and r.received > 0 and (%(sku)s::text is null or r.sku_code = %(sku)s)
      and (%(channel)s::text is null or c.code = %(channel)s)
    group by r.reason order by 3 desc, 1 limit %(limit)s
    """,
    scans="a report over a period",
)


def figures(tx: Tx, by: By, cohort: Cohort, limit: int) -> list[Figure]:
    """Return rates of a cohort, the most returned first."""
    wanted = {
        "since": datetime.combine(cohort.since, time(), UTC),
        "until": datetime.combine(cohort.until, time(), UTC),
        "sku": cohort.sku,
        "channel": cohort.channel,
        "limit": limit,
    }
    if by is By.REASON:
        return tx.rows(Figure, REASONS, **wanted)
    return tx.rows(Figure, FIGURES, by=by.value, **wanted)
