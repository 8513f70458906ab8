"""SQL of what customers say, and of how often strangers ask for a link."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from baton.notifications.model import Asked, Rating, Satisfaction
from baton.platform.db import Statements, Tx
from baton.values.ids import Id

sql = Statements("notifications")

KEPT = timedelta(days=2)
_RATING = "asked, fact_key, order_id, score, comment, rated_at"

RATE = sql(
    "rate",
    f"""
    insert into notifications.ratings (tenant_id, {_RATING})
    values (%(tenant)s, %(asked)s, %(fact_key)s, %(order_id)s, %(score)s, %(comment)s,
            %(rated_at)s)
    on conflict (tenant_id, asked, fact_key) do nothing returning score
    """,
)
OF_ORDERS = sql(
    "ratings_of_orders",
    f"""
    select {_RATING} from notifications.ratings
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by rated_at, fact_key
    """,
)
RECENT = sql(
    "ratings_between",
    f"""
    select {_RATING} from notifications.ratings
    where tenant_id = %(tenant)s and rated_at >= %(since)s and rated_at < %(until)s
    order by rated_at desc, fact_key limit %(limit)s
    """,
)
SATISFACTION = sql(
    "satisfaction",
    """
    select date_trunc(%(by)s, r.rated_at at time zone 'UTC')::date as period, r.asked,
           count(*)::int, sum(r.score)::int,
           count(*) filter (where r.score = 1)::int, count(*) filter (where r.score = 2)::int,
           count(*) filter (where r.score = 3)::int, count(*) filter (where r.score = 4)::int,
           count(*) filter (where r.score = 5)::int
    from notifications.ratings r
    where r.tenant_id = %(tenant)s and r.rated_at >= %(since)s and r.rated_at < %(until)s
    group by period, r.asked order by period, r.asked
    """,
)
ASK = sql(
    "ask",
    """
    insert into notifications.askings (tenant_id, key, window_start, times)
    select %(tenant)s, k.key, %(now)s, 1 from unnest(%(keys)s::text[]) as k (key)
    on conflict (tenant_id, key) do update set
        times = case when askings.window_start <= %(before)s then 1 else askings.times + 1 end,
        window_start = case when askings.window_start <= %(before)s then %(now)s
                            else askings.window_start end
    returning key, times
    """,
)
FORGET = sql(
    "forget_askings",
    "delete from notifications.askings where tenant_id = %(tenant)s and window_start < %(before)s",
)


def rate(tx: Tx, rating: Rating) -> bool:
    """Keep a rating; False where this was rated before."""
    row = tx.one(
        RATE,
        asked=rating.asked,
        fact_key=rating.fact_key,
        order_id=rating.order_id,
        score=rating.score,
        comment=rating.comment,
        rated_at=rating.rated_at,
    )
    return row is not None


def ratings(tx: Tx, order_ids: Collection[Id]) -> list[Rating]:
    """What was said about these orders, oldest first."""
    return [_rating(row) for row in tx.all(OF_ORDERS, order_ids=sorted(set(order_ids)))]


def ratings_between(tx: Tx, since: datetime, until: datetime, limit: int) -> list[Rating]:
    """The newest ratings of a time, newest first."""
    return [_rating(row) for row in tx.all(RECENT, since=since, until=until, limit=limit)]


def satisfaction(tx: Tx, since: datetime, until: datetime, by: str) -> list[Satisfaction]:
    """Ratings by day, week or month (UTC) and by what was asked."""
    return [
        Satisfaction(row[0], Asked(row[1]), row[2], row[3], row[4:9])
        for row in tx.all(SATISFACTION, since=since, until=until, by=by)
    ]


def asked(tx: Tx, keys: Collection[str], window: timedelta) -> dict[str, int]:
    """Count one more asking under each key; how many there were in this window, this one too."""
    rows = tx.all(ASK, keys=sorted(set(keys)), now=tx.now, before=tx.now - window)
    return {row[0]: row[1] for row in rows}


def forget_askings(tx: Tx) -> int:
    """Forget who asked two days ago; how many rows that were."""
    return tx.count(FORGET, before=tx.now - KEPT)


def _rating(row: tuple[Any, ...]) -> Rating:
    return Rating(Asked(row[0]), row[1], row[2], row[3], row[4], row[5])
