"""One order with all that belongs to it: what the order page and the API's order show.

The order is shown whole to whoever may see it; the work and the parcels only of their locations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from baton import channels, customers, fulfillment, locations, notifications, orders, payments
from baton import shipping as shipments
from baton.channels.model import Channel
from baton.customers.model import Customer
from baton.fulfillment.model import FulfillmentOrder, Package
from baton.locations.model import Location
from baton.notifications.model import Message
from baton.orders.model import Change, Exception_, Order
from baton.payments.model import Payment, Receivable
from baton.platform import journal
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.shipping.model import Label, Seen, Shipment
from baton.values import Id

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order, its work, parcels, money and messages, and the names of what they point at.

    `recallable` counts units at all locations, for what may be asked of the order as a whole.
    """

    order: Order
    channel: Channel
    customer: Customer | None
    places: Mapping[Id, Location]
    works: Sequence[FulfillmentOrder]
    recallable: int
    packages: Mapping[Id, Sequence[Package]]
    shipments: Sequence[Shipment]
    labels: Mapping[Id, Sequence[Label]]
    events: Mapping[Id, Sequence[Seen]]
    payments: Sequence[Payment]
    receivables: Sequence[Receivable]
    messages: Sequence[Message]
    exceptions: Sequence[Exception_]
    pending: Sequence[Change]


def order_page(tx: Tx, order: Order, at: Collection[Id] | None = None) -> OrderPage:
    """Everything about one order as it is now; work and parcels of some locations or (None) all."""
    header = order.header
    all_works = fulfillment.of_orders(tx, [order.id])
    works = [work for work in all_works if at is None or work.location_id in at]
    sent = shipments.of_orders(tx, [order.id], at)
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
        sum(fulfillment.recallable(all_works).values()),
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
        orders.pending_changes(tx, [order.id]),
    )


def timeline(tx: Tx, order_id: Id, at: Collection[Id] | None = None) -> list[Entry]:
    """All that happened to an order, oldest first, but what happened at other locations."""
    entries = journal.timeline(tx, [order_id])
    if at is None:
        return entries
    works = fulfillment.of_orders(tx, [order_id])
    sent = shipments.of_orders(tx, [order_id], at)
    seen = {str(id) for id in at}
    seen |= {str(work.id) for work in works if work.location_id in at}
    seen |= {str(shipment.id) for shipment in sent}
    return [_cut(entry, seen) for entry in entries if _happened_at(entry) <= seen]


def _happened_at(entry: Entry) -> set[str]:
    names = ("fulfillment_order_id", "shipment_id", "location_id")
    return {entry.data[name] for name in names if entry.data.get(name) is not None}


def _cut(entry: Entry, seen: Collection[str]) -> Entry:
    """A fact of the whole order names no location but those."""
    if "locations" not in entry.data:
        return entry
    left = [id for id in entry.data["locations"] if id in seen]
    return replace(entry, data=entry.data | {"locations": left})


def _grouped(rows: Sequence[T], key: str) -> dict[Id, list[T]]:
    found: dict[Id, list[T]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
