"""SQL of what merchants and customers want to hear, and of what customers were promised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from baton.notifications.model import Consent, Medium, MessageKind, Preferences, QuietHours
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("notifications")

PREFERENCES = sql(
    "preferences",
    """
    select channel_id, language, quiet_start, quiet_end, time_zone, off, ask_after_days
    from notifications.preferences where tenant_id = %(tenant)s order by channel_id limit 1000
    """,
)
PREFER = sql(
    "prefer",
    """
    insert into notifications.preferences
        (tenant_id, channel_id, language, quiet_start, quiet_end, time_zone, off, ask_after_days)
    values (%(tenant)s, %(channel_id)s, %(language)s, %(quiet_start)s, %(quiet_end)s,
            %(time_zone)s, %(off)s, %(ask_after_days)s)
    on conflict (tenant_id, channel_id) do update set
        language = excluded.language, quiet_start = excluded.quiet_start,
        quiet_end = excluded.quiet_end, time_zone = excluded.time_zone, off = excluded.off,
        ask_after_days = excluded.ask_after_days
    """,
)
CONSENTS = sql(
    "consents",
    """
    select customer_id, medium, kind, granted from notifications.consents
    where tenant_id = %(tenant)s and customer_id = any(%(customer_ids)s)
    order by customer_id, medium, kind
    """,
)
CONSENT = sql(
    "consent",
    """
    insert into notifications.consents
        (tenant_id, customer_id, medium, kind, granted, author, changed_at)
    select %(tenant)s, c.customer_id, c.medium, c.kind, c.granted, %(author)s, %(now)s
    from unnest(%(customer_id)s::uuid[], %(medium)s::text[], %(kind)s::text[],
                %(granted)s::boolean[]) as c (customer_id, medium, kind, granted)
    on conflict (tenant_id, customer_id, medium, kind) do update set
        granted = excluded.granted, author = excluded.author, changed_at = excluded.changed_at
    """,
)
PROMISES = sql(
    "promises",
    """
    select group_no, promised_by from notifications.promises
    where tenant_id = %(tenant)s and order_id = %(order_id)s order by group_no
    """,
)
PROMISE = sql(
    "promise",
    """
    insert into notifications.promises (tenant_id, order_id, group_no, promised_by)
    select %(tenant)s, %(order_id)s, p.group_no, p.promised_by
    from unnest(%(groups)s::int[], %(days)s::date[]) as p (group_no, promised_by)
    on conflict (tenant_id, order_id, group_no) do update set promised_by = excluded.promised_by
    """,
)


def preferences(tx: Tx) -> dict[Id, Preferences]:
    """What was said, by channel; the nil id stands for all others."""
    found = [_preferences(row) for row in tx.all(PREFERENCES)]
    return {each.channel_id: each for each in found}


def prefer(tx: Tx, wanted: Preferences) -> None:
    tx.run(
        PREFER,
        channel_id=wanted.channel_id,
        language=wanted.language,
        quiet_start=wanted.quiet.start,
        quiet_end=wanted.quiet.end,
        time_zone=wanted.quiet.time_zone,
        off=sorted(wanted.off),
        ask_after_days=wanted.ask_after_days,
    )


def consents(tx: Tx, customer_ids: Collection[Id]) -> list[Consent]:
    """What these customers said; about all else they said nothing."""
    rows = tx.all(CONSENTS, customer_ids=sorted(set(customer_ids))) if customer_ids else []
    return [Consent(row[0], Medium(row[1]), MessageKind(row[2]), row[3]) for row in rows]


def consent(tx: Tx, said: Sequence[Consent]) -> None:
    """Keep what customers said, one entry each for a customer, medium and kind."""
    tx.run(
        CONSENT,
        **columns(said, "customer_id", "medium", "kind", "granted"),
        author=tx.caller.actor,
        now=tx.now,
    )


def promises(tx: Tx, order_id: Id) -> dict[int, date]:
    """What the customer was last told, by delivery group; the caller holds the order's lock."""
    return {row[0]: row[1] for row in tx.all(PROMISES, order_id=order_id)}


def promise(tx: Tx, order_id: Id, days: Mapping[int, date]) -> None:
    tx.run(PROMISE, order_id=order_id, groups=list(days), days=list(days.values()))


def _preferences(row: tuple[Any, ...]) -> Preferences:
    return Preferences(
        channel_id=row[0],
        language=row[1],
        quiet=QuietHours(row[2], row[3], row[4]),
        off=frozenset(MessageKind(kind) for kind in row[5]),
        ask_after_days=row[6],
    )
