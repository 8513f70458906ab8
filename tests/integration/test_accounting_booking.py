"""Each fact is booked once: told again, by two workers at once, half-way, or long after."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest

from api import Api, company, new_api, order, receive
from baton import accounting
from baton.accounting.model import SourceState
from baton.app import App
from baton.flows import keep_books, told
from baton.platform import journal
from baton.platform.db import Caller, Tx


@pytest.fixture
def shop(app: App, asgi: Any) -> Api:
    made = new_api(app, asgi)
    company(made, stock=10)
    return made


def inside(shop: Api, work: Callable[[Tx], Any]) -> Any:
    return shop.app.db.execute(Caller(shop.tenant, "test"), work)


def sold(shop: Api, external_id: str) -> None:
    page = shop.release(order(external_id, {"SKU-1": 2}))
    for work in page["fulfillment_orders"]:
        shop.fulfil(work)
    shop.work()


def entries(shop: Api) -> list[Any]:
    return shop.get("/v1/accounting/entries?legal_entity=main&limit=200")["data"]  # type: ignore[no-any-return]


def facts(shop: Api) -> list[journal.Entry]:
    found = inside(shop, lambda tx: journal.since(tx, 0, 1000))
    return [entry for entry in found if entry.fact in told.READERS]


def test_a_fact_that_is_told_again_is_booked_once(shop: Api) -> None:
    sold(shop, "A")
    before = entries(shop)
    inside(shop, lambda tx: keep_books.note(tx, facts(shop)))
    shop.work()
    assert entries(shop) == before
    inside(shop, keep_books.replay)
    shop.work()
    assert entries(shop) == before
    shop.holds()


def test_what_was_never_noted_is_caught_up(shop: Api) -> None:
    """As after an upgrade: facts of the journal that nobody had booked."""
    sold(shop, "A")
    wanted = [(e["fact"], e["rule"], e["lines"]) for e in entries(shop)]
    tables = ("sources", "entries", "lines", "balances", "order_accounts", "pots", "pools")
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        tx.connection.execute("reset role")
        for table in (*tables, "layers", "costs", "books"):
            statement = f"delete from accounting.{table} where tenant_id = %s"
            tx.connection.execute(statement, (shop.tenant,))  # type: ignore[arg-type]
    assert shop.get("/v1/verify")["holds"] is False
    shop.post("/v1/accounting/parked/replay")
    shop.work()
    assert [(e["fact"], e["rule"], e["lines"]) for e in entries(shop)] == wanted
    shop.holds()


def test_two_workers_at_once_book_each_fact_once(shop: Api) -> None:
    numbers = [shop.post("/v1/orders", order(f"O{n}", {"SKU-1": 1}))["number"] for n in range(4)]
    shop.work()
    for number in numbers:
        for work in shop.order(number)["fulfillment_orders"]:
            shop.fulfil(work)
    receive(shop, "W1", {"SKU-2": 5, "SKU-3": 5})
    while shop.app.relay(shop.tenant):
        pass  # facts are noted; the jobs stay, and the workers below do without them
    start, became = Barrier(4), []

    def book() -> None:
        start.wait()
        for _ in range(5):
            became.extend(inside(shop, lambda tx: keep_books.book(tx, 3)))

    threads = [Thread(target=book) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.work()
    ids = [source.entry_id for source in became]
    assert ids
    assert len(set(ids)) == len(ids), "nobody got a fact that another had"
    assert all(source.state is SourceState.BOOKED for source in became)
    rules = [(e["source_id"], e["rule"]) for e in entries(shop)]
    assert len(set(rules)) == len(rules)
    assert [e["no"] for e in entries(shop)] == list(range(1, len(rules) + 1))
    shop.holds()


def test_a_batch_that_fails_leaves_nothing_and_is_done_again(shop: Api) -> None:
    sold(shop, "A")
    before = len(entries(shop))
    receive(shop, "W1", {"SKU-2": 5})
    while shop.app.relay(shop.tenant):
        pass

    class Crash(RuntimeError):
        pass

    def crash(tx: Tx) -> None:
        assert keep_books.book(tx)
        raise Crash

    with pytest.raises(Crash):
        inside(shop, crash)
    assert len(entries(shop)) == before
    shop.work()
    assert len(entries(shop)) == before + 1
    shop.holds()


def test_a_fact_that_lacks_something_is_not_guessed(shop: Api) -> None:
    """As one of an older version, which did not say what was sold."""
    sold(shop, "A")
    (shipped,) = [entry for entry in facts(shop) if entry.fact == "orders.shipped"]
    del shipped.data["sold"]
    with pytest.raises(told.FactUnfit, match="by hand"):
        inside(shop, lambda tx: told.happened(told.look_up(tx, [shipped]), shipped))


def test_what_a_person_may_still_do_with_a_parked_fact(shop: Api) -> None:
    shop.work()
    chart = shop.get("/v1/accounting/chart")
    mappings = [m for m in chart["mappings"] if m["key"] != "stock"]
    body = {"accounts": chart["accounts"], "mappings": mappings}
    shop.call("PUT", "/v1/accounting/chart", body)
    sold(shop, "A")
    waiting, parked = inside(shop, accounting.counts)
    assert (waiting, parked) == (0, 1), "the shipment, sale and cost as one"
    receive(shop, "W1", {"SKU-2": 5})
    shop.work()
    assert inside(shop, accounting.counts) == (0, 2)
    shop.call("PUT", "/v1/accounting/chart", body | {"mappings": chart["mappings"]})
    shop.post("/v1/accounting/parked/replay")
    shop.work()
    assert inside(shop, accounting.counts) == (0, 0)
    shop.holds()
