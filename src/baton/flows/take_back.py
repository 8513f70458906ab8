"""Returned goods: taken in at a location, graded, and put where they belong.

What comes in lies in quarantine: it is on hand and not for sale. A grading is disposed of once
for good, and its id is that of the stock document, so that nothing is restocked twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from baton import inventory, locations, orders, returns
from baton.flows.ask_return import locked, sold
from baton.flows.settle_return import settle_due
from baton.inventory.model import Document, DocumentKind, DocumentLine
from baton.orders.events import OrderReturned
from baton.orders.model import Order
from baton.platform import ids
from baton.platform.db import Tx
from baton.returns.errors import ReturnInvalid
from baton.returns.model import Disposition, Grade, Grading, PhotoDraft, Rma, State
from baton.values import Id

ENDED = (State.CANCELLED, State.REFUSED, State.CLOSED)

DOCUMENTS = {
    Disposition.RESTOCK: DocumentKind.RESTOCK,
    Disposition.REFURBISH: DocumentKind.REPAIR,
    Disposition.REPAIR: DocumentKind.REPAIR,
    Disposition.DONATE: DocumentKind.DONATION,
    Disposition.RETURN_TO_VENDOR: DocumentKind.VENDOR_RETURN,
    Disposition.WRITE_OFF: DocumentKind.WRITE_OFF,
}


def receive(
    tx: Tx,
    rma_id: Id,
    location: str,
    units: Mapping[int, int],
    reference: str = "",
    *,
    parcel_id: Id | None = None,
) -> Rma:
    """Units of a return (by line number) came in at a location; the same `reference` once.

    Raises ReturnNotFound, ReturnInvalid, ReturnActionIllegal, ReturnLineNotFound or GoodsNotThere.
    """
    order, rma = locked(tx, rma_id)
    place = locations.locations_by_code(tx, [location]).get(location)
    if place is None:
        raise ReturnInvalid(f"There is no location {location[:60]!r}.", field="location")
    _claim_again(tx, order, rma, units)
    rma, receipt = returns.receive(tx, rma, place.id, units, reference, parcel_id)
    if receipt is None:
        return rma
    order = _came_back(tx, order, rma, units)
    if parcel_id is None:
        lines = [
            DocumentLine(line_no, rma.line(line_no).sku_id, count)
            for line_no, count in units.items()
        ]
        _book(tx, receipt.id, DocumentKind.RETURN, place.id, rma.number, lines)
    return settle_due(tx, order, rma)


def _claim_again(tx: Tx, order: Order, rma: Rma, units: Mapping[int, int]) -> None:
    """Goods that come after their time need their claim back, unless it was paid for already."""
    wanted: dict[int, int] = {}
    for line_no, count in units.items():
        line = returns.line_of(rma, line_no, "lines")
        late = min(max(count - line.expected, 0), line.missing)
        late -= min(late, max(line.settled - line.payable - line.expected, 0))
        if late:
            wanted[line.order_line] = wanted.get(line.order_line, 0) + late
    if wanted and rma.status not in ENDED:
        returns.claim(tx, rma, {each.order_line: each for each in sold(tx, order)}, wanted)


def _came_back(tx: Tx, order: Order, rma: Rma, units: Mapping[int, int]) -> Order:
    after, back = order, dict[int, int]()
    for line_no, count in units.items():
        number = rma.line(line_no).order_line
        line = after.line(number)
        after = after.with_line(replace(line, returned=line.returned + count))
        back[number] = back.get(number, 0) + count
    fact = OrderReturned(order.id, "", "", tuple(back.items()), rma.id)
    return orders.save(tx, [order], [after], [fact])[0]


def grade(
    tx: Tx,
    rma_id: Id,
    line_no: int,
    location: str,
    units: int,
    given: Grade,
    *,
    note: str = "",
    photos: Sequence[PhotoDraft] = (),
    disposition: Disposition | None = None,
) -> tuple[Rma, Grading]:
    """Units were looked at; with a `disposition` it is decided at once what becomes of them.

    Raises ReturnNotFound, ReturnInvalid, ReturnActionIllegal, ReturnLineNotFound or GoodsNotThere.
    """
    order, rma = locked(tx, rma_id)
    place = locations.locations_by_code(tx, [location]).get(location)
    if place is None:
        raise ReturnInvalid(f"There is no location {location[:60]!r}.", field="location")
    rma, grading = returns.grade(tx, rma, line_no, place.id, units, given, note, photos)
    if disposition is not None:
        rma, grading = _disposed(tx, rma, grading, disposition)
    return settle_due(tx, order, rma), grading


def dispose(tx: Tx, rma_id: Id, grading_id: Id, disposition: Disposition) -> tuple[Rma, Grading]:
    """Decide what becomes of graded units, and move their stock by it, once.

    Raises ReturnNotFound, GradingNotFound or DisposedAlready.
    """
    _order, rma = locked(tx, rma_id)
    return _disposed(tx, rma, returns.grading_of(tx, rma, grading_id), disposition)


def _disposed(tx: Tx, rma: Rma, grading: Grading, disposition: Disposition) -> tuple[Rma, Grading]:
    rma, grading = returns.dispose(tx, rma, grading, disposition)
    line = DocumentLine(1, rma.line(grading.line_no).sku_id, grading.units)
    final = disposition not in returns.IN_QUARANTINE
    document_id = grading.id if final else ids.fresh()
    reference = f"{disposition.value} {grading.id}"
    _book(
        tx, document_id, DOCUMENTS[disposition], grading.location_id, rma.number, [line], reference
    )
    return rma, grading


def _book(
    tx: Tx,
    document_id: Id,
    kind: DocumentKind,
    location_id: Id,
    reason: str,
    lines: Sequence[DocumentLine],
    reference: str = "",
) -> None:
    place = locations.locations_by_id(tx, [location_id])[location_id]
    document = Document(
        document_id,
        kind,
        location_id,
        place.area_id,
        f"return {reason}",
        reference or str(document_id),
        tx.now,
        tuple(lines),
    )
    inventory.record(tx, [document])
