"""The words of returns.

`records` what channels reported · `rma` a return that is worked on · `goods` what came in and
what became of it · `money` what was given back · `policy` what is decided by, and on.
Amounts are minor units of the return's currency.
"""

from baton.returns.model.goods import (
    CarrierClaim,
    ClaimState,
    Disposition,
    Grade,
    Grading,
    Label,
    LabelState,
    Parcel,
    ParcelLine,
    ParcelState,
    Photo,
    PhotoDraft,
    Receipt,
    Stage,
)
from baton.returns.model.money import (
    ChargeBack,
    GoesTo,
    LineBack,
    Settlement,
)
from baton.returns.model.policy import Decision, Offer, Outcome, Policy, RefundAt, Terms
from baton.returns.model.records import (
    Mode,
    Recorded,
    Return,
    ReturnDraft,
    ReturnKind,
    ReturnLine,
)
from baton.returns.model.rma import (
    PREFIX,
    Asked,
    Cause,
    Claim,
    Place,
    Reason,
    Request,
    Rma,
    RmaLine,
    Sold,
    State,
)

__all__ = [
    "PREFIX",
    "Asked",
    "CarrierClaim",
    "Cause",
    "ChargeBack",
    "Claim",
    "ClaimState",
    "Decision",
    "Disposition",
    "GoesTo",
    "Grade",
    "Grading",
    "Label",
    "LabelState",
    "LineBack",
    "Mode",
    "Offer",
    "Outcome",
    "Parcel",
    "ParcelLine",
    "ParcelState",
    "Photo",
    "PhotoDraft",
    "Place",
    "Policy",
    "Reason",
    "Receipt",
    "Recorded",
    "RefundAt",
    "Request",
    "Return",
    "ReturnDraft",
    "ReturnKind",
    "ReturnLine",
    "Rma",
    "RmaLine",
    "Settlement",
    "Sold",
    "Stage",
    "State",
    "Terms",
]
