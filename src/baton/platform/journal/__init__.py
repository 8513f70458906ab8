"""The journal: every change is one row, written in the transaction that makes it.

Outbox, timeline and audit log are the same rows. `record` writes them; `relay` numbers them
after commit, seals them into a hash chain and hands them to the reactions; `check` finds rows
that were altered since.

Tables: journal.entries, journal.heads, journal.seals.
Invariants: a subject's `seq` has no gap; `no` is dense per tenant; every numbered entry has been
handed to its reactions; the chain holds up to its head.
"""

from baton.platform.journal.entries import (
    Entry,
    entries_by_id,
    entry,
    open_head,
    record,
    since,
    timeline,
)
from baton.platform.journal.relay import Reaction, Reactions, relay
from baton.platform.journal.seal import Head, check, head

__all__ = [
    "Entry",
    "Head",
    "Reaction",
    "Reactions",
    "check",
    "entries_by_id",
    "entry",
    "head",
    "open_head",
    "record",
    "relay",
    "since",
    "timeline",
]
