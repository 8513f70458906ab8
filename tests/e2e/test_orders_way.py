"""An order's way through the API, a worker and the outside world's fakes."""

from __future__ import annotations

import re

import pytest

from api import ADDRESS, Api, Outside, order, receive


def facts(shop: Api, number: str) -> list[str]:
    return [entry["fact"] for entry in shop.get(f"/v1/orders/{number}/timeline")["data"]]


def deliver(shop: Api, number: str, code: str = "delivered", event: str = "1") -> None:
    for shipment in shop.order(number)["shipments"]:
        shop.post(
            "/v1/tracking-events",
            {
                "events": [
                    {
                        "tracking_no": shipment["tracking_no"],
                        "event_id": event,
                        "code": code,
                        "occurred_at": "2026-03-05T10:00:00Z",
                    }
                ]
            },
        )
    shop.work()


def test_from_capture_to_delivery(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 2, "SKU-2": 1}))
    assert taken["status"] == "reserved"
    assert taken["payment_status"] == "requested"
    shop.work()
    released = shop.order(taken["number"])
    assert released["status"] == "released"
    assert released["payment_status"] == "authorised"
    (work,) = released["fulfillment_orders"]
    assert work["location"]["code"] == "W1", "Berlin is nearer than Munich"
    assert released["groups"][0]["promised_by"] >= "2026"
    shop.fulfil(work)
    shipped = shop.order(taken["number"])
    assert shipped["status"] == "shipped"
    assert shipped["payment_status"] == "captured"
    assert outside.paid(taken["number"]) == 3000
    deliver(shop, taken["number"])
    done = shop.order(taken["number"])
    assert done["status"] == "delivered"
    assert [m["kind"] for m in done["messages"]] == ["order_confirmed", "shipped", "delivered"]
    assert len(outside.mails(taken["number"])) == 3
    label = done["shipments"][0]["labels"][0]
    pdf = shop.call("GET", f"/v1/packages/{label['package_id']}/label.pdf")
    assert pdf.content.startswith(b"%PDF")
    slip = shop.call("GET", f"/v1/packages/{label['package_id']}/packing-slip.pdf")
    assert slip.content.startswith(b"%PDF")
    assert "payments.captured" in facts(shop, taken["number"])
    shop.holds()


def test_the_same_order_again_is_the_same_order(shop: Api) -> None:
    first = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 1}))
    again = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 1}))
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]
    assert shop.get("/v1/stock?sku=SKU-1")["data"][0]["areas"][0]["committed"] == 1


def test_the_same_key_is_answered_once(shop: Api) -> None:
    body = order("A1", {"SKU-1": 1})
    first = shop.call("POST", "/v1/orders", body, Idempotency_Key="k1")
    again = shop.call("POST", "/v1/orders", body, Idempotency_Key="k1")
    assert again.status == first.status == 201
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    other = shop.call("POST", "/v1/orders", order("A2", {"SKU-1": 1}), Idempotency_Key="k1")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("channel", "status", "buckets"),
    [
        ("partial", 201, {"reserved": 300, "cancelled": 7}),
        ("backorder", 201, {"reserved": 300, "backordered": 7}),
        ("must_accept", 201, {"reserved": 300, "backordered": 7}),
    ],
)
def test_what_is_missing_is_decided_by_the_channel(
    shop: Api, channel: str, status: int, buckets: dict[str, int]
) -> None:
    answer = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 307}, channel=channel))
    assert answer.status == status
    found = answer.body["lines"][0]["buckets"]
    assert {name: units for name, units in found.items() if units} == buckets
    assert bool(answer.body["exceptions"]) is (channel == "must_accept")
    shop.holds()


def test_a_channel_that_refuses_leaves_nothing_behind(shop: Api) -> None:
    body = order("A1", {"SKU-2": 1, "SKU-1": 301}, channel="refuse")
    answer = shop.call("POST", "/v1/orders", body)
    assert (answer.status, answer.code) == (409, "out_of_stock")
    assert answer.body["field"] == "lines.1.quantity"
    assert shop.get("/v1/orders")["data"] == []
    assert shop.get("/v1/stock?sku=SKU-2")["data"][0]["areas"][0]["committed"] == 0


def test_stock_that_comes_in_serves_who_waited_longest(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 310}))
    second = shop.post("/v1/orders", order("A2", {"SKU-1": 10}))
    receive(shop, "W1", {"SKU-1": 12})
    shop.work()
    buckets = [shop.order(x["number"])["lines"][0]["buckets"] for x in (first, second)]
    assert [b["backordered"] for b in buckets] == [0, 8]
    shop.holds()


def test_a_hold_stops_the_release_until_it_is_resolved(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    held = shop.post(f"/v1/orders/{taken['id']}/holds", {"kind": "fraud", "reason": "unusual"})
    assert held["health"] == "blocked"
    shop.work()
    assert shop.order(taken["number"])["status"] == "allocated"
    hold_id = held["holds"][0]["id"]
    shop.post(f"/v1/orders/{taken['id']}/holds/{hold_id}/resolve", {"resolution": "called"})
    shop.work()
    after = shop.order(taken["number"])
    assert (after["status"], after["health"]) == ("released", "ok")
    again = shop.call(
        "POST", f"/v1/orders/{taken['id']}/holds/{hold_id}/resolve", {"resolution": "again"}
    )
    assert (again.status, again.code) == (409, "hold_not_open")
    shop.holds()


def test_part_of_an_order_is_cancelled_and_never_paid_for(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    path = f"/v1/orders/{taken['id']}/cancel"
    body = {"lines": [{"line": 1, "quantity": 1}], "reason": "one too many"}
    preview = shop.post(f"{path}/preview", body)
    assert (preview["value"], preview["still_due"]) == (1000, 2000)
    shop.post(path, body)
    shop.work()
    (work,) = shop.order(taken["number"])["fulfillment_orders"]
    assert work["lines"][0]["quantity"] == 2
    shop.fulfil(work)
    assert shop.order(taken["number"])["status"] == "shipped"
    assert outside.paid(taken["number"]) == 2000
    shop.holds()


def test_a_cancelled_order_lets_go_of_the_money(shop: Api, outside: Outside) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    shop.post(f"/v1/orders/{taken['id']}/cancel", {"reason": "changed their mind"})
    shop.work()
    gone = shop.order(taken["number"])
    assert gone["status"] == "cancelled"
    assert gone["payment_status"] == "voided"
    assert outside.paid(taken["number"], "void") == 1000
    assert shop.get("/v1/stock?sku=SKU-1")["data"][0]["areas"][0]["committed"] == 0
    shop.holds()


def test_a_recall_that_the_location_refuses_ships_all_the_same(shop: Api, outside: Outside) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    (work,) = taken["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/accept")
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1}]})
    shop.post(f"/v1/orders/{taken['id']}/cancel", {"reason": "changed their mind"})
    asked = shop.order(taken["number"])["fulfillment_orders"][0]
    assert asked["recall"] == "requested"
    assert "answer_recall" in asked["actions"]
    shop.post(f"{path}/answer-recall", {"accepted": False, "reason": "in the van"})
    refused = shop.order(taken["number"])
    assert refused["exceptions"][0]["kind"] == "recall_refused"
    packages = [{"weight_g": 500, "lines": [{"line": 1, "quantity": 1}]}]
    shop.post(f"{path}/pack", {"packages": packages})
    shop.post(f"{path}/ship")
    shop.work()
    assert shop.order(taken["number"])["status"] == "shipped"
    assert outside.paid(taken["number"]) == 1000
    shop.holds()


def test_a_short_pick_makes_the_units_missing_and_sends_the_rest_from_elsewhere(
    shop: Api,
) -> None:
    taken = shop.release(order("A1", {"SKU-1": 2}))
    (work,) = taken["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/accept")
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1, "short": 1}]})
    level = next(
        x for x in shop.get("/v1/stock?sku=SKU-1")["data"][0]["levels"] if x["location"] == "W1"
    )
    assert level["unavailable"] == 1
    tasks = shop.get("/v1/stock/count-tasks?location=W1")["data"]
    assert [task["sku"] for task in tasks] == ["SKU-1"]
    shop.work()
    works = shop.order(taken["number"])["fulfillment_orders"]
    assert [w["location"]["code"] for w in works] == ["W1", "W2"], "not asked twice"
    shop.holds()


def test_a_pick_up_is_handed_over_with_its_code(shop: Api, outside: Outside) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}, groups=[{"method": "pickup", "location": "S1"}]))
    (work,) = taken["fulfillment_orders"]
    shop.fulfil(work, until="pack")
    texts = " ".join(mail["text"] for mail in outside.mails(taken["number"]))
    (code,) = set(re.findall(r"\b\d{6}\b", texts))
    path = f"/v1/fulfillment-orders/{work['id']}/hand-over"
    wrong = shop.call("POST", path, {"code": "000000" if code != "000000" else "111111"})
    assert (wrong.status, wrong.code) == (409, "pickup_code_wrong")
    shop.post(path, {"code": code})
    shop.work()
    assert shop.order(taken["number"])["status"] == "delivered"
    assert outside.paid(taken["number"]) == 1000
    shop.holds()


def test_a_rejected_pick_up_never_becomes_a_shipment(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}, groups=[{"method": "pickup", "location": "S1"}]))
    (work,) = taken["fulfillment_orders"]
    shop.post(f"/v1/fulfillment-orders/{work['id']}/reject", {"reason": "closed today"})
    shop.work()
    after = shop.order(taken["number"])
    assert [w["method"] for w in after["fulfillment_orders"]] == ["pickup"]
    assert after["exceptions"][0]["kind"] == "pickup_rejected"
    shop.holds()


def test_a_failed_capture_never_stops_a_shipment(shop: Api, outside: Outside) -> None:
    body = order("A1", {"SKU-1": 1})
    body["tenders"][0]["token"] = "tok_decline_capture"
    taken = shop.release(body)
    shop.fulfil(taken["fulfillment_orders"][0])
    after = shop.order(taken["number"])
    assert after["status"] == "shipped"
    assert after["totals"]["receivable"] == 1000
    assert after["exceptions"][0]["kind"] == "capture_declined"
    assert outside.paid(taken["number"]) == 0
    shop.holds()


def test_a_declined_payment_holds_the_order(shop: Api) -> None:
    body = order("A1", {"SKU-1": 1})
    body["tenders"][0]["token"] = "tok_decline_authorise"
    taken = shop.release(body)
    assert taken["status"] == "allocated"
    assert [hold["kind"] for hold in taken["holds"]] == ["payment"]
    shop.holds()


def test_tracking_comes_twice_late_and_out_of_order(shop: Api, outside: Outside) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    shop.fulfil(taken["fulfillment_orders"][0])
    deliver(shop, taken["number"], "delivered", "9")
    deliver(shop, taken["number"], "exception", "3")
    deliver(shop, taken["number"], "delivered", "9")
    after = shop.order(taken["number"])
    assert after["status"] == "delivered"
    assert after["health"] == "ok"
    assert len(outside.mails(taken["number"])) == 3
    shop.holds()


def test_a_lost_parcel_is_found_again(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    shop.fulfil(taken["fulfillment_orders"][0])
    deliver(shop, taken["number"], "lost", "1")
    lost = shop.order(taken["number"])
    assert lost["lines"][0]["lost"] == 1
    assert lost["exceptions"][0]["kind"] == "carrier_exception"
    deliver(shop, taken["number"], "delivered", "2")
    found = shop.order(taken["number"])
    assert (found["lines"][0]["lost"], found["lines"][0]["delivered"]) == (0, 1)
    assert found["health"] == "ok"
    shop.holds()


def test_address_and_quantity_change_before_release(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = f"/v1/orders/{taken['id']}/edit"
    munich = ADDRESS | {"city": "München", "postal_code": "80331", "lines": ["Marienplatz 1"]}
    shop.post(path, {"address": {"address": munich}, "reason": "moved"})
    more = {"quantities": [{"line": 1, "quantity": 3}], "reason": "two more"}
    preview = shop.post(f"{path}/preview", more)
    assert (preview["total_before"], preview["total_after"], preview["uncovered"]) == (
        1000,
        3000,
        2000,
    )
    shop.post(path, more)
    shop.work()
    after = shop.order(taken["number"])
    assert after["groups"][0]["address"]["city"] == "München"
    assert after["lines"][0]["ordered"] == 3
    assert [hold["kind"] for hold in after["holds"]] == ["payment"], "it is not paid for"
    shop.holds()


def test_nothing_is_edited_after_release_without_a_recall(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 2}))
    path = f"/v1/orders/{taken['id']}"
    fewer = {"quantities": [{"line": 1, "quantity": 1}], "reason": "one less"}
    answer = shop.call("POST", f"{path}/edit", fewer)
    assert (answer.status, answer.code) == (409, "too_late")
    recalled = shop.post(f"{path}/recall", {"reason": "to change it"})
    assert recalled["status"] == "reserved"
    shop.post(f"{path}/edit", fewer)
    hold = next(h for h in shop.order(taken["number"])["holds"] if h["resolved_at"] is None)
    shop.post(f"{path}/holds/{hold['id']}/resolve", {"resolution": "changed"})
    shop.work()
    after = shop.order(taken["number"])
    assert after["status"] == "released"
    assert after["lines"][0]["buckets"]["released"] == 1
    shop.holds()


def test_an_unknown_sku_is_parked_and_unparked(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"NEW-1": 1, "SKU-1": 1}, channel="must_accept"))
    assert taken["status"] == "parked"
    assert taken["exceptions"][0]["kind"] == "unknown_sku"
    path = f"/v1/orders/{taken['id']}/unpark"
    answer = shop.call("POST", path, {"line": 1, "sku": "NEW-1"})
    assert (answer.status, answer.code) == (422, "sku_unknown")
    after = shop.post(path, {"line": 1, "sku": "SKU-2"})
    assert after["lines"][0]["buckets"]["reserved"] == 1
    shop.work()
    assert shop.order(taken["number"])["status"] == "released"
    shop.holds()


def test_a_count_that_takes_promised_units_has_somebody_wait(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 300}))
    shop.work()
    shop.post(
        "/v1/stock/counts",
        {"location": "W2", "reason": "cycle count", "lines": [{"sku": "SKU-1", "quantity": 95}]},
    )
    shop.work()
    after = shop.order(taken["number"])
    released = after["lines"][0]["buckets"]["released"]
    shortages = shop.get("/v1/stock/shortages")["data"]
    assert released + after["lines"][0]["buckets"]["backordered"] == 300
    assert sum(s["open_units"] for s in shortages if s["location"] == "W2") in (0, 5)
    shop.holds()


def test_the_routing_is_explained(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1, "SKU-2": 1}))
    (plan,) = shop.get(f"/v1/orders/{taken['number']}/routing")["data"]
    explained = plan["explanation"]
    assert plan["exact"] is True
    assert plan["cost"] == sum(parcel["cost"] for parcel in explained["parcels"])
    verdicts = {each["code"]: each["verdict"] for each in explained["considered"]}
    assert verdicts == {"W1": "chosen", "W2": "dearer"}
    assert explained["next_best"]["cost"] >= plan["cost"]


def test_the_tracking_page_needs_the_whole_link(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    path = taken["tracking_url"].split("/t/")[1]
    page = shop.call("GET", f"/t/{path}")
    assert page.status == 200
    text = page.content.decode()
    assert taken["number"] in text
    assert "Lovelace" not in text
    assert "Friedrichstraße" not in text
    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), "bt_1_x", "nothing", "bk_1_abc"):
        assert shop.call("GET", f"/t/{wrong}").status == 404


def test_units_that_somebody_cancels_go_to_who_waits(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 300}))
    second = shop.post("/v1/orders", order("A2", {"SKU-1": 2}))
    assert second["lines"][0]["buckets"]["backordered"] == 2
    body = {"lines": [{"line": 1, "quantity": 5}], "reason": "too many"}
    shop.post(f"/v1/orders/{first['id']}/cancel", body)
    shop.work()
    served = shop.order(second["number"])
    assert served["lines"][0]["buckets"]["backordered"] == 0
    assert served["status"] == "released"
    shop.holds()


def test_what_was_promised_before_a_buffer_was_raised_is_sent_from_it(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 250, "SKU-2": 1}))
    for place in ("W1", "W2", "S1"):
        kept = {"location": place, "lines": [{"sku": "SKU-1", "units": 60}]}
        assert shop.call("PUT", "/v1/stock/held-back", kept).status == 200
    new = shop.post("/v1/orders", order("A2", {"SKU-1": 1}))
    assert new["lines"][0]["buckets"]["backordered"] == 1, "new sales stay out of the buffer"
    shop.work()
    sent = shop.order(taken["number"])
    assert sent["lines"][0]["buckets"]["released"] == 250
    assert not sent["exceptions"]
    shop.holds()


def test_the_same_external_id_with_other_contents_is_no_repetition(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    other = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 2}))
    assert (other.status, other.code, other.body["field"]) == (409, "order_differs", "total")
    assert first["number"] in other.body["detail"]
    renamed = shop.call("POST", "/v1/orders", order("A1", {"SKU-2": 1}))
    assert (renamed.status, renamed.body["field"]) == (409, "external_id")
    fresh_token = order("A1", {"SKU-1": 1})
    fresh_token["tenders"][0]["token"] = "tok_other"
    assert shop.call("POST", "/v1/orders", fresh_token).status == 200
    batch = {"orders": [order("A1", {"SKU-1": n}) for n in (1, 2)]}
    same, differs = shop.post("/v1/orders/batch", batch)["results"]
    assert (same["number"], same["problem"]) == (first["number"], None)
    assert (differs["number"], differs["problem"]["code"]) == (first["number"], "order_differs")
    twice = {"orders": [order("A2", {"SKU-1": n}) for n in (1, 2, 1)]}
    new, differs, same = shop.post("/v1/orders/batch", twice)["results"]
    assert [each["new"] for each in (new, differs, same)] == [True, False, False]
    assert [bool(each["problem"]) for each in (new, differs, same)] == [False, True, False]
    assert shop.get("/v1/stock?sku=SKU-1")["data"][0]["areas"][0]["committed"] == 2


def test_what_a_marketplace_changed_afterwards_is_put_before_a_person(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 1}, channel="must_accept"))
    for _ in range(2):
        again = shop.call("POST", "/v1/orders", order("A1", {"SKU-1": 2}, channel="must_accept"))
        assert (again.status, again.body["id"]) == (200, first["id"])
    (opened,) = shop.order(first["number"])["exceptions"]
    assert opened["kind"] == "changed_by_channel"
    shop.holds()
