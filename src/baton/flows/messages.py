"""Telling the customer: which fact is told in which message, with which words.

A message is put once for a kind and a fact, however often the fact comes. People without an
e-mail address are not told; marketplaces tell theirs themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import access, channels, notifications, orders, shipping
from baton.channels.model import ChannelKind
from baton.notifications.model import (
    Draft,
    Extra,
    Item,
    MessageFacts,
    MessageKind,
    Pickup,
    TrackedParcel,
)
from baton.orders.model import Bucket, Mode, Order
from baton.platform.db import Tx
from baton.shipping.model import Method, Shipment
from baton.values import Id, Money

SILENT = {ChannelKind.MARKETPLACE, ChannelKind.IMPORT, ChannelKind.POINT_OF_SALE}


class Links:
    """Where customers' links lead: set once for the process."""

    def __init__(self, public_url: str, contact: str) -> None:
        self.public_url = public_url.rstrip("/")
        self.contact = contact

    def tracking(self, tenant: int, order: Order) -> str:
        """The customer's page of an order: a secret of 128 bits, and no name in it."""
        return f"{self.public_url}/t/bt_{tenant}_{order.header.tracking_secret}"


def told(tx: Tx, order: Order) -> bool:
    """Whether the buyer of this order hears from us."""
    if not order.header.email or order.header.mode is Mode.HISTORY:
        return False
    channel = channels.channels_by_id(tx, [order.header.channel_id])[order.header.channel_id]
    return channel.kind not in SILENT


def confirm(tx: Tx, links: Links, order_ids: Sequence[Id]) -> None:
    """Order confirmed; one that was cancelled before it could be is only said to be cancelled."""
    for order in orders.lock(tx, order_ids).values():
        if units := _all_units(order):
            _put(tx, links, order, MessageKind.ORDER_CONFIRMED, str(order.id), units)


def shipped(tx: Tx, links: Links, shipment_ids: Sequence[Id]) -> None:
    """Shipped, with the tracking number."""
    for shipment, order in _with_orders(tx, shipment_ids):
        if shipment.method is Method.SHIP:
            parcels = (
                TrackedParcel(
                    shipment.carrier, shipment.tracking_no, links.tracking(tx.tenant, order)
                ),
            )
            units = dict(shipment.lines)
            _put(tx, links, order, MessageKind.SHIPPED, str(shipment.id), units, parcels=parcels)


def delivered(tx: Tx, links: Links, shipment_ids: Sequence[Id]) -> None:
    """Delivered."""
    for shipment, order in _with_orders(tx, shipment_ids):
        if shipment.method is Method.SHIP and shipment.delivered_at is not None:
            units, on = dict(shipment.lines), shipment.delivered_at.date()
            _put(tx, links, order, MessageKind.DELIVERED, str(shipment.id), units, delivered_on=on)


def cancelled(
    tx: Tx, links: Links, order_id: Id, fact: str, units: dict[int, int], reason: str
) -> None:
    """Units were cancelled."""
    order = orders.lock(tx, [order_id])[order_id]
    partly = any(line.ordered > line.cancelled for line in order.lines)
    _put(tx, links, order, MessageKind.CANCELLED, fact, units, reason=reason, partly=partly)


def pickup_ready(
    tx: Tx, links: Links, order: Order, fact: str, units: dict[int, int], place: Pickup
) -> None:
    """A pick-up waits at the counter, with its code."""
    _put(tx, links, order, MessageKind.PICKUP_READY, fact, units, pickup=place)


def _put(
    tx: Tx,
    links: Links,
    order: Order,
    kind: MessageKind,
    fact: str,
    units: dict[int, int],
    **more: object,
) -> None:
    if not told(tx, order):
        return
    facts = _facts(tx, links, order, kind, units, **more)
    composed = notifications.compose(kind, order.header.language, facts)
    header = order.header
    draft = Draft(order.id, kind, fact, header.email, header.language, composed)
    notifications.put(tx, [draft])


def _facts(
    tx: Tx, links: Links, order: Order, kind: MessageKind, units: dict[int, int], **more: object
) -> MessageFacts:
    header = order.header
    entity = access.legal_entities_by_id(tx, [header.legal_entity_id])[header.legal_entity_id]
    priced = kind is MessageKind.ORDER_CONFIRMED
    group = order.groups[0]
    return MessageFacts(
        shop=entity.name,
        order_number=order.number,
        name=header.buyer_name,
        items=tuple(
            Item(
                order.line(n).title,
                count,
                Money(order.line(n).total, header.currency) if priced else None,
            )
            for n, count in units.items()
        ),
        extras=tuple(
            Extra(charge.title, Money(charge.amount, header.currency))
            for charge in (order.charges if priced else ())
        ),
        total=Money(header.total_minor, header.currency) if priced else None,
        address=group.address if priced else None,
        promised_from=group.promised_from,
        promised_by=group.promised_by,
        order_url=links.tracking(tx.tenant, order),
        contact=links.contact,
        **more,  # type: ignore[arg-type]
    )


def _all_units(order: Order) -> dict[int, int]:
    return {
        line.line_no: line.ordered - line.units(Bucket.CANCELLED)
        for line in order.lines
        if line.ordered > line.cancelled
    }


def _with_orders(tx: Tx, shipment_ids: Sequence[Id]) -> list[tuple[Shipment, Order]]:
    shipments = shipping.by_ids(tx, shipment_ids)
    locked = orders.lock(tx, [shipment.order_id for shipment in shipments])
    return [(shipment, locked[shipment.order_id]) for shipment in shipments]
