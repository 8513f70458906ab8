"""One search for everything, as far as whoever asks may read it; and the customer's page."""

from __future__ import annotations

from typing import Any

from api import Api, order, written_down
from baton.access.model import ROLES, Role

PHONE = "+4930901820"


def found(shop: Api, text: str) -> dict[str, list[str]]:
    answer = shop.get(f"/v1/search?q={text.replace('+', '%2B').replace(' ', '%20')}")
    return {
        kind: [hit.get("number") or hit["name"] for hit in hits] for kind, hits in answer.items()
    }


def test_an_order_is_found_by_whatever_is_known_of_it(shop: Api) -> None:
    taken = shop.release(order("WEB-77", {"SKU-1": 1}, phone=PHONE))
    shop.fulfil(taken["fulfillment_orders"][0])
    page = shop.order(taken["number"])
    number = page["number"]
    (paid,) = shop.get(f"/v1/orders/{number}/payments")["payments"]
    tracking = page["shipments"][0]["labels"][0]["tracking_no"]
    references = [effect["provider_ref"] for effect in paid["effects"] if effect["provider_ref"]]
    assert references
    known = (number, number[:4], "WEB-77", "ada@example.com", "Ada Love", "SKU-1", tracking, PHONE)
    for text in (*known, *references):
        assert number in found(shop, text)["orders"], text
    for text in ("ada@example.com", "ADA@example.com", "ada lov", PHONE):
        assert found(shop, text)["customers"] == ["Ada Lovelace"], text
    assert found(shop, "SKU-")["skus"] == ["SKU-1", "SKU-2", "SKU-3"]
    assert not any(found(shop, "nothing of the kind").values())


def test_drafts_and_returns_are_found_by_number(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    shop.fulfil(taken["fulfillment_orders"][0])
    noted = written_down(shop, taken["number"])
    number = shop.get(f"/v1/drafts/{noted['draft']}")["number"]
    assert found(shop, number.lower())["drafts"] == [number]


def test_a_search_keeps_to_what_one_may_read(shop: Api) -> None:
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))["number"]

    def key(scopes: Any, **more: Any) -> Api:
        body = {"name": "k", "scopes": sorted(scopes)} | more
        return Api(shop.app, shop.tenant, shop.post("/v1/api-keys", body)["key"], shop.asgi)

    alone = key(["orders:read"])
    assert found(alone, "ada@example.com") == {
        "orders": [number],
        "customers": [],
        "drafts": [],
        "returns": [],
        "skus": [],
    }
    place = shop.get("/v1/locations")["data"][0]["id"]
    store = key(ROLES[Role.STORE], location_ids=[place])
    assert not any(found(store, "ada@example.com").values()), "nothing was sent there"
    assert key(["stock:read"]).call("GET", "/v1/search?q=x").status == 403


def test_a_customers_page_says_what_care_asks_first(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 3}))
    shop.fulfil(taken["fulfillment_orders"][0])
    shop.post("/v1/orders", order("A2", {"SKU-2": 1}))
    customer = shop.order(taken["number"])["customer"]["id"]
    path = f"/v1/orders/{taken['number']}/appeasements"
    shop.post(path, {"amount": 500, "reason": "late", "to": "store_credit"})
    shop.work()
    page = shop.get(f"/v1/customers/{customer}")
    assert sorted(row["external_id"] for row in page["orders"]) == ["A1", "A2"]
    (value,) = page["values"]
    assert value | {"refunded": 0} == {
        "currency": "EUR",
        "orders": 2,
        "ordered": 4000,
        "captured": 3000,
        "refunded": 0,
        "appeased": 500,
        "owed": 0,
        "credit": 500,
    }
    assert page["messages"] >= 2
    assert page["standing"] == "good"
