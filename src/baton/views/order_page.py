"""One order with all that belongs to it: what the order page and the API's order show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from baton import channels, customers, fulfillment, locations, notifications, orders, payments
from baton import shipping as shipments
from baton.channels.model import Channel
from baton.customers.model import Customer
from baton.fulfillment.model import FulfillmentOrder, Package
from baton.locations.model import Location
from baton.notifications.model import Message
from baton.orders.model import Exception_, Order
from baton.payments.model import Payment, Receivable
from baton.platform.db import Tx
from baton.shipping.model import Label, Seen, Shipment
from baton.values import Id

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order, its work, parcels, money and messages, and the names of what they point at."""

    order: Order
    channel: Channel
    customer: Customer | None
    places: Mapping[Id, Location]
    works: Sequence[FulfillmentOrder]
    packages: Mapping[Id, Sequence[Package]]
    shipments: Sequence[Shipment]
    labels: Mapping[Id, Sequence[Label]]
    events: Mapping[Id, Sequence[Seen]]
    payments: Sequence[Payment]
    receivables: Sequence[Receivable]
    messages: Sequence[Message]
    exceptions: Sequence[Exception_]


def order_page(tx: Tx, order: Order) -> OrderPage:
    """Everything about one order, as it is now."""
    header = order.header
    works = fulfillment.of_orders(tx, [order.id])
    sent = shipments.of_orders(tx, [order.id])
    places = {work.location_id for work in works}
    places |= {group.location_id for group in order.groups if group.location_id is not None}
    return OrderPage(
        order,
        channels.channels_by_id(tx, [header.channel_id])[header.channel_id],
        customers.customers_by_id(tx, [header.customer_id]).get(header.customer_id)
        if header.customer_id is not None
        else None,
        locations.locations_by_id(tx, sorted(places)) if places else {},
        works,
        _grouped(
            fulfillment.packages_of(tx, [work.id for work in works]) if works else (),
            "fulfillment_order_id",
        ),
        sent,
        _grouped(shipments.labels_of(tx, [s.id for s in sent]) if sent else (), "shipment_id"),
        _grouped(shipments.tracking_of(tx, [s.id for s in sent]) if sent else (), "shipment_id"),
        payments.by_orders(tx, [order.id]),
        payments.receivables(tx, order.id),
        notifications.by_orders(tx, [order.id]),
        orders.exceptions(tx, [order.id]),
    )


def _grouped(rows: Sequence[T], key: str) -> dict[Id, list[T]]:
    found: dict[Id, list[T]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
