"""What inventory refuses. Facts are never among it: what happened is recorded."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class UnitsInvalid(Invalid):
    """A number of units is zero or negative where there must be some."""

    code = "units_invalid"


class DocumentInvalid(Invalid):
    """A stock document has no lines, a line number twice, or a SKU counted twice."""

    code = "stock_document_invalid"


class NotReserved(Refused):
    """More units were to be given up than this owner has there."""

    code = "not_reserved"


class ReservationChanged(Conflict):
    """The reservations were changed by somebody else meanwhile."""

    code = "reservation_changed"


class LevelChanged(Conflict):
    """The stock on hand is another than the adjustment expected; nothing was written."""

    code = "stock_level_changed"


class LevelUnknown(NotFound):
    """This SKU was never stocked at this location."""

    code = "stock_level_unknown"


class TransferUnknown(NotFound):
    """There is no such transfer."""

    code = "transfer_unknown"


class TransferShort(Refused):
    """The source does not have all units of the transfer free."""

    code = "transfer_short"


class TransferState(Refused):
    """The transfer is past the point where this can be done."""

    code = "transfer_state"
