"""`verify` looks at every row, and finds each row that somebody altered by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest
from inventory_shop import AT, Shop

from baton import inventory
from baton.inventory import Arrival, DocumentKind, DocumentLine, Missing, Transfer
from baton.platform import ids
from baton.platform.db import Caller, Database

K = DocumentKind


@pytest.fixture
def shop(db: Database, caller: Caller) -> Shop:
    """A day in a shop: something of everything, so that each invariant has rows to look at."""
    shop = Shop(db, caller)
    sku = shop.sku(store=9, depot=6, outlet=3)
    order = shop.sold(sku, 6, at=shop.store)
    shop.sold(sku, 5)
    shop.ship(order, sku, 2, shop.store)
    shop.run(
        inventory.report_missing, [Missing(order, 1, sku, shop.store, 1)], ids.fresh(), "short pick"
    )
    shop.record(K.DAMAGE, sku, 2)
    shop.record(K.COUNT, sku, 1)
    shop.record(K.WRITE_OFF, sku, 1, at=shop.depot)
    shop.record(K.MISSING, sku, 2, at=shop.depot)
    shop.record(K.FOUND, sku, 3, at=shop.depot)
    shop.record(K.SALE, sku, 1, at=shop.outlet)
    shop.record(K.ADJUSTMENT, sku, -1, at=shop.outlet)
    shop.record(K.SALE, sku, 9, history=True)
    line = DocumentLine(1, sku, 2)
    transfer = Transfer(ids.fresh(), shop.depot, shop.outlet, "", "", AT, (line,))
    shop.record(K.RECEIPT, sku, 9, at=shop.depot)
    shop.run(inventory.request_transfer, transfer)
    shop.run(inventory.send_transfer, transfer.id, AT)
    arrival = Arrival(ids.fresh(), transfer.id, shop.south, "", AT, {1: 1})
    shop.run(inventory.receive_transfer, arrival)
    return shop


def test_all_holds_and_all_is_looked_at(shop: Shop) -> None:
    shop.verify()
    rows = {check.name: check.rows for check in shop.run(inventory.verify)}
    assert len(rows) == 7
    assert all(rows.values()), rows


ALTERED: list[tuple[LiteralString, set[str]]] = [
    ("update inventory.levels set on_hand = on_hand + 1 where on_hand > 2", {"I1", "I2 area.phys"}),
    ("update inventory.levels set held_back = 1 where on_hand > 2", {"I2 area.phys"}),
    ("update inventory.levels set short = short + 1", {"I1 short", "I2 short"}),
    (
        "update inventory.levels set allocated = allocated - 1 where short > 0",
        {"I1 short", "I2 level.allocated"},
    ),
    (
        "update inventory.area_stock set committed = committed - 1 where committed > 0",
        {"I2 area.committed"},
    ),
    ("update inventory.area_stock set physical = physical + 1", {"I2 area.phys"}),
    ("delete from inventory.area_stock", {"I2 area.committed", "I2 area.phys", "I2 short"}),
    (
        "update inventory.reservations set quantity = quantity + 1",
        {"I2 area.committed", "I2 level.allocated"},
    ),
    (
        "update inventory.reservations set location_id = gen_random_uuid()",
        {"I2 level.allocated"},
    ),
    ("delete from inventory.reservations", {"I2 area.committed", "I2 level.allocated"}),
    (
        "update inventory.shortages set open_units = open_units - 1 where open_units > 0",
        {"I2 short"},
    ),
    ("update inventory.shortages set closed_at = now()", {"I2 short"}),
    ("delete from inventory.shortages", {"I2 short"}),
    ("update inventory.movements set on_hand = on_hand + 1 where kind = 'ship'", {"I1 level"}),
    ("delete from inventory.movements where kind = 'receive'", {"I1 level", "I3"}),
    ("delete from inventory.movements where kind = 'transfer_in'", {"I1 level", "I3"}),
    ("delete from inventory.movements where kind = 'transfer_out'", {"I1 level", "I3"}),
    ("update inventory.movements set document_line = 2 where kind = 'found'", {"I3"}),
    ("update inventory.document_lines set quantity = quantity + 1 where expected is null", {"I3"}),
    ("update inventory.document_lines set expected = expected + 1", {"I3"}),
    ("update inventory.document_lines set sent = sent + 1 where sent > 0", {"I3"}),
    ("update inventory.document_lines set received = received + 1 where received > 0", {"I3"}),
    ("delete from inventory.document_lines", {"I3"}),
    ("update inventory.documents set state = 'recorded' where state = 'history'", {"I3"}),
    ("update inventory.documents set location_id = gen_random_uuid()", {"I3"}),
]


@pytest.mark.parametrize(("altered", "broken"), ALTERED, ids=[sql for sql, _ in ALTERED])
def test_what_was_altered_by_hand_is_found(
    shop: Shop, altered: LiteralString, broken: set[str]
) -> None:
    with psycopg.connect(shop.db.dsn, autocommit=True) as owner:
        owner.execute("select set_config('baton.tenant', %s, false)", [str(shop.caller.tenant)])
        assert owner.execute(altered).rowcount > 0
    failed = [check for check in shop.run(inventory.verify) if check.failures]
    names = {check.name for check in failed}
    assert all(any(name.startswith(start) for name in names) for start in broken), names
    for check in failed:
        assert check.rows >= len(check.failures)
        assert " should be " in check.failures[0]


@pytest.mark.parametrize(
    "altered",
    [
        "update inventory.levels set allocated = allocated + 100",
        "update inventory.levels set allocated = -1",
        "update inventory.levels set unavailable = -1",
        "update inventory.area_stock set committed = committed + 100",
        "update inventory.area_stock set offered = -1",
        "update inventory.reservations set quantity = 0",
    ],
)
def test_the_tables_themselves_refuse_what_can_not_be(shop: Shop, altered: LiteralString) -> None:
    with psycopg.connect(shop.db.dsn, autocommit=True) as owner:
        owner.execute("select set_config('baton.tenant', %s, false)", [str(shop.caller.tenant)])
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(altered)


def test_it_looks_at_all_and_tells_at_most_twenty(shop: Shop) -> None:
    for _ in range(25):
        shop.sku(store=1)
    with psycopg.connect(shop.db.dsn, autocommit=True) as owner:
        owner.execute("select set_config('baton.tenant', %s, false)", [str(shop.caller.tenant)])
        owner.execute("update inventory.area_stock set offered = offered + 1")
    [failed] = [check for check in shop.run(inventory.verify) if check.failures]
    assert failed.rows == 27
    assert len(failed.failures) == 20
    assert "offered is 2, should be 1" in failed.failures[-1]


def test_it_looks_at_one_tenant(shop: Shop, db: Database, new_tenant: Callable[[], int]) -> None:
    empty = Shop(db, Caller(new_tenant(), "test"))
    assert {check.rows for check in empty.run(inventory.verify)} == {0}
