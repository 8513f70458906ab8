"""Entries, their lines, and the monthly balances beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from baton.accounting.model import Balance, Entry, LedgerLine, PostingLine
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("accounting")

_ENTRY = (
    "id, legal_entity_id, no, source_id, rule, fact, subject_id, order_id, channel_id, currency,"
    " base_currency, rate, belongs_on, booked_on, booked_at, actor, memo, note, reverses"
)
_OF_ENTRY = ", ".join(f"e.{name}" for name in _ENTRY.split(", "))

INSERT = sql(
    "insert_entries",
    f"""
    insert into accounting.entries (tenant_id, {_ENTRY})
    select %(tenant)s, {_ENTRY} from unnest(
        %(id)s::uuid[], %(legal_entity_id)s::uuid[], %(no)s::bigint[], %(source_id)s::uuid[],
        %(rule)s::text[], %(fact)s::text[], %(subject_id)s::uuid[], %(order_id)s::uuid[],
        %(channel_id)s::uuid[], %(currency)s::text[], %(base_currency)s::text[],
        %(rate)s::numeric[], %(belongs_on)s::date[], %(booked_on)s::date[],
        %(booked_at)s::timestamptz[], %(actor)s::text[], %(memo)s::text[], %(note)s::text[],
        %(reverses)s::uuid[]
    ) as n ({_ENTRY})
    """,
)
INSERT_LINES = sql(
    "insert_entry_lines",
    """
    insert into accounting.lines
        (tenant_id, entry_id, line_no, legal_entity_id, entry_no, booked_on, account, key, code,
         currency, amount, base, sku_id, units)
    select %(tenant)s, n.* from unnest(
        %(entry_id)s::uuid[], %(line_no)s::int[], %(legal_entity_id)s::uuid[],
        %(entry_no)s::bigint[], %(booked_on)s::date[], %(account)s::text[], %(key)s::text[],
        %(code)s::text[], %(currency)s::text[], %(amount)s::bigint[], %(base)s::bigint[],
        %(sku_id)s::uuid[], %(units)s::int[]
    ) as n
    """,
)
ADD = sql(
    "add_to_balances",
    """
    insert into accounting.balances as b
        (tenant_id, legal_entity_id, month, account, currency, debit, credit, base_debit,
         base_credit)
    select %(tenant)s, n.* from unnest(
        %(legal_entity_id)s::uuid[], %(month)s::date[], %(account)s::text[], %(currency)s::text[],
        %(debit)s::bigint[], %(credit)s::bigint[], %(base_debit)s::bigint[],
        %(base_credit)s::bigint[]
    ) as n (legal_entity_id, month, account, currency, debit, credit, base_debit, base_credit)
    order by n.legal_entity_id, n.month, n.account, n.currency
    on conflict (tenant_id, legal_entity_id, month, account, currency) do update
    set debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
        base_debit = b.base_debit + excluded.base_debit,
        base_credit = b.base_credit + excluded.base_credit
    """,
)
MONTHS = sql(
    "balances_of_months",
    """
    select b.account, b.currency,
           sum(case when b.month < %(month)s then b.debit - b.credit else 0 end)::bigint,
           sum(case when b.month < %(month)s then 0 else b.debit end)::bigint,
           sum(case when b.month < %(month)s then 0 else b.credit end)::bigint,
           sum(case when b.month < %(month)s then b.base_debit - b.base_credit else 0 end)::bigint,
           sum(case when b.month < %(month)s then 0 else b.base_debit end)::bigint,
           sum(case when b.month < %(month)s then 0 else b.base_credit end)::bigint
    from accounting.balances b
    where b.tenant_id = %(tenant)s and b.legal_entity_id = %(entity)s and b.month <= %(last)s
      and (%(account)s::text is null or b.account = %(account)s)
    group by b.account, b.currency order by b.account, b.currency
    """,
)
DAYS = sql(
    "sums_of_days",
    """
    select l.account, l.currency, sum(greatest(l.amount, 0))::bigint,
           sum(greatest(-l.amount, 0))::bigint, sum(greatest(l.base, 0))::bigint,
           sum(greatest(-l.base, 0))::bigint
    from accounting.entries e
    join accounting.lines l on l.tenant_id = %(tenant)s and l.entry_id = e.id
    where e.tenant_id = %(tenant)s and e.legal_entity_id = %(entity)s
      and e.booked_on >= %(first)s and e.booked_on <= %(last)s
      and (%(account)s::text is null or l.account = %(account)s)
    group by l.account, l.currency
    """,
)
LEDGER = sql(
    "ledger_of_account",
    """
    select l.entry_id, l.entry_no, l.line_no, l.booked_on, e.belongs_on, e.fact, e.order_id,
           e.memo, l.key, l.code, l.currency, l.amount, l.base
    from accounting.lines l
    join accounting.entries e on e.tenant_id = %(tenant)s and e.id = l.entry_id
    where l.tenant_id = %(tenant)s and l.legal_entity_id = %(entity)s and l.account = %(account)s
      and l.booked_on >= %(first)s and l.booked_on <= %(last)s
      and (l.booked_on, l.entry_no, l.line_no) > (%(day)s, %(no)s, %(line)s)
    order by l.booked_on, l.entry_no, l.line_no limit %(limit)s
    """,
)
UP_TO = sql(
    "ledger_up_to",
    """
    select coalesce(sum(l.base), 0)::bigint
    from accounting.lines l
    where l.tenant_id = %(tenant)s and l.legal_entity_id = %(entity)s and l.account = %(account)s
      and l.booked_on >= %(first)s and l.booked_on <= %(day)s
      and (l.booked_on, l.entry_no, l.line_no) <= (%(day)s, %(no)s, %(line)s)
    """,
)
BY_ID = sql(
    "entries_by_id",
    f"""
    select {_OF_ENTRY} from accounting.entries e
    where e.tenant_id = %(tenant)s and e.id = any(%(ids)s) order by e.id
    """,
)
OF_DAYS = sql(
    "entries_of_days",
    f"""
    select {_OF_ENTRY} from accounting.entries e
    where e.tenant_id = %(tenant)s and e.legal_entity_id = %(entity)s
      and e.booked_on >= %(first)s and e.booked_on <= %(last)s and e.no <= %(last_no)s
      and (e.booked_on, e.no) > (%(day)s, %(no)s)
    order by e.booked_on, e.no limit %(limit)s
    """,
)
OF_ORDER = sql(
    "entries_of_order",
    f"""
    select {_OF_ENTRY} from accounting.entries e
    where e.tenant_id = %(tenant)s and e.order_id = %(order)s order by e.no, e.id limit %(limit)s
    """,
)
OF_SOURCE = sql(
    "entries_of_source",
    f"""
    select {_OF_ENTRY} from accounting.entries e
    where e.tenant_id = %(tenant)s and e.source_id = any(%(ids)s) order by e.no, e.id
    """,
)
LINES = sql(
    "lines_of_entries",
    """
    select l.entry_id, l.account, l.key, l.amount, l.base, l.code, l.sku_id, l.units
    from accounting.lines l
    where l.tenant_id = %(tenant)s and l.entry_id = any(%(ids)s)
    order by l.entry_id, l.line_no
    """,
)
COUNT_DAYS = sql(
    "count_entries_of_days",
    """
    select count(*), coalesce(max(e.no), 0)::bigint from accounting.entries e
    where e.tenant_id = %(tenant)s and e.legal_entity_id = %(entity)s
      and e.booked_on >= %(first)s and e.booked_on <= %(last)s
    """,
)


def insert(tx: Tx, entries: Sequence[Entry]) -> None:
    """Write new entries with their lines, and add them to the balances of their months."""
    if not entries:
        return
    tx.run(INSERT, **columns(entries, *_ENTRY.split(", ")))
    lines = [(e, n, line) for e in entries for n, line in enumerate(e.lines, 1)]
    tx.run(
        INSERT_LINES,
        entry_id=[e.id for e, _, _ in lines],
        line_no=[n for _, n, _ in lines],
        legal_entity_id=[e.legal_entity_id for e, _, _ in lines],
        entry_no=[e.no for e, _, _ in lines],
        booked_on=[e.booked_on for e, _, _ in lines],
        currency=[e.currency for e, _, _ in lines],
        **columns(
            [line for _, _, line in lines],
            *("account", "key", "code", "amount", "base", "sku_id", "units"),
        ),
    )
    _add(tx, entries)


def _add(tx: Tx, entries: Sequence[Entry]) -> None:
    sums: dict[tuple[Id, date, str, str], list[int]] = {}
    for entry in entries:
        for line in entry.lines:
            month = entry.booked_on.replace(day=1)
            place = entry.legal_entity_id, month, line.account, entry.currency
            found = sums.setdefault(place, [0, 0, 0, 0])
            found[0 if line.amount > 0 else 1] += abs(line.amount)
            found[2 if line.base > 0 else 3] += abs(line.base)
    keys, values = list(sums), list(sums.values())
    tx.run(
        ADD,
        legal_entity_id=[key[0] for key in keys],
        month=[key[1] for key in keys],
        account=[key[2] for key in keys],
        currency=[key[3] for key in keys],
        debit=[value[0] for value in values],
        credit=[value[1] for value in values],
        base_debit=[value[2] for value in values],
        base_credit=[value[3] for value in values],
    )


# ── reading ────────────────────────────────────────────────────────────────────────────────


def balances(
    tx: Tx, entity: Id, first: date, last: date, account: str | None = None
) -> list[Balance]:
    """Each account and currency with what it came to before `first`, and through `last`.

    Whole months come from their balances; the days that are cut off at either end from lines.
    """
    month = first.replace(day=1)
    found: dict[tuple[str, str], list[int]] = {}
    for row in tx.all(
        MONTHS, entity=entity, month=month, last=last.replace(day=1), account=account
    ):
        found[row[0], row[1]] = list(row[2:])
    before = _days(tx, entity, month, first, account, until=True)
    after = _days(tx, entity, last, _next_month(last), account, until=False)
    for place, (debit, credit, base_debit, base_credit) in before.items():
        own = found[place]
        own[0] += debit - credit
        own[3] += base_debit - base_credit
        own[1], own[2] = own[1] - debit, own[2] - credit
        own[4], own[5] = own[4] - base_debit, own[5] - base_credit
    for place, (debit, credit, base_debit, base_credit) in after.items():
        own = found[place]
        own[1], own[2] = own[1] - debit, own[2] - credit
        own[4], own[5] = own[4] - base_debit, own[5] - base_credit
    return [Balance(*place, *own) for place, own in sorted(found.items())]


def _days(
    tx: Tx, entity: Id, first: date, last: date, account: str | None, *, until: bool
) -> dict[tuple[str, str], Sequence[int]]:
    """Sums of the days from `first` to just before `last`, or from just after `first` on."""
    one = date.resolution
    begin, end = (first, last - one) if until else (first + one, last - one)
    if begin > end:
        return {}
    rows = tx.all(DAYS, entity=entity, first=begin, last=end, account=account)
    return {(row[0], row[1]): row[2:] for row in rows}


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def ledger(
    tx: Tx,
    entity: Id,
    account: str,
    first: date,
    last: date,
    after: tuple[date, int, int],
    limit: int,
) -> list[LedgerLine]:
    """Lines of an account from just after (day, entry, line), oldest first, without balances."""
    rows = tx.all(
        LEDGER,
        entity=entity,
        account=account,
        first=first,
        last=last,
        day=after[0],
        no=after[1],
        line=after[2],
        limit=limit,
    )
    return [LedgerLine(*row) for row in rows]


def up_to(tx: Tx, entity: Id, account: str, first: date, after: tuple[date, int, int]) -> int:
    """The sum in base currency of an account's lines from `first` through (day, entry, line)."""
    row = tx.one(
        UP_TO, entity=entity, account=account, first=first, day=after[0], no=after[1], line=after[2]
    )
    assert row is not None
    return int(row[0])


def by_id(tx: Tx, ids: Sequence[Id]) -> list[Entry]:
    """These entries with their lines."""
    return _whole(tx, tx.all(BY_ID, ids=list(ids)))


def of_days(
    tx: Tx, entity: Id, first: date, last: date, last_no: int, after: tuple[date, int], limit: int
) -> list[Entry]:
    """Entries booked on these days from just after (day, number), with their lines."""
    return _whole(
        tx,
        tx.all(
            OF_DAYS,
            entity=entity,
            first=first,
            last=last,
            last_no=last_no,
            day=after[0],
            no=after[1],
            limit=limit,
        ),
    )


def of_order(tx: Tx, order_id: Id, limit: int) -> list[Entry]:
    """What was booked for an order, with lines, in the order of its numbers."""
    return _whole(tx, tx.all(OF_ORDER, order=order_id, limit=limit))


def of_sources(tx: Tx, source_ids: Sequence[Id]) -> list[Entry]:
    """What was booked for these facts, or as the reversal of these entries."""
    return _whole(tx, tx.all(OF_SOURCE, ids=list(source_ids)))


def count(tx: Tx, entity: Id, first: date, last: date) -> tuple[int, int]:
    """How many entries were booked on these days, and the highest of their numbers."""
    row = tx.one(COUNT_DAYS, entity=entity, first=first, last=last)
    assert row is not None
    return row[0], row[1]


def _whole(tx: Tx, heads: Sequence[tuple[Any, ...]]) -> list[Entry]:
    lines: dict[Id, list[PostingLine]] = {head[0]: [] for head in heads}
    if heads:
        for row in tx.all(LINES, ids=list(lines)):
            lines[row[0]].append(PostingLine(*row[1:]))
    return [_entry(head, tuple(lines[head[0]])) for head in heads]


def _entry(head: tuple[Any, ...], lines: tuple[PostingLine, ...]) -> Entry:
    values: list[Any] = [*head, lines]
    return Entry(*values)
