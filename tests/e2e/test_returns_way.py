"""A return's way: asked for, decided, taken in, graded, put away, paid out; and all that can go
wrong on it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from api import Api, Outside, order

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()
PHOTO = {"media_type": "image/png", "content": PNG}


def sold(shop: Api, lines: dict[str, int], name: str = "A1", **more: Any) -> dict[str, Any]:
    """An order that was shipped and paid."""
    page = shop.release(order(name, lines, **more))
    for work in page["fulfillment_orders"]:
        shop.fulfil(work)
    found = shop.order(page["number"])
    assert found["status"] == "shipped"
    return found


def ask(shop: Api, page: dict[str, Any], units: int = 1, **line: Any) -> Any:
    body = {"line": 1, "quantity": units, "reason": "changed_mind"} | line
    return shop.post("/v1/returns", {"order": page["number"], "lines": [body]})


def stock(shop: Api, sku: str = "SKU-1", location: str = "W1") -> tuple[int, int]:
    levels = shop.get(f"/v1/stock?sku={sku}")["data"][0]["levels"]
    level = next(each for each in levels if each["location"] == location)
    return level["on_hand"], level["unavailable"]


def receive(shop: Api, rma: dict[str, Any], units: int, location: str = "W1", **more: Any) -> Any:
    body = {"location": location, "lines": [{"line": 1, "quantity": units}]} | more
    return shop.post(f"/v1/returns/{rma['id']}/receive", body)


def grade(shop: Api, rma: dict[str, Any], units: int, mark: str = "A", **more: Any) -> Any:
    body = {"location": "W1", "line": 1, "quantity": units, "grade": mark} | more
    return shop.post(f"/v1/returns/{rma['id']}/grade", body)


def test_from_asking_to_the_money(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 3})
    assert stock(shop) == (97, 0)
    rma = ask(shop, page, 2)
    assert (rma["status"], rma["reasons"]) == ("approved", ["in_time"])
    assert rma["lines"][0]["decision"]["rule"] == "policy: within its time"
    assert rma["location"] == "W1", "where it left"
    rma = receive(shop, rma, 1, reference="scan 1")
    assert rma["status"] == "received"
    assert stock(shop) == (98, 1), "in quarantine"
    again = receive(shop, rma, 1, reference="scan 1")
    assert again["lines"][0]["received"] == 1, "the same scan is taken in once"
    rma = receive(shop, rma, 1)
    rma = grade(shop, rma, 1, "A", disposition="restock")
    assert stock(shop) == (99, 1)
    assert [s["amount"] for s in rma["settlements"]] == [1000]
    rma = grade(shop, rma, 1, "C")
    assert rma["status"] == "settled"
    assert [s["amount"] for s in rma["settlements"]] == [1000, 800], "a fifth off, by policy"
    grading = rma["gradings"][-1]["id"]
    path = f"/v1/returns/{rma['id']}/gradings/{grading}/dispose"
    rma = shop.post(path, {"disposition": "repair"})
    assert (rma["status"], stock(shop)) == ("settled", (99, 1))
    rma = shop.post(path, {"disposition": "write_off"})
    assert (rma["status"], stock(shop)) == ("closed", (98, 0))
    twice = shop.call("POST", path, {"disposition": "restock"})
    assert (twice.status, twice.code) == (409, "goods_disposed_already")
    shop.work()
    assert outside.paid(page["number"], "refund") == 1800
    assert shop.order(page["number"])["lines"][0]["returned"] == 2
    facts = [e["fact"] for e in shop.get(f"/v1/orders/{page['number']}/timeline")["data"]]
    assert [f for f in facts if f.startswith("returns.")] == [
        "returns.requested", "returns.approved", "returns.received", "returns.received",
        "returns.graded", "returns.disposed", "returns.settled", "returns.graded",
        "returns.settled", "returns.disposed", "returns.disposed", "returns.closed",
    ]  # fmt: skip
    shop.holds()


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ({"line": 1, "quantity": 3}, 409, "units_not_returnable"),
        ({"line": 2, "quantity": 1}, 404, "line_not_found"),
        ({"line": 1, "quantity": 0}, 422, "invalid"),
        ({"line": 1, "quantity": 1, "reason": "bored"}, 422, "invalid"),
        ({"line": 1, "resolution": "exchange"}, 422, "return_invalid"),
        ({"line": 1, "resolution": "exchange", "exchange_sku": "NO"}, 422, "return_invalid"),
        ({"line": 1, "exchange_sku": "SKU-2"}, 422, "return_invalid"),
        ({"line": 1, "photos": [{"media_type": "image/png", "content": "%%"}]}, 422, None),
        ({"line": 1, "photos": [PHOTO | {"media_type": "image/gif"}]}, 422, "return_invalid"),
        ({"line": 1, "photos": [PHOTO | {"media_type": "image/jpeg"}]}, 422, "return_invalid"),
    ],
)
def test_what_can_not_be_asked_for(
    shop: Api, line: dict[str, Any], status: int, code: str | None
) -> None:
    page = sold(shop, {"SKU-1": 2})
    body = {"order": page["number"], "lines": [{"reason": "other"} | line]}
    answer = shop.call("POST", "/v1/returns", body)
    assert (answer.status, answer.code) == (status, code or "return_invalid"), answer.body
    assert shop.get("/v1/returns")["data"] == []


def test_what_was_not_shipped_can_not_come_back(shop: Api) -> None:
    page = shop.release(order("A1", {"SKU-1": 2}))
    lines = [{"line": 1, "quantity": 1, "reason": "other"}]
    answer = shop.call("POST", "/v1/returns", {"order": page["number"], "lines": lines})
    assert (answer.status, answer.code) == (409, "units_not_returnable")
    assert "0 units of line 1 were shipped" in answer.body["detail"]


def test_units_come_back_once(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    first = ask(shop, page, 1)
    body = {"order": page["number"], "lines": [{"line": 1, "quantity": 2, "reason": "other"}]}
    answer = shop.call("POST", "/v1/returns", body)
    assert answer.code == "units_not_returnable"
    assert answer.body["parameters"]["returnable"] == 1
    shop.post(f"/v1/returns/{first['id']}/cancel", {"reason": "keeps it"})
    assert shop.call("POST", "/v1/returns", body).status == 201
    shop.holds()
