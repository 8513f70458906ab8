"""What returns refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class ReturnInvalid(Invalid):
    """A return can't be recorded or asked for as it was sent."""

    code = "return_invalid"


class ReturnNotFound(NotFound):
    """No return has this id or number, or none that this caller sees."""

    code = "return_not_found"


class ReturnLineNotFound(NotFound):
    """The return or the order has no line with this number."""

    code = "return_line_not_found"


class UnitsNotReturnable(Refused):
    """So many units were not shipped, were lost, or are on a return already."""

    code = "units_not_returnable"


class ReturnActionIllegal(Refused):
    """The return is not where this could be done; `legal` lists what can."""

    code = "return_action_illegal"


class ReturnChanged(Conflict):
    """The return changed since it was read: look again, then repeat."""

    code = "return_changed"


class GoodsNotThere(Refused):
    """So many units did not come in at this location, or were looked at already."""

    code = "returned_goods_missing"


class GradingNotFound(NotFound):
    """No units were graded under this id."""

    code = "grading_not_found"


class DisposedAlready(Refused):
    """What becomes of these units was decided; goods leave quarantine once."""

    code = "goods_disposed_already"


class PolicyInvalid(Invalid):
    """A policy can't be kept as it was sent; `field` says where."""

    code = "return_policy_invalid"


class PolicyNotFound(NotFound):
    """There is no version of the policy with this number."""

    code = "return_policy_not_found"


class ParcelNotFound(NotFound):
    """No parcel with unexpected goods has this id."""

    code = "return_parcel_not_found"


class ParcelSettled(Refused):
    """What became of these unexpected goods was decided already."""

    code = "return_parcel_settled"


class ClaimNotFound(NotFound):
    """No claim against a carrier has this id."""

    code = "carrier_claim_not_found"


class ClaimSettled(Refused):
    """The carrier has answered this claim, or there is one for the shipment already."""

    code = "carrier_claim_settled"


class PhotoNotFound(NotFound):
    """The return has no photo with this id."""

    code = "return_photo_not_found"
