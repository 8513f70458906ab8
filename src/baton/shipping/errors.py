"""What the shipping module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class ShipmentNotFound(NotFound):
    """No shipment has this id."""

    code = "shipment_not_found"


class LabelNotFound(NotFound):
    """No label was ever asked for this package."""

    code = "label_not_found"


class IllegalAction(Refused):
    """The shipment is not in a state that allows this; `legal` says what is."""

    code = "shipment_action_illegal"


class DraftInvalid(Invalid):
    """A shipment lacks what its method needs: units, packages, or the time when it happened."""

    code = "shipment_draft_invalid"


class PackageTaken(Refused):
    """The package is in another shipment, or its label is not given back yet."""

    code = "package_in_shipment"


class LabelSettled(Conflict):
    """The label has another outcome already; what came now contradicts it."""

    code = "label_settled"


class LabelCurrencyWrong(Invalid):
    """The carrier's price is in another currency than the shipment's."""

    code = "label_currency_wrong"


class RateCardInvalid(Invalid):
    """A rate card has a gap: zones or brackets out of order, a price missing or negative."""

    code = "rate_card_invalid"
