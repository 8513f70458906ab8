"""Rates come in from a file, orders in another currency get theirs, and keep it."""

from __future__ import annotations

from typing import Any

import pytest

from api import Api, order


def take_in(shop: Api, *rows: tuple[str, str, str], source: str = "ECB") -> Any:
    body = {
        "source": source,
        "rows": [{"day": day, "currency": code, "rate": rate} for day, code, rate in rows],
    }
    answer = shop.post("/v1/currencies/imports", body)
    shop.work()
    return answer


@pytest.fixture
def pounds(shop: Api) -> Api:
    """The company with a channel that sells in pounds; its base currency is the euro."""
    channel = {"code": "uk", "name": "UK", "kind": "shop", "acceptance": "backorder",
               "legal_entity": "main", "currency": "GBP", "areas": ["eu", "stores"],
               "payment_provider": "fake"}  # fmt: skip
    shop.post("/v1/channels", channel)
    return shop


def sold(shop: Api, number: str, **more: Any) -> dict[str, Any]:
    body = order(number, {"SKU-1": 1}, channel="uk", currency="GBP", **more)
    made = shop.post("/v1/orders", body)
    shop.work()
    return shop.order(made["number"])


def test_rates_are_kept_by_day_and_a_bad_row_is_named(shop: Api) -> None:
    first = take_in(
        shop,
        ("2026-02-27", "GBP", "0.84"),
        ("2026-02-27", "USD", "1.05"),
        ("2026-02-27", "USD", "one"),
    )
    assert (first["added"], first["changed"], first["same"]) == (2, 0, 0)
    assert [(bad["place"], bad["row"]) for bad in first["rejects"]] == [(3, "2026-02-27,USD,one")]
    again = take_in(shop, ("2026-02-27", "GBP", "0.85"), ("2026-02-27", "USD", "1.0500"))
    assert (again["added"], again["changed"], again["same"]) == (0, 1, 1)
    newest, oldest = shop.get("/v1/currencies/imports")["data"]
    assert (newest["changed"], oldest["rejected"]) == (1, 1)
    assert "no number" in oldest["rejects"][0]["problem"]
    page = shop.get("/v1/currencies/imports?limit=1")
    assert shop.get(f"/v1/currencies/imports?after={page['next']}")["data"] == [oldest]
    said = shop.get("/v1/currencies/rate?base=USD&quote=EUR&day=2026-03-01&amount=10500")
    assert (said["converted"], said["published"], said["source"]) == (10000, "2026-02-27", "ECB")
    late = shop.call("GET", "/v1/currencies/rate?base=USD&quote=EUR&day=2026-03-20")
    assert (late.status, late.code) == (404, "rate_unknown")


def test_an_order_gets_the_rate_of_its_day_and_keeps_it(pounds: Api) -> None:
    take_in(pounds, ("2026-03-02", "GBP", "0.8"))
    made = sold(pounds, "A")
    facts = pounds.get(f"/v1/orders/{made['number']}/timeline")["data"]
    (rated,) = [fact for fact in facts if fact["fact"] == "orders.rated"]
    assert rated["data"]["rate"] == made["base_rate"] == "1.25"
    take_in(pounds, ("2026-03-02", "GBP", "0.9"))
    facts = pounds.get(f"/v1/orders/{made['number']}/timeline")["data"]
    assert [fact["fact"] for fact in facts].count("orders.rated") == 1
    pounds.holds()


def test_an_order_waits_for_its_rate(pounds: Api) -> None:
    take_in(pounds, ("2026-01-02", "GBP", "0.8"))  # too old for March
    made = sold(pounds, "A")
    (seen,) = made["exceptions"]
    assert seen["kind"] == "rate_unknown"
    take_in(pounds, ("2026-03-02", "GBP", "0.8"))
    made = pounds.order(made["number"])
    assert [each for each in made["exceptions"] if not each["resolved_at"]] == []
    pounds.post("/v1/currencies/fill")
    assert pounds.work() >= 1
    pounds.holds()


def test_the_channels_own_rate_stands(pounds: Api) -> None:
    take_in(pounds, ("2026-03-02", "GBP", "0.8"))
    made = sold(pounds, "A", base_rate="1.17")
    assert made["base_rate"] == "1.17"
    wrong = order("B", {"SKU-1": 1}, channel="uk", currency="GBP", base_rate="0.00")
    assert pounds.call("POST", "/v1/orders", wrong).body["field"] == "base_rate"


def test_orders_of_the_past_get_theirs_too(pounds: Api) -> None:
    take_in(pounds, ("2026-03-02", "GBP", "0.8"))
    entry = order("H", {"SKU-1": 1}, channel="uk", currency="GBP", tenders=[]) | {"type": "order"}
    answer = pounds.post("/v1/imports", {"mode": "history", "entries": [entry]})
    assert answer["results"][0]["new"]
    pounds.work()
    (row,) = pounds.get("/v1/orders?q=H")["data"]
    facts = pounds.get(f"/v1/orders/{row['number']}/timeline")["data"]
    assert "orders.rated" in [fact["fact"] for fact in facts]
    assert "tax.determined" not in [fact["fact"] for fact in facts]
