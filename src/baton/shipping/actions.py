"""What is done to shipments, inside the caller's transaction.

The caller holds the locks of the orders concerned: all facts but those of rate cards are told of
them. No carrier is called here: labels are asked for, and what came of it is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.shipping import events as told
from baton.shipping import rules, store
from baton.shipping.errors import LabelNotFound, PackageTaken, RateCardInvalid, ShipmentNotFound
from baton.shipping.model import (
    Change,
    Draft,
    Label,
    LabelState,
    PackageChange,
    RateCard,
    Shipment,
    Status,
    Tracked,
)
from baton.shipping.port import TrackingEvent
from baton.shipping.states import STAGE
from baton.values import Id, Money
from baton.values.check import Check
from baton.values.fact import Fact

_CHECKED_AT_ONCE = 2000

# ------------------------------------------------------------------ opening and giving up


def open_shipments(tx: Tx, drafts: Sequence[Draft]) -> list[Shipment]:
    """New shipments: one label asked for each package, or none where the units left already.

    Raises PackageTaken where a package is in another shipment that was not voided.
    """
    if not drafts:
        return []
    places = store.counts(tx, [draft.order_id for draft in drafts])
    new: list[Shipment] = []
    facts: list[Fact] = []
    wanted: dict[Id, Id] = {}
    for draft in drafts:
        places[draft.order_id] = place = places.get(draft.order_id, 0) + 1
        shipment, facts_of_it = rules.opened(draft, ids.fresh(), place, tx.now)
        new.append(shipment)
        facts.extend(facts_of_it)
        wanted.update((package_id, shipment.id) for package_id in draft.package_ids)
    if len(wanted) < sum(len(draft.package_ids) for draft in drafts):
        raise PackageTaken("A package stands in two shipments.", field="package_ids")
    again, first = _wanted_labels(tx, wanted)
    store.insert(tx, new)
    store.update_labels(tx, again)
    store.insert_labels(tx, first)
    journal.record(tx, facts)
    return new


def void(tx: Tx, shipment_ids: Sequence[Id]) -> list[Shipment]:
    """Shipments that did not leave are given up; each label they bought is told as unwanted."""
    before = _locked(tx, shipment_ids)
    labels = _labels(tx, before)
    steps = [rules.voided(shipment, labels[shipment.id]) for shipment in before]
    store.update(tx, [shipment for shipment, _ in steps])
    journal.record(tx, [fact for _, facts in steps for fact in facts])
    return [shipment for shipment, _ in steps]


def _wanted_labels(tx: Tx, wanted: dict[Id, Id]) -> tuple[list[Label], list[Label]]:
    """A label for each package: those asked for once more, and those for the first time."""
    known = {label.package_id: label for label in store.labels_of_packages(tx, list(wanted))}
    voided = {
        shipment.id
        for shipment in store.by_ids(tx, [label.shipment_id for label in known.values()])
        if shipment.status is Status.VOIDED
    }
    for label in known.values():
        settled = label.state in (LabelState.VOIDED, LabelState.REFUSED)
        if not settled or label.shipment_id not in voided:
            raise PackageTaken(
                "The package is in another shipment, or its label is not given back yet.",
                field="package_ids",
                package_id=label.package_id,
            )
    asked = [
        rules.asked(package_id, shipment_id, known.get(package_id), tx.now)
        for package_id, shipment_id in wanted.items()
    ]
    again = [label for label in asked if label.package_id in known]
    return again, [label for label in asked if label.package_id not in known]


# ------------------------------------------------------------------ labels


def label_bought(
    tx: Tx, package_id: Id, tracking_no: str, pdf: bytes, cost: Money
) -> Shipment | None:
    """The carrier sold a label. With the last one the shipment has left, and is returned.

    A repeat of what is settled already changes nothing. Tracking events that came before the
    last label was known count now, so that it may be returned further than shipped.
    """
    shipment, labels, label = _of_package(tx, package_id)
    if label.state is LabelState.BOUGHT and label.tracking_no == tracking_no:
        return None
    after, sold, facts = rules.bought(shipment, labels, package_id, tracking_no, cost, tx.now)
    store.update_labels(tx, [sold])
    store.keep_document(tx, package_id, pdf)
    left = after.status is Status.SHIPPED
    if left and (seen := [seen.event for seen in store.tracking_of(tx, [shipment.id])]):
        sold_labels = [sold if label.package_id == package_id else label for label in labels]
        after, more = rules.tracked(after, sold_labels, seen)
        facts = (*facts, *more)
    store.update(tx, [after])
    journal.record(tx, facts)
    return after if left else None


def label_refused(tx: Tx, package_id: Id, error: str) -> Shipment:
    """The carrier won't sell a label; a repeat changes nothing."""
    shipment, labels, label = _of_package(tx, package_id)
    if label.state is LabelState.REFUSED:
        return shipment
    after, denied, facts = rules.refused(shipment, labels, package_id, error, tx.now)
    store.update_labels(tx, [denied])
    store.update(tx, [after])
    journal.record(tx, facts)
    return after


def retry_labels(tx: Tx, shipment_ids: Sequence[Id]) -> list[Label]:
    """Refused labels are asked for again under new keys; returns those."""
    before = _locked(tx, shipment_ids)
    labels = _labels(tx, before)
    steps = [rules.retried(shipment, labels[shipment.id], tx.now) for shipment in before]
    again = [label for _, asked, _ in steps for label in asked]
    store.update_labels(tx, again)
    store.update(tx, [shipment for shipment, _, _ in steps])
    journal.record(tx, [fact for _, _, facts in steps for fact in facts])
    return again


def label_voided(tx: Tx, package_id: Id) -> Shipment:
    """The carrier took an unwanted label back; a repeat changes nothing."""
    return _given_up(tx, package_id, lambda s, label: rules.given_back(s, label, tx.now))


def label_kept(tx: Tx, package_id: Id, reason: str) -> Shipment:
    """The carrier won't take an unwanted label back; a repeat changes nothing."""
    return _given_up(tx, package_id, lambda s, label: rules.kept(s, label, reason, tx.now))


def unwanted(tx: Tx, package_id: Id, tracking_no: str) -> Shipment | None:
    """The voided shipment that this label was bought for; None once it has been given back.

    The package may have another label by then: that one is wanted.
    """
    labels = store.labels_of_packages(tx, [package_id])
    if not labels or (labels[0].state, labels[0].tracking_no) != (LabelState.BOUGHT, tracking_no):
        return None
    shipment = store.by_ids(tx, [labels[0].shipment_id])[0]
    return shipment if shipment.status is Status.VOIDED else None


def _given_up(
    tx: Tx,
    package_id: Id,
    decide: Callable[[Shipment, Label], tuple[Shipment, Label, tuple[Fact, ...]]],
) -> Shipment:
    shipment, _, label = _of_package(tx, package_id)
    if label.state is LabelState.VOIDED:
        return shipment
    after, back, facts = decide(shipment, label)
    store.update_labels(tx, [back])
    store.update(tx, [after])
    journal.record(tx, facts)
    return after


# ------------------------------------------------------------------ tracking


def by_tracking(
    tx: Tx, tracking_nos: Sequence[str], at: Collection[Id] | None = None
) -> list[Shipment]:
    """The shipments that these tracking numbers belong to; unknown numbers are left out.

    So are shipments from other locations than these; None: any will do.
    """
    labels = store.labels_by_tracking(tx, tracking_nos, at)
    return store.by_ids(tx, sorted({label.shipment_id for label in labels}))


def track(tx: Tx, events: Sequence[TrackingEvent], at: Collection[Id] | None = None) -> Tracked:
    """Keeps what carriers said, each thing once, and moves shipments by it.

    However often and in whatever order events come, the result is the same. Events of unknown
    tracking numbers, and of other locations than these (None: of none), are given back.
    """
    owners = {
        label.tracking_no: label.shipment_id
        for label in store.labels_by_tracking(tx, [event.tracking_no for event in events], at)
    }
    shipments = store.lock(tx, sorted(set(owners.values())))
    labels = _labels(tx, shipments)
    known: dict[Id, dict[str, TrackingEvent]] = {shipment.id: {} for shipment in shipments}
    for seen in store.tracking_of(tx, list(known)):
        known[seen.shipment_id][seen.event.event_id] = seen.event
    fresh = _fresh(events, owners, known)
    store.insert_tracking(tx, [(id, event) for id, new in fresh.items() for event in new])
    changes: list[Change] = []
    packages: list[PackageChange] = []
    facts: list[Fact] = []
    for shipment in shipments:
        before, new = list(known[shipment.id].values()), fresh[shipment.id]
        if shipment.status in STAGE and new:
            after, told_of_it = rules.tracked(shipment, labels[shipment.id], [*before, *new])
            changes.append(Change(after, shipment.status, after.status))
            packages += rules.package_changes(labels[shipment.id], before, [*before, *new])
            facts += told_of_it
    store.update(tx, [change.shipment for change in changes])
    journal.record(tx, facts)
    return Tracked(
        tuple(change for change in changes if change.old is not change.new),
        tuple(packages),
        tuple(event for event in events if event.tracking_no not in owners),
    )


def _fresh(
    events: Sequence[TrackingEvent],
    owners: dict[str, Id],
    known: dict[Id, dict[str, TrackingEvent]],
) -> dict[Id, list[TrackingEvent]]:
    """Events not kept yet, by shipment; of repeats within one call the first."""
    fresh: dict[Id, dict[str, TrackingEvent]] = {id: {} for id in known}
    for event in events:
        owner = owners.get(event.tracking_no)
        if owner is not None and event.event_id not in known[owner]:
            fresh[owner].setdefault(event.event_id, event)
    return {id: list(by_key.values()) for id, by_key in fresh.items()}


# ------------------------------------------------------------------ rate cards


def save_rate_cards(tx: Tx, cards: Sequence[RateCard]) -> None:
    """Each card replaces the one of its carrier and service."""
    if not cards:
        return
    if len({(card.carrier, card.service) for card in cards}) < len(cards):
        raise RateCardInvalid("A service of a carrier has one card.", field="service")
    saved = store.save_rate_cards(tx, cards)
    journal.record(
        tx,
        [
            told.RateCardSaved(
                saved[card.carrier, card.service],
                card.carrier,
                card.service,
                card.currency,
                card.active,
            )
            for card in cards
        ],
    )


# ------------------------------------------------------------------ verify


def verify(tx: Tx) -> list[Check]:
    """The module's invariants, with rows looked at and what fails."""
    return [*store.checks(tx), _tracking_check(tx)]


def _tracking_check(tx: Tx) -> Check:
    rows, wrong, after = 0, [], Id(int=0)
    while page := store.carried(tx, after, _CHECKED_AT_ONCE):
        rows, after = rows + len(page), page[-1].id
        labels = _labels(tx, page)
        seen: dict[Id, list[TrackingEvent]] = {shipment.id: [] for shipment in page}
        for one in store.tracking_of(tx, list(seen)):
            seen[one.shipment_id].append(one.event)
        wrong += [
            shipment.number
            for shipment in page
            if rules.tracked(shipment, labels[shipment.id], seen[shipment.id])[0] != shipment
        ]
    return Check("a shipment is where its tracking events say", rows, tuple(wrong))


# ------------------------------------------------------------------ shared


def _locked(tx: Tx, shipment_ids: Sequence[Id]) -> list[Shipment]:
    found = store.lock(tx, shipment_ids)
    if len(found) < len(set(shipment_ids)):
        unknown = sorted(set(shipment_ids) - {shipment.id for shipment in found})
        raise ShipmentNotFound("No shipment has this id.", ids=unknown)
    return found


def _labels(tx: Tx, shipments: Sequence[Shipment]) -> dict[Id, list[Label]]:
    labels: dict[Id, list[Label]] = {shipment.id: [] for shipment in shipments}
    for label in store.labels_of(tx, list(labels)):
        labels[label.shipment_id].append(label)
    return labels


def _of_package(tx: Tx, package_id: Id) -> tuple[Shipment, list[Label], Label]:
    """A package's shipment, locked, with all its labels, and the label of this package."""
    found = store.labels_of_packages(tx, [package_id])
    if not found:
        raise LabelNotFound("No label was asked for this package.", package_id=package_id)
    shipment = _locked(tx, [found[0].shipment_id])[0]
    labels = store.labels_of(tx, [shipment.id])
    return shipment, labels, next(label for label in labels if label.package_id == package_id)
