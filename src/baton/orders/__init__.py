"""Orders: quantities in buckets, money fixed at capture, holds and exceptions.

Owns the life of an order from draft to its last delivered unit. A line has no status: each of
its units is in one bucket, moves only as `states.MOVES` allows, and the order's status is read
off them by one function (`rules.status`) whenever `save` writes.

Tables: orders.orders, .lines, .delivery_groups, .charges, .holds, .exceptions, .changes.
Verbs: place, save, count, hold, resolve_hold, open_exception, resolve_exceptions, tell_tax,
set_base_rates, open_change, keep_change (what a change makes of an order is decided in `changes`,
and kept in `versions`).
Events: see `events`; each says which status and health it left behind.
Invariants: ordered = Σ buckets; delivered + lost ≤ shipped; stored status = derived status.
"""

from baton.orders.actions import (
    count,
    exception_order,
    hold,
    keep_change,
    line_of,
    lock,
    locked,
    open_change,
    open_exception,
    place,
    read,
    resolve_exceptions,
    resolve_hold,
    resolve_kind,
    save,
)
from baton.orders.figures import set_base_rates, tell_tax
from baton.orders.store import (
    assign_exception,
    backordered,
    by_external,
    by_number,
    by_tracking,
    changes_of,
    exceptions,
    inbox,
    pages,
    pending_changes,
    standing,
    with_skus,
    without_rate,
)

__all__ = [
    "assign_exception",
    "backordered",
    "by_external",
    "by_number",
    "by_tracking",
    "changes_of",
    "count",
    "exception_order",
    "exceptions",
    "hold",
    "inbox",
    "keep_change",
    "line_of",
    "lock",
    "locked",
    "open_change",
    "open_exception",
    "pages",
    "pending_changes",
    "place",
    "read",
    "resolve_exceptions",
    "resolve_hold",
    "resolve_kind",
    "save",
    "set_base_rates",
    "standing",
    "tell_tax",
    "with_skus",
    "without_rate",
]
