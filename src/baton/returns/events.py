"""Facts about returns. Those of a return that is worked on belong to its order's timeline.

`units` is pairs of (order line, units).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id

Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ReturnRecorded(Fact):
    """A return came in from a channel, with the sum of its lines and the orders it reverses."""

    fact: ClassVar[str] = "returns.recorded"
    subject: ClassVar[str] = "return"

    channel_id: Id
    kind: str
    mode: str
    currency: str
    amount_minor: int
    units: int
    order_ids: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class ReturnFact(Fact):
    """Each names the return, and the state that it left behind."""

    subject: ClassVar[str] = "order"

    return_id: Id
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class ReturnRequested(ReturnFact):
    """Somebody wants to give units back."""

    fact: ClassVar[str] = "returns.requested"

    cause: str
    units: Units


@dataclass(frozen=True, slots=True)
class ReturnApproved(ReturnFact):
    """Units may come back; for those that the customer keeps, money goes back at once."""

    fact: ClassVar[str] = "returns.approved"

    units: Units
    kept: Units
    reasons: tuple[str, ...]
    policy: int


@dataclass(frozen=True, slots=True)
class ReturnRefused(ReturnFact):
    """Units may not come back."""

    fact: ClassVar[str] = "returns.refused"

    reasons: tuple[str, ...]
    policy: int


@dataclass(frozen=True, slots=True)
class ReturnFlagged(ReturnFact):
    """A person has to decide over a return."""

    fact: ClassVar[str] = "returns.flagged"

    reasons: tuple[str, ...]
    policy: int


@dataclass(frozen=True, slots=True)
class ReturnAsked(ReturnFact):
    """The customer has to say more, or to choose among offers."""

    fact: ClassVar[str] = "returns.asked"

    reasons: tuple[str, ...]
    policy: int


@dataclass(frozen=True, slots=True)
class ReturnAnswered(ReturnFact):
    """The customer answered, or took an offer."""

    fact: ClassVar[str] = "returns.answered"


@dataclass(frozen=True, slots=True)
class ReturnLabelled(ReturnFact):
    """There is a label for the way back."""

    fact: ClassVar[str] = "returns.labelled"

    tracking_no: str
    carrier: str


@dataclass(frozen=True, slots=True)
class ReturnSent(ReturnFact):
    """The goods are on their way back."""

    fact: ClassVar[str] = "returns.sent"

    tracking_no: str


@dataclass(frozen=True, slots=True)
class ReturnReceived(ReturnFact):
    """Units came in at a location, and lie in quarantine there."""

    fact: ClassVar[str] = "returns.received"

    receipt_id: Id
    location_id: Id
    units: Units


@dataclass(frozen=True, slots=True)
class ReturnGraded(ReturnFact):
    """Units were looked at."""

    fact: ClassVar[str] = "returns.graded"

    grading_id: Id
    location_id: Id
    order_line: int
    units: int
    grade: str


@dataclass(frozen=True, slots=True)
class ReturnDisposed(ReturnFact):
    """It was decided what becomes of returned units, and their stock was moved by it."""

    fact: ClassVar[str] = "returns.disposed"

    grading_id: Id
    sku_id: Id
    location_id: Id
    units: int
    disposition: str
    grade: str


@dataclass(frozen=True, slots=True)
class ReturnSettled(ReturnFact):
    """What returned units bring was decided; `lines` is (order line, units, amount).

    The amount is goods + charges − fee + bonus − withheld, in minor units: what goes to the
    buyer by `to`. Withheld is what was never paid. Of an exchange, `exchanged_minor` pays for the
    order that was placed instead, and the rest goes back the way it came.
    """

    fact: ClassVar[str] = "returns.settled"

    settlement_id: Id
    order_id: Id
    amount_minor: int
    currency: str
    lines: tuple[tuple[int, int, int], ...]
    goods_minor: int
    tax_minor: int
    charges: tuple[tuple[int, int], ...]
    charges_minor: int
    fee_minor: int
    bonus_minor: int
    withheld_minor: int
    to: str
    exchange_order_id: Id | None
    exchanged_minor: int


@dataclass(frozen=True, slots=True)
class ReturnClosed(ReturnFact):
    """Nothing is left to do for a return."""

    fact: ClassVar[str] = "returns.closed"


@dataclass(frozen=True, slots=True)
class ReturnCancelled(ReturnFact):
    """A return was called off before anything came."""

    fact: ClassVar[str] = "returns.cancelled"

    why: str


@dataclass(frozen=True, slots=True)
class ReturnExpired(ReturnFact):
    """Units did not come in time, and are awaited no more."""

    fact: ClassVar[str] = "returns.expired"

    units: Units


@dataclass(frozen=True, slots=True)
class ExchangeOrdered(ReturnFact):
    """An order for other goods was placed in exchange for returned ones."""

    fact: ClassVar[str] = "returns.exchange_ordered"

    exchange_order_id: Id
    instant: bool


@dataclass(frozen=True, slots=True)
class PolicySaved(Fact):
    """A version of the merchant's return policy was kept."""

    fact: ClassVar[str] = "returns.policy_saved"
    subject: ClassVar[str] = "return_policy"

    version: int


@dataclass(frozen=True, slots=True)
class PolicyActivated(Fact):
    """A version of the return policy decides from now on."""

    fact: ClassVar[str] = "returns.policy_activated"
    subject: ClassVar[str] = "return_policy"

    version: int
    before: int


@dataclass(frozen=True, slots=True)
class ParcelArrived(Fact):
    """Goods came in that no return waits for; they lie in quarantine."""

    fact: ClassVar[str] = "returns.parcel_arrived"
    subject: ClassVar[str] = "return_parcel"

    number: str
    location_id: Id
    units: int


@dataclass(frozen=True, slots=True)
class ParcelMatched(Fact):
    """It was found out which return unexpected goods belong to."""

    fact: ClassVar[str] = "returns.parcel_matched"
    subject: ClassVar[str] = "return_parcel"

    location_id: Id
    return_id: Id
    units: int


@dataclass(frozen=True, slots=True)
class ParcelDisposed(Fact):
    """It was decided what becomes of goods that belong to no return."""

    fact: ClassVar[str] = "returns.parcel_disposed"
    subject: ClassVar[str] = "return_parcel"

    location_id: Id
    disposition: str
    units: int


@dataclass(frozen=True, slots=True)
class CarrierClaimed(Fact):
    """Money was asked of a carrier for a parcel that it lost or broke."""

    fact: ClassVar[str] = "returns.carrier_claimed"
    subject: ClassVar[str] = "order"

    claim_id: Id
    shipment_id: Id
    carrier: str
    claimed_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CarrierClaimSettled(Fact):
    """A carrier paid a claim, in full or in part, or refused it."""

    fact: ClassVar[str] = "returns.carrier_claim_settled"
    subject: ClassVar[str] = "order"

    claim_id: Id
    shipment_id: Id
    carrier: str
    paid_minor: int
    currency: str
    status: str
