"""What no date can be reckoned from."""

from __future__ import annotations

from baton.values.errors import Invalid, Refused


class DispatchInvalid(Invalid):
    """A time zone is unknown, a weekday is none, or days are negative or the wrong way round."""

    code = "promising_dispatch_invalid"


class NoWorkingDay(Refused):
    """A calendar has no working day within a year, so that no date can be promised."""

    code = "promising_no_working_day"
