"""Goods from one location to another: requested, sent, on their way, received in parts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from inventory_shop import AT, Shop

from baton import inventory
from baton.inventory import NOWHERE, Arrival, DocumentKind, DocumentLine, DocumentState, Transfer
from baton.inventory.errors import (
    DocumentInvalid,
    TransferShort,
    TransferState,
    TransferUnknown,
)
from baton.platform import ids
from baton.platform.db import Caller, Database
from baton.values import Id

S = DocumentState


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    return Shop(db, caller)


def transfer(shop: Shop, lines: Mapping[Id, int], reference: str = "") -> Transfer:
    numbered = tuple(DocumentLine(n, sku, q) for n, (sku, q) in enumerate(lines.items(), 1))
    return Transfer(ids.fresh(), shop.store, shop.outlet, "restock", reference, AT, numbered)


def requested(shop: Shop, sku: Id, units: int) -> Id:
    return shop.run(inventory.request_transfer, transfer(shop, {sku: units}))


def sent(shop: Shop, sku: Id, units: int) -> Id:
    transfer_id = requested(shop, sku, units)
    shop.run(inventory.send_transfer, transfer_id, AT)
    return transfer_id


def arrive(
    shop: Shop, transfer_id: Id, units: Mapping[int, int], reference: str = "", final: bool = False
) -> Id:
    arrival = Arrival(ids.fresh(), transfer_id, shop.south, reference, AT, units, final)
    return shop.run(inventory.receive_transfer, arrival)


def state(shop: Shop, transfer_id: Id) -> tuple[DocumentState, list[int]]:
    """Where a transfer stands, and what is in transit by line."""
    [stored] = shop.run(inventory.documents, [transfer_id])
    return stored.state, [line.in_transit for line in stored.lines]


def test_a_transfer_is_promised_its_goods(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = requested(shop, sku, 4)
    assert shop.figures(sku) == (5, 0, 4, 0)
    assert shop.area_figures(sku) == (5, 5, 4, 0)
    assert not shop.reserve(sku, 2).accepted
    assert state(shop, transfer_id) == (S.REQUESTED, [0])
    shop.verify()


def test_a_transfer_gets_all_or_is_refused(shop: Shop) -> None:
    shirt, shoe = shop.sku(store=5), shop.sku(store=1)
    wanted = transfer(shop, {shirt: 2, shoe: 2}, "T-1")
    with pytest.raises(TransferShort, match="line 2: 1"):
        shop.run(inventory.request_transfer, wanted)
    assert shop.run(inventory.documents, [wanted.id]) == []
    assert shop.area(shirt).committed == 0
    shop.verify()


def test_the_same_reference_requests_once(shop: Shop) -> None:
    sku = shop.sku(store=5)
    first, again = (transfer(shop, {sku: 2}, "T-2") for _ in range(2))
    assert shop.run(inventory.request_transfer, first) == first.id
    assert shop.run(inventory.request_transfer, again) == first.id
    assert shop.run(inventory.request_transfer, first) == first.id
    assert shop.area(sku).committed == 2
    shop.verify()


def test_goods_in_transit_are_nowhere_to_be_sold(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    assert shop.figures(sku) == (1, 0, 0, 0)
    assert shop.area_figures(sku) == (1, 1, 0, 0)
    assert shop.held(transfer_id) == {}
    assert state(shop, transfer_id) == (S.IN_TRANSIT, [4])
    shop.verify()


def test_a_transfer_comes_in_in_parts(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    first = arrive(shop, transfer_id, {1: 3})
    assert state(shop, transfer_id) == (S.IN_TRANSIT, [1])
    assert shop.figures(sku, shop.outlet) == (3, 0, 0, 0)
    assert shop.area_figures(sku, shop.south) == (3, 3, 0, 0)
    shop.verify()
    arrive(shop, transfer_id, {1: 1})
    assert state(shop, transfer_id) == (S.RECEIVED, [0])
    assert shop.figures(sku, shop.outlet) == (4, 0, 0, 0)
    [receipt] = shop.run(inventory.documents, [first])
    assert (receipt.kind, receipt.location_id) == (DocumentKind.ARRIVAL, shop.outlet)
    facts = [fact.fact for fact in shop.facts(transfer_id)]
    assert facts == [
        "inventory.transfer_requested",
        "inventory.transfer_sent",
        "inventory.transfer_received",
        "inventory.transfer_received",
    ]
    shop.verify()


def test_the_same_delivery_comes_in_once(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    first = arrive(shop, transfer_id, {1: 2}, reference="D-1")
    assert arrive(shop, transfer_id, {1: 2}, reference="D-1") == first
    assert state(shop, transfer_id) == (S.IN_TRANSIT, [2])
    assert shop.figures(sku, shop.outlet) == (2, 0, 0, 0)
    shop.verify()


def test_what_is_not_sent_is_free_again(shop: Shop) -> None:
    shirt, shoe = shop.sku(store=5), shop.sku(store=5)
    transfer_id = shop.run(inventory.request_transfer, transfer(shop, {shirt: 4, shoe: 2}))
    shop.run(inventory.send_transfer, transfer_id, AT, {1: 3})
    assert shop.figures(shirt) == (2, 0, 0, 0)
    assert shop.figures(shoe) == (5, 0, 0, 0)
    assert state(shop, transfer_id) == (S.IN_TRANSIT, [3, 0])
    shop.verify()
    arrive(shop, transfer_id, {1: 3})
    assert state(shop, transfer_id) == (S.RECEIVED, [0, 0])
    shop.verify()


def test_what_got_lost_is_closed_and_still_counted_if_it_turns_up(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    arrive(shop, transfer_id, {1: 1}, final=True)
    assert state(shop, transfer_id) == (S.RECEIVED, [3])
    assert shop.facts(transfer_id)[-1].data["lost"] == 3
    arrive(shop, transfer_id, {1: 2})
    assert state(shop, transfer_id) == (S.RECEIVED, [1])
    assert shop.figures(sku, shop.outlet) == (3, 0, 0, 0)
    shop.verify()


def test_a_transfer_can_get_lost_whole(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    for _ in range(2):
        assert arrive(shop, transfer_id, {}, final=True) == transfer_id
    assert state(shop, transfer_id) == (S.RECEIVED, [4])
    assert len(shop.facts(transfer_id)) == 3
    shop.verify()


def test_more_than_was_sent_is_recorded_as_it_came(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = sent(shop, sku, 4)
    arrive(shop, transfer_id, {1: 6})
    assert state(shop, transfer_id) == (S.RECEIVED, [-2])
    assert shop.figures(sku, shop.outlet) == (6, 0, 0, 0)
    shop.verify()


def test_a_transfer_can_be_given_up_until_it_is_sent(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = requested(shop, sku, 4)
    shop.run(inventory.cancel_transfer, transfer_id)
    assert state(shop, transfer_id) == (S.CANCELLED, [0])
    assert shop.area_figures(sku) == (5, 5, 0, 0)
    with pytest.raises(TransferState):
        shop.run(inventory.send_transfer, transfer_id, AT)
    with pytest.raises(TransferState):
        shop.run(inventory.cancel_transfer, sent(shop, sku, 2))
    shop.verify()


def test_a_transfer_is_sent_once_and_received_after_that(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = requested(shop, sku, 4)
    with pytest.raises(TransferState):
        arrive(shop, transfer_id, {1: 1})
    shop.run(inventory.send_transfer, transfer_id, AT)
    with pytest.raises(TransferState):
        shop.run(inventory.send_transfer, transfer_id, AT)
    assert shop.figures(sku) == (1, 0, 0, 0)
    shop.verify()


def test_a_short_transfer_is_sent_as_far_as_it_goes(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = requested(shop, sku, 4)
    shop.record(DocumentKind.COUNT, sku, 3)
    assert shop.shortages(sku) == {shop.store: 1, NOWHERE: 1}
    shop.run(inventory.send_transfer, transfer_id, AT, {1: 3})
    assert shop.shortages(sku) == {}
    assert shop.figures(sku) == (0, 0, 0, 0)
    shop.verify()


def test_what_makes_no_sense_is_refused(shop: Shop) -> None:
    sku = shop.sku(store=5)
    transfer_id = requested(shop, sku, 4)
    receipt = shop.record(DocumentKind.RECEIPT, sku, 1)
    for unknown in (ids.fresh(), receipt):
        with pytest.raises(TransferUnknown):
            shop.run(inventory.cancel_transfer, unknown)
    with pytest.raises(DocumentInvalid):
        shop.run(inventory.send_transfer, transfer_id, AT, {2: 1})
    with pytest.raises(DocumentInvalid):
        shop.run(inventory.send_transfer, transfer_id, AT, {1: 0})
    assert state(shop, transfer_id) == (S.REQUESTED, [0])
