"""The label for a way back: intend → call → settle, as for labels of shipments.

The parcel goes from the buyer to the location that the return comes to. The label's id is the key
under which the carrier is asked, so that asking again buys nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from baton import locations, orders, returns, shipping
from baton.flows import jobs
from baton.flows.ask_return import locked
from baton.flows.buy_labels import LabelUnknown, NoCarrier
from baton.flows.dispatch import NoRateCard
from baton.orders.model import Order
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.returns.errors import ReturnInvalid
from baton.returns.model import Label, LabelState, Rma
from baton.routing.model import Point
from baton.routing.rates import distance_km
from baton.shipping.model import RateCard
from baton.shipping.port import Carrier, LabelOutcome, LabelRequest, Refusal, Unknown
from baton.shipping.port import Label as Bought
from baton.values import Id, Parcel
from baton.values.money import Money

REFUSED = "return_label_refused"  # the kind of exception


def ask_label(tx: Tx, rma_id: Id, service: str | None = None) -> Rma:
    """Have a label bought for a return, by a job; one that is there or asked for stays.

    Raises ReturnNotFound, ReturnActionIllegal, ReturnInvalid or NoRateCard.
    """
    _order, rma = locked(tx, rma_id)
    if rma.location_id is None:
        raise ReturnInvalid("Say first which location it comes to: approve it with one.")
    card = _card(tx, service)
    label = returns.want_label(tx, rma, card.carrier, card.service, card.currency)
    if label.state is LabelState.REQUESTED:
        _put(tx, label)
    return rma


def own_label(tx: Tx, rma_id: Id, carrier: str, tracking_no: str) -> Rma:
    """The buyer sends it as they like. Raises ReturnNotFound or ReturnActionIllegal."""
    _order, rma = locked(tx, rma_id)
    returns.own_label(tx, rma, carrier, tracking_no)
    return rma


def _card(tx: Tx, service: str | None) -> RateCard:
    cards = [card for card in shipping.rate_cards(tx) if card.active]
    wanted = [card for card in cards if service in (None, card.service)]
    if not wanted:
        raise NoRateCard("No carrier sells this service: save a rate card first.")
    return wanted[0]


def _put(tx: Tx, label: Label) -> None:
    work.put(
        tx,
        [
            Job(
                jobs.BUY_RETURN_LABEL,
                {"return": str(label.rma_id), "label": str(label.id)},
                lane=f"return label:{label.id}",
                once_key=str(label.id),
            )
        ],
    )


def look_again(tx: Tx, older: timedelta) -> int:
    """Jobs for labels of returns that have hung for so long; returns how many."""
    hanging = returns.hanging_labels(tx, tx.now - older, 500)
    for label in hanging:
        _put(tx, label)
    return len(hanging)


@dataclass(frozen=True, slots=True)
class BuyReturnLabels:
    """The handler of jobs for labels of returns."""

    db: Database
    carrier: Callable[[int, str, Sequence[RateCard]], Carrier | None]

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {jobs.BUY_RETURN_LABEL: Handler(outside=self.buy, limit=10)}

    def buy(self, caller: Caller, job: Job) -> None:
        """Buy the label that a return waits for. Raises LabelUnknown to be run again."""
        rma_id, label_id = Id(job.payload["return"]), Id(job.payload["label"])

        def read(tx: Tx) -> tuple[Label, LabelRequest, Carrier] | None:
            found = [x for x in returns.labels(tx, [rma_id]) if x.id == label_id]
            if not found or found[0].state is not LabelState.REQUESTED:
                work.finish(tx, [job])
                return None
            label = found[0]
            cards = [card for card in shipping.rate_cards(tx) if card.service == label.service]
            carrier = self.carrier(tx.tenant, label.carrier, cards)
            if carrier is None:
                raise NoCarrier(f"No carrier {label.carrier!r} sells {label.service!r}.")
            return label, _request(tx, returns.load(tx, [rma_id])[rma_id], label), carrier

        asked = self.db.execute(caller, read)
        if asked is None:
            return
        label, request, carrier = asked
        answer = carrier.label(request)
        self.db.execute(caller, lambda tx: _settle(tx, job, label, answer))
        if isinstance(answer, Unknown):
            raise LabelUnknown(answer.reason)


def _request(tx: Tx, rma: Rma, label: Label) -> LabelRequest:
    """What is asked: the same each time, under the same key."""
    order = orders.read(tx, [rma.order_id])[rma.order_id]
    assert rma.location_id is not None
    place = locations.locations_by_id(tx, [rma.location_id])[rma.location_id]
    group = order.group(order.line(rma.lines[0].order_line).group_no)
    address = group.address
    if address is None:
        raise NoCarrier("The order has no address that the parcel could come from.")
    distance = None
    if place.point is not None and group.lat is not None and group.lon is not None:
        here = Point(place.point.lat, place.point.lon)
        distance = distance_km(here, Point(group.lat, group.lon))
    return LabelRequest(
        idempotency_key=str(label.id),
        service=label.service,
        parcel=Parcel(max(_weight_g(order, rma), 1)),
        ship_from=address,
        ship_to=place.address,
        order_number=rma.number,
        ships_on=label.requested_at.date(),
        distance_km=distance,
    )


def _weight_g(order: Order, rma: Rma) -> int:
    return sum(
        order.line(line.order_line).unit_weight_g * (line.expected or line.units)
        for line in rma.lines
    )


def _settle(tx: Tx, job: Job, label: Label, answer: LabelOutcome) -> None:
    if isinstance(answer, Unknown):
        return  # the job stays, and asks again under the same key
    order, rma = locked(tx, label.rma_id)
    match answer:
        case Bought():
            cost: Money = answer.cost
            bought = replace(
                label,
                state=LabelState.BOUGHT,
                tracking_no=answer.tracking_no,
                currency=cost.currency,
                cost_minor=cost.minor,
                settled_at=tx.now,
            )
            returns.label_settled(tx, rma, bought, answer.pdf)
        case Refusal():
            refused = replace(
                label, state=LabelState.REFUSED, error=answer.message, settled_at=tx.now
            )
            returns.label_settled(tx, rma, refused, None)
            orders.open_exception(
                tx,
                order,
                REFUSED,
                rma.number,
                f"{label.carrier} refused the return label: {answer.message}",
                "Ask for another service, or let the customer send it as they like.",
            )
    work.finish(tx, [job])
