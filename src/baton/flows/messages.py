"""Telling the customer: which fact is told in which message, by which medium.

A message is put once for a kind, a fact and a medium, however often the fact comes. Marketplaces
tell their buyers themselves. A merchant's template that fails is replaced by the built-in words,
and a person is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from baton import access, channels, notifications, orders, shipping
from baton.channels.model import Channel, ChannelKind
from baton.notifications import rules
from baton.notifications.compose import Worded
from baton.notifications.model import (
    Asked,
    Consent,
    Draft,
    Extra,
    Item,
    Medium,
    Message,
    MessageFacts,
    MessageKind,
    Pickup,
    Place,
    Preferences,
    QuietHours,
    Template,
    TrackedParcel,
)
from baton.orders.model import Bucket, Mode, Order
from baton.platform.db import Tx
from baton.shipping.model import Method, Shipment
from baton.values import Id, Money
from baton.values.ids import shown

SILENT = {ChannelKind.MARKETPLACE, ChannelKind.IMPORT, ChannelKind.POINT_OF_SALE}
PRICED = {MessageKind.ORDER_CONFIRMED}
FAILED = "message_template_failed"
INVOICE = "invoice:"  # before the id of the document that goes with a mail


class Links:
    """Where customers' links lead, and whether they can be texted: set once for the process."""

    def __init__(self, public_url: str, contact: str, *, texts: bool = False) -> None:
        self.public_url = public_url.rstrip("/")
        self.contact = contact
        self.texts = texts

    def tracking(self, tenant: int, order: Order) -> str:
        """The customer's page of an order: a secret of 128 bits, and no name in it."""
        return f"{self.public_url}/t/bt_{tenant}_{order.header.tracking_secret}"


@dataclass(frozen=True, slots=True)
class Telling:
    """One fact to be told to an order's buyer. `more` is what `MessageFacts` is to know beside
    the order; `recipient` another address than the buyer's; `page` the part of their pages on
    which something is to be done.
    """

    order: Order
    kind: MessageKind
    fact: str
    units: Mapping[int, int] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)
    due_at: datetime | None = None
    attachment: str = ""
    recipient: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class _Shop:
    """What is read once for all tellings of a batch."""

    links: Links
    tenant: int
    channels: Mapping[Id, Channel]
    names: Mapping[Id, str]
    preferences: Mapping[Id, Preferences]
    own: Mapping[Place, Template]
    consents: Sequence[Consent]


def tell(tx: Tx, links: Links, tellings: Sequence[Telling]) -> None:
    """Put the messages that tell these facts; the caller holds the orders' locks."""
    live = [t for t in tellings if t.order.header.mode is not Mode.HISTORY]
    if not live:
        return
    shop = _shop(tx, links, live)
    drafts, failed = list[Draft](), list[tuple[Order, MessageKind, str]]()
    for telling in live:
        if shop.channels[telling.order.header.channel_id].kind in SILENT:
            continue
        for medium, recipient in _ways(shop, telling):
            facts = facts_of(shop.names, links, shop.tenant, telling)
            preferences = shop.preferences[telling.order.header.channel_id]
            languages = rules.chain(telling.order.header.language, preferences)
            said = notifications.worded(telling.kind, medium, languages, facts, shop.own)
            if said.failure is not None:
                failed.append((telling.order, telling.kind, said.failure.message))
            drafts.append(_draft(telling, medium, recipient, said))
    notifications.put(tx, drafts)
    _show(tx, failed)


def preview(
    tx: Tx, links: Links, order: Order, kind: MessageKind, filled: MessageFacts
) -> MessageFacts:
    """What a message of this kind about a real order would know; what the order does not say
    is taken from `filled`.
    """
    header = order.header
    entity = access.legal_entities_by_id(tx, [header.legal_entity_id])[header.legal_entity_id]
    names = {header.legal_entity_id: entity.name}
    page = links.tracking(tx.tenant, order)
    plain = facts_of(names, links, tx.tenant, Telling(order, kind, "", all_units(order)))
    asked = replace(
        filled, promised_was=None, action_url=page, rate_url=f"{page}/rate", total=plain.total
    )
    known = {
        name: getattr(plain, name)
        for name in ("shop", "order_number", "name", "items", "extras", "address",
                     "promised_from", "promised_by", "order_url", "contact")
        if getattr(plain, name) is not None
    }  # fmt: skip
    money = Money(header.total_minor, header.currency)
    in_its_currency = {
        name: money
        for name in ("total", "amount", "balance", "refund")
        if getattr(filled, name) is not None
    }
    return replace(asked, **(known | in_its_currency))


# ── facts and who hears of them ────────────────────────────────────────────────────────────


def confirm(tx: Tx, links: Links, order_ids: Sequence[Id]) -> None:
    """Order confirmed; one that was cancelled before it could be is only said to be cancelled."""
    found = [(o, all_units(o)) for o in orders.lock(tx, order_ids).values()]
    told = [
        Telling(o, MessageKind.ORDER_CONFIRMED, str(o.id), units) for o, units in found if units
    ]
    tell(tx, links, told)


def shipped(tx: Tx, links: Links, shipment_ids: Sequence[Id]) -> None:
    """Shipped, with the tracking number."""
    _parcels_told(tx, links, shipment_ids, MessageKind.SHIPPED)


def out_for_delivery(tx: Tx, links: Links, shipment_ids: Sequence[Id]) -> None:
    """The parcel is on its last way."""
    _parcels_told(tx, links, shipment_ids, MessageKind.OUT_FOR_DELIVERY)


def delivered(tx: Tx, links: Links, shipment_ids: Sequence[Id]) -> None:
    """Delivered; and some days later, where the merchant wants it, how satisfied they are."""
    told = []
    for shipment, order in _with_orders(tx, shipment_ids):
        if shipment.method is Method.SHIP and shipment.delivered_at is not None:
            on = {"delivered_on": shipment.delivered_at.date()}
            fact, units = str(shipment.id), dict(shipment.lines)
            told.append(Telling(order, MessageKind.DELIVERED, fact, units, on))
    tell(tx, links, told)
    ask(tx, links, Asked.DELIVERY, [(t.order, Id(t.fact)) for t in told])


def ask(tx: Tx, links: Links, asked: Asked, facts: Sequence[tuple[Order, Id]]) -> None:
    """Ask buyers how satisfied they are, after the days that the merchant wants; never if none."""
    wanted = notifications.preferences_of(tx, {o.header.channel_id for o, _ in facts})
    told, kind = list[Telling](), MessageKind(f"csat_{asked}")
    for order, fact in facts:
        days = wanted[order.header.channel_id].ask_after_days
        if days is not None:
            page = rating_page(asked, fact)
            due_at = tx.now + timedelta(days=days)
            rate_url = f"{links.tracking(tx.tenant, order)}/{page}"
            told.append(Telling(order, kind, str(fact), {}, {"rate_url": rate_url}, due_at))
    tell(tx, links, told)


def rating_page(asked: Asked, fact: Id) -> str:
    """The part of a customer's pages on which they rate a shipment or a return."""
    return f"rate/{asked}/{shown('shp' if asked is Asked.DELIVERY else 'ret', fact)}"


def cancelled(
    tx: Tx, links: Links, order_id: Id, fact: str, units: dict[int, int], reason: str
) -> None:
    """Units were cancelled."""
    order = orders.lock(tx, [order_id])[order_id]
    partly = any(line.ordered > line.cancelled for line in order.lines)
    more = {"reason": reason, "partly": partly}
    tell(tx, links, [Telling(order, MessageKind.CANCELLED, fact, units, more)])


def pickup_ready(
    tx: Tx, links: Links, order: Order, fact: str, units: dict[int, int], place: Pickup
) -> None:
    """A pick-up waits at the counter, with its code."""
    tell(tx, links, [Telling(order, MessageKind.PICKUP_READY, fact, units, {"pickup": place})])


def changed(tx: Tx, links: Links, facts: Sequence[tuple[Id, str, str]]) -> None:
    """An order was changed: (order, fact, `address` or `order`)."""
    found = orders.lock(tx, [order_id for order_id, _, _ in facts])
    told = []
    for order_id, fact, what in facts:
        order = found[order_id]
        total = Money(order.header.total_minor, order.header.currency)
        more = {"changed": what, "total": total}
        told.append(Telling(order, MessageKind.ORDER_CHANGED, fact, {}, more))
    tell(tx, links, told)


def about_money(
    tx: Tx, links: Links, kind: MessageKind, facts: Sequence[tuple[Id, str, Money]]
) -> None:
    """A payment failed or a refund was made: (order, fact, amount)."""
    found = orders.lock(tx, [order_id for order_id, _, _ in facts])
    told = [
        Telling(found[order_id], kind, fact, {}, {"amount": amount})
        for order_id, fact, amount in facts
    ]
    tell(tx, links, told)


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice or credit memo, and an order that it is about: whose buyer gets it."""

    order_id: Id
    document_id: Id
    number: str
    total: Money
    credit: bool


def billed(tx: Tx, links: Links, bills: Sequence[Bill]) -> None:
    """An invoice or credit memo was issued; the paper goes with the mail."""
    found = orders.lock(tx, sorted({bill.order_id for bill in bills}))
    told = []
    for bill in bills:
        order = found[bill.order_id]
        more = {"document_no": bill.number, "amount": bill.total, "credit": bill.credit,
                "attached": True}  # fmt: skip
        told.append(
            Telling(order, MessageKind.INVOICE_ISSUED, str(bill.document_id), {}, more,
                    attachment=f"{INVOICE}{bill.document_id}")
        )  # fmt: skip
    tell(tx, links, told)


def promised(tx: Tx, links: Links, order_ids: Collection[Id]) -> None:
    """What was promised moved to a later day: said once for each day."""
    told = []
    for order in orders.lock(tx, sorted(set(order_ids))).values():
        days = {g.group_no: g.promised_by for g in order.groups if g.promised_by is not None}
        for group_no, was in notifications.later(tx, order.id, days).items():
            told.append(_delayed(order, group_no, days[group_no], was))
    tell(tx, links, told)


def _delayed(order: Order, group_no: int, day: date, was: date) -> Telling:
    fact = f"{order.id}/{group_no}/{day}"
    units = {
        line.line_no: line.ordered - line.cancelled - line.shipped
        for line in order.lines
        if line.group_no == group_no and line.ordered > line.cancelled + line.shipped
    }
    more = {"promised_by": day, "promised_was": was}
    return Telling(order, MessageKind.DELAYED, fact, units, more)


def _parcels_told(tx: Tx, links: Links, shipment_ids: Sequence[Id], kind: MessageKind) -> None:
    told = []
    for shipment, order in _with_orders(tx, shipment_ids):
        if shipment.method is Method.SHIP:
            page = links.tracking(tx.tenant, order)
            parcels = (TrackedParcel(shipment.carrier, shipment.tracking_no, page),)
            units = dict(shipment.lines)
            told.append(Telling(order, kind, str(shipment.id), units, {"parcels": parcels}))
    tell(tx, links, told)


# ── putting it together ────────────────────────────────────────────────────────────────────


def _shop(tx: Tx, links: Links, tellings: Sequence[Telling]) -> _Shop:
    headers = [telling.order.header for telling in tellings]
    channel_ids = sorted({header.channel_id for header in headers})
    entities = access.legal_entities_by_id(tx, sorted({h.legal_entity_id for h in headers}))
    customer_ids = {h.customer_id for h in headers if h.customer_id is not None}
    return _Shop(
        links,
        tx.tenant,
        channels.channels_by_id(tx, channel_ids),
        {id: entity.name for id, entity in entities.items()},
        notifications.preferences_of(tx, channel_ids),
        notifications.templates(tx, {telling.kind for telling in tellings}),
        notifications.consents(tx, customer_ids),
    )


def _ways(shop: _Shop, telling: Telling) -> list[tuple[Medium, str]]:
    """By which media, and to where, the buyer is told this."""
    header, found = telling.order.header, list[tuple[Medium, str]]()
    said = [c for c in shop.consents if c.customer_id == header.customer_id]
    preferences = shop.preferences[header.channel_id]
    address = telling.recipient or header.email
    if address and rules.wanted(telling.kind, Medium.MAIL, preferences, said):
        found.append((Medium.MAIL, address))
    number = rules.telephone(header.phone)
    if number and shop.links.texts and rules.wanted(telling.kind, Medium.SMS, preferences, said):
        found.append((Medium.SMS, number))
    return found


def _draft(telling: Telling, medium: Medium, recipient: str, said: Worded) -> Draft:
    return Draft(
        telling.order.id,
        telling.kind,
        telling.fact,
        recipient,
        said.language,
        said.composed,
        medium,
        telling.due_at,
        telling.attachment if medium is Medium.MAIL else "",
    )


def quiet_hours(tx: Tx, message: Message) -> QuietHours:
    """When the shop that a message is about wants no texts to be sent."""
    channel_id = orders.read(tx, [message.order_id])[message.order_id].header.channel_id
    return notifications.preferences_of(tx, [channel_id])[channel_id].quiet


def facts_of(names: Mapping[Id, str], links: Links, tenant: int, telling: Telling) -> MessageFacts:
    """What a message knows of its order, and what the telling adds."""
    order, header = telling.order, telling.order.header
    priced = telling.kind in PRICED
    group = order.groups[0]
    page = links.tracking(tenant, order)
    known: dict[str, object] = {
        "extras": tuple(
            Extra(charge.title, Money(charge.amount, header.currency))
            for charge in (order.charges if priced else ())
        ),
        "total": Money(header.total_minor, header.currency) if priced else None,
        "address": group.address if priced else None,
        "promised_from": group.promised_from,
        "promised_by": group.promised_by,
        "order_url": page,
        "action_url": f"{page}/{telling.page}" if telling.page else "",
        "contact": links.contact,
    }
    items = tuple(_item(order, n, count, priced=priced) for n, count in telling.units.items())
    plain = MessageFacts(names[header.legal_entity_id], order.number, header.buyer_name, items)
    return replace(plain, **(known | dict(telling.more)))  # type: ignore[arg-type]


def _item(order: Order, line_no: int, count: int, *, priced: bool) -> Item:
    line = order.line(line_no)
    return Item(line.title, count, Money(line.total, order.header.currency) if priced else None)


def all_units(order: Order) -> dict[int, int]:
    """The units of each line that were not cancelled."""
    return {
        line.line_no: line.ordered - line.units(Bucket.CANCELLED)
        for line in order.lines
        if line.ordered > line.cancelled
    }


def _show(tx: Tx, failed: Sequence[tuple[Order, MessageKind, str]]) -> None:
    """A person mends the template; once for an order and kind."""
    seen = dict[Id, Order]()
    for order, kind, said in failed:
        seen[order.id] = orders.open_exception(
            tx,
            seen.get(order.id, order),
            FAILED,
            kind.value,
            f"Your own words for {kind} could not be filled in, so the built-in ones went: {said}",
            "Mend the template: baton template show.",
        )


def _with_orders(tx: Tx, shipment_ids: Sequence[Id]) -> list[tuple[Shipment, Order]]:
    shipments = shipping.by_ids(tx, shipment_ids)
    locked = orders.lock(tx, [shipment.order_id for shipment in shipments])
    return [(shipment, locked[shipment.order_id]) for shipment in shipments]
