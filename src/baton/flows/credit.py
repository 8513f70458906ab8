"""Crediting: what was billed and is given back, for a settled return, an appeasement or a
cancellation after billing.

An invoice never changes; a credit memo corrects it. It says what is credited and moves no money:
that is a refund's work. It waits until the invoices of its order are issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from baton import invoicing, orders
from baton.flows.billing import billables
from baton.flows.tax_rates import Piece
from baton.invoicing.errors import NothingToCredit
from baton.invoicing.model import Billed, Intent, Kind, Line, Part, Policy
from baton.invoicing.rules import shares
from baton.invoicing.rules.shares import Credit
from baton.orders.model import Order
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Id


def credit(
    tx: Tx,
    order_id: Id,
    subject_id: Id,
    *,
    lines: Mapping[int, int] | None = None,
    amounts: Mapping[int, int] | None = None,
    charges: Mapping[int, int] | None = None,
    amount: int = 0,
    fee: int = 0,
    reason: str,
    up_to: bool = False,
) -> Intent:
    """A credit memo for a subject (a settlement, say) is drafted, once; the same again is told.

    `lines` are units by line, worth their shares or what `amounts` says; `charges` amounts by
    charge; `amount` is spread over all that is left; `fee` is kept back. Amounts are minor units
    as the buyer pays them. With `up_to`, what is more than was billed is left out.
    Raises OrderNotFound, NothingToCredit or CreditTooMuch.
    """
    order = orders.locked(tx, order_id)
    known = invoicing.by_subjects(tx, Kind.CREDIT_MEMO, [subject_id]).get(subject_id)
    if known is not None:
        return known
    wanted = Credit(lines or {}, amounts or {}, charges or {}, amount, fee)
    billed = invoicing.billed(tx, [order_id])[order_id]
    if up_to:
        wanted = shares.within(wanted, billed)
    made = shares.credit(order_id, billables(order, _as_billed(order, billed)), wanted, billed)
    if not made:
        raise NothingToCredit("Nothing of this was billed and is not credited yet.")
    intent = _intent(tx, order, subject_id, made, reason)
    invoicing.draft(tx, [intent])
    orders.count(tx, [order], [_counted(order, made)])
    return intent


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement gives back: (line, units, amount), amounts by charge, less a fee."""

    order_id: Id
    settlement_id: Id
    lines: tuple[tuple[int, int, int], ...]
    charges: Mapping[int, int]
    fee: int


def settled(tx: Tx, given: Settled) -> None:
    """A credit memo for what a settlement gives back of what was billed, once.

    Nothing where nothing was billed: orders of the past, or of a channel that bills itself. What
    the buyer gets beyond what was billed is no matter of an invoice.
    """
    units, amounts, kept = dict[int, int](), dict[int, int](), 0
    for line_no, many, amount in given.lines:
        if many:
            units[line_no] = units.get(line_no, 0) + many
            amounts[line_no] = amounts.get(line_no, 0) + amount
        else:
            kept += amount  # the buyer keeps the goods
    with suppress(NothingToCredit):
        credit(
            tx,
            given.order_id,
            given.settlement_id,
            lines=units,
            amounts=amounts,
            charges=given.charges,
            amount=kept,
            fee=given.fee,
            reason="return",
            up_to=True,
        )


def _as_billed(order: Order, billed: Mapping[Part, Billed]) -> dict[Part, Piece]:
    """Lines and charges at the rates that the invoices state, whatever holds by now."""
    made = {}
    for part, there in billed.items():
        total, taken = there.net + there.tax, there.tax
        if part.line_no:
            line = order.line(part.line_no)
            total, taken = line.total, line.tax
        assert there.taxed is not None
        made[part] = Piece(there.taxed, total, taken)
    return made


def _intent(tx: Tx, order: Order, subject_id: Id, made: tuple[Line, ...], reason: str) -> Intent:
    header = order.header
    return Intent(
        id=ids.fresh(),
        kind=Kind.CREDIT_MEMO,
        subject_id=subject_id,
        order_id=order.id,
        legal_entity_id=header.legal_entity_id,
        customer_id=header.customer_id,
        currency=header.currency,
        policy=Policy.SHIPMENT,
        group_key=f"credit_memo:{subject_id}",
        net=sum(line.net for line in made),
        tax=sum(line.tax for line in made),
        reason=reason,
        occurred_at=tx.now,
        created_at=tx.now,
        ready=True,
        document_id=None,
        lines=made,
    )


def _counted(order: Order, made: tuple[Line, ...]) -> Order:
    charges = {c.charge_no: c for c in order.charges}
    for line in made:
        if line.part.line_no and line.units:
            was = order.line(line.part.line_no)
            order = order.with_line(replace(was, credited=was.credited + line.units))
        elif line.part.charge_no:
            charge = charges[line.part.charge_no]
            charges[charge.charge_no] = replace(charge, credited=charge.credited + line.total)
    return replace(order, charges=tuple(charges[c.charge_no] for c in order.charges))
