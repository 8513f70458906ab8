"""Settling returns: what units bring, where the money goes, and asking for it.

A settlement is the subject of its refund, so that it is given back once however often it is
asked for. Never more goes back than was paid; what was never paid is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from baton import orders, payments, returns, stored_value
from baton.flows import exchange, refund
from baton.flows.exchange import NoExchange
from baton.flows.pay import TenderIn
from baton.orders import rules
from baton.orders.model import LineKind, Order
from baton.payments.model import Effect
from baton.platform.db import Tx
from baton.returns.errors import ReturnNotFound
from baton.returns.model import Cause, GoesTo, RefundAt, Rma, Settlement, State
from baton.returns.rules import Paid, Priced
from baton.returns.rules.money import Due, Sum
from baton.stored_value.model import Cause as StoredCause
from baton.stored_value.model import Grant
from baton.values import Id, Money
from baton.values.errors import BatonError, Refused

_PAYABLE = (State.APPROVED, State.ON_ITS_WAY, State.RECEIVED, State.GRADED)


class NothingDue(Refused):
    """No unit of the return waits for its money at this moment."""

    code = "nothing_to_settle"


def settle_due(tx: Tx, order: Order, rma: Rma, *, at: RefundAt | None = None) -> Rma:
    """Settle what is due by the return's terms, or at another moment that a person chose."""
    for goes_to, wanted in returns.due(tx, rma, at=at).items():
        summed = returns.preview(tx, rma, wanted, priced(order), paid(tx, order), goes_to)
        if goes_to is GoesTo.EXCHANGE:
            rma = _exchanged(tx, order, rma, wanted, summed)
        else:
            rma, settlement = returns.book(tx, rma, summed, goes_to)
            pay_out(tx, order, rma, settlement)
        order = orders.locked(tx, order.id)
    exchange.follow_guarantee(tx, rma)
    return rma


def _exchanged(
    tx: Tx,
    order: Order,
    rma: Rma,
    wanted: Sequence[Due],
    summed: Sum,
    guarantee: TenderIn | None = None,
) -> Rma:
    """Place what is wanted instead; what it costs less goes back. Where it can't be placed the
    money goes back, and a person is told."""
    number = sum(s.rma_id == rma.id for s in returns.settlements(tx, [order.id])) + 1
    placed = exchange.place(tx, order, rma, wanted, summed, number, guarantee)
    if isinstance(placed, BatonError):
        rma, settlement = returns.book(tx, rma, replace(summed, bonus=0), GoesTo.ORIGINAL)
        pay_out(tx, order, rma, settlement)
        orders.open_exception(
            tx,
            orders.locked(tx, order.id),
            "exchange_failed",
            rma.number,
            f"The exchange could not be ordered: {placed.message} The money goes back instead.",
            "Tell the customer; order it for them by hand.",
        )
        return rma
    exchange_order, credit = placed
    rma, settlement = returns.book(
        tx, rma, summed, GoesTo.EXCHANGE, exchange_order, exchanged=credit
    )
    pay_out(tx, order, rma, settlement)
    return rma


def exchange_now(tx: Tx, rma_id: Id, given: TenderIn | None, days: int | None = None) -> Rma:
    """Place the exchange before the goods are back, against a guarantee (None: on trust).

    Raises ReturnNotFound, NoExchange, or what the payment refuses.
    """
    found = returns.load(tx, [rma_id]).get(rma_id)
    if found is None:
        raise ReturnNotFound("No return has this id.")
    order = orders.locked(tx, found.order_id)
    rma = returns.locked(tx, rma_id)
    if rma.status not in _PAYABLE or not exchange.wants_exchange(rma):
        raise NoExchange("This return wants nothing in exchange now.")
    if days is not None:
        rma = returns.await_for(tx, rma, days)
    wanted = returns.due(tx, rma, at=RefundAt.NOW).get(GoesTo.EXCHANGE, [])
    summed = returns.preview(tx, rma, wanted, priced(order), paid(tx, order), GoesTo.EXCHANGE)
    return _exchanged(tx, order, rma, wanted, summed, given)


def settle_now(tx: Tx, rma_id: Id, at: RefundAt | None = None) -> Rma:
    """Settle by hand what is due, by the terms or at an earlier moment.

    Raises ReturnNotFound, or NothingDue where no unit waits for its money.
    """
    found = returns.load(tx, [rma_id]).get(rma_id)
    if found is None:
        raise ReturnNotFound("No return has this id.")
    order = orders.locked(tx, found.order_id)
    rma = returns.locked(tx, rma_id)
    if rma.status not in _PAYABLE or not returns.due(tx, rma, at=at):
        raise NothingDue("No unit of this return waits for its money now.")
    return settle_due(tx, order, rma, at=at)


def previewed(tx: Tx, order: Order, rma: Rma, at: RefundAt | None) -> list[tuple[GoesTo, Sum]]:
    """What would be settled; nothing is written."""
    return [
        (goes_to, returns.preview(tx, rma, wanted, priced(order), paid(tx, order), goes_to))
        for goes_to, wanted in returns.due(tx, rma, at=at).items()
    ]


def priced(order: Order) -> dict[int, Priced]:
    """What the lines of an order cost, by number."""
    return {
        line.line_no: Priced(
            line.line_no,
            line.total,
            line.tax,
            line.ordered,
            line.ordered - line.cancelled,
            line.returned if line.kind is LineKind.GOODS else 0,
            line.kind is LineKind.GOODS,
        )
        for line in order.lines
    }


def paid(tx: Tx, order: Order) -> Paid:
    """What can still be given back of an order; a capture under way counts as money.

    What earlier settlements brought and was not given back yet is not to be had a second time.
    """
    held = payments.by_orders(tx, [order.id])
    effects = payments.effects_by_orders(tx, [order.id])
    available = payments.left(held, effects) + sum(payment.capturing for payment in held)
    for settlement in returns.settlements(tx, [order.id]):
        if settlement.goes_to is not GoesTo.NONE:
            available -= _owed(settlement, effects)
    included = order.header.prices_include_tax
    charges = tuple(
        (charge.charge_no, rules.charge_total(charge, tax_included=included))
        for charge in order.charges
    )
    return Paid(available, charges)


def _owed(settlement: Settlement, effects: Sequence[Effect]) -> int:
    """What of a settlement was not given back yet; the bonus is no money that came."""
    target = settlement.amount_minor - settlement.bonus_minor
    return max(target - payments.given_back(settlement.id, effects), 0)


def _target(settlement: Settlement) -> int:
    """What of a settlement goes back as money: neither the bonus nor what paid for other goods."""
    owed = settlement.amount_minor - settlement.bonus_minor - settlement.exchanged_minor
    return max(owed, 0)


def pay_out(tx: Tx, order: Order, rma: Rma, settlement: Settlement) -> None:
    """Have the money of a settlement given back; said again, it does no more.

    What is still being captured goes back once it is there; what was taken elsewhere is put
    before a person, unless the channel gave it back itself.
    """
    if settlement.goes_to is GoesTo.NONE:
        return
    effects = payments.effects_by_orders(tx, [order.id])
    there = payments.left(payments.by_orders(tx, [order.id]), effects)
    before = payments.given_back(settlement.id, effects)
    target = min(_target(settlement), before + there)
    credited = settlement.goes_to is GoesTo.STORE_CREDIT
    to = GoesTo.STORE_CREDIT.value if credited else refund.ORIGINAL
    if credited and order.header.customer_id is None:
        _nobody(tx, order, rma, settlement)
        return
    if rma.cause is Cause.CHANNEL:
        to = refund.ELSEWHERE
    if target > before:
        money = Money(target, settlement.currency)
        refund.refund(tx, order.id, settlement.id, money, to, f"return {rma.number}")
    _give_bonus(tx, order, rma, settlement)


def _give_bonus(tx: Tx, order: Order, rma: Rma, settlement: Settlement) -> None:
    """What a store credit brings on top, once."""
    credited = settlement.goes_to is GoesTo.STORE_CREDIT
    if credited and settlement.bonus_minor and order.header.customer_id is not None:
        bonus = Money(settlement.bonus_minor, settlement.currency)
        customer, why = order.header.customer_id, f"return {rma.number}"
        grant = Grant(customer, bonus, settlement.id, order.id, StoredCause.GRANTED, why)
        stored_value.grant(tx, [grant])


def _nobody(tx: Tx, order: Order, rma: Rma, settlement: Settlement) -> None:
    orders.open_exception(
        tx,
        order,
        refund.BY_HAND,
        str(settlement.id),
        f"The return {rma.number} brings store credit, and the order has no customer.",
        "Refund it another way.",
    )


def pay_out_again(tx: Tx, order_ids: Sequence[Id]) -> None:
    """Money has come since a return was settled: what it owes is asked for."""
    settled = returns.settlements(tx, order_ids)
    if not settled:
        return
    found = orders.lock(tx, sorted({s.order_id for s in settled}))
    rmas = returns.load(tx, {s.rma_id for s in settled})
    for settlement in settled:
        effects = payments.effects_by_orders(tx, [settlement.order_id])
        if _target(settlement) > payments.given_back(settlement.id, effects):
            pay_out(tx, found[settlement.order_id], rmas[settlement.rma_id], settlement)
