"""An order's tax is determined once, however often and at once it is asked for; and verified."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from api import Api, company, new_api, order
from baton import tax
from baton.app import App
from baton.flows.determine_tax import determine
from baton.platform.db import Caller
from baton.platform.settings import Settings
from baton.values.ids import parsed

RATES = [
    {"country": "DE", "valid_from": "2024-01-01", "percent": "19"},
    {"country": "DE", "category": "reduced", "valid_from": "2024-01-01", "percent": "7"},
]


def put(api: Api, what: str, body: dict[str, Any]) -> Any:
    answer = api.call("PUT", f"/v1/tax/{what}", body)
    assert answer.status == 200, answer.body
    return answer.body


def test_twenty_at_once_determine_once(shop: Api) -> None:
    put(shop, "rates", {"rates": RATES})
    taken = shop.post("/v1/orders", order("A", {"SKU-1": 3}))
    order_id = parsed("ord", taken["id"])
    caller, start = Caller(shop.tenant, "test"), threading.Barrier(10)
    written: list[int] = []

    def run() -> None:
        start.wait()
        written.append(shop.app.db.execute(caller, lambda tx: len(determine(tx, [order_id]))))

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0] * 9 + [1]
    with shop.app.db.transaction(caller) as tx:
        (part,) = tax.of_orders(tx, [order_id])[order_id]
    assert (part.tax_minor, part.basis_minor, part.line_no) == (479, 2521, 1)
    shop.work()
    shop.holds()


def test_saving_rates_again_changes_nothing(shop: Api) -> None:
    assert put(shop, "rates", {"rates": RATES})["saved"] == 2
    assert put(shop, "rates", {"rates": RATES})["saved"] == 0
    other = [RATES[0] | {"percent": "20"}, RATES[1]]
    preview = shop.post("/v1/tax/rates/preview", {"rates": [*other, other[0], {
        "country": "FR", "valid_from": "2024-01-01", "percent": "5", "code": "E"}]})  # fmt: skip
    assert [each["becomes"] for each in preview["data"]] == [
        "changed", "same", "refused", "refused",
    ]  # fmt: skip
    assert put(shop, "rates", {"rates": other})["saved"] == 1
    twice = shop.call("PUT", "/v1/tax/rates", {"rates": [RATES[0], RATES[0]]})
    assert (twice.status, twice.code, twice.body["field"]) == (422, "tax_rate_invalid", "rates.1")
    facts = [e for e in shop_events(shop) if e["fact"] == "tax.rates_saved"]
    assert [len(e["data"]["rates"]) for e in facts] == [2, 1]
    first = shop.get("/v1/tax/rates?limit=1")
    second = shop.get(f"/v1/tax/rates?limit=1&after={first['next']}")
    assert [r["data"][0]["percent"] for r in (first, second)] == ["7", "20"]


def shop_events(shop: Api) -> list[dict[str, Any]]:
    shop.work()
    found: list[dict[str, Any]] = shop.get("/v1/events?limit=1000")["data"]
    return found


@pytest.fixture(scope="module")
def own(new_database: Callable[[], str]) -> Api:
    """A merchant on a database whose rows may be altered by hand."""
    app = App.on(Settings(database_url=None), new_database())
    api = new_api(app)
    company(api)
    put(api, "rates", {"rates": RATES})
    body = order("A", {"SKU-1": 1})
    body["lines"][0]["tax"] = 65
    api.post("/v1/orders", body)
    api.post("/v1/orders", order("B", {"SKU-1": 1}))
    api.work()
    api.holds()
    return api


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        ("update tax.parts set tax_minor = tax_minor + 1 where tax_minor = 65", "sum to the whole"),
        ("update orders.orders set tax_minor = 0 where external_id = 'B'", "is the order's"),
        ("delete from tax.determinations where tax_minor = 160", "is the order's"),
        ("delete from orders.exceptions where kind = 'tax_differs'", "before a person"),
        ("update tax.determinations set order_id = gen_random_uuid()", "has its order"),
    ],
)
def test_an_altered_row_is_found(own: Api, alter: str, said: str) -> None:
    with psycopg.connect(own.app.db.dsn) as connection:
        connection.execute("select set_config('baton.tenant', %s, false)", (str(own.tenant),))
        with connection.transaction(force_rollback=True):
            assert connection.execute(alter).rowcount
            failing = _failing(own, connection)
    assert any(said in name for name in failing), failing


def _failing(own: Api, connection: psycopg.Connection[Any]) -> list[str]:
    """The promises that do not hold as this connection sees the rows."""
    from datetime import UTC, datetime

    from baton.platform.db import Tx
    from baton.views.verify import verify

    now = datetime.now(UTC)
    tx = Tx(connection, Caller(own.tenant, "test"), now, now)
    return [promise.name for promise in verify(tx) if not promise.holds]
