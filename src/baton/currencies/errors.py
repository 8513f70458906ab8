"""What the currencies module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound


class RateUnknown(NotFound):
    """No rate between the two currencies was published on or shortly before the day."""

    code = "rate_unknown"


class RowInvalid(Invalid):
    """A row says no rate: its day, currency or number can't be read."""

    code = "rate_row_invalid"


class RatesUnreadable(Invalid):
    """A file is neither the XML nor the CSV in which central banks publish their rates."""

    code = "rates_unreadable"
