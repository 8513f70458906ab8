"""Settlements: each unit of an order line is settled once, whatever returns it is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns import rules
from baton.returns.actions.requests import closed, said
from baton.returns.events import ExchangeOrdered, ReturnClosed, ReturnSettled
from baton.returns.model.goods import LabelState
from baton.returns.model.money import GoesTo, Settlement
from baton.returns.model.policy import RefundAt
from baton.returns.model.rma import Rma, State
from baton.returns.rules.money import Due, Paid, Priced, Sum, settle
from baton.returns.states import Action
from baton.returns.store import goods, money, rmas
from baton.values.fact import Fact
from baton.values.ids import Id


def due(tx: Tx, rma: Rma, *, at: RefundAt | None = None) -> dict[GoesTo, list[Due]]:
    """Units whose money is due now and was not settled, by where it is to go.

    `at` another moment than the return's terms say, for a person who settles sooner.
    """
    scanned = any(label.scanned_at for label in goods.labels(tx, [rma.id]))
    gradings = goods.gradings(tx, [rma.id])
    moment = at or rma.terms.refund_at
    found: dict[GoesTo, list[Due]] = {}
    for line in rma.lines:
        units = rules.due_units(line, moment, scanned=scanned)
        if units:
            kept = min(max(line.kept - line.settled, 0), units)
            own = tuple(g for g in gradings if g.line_no == line.line_no)
            looked_at = own if moment is RefundAt.GRADE else ()
            found.setdefault(line.wanted, []).append(Due(line, units, kept, looked_at))
    return found


def preview(
    tx: Tx,
    rma: Rma,
    wanted: Sequence[Due],
    order: Mapping[int, Priced],
    paid: Paid,
    goes_to: GoesTo,
) -> Sum:
    """What these units would bring; nothing is written."""
    claims = rmas.claims(tx, rma.order_id)
    priced = [
        replace(each, settled=claims[n].settled if n in claims else each.settled)
        for n, each in sorted(order.items())
    ]
    before = money.settlements(tx, [rma.order_id])
    given: dict[int, int] = {}
    for settlement in before:
        for charge in settlement.charges:
            given[charge.charge_no] = given.get(charge.charge_no, 0) + charge.amount
    known = replace(paid, given=given)
    first = not any(s.rma_id == rma.id for s in before)
    bought = any(x.state is LabelState.BOUGHT for x in goods.labels(tx, [rma.id]))
    fee = rma.terms.label_fee_minor if first and bought else 0
    credited = goes_to in (GoesTo.STORE_CREDIT, GoesTo.EXCHANGE)
    return settle(wanted, priced, known, rma.terms, credited=credited, label_fee=fee)


def book(
    tx: Tx,
    rma: Rma,
    summed: Sum,
    goes_to: GoesTo,
    exchange_order: Id | None = None,
    *,
    exchanged: int = 0,
) -> tuple[Rma, Settlement]:
    """Keep a settlement, count its units as settled, and say so."""
    earlier = [s for s in money.settlements(tx, [rma.order_id]) if s.rma_id == rma.id]
    settlement = Settlement(
        new.fresh(), rma.id, len(earlier) + 1, rma.order_id, goes_to, rma.currency, summed.goods,
        summed.tax, summed.charges_minor, summed.fee, summed.bonus, summed.amount,
        summed.withheld, exchange_order, exchanged, tx.now, tx.caller.actor, summed.lines,
        summed.charges,
    )  # fmt: skip
    money.add(tx, settlement)
    claims = rmas.claims(tx, rma.order_id)
    rmas.write_claims(
        tx,
        rma.order_id,
        [
            replace(claims[x.order_line], settled=claims[x.order_line].settled + x.units)
            for x in summed.lines
        ],
    )
    after = rma
    for back in summed.lines:
        line = after.line(back.line_no)
        after = after.with_line(replace(line, settled=line.settled + back.units))
    after = closed(tx, rules.moved(after, Action.SETTLE, rules.progress(after)))
    after = rmas.update(tx, rma, after)
    facts: list[Fact] = [_fact(after, settlement)]
    if exchange_order is not None:
        facts.append(ExchangeOrdered(*said(after), exchange_order, instant=not _came(after)))
    if after.status is State.CLOSED:
        facts.append(ReturnClosed(*said(after)))
    journal.record(tx, facts)
    return after, settlement


def _came(rma: Rma) -> bool:
    return any(line.received for line in rma.lines)


def _fact(rma: Rma, settlement: Settlement) -> ReturnSettled:
    return ReturnSettled(
        *said(rma),
        settlement.id,
        rma.order_id,
        settlement.amount_minor,
        settlement.currency,
        tuple((x.order_line, x.units, x.amount) for x in settlement.lines),
        settlement.goods_minor,
        settlement.tax_minor,
        tuple((x.charge_no, x.amount) for x in settlement.charges),
        settlement.charges_minor,
        settlement.fee_minor,
        settlement.bonus_minor,
        settlement.withheld_minor,
        settlement.goes_to.value,
        settlement.exchange_order,
        settlement.exchanged_minor,
    )
