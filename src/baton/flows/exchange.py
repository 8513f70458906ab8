"""Exchanges: an order for other goods, paid with what the returned ones bring.

The replacement is an order of its own that names the return: reserved, routed and shipped like any
other. What it costs more the buyer pays, what it costs less goes back. On receipt it is placed when
the goods' money is due; an instant exchange is placed before, against a guarantee: an authorisation
that is captured for goods that never come, and let go when they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from baton import catalog, channels, orders, payments, returns
from baton.catalog.model import Sku
from baton.channels.model import CaptureAt, Channel
from baton.flows.pay import TenderIn, add_tender
from baton.flows.take_orders import take_orders
from baton.orders.model import GroupDraft, HoldKind, LineDraft, Order, OrderDraft
from baton.payments.model import EXTERNAL, Payment, PaymentState, Tender
from baton.platform.db import Tx
from baton.returns.model import GoesTo, Rma, RmaLine, Settlement
from baton.returns.rules.money import Due, Sum
from baton.values import Id, Money
from baton.values.errors import BatonError, Refused
from baton.values.money import rounded

GUARANTEE = "exchange_guarantee"
"""The method of the tender that stands for goods that are not back yet."""

METHOD = "exchange"
"""The method of the tender that returned goods are."""


class NoExchange(Refused):
    """The return wants nothing in exchange now, or has it already."""

    code = "nothing_to_exchange"


class NoSuchPrice(Refused):
    """What is wanted in exchange is not sold in the order's currency, or not at all."""

    code = "exchange_without_price"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is sent instead: `total` and `tax` of all units, in minor units."""

    line: RmaLine
    sku: Sku
    units: int
    total: int
    tax: int
    even: bool


def replacements(tx: Tx, order: Order, wanted: Sequence[Due], summed: Sum) -> list[Replacement]:
    """Another size or colour costs what was paid; another product, what it costs now.

    Raises NoSuchPrice.
    """
    codes = sorted({due.line.exchange_sku for due in wanted})
    skus = catalog.skus_by_code(tx, codes)
    old = catalog.skus_by_id(tx, sorted({due.line.sku_id for due in wanted}))
    brought = {back.line_no: back for back in summed.lines}
    made = []
    for due in wanted:
        sku, back = skus.get(due.line.exchange_sku), brought[due.line.line_no]
        if sku is None or not sku.active:
            raise NoSuchPrice(f"{due.line.exchange_sku} is not sold any more.")
        before = old.get(due.line.sku_id)
        if before is not None and before.product_id == sku.product_id:
            made.append(Replacement(due.line, sku, due.units, back.amount, back.tax, even=True))
            continue
        if sku.currency != order.header.currency:
            raise NoSuchPrice(f"{sku.code} has no price in {order.header.currency}.")
        price = sku.price_minor * due.units
        net = back.amount if order.header.prices_include_tax else back.amount - back.tax
        tax = rounded(Decimal(price) * back.tax / net) if net else 0
        total = price if order.header.prices_include_tax else price + tax
        made.append(Replacement(due.line, sku, due.units, total, tax, even=False))
    return made


def place(
    tx: Tx,
    order: Order,
    rma: Rma,
    wanted: Sequence[Due],
    summed: Sum,
    number: int,
    guarantee: TenderIn | None = None,
) -> tuple[Id, int] | BatonError:
    """Place the order for what is wanted; its id and what of it the returned goods pay.

    With a guarantee all of it is authorised: what it costs more is captured when it ships, the
    rest if the goods never come.

    A refusal (no stock in a channel that refuses, say) is an answer: nothing was placed then.
    """
    try:
        sent = replacements(tx, order, wanted, summed)
    except NoSuchPrice as error:
        return error
    channel = channels.channels_by_id(tx, [order.header.channel_id])[order.header.channel_id]
    total = sum(each.total for each in sent)
    credit = min(total, summed.amount)
    taken = take_orders(tx, [_draft(order, rma, channel, sent, number)])[0]
    if taken.refusal is not None or taken.order_id is None:
        return taken.refusal or NoExchange("The order could not be placed.")
    if channel.capture_at is not CaptureAt.EXTERNAL:
        _pay(tx, taken.order_id, credit, guarantee)
    return taken.order_id, credit


def _pay(tx: Tx, order_id: Id, credit: int, guarantee: TenderIn | None) -> None:
    """What came back pays first; the guarantee stands for it, and pays what is more."""
    order = orders.locked(tx, order_id)
    total, currency = order.header.total_minor, order.header.currency
    if credit:
        moment = CaptureAt.EXTERNAL.value
        came = Tender(order.id, order.number, 1, EXTERNAL, METHOD, "", credit, currency, moment)
        payments.take(tx, [came])
    if guarantee is not None and total:
        add_tender(tx, order.id, replace(guarantee, method=GUARANTEE, amount=total))
    for hold in order.holds:
        if hold.kind == HoldKind.PAYMENT and hold.resolved_at is None:
            order = orders.resolve_hold(tx, order, hold.id, "paid with returned goods")
    if total > credit and guarantee is None:
        due = Money(total - credit, currency)
        orders.hold(tx, order, HoldKind.PAYMENT, f"{due} more than what came back: to be paid.")


def _draft(
    order: Order,
    rma: Rma,
    channel: Channel,
    sent: Sequence[Replacement],
    number: int,
) -> OrderDraft:
    header, group = order.header, order.group(order.line(rma.lines[0].order_line).group_no)
    included = header.prices_include_tax
    return OrderDraft(
        channel=channel.code,
        external_id=f"{rma.number}-X{number}",
        placed_at=rma.requested_at,
        currency=header.currency,
        total=sum(each.total for each in sent),
        lines=tuple(_line(each, included=included) for each in sent),
        groups=(
            GroupDraft(
                method=group.method, address=group.address, service=group.service, lat=group.lat,
                lon=group.lon,
            ),
        ),
        buyer_name=header.buyer_name,
        email=header.email,
        phone=header.phone,
        billing=header.billing,
        language=header.language,
        base_rate=header.base_rate,
        note=_explained(sent, rma, header.currency),
        attributes={"exchange_of": order.number, "return": rma.number},
    )  # fmt: skip


def _line(each: Replacement, *, included: bool) -> LineDraft:
    goods = each.total if included else each.total - each.tax
    price = -(-goods // each.units)
    return LineDraft(
        each.sku.code, each.units, price, price * each.units - goods, each.tax, each.sku.title
    )


def _explained(sent: Sequence[Replacement], rma: Rma, currency: str) -> str:
    """Why it costs what it costs."""
    parts = [
        f"{each.units} × {each.sku.code} for {each.line.sku_code}: {Money(each.total, currency)}"
        f" ({'as was paid' if each.even else 'at its price now'})"
        for each in sent
    ]
    return f"Exchange for the return {rma.number}: " + "; ".join(parts)


# ── instant, against a guarantee ───────────────────────────────────────────────────────────


def follow_guarantee(tx: Tx, rma: Rma) -> None:
    """Goods that came need no guarantee any more; for those that will not come it is captured."""
    if any(line.expected for line in rma.lines):
        return
    settled = [s for s in returns.settlements(tx, [rma.order_id]) if s.rma_id == rma.id]
    placed = {s.exchange_order for s in settled if s.exchange_order is not None}
    owed = sum(_worth(settled, line) for line in rma.lines if line.settled > line.payable)
    for order in orders.lock(tx, sorted(placed)).values() if placed else ():
        held = _guarantees(tx, order.id)
        amount = min(owed, sum(payment.free for payment in held))
        if amount:
            owed -= amount
            payments.ensure_captured(tx, order.id, rma.id, Money(amount, rma.currency))
        for payment in _guarantees(tx, order.id):
            if not _difference_open(tx, order, payment):
                payments.void(tx, payment.id)


def _guarantees(tx: Tx, order_id: Id) -> list[Payment]:
    return [
        payment
        for payment in payments.by_orders(tx, [order_id])
        if payment.method == GUARANTEE and payment.state is PaymentState.AUTHORISED
    ]


def _difference_open(tx: Tx, order: Order, guarantee: Payment) -> bool:
    """The order still needs the guarantee for what it costs more than the returned goods."""
    paid = payments.by_orders(tx, [order.id])
    outside = sum(payment.captured for payment in paid if payment.provider == EXTERNAL)
    return order.header.total_minor - outside > guarantee.captured + guarantee.capturing


def _worth(settled: Sequence[Settlement], line: RmaLine) -> int:
    """What was given for units of a line that never came, by their part of what all brought."""
    backs = [b for s in settled for b in s.lines if b.line_no == line.line_no]
    units, amount = sum(back.units for back in backs), sum(back.amount for back in backs)
    missing = line.settled - line.payable
    return rounded(Decimal(amount) * missing / units) if units else 0


def wants_exchange(rma: Rma) -> bool:
    """Some units of the return are to be exchanged and are not settled yet."""
    return any(
        line.wanted is GoesTo.EXCHANGE and line.units - line.missing > line.settled
        for line in rma.lines
    )
