"""What returns refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid


class ReturnInvalid(Invalid):
    """A return can't be recorded as it was sent."""

    code = "return_invalid"
