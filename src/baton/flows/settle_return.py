"""Settling returns: what units bring, where the money goes, and asking for it.

A settlement is the subject of its refund, so that it is given back once however often it is
asked for. Never more goes back than was paid; what was never paid is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import orders, payments, returns
from baton.orders import rules
from baton.orders.model import LineKind, Order
from baton.platform.db import Tx
from baton.returns.errors import ReturnNotFound
from baton.returns.model import Cause, GoesTo, RefundAt, Rma, Settlement, State
from baton.returns.rules import Paid, Priced
from baton.returns.rules.money import Sum
from baton.values import Id, Money
from baton.values.errors import Refused

BY_HAND = "refund_by_hand"  # the kind of exception
_PAYABLE = (State.APPROVED, State.ON_ITS_WAY, State.RECEIVED, State.GRADED)


class NothingDue(Refused):
    """No unit of the return waits for its money at this moment."""

    code = "nothing_to_settle"


def settle_due(tx: Tx, order: Order, rma: Rma, *, at: RefundAt | None = None) -> Rma:
    """Settle what is due by the return's terms, or at another moment that a person chose."""
    for goes_to, wanted in returns.due(tx, rma, at=at).items():
        summed = returns.preview(tx, rma, wanted, priced(order), paid(tx, order), goes_to)
        rma, settlement = returns.book(tx, rma, summed, goes_to)
        order = pay_out(tx, order, rma, settlement)
    return rma


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
    """What can still be given back of an order; a capture under way counts as money."""
    held = payments.by_orders(tx, [order.id])
    available = sum(p.captured + p.capturing - p.refunded - p.refunding for p in held)
    included = order.header.prices_include_tax
    return Paid(
        available,
        tuple(
            (charge.charge_no, rules.charge_total(charge, tax_included=included))
            for charge in order.charges
        ),
    )


def pay_out(tx: Tx, order: Order, rma: Rma, settlement: Settlement) -> Order:
    """Have the money of a settlement given back; said again, it does no more.

    What can't go back by itself is put before a person, unless the channel gave it back.
    """
    amount = settlement.amount_minor
    if not amount or settlement.goes_to in (GoesTo.NONE, GoesTo.EXCHANGE):
        return order
    if rma.cause is Cause.CHANNEL:
        return order
    if settlement.goes_to is GoesTo.STORE_CREDIT:
        return _by_hand(tx, order, rma, settlement, amount, "Give the customer store credit.")
    money = Money(amount, settlement.currency)
    given = payments.refund(tx, order.id, money, settlement.id)
    returns.asked(tx, settlement, given.intended.minor)
    waits = any(payment.capturing for payment in payments.by_orders(tx, [order.id]))
    if given.missing.minor and not waits:
        hint = "Give it back where it was taken: at the marketplace, or at the till."
        return _by_hand(tx, order, rma, settlement, given.missing.minor, hint)
    return order


def pay_out_again(tx: Tx, order_ids: Sequence[Id]) -> None:
    """Money has come since a return was settled: what it owes is asked for."""
    owing = [
        s
        for s in returns.settlements(tx, order_ids)
        if s.goes_to is GoesTo.ORIGINAL and s.asked_minor < s.amount_minor
    ]
    if not owing:
        return
    found = orders.lock(tx, sorted({s.order_id for s in owing}))
    rmas = returns.load(tx, {s.rma_id for s in owing})
    for settlement in owing:
        order = found[settlement.order_id]
        found[order.id] = pay_out(tx, order, rmas[settlement.rma_id], settlement)


def _by_hand(
    tx: Tx, order: Order, rma: Rma, settlement: Settlement, amount: int, hint: str
) -> Order:
    return orders.open_exception(
        tx,
        order,
        BY_HAND,
        str(settlement.id),
        f"{Money(amount, settlement.currency)} of the return {rma.number} can't go back by itself.",
        hint,
    )
