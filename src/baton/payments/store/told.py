"""Webhooks as they came, disputes, payouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import msgspec

from baton.payments.model import (
    BookedLine,
    Dispute,
    NewsState,
    Payout,
    Webhook,
)
from baton.payments.news import DisputeState, LineKind, Verdict
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("payments")

_WEBHOOK = (
    "id, provider, event_id, verdict, state, headers, body, note, times, received_at, handled_at"
)
_DISPUTE = (
    "id, payment_id, order_id, provider, provider_ref, currency, amount, fee, reason, state,"
    " respond_by, opened_at, closed_at"
)
_PAYOUT = (
    "id, provider, payout_ref, currency, gross, fee, net, lines, unmatched, paid_at, booked_at"
)
_LINE = "payout_id, line_no, kind, ref, amount, fee, matched_id, note"

SAVE_DOOR = sql(
    "save_door",
    """
    insert into payments.doors (tenant_id, provider, secret_hash, created_at)
    values (%(tenant)s, %(provider)s, %(secret_hash)s, %(now)s)
    on conflict (tenant_id, provider) do update
    set secret_hash = excluded.secret_hash, created_at = excluded.created_at
    """,
)
DOOR = sql(
    "door",
    """
    select secret_hash from payments.doors
    where tenant_id = %(tenant)s and provider = %(provider)s
    """,
)
KEEP = sql(
    "keep_webhook",
    """
    insert into payments.inbox as i (tenant_id, id, provider, event_id, verdict, state, headers,
        body, note, times, received_at)
    values (%(tenant)s, %(id)s, %(provider)s, %(event_id)s, %(verdict)s, %(state)s, %(headers)s,
            %(body)s, %(note)s, 1, %(now)s)
    on conflict (tenant_id, provider, event_id) where event_id is not null and verdict = 'genuine'
    do update set times = i.times + 1
    returning id
    """,
)
WEBHOOK = sql(
    "webhook",
    f"""
    select {_WEBHOOK} from payments.inbox where tenant_id = %(tenant)s and id = %(id)s for update
    """,
)
WEBHOOKS = sql(
    "webhooks",
    f"""
    select {_WEBHOOK} from payments.inbox
    where tenant_id = %(tenant)s and id < %(before)s order by id desc limit %(limit)s
    """,
)
HANDLED = sql(
    "handled_webhook",
    """
    update payments.inbox set state = %(state)s, note = %(note)s, handled_at = %(at)s,
        verdict = %(verdict)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
FORGET = sql(
    "forget_webhooks",
    """
    delete from payments.inbox
    where tenant_id = %(tenant)s and state = 'refused' and received_at < %(before)s
    """,
)
SAVE_DISPUTE = sql(
    "save_dispute",
    f"""
    insert into payments.disputes as d (tenant_id, {_DISPUTE})
    values (%(tenant)s, %(id)s, %(payment_id)s, %(order_id)s, %(provider)s, %(provider_ref)s,
            %(currency)s, %(amount)s, %(fee)s, %(reason)s, %(state)s, %(respond_by)s,
            %(opened_at)s, %(closed_at)s)
    on conflict (tenant_id, provider, provider_ref) do update
    set state = excluded.state, fee = excluded.fee, respond_by = excluded.respond_by,
        closed_at = excluded.closed_at
    """,
)
DISPUTE_BY_REF = sql(
    "dispute_by_ref",
    f"""
    select {_DISPUTE} from payments.disputes
    where tenant_id = %(tenant)s and provider = %(provider)s and provider_ref = any(%(refs)s)
    """,
)
DISPUTE = sql(
    "dispute",
    f"select {_DISPUTE} from payments.disputes where tenant_id = %(tenant)s and id = %(id)s",
)
DISPUTES_BY_ORDERS = sql(
    "disputes_by_orders",
    f"""
    select {_DISPUTE} from payments.disputes
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by opened_at, id
    """,
)
DISPUTES = sql(
    "disputes",
    f"""
    select {_DISPUTE} from payments.disputes
    where tenant_id = %(tenant)s and id < %(before)s order by id desc limit %(limit)s
    """,
)
INSERT_PAYOUT = sql(
    "insert_payout",
    f"""
    insert into payments.payouts (tenant_id, {_PAYOUT})
    values (%(tenant)s, %(id)s, %(provider)s, %(payout_ref)s, %(currency)s, %(gross)s, %(fee)s,
            %(net)s, %(lines)s, %(unmatched)s, %(paid_at)s, %(booked_at)s)
    on conflict (tenant_id, provider, payout_ref) do nothing returning id
    """,
)
INSERT_LINES = sql(
    "insert_payout_lines",
    f"""
    insert into payments.payout_lines (tenant_id, {_LINE})
    select %(tenant)s, {_LINE} from unnest(
        %(payout_id)s::uuid[], %(line_no)s::int[], %(kind)s::text[], %(ref)s::text[],
        %(amount)s::bigint[], %(fee)s::bigint[], %(matched_id)s::uuid[], %(note)s::text[]
    ) as n ({_LINE})
    """,
)
MATCHED = sql(
    "matched_before",
    """
    select matched_id from payments.payout_lines
    where tenant_id = %(tenant)s and matched_id = any(%(ids)s)
    """,
)
PAYOUT_BY_REF = sql(
    "payout_by_ref",
    f"""
    select {_PAYOUT} from payments.payouts
    where tenant_id = %(tenant)s and provider = %(provider)s and payout_ref = %(payout_ref)s
    """,
)
PAYOUT = sql(
    "payout", f"select {_PAYOUT} from payments.payouts where tenant_id = %(tenant)s and id = %(id)s"
)
PAYOUTS = sql(
    "payouts",
    f"""
    select {_PAYOUT} from payments.payouts
    where tenant_id = %(tenant)s and id < %(before)s order by id desc limit %(limit)s
    """,
)
LINES = sql(
    "payout_lines",
    f"""
    select {_LINE} from payments.payout_lines
    where tenant_id = %(tenant)s and payout_id = any(%(payout_ids)s) order by payout_id, line_no
    """,
)


def save_door(tx: Tx, provider: str, secret_hash: bytes) -> None:
    tx.run(SAVE_DOOR, provider=provider, secret_hash=secret_hash, now=tx.now)


def door(tx: Tx, provider: str) -> bytes | None:
    row = tx.one(DOOR, provider=provider)
    return bytes(row[0]) if row else None


def keep(tx: Tx, webhook: Webhook) -> Id:
    """Keep a webhook; the id under which it, or the first of its kind, is kept."""
    row = tx.one(
        KEEP,
        id=webhook.id,
        provider=webhook.provider,
        event_id=webhook.event_id,
        verdict=webhook.verdict,
        state=webhook.state,
        headers=msgspec.json.encode(webhook.headers).decode(),
        body=webhook.body,
        note=webhook.note,
        now=webhook.received_at,
    )
    assert row is not None
    found: Id = row[0]
    return found


def webhook(tx: Tx, id: Id) -> Webhook | None:
    """One webhook, locked."""
    row = tx.one(WEBHOOK, id=id)
    return _webhook(row) if row else None


def webhooks(tx: Tx, before: Id, limit: int) -> list[Webhook]:
    """Webhooks older than `before`, newest first."""
    return [_webhook(row) for row in tx.all(WEBHOOKS, before=before, limit=limit)]


def handled(tx: Tx, id: Id, verdict: Verdict, state: NewsState, note: str) -> None:
    tx.run(HANDLED, id=id, verdict=verdict, state=state, note=note[:1000], at=tx.now)


def forget(tx: Tx, before: datetime) -> int:
    """Forget webhooks that nothing followed from; returns how many."""
    return tx.count(FORGET, before=before)


def save_dispute(tx: Tx, dispute: Dispute) -> None:
    tx.run(SAVE_DISPUTE, **asdict(dispute))


def disputes_by_ref(tx: Tx, provider: str, refs: Sequence[str]) -> list[Dispute]:
    return [_dispute(row) for row in tx.all(DISPUTE_BY_REF, provider=provider, refs=list(refs))]


def dispute(tx: Tx, id: Id) -> Dispute | None:
    row = tx.one(DISPUTE, id=id)
    return _dispute(row) if row else None


def disputes_by_orders(tx: Tx, order_ids: Sequence[Id]) -> list[Dispute]:
    rows = tx.all(DISPUTES_BY_ORDERS, order_ids=sorted(set(order_ids)))
    return [_dispute(row) for row in rows]


def disputes(tx: Tx, before: Id, limit: int) -> list[Dispute]:
    """Disputes, newest first."""
    return [_dispute(row) for row in tx.all(DISPUTES, before=before, limit=limit)]


def insert_payout(tx: Tx, payout: Payout) -> bool:
    """Keep a payout; False where it was booked before."""
    return tx.one(INSERT_PAYOUT, **asdict(payout)) is not None


def insert_lines(tx: Tx, lines: Sequence[BookedLine]) -> None:
    if lines:
        tx.run(INSERT_LINES, **columns(lines, *(one.name for one in fields(BookedLine))))


def matched(tx: Tx, ids: Sequence[Id]) -> set[Id]:
    """Of these effects, those that a payout had already."""
    return {row[0] for row in tx.all(MATCHED, ids=sorted(set(ids)))}


def payout_by_ref(tx: Tx, provider: str, payout_ref: str) -> Payout | None:
    found = tx.rows(Payout, PAYOUT_BY_REF, provider=provider, payout_ref=payout_ref)
    return next(iter(found), None)


def payout(tx: Tx, id: Id) -> Payout | None:
    return next(iter(tx.rows(Payout, PAYOUT, id=id)), None)


def payouts(tx: Tx, before: Id, limit: int) -> list[Payout]:
    """Payouts, the last booked first."""
    return tx.rows(Payout, PAYOUTS, before=before, limit=limit)


def lines(tx: Tx, payout_ids: Sequence[Id]) -> list[BookedLine]:
    found = []
    for row in tx.all(LINES, payout_ids=sorted(set(payout_ids))):
        payout_id, line_no, kind, *rest = row
        found.append(BookedLine(payout_id, line_no, LineKind(kind), *rest))
    return found


def _webhook(row: tuple[Any, ...]) -> Webhook:
    id, provider, event_id, verdict, state, headers, body, *rest = row
    return Webhook(
        id, provider, event_id, Verdict(verdict), NewsState(state), headers, bytes(body), *rest
    )


def _dispute(row: tuple[Any, ...]) -> Dispute:
    kept = dict(zip((one.name for one in fields(Dispute)), row, strict=True))
    kept["state"] = DisputeState(kept["state"])
    return Dispute(**kept)
