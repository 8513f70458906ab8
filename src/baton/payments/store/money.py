"""Payments, effects and receivables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from baton.payments.model import (
    CaptureAt,
    Effect,
    EffectKind,
    EffectState,
    Payment,
    PaymentState,
    Receivable,
)
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import NIL, Id

sql = Statements("payments")

_PAYMENT = (
    "id, order_id, rank, provider, method, token, currency, amount, provider_ref, expires_at,"
    " authorised, captured, capturing, refunded, refunding, voided, created_at, capture_at, status,"
    " place, replaces, pays_for"
)
_EFFECT = (
    "id, payment_id, order_id, amount, subject_id, provider_ref, error, requested_at, settled_at,"
    " kind, state, round, via, reason, action_url, answer_ref"
)
_PAYMENT_FIELDS = tuple(one.name for one in fields(Payment))
_EFFECT_FIELDS = tuple(one.name for one in fields(Effect))
_CHANGING = (
    "id",
    "state",
    "provider_ref",
    "expires_at",
    "authorised",
    "captured",
    "capturing",
    "refunded",
    "refunding",
    "voided",
)
_RECEIVABLE = "id, order_id, subject_id, currency, amount, cause, opened_at, settled_at, paid"

INSERT = sql(
    "insert",
    f"""
    insert into payments.payments (tenant_id, {_PAYMENT})
    select %(tenant)s, {_PAYMENT} from unnest(
        %(id)s::uuid[], %(order_id)s::uuid[], %(rank)s::int[], %(provider)s::text[],
        %(method)s::text[], %(token)s::text[], %(currency)s::text[], %(amount)s::bigint[],
        %(provider_ref)s::text[], %(expires_at)s::timestamptz[], %(authorised)s::bigint[],
        %(captured)s::bigint[], %(capturing)s::bigint[], %(refunded)s::bigint[],
        %(refunding)s::bigint[], %(voided)s::bigint[], %(created_at)s::timestamptz[],
        %(capture_at)s::text[], %(state)s::text[], %(place)s::int[], %(replaces)s::uuid[],
        %(pays_for)s::uuid[]
    ) as n ({_PAYMENT})
    """,
)
UPDATE = sql(
    "update",
    """
    update payments.payments p set status = n.status, provider_ref = n.provider_ref,
        expires_at = n.expires_at, authorised = n.authorised, captured = n.captured,
        capturing = n.capturing, refunded = n.refunded, refunding = n.refunding, voided = n.voided
    from unnest(%(id)s::uuid[], %(state)s::text[], %(provider_ref)s::text[],
                %(expires_at)s::timestamptz[], %(authorised)s::bigint[], %(captured)s::bigint[],
                %(capturing)s::bigint[], %(refunded)s::bigint[], %(refunding)s::bigint[],
                %(voided)s::bigint[])
         as n (id, status, provider_ref, expires_at, authorised, captured, capturing, refunded,
               refunding, voided)
    where p.tenant_id = %(tenant)s and p.id = n.id
    """,
)
LOCK = sql(
    "lock",
    f"""
    select {_PAYMENT} from payments.payments
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by id for update
    """,
)
LOCK_ONE = sql(
    "lock_one",
    f"""
    select {_PAYMENT} from payments.payments
    where tenant_id = %(tenant)s and id = %(id)s order by id for update
    """,
)
BY_ORDERS = sql(
    "by_orders",
    f"""
    select {_PAYMENT} from payments.payments
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s)
    order by order_id, case when place = 0 then rank else place end, rank
    """,
)
PAGE = sql(
    "page",
    f"""
    select {_PAYMENT} from payments.payments
    where tenant_id = %(tenant)s and id > %(after)s order by id limit %(limit)s
    """,
)
INSERT_EFFECTS = sql(
    "insert_effects",
    f"""
    insert into payments.effects (tenant_id, {_EFFECT})
    select %(tenant)s, {_EFFECT} from unnest(
        %(id)s::uuid[], %(payment_id)s::uuid[], %(order_id)s::uuid[], %(amount)s::bigint[],
        %(subject_id)s::uuid[], %(provider_ref)s::text[], %(error)s::text[],
        %(requested_at)s::timestamptz[], %(settled_at)s::timestamptz[], %(kind)s::text[],
        %(state)s::text[], %(round)s::int[], %(via)s::text[], %(reason)s::text[],
        %(action_url)s::text[], %(answer_ref)s::text[]
    ) as n ({_EFFECT})
    """,
)
SETTLE = sql(
    "settle",
    """
    update payments.effects set state = %(state)s, amount = %(amount)s,
        provider_ref = %(provider_ref)s, error = %(error)s, settled_at = %(settled_at)s,
        answer_ref = %(answer_ref)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
EFFECT = sql(
    "effect", f"select {_EFFECT} from payments.effects where tenant_id = %(tenant)s and id = %(id)s"
)
EFFECTS_BY_ID = sql(
    "effects_by_id",
    f"""
    select {_EFFECT} from payments.effects
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by id
    """,
)
EFFECTS_BY_ANSWER = sql(
    "effects_by_answer",
    f"""
    select {_EFFECT} from payments.effects
    where tenant_id = %(tenant)s and answer_ref = any(%(refs)s) and answer_ref <> '' order by id
    """,
)
EFFECTS_BY_ORDERS = sql(
    "effects_by_orders",
    f"""
    select {_EFFECT} from payments.effects
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by id
    """,
)
EFFECTS_BY_PAYMENTS = sql(
    "effects_by_payments",
    f"""
    select {_EFFECT} from payments.effects
    where tenant_id = %(tenant)s and payment_id = any(%(payment_ids)s) order by id
    """,
)
OPEN_EFFECTS = sql(
    "open_effects",
    f"""
    select {_EFFECT} from payments.effects
    where tenant_id = %(tenant)s and state = 'requested' and requested_at < %(before)s
    order by requested_at, id limit %(limit)s
    """,
)
_NEW_RECEIVABLE = """
    insert into payments.receivables as r
        (tenant_id, id, order_id, subject_id, currency, amount, cause, opened_at)
    values (%(tenant)s, %(id)s, %(order_id)s, %(subject_id)s, %(currency)s, %(amount)s, %(cause)s,
            %(at)s)
"""
ADD_RECEIVABLE = sql(
    "add_receivable",
    _NEW_RECEIVABLE
    + f"""
    on conflict (tenant_id, subject_id) do update set amount = r.amount + excluded.amount,
        settled_at = null
    returning {_RECEIVABLE}
    """,
)
RAISE_RECEIVABLE = sql(
    "raise_receivable",
    _NEW_RECEIVABLE
    + f"""
    on conflict (tenant_id, subject_id) do update set amount = excluded.amount,
        settled_at = null
    where r.amount < excluded.amount
    returning {_RECEIVABLE}
    """,
)
RECEIVABLES_BY_ORDERS = sql(
    "receivables_by_orders",
    f"""
    select {_RECEIVABLE} from payments.receivables
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by opened_at, id
    """,
)
RECEIVABLE_LOCKED = sql(
    "receivable_locked",
    f"""
    select {_RECEIVABLE} from payments.receivables
    where tenant_id = %(tenant)s and id = %(id)s for update
    """,
)
PAY_RECEIVABLE = sql(
    "pay_receivable",
    """
    update payments.receivables set paid = %(paid)s, settled_at = %(settled_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
ACTION_URL = sql(
    "action_url",
    """
    update payments.effects set action_url = %(url)s
    where tenant_id = %(tenant)s and id = %(id)s and action_url <> %(url)s
    """,
)
EXPIRING = sql(
    "expiring",
    f"""
    select {_PAYMENT} from payments.payments p
    where p.tenant_id = %(tenant)s and p.status = 'authorised' and p.expires_at is not null
      and p.expires_at < %(before)s and not exists (
          select from payments.payments r where r.tenant_id = %(tenant)s and r.replaces = p.id)
    order by p.expires_at, p.id limit %(limit)s
    """,
)


def insert(tx: Tx, payments: Sequence[Payment]) -> None:
    tx.run(INSERT, **columns(payments, *_PAYMENT_FIELDS))


def update(tx: Tx, payments: Sequence[Payment]) -> None:
    """Write amounts, state and what the gateway said; who pays and how is never changed."""
    if payments:
        tx.run(UPDATE, **columns(payments, *_CHANGING))


def lock(tx: Tx, order_ids: Sequence[Id]) -> list[Payment]:
    """The payments of these orders, locked in the order of their ids."""
    return [_payment(row) for row in tx.all(LOCK, order_ids=sorted(set(order_ids)))]


def lock_one(tx: Tx, id: Id) -> Payment:
    return _payment(tx.all(LOCK_ONE, id=id)[0])


def by_orders(tx: Tx, order_ids: Sequence[Id]) -> list[Payment]:
    """The payments of these orders, in the channel's order."""
    return [_payment(row) for row in tx.all(BY_ORDERS, order_ids=sorted(set(order_ids)))]


def pages(tx: Tx, size: int) -> Iterator[list[Payment]]:
    """All payments, some at a time."""
    after = NIL
    while rows := tx.all(PAGE, after=after, limit=size):
        yield [_payment(row) for row in rows]
        after = rows[-1][0]


def insert_effects(tx: Tx, effects: Sequence[Effect]) -> None:
    if effects:
        tx.run(INSERT_EFFECTS, **columns(effects, *_EFFECT_FIELDS))


def settle(tx: Tx, effect: Effect) -> None:
    tx.run(
        SETTLE,
        id=effect.id,
        state=effect.state,
        amount=effect.amount,
        provider_ref=effect.provider_ref,
        error=effect.error,
        settled_at=effect.settled_at,
        answer_ref=effect.answer_ref,
    )


def effect(tx: Tx, id: Id) -> Effect | None:
    row = tx.one(EFFECT, id=id)
    return _effect(row) if row else None


def effects_by_id(tx: Tx, ids: Sequence[Id]) -> list[Effect]:
    return [_effect(row) for row in tx.all(EFFECTS_BY_ID, ids=sorted(set(ids)))]


def effects_by_answer(tx: Tx, refs: Sequence[str]) -> list[Effect]:
    """What providers call by these names."""
    return [_effect(row) for row in tx.all(EFFECTS_BY_ANSWER, refs=sorted(set(refs)))]


def effects_by_orders(tx: Tx, order_ids: Sequence[Id]) -> list[Effect]:
    """All that was asked of gateways for these orders, oldest first."""
    return [_effect(row) for row in tx.all(EFFECTS_BY_ORDERS, order_ids=sorted(set(order_ids)))]


def effects_by_payments(tx: Tx, payment_ids: Sequence[Id]) -> list[Effect]:
    rows = tx.all(EFFECTS_BY_PAYMENTS, payment_ids=sorted(set(payment_ids)))
    return [_effect(row) for row in rows]


def open_effects(tx: Tx, before: datetime, limit: int = 500) -> list[Effect]:
    """What was asked before this moment and has no answer, oldest first."""
    return [_effect(row) for row in tx.all(OPEN_EFFECTS, before=before, limit=limit)]


def add_receivable(tx: Tx, new: Receivable) -> Receivable:
    """Owe this much more for the subject; what is owed for it then."""
    return tx.rows(Receivable, ADD_RECEIVABLE, **_receivable_values(new))[0]


def raise_receivable(tx: Tx, new: Receivable) -> Receivable | None:
    """Owe at least this much for the subject; None where as much is owed already."""
    return next(iter(tx.rows(Receivable, RAISE_RECEIVABLE, **_receivable_values(new))), None)


def receivables_by_orders(tx: Tx, order_ids: Sequence[Id]) -> list[Receivable]:
    return tx.rows(Receivable, RECEIVABLES_BY_ORDERS, order_ids=sorted(set(order_ids)))


def receivable_locked(tx: Tx, id: Id) -> Receivable | None:
    return next(iter(tx.rows(Receivable, RECEIVABLE_LOCKED, id=id)), None)


def pay_receivable(tx: Tx, id: Id, paid: int, settled_at: datetime | None) -> None:
    tx.run(PAY_RECEIVABLE, id=id, paid=paid, settled_at=settled_at)


def note_action(tx: Tx, effect_id: Id, url: str) -> None:
    """Keep where the buyer confirms what a gateway was asked for."""
    tx.run(ACTION_URL, id=effect_id, url=url)


def expiring(tx: Tx, before: datetime, limit: int) -> list[Payment]:
    """Payments whose authorisation lapses before this moment and was not renewed, soonest first."""
    return [_payment(row) for row in tx.all(EXPIRING, before=before, limit=limit)]


def _receivable_values(new: Receivable) -> dict[str, Any]:
    return {
        "id": new.id,
        "order_id": new.order_id,
        "subject_id": new.subject_id,
        "currency": new.currency,
        "amount": new.amount,
        "cause": new.cause,
        "at": new.opened_at,
    }


def _payment(row: tuple[Any, ...]) -> Payment:
    kept = dict(zip(_PAYMENT_FIELDS, row, strict=True))
    kept["capture_at"], kept["state"] = CaptureAt(kept["capture_at"]), PaymentState(kept["state"])
    return Payment(**kept)


def _effect(row: tuple[Any, ...]) -> Effect:
    kept = dict(zip(_EFFECT_FIELDS, row, strict=True))
    kept["kind"], kept["state"] = EffectKind(kept["kind"]), EffectState(kept["state"])
    return Effect(**kept)
