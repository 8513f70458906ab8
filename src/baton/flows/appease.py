"""Goodwill: money back without a return, as far as the giver's limit goes; beyond it, on approval.

Never more goes back than was captured and is not given back yet. The refund's subject is the
appeasement, so that it is given once however often it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from baton import customers, orders, payments
from baton.flows.refund import refund
from baton.orders import appeasing
from baton.orders.appeasing import Appeasement, AppeasementState, Given, Target
from baton.orders.errors import (
    AppeasementDecided,
    AppeasementNotFound,
    LimitTooLow,
    OrderInvalid,
    TooMuchGiven,
)
from baton.orders.events import AppeasementAsked, AppeasementRefused, OrderAppeased
from baton.orders.model import Order
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Id, Money


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives: their roles, and whether they may approve what others ask for."""

    actor: str
    roles: Collection[str]
    approves: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """An amount in minor units, or percent of lines (none: of all)."""

    reason: str
    amount: int | None = None
    percent: Decimal | None = None
    lines: Sequence[int] = ()
    note: str = ""
    target: Target = Target.ORIGINAL


def appease(tx: Tx, order_id: Id, wanted: Wanted, giver: Giver) -> Appeasement:
    """Give at once what the giver's limit allows; anything else waits for approval.

    Raises TooMuchGiven where less was captured and is left, OrderInvalid, LineNotFound.
    """
    order = _locked(tx, order_id)
    amount = wanted.amount
    if wanted.percent is not None:
        amount = appeasing.amount_of(order, wanted.percent, wanted.lines)
    if amount is None or amount <= 0:
        raise OrderInvalid("Give an amount, or percent of lines.", field="amount")
    asked = Appeasement(
        ids.fresh(),
        order.id,
        order.header.customer_id,
        amount,
        order.header.currency,
        wanted.target,
        wanted.reason,
        wanted.note,
        tuple(wanted.lines),
        AppeasementState.PENDING,
        giver.actor,
        tx.now,
    )
    _there(tx, order, asked)
    if _may(tx, asked, giver):
        decided = replace(
            asked, state=AppeasementState.APPROVED, decided_by=giver.actor, decided_at=tx.now
        )
        orders.insert_appeasement(tx, decided)
        return _given(tx, order, decided)
    orders.insert_appeasement(tx, asked)
    fact = AppeasementAsked(
        order.id, "", "", asked.id, asked.amount_minor, asked.currency, asked.reason
    )
    orders.save(tx, [order], [order], [fact])
    return asked


def approve(tx: Tx, appeasement_id: Id, note: str, giver: Giver) -> Appeasement:
    """Give what somebody asked for. Raises LimitTooLow, AppeasementDecided, TooMuchGiven."""
    order, asked = _pending(tx, appeasement_id)
    if giver.actor == asked.author or not _may(tx, asked, giver):
        raise LimitTooLow(
            f"{Money(asked.amount_minor, asked.currency)} are beyond your limit, or you asked for"
            " them yourself: let somebody else approve."
        )
    _there(tx, order, asked)
    decided = _decided(tx, asked, AppeasementState.APPROVED, note, giver)
    return _given(tx, order, decided)


def refuse(tx: Tx, appeasement_id: Id, note: str, giver: Giver) -> Appeasement:
    """Give nothing. Raises AppeasementDecided."""
    order, asked = _pending(tx, appeasement_id)
    decided = _decided(tx, asked, AppeasementState.REFUSED, note, giver)
    fact = AppeasementRefused(order.id, "", "", asked.id, note)
    orders.save(tx, [order], [order], [fact])
    return decided


def _given(tx: Tx, order: Order, decided: Appeasement) -> Appeasement:
    amount = Money(decided.amount_minor, decided.currency)
    fact = OrderAppeased(
        order.id, "", "", decided.id, amount.minor, amount.currency, decided.target.value,
        decided.reason,
    )  # fmt: skip
    orders.save(tx, [order], [order], [fact])
    refund(tx, order.id, decided.id, amount, decided.target.value, f"goodwill: {decided.reason}")
    return decided


def _decided(
    tx: Tx, asked: Appeasement, state: AppeasementState, note: str, giver: Giver
) -> Appeasement:
    decided = replace(asked, state=state, decided_by=giver.actor, decided_at=tx.now, decision=note)
    if not orders.decide_appeasement(tx, decided):
        raise AppeasementDecided("This was decided already.")
    return decided


def _pending(tx: Tx, appeasement_id: Id) -> tuple[Order, Appeasement]:
    found = orders.appeasement(tx, appeasement_id)
    if found is None:
        raise AppeasementNotFound("Nothing was asked for under this id.")
    order = _locked(tx, found.order_id)
    found = orders.appeasement(tx, appeasement_id)
    if found is None or found.state is not AppeasementState.PENDING:
        raise AppeasementDecided("This was decided already.")
    return order, found


def _locked(tx: Tx, order_id: Id) -> Order:
    """The order under its customer's lock and its own: what a customer got is summed over all
    their orders."""
    known = orders.read(tx, [order_id]).get(order_id)
    if known is not None and known.header.customer_id is not None:
        customers.lock(tx, [known.header.customer_id])
    return orders.locked(tx, order_id)


def _there(tx: Tx, order: Order, asked: Appeasement) -> None:
    """So much was captured, is not given back, and is not asked for by somebody else."""
    paid, effects = payments.by_orders(tx, [order.id]), payments.effects_by_orders(tx, [order.id])
    waits = sum(
        each.amount_minor
        for each in orders.appeasements(tx, [order.id])
        if each.state is AppeasementState.PENDING and each.id != asked.id
    )
    left = max(payments.left(paid, effects) - waits, 0)
    if asked.amount_minor > left:
        raise TooMuchGiven(
            f"{Money(left, asked.currency)} can still be given back for this order. What is not"
            " captured yet is made cheaper by a change.",
            field="amount",
            refundable=left,
        )


def _may(tx: Tx, asked: Appeasement, giver: Giver) -> bool:
    on_order = sum(
        each.amount_minor
        for each in orders.appeasements(tx, [asked.order_id])
        if each.state is not AppeasementState.REFUSED and each.id != asked.id
    )
    to_customer = on_order
    if asked.customer_id is not None:
        since = tx.now - appeasing.PERIOD
        to_customer = orders.given_to(tx, asked.customer_id, asked.currency, since, asked.id)
    return appeasing.within(
        orders.appeasement_limits(tx),
        giver.roles,
        asked.currency,
        asked.amount_minor,
        Given(on_order, to_customer),
        approves=giver.approves,
    )
