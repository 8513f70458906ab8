"""How rows are written: settled by the rules, with their movements and shortages beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from baton.inventory import rules
from baton.inventory.events import StockWentShort
from baton.inventory.model import Change, Move, Shift, Shortage, Stock
from baton.inventory.store import ledger, promises, rows
from baton.platform import ids, journal
from baton.platform.db import Tx


def book(tx: Tx, stock: Stock, changes: Iterable[Change] = (), moves: Sequence[Move] = ()) -> None:
    """Apply promised changes and movements to locked rows; open and work off shortages."""
    settled = rules.settle([*changes, *rules.as_changes(moves, stock)], stock)
    rows.write(tx, settled)
    ledger.insert_movements(tx, moves)
    _work_off(tx, [shift for shift in settled.shifts if shift.units < 0])
    _open(tx, [shift for shift in settled.shifts if shift.units > 0], stock, moves)


def _work_off(tx: Tx, fewer: Sequence[Shift]) -> None:
    if fewer:
        open_rows = promises.open_shortages_at(tx, fewer)
        promises.write_shortages(tx, rules.work_off(fewer, open_rows, tx.now))


def _open(tx: Tx, more: Sequence[Shift], stock: Stock, moves: Sequence[Move]) -> None:
    if not more:
        return
    culprits = rules.culprits(moves, stock)
    opened = []
    for shift in more:
        place = shift.sku_id, shift.area_id, shift.location_id
        move = culprits[place]
        opened.append(
            Shortage(
                ids.fresh(),
                *place,
                units=shift.units,
                open_units=shift.units,
                cause=move.kind.value,
                document_id=move.document_id,
                opened_at=tx.now,
            )
        )
    promises.insert_shortages(tx, opened)
    journal.record(tx, [_went_short(row) for row in opened])


def _went_short(row: Shortage) -> StockWentShort:
    return StockWentShort(
        row.document_id,
        row.id,
        row.sku_id,
        row.area_id,
        row.location_id,
        row.units,
        row.cause,
    )
