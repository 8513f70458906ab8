"""Money of buyers that the merchant holds: gift cards, and store credit per customer and currency.

Owns       accounts, the append-only ledger of what changed each balance, and what payments hold.
Tables     stored_value.accounts · stored_value.entries · stored_value.holds · stored_value.misses
Verbs      issue · new_code · change · set_expiry · correct · expire make and mend accounts;
           grant gives a customer store credit, once for a subject;
           hold · redeem · release · give_back are what a payment does with an account.
Reads      by_codes · look_up (counted, limited) · found · by_id · by_customer · entries · newest
Facts      stored_value.opened · moved · held · freed · status_changed · expiry_changed, about the
           account.
Invariants balance = sum of entries; held = sum of holds; balance − held ≥ 0, by the database too.
           A subject and cause moves money once. A code is kept as its hash and last four letters.

Its accounts are locked after orders and payments, in the order of their ids: whoever holds one
takes no lock of another kind. Explained in docs/algorithms/stored-value.md.
"""

from baton.stored_value.actions import (
    by_codes,
    change,
    correct,
    expire,
    found,
    give_back,
    grant,
    hold,
    issue,
    look_up,
    new_code,
    redeem,
    release,
    set_expiry,
    verify,
)
from baton.stored_value.rules import MISSES_MAX
from baton.stored_value.store import by_customer, by_id, entries, newest

__all__ = [
    "MISSES_MAX",
    "by_codes",
    "by_customer",
    "by_id",
    "change",
    "correct",
    "entries",
    "expire",
    "found",
    "give_back",
    "grant",
    "hold",
    "issue",
    "look_up",
    "new_code",
    "newest",
    "redeem",
    "release",
    "set_expiry",
    "verify",
]
