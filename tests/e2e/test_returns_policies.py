"""Who decides over a return: the policy, the customer, a person; and a policy that is changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from test_returns_way import ask, grade, receive, sold

from api import PHOTO, Api, Outside

PATH = "/v1/returns/policies"


def built_in(shop: Api) -> dict[str, Any]:
    content: dict[str, Any] = shop.get(f"{PATH}/policy-0")["content"]
    return copy.deepcopy(content)


def with_row(content: dict[str, Any], said: str, **cells: str) -> dict[str, Any]:
    """The policy with a row before all others."""
    table = content["nodes"][1]["content"]
    table["rules"].insert(0, {"_id": said, "_description": said} | cells)
    return content


def with_columns(content: dict[str, Any], *names: str) -> dict[str, Any]:
    outputs = content["nodes"][1]["content"]["outputs"]
    outputs += [{"id": f"to_{name}", "name": name, "field": name} for name in names]
    return content


def in_force(shop: Api, content: dict[str, Any], name: str = "ours") -> str:
    kept = shop.call("PUT", PATH, {"name": name, "content": content})
    assert kept.status == 200, kept.body
    policy: str = kept.body["policy"]
    shop.post(f"{PATH}/{policy}/activate")
    return policy


def test_a_version_is_kept_tried_and_put_in_force(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 3})
    old = ask(shop, page)
    content = with_row(built_in(shop), "never", to_outcome='"refuse"', to_reasons='["never"]')
    kept = shop.call("PUT", PATH, {"name": "stricter", "content": content}).body
    assert (kept["policy"], kept["in_force"]) == ("policy-1", False)
    again = shop.call("PUT", PATH, {"name": "the same", "content": content}).body
    assert again["policy"] == "policy-1", "the same content is the same version"
    tried = shop.post(f"{PATH}/try", {"policy": "policy-1"})
    assert (tried["lines"], tried["outcomes"]) == (1, {"approve": {"refuse": 1}})
    (changed,) = tried["changed"]
    assert (changed["number"], changed["rule"]) == (old["number"], "policy: never")
    assert shop.post(f"{PATH}/try", {"content": built_in(shop)})["changed"] == []
    shop.post(f"{PATH}/policy-1/activate")
    new = ask(shop, page)
    assert (new["status"], new["reasons"], new["policy"]) == ("refused", ["never"], "policy-1")
    assert shop.get(f"/v1/returns/{old['number']}")["policy"] == "policy-0", "it keeps its version"
    assert [p["in_force"] for p in shop.get(PATH)["data"]] == [True, False]
    shop.work()
    facts = [e["fact"] for e in shop.get("/v1/events?limit=200")["data"]]
    assert facts.count("returns.policy_saved") == facts.count("returns.policy_activated") == 1
    shop.holds()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "content": {}}, "content.nodes"),
        ({"name": "", "content": {}}, None),
        ({"name": "x"}, None),
    ],
)
def test_what_is_no_policy_is_refused(shop: Api, body: Any, field: str | None) -> None:
    answer = shop.call("PUT", PATH, body)
    assert answer.status == 422
    assert field is None or (answer.code, answer.body["field"]) == ("return_policy_invalid", field)
    unknown = shop.call("POST", f"{PATH}/policy-7/activate")
    assert (unknown.status, unknown.code) == (404, "return_policy_not_found")


def test_a_person_approves_what_was_refused(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 3})
    in_force(shop, with_row(built_in(shop), "no", to_outcome='"refuse"', to_reasons='["no"]'))
    rma = ask(shop, page, 2)
    assert (rma["status"], rma["legal_actions"]) == ("refused", ["approve"])
    path = f"/v1/returns/{rma['id']}/approve"
    silent = shop.call("POST", path, {})
    assert (silent.status, silent.body["field"]) == (422, "reason")
    other = ask(shop, page, 3)
    assert other["status"] == "refused", "a refused return claims nothing"
    lines = [{"line": 1, "quantity": 1}]
    rma = shop.post(path, {"reason": "an old customer", "lines": lines})
    assert (rma["status"], rma["reasons"]) == ("approved", ["no", "an old customer"])
    assert rma["lines"][0]["units"] == 1
    too_many = shop.call("POST", f"/v1/returns/{other['id']}/approve", {"reason": "x"})
    assert too_many.code == "units_not_returnable"
    receive(shop, rma, 1)
    rma = grade(shop, rma, 1, disposition="restock")
    assert rma["status"] == "closed"
    shop.work()
    assert outside.paid(page["number"], "refund") == 1000
    shop.holds()


def test_a_flagged_return_waits_for_a_person(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    in_force(shop, with_row(built_in(shop), "look", to_outcome='"flag"', to_reasons='["look"]'))
    rma = ask(shop, page)
    assert rma["status"] == "flagged"
    (told,) = [e for e in shop.order(page["number"])["exceptions"] if not e["resolved_at"]]
    assert (told["kind"], told["subject"]) == ("return_flagged", rma["number"])
    shop.post(f"/v1/returns/{rma['id']}/refuse", {"reason": "worn"})
    assert not [e for e in shop.order(page["number"])["exceptions"] if not e["resolved_at"]]
    again = shop.call("POST", f"/v1/returns/{rma['id']}/refuse", {"reason": "worn"})
    assert (again.status, again.code) == (409, "return_action_illegal")
    assert again.body["parameters"]["legal"] == ["approve"]
    shop.holds()


def test_a_photo_is_asked_for_and_the_goods_are_kept(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = ask(shop, page, 1, reason="damaged")
    assert (rma["status"], bool(rma["question"])) == ("asked", True)
    path = f"/v1/returns/{rma['id']}/answer"
    assert shop.call("POST", path, {}).status == 422
    rma = shop.post(path, {"photos": [{"line": 1, "photos": [PHOTO]}]})
    assert (rma["status"], rma["reasons"]) == ("closed", ["keep_it"])
    assert rma["lines"][0]["kept"] == 1
    shop.work()
    assert outside.paid(page["number"], "refund") == 1000
    picture = shop.call("GET", f"/v1/returns/{rma['id']}/photos/{rma['photos'][0]['id']}")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert shop.order(page["number"])["lines"][0]["returned"] == 0, "nothing came back"
    shop.holds()


@pytest.mark.parametrize(
    ("offer", "status", "settled"),
    [
        (0, "closed", [("original", 400, 0)]),
        (1, "approved", []),
        (None, "approved", []),
    ],
)
def test_offers_are_taken_or_declined(
    shop: Api, offer: int | None, status: str, settled: list[tuple[str, int, int]]
) -> None:
    page = sold(shop, {"SKU-1": 2})
    content = with_columns(built_in(shop), "offers")
    offers = '[{"kind": "keep", "part_bp": 4000}, {"kind": "store_credit", "bonus_bp": 1000}]'
    cells = {"to_outcome": '"offer"', "to_reasons": '["keep or credit"]', "to_offers": offers}
    in_force(shop, with_row(content, "offers", **cells))
    rma = ask(shop, page)
    assert (rma["status"], len(rma["terms"]["offers"])) == ("asked", 2)
    path = f"/v1/returns/{rma['id']}/answer"
    assert shop.call("POST", path, {"offer": 5}).status == 422
    rma = shop.post(path, {"offer": offer})
    assert rma["status"] == status
    found = [(s["to"], s["amount"], s["bonus"]) for s in rma["settlements"]]
    assert found == settled
    if status == "approved":
        receive(shop, rma, 1)
        rma = grade(shop, rma, 1, disposition="restock")
        (made,) = rma["settlements"]
        expected = ("store_credit", 1100, 100) if offer == 1 else ("original", 1000, 0)
        assert (made["to"], made["amount"], made["bonus"]) == expected
    if offer == 1:
        customer = page["customer"]["id"]
        accounts = shop.get(f"/v1/customers/{customer}/store-credit")["data"]
        assert [a["balance"] for a in accounts] == [1100]
    shop.work()
    shop.holds()


def test_terms_take_fees_and_a_person_may_waive_them(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    content = with_columns(built_in(shop), "restocking_bp")
    cells = {"to_outcome": '"approve"', "to_reasons": '["fee"]', "to_restocking_bp": "1500"}
    in_force(shop, with_row(content, "fee", **cells))
    rma = ask(shop, page)
    receive(shop, rma, 1)
    seen = shop.post(f"/v1/returns/{rma['id']}/settle/preview", {"at": "receipt"})
    assert [(s["goods"], s["fee"], s["amount"]) for s in seen["settlements"]] == [(1000, 150, 850)]
    rma = shop.post(f"/v1/returns/{rma['id']}/settle", {"at": "receipt"})
    assert [s["amount"] for s in rma["settlements"]] == [850]
    twice = shop.call("POST", f"/v1/returns/{rma['id']}/settle", {"at": "receipt"})
    assert (twice.status, twice.code) == (409, "nothing_to_settle")
    in_force(shop, with_row(built_in(shop), "look", to_outcome='"flag"'), "flags")
    rma = ask(shop, page)
    terms = {"refund_at": "receipt", "restocking_bp": 0}
    shop.post(f"/v1/returns/{rma['id']}/approve", {"terms": terms})
    rma = receive(shop, rma, 1)
    assert [s["amount"] for s in rma["settlements"]] == [1000], "at receipt, without a fee"
    shop.holds()
