"""What happened: stock documents, transfers, movements, counts to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baton.inventory.errors import DocumentInvalid, UnitsInvalid
from baton.inventory.model.stock import MOST, positive
from baton.values.ids import Id


class MovementKind(StrEnum):
    """Why units of a level changed."""

    RECEIVE = "receive"
    SHIP = "ship"
    ADJUST = "adjust"
    COUNT = "count"
    DAMAGE = "damage"
    MISSING = "missing"
    FOUND = "found"
    SALE = "sale"
    WRITE_OFF = "write_off"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    RETURN = "return"
    RESTOCK = "restock"
    DONATE = "donate"
    VENDOR_RETURN = "vendor_return"
    REPAIR = "repair"


class DocumentKind(StrEnum):
    """What a stock document reports, and so what its lines' quantities mean."""

    RECEIPT = "receipt"  # units that came in
    ADJUSTMENT = "adjustment"  # signed difference
    COUNT = "count"  # units counted
    WRITE_OFF = "write_off"  # units taken off the books
    DAMAGE = "damage"  # units that can't be sold any more, and still lie there
    MISSING = "missing"  # units that are not where they should be
    FOUND = "found"  # units that turned up again
    SALE = "sale"  # units sold over the counter
    TRANSFER = "transfer"  # units to be moved to another location
    ARRIVAL = "arrival"  # units of a transfer that came in
    RETURN = "return"  # units that customers sent back: in quarantine until somebody decides
    RESTOCK = "restock"  # returned units that are for sale again
    DONATION = "donation"  # returned units that were given away
    VENDOR_RETURN = "vendor_return"  # returned units that went back to where they were bought
    REPAIR = "repair"  # returned units that are worked on; they stay in quarantine


class DocumentState(StrEnum):
    """Where a document stands. Only transfers go through more than one."""

    RECORDED = "recorded"
    HISTORY = "history"  # kept for the record: it moved no stock here
    REQUESTED = "requested"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One SKU of a document; `expected` is what the level was believed to hold.

    An adjustment is refused if the level holds something else by now. A count books the
    difference to it, so that what moved between counting and recording is not undone. A receipt
    may say what a unit cost: minor units of `cost_currency`.
    """

    line_no: int
    sku_id: Id
    quantity: int
    expected: int | None = None
    unit_cost: int | None = None
    cost_currency: str | None = None


def _numbered(lines: tuple[DocumentLine, ...]) -> None:
    if not lines:
        raise DocumentInvalid("A stock document needs a line.", field="lines")
    if len({line.line_no for line in lines}) < len(lines):
        raise DocumentInvalid("A line number stands twice.", field="lines")
    if any(abs(line.quantity) > MOST for line in lines):
        raise UnitsInvalid(f"A line has at most {MOST:,} units.", field="lines")


def _counted_once(lines: tuple[DocumentLine, ...]) -> None:
    if len({line.sku_id for line in lines}) < len(lines):
        raise DocumentInvalid("A SKU is counted once in a document.", field="lines")


@dataclass(frozen=True, slots=True)
class Document:
    """A fact about stock at one location, as it was handed in.

    The same kind and `reference` (if there is one) is recorded once, however often it comes.
    `history`: keep it for the record only, it moves no stock here.
    """

    id: Id
    kind: DocumentKind
    location_id: Id
    area_id: Id
    reason: str
    reference: str
    occurred_at: datetime
    lines: tuple[DocumentLine, ...]
    history: bool = False

    def __post_init__(self) -> None:
        if self.kind is DocumentKind.TRANSFER:
            raise DocumentInvalid("A transfer is requested, not recorded.", field="kind")
        _numbered(self.lines)
        if self.kind is DocumentKind.COUNT:
            _counted_once(self.lines)
        elif any(line.quantity == 0 for line in self.lines):
            raise UnitsInvalid("A line needs units.", field="lines")
        if self.kind is not DocumentKind.RECEIPT and any(
            line.unit_cost is not None for line in self.lines
        ):
            raise DocumentInvalid("Only what is received has a cost of its own.", field="lines")
        signed = self.kind is DocumentKind.ADJUSTMENT
        if not signed and any(line.quantity < 0 for line in self.lines):
            raise UnitsInvalid("Units can't be negative here.", field="lines")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Goods that one location is to send to another."""

    id: Id
    location_id: Id
    to_location_id: Id
    reason: str
    reference: str
    occurred_at: datetime
    lines: tuple[DocumentLine, ...]

    def __post_init__(self) -> None:
        _numbered(self.lines)
        if self.location_id == self.to_location_id:
            raise DocumentInvalid("A transfer needs two locations.", field="to_location_id")
        for line in self.lines:
            positive(line.quantity)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in of a transfer, now. `id` names this delivery; `units` are by line number.

    `final`: nothing more will come, what is missing was lost on the way. `area_id` is the
    receiving location's.
    """

    id: Id
    transfer_id: Id
    area_id: Id
    reference: str
    occurred_at: datetime
    units: Mapping[int, int]
    final: bool = False

    def __post_init__(self) -> None:
        if not self.units and not self.final:
            raise DocumentInvalid("Nothing has arrived.", field="units")
        for quantity in self.units.values():
            positive(quantity)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A document's line as it is kept; `sent` and `received` belong to transfers."""

    document_id: Id
    line_no: int
    sku_id: Id
    quantity: int
    expected: int | None
    sent: int
    received: int
    unit_cost: int | None = None
    cost_currency: str | None = None

    @property
    def in_transit(self) -> int:
        """Units that have left and not arrived; negative if more arrived than was sent."""
        return self.sent - self.received


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it is kept."""

    id: Id
    kind: DocumentKind
    state: DocumentState
    location_id: Id
    to_location_id: Id | None
    reason: str
    reference: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    lines: tuple[StoredLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A movement before it is written: signed changes of a level, and the line that says so."""

    kind: MovementKind
    sku_id: Id
    location_id: Id
    on_hand: int
    unavailable: int
    document_kind: str
    document_id: Id
    document_line: int
    reason: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Movement(Move):
    """A line of the ledger."""

    id: Id
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Departure:
    """What makes promised units leave their level, or go missing there."""

    kind: MovementKind
    document_kind: str
    document_id: Id
    reason: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CountTask:
    """Somebody is to count this SKU here; the next count of it settles the task."""

    id: Id
    location_id: Id
    sku_id: Id
    cause: str
    opened_at: datetime
