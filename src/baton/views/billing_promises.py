"""What `baton verify` asks of invoices over several modules."""

from __future__ import annotations

from baton import invoicing, orders
from baton.invoicing.model import Part
from baton.platform.db import Statements, Tx
from baton.values.check import Check
from baton.values.money import share

sql = Statements("views")

BILLED_ONCE = sql(
    "billed_once",
    """
    with told as (
        select e.id, e.subject_id, e.data['shipment_id'] #>> '{}' as shipment, e.at
        from journal.entries e
        join orders.orders o on o.tenant_id = %(tenant)s and o.id = e.subject_id
        where e.tenant_id = %(tenant)s and e.fact = 'orders.shipped' and e.no is not null
          and o.mode = 'live'
          and e.at >= (select min(i.occurred_at) from invoicing.intents i
                       where i.tenant_id = %(tenant)s and i.kind = 'invoice')
    )
    select count(*), array_agg(coalesce(t.shipment, t.id::text)
               || ': neither billed nor waiting to be') filter (where i.id is null)
    from told t
    left join invoicing.intents i on i.tenant_id = %(tenant)s and i.kind = 'invoice'
        and i.subject_id = coalesce(t.shipment::uuid, t.id)
    """,
    scans="verify reads all",
)
BILLING_PROMISES = {"each shipment is billed once, or waits to be": BILLED_ONCE}


def lines_billed(tx: Tx) -> list[Check]:
    """What documents say of each line is the share of its units, and never more than was shipped.

    With the very functions that bill. Lines billed before Baton did are passed over.
    """
    rows, wrong = 0, list[str]()
    for page in orders.pages(tx):
        found = invoicing.billed(tx, [order.id for order in page])
        for order in page:
            for line in order.lines:
                there = found[order.id].get(Part(line.line_no, 0))
                if there is None:
                    continue
                rows += 1
                where = f"{order.number}/{line.line_no}"
                if (there.units, there.credited_units) != (line.invoiced, line.credited):
                    wrong.append(
                        f"{where}: {line.invoiced} invoiced and {line.credited} credited, in "
                        f"documents {there.units} and {there.credited_units}"
                    )
                    continue
                due = share(line.total, line.ordered, there.units)
                if there.units > line.shipped or there.net + there.tax != due:
                    wrong.append(
                        f"{where}: {there.net + there.tax} billed for {there.units} units, their "
                        f"share is {due}, {line.shipped} are shipped"
                    )
                if there.left < 0 or there.credited_units > there.units:
                    wrong.append(f"{where}: more is credited than was billed")
    return [Check("documents of a line sum to the share of its units", rows, tuple(wrong))]
