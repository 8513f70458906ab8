"""Shipping: what leaves a location, the labels of its packages, and where it is.

Owns       shipments with their lines, one label for each package, what carriers said, and flat
           rate cards. No carrier is called here: a label is asked for (`open_shipments`), bought
           by a job over `port`, and settled (`label_bought`, `label_refused`).
Tables     shipping.shipments · .shipment_lines · .labels · .tracking_events · .rate_cards
Verbs      open_shipments · void · label_bought · label_refused · retry_labels · label_voided ·
           label_kept · track · save_rate_cards. The caller holds the locks of the orders; each
           verb locks its shipments in the order of their ids.
Reads      by_ids · of_orders · by_fulfillment_orders · by_tracking · labels_of ·
           labels_of_packages · requested_labels · unwanted · unwanted_labels · document ·
           tracking_of · rate_cards
Facts      events.py; each says which status it left behind. `shipping.shipped` is told once for a
           shipment, with its last label; `shipping.label_unwanted` asks for a label to be given
           back to its carrier.
Invariants one key buys one label; a shipment that left with a carrier has all its labels; its
           status is the same function of its tracking events in whatever order they came
           (docs/algorithms/tracking.md); its cost is the sum of its labels. `verify` looks at all.

Files, in reading order: model · states (transitions, and what tracking events mean) · rules ·
actions · store · port (what a carrier's connector fulfils).
"""

from baton.shipping.actions import (
    by_tracking,
    label_bought,
    label_kept,
    label_refused,
    label_voided,
    open_shipments,
    retry_labels,
    save_rate_cards,
    track,
    unwanted,
    verify,
    void,
)
from baton.shipping.states import legal_actions
from baton.shipping.store import (
    by_fulfillment_orders,
    by_ids,
    document,
    labels_of,
    labels_of_packages,
    of_orders,
    rate_cards,
    requested_labels,
    tracking_of,
    unwanted_labels,
)

__all__ = [
    "by_fulfillment_orders",
    "by_ids",
    "by_tracking",
    "document",
    "label_bought",
    "label_kept",
    "label_refused",
    "label_voided",
    "labels_of",
    "labels_of_packages",
    "legal_actions",
    "of_orders",
    "open_shipments",
    "rate_cards",
    "requested_labels",
    "retry_labels",
    "save_rate_cards",
    "track",
    "tracking_of",
    "unwanted",
    "unwanted_labels",
    "verify",
    "void",
]
