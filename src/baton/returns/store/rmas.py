"""Returns that are worked on, their lines, and the guard of the order lines' units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import msgspec

from baton.platform.db import Statements, Tx, columns, listed
from baton.returns.model.money import GoesTo
from baton.returns.model.rma import Cause, Claim, Place, Rma, RmaLine, State
from baton.returns.store.policies import terms_of
from baton.values.ids import Id

sql = Statements("returns")

_RMA = (
    "id, number, order_id, order_number, channel_id, customer_id, currency, cause, status,"
    " location_id, policy, terms, reasons, question, note, requested_at, decided_at, decided_by,"
    " expires_at, closed_at, version"
)
_LINE = (
    "line_no, order_line, sku_id, sku_code, title, requested, units, reason, condition, note,"
    " wanted, exchange_sku, outcome, decision, told_minor, received, kept, missing, graded,"
    " disposed, settled"
)
_LINE_NAMES = tuple(f.name for f in fields(RmaLine))
_CHANGING = (
    "line_no", "requested", "units", "condition", "note", "wanted", "exchange_sku", "outcome",
    "decision", "received", "kept", "missing", "graded", "disposed", "settled",
)  # fmt: skip

INSERT_RMA = sql(
    "insert_rma",
    f"""
    insert into returns.rmas (tenant_id, {_RMA})
    values (%(tenant)s, %(id)s, %(number)s, %(order_id)s, %(order_number)s, %(channel_id)s,
            %(customer_id)s, %(currency)s, %(cause)s, %(status)s, %(location_id)s, %(policy)s,
            %(terms)s, %(reasons)s, %(question)s, %(note)s, %(requested_at)s, %(decided_at)s,
            %(decided_by)s, %(expires_at)s, %(closed_at)s, %(version)s)
    """,
)
INSERT_LINES = sql(
    "insert_rma_lines",
    f"""
    insert into returns.rma_lines (tenant_id, rma_id, order_id, {_LINE})
    select %(tenant)s, %(rma_id)s, %(order_id)s, {_LINE}
    from unnest(
        %(line_no)s::int[], %(order_line)s::int[], %(sku_id)s::uuid[], %(sku_code)s::text[],
        %(title)s::text[], %(requested)s::int[], %(units)s::int[], %(reason)s::text[],
        %(condition)s::text[], %(note)s::text[], %(wanted)s::text[], %(exchange_sku)s::text[],
        %(outcome)s::text[], %(decision)s::jsonb[], %(told_minor)s::bigint[], %(received)s::int[],
        %(kept)s::int[], %(missing)s::int[], %(graded)s::int[], %(disposed)s::int[],
        %(settled)s::int[]
    ) as n ({_LINE})
    """,
)
UPDATE_RMA = sql(
    "update_rma",
    """
    update returns.rmas set status = %(status)s, location_id = %(location_id)s,
        policy = %(policy)s, terms = %(terms)s, reasons = %(reasons)s, question = %(question)s,
        decided_at = %(decided_at)s, decided_by = %(decided_by)s, expires_at = %(expires_at)s,
        closed_at = %(closed_at)s, version = %(version)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
UPDATE_LINES = sql(
    "update_rma_lines",
    """
    update returns.rma_lines l set requested = n.requested, units = n.units,
        condition = n.condition, note = n.note, wanted = n.wanted, exchange_sku = n.exchange_sku,
        outcome = n.outcome, decision = n.decision, received = n.received, kept = n.kept,
        missing = n.missing, graded = n.graded, disposed = n.disposed, settled = n.settled
    from unnest(
        %(line_no)s::int[], %(requested)s::int[], %(units)s::int[], %(condition)s::text[],
        %(note)s::text[], %(wanted)s::text[], %(exchange_sku)s::text[], %(outcome)s::text[],
        %(decision)s::jsonb[], %(received)s::int[], %(kept)s::int[], %(missing)s::int[],
        %(graded)s::int[], %(disposed)s::int[], %(settled)s::int[]
    ) as n (line_no, requested, units, condition, note, wanted, exchange_sku, outcome, decision,
            received, kept, missing, graded, disposed, settled)
    where l.tenant_id = %(tenant)s and l.rma_id = %(rma_id)s and l.line_no = n.line_no
    """,
)
RMAS = sql(
    "rmas",
    f"select {_RMA} from returns.rmas where tenant_id = %(tenant)s and id = any(%(ids)s)"
    " order by id",
)
LOCK_RMAS = sql(
    "lock_rmas",
    f"select {_RMA} from returns.rmas where tenant_id = %(tenant)s and id = any(%(ids)s)"
    " order by id for update",
)
RMA_LINES = sql(
    "rma_lines",
    f"""
    select rma_id, {_LINE} from returns.rma_lines
    where tenant_id = %(tenant)s and rma_id = any(%(ids)s) order by rma_id, line_no
    """,
)
RMA_BY_NUMBER = sql(
    "rma_by_number",
    "select id from returns.rmas where tenant_id = %(tenant)s and number = %(number)s",
)
RMAS_OF_ORDERS = sql(
    "rmas_of_orders",
    """
    select id from returns.rmas
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by requested_at, id
    """,
)
_AT = "and (%(at)s::uuid[] is null or location_id = any(%(at)s))"
_BEFORE = """and (requested_at, id) < (%(requested_at)s, %(id)s)
    order by requested_at desc, id desc limit %(limit)s"""
RECENT_RMAS = sql(
    "recent_rmas",
    f"select id from returns.rmas where tenant_id = %(tenant)s {_AT} {_BEFORE}",
)
RMAS_BY_STATUS = sql(
    "rmas_by_status",
    f"""
    select id from returns.rmas where tenant_id = %(tenant)s and status = %(status)s {_AT} {_BEFORE}
    """,
)
DUE_RMAS = sql(
    "due_rmas",
    """
    select id from returns.rmas
    where tenant_id = %(tenant)s and status in ('asked', 'approved', 'on_its_way')
      and expires_at <= %(now)s
    order by expires_at limit %(limit)s
    """,
)
STANDING = sql(
    "standing",
    """
    select coalesce(sum(s.amount_minor), 0)::bigint
    from returns.rmas r
    join returns.settlements s on s.tenant_id = %(tenant)s and s.order_id = r.order_id
      and s.rma_id = r.id
    where r.tenant_id = %(tenant)s and r.customer_id = %(customer_id)s
    """,
)
CLAIM = sql(
    "claim",
    """
    insert into returns.claims as c (tenant_id, order_id, order_line, gone, claimed, settled)
    select %(tenant)s, %(order_id)s, n.order_line, n.gone, n.claimed, n.settled
    from unnest(%(order_line)s::int[], %(gone)s::int[], %(claimed)s::int[], %(settled)s::int[])
         as n (order_line, gone, claimed, settled)
    on conflict (tenant_id, order_id, order_line) do update
    set gone = greatest(excluded.gone, c.claimed), claimed = excluded.claimed,
        settled = excluded.settled
    """,
)
CLAIMS = sql(
    "claims",
    """
    select order_id, order_line, gone, claimed, settled from returns.claims
    where tenant_id = %(tenant)s and order_id = %(order_id)s order by order_line for update
    """,
)
COUNT_RECORDED = sql(
    "count_recorded",
    """
    update returns.claims c set claimed = c.claimed + n.units, settled = c.settled + n.units,
        gone = greatest(c.gone, c.claimed + n.units)
    from unnest(%(order_id)s::uuid[], %(order_line)s::int[], %(units)s::int[])
         as n (order_id, order_line, units)
    where c.tenant_id = %(tenant)s and c.order_id = n.order_id and c.order_line = n.order_line
    """,
)


def insert(tx: Tx, rma: Rma) -> None:
    """Write a new return with its lines."""
    tx.run(INSERT_RMA, **_rma_values(rma))
    insert_lines(tx, rma, rma.lines)


def insert_lines(tx: Tx, rma: Rma, lines: Sequence[RmaLine]) -> None:
    """Write more lines of a return."""
    if lines:
        values = _line_columns(lines, _LINE_NAMES)
        tx.run(INSERT_LINES, rma_id=rma.id, order_id=rma.order_id, **values)


def update(tx: Tx, before: Rma, after: Rma) -> Rma:
    """Write what changed; the version goes up by one."""
    after = replace(after, version=before.version + 1)
    tx.run(UPDATE_RMA, **_rma_values(after))
    old = {line.line_no: line for line in before.lines}
    changed = [x for x in after.lines if x.line_no in old and x != old[x.line_no]]
    if changed:
        tx.run(UPDATE_LINES, rma_id=after.id, **_line_columns(changed, _CHANGING))
    insert_lines(tx, after, [x for x in after.lines if x.line_no not in old])
    return after


def load(tx: Tx, ids: Collection[Id], *, lock: bool = False) -> dict[Id, Rma]:
    """Whole returns by id, locked in the order of their ids if wanted."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = tx.all(LOCK_RMAS if lock else RMAS, ids=wanted)
    lines: dict[Id, list[RmaLine]] = {}
    for rma_id, *line in tx.all(RMA_LINES, ids=wanted):
        lines.setdefault(rma_id, []).append(_line(line))
    return {row[0]: _rma(row, tuple(lines.get(row[0], ()))) for row in rows}


def rma_by_number(tx: Tx, number: str) -> Id | None:
    row = tx.one(RMA_BY_NUMBER, number=number)
    return row[0] if row else None


def rmas_of_orders(tx: Tx, order_ids: Collection[Id]) -> list[Rma]:
    """The returns that are or were worked on for these orders, oldest first."""
    found = [row[0] for row in tx.all(RMAS_OF_ORDERS, order_ids=sorted(set(order_ids)))]
    loaded = load(tx, found)
    return [loaded[id] for id in found]


def page_of_rmas(
    tx: Tx, after: Place, status: State | None, at: Collection[Id] | None, limit: int
) -> list[Rma]:
    """Returns, newest first, that go to these locations (None: to any)."""
    values: dict[str, Any] = {"requested_at": after.at, "id": after.id, "limit": limit}
    values["at"] = listed(at)
    if status is None:
        rows = tx.all(RECENT_RMAS, **values)
    else:
        rows = tx.all(RMAS_BY_STATUS, status=status.value, **values)
    loaded = load(tx, [row[0] for row in rows])
    return [loaded[row[0]] for row in rows]


def due_rmas(tx: Tx, limit: int) -> list[Id]:
    """Returns whose time is over, the longest first."""
    return [row[0] for row in tx.all(DUE_RMAS, now=tx.now, limit=limit)]


def refunded_to(tx: Tx, customer_id: Id) -> int:
    """Minor units that a customer's returns brought so far, of whatever currency."""
    row = tx.one(STANDING, customer_id=customer_id)
    return int(row[0]) if row else 0


def claims(tx: Tx, order_id: Id) -> dict[int, Claim]:
    """The guard rows of an order, locked; lines that nobody returned yet have none."""
    return {row[1]: Claim(*row) for row in tx.all(CLAIMS, order_id=order_id)}


def write_claims(tx: Tx, order_id: Id, rows: Sequence[Claim]) -> None:
    """Write guard rows as they are now. The database refuses claimed > gone."""
    if rows:
        values = columns(rows, "order_line", "gone", "claimed", "settled")
        tx.run(CLAIM, order_id=order_id, **values)


def count_recorded(tx: Tx, units: Sequence[tuple[Id, int, int]]) -> None:
    """Units that a channel reported as returned, as (order, line, units), can't come again."""
    if units:
        tx.run(
            COUNT_RECORDED,
            order_id=[each[0] for each in units],
            order_line=[each[1] for each in units],
            units=[each[2] for each in units],
        )


# ── rows to values and back ────────────────────────────────────────────────────────────────


def _rma_values(rma: Rma) -> dict[str, Any]:
    values = {f.name: getattr(rma, f.name) for f in fields(Rma) if f.name != "lines"}
    values["terms"] = _json(asdict(rma.terms))
    values["reasons"] = list(rma.reasons)
    values["cause"], values["status"] = rma.cause.value, rma.status.value
    return values


def _line_columns(lines: Sequence[RmaLine], names: Sequence[str]) -> dict[str, list[Any]]:
    values = columns(lines, *names)
    values["wanted"] = [line.wanted.value for line in lines]
    values["decision"] = [_json(line.decision) for line in lines]
    return values


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _rma(row: tuple[Any, ...], lines: tuple[RmaLine, ...]) -> Rma:
    kept = dict(zip((f.name for f in fields(Rma)), row, strict=False))
    kept["cause"], kept["status"] = Cause(kept["cause"]), State(kept["status"])
    kept["terms"] = terms_of(kept["terms"])
    kept["reasons"] = tuple(kept["reasons"])
    return Rma(**kept, lines=lines)


def _line(row: Sequence[Any]) -> RmaLine:
    kept = dict(zip(_LINE_NAMES, row, strict=True))
    kept["wanted"] = GoesTo(kept["wanted"])
    return RmaLine(**kept)
