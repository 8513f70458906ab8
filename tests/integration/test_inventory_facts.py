"""Receipts, counts, sales, damage, shipments, short picks: recorded, never refused."""

from __future__ import annotations

import pytest
from inventory_shop import AT, Shop

from baton import inventory
from baton.inventory import NOWHERE, Consume, DocumentKind, DocumentState, Give, Missing
from baton.inventory.errors import LevelChanged, LevelUnknown
from baton.platform import ids
from baton.platform.db import Caller, Database, Tx

K = DocumentKind


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    return Shop(db, caller)


# ── documents ──────────────────────────────────────────────────────────────────────────────


def test_a_receipt_makes_level_and_area(shop: Shop) -> None:
    sku = shop.sku()
    document = shop.record(K.RECEIPT, sku, 7, reference="ASN-1")
    assert shop.figures(sku) == (7, 0, 0, 0)
    assert shop.area_figures(sku) == (7, 7, 0, 0)
    [stored] = shop.run(inventory.documents, [document])
    assert (stored.kind, stored.state, stored.reference) == (
        K.RECEIPT,
        DocumentState.RECORDED,
        "ASN-1",
    )
    assert [(line.sku_id, line.quantity) for line in stored.lines] == [(sku, 7)]
    [move] = shop.run(inventory.movements, sku, shop.store)
    assert (move.kind, move.on_hand, move.document_id) == ("receive", 7, document)
    assert (move.actor, move.occurred_at) == ("test", AT)
    [fact] = shop.facts(document)
    assert (fact.fact, fact.data["kind"], fact.data["lines"]) == (
        "inventory.recorded",
        "receipt",
        1,
    )
    shop.verify()


def test_the_same_reference_is_recorded_once(shop: Shop) -> None:
    sku = shop.sku()
    first = shop.record(K.RECEIPT, sku, 7, reference="ASN-1")
    assert shop.record(K.RECEIPT, sku, 7, reference="ASN-1") == first
    assert shop.record(K.SALE, sku, 2, reference="ASN-1") != first  # another kind, another fact
    assert shop.figures(sku) == (5, 0, 0, 0)
    shop.verify()


def test_the_same_document_is_recorded_once(shop: Shop) -> None:
    sku = shop.sku()
    document = shop.document(K.RECEIPT, {sku: 7})
    twin = shop.document(K.RECEIPT, {sku: 7}, reference="R")
    again = shop.document(K.RECEIPT, {sku: 7}, reference="R")
    batch = [document, document, twin, again]
    expected = [document.id, document.id, twin.id, twin.id]
    assert shop.run(inventory.record, batch) == expected
    assert shop.run(inventory.record, batch) == expected
    assert shop.figures(sku) == (14, 0, 0, 0)
    shop.verify()


def test_documents_without_a_reference_are_all_recorded(shop: Shop) -> None:
    sku = shop.sku()
    for _ in range(3):
        shop.record(K.RECEIPT, sku, 1)
    assert shop.figures(sku) == (3, 0, 0, 0)


def test_history_is_kept_and_moves_nothing(shop: Shop) -> None:
    sku = shop.sku(store=5)
    document = shop.record(K.WRITE_OFF, sku, 3, reference="H", history=True)
    assert shop.record(K.WRITE_OFF, sku, 3, reference="H", history=True) == document
    assert shop.figures(sku) == (5, 0, 0, 0)
    [stored] = shop.run(inventory.documents, [document])
    assert stored.state is DocumentState.HISTORY
    assert stored.lines[0].quantity == 3
    unknown = shop.sku()
    shop.record(K.RECEIPT, unknown, 3, history=True)
    assert shop.run(inventory.levels, [unknown]) == []
    shop.verify()


def test_an_adjustment_is_refused_if_the_level_changed(shop: Shop) -> None:
    sku = shop.sku(store=5)
    shop.record(K.ADJUSTMENT, sku, -2, expected=5)
    with pytest.raises(LevelChanged):
        shop.record(K.ADJUSTMENT, sku, -2, expected=5, reference="again")
    assert shop.figures(sku) == (3, 0, 0, 0)
    shop.record(K.ADJUSTMENT, sku, 4, reference="again")  # nothing was written under that name
    assert shop.figures(sku) == (7, 0, 0, 0)
    shop.verify()


def test_damage_and_loss_take_units_from_sale(shop: Shop) -> None:
    sku = shop.sku(store=9)
    shop.record(K.DAMAGE, sku, 2)
    shop.record(K.MISSING, sku, 3)
    assert shop.figures(sku) == (9, 5, 0, 0)
    assert shop.area_figures(sku) == (4, 4, 0, 0)
    shop.record(K.FOUND, sku, 1)
    assert shop.figures(sku) == (9, 4, 0, 0)
    shop.record(K.WRITE_OFF, sku, 2)
    assert shop.figures(sku) == (7, 2, 0, 0)
    shop.verify()


def test_a_count_settles_what_is_missing_and_its_task(shop: Shop) -> None:
    sku = shop.sku(store=9)
    shop.record(K.DAMAGE, sku, 1)
    shop.record(K.MISSING, sku, 3)
    [task] = shop.run(inventory.open_count_tasks, [shop.store])
    assert (task.sku_id, task.location_id, task.cause) == (sku, shop.store, "missing")
    count = shop.record(K.COUNT, sku, 7)  # one of the three turned up
    assert shop.figures(sku) == (7, 1, 0, 0)
    assert shop.run(inventory.open_count_tasks, [shop.store]) == []
    [stored] = shop.run(inventory.documents, [count])
    assert stored.lines[0].expected == 9
    shop.record(K.MISSING, sku, 1)
    shop.record(K.COUNT, sku, 7)
    assert shop.figures(sku) == (7, 1, 0, 0)
    shop.verify()


def test_a_count_does_not_undo_what_was_shipped_meanwhile(shop: Shop) -> None:
    sku = shop.sku(store=9)
    order = shop.sold(sku, 2, at=shop.store)
    shop.ship(order, sku, 2, shop.store)
    shop.record(K.COUNT, sku, 8, expected=9)
    assert shop.figures(sku) == (6, 0, 0, 0)
    shop.verify()


def test_a_count_that_finds_fewer_damaged_units_writes_the_others_off(shop: Shop) -> None:
    sku = shop.sku(store=9)
    shop.record(K.DAMAGE, sku, 4)
    shop.record(K.COUNT, sku, 1)
    assert shop.figures(sku) == (1, 1, 0, 0)
    shop.record(K.RECEIPT, sku, 5)
    assert shop.area_figures(sku) == (5, 5, 0, 0)
    shop.verify()


def test_a_sale_of_more_than_there_is_goes_below_zero(shop: Shop) -> None:
    sku = shop.sku(store=2)
    shop.record(K.SALE, sku, 5)
    assert shop.figures(sku) == (-3, 0, 0, 0)
    assert shop.area_figures(sku) == (0, 0, 0, 0)
    shop.record(K.RECEIPT, sku, 10)
    assert shop.area_figures(sku) == (7, 7, 0, 0)
    shop.verify()


def test_documents_are_listed_newest_first(shop: Shop) -> None:
    sku = shop.sku()
    made = [shop.record(K.SALE, sku, n) for n in (1, 2, 3)]
    shop.record(K.DAMAGE, sku, 1)
    page = shop.run(inventory.recent_documents, K.SALE, limit=2)
    assert [document.id for document in page] == [made[2], made[1]]
    last = page[-1]
    rest = shop.run(inventory.recent_documents, K.SALE, (last.recorded_at, last.id))
    assert [document.id for document in rest] == [made[0]]


def test_the_ledger_of_a_level_is_read_in_pages(shop: Shop) -> None:
    sku = shop.sku()
    for units in range(1, 6):
        shop.record(K.RECEIPT, sku, units)
    page = shop.run(inventory.movements, sku, shop.store, limit=3)
    last = page[-1]
    rest = shop.run(inventory.movements, sku, shop.store, (last.recorded_at, last.id))
    assert [move.on_hand for move in [*page, *rest]] == [5, 4, 3, 2, 1]


# ── shortages ──────────────────────────────────────────────────────────────────────────────


def test_what_a_count_takes_from_promises_is_short(shop: Shop) -> None:
    sku = shop.sku(store=5, depot=1)
    early = shop.sold(sku, 3, at=shop.store)
    late = shop.sold(sku, 2, at=shop.store)
    count = shop.record(K.COUNT, sku, 2)
    assert shop.figures(sku) == (2, 0, 5, 3)
    assert shop.area_figures(sku) == (3, 3, 5, 2)
    assert shop.shortages(sku) == {shop.store: 3, NOWHERE: 2}
    short = [fact.data for fact in shop.facts(count) if fact.fact == "inventory.went_short"]
    assert {(data["location_id"], data["units"], data["cause"]) for data in short} == {
        (str(shop.store), 3, "count"),
        (str(NOWHERE), 2, "count"),
    }
    at_store = next(
        row for row in shop.run(inventory.open_shortages) if row.location_id == shop.store
    )
    victims = shop.run(inventory.victims, at_store)
    assert [(row.owner_id, row.quantity) for row in victims] == [(late, 2), (early, 3)]
    shop.verify()


def test_a_shortage_of_a_level_closes_as_units_are_sent_elsewhere(shop: Shop) -> None:
    sku = shop.sku(store=5, depot=4)
    order = shop.sold(sku, 5, at=shop.store)
    shop.record(K.COUNT, sku, 2)
    assert shop.shortages(sku) == {shop.store: 3}  # the area has enough
    shop.deallocate(order, sku, 2, shop.store)
    assert shop.shortages(sku) == {shop.store: 1}
    shop.deallocate(order, sku, 1, shop.store)
    assert shop.shortages(sku) == {}
    assert shop.allocate(order, sku, 3, shop.depot) == 3
    shop.verify()


def test_a_shortage_of_an_area_closes_as_promises_are_given_up(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 5)
    shop.record(K.SALE, sku, 4)
    assert shop.shortages(sku) == {NOWHERE: 4}
    [shortage] = shop.run(inventory.open_shortages)
    assert [row.owner_id for row in shop.run(inventory.victims, shortage)] == [order]
    shop.free(order, sku, 3)
    assert shop.shortages(sku) == {NOWHERE: 1}
    shop.free(order, sku, 1)
    assert shop.shortages(sku) == {}
    shop.verify()


def test_a_shortage_closes_when_goods_come_in(shop: Shop) -> None:
    sku = shop.sku(store=5)
    shop.sold(sku, 5, at=shop.store)
    for left in (4, 2):
        shop.record(K.COUNT, sku, left)
    assert len(shop.run(inventory.open_shortages)) == 4
    shop.record(K.RECEIPT, sku, 2)
    rows = [row for row in shop.run(inventory.open_shortages) if row.location_id == shop.store]
    assert [(row.units, row.open_units) for row in rows] == [(2, 1)]  # the older one is closed
    shop.record(K.RECEIPT, sku, 9)
    assert shop.shortages(sku) == {}
    shop.verify()


def test_a_batch_that_takes_and_brings_is_short_of_the_difference(shop: Shop) -> None:
    sku = shop.sku(store=5)
    shop.sold(sku, 5)
    batch = [shop.document(K.SALE, {sku: 4}), shop.document(K.RECEIPT, {sku: 1})]
    shop.run(inventory.record, batch)
    [shortage] = shop.run(inventory.open_shortages)
    assert (shortage.units, shortage.document_id, shortage.cause) == (3, batch[0].id, "sale")
    shop.verify()


def test_nothing_is_sold_while_an_area_is_short(shop: Shop) -> None:
    sku = shop.sku(store=5)
    shop.sold(sku, 5)
    shop.record(K.COUNT, sku, 2)
    assert shop.reserve(sku, 1, whole=False).taken == ()
    shop.record(K.RECEIPT, sku, 4)
    assert not shop.reserve(sku, 2).accepted
    assert shop.reserve(sku, 1).accepted
    shop.verify()


# ── goods that leave ───────────────────────────────────────────────────────────────────────


def test_shipping_lowers_goods_and_promises(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 3, at=shop.store)
    assert shop.ship(order, sku, 2, shop.store) == 2
    assert shop.figures(sku) == (3, 0, 1, 0)
    assert shop.area_figures(sku) == (3, 3, 1, 0)
    assert shop.held(order) == {shop.store: 1}
    [move, _] = shop.run(inventory.movements, sku, shop.store)
    assert (move.kind, move.on_hand, move.document_kind, move.document_line) == (
        "ship",
        -2,
        "shipment",
        1,
    )
    shop.verify()


def test_a_shipment_is_consumed_once(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 3, at=shop.store)
    shipment = ids.fresh()
    assert shop.ship(order, sku, 2, shop.store, shipment) == 2
    assert shop.ship(order, sku, 2, shop.store, shipment) == 0
    assert shop.figures(sku) == (3, 0, 1, 0)
    shop.verify()


def test_the_same_units_twice_in_one_call_are_added_up(shop: Shop) -> None:
    sku = shop.sku(store=9)
    order = shop.sold(sku, 5, at=shop.store)
    one = Consume(order, 1, sku, shop.store, 2)
    shipped = shop.run(inventory.consume, [one, one], "shipment", ids.fresh(), AT)
    assert shipped == [2, 2]
    assert shop.figures(sku) == (5, 0, 1, 0)
    shop.verify()


def test_units_of_a_short_level_can_be_shipped_all_the_same(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 5, at=shop.store)
    shop.record(K.COUNT, sku, 3)
    assert shop.ship(order, sku, 5, shop.store) == 5
    assert shop.figures(sku) == (-2, 0, 0, 0)
    assert shop.area_figures(sku) == (0, 0, 0, 0)
    assert shop.shortages(sku) == {}
    shop.verify()


def test_what_left_without_a_promise_leaves_others_short(shop: Shop) -> None:
    """A recall came too late: the order had given its units up, and others had got them."""
    sku = shop.sku(store=5)
    recalled = shop.sold(sku, 3, at=shop.store)
    shop.free(recalled, sku, 3, shop.store)
    shop.sold(sku, 4, at=shop.store)
    assert shop.ship(recalled, sku, 3, shop.store) == 0
    assert shop.figures(sku) == (2, 0, 4, 2)
    assert shop.shortages(sku) == {shop.store: 2, NOWHERE: 2}
    shop.verify()


def test_a_parcel_with_several_lines_and_orders(shop: Shop) -> None:
    shirt, shoe = shop.sku(store=5), shop.sku(store=5)
    basket = shop.basket({shirt: 2, shoe: 1}, at=shop.store)
    shop.run(inventory.reserve, [basket])
    other = shop.sold(shirt, 1, at=shop.store)
    consumed = [
        Consume(basket.owner_id, 1, shirt, shop.store, 2),
        Consume(basket.owner_id, 2, shoe, shop.store, 1),
        Consume(other, 1, shirt, shop.store, 1),
    ]
    assert shop.run(inventory.consume, consumed, "shipment", ids.fresh(), AT) == [2, 1, 1]
    assert shop.figures(shirt) == (2, 0, 0, 0)
    assert shop.figures(shoe) == (4, 0, 0, 0)
    shop.verify()


def test_what_never_was_there_can_not_have_left(shop: Shop) -> None:
    with pytest.raises(LevelUnknown):
        shop.ship(ids.fresh(), shop.sku(), 1, shop.store)


# ── short picks ────────────────────────────────────────────────────────────────────────────


def test_nobody_is_promised_what_a_picker_did_not_find(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 3, at=shop.store)
    missing = [Missing(order, 1, sku, shop.store, 2)]
    report = ids.fresh()
    assert shop.run(inventory.report_missing, missing, report, "short pick") == [2]
    assert shop.figures(sku) == (5, 2, 1, 0)
    assert shop.area_figures(sku) == (3, 3, 1, 0)
    assert shop.held(order) == {shop.store: 1}
    [task] = shop.run(inventory.open_count_tasks, [shop.store])
    assert task.cause == "short pick"
    [fact] = shop.facts(task.id)
    assert fact.fact == "inventory.count_wanted"
    assert not shop.reserve(sku, 3).accepted
    shop.verify()


def test_a_short_pick_is_reported_once(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 3, at=shop.store)
    missing, report = [Missing(order, 1, sku, shop.store, 2)], ids.fresh()
    for promised in ([2], [0]):
        assert shop.run(inventory.report_missing, missing, report, "short pick") == promised
    assert shop.figures(sku) == (5, 2, 1, 0)
    shop.record(K.COUNT, sku, 3)
    shop.run(inventory.report_missing, missing, report, "short pick")
    assert shop.run(inventory.open_count_tasks, [shop.store]) == []
    shop.verify()


def test_two_short_picks_open_one_count(shop: Shop) -> None:
    sku = shop.sku(store=5)
    for _ in range(2):
        order = shop.sold(sku, 1, at=shop.store)
        missing = [Missing(order, 1, sku, shop.store, 1)]
        shop.run(inventory.report_missing, missing, ids.fresh(), "short pick")
    [task] = shop.run(inventory.open_count_tasks, [shop.store])
    assert len(shop.facts(task.id)) == 1
    assert shop.figures(sku) == (5, 2, 0, 0)
    shop.verify()


def test_more_missing_than_was_promised_leaves_others_short(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 2, at=shop.store)
    shop.sold(sku, 3, at=shop.store)
    missing = [Missing(order, 1, sku, shop.store, 4)]
    assert shop.run(inventory.report_missing, missing, ids.fresh(), "short pick") == [2]
    assert shop.figures(sku) == (5, 4, 3, 2)
    assert shop.shortages(sku) == {shop.store: 2, NOWHERE: 2}
    shop.verify()


def test_a_short_pick_is_reserved_again_elsewhere_in_the_same_transaction(shop: Shop) -> None:
    sku = shop.sku(store=2, depot=2)
    order = shop.sold(sku, 2, at=shop.store)

    def reroute(tx: Tx) -> list[int]:
        inventory.lock(tx, levels=[(sku, shop.store), (sku, shop.depot)])
        missing = [Missing(order, 1, sku, shop.store, 1)]
        inventory.report_missing(tx, missing, ids.fresh(), "short pick")
        again = inventory.Basket(
            "order", order, True, (inventory.Demand(1, sku, 1, (shop.north,)),)
        )
        assert inventory.reserve(tx, [again])[0].accepted
        want = inventory.Wanted("order", order, 1, sku, None, shop.depot, 1)
        return inventory.allocate(tx, [want])

    assert shop.run(reroute) == [1]
    assert shop.held(order) == {shop.store: 1, shop.depot: 1}
    assert shop.run(inventory.free, [Give(order, 1, sku, shop.depot, 1)]) == 1
    shop.verify()
