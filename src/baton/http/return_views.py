"""Returns, policies, unexpected goods and claims filled into what the API shows."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from baton import locations, returns
from baton.http.return_shapes import (
    ChangedOut,
    ClaimOut,
    GradingOut,
    ParcelLineOut,
    ParcelOut,
    PhotoIn,
    PhotoOut,
    PolicyOut,
    ReceiptOut,
    ReturnLabelOut,
    ReturnLineOut,
    ReturnOut,
    ReturnRowOut,
    SettledChargeOut,
    SettledLineOut,
    SettlementOut,
    TrialOut,
    WholePolicyOut,
)
from baton.platform.db import Tx
from baton.returns.errors import ReturnInvalid
from baton.returns.model import (
    CarrierClaim,
    Decision,
    Grading,
    Label,
    Parcel,
    Photo,
    PhotoDraft,
    Policy,
    Receipt,
    Rma,
    Settlement,
)
from baton.values import Id


def photo_of(given: PhotoIn, field: str) -> PhotoDraft:
    """The photo in a body. Raises ReturnInvalid where it is no base64."""
    try:
        return PhotoDraft(given.media_type, base64.b64decode(given.content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ReturnInvalid("Send the photo in base64.", field=field) from error


def name_of(version: int) -> str:
    """A version of a policy as the outside names it."""
    return f"policy-{version}"


def version_of(name: str) -> int:
    return int(name.removeprefix("policy-"))


def rows(tx: Tx, found: Sequence[Rma]) -> list[ReturnRowOut]:
    """Returns as lists show them."""
    codes = _codes(tx, {rma.location_id for rma in found})
    return [ReturnRowOut(**_row(rma, codes)) for rma in found]


def whole(tx: Tx, rma: Rma) -> ReturnOut:
    """A return with all that belongs to it."""
    receipts = returns.receipts(tx, [rma.id])
    gradings = returns.gradings(tx, [rma.id])
    places = {rma.location_id} | {x.location_id for x in receipts}
    codes = _codes(tx, places | {x.location_id for x in gradings})
    settled = [s for s in returns.settlements(tx, [rma.order_id]) if s.rma_id == rma.id]
    return ReturnOut(
        **_row(rma, codes),
        customer_id=rma.customer_id,
        policy=name_of(rma.policy),
        terms=_plain(rma.terms),
        question=rma.question,
        note=rma.note,
        decided_at=rma.decided_at,
        decided_by=rma.decided_by,
        closed_at=rma.closed_at,
        lines=[ReturnLineOut.model_validate(line) for line in rma.lines],
        receipts=[_receipt(each, codes) for each in receipts],
        gradings=[_grading(each, codes) for each in gradings],
        labels=[_label(each) for each in returns.labels(tx, [rma.id])],
        photos=[_photo(each) for each in returns.photos(tx, [rma.id])],
        settlements=[settlement(each) for each in settled],
        legal_actions=returns.legal_actions(rma),
    )


def _row(rma: Rma, codes: Mapping[Id, str]) -> dict[str, Any]:
    return {
        "id": rma.id,
        "number": rma.number,
        "order_id": rma.order_id,
        "order_number": rma.order_number,
        "status": rma.status,
        "cause": rma.cause,
        "location": codes.get(rma.location_id) if rma.location_id else None,
        "currency": rma.currency,
        "units": sum(line.units for line in rma.lines),
        "reasons": list(rma.reasons),
        "requested_at": rma.requested_at,
        "expires_at": rma.expires_at,
        "version": rma.version,
    }


def _codes(tx: Tx, ids: set[Id | None]) -> dict[Id, str]:
    wanted = sorted(id for id in ids if id is not None)
    found = locations.locations_by_id(tx, wanted) if wanted else {}
    return {id: place.code for id, place in found.items()}


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain


def _receipt(receipt: Receipt, codes: Mapping[Id, str]) -> ReceiptOut:
    return ReceiptOut(
        id=receipt.id,
        location=codes[receipt.location_id],
        reference=receipt.reference,
        received_at=receipt.received_at,
        actor=receipt.actor,
        lines=[{"line_no": line, "quantity": units} for line, units in receipt.units],
    )


def _grading(grading: Grading, codes: Mapping[Id, str]) -> GradingOut:
    return GradingOut(
        id=grading.id,
        line_no=grading.line_no,
        location=codes[grading.location_id],
        units=grading.units,
        grade=grading.grade,
        note=grading.note,
        graded_at=grading.graded_at,
        graded_by=grading.graded_by,
        disposition=grading.disposition,
        disposed_at=grading.disposed_at,
    )


def _label(label: Label) -> ReturnLabelOut:
    return ReturnLabelOut(
        carrier=label.carrier,
        service=label.service,
        state=label.state,
        tracking_no=label.tracking_no,
        cost=label.cost_minor,
        currency=label.currency,
        error=label.error,
        scanned_at=label.scanned_at,
    )


def _photo(photo: Photo) -> PhotoOut:
    return PhotoOut.model_validate(photo)


def settlement(settled: Settlement) -> SettlementOut:
    """A settlement with its lines and charges."""
    return SettlementOut(
        id=settled.id,
        settlement_no=settled.settlement_no,
        to=settled.goes_to,
        currency=settled.currency,
        goods=settled.goods_minor,
        tax=settled.tax_minor,
        charges=settled.charges_minor,
        fee=settled.fee_minor,
        bonus=settled.bonus_minor,
        withheld=settled.withheld_minor,
        amount=settled.amount_minor,
        exchange_order=settled.exchange_order,
        exchanged=settled.exchanged_minor,
        settled_at=settled.settled_at,
        settled_by=settled.settled_by,
        lines=[SettledLineOut.model_validate(line) for line in settled.lines],
        given_charges=[SettledChargeOut.model_validate(x) for x in settled.charges],
    )


def policy(found: Policy) -> PolicyOut:
    """A version without its content."""
    return PolicyOut(
        policy=name_of(found.version),
        name=found.name,
        in_force=found.in_force,
        saved_at=found.saved_at,
        saved_by=found.saved_by,
    )


def whole_policy(found: Policy) -> WholePolicyOut:
    """A version with its content."""
    return WholePolicyOut(**policy(found).model_dump(), content=dict(found.content))


def trial(made: returns.Trial) -> TrialOut:
    """What a policy would have said of the past."""
    return TrialOut(
        lines=made.lines,
        outcomes={was: dict(would_be) for was, would_be in made.outcomes.items()},
        changed=[_changed(each, each.would_be) for each in made.changed],
    )


def _changed(each: returns.Changed, would_be: Decision) -> ChangedOut:
    return ChangedOut(
        number=each.number,
        line_no=each.line_no,
        sku_code=each.sku_code,
        units=each.units,
        requested_at=each.requested_at,
        outcome=each.outcome,
        reasons=list(each.reasons),
        would_be=would_be.outcome.value,
        would_be_reasons=list(would_be.reasons),
        rule=would_be.rule,
    )


def parcels(tx: Tx, found: Sequence[Parcel]) -> list[ParcelOut]:
    """Unexpected goods as lists show them."""
    codes = _codes(tx, {each.location_id for each in found})
    return [
        ParcelOut(
            id=each.id,
            number=each.number,
            location=codes[each.location_id],
            status=each.status,
            return_id=each.rma_id,
            order_hint=each.order_hint,
            sender=each.sender,
            tracking_no=each.tracking_no,
            note=each.note,
            arrived_at=each.arrived_at,
            settled_at=each.settled_at,
            lines=[ParcelLineOut.model_validate(line) for line in each.lines],
        )
        for each in found
    ]


def claim(found: CarrierClaim) -> ClaimOut:
    """A claim against a carrier."""
    return ClaimOut(
        id=found.id,
        order_id=found.order_id,
        shipment_id=found.shipment_id,
        carrier=found.carrier,
        reason=found.reason,
        currency=found.currency,
        claimed=found.claimed_minor,
        paid=found.paid_minor,
        status=found.status,
        note=found.note,
        opened_at=found.opened_at,
        settled_at=found.settled_at,
    )
