"""Everything at the same time as itself: threads on a real database, started at one moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import TypeVar

import pytest
from inventory_shop import AT, HastyShop, Shop

from baton import inventory
from baton.inventory import (
    NOWHERE,
    Arrival,
    Consume,
    DocumentKind,
    DocumentLine,
    DocumentState,
    Transfer,
    Wanted,
)
from baton.inventory.errors import LevelChanged, TransferState
from baton.platform import ids
from baton.platform.db import Caller, Database
from baton.values import Id

T = TypeVar("T")
K = DocumentKind


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    return Shop(db, caller)


@pytest.fixture
def hasty(db: Database, caller: Caller) -> HastyShop:
    """Sorted locks are enough: nothing is tried a second time here."""
    return HastyShop(db, caller)


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """What each gave, in order; all were started together. Raises what any of them raised."""
    barrier = threading.Barrier(len(works))

    def wait(work: Callable[[], T]) -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(wait, works))


def test_200_buyers_get_100_units(shop: Shop) -> None:
    sku = shop.sku(store=60, depot=40)
    outcomes = at_once([lambda: shop.reserve(sku, 1)] * 200)
    assert Counter(outcome.accepted for outcome in outcomes) == {True: 100, False: 100}
    assert shop.area_figures(sku) == (100, 100, 100, 0)
    shop.verify()


def test_buyers_of_two_areas_get_all_there_is(shop: Shop) -> None:
    sku = shop.sku(store=30, outlet=30)
    outcomes = at_once([lambda: shop.reserve(sku, 3, whole=False)] * 30)
    assert sum(part.quantity for outcome in outcomes for part in outcome.taken) == 60
    assert shop.area(sku).committed == shop.area(sku, shop.south).committed == 30
    shop.verify()


def test_baskets_in_opposite_order_do_not_deadlock(hasty: HastyShop) -> None:
    skus = [hasty.sku(store=20) for _ in range(3)]
    baskets = [hasty.basket(dict.fromkeys(skus if n % 2 else reversed(skus), 1)) for n in range(40)]
    outcomes = at_once([partial(hasty.run, inventory.reserve, [basket]) for basket in baskets])
    assert sum(outcome.accepted for [outcome] in outcomes) == 20
    assert all(hasty.area(sku).committed == 20 for sku in skus)
    hasty.verify()


def test_pick_ups_in_opposite_order_do_not_deadlock(hasty: HastyShop) -> None:
    """They lock the area through the level, parcels by its key: both in one order."""
    skus = [hasty.sku(store=8, depot=8) for _ in range(3)]
    baskets = [
        hasty.basket(
            dict.fromkeys(skus if n % 2 else reversed(skus), 1), at=hasty.store if n % 3 else None
        )
        for n in range(48)
    ]
    outcomes = at_once([partial(hasty.run, inventory.reserve, [basket]) for basket in baskets])
    accepted = sum(outcome.accepted for [outcome] in outcomes)
    assert accepted == 16
    assert all(hasty.area(sku).committed == 16 for sku in skus)
    assert all(hasty.level(sku).allocated <= 8 for sku in skus)
    hasty.verify()


def test_pick_ups_and_parcels_compete_for_one_store(shop: Shop) -> None:
    sku = shop.sku(store=20, depot=10)
    parcels = [lambda: shop.reserve(sku, 1)] * 25
    pick_ups = [lambda: shop.reserve(sku, 1, at=shop.store)] * 25
    outcomes = at_once([*parcels, *pick_ups])
    assert sum(outcome.accepted for outcome in outcomes) == 30
    assert shop.level(sku).allocated <= 20
    assert shop.area_figures(sku) == (30, 30, 30, 0)
    shop.verify()


def test_a_count_among_buyers_is_short_of_exactly_what_it_took(shop: Shop) -> None:
    sku = shop.sku(store=100)
    buyers: list[Callable[[], int]] = [lambda: int(shop.reserve(sku, 1).accepted)] * 60

    def count() -> int:
        shop.record(K.COUNT, sku, 95, expected=100)
        return 0

    accepted = sum(at_once([*buyers, count, *buyers]))
    assert 95 <= accepted <= 100
    short = accepted - 95
    assert shop.area_figures(sku) == (95, 95, accepted, short)
    assert sum(shop.shortages(sku).values()) == short
    shop.verify()


def test_allocating_races_a_count(shop: Shop) -> None:
    sku = shop.sku(store=20, depot=20)
    orders = [shop.sold(sku, 1) for _ in range(30)]
    waves: list[Callable[[], int]] = [
        partial(shop.allocate, order, sku, 1, shop.store) for order in orders
    ]

    def count() -> int:
        shop.record(K.COUNT, sku, 12)
        return 0

    allocated = sum(at_once([*waves[:15], count, *waves[15:]]))
    level = shop.level(sku)
    assert level.allocated == allocated
    assert 12 <= allocated <= 20
    assert level.short == allocated - 12
    assert shop.shortages(sku) == ({shop.store: allocated - 12} if allocated > 12 else {})
    shop.verify()


def test_waves_in_opposite_order_do_not_deadlock(hasty: HastyShop) -> None:
    """They lock levels alone, while others lock the areas first."""
    skus = [hasty.sku(store=12, depot=12) for _ in range(6)]
    orders = [hasty.basket(dict.fromkeys(skus, 1)) for _ in range(16)]
    hasty.run(inventory.reserve, orders)
    waves = [
        [
            Wanted("order", order.owner_id, line, sku, None, place, 1)
            for line, sku in list(enumerate(skus, 1))[:: 1 if n % 2 else -1]
            for place in [hasty.store if n % 3 else hasty.depot]
        ]
        for n, order in enumerate(orders)
    ]
    works: list[Callable[[], object]] = [
        partial(hasty.run, inventory.allocate, wave) for wave in waves
    ]
    counted = hasty.document(K.COUNT, dict.fromkeys(reversed(skus), 11))
    works.insert(8, partial(hasty.run, inventory.record, [counted]))
    at_once(works)
    assert [hasty.level(sku).allocated for sku in skus] == [10] * 6
    assert [hasty.level(sku, hasty.depot).allocated for sku in skus] == [6] * 6
    hasty.verify()


def test_a_new_sku_is_received_by_many_at_once(hasty: HastyShop) -> None:
    """Rows that nobody has made yet, in opposite orders."""
    skus = [hasty.sku() for _ in range(4)]
    documents = [
        hasty.document(K.RECEIPT, dict.fromkeys(skus if n % 2 else reversed(skus), 1), at=place)
        for n in range(12)
        for place in (hasty.store, hasty.depot)
    ]
    at_once([partial(hasty.run, inventory.record, [document]) for document in documents])
    assert all(hasty.area_figures(sku) == (24, 24, 0, 0) for sku in skus)
    hasty.verify()


def test_one_reference_from_many_sides_is_recorded_once(shop: Shop) -> None:
    sku = shop.sku(store=1)
    stored = at_once([lambda: shop.record(K.SALE, sku, 1, reference="POS-7")] * 20)
    assert len(set(stored)) == 1
    assert shop.figures(sku) == (0, 0, 0, 0)
    shop.verify()


def test_only_one_of_two_adjustments_of_the_same_figure_wins(shop: Shop) -> None:
    sku = shop.sku(store=9)

    def adjust() -> bool:
        try:
            shop.record(K.ADJUSTMENT, sku, -2, expected=9)
        except LevelChanged:
            return False
        return True

    assert sum(at_once([adjust] * 10)) == 1
    assert shop.figures(sku) == (7, 0, 0, 0)
    shop.verify()


def test_two_sweepers_free_each_cart_once(shop: Shop) -> None:
    sku = shop.sku(store=50)
    with shop.db.transaction(shop.caller) as tx:
        past = tx.now - timedelta(minutes=1)
    carts = [replace(shop.basket({sku: 1}), owner_kind="cart", expires_at=past) for _ in range(50)]
    shop.run(inventory.reserve, carts)
    freed = at_once([lambda: len(shop.run(inventory.expire))] * 6)
    assert sum(freed) == 50
    assert shop.area_figures(sku) == (50, 50, 0, 0)
    shop.verify()


def test_a_transfer_is_sent_by_one_and_received_by_all(shop: Shop) -> None:
    sku = shop.sku(store=12)
    transfer = Transfer(
        ids.fresh(), shop.store, shop.outlet, "", "", AT, (DocumentLine(1, sku, 12),)
    )
    shop.run(inventory.request_transfer, transfer)

    def send() -> bool:
        try:
            shop.run(inventory.send_transfer, transfer.id, AT)
        except TransferState:
            return False
        return True

    assert sum(at_once([send] * 5)) == 1
    arrivals = [Arrival(ids.fresh(), transfer.id, shop.south, "", AT, {1: 2}) for _ in range(6)]
    at_once([partial(shop.run, inventory.receive_transfer, one) for one in arrivals])
    [stored] = shop.run(inventory.documents, [transfer.id])
    assert stored.state is DocumentState.RECEIVED
    assert shop.figures(sku, shop.outlet) == (12, 0, 0, 0)
    shop.verify()


def test_everything_at_once_adds_up(hasty: HastyShop) -> None:
    """Eight at work on the same goods: they sell, allocate, ship, cancel, count, receive."""
    skus = [hasty.sku(store=30, depot=30, outlet=20) for _ in range(4)]
    at_once([partial(_day, hasty, skus, Random(seed)) for seed in range(8)])
    hasty.verify()


def _day(shop: Shop, skus: list[Id], dice: Random) -> None:
    places = [shop.store, shop.depot, shop.outlet]
    for _ in range(12):
        some = dice.sample(skus, 3)
        order = shop.basket({sku: dice.randint(1, 4) for sku in some}, whole=False)
        for part in shop.run(inventory.reserve, [order])[0].taken:
            place = dice.choice(places)
            want = Wanted("order", order.owner_id, part.line, part.sku_id, None, place, 9)
            shop.run(inventory.allocate, [want])
        held = shop.run(inventory.reservations, [order.owner_id])
        ready = [
            Consume(order.owner_id, row.owner_line, row.sku_id, row.location_id, row.quantity)
            for row in held
            if row.location_id != NOWHERE
        ]
        shop.run(inventory.consume, ready, "shipment", ids.fresh(), AT)
        if dice.random() < 0.5:
            shop.run(inventory.free_all, [order.owner_id])
        kind = dice.choice([K.COUNT, K.RECEIPT, K.SALE, K.DAMAGE])
        counted = {sku: dice.randint(1, 25) for sku in some}
        shop.run(inventory.record, [shop.document(kind, counted, at=dice.choice(places))])
