"""Holds and exceptions: what stands beside the lines of an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from baton.orders.model import Exception_, Hold
from baton.platform.db import Statements, Tx
from baton.values import Id

sql = Statements("orders")

_EXCEPTION = (
    "id, order_id, kind, subject, cause, suggestion, owner_id, opened_at, resolved_at,"
    " resolved_by, resolution"
)

INSERT_HOLDS = sql(
    "insert_holds",
    """
    insert into orders.holds
        (tenant_id, order_id, id, kind, reason, level, line_no, blocks, author, placed_at)
    select %(tenant)s, order_id, id, kind, reason, level, line_no, string_to_array(blocks, ','),
           author, placed_at
    from unnest(%(order_id)s::uuid[], %(id)s::uuid[], %(kind)s::text[], %(reason)s::text[],
                %(level)s::text[], %(line_no)s::int[], %(blocks)s::text[], %(author)s::text[],
                %(placed_at)s::timestamptz[])
         as n (order_id, id, kind, reason, level, line_no, blocks, author, placed_at)
    """,
)
RESOLVE_HOLD = sql(
    "resolve_hold",
    """
    update orders.holds set resolved_at = %(at)s, resolved_by = %(by)s, resolution = %(resolution)s
    where tenant_id = %(tenant)s and order_id = %(order_id)s and id = %(id)s
      and resolved_at is null
    """,
)
INSERT_EXCEPTIONS = sql(
    "insert_exceptions",
    """
    insert into orders.exceptions
        (tenant_id, id, order_id, kind, subject, cause, suggestion, opened_at)
    select %(tenant)s, id, order_id, kind, subject, cause, suggestion, %(at)s
    from unnest(%(id)s::uuid[], %(order_id)s::uuid[], %(kind)s::text[], %(subject)s::text[],
                %(cause)s::text[], %(suggestion)s::text[])
         as n (id, order_id, kind, subject, cause, suggestion)
    on conflict (tenant_id, kind, subject) where resolved_at is null do nothing
    returning id
    """,
)
RESOLVE_EXCEPTIONS = sql(
    "resolve_exceptions",
    f"""
    update orders.exceptions set resolved_at = %(at)s, resolved_by = %(by)s,
        resolution = %(resolution)s
    where tenant_id = %(tenant)s and id = any(%(ids)s) and resolved_at is null
    returning {_EXCEPTION}
    """,
)
EXCEPTIONS = sql(
    "exceptions",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and order_id = any(%(ids)s) order by opened_at, id
    """,
)
EXCEPTION = sql(
    "exception",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
INBOX = sql(
    "inbox",
    f"""
    select {_EXCEPTION} from orders.exceptions
    where tenant_id = %(tenant)s and resolved_at is null
      and (opened_at, id) > (%(after_at)s, %(after_id)s) order by opened_at, id limit %(limit)s
    """,
)
ASSIGN_EXCEPTION = sql(
    "assign_exception",
    """
    update orders.exceptions set owner_id = %(owner_id)s
    where tenant_id = %(tenant)s and id = %(id)s and resolved_at is null
    """,
)


def insert_holds(tx: Tx, holds: Sequence[tuple[Id, Hold]]) -> None:
    if not holds:
        return
    names = ["id", "kind", "reason", "level", "line_no", "author", "placed_at"]
    columns = {n: [getattr(hold, n) for _, hold in holds] for n in names}
    tx.run(
        INSERT_HOLDS,
        order_id=[id for id, _ in holds],
        blocks=[",".join(hold.blocks) for _, hold in holds],
        **columns,
    )


def resolve_hold(tx: Tx, order_id: Id, id: Id, by: str, resolution: str) -> bool:
    return bool(
        tx.count(RESOLVE_HOLD, order_id=order_id, id=id, at=tx.now, by=by, resolution=resolution)
    )


def insert_exceptions(tx: Tx, exceptions: Sequence[Exception_]) -> set[Id]:
    """Open exceptions, one for one cause; returns the ids of those that are new."""
    names = ["id", "order_id", "kind", "subject", "cause", "suggestion"]
    columns = {n: [getattr(e, n) for e in exceptions] for n in names}
    return {row[0] for row in tx.all(INSERT_EXCEPTIONS, at=tx.now, **columns)}


def resolve_exceptions(tx: Tx, ids: Sequence[Id], by: str, resolution: str) -> list[Exception_]:
    values = {"ids": list(ids), "at": tx.now, "by": by, "resolution": resolution}
    return tx.rows(Exception_, RESOLVE_EXCEPTIONS, **values)


def exceptions(tx: Tx, order_ids: Sequence[Id]) -> list[Exception_]:
    return tx.rows(Exception_, EXCEPTIONS, ids=list(order_ids))


def exceptions_by_id(tx: Tx, ids: Sequence[Id]) -> dict[Id, Exception_]:
    return {e.id: e for e in tx.rows(Exception_, EXCEPTION, ids=list(ids))}


def inbox(tx: Tx, after_at: datetime, after_id: Id, limit: int) -> list[Exception_]:
    return tx.rows(Exception_, INBOX, after_at=after_at, after_id=after_id, limit=limit)


def assign_exception(tx: Tx, id: Id, owner_id: Id) -> bool:
    return bool(tx.count(ASSIGN_EXCEPTION, id=id, owner_id=owner_id))
