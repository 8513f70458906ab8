"""The work at locations over HTTP: queue, pick, pack, ship, hand over, recalls, shipments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from baton import fulfillment, locations, shipping
from baton.access.model import Permission, Principal
from baton.flows import documents, fulfil, recall, track
from baton.fulfillment.model import FulfillmentOrder, LineUnits, PackageDraft, Pick, Place, Status
from baton.fulfillment.model import WrongCode as Wrong
from baton.http import order_shapes as shapes
from baton.http import order_views as views
from baton.http.call import Asked, Call, Places
from baton.http.wire import In, Limit, Out, Page, Text, cursor, place
from baton.platform.db import Tx
from baton.shipping.errors import ShipmentNotFound
from baton.shipping.model import Label, Shipment
from baton.shipping.port import PackingSlip, TrackingCode, TrackingEvent
from baton.values import Dimensions, Id
from baton.values.errors import NotFound, Refused

router = APIRouter(prefix="/v1", tags=["fulfillment"])

MOST_EVENTS = 1000


class PickIn(In):
    line: int = Field(ge=1)
    picked: int = Field(ge=0, le=10_000_000)
    short: int = Field(default=0, ge=0, le=10_000_000)


class PicksIn(In):
    lines: list[PickIn] = Field(min_length=1, max_length=10_000)


class PackedIn(In):
    line: int = Field(ge=1)
    quantity: int = Field(ge=1, le=10_000_000)


class PackageIn(In):
    weight_g: int = Field(ge=0, le=100_000_000)
    length_mm: int | None = Field(default=None, ge=1, le=100_000)
    width_mm: int | None = Field(default=None, ge=1, le=100_000)
    height_mm: int | None = Field(default=None, ge=1, le=100_000)
    lines: list[PackedIn] = Field(min_length=1, max_length=10_000)


class PackagesIn(In):
    packages: list[PackageIn] = Field(min_length=1, max_length=1000)


class ReasonIn(In):
    reason: Text


class ShipIn(In):
    service: str | None = Field(default=None, max_length=80)


class CodeIn(In):
    code: str = Field(pattern=r"^\d{6}$")


class AnswerIn(In):
    accepted: bool
    reason: str = Field(default="", max_length=200)


class TrackingIn(In):
    """What a carrier says of a parcel; `event_id` is the carrier's own id of the event."""

    tracking_no: Text
    event_id: Text
    code: TrackingCode
    text: str = Field(default="", max_length=500)
    place: str = Field(default="", max_length=200)
    occurred_at: AwareDatetime


class EventsIn(In):
    events: list[TrackingIn] = Field(min_length=1, max_length=MOST_EVENTS)


class HeardOut(Out):
    """How many shipments changed, and the tracking numbers that nobody knows."""

    changed: int
    unknown: list[str]


class NoDocument(NotFound):
    """The label was not bought yet, or there is no such package."""

    code = "document_not_found"


class WrongCode(Refused):
    """The pick-up code is not the customer's."""

    code = "pickup_code_wrong"


@router.get("/fulfillment-orders")
def list_work(
    call: Asked,
    location: Annotated[str | None, Query(max_length=80, description="A location's code.")] = None,
    status: Annotated[Status | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.WorkOut]:
    """Work by location and status, oldest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.WorkOut]:
        where = locations.locations_by_code(tx, [location]) if location else {}
        if location and not where:
            return Page(data=[])
        since = Place(*place(after)) if after else None
        mine = at
        if location:
            wanted = frozenset({where[location].id})
            mine = wanted if at is None else at & wanted
        found = fulfillment.queue(tx, mine, [status] if status else list(Status), since, limit)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=_shown(tx, found),
            next=cursor(last.created_at, last.id) if last and last.created_at else None,
        )

    return call.read_at(Permission.FULFILLMENT_READ, work)


@router.get("/fulfillment-orders/{work_id}")
def show_work(call: Asked, work_id: shapes.WorkId) -> shapes.WorkOut:
    """One fulfillment order, with what may be done to it now."""

    def work(tx: Tx, at: Places) -> shapes.WorkOut:
        return _shown(tx, [recall.found(tx, work_id, at)])[0]

    return call.read_at(Permission.FULFILLMENT_READ, work)


@router.post("/fulfillment-orders/{work_id}/accept", response_model=shapes.WorkOut)
def accept(call: Asked, work_id: shapes.WorkId) -> Response:
    """The location takes the work."""
    return _done(call, work_id, lambda tx: fulfil.accept(tx, work_id))


@router.post("/fulfillment-orders/{work_id}/reject", response_model=shapes.WorkOut)
def reject(call: Asked, work_id: shapes.WorkId, body: ReasonIn) -> Response:
    """The location won't do it: its units are routed again, without it for a time."""
    return _done(call, work_id, lambda tx: fulfil.reject(tx, work_id, body.reason))


@router.post("/fulfillment-orders/{work_id}/pick", response_model=shapes.WorkOut)
def pick(call: Asked, work_id: shapes.WorkId, body: PicksIn) -> Response:
    """Units come off the shelf; `short` units are missing from now on."""
    picks = [Pick(each.line, each.picked, each.short) for each in body.lines]
    return _done(call, work_id, lambda tx: fulfil.pick(tx, work_id, picks))


@router.post("/fulfillment-orders/{work_id}/pack", response_model=shapes.WorkOut)
def pack(call: Asked, work_id: shapes.WorkId, body: PackagesIn) -> Response:
    """Picked units go into packages."""
    packages = [_package(each) for each in body.packages]
    return _done(call, work_id, lambda tx: fulfil.pack(tx, work_id, packages))


@router.post("/fulfillment-orders/{work_id}/ship", response_model=shapes.WorkOut)
def ship(call: Asked, work_id: shapes.WorkId, body: ShipIn | None = None) -> Response:
    """Buy labels for packed packages; with the last label the goods have left."""
    service = body.service if body else None
    return _done(call, work_id, lambda tx: fulfil.ship(tx, work_id, service))


@router.post("/fulfillment-orders/{work_id}/hand-over", response_model=shapes.WorkOut)
def hand_over(call: Asked, work_id: shapes.WorkId, body: CodeIn) -> Response:
    """Hand a pick-up to its customer, who shows the code."""

    def work(tx: Tx) -> FulfillmentOrder | WrongCode:
        outcome = fulfil.hand_over(tx, work_id, body.code)
        if isinstance(outcome, Wrong):
            left = outcome.tries_left
            return WrongCode(f"This is not the code; {left} tries left.", field="code")
        return outcome.fo

    return _done(call, work_id, work)


@router.post("/fulfillment-orders/{work_id}/answer-recall", response_model=shapes.WorkOut)
def answer_recall(call: Asked, work_id: shapes.WorkId, body: AnswerIn) -> Response:
    """The location gives recalled units back, or says that it can't."""

    def work(tx: Tx) -> FulfillmentOrder:
        recall.answer(tx, work_id, body.accepted, body.reason)
        return recall.found(tx, work_id)

    return _done(call, work_id, work)


@router.get("/shipments/{shipment_id}")
def show_shipment(call: Asked, shipment_id: shapes.ShipmentId) -> shapes.ShipmentOut:
    """One shipment with labels and tracking, and what may be done to it now."""

    def work(tx: Tx, at: Places) -> shapes.ShipmentOut:
        return _shipped(tx, _shipment(tx, shipment_id, at))

    return call.read_at(Permission.SHIPPING_READ, work)


@router.post("/shipments/{shipment_id}/retry-labels", response_model=shapes.ShipmentOut)
def retry_labels(call: Asked, shipment_id: shapes.ShipmentId) -> Response:
    """Ask the carrier again for the labels that it refused."""
    return _mended(call, shipment_id, fulfil.retry_labels)


@router.post("/shipments/{shipment_id}/void", response_model=shapes.ShipmentOut)
def void_shipment(call: Asked, shipment_id: shapes.ShipmentId) -> Response:
    """Give up a shipment that has not left: its labels go back, its packages can be shipped anew.

    They can be once the carrier has answered for every label; until then `ship` is no action.
    """
    return _mended(call, shipment_id, fulfil.void_shipment)


_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "A PDF", "content": {"application/pdf": {}}}
}


@router.get("/packages/{package_id}/label.pdf", response_class=Response, responses=_PDF)
def label(call: Asked, package_id: shapes.PackageId) -> Response:
    """The label of a package, as PDF."""

    def work(tx: Tx, at: Places) -> bytes | None:
        return shipping.document(tx, package_id, at)

    pdf = call.read_at(Permission.SHIPPING_READ, work)
    if pdf is None:
        raise NoDocument("This package has no label yet.")
    return Response(pdf, media_type="application/pdf")


@router.get("/packages/{package_id}/packing-slip.pdf", response_class=Response, responses=_PDF)
def packing_slip(call: Asked, package_id: shapes.PackageId) -> Response:
    """The packing slip of a package, as PDF."""

    def work(tx: Tx, at: Places) -> PackingSlip | None:
        return documents.packing_slip(tx, package_id, at)

    slip = call.read_at(Permission.SHIPPING_READ, work)
    if slip is None:
        raise NoDocument("There is no such package.")
    return Response(call.app.documents.packing_slip(slip), media_type="application/pdf")


@router.post("/tracking-events", response_model=HeardOut)
def tracking(call: Asked, body: EventsIn) -> Response:
    """What carriers say of parcels, in any order and however often."""

    def work(tx: Tx, principal: Principal) -> HeardOut:
        events = [_event(each) for each in body.events]
        heard = track.track(tx, events, principal.location_ids)
        return HeardOut(changed=heard.changed, unknown=list(heard.unknown))

    return call.write(Permission.SHIPPING_TRACK, work)


def _done(call: Call, work_id: Id, work: Callable[[Tx], FulfillmentOrder | WrongCode]) -> Response:
    def done(tx: Tx, principal: Principal) -> shapes.WorkOut | WrongCode:
        recall.found(tx, work_id, principal.location_ids)
        outcome = work(tx)
        return outcome if isinstance(outcome, WrongCode) else _shown(tx, [outcome])[0]

    return call.write(Permission.FULFILLMENT_WORK, done)


def _mended(call: Call, shipment_id: Id, work: Callable[[Tx, Id], Shipment]) -> Response:
    def done(tx: Tx, principal: Principal) -> shapes.ShipmentOut:
        _shipment(tx, shipment_id, principal.location_ids)
        return _shipped(tx, work(tx, shipment_id))

    return call.write(Permission.FULFILLMENT_WORK, done)


def _shipment(tx: Tx, shipment_id: Id, at: Places) -> Shipment:
    found = shipping.by_ids(tx, [shipment_id], at)
    if not found:
        raise ShipmentNotFound("No shipment has this id.")
    return found[0]


def _shipped(tx: Tx, shipment: Shipment) -> shapes.ShipmentOut:
    labels = shipping.labels_of(tx, [shipment.id])
    return views.shipment(shipment, labels, shipping.tracking_of(tx, [shipment.id]))


def _shown(tx: Tx, works: Sequence[FulfillmentOrder]) -> list[shapes.WorkOut]:
    ids = sorted({each.location_id for each in works})
    places = locations.locations_by_id(tx, ids) if ids else {}
    packages: dict[Id, list[Any]] = {}
    for package in fulfillment.packages_of(tx, [each.id for each in works]) if works else ():
        packages.setdefault(package.fulfillment_order_id, []).append(package)
    waiting = _at_carrier(tx, [each.id for each in works if each.status is Status.PACKED])
    return [
        views.work(each, places, packages.get(each.id, ()), waits=each.id in waiting)
        for each in works
    ]


def _at_carrier(tx: Tx, packed: Sequence[Id]) -> frozenset[Id | None]:
    shipped = shipping.by_fulfillment_orders(tx, packed) if packed else []
    labels: dict[Id, list[Label]] = {}
    for label in shipping.labels_of(tx, [each.id for each in shipped]) if shipped else ():
        labels.setdefault(label.shipment_id, []).append(label)
    return views.at_carrier(shipped, labels)


def _package(given: PackageIn) -> PackageDraft:
    sides = (given.length_mm, given.width_mm, given.height_mm)
    size = Dimensions(*sides) if all(sides) else None  # type: ignore[arg-type]
    lines = tuple(LineUnits(each.line, each.quantity) for each in given.lines)
    return PackageDraft(given.weight_g, size, lines)


def _event(given: TrackingIn) -> TrackingEvent:
    at: datetime = given.occurred_at
    return TrackingEvent(given.event_id, given.tracking_no, given.code, at, given.place, given.text)
