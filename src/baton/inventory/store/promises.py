"""Reservations, and shortages of what was promised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from baton.inventory.errors import ReservationChanged
from baton.inventory.model import Reservation, Shift, Shortage
from baton.inventory.rules import Drawn
from baton.platform.db import Statements, Tx, columns, listed
from baton.values.ids import Id

sql = Statements("inventory")

_RESERVATION = (
    "r.owner_kind, r.owner_id, r.owner_line, r.sku_id, r.area_id, r.location_id, r.quantity,"
    " r.expires_at"
)
_KEY_FIELDS = ("owner_id", "owner_line", "area_id", "location_id")
_KEY = ", ".join(f"r.{name}" for name in _KEY_FIELDS)
_SAME = (
    "r.tenant_id = %(tenant)s and r.owner_id = n.owner_id and r.owner_line = n.owner_line"
    " and r.area_id = n.area_id and r.location_id = n.location_id"
)
_SHORTAGE = (
    "s.id, s.sku_id, s.area_id, s.location_id, s.units, s.open_units, s.cause, s.document_id,"
    " s.opened_at, s.closed_at"
)

# The case leaves null, which is refused, where the row is of another SKU: one line, one SKU.
ADD = sql(
    "add_reservations",
    """
    insert into inventory.reservations as r
        (tenant_id, owner_id, owner_line, area_id, location_id, owner_kind, sku_id, quantity,
         expires_at)
    select %(tenant)s, n.* from unnest(%(owner_id)s::uuid[], %(owner_line)s::int[],
        %(area_id)s::uuid[], %(location_id)s::uuid[], %(owner_kind)s::text[], %(sku_id)s::uuid[],
        %(units)s::int[], %(expires_at)s::timestamptz[])
        as n (owner_id, owner_line, area_id, location_id, owner_kind, sku_id, units, expires_at)
    order by n.owner_id, n.owner_line, n.area_id, n.location_id
    on conflict (tenant_id, owner_id, owner_line, area_id, location_id) do update
    set quantity = case when r.sku_id = excluded.sku_id then r.quantity + excluded.quantity end,
        expires_at = excluded.expires_at
    """,
)
# Counts the rows that it found as they were read: a row with fewer units is not touched.
LOWER = sql(
    "lower_reservations",
    f"""
    with n as (
        select * from unnest(%(owners)s::uuid[], %(lines)s::int[], %(areas)s::uuid[],
                             %(locations)s::uuid[], %(units)s::int[])
               as u (owner_id, owner_line, area_id, location_id, units)
    ), gone as (
        delete from inventory.reservations r using n
        where {_SAME} and r.quantity = n.units returning 1
    ), fewer as (
        update inventory.reservations r set quantity = r.quantity - n.units from n
        where {_SAME} and r.quantity > n.units returning 1
    )
    select (select count(*) from gone) + (select count(*) from fewer)
    """,
)
EXPIRED = sql(
    "expired",
    f"""
    select {_RESERVATION} from inventory.reservations r
    where r.tenant_id = %(tenant)s and r.expires_at is not null and r.expires_at <= %(now)s
    order by r.expires_at, {_KEY} limit %(limit)s
    """,
)
EXPIRE = sql(
    "expire",
    f"""
    delete from inventory.reservations r
    using unnest(%(owner_id)s::uuid[], %(owner_line)s::int[], %(area_id)s::uuid[],
                 %(location_id)s::uuid[])
          as n (owner_id, owner_line, area_id, location_id)
    where {_SAME} and r.expires_at <= %(now)s
    returning {_RESERVATION}
    """,
)
OF_OWNERS = sql(
    "reservations_of_owners",
    f"""
    select {_RESERVATION} from inventory.reservations r
    where r.tenant_id = %(tenant)s and r.owner_id = any(%(owners)s)
    order by {_KEY}
    """,
)
AT = sql(
    "reservations_at",
    f"""
    select {_RESERVATION} from inventory.reservations r
    where r.tenant_id = %(tenant)s and r.sku_id = %(sku)s and r.area_id = %(area)s
      and r.location_id = %(location)s
    order by r.owner_id desc, r.owner_line desc
    """,
)
IN_AREA = sql(
    "reservations_in_area",
    f"""
    select {_RESERVATION} from inventory.reservations r
    where r.tenant_id = %(tenant)s and r.sku_id = %(sku)s and r.area_id = %(area)s
    order by r.owner_id desc, r.owner_line desc, r.location_id
    """,
)
OPEN_SHORTAGES = sql(
    "open_shortages",
    f"""
    select {_SHORTAGE} from inventory.shortages s
    where s.tenant_id = %(tenant)s and s.closed_at is null
      and (%(at)s::uuid[] is null or s.location_id = any(%(at)s::uuid[]))
    order by s.opened_at, s.id limit %(limit)s
    """,
)
SHORTAGES_AT = sql(
    "open_shortages_at",
    f"""
    select {_SHORTAGE}
    from unnest(%(sku_id)s::uuid[], %(area_id)s::uuid[], %(location_id)s::uuid[])
           as n (sku_id, area_id, location_id)
    join inventory.shortages s on s.tenant_id = %(tenant)s and s.sku_id = n.sku_id
     and s.area_id = n.area_id and s.location_id = n.location_id and s.closed_at is null
    order by s.opened_at, s.id
    """,
)
INSERT_SHORTAGES = sql(
    "insert_shortages",
    """
    insert into inventory.shortages
        (tenant_id, id, sku_id, area_id, location_id, units, open_units, cause, document_id,
         opened_at)
    select %(tenant)s, n.id, n.sku_id, n.area_id, n.location_id, n.units, n.units, n.cause,
           n.document_id, n.opened_at
    from unnest(%(id)s::uuid[], %(sku_id)s::uuid[], %(area_id)s::uuid[], %(location_id)s::uuid[],
                %(units)s::int[], %(cause)s::text[], %(document_id)s::uuid[],
                %(opened_at)s::timestamptz[])
         as n (id, sku_id, area_id, location_id, units, cause, document_id, opened_at)
    """,
)
WORK_OFF = sql(
    "work_off_shortages",
    """
    update inventory.shortages s set open_units = n.open_units, closed_at = n.closed_at
    from unnest(%(id)s::uuid[], %(open_units)s::int[], %(closed_at)s::timestamptz[])
         as n (id, open_units, closed_at)
    where s.tenant_id = %(tenant)s and s.id = n.id
    """,
)


def add(tx: Tx, rows: Iterable[Reservation]) -> None:
    """Promise these units, on top of what a line has there already."""
    added: dict[tuple[Id, int, Id, Id], tuple[Reservation, int]] = {}
    for row in rows:
        _, units = added.get(row.key, (row, 0))
        added[row.key] = row, units + row.quantity
    if not added:
        return
    kept = [row for row, _ in added.values()]
    tx.run(
        ADD,
        **columns(kept, *_KEY_FIELDS, "owner_kind", "sku_id", "expires_at"),
        units=[units for _, units in added.values()],
    )


def lower(tx: Tx, drawn: Iterable[Drawn]) -> None:
    """Take these units out of their reservations.

    Raises ReservationChanged where a row is not there any more or holds fewer units.
    """
    units: dict[tuple[Id, int, Id, Id], int] = {}
    for part in drawn:
        units[part.reservation.key] = units.get(part.reservation.key, 0) + part.units
    if not units:
        return
    found = tx.one(
        LOWER,
        owners=[key[0] for key in units],
        lines=[key[1] for key in units],
        areas=[key[2] for key in units],
        locations=[key[3] for key in units],
        units=list(units.values()),
    )
    if found is None or found[0] != len(units):
        raise ReservationChanged("These reservations were changed meanwhile; try again.")


def expired(tx: Tx, limit: int) -> list[Reservation]:
    """Reservations past their time, the oldest first; not locked."""
    return tx.rows(Reservation, EXPIRED, now=tx.now, limit=limit)


def expire(tx: Tx, rows: Sequence[Reservation]) -> list[Reservation]:
    """Delete those of `rows` that are still past their time; returns what they held at last."""
    return tx.rows(Reservation, EXPIRE, **columns(rows, *_KEY_FIELDS), now=tx.now)


def reservations(tx: Tx, owner_ids: Sequence[Id]) -> list[Reservation]:
    """All that these owners are promised, by owner, line, area and location."""
    return tx.rows(Reservation, OF_OWNERS, owners=list(owner_ids))


def reservations_at(
    tx: Tx, sku_id: Id, area_id: Id, location_id: Id | None = None
) -> list[Reservation]:
    """Who is promised units of a SKU there, newest owner first.

    NOWHERE: those not allocated yet; None: all in the area, wherever they are allocated.
    """
    if location_id is None:
        return tx.rows(Reservation, IN_AREA, sku=sku_id, area=area_id)
    return tx.rows(Reservation, AT, sku=sku_id, area=area_id, location=location_id)


def open_shortages(tx: Tx, limit: int = 100, at: Collection[Id] | None = None) -> list[Shortage]:
    """Shortages with units left to be worked off, oldest first; None: of all locations."""
    return tx.rows(Shortage, OPEN_SHORTAGES, limit=limit, at=listed(at))


def open_shortages_at(tx: Tx, shifts: Sequence[Shift]) -> list[Shortage]:
    """The open shortages of these levels and areas, oldest first; the caller locks those."""
    places = columns(shifts, "sku_id", "area_id", "location_id")
    return tx.rows(Shortage, SHORTAGES_AT, **places)


def insert_shortages(tx: Tx, rows: Sequence[Shortage]) -> None:
    """Open these shortages."""
    names = ("id", "sku_id", "area_id", "location_id", "units", "cause", "document_id", "opened_at")
    tx.run(INSERT_SHORTAGES, **columns(rows, *names))


def write_shortages(tx: Tx, rows: Sequence[Shortage]) -> None:
    """Write what is left open of these shortages."""
    tx.run(WORK_OFF, **columns(rows, "id", "open_units", "closed_at"))
