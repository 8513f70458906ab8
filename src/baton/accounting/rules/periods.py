"""On which day an entry counts, and when days are closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from baton.accounting.errors import EntryInvalid, PeriodOpen
from baton.accounting.model import Ledger, PostingLine


def booked_on(ledger: Ledger, day: date) -> date:
    """The day itself, or the first that is open where it is closed."""
    if ledger.closed_through is None or day > ledger.closed_through:
        return day
    return ledger.closed_through + timedelta(days=1)


def check_close(ledger: Ledger, through: date, today: date) -> None:
    """Nothing where days up to `through` may be closed now. Raises PeriodOpen."""
    if through >= today:
        raise PeriodOpen("Only days that are over can be closed.", field="through")
    if ledger.closed_through is not None and through <= ledger.closed_through:
        raise PeriodOpen(
            f"All days through {ledger.closed_through.isoformat()} are closed already.",
            field="through",
        )


def check_reopen(ledger: Ledger, through: date | None) -> None:
    """Nothing where days after `through` may be opened again. Raises PeriodOpen."""
    if ledger.closed_through is None:
        raise PeriodOpen("No day is closed.", field="through")
    if through is not None and through >= ledger.closed_through:
        raise PeriodOpen(
            f"Days after {ledger.closed_through.isoformat()} are open already.", field="through"
        )


def check_lines(lines: Sequence[PostingLine], numbers: set[str]) -> None:
    """Nothing where an entry by hand can be booked. Raises EntryInvalid."""
    if len(lines) < 2:
        raise EntryInvalid("An entry has at least two lines.", field="lines")
    for place, line in enumerate(lines):
        if line.account not in numbers:
            said = f"The chart has no account {line.account[:20]!r}."
            raise EntryInvalid(said, field=f"lines.{place}.account")
        if not line.amount:
            raise EntryInvalid("A line has an amount.", field=f"lines.{place}")
    rest = sum(line.amount for line in lines)
    if rest:
        raise EntryInvalid(f"Debits and credits differ by {abs(rest)}.", field="lines")
