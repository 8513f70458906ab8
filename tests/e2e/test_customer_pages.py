"""A customer's pages over HTTP: look, cancel, change, rate, find; without a script, done once."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from api import ADDRESS, Answer, Api, Outside, order
from baton.notifications.model import LANGUAGES

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
NEW = {"name": "Ada Lovelace", "company": "", "street": "Kantstraße 7", "street_more": "",
       "postal_code": "10623", "city": "Berlin", "region": ""}  # fmt: skip


def path_of(taken: dict[str, Any]) -> str:
    return "/t/" + str(taken["tracking_url"]).split("/t/")[1]


def send(shop: Api, path: str, form: dict[str, Any], **headers: str) -> Answer:
    return shop.call("POST", path, urlencode(form).encode(), **(FORM | headers))


def said(answer: Answer) -> str:
    return answer.content.decode()


def hidden(answer: Answer) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', said(answer)))


def deliver(shop: Api, number: str) -> dict[str, Any]:
    for shipment in shop.order(number)["shipments"]:
        event = {"tracking_no": shipment["tracking_no"], "event_id": "1", "code": "delivered",
                 "occurred_at": "2026-03-05T10:00:00Z"}  # fmt: skip
        shop.post("/v1/tracking-events", {"events": [event]})
    shop.work()
    return shop.order(number)


# ── fewer units ────────────────────────────────────────────────────────────────────────────


def test_units_are_cancelled_after_a_look_and_once(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    path = path_of(taken)
    assert "Thing SKU-1" in said(shop.call("GET", f"{path}/change"))
    look = send(shop, f"{path}/change", {"line_1": 1, "reason": "changed_mind"})
    assert look.status == 200
    assert "€20.00" in said(look)
    assert "€10.00" in said(look)
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 0
    form = hidden(look)
    first = send(shop, f"{path}/change", form)
    again = send(shop, f"{path}/change", form)
    assert (first.status, again.status) == (303, 303)
    assert first.headers["location"] == again.headers["location"] == f"{path}?done=cancelled"
    after = shop.order(taken["number"])
    assert after["lines"][0]["buckets"]["cancelled"] == 2
    shop.work()
    mails = shop.get(f"/v1/orders/{taken['number']}/messages")["data"]
    assert [m["kind"] for m in mails] == ["order_confirmed", "cancelled"]
    facts = shop.get(f"/v1/orders/{taken['number']}/timeline")["data"]
    assert {f["actor"] for f in facts if f["fact"] == "orders.cancelled"} == {"customer"}
    shop.holds()


def test_what_changed_meanwhile_is_looked_at_again(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    path = path_of(taken)
    form = hidden(send(shop, f"{path}/change", {"line_1": 0, "reason": "other"}))
    shop.post(f"/v1/orders/{taken['id']}/holds", {"reason": "to be looked at"})
    answer = send(shop, f"{path}/change", form)
    assert answer.status == 409
    assert "changed meanwhile" in said(answer)
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 0


def test_what_has_left_can_not_be_cancelled(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    path = path_of(taken)
    form = hidden(send(shop, f"{path}/change", {"line_1": 0, "reason": "other"}))
    shop.fulfil(taken["fulfillment_orders"][0])
    assert shop.call("GET", f"{path}/change").status == 409
    assert f'href="{path}/change"' not in said(shop.call("GET", path))
    assert send(shop, f"{path}/change", form).status == 409
    assert shop.order(taken["number"])["status"] == "shipped"


def test_what_the_warehouse_has_is_asked_back(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    (work,) = taken["fulfillment_orders"]
    shop.post(f"/v1/fulfillment-orders/{work['id']}/accept")
    path = path_of(taken)
    look = send(shop, f"{path}/change", {"line_1": 0, "reason": "other"})
    assert "we ask for it back" in said(look)
    answer = send(shop, f"{path}/change", hidden(look))
    assert answer.headers["location"].endswith(("?done=asked", "?done=cancelled"))
    assert shop.order(taken["number"])["fulfillment_orders"][0]["recall"] in (
        "requested",
        None,
        "accepted",
    )


@pytest.mark.parametrize(
    "form",
    [
        {"line_1": "-1", "reason": "other"},
        {"line_1": "4", "reason": "other"},
        {"line_1": "x", "reason": "other"},
        {"line_1": "1" * 5000, "reason": "other"},
        {"line_1": "1", "reason": "'; drop table"},
        {"reason": "other"},
        {"step": "do", "reason": "other", "less_1": "1", "version": "1"},
        {"step": "do", "reason": "other", "less_1": "1", "version": "1", "once": "short"},
        {"step": "do", "reason": "other", "less_1": "x", "version": "1", "once": "0" * 32},
        {"step": "do", "reason": "other", "less_99": "1", "version": "1", "once": "0" * 32},
        {"step": "do", "reason": "other", "version": "1", "once": "0" * 32},
    ],
)
def test_a_form_that_no_page_sent_does_nothing(shop: Api, form: dict[str, str]) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    answer = send(shop, f"{path_of(taken)}/change", form)
    assert answer.status in (404, 409, 422)
    assert said(answer).startswith("<!doctype html>")
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_a_form_of_another_site_is_refused(shop: Api, headers: dict[str, str]) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    form = hidden(send(shop, f"{path_of(taken)}/change", {"line_1": 0, "reason": "other"}))
    assert send(shop, f"{path_of(taken)}/change", form, **headers).status == 422
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 0


# ── another address ────────────────────────────────────────────────────────────────────────


def test_a_delivery_goes_elsewhere_after_a_look(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = f"{path_of(taken)}/address/1"
    page = said(shop.call("GET", path))
    assert ADDRESS["lines"][0] not in page, "whoever has the link does not read the old address"
    wrong = send(shop, path, NEW | {"postal_code": "1"})
    assert wrong.status == 422
    assert "aria-invalid" in said(wrong)
    look = send(shop, path, NEW)
    assert "Kantstraße 7" in said(look)
    form = hidden(look)
    assert send(shop, path, form).status == send(shop, path, form).status == 303
    after = shop.order(taken["number"])
    assert after["groups"][0]["address"]["lines"] == ["Kantstraße 7"]
    shop.work()
    kinds = [m["kind"] for m in shop.order(taken["number"])["messages"]]
    assert kinds.count("order_changed") == 1
    shop.holds()


def test_an_address_that_was_sent_out_stays(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    path = f"{path_of(taken)}/address/1"
    assert shop.call("GET", path).status == 409
    assert send(shop, path, NEW).status == 409


# ── how it was ─────────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_rated_once(shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    path = path_of(taken)
    shop.fulfil(taken["fulfillment_orders"][0])
    shipment = shop.order(taken["number"])["shipments"][0]["id"]
    rate = f"{path}/rate/delivery/{shipment}"
    assert shop.call("GET", rate).status == 404, "it has not arrived"
    deliver(shop, taken["number"])
    assert rate in said(shop.call("GET", path))
    assert "checked" in said(shop.call("GET", f"{rate}?score=4"))
    assert send(shop, rate, {"comment": "no score"}).status == 422
    assert send(shop, rate, {"score": "9"}).status == 422
    assert shop.get("/v1/csat")["data"] == []
    for score in (4, 1):
        assert send(shop, rate, {"score": score, "comment": "Fine <b>box</b>"}).status == 303
    assert "4 of 5" in said(shop.call("GET", rate))
    answer = shop.get("/v1/csat?by=day")
    (period,) = answer["data"]
    assert (period["asked"], period["ratings"], period["average"]) == ("delivery", 1, "4.00")
    assert period["scores"] == [0, 0, 0, 1, 0]
    assert answer["latest"][0]["comment"] == "Fine <b>box</b>"
    shop.holds()


def test_a_shipment_of_another_order_is_not_rated(shop: Api) -> None:
    mine, other = (shop.release(order(n, {"SKU-1": 1})) for n in ("A1", "A2"))
    shop.fulfil(other["fulfillment_orders"][0])
    deliver(shop, other["number"])
    shipment = shop.order(other["number"])["shipments"][0]["id"]
    path = f"{path_of(mine)}/rate/delivery/{shipment}"
    assert shop.call("GET", path).status == send(shop, path, {"score": 1}).status == 404
    assert shop.call("GET", f"{path_of(mine)}/rate/delivery/nonsense").status == 422


def test_a_rating_is_asked_for_where_the_shop_wants_it(shop: Api) -> None:
    wanted = {"ask_after_days": 0, "language": "de"}
    shop.call("PUT", "/v1/notifications/preferences", wanted)
    taken = shop.release(order("A1", {"SKU-1": 1}))
    shop.fulfil(taken["fulfillment_orders"][0])
    deliver(shop, taken["number"])
    (asked,) = [m for m in shop.get(f"/v1/orders/{taken['number']}/messages")["data"]
                if m["kind"] == "csat_delivery"]  # fmt: skip
    link = re.search(r"/t/\S+\?score=5", asked["text"])
    assert link is not None
    assert shop.call("GET", link[0]).status == 200


# ── who comes in ───────────────────────────────────────────────────────────────────────────


def test_pages_speak_the_orders_language(shop: Api) -> None:
    seen = set()
    for language in LANGUAGES:
        taken = shop.post("/v1/orders", order(language, {"SKU-1": 1}, language=language))
        page = said(shop.call("GET", path_of(taken)))
        assert f'<html lang="{language}">' in page
        for part in ("/change", "/address/1"):
            answer = shop.call("GET", path_of(taken) + part)
            assert f'<html lang="{language}">' in said(answer)
        seen.add(re.search("<h1>(.*)</h1>", page)[1])  # type: ignore[index]
    assert len(seen) == len(LANGUAGES)
    taken = shop.post("/v1/orders", order("pl", {"SKU-1": 1}, language="pl"))
    assert '<html lang="en">' in said(shop.call("GET", path_of(taken)))


def test_a_forged_link_opens_nothing(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    token = path_of(taken)[3:]
    kind, tenant, secret = token.split("_")
    plain = shop.call("GET", f"/t/{kind}_{tenant}_{'0' * 32}")
    assert plain.status == 404
    for forged in (
        f"bk_{tenant}_{secret}",
        f"{kind}_{int(tenant) + 1}_{secret}",
        f"{kind}_99999999999_{secret}",
        f"{kind}_{tenant}_{secret[:-1]}",
        f"{kind}_{tenant}_{secret}'",
        f"{kind}_{tenant}_{secret.upper()}" if secret.upper() != secret else "x",
        shop.key,
    ):
        for part in ("", "/change", "/address/1", "/texts", "/rate/delivery/shp_0"):
            answer = shop.call("GET", f"/t/{forged}{part}")
            assert (answer.status, answer.content) == (404, plain.content), (forged, part)


def test_pages_load_nothing_of_others(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = path_of(taken)
    for each in (path, f"{path}/change", f"{path}/address/1", "/t/nonsense"):
        answer = shop.call("GET", each)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        text = said(answer)
        assert "<script" not in text
        assert "style=" not in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    style = re.search(r'href="(/pages/\w+\.css)"', said(shop.call("GET", path)))
    assert style is not None
    assert shop.call("GET", style[1]).headers["content-type"].startswith("text/css")


def test_names_are_text_on_every_page(shop: Api) -> None:
    nasty = '"><script>alert(1)</script>'
    sku = {"code": "SKU-1", "product": "P", "title": nasty, "currency": "EUR", "price": 1000}
    shop.post("/v1/skus", {"skus": [sku | {"weight_g": 400}]})
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 2}, buyer_name=nasty))
    path = path_of(taken)
    look = send(shop, f"{path}/change", {"line_1": 1, "reason": "other"})
    again = send(shop, f"{path}/address/1", NEW | {"name": nasty, "city": nasty})
    for answer in (shop.call("GET", path), shop.call("GET", f"{path}/change"), look, again):
        assert "<script" not in said(answer)


# ── finding an order ───────────────────────────────────────────────────────────────────────


def merchant(shop: Api) -> str:
    return str(shop.get("/v1/session")["merchant"]["handle"])


def test_the_link_goes_to_the_mail_on_file_alone(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    shop.work()
    path = f"/find/{merchant(shop)}"
    right = {"number": f" {taken['number'].lower()} ", "email": " ADA@example.com"}
    answers = [
        send(shop, path, form)
        for form in (
            right,
            {"number": taken["number"], "email": "eve@example.com"},
            {"number": "AAAAA-AAAAA", "email": "ada@example.com"},
        )
    ]
    assert {(a.status, a.content) for a in answers} == {(200, answers[0].content)}
    shop.work()
    found = [m for m in outside.mails(taken["number"]) if "link" in m["subject"]]
    assert len(found) == 1
    assert taken["tracking_url"].split("/t/")[1] in found[0]["text"]
    assert found[0]["recipients"] == ["ada@example.com"]
    send(shop, path, right)
    shop.work()
    kinds = [m["kind"] for m in shop.order(taken["number"])["messages"]]
    assert kinds.count("order_link") <= 2, "once an hour"


def test_nobody_asks_too_often(shop: Api) -> None:
    path = f"/find/{merchant(shop)}"
    form = {"number": "ABCDE-ABCDE", "email": "eve@example.com"}
    found = [send(shop, path, form).status for _ in range(7)]
    assert found == [200] * 5 + [429] * 2
    others = [send(shop, path, form | {"number": f"ABCDE-{n:05}"}).status for n in range(20)]
    assert 429 in others
    assert shop.call("GET", "/find/nobody-of-this-name").status == 404
    assert send(shop, "/find/nobody-of-this-name", form).status == 404


def test_both_are_needed_to_find(shop: Api) -> None:
    path = f"/find/{merchant(shop)}"
    for form in ({}, {"number": "A"}, {"email": "a@b.c"}, {"number": "A", "email": "x"}):
        assert send(shop, path, form).status == 422
