"""Unexpected goods in quarantine, and claims against carriers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns.errors import (
    ClaimNotFound,
    ClaimSettled,
    ParcelNotFound,
    ParcelSettled,
    ReturnInvalid,
)
from baton.returns.events import (
    CarrierClaimed,
    CarrierClaimSettled,
    ParcelArrived,
    ParcelDisposed,
    ParcelMatched,
)
from baton.returns.model.goods import (
    CarrierClaim,
    ClaimState,
    Disposition,
    Parcel,
    ParcelLine,
    ParcelState,
)
from baton.returns.store import goods, parcels
from baton.values.ids import Id
from baton.values.money import Money


def arrive(
    tx: Tx,
    location_id: Id,
    lines: Sequence[tuple[Id, str, int]],
    *,
    order_hint: str,
    sender: str,
    tracking_no: str,
    reference: str,
    note: str,
) -> tuple[Parcel, bool]:
    """Goods came that no return waits for: (SKU, its code, units) each. False: scanned before."""
    parcel = Parcel(
        new.fresh(), new.order_number(), location_id, ParcelState.QUARANTINE, None, order_hint,
        sender, tracking_no, reference, note, tx.now, tx.caller.actor, None,
        tuple(ParcelLine(number, *line) for number, line in enumerate(lines, 1)),
    )  # fmt: skip
    if not parcels.add(tx, parcel):
        known = parcels.by_reference(tx, location_id, reference)
        assert known is not None
        return parcels.load(tx, [known])[0], False
    units = sum(line.units for line in parcel.lines)
    journal.record(tx, [ParcelArrived(parcel.id, parcel.number, location_id, units)])
    return parcel, True


def scanned_before(tx: Tx, location_id: Id, reference: str) -> tuple[Id | None, Id | None]:
    """The return and the unexpected parcel that a scan at a location became before."""
    return (
        goods.receipt_of(tx, location_id, reference),
        parcels.by_reference(tx, location_id, reference),
    )


def parcel(tx: Tx, parcel_id: Id, at: Collection[Id] | None = None) -> Parcel:
    """A parcel at these locations, locked. Raises ParcelNotFound."""
    found = parcels.load(tx, [parcel_id], at)
    if not found:
        raise ParcelNotFound("No parcel has this id.")
    return found[0]


def match(tx: Tx, found: Parcel, rma_id: Id, units: Mapping[int, int]) -> Parcel:
    """Units of unexpected goods (by line) belong to a return. Raises ParcelSettled."""
    _check_open(found)
    lines = []
    for line in found.lines:
        count = units.get(line.line_no, 0)
        if count > line.left:
            raise ReturnInvalid(
                f"{line.left} units of line {line.line_no} are left.", field="lines"
            )
        lines.append(replace(line, matched=line.matched + count))
    after = replace(found, lines=tuple(lines), rma_id=rma_id)
    if not any(line.left for line in lines):
        after = replace(after, status=ParcelState.MATCHED, settled_at=tx.now)
    parcels.matched(tx, found.id, lines)
    parcels.settle(tx, found.id, after.status, rma_id)
    fact = ParcelMatched(found.id, found.location_id, rma_id, sum(units.values()))
    journal.record(tx, [fact])
    return after


def dispose_parcel(tx: Tx, found: Parcel, disposition: Disposition) -> Parcel:
    """Decide what becomes of goods that belong to no return. Raises ParcelSettled."""
    _check_open(found)
    parcels.settle(tx, found.id, ParcelState.DISPOSED, found.rma_id)
    units = sum(line.left for line in found.lines)
    fact = ParcelDisposed(found.id, found.location_id, disposition.value, units)
    journal.record(tx, [fact])
    return replace(found, status=ParcelState.DISPOSED, settled_at=tx.now)


def _check_open(found: Parcel) -> None:
    if found.status is not ParcelState.QUARANTINE:
        raise ParcelSettled(f"The parcel {found.number} is {found.status} already.")


# ── claims against carriers ────────────────────────────────────────────────────────────────


def claim_from_carrier(
    tx: Tx, order_id: Id, shipment_id: Id, carrier: str, reason: str, amount: Money, note: str
) -> CarrierClaim:
    """Ask a carrier for what it lost or broke, once a shipment. Raises ClaimSettled."""
    if amount.minor < 1:
        raise ReturnInvalid("Claim an amount.", field="amount")
    made = CarrierClaim(
        new.fresh(), order_id, shipment_id, carrier, reason, amount.currency, amount.minor, 0,
        ClaimState.OPEN, note, tx.now, None,
    )  # fmt: skip
    if not parcels.add_claim(tx, made):
        raise ClaimSettled("There is a claim for this shipment already.", field="shipment")
    fact = CarrierClaimed(order_id, made.id, shipment_id, carrier, amount.minor, amount.currency)
    journal.record(tx, [fact])
    return made


def carrier_claim(tx: Tx, claim_id: Id) -> CarrierClaim:
    """A claim against a carrier, locked. Raises ClaimNotFound."""
    found = parcels.claim(tx, claim_id)
    if found is None:
        raise ClaimNotFound("No claim has this id.")
    return found


def settle_carrier_claim(tx: Tx, found: CarrierClaim, paid_minor: int, note: str) -> CarrierClaim:
    """What the carrier paid; nothing: it refused. Raises ClaimSettled or ReturnInvalid."""
    if found.status is not ClaimState.OPEN:
        raise ClaimSettled(f"The carrier has answered: {found.status}.", field="paid")
    if not 0 <= paid_minor <= found.claimed_minor:
        raise ReturnInvalid("A carrier pays at most what was claimed.", field="paid")
    status = ClaimState.PAID if paid_minor else ClaimState.REFUSED
    after = replace(
        found, status=status, paid_minor=paid_minor, note=note or found.note, settled_at=tx.now
    )
    parcels.settle_claim(tx, after)
    fact = CarrierClaimSettled(
        after.order_id, after.id, after.shipment_id, after.carrier, paid_minor, after.currency,
        status.value,
    )  # fmt: skip
    journal.record(tx, [fact])
    return after
