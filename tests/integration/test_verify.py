"""`verify` over the whole of a merchant's data: it holds when nobody touched it, and names
whatever somebody altered by hand, as the owner of the tables could."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest

from api import Api, Outside, company, new_api, order, receive
from baton.app import App
from baton.platform.db import Caller, Tx
from baton.views.verify import Promise, verify


@pytest.fixture(scope="module")
def house(new_database: Callable[[], str], outside: Outside) -> Iterator[App]:
    """A database that rows may be altered in."""
    app = App.on(outside.settings(), new_database())
    with psycopg.connect(app.db.dsn, autocommit=True) as owner:
        tables = owner.execute(
            "select relnamespace::regnamespace::text || '.' || relname from pg_class"
            " where relkind = 'r' and relforcerowsecurity"
        ).fetchall()
        for (table,) in tables:
            owner.execute(f"alter table {table} no force row level security")
    yield app
    app.close()


@pytest.fixture(scope="module")
def merchant(house: App) -> Api:
    """Orders that were shipped, are at a location, wait, were cancelled, and are held."""
    shop = new_api(house)
    company(shop)
    shipped = shop.release(order("shipped", {"SKU-1": 2}))
    shop.fulfil(shipped["fulfillment_orders"][0])
    out = shop.release(order("out", {"SKU-1": 1, "SKU-2": 2}))
    shop.post(f"/v1/fulfillment-orders/{out['fulfillment_orders'][0]['id']}/accept")
    shop.post("/v1/orders", order("waits", {"SKU-3": 310}))
    held = shop.post("/v1/orders", order("held", {"SKU-2": 1}))
    shop.post(f"/v1/orders/{held['id']}/holds", {"reason": "to be sure"})
    gone = shop.post("/v1/orders", order("gone", {"SKU-2": 1}))
    shop.post(f"/v1/orders/{gone['id']}/cancel", {"reason": "not wanted"})
    asked = shop.release(order("asked", {"SKU-2": 1}))
    shop.post(f"/v1/fulfillment-orders/{asked['fulfillment_orders'][0]['id']}/accept")
    shop.post(f"/v1/orders/{asked['id']}/cancel", {"reason": "not wanted"})
    begun = shop.release(order("begun", {"SKU-2": 1}))
    hold = shop.post(f"/v1/orders/{begun['id']}/holds", {"reason": "once it was out"})
    path = f"/v1/orders/{begun['id']}/holds/{hold['holds'][0]['id']}/resolve"
    shop.post(path, {"resolution": "all is well"})
    receive(shop, "W2", {"SKU-1": 3})
    lines = [{"sku": "SKU-1", "quantity": 102}]
    shop.post("/v1/stock/counts", {"location": "W2", "reason": "cycle", "lines": lines})
    shop.work()
    return shop


def checked(house: App, merchant: Api) -> list[Promise]:
    with house.db.transaction(Caller(merchant.tenant, "test")) as tx:
        return verify(tx)


def test_all_holds_and_every_promise_has_rows_behind_it(house: App, merchant: Api) -> None:
    promises = checked(house, merchant)
    assert [each for each in promises if each.failures] == []
    silent = {each.name for each in promises if not each.rows}
    assert len(promises) - len(silent) >= 20, silent
    assert not any("I1 " in name or "I4 " in name or "I9 " in name for name in silent), silent


def test_a_merchant_without_data_holds_with_nothing_behind_it(house: App) -> None:
    fresh = new_api(house)
    answer = fresh.get("/v1/verify")
    assert answer["holds"]


SHIPPED = "(select id from orders.orders where external_id = 'shipped')"
OUT = "(select id from orders.orders where external_id = 'out')"
BEGUN = "(select id from orders.orders where external_id = 'begun')"

HARM: dict[str, tuple[LiteralString, set[str]]] = {
    "a level": ("update inventory.levels set on_hand = on_hand + 1 where on_hand > 9", {"I1"}),
    "a reservation": (
        "update inventory.reservations set quantity = quantity + 1",
        {"I2 area.committed", "I2 promised units"},
    ),
    "a lost reservation": (
        "delete from inventory.reservations where owner_id = " + OUT,
        {"I2 area.committed", "I2 promised units"},
    ),
    "a bucket": (
        "update orders.lines set allocated = allocated + 1, ordered = ordered + 1"
        " where order_id = " + OUT,
        {"I2 promised units"},
    ),
    "a change's version": (
        "update orders.changes set version = version + 1 where state = 'applied'",
        {"changes: those applied"},
    ),
    "a recall that nobody answers": (
        "update fulfillment.orders set recall = 'none' where recall = 'requested'",
        {"changes: those that wait"},
    ),
    "a sum of buckets": (
        "alter table orders.lines drop constraint lines_buckets;"
        "update orders.lines set open = open + 1 where order_id = " + OUT,
        {"I16"},
    ),
    "a released unit": (
        "update orders.lines set released = released - 1, allocated = allocated + 1"
        " where order_id = " + OUT,
        {"I4 released units"},
    ),
    "a status": ("update orders.orders set status = 'open' where id = " + OUT, {"I16", "I8"}),
    "a health": ("update orders.orders set health = 'blocked' where id = " + OUT, {"I16"}),
    "a total": (
        "update orders.orders set total_minor = total_minor + 1 where id = " + OUT,
        {"money: lines and charges"},
    ),
    "money": (
        "update payments.payments set captured = captured - 1 where captured > 0",
        {"payments"},
    ),
    "a payment's effect": (
        "delete from payments.effects where state = 'succeeded'",
        {"payments"},
    ),
    "a shipment's lines": (
        "update shipping.shipment_lines set quantity = quantity + 1",
        {"I4 shipped units", "I3"},
    ),
    "a movement": ("delete from inventory.movements where kind = 'ship'", {"I1", "I3"}),
    "a count's movement": (
        "delete from inventory.movements where kind = 'count'",
        {"I1", "I3"},
    ),
    "work at a location": (
        "update fulfillment.lines set to_pick = to_pick - 1, quantity = quantity - 1"
        " where to_pick > 1",
        {"I4 released units"},
    ),
    "a hold's time": (
        "update orders.holds set placed_at = (select min(released_at) - interval '1 hour' from"
        " fulfillment.orders where order_id = " + BEGUN + ") where order_id = " + BEGUN,
        {"I11"},
    ),
    "a journal entry": (
        "update journal.entries set data = jsonb_set(data, '{reason}', '\"another\"')"
        " where fact = 'orders.cancelled'",
        {"I12"},
    ),
    "a deleted entry": (
        "delete from journal.entries where fact = 'orders.cancelled'",
        {"I9", "I12"},
    ),
    "a booked line": (
        "update accounting.lines set amount = amount + 1, base = base + 1 where key = 'stock'"
        " and amount <> 0",
        {"I15 each entry balances", "I15 monthly balances", "I15 the stock account"},
    ),
    "a line moved to another account": (
        "update accounting.lines set account = '1000' where key = 'receivable'",
        {"I15 monthly balances"},
    ),
    "a deleted booking": (
        "delete from accounting.lines where entry_id = (select id from accounting.entries where"
        " rule = 'money' limit 1);"
        "delete from accounting.entries where rule = 'money'",
        {"I15 entries are numbered", "I15 receivables and deposits", "I9 each fact that was"},
    ),
    "a month": (
        "update accounting.balances set debit = debit + 1",
        {"I15 monthly balances"},
    ),
    "a layer": ("update accounting.layers set value = value + 1", {"I15 the value of stock"}),
    "a pool": (
        "update accounting.pools set units = units + 1",
        {"I15 the value of stock", "I15 the stock account", "I15 the books value the units"},
    ),
    "what is owed": (
        "update accounting.order_accounts set received = received - 1, amount = amount + 1",
        {"I15 receivables and deposits", "I6"},
    ),
    "what a gateway holds": (
        "update accounting.pots set amount = amount + 1",
        {"I15 clearing and stored value"},
    ),
    "a fact that is not booked": (
        "delete from accounting.sources where fact = 'payments.captured'",
        {"I9 each fact that changes the books"},
    ),
    "a fact that waits": (
        "update accounting.sources set state = 'waiting', at = at - interval '1 day'",
        {"I9 nothing waits", "I9 each fact that was"},
    ),
    "an order": ("delete from orders.orders where id = " + SHIPPED, {"I13"}),
    "a shipment's bill": (
        "update invoicing.intents set subject_id = gen_random_uuid()",
        {"each shipment is billed once"},
    ),
    "a bill's amount": (
        "update invoicing.lines set net = net + 1; update invoicing.intents set net = net + 1",
        {"documents of a line sum"},
    ),
    "what counts as billed": (
        "update orders.lines set invoiced = invoiced - 1 where invoiced > 0",
        {"documents of a line sum"},
    ),
    "a customer's trace": (
        "update notifications.messages set order_id = gen_random_uuid()"
        " where kind = 'order_confirmed'",
        {"I13"},
    ),
}


@pytest.mark.parametrize("what", HARM)
def test_what_somebody_altered_is_named(house: App, merchant: Api, what: str) -> None:
    harm, wanted = HARM[what]
    with psycopg.connect(house.db.dsn) as owner:
        for statement in harm.split(";"):
            changed = owner.execute(statement)
        assert changed.rowcount, "nothing was altered"
        failures = _seen_from_inside(owner, merchant.tenant)
        owner.rollback()
    for name in wanted:
        assert any(name in each for each in failures), (name, sorted(failures))
    assert [each for each in checked(house, merchant) if each.failures] == []


def _seen_from_inside(owner: psycopg.Connection[Any], tenant: int) -> dict[str, tuple[str, ...]]:
    """What verify says in the very transaction that the harm was done in, which never ends."""
    owner.execute("select set_config('baton.tenant', %s, true)", (str(tenant),))
    now = datetime.now(UTC)
    tx = Tx(owner, Caller(tenant, "test"), now, now)
    return {f"{p.module}: {p.name}": p.failures for p in verify(tx) if p.failures}
