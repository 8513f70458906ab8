"""What happened to goods. Facts are never refused: what they take from promises becomes short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.inventory import rules
from baton.inventory.actions.booking import book
from baton.inventory.errors import LevelUnknown
from baton.inventory.events import CountWanted, HeldBackSet, StockRecorded
from baton.inventory.model import (
    Change,
    Consume,
    Departure,
    Document,
    DocumentKind,
    DocumentState,
    HeldBack,
    LevelKey,
    Missing,
    MovementKind,
    Stock,
    Units,
)
from baton.inventory.store import documents as papers
from baton.inventory.store import ledger, promises, rows
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values.ids import Id

# ── documents ──────────────────────────────────────────────────────────────────────────────


def record(tx: Tx, documents: Sequence[Document]) -> list[Id]:
    """Record what happened, each document once; returns their ids as they are stored.

    A kind and reference that is recorded already does nothing and returns the stored id. Levels
    are made where a SKU is new. What is promised and no longer there is short from now on.

    Raises LevelChanged where an adjustment expected other units on hand; the transaction is to
    be given up then.
    """
    taken = taken_in(tx, documents)
    apply(tx, taken.fresh)
    return taken.stored


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Documents whose heads are written: all ids as stored, and those that are new."""

    stored: list[Id]
    fresh: list[Document]


def taken_in(tx: Tx, documents: Sequence[Document]) -> TakenIn:
    """Write the heads of documents that were not there before."""
    first: dict[Id, Document] = {}
    for document in documents:
        first.setdefault(document.id, document)
    one_each = list(first.values())
    written = papers.insert_documents(tx, one_each, [_state(d) for d in one_each])
    known = _known(tx, [d for d in documents if d.id not in written and d.reference])
    stored = [known.get(document.id, document.id) for document in documents]
    return TakenIn(stored, [d for d in one_each if d.id in written])


def _known(tx: Tx, repeated: Sequence[Document]) -> dict[Id, Id]:
    """The stored ids of documents whose reference was recorded before."""
    if not repeated:
        return {}
    found = papers.by_reference(tx, [(d.kind, d.reference) for d in repeated])
    return {d.id: found.get((d.kind, d.reference), d.id) for d in repeated}


def apply(tx: Tx, documents: Sequence[Document]) -> None:
    """Write lines and movements of new documents, and the rows that they change."""
    live = [document for document in documents if not document.history]
    keys = rows.open_rows(
        tx,
        [
            (line.sku_id, document.location_id, document.area_id)
            for document in live
            for line in document.lines
        ],
    )
    stock = rows.lock(tx, levels=keys)
    missing = ledger.missing_units(tx, rules.needs_missing(live, stock))
    moves = rules.moves(live, stock, missing)
    papers.insert_lines(tx, documents, rules.believed(live, moves))
    book(tx, stock, moves=moves)
    ledger.settle_counts(tx, _places(live, DocumentKind.COUNT))
    lost = _places(live, DocumentKind.MISSING)
    _ask_counts(tx, dict.fromkeys(lost, MovementKind.MISSING.value))
    journal.record(tx, [_recorded(document) for document in documents])


def _places(documents: Sequence[Document], kind: DocumentKind) -> dict[LevelKey, Id]:
    return {
        (line.sku_id, document.location_id): document.id
        for document in documents
        if document.kind is kind
        for line in document.lines
    }


def _state(document: Document) -> DocumentState:
    return DocumentState.HISTORY if document.history else DocumentState.RECORDED


def _recorded(document: Document) -> StockRecorded:
    return StockRecorded(
        document.id,
        document.kind.value,
        _state(document).value,
        document.location_id,
        document.reference,
        len(document.lines),
    )


def _ask_counts(tx: Tx, causes: dict[LevelKey, str]) -> None:
    if causes:
        asked = ledger.ask_counts(tx, causes)
        journal.record(tx, [CountWanted(t.id, t.sku_id, t.location_id, t.cause) for t in asked])


# ── promised goods that leave, or are not found ────────────────────────────────────────────


def consume(
    tx: Tx,
    consumed: Sequence[Consume],
    document_kind: str,
    document_id: Id,
    occurred_at: datetime,
) -> list[int]:
    """Units have left with this document; returns how many of each had been promised there.

    What was promised is fulfilled by it. What was not has left all the same and may leave
    others short. A line that this document has shipped already does nothing, and returns 0.
    """
    departure = Departure(MovementKind.SHIP, document_kind, document_id, "", occurred_at)
    return depart(tx, consumed, departure).promised


def report_missing(tx: Tx, missing: Sequence[Missing], document_id: Id, cause: str) -> list[int]:
    """Units could not be found when they were to be picked: nobody is promised them again.

    They become unavailable, their lines are promised nothing there any more, and a count is
    asked for; all at once. `document_id` names this report: the same one again does nothing.
    Returns how many of each had been promised there.
    """
    departure = Departure(MovementKind.MISSING, "short_pick", document_id, cause, tx.now)
    departed = depart(tx, missing, departure)
    _ask_counts(tx, {(one.sku_id, one.location_id): cause for one in departed.fresh})
    return departed.promised


@dataclass(frozen=True, slots=True)
class Departed:
    """How many of each had been promised there, and those that this document had not yet."""

    promised: list[int]
    fresh: list[Units]


def depart(tx: Tx, units: Sequence[Units], departure: Departure) -> Departed:
    """Take units out of their levels and of their lines' reservations there.

    Raises LevelUnknown for a SKU that never was at its location.
    """
    if not units:
        return Departed([], [])
    stock = rows.lock(tx, levels=[(one.sku_id, one.location_id) for one in units])
    _require(stock, [(one.sku_id, one.location_id) for one in units])
    done = ledger.moved(tx, departure.document_id, departure.kind)
    new = [n for n, one in enumerate(units) if (one.line, one.sku_id, one.location_id) not in done]
    fresh = [units[n] for n in new]
    held = promises.reservations(tx, sorted({one.owner_id for one in fresh}))
    drawn = rules.draw(fresh, held)
    parts = [part for of_one in drawn for part in of_one]
    book(tx, stock, rules.freeing(parts), rules.departures(fresh, departure))
    promises.lower(tx, parts)
    promised = [0] * len(units)
    for n, of_one in zip(new, drawn, strict=True):
        promised[n] = sum(part.units for part in of_one)
    return Departed(promised, fresh)


def _require(stock: Stock, keys: Sequence[LevelKey]) -> None:
    for sku_id, location_id in keys:
        if (sku_id, location_id) not in stock.levels:
            raise LevelUnknown(
                f"SKU {sku_id} was never at location {location_id}.",
                sku_id=str(sku_id),
                location_id=str(location_id),
            )


# ── held back ──────────────────────────────────────────────────────────────────────────────


def set_held_back(tx: Tx, settings: Sequence[HeldBack]) -> None:
    """Keep these units from sale from now on, whatever was kept before.

    What is promised already stays promised, even where less is offered now.
    Raises LevelUnknown where a SKU never was at a location and no area is given.
    """
    wanted = {(one.sku_id, one.location_id): one for one in settings}
    rows.open_rows(
        tx, [(*key, one.area_id) for key, one in wanted.items() if one.area_id is not None]
    )
    stock = rows.lock(tx, levels=wanted)
    _require(stock, list(wanted))
    before = {key: stock.levels[key].held_back for key in wanted}
    changed = {key: one for key, one in wanted.items() if one.units != before[key]}
    book(
        tx,
        stock,
        [
            Change(sku, stock.levels[sku, place].area_id, place, held_back=one.units - had)
            for (sku, place), one in changed.items()
            for had in [before[sku, place]]
        ],
    )
    if changed:
        said = tuple((*key, before[key], one.units) for key, one in changed.items())
        journal.record(tx, [HeldBackSet(ids.fresh(), said)])
