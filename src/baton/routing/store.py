"""All SQL of the routing module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from baton.platform.db import Statements, Tx
from baton.values import Id
from baton.values.ids import NIL

sql = Statements("routing")

LAST_PLAN = sql(
    "last_plan",
    """
    select order_id, max(plan_no) from routing.plans
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) group by order_id
    """,
)
INSERT_PLANS = sql(
    "insert_plans",
    """
    insert into routing.plans
        (tenant_id, order_id, plan_no, group_no, trigger, currency, cost_minor, exact,
         explanation, at)
    select %(tenant)s, order_id, plan_no, group_no, trigger, currency, cost_minor, exact,
           explanation, %(at)s
    from unnest(%(order_id)s::uuid[], %(plan_no)s::int[], %(group_no)s::int[], %(trigger)s::text[],
                %(currency)s::text[], %(cost_minor)s::bigint[], %(exact)s::boolean[],
                %(explanation)s::jsonb[])
         as n (order_id, plan_no, group_no, trigger, currency, cost_minor, exact, explanation)
    """,
)
PLANS = sql(
    "plans",
    """
    select order_id, plan_no, group_no, trigger, currency, cost_minor, exact, explanation, at
    from routing.plans
    where tenant_id = %(tenant)s and order_id = %(order_id)s order by plan_no desc
    """,
)
EXCLUDE = sql(
    "exclude",
    """
    insert into routing.exclusions (tenant_id, order_id, location_id, cause, until)
    values (%(tenant)s, %(order_id)s, %(location_id)s, %(cause)s, %(until)s)
    on conflict (tenant_id, order_id, location_id)
    do update set cause = excluded.cause, until = excluded.until
    """,
)
EXCLUSIONS = sql(
    "exclusions",
    """
    select order_id, location_id, cause from routing.exclusions
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) and until > %(now)s
    """,
)
STRATEGIES = sql(
    "strategies",
    """
    select channel_id, max_parcels, exclusion_hours, late_cost_minor from routing.strategies
    where tenant_id = %(tenant)s
    """,
    scans="a row a channel",
)
SAVE_STRATEGY = sql(
    "save_strategy",
    """
    insert into routing.strategies
        (tenant_id, channel_id, max_parcels, exclusion_hours, late_cost_minor)
    values (%(tenant)s, %(channel_id)s, %(max_parcels)s, %(exclusion_hours)s, %(late_cost_minor)s)
    on conflict (tenant_id, channel_id) do update set max_parcels = excluded.max_parcels,
        exclusion_hours = excluded.exclusion_hours, late_cost_minor = excluded.late_cost_minor
    """,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision as it is kept; `explanation` is the whole of it as JSON."""

    order_id: Id
    plan_no: int
    group_no: int
    trigger: str
    currency: str
    cost_minor: int
    exact: bool
    explanation: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a merchant wants of the router, for a channel or (the nil id) for all others."""

    channel_id: Id = NIL
    max_parcels: int = 4
    exclusion_hours: int = 24
    late_cost_minor: int = 500


def keep(tx: Tx, plans: Sequence[Plan]) -> list[Plan]:
    """Store decisions, each with its order's next number; the caller holds the orders' locks."""
    last = dict(tx.all(LAST_PLAN, order_ids=sorted({plan.order_id for plan in plans})))
    kept = []
    for plan in plans:
        last[plan.order_id] = number = last.get(plan.order_id, 0) + 1
        kept.append(replace(plan, plan_no=number))
    names = ["order_id", "plan_no", "group_no", "trigger", "currency", "cost_minor", "exact"]
    columns = {name: [getattr(plan, name) for plan in kept] for name in names}
    explained = [msgspec.json.encode(plan.explanation).decode() for plan in kept]
    tx.run(INSERT_PLANS, explanation=explained, at=tx.now, **columns)
    return kept


def plans(tx: Tx, order_id: Id) -> list[Plan]:
    """All decisions for an order, newest first."""
    return tx.rows(Plan, PLANS, order_id=order_id)


def exclude(tx: Tx, order_id: Id, location_id: Id, cause: str, until: datetime) -> None:
    tx.run(EXCLUDE, order_id=order_id, location_id=location_id, cause=cause, until=until)


def exclusions(tx: Tx, order_ids: Sequence[Id]) -> dict[Id, dict[Id, str]]:
    """Locations that these orders are not sent to now, with the cause."""
    found: dict[Id, dict[Id, str]] = {}
    for order_id, location_id, cause in tx.all(EXCLUSIONS, order_ids=list(order_ids), now=tx.now):
        found.setdefault(order_id, {})[location_id] = cause
    return found


def strategies(tx: Tx) -> dict[Id, Strategy]:
    """Strategies by channel; the nil id holds what counts for channels without one."""
    found = {strategy.channel_id: strategy for strategy in tx.rows(Strategy, STRATEGIES)}
    return {NIL: Strategy()} | found


def save_strategy(tx: Tx, strategy: Strategy) -> None:
    tx.run(
        SAVE_STRATEGY,
        channel_id=strategy.channel_id,
        max_parcels=strategy.max_parcels,
        exclusion_hours=strategy.exclusion_hours,
        late_cost_minor=strategy.late_cost_minor,
    )
