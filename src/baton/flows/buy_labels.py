"""Buying labels: intend → call → settle; an answer nobody knows is asked for again.

The label's key stays the same, and a carrier gives the same label for it, so that a repeated
call buys nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from baton import fulfillment, locations, orders, shipping
from baton.flows import dispatch, jobs
from baton.orders.model import Order
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.routing.model import Point
from baton.routing.rates import distance_km
from baton.shipping.model import LabelState, RateCard, Shipment, Status
from baton.shipping.port import (
    Carrier,
    Label,
    LabelOutcome,
    LabelRequest,
    Refusal,
    Unknown,
    Voided,
)
from baton.values import Id, Parcel
from baton.values.errors import Unavailable


class NoCarrier(Unavailable):
    """No carrier of this name is set up."""

    code = "carrier_missing"


class LabelUnknown(Unavailable):
    """The carrier's answer did not come or was not understood: it is asked again."""

    code = "label_unknown"


@dataclass(frozen=True, slots=True)
class _Ask:
    package_id: Id
    request: LabelRequest


@dataclass(frozen=True, slots=True)
class BuyLabels:
    """The handler of label jobs; `carrier` opens a carrier by name, for a tenant's rates."""

    db: Database
    carrier: Callable[[int, str, Sequence[RateCard]], Carrier | None]

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {
            jobs.BUY_LABELS: Handler(outside=self.buy, limit=10),
            jobs.GIVE_BACK_LABEL: Handler(outside=self.give_back, limit=10),
        }

    def give_back(self, caller: Caller, job: Job) -> None:
        """Give a label that nobody needs back to its carrier. Raises LabelUnknown.

        A label that was given back before is left alone: its package may have another by now.
        """
        package_id, tracking_no = Id(job.payload["package"]), str(job.payload["tracking_no"])

        def read(tx: Tx) -> tuple[Shipment, Carrier] | None:
            shipment = shipping.unwanted(tx, package_id, tracking_no)
            if shipment is None:
                work.finish(tx, [job])
                return None
            return shipment, self._carrier_of(tx, shipment)

        found = self.db.execute(caller, read)
        if found is None:
            return
        shipment, carrier = found
        answer = carrier.void(tracking_no)
        if isinstance(answer, Unknown):
            raise LabelUnknown(answer.reason)

        def settle(tx: Tx) -> None:
            order = orders.locked(tx, shipment.order_id)
            if shipping.unwanted(tx, package_id, tracking_no) is not None:
                _given_up(tx, order, package_id, tracking_no, answer)
            work.finish(tx, [job])

        self.db.execute(caller, settle)

    def buy(self, caller: Caller, job: Job) -> None:
        """Buy the labels a shipment still needs. Raises LabelUnknown to be run again."""
        shipment_id = Id(job.payload["shipment"])
        shipment, asks, carrier = self.db.execute(caller, lambda tx: self._read(tx, shipment_id))
        answers = [(ask, carrier.label(ask.request)) for ask in asks]
        self.db.execute(caller, lambda tx: _settle(tx, job, shipment, answers))
        unknown = [answer for _, answer in answers if isinstance(answer, Unknown)]
        if unknown:
            raise LabelUnknown(unknown[0].reason)

    def _read(self, tx: Tx, shipment_id: Id) -> tuple[Shipment, list[_Ask], Carrier]:
        shipment = shipping.by_ids(tx, [shipment_id])[0]
        carrier = self._carrier_of(tx, shipment)
        order = orders.read(tx, [shipment.order_id])[shipment.order_id]
        return shipment, _asks(tx, order, shipment), carrier

    def _carrier_of(self, tx: Tx, shipment: Shipment) -> Carrier:
        carrier = self.carrier(tx.tenant, shipment.carrier, _cards(tx, shipment))
        if carrier is None:
            raise NoCarrier(f"No carrier {shipment.carrier!r} sells {shipment.service!r}.")
        return carrier


def _asks(tx: Tx, order: Order, shipment: Shipment) -> list[_Ask]:
    """What is asked for each label still wanted: the same each time, under the same key."""
    labels = shipping.labels_of(tx, [shipment.id])
    packages = {p.id: p for p in fulfillment.packages(tx, [label.package_id for label in labels])}
    assert shipment.location_id is not None
    place = locations.locations_by_id(tx, [shipment.location_id])[shipment.location_id]
    group = order.group(shipment.group_no)
    assert group.address is not None
    distance = None
    if place.point is not None and group.lat is not None and group.lon is not None:
        here = Point(place.point.lat, place.point.lon)
        distance = distance_km(here, Point(group.lat, group.lon))
    return [
        _Ask(
            label.package_id,
            LabelRequest(
                idempotency_key=label.key,
                service=shipment.service,
                parcel=Parcel(packages[label.package_id].weight_g, packages[label.package_id].dims),
                ship_from=place.address,
                ship_to=group.address,
                order_number=order.number,
                ships_on=shipment.created_at.date(),
                package=number,
                packages=len(labels),
                distance_km=distance,
            ),
        )
        for number, label in enumerate(labels, 1)
        if label.state is LabelState.REQUESTED
    ]


def _settle(
    tx: Tx, job: Job, shipment: Shipment, answers: Sequence[tuple[_Ask, LabelOutcome]]
) -> None:
    order = orders.locked(tx, shipment.order_id)
    for ask, answer in answers:
        match answer:
            case Label():
                complete = shipping.label_bought(
                    tx, ask.package_id, answer.tracking_no, answer.pdf, answer.cost
                )
                if complete is not None:
                    order = dispatch.dispatched(tx, order, complete)
            case Refusal():
                after = shipping.label_refused(tx, ask.package_id, answer.message)
                if after.status is Status.LABEL_FAILED:
                    order = _told(tx, order, after, answer)
            case Unknown():
                return  # the job stays, and asks again under the same key
    work.finish(tx, [job])
    if any(label.state is LabelState.REQUESTED for label in shipping.labels_of(tx, [shipment.id])):
        dispatch.ask_labels(tx, shipment.id)  # asked for again while this job was at the carrier


def _told(tx: Tx, order: Order, shipment: Shipment, answer: Refusal) -> Order:
    return orders.open_exception(
        tx,
        order,
        dispatch.LABEL_REFUSED,
        shipment.number,
        f"{shipment.carrier} refused the label: {answer.message}",
        "Mend what it names and retry the labels, or void the shipment and ship it otherwise.",
    )


def _given_up(
    tx: Tx, order: Order, package_id: Id, tracking_no: str, answer: Voided | Refusal
) -> None:
    if isinstance(answer, Voided):
        shipping.label_voided(tx, package_id)
        return
    shipping.label_kept(tx, package_id, answer.message)
    orders.open_exception(
        tx,
        order,
        "label_not_voided",
        tracking_no,
        f"The carrier did not take back {tracking_no}: {answer.message}",
        "Make sure that the parcel is still there; claim the label on the carrier's invoice.",
    )


def look_again(tx: Tx, older: timedelta) -> int:
    """Jobs for label requests that have hung for so long; returns how many shipments."""
    hanging = shipping.requested_labels(tx, tx.now - older, 500)
    shipments = sorted({label.shipment_id for label in hanging})
    dispatch.ask_labels(tx, *shipments)
    return len(shipments)


def _cards(tx: Tx, shipment: Shipment) -> list[RateCard]:
    """The rate cards that the shipment's service is sold by."""
    return [card for card in shipping.rate_cards(tx) if card.service == shipment.service]
