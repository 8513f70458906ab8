"""Who is promised what: reserve, allocate, take back, give up.

The caller holds the locks of the owners (of their orders, that is), so that nobody else changes
their reservations meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from baton.inventory import rules
from baton.inventory.actions.booking import book
from baton.inventory.errors import NotReserved
from baton.inventory.model import (
    NOWHERE,
    Basket,
    Change,
    Give,
    Outcome,
    Reservation,
    Shortage,
    Wanted,
)
from baton.inventory.rules import Drawn
from baton.inventory.store import promises, rows
from baton.platform.db import Tx
from baton.values.ids import Id


def reserve(tx: Tx, baskets: Sequence[Basket]) -> list[Outcome]:
    """Give each basket what it asks for, as far as it is there: in the order given, exactly.

    No unit is promised twice and none is refused that was free, whoever else reserves at the
    same time. Demands with a location are allocated there at once.
    """
    demands = [demand for basket in baskets for demand in basket.demands]
    stock = rows.lock(
        tx,
        areas=[(d.sku_id, area) for d in demands if d.location_id is None for area in d.areas],
        levels=[(d.sku_id, d.location_id) for d in demands if d.location_id is not None],
    )
    outcomes = rules.reserve(baskets, stock)
    taken = [
        row
        for basket, outcome in zip(baskets, outcomes, strict=True)
        for row in _reservations(basket, outcome)
    ]
    book(tx, stock, rules.promising(taken))
    promises.add(tx, taken)
    return outcomes


def _reservations(basket: Basket, outcome: Outcome) -> list[Reservation]:
    return [
        Reservation(
            basket.owner_kind,
            basket.owner_id,
            part.line,
            part.sku_id,
            part.area_id,
            part.location_id,
            part.quantity,
            basket.expires_at,
        )
        for part in outcome.taken
    ]


def allocate(tx: Tx, wanted: Sequence[Wanted]) -> list[int]:
    """Give reserved units their location; the area's promises stay as they are.

    Returns for each wanted how many units it got: all, or what the level still has free and the
    line has reserved in that location's area.
    """
    if not wanted:
        return []
    stock = rows.lock_levels(tx, [(want.sku_id, want.location_id) for want in wanted])
    held = promises.reservations(tx, _distinct(want.owner_id for want in wanted))
    allocated = rules.allocate(wanted, stock, held)
    moved = [
        (part, want.location_id)
        for want, parts in zip(wanted, allocated, strict=True)
        for part in parts
    ]
    book(tx, stock, [_shifted(part, location, part.units) for part, location in moved])
    promises.lower(tx, [part for part, _ in moved])
    promises.add(tx, [_placed(part, location) for part, location in moved])
    return [sum(part.units for part in parts) for parts in allocated]


def deallocate(tx: Tx, gives: Sequence[Give]) -> None:
    """Take back the location of allocated units: they stay reserved in the area.

    Where the level was short, that many fewer units are short there.
    Raises NotReserved where more are given back than the line has there.
    """
    drawn = _drawn(tx, gives)
    if any(not part.reservation.allocated for part in drawn):
        raise NotReserved("Units without a location can't be taken back from one.")
    held = [part.reservation for part in drawn]
    stock = rows.lock_levels(tx, [(row.sku_id, row.location_id) for row in held])
    book(tx, stock, [_shifted(p, p.reservation.location_id, -p.units) for p in drawn])
    promises.lower(tx, drawn)
    promises.add(tx, [_placed(part, NOWHERE) for part in drawn])


def free(tx: Tx, gives: Sequence[Give]) -> int:
    """Give up promised units, allocated or not: others can have them. Returns how many.

    Where units were short, that many fewer are.
    Raises NotReserved where more are given up than the line has there.
    """
    drawn = _drawn(tx, gives)
    _free(tx, drawn)
    return sum(part.units for part in drawn)


def free_all(tx: Tx, owner_ids: Sequence[Id]) -> list[Reservation]:
    """Give up all that these owners are promised; returns what that was."""
    held = promises.reservations(tx, owner_ids)
    _free(tx, [Drawn(row, row.quantity) for row in held])
    return held


def expire(tx: Tx, limit: int = 1000) -> list[Reservation]:
    """Free reservations past their time, oldest first, at most `limit`; returns what they held.

    Carts have one; nobody needs to hold a lock for this.
    """
    late = promises.expired(tx, limit)
    if not late:
        return []
    stock = rows.lock(tx, areas=_areas(late), levels=_levels(late))
    gone = promises.expire(tx, late)
    book(tx, stock, rules.freeing([Drawn(row, row.quantity) for row in gone]))
    return gone


def victims(tx: Tx, shortage: Shortage) -> list[Reservation]:
    """Who may have to give way for this shortage, newest owner first.

    Of a level: who is allocated there. Of an area: all who are promised units in it.
    """
    place = None if shortage.location_id == NOWHERE else shortage.location_id
    return promises.reservations_at(tx, shortage.sku_id, shortage.area_id, place)


def _drawn(tx: Tx, gives: Sequence[Give]) -> list[Drawn]:
    """The units given back, in their reservations. Raises NotReserved where there are fewer."""
    if not gives:
        return []
    held = promises.reservations(tx, _distinct(give.owner_id for give in gives))
    drawn = rules.draw(gives, held)
    for give, parts in zip(gives, drawn, strict=True):
        units = sum(part.units for part in parts)
        if units < give.quantity:
            raise NotReserved(
                f"Line {give.line} has {units} units there, not {give.quantity}.",
                line=give.line,
                reserved=units,
            )
    return [part for parts in drawn for part in parts]


def _free(tx: Tx, drawn: Sequence[Drawn]) -> None:
    held = [part.reservation for part in drawn]
    stock = rows.lock(tx, areas=_areas(held), levels=_levels(held))
    book(tx, stock, rules.freeing(drawn))
    promises.lower(tx, drawn)


def _areas(held: Iterable[Reservation]) -> list[tuple[Id, Id]]:
    return [(row.sku_id, row.area_id) for row in held]


def _levels(held: Iterable[Reservation]) -> list[tuple[Id, Id]]:
    return [(row.sku_id, row.location_id) for row in held if row.allocated]


def _shifted(part: Drawn, location_id: Id, units: int) -> Change:
    row = part.reservation
    return Change(row.sku_id, row.area_id, location_id, allocated=units)


def _placed(part: Drawn, location_id: Id) -> Reservation:
    return replace(part.reservation, location_id=location_id, quantity=part.units)


def _distinct(owner_ids: Iterable[Id]) -> list[Id]:
    return sorted(set(owner_ids))
