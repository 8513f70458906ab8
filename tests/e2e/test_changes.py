"""Changes of orders through the API: one mechanism, previewed by doing it, made as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from api import ADDRESS, Answer, Api, Outside, order, receive

MUNICH = ADDRESS | {"city": "München", "postal_code": "80331", "lines": ["Marienplatz 1"]}


def preview(shop: Api, number: str, *actions: dict[str, Any]) -> Any:
    return shop.post(f"/v1/orders/{number}/changes/preview", {"actions": list(actions)})


def change(shop: Api, number: str, *actions: dict[str, Any], **more: Any) -> Answer:
    version = shop.order(number)["version"]
    body = {"actions": list(actions), "reason": "as the customer wishes", "version": version}
    return shop.call("POST", f"/v1/orders/{number}/changes", body | more)


def made(shop: Api, number: str, *actions: dict[str, Any], **more: Any) -> Any:
    answer = change(shop, number, *actions, **more)
    assert answer.status == 201, answer.body
    return answer.body


def history(shop: Api, number: str) -> list[Any]:
    found: list[Any] = shop.get(f"/v1/orders/{number}/changes")["data"]
    return found


def begun(shop: Api, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """An order that its location has begun with: units come back only if it agrees."""
    taken = shop.release(body)
    (work,) = taken["fulfillment_orders"]
    shop.post(f"/v1/fulfillment-orders/{work['id']}/accept")
    return taken["number"], work


def answer(shop: Api, work: dict[str, Any], *, accepted: bool) -> None:
    path = f"/v1/fulfillment-orders/{work['id']}/answer-recall"
    shop.post(path, {"accepted": accepted, "reason": "so it is"})


def test_a_change_of_several_things_is_one(shop: Api) -> None:
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 3, "SKU-2": 1}))["number"]
    actions = [
        {"type": "set_quantity", "line": 1, "quantity": 2},
        {"type": "substitute", "line": 2, "sku": "SKU-3", "quantity": 1},
        {"type": "add_charge", "kind": "shipping", "amount": 490, "tax": 78, "title": "Express"},
        {"type": "add_line", "sku": "SKU-2", "quantity": 2},
        {"type": "change_address", "address": MUNICH},
    ]
    seen = preview(shop, number, *actions)
    assert seen["possible"]
    assert (seen["money"]["payable_before"], seen["money"]["payable_after"]) == (4000, 5490)
    assert history(shop, number) == [], "a preview leaves nothing"
    after = made(shop, number, *actions)
    page = after["order"]
    assert after["change"]["version"] == 1
    assert page["groups"][0]["address"]["city"] == "München"
    lines = {x["line_no"]: x for x in page["lines"]}
    assert [(x["sku"], x["replaces_line"]) for x in page["lines"]][2:] == [
        ("SKU-3", 2),
        ("SKU-2", None),
    ]
    assert (lines[1]["buckets"]["cancelled"], lines[2]["buckets"]["cancelled"]) == (1, 1)
    effects = {x["line_no"]: x for x in seen["lines"]}
    for line_no, line in lines.items():
        wanted = line["ordered"] - line["buckets"]["cancelled"]
        assert effects[line_no]["quantity_after"] == wanted
    shop.holds()


def test_a_preview_says_what_then_happens(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    number = taken["number"]
    action = {"type": "change_address", "address": MUNICH}
    seen = preview(shop, number, action)
    assert [(x["location"], x["at_once"]) for x in seen["recalls"]] == [("W1", True)]
    assert [x["location"] for x in seen["planned"]] == ["W1"], "or wherever it is cheapest"
    assert shop.order(number)["version"] == taken["version"], "nothing changed"
    made(shop, number, action)
    shop.work()
    page = shop.order(number)
    assert page["groups"][0]["promised_by"] == seen["promises"][0]["after"]
    assert page["status"] == "released"
    shop.holds()


def test_stock_of_a_preview_is_what_is_there(shop: Api) -> None:
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))["number"]
    seen = preview(shop, number, {"type": "set_quantity", "line": 1, "quantity": 305})
    assert seen["missing"] == [{"line_no": 1, "quantity": 5}]
    assert sum(x["quantity"] for x in seen["stock"]) == 299
    assert {x["area"] for x in seen["stock"]} == {"eu", "stores"}
    shop.holds()


def test_what_a_location_has_begun_waits_for_its_answer(shop: Api) -> None:
    number, work = begun(shop, order("A1", {"SKU-1": 2}))
    waits = made(shop, number, {"type": "change_address", "address": MUNICH})
    assert waits["change"]["state"] == "pending"
    assert waits["order"]["groups"][0]["address"]["city"] == "Berlin", "not before the answer"
    assert [x["number"] for x in waits["order"]["pending_changes"]] == [1]
    assert waits["order"]["health"] == "blocked"
    answer(shop, work, accepted=True)
    page = shop.order(number)
    assert page["groups"][0]["address"]["city"] == "München"
    assert (page["pending_changes"], page["health"]) == ([], "ok")
    shop.work()
    assert shop.order(number)["status"] == "released"
    assert [x["state"] for x in history(shop, number)] == ["applied"]
    shop.holds()


def test_a_location_that_goes_on_refuses_the_whole_change(shop: Api) -> None:
    number, work = begun(shop, order("A1", {"SKU-1": 2, "SKU-2": 1}))
    made(
        shop,
        number,
        {"type": "cancel_units", "line": 1, "quantity": 1},
        {"type": "add_charge", "kind": "fee", "amount": 100},
    )
    answer(shop, work, accepted=False)
    page = shop.order(number)
    assert page["totals"]["total"] == 3000, "no part of it is made"
    assert page["exceptions"][0]["kind"] == "recall_refused"
    (refused,) = history(shop, number)
    assert (refused["state"], refused["version"]) == ("refused", None)
    assert "rejected" in refused["outcome"]
    assert page["health"] == "attention", "what was held goes on"
    shop.holds()


def test_goods_that_leave_before_the_answer_refuse_the_change(shop: Api) -> None:
    number, work = begun(shop, order("A1", {"SKU-1": 1}))
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1}]})
    shop.post(f"/v1/orders/{number}/cancel", {"reason": "changed their mind"})
    shop.post(
        f"{path}/pack", {"packages": [{"weight_g": 9, "lines": [{"line": 1, "quantity": 1}]}]}
    )
    shop.post(f"{path}/ship")
    shop.work()
    assert [x["state"] for x in history(shop, number)] == ["refused"]
    assert shop.order(number)["status"] == "shipped"
    shop.holds()


def test_units_that_are_not_on_the_shelf_count_as_given_back(shop: Api) -> None:
    number, work = begun(shop, order("A1", {"SKU-1": 2}))
    shop.post(f"/v1/orders/{number}/cancel", {"reason": "changed their mind"})
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1, "short": 1}]})
    assert history(shop, number)[0]["state"] == "pending", "one is still asked for"
    answer(shop, work, accepted=True)
    assert shop.order(number)["status"] == "cancelled"
    assert [x["state"] for x in history(shop, number)] == ["applied"]
    shop.work()
    shop.holds()


def test_the_second_of_two_changes_on_one_version_is_refused(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    action = {"type": "cancel_units", "line": 1, "quantity": 1}
    made(shop, taken["number"], action)
    late = change(shop, taken["number"], action, version=taken["version"])
    assert (late.status, late.code) == (409, "order_changed")


def test_a_raised_order_waits_for_its_money_and_goes_on_with_it(
    shop: Api, outside: Outside
) -> None:
    number = shop.release(order("A1", {"SKU-1": 1}))["number"]
    more = {"type": "add_line", "sku": "SKU-2", "quantity": 1}
    assert preview(shop, number, more)["money"]["to_ask"] == 1000
    held = made(shop, number, more)["order"]
    assert [h["kind"] for h in held["holds"] if not h["resolved_at"]] == ["payment"]
    tender = {"method": "card", "amount": 1000, "token": "tok_ok"}
    paid = made(shop, number, {"type": "change_price", "line": 2, "unit_price": 999}, tender=tender)
    assert [h for h in paid["order"]["holds"] if not h["resolved_at"]] == []
    shop.work()
    page = shop.order(number)
    for work in page["fulfillment_orders"]:
        if "accept" in work["actions"]:
            shop.fulfil(work)
    assert outside.paid(number) == 1999
    shop.holds()


def test_money_taken_with_the_order_goes_back_with_what_is_cancelled(
    shop: Api, outside: Outside
) -> None:
    shop.post(
        "/v1/channels",
        {
            "code": "prepaid",
            "name": "Prepaid",
            "kind": "shop",
            "acceptance": "backorder",
            "legal_entity": "main",
            "currency": "EUR",
            "areas": ["eu", "stores"],
            "capture_at": "order",
            "payment_provider": "fake",
        },
    )
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 3}, channel="prepaid"))["number"]
    shop.work()
    assert outside.paid(number) == 3000
    action = {"type": "set_quantity", "line": 1, "quantity": 1}
    seen = preview(shop, number, action)
    assert (seen["money"]["given_back"], seen["money"]["to_ask"]) == (2000, 0)
    made(shop, number, action)
    shop.work()
    assert outside.paid(number, "refund") == 2000
    assert shop.order(number)["totals"]["refunded"] == 2000
    made(shop, number, {"type": "cancel_units", "line": 1, "quantity": 1})
    shop.work()
    assert outside.paid(number, "refund") == 3000
    shop.holds()


def test_money_that_comes_after_the_cancellation_goes_back_too(shop: Api, outside: Outside) -> None:
    test_money_taken_with_the_order_goes_back_with_what_is_cancelled(shop, outside)
    number = shop.post("/v1/orders", order("A2", {"SKU-1": 2}, channel="prepaid"))["number"]
    made(shop, number, {"type": "cancel_units", "line": 1, "quantity": 1})
    shop.work()
    assert outside.paid(number) - outside.paid(number, "refund") == 1000
    shop.holds()


def test_delivery_becomes_pick_up_and_takes_its_stock_there(shop: Api) -> None:
    number = shop.release(order("A1", {"SKU-1": 2}))["number"]
    action = {"type": "change_method", "method": "pickup", "location": "S1"}
    seen = preview(shop, number, action)
    assert sorted((x["area"], x["quantity"]) for x in seen["stock"]) == [("eu", -2), ("stores", 2)]
    made(shop, number, action)
    shop.work()
    page = shop.order(number)
    works = [w for w in page["fulfillment_orders"] if w["status"] == "released"]
    assert [(w["method"], w["location"]["code"]) for w in works] == [("pickup", "S1")]
    back = made(shop, number, {"type": "change_method", "method": "ship"})["order"]
    assert back["groups"][0]["method"] == "ship"
    shop.work()
    assert shop.order(number)["status"] == "released"
    shop.holds()


def test_lost_units_are_sent_again_for_nothing(shop: Api, outside: Outside) -> None:
    taken = shop.release(order("A1", {"SKU-1": 2}))
    shop.fulfil(taken["fulfillment_orders"][0])
    number = taken["number"]
    again = {"type": "reship", "line": 1, "quantity": 1}
    page = made(shop, number, again)["order"]
    assert (page["lines"][1]["replaces_line"], page["lines"][1]["total"]) == (1, 0)
    made(shop, number, again)
    refused = change(shop, number, again)
    assert (refused.status, refused.code) == (409, "too_late")
    shop.work()
    for work in shop.order(number)["fulfillment_orders"]:
        if "accept" in work["actions"]:
            shop.fulfil(work)
    assert shop.order(number)["status"] == "shipped"
    assert outside.paid(number) == 2000
    shop.holds()


def test_earlier_versions_are_found_again(shop: Api) -> None:
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))["number"]
    at = [shop.get(f"/v1/orders/{number}/versions/0")]
    for actions in (
        [{"type": "set_quantity", "line": 1, "quantity": 5}],
        [{"type": "add_charge", "kind": "wrap", "amount": 250}],
        [{"type": "waive_charge", "charge": 1}, {"type": "cancel_units", "line": 1, "quantity": 2}],
    ):
        made(shop, number, *actions)
        at.append(shop.get(f"/v1/orders/{number}/versions/{len(at)}"))
    assert [x["payable"] for x in at] == [3000, 5000, 5250, 3000]
    for version, seen in enumerate(at):
        assert shop.get(f"/v1/orders/{number}/versions/{version}") == seen
    assert shop.call("GET", f"/v1/orders/{number}/versions/9").code == "version_not_found"
    assert [x["actor"] for x in history(shop, number)] == [history(shop, number)[0]["actor"]] * 3


@pytest.mark.parametrize(
    ("action", "status", "code", "field"),
    [
        (
            {"type": "cancel_units", "line": 9, "quantity": 1},
            404,
            "line_not_found",
            "actions.0.line",
        ),
        ({"type": "cancel_units", "line": 1, "quantity": 4}, 409, "too_late", "actions.0.quantity"),
        ({"type": "set_quantity", "line": 1, "quantity": 3}, 422, "order_invalid", "actions"),
        ({"type": "add_line", "sku": "NEW", "quantity": 1}, 422, "sku_unknown", "actions.0.sku"),
        ({"type": "waive_charge", "charge": 1}, 404, "line_not_found", "actions.0.charge"),
        ({"type": "reship", "line": 1, "quantity": 1}, 409, "too_late", "actions.0.quantity"),
        (
            {"type": "change_method", "method": "pickup", "location": "W9"},
            422,
            "order_invalid",
            "actions.0.location",
        ),
        (
            {"type": "add_charge", "kind": "discount", "amount": -9000},
            422,
            "order_invalid",
            "actions",
        ),
    ],
)
def test_what_can_not_be_done_changes_nothing(
    shop: Api, action: dict[str, Any], status: int, code: str, field: str
) -> None:
    number = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))["number"]
    before = shop.order(number)
    fine = {"type": "add_line", "sku": "SKU-2", "quantity": 1}
    refused = change(shop, number, action)
    assert (refused.status, refused.code, refused.body["field"]) == (status, code, field)
    assert (
        change(shop, number, fine, action, reason="x").status == status or code == "order_invalid"
    )
    if code != "order_invalid":
        assert shop.order(number) == before, "all or nothing"


def test_stock_that_came_back_serves_who_waits(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 300}))["number"]
    second = shop.post("/v1/orders", order("A2", {"SKU-1": 5}))["number"]
    made(shop, first, {"type": "substitute", "line": 1, "sku": "SKU-2", "quantity": 5})
    shop.work()
    assert shop.order(second)["lines"][0]["buckets"]["backordered"] == 0
    receive(shop, "W1", {"SKU-1": 1})
    shop.holds()
