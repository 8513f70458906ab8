"""What an order looks like on the wire: the models; `order_views` fills them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from baton.http.wire import Out, Prefixed
from baton.orders.model import Health, Status
from baton.values import Id

OrderId = Annotated[Id, Prefixed("ord")]
ChannelId = Annotated[Id, Prefixed("chn")]
LocationId = Annotated[Id, Prefixed("loc")]
CustomerId = Annotated[Id, Prefixed("cus")]
HoldId = Annotated[Id, Prefixed("hld")]
ExceptionId = Annotated[Id, Prefixed("exc")]
UserId = Annotated[Id, Prefixed("usr")]
WorkId = Annotated[Id, Prefixed("ful")]
PackageId = Annotated[Id, Prefixed("pkg")]
ShipmentId = Annotated[Id, Prefixed("shp")]
PaymentId = Annotated[Id, Prefixed("pay")]
MessageId = Annotated[Id, Prefixed("msg")]


class PlaceOut(Out):
    """A channel or location by id, code and name."""

    id: str
    code: str
    name: str


class OrderRowOut(Out):
    """An order as lists show it; amounts in minor units."""

    id: OrderId
    number: str
    external_id: str
    channel: PlaceOut
    status: Status
    health: Health
    payment_status: str
    buyer_name: str
    currency: str
    total: int
    units: int
    placed_at: datetime
    promised_by: date | None
    version: int


class TotalsOut(Out):
    goods: int
    charges: int
    tax: int
    total: int
    captured: int
    refunded: int
    receivable: int
    due: int


class BuyerOut(Out):
    id: CustomerId | None
    name: str
    email: str
    phone: str


class AddressOut(Out):
    name: str
    lines: list[str]
    city: str
    country: str
    postal_code: str
    region: str
    company: str


class GroupOut(Out):
    number: int
    method: str
    location: PlaceOut | None
    recipient: str
    address: AddressOut | None
    service: str
    needed_by: date | None
    ship_on: date | None
    promised_from: date | None
    promised_by: date | None
    promise: dict[str, Any] | None


class LineOut(Out):
    line_no: int
    group: int
    kind: str
    sku: str
    title: str
    unit_weight_g: int
    unit_price: int
    discount: int
    tax: int
    total: int
    ordered: int
    buckets: dict[str, int]
    delivered: int
    lost: int
    returned: int
    replaces_line: int | None


class ChargeOut(Out):
    number: int
    kind: str
    title: str
    amount: int
    tax: int
    waives: int | None


class HoldOut(Out):
    id: HoldId
    kind: str
    reason: str
    blocks: list[str]
    author: str
    placed_at: datetime
    line_no: int | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


class ExceptionOut(Out):
    id: ExceptionId
    order_id: OrderId | None
    kind: str
    subject: str
    cause: str
    suggestion: str
    owner_id: UserId | None
    opened_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None


class WorkLineOut(Out):
    line_no: int
    sku: str
    title: str
    quantity: int
    to_pick: int
    picked: int
    packed: int
    shipped: int
    short: int
    cancelled: int
    cancel_requested: int


class PackageOut(Out):
    id: PackageId
    number: int
    weight_g: int
    voided: bool
    lines: list[tuple[int, int]]


class WorkOut(Out):
    """A fulfillment order; `actions` is what may be asked of it now."""

    id: WorkId
    number: str
    order_id: OrderId
    group: int
    location: PlaceOut
    method: str
    status: str
    recall: str
    recall_reason: str
    recall_by: datetime | None
    ship_on: date | None
    created_at: datetime | None
    released_at: datetime | None
    version: int
    lines: list[WorkLineOut]
    packages: list[PackageOut]
    actions: list[str]


class UnitsOut(Out):
    line_no: int
    quantity: int


class LabelOut(Out):
    package_id: PackageId
    state: str
    tracking_no: str
    error: str


class EventOut(Out):
    code: str
    text: str
    place: str
    occurred_at: datetime


class ShipmentOut(Out):
    """What leaves a location in one go; `actions` is what may be asked of it now."""

    id: ShipmentId
    number: str
    order_id: OrderId
    fulfillment_order_id: WorkId | None
    location_id: LocationId | None
    carrier: str
    service: str
    status: str
    tracking_no: str
    cost: int
    currency: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: list[UnitsOut]
    labels: list[LabelOut]
    events: list[EventOut]
    actions: list[str]


class PaymentOut(Out):
    id: PaymentId
    rank: int
    provider: str
    method: str
    currency: str
    amount: int
    status: str
    authorised: int
    captured: int
    capturing: int
    refunded: int
    voided: int


class MessageOut(Out):
    id: MessageId
    kind: str
    medium: str
    state: str
    recipient: str
    created_at: datetime
    sent_at: datetime | None


class PendingOut(Out):
    """A change that waits for a location's answer."""

    number: int
    kind: str
    reason: str
    actor: str
    at: datetime


class OrderOut(Out):
    """An order with all that belongs to it; `actions` is what may be asked of it now."""

    id: OrderId
    number: str
    external_id: str
    channel: PlaceOut
    status: Status
    health: Health
    payment_status: str
    version: int
    mode: str
    customer: BuyerOut
    language: str
    currency: str
    base_currency: str
    base_rate: str | None
    prices_include_tax: bool
    totals: TotalsOut
    placed_at: datetime
    taken_at: datetime
    note: str
    attributes: dict[str, str]
    groups: list[GroupOut]
    lines: list[LineOut]
    charges: list[ChargeOut]
    holds: list[HoldOut]
    exceptions: list[ExceptionOut]
    fulfillment_orders: list[WorkOut]
    shipments: list[ShipmentOut]
    payments: list[PaymentOut]
    messages: list[MessageOut]
    pending_changes: list[PendingOut]
    actions: list[str]
    tracking_url: str
