"""Shipments on the database: labels, tracking, races, rate cards; what `verify` notices."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from baton import shipping
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx
from baton.shipping.errors import (
    IllegalAction,
    LabelNotFound,
    LabelSettled,
    PackageTaken,
    RateCardInvalid,
    ShipmentNotFound,
)
from baton.shipping.model import (
    Draft,
    Label,
    LabelState,
    Method,
    RateCard,
    Shipment,
    Status,
    Tracked,
    Zone,
)
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.values.errors import BatonError
from baton.values.ids import Id
from baton.values.money import Money

PDF = b"%PDF-1.7 a label"
PRICE = Money(450, "EUR")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
Code = TrackingCode


def draft(packages: int = 1, *, order_id: Id | None = None, method: Method = Method.SHIP) -> Draft:
    return Draft(
        order_id or ids.fresh(),
        ids.order_number(),
        1,
        method,
        "EUR",
        ((1, 2), (4, 1)),
        fulfillment_order_id=ids.fresh(),
        location_id=ids.fresh(),
        carrier="flat_rate" if method is Method.SHIP else "",
        service="standard",
        package_ids=tuple(ids.fresh() for _ in range(packages if method is Method.SHIP else 0)),
        occurred_at=START if method is Method.HISTORY else None,
    )


def opened(tx: Tx, packages: int = 1) -> tuple[Shipment, list[Label]]:
    shipment = shipping.open_shipments(tx, [draft(packages)])[0]
    return shipment, shipping.labels_of(tx, [shipment.id])


def bought(tx: Tx, label: Label) -> Shipment | None:
    return shipping.label_bought(tx, label.package_id, number(label), PDF, PRICE)


def number(label: Label) -> str:
    return f"T{label.package_id.hex}"


def shipped(tx: Tx, packages: int = 1) -> tuple[Shipment, list[Label]]:
    shipment, labels = opened(tx, packages)
    for label in labels:
        bought(tx, label)
    return one(tx, shipment.id), shipping.labels_of(tx, [shipment.id])


def one(tx: Tx, shipment_id: Id) -> Shipment:
    return shipping.by_ids(tx, [shipment_id])[0]


def said(label: Label, code: TrackingCode, hour: int) -> TrackingEvent:
    at = START + timedelta(hours=hour)
    return TrackingEvent(f"{code}-{hour}", number(label), code, at, "Leipzig", "a scan")


def facts(tx: Tx, shipment: Shipment) -> list[str]:
    return [entry.fact for entry in journal.timeline(tx, [shipment.order_id])]


def sound(tx: Tx) -> dict[str, int]:
    """Rows that `verify` looked at, none of them failing."""
    checks = shipping.verify(tx)
    assert [c for c in checks if c.failures] == []
    return {c.name: c.rows for c in checks}


def raced(db: Database, caller: Caller, racers: Sequence[Callable[[Tx], object]]) -> list[object]:
    """What each racer got, or its refusal, when all of them start at the same moment."""
    barrier = threading.Barrier(len(racers))
    results: dict[int, object] = {}

    def race(place: int) -> None:
        try:
            with db.transaction(caller) as tx:
                barrier.wait(20)
                results[place] = racers[place](tx)
        except BatonError as refusal:
            results[place] = refusal

    threads = [threading.Thread(target=race, args=(n,)) for n in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [results[place] for place in range(len(racers))]


# ------------------------------------------------------------------ labels


def test_a_shipment_leaves_with_its_last_label(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        wanted = draft(2)
        shipment = shipping.open_shipments(tx, [wanted])[0]
        assert one(tx, shipment.id) == shipment
        labels = shipping.labels_of(tx, [shipment.id])
        assert [label.package_id for label in labels] == list(wanted.package_ids)
        assert {label.state for label in labels} == {LabelState.REQUESTED}
        assert shipping.document(tx, labels[0].package_id) is None
    with db.transaction(caller) as tx:
        assert bought(tx, labels[1]) is None
    with db.transaction(caller) as tx:
        left = bought(tx, labels[0])
        assert left is not None
        assert (left.status, left.shipped_at, left.cost) == ("shipped", tx.now, Money(900, "EUR"))
        assert left.tracking_no == number(labels[0])
    with db.transaction(caller) as tx:
        assert one(tx, shipment.id) == left
        assert shipping.document(tx, labels[1].package_id) == PDF
        assert shipping.of_orders(tx, [wanted.order_id]) == [left]
        assert wanted.fulfillment_order_id is not None
        assert shipping.by_fulfillment_orders(tx, [wanted.fulfillment_order_id]) == [left]
        told = journal.timeline(tx, [wanted.order_id])
        assert [entry.fact.partition(".")[2] for entry in told] == [
            "shipment_opened",
            "label_bought",
            "label_bought",
            "shipped",
        ]
        assert told[-1].data["units"] == [[1, 2], [4, 1]]
        sound(tx)


def test_a_repeated_settlement_changes_nothing_and_another_is_refused(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = shipped(tx)
        before = facts(tx, shipment)
        assert bought(tx, labels[0]) is None
        assert facts(tx, shipment) == before
        with pytest.raises(LabelSettled):
            shipping.label_bought(tx, labels[0].package_id, "ANOTHER", PDF, PRICE)
        with pytest.raises(LabelSettled):
            shipping.label_refused(tx, labels[0].package_id, "no")
        with pytest.raises(LabelNotFound):
            shipping.label_bought(tx, ids.fresh(), "T", PDF, PRICE)
        with pytest.raises(ShipmentNotFound):
            shipping.void(tx, [ids.fresh()])
        assert one(tx, shipment.id) == shipment


def test_a_refused_label_waits_for_a_person_and_is_bought_under_its_next_key(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = opened(tx, 2)
        bought(tx, labels[0])
        failed = shipping.label_refused(tx, labels[1].package_id, "no such street")
        assert shipping.label_refused(tx, labels[1].package_id, "no such street") == failed
        assert failed.status is Status.LABEL_FAILED
        assert shipping.labels_of_packages(tx, [labels[1].package_id])[0].error == "no such street"
        assert shipping.legal_actions(failed) == ["retry_labels", "void"]
        sound(tx)
    with db.transaction(caller) as tx:
        again = shipping.retry_labels(tx, [shipment.id])
        assert [label.key for label in again] == [f"{labels[1].package_id}/2"]
        assert again == shipping.labels_of_packages(tx, [labels[1].package_id])
        with pytest.raises(IllegalAction):
            shipping.retry_labels(tx, [shipment.id])
        assert bought(tx, again[0]) is not None
        sound(tx)


def test_labels_that_nobody_settled_are_found(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        _, labels = opened(tx, 2)
        bought(tx, labels[0])
    with db.transaction(caller) as tx:
        found = shipping.requested_labels(tx, tx.now, 10)
        assert [label.package_id for label in found] == [labels[1].package_id]
        assert shipping.requested_labels(tx, tx.now - timedelta(hours=1), 10) == []


def test_a_voided_shipment_gives_its_labels_back_and_frees_its_packages(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        wanted = draft(2)
        shipment = shipping.open_shipments(tx, [wanted])[0]
        labels = shipping.labels_of(tx, [shipment.id])
        bought(tx, labels[0])
        assert shipping.void(tx, [shipment.id])[0].status is Status.VOIDED
        with pytest.raises(IllegalAction):
            shipping.void(tx, [shipment.id])
        assert bought(tx, labels[1]) is None  # its answer came late
        unwanted = [label.package_id for label in shipping.unwanted_labels(tx, 10)]
        assert unwanted == [label.package_id for label in labels]
        with pytest.raises(PackageTaken):
            shipping.open_shipments(tx, [replace(wanted)])
        sound(tx)
    with db.transaction(caller) as tx:
        for label in labels:
            shipping.label_voided(tx, label.package_id)
            shipping.label_voided(tx, label.package_id)
        assert one(tx, shipment.id).cost == Money(0, "EUR")
        assert shipping.unwanted_labels(tx, 10) == []
        assert facts(tx, shipment).count("shipping.label_unwanted") == 2
        assert facts(tx, shipment).count("shipping.label_voided") == 2
        sound(tx)
        second = shipping.open_shipments(tx, [wanted])[0]
        keys = [label.key for label in shipping.labels_of(tx, [second.id])]
        assert keys == [f"{label.package_id}/2" for label in labels]
        assert second.number.endswith("-S2")
        assert shipping.document(tx, labels[0].package_id) is None
        sound(tx)


def test_a_package_is_in_one_shipment(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        wanted = draft()
        shipping.open_shipments(tx, [wanted])
        with pytest.raises(PackageTaken):
            shipping.open_shipments(tx, [wanted])
        failed, labels = opened(tx)
        shipping.label_refused(tx, labels[0].package_id, "no")
        with pytest.raises(PackageTaken):  # its shipment can still be retried
            shipping.open_shipments(tx, [replace(draft(), package_ids=(labels[0].package_id,))])
        assert one(tx, failed.id).status is Status.LABEL_FAILED
        twice = draft()
        with pytest.raises(PackageTaken):
            shipping.open_shipments(tx, [twice, twice])
        assert len(shipping.of_orders(tx, [wanted.order_id, twice.order_id])) == 1


def test_pick_ups_and_history_left_without_labels(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        many = [draft(method=Method.HISTORY) for _ in range(30)]
        made = shipping.open_shipments(tx, [draft(method=Method.PICKUP), *many])
        assert [s.status for s in made[:2]] == [Status.DELIVERED, Status.SHIPPED]
        assert made[1].shipped_at == START
        assert facts(tx, made[0]) == ["shipping.shipped", "shipping.delivered"]
        assert shipping.by_ids(tx, [s.id for s in made]) == made
        sound(tx)


# ------------------------------------------------------------------ tracking


def test_events_move_a_shipment_once_however_often_they_come(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = shipped(tx)
        way = [said(labels[0], Code.PICKED_UP, 1), said(labels[0], Code.OUT_FOR_DELIVERY, 5)]
        first = shipping.track(tx, [*way, *way])
        assert [(c.old, c.new) for c in first.changes] == [("shipped", "out_for_delivery")]
    with db.transaction(caller) as tx:
        assert shipping.track(tx, way).changes == ()
        late = shipping.track(tx, [said(labels[0], Code.EXCEPTION, 3)])
        assert late.changes == ()
        done = shipping.track(tx, [said(labels[0], Code.DELIVERED, 8)])
        assert done.changes[0].shipment == one(tx, shipment.id)
        assert one(tx, shipment.id).delivered_at == START + timedelta(hours=8)
        timeline = shipping.tracking_of(tx, [shipment.id])
        assert [seen.event.code for seen in timeline] == [
            Code.PICKED_UP,
            Code.EXCEPTION,
            Code.OUT_FOR_DELIVERY,
            Code.DELIVERED,
        ]
        assert timeline[0].event == way[0]
        assert facts(tx, shipment)[3:] == ["shipping.out_for_delivery", "shipping.delivered"]
        sound(tx)


def test_every_order_of_arrival_ends_the_same(db: Database, caller: Caller) -> None:
    codes = [(Code.PICKED_UP, 1), (Code.EXCEPTION, 2), (Code.LOST, 3), (Code.DELIVERED, 4)]
    ends = set()
    with db.transaction(caller) as tx:
        for arrival in itertools.permutations(codes):
            shipment, labels = shipped(tx)
            for code, hour in arrival:
                shipping.track(tx, [said(labels[0], code, hour)])
            end = one(tx, shipment.id)
            ends.add((end.status, end.tracking_seen_at, end.delivered_at))
        assert ends == {(Status.DELIVERED, START + timedelta(hours=4), START + timedelta(hours=4))}
        sound(tx)


def test_an_unknown_number_is_given_back(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        _, labels = shipped(tx)
        stray = TrackingEvent("x", "NOBODY", Code.DELIVERED, START, "", "")
        nameless = TrackingEvent("y", "", Code.DELIVERED, START, "", "")
        outcome = shipping.track(tx, [stray, said(labels[0], Code.IN_TRANSIT, 1), nameless])
        assert outcome.unknown == (stray, nameless)
        assert len(outcome.changes) == 1
        assert shipping.by_tracking(tx, ["NOBODY", number(labels[0])])[0].status == "in_transit"


def test_what_the_carrier_saw_before_the_last_label_counts_with_it(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = opened(tx, 2)
        bought(tx, labels[0])
        assert shipping.track(tx, [said(labels[0], Code.PICKED_UP, 1)]).changes == ()
        assert one(tx, shipment.id).status is Status.LABELLING
        left = bought(tx, labels[1])
        assert left is not None
        assert left.status is Status.IN_TRANSIT
        assert facts(tx, shipment)[-2:] == ["shipping.shipped", "shipping.in_transit"]
        assert one(tx, shipment.id) == left
        sound(tx)


def test_two_parcels_are_told_apart(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = shipped(tx, 2)
        first = shipping.track(tx, [said(labels[0], Code.DELIVERED, 1)])
        assert [(c.old, c.new) for c in first.changes] == [("shipped", "in_transit")]
        assert [(p.package_id, p.new) for p in first.packages] == [
            (labels[0].package_id, Status.DELIVERED)
        ]
        both = shipping.track(tx, [said(labels[1], Code.DELIVERED, 2)])
        assert [(c.old, c.new) for c in both.changes] == [("in_transit", "delivered")]
        assert one(tx, shipment.id).delivered_at == START + timedelta(hours=2)
        sound(tx)


def test_a_number_used_again_belongs_to_the_newer_shipment(db: Database, caller: Caller) -> None:
    made = []
    for _ in range(2):
        with db.transaction(caller) as tx:
            shipment, labels = opened(tx)
            shipping.label_bought(tx, labels[0].package_id, "REUSED", PDF, PRICE)
            made.append(shipment.id)
    with db.transaction(caller) as tx:
        event = TrackingEvent("e", "REUSED", Code.DELIVERED, START, "", "")
        assert [c.shipment.id for c in shipping.track(tx, [event]).changes] == made[1:]
        assert one(tx, made[0]).status is Status.SHIPPED


# ------------------------------------------------------------------ races


@pytest.mark.parametrize("attempt", range(6))
def test_voiding_and_the_carriers_answer_have_one_outcome(
    db: Database, caller: Caller, attempt: int
) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = opened(tx)
    racers: list[Callable[[Tx], object]] = [
        lambda tx: bought(tx, labels[0]),
        lambda tx: shipping.void(tx, [shipment.id]),
    ]
    raced(db, caller, racers if attempt % 2 else racers[::-1])
    with db.transaction(caller) as tx:
        end = one(tx, shipment.id).status
        assert end in (Status.SHIPPED, Status.VOIDED)
        unwanted = [label.package_id for label in shipping.unwanted_labels(tx, 10)]
        assert unwanted == ([labels[0].package_id] if end is Status.VOIDED else [])
        assert facts(tx, shipment).count("shipping.shipped") == (end is Status.SHIPPED)
        sound(tx)


def test_two_workers_with_the_same_answer_ship_once(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = opened(tx, 2)
    racers: list[Callable[[Tx], object]] = [
        lambda tx, label=label: bought(tx, label)  # type: ignore[misc]
        for label in labels * 3
    ]
    results = raced(db, caller, racers)
    assert sum(result is not None for result in results) == 1
    with db.transaction(caller) as tx:
        assert facts(tx, shipment).count("shipping.shipped") == 1
        assert one(tx, shipment.id).cost == Money(900, "EUR")


def test_events_from_many_sides_at_once_are_kept_once(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = shipped(tx)
    way = [said(labels[0], Code.PICKED_UP, 1), said(labels[0], Code.DELIVERED, 2)]
    racers: list[Callable[[Tx], object]] = [
        lambda tx: shipping.track(tx, way),
        lambda tx: shipping.track(tx, way[::-1]),
    ]
    results = raced(db, caller, racers * 3)
    changed = [result for result in results if isinstance(result, Tracked) and result.changes]
    assert len(changed) == 1
    with db.transaction(caller) as tx:
        assert len(shipping.tracking_of(tx, [shipment.id])) == 2
        assert facts(tx, shipment).count("shipping.delivered") == 1
        sound(tx)


def test_another_tenant_sees_and_changes_nothing(
    db: Database, caller: Caller, new_tenant: Callable[[], int]
) -> None:
    with db.transaction(caller) as tx:
        shipment, labels = shipped(tx)
        shipping.save_rate_cards(tx, [CARD])
    with db.transaction(Caller(new_tenant(), "test")) as tx:
        assert shipping.by_ids(tx, [shipment.id]) == []
        assert shipping.labels_of(tx, [shipment.id]) == []
        assert shipping.document(tx, labels[0].package_id) is None
        assert shipping.track(tx, [said(labels[0], Code.DELIVERED, 1)]).changes == ()
        assert shipping.rate_cards(tx) == []


# ------------------------------------------------------------------ rate cards


CARD = RateCard(
    carrier="flat_rate",
    service="standard",
    name="Standard",
    currency="EUR",
    zones=(Zone(100, 1, 1), Zone(None, 2, 4)),
    brackets_g=(1000, 5000, 31500),
    prices=((390, 590, 890), (790, 990, 1490)),
)


def test_a_rate_card_replaces_the_one_of_its_service(db: Database, caller: Caller) -> None:
    express = replace(CARD, service="express", brackets_g=(500,), prices=((990,), (1490,)))
    with db.transaction(caller) as tx:
        shipping.save_rate_cards(tx, [CARD, express])
        assert shipping.rate_cards(tx) == [express, CARD]
    with db.transaction(caller) as tx:
        retired = replace(CARD, active=False, name="Old")
        shipping.save_rate_cards(tx, [retired])
        assert shipping.rate_cards(tx) == [express, retired]
        with pytest.raises(RateCardInvalid):
            shipping.save_rate_cards(tx, [CARD, retired])


# ------------------------------------------------------------------ what verify notices


TAMPERINGS = {
    "a label has a number": "update shipping.labels set document = null",
    "a shipment's status is what its labels": "update shipping.labels set state = 'refused'",
    "a shipment costs": "update shipping.shipments set cost_minor = cost_minor + 1",
    "a shipment has lines": "delete from shipping.shipment_lines",
    "no line, label or event": "delete from shipping.shipments where status = 'in_transit'",
    "a shipment is where": "update shipping.shipments set status = 'lost' where method = 'ship'",
}


@pytest.mark.parametrize("check", TAMPERINGS)
def test_verify_notices_rows_altered_by_hand(new_database: Callable[[], str], check: str) -> None:
    dsn = new_database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into access.tenants (id, handle, name, created_at)"
            " values (1, 'one', 'Test', now())"
        )
    db = Database(dsn, size=2)
    db.open()
    try:
        with db.transaction(Caller(1, "test")) as tx:
            journal.open_head(tx)
            _, labels = shipped(tx, 2)
            shipping.track(tx, [said(labels[0], Code.IN_TRANSIT, 1)])
            shipping.open_shipments(tx, [draft(method=Method.PICKUP)])
            assert min(sound(tx).values()) > 0
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("select set_config('baton.tenant', '1', false)")
            connection.execute(TAMPERINGS[check])
        with db.transaction(Caller(1, "test")) as tx:
            failing = [c.name for c in shipping.verify(tx) if c.failures]
        assert any(name.startswith(check) for name in failing)
    finally:
        db.close()
