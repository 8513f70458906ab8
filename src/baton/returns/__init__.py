"""What came back, or was taken back on paper, as the channels reported it.

Owns       returns and their lines. They are records: what they mean for stock, units and money is
           done by the flows that record them.
Tables     returns.returns · returns.lines
Verbs      record (idempotent on channel and external id)
Reads      returns_by_id · returns_of_orders · page_of_returns
Facts      returns.recorded
Invariants A return exists once for a channel and external id, and has at least one line. A line
           names the order line or charge that it reverses, or no order at all: what is not known
           is said to be so.
"""

from baton.returns.actions import record, returns_of_orders
from baton.returns.store import page_of_returns, returns_by_id, verify

__all__ = [
    "page_of_returns",
    "record",
    "returns_by_id",
    "returns_of_orders",
    "verify",
]
