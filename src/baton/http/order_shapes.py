"""What an order looks like on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from baton import fulfillment, payments
from baton import shipping as shipments
from baton.fulfillment.model import FulfillmentOrder, Package
from baton.http.wire import Out, Prefixed
from baton.locations.model import Location
from baton.orders import rules
from baton.orders.model import BUCKETS, Group, Health, Order, Status
from baton.shipping.model import Label, Seen, Shipment
from baton.values import Address, Id
from baton.values.ids import shown
from baton.views.order_list import OrderRow
from baton.views.order_page import OrderPage

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


class ChargeOut(Out):
    number: int
    kind: str
    title: str
    amount: int
    tax: int


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
    id: ShipmentId
    number: str
    order_id: OrderId
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
    state: str
    recipient: str
    created_at: datetime
    sent_at: datetime | None


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
    actions: list[str]
    tracking_url: str


def row(order: OrderRow, channels: Mapping[Id, PlaceOut]) -> OrderRowOut:
    """An order as lists show it."""
    return OrderRowOut(
        id=order.id,
        number=order.number,
        external_id=order.external_id,
        channel=channels[order.channel_id],
        status=order.status,
        health=order.health,
        payment_status=order.payment_status,
        buyer_name=order.buyer_name,
        currency=order.currency,
        total=order.total_minor,
        units=order.units,
        placed_at=order.placed_at,
        promised_by=order.promised_by,
        version=order.version,
    )


def whole(page: OrderPage, tracking_url: str) -> OrderOut:
    """An order as its page shows it."""
    order, header = page.order, page.order.header
    return OrderOut(
        id=order.id,
        number=order.number,
        external_id=header.external_id,
        channel=place("chn", page.channel),
        status=header.status,
        health=header.health,
        payment_status=payments.payment_status(page.payments).value,
        version=header.version,
        mode=header.mode.value,
        customer=BuyerOut(
            id=header.customer_id, name=header.buyer_name, email=header.email, phone=header.phone
        ),
        language=header.language,
        currency=header.currency,
        prices_include_tax=header.prices_include_tax,
        totals=_totals(page),
        placed_at=header.placed_at,
        taken_at=header.taken_at,
        note=header.note,
        attributes=dict(header.attributes),
        groups=[_group(group, page.places) for group in order.groups],
        lines=_lines(order),
        charges=[
            ChargeOut(number=c.charge_no, kind=c.kind, title=c.title, amount=c.amount, tax=c.tax)
            for c in order.charges
        ],
        holds=[HoldOut.model_validate(hold) for hold in order.holds],
        exceptions=[ExceptionOut.model_validate(e) for e in page.exceptions],
        fulfillment_orders=[
            work(each, page.places, page.packages.get(each.id, ())) for each in page.works
        ],
        shipments=[
            shipment(each, page.labels.get(each.id, ()), page.events.get(each.id, ()))
            for each in page.shipments
        ],
        payments=[
            PaymentOut.model_validate({"status": p.state.value} | _fields(p)) for p in page.payments
        ],
        messages=[
            MessageOut(
                id=m.id,
                kind=m.kind.value,
                state=m.state.value,
                recipient=m.recipient,
                created_at=m.created_at,
                sent_at=m.sent_at,
            )
            for m in page.messages
        ],
        actions=[action.value for action in rules.legal_actions(order)],
        tracking_url=tracking_url,
    )


def work(
    each: FulfillmentOrder, places: Mapping[Id, Location], packages: Sequence[Package]
) -> WorkOut:
    """A fulfillment order as the API shows it."""
    return WorkOut(
        id=each.id,
        number=each.number,
        order_id=each.order_id,
        group=each.group_no,
        location=place("loc", places[each.location_id]),
        method=each.method.value,
        status=each.status.value,
        recall=each.recall.value,
        recall_reason=each.recall_reason.removeprefix("cancel: "),
        recall_by=each.recall_by,
        ship_on=each.ship_on,
        created_at=each.created_at,
        released_at=each.released_at,
        version=each.version,
        lines=[
            WorkLineOut(
                line_no=line.order_line,
                sku=line.sku_code,
                title=line.title,
                quantity=line.quantity,
                to_pick=line.to_pick,
                picked=line.picked,
                packed=line.packed,
                shipped=line.shipped,
                short=line.short,
                cancelled=line.cancelled,
                cancel_requested=line.cancel_requested,
            )
            for line in each.lines
        ],
        packages=[
            PackageOut(
                id=p.id,
                number=p.package_no,
                weight_g=p.weight_g,
                voided=p.voided,
                lines=[(units.order_line, units.quantity) for units in p.lines],
            )
            for p in packages
        ],
        actions=[str(action) for action in fulfillment.legal_actions(each)],
    )


def shipment(each: Shipment, labels: Sequence[Label], events: Sequence[Seen]) -> ShipmentOut:
    """A shipment as the API shows it."""
    return ShipmentOut(
        id=each.id,
        number=each.number,
        order_id=each.order_id,
        carrier=each.carrier,
        service=each.service,
        status=each.status.value,
        tracking_no=each.tracking_no,
        cost=each.cost.minor,
        currency=each.cost.currency,
        shipped_at=each.shipped_at,
        delivered_at=each.delivered_at,
        lines=[UnitsOut(line_no=line, quantity=quantity) for line, quantity in each.lines],
        labels=[
            LabelOut(
                package_id=label.package_id,
                state=label.state.value,
                tracking_no=label.tracking_no,
                error=label.error,
            )
            for label in labels
        ],
        events=[
            EventOut(
                code=seen.event.code.value,
                text=seen.event.detail,
                place=seen.event.place,
                occurred_at=seen.event.occurred_at,
            )
            for seen in events
        ],
        actions=[str(action) for action in shipments.legal_actions(each)],
    )


def place(prefix: str, found: Any) -> PlaceOut:
    """A channel or location by id, code and name."""
    return PlaceOut(id=shown(prefix, found.id), code=found.code, name=found.name)


def _totals(page: OrderPage) -> TotalsOut:
    header = page.order.header
    captured = sum(payment.captured for payment in page.payments)
    refunded = sum(payment.refunded for payment in page.payments)
    owed = sum(r.amount for r in page.receivables if r.settled_at is None)
    return TotalsOut(
        goods=header.goods_minor,
        charges=header.charges_minor,
        tax=header.tax_minor,
        total=header.total_minor,
        captured=captured,
        refunded=refunded,
        receivable=owed,
        due=rules.still_due(page.order),
    )


def _group(group: Group, places: Mapping[Id, Location]) -> GroupOut:
    return GroupOut(
        number=group.group_no,
        method=group.method.value,
        location=place("loc", places[group.location_id]) if group.location_id else None,
        recipient=group.recipient,
        address=address(group.address),
        service=group.service,
        needed_by=group.needed_by,
        ship_on=group.ship_on,
        promised_from=group.promised_from,
        promised_by=group.promised_by,
        promise=dict(group.promise) if group.promise else None,
    )


def address(kept: Address | None) -> AddressOut | None:
    """An address as the API shows it."""
    return AddressOut.model_validate(kept) if kept else None


def _lines(order: Order) -> list[LineOut]:
    return [
        LineOut(
            line_no=line.line_no,
            group=line.group_no,
            kind=line.kind.value,
            sku=line.sku_code,
            title=line.title,
            unit_weight_g=line.unit_weight_g,
            unit_price=line.unit_price,
            discount=line.discount,
            tax=line.tax,
            total=line.total,
            ordered=line.ordered,
            buckets={bucket.value: line.units(bucket) for bucket in BUCKETS},
            delivered=line.delivered,
            lost=line.lost,
            returned=line.returned,
        )
        for line in order.lines
    ]


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in PaymentOut.model_fields if name != "status"}
