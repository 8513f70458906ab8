"""Whoever works for some locations reads and changes what lies there; the rest is not there.

There are orders at W1, at W2, split over both, and planned but not sent. The key of W2 may do
everything that can be allowed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from api_document import BODIES, OPERATIONS, told_by_provider

from api import ADDRESS, Answer, Api, company, new_api, order, receive, returned, written_down
from baton.access.model import ROLES, Permission, Role
from baton.app import App

MARK = "Qvx7Mark"  # stands in every text of what lies at W1, and nowhere else

BERLIN = {"groups": [{"address": ADDRESS, "lat": 52.52, "lon": 13.4}]}
MUNICH = {
    "groups": [{"address": ADDRESS | {"city": "München"}, "lat": 48.1, "lon": 11.6}],
    "buyer_name": "Bea Blau",
    "email": "bea@example.com",
}


@dataclass
class House:
    """A merchant, their keys, and the numbers and ids of what there is."""

    all: Api
    w2: Api
    numbers: dict[str, str]
    ids: dict[str, str]
    places: dict[str, str]

    def key(self, scopes: Any, *places: str) -> Api:
        """A key with these permissions at these locations, or at all."""
        body: dict[str, Any] = {"name": "k", "scopes": sorted(scopes)}
        if places:
            body["location_ids"] = [self.places[code] for code in places]
        made = self.all.post("/v1/api-keys", body)
        return Api(self.all.app, self.all.tenant, made["key"], self.all.asgi)

    def at(self, path: str) -> str:
        """The path with ids of W1 in it, and a query where one is needed."""
        asks = {
            "/v1/stock": f"?sku={MARK}-1",
            "/v1/stock/movements": f"?sku={MARK}-1&location=W1",
            "/v1/stock/count-tasks": "?location=W1",
            "/v1/orders": f"?q={MARK}",
            "/v1/search": f"?q={MARK}",
            "/v1/imports/sums": "?channel=backorder",
            "/v1/accounting/books": "?legal_entity=main",
            "/v1/accounting/entries": "?legal_entity=main",
            "/v1/accounting/exports": "?legal_entity=main",
            "/v1/accounting/trial-balance": "?legal_entity=main",
            "/v1/accounting/accounts/{account}/ledger": "?legal_entity=main",
            "/v1/currencies/rate": "?base=EUR&quote=EUR",
            "/v1/tax/charge-rules": "?country=DE",
            "/v1/tax/exemptions": f"?customer_id={self.ids['customer_id']}",
            "/v1/tax/registrations": "?legal_entity=main",
            "/v1/tax/terms": "?legal_entity=main",
            "/v1/tax/vat-ids": "?vat_id=DE136695976",
        }
        names = self.ids | {"version": "0"}
        return re.sub(r"\{(\w+)\}", lambda name: names[name[1]], path) + asks.get(path, "")


@pytest.fixture(scope="module")
def house(app: App, asgi: Any) -> House:
    shop = new_api(app, asgi)
    company(shop, stock=0, skus=5)
    sku = {"code": f"{MARK}-1", "product": "P", "title": "A thing", "weight_g": 400}
    shop.post("/v1/skus", {"skus": [sku | {"currency": "EUR", "price": 1000}]})
    lines = [{"sku": f"{MARK}-1", "quantity": 50}]
    received = shop.post(
        "/v1/stock/receipts", {"location": "W1", "lines": lines, "reason": MARK, "reference": "R1"}
    )
    receive(shop, "W1", {"SKU-1": 50, "SKU-5": 50})
    receive(shop, "W2", {"SKU-2": 50, "SKU-3": 50, "SKU-4": 50})
    receive(shop, "S1", {"SKU-3": 50})
    marked = {"buyer_name": MARK, "email": f"{MARK}@example.com", "note": MARK} | BERLIN
    gone = shop.release(order(f"{MARK}-S", {f"{MARK}-1": 2}, **marked))
    shop.fulfil(gone["fulfillment_orders"][0])
    issuer = {"legal_entity": "main", "address": ADDRESS, "registration": MARK}
    assert shop.call("PUT", "/v1/invoicing/issuers", issuer).status == 200
    shop.work()
    (invoice,) = shop.get("/v1/invoices")["data"]
    gone = shop.order(gone["number"])
    out = shop.release(order(f"{MARK}-O", {f"{MARK}-1": 2}, **marked))
    (work,) = out["fulfillment_orders"]
    shop.post(
        f"/v1/fulfillment-orders/{work['id']}/pick",
        {"lines": [{"line": 1, "picked": 1, "short": 1}]},
    )
    held = shop.post(f"/v1/orders/{out['id']}/holds", {"reason": MARK})
    rma = returned(shop, gone["number"], MARK)
    parked = shop.post("/v1/orders", order("P", {f"{MARK}-N": 1}, channel="must_accept", **marked))
    near = shop.release(order("B", {"SKU-2": 1}, **MUNICH))
    shop.fulfil(near["fulfillment_orders"][0])
    split = shop.release(order("C", {"SKU-1": 1, "SKU-2": 1}, **MUNICH))
    planned = shop.post("/v1/orders", order("E", {"SKU-2": 1}, **MUNICH))
    shop.post(f"/v1/orders/{planned['id']}/holds", {"reason": "to be looked at"})
    shop.work()
    planned = shop.order(planned["number"])
    assert [w["status"] for w in planned["fulfillment_orders"]] == ["planned"]
    assert {w["location"]["code"] for w in split["fulfillment_orders"]} == {"W1", "W2"}
    entry = shop.post(
        "/v1/accounting/entries",
        {
            "legal_entity": "main",
            "day": "2026-01-01",
            "memo": MARK,
            "lines": [{"account": "1000", "debit": 1}, {"account": "3000", "credit": 1}],
        },
    )
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    written = shop.post("/v1/accounting/exports", {"legal_entity": "main", "format": "csv"} | days)
    places = {each["code"]: each["id"] for each in shop.get("/v1/locations")["data"]}
    scopes = [p for p in Permission if not p.startswith("access:")]
    body = {"name": "w2", "scopes": scopes, "location_ids": [places["W2"]]}
    key = shop.post("/v1/api-keys", body)["key"]
    (label,) = gone["shipments"][0]["labels"]
    card = {"amount": 100, "currency": "EUR", "reason": MARK, "code": f"{MARK}-CARD-1"}
    card = shop.post("/v1/gift-cards", card)
    return House(
        shop,
        Api(app, shop.tenant, key, asgi),
        {
            "gone": gone["number"],
            "out": out["number"],
            "near": near["number"],
            "split": split["number"],
            "planned": planned["number"],
        },
        {
            "order": out["id"],
            "work_id": work["id"],
            "shipment_id": gone["shipments"][0]["id"],
            "package_id": label["package_id"],
            "document_id": received["id"],
            "hold_id": held["holds"][0]["id"],
            "exception_id": parked["exceptions"][0]["id"],
            "customer_id": gone["customer"]["id"],
            "message_id": out["messages"][0]["id"],
            "user_id": "usr_00000000000000000000000000",
            "key_id": "key_00000000000000000000000000",
            "account_id": card["id"],
            "receivable_id": "rcv_00000000000000000000000000",
            **told_by_provider(shop, gone["number"], MARK),
            "invoice_id": invoice["id"],
            "job_id": "job_00000000000000000000000000",
            "order_id": gone["id"],
            "entry_id": entry["id"],
            "export_id": written["id"],
            "account": "1000",
            "legal_entity": "main",
            "tracking_no": label["tracking_no"],
        }
        | rma
        | written_down(shop, gone["number"], MARK),
        places,
    )


def numbers(key: Api, query: str = "") -> list[str]:
    """The orders that a key sees, page by page."""
    found, after = [], ""
    while True:
        page = key.get(f"/v1/orders?limit=1{query}{after}")
        found += [row["number"] for row in page["data"]]
        if not page["next"]:
            return found
        after = f"&after={page['next']}"


def sent_to(house: House, *places: str) -> set[str]:
    """The orders of which work was released to one of these places, as an unconfined key sees."""
    return {
        number
        for number in numbers(house.all)
        for work in house.all.order(number)["fulfillment_orders"]
        if work["released_at"] and work["location"]["code"] in places
    }


# ── nothing of elsewhere is read, whatever is asked ────────────────────────────────────────

# Of no location: what is sold, to whom, where and by whom.
MASTER_DATA = {
    "/v1/api-keys",
    "/v1/appeasement-limits",
    "/v1/areas",
    "/v1/channels",
    "/v1/customers/{customer_id}",
    "/v1/customers/{customer_id}/consents",
    "/v1/legal-entities",
    "/v1/locations",
    "/v1/notifications/fields",
    "/v1/notifications/preferences",
    "/v1/notifications/template",
    "/v1/notifications/templates",
    "/v1/returns/policies",
    "/v1/returns/policies/{policy}",
    "/v1/session",
    "/v1/skus",
    "/v1/users",
}
READS = [path for method, path in OPERATIONS if method == "GET" and path not in MASTER_DATA]
# What tells of all locations is for people of all.
BOOKS = {path for _, path in OPERATIONS if path.startswith("/v1/accounting/")}
SPANNING = BOOKS | {
    "/v1/appeasements",
    "/v1/csat",
    "/v1/currencies/imports",
    "/v1/currencies/rate",
    "/v1/events",
    "/v1/customers/{customer_id}/store-credit",
    "/v1/imports/sums",
    "/v1/disputes",
    "/v1/disputes/{dispute_id}/evidence",
    "/v1/disputes/{dispute_id}/evidence.zip",
    "/v1/invoices",
    "/v1/invoices/{invoice_id}",
    "/v1/invoices/{invoice_id}/pdf",
    "/v1/invoices/{invoice_id}/ubl",
    "/v1/invoices/{invoice_id}/xml",
    "/v1/invoicing/issuers",
    "/v1/invoicing/policies",
    "/v1/invoicing/waiting",
    "/v1/orders/{order}/routing",
    "/v1/payments/webhooks",
    "/v1/payments/webhooks/{webhook_id}",
    "/v1/payouts",
    "/v1/payouts/{payout_id}",
    "/v1/stored-value",
    "/v1/stored-value/{account_id}",
    "/v1/tax/charge-rules",
    "/v1/tax/exemptions",
    "/v1/tax/rates",
    "/v1/tax/registrations",
    "/v1/tax/sku-categories",
    "/v1/tax/terms",
    "/v1/tax/vat-ids",
    "/v1/carrier-claims",
    "/v1/returns/analysis",
    "/v1/verify",
    "/v1/work/parked",
}


@pytest.mark.parametrize("path", READS)
def test_what_lies_elsewhere_is_not_read(house: House, path: str) -> None:
    wanted = house.at(path)
    assert house.all.call("GET", wanted).status == 200, wanted
    answer = house.w2.call("GET", wanted)
    said = answer.content.decode(errors="replace")
    if path in SPANNING:
        assert (answer.status, answer.code) == (403, "location_forbidden")
    elif "{" in path:
        assert answer.status == 404, answer.body
        assert answer.code.endswith(("not_found", "unknown"))
    else:
        assert answer.status == 200
        assert all(id not in said for name, id in house.ids.items() if name != "customer_id")
    asked = ("/v1/orders", "/v1/search", "/v1/stock", "/v1/stock/movements")
    own = wanted if path in asked else ""
    assert MARK not in said or (own and MARK in own and '"on_hand"' not in said), said


NAMED = [
    (method, path)
    for method, path in OPERATIONS
    if method != "GET" and "{" in path and "{key_id}" not in path and "{job_id}" not in path
    if path not in BOOKS
    if not re.search(
        r"\{(account_id|customer_id|dispute_id|webhook_id|address|policy|claim_id)\}", path
    )
]
MERCHANTS = [
    (method, path)
    for method, path in OPERATIONS
    if method != "GET"
    and re.search(r"\{(account_id|dispute_id|webhook_id|policy|claim_id)\}|store-credit", path)
]


@pytest.mark.parametrize(("method", "path"), MERCHANTS, ids=[f"{m} {p}" for m, p in MERCHANTS])
def test_what_is_the_merchants_as_a_whole_is_not_changed(
    house: House, method: str, path: str
) -> None:
    answer = house.w2.call(method, house.at(path), BODIES.get(path, {}))
    assert (answer.status, answer.code) == (403, "location_forbidden")


KEEPS_BOOKS = [(method, path) for method, path in OPERATIONS if method != "GET" and path in BOOKS]


@pytest.mark.parametrize(("method", "path"), KEEPS_BOOKS, ids=[f"{m} {p}" for m, p in KEEPS_BOOKS])
def test_books_are_kept_by_who_works_for_all(house: House, method: str, path: str) -> None:
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    least = {
        "/v1/accounting/chart": {"accounts": [], "mappings": []},
        "/v1/accounting/exports": {"legal_entity": "main", "format": "csv"} | days,
        "/v1/accounting/entries": {
            "legal_entity": "main",
            "day": "2026-01-01",
            "memo": "x",
            "lines": [{"account": "1000", "debit": 1}, {"account": "3000", "credit": 1}],
        },
    }
    least["/v1/accounting/chart"]["accounts"] = [{"number": "1", "name": "x", "kind": "asset"}]
    body = least.get(path, BODIES.get(path, {}))
    answer = house.w2.call(method, house.at(path), body)
    assert (answer.status, answer.code) == (403, "location_forbidden"), answer.body


@pytest.mark.parametrize(("method", "path"), NAMED, ids=[f"{m} {p}" for m, p in NAMED])
def test_what_lies_elsewhere_is_not_changed(house: House, method: str, path: str) -> None:
    before = house.all.order(house.numbers["out"])
    answer = house.w2.call(method, house.at(path), BODIES.get(path, {}))
    assert answer.status in (404, 409), (answer.status, answer.body)
    assert answer.code.endswith(("not_found", "unknown", "exception_not_open")), answer.body
    assert MARK.encode() not in answer.content
    assert house.all.order(house.numbers["out"]) == before


def test_it_looks_as_if_there_were_none(house: House) -> None:
    """The answer about what lies elsewhere is the answer about what is nowhere."""
    for path, id in (
        ("orders", house.ids["order"]),
        ("shipments", house.ids["shipment_id"]),
        ("fulfillment-orders", house.ids["work_id"]),
        ("stock/documents", house.ids["document_id"]),
    ):
        nowhere = re.sub("[0-9a-z]{26}$", "0" * 26, id)
        there, none = (house.w2.call("GET", f"/v1/{path}/{each}") for each in (id, nowhere))
        said = [{k: v for k, v in a.body.items() if k != "detail"} for a in (there, none)]
        assert said[0] == said[1]
        assert there.body["detail"].replace(id, "") == none.body["detail"].replace(nowhere, "")


# ── orders ─────────────────────────────────────────────────────────────────────────────────


def test_the_list_has_what_was_sent_there(house: House) -> None:
    mine = numbers(house.w2)
    assert {house.numbers["near"], house.numbers["split"]} <= set(mine)
    assert not {house.numbers[n] for n in ("gone", "out", "planned")} & set(mine)
    assert len(set(mine)) == len(mine), "none stands on two pages"
    assert set(mine) == sent_to(house, "W2") < set(numbers(house.all))
    for places in (("W1",), ("S1",), ("W1", "W2")):
        key = house.key(ROLES[Role.WAREHOUSE], *places)
        assert set(numbers(key)) == sent_to(house, *places), places


@pytest.mark.parametrize("name", ["status", "health", "channel"])
def test_filters_count_within_what_is_seen(house: House, name: str) -> None:
    for key in (house.w2, house.key(ROLES[Role.WAREHOUSE], "W1"), house.all):
        rows = [
            row["channel"]["code"] if name == "channel" else row[name]
            for row in key.get("/v1/orders?limit=200")["data"]
        ]
        for value, many in Counter(rows).items():
            assert len(numbers(key, f"&{name}={value}")) == many


def test_the_search_finds_what_is_seen(house: House) -> None:
    split, gone = (house.all.order(house.numbers[n]) for n in ("split", "gone"))
    for asked in (split["number"], split["external_id"], "bea@example.com", "Bea", "SKU-2"):
        found = house.w2.get(f"/v1/orders?q={asked}")["data"]
        assert split["number"] in [row["number"] for row in found], asked
        assert house.numbers["planned"] not in [row["number"] for row in found]
    hidden = (gone["number"], gone["external_id"], gone["customer"]["email"], MARK, f"{MARK}-1")
    for asked in (*hidden, house.ids["tracking_no"]):
        assert house.w2.get(f"/v1/orders?q={asked}")["data"] == [], asked
        assert house.all.get(f"/v1/orders?q={asked}")["data"], asked
    (near,) = house.all.order(house.numbers["near"])["shipments"]
    (found,) = house.w2.get(f"/v1/orders?q={near['tracking_no']}")["data"]
    assert found["number"] == house.numbers["near"]


def test_a_few_among_many_are_found_and_paged(house: House) -> None:
    """What is not seen does not use up the page."""
    for n in range(5):
        house.all.post("/v1/orders", order(f"many {n}", {"SKU-2": 1}, channel="refuse", **MUNICH))
    for query in ("?limit=2", "?limit=2&q=SKU-2", "?limit=2&q=Bea"):
        rows = house.w2.get(f"/v1/orders{query}")["data"]
        assert len(rows) == 2, query
        assert {row["number"] for row in rows} <= sent_to(house, "W2")
    house.all.work()


def test_counts_are_of_what_is_seen(house: House) -> None:
    for key in (house.w2, house.key(ROLES[Role.WAREHOUSE], "W1")):
        rows = key.get("/v1/orders?limit=200")["data"]
        ended = ("shipped", "delivered", "cancelled")
        statuses = Counter(row["status"] for row in rows if row["status"] not in ended)
        healths = Counter(row["health"] for row in rows if row["health"] != "ok")
        counts = key.get("/v1/orders/counts")
        assert counts["by_status"] == statuses
        assert counts["by_health"] == healths
        assert counts["exceptions"] == len(key.get("/v1/exceptions")["data"])
        assert counts["parked_jobs"] == 0


def test_a_split_order_is_seen_with_its_own_work(house: House) -> None:
    whole = house.all.order(house.numbers["split"])
    for place in ("W1", "W2"):
        key = house.key(ROLES[Role.WAREHOUSE], place)
        seen = key.order(house.numbers["split"])
        assert [w["location"]["code"] for w in seen["fulfillment_orders"]] == [place]
        for name in ("lines", "totals", "groups", "actions", "holds", "status", "customer"):
            assert seen[name] == whole[name], "the order itself is whole"
        (other,) = [w for w in whole["fulfillment_orders"] if w["location"]["code"] != place]
        said = key.call("GET", f"/v1/orders/{whole['id']}/timeline").content.decode()
        assert _raw(other["id"]) not in said
        assert _raw(house.places["W1" if place == "W2" else "W2"]) not in said
        assert "orders.taken" in said
        assert "fulfillment.released" in said


def test_a_split_order_is_seen_with_its_own_parcels(house: House) -> None:
    taken = house.all.release(order("D", {"SKU-1": 1, "SKU-3": 1}, **MUNICH))
    for work in taken["fulfillment_orders"]:
        house.all.fulfil(work)
    whole = house.all.order(taken["number"])
    assert len(whole["shipments"]) == 2
    (mine,) = house.w2.order(taken["number"])["shipments"]
    assert mine["location_id"] == house.places["W2"]
    (other,) = [s for s in whole["shipments"] if s["id"] != mine["id"]]
    assert house.w2.get(f"/v1/shipments/{mine['id']}")["number"] == mine["number"]
    assert house.w2.call("GET", f"/v1/shipments/{other['id']}").code == "shipment_not_found"
    for paper in ("label", "packing-slip"):
        path = f"/v1/packages/{{}}/{paper}.pdf"
        own, its = (s["labels"][0]["package_id"] for s in (mine, other))
        assert house.w2.call("GET", path.format(own)).content.startswith(b"%PDF")
        assert house.w2.call("GET", path.format(its)).code == "document_not_found"
    said = house.w2.call("GET", f"/v1/orders/{whole['id']}/timeline").content.decode()
    assert other["tracking_no"] not in said
    assert mine["tracking_no"] in said
    house.all.holds()


def _raw(shown: str) -> str:
    """An id as the journal has it."""
    from baton.values.ids import parsed

    prefix = shown.partition("_")[0]
    return str(parsed(prefix, shown))


def test_an_order_comes_into_sight_with_its_release_and_stays(house: House) -> None:
    number = house.numbers["planned"]
    assert house.w2.call("GET", f"/v1/orders/{number}").code == "order_not_found"
    whole = house.all.order(number)
    hold = whole["holds"][0]["id"]
    house.all.post(f"/v1/orders/{number}/holds/{hold}/resolve", {"resolution": "fine"})
    house.all.work()
    assert house.w2.order(number)["status"] == "released"
    house.w2.post(f"/v1/orders/{number}/cancel", {"reason": "not wanted"})
    assert house.w2.order(number)["status"] == "cancelled"
    # as it was, for the other tests
    again = house.all.post("/v1/orders", order(f"E {number}", {"SKU-2": 1}, **MUNICH))
    house.all.post(f"/v1/orders/{again['id']}/holds", {"reason": "to be looked at"})
    house.all.work()
    house.numbers["planned"] = again["number"]
    house.all.holds()


def test_what_is_seen_can_be_changed_with_the_permission(house: House) -> None:
    number = house.numbers["split"]
    held = house.w2.post(f"/v1/orders/{number}/holds", {"reason": "wait"})
    hold = held["holds"][-1]["id"]
    assert [w["location"]["code"] for w in held["fulfillment_orders"]] == ["W2"]
    path = f"/v1/orders/{number}/holds/{hold}/resolve"
    answer = house.w2.post(path, {"resolution": "done"})
    assert [w["location"]["code"] for w in answer["fulfillment_orders"]] == ["W2"]
    warehouse = house.key(ROLES[Role.WAREHOUSE], "W2")
    refused = warehouse.call("POST", f"/v1/orders/{number}/cancel", {"reason": "x"})
    assert (refused.status, refused.code) == (403, "permission_missing")


def test_exceptions_are_of_what_is_seen(house: House) -> None:
    body = order("X", {"SKU-2": 1}, **MUNICH)
    body["tenders"][0]["token"] = "tok_decline_capture"
    taken = house.all.release(body)
    house.all.fulfil(taken["fulfillment_orders"][0])
    (mine,) = _about(house.w2, taken)
    kinds = [each["kind"] for each in house.all.get("/v1/exceptions")["data"]]
    assert {"unknown_sku", "capture_declined"} <= set(kinds)
    settled = house.w2.post(f"/v1/exceptions/{mine['id']}/resolve", {"resolution": "paid in cash"})
    assert settled["number"] == taken["number"]
    assert _about(house.w2, taken) == []


def _about(key: Api, page: dict[str, Any]) -> list[dict[str, Any]]:
    """The open exceptions of an order; all in the list are of orders that are seen."""
    found = key.get("/v1/exceptions?limit=200")["data"]
    for each in found:
        key.get(f"/v1/orders/{each['order_id']}")
    return [each for each in found if each["order_id"] == page["id"]]


def test_who_takes_an_order_reads_the_answer_to_it(house: House) -> None:
    body = order("taken at the counter", {"SKU-2": 1}, **MUNICH)
    taken = house.w2.post("/v1/orders", body)
    assert house.w2.post("/v1/orders", body)["id"] == taken["id"]
    assert house.w2.call("GET", f"/v1/orders/{taken['id']}").status == 404, "it is sent nowhere yet"
    house.all.work()
    assert house.w2.order(taken["number"])["status"] == "released"


def test_an_answer_that_was_kept_is_for_the_same_locations(house: House) -> None:
    path, body = f"/v1/orders/{house.ids['order']}/holds", {"reason": "to be sure"}
    first = house.all.call("POST", path, body, Idempotency_Key="held")
    assert first.status == 201
    other = house.w2.call("POST", path, body, Idempotency_Key="held")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    again = house.all.call("POST", path, body, Idempotency_Key="held")
    assert again.body == first.body


# ── work, shipments, tracking ──────────────────────────────────────────────────────────────


def test_a_parcel_from_elsewhere_is_unknown_to_who_tells_of_it(house: House) -> None:
    def heard(key: Api, event: str) -> Any:
        told = {"tracking_no": house.ids["tracking_no"], "event_id": event, "code": "picked_up"}
        body = {"events": [told | {"occurred_at": "2026-03-05T10:00:00Z"}]}
        return key.post("/v1/tracking-events", body)

    assert heard(house.w2, "1") == {"changed": 0, "unknown": [house.ids["tracking_no"]]}
    assert house.all.order(house.numbers["gone"])["shipments"][0]["events"] == []
    assert heard(house.key(ROLES[Role.WAREHOUSE], "W1"), "1") == {"changed": 1, "unknown": []}


def test_a_shipment_elsewhere_is_neither_labelled_nor_given_up(house: House) -> None:
    taken = house.all.release(order(f"{MARK}-V", {f"{MARK}-1": 1}, **BERLIN))
    (work,) = taken["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    house.all.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1}]})
    box = {"weight_g": 900, "lines": [{"line": 1, "quantity": 1}]}
    house.all.post(f"{path}/pack", {"packages": [box]})
    house.all.post(f"{path}/ship")
    (opened,) = house.all.order(taken["number"])["shipments"]
    for what in ("void", "retry-labels"):
        answer = house.w2.call("POST", f"/v1/shipments/{opened['id']}/{what}")
        assert (answer.status, answer.code) == (404, "shipment_not_found")
    w1 = house.key(ROLES[Role.WAREHOUSE], "W1")
    assert w1.post(f"/v1/shipments/{opened['id']}/void")["status"] == "voided"
    house.all.work()
    house.all.holds()


# ── stock ──────────────────────────────────────────────────────────────────────────────────


def test_levels_are_of_ones_own_locations(house: House) -> None:
    (mine,) = house.w2.get("/v1/stock?sku=SKU-3")["data"]
    assert [level["location"] for level in mine["levels"]] == ["W2"]
    assert [area["area"] for area in mine["areas"]] == ["eu"], "nobody else in it has the SKU"
    (other,) = house.w2.get("/v1/stock?sku=SKU-1")["data"]
    assert (other["levels"], other["areas"]) == ([], []), "what is there would be told by the sum"
    store = house.key(ROLES[Role.STORE], "S1")
    (there,) = store.get("/v1/stock?sku=SKU-3")["data"]
    assert [area["area"] for area in there["areas"]] == ["stores"]
    (whole,) = house.all.get("/v1/stock?sku=SKU-3")["data"]
    assert [level["location"] for level in whole["levels"]] != ["W2"]
    assert sorted(area["area"] for area in whole["areas"]) == ["eu", "stores"]


def test_an_area_is_summed_for_who_works_for_all_of_it(house: House) -> None:
    receive(house.all, "W1", {"SKU-2": 5})
    (one,) = house.w2.get("/v1/stock?sku=SKU-2")["data"]
    assert one["areas"] == []
    (both,) = house.key(ROLES[Role.WAREHOUSE], "W1", "W2").get("/v1/stock?sku=SKU-2")["data"]
    assert [area["area"] for area in both["areas"]] == ["eu"]


def test_the_ledger_and_tasks_are_of_ones_own_locations(house: House) -> None:
    elsewhere = house.w2.get(f"/v1/stock/movements?sku={MARK}-1&location=W1")
    assert elsewhere == {"data": [], "next": None}
    assert house.w2.get("/v1/stock/movements?sku=SKU-2&location=W2")["data"]
    assert house.all.get("/v1/stock/count-tasks?location=W1")["data"]
    assert house.w2.get("/v1/stock/count-tasks?location=W1")["data"] == []
    assert house.key(ROLES[Role.WAREHOUSE], "W1").get("/v1/stock/count-tasks?location=W1")["data"]


def test_shortages_are_of_ones_own_locations(house: House) -> None:
    for place, sku, near in (("W1", "SKU-5", BERLIN), ("W2", "SKU-4", MUNICH)):
        house.all.release(order(f"short {place}", {sku: 5}, **near))
        count = {"location": place, "lines": [{"sku": sku, "quantity": 0}], "reason": "gone"}
        house.all.post("/v1/stock/counts", count)
    everywhere = house.all.get("/v1/stock/shortages")["data"]
    assert {each["location"] for each in everywhere} >= {"W1", "W2"}
    mine = house.w2.get("/v1/stock/shortages")["data"]
    assert mine == [each for each in everywhere if each["location"] == "W2"]


def test_a_transfer_is_seen_at_both_ends(house: House) -> None:
    receive(house.all, "W1", {"SKU-1": 10})
    lines = [{"sku": "SKU-1", "quantity": 1}]
    path = "/v1/stock/transfers"
    moved = house.all.post(path, {"from": "W1", "to": "W2", "lines": lines})
    apart = house.all.post(path, {"from": "W1", "to": "S1", "lines": lines})
    assert house.w2.get(f"/v1/stock/documents/{moved['id']}")["lines"]
    sent = house.w2.call("POST", f"{path}/{moved['id']}/send")
    assert (sent.status, sent.code) == (403, "location_forbidden"), "it is seen, and not theirs"
    for answer in (
        house.w2.call("GET", f"/v1/stock/documents/{apart['id']}"),
        house.w2.call("POST", f"{path}/{apart['id']}/send"),
        house.w2.call("POST", f"{path}/{apart['id']}/receive"),
    ):
        assert answer.status == 404
    for each in (moved, apart):
        house.all.post(f"{path}/{each['id']}/cancel")


def test_a_reference_does_not_open_another_places_document(house: House) -> None:
    lines = [{"sku": "SKU-2", "quantity": 1}]
    body = {"location": "W2", "lines": lines, "reference": "R1"}
    answer = house.w2.call("POST", "/v1/stock/receipts", body)
    assert (answer.status, answer.code) == (403, "location_forbidden")
    assert MARK not in answer.content.decode()


# ── who is confined ────────────────────────────────────────────────────────────────────────


def test_a_role_without_locations_is_for_all(house: House) -> None:
    care = house.key(ROLES[Role.CARE])
    assert set(numbers(care)) == set(numbers(house.all))
    assert len(care.order(house.numbers["split"])["fulfillment_orders"]) == 2
    assert care.get(f"/v1/orders/{house.numbers['split']}/routing")["data"]


def test_a_person_is_confined_as_a_key_is(house: House) -> None:
    for email, places in (("s@example.com", [house.places["W2"]]), ("c@example.com", None)):
        user = {"email": email, "name": "U", "roles": ["store"], "password": "long enough"}
        house.all.post("/v1/users", user | {"location_ids": places})
    assert _seen_by(house, "s@example.com") == set(numbers(house.w2))
    assert _seen_by(house, "c@example.com") == set(numbers(house.all))


def _seen_by(house: House, email: str) -> set[str]:
    handle = house.all.get("/v1/session")["merchant"]["handle"]
    body = {"merchant": handle, "email": email, "password": "long enough"}
    signed: Answer = house.all.call("POST", "/v1/sessions", body)
    cookie = signed.headers["set-cookie"].partition(";")[0].partition("=")[2]
    page = Api(house.all.app, house.all.tenant, cookie, house.all.asgi)
    return {row["number"] for row in page.get("/v1/orders?limit=200")["data"]}
