"""SQL of the messages themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from baton.notifications.model import Composed, Medium, Message, MessageKind, MessageState
from baton.platform.db import Statements, Tx, checked, columns
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("notifications")

_PATIENCE = timedelta(days=1)

_MESSAGE = (
    "id, order_id, kind, fact_key, recipient, language, subject, text_body, html_body, state,"
    " error, created_at, sent_at, medium, due_at, attachment, copy_no"
)

INSERT = sql(
    "insert",
    f"""
    insert into notifications.messages (tenant_id, {_MESSAGE})
    select %(tenant)s, {_MESSAGE} from unnest(
        %(id)s::uuid[], %(order_id)s::uuid[], %(kind)s::text[], %(fact_key)s::text[],
        %(recipient)s::text[], %(language)s::text[], %(subject)s::text[], %(text_body)s::text[],
        %(html_body)s::text[], %(state)s::text[], %(error)s::text[],
        %(created_at)s::timestamptz[], %(sent_at)s::timestamptz[], %(medium)s::text[],
        %(due_at)s::timestamptz[], %(attachment)s::text[], %(copy_no)s::int[]
    ) as n ({_MESSAGE})
    on conflict (tenant_id, kind, fact_key, medium, copy_no) do nothing
    returning id
    """,
)
READ = sql(
    "read",
    f"select {_MESSAGE} from notifications.messages where tenant_id = %(tenant)s and id = %(id)s",
)
LOCK = sql(
    "lock",
    f"""
    select {_MESSAGE} from notifications.messages
    where tenant_id = %(tenant)s and id = %(id)s order by id for update
    """,
)
BY_ORDERS = sql(
    "by_orders",
    f"""
    select {_MESSAGE} from notifications.messages
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by created_at, id
    """,
)
SETTLE = sql(
    "settle",
    """
    update notifications.messages
    set state = %(state)s, error = %(error)s, sent_at = %(sent_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
CHECK_ENDS = sql(
    "check_ends",
    """
    select count(*), (array_agg(m.id::text) filter (
        where (m.state = 'sent') <> (m.sent_at is not null)
           or (m.state = 'refused') <> (m.error <> '')))[1:20]
    from notifications.messages m where m.tenant_id = %(tenant)s
    """,
    scans="verify reads every message",
)
CHECK_ONCE = sql(
    "check_once",
    """
    select count(*), (array_agg(o.kind || ' ' || o.fact_key || ' by ' || o.medium)
                      filter (where o.times > 1))[1:20]
    from (select m.kind, m.fact_key, m.medium, count(*) as times from notifications.messages m
          where m.tenant_id = %(tenant)s and m.copy_no = 0
          group by m.kind, m.fact_key, m.medium) o
    """,
    scans="verify reads every message",
)
LAST_COPY = sql(
    "last_copy",
    """
    select coalesce(max(copy_no), 0) from notifications.messages
    where tenant_id = %(tenant)s and kind = %(kind)s and fact_key = %(fact_key)s
      and medium = %(medium)s
    """,
)
CHECK_ANSWERED = sql(
    "check_answered",
    """
    select count(*), (array_agg(m.id::text) filter (
        where m.state = 'requested' and coalesce(m.due_at, m.created_at) < %(before)s))[1:20]
    from notifications.messages m where m.tenant_id = %(tenant)s
    """,
    scans="verify reads every message",
)


def insert(tx: Tx, messages: Sequence[Message]) -> set[Id]:
    """Keep messages; returns the ids of those whose fact had not been told before."""
    names = ("id", "order_id", "kind", "fact_key", "recipient", "language", "state", "error")
    rows = tx.all(
        INSERT,
        **columns(messages, *names, "created_at", "sent_at", "medium", "due_at"),
        **columns(messages, "attachment", "copy_no"),
        subject=[message.composed.subject for message in messages],
        text_body=[message.composed.text for message in messages],
        html_body=[message.composed.html for message in messages],
    )
    return {row[0] for row in rows}


def read(tx: Tx, id: Id, *, lock: bool = False) -> Message | None:
    row = tx.one(LOCK if lock else READ, id=id)
    return _message(row) if row else None


def by_orders(tx: Tx, order_ids: Sequence[Id]) -> list[Message]:
    """The messages about these orders, oldest first."""
    return [_message(row) for row in tx.all(BY_ORDERS, order_ids=sorted(set(order_ids)))]


def settle(tx: Tx, message: Message) -> None:
    tx.run(SETTLE, id=message.id, state=message.state, error=message.error, sent_at=message.sent_at)


def last_copy(tx: Tx, message: Message) -> int:
    """How often this message was sent again; the caller holds the order's lock."""
    row = tx.one(LAST_COPY, kind=message.kind, fact_key=message.fact_key, medium=message.medium)
    return int(row[0]) if row else 0


def verify(tx: Tx) -> list[Check]:
    """Every fact is told at most once, and every message has an end within a day."""
    return [
        checked(tx, "notifications: a message ends once", CHECK_ENDS, "message {} has two ends"),
        checked(tx, "notifications: a fact is told once", CHECK_ONCE, "{} is told twice"),
        checked(
            tx,
            "notifications: a message is answered within a day",
            CHECK_ANSWERED,
            "message {} has no answer since a day",
            before=tx.now - _PATIENCE,
        ),
    ]


def _message(row: tuple[Any, ...]) -> Message:
    return Message(
        id=row[0],
        order_id=row[1],
        kind=MessageKind(row[2]),
        fact_key=row[3],
        recipient=row[4],
        language=row[5],
        composed=Composed(row[6], row[7], row[8]),
        state=MessageState(row[9]),
        error=row[10],
        created_at=row[11],
        sent_at=row[12],
        medium=Medium(row[13]),
        due_at=row[14],
        attachment=row[15],
        copy_no=row[16],
    )
