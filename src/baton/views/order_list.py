"""The order list: newest first, filtered, searched, in pages that stay fast as orders grow.

Pages go by key (placed_at, id), never by offset. Each combination of filters is a statement of
its own, so that each has its index. Whoever works for some locations sees the orders of which work
was ever released to one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import LiteralString

from baton import payments
from baton.customers.contacts import normalised_phone
from baton.orders.model import Health, Status
from baton.payments.model import Payment
from baton.platform.db import Statement, Statements, Tx, listed
from baton.values import Id

sql = Statements("views")


def sent_here(order_id: LiteralString) -> LiteralString:
    """The condition that work of an order was released to one of the locations `at`."""
    return f"""exists (
        select from fulfillment.orders f where f.tenant_id = %(tenant)s
        and f.order_id = {order_id} and f.location_id = any(%(at)s::uuid[])
        and f.released_at is not null)"""


_ROW = """
    o.id, o.number, o.external_id, o.channel_id, o.status, o.health, o.buyer_name, o.currency,
    o.total_minor, o.placed_at, o.version,
    (select coalesce(sum(l.ordered), 0)::bigint from orders.lines l
     where l.tenant_id = %(tenant)s and l.order_id = o.id) as units,
    (select max(g.promised_by) from orders.delivery_groups g
     where g.tenant_id = %(tenant)s and g.order_id = o.id) as promised_by
"""
_FILTERS = {
    "status": "and o.status = %(status)s",
    "health": "and o.health = %(health)s",
    "channel": "and o.channel_id = %(channel_id)s",
    "at": f"and {sent_here('o.id')}",
}


def _page(chosen: Sequence[str]) -> Statement:
    where = " ".join(_FILTERS[name] for name in chosen)
    return sql(
        "_".join(["order_page", *chosen]),
        f"""
        select {_ROW} from orders.orders o
        where o.tenant_id = %(tenant)s {where}
          and (o.placed_at, o.id) < (%(before_at)s, %(before_id)s)
        order by o.placed_at desc, o.id desc limit %(limit)s
        """,
    )


PAGES = {
    wanted: _page([name for name, on in zip(_FILTERS, wanted, strict=True) if on])
    for wanted in product((False, True), repeat=len(_FILTERS))
}
FOUND = sql(
    "orders_found",
    f"""
    select {_ROW} from orders.orders o
    where o.tenant_id = %(tenant)s and o.id = any(%(ids)s)
    order by o.placed_at desc, o.id desc
    """,
)


def _search(name: LiteralString, order: LiteralString, parcel: LiteralString) -> Statement:
    return sql(
        name,
        f"""
        (select o.id from orders.orders o where o.tenant_id = %(tenant)s {order}
            and o.number >= %(upper)s and o.number < %(upper_end)s
            order by o.number limit %(limit)s)
        union (select o.id from orders.orders o where o.tenant_id = %(tenant)s {order}
            and o.external_id = %(text)s limit %(limit)s)
        union (select o.id from orders.orders o where o.tenant_id = %(tenant)s {order}
            and o.email = %(lower)s order by o.placed_at desc limit %(limit)s)
        union (select o.id from orders.orders o where o.tenant_id = %(tenant)s {order}
            and o.buyer_key >= %(lower)s and o.buyer_key < %(lower_end)s
            order by o.buyer_key limit %(limit)s)
        union (select o.order_id from orders.lines o where o.tenant_id = %(tenant)s
            {order.replace("o.id", "o.order_id")}
            and o.sku_code = %(text)s order by o.order_id desc limit %(limit)s)
        union (select s.order_id from shipping.shipments s where s.tenant_id = %(tenant)s {parcel}
            and s.tracking_no = %(text)s and s.tracking_no <> '' limit %(limit)s)
        union (select o.id from orders.orders o where o.tenant_id = %(tenant)s {order}
            and o.phone = any(%(phones)s) and o.phone <> ''
            order by o.placed_at desc limit %(limit)s)
        union (select o.id from customers.customers c
            join orders.orders o on o.tenant_id = %(tenant)s and o.customer_id = c.id {order}
            where c.tenant_id = %(tenant)s and c.phone = any(%(phones)s) and c.phone <> ''
            order by o.placed_at desc limit %(limit)s)
        union (select o.order_id from payments.payments o where o.tenant_id = %(tenant)s
            {order.replace("o.id", "o.order_id")}
            and o.provider_ref = %(text)s and o.provider_ref <> '' limit %(limit)s)
        union (select o.order_id from payments.effects o where o.tenant_id = %(tenant)s
            {order.replace("o.id", "o.order_id")}
            and o.provider_ref = %(text)s and o.provider_ref <> '' limit %(limit)s)
        """,
    )


SEARCH = _search("search_orders", "", "")
SEARCH_AT = _search(
    "search_orders_at",
    f"and {sent_here('o.id')}",
    f"and s.location_id = any(%(at)s::uuid[]) and {sent_here('s.order_id')}",
)
_STATUSES = """
    select 'status', o.status, count(*)::int from orders.orders o
    where o.tenant_id = %(tenant)s
      and o.status in ('parked', 'open', 'backordered', 'reserved', 'allocated', 'released',
                       'partly_shipped')
"""
_HEALTHS = """
    select 'health', o.health, count(*)::int from orders.orders o
    where o.tenant_id = %(tenant)s and o.health <> 'ok'
"""
COUNTS = sql(
    "order_counts",
    f"""
    {_STATUSES} group by o.status
    union all
    {_HEALTHS} group by o.health
    union all
    select 'queue', 'exceptions', count(*)::int from orders.exceptions
    where tenant_id = %(tenant)s and resolved_at is null
    union all
    select 'queue', 'parked_jobs', count(*)::int from work.items
    where tenant_id = %(tenant)s and state = 'parked'
    """,
    scans="counts what is not finished, by partial indexes once most orders are",
)
COUNTS_AT = sql(
    "order_counts_at",
    f"""
    {_STATUSES} and {sent_here("o.id")} group by o.status
    union all
    {_HEALTHS} and {sent_here("o.id")} group by o.health
    union all
    select 'queue', 'exceptions', count(*)::int from orders.exceptions e
    where e.tenant_id = %(tenant)s and e.resolved_at is null and {sent_here("e.order_id")}
    """,
    scans="counts what is not finished, by partial indexes once most orders are",
)

_END = "\U0010ffff"
_NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
_LAST = Id(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as a list shows it."""

    id: Id
    number: str
    external_id: str
    channel_id: Id
    status: Status
    health: Health
    buyer_name: str
    currency: str
    total_minor: int
    placed_at: datetime
    version: int
    units: int
    promised_by: datetime | None
    payment_status: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to show; None and "" mean any; `at` are the reader's locations."""

    status: Status | None = None
    health: Health | None = None
    channel_id: Id | None = None
    text: str = ""
    before: tuple[datetime, Id] = (_NEWEST, _LAST)
    limit: int = 50
    at: Collection[Id] | None = None


def order_list(tx: Tx, wanted: Wanted) -> list[OrderRow]:
    """Up to `limit` orders older than `before`, newest first."""
    rows = _searched(tx, wanted) if wanted.text else _paged(tx, wanted)
    paid: dict[Id, list[Payment]] = {}
    for payment in payments.by_orders(tx, [row.id for row in rows]) if rows else ():
        paid.setdefault(payment.order_id, []).append(payment)
    return [_with_payment(row, paid.get(row.id, [])) for row in rows]


def counts(tx: Tx, at: Collection[Id] | None = None) -> dict[str, dict[str, int]]:
    """Orders that are not finished by status, those that need a look, and the two queues.

    Of some locations or (None) all; jobs have none, and are counted for all alone.
    """
    found: dict[str, dict[str, int]] = {"status": {}, "health": {}, "queue": {}}
    for group, name, count in tx.all(COUNTS) if at is None else tx.all(COUNTS_AT, at=listed(at)):
        found[group][name] = count
    return found


def _paged(tx: Tx, wanted: Wanted) -> list[OrderRow]:
    values = {
        "status": wanted.status,
        "health": wanted.health,
        "channel_id": wanted.channel_id,
        "at": listed(wanted.at),
    }
    chosen = tuple(value is not None for value in values.values())
    used = {name: value for name, value in values.items() if value is not None}
    at, id = wanted.before
    return tx.rows(OrderRow, PAGES[chosen], before_at=at, before_id=id, limit=wanted.limit, **used)


def _searched(tx: Tx, wanted: Wanted) -> list[OrderRow]:
    text = wanted.text.strip()
    asked = {
        "text": text,
        "lower": text.lower(),
        "lower_end": text.lower() + _END,
        "upper": text.upper(),
        "upper_end": text.upper() + _END,
        "phones": [text, normalised_phone(text)],
        "limit": wanted.limit,
    }
    if wanted.at is None:
        found = tx.all(SEARCH, **asked)
    else:
        found = tx.all(SEARCH_AT, **asked, at=listed(wanted.at))
    ids = [row[0] for row in found]
    rows = tx.rows(OrderRow, FOUND, ids=ids) if ids else []
    return [row for row in rows if _matches(row, wanted)][: wanted.limit]


def _matches(row: OrderRow, wanted: Wanted) -> bool:
    return (
        (wanted.status is None or row.status == wanted.status)
        and (wanted.health is None or row.health == wanted.health)
        and (wanted.channel_id is None or row.channel_id == wanted.channel_id)
        and (row.placed_at, row.id) < wanted.before
    )


def _with_payment(row: OrderRow, paid: Sequence[Payment]) -> OrderRow:
    return replace(row, payment_status=payments.payment_status(paid).value)
