"""A customer's returns on their own pages: asked for once, followed, answered, called off."""

from __future__ import annotations

from typing import Any

import pytest
from test_customer_pages import hidden, path_of, said, send
from test_returns_way import grade, receive, sold

from api import Api, order
from baton.notifications.model import LANGUAGES


def kinds(shop: Api, number: str) -> list[str]:
    return [m["kind"] for m in shop.get(f"/v1/orders/{number}/messages")["data"]]


def ask(shop: Api, page: dict[str, Any], **more: Any) -> str:
    """Ask for a return on the page; its path."""
    path = path_of(page)
    form = hidden(shop.call("GET", f"{path}/return"))
    form |= {"line_1": "1", "reason_1": "changed_mind", "wanted": "original"} | more
    first, again = (send(shop, f"{path}/return", form) for _ in range(2))
    assert (first.status, again.status) == (303, 303), said(first)
    assert first.headers["location"] == again.headers["location"]
    return str(first.headers["location"])


def test_a_return_is_asked_for_once_and_followed_to_its_end(shop: Api) -> None:
    shop.call("PUT", "/v1/notifications/preferences", {"ask_after_days": 0})
    page = sold(shop, {"SKU-1": 2})
    assert f'href="{path_of(page)}/return"' in said(shop.call("GET", path_of(page)))
    where = ask(shop, page, note="It <b>scratches</b>")
    (row,) = shop.get(f"/v1/returns?order={page['number']}")["data"]
    rma = shop.get(f"/v1/returns/{row['id']}")
    assert (rma["status"], rma["lines"][0]["requested"]) == ("approved", 1)
    shop.work()
    text = said(shop.call("GET", where))
    assert rma["number"] in text
    assert "Approved" in text
    rma = receive(shop, rma, 1)
    shop.work()
    assert "Arrived" in said(shop.call("GET", where))
    grade(shop, rma, 1, "A", disposition="restock")
    shop.work()
    assert "€10.00" in said(shop.call("GET", where))
    told = [k for k in kinds(shop, page["number"]) if k.startswith(("return", "refund", "csat"))]
    assert set(told) - {"return_label"} == {
        "return_approved", "return_received", "refund_made", "csat_return"
    }  # fmt: skip
    assert len(told) == len(set(told)), "each is told once"
    rate = f"{path_of(page)}/rate/return/{row['id']}"
    assert send(shop, rate, {"score": 5}).status == 303
    assert [s["asked"] for s in shop.get("/v1/csat")["data"]] == ["return"]
    shop.holds()


def test_units_that_are_on_a_return_are_not_asked_for_again(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    path = path_of(page)
    form = hidden(shop.call("GET", f"{path}/return"))
    form |= {"line_1": "1", "reason_1": "changed_mind", "wanted": "original"}
    ask(shop, page)
    assert send(shop, f"{path}/return", form).status == 409
    assert 'name="line_1"' not in said(shop.call("GET", f"{path}/return"))
    assert len(shop.get(f"/v1/returns?order={page['number']}")["data"]) == 1


def test_a_return_is_called_off(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    where = ask(shop, page)
    form = hidden(shop.call("GET", where))
    for _ in range(2):
        assert send(shop, f"{where}/cancel", form).status == 303
    assert "Called off" in said(shop.call("GET", where))
    assert send(shop, f"{where}/cancel", form | {"once": "0" * 32}).status == 409


@pytest.mark.parametrize(
    "form",
    [
        {"line_1": "0"},
        {},
        {"line_1": "1", "reason_1": "nonsense"},
        {"line_1": "-1", "reason_1": "other"},
        {"line_1": "9", "reason_1": "other"},
        {"line_1": "1", "reason_1": "other", "wanted": "gold"},
        {"line_1": "1", "reason_1": "other", "wanted": "exchange"},
        {"line_1": "1", "reason_1": "other", "once": ""},
    ],
)
def test_a_form_that_asks_for_nonsense_does_nothing(shop: Api, form: dict[str, str]) -> None:
    page = sold(shop, {"SKU-1": 1})
    path = f"{path_of(page)}/return"
    answer = send(shop, path, hidden(shop.call("GET", path)) | form)
    assert answer.status in (409, 422)
    assert shop.get(f"/v1/returns?order={page['number']}")["data"] == []


def test_anothers_return_is_not_there(shop: Api) -> None:
    mine, other = (sold(shop, {"SKU-1": 1}, name) for name in ("A1", "A2"))
    where = ask(shop, other)
    about = where.split("/return/")[1]
    path = f"{path_of(mine)}/return/{about}"
    for part in ("", "/label.pdf"):
        assert shop.call("GET", path + part).status == 404
    form = {"once": "0" * 32, "version": "1"}
    for part in ("/answer", "/cancel"):
        assert send(shop, path + part, form).status == 404
    assert shop.get(f"/v1/returns/{about}")["status"] == "approved"


def test_nothing_goes_back_before_it_has_left(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = path_of(taken)
    assert f'href="{path}/return"' not in said(shop.call("GET", path))
    form = hidden(shop.call("GET", f"{path}/return")) | {"once": "0" * 32}
    form |= {"line_1": "1", "reason_1": "other"}
    assert send(shop, f"{path}/return", form).status in (404, 409, 422)


def test_returns_speak_the_orders_language(shop: Api) -> None:
    seen = set()
    for language in LANGUAGES:
        page = sold(shop, {"SKU-1": 1}, language, language=language)
        text = said(shop.call("GET", f"{path_of(page)}/return"))
        assert f'<html lang="{language}">' in text
        seen.add(said(shop.call("GET", ask(shop, page))).split("<h2>")[1].split("</h2>")[0])
    assert len(seen) == len(LANGUAGES)
