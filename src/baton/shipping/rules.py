"""What labels and tracking events make of a shipment: values in, new values and facts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from baton.shipping import events as told
from baton.shipping.errors import LabelCurrencyWrong, LabelSettled
from baton.shipping.model import (
    Draft,
    Label,
    LabelState,
    Method,
    PackageChange,
    Shipment,
    Standing,
    Status,
    units,
)
from baton.shipping.port import TrackingEvent
from baton.shipping.states import MEANING, SHOWN_FIRST, STAGE, TIE, Action, check
from baton.values.fact import Fact
from baton.values.ids import Id
from baton.values.money import Money

Told = tuple[Fact, ...]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# ------------------------------------------------------------------ where a parcel is


def status_after(standing: Standing, events: Iterable[TrackingEvent]) -> Standing:
    """Where a parcel is after these events: the same for every order in which they come.

    The event of the highest stage stands, within a stage the newest, at one instant the one
    that asks for attention: a maximum, so that repeats and late arrivals change nothing.
    """
    for event in events:
        status = MEANING[event.code]
        if status is None:
            continue
        told = Standing(status, event.occurred_at)
        first = standing.delivered_at
        if status is Status.DELIVERED:
            first = min(first, event.occurred_at) if first else event.occurred_at
        stands = max(standing, told, key=_weight)
        standing = Standing(stands.status, stands.seen_at, first)
    return standing


def _weight(standing: Standing) -> tuple[int, datetime, int]:
    status = standing.status
    return STAGE[status], standing.seen_at or _LONG_AGO, TIE.get(status, 0)


def parcels(tracking_nos: Iterable[str], events: Iterable[TrackingEvent]) -> dict[str, Standing]:
    """Where each parcel is; events of other parcels are passed over."""
    standings = {tracking_no: Standing() for tracking_no in tracking_nos}
    for event in events:
        if event.tracking_no in standings:
            before = standings[event.tracking_no]
            standings[event.tracking_no] = status_after(before, (event,))
    return standings


def together(standings: Sequence[Standing]) -> Standing:
    """Where a shipment is whose parcels are there. Delivered means all of it, the last one too."""
    if all(parcel.status is Status.SHIPPED for parcel in standings):
        return Standing()
    shown = {
        Status.IN_TRANSIT if parcel.status is Status.SHIPPED else parcel.status
        for parcel in standings
    }
    status = next(status for status in SHOWN_FIRST if status in shown)
    delivered = [p.delivered_at for p in standings if p.delivered_at]
    return Standing(
        status,
        max(p.seen_at for p in standings if p.seen_at),
        max(delivered) if status is Status.DELIVERED else None,
    )


_FACTS: Mapping[Status, type[told.TrackingFact]] = {
    Status.IN_TRANSIT: told.ShipmentInTransit,
    Status.OUT_FOR_DELIVERY: told.ShipmentOutForDelivery,
    Status.EXCEPTION: told.ShipmentStuck,
    Status.DELIVERED: told.ShipmentDelivered,
    Status.LOST: told.ShipmentLost,
    Status.RETURNED_TO_SENDER: told.ShipmentReturned,
}


def tracked(
    shipment: Shipment, labels: Sequence[Label], events: Sequence[TrackingEvent]
) -> tuple[Shipment, Told]:
    """A shipment that left, after all events that are known of its parcels."""
    check(shipment, Action.TRACK)
    standings = parcels((label.tracking_no for label in labels), events)
    now = together(tuple(standings.values()))
    after = replace(
        shipment, status=now.status, tracking_seen_at=now.seen_at, delivered_at=now.delivered_at
    )
    if after.status is shipment.status or now.seen_at is None:
        return after, ()
    there = tuple(
        label.package_id for label in labels if standings[label.tracking_no].status is now.status
    )
    return after, (_FACTS[now.status](*_head(after), there, now.seen_at),)


def package_changes(
    labels: Sequence[Label], before: Sequence[TrackingEvent], after: Sequence[TrackingEvent]
) -> list[PackageChange]:
    """The packages whose own status is another after these events than it was before them."""
    tracking_nos = [label.tracking_no for label in labels]
    old, new = parcels(tracking_nos, before), parcels(tracking_nos, after)
    return [
        PackageChange(label.package_id, label.shipment_id, was, now)
        for label in labels
        if (was := old[label.tracking_no].status) is not (now := new[label.tracking_no].status)
    ]


# ------------------------------------------------------------------ opening


def opened(draft: Draft, id: Id, place: int, now: datetime) -> tuple[Shipment, Told]:
    """A new shipment, the order's number `place`; without labels where it left already."""
    left = draft.occurred_at or now
    labelled = draft.method is Method.SHIP
    arrived = left if draft.method is Method.PICKUP else draft.delivered_at
    shipment = Shipment(
        id=id,
        number=f"{draft.order_number}-S{place}",
        order_id=draft.order_id,
        group_no=draft.group_no,
        fulfillment_order_id=draft.fulfillment_order_id,
        location_id=draft.location_id,
        method=draft.method,
        carrier=draft.carrier,
        service=draft.service,
        status=Status.LABELLING if labelled else Status.SHIPPED,
        cost=Money(0, draft.currency),
        tracking_no="",
        tracking_seen_at=None,
        created_at=now,
        shipped_at=None if labelled else left,
        delivered_at=None,
        lines=units(draft.lines),
    )
    if labelled:
        return shipment, (_opened(shipment, draft.package_ids),)
    if arrived is None:
        return shipment, (_shipped(shipment, left),)
    after = replace(shipment, status=Status.DELIVERED, delivered_at=arrived)
    fact = told.ShipmentDelivered(*_head(after), (), arrived)
    return after, (_shipped(shipment, left), fact)


# ------------------------------------------------------------------ labels


def asked(package_id: Id, shipment_id: Id, before: Label | None, now: datetime) -> Label:
    """A label to be bought, in place of the one that was refused or given back `before`.

    Its key is the same in every repeat of the call. A next attempt has a next key, because what
    is asked may have changed and a carrier answers an old key with its old answer.
    """
    attempt = int(before.key.rpartition("/")[2]) + 1 if before else 1
    key = f"{package_id}/{attempt}"
    return Label(package_id, shipment_id, key, LabelState.REQUESTED, "", 0, "", now, None)


def bought(
    shipment: Shipment,
    labels: Sequence[Label],
    package_id: Id,
    tracking_no: str,
    cost: Money,
    now: datetime,
) -> tuple[Shipment, Label, Told]:
    """The carrier sold a label. With the last one the shipment has left.

    One for a voided shipment is unwanted: the fact says so. Raises LabelSettled where the package
    has another label, LabelCurrencyWrong where the price is in another currency.
    """
    label = _label(labels, package_id)
    if label.state not in (LabelState.REQUESTED, LabelState.REFUSED):
        raise LabelSettled(
            f"A package of {shipment.number} has label {label.tracking_no} already.",
            package_id=package_id,
            state=label.state.value,
        )
    if cost.currency != shipment.cost.currency:
        raise LabelCurrencyWrong(
            f"{shipment.number} is reckoned in {shipment.cost.currency}, not {cost.currency}.",
            field="cost",
        )
    sold = replace(
        label,
        state=LabelState.BOUGHT,
        tracking_no=tracking_no,
        cost_minor=cost.minor,
        error="",
        settled_at=now,
    )
    after = _settled(replace(shipment, cost=shipment.cost + cost), _with(labels, sold), now)
    price = (sold.tracking_no, cost.currency, cost.minor)
    facts: list[Fact] = [told.LabelBought(*_head(after), package_id, *price)]
    if after.status is Status.SHIPPED:
        facts.append(_shipped(after, now))
    if after.status is Status.VOIDED:
        facts.append(told.LabelUnwanted(*_head(after), package_id, tracking_no))
    return after, sold, tuple(facts)


def refused(
    shipment: Shipment, labels: Sequence[Label], package_id: Id, error: str, now: datetime
) -> tuple[Shipment, Label, Told]:
    """The carrier won't sell a label. Raises LabelSettled where it did before."""
    label = _label(labels, package_id)
    if label.state is not LabelState.REQUESTED:
        raise LabelSettled(
            f"The label of a package of {shipment.number} is {label.state} already.",
            package_id=package_id,
            state=label.state.value,
        )
    denied = replace(label, state=LabelState.REFUSED, error=error, settled_at=now)
    after = _settled(shipment, _with(labels, denied), now)
    return after, denied, (told.LabelRefused(*_head(after), package_id),)


def retried(
    shipment: Shipment, labels: Sequence[Label], now: datetime
) -> tuple[Shipment, list[Label], Told]:
    """Refused labels are asked for again, each under its next key."""
    check(shipment, Action.RETRY_LABELS)
    again = [
        asked(label.package_id, shipment.id, label, now)
        for label in labels
        if label.state is LabelState.REFUSED
    ]
    after = replace(shipment, status=Status.LABELLING)
    fact = told.LabelsRetried(*_head(after), tuple(label.package_id for label in again))
    return after, again, (fact,)


def voided(shipment: Shipment, labels: Sequence[Label]) -> tuple[Shipment, Told]:
    """A shipment that did not leave is given up; the labels it bought are unwanted.

    One whose purchase is not settled stays requested: only the carrier knows whether it was sold.
    """
    check(shipment, Action.VOID)
    after = replace(shipment, status=Status.VOIDED)
    unwanted = [
        told.LabelUnwanted(*_head(after), label.package_id, label.tracking_no)
        for label in labels
        if label.state is LabelState.BOUGHT
    ]
    return after, (told.ShipmentVoided(*_head(after)), *unwanted)


def given_back(shipment: Shipment, label: Label, now: datetime) -> tuple[Shipment, Label, Told]:
    """The carrier took an unwanted label back: it costs nothing."""
    if label.state is not LabelState.BOUGHT or shipment.status is not Status.VOIDED:
        raise LabelSettled(
            f"Label {label.tracking_no} of {shipment.number} is not to be given back.",
            package_id=label.package_id,
            state=label.state.value,
        )
    back = replace(label, state=LabelState.VOIDED, settled_at=now)
    cost = shipment.cost - Money(label.cost_minor, shipment.cost.currency)
    after = replace(shipment, cost=cost)
    fact = told.LabelVoided(*_head(after), label.package_id, label.tracking_no)
    return after, back, (fact,)


def kept(
    shipment: Shipment, label: Label, reason: str, now: datetime
) -> tuple[Shipment, Label, Told]:
    """The carrier won't take an unwanted label back: it is void all the same, for nobody uses it.

    What it cost is to be claimed from the carrier, and is not the shipment's any more.
    """
    after, back, _ = given_back(shipment, label, now)
    price = (label.tracking_no, shipment.cost.currency, label.cost_minor)
    fact = told.LabelKept(*_head(after), label.package_id, *price)
    return after, replace(back, error=reason), (fact,)


def _settled(shipment: Shipment, labels: Sequence[Label], now: datetime) -> Shipment:
    """The status that follows from the states of all labels, until the shipment has left."""
    if shipment.status is Status.VOIDED:
        return shipment
    check(shipment, Action.SETTLE_LABEL)
    states = {label.state for label in labels}
    if LabelState.REFUSED in states:
        return replace(shipment, status=Status.LABEL_FAILED)
    if LabelState.REQUESTED in states:
        return replace(shipment, status=Status.LABELLING)
    return replace(
        shipment, status=Status.SHIPPED, shipped_at=now, tracking_no=labels[0].tracking_no
    )


def _label(labels: Sequence[Label], package_id: Id) -> Label:
    return next(label for label in labels if label.package_id == package_id)


def _with(labels: Sequence[Label], changed: Label) -> list[Label]:
    return [changed if label.package_id == changed.package_id else label for label in labels]


def _head(shipment: Shipment) -> tuple[Id, Id, str]:
    return shipment.order_id, shipment.id, shipment.status.value


def _opened(shipment: Shipment, package_ids: tuple[Id, ...]) -> told.ShipmentOpened:
    return told.ShipmentOpened(
        *_head(shipment),
        shipment.number,
        shipment.fulfillment_order_id,
        shipment.carrier,
        shipment.service,
        package_ids,
        shipment.lines,
    )


def _shipped(shipment: Shipment, at: datetime) -> told.ShipmentShipped:
    return told.ShipmentShipped(
        *_head(shipment),
        shipment.number,
        shipment.fulfillment_order_id,
        shipment.method.value,
        shipment.carrier,
        shipment.service,
        shipment.tracking_no,
        at,
        shipment.lines,
    )
