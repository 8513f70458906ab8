"""Orders, work and shipments as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from baton import fulfillment, payments
from baton import shipping as shipments
from baton.fulfillment.model import FulfillmentOrder, Package
from baton.fulfillment.states import Action
from baton.http.order_shapes import (
    AddressOut,
    BuyerOut,
    ChargeOut,
    EventOut,
    ExceptionOut,
    GroupOut,
    HoldOut,
    LabelOut,
    LineOut,
    MessageOut,
    OrderOut,
    OrderRowOut,
    PackageOut,
    PaymentOut,
    PendingOut,
    PlaceOut,
    ShipmentOut,
    TotalsOut,
    UnitsOut,
    WorkLineOut,
    WorkOut,
)
from baton.locations.model import Location
from baton.orders import rules
from baton.orders.model import BUCKETS, Charge, Group, Order
from baton.shipping.model import Label, LabelState, Seen, Shipment
from baton.shipping.model import Status as Way
from baton.values import Address, Id
from baton.values.ids import shown
from baton.views.order_list import OrderRow
from baton.views.order_page import OrderPage


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
    waiting = at_carrier(page.shipments, page.labels)
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
        base_currency=header.base_currency,
        base_rate=f"{header.base_rate:f}" if header.base_rate is not None else None,
        prices_include_tax=header.prices_include_tax,
        totals=_totals(page),
        placed_at=header.placed_at,
        taken_at=header.taken_at,
        note=header.note,
        attributes=dict(header.attributes),
        groups=[_group(group, page.places) for group in order.groups],
        lines=_lines(order),
        charges=[_charge(charge) for charge in order.charges],
        holds=[HoldOut.model_validate(hold) for hold in order.holds],
        exceptions=[ExceptionOut.model_validate(e) for e in page.exceptions],
        fulfillment_orders=[
            work(each, page.places, page.packages.get(each.id, ()), waits=each.id in waiting)
            for each in page.works
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
                medium=m.medium.value,
                state=m.state.value,
                recipient=m.recipient,
                created_at=m.created_at,
                sent_at=m.sent_at,
            )
            for m in page.messages
        ],
        pending_changes=[
            PendingOut(number=c.change_no, kind=c.kind, reason=c.reason, actor=c.actor, at=c.at)
            for c in page.pending
        ],
        actions=[action.value for action in rules.legal_actions(order, page.recallable)],
        tracking_url=tracking_url,
    )


def _charge(charge: Charge) -> ChargeOut:
    return ChargeOut(
        number=charge.charge_no,
        kind=charge.kind,
        title=charge.title,
        amount=charge.amount,
        tax=charge.tax,
        waives=charge.waives,
    )


def work(
    each: FulfillmentOrder,
    places: Mapping[Id, Location],
    packages: Sequence[Package],
    *,
    waits: bool,
) -> WorkOut:
    """A fulfillment order as the API shows it; nothing is shipped while it `waits` for labels."""
    actions = [str(action) for action in fulfillment.legal_actions(each)]
    return WorkOut(
        id=each.id,
        number=each.number,
        order_id=each.order_id,
        group=each.group_no,
        location=place("loc", places[each.location_id]),
        method=each.method.value,
        status=each.status.value,
        recall=each.recall.value,
        recall_reason=each.recall_reason,
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
        actions=[action for action in actions if not (waits and action == Action.SHIP)],
    )


def shipment(each: Shipment, labels: Sequence[Label], events: Sequence[Seen]) -> ShipmentOut:
    """A shipment as the API shows it."""
    return ShipmentOut(
        id=each.id,
        number=each.number,
        order_id=each.order_id,
        fulfillment_order_id=each.fulfillment_order_id,
        location_id=each.location_id,
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


def at_carrier(
    shipped: Iterable[Shipment], labels: Mapping[Id, Sequence[Label]]
) -> frozenset[Id | None]:
    """Fulfillment orders whose packages can't be shipped before the carrier has answered.

    Their labels are being bought, or go back after their shipment was given up.
    """
    open_ = (LabelState.REQUESTED, LabelState.BOUGHT)
    return frozenset(
        each.fulfillment_order_id
        for each in shipped
        if each.status is Way.LABELLING
        or (
            each.status is Way.VOIDED
            and any(label.state in open_ for label in labels.get(each.id, ()))
        )
    )


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
            replaces_line=line.replaces_line,
        )
        for line in order.lines
    ]


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in PaymentOut.model_fields if name != "status"}
