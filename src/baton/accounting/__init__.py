"""The books: double entry, made from the facts of the journal and from nothing else.

Owns       entries and their lines, the chart of accounts and the mapping of keys to it, what
           each buyer owes, what gateways and channels hold, what stock is worth, closed periods,
           exports.
Tables     accounting.sources · accounting.entries · accounting.lines · accounting.balances ·
           accounting.books · accounting.order_accounts · accounting.pots · accounting.pools ·
           accounting.layers · accounting.costs · accounting.accounts · accounting.mappings ·
           accounting.exports
Verbs      note has facts booked; book books them; replay and rates_known try parked ones again;
           save_chart · enter and reverse entries by hand · close, reopen · set_method · export.
Reads      chart · ledger · trial_balance · account_page · entries_by_id, entries_of_days,
           entries_of_order, entries_of_sources · parked · counts · exports, exported · verify
Facts      accounting.chart_saved, replayed, period_closed, period_reopened, method_set,
           entry_made, entry_reversed, exported. Entries that follow from facts have none.
Invariants Each fact is booked once for each rule. An entry balances in its currency and in base
           currency, and is never changed. Control accounts are the sums of what lies below them.

A flow reads the facts and says what happened (`model.Occurrence`); no other module's tables are
read here. Explained in docs/algorithms/accounting.md.
"""

from baton.accounting.actions import (
    AccountPage,
    Manual,
    ToBook,
    account_page,
    book,
    chart,
    close,
    enter,
    export,
    exported,
    found_export,
    ledger,
    note,
    rates_known,
    reopen,
    replay,
    reverse,
    save_chart,
    set_method,
    trial_balance,
)
from baton.accounting.store.chart import exports
from baton.accounting.store.entries import by_id as entries_by_id
from baton.accounting.store.entries import of_days as entries_of_days
from baton.accounting.store.entries import of_order as entries_of_order
from baton.accounting.store.entries import of_sources as entries_of_sources
from baton.accounting.store.invariants import verify
from baton.accounting.store.sources import counts, lock_waiting, parked

__all__ = [
    "AccountPage",
    "Manual",
    "ToBook",
    "account_page",
    "book",
    "chart",
    "close",
    "counts",
    "enter",
    "entries_by_id",
    "entries_of_days",
    "entries_of_order",
    "entries_of_sources",
    "export",
    "exported",
    "exports",
    "found_export",
    "ledger",
    "lock_waiting",
    "note",
    "parked",
    "rates_known",
    "reopen",
    "replay",
    "reverse",
    "save_chart",
    "set_method",
    "trial_balance",
    "verify",
]
