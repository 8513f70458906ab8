"""Changes of one order at the same moment: one is made, the other is told to look again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from api import ADDRESS, Answer, Api, company, new_api, order
from baton.app import App


@pytest.fixture
def shop(app: App, asgi: Any) -> Api:
    shop = new_api(app, asgi)
    company(shop)
    return shop


def at_once(*asked: Callable[[], Answer]) -> list[Answer]:
    """All of these at the same moment, a thread each."""
    start, answers = threading.Barrier(len(asked)), list[Answer]()

    def run(ask: Callable[[], Answer]) -> None:
        start.wait()
        answers.append(ask())

    threads = [threading.Thread(target=run, args=[ask]) for ask in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(asked)
    return answers


def changing(shop: Api, page: dict[str, Any], *actions: Any) -> Callable[[], Answer]:
    body = {"actions": list(actions), "reason": "so they wish", "version": page["version"]}
    return lambda: shop.call("POST", f"/v1/orders/{page['id']}/changes", body)


def test_of_changes_on_one_version_one_is_made(shop: Api) -> None:
    page = shop.post("/v1/orders", order("A1", {"SKU-1": 5}))
    cancel = {"type": "cancel_units", "line": 1, "quantity": 1}
    more = {"type": "add_line", "sku": "SKU-2", "quantity": 1}
    asked = [changing(shop, page, each) for each in (cancel, more, cancel, more)]
    answers = at_once(*asked)
    assert Counter(a.status for a in answers) == {201: 1, 409: 3}
    assert {a.code for a in answers if a.status == 409} == {"order_changed"}
    (made,) = shop.get(f"/v1/orders/{page['id']}/changes")["data"]
    assert (made["number"], made["version"], made["state"]) == (1, 1, "applied")
    shop.holds()


def test_an_answer_and_a_shipment_race_for_what_a_change_waits_for(shop: Api) -> None:
    """Whichever comes first decides; the change is made whole, or refused whole."""
    for number in range(4):
        page = shop.release(order(f"R{number}", {"SKU-1": 1}))
        (work,) = page["fulfillment_orders"]
        path = f"/v1/fulfillment-orders/{work['id']}"
        shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1}]})
        box = {"weight_g": 900, "lines": [{"line": 1, "quantity": 1}]}
        shop.post(f"{path}/pack", {"packages": [box]})
        moved = {"type": "change_address", "address": ADDRESS | {"city": "Potsdam"}}
        assert changing(shop, shop.order(page["number"]), moved)().status == 201
        shop.post(f"{path}/ship")
        accept = {"accepted": True, "reason": "here it is"}
        worker = threading.Thread(target=shop.work)
        worker.start()
        answer = shop.call("POST", f"{path}/answer-recall", accept)
        worker.join()
        shop.work()
        (change,) = shop.get(f"/v1/orders/{page['id']}/changes")["data"]
        city = shop.order(page["number"])["groups"][0]["address"]["city"]
        assert change["state"] in ("applied", "refused")
        assert (city == "Potsdam") is (change["state"] == "applied") is (answer.status == 200)
    shop.holds()


def test_previews_at_once_change_nothing(shop: Api) -> None:
    page = shop.release(order("A1", {"SKU-1": 3}))
    actions = [{"type": "set_quantity", "line": 1, "quantity": 290}]
    path = f"/v1/orders/{page['id']}/changes/preview"
    before = shop.get("/v1/stock?sku=SKU-1"), shop.order(page["number"])
    answers = at_once(*[lambda: shop.call("POST", path, {"actions": actions})] * 4)
    assert {a.status for a in answers} == {200}
    assert (shop.get("/v1/stock?sku=SKU-1"), shop.order(page["number"])) == before
    shop.holds()
