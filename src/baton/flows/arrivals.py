"""Goods that come in at a location, announced or not: matched to a return, or kept in quarantine.

A parcel is looked up by return number, tracking number, order, or the sender and the SKUs. What a
return waits for is taken in for it; goods of a known order open a return of their own, which the
policy decides over; whatever is left lies in quarantine until a person matches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import catalog, customers, inventory, locations, orders, returns
from baton.flows import take_back
from baton.flows.ask_return import ask_return, sold
from baton.inventory.model import Document, DocumentKind, DocumentLine
from baton.locations.model import Location
from baton.orders.model import Order
from baton.platform import ids
from baton.platform.db import Tx
from baton.returns.errors import ReturnActionIllegal, ReturnInvalid
from baton.returns.model import Asked, Cause, Disposition, Parcel, Reason, Rma, State
from baton.values import Id

OPEN = (State.APPROVED, State.ON_ITS_WAY, State.RECEIVED)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in: units by SKU code, and what is known of where they belong."""

    location: str
    units: dict[str, int]
    rma: str = ""
    order: str = ""
    sender: str = ""
    tracking_no: str = ""
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of it: the return that it was taken in for, and what lies in quarantine."""

    rma: Rma | None
    parcel: Parcel | None


def arrive(tx: Tx, arrival: Arrival) -> Arrived:
    """Take goods in. The same reference at the same location is taken in once.

    Raises ReturnInvalid for a location or SKU that is not there.
    """
    place = _place(tx, arrival.location)
    if arrival.reference and (known := _scanned_before(tx, place, arrival)):
        return known
    skus = catalog.skus_by_code(tx, sorted(arrival.units))
    for number, code in enumerate(arrival.units):
        if code not in skus:
            raise ReturnInvalid(f"There is no SKU {code[:60]!r}.", field=f"lines.{number}.sku")
    left = {skus[code].id: units for code, units in arrival.units.items()}
    rma = _expecting(tx, arrival)
    order = _order(tx, arrival, rma)
    if rma is not None and rma.status in OPEN:
        rma = _take_in(tx, rma, arrival, left)
    if order is not None and any(left.values()):
        rma = _unannounced(tx, order, place, arrival, left) or rma
    parcel = None
    if any(left.values()):
        codes = {sku.id: code for code, sku in skus.items()}
        lines = [(id, codes[id], units) for id, units in left.items() if units]
        parcel = _quarantine(tx, place, arrival, lines, rma)
    return Arrived(rma, parcel)


def _place(tx: Tx, code: str) -> Location:
    place = locations.locations_by_code(tx, [code]).get(code)
    if place is None:
        raise ReturnInvalid(f"There is no location {code[:60]!r}.", field="location")
    return place


def _scanned_before(tx: Tx, place: Location, arrival: Arrival) -> Arrived | None:
    rma_id, parcel_id = returns.scanned_before(tx, place.id, arrival.reference)
    if rma_id is None and parcel_id is None:
        return None
    rma = returns.load(tx, [rma_id])[rma_id] if rma_id else None
    return Arrived(rma, returns.parcel(tx, parcel_id) if parcel_id else None)


def _expecting(tx: Tx, arrival: Arrival) -> Rma | None:
    """The return that waits for this parcel, if the parcel says so."""
    found = None
    if arrival.rma:
        found = returns.rma_by_number(tx, arrival.rma.upper())
    if found is None and arrival.tracking_no:
        for label in returns.labels_by_tracking(tx, [arrival.tracking_no]):
            found = label.rma_id
    if found is None and arrival.order:
        order_id = orders.by_number(tx, arrival.order.upper())
        of_order = returns.rmas_of_orders(tx, [order_id]) if order_id else []
        found = next((rma.id for rma in of_order if rma.status in OPEN), None)
    return returns.load(tx, [found])[found] if found else None


def _order(tx: Tx, arrival: Arrival, rma: Rma | None) -> Order | None:
    """The order that the goods are of: named, or the one of this sender that fits, if one does."""
    if rma is not None:
        return orders.locked(tx, rma.order_id)
    if arrival.order:
        named = orders.by_number(tx, arrival.order.upper())
        return orders.locked(tx, named) if named else None
    if not arrival.sender:
        return None
    fitting = [order for order in _of_sender(tx, arrival) if _fits(tx, order, arrival)]
    return fitting[0] if len(fitting) == 1 else None


def _of_sender(tx: Tx, arrival: Arrival) -> list[Order]:
    email = customers.normalised_email(arrival.sender)
    found = customers.customers_by_email(tx, [email]) if email else {}
    wanted = [
        order_id
        for same in found.values()
        for customer in same
        for order_id in orders.with_skus(tx, customer.id, list(arrival.units), tx.now)
    ]
    return list(orders.lock(tx, sorted(set(wanted))).values())


def _fits(tx: Tx, order: Order, arrival: Arrival) -> bool:
    free = _free(tx, order)
    by_code: dict[str, int] = {}
    for each in sold(tx, order):
        by_code[each.sku_code] = by_code.get(each.sku_code, 0) + free[each.order_line]
    return all(by_code.get(code, 0) >= units for code, units in arrival.units.items())


def _free(tx: Tx, order: Order) -> dict[int, int]:
    """Units by order line that are on no return and did not come back."""
    claims = returns.claims(tx, order.id)
    return {
        each.order_line: max(
            each.gone
            - (claims[each.order_line].claimed if each.order_line in claims else each.returned),
            0,
        )
        for each in sold(tx, order)
    }


def _take_in(tx: Tx, rma: Rma, arrival: Arrival, left: dict[Id, int]) -> Rma:
    """Take in what the return waits for; `left` keeps what is beyond it."""
    units: dict[int, int] = {}
    for line in rma.lines:
        count = min(line.expected, left.get(line.sku_id, 0))
        if count:
            units[line.line_no] = count
            left[line.sku_id] -= count
    if not units:
        return rma
    return take_back.receive(tx, rma.id, arrival.location, units, arrival.reference)


def _unannounced(
    tx: Tx, order: Order, place: Location, arrival: Arrival, left: dict[Id, int]
) -> Rma | None:
    """A return for goods that came before anybody asked; taken in if the policy approves."""
    free, asked = _free(tx, order), []
    rest = dict(left)
    for each in sold(tx, order):
        count = min(free[each.order_line], rest.get(each.sku_id, 0))
        if count:
            asked.append(Asked(each.order_line, count, Reason.OTHER))
            rest[each.sku_id] -= count
    if not asked:
        return None
    rma = ask_return(
        tx, order.id, asked, cause=Cause.UNANNOUNCED, location_id=place.id, note=arrival.note
    )
    return _take_in(tx, rma, arrival, left) if rma.status is State.APPROVED else rma


def _quarantine(
    tx: Tx,
    place: Location,
    arrival: Arrival,
    lines: Sequence[tuple[Id, str, int]],
    rma: Rma | None,
) -> Parcel:
    parcel, new = returns.arrive(
        tx,
        place.id,
        lines,
        order_hint=arrival.order or (rma.order_number if rma else ""),
        sender=arrival.sender,
        tracking_no=arrival.tracking_no,
        reference=arrival.reference,
        note=arrival.note,
    )
    if new:
        _book(
            tx,
            parcel.id,
            DocumentKind.RETURN,
            place.id,
            parcel,
            [DocumentLine(x.line_no, x.sku_id, x.units) for x in parcel.lines],
        )
    return parcel


def match(tx: Tx, parcel_id: Id, rma_id: Id) -> Arrived:
    """A person knows which return goods in quarantine belong to; they are taken in for it.

    Raises ParcelNotFound, ParcelSettled, ReturnNotFound, or ReturnActionIllegal where the return
    waits for none of them.
    """
    found = returns.load(tx, [rma_id])[rma_id]
    orders.locked(tx, found.order_id)
    rma = returns.locked(tx, rma_id)
    parcel = returns.parcel(tx, parcel_id)
    units, of_parcel = dict[int, int](), dict[int, int]()
    waiting = {line.line_no: line.expected for line in rma.lines if rma.status in OPEN}
    for line in parcel.lines:
        for each in rma.lines:
            count = min(line.left - of_parcel.get(line.line_no, 0), waiting.get(each.line_no, 0))
            if each.sku_id == line.sku_id and count > 0:
                of_parcel[line.line_no] = of_parcel.get(line.line_no, 0) + count
                units[each.line_no] = units.get(each.line_no, 0) + count
                waiting[each.line_no] -= count
    if not units:
        raise ReturnActionIllegal(
            f"The return {rma.number} waits for none of these goods.",
            action="match",
            status=rma.status.value,
            legal=[],
        )
    parcel = returns.match(tx, parcel, rma_id, of_parcel)
    place = locations.locations_by_id(tx, [parcel.location_id])[parcel.location_id]
    rma = take_back.receive(tx, rma_id, place.code, units, parcel_id=parcel.id)
    return Arrived(rma, parcel)


def dispose(tx: Tx, parcel_id: Id, disposition: Disposition) -> Parcel:
    """Decide what becomes of goods in quarantine that belong to nobody.

    Raises ParcelNotFound, ParcelSettled, or ReturnInvalid for what is no end.
    """
    if disposition in returns.IN_QUARANTINE:
        raise ReturnInvalid("Decide what becomes of it for good.", field="disposition")
    before = returns.parcel(tx, parcel_id)
    parcel = returns.dispose_parcel(tx, before, disposition)
    lines = [DocumentLine(x.line_no, x.sku_id, x.left) for x in before.lines if x.left]
    kind = take_back.DOCUMENTS[disposition]
    _book(tx, ids.fresh(), kind, before.location_id, before, lines)
    return parcel


def _book(
    tx: Tx,
    document_id: Id,
    kind: DocumentKind,
    location_id: Id,
    parcel: Parcel,
    lines: Sequence[DocumentLine],
) -> None:
    place = locations.locations_by_id(tx, [location_id])[location_id]
    document = Document(
        document_id,
        kind,
        location_id,
        place.area_id,
        f"unexpected parcel {parcel.number}",
        f"parcel {parcel.id}",
        tx.now,
        tuple(lines),
    )
    inventory.record(tx, [document])
