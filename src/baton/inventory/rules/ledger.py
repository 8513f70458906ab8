"""What a stock document does to levels: one line, one movement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baton.inventory.errors import LevelChanged
from baton.inventory.model import (
    Departure,
    Document,
    DocumentKind,
    DocumentLine,
    Level,
    LevelKey,
    Move,
    MovementKind,
    Stock,
    Units,
)
from baton.values.ids import Id

MOVED_BY: dict[DocumentKind, MovementKind] = {
    DocumentKind.RECEIPT: MovementKind.RECEIVE,
    DocumentKind.ARRIVAL: MovementKind.TRANSFER_IN,
    DocumentKind.ADJUSTMENT: MovementKind.ADJUST,
    DocumentKind.COUNT: MovementKind.COUNT,
    DocumentKind.WRITE_OFF: MovementKind.WRITE_OFF,
    DocumentKind.DAMAGE: MovementKind.DAMAGE,
    DocumentKind.MISSING: MovementKind.MISSING,
    DocumentKind.FOUND: MovementKind.FOUND,
    DocumentKind.SALE: MovementKind.SALE,
    DocumentKind.RETURN: MovementKind.RETURN,
    DocumentKind.RESTOCK: MovementKind.RESTOCK,
    DocumentKind.DONATION: MovementKind.DONATE,
    DocumentKind.VENDOR_RETURN: MovementKind.VENDOR_RETURN,
    DocumentKind.REPAIR: MovementKind.REPAIR,
}

# These tell apart what is damaged and what is missing among the unavailable units.
_OUT = (DocumentKind.WRITE_OFF, DocumentKind.DONATION, DocumentKind.VENDOR_RETURN)
_NEEDS_MISSING = {DocumentKind.COUNT, DocumentKind.FOUND, DocumentKind.RESTOCK, *_OUT}


@dataclass(slots=True)
class _Running:
    """A level while the lines of several documents are applied to it."""

    on_hand: int
    unavailable: int
    missing: int

    def apply(self, move: Move) -> None:
        self.on_hand += move.on_hand
        self.unavailable += move.unavailable
        if move.kind in (MovementKind.COUNT, MovementKind.MISSING, MovementKind.FOUND):
            self.missing += move.unavailable


def needs_missing(documents: Sequence[Document], stock: Stock) -> list[LevelKey]:
    """Levels of which it must be known how many of their unavailable units are missing."""
    keys = {
        (line.sku_id, document.location_id)
        for document in documents
        if document.kind in _NEEDS_MISSING
        for line in document.lines
    }
    return sorted(key for key in keys if stock.levels[key].unavailable)


def moves(
    documents: Sequence[Document], stock: Stock, missing: Mapping[LevelKey, int]
) -> list[Move]:
    """The movements of these documents, in order, each line seeing what the last one left.

    `missing` holds, for the levels that `needs_missing` names, how many of the unavailable
    units are missing; the others are damaged or in quarantine.
    Raises LevelChanged where an adjustment expected another number of units on hand.
    """
    running: dict[LevelKey, _Running] = {}
    made: list[Move] = []
    for document in documents:
        for line in document.lines:
            key = line.sku_id, document.location_id
            level = running.get(key)
            if level is None:
                level = running[key] = _start(stock.levels[key], missing.get(key, 0))
            for move in _effect(document, line, level):
                level.apply(move)
                made.append(move)
    return made


def _start(level: Level, missing: int) -> _Running:
    return _Running(level.on_hand, level.unavailable, missing)


def _effect(document: Document, line: DocumentLine, level: _Running) -> list[Move]:
    q = line.quantity
    match document.kind:
        case DocumentKind.RECEIPT | DocumentKind.ARRIVAL:
            return [_move(document, line, q, 0)]
        case DocumentKind.ADJUSTMENT:
            _compare(line, level)
            return [_move(document, line, q, 0)]
        case DocumentKind.COUNT:
            return _count(document, line, level)
        case DocumentKind.WRITE_OFF | DocumentKind.DONATION | DocumentKind.VENDOR_RETURN:
            return [_move(document, line, -q, -min(q, level.unavailable - level.missing))]
        case DocumentKind.RETURN:
            return [_move(document, line, q, q)]
        case DocumentKind.RESTOCK:  # a count may have written off some of them meanwhile
            return [_move(document, line, 0, -min(q, level.unavailable - level.missing))]
        case DocumentKind.REPAIR:
            return [_move(document, line, 0, 0)]
        case DocumentKind.DAMAGE | DocumentKind.MISSING:
            return [_move(document, line, 0, q)]
        case DocumentKind.FOUND:
            back = min(q, level.missing)
            return [_move(document, line, q - back, -back)]
        case DocumentKind.SALE:
            return [_move(document, line, -q, 0)]
        case DocumentKind.TRANSFER:
            raise AssertionError("a transfer moves nothing before it is sent")


def _compare(line: DocumentLine, level: _Running) -> None:
    if line.expected is not None and line.expected != level.on_hand:
        raise LevelChanged(
            f"{level.on_hand} units are on hand, not {line.expected}: look again, then adjust.",
            field=f"lines.{line.line_no}.expected",
            on_hand=level.on_hand,
            expected=line.expected,
        )


def _count(document: Document, line: DocumentLine, level: _Running) -> list[Move]:
    """The difference is booked, and what was missing is no longer: it lies there, or is gone.

    Damaged units are counted too, so there can't be more of them than were counted; those
    that the count did not find are written off.
    """
    believed = level.on_hand if line.expected is None else line.expected
    counted = _move(document, line, line.quantity - believed, -level.missing)
    damaged = level.unavailable - level.missing
    gone = damaged - max(level.on_hand + counted.on_hand, 0)
    if gone <= 0:
        return [counted]
    return [counted, _move(document, line, 0, -gone, MovementKind.WRITE_OFF)]


def _move(
    document: Document,
    line: DocumentLine,
    on_hand: int,
    unavailable: int,
    kind: MovementKind | None = None,
) -> Move:
    return Move(
        kind or MOVED_BY[document.kind],
        line.sku_id,
        document.location_id,
        on_hand,
        unavailable,
        document.kind.value,
        document.id,
        line.line_no,
        document.reason,
        document.occurred_at,
    )


def believed(documents: Sequence[Document], made: Sequence[Move]) -> dict[tuple[Id, int], int]:
    """What the counted levels were believed to hold, by document and line number."""
    counted = {
        (document.id, line.line_no): line.quantity
        for document in documents
        if document.kind is DocumentKind.COUNT
        for line in document.lines
    }
    return {
        key: counted[key] - move.on_hand
        for move in made
        if move.kind is MovementKind.COUNT
        for key in [(move.document_id, move.document_line)]
    }


def departures(units: Sequence[Units], departure: Departure) -> list[Move]:
    """One movement for each line, SKU and location: units that left, or that are not found."""
    sums: dict[tuple[int, Id, Id], int] = {}
    for one in units:
        key = one.line, one.sku_id, one.location_id
        sums[key] = sums.get(key, 0) + one.quantity
    missing = departure.kind is MovementKind.MISSING
    return [
        Move(
            departure.kind,
            sku_id,
            location_id,
            0 if missing else -quantity,
            quantity if missing else 0,
            departure.document_kind,
            departure.document_id,
            line,
            departure.reason,
            departure.occurred_at,
        )
        for (line, sku_id, location_id), quantity in sums.items()
    ]
