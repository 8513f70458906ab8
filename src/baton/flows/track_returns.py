"""What carriers say of parcels that come back: returns on their way, and shipments that nobody
took in or that were lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from baton import fulfillment, orders, returns
from baton.flows.ask_return import ask_return, locked
from baton.flows.settle_return import settle_due
from baton.orders.model import LineKind, Order
from baton.platform.db import Tx
from baton.returns.errors import UnitsNotReturnable
from baton.returns.model import Asked, Cause, Label, Reason, Rma, State
from baton.shipping.model import PackageChange, Shipment, Status
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.values import Id

_MOVES = (
    TrackingCode.PICKED_UP,
    TrackingCode.IN_TRANSIT,
    TrackingCode.OUT_FOR_DELIVERY,
    TrackingCode.DELIVERED,
)


def track_returns(
    tx: Tx, events: Sequence[TrackingEvent], at: Collection[Id] | None = None
) -> tuple[int, tuple[TrackingEvent, ...]]:
    """Book events of parcels that come back: how many returns moved, and what nobody knows.

    The first scan says that the goods are on their way; refunds that wait for it go out.
    """
    numbers = {event.tracking_no for event in events}
    labels = {label.tracking_no: label for label in returns.labels_by_tracking(tx, numbers)}
    known = returns.load(tx, {label.rma_id for label in labels.values()})
    seen = {
        no: label
        for no, label in labels.items()
        if at is None or known[label.rma_id].location_id in at
    }
    orders.lock(tx, sorted({known[label.rma_id].order_id for label in seen.values()}))
    moved = 0
    scanned = {event.tracking_no for event in events if event.code in _MOVES}
    for no in sorted(scanned & seen.keys()):
        moved += _scanned(tx, seen[no])
    return moved, tuple(event for event in events if event.tracking_no not in seen)


def _scanned(tx: Tx, label: Label) -> bool:
    order, rma = locked(tx, label.rma_id)
    if not returns.scanned(tx, [label.id]):
        return False
    if rma.status is State.APPROVED:
        rma = returns.send(tx, rma, label.tracking_no)
    if rma.status in (State.ON_ITS_WAY, State.RECEIVED):
        settle_due(tx, order, rma)
    return True


def follow_parcels(
    tx: Tx, order: Order, shipment: Shipment, parcels: Sequence[PackageChange]
) -> None:
    """Open returns for parcels that nobody took in: their goods come back where they left."""
    back = [p.package_id for p in parcels if p.new is Status.RETURNED_TO_SENDER]
    units: dict[int, int] = {}
    for package in fulfillment.packages(tx, back) if back else ():
        for order_line, quantity in package.lines:
            units[order_line] = units.get(order_line, 0) + quantity
    goods = {
        number: count
        for number, count in units.items()
        if order.line(number).kind is LineKind.GOODS and order.line(number).sku_id is not None
    }
    if not goods:
        return
    try:
        with tx.savepoint():
            _open(tx, order, goods, Cause.REFUSED_PARCEL, shipment.location_id, shipment.number)
    except UnitsNotReturnable as error:  # the buyer has asked for a return of them before
        orders.open_exception(
            tx,
            orders.locked(tx, order.id),
            "refused_parcel",
            shipment.number,
            f"A parcel comes back whose goods are on a return: {error.message}",
            "Take it in for that return.",
        )


def refund_lost(tx: Tx, order_id: Id, units: dict[int, int], note: str = "") -> Rma:
    """Give back the money for units that a carrier lost; nothing is to come.

    Raises UnitsNotReturnable for units that are not known to be lost.
    """
    order = orders.locked(tx, order_id)
    for number, count in units.items():
        line = orders.line_of(order, number)
        if count > line.lost - _refunded(tx, order.id, number):
            raise UnitsNotReturnable(
                f"{line.lost} units of line {number} are lost, as far as anybody knows.",
                field="lines",
                line=number,
                lost=line.lost,
            )
    return _open(tx, order, units, Cause.LOST_PARCEL, None, note)


def _refunded(tx: Tx, order_id: Id, number: int) -> int:
    return sum(
        line.units
        for rma in returns.rmas_of_orders(tx, [order_id])
        if rma.cause is Cause.LOST_PARCEL
        for line in rma.lines
        if line.order_line == number
    )


def _open(
    tx: Tx, order: Order, units: dict[int, int], cause: Cause, location_id: Id | None, note: str
) -> Rma:
    asked = [Asked(number, count, Reason.NOT_DELIVERED) for number, count in units.items()]
    return ask_return(tx, order.id, asked, cause=cause, location_id=location_id, note=note)
