"""Reserve, allocate, take back, give up, expire: on the database, each figure by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from inventory_shop import Shop

from baton import inventory
from baton.inventory import NOWHERE, Basket, Demand, DocumentKind, Give, HeldBack, Wanted
from baton.inventory.errors import LevelUnknown, NotReserved, ReservationChanged
from baton.inventory.rules import Drawn
from baton.inventory.store import promises
from baton.platform import ids
from baton.platform.db import Caller, Database


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    return Shop(db, caller)


def test_reserving_commits_the_area_and_no_level(shop: Shop) -> None:
    sku = shop.sku(store=3, depot=5)
    order = shop.sold(sku, 4)
    assert shop.area_figures(sku) == (8, 8, 4, 0)
    assert shop.figures(sku) == (3, 0, 0, 0)
    assert shop.held(order) == {NOWHERE: 4}
    shop.verify()


def test_a_batch_is_served_in_order_and_whole_baskets_are_whole(shop: Shop) -> None:
    shirt, shoe = shop.sku(store=5), shop.sku(store=1)
    baskets = [
        shop.basket({shirt: 3, shoe: 2}),
        shop.basket({shirt: 4, shoe: 1}),
        shop.basket({shirt: 4}, whole=False),
        shop.basket({shoe: 1}),
    ]
    outcomes = shop.run(inventory.reserve, baskets)
    assert [outcome.accepted for outcome in outcomes] == [False, True, True, False]
    assert [sum(part.quantity for part in outcome.taken) for outcome in outcomes] == [0, 5, 1, 0]
    assert shop.area_figures(shirt) == (5, 5, 5, 0)
    assert shop.area_figures(shoe) == (1, 1, 1, 0)
    assert shop.held(baskets[0].owner_id) == {}
    shop.verify()


def test_an_empty_batch_does_nothing(shop: Shop) -> None:
    assert shop.run(inventory.reserve, []) == []
    assert shop.run(inventory.reserve, [shop.basket({})])[0].accepted
    assert shop.run(inventory.allocate, []) == []
    assert shop.run(inventory.free, []) == 0
    shop.run(inventory.deallocate, [])
    assert shop.run(inventory.record, []) == []
    assert shop.run(inventory.expire) == []


def test_units_of_a_line_come_from_several_areas(shop: Shop) -> None:
    sku = shop.sku(store=2, outlet=9)
    outcome = shop.reserve(sku, 5)
    assert [(p.area_id, p.quantity) for p in outcome.taken] == [(shop.north, 2), (shop.south, 3)]
    assert shop.free(outcome.owner_id, sku, 5) == 5
    assert shop.area_figures(sku, shop.south) == (9, 9, 0, 0)
    shop.verify()


def test_reserving_more_for_a_line_adds_to_what_it_has(shop: Shop) -> None:
    sku = shop.sku(store=9)
    basket = shop.basket({sku: 2})
    for _ in range(3):
        shop.run(inventory.reserve, [basket])
    assert shop.held(basket.owner_id) == {NOWHERE: 6}
    assert shop.area(sku).committed == 6
    shop.verify()


def test_one_line_can_not_hold_two_skus(shop: Shop) -> None:
    """The last guard of the table: a caller that mixes lines up is stopped, not believed."""
    shirt, shoe = shop.sku(store=5), shop.sku(store=5)
    basket = shop.basket({shirt: 1})
    shop.run(inventory.reserve, [basket])
    other = replace(basket, demands=(Demand(1, shoe, 1, (shop.north,)),))
    with pytest.raises(psycopg.errors.NotNullViolation):
        shop.run(inventory.reserve, [other])
    shop.verify()


def test_a_pick_up_is_allocated_at_once(shop: Shop) -> None:
    sku = shop.sku(store=3, depot=9)
    outcome = shop.reserve(sku, 3, at=shop.store)
    assert shop.held(outcome.owner_id) == {shop.store: 3}
    assert shop.figures(sku) == (3, 0, 3, 0)
    assert shop.area_figures(sku) == (12, 12, 3, 0)
    assert not shop.reserve(sku, 1, at=shop.store).accepted
    assert shop.reserve(sku, 9).accepted
    assert not shop.reserve(sku, 1, at=shop.depot).accepted  # sold by then, wherever it is
    shop.verify()


def test_a_pick_up_where_the_sku_never_was(shop: Shop) -> None:
    outcome = shop.reserve(shop.sku(store=3), 1, at=shop.depot)
    assert outcome.missing == {1: 1}


def test_allocating_leaves_the_area_as_it_is(shop: Shop) -> None:
    sku = shop.sku(store=3, depot=5)
    order = shop.sold(sku, 6)
    assert shop.allocate(order, sku, 6, shop.store) == 3
    assert shop.allocate(order, sku, 3, shop.depot) == 3
    assert shop.held(order) == {shop.store: 3, shop.depot: 3}
    assert shop.area_figures(sku) == (8, 8, 6, 0)
    assert shop.allocate(order, sku, 1, shop.depot) == 0  # nothing is left to be allocated
    shop.verify()


def test_units_of_one_area_are_not_allocated_in_another(shop: Shop) -> None:
    sku = shop.sku(store=3, outlet=5)
    order = shop.sold(sku, 3)
    assert shop.allocate(order, sku, 3, shop.outlet) == 0
    assert shop.allocate(order, sku, 3, ids.fresh()) == 0
    shop.verify()


def test_a_wave_is_allocated_in_order(shop: Shop) -> None:
    sku = shop.sku(store=4, depot=9)
    orders = [shop.sold(sku, 3) for _ in range(3)]
    wants = [Wanted("order", order, 1, sku, shop.north, shop.store, 3) for order in orders]
    assert shop.run(inventory.allocate, wants) == [3, 1, 0]
    assert shop.figures(sku) == (4, 0, 4, 0)
    assert shop.held(orders[1]) == {NOWHERE: 2, shop.store: 1}
    shop.verify()


def test_deallocating_keeps_the_promise_in_the_area(shop: Shop) -> None:
    sku = shop.sku(store=4)
    order = shop.sold(sku, 3, at=shop.store)
    shop.deallocate(order, sku, 2, shop.store)
    assert shop.held(order) == {NOWHERE: 2, shop.store: 1}
    assert shop.figures(sku) == (4, 0, 1, 0)
    assert shop.area(sku).committed == 3
    shop.verify()


def test_freeing_gives_units_back_to_everybody(shop: Shop) -> None:
    sku = shop.sku(store=4)
    order = shop.sold(sku, 4, at=shop.store)
    assert not shop.reserve(sku, 1).accepted
    assert shop.free(order, sku, 3, shop.store) == 3
    assert shop.figures(sku) == (4, 0, 1, 0)
    assert shop.reserve(sku, 3).accepted
    shop.verify()


def test_one_can_not_give_up_what_one_does_not_have(shop: Shop) -> None:
    sku = shop.sku(store=4)
    order = shop.sold(sku, 2)
    with pytest.raises(NotReserved) as caught:
        shop.free(order, sku, 3)
    assert caught.value.parameters == {"line": 1, "reserved": 2}
    with pytest.raises(NotReserved):
        shop.free(order, sku, 1, shop.store)
    with pytest.raises(NotReserved):
        shop.run(inventory.free, [Give(order, 1, sku, NOWHERE, 2)] * 2)
    with pytest.raises(NotReserved):
        shop.deallocate(order, sku, 1, shop.store)
    with pytest.raises(NotReserved):
        shop.deallocate(order, sku, 1, NOWHERE)
    assert shop.held(order) == {NOWHERE: 2}
    shop.verify()


def test_a_reservation_that_changed_underneath_is_noticed(shop: Shop) -> None:
    """A caller without its owner's lock: the write finds another row than was read."""
    sku = shop.sku(store=4)
    order = shop.sold(sku, 3)
    [row] = shop.run(inventory.reservations, [order])
    with pytest.raises(ReservationChanged):
        shop.run(promises.lower, [Drawn(row, 4)])
    shop.free(order, sku, 3)
    with pytest.raises(ReservationChanged):
        shop.run(promises.lower, [Drawn(row, 3)])


def test_all_of_an_owner_can_be_given_up_at_once(shop: Shop) -> None:
    shirt, shoe = shop.sku(store=4, outlet=4), shop.sku(depot=2)
    basket = shop.basket({shirt: 6, shoe: 2})
    shop.run(inventory.reserve, [basket])
    shop.allocate(basket.owner_id, shirt, 3, shop.store)
    freed = shop.run(inventory.free_all, [basket.owner_id])
    assert sum(row.quantity for row in freed) == 8
    assert shop.held(basket.owner_id) == {}
    assert shop.area(shirt).committed == shop.area(shoe).committed == 0
    shop.verify()


def test_carts_expire_and_orders_do_not(shop: Shop) -> None:
    sku = shop.sku(store=9)
    order = shop.sold(sku, 1)

    def cart(minutes: int) -> Basket:
        with shop.db.transaction(shop.caller) as tx:
            until = tx.now + timedelta(minutes=minutes)
        return replace(shop.basket({sku: 2}), owner_kind="cart", expires_at=until)

    late, fresh = cart(-1), cart(10)
    at_store = replace(late, owner_id=ids.fresh(), demands=(Demand(1, sku, 1, (), shop.store),))
    shop.run(inventory.reserve, [late, fresh, at_store])
    freed = shop.run(inventory.expire)
    assert {(row.owner_id, row.quantity) for row in freed} == {
        (late.owner_id, 2),
        (at_store.owner_id, 1),
    }
    assert shop.area(sku).committed == 3
    assert shop.level(sku).allocated == 0
    assert shop.held(order) == {NOWHERE: 1}
    assert shop.run(inventory.expire) == []
    shop.verify()


def test_expiring_takes_the_oldest_first_and_no_more_than_asked(shop: Shop) -> None:
    sku = shop.sku(store=9)
    with shop.db.transaction(shop.caller) as tx:
        now = tx.now
    carts = [
        replace(shop.basket({sku: 1}), owner_kind="cart", expires_at=now - timedelta(minutes=n))
        for n in (1, 3, 2)
    ]
    shop.run(inventory.reserve, carts)
    assert [row.owner_id for row in shop.run(inventory.expire, 1)] == [carts[1].owner_id]
    assert len(shop.run(inventory.expire, 5)) == 2
    shop.verify()


def test_a_cart_that_is_used_again_in_the_last_moment_does_not_expire(shop: Shop) -> None:
    """It was read as expired; before the sweeper had its locks, the buyer put more in."""
    sku = shop.sku(store=9)
    with shop.db.transaction(shop.caller) as tx:
        now = tx.now
    cart = replace(shop.basket({sku: 1}), owner_kind="cart", expires_at=now - timedelta(minutes=1))
    shop.run(inventory.reserve, [cart])
    late = shop.run(promises.expired, 10)
    assert [row.owner_id for row in late] == [cart.owner_id]
    shop.run(inventory.reserve, [replace(cart, expires_at=now + timedelta(minutes=9))])
    assert shop.run(promises.expire, late) == []
    assert shop.held(cart.owner_id) == {NOWHERE: 2}
    shop.verify()


# ── held back ──────────────────────────────────────────────────────────────────────────────


def test_what_is_held_back_is_not_offered(shop: Shop) -> None:
    sku = shop.sku(store=5, depot=5)
    shop.run(inventory.set_held_back, [HeldBack(sku, shop.store, 3)])
    assert shop.area_figures(sku) == (10, 7, 0, 0)
    assert shop.reserve(sku, 8).missing == {1: 1}
    assert shop.reserve(sku, 3, at=shop.store).missing == {1: 1}
    shop.run(inventory.set_held_back, [HeldBack(sku, shop.store, 0)])
    assert shop.reserve(sku, 10).accepted
    shop.verify()


def test_promised_units_stay_promised_when_more_is_held_back(shop: Shop) -> None:
    sku = shop.sku(store=5)
    order = shop.sold(sku, 4)
    shop.run(inventory.set_held_back, [HeldBack(sku, shop.store, 3)])
    assert shop.area_figures(sku) == (5, 2, 4, 0)
    assert shop.shortages(sku) == {}
    assert not shop.reserve(sku, 1).accepted
    assert shop.allocate(order, sku, 4, shop.store) == 2
    assert shop.allocate(order, sku, 2, shop.store, held_back_too=True) == 2
    shop.verify()


def test_stock_can_be_held_back_before_there_is_any(shop: Shop) -> None:
    sku = shop.sku()
    with pytest.raises(LevelUnknown):
        shop.run(inventory.set_held_back, [HeldBack(sku, shop.store, 3)])
    shop.run(inventory.set_held_back, [HeldBack(sku, shop.store, 3, shop.north)])
    shop.record(DocumentKind.RECEIPT, sku, 5)
    assert shop.area_figures(sku) == (5, 2, 0, 0)
    shop.verify()


# ── reads ──────────────────────────────────────────────────────────────────────────────────


def test_candidates_are_the_levels_that_can_still_give(shop: Shop) -> None:
    sku = shop.sku(store=3, depot=5, outlet=4)
    shop.sold(sku, 3, at=shop.store)
    shop.run(inventory.set_held_back, [HeldBack(sku, shop.depot, 5)])
    both = [shop.north, shop.south]

    def free(**more: bool) -> dict[object, int]:
        found = shop.run(inventory.candidates, [sku], both, **more)
        return {level.location_id: level.free for level in found}

    assert free() == {shop.outlet: 4}
    assert free(held_back_too=True) == {shop.depot: 0, shop.outlet: 4}
    assert shop.run(inventory.candidates, [sku], [shop.north]) == []


def test_who_is_promised_what_is_told_newest_owner_first(shop: Shop) -> None:
    sku = shop.sku(store=9)
    first, second, third = (shop.sold(sku, n) for n in (1, 2, 3))
    shop.allocate(first, sku, 1, shop.store)
    at = [sku, shop.north]
    everywhere = shop.run(inventory.reservations_at, *at)
    assert [row.owner_id for row in everywhere] == [third, second, first]
    unallocated = shop.run(inventory.reservations_at, *at, NOWHERE)
    assert [row.owner_id for row in unallocated] == [third, second]
    here = shop.run(inventory.reservations_at, *at, shop.store)
    assert [row.owner_id for row in here] == [first]
