"""Goodwill: given within limits, approved beyond them, and never more than was paid."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from api import Api, Outside, order
from baton.access.model import ROLES, Role


@pytest.fixture
def number(shop: Api) -> str:
    """An order of 30.00 that was shipped and paid."""
    return shipped(shop, "A1")


def shipped(shop: Api, external_id: str) -> str:
    taken = shop.release(order(external_id, {"SKU-1": 3}))
    shop.fulfil(taken["fulfillment_orders"][0])
    return str(taken["number"])


def person(shop: Api, role: Role) -> Api:
    """Somebody with a role, signed in to the console."""
    handle = shop.get("/v1/session")["merchant"]["handle"]
    user = {"email": f"{role}@example.com", "password": "long enough"}
    shop.post("/v1/users", user | {"name": role, "roles": [role]})
    signed = shop.call("POST", "/v1/sessions", user | {"merchant": handle})
    cookie = signed.headers["set-cookie"].partition(";")[0].partition("=")[2]
    return Api(shop.app, shop.tenant, cookie, shop.asgi)


def limited(shop: Api, **limits: tuple[int, int]) -> None:
    body = [
        {"role": role, "currency": "EUR", "per_order": order, "per_customer": customer}
        for role, (order, customer) in limits.items()
    ]
    answer = shop.call("PUT", "/v1/appeasement-limits", {"limits": body})
    assert answer.status == 200, answer.body


def give(shop: Api, number: str, amount: int, **more: Any) -> Any:
    body = {"amount": amount, "reason": "late"} | more
    return shop.call("POST", f"/v1/orders/{number}/appeasements", body)


def test_within_the_limit_money_goes_back_at_once(shop: Api, outside: Outside, number: str) -> None:
    limited(shop, care=(500, 800))
    care = person(shop, Role.CARE)
    given = give(care, number, 400, note="sorry")
    assert (given.status, given.body["state"]) == (201, "approved")
    shop.work()
    assert outside.paid(number, "refund") == 400
    facts = [each["fact"] for each in shop.get(f"/v1/orders/{number}/timeline")["data"]]
    assert "orders.appeased" in facts
    assert give(care, number, 200).body["state"] == "pending", "500 for an order"
    shop.holds()


def test_beyond_the_limit_somebody_with_a_higher_one_approves(
    shop: Api, outside: Outside, number: str
) -> None:
    limited(shop, care=(500, 5000), finance=(900, 5000), admin=(10000, 10000))
    care, finance = person(shop, Role.CARE), person(shop, Role.FINANCE)
    asked = give(care, number, 1000).body
    assert [x["id"] for x in shop.get("/v1/appeasements")["data"]] == [asked["id"]]
    path = f"/v1/appeasements/{asked['id']}"
    assert care.call("POST", f"{path}/approve", {}).code == "permission_missing"
    assert finance.call("POST", f"{path}/approve", {}).code == "appeasement_limit"
    shop.work()
    assert outside.paid(number, "refund") == 0
    admin = person(shop, Role.ADMIN)
    assert admin.post(f"{path}/approve", {"note": "fine"})["state"] == "approved"
    assert admin.call("POST", f"{path}/approve", {}).code == "appeasement_decided"
    shop.work()
    assert outside.paid(number, "refund") == 1000
    other = give(care, number, 1000).body
    refused = finance.post(f"/v1/appeasements/{other['id']}/refuse", {"note": "enough"})
    assert (refused["state"], refused["decision"]) == ("refused", "enough")
    assert shop.get("/v1/appeasements")["data"] == []
    shop.holds()


def test_nobody_approves_their_own(shop: Api, number: str) -> None:
    limited(shop, key=(100, 100))
    asked = give(shop, number, 200).body
    limited(shop, key=(1000, 1000))
    refused = shop.call("POST", f"/v1/appeasements/{asked['id']}/approve", {})
    assert (refused.status, refused.code) == (409, "appeasement_limit")


def test_a_customers_orders_share_their_limit(shop: Api, number: str) -> None:
    limited(shop, care=(600, 800))
    care = person(shop, Role.CARE)
    second = shipped(shop, "A2")
    assert give(care, number, 600).body["state"] == "approved"
    assert give(care, second, 300).body["state"] == "pending"
    assert give(care, second, 100).body["state"] == "pending", "what is asked for counts"


def test_two_at_once_do_not_pass_the_customers_limit(shop: Api, number: str) -> None:
    limited(shop, care=(500, 500))
    care = person(shop, Role.CARE)
    numbers = (number, shipped(shop, "A2"))
    start, answers = threading.Barrier(2), list[Any]()

    def ask(which: str) -> None:
        start.wait()
        answers.append(give(care, which, 400))

    threads = [threading.Thread(target=ask, args=[each]) for each in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.body["state"] for a in answers) == ["approved", "pending"]
    shop.holds()


def test_never_more_than_was_paid(shop: Api, number: str) -> None:
    assert give(shop, number, 3001).code == "appeasement_too_high"
    assert give(shop, number, 2999).status == 201
    assert give(shop, number, 2).code == "appeasement_too_high"
    unpaid = shop.release(order("A9", {"SKU-1": 1}))["number"]
    assert give(shop, unpaid, 1).code == "appeasement_too_high"
    shop.work()
    shop.holds()


def test_percent_of_lines_is_rounded_once(shop: Api, number: str) -> None:
    path = f"/v1/orders/{number}/appeasements"
    given = shop.post(path, {"percent": "12.35", "lines": [1], "reason": "scratched"})
    assert given["amount"] == 370, "370.5 goes to the even cent"
    for body in ({"reason": "x"}, {"reason": "x", "amount": 1, "percent": 1}):
        assert shop.call("POST", path, body).status == 422
    assert shop.call("POST", path, {"reason": "x", "percent": 5, "lines": [9]}).status == 404


def test_it_may_become_store_credit(shop: Api, outside: Outside, number: str) -> None:
    give(shop, number, 500, to="store_credit")
    shop.work()
    assert outside.paid(number, "refund") == 0
    customer = shop.order(number)["customer"]["id"]
    credit = shop.get(f"/v1/customers/{customer}/store-credit")
    assert "500" in str(credit)
    shop.holds()


def test_the_same_request_gives_once(shop: Api, number: str) -> None:
    path, body = f"/v1/orders/{number}/appeasements", {"amount": 100, "reason": "late"}
    first = shop.call("POST", path, body, Idempotency_Key="goodwill")
    again = shop.call("POST", path, body, Idempotency_Key="goodwill")
    assert again.body["id"] == first.body["id"]
    assert len(shop.get(path)["data"]) == 1


def test_a_program_gives_only_what_its_scopes_allow(shop: Api, number: str) -> None:
    scopes = sorted(ROLES[Role.CARE])
    key = shop.post("/v1/api-keys", {"name": "care", "scopes": scopes})["key"]
    robot = Api(shop.app, shop.tenant, key, shop.asgi)
    assert give(robot, number, 1).body["state"] == "pending", "no limit is set for programs"
