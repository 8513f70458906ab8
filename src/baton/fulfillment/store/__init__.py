"""All SQL of the fulfillment module: the work, its packages, and what `verify` asks."""

from baton.fulfillment.store.checks import verify
from baton.fulfillment.store.packing import (
    insert_packages,
    packages,
    packages_of,
    ship_packages,
)
from baton.fulfillment.store.work import (
    by_ids,
    by_number,
    counts,
    due_recalls,
    insert,
    lock,
    of_orders,
    queue,
    sent_to,
    update,
    update_lines,
)

__all__ = [
    "by_ids",
    "by_number",
    "counts",
    "due_recalls",
    "insert",
    "insert_packages",
    "lock",
    "of_orders",
    "packages",
    "packages_of",
    "queue",
    "sent_to",
    "ship_packages",
    "update",
    "update_lines",
    "verify",
]
