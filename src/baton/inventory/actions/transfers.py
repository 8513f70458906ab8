"""Goods on their way from one location to another. In transit = sent − received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from baton.inventory.actions import facts, promises
from baton.inventory.errors import DocumentInvalid, TransferShort, TransferUnknown
from baton.inventory.events import (
    TransferCancelled,
    TransferReceived,
    TransferRequested,
    TransferSent,
)
from baton.inventory.model import (
    Arrival,
    Basket,
    Consume,
    Demand,
    Departure,
    Document,
    DocumentKind,
    DocumentLine,
    DocumentState,
    MovementKind,
    StoredDocument,
    StoredLine,
    Transfer,
)
from baton.inventory.states import TransferAction, advance
from baton.inventory.store import documents as papers
from baton.inventory.store import rows
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id


def request_transfer(tx: Tx, transfer: Transfer) -> Id:
    """Promise the goods at the source to this transfer, all of them; returns its stored id.

    A transfer whose reference is known already does nothing and returns the stored id.
    Raises TransferShort where the source has less free; the transaction is to be given up then.
    """
    written = papers.insert_documents(tx, [transfer], [DocumentState.REQUESTED])
    if transfer.id not in written:
        return _stored(tx, transfer)
    papers.insert_lines(tx, [transfer], {})
    outcome = promises.reserve(tx, [_basket(transfer)])[0]
    if not outcome.accepted:
        lacking = ", ".join(f"line {n}: {units}" for n, units in sorted(outcome.missing.items()))
        raise TransferShort(f"Units that the source does not have free: {lacking}.", field="lines")
    units = sum(line.quantity for line in transfer.lines)
    fact = TransferRequested(transfer.id, transfer.location_id, transfer.to_location_id, units)
    journal.record(tx, [fact])
    return transfer.id


def send_transfer(
    tx: Tx, transfer_id: Id, occurred_at: datetime, units: Mapping[int, int] | None = None
) -> None:
    """The goods have left: all that was requested, or `units` by line number.

    What stays behind is free again: a transfer is sent once.
    Raises TransferUnknown, TransferState, and DocumentInvalid for a line that it doesn't have.
    """
    transfer = _locked(tx, transfer_id)
    state = advance(transfer.state, TransferAction.SEND)
    sent = {line.line_no: line.quantity for line in transfer.lines} if units is None else units
    lines = _lines(transfer, sent)
    if not lines:
        raise DocumentInvalid("Nothing is sent: cancel the transfer instead.", field="units")
    # what is sent and what stays behind, all at once and in order
    rows.lock(tx, levels=[(line.sku_id, transfer.location_id) for line in transfer.lines])
    facts.depart(
        tx,
        [
            Consume(transfer.id, line.line_no, line.sku_id, transfer.location_id, quantity)
            for line, quantity in lines
        ],
        Departure(
            MovementKind.TRANSFER_OUT,
            DocumentKind.TRANSFER.value,
            transfer.id,
            transfer.reason,
            occurred_at,
        ),
    )
    promises.free_all(tx, [transfer.id])
    papers.write_transfer(
        tx, transfer.id, state, [replace(line, sent=quantity) for line, quantity in lines]
    )
    total = sum(quantity for _, quantity in lines)
    fact = TransferSent(transfer.id, transfer.location_id, _target(transfer), total)
    journal.record(tx, [fact])


def receive_transfer(tx: Tx, arrival: Arrival) -> Id:
    """Goods of a transfer came in, in one delivery or in several; returns the receipt's id.

    The same delivery again (by reference or id) does nothing. More than was sent is recorded as
    it came; once all that was sent is in, or the delivery is final, the transfer is received.
    Where nothing came and nothing will, the transfer's own id is returned.
    Raises TransferUnknown, TransferState, and DocumentInvalid for a line that it doesn't have.
    """
    transfer = _locked(tx, arrival.transfer_id)
    advance(transfer.state, TransferAction.RECEIVE_PART)
    arrived = _lines(transfer, arrival.units)
    if not arrived:
        if transfer.state is not DocumentState.RECEIVED:
            _book_arrival(tx, transfer, arrival, arrived)
        return transfer.id
    taken = facts.taken_in(tx, [_receipt(arrival, transfer, arrived)])
    if taken.fresh:
        facts.apply(tx, taken.fresh)
        _book_arrival(tx, transfer, arrival, arrived)
    return taken.stored[0]


def cancel_transfer(tx: Tx, transfer_id: Id) -> None:
    """Give up a transfer that was not sent; its goods are free again.

    Raises TransferUnknown and TransferState.
    """
    transfer = _locked(tx, transfer_id)
    state = advance(transfer.state, TransferAction.CANCEL)
    freed = sum(row.quantity for row in promises.free_all(tx, [transfer.id]))
    papers.write_transfer(tx, transfer.id, state)
    fact = TransferCancelled(transfer.id, transfer.location_id, _target(transfer), freed)
    journal.record(tx, [fact])


def _stored(tx: Tx, transfer: Transfer) -> Id:
    key = DocumentKind.TRANSFER, transfer.reference
    found = papers.by_reference(tx, [key]) if transfer.reference else {}
    return found.get(key, transfer.id)


def _basket(transfer: Transfer) -> Basket:
    demands = tuple(
        Demand(line.line_no, line.sku_id, line.quantity, (), transfer.location_id)
        for line in transfer.lines
    )
    return Basket("transfer", transfer.id, whole=True, demands=demands)


def _locked(tx: Tx, transfer_id: Id) -> StoredDocument:
    transfer = papers.lock_transfer(tx, transfer_id)
    if transfer is None:
        raise TransferUnknown("There is no such transfer.", transfer_id=str(transfer_id))
    return transfer


def _target(transfer: StoredDocument) -> Id:
    assert transfer.to_location_id is not None, "a transfer goes somewhere"
    return transfer.to_location_id


def _lines(transfer: StoredDocument, units: Mapping[int, int]) -> list[tuple[StoredLine, int]]:
    """The lines named, with their units. Raises DocumentInvalid for one that is not there."""
    lines = {line.line_no: line for line in transfer.lines}
    for number in units:
        if number not in lines:
            raise DocumentInvalid(f"The transfer has no line {number}.", field="units")
    return [(lines[number], quantity) for number, quantity in sorted(units.items()) if quantity]


def _receipt(
    arrival: Arrival, transfer: StoredDocument, arrived: list[tuple[StoredLine, int]]
) -> Document:
    return Document(
        arrival.id,
        DocumentKind.ARRIVAL,
        _target(transfer),
        arrival.area_id,
        transfer.reason,
        arrival.reference,
        arrival.occurred_at,
        tuple(DocumentLine(line.line_no, line.sku_id, units) for line, units in arrived),
    )


def _book_arrival(
    tx: Tx, transfer: StoredDocument, arrival: Arrival, arrived: list[tuple[StoredLine, int]]
) -> None:
    after = [replace(line, received=line.received + units) for line, units in arrived]
    rest = {line.line_no: line for line in transfer.lines} | {line.line_no: line for line in after}
    on_the_way = sum(max(line.in_transit, 0) for line in rest.values())
    complete = arrival.final or not on_the_way
    action = TransferAction.RECEIVE_LAST if complete else TransferAction.RECEIVE_PART
    papers.write_transfer(tx, transfer.id, advance(transfer.state, action), after)
    fact = TransferReceived(
        transfer.id,
        arrival.id,
        _target(transfer),
        sum(units for _, units in arrived),
        complete,
        on_the_way if complete else 0,
        tuple((x.sku_id, units, _beyond(transfer, x, units)) for x, units in arrived),
        _missing(transfer, rest.values()) if complete else (),
        transfer.location_id,
    )
    journal.record(tx, [fact])


def _missing(transfer: StoredDocument, lines: Iterable[StoredLine]) -> tuple[tuple[Id, int], ...]:
    """What was sent and will not come; nothing where that was said before."""
    if transfer.state is DocumentState.RECEIVED:
        return ()
    return tuple((line.sku_id, line.in_transit) for line in lines if line.in_transit > 0)


def _beyond(transfer: StoredDocument, line: StoredLine, units: int) -> int:
    """Of units that came in, those that were not on the way: more than was sent, or given up."""
    if transfer.state is DocumentState.RECEIVED:
        return units
    return units - min(units, max(line.in_transit, 0))
