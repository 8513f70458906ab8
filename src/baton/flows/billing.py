"""Billing: what left is to be billed, by the policy of its customer or channel.

A reaction writes an intent for each shipment, with the money of its units fixed; a job makes
documents of what is ready (flows/issue_invoices.py). Nothing here takes a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from baton import invoicing, orders
from baton.flows.tax_rates import Piece, rates
from baton.invoicing.model import Billable, Billed, Intent, Kind, Line, Part, Policy, Rule
from baton.invoicing.rules import shares
from baton.orders.model import Mode, Order
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Id

_COLLECTED_AT = time(2)  # the night after the month, when its last shipments are told


@dataclass(frozen=True, slots=True)
class Left:
    """Units of an order that left; `subject_id` is the shipment's, or the fact's without one."""

    order_id: Id
    subject_id: Id
    units: Mapping[int, int]
    at: datetime


def bill(tx: Tx, left: Sequence[Left]) -> None:
    """An intent for each shipment, once; orders of the past were billed elsewhere."""
    known = invoicing.by_subjects(tx, Kind.INVOICE, [each.subject_id for each in left])
    new = {each.subject_id: each for each in left if each.subject_id not in known}
    before = {
        id: order
        for id, order in orders.lock(tx, [each.order_id for each in new.values()]).items()
        if order.header.mode is Mode.LIVE
    }
    if not before:
        return
    policies = invoicing.policies_for(
        tx,
        {order.header.channel_id for order in before.values()},
        {id for order in before.values() if (id := order.header.customer_id) is not None},
    )
    zones = _zones(tx, before)
    billed, taxed = invoicing.billed(tx, list(before)), rates(tx, before)
    after, intents = dict(before), []
    for each in new.values():
        if each.order_id not in after:
            continue
        order = after[each.order_id]
        zone = zones[order.header.legal_entity_id]
        intent = _intent(tx, order, each, policies, zone, taxed[order.id], billed[order.id])
        intents.append(intent)
        billed[order.id] = shares.added(billed[order.id], intent.lines, Kind.INVOICE)
        after[order.id] = _counted(order, intent)
    invoicing.draft(tx, intents)
    orders.count(tx, before.values(), after.values())
    _ask_months(tx, intents, zones)
    complete(tx, list(after.values()))


def complete(tx: Tx, found: Sequence[Order]) -> None:
    """What waited until nothing of an order is left to ship may be issued."""
    done = [o for o in found if all(x.ordered == x.shipped + x.cancelled for x in o.lines)]
    if done:
        invoicing.complete(
            tx, [order.id for order in done], {order.header.legal_entity_id for order in done}
        )


def billables(order: Order, taxed: Mapping[Part, Piece]) -> tuple[Billable, ...]:
    """An order's lines and charges as documents may bill them."""
    charges = {c.charge_no: c for c in order.charges}
    made = []
    for part, piece in taxed.items():
        if part.line_no:
            x = order.line(part.line_no)
            text = (x.sku_code, x.title, x.ordered, x.unit_price, x.discount)
        else:
            text = ("", charges[part.charge_no].title, 1, piece.total, 0)
        made.append(Billable(part, *text, piece.tax, piece.total, piece.taxed))
    return tuple(made)


def _intent(
    tx: Tx,
    order: Order,
    left: Left,
    policies: Sequence[Rule],
    zone: ZoneInfo,
    taxed: Mapping[Part, Piece],
    billed: Mapping[Part, Billed],
) -> Intent:
    header = order.header
    policy = invoicing.policy_for(policies, header.channel_id, header.customer_id)
    if policy is Policy.MONTH and header.customer_id is None:
        policy = Policy.SHIPMENT  # nobody whose month it could be
    lines: tuple[Line, ...] = ()
    if policy is not Policy.NONE:
        lines = shares.bill(order.id, billables(order, taxed), left.units, billed)
    return Intent(
        id=ids.fresh(),
        kind=Kind.INVOICE,
        subject_id=left.subject_id,
        order_id=order.id,
        legal_entity_id=header.legal_entity_id,
        customer_id=header.customer_id,
        currency=header.currency,
        policy=policy,
        group_key=_group(order, left, policy, zone),
        net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
        reason="",
        occurred_at=left.at,
        created_at=tx.now,
        ready=policy is Policy.SHIPMENT,
        document_id=None,
        lines=lines,
    )


def _group(order: Order, left: Left, policy: Policy, zone: ZoneInfo) -> str:
    """What becomes one document: of one seller, currency and way to quote prices."""
    if policy is Policy.ORDER:
        return f"order:{order.id}"
    if policy is Policy.MONTH:
        prices = "gross" if order.header.prices_include_tax else "net"
        month = f"{left.at.astimezone(zone):%Y-%m}"
        whose = f"{order.header.legal_entity_id}:{order.header.customer_id}"
        return f"month:{whose}:{month}:{order.header.currency}:{prices}"
    return f"invoice:{left.subject_id}"


def _counted(order: Order, intent: Intent) -> Order:
    for line in intent.lines:
        if line.part.line_no:
            was = order.line(line.part.line_no)
            order = order.with_line(replace(was, invoiced=was.invoiced + line.units))
    return order


def _zones(tx: Tx, found: Mapping[Id, Order]) -> dict[Id, ZoneInfo]:
    """The time zone in which a legal entity's months begin."""
    entities = {order.header.legal_entity_id for order in found.values()}
    issuers = invoicing.issuers(tx, entities)
    return {id: ZoneInfo(issuers[id].time_zone if id in issuers else "UTC") for id in entities}


def _ask_months(tx: Tx, intents: Sequence[Intent], zones: Mapping[Id, ZoneInfo]) -> None:
    """Each month with something to bill is billed when it is over."""
    asked = set()
    for intent in intents:
        if intent.policy is Policy.MONTH:
            zone = zones[intent.legal_entity_id]
            local = intent.occurred_at.astimezone(zone).date()
            asked.add((intent.legal_entity_id, _next_month(local), zone))
    for entity, month, zone in sorted(asked, key=lambda each: (each[0], each[1])):
        at = datetime.combine(month, _COLLECTED_AT, zone).astimezone(UTC)
        invoicing.ask_collect(tx, entity, month, at)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def collect(tx: Tx, legal_entity_id: Id, until: date) -> int:
    """Bill now what waits for its month and left up to and on this day; how many shipments."""
    zone = _zone(tx, legal_entity_id)
    midnight = datetime.combine(date.fromordinal(until.toordinal() + 1), time(), zone)
    return invoicing.collect(tx, legal_entity_id, midnight.astimezone(UTC))


def _zone(tx: Tx, legal_entity_id: Id) -> ZoneInfo:
    issuer = invoicing.issuers(tx, [legal_entity_id]).get(legal_entity_id)
    return ZoneInfo(issuer.time_zone if issuer else "UTC")
