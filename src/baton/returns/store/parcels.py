"""Unexpected goods, and claims against carriers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from baton.platform.db import Statements, Tx, listed
from baton.returns.model.goods import CarrierClaim, ClaimState, Parcel, ParcelLine, ParcelState
from baton.returns.model.rma import Place
from baton.values.ids import Id

sql = Statements("returns")

_PARCEL = (
    "id, number, location_id, status, rma_id, order_hint, sender, tracking_no, reference, note,"
    " arrived_at, actor, settled_at"
)
_NAMES = tuple(name.strip() for name in _PARCEL.split(","))
ADD = sql(
    "add_parcel",
    f"""
    insert into returns.parcels (tenant_id, {_PARCEL})
    values (%(tenant)s, %(id)s, %(number)s, %(location_id)s, %(status)s, %(rma_id)s,
            %(order_hint)s, %(sender)s, %(tracking_no)s, %(reference)s, %(note)s, %(arrived_at)s,
            %(actor)s, %(settled_at)s)
    on conflict (tenant_id, location_id, reference) where reference <> '' do nothing
    """,
)
ADD_LINES = sql(
    "add_parcel_lines",
    """
    insert into returns.parcel_lines (tenant_id, parcel_id, line_no, sku_id, sku_code, units)
    select %(tenant)s, %(parcel_id)s, n.line_no, n.sku_id, n.sku_code, n.units
    from unnest(%(line_no)s::int[], %(sku_id)s::uuid[], %(sku_code)s::text[], %(units)s::int[])
         as n (line_no, sku_id, sku_code, units)
    """,
)
BY_REFERENCE = sql(
    "parcel_by_reference",
    """
    select id from returns.parcels
    where tenant_id = %(tenant)s and location_id = %(location_id)s and reference = %(reference)s
      and reference <> ''
    """,
)
PARCELS = sql(
    "parcels",
    f"""
    select {_PARCEL} from returns.parcels
    where tenant_id = %(tenant)s and id = any(%(ids)s)
      and (%(at)s::uuid[] is null or location_id = any(%(at)s))
    order by id for update
    """,
)
PARCEL_LINES = sql(
    "parcel_lines",
    """
    select parcel_id, line_no, sku_id, sku_code, units, matched from returns.parcel_lines
    where tenant_id = %(tenant)s and parcel_id = any(%(ids)s) order by parcel_id, line_no
    """,
)
QUEUE = sql(
    "parcel_queue",
    """
    select id from returns.parcels
    where tenant_id = %(tenant)s and status = %(status)s
      and (%(at)s::uuid[] is null or location_id = any(%(at)s))
      and (arrived_at, id) > (%(arrived_at)s, %(id)s)
    order by arrived_at, id limit %(limit)s
    """,
)
SETTLE = sql(
    "settle_parcel",
    """
    update returns.parcels set status = %(status)s, rma_id = %(rma_id)s, settled_at = %(at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
MATCHED = sql(
    "parcel_lines_matched",
    """
    update returns.parcel_lines l set matched = n.matched
    from unnest(%(line_no)s::int[], %(matched)s::int[]) as n (line_no, matched)
    where l.tenant_id = %(tenant)s and l.parcel_id = %(parcel_id)s and l.line_no = n.line_no
    """,
)
_CLAIM = (
    "id, order_id, shipment_id, carrier, reason, currency, claimed_minor, paid_minor, status,"
    " note, opened_at, settled_at"
)
ADD_CLAIM = sql(
    "add_carrier_claim",
    f"""
    insert into returns.carrier_claims (tenant_id, {_CLAIM})
    values (%(tenant)s, %(id)s, %(order_id)s, %(shipment_id)s, %(carrier)s, %(reason)s,
            %(currency)s, %(claimed_minor)s, %(paid_minor)s, %(status)s, %(note)s, %(opened_at)s,
            %(settled_at)s)
    on conflict (tenant_id, shipment_id) do nothing
    """,
)
CLAIM = sql(
    "carrier_claim",
    f"""
    select {_CLAIM} from returns.carrier_claims
    where tenant_id = %(tenant)s and id = %(id)s order by id for update
    """,
)
CLAIMS = sql(
    "carrier_claims",
    f"""
    select {_CLAIM} from returns.carrier_claims
    where tenant_id = %(tenant)s and (opened_at, id) < (%(at)s, %(id)s)
    order by opened_at desc, id desc limit %(limit)s
    """,
)
SETTLE_CLAIM = sql(
    "settle_carrier_claim",
    """
    update returns.carrier_claims set status = %(status)s, paid_minor = %(paid_minor)s,
        note = %(note)s, settled_at = %(settled_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)


def add(tx: Tx, parcel: Parcel) -> bool:
    """Write unexpected goods; False where this location scanned the reference before."""
    values = {name: getattr(parcel, name) for name in _NAMES}
    if not tx.count(ADD, **values | {"status": parcel.status.value}):
        return False
    tx.run(
        ADD_LINES,
        parcel_id=parcel.id,
        line_no=[line.line_no for line in parcel.lines],
        sku_id=[line.sku_id for line in parcel.lines],
        sku_code=[line.sku_code for line in parcel.lines],
        units=[line.units for line in parcel.lines],
    )
    return True


def by_reference(tx: Tx, location_id: Id, reference: str) -> Id | None:
    row = tx.one(BY_REFERENCE, location_id=location_id, reference=reference)
    return row[0] if row else None


def load(tx: Tx, ids: Collection[Id], at: Collection[Id] | None = None) -> list[Parcel]:
    """Parcels with unexpected goods at these locations (None: at any), locked."""
    wanted = sorted(set(ids))
    lines: dict[Id, list[ParcelLine]] = {}
    for parcel_id, *line in tx.all(PARCEL_LINES, ids=wanted) if wanted else ():
        lines.setdefault(parcel_id, []).append(ParcelLine(*line))
    rows = tx.all(PARCELS, ids=wanted, at=listed(at)) if wanted else []
    return [_parcel(row, tuple(lines.get(row[0], ()))) for row in rows]


def queue(
    tx: Tx, status: ParcelState, at: Collection[Id] | None, after: Place, limit: int
) -> list[Parcel]:
    """Unexpected goods, the oldest first."""
    rows = tx.all(
        QUEUE, status=status.value, at=listed(at), arrived_at=after.at, id=after.id, limit=limit
    )
    found = {parcel.id: parcel for parcel in load(tx, [row[0] for row in rows])}
    return [found[row[0]] for row in rows]


def settle(tx: Tx, parcel_id: Id, status: ParcelState, rma_id: Id | None) -> None:
    tx.run(SETTLE, id=parcel_id, status=status.value, rma_id=rma_id, at=tx.now)


def matched(tx: Tx, parcel_id: Id, lines: Sequence[ParcelLine]) -> None:
    tx.run(
        MATCHED,
        parcel_id=parcel_id,
        line_no=[line.line_no for line in lines],
        matched=[line.matched for line in lines],
    )


def add_claim(tx: Tx, claim: CarrierClaim) -> bool:
    """Write a claim; False where there is one for the shipment already."""
    return bool(tx.count(ADD_CLAIM, **_claim_values(claim)))


def claim(tx: Tx, id: Id) -> CarrierClaim | None:
    """A claim against a carrier, locked."""
    row = tx.one(CLAIM, id=id)
    return _claim(row) if row else None


def claims(tx: Tx, after: Place, limit: int) -> list[CarrierClaim]:
    """Claims against carriers, newest first."""
    return [_claim(row) for row in tx.all(CLAIMS, at=after.at, id=after.id, limit=limit)]


def settle_claim(tx: Tx, claim: CarrierClaim) -> None:
    values = _claim_values(claim)
    names = ("id", "status", "paid_minor", "note", "settled_at")
    tx.run(SETTLE_CLAIM, **{name: values[name] for name in names})


def _claim(row: Sequence[Any]) -> CarrierClaim:
    kept = dict(zip((f.name for f in fields(CarrierClaim)), row, strict=True))
    kept["status"] = ClaimState(kept["status"])
    return CarrierClaim(**kept)


def _parcel(row: Sequence[Any], lines: tuple[ParcelLine, ...]) -> Parcel:
    kept = dict(zip(_NAMES, row, strict=True))
    kept["status"] = ParcelState(kept["status"])
    return Parcel(**kept, lines=lines)


def _claim_values(claim: CarrierClaim) -> dict[str, Any]:
    values = {f.name: getattr(claim, f.name) for f in fields(CarrierClaim)}
    return values | {"status": claim.status.value}
