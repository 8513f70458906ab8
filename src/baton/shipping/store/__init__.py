"""All SQL of the shipping module: shipments, labels, tracking, rate cards, and `verify`."""

from baton.shipping.store.checks import checks
from baton.shipping.store.labels import (
    document,
    insert_labels,
    keep_document,
    labels_by_tracking,
    labels_of,
    labels_of_packages,
    requested_labels,
    unwanted_labels,
    update_labels,
)
from baton.shipping.store.rate_cards import rate_cards, save_rate_cards
from baton.shipping.store.shipments import (
    by_fulfillment_orders,
    by_ids,
    carried,
    counts,
    insert,
    lock,
    of_orders,
    update,
)
from baton.shipping.store.tracking import insert_tracking, tracking_of

__all__ = [
    "by_fulfillment_orders",
    "by_ids",
    "carried",
    "checks",
    "counts",
    "document",
    "insert",
    "insert_labels",
    "insert_tracking",
    "keep_document",
    "labels_by_tracking",
    "labels_of",
    "labels_of_packages",
    "lock",
    "of_orders",
    "rate_cards",
    "requested_labels",
    "save_rate_cards",
    "tracking_of",
    "unwanted_labels",
    "update",
    "update_labels",
]
