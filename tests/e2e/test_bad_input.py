"""What nobody should send: every mistake gets a 4xx with a stable code, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from api import ADDRESS, Api, company, new_api, order

Body = dict[str, Any]


def changed(**parts: Any) -> Body:
    """A good order with some parts replaced; a key like lines__0__sku goes deeper."""
    body: Any = deepcopy(order("BAD", {"SKU-1": 2}))
    for path, value in parts.items():
        *way, last = path.split("__")
        place = body
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
    return dict(body)


REFUSED: dict[str, tuple[Body, str, str | None]] = {
    "no such channel": (changed(channel="nowhere"), "order_invalid", "channel"),
    "no such SKU": (changed(lines__0__sku="NO-1"), "sku_unknown", "lines.0.sku"),
    "no such currency": (changed(currency="ZZZ"), "order_invalid", "currency"),
    "small letters": (changed(currency="eur"), "invalid", "currency"),
    "no such country": (changed(groups__0__address__country="Germany"), "invalid", None),
    "a cent too much": (changed(total=2001, tenders__0__amount=2001), "totals_mismatch", "total"),
    "a cent too little": (changed(total=1999, tenders__0__amount=1999), "totals_mismatch", "total"),
    "nothing wanted": (changed(lines__0__quantity=0), "invalid", "lines.0.quantity"),
    "less than nothing": (changed(lines__0__quantity=-1), "invalid", "lines.0.quantity"),
    "half a unit": (changed(lines__0__quantity=1.5), "invalid", "lines.0.quantity"),
    "more than exist": (changed(lines__0__quantity=10**9), "invalid", "lines.0.quantity"),
    "more than a number": (changed(lines__0__quantity=10**30), "invalid", "lines.0.quantity"),
    "a negative price": (changed(lines__0__unit_price=-1), "invalid", "lines.0.unit_price"),
    "a price in words": (changed(lines__0__unit_price="ten"), "invalid", "lines.0.unit_price"),
    "an absurd price": (changed(lines__0__unit_price=10**18), "invalid", "lines.0.unit_price"),
    "more off than it costs": (changed(lines__0__discount=2001, total=-1), "order_invalid", None),
    "no lines": (changed(lines=[], total=0), "order_invalid", "lines"),
    "lines as a word": (changed(lines="SKU-1"), "invalid", "lines"),
    "a time without a zone": (
        changed(placed_at="2026-03-02T10:00:00"),
        "order_invalid",
        "placed_at",
    ),
    "a time to come": (
        changed(placed_at=(datetime.now(UTC) + timedelta(days=2)).isoformat()),
        "order_invalid",
        "placed_at",
    ),
    "no time at all": (changed(placed_at="yesterday"), "invalid", "placed_at"),
    "the year one": (changed(placed_at="0001-01-01T00:00:00+14:00"), "value_unfit", None),
    "an unknown field": (changed(colour="red"), "invalid", "colour"),
    "an unknown field below": (changed(lines__0__colour="red"), "invalid", "lines.0.colour"),
    "an empty id": (changed(external_id=""), "invalid", "external_id"),
    "a group that is not there": (changed(lines__0__group=7), "order_invalid", "lines.0.group"),
    "a shop that hands nothing over": (
        changed(groups=[{"method": "pickup", "location": "NO"}]),
        "order_invalid",
        "groups.0.location",
    ),
    "nowhere to ship to": (changed(groups=[{"method": "ship"}]), "order_invalid", None),
    "beyond the poles": (changed(groups__0__lat=91), "invalid", "groups.0.lat"),
    "a NUL in a name": (changed(buyer_name="Ada\0"), "value_unfit", None),
    "a NUL in a note": (changed(attributes={"gift": "\0"}), "value_unfit", None),
    "a text too long": (changed(buyer_name="x" * 501), "invalid", "buyer_name"),
    "paid twice over": (changed(tenders__0__amount=4000), "order_invalid", None),
}


@pytest.fixture(scope="module")
def shop(app: Any, asgi: Any) -> Api:
    made = new_api(app, asgi)
    company(made)
    return made


@pytest.mark.parametrize("what", REFUSED)
def test_a_mistake_is_named_and_changes_nothing(shop: Api, what: str) -> None:
    body, code, field = REFUSED[what]
    own = f"BAD-{list(REFUSED).index(what)}"
    if body["external_id"] == "BAD":
        body = body | {"external_id": own}
    answer = shop.call("POST", "/v1/orders", body)
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.code == code, answer.body
    if field is not None:
        assert answer.body["field"] == field
    assert answer.body["detail"]
    assert shop.get(f"/v1/orders?q={own}")["data"] == []


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "body_not_json"),
        (b"{", 400, "body_not_json"),
        (b"\xff\xfe", 400, "body_not_json"),
        (b'{"channel": "\xed\xa0\x80"}', 400, "body_not_json"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b"[" * 200_000, 422, "invalid"),
        (b'{"lines":' * 100_000, 422, "invalid"),
        (b'{"note": "\\ud800"}', 400, "body_not_json"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/batch", "/v1/imports", "/v1/areas"])
def test_what_is_not_json_or_not_ours(
    shop: Api, path: str, content: bytes, status: int, code: str
) -> None:
    answer = shop.call("POST", path, content, Content_Type="application/json")
    assert answer.status in (400, 422), (answer.status, answer.body)
    assert answer.code in ("body_not_json", "invalid"), answer.body
    if path == "/v1/orders":
        assert (answer.status, answer.code) == (status, code)


def test_text_of_all_the_world_is_kept_as_it_came(shop: Api) -> None:
    name = "Zoë 🎁 שלום \u202eمرحبا\u202c 株式会社 ﷽ \u200d🏳️‍🌈"
    address = ADDRESS | {"name": name, "lines": ["🏠 1", "مبنى ٢"]}
    body = order("world", {"SKU-1": 1}, groups=[{"address": address}], buyer_name=name, note=name)
    taken = shop.post("/v1/orders", body)
    assert taken["customer"]["name"] == taken["note"] == name
    assert taken["groups"][0]["address"]["lines"] == ["🏠 1", "مبنى ٢"]
    assert shop.get("/v1/orders?q=world")["data"][0]["buyer_name"] == name
    shop.work()
    assert shop.call("GET", "/t/" + taken["tracking_url"].split("/t/")[1]).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/orders?q=%00", None),
        ("GET", "/v1/orders/%00", None),
        ("GET", "/v1/stock?sku=%00", None),
        ("GET", "/v1/skus?after=%00", None),
        ("GET", "/v1/orders?after=%00", None),
        ("GET", "/v1/orders?after=AAAA", None),
        ("GET", "/v1/orders?limit=0", None),
        ("GET", "/v1/orders?limit=100000", None),
        ("GET", "/v1/orders?colour=red", None),
        ("GET", "/v1/orders/ord_00000000000000000000000000", None),
        ("GET", "/v1/orders/ord_nonsense", None),
        ("GET", "/v1/shipments/ord_00000000000000000000000000", None),
        ("GET", "/v1/events?after=-1", None),
        ("GET", "/v1/events?after=99999999999999999999999999", None),
        ("POST", "/v1/areas", {"code": "a\0b", "name": "x"}),
        ("POST", "/v1/areas", {"code": "ok", "name": "x\0"}),
        ("POST", "/v1/areas", {"code": "ok", "name": "x", "colour": "red"}),
        ("POST", "/v1/products", {"products": [{"code": "x", "title": "\0"}]}),
        ("POST", "/v1/sessions", {"email": "a\0@b.c", "password": "\0"}),
        ("POST", "/v1/stock/counts", {"location": "W1", "lines": [{"sku": "NO", "quantity": 1}]}),
        ("POST", "/v1/stock/counts", {"location": "NO", "lines": [{"sku": "x", "quantity": 1}]}),
        ("POST", "/v1/stock/counts", {"location": "W1", "lines": []}),
        (
            "POST",
            "/v1/stock/receipts",
            {"location": "W1", "lines": [{"sku": "SKU-1", "quantity": -1}]},
        ),
        (
            "POST",
            "/v1/stock/receipts",
            {
                "location": "W1",
                "lines": [{"sku": "SKU-1", "quantity": 1}],
                "occurred_at": "2999-01-01T00:00:00Z",
            },
        ),
        (
            "POST",
            "/v1/stock/receipts",
            {
                "location": "W1",
                "lines": [{"sku": "SKU-1", "quantity": 1}],
                "occurred_at": "2026-01-01T00:00:00",
            },
        ),
        ("DELETE", "/v1/orders", None),
        ("GET", "/v1/nothing", None),
    ],
)
def test_other_mistakes_are_named_too(shop: Api, method: str, path: str, body: Any) -> None:
    answer = shop.call(method, path, body)
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    assert answer.code != "None"
    assert answer.headers["content-type"] == "application/problem+json"


def streamed(shop: Api, path: str, content: Any, **headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=shop.asgi)
        sent = {"Authorization": f"Bearer {shop.key}"} | headers
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(path, content=content, headers=sent)

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/batch", "/v1/imports", "/v1/areas"])
@pytest.mark.parametrize("length_is_told", [True, False])
def test_a_body_beyond_ten_megabytes_is_refused(shop: Api, path: str, length_is_told: bool) -> None:
    piece = b'{"note": "' + b"x" * (1024 * 1024)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield piece

    content: Any = piece * 12 if length_is_told else pieces()
    answer = streamed(shop, path, content)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["x-request-id"]


def test_a_length_that_is_no_number_is_not_believed(shop: Api) -> None:
    answer = streamed(shop, "/v1/areas", b"{}", **{"Content-Length": "many"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/imports", "/v1/areas"])
@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 5000])
def test_a_key_that_can_not_be_kept_is_refused(shop: Api, path: str, key: str) -> None:
    good: dict[str, Any] = {
        "/v1/orders": order("key", {"SKU-1": 1}),
        "/v1/imports": {"mode": "live", "entries": [{"order": order("key", {"SKU-1": 1})}]},
        "/v1/areas": {"code": "key", "name": "key"},
    }
    answer = shop.call("POST", path, good[path], Idempotency_Key=key)
    assert answer.status == 422, answer.body


def test_one_key_is_for_one_request(shop: Api) -> None:
    first = shop.call("POST", "/v1/areas", {"code": "k1", "name": "k"}, Idempotency_Key="one")
    assert first.status == 200
    for path, body in (
        ("/v1/areas", {"code": "k2", "name": "k"}),
        ("/v1/orders", order("k", {"SKU-1": 1})),
        ("/v1/products", {"products": [{"code": "k", "title": "k"}]}),
    ):
        answer = shop.call("POST", path, body, Idempotency_Key="one")
        assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_a_refusal_with_an_effect_is_repeated_as_a_refusal(shop: Api) -> None:
    body = order("code", {"SKU-1": 1}, groups=[{"method": "pickup", "location": "S1"}])
    (work,) = shop.release(body)["fulfillment_orders"]
    shop.fulfil(work, until="pack")
    path = f"/v1/fulfillment-orders/{work['id']}/hand-over"
    wrong = [shop.call("POST", path, {"code": "000000"}, Idempotency_Key="c") for _ in range(2)]
    if wrong[0].status == 200:  # one code in a million is this one
        return
    assert [(a.status, a.code) for a in wrong] == [(409, "pickup_code_wrong")] * 2
    assert wrong[1].headers["idempotent-replayed"] == "true"
    assert wrong[1].body == wrong[0].body, "it is one wrong try, not two"


def test_a_channel_that_has_sold_already_is_never_refused(shop: Api) -> None:
    body = order("MP", {"SKU-1": 2, "NEW-9": 1}, channel="must_accept")
    body["total"] += 5
    body["currency"] = "ZZZ"
    body["groups"] = [{"address": ADDRESS | {"postal_code": "nowhere"}}]
    taken = shop.post("/v1/orders", body)
    assert {hold["kind"] for hold in taken["holds"]} >= {"totals", "currency", "address"}
    assert taken["lines"][1]["buckets"]["parked"] == 1
    assert taken["health"] == "blocked"
    shop.work()
    works = shop.order(taken["number"])["fulfillment_orders"]
    assert {work["status"] for work in works} <= {"planned"}, "it is not sent to a location"
    shop.holds()


def test_a_batch_takes_the_good_and_names_the_bad(shop: Api) -> None:
    bad = order("batch-2", {"SKU-1": 1}) | {"total": 1, "tenders": []}
    orders = [order("batch-1", {"SKU-1": 1}), bad, order("batch-3", {"SKU-2": 1})]
    answer = shop.post("/v1/orders/batch", {"orders": orders})
    codes = [(each["problem"] or {}).get("code") for each in answer["results"]]
    assert codes == [None, "totals_mismatch", None]
    broken = [order("batch-4", {"SKU-1": 1}), order("batch-5", {"SKU-1": 0})]
    refused = shop.call("POST", "/v1/orders/batch", json.dumps({"orders": broken}).encode())
    assert (refused.status, refused.body["field"]) == (422, "orders.1.lines.0.quantity")
    assert shop.get("/v1/orders?q=batch-4")["data"] == []
