"""What the orders module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class OrderNotFound(NotFound):
    """No order has this id or number."""

    code = "order_not_found"


class LineNotFound(NotFound):
    """The order has no line or delivery group with this number."""

    code = "line_not_found"


class OrderInvalid(Invalid):
    """The order can't be taken as it was sent; `field` says where."""

    code = "order_invalid"


class OrderDiffers(Conflict):
    """The channel has an order with this external id already, and its contents are others."""

    code = "order_differs"


class TotalsMismatch(Invalid):
    """Lines, charges and taxes don't add up to the total that was sent."""

    code = "totals_mismatch"


class UnknownSku(Invalid):
    """A line names a SKU that the catalogue does not have."""

    code = "sku_unknown"


class OutOfStock(Refused):
    """This channel takes an order only whole, and some units are not there."""

    code = "out_of_stock"


class IllegalAction(Refused):
    """The order is not where this could be done; `legal` lists what can."""

    code = "order_action_illegal"


class IllegalMove(Refused):
    """Units can't go that way from where they are."""

    code = "illegal_move"


class OnHold(Refused):
    """An open hold blocks this."""

    code = "order_on_hold"


class TooLate(Refused):
    """The units have gone further than this change allows; a recall may still help."""

    code = "too_late"


class VersionChanged(Conflict):
    """The order changed since it was read: look again, then repeat."""

    code = "order_changed"


class HoldNotOpen(Conflict):
    """The hold is not there, or was resolved already."""

    code = "hold_not_open"


class ExceptionNotOpen(Conflict):
    """The exception is not there, or was resolved already."""

    code = "exception_not_open"


class DraftNotFound(NotFound):
    """No draft has this id or number."""

    code = "draft_not_found"


class DraftClosed(Conflict):
    """The draft was placed or discarded, or its time is over."""

    code = "draft_closed"


class AppeasementNotFound(NotFound):
    """Nothing was given or asked for under this id."""

    code = "appeasement_not_found"


class AppeasementDecided(Conflict):
    """Somebody approved or refused it already."""

    code = "appeasement_decided"


class LimitTooLow(Refused):
    """The amount is beyond one's limit, or one asked for it oneself: somebody else decides."""

    code = "appeasement_limit"


class TooMuchGiven(Refused):
    """Less was captured for the order, and is not given back yet."""

    code = "appeasement_too_high"
