"""What is done about rates, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from baton.currencies import rules, store
from baton.currencies.errors import RateUnknown
from baton.currencies.events import RatesImported
from baton.currencies.model import EURO, Import, Imported, Rate, Row
from baton.platform import ids, journal
from baton.platform.db import Tx


def take_in(tx: Tx, source: str, rows: Sequence[Row]) -> Imported:
    """Keep the rates of a file; a row that says none is kept as it came, and named.

    The same rows again change nothing; a corrected rate takes the place of the old one.
    """
    rates, rejects = rules.sorted_out(rows, source)
    id = ids.fresh()
    added, changed = store.save(tx, id, rates) if rates else (0, 0)
    days = len({rate.day for rate in rates})
    kept = Import(id, source, tx.caller.actor, tx.now, days, added, changed, len(rejects))
    store.add_import(tx, kept, rejects)
    journal.record(tx, [RatesImported(id, source, added, changed, len(rejects))])
    return Imported(id, source, added, changed, len(rates) - added - changed, tuple(rejects))


def rates(tx: Tx, wanted: Sequence[tuple[date, str, str]]) -> list[Rate | None]:
    """The rate on each day from its first currency to its second; None where there is none.

    On a day without rates the last published ones count, up to `STALE_DAYS` old.
    """
    legs = [(day, code) for day, *both in wanted for code in both if code != EURO]
    last = store.last(tx, legs) if legs else {}
    return [
        rules.crossed(
            base,
            quote,
            day,
            {code: last[day, code] for code in (base, quote) if (day, code) in last},
        )
        for day, base, quote in wanted
    ]


def rate(tx: Tx, day: date, base: str, quote: str) -> Rate:
    """The rate on a day between two currencies. Raises RateUnknown."""
    found = rates(tx, [(day, base, quote)])[0]
    if found is None:
        raise RateUnknown(
            f"There is no rate from {base} to {quote} on {day}: import the rates of that day."
        )
    return found
