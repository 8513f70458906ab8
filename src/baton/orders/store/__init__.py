"""All SQL of the orders module: whole orders, and what needs attention beside them."""

from baton.orders.store.attention import (
    assign_exception,
    exceptions,
    exceptions_by_id,
    inbox,
    insert_exceptions,
    insert_holds,
    resolve_exceptions,
    resolve_hold,
)
from baton.orders.store.changes import changes_of, insert_change, pending_changes, update_change
from baton.orders.store.figures import (
    update_base_rates,
    update_charge_taxes,
    without_rate,
)
from baton.orders.store.whole import (
    backordered,
    by_external,
    by_number,
    by_tracking,
    insert,
    insert_charges,
    insert_lines,
    load,
    pages,
    update_groups,
    update_headers,
    update_lines,
    with_skus,
)

__all__ = [
    "assign_exception",
    "backordered",
    "by_external",
    "by_number",
    "by_tracking",
    "changes_of",
    "exceptions",
    "exceptions_by_id",
    "inbox",
    "insert",
    "insert_change",
    "insert_charges",
    "insert_exceptions",
    "insert_holds",
    "insert_lines",
    "load",
    "pages",
    "pending_changes",
    "resolve_exceptions",
    "resolve_hold",
    "update_base_rates",
    "update_change",
    "update_charge_taxes",
    "update_groups",
    "update_headers",
    "update_lines",
    "with_skus",
    "without_rate",
]
