"""Orders by phone: drafts that are priced, held, changed and placed once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from api import ADDRESS, Api, Outside, order, receive
from baton import inventory
from baton.flows import phone_orders
from baton.platform.db import Caller

WISH: dict[str, Any] = {
    "channel": "backorder",
    "lines": [{"sku": "SKU-1", "quantity": 2}],
    "groups": [{"address": ADDRESS}],
    "buyer_name": "Ada Lovelace",
    "email": "ada@example.com",
}
CARD = {"method": "card", "token": "tok_ok"}


def committed(shop: Api, sku: str = "SKU-1") -> int:
    (found,) = shop.get(f"/v1/stock?sku={sku}")["data"]
    return sum(area["committed"] for area in found["areas"])


def test_a_draft_is_priced_and_placed_as_any_order(shop: Api, outside: Outside) -> None:
    draft = shop.post("/v1/drafts", WISH)
    assert (draft["total"], draft["lines"][0]["unit_price"]) == (2000, 1000)
    assert draft["groups"][0]["promised_by"] >= "2026"
    assert committed(shop) == 0, "nothing is sold by writing it down"
    placed = shop.post(f"/v1/drafts/{draft['number']}/place", {"tenders": [CARD], "total": 2000})
    assert placed["external_id"] == draft["number"]
    assert placed["totals"]["total"] == 2000
    shop.work()
    released = shop.order(placed["number"])
    assert (released["status"], released["payment_status"]) == ("released", "authorised")
    again = shop.post(f"/v1/drafts/{draft['id']}/place", {"tenders": [CARD]})
    assert again["id"] == placed["id"]
    assert len(shop.get("/v1/orders")["data"]) == 1
    shown = shop.get(f"/v1/drafts/{draft['id']}")
    assert (shown["state"], shown["order_id"]) == ("placed", placed["id"])
    shop.holds()


def test_an_order_without_money_waits_for_it(shop: Api) -> None:
    draft = shop.post("/v1/drafts", WISH)
    placed = shop.post(f"/v1/drafts/{draft['id']}/place", {})
    assert [hold["kind"] for hold in placed["holds"]] == ["payment"]


def test_another_price_needs_a_reason(shop: Api) -> None:
    cheap = WISH | {"lines": [{"sku": "SKU-1", "quantity": 2, "unit_price": 900}]}
    refused = shop.call("POST", "/v1/drafts", cheap)
    assert (refused.status, refused.body["field"]) == (422, "lines.0.price_reason")
    line = {"sku": "SKU-1", "quantity": 2, "unit_price": 900, "price_reason": "a loyal customer"}
    off = {"kind": "discount", "amount": -300, "title": "Goodwill"}
    draft = shop.post("/v1/drafts", WISH | {"lines": [line], "charges": [off]})
    assert draft["total"] == 1500
    placed = shop.post(f"/v1/drafts/{draft['id']}/place", {"tenders": [CARD]})
    assert placed["totals"]["total"] == 1500
    assert placed["attributes"] == {"price of SKU-1": "a loyal customer"}
    shop.holds()


def test_stock_is_shown_and_held_for_a_time(shop: Api) -> None:
    lines = [{"sku": "SKU-1", "quantity": 301}]
    draft = shop.post("/v1/drafts", WISH | {"lines": lines})
    assert draft["lines"][0]["missing"] == 1
    held = shop.post(f"/v1/drafts/{draft['id']}/hold-stock", {"minutes": 30})
    assert held["lines"][0]["missing"] == 1, "what is held for the draft is not missing to it"
    assert committed(shop) == 300
    other = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 1}, channel="refuse"))
    assert other.code == "out_of_stock"
    path = f"/v1/drafts/{draft['id']}"
    shop.call("PATCH", path, {"lines": [{"sku": "SKU-1", "quantity": 4}]})
    assert committed(shop) == 4, "what is not wanted any more is free"
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        tx.now += timedelta(minutes=31)
        inventory.expire(tx)
    assert committed(shop) == 0
    shop.post(f"{path}/discard")
    assert committed(shop) == 0
    assert shop.call("POST", f"{path}/place", {}).code == "draft_closed"
    shop.holds()


def test_a_placed_draft_takes_its_own_stock(shop: Api) -> None:
    draft = shop.post("/v1/drafts", WISH | {"lines": [{"sku": "SKU-1", "quantity": 300}]})
    shop.post(f"/v1/drafts/{draft['id']}/hold-stock", {})
    placed = shop.post(f"/v1/drafts/{draft['id']}/place", {"tenders": [CARD]})
    assert placed["lines"][0]["buckets"]["reserved"] == 300
    assert committed(shop) == 300
    shop.holds()


def test_what_the_buyer_agreed_to_is_what_is_placed(shop: Api) -> None:
    draft = shop.post("/v1/drafts", WISH)
    refused = shop.call("POST", f"/v1/drafts/{draft['id']}/place", {"total": 1999})
    assert refused.code == "totals_mismatch"
    later = shop.call("PATCH", f"/v1/drafts/{draft['id']}", {"note": "ring twice", "version": 9})
    assert later.code == "order_changed"
    changed = shop.call("PATCH", f"/v1/drafts/{draft['id']}", {"note": "ring twice", "version": 1})
    assert (changed.body["note"], changed.body["version"]) == ("ring twice", 2)


def test_tax_is_determined_where_none_is_given(shop: Api) -> None:
    given = WISH | {"lines": [{"sku": "SKU-1", "quantity": 2, "tax": 319}]}
    assert shop.post("/v1/drafts", given)["tax"] == 319
    quoted = shop.post("/v1/drafts", WISH)
    wanted = {
        "channel": "backorder",
        "lines": [{"sku": "SKU-1", "quantity": 2, "amount": 2000}],
        "destination": {"country": "DE"},
    }
    assert quoted["tax"] == shop.post("/v1/taxes/quote", wanted)["tax"]


def test_a_draft_that_nobody_places_ends(shop: Api) -> None:
    draft = shop.post("/v1/drafts", WISH)
    shop.post(f"/v1/drafts/{draft['id']}/hold-stock", {"minutes": 10000})
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        assert phone_orders.expire(tx) == 0
        tx.now += timedelta(days=15)
        assert phone_orders.expire(tx) == 1
    assert shop.get(f"/v1/drafts/{draft['id']}")["state"] == "expired"
    assert committed(shop) == 0
    assert [x["number"] for x in shop.get("/v1/drafts?state=expired")["data"]] == [draft["number"]]
    shop.holds()


def test_placed_by_two_at_once_it_is_one_order(shop: Api) -> None:
    draft = shop.post("/v1/drafts", WISH)
    start, answers = threading.Barrier(3), list[Any]()

    def place() -> None:
        start.wait()
        answers.append(shop.call("POST", f"/v1/drafts/{draft['id']}/place", {"tenders": [CARD]}))

    threads = [threading.Thread(target=place) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status for a in answers} == {201}
    assert len({a.body["id"] for a in answers}) == 1
    assert committed(shop) == 2
    receive(shop, "W1", {"SKU-1": 1})
    shop.holds()
