"""Refusals of accounting."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class MappingMissing(Refused):
    """No account is mapped for a posting key: the posting waits until one is."""

    code = "mapping_missing"


class RateMissing(Refused):
    """No exchange rate is known for an amount: the posting waits until one is."""

    code = "rate_missing"


class FactUnfit(Refused):
    """A fact does not say what its entry needs: a person books it."""

    code = "fact_unfit"


class ChartInvalid(Invalid):
    """The chart or its mapping can't be used like this; `field` says where."""

    code = "chart_invalid"


class EntryInvalid(Invalid):
    """An entry by hand does not balance, or names an account that there is not."""

    code = "entry_invalid"


class EntryNotFound(NotFound):
    """There is no entry with this id."""

    code = "entry_not_found"


class ReversedBefore(Refused):
    """An entry is reversed once, and a reversal is not reversed."""

    code = "entry_reversed_before"


class BooksUnknown(NotFound):
    """No legal entity has this code."""

    code = "books_unknown"


class AccountUnknown(NotFound):
    """The chart has no account with this number."""

    code = "account_unknown"


class PeriodOpen(Conflict):
    """The period can't be closed or opened like this."""

    code = "period_unfit"


class ExportNotFound(NotFound):
    """There is no export with this id."""

    code = "export_not_found"


class FormatUnknown(Invalid):
    """The ledger is not written in this format."""

    code = "export_format_unknown"
