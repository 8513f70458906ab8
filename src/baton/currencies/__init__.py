"""Currencies: what one is worth in another on a day, by published rates against the euro.

Owns       rates by currency and day with their source, imports, and rows that say no rate.
Tables     currencies.rates · currencies.imports · currencies.rejects
Verbs      take_in (a file's rows; the same again changes nothing)
Reads      rate, rates (a day without rates has the last published one, at most ten days old) ·
           are_kept · imports · rejects
Facts      currencies.imported
Pure       rules.converted (an amount, rounded once) · ecb.rows_of (the ECB's XML and CSV)
Invariants One rate for a currency and day. An order keeps the rate that it was given: a corrected
           one counts for later orders.

Explained in docs/algorithms/currencies.md.
"""

from baton.currencies.actions import rate, rates, take_in
from baton.currencies.store import are_kept, imports, rejects

__all__ = ["are_kept", "imports", "rate", "rates", "rejects", "take_in"]
