"""Stock documents as people hand them in: by the codes of locations and SKUs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import is_currency

from baton import access, catalog, inventory, locations
from baton.inventory.model import (
    Arrival,
    Document,
    DocumentKind,
    DocumentLine,
    HeldBack,
    StoredDocument,
    Transfer,
)
from baton.locations.model import Location
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import Invalid, NotFound


class StockInvalid(Invalid):
    """A stock document names a location or SKU that is not there; `field` says where."""

    code = "stock_request_invalid"


class DocumentUnknown(NotFound):
    """There is no stock document with this id."""

    code = "stock_document_unknown"


@dataclass(frozen=True, slots=True)
class LineGiven:
    """Units of a SKU by its code; `expected` is what the level was believed to hold.

    `unit_cost` is in minor units of `currency`, or of the location's legal entity.
    """

    sku: str
    quantity: int
    expected: int | None = None
    unit_cost: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentGiven:
    """A stock document by codes; without a time it happened now."""

    kind: DocumentKind
    location: str
    lines: Sequence[LineGiven]
    reason: str = ""
    reference: str = ""
    occurred_at: datetime | None = None


def record(tx: Tx, given: DocumentGiven) -> StoredDocument:
    """Record a document; the same kind and reference again answers with the first one.

    Raises StockInvalid for unknown codes or a time in the future.
    """
    place = _place(tx, given.location, "location")
    document = Document(
        id=ids.fresh(),
        kind=given.kind,
        location_id=place.id,
        area_id=place.area_id,
        reason=given.reason,
        reference=given.reference,
        occurred_at=_happened(tx, given.occurred_at),
        lines=_lines(tx, given.lines, _currency(tx, place)),
    )
    stored = inventory.record(tx, [document])[0]
    return inventory.documents(tx, [stored])[0]


def request_transfer(
    tx: Tx, source: str, target: str, lines: Sequence[LineGiven], reason: str, reference: str
) -> StoredDocument:
    """Goods are to go from one location to another: they are promised at the source."""
    transfer = Transfer(
        id=ids.fresh(),
        location_id=_place(tx, source, "from").id,
        to_location_id=_place(tx, target, "to").id,
        reason=reason,
        reference=reference,
        occurred_at=tx.now,
        lines=_lines(tx, lines),
    )
    return inventory.documents(tx, [inventory.request_transfer(tx, transfer)])[0]


def receive_transfer(
    tx: Tx, transfer_id: Id, units: Mapping[int, int] | None, reference: str, *, final: bool
) -> StoredDocument:
    """Goods of a transfer came in: `units` by line number, None for all that is on the way."""
    transfer = found(tx, transfer_id)
    assert transfer.to_location_id is not None
    area_id = locations.locations_by_id(tx, [transfer.to_location_id])[
        transfer.to_location_id
    ].area_id
    if units is None:
        units = {line.line_no: line.in_transit for line in transfer.lines if line.in_transit > 0}
    arrival = Arrival(ids.fresh(), transfer_id, area_id, reference, tx.now, units, final)
    inventory.receive_transfer(tx, arrival)
    return found(tx, transfer_id)


def hold_back(tx: Tx, location: str, units: Mapping[str, int]) -> None:
    """Keep units of SKUs from sale at a location from now on."""
    place = _place(tx, location, "location")
    skus = catalog.skus_by_code(tx, list(units))
    settings = []
    for number, (code, count) in enumerate(units.items()):
        if code not in skus:
            raise StockInvalid(f"There is no SKU {code[:60]!r}.", field=f"lines.{number}.sku")
        settings.append(HeldBack(skus[code].id, place.id, count, place.area_id))
    inventory.set_held_back(tx, settings)


def found(tx: Tx, document_id: Id, at: Collection[Id] | None = None) -> StoredDocument:
    """A stock document. Raises DocumentUnknown where these locations (None: all) have none."""
    documents = inventory.documents(tx, [document_id], at)
    if not documents:
        raise DocumentUnknown("There is no such stock document.", field="id")
    return documents[0]


def _place(tx: Tx, code: str, field: str) -> Location:
    place = locations.locations_by_code(tx, [code]).get(code)
    if place is None:
        raise StockInvalid(f"There is no location {code[:60]!r}.", field=field)
    return place


def _lines(
    tx: Tx, given: Sequence[LineGiven], currency: str | None = None
) -> tuple[DocumentLine, ...]:
    skus = catalog.skus_by_code(tx, sorted({line.sku for line in given}))
    made = []
    for number, line in enumerate(given):
        if line.sku not in skus:
            raise StockInvalid(f"There is no SKU {line.sku[:60]!r}.", field=f"lines.{number}.sku")
        sku_id, cost = skus[line.sku].id, line.unit_cost
        if line.currency is not None and not is_currency(line.currency):
            said = f"{line.currency[:3]!r} is no currency."
            raise StockInvalid(said, field=f"lines.{number}.currency")
        paid_in = (line.currency or currency) if cost is not None else None
        made.append(DocumentLine(number + 1, sku_id, line.quantity, line.expected, cost, paid_in))
    return tuple(made)


def _currency(tx: Tx, place: Location) -> str:
    entities = access.legal_entities_by_id(tx, [place.legal_entity_id])
    return entities[place.legal_entity_id].base_currency


def _happened(tx: Tx, at: datetime | None) -> datetime:
    if at is not None and at > tx.now:
        raise StockInvalid("This has not happened yet.", field="occurred_at")
    return at or tx.now
