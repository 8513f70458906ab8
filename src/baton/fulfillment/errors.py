"""What the fulfillment module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound, Refused


class FulfillmentOrderNotFound(NotFound):
    """No fulfillment order has this id."""

    code = "fulfillment_order_not_found"


class LineUnknown(Invalid):
    """The fulfillment order has no units of this order line."""

    code = "fulfillment_line_unknown"


class DraftInvalid(Invalid):
    """Work for a location is without lines or units, or names an order line twice."""

    code = "fulfillment_draft_invalid"


class QuantityInvalid(Invalid):
    """A quantity, weight or size can't be, or a line is named twice."""

    code = "fulfillment_quantity_invalid"


class IllegalAction(Refused):
    """The fulfillment order is not in a state that allows this; `legal` says what is."""

    code = "fulfillment_action_illegal"


class TooMany(Refused):
    """More units are named than are there to be picked, packed or recalled."""

    code = "fulfillment_too_many"


class UnitsPacked(Refused):
    """Some of the units are in packages: they come back only with all that is left."""

    code = "fulfillment_units_packed"


class PackageNotFound(NotFound):
    """The fulfillment order has no package of this id that still waits."""

    code = "package_not_found"


class PickupLocked(Refused):
    """Too many wrong codes were tried: the customer needs a new one."""

    code = "pickup_code_locked"


class PickupCodeMissing(Refused):
    """No code was made for this pick-up yet."""

    code = "pickup_code_missing"
