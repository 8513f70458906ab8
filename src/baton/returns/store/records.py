"""What channels reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from baton.platform.db import Statements, Tx, columns
from baton.returns.model.records import Mode, Return, ReturnDraft, ReturnKind, ReturnLine
from baton.values.ids import Id

sql = Statements("returns")

ADD = sql(
    "add",
    """
    insert into returns.returns (tenant_id, id, channel_id, external_id, kind, mode, country,
                                 currency, customer, note, occurred_at, recorded_at)
    select %(tenant)s, n.id, n.channel_id, n.external_id, n.kind, n.mode, nullif(n.country, ''),
           n.currency, n.customer, n.note, n.occurred_at, %(now)s
    from unnest(%(id)s::uuid[], %(channel_id)s::uuid[], %(external_id)s::text[],
                %(kind)s::text[], %(mode)s::text[], %(country)s::text[], %(currency)s::text[],
                %(customer)s::text[], %(note)s::text[], %(occurred_at)s::timestamptz[])
         as n (id, channel_id, external_id, kind, mode, country, currency, customer, note,
               occurred_at)
    on conflict (tenant_id, channel_id, external_id) do nothing returning id
    """,
)
ADD_LINES = sql(
    "add_lines",
    """
    insert into returns.lines (tenant_id, return_id, line_no, order_id, order_line, charge_no,
                               sku_id, sku_code, title, quantity, amount)
    select %(tenant)s, n.return_id, n.line_no, n.order_id, n.order_line, n.charge_no, n.sku_id,
           n.sku_code, n.title, n.quantity, n.amount
    from unnest(%(return_id)s::uuid[], %(line_no)s::int[], %(order_id)s::uuid[],
                %(order_line)s::int[], %(charge_no)s::int[], %(sku_id)s::uuid[],
                %(sku_code)s::text[], %(title)s::text[], %(quantity)s::int[], %(amount)s::bigint[])
         as n (return_id, line_no, order_id, order_line, charge_no, sku_id, sku_code, title,
               quantity, amount)
    """,
)
KNOWN = sql(
    "known",
    """
    select r.channel_id, r.external_id, r.id
    from unnest(%(channel_ids)s::uuid[], %(external_ids)s::text[]) as n (channel_id, external_id)
    join returns.returns r
      on r.tenant_id = %(tenant)s and r.channel_id = n.channel_id
     and r.external_id = n.external_id
    """,
)
_RETURN = """r.id, r.channel_id, r.external_id, r.kind, r.mode, coalesce(r.country, ''), r.currency,
           r.customer, r.note, r.occurred_at, r.recorded_at"""
BY_ID = sql(
    "by_id",
    f"""
    select {_RETURN} from returns.returns r
    where r.tenant_id = %(tenant)s and r.id = any(%(ids)s)
    """,
)
LINES = sql(
    "lines",
    """
    select return_id, line_no, sku_code, title, quantity, amount, sku_id, order_id, order_line,
           charge_no
    from returns.lines
    where tenant_id = %(tenant)s and return_id = any(%(ids)s) order by return_id, line_no
    """,
)
OF_ORDERS = sql(
    "of_orders",
    """
    select distinct order_id, return_id from returns.lines
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) and order_id is not null
    order by order_id, return_id
    """,
)
NEWEST = sql(
    "newest",
    f"""
    select {_RETURN} from returns.returns r
    where r.tenant_id = %(tenant)s
    order by r.occurred_at desc, r.id desc limit %(limit)s
    """,
)
BEFORE = sql(
    "before",
    f"""
    select {_RETURN} from returns.returns r
    where r.tenant_id = %(tenant)s and (r.occurred_at, r.id) < (%(occurred_at)s, %(id)s)
    order by r.occurred_at desc, r.id desc limit %(limit)s
    """,
)

Key = tuple[Id, str]
_RETURN_FIELDS = (
    "channel_id",
    "external_id",
    "kind",
    "mode",
    "country",
    "currency",
    "customer",
    "note",
    "occurred_at",
)
_LINE_FIELDS = (
    "line_no",
    "order_id",
    "order_line",
    "charge_no",
    "sku_id",
    "sku_code",
    "title",
    "quantity",
    "amount",
)


def add(tx: Tx, drafts: Mapping[Id, ReturnDraft]) -> set[Id]:
    """Write those whose channel and external id are new, without lines, and return their ids."""
    written = columns(drafts.values(), *_RETURN_FIELDS)
    return {row[0] for row in tx.all(ADD, id=list(drafts), **written, now=tx.now)}


def add_lines(tx: Tx, drafts: Mapping[Id, ReturnDraft]) -> None:
    lines = [(id, line) for id, draft in drafts.items() for line in draft.lines]
    tx.run(
        ADD_LINES,
        return_id=[id for id, _ in lines],
        **columns([line for _, line in lines], *_LINE_FIELDS),
    )


def known(tx: Tx, keys: Collection[Key]) -> dict[Key, Id]:
    """The ids of those that exist, by channel and external id."""
    rows = tx.all(KNOWN, channel_ids=[k[0] for k in keys], external_ids=[k[1] for k in keys])
    return {(channel_id, external_id): id for channel_id, external_id, id in rows}


def returns_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Return]:
    """Those that exist, by id, with their lines."""
    return {one.id: one for one in _with_lines(tx, tx.all(BY_ID, ids=list(ids)))}


def of_orders(tx: Tx, order_ids: Collection[Id]) -> list[tuple[Id, Id]]:
    """Pairs of order and return, in order."""
    return [(row[0], row[1]) for row in tx.all(OF_ORDERS, order_ids=list(order_ids))]


def page_of_returns(
    tx: Tx, after: tuple[datetime, Id] | None = None, limit: int = 100
) -> list[Return]:
    """Up to `limit` returns, newest first; `after` is (occurred_at, id) of the last one seen."""
    if after is None:
        return _with_lines(tx, tx.all(NEWEST, limit=limit))
    return _with_lines(tx, tx.all(BEFORE, occurred_at=after[0], id=after[1], limit=limit))


def _with_lines(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Return]:
    lines: dict[Id, list[ReturnLine]] = {}
    for return_id, *line in tx.all(LINES, ids=[row[0] for row in rows]) if rows else ():
        lines.setdefault(return_id, []).append(ReturnLine(*line))
    return [
        Return(
            id,
            channel_id,
            external_id,
            ReturnKind(kind),
            Mode(mode),
            country,
            currency,
            customer,
            note,
            occurred_at,
            recorded_at,
            tuple(lines.get(id, ())),
        )
        for (
            id, channel_id, external_id, kind, mode, country, currency, customer, note,
            occurred_at, recorded_at,
        ) in rows
    ]  # fmt: skip
