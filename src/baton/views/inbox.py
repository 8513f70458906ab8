"""What a person must look at: all of it, or that of orders which were sent to some locations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from baton import orders
from baton.orders.model import Exception_
from baton.platform.db import Statements, Tx, listed
from baton.values import Id
from baton.views.order_list import sent_here

sql = Statements("views")

INBOX_AT = sql(
    "inbox_at",
    f"""
    select e.id, e.order_id, e.kind, e.subject, e.cause, e.suggestion, e.owner_id, e.opened_at,
           e.resolved_at, e.resolved_by, e.resolution
    from orders.exceptions e
    where e.tenant_id = %(tenant)s and e.resolved_at is null
      and (e.opened_at, e.id) > (%(after_at)s, %(after_id)s)
      and {sent_here("e.order_id")}
    order by e.opened_at, e.id limit %(limit)s
    """,
)


def inbox(
    tx: Tx, after: tuple[datetime, Id], limit: int, at: Collection[Id] | None
) -> list[Exception_]:
    """Open exceptions from just after (opened_at, id), oldest first; None: of all orders."""
    after_at, after_id = after
    if at is None:
        return orders.inbox(tx, after_at, after_id, limit)
    values = {"after_at": after_at, "after_id": after_id, "limit": limit}
    return tx.rows(Exception_, INBOX_AT, at=listed(at), **values)
