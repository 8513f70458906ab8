"""What the payments module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class CardData(Invalid):
    """A tender holds what looks like a card number: Baton takes a gateway's tokens only."""

    code = "card_data"


class TenderInvalid(Invalid):
    """A tender has a negative amount, or is to be captured at no known moment."""

    code = "tender_invalid"


class CurrencyMismatch(Invalid):
    """Money was claimed in another currency than the order is paid in."""

    code = "payment_currency_mismatch"


class RefundTooHigh(Refused):
    """More is to be given back than was captured and not given back yet."""

    code = "refund_too_high"


class RefundUnfit(Invalid):
    """Nothing, or less than nothing, can't be given back."""

    code = "refund_unfit"


class ReceivableNotFound(NotFound):
    """Nothing is owed under this id, or it is settled already."""

    code = "receivable_not_found"


class DisputeNotFound(NotFound):
    """There is no dispute under this id."""

    code = "dispute_not_found"


class WebhookNotFound(NotFound):
    """No webhook was received under this id."""

    code = "webhook_not_found"


class DoorUnknown(NotFound):
    """There is no address for webhooks like this."""

    code = "webhook_address_unknown"


class PayoutNotFound(NotFound):
    """No payout was booked under this id."""

    code = "payout_not_found"


class PayoutUnreadable(Invalid):
    """The file is no payout of this provider, or one of its lines can't be read."""

    code = "payout_unreadable"


class EffectNotFound(NotFound):
    """Nothing was ever asked of a gateway under this id."""

    code = "payment_effect_not_found"


class GatewayMissing(NotFound):
    """No connector of this name is set up, so nobody can be asked."""

    code = "gateway_missing"


class SettledOtherwise(Conflict):
    """The gateway said something else before about the same request: a person must look."""

    code = "payment_settled_otherwise"


class AnswerUnfit(Refused):
    """The gateway did something, but not what it was asked for: a person must look."""

    code = "payment_answer_unfit"
