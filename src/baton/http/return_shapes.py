"""What returns look like on the wire: the models; `return_views` fills them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from baton.http.order_shapes import CustomerId, OrderId, ShipmentId
from baton.http.wire import In, Minor, Out, Prefixed, Text, Units
from baton.returns.model import (
    Cause,
    ClaimState,
    Disposition,
    GoesTo,
    Grade,
    LabelState,
    ParcelState,
    Reason,
    RefundAt,
    Stage,
    State,
)
from baton.returns.states import Action
from baton.values import Id

ReturnId = Annotated[Id, Prefixed("ret")]
GradingId = Annotated[Id, Prefixed("grd")]
PhotoId = Annotated[Id, Prefixed("pho")]
ReceiptId = Annotated[Id, Prefixed("rec")]
SettlementId = Annotated[Id, Prefixed("set")]
ParcelId = Annotated[Id, Prefixed("rpc")]
ClaimId = Annotated[Id, Prefixed("clm")]
PolicyName = Annotated[str, Field(pattern=r"^policy-\d{1,6}$", description="policy-<version>")]

MOST_BASE64 = 1_400_000


class PhotoIn(In):
    """A photo in base64: JPEG, PNG or WebP, at most one million bytes."""

    media_type: str = Field(max_length=40)
    content: str = Field(min_length=1, max_length=MOST_BASE64)


Photos = Annotated[list[PhotoIn], Field(max_length=10)]


class AskedIn(In):
    """Units of an order line; `exchange_sku` where other goods are wanted instead."""

    line: int = Field(ge=1, le=100_000)
    quantity: Units = 1
    reason: Reason
    condition: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)
    resolution: GoesTo = GoesTo.ORIGINAL
    exchange_sku: str = Field(default="", max_length=80)
    photos: Photos = Field(default=[])


class ReturnIn(In):
    order: str = Field(max_length=80, description="Id or number of an order.")
    lines: list[AskedIn] = Field(min_length=1, max_length=1000)
    location: str = Field(default="", max_length=80, description="Where it is to come: a code.")
    note: str = Field(default="", max_length=2000)


class TermsIn(In):
    """What a person decides otherwise than the policy; rates are basis points."""

    refund_at: RefundAt | None = None
    keep: bool | None = None
    charges: bool | None = None
    restocking_bp: int | None = Field(default=None, ge=0, le=10_000)
    label_fee_minor: Minor | None = None
    part_bp: int | None = Field(default=None, ge=0, le=10_000)
    days: int | None = Field(default=None, ge=1, le=3650)


class LineUnitsIn(In):
    line: int = Field(ge=1, le=100_000)
    quantity: int = Field(ge=1, le=10_000_000)


class ApproveIn(In):
    """Without `lines`, all that was asked for; `reason` is needed for what was refused."""

    lines: list[LineUnitsIn] | None = Field(default=None, min_length=1, max_length=1000)
    location: str = Field(default="", max_length=80)
    terms: TermsIn | None = None
    reason: str = Field(default="", max_length=200)
    version: int | None = Field(default=None, ge=1)


class WhyIn(In):
    reason: Text
    version: int | None = Field(default=None, ge=1)


class LinePhotosIn(In):
    line: int = Field(ge=1, le=100_000)
    photos: Annotated[list[PhotoIn], Field(min_length=1, max_length=10)]


class AnswerIn(In):
    """The customer takes an offer by its place, or says more."""

    offer: int | None = Field(default=None, ge=0, le=20)
    photos: list[LinePhotosIn] = Field(default=[], max_length=100)
    condition: str | None = Field(default=None, max_length=200)
    version: int | None = Field(default=None, ge=1)


class ReceiveIn(In):
    """`reference` names the scan: the same one is taken in once."""

    location: str = Field(max_length=80)
    lines: list[LineUnitsIn] = Field(min_length=1, max_length=1000)
    reference: str = Field(default="", max_length=200)


class GradeIn(In):
    location: str = Field(max_length=80)
    line: int = Field(ge=1, le=100_000)
    quantity: Units = 1
    grade: Grade
    disposition: Disposition | None = None
    note: str = Field(default="", max_length=2000)
    photos: Photos = Field(default=[])


class DisposeIn(In):
    disposition: Disposition


class SettleIn(In):
    """Settle sooner than the terms say: what came in, or all that was approved."""

    at: RefundAt | None = None


class LabelIn(In):
    """A label of a service, or the customer's own tracking number."""

    service: str | None = Field(default=None, max_length=80)
    carrier: str = Field(default="", max_length=80)
    tracking_no: str = Field(default="", max_length=120)


class PolicyIn(In):
    name: Text
    content: dict[str, Any] = Field(description="A graph in the JSON Decision Model.")


class TryIn(In):
    """A policy to be tried on past returns: kept as `policy`, or as `content`."""

    policy: PolicyName | None = None
    content: dict[str, Any] | None = None
    days: int = Field(default=90, ge=1, le=3650)
    limit: int = Field(default=1000, ge=1, le=10_000)


# ── what goes out ──────────────────────────────────────────────────────────────────────────


class ReturnLineOut(Out):
    """Units: `requested`, of these `units` may come back; `decision` says by which rule."""

    line_no: int
    order_line: int
    sku_code: str
    title: str
    requested: int
    units: int
    reason: str
    condition: str
    note: str
    wanted: GoesTo
    exchange_sku: str
    outcome: str
    decision: dict[str, Any]
    received: int
    kept: int
    missing: int
    graded: int
    disposed: int
    settled: int
    expected: int


class ReceiptOut(Out):
    id: ReceiptId
    location: str
    reference: str
    received_at: datetime
    actor: str
    lines: list[dict[str, int]]


class GradingOut(Out):
    id: GradingId
    line_no: int
    location: str
    units: int
    grade: Grade
    note: str
    graded_at: datetime
    graded_by: str
    disposition: Disposition | None
    disposed_at: datetime | None


class ReturnLabelOut(Out):
    carrier: str
    service: str
    state: LabelState
    tracking_no: str
    cost: int
    currency: str
    error: str
    scanned_at: datetime | None


class PhotoOut(Out):
    id: PhotoId
    line_no: int
    stage: Stage
    media_type: str
    size: int
    added_at: datetime


class SettledLineOut(Out):
    order_line: int
    units: int
    amount: int
    tax: int


class SettledChargeOut(Out):
    charge_no: int
    amount: int


class SettlementOut(Out):
    """Amounts in minor units; `withheld` was never paid."""

    id: SettlementId
    settlement_no: int
    to: GoesTo
    currency: str
    goods: int
    tax: int
    charges: int
    fee: int
    bonus: int
    withheld: int
    amount: int
    exchange_order: OrderId | None
    exchanged: int
    settled_at: datetime
    settled_by: str
    lines: list[SettledLineOut]
    given_charges: list[SettledChargeOut]


class ReturnRowOut(Out):
    """A return as lists show it."""

    id: ReturnId
    number: str
    order_id: OrderId
    order_number: str
    status: State
    cause: Cause
    location: str | None
    currency: str
    units: int
    reasons: list[str]
    requested_at: datetime
    expires_at: datetime | None
    version: int


class ReturnOut(ReturnRowOut):
    """A return with all that belongs to it, and what may be done to it now."""

    customer_id: CustomerId | None
    policy: str
    terms: dict[str, Any]
    question: str
    note: str
    decided_at: datetime | None
    decided_by: str
    closed_at: datetime | None
    lines: list[ReturnLineOut]
    receipts: list[ReceiptOut]
    gradings: list[GradingOut]
    labels: list[ReturnLabelOut]
    photos: list[PhotoOut]
    settlements: list[SettlementOut]
    legal_actions: list[Action]


class SumOut(Out):
    """What would be settled; amounts in minor units."""

    to: GoesTo
    goods: int
    tax: int
    charges: int
    fee: int
    bonus: int
    withheld: int
    amount: int
    lines: list[SettledLineOut]


class PreviewOut(Out):
    currency: str
    settlements: list[SumOut]


class PolicyOut(Out):
    policy: str
    name: str
    in_force: bool
    saved_at: datetime | None
    saved_by: str


class WholePolicyOut(PolicyOut):
    content: dict[str, Any]


class ChangedOut(Out):
    number: str
    line_no: int
    sku_code: str
    units: int
    requested_at: datetime
    outcome: str
    reasons: list[str]
    would_be: str
    would_be_reasons: list[str]
    rule: str


class TrialOut(Out):
    """`outcomes`: what was decided → what would be → how many lines."""

    lines: int
    outcomes: dict[str, dict[str, int]]
    changed: list[ChangedOut]


class ParcelLineOut(Out):
    line_no: int
    sku_code: str
    units: int
    matched: int


class ParcelOut(Out):
    id: ParcelId
    number: str
    location: str
    status: ParcelState
    return_id: ReturnId | None
    order_hint: str
    sender: str
    tracking_no: str
    note: str
    arrived_at: datetime
    settled_at: datetime | None
    lines: list[ParcelLineOut]


class ClaimOut(Out):
    id: ClaimId
    order_id: OrderId
    shipment_id: ShipmentId
    carrier: str
    reason: str
    currency: str
    claimed: int
    paid: int
    status: ClaimState
    note: str
    opened_at: datetime
    settled_at: datetime | None
