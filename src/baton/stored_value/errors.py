"""What stored value refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class AccountNotFound(NotFound):
    """There is no gift card or store credit under this id."""

    code = "stored_value_not_found"


class CodeUnknown(NotFound):
    """No gift card has this code, or it may not be used any more."""

    code = "gift_card_unknown"


class CodeUnfit(Invalid):
    """A gift card's code has 12 to 40 letters and digits, and looks like no card number."""

    code = "gift_card_code_unfit"


class CodeTaken(Conflict):
    """Another gift card has this code."""

    code = "gift_card_code_taken"


class AmountUnfit(Invalid):
    """The amount is zero, or negative where it may not be."""

    code = "stored_value_amount_unfit"


class BalanceTooLow(Refused):
    """The account has less than what is to be taken from it; what is held can't be taken."""

    code = "stored_value_too_low"


class StatusUnfit(Refused):
    """The account can't be changed so from the status that it has."""

    code = "stored_value_status_unfit"


class TooManyMisses(Refused):
    """Too many codes that are none were asked for within the hour."""

    code = "gift_card_look_ups_limited"
