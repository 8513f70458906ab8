"""The way back and what can happen on it: labels, scans, unannounced and unknown goods, parcels
that come back by themselves or are lost, exchanges, claims against carriers, figures."""

from __future__ import annotations

from typing import Any

import pytest
from test_returns_policies import built_in, in_force, with_row
from test_returns_way import ask, grade, receive, sold, stock

from api import Api, Outside
from baton.flows.ask_return import expire_due
from baton.platform.db import Caller


def tracked(shop: Api, no: str, code: str, event: str = "1") -> Any:
    said = {"tracking_no": no, "event_id": f"{no}-{event}", "code": code}
    said["occurred_at"] = "2026-03-05T10:00:00Z"
    answer = shop.post("/v1/tracking-events", {"events": [said]})
    shop.work()
    return answer


def parcel(shop: Api, lines: dict[str, int], location: str = "W1", **more: Any) -> Any:
    goods = [{"sku": sku, "quantity": units} for sku, units in lines.items()]
    return shop.post("/v1/return-parcels", {"location": location, "lines": goods} | more)


def time_over(shop: Api, rma: dict[str, Any]) -> int:
    """How many returns end once the time of this one is over."""
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        assert expire_due(tx) == 0
        tx.connection.execute(
            "update returns.rmas set expires_at = requested_at"
            " where tenant_id = %s and number = %s and expires_at is not null",
            (shop.tenant, rma["number"]),
        )
        return expire_due(tx)


# ── the way back ───────────────────────────────────────────────────────────────────────────


def test_a_label_is_bought_and_its_scan_says_that_it_comes(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = ask(shop, page)
    path = f"/v1/returns/{rma['id']}"
    none = shop.call("GET", f"{path}/label.pdf")
    assert (none.status, none.code) == (404, "return_label_not_found")
    shop.post(f"{path}/label", {"service": "standard"})
    shop.post(f"{path}/label")
    shop.work()
    (label,) = shop.get(path)["labels"]
    assert (label["state"], label["cost"]) == ("bought", 390)
    assert shop.call("GET", f"{path}/label.pdf").content.startswith(b"%PDF")
    assert tracked(shop, label["tracking_no"], "picked_up")["changed"] == 1
    assert shop.get(path)["status"] == "on_its_way"
    again = tracked(shop, label["tracking_no"], "in_transit", "2")
    assert again == {"changed": 0, "unknown": []}
    found = parcel(shop, {"SKU-1": 1}, tracking_no=label["tracking_no"])
    assert (found["rma"]["number"], found["parcel"]) == (rma["number"], None)
    shop.holds()


def test_money_goes_back_at_the_first_scan_where_the_policy_says_so(
    shop: Api, outside: Outside
) -> None:
    page = sold(shop, {"SKU-1": 2})
    cells = {"to_outcome": '"approve"', "to_refund_at": '"scan"'}
    in_force(shop, with_row(built_in(shop), "at once", **cells))
    rma = ask(shop, page)
    path = f"/v1/returns/{rma['id']}"
    rma = shop.post(f"{path}/label", {"tracking_no": "OWN-1", "carrier": "post"})
    assert [x["state"] for x in rma["labels"]] == ["own"]
    assert rma["settlements"] == []
    tracked(shop, "OWN-1", "in_transit")
    rma = shop.get(path)
    assert [s["amount"] for s in rma["settlements"]] == [1000]
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1, disposition="restock")
    assert (rma["status"], len(rma["settlements"])) == ("closed", 1)
    shop.work()
    assert outside.paid(page["number"], "refund") == 1000
    shop.holds()


def test_what_does_not_come_in_time_can_be_returned_again(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = ask(shop, page, 2)
    path = f"/v1/returns/{rma['id']}"
    assert time_over(shop, rma) == 1
    assert time_over(shop, rma) == 0
    assert shop.get(path)["status"] == "expired"
    shop.holds()
    second = ask(shop, page, 1)
    rma = receive(shop, rma, 1)
    assert rma["status"] == "received", "late goods are taken in all the same"
    body = {"location": "W1", "lines": [{"line": 1, "quantity": 1}]}
    more = shop.call("POST", f"{path}/receive", body)
    assert more.code == "units_not_returnable", "the other unit is on another return by now"
    assert second["status"] == "approved"
    shop.holds()


# ── goods that nobody announced ────────────────────────────────────────────────────────────


def test_goods_of_a_known_order_open_a_return(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    found = parcel(shop, {"SKU-1": 1}, order=page["number"], reference="R1")
    assert (found["rma"]["cause"], found["rma"]["status"]) == ("unannounced", "received")
    assert found["parcel"] is None
    again = parcel(shop, {"SKU-1": 1}, order=page["number"], reference="R1")
    assert again["rma"]["id"] == found["rma"]["id"]
    assert stock(shop) == (99, 1), "the same scan is taken in once"
    shop.holds()


def test_the_sender_and_the_goods_tell_the_order_if_only_one_fits(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    found = parcel(shop, {"SKU-1": 1}, "S1", sender="Ada@example.com")
    assert found["rma"]["order_number"] == page["number"]
    assert stock(shop, "SKU-1", "S1") == (101, 1), "taken back in a store"
    sold(shop, {"SKU-2": 1}, "A2")
    sold(shop, {"SKU-2": 1}, "A3")
    two = parcel(shop, {"SKU-2": 1}, sender="ada@example.com")
    assert (two["rma"], two["parcel"]["status"]) == (None, "quarantine")
    shop.holds()


def test_wrong_and_extra_goods_lie_in_quarantine_until_matched(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1, "SKU-2": 1})
    rma = ask(shop, page)
    found = parcel(shop, {"SKU-1": 2, "SKU-3": 1}, rma=rma["number"])
    assert found["rma"]["lines"][0]["received"] == 1
    left = {line["sku_code"]: line["units"] for line in found["parcel"]["lines"]}
    assert left == {"SKU-1": 1, "SKU-3": 1}
    assert stock(shop, "SKU-3") == (101, 1)
    path = f"/v1/return-parcels/{found['parcel']['id']}"
    wrong = shop.call("POST", f"{path}/match", {"rma": rma["number"]})
    assert (wrong.status, wrong.code) == (409, "return_action_illegal")
    gone = shop.post(f"{path}/dispose", {"disposition": "donate"})
    assert gone["status"] == "disposed"
    assert stock(shop, "SKU-3") == (100, 0)
    twice = shop.call("POST", f"{path}/dispose", {"disposition": "restock"})
    assert (twice.status, twice.code) == (409, "return_parcel_settled")
    shop.holds()


def test_a_person_matches_what_nobody_knew(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    lost = parcel(shop, {"SKU-1": 2}, note="no paper in it")["parcel"]
    assert shop.get("/v1/return-parcels")["data"][0]["id"] == lost["id"]
    rma = ask(shop, page, 1)
    path = f"/v1/return-parcels/{lost['id']}"
    first = shop.post(f"{path}/match", {"rma": rma["number"]})
    assert first["parcel"]["status"] == "quarantine"
    assert first["parcel"]["lines"][0]["matched"] == 1
    assert stock(shop) == (100, 2), "its stock was moved when it came"
    second = ask(shop, page, 1)
    assert shop.post(f"{path}/match", {"rma": second["id"]})["parcel"]["status"] == "matched"
    for each in (rma, second):
        assert grade(shop, each, 1, disposition="restock")["status"] == "closed"
    assert stock(shop) == (100, 0)
    shop.work()
    assert outside.paid(page["number"], "refund") == 2000
    assert shop.order(page["number"])["lines"][0]["returned"] == 2
    shop.holds()


# ── parcels that come back by themselves, and those that don't ─────────────────────────────


def test_a_refused_parcel_makes_a_return(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    no = page["shipments"][0]["tracking_no"]
    tracked(shop, no, "returned_to_sender")
    (row,) = shop.get(f"/v1/returns?order={page['number']}")["data"]
    assert (row["cause"], row["status"], row["location"]) == ("refused_parcel", "approved", "W1")
    tracked(shop, no, "returned_to_sender", "2")
    assert len(shop.get(f"/v1/returns?order={page['number']}")["data"]) == 1
    rma = receive(shop, row, 2)
    assert [s["amount"] for s in rma["settlements"]] == [2000], "at receipt"
    grade(shop, row, 2, disposition="restock")
    shop.work()
    assert outside.paid(page["number"], "refund") == 2000
    shop.holds()


def test_a_lost_parcel_is_refunded_and_claimed(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    path = f"/v1/orders/{page['number']}/refund-lost"
    body = {"lines": [{"line": 1, "quantity": 2}]}
    early = shop.call("POST", path, body)
    assert (early.status, early.code) == (409, "units_not_returnable")
    shipment = page["shipments"][0]
    tracked(shop, shipment["tracking_no"], "lost")
    rma = shop.post(path, body)
    assert (rma["status"], rma["cause"]) == ("approved", "lost_parcel")
    assert [s["amount"] for s in rma["settlements"]] == [2000]
    twice = shop.call("POST", path, body)
    assert twice.code == "units_not_returnable"
    claimed = {"shipment_id": shipment["id"], "amount": 2000, "reason": "lost"}
    claim = shop.post("/v1/carrier-claims", claimed)
    again = shop.call("POST", "/v1/carrier-claims", claimed)
    assert (again.status, again.code) == (409, "carrier_claim_settled")
    settle = f"/v1/carrier-claims/{claim['id']}/settle"
    assert shop.call("POST", settle, {"paid": 2001}).status == 422
    assert shop.post(settle, {"paid": 1500})["status"] == "paid"
    assert shop.call("POST", settle, {"paid": 0}).code == "carrier_claim_settled"
    (listed,) = shop.get("/v1/carrier-claims")["data"]
    assert (listed["claimed"], listed["paid"]) == (2000, 1500)
    shop.work()
    assert outside.paid(page["number"], "refund") == 2000
    shop.holds()


# ── exchanges ──────────────────────────────────────────────────────────────────────────────


def other_product(shop: Api, price: int) -> None:
    shop.post("/v1/products", {"products": [{"code": "Q", "title": "Other"}]})
    sku = {"code": "OTHER", "product": "Q", "title": "Other", "currency": "EUR", "price": price}
    shop.post("/v1/skus", {"skus": [sku | {"weight_g": 100}]})
    lines = [{"sku": "OTHER", "quantity": 10}]
    shop.post("/v1/stock/receipts", {"location": "W1", "lines": lines})


def exchange(shop: Api, page: dict[str, Any], sku: str) -> Any:
    return ask(shop, page, resolution="exchange", exchange_sku=sku, reason="too_small")


def test_another_size_is_sent_when_the_goods_are_back(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 1})
    rma = exchange(shop, page, "SKU-2")
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1, disposition="restock")
    (settled,) = rma["settlements"]
    assert (settled["to"], settled["amount"], settled["exchanged"]) == ("exchange", 1000, 1000)
    number = next(o for o in shop.get("/v1/orders")["data"] if o["number"] != page["number"])
    placed = shop.order(number["number"])
    assert settled["exchange_order"] == placed["id"]
    assert placed["external_id"] == f"{rma['number']}-X1"
    assert placed["totals"]["total"] == 1000
    shop.work()
    placed = shop.order(placed["number"])
    assert placed["status"] == "released", "routed and released like any other"
    shop.fulfil(placed["fulfillment_orders"][0])
    assert shop.order(placed["number"])["status"] == "shipped"
    assert outside.paid(page["number"], "refund") == 0
    shop.holds()


@pytest.mark.parametrize(("price", "back", "held"), [(600, 400, False), (1500, 0, True)])
def test_uneven_exchanges_are_paid_or_given_back(
    shop: Api, outside: Outside, price: int, back: int, held: bool
) -> None:
    other_product(shop, price)
    page = sold(shop, {"SKU-1": 1})
    rma = exchange(shop, page, "OTHER")
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1)
    (settled,) = rma["settlements"]
    assert settled["exchanged"] == min(price, 1000)
    shop.work()
    assert outside.paid(page["number"], "refund") == back
    row = next(o for o in shop.get("/v1/orders")["data"] if o["number"] != page["number"])
    placed = shop.order(row["number"])
    assert placed["totals"]["total"] == price
    holds = [h["reason"] for h in placed["holds"] if not h["resolved_at"]]
    assert holds == (["5.00 EUR more than what came back: to be paid."] if held else [])
    shop.holds()


def test_an_instant_exchange_stands_on_a_guarantee(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = exchange(shop, page, "SKU-2")
    path = f"/v1/returns/{rma['id']}"
    body = {"guarantee": {"token": "tok_ok"}, "days": 14}
    rma = shop.post(f"{path}/exchange", body)
    (settled,) = rma["settlements"]
    assert settled["exchanged"] == 1000
    twice = shop.call("POST", f"{path}/exchange", body)
    assert (twice.status, twice.code) == (409, "nothing_to_exchange")
    shop.work()
    row = next(o for o in shop.get("/v1/orders")["data"] if o["number"] != page["number"])
    placed = shop.order(row["number"])
    shop.fulfil(placed["fulfillment_orders"][0])
    assert outside.paid(placed["number"]) == 0, "nothing is captured while the goods may come"
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1, disposition="restock")
    assert rma["status"] == "closed"
    shop.work()
    assert outside.paid(placed["number"]) == 0
    assert outside.paid(placed["number"], "void") == 1000, "the guarantee is let go"
    shop.holds()


def test_goods_that_stay_out_are_captured_from_the_guarantee(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = exchange(shop, page, "SKU-2")
    shop.post(f"/v1/returns/{rma['id']}/exchange", {"guarantee": {"token": "tok_ok"}, "days": 14})
    shop.work()
    row = next(o for o in shop.get("/v1/orders")["data"] if o["number"] != page["number"])
    placed = shop.order(row["number"])
    shop.fulfil(placed["fulfillment_orders"][0])
    assert time_over(shop, rma) == 1
    shop.work()
    assert outside.paid(placed["number"]) == 1000
    assert outside.paid(page["number"], "refund") == 0
    shop.holds()


def test_an_exchange_that_can_not_be_ordered_gives_the_money_back(
    shop: Api, outside: Outside
) -> None:
    page = sold(shop, {"SKU-1": 1}, channel="refuse")
    rma = exchange(shop, page, "SKU-3")
    shop.post("/v1/orders", {**_all_of("SKU-3")})
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1)
    assert [s["to"] for s in rma["settlements"]] == ["original"]
    told = [e["kind"] for e in shop.order(page["number"])["exceptions"] if not e["resolved_at"]]
    assert told == ["exchange_failed"]
    shop.work()
    assert outside.paid(page["number"], "refund") == 1000
    shop.holds()


def _all_of(sku: str) -> dict[str, Any]:
    from api import order

    return order("all", {sku: 300})


# ── figures ────────────────────────────────────────────────────────────────────────────────


def test_return_rates_of_a_cohort(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 3, "SKU-2": 1})
    for units, reason in ((1, "too_small"), (1, "changed_mind")):
        rma = ask(shop, page, units, reason=reason)
        receive(shop, rma, units)
    when = "since=2026-03-01&until=2026-04-01"
    by_sku = shop.get(f"/v1/returns/analysis?by=sku&{when}")["data"]
    assert [(x["key"], x["shipped"], x["returned"], x["rate_percent"]) for x in by_sku] == [
        ("SKU-1", 3, 2, 66.67),
        ("SKU-2", 1, 0, 0.0),
    ]
    by_reason = shop.get(f"/v1/returns/analysis?by=reason&sku=SKU-1&{when}")["data"]
    assert {x["key"]: (x["shipped"], x["returned"]) for x in by_reason} == {
        "too_small": (3, 1),
        "changed_mind": (3, 1),
    }
    for by, key in (("product", "P"), ("category", ""), ("channel", "backorder")):
        (one,) = shop.get(f"/v1/returns/analysis?by={by}&{when}")["data"]
        assert (one["key"], one["returned"]) == (key, 2)
    (month,) = shop.get(f"/v1/returns/analysis?by=month&{when}")["data"]
    assert month["key"] == "2026-03"
    assert shop.get("/v1/returns/analysis?since=2030-01-01&until=2030-02-01")["data"] == []
    backwards = shop.call("GET", "/v1/returns/analysis?since=2026-02-01&until=2026-01-01")
    assert (backwards.status, backwards.code) == (422, "return_invalid")


# ── what a channel took back ───────────────────────────────────────────────────────────────


def test_what_a_channel_took_back_is_restocked_and_settled_as_it_says(shop: Api) -> None:
    from api import order

    taken = shop.release(order("M1", {"SKU-1": 3}, channel="must_accept"))
    shop.fulfil(taken["fulfillment_orders"][0])
    before = stock(shop)
    credit = {
        "type": "return",
        "kind": "return",
        "channel": "must_accept",
        "external_id": "C1",
        "order": "M1",
        "occurred_at": "2026-03-04T10:00:00Z",
        "currency": "EUR",
        "lines": [
            {"sku": "SKU-1", "title": "x", "quantity": 1, "amount": 901},
            {"sku": "SKU-1", "title": "x", "quantity": 1, "amount": 900},
        ],
    }
    for new in (True, False):
        (result,) = shop.post("/v1/imports", {"mode": "live", "entries": [credit]})["results"]
        assert (result["problem"], result["new"]) == (None, new)
    (row,) = shop.get(f"/v1/returns?order={taken['number']}")["data"]
    rma = shop.get(f"/v1/returns/{row['id']}")
    assert (rma["cause"], rma["status"]) == ("channel", "closed")
    assert [s["amount"] for s in rma["settlements"]] == [1801], "the channel's figures win"
    assert stock(shop) == (before[0] + 2, 0)
    page = shop.order(taken["number"])
    assert page["lines"][0]["returned"] == 2
    assert [e for e in page["exceptions"] if not e["resolved_at"]] == []
    shop.holds()
