"""Everything at once: several API processes and a worker on one database, with kills and faults.

What is counted at the end is compared with what was there at the start: no unit is sold twice,
no order is lost, no cent is taken twice, and nobody ever sees a 500.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api import Api, Outside, company, helper, new_api, order, receive
from baton.app import App
from baton.asgi import create
from baton.flows import jobs
from baton.platform.db import Caller

ROOT = Path(__file__).resolve().parents[2]
SKUS = ("SKU-1", "SKU-2", "SKU-3")
WORKER_THREADS = 2  # of buyers.py
pytestmark = pytest.mark.slow

Request = tuple[str, str, Any, dict[str, str]]
Answers = list[tuple[int, Any]]


class House:
    """A database of its own, an App on it in this process, and the way to start others."""

    def __init__(self, dsn: str, outside: Outside, **settings: Any) -> None:
        self.dsn = dsn
        self.settings = outside.settings(lease_seconds=5, **settings)
        self.app = App.on(self.settings, dsn)
        self.asgi = create(self.app)
        self.askers: tuple[Any, ...] = ()

    def shop(self, **more: Any) -> Api:
        shop = new_api(self.app, self.asgi)
        company(shop, **more)
        return shop

    @contextmanager
    def process(self, role: str) -> Iterator[subprocess.Popen[str]]:
        """A process in the role; ready when this begins, gone when it ends."""
        values = {"dsn": self.dsn} | self.settings.model_dump(mode="json", exclude_unset=True)
        with subprocess.Popen(
            [sys.executable, "tests/e2e/buyers.py", role, json.dumps(values)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                assert json.loads(process.stdout.readline()) == "ready"
                yield process
                process.stdin.close()
                process.wait(60)
            finally:
                process.kill()

    def race(self, shop: Api, *parts: Sequence[Request], threads: int = 8) -> list[Answers]:
        """Each part asked by a process of its own, all at the same time."""
        wanted = {"tenant": shop.tenant, "key": shop.key, "threads": threads}
        for process, requests in zip(self.askers, parts, strict=True):
            process.stdin.write(json.dumps(wanted | {"requests": list(requests)}) + "\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for process in self.askers]
        for status, body in (each for part in answers for each in part):
            assert status < 500, body
            assert status < 400 or body["code"] != "busy", "a deadlock came to the surface"
        return answers


@pytest.fixture(scope="module")
def house(new_database: Callable[[], str], outside: Outside) -> Iterator[House]:
    made = House(new_database(), outside)
    with made.process("ask") as one, made.process("ask") as two:
        made.askers = (one, two)
        yield made
    made.app.close()


def place(body: dict[str, Any], **headers: str) -> Request:
    return ("POST", "/v1/orders", body, headers)


def all_orders(shop: Api) -> list[dict[str, Any]]:
    rows, after = [], ""
    while True:
        page = shop.get(f"/v1/orders?limit=200{after}")
        rows += page["data"]
        if not page["next"]:
            return [shop.order(row["number"]) for row in rows]
        after = f"&after={page['next']}"


def stock(shop: Api, sku: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.get(f"/v1/stock?sku={sku}")["data"][0]
    return found


def bucket(pages: Sequence[dict[str, Any]], sku: str, name: str) -> int:
    return sum(x["buckets"][name] for page in pages for x in page["lines"] if x["sku"] == sku)


def settled(house: House, shop: Api) -> None:
    """All work is done, by whoever does it."""
    for _ in range(600):
        shop.work()
        with house.app.db.transaction(Caller(shop.tenant, "test")) as tx:
            waits = tx.connection.execute(
                "select count(*) from work.items where tenant_id = %s and state <> 'parked'"
                " and kind <> %s",
                (shop.tenant, jobs.TIME_OUT_RECALL),
            ).fetchone()
        if waits == (0,):
            return
        threading.Event().wait(0.1)
    raise AssertionError("there is still work to do")


def test_two_hundred_buyers_of_one_hundred_units(house: House) -> None:
    shop = house.shop(stock=0)
    receive(shop, "W1", dict.fromkeys(SKUS, 60))
    receive(shop, "S1", dict.fromkeys(SKUS, 40))
    requests = []
    for number in range(200):
        skus = SKUS if number % 2 else SKUS[::-1]
        more = {"groups": [{"method": "pickup", "location": "S1"}]} if number % 10 == 0 else {}
        body = order(f"R{number}", dict.fromkeys(skus, 1), channel="refuse", **more)
        requests.append(place(body))
    with house.process("work"):
        answers = house.race(shop, requests[:100], requests[100:])
        settled(house, shop)
    found = Counter(status for part in answers for status, _ in part)
    assert found == {201: 100, 409: 100}
    refused = [body for part in answers for status, body in part if status == 409]
    assert {body["code"] for body in refused} == {"out_of_stock"}
    assert {page["status"] for page in all_orders(shop)} == {"released"}
    for sku in SKUS:
        assert sum(area["free"] for area in stock(shop, sku)["areas"]) == 0
    shop.holds()


def test_cancels_rejections_and_a_count_race_with_buyers(house: House) -> None:
    shop = house.shop(stock=0)
    for place_ in ("W1", "W2"):
        receive(shop, place_, dict.fromkeys(SKUS, 30))
    first = [shop.post("/v1/orders", order(f"A{n}", dict.fromkeys(SKUS, 1))) for n in range(14)]
    shop.work()
    works = [shop.order(each["number"])["fulfillment_orders"][0]["id"] for each in first[:7]]
    turned = [
        ("POST", f"/v1/fulfillment-orders/{work}/reject", {"reason": "full"}, {}) for work in works
    ]
    cancels = [
        ("POST", f"/v1/orders/{each['id']}/cancel", {"reason": "not wanted"}, {})
        for each in first[4:11]
    ]
    lines = [{"sku": sku, "quantity": -5} for sku in SKUS]
    loss = ("POST", "/v1/stock/adjustments", {"location": "W1", "lines": lines}, {})
    bought = [
        place(order(f"B{n}", dict.fromkeys(SKUS if n % 2 else SKUS[::-1], 1))) for n in range(56)
    ]
    with house.process("work"):
        house.race(shop, [*bought[:28], loss, *turned], [*cancels, *bought[28:]])
        settled(house, shop)
    pages = all_orders(shop)
    assert len(pages) == 70
    for sku in SKUS:
        wanted = 70 - bucket(pages, sku, "cancelled")
        waits = bucket(pages, sku, "backordered")
        now = stock(shop, sku)
        short = sum(area["short"] for area in now["areas"])
        assert sum(level["on_hand"] for level in now["levels"]) == 55
        assert waits + short == max(wanted - 55, 0), (sku, wanted, waits, now)
        assert sum(area["committed"] for area in now["areas"]) == wanted - waits
    shop.holds()


def test_one_order_however_often_it_is_sent_at_once(house: House) -> None:
    shop = house.shop()
    same = [place(order("ONCE", {"SKU-1": 2})) for _ in range(25)]
    answers = house.race(shop, same, same)
    assert Counter(s for part in answers for s, _ in part) == {201: 1, 200: 49}
    assert len({body["id"] for part in answers for _, body in part}) == 1
    (page,) = all_orders(shop)
    assert stock(shop, "SKU-1")["areas"][0]["committed"] == 2
    assert len(page["payments"]) == 1
    shop.holds()


def test_one_effect_for_one_key(house: House) -> None:
    shop = house.shop()
    taken = shop.post("/v1/orders", order("K1", {"SKU-1": 1}))
    path, body = f"/v1/orders/{taken['id']}/holds", {"reason": "to be sure"}
    same: list[Request] = [("POST", path, body, {"Idempotency-Key": "k"})] * 15
    answers = [each for part in house.race(shop, same, same) for each in part]
    done = [body for status, body in answers if status == 201]
    busy = [body["code"] for status, body in answers if status != 201]
    assert done
    assert all(each == done[0] for each in done), "all get the answer of the first"
    assert set(busy) <= {"idempotency_key_busy"}
    assert len(shop.order(taken["number"])["holds"]) == 1


def test_cancel_and_pick_have_one_winner(house: House) -> None:
    shop = house.shop()
    released = [shop.release(order(f"P{n}", {"SKU-1": 1})) for n in range(20)]
    picks, cancels = [], []
    for each in released:
        (work,) = each["fulfillment_orders"]
        what = {"lines": [{"line": 1, "picked": 1}]}
        picks.append(("POST", f"/v1/fulfillment-orders/{work['id']}/pick", what, {}))
        cancels.append(("POST", f"/v1/orders/{each['id']}/cancel", {"reason": "late"}, {}))
    picked, _ = house.race(shop, picks, cancels, threads=4)
    for each, (status, _) in zip(released, picked, strict=True):
        page = shop.order(each["number"])
        (work,) = page["fulfillment_orders"]
        if status == 200:
            assert (page["status"], work["status"]) == ("released", "picked")
        else:
            assert (page["status"], work["status"]) == ("cancelled", "cancelled")
    shop.holds()


def test_cancel_and_ship_have_one_winner(house: House, outside: Outside) -> None:
    shop = house.shop()
    packed = []
    for number in range(12):
        each = shop.release(order(f"S{number}", {"SKU-1": 1}))
        shop.fulfil(each["fulfillment_orders"][0], until="pack")
        packed.append(each)
    ships, cancels = [], []
    for each in packed:
        (work,) = each["fulfillment_orders"]
        ships.append(("POST", f"/v1/fulfillment-orders/{work['id']}/ship", {}, {}))
        cancels.append(("POST", f"/v1/orders/{each['id']}/cancel", {"reason": "late"}, {}))
        yes = {"accepted": True, "reason": "here it is"}
        cancels.append(("POST", f"/v1/fulfillment-orders/{work['id']}/answer-recall", yes, {}))
    with house.process("work"):
        house.race(shop, ships, cancels, threads=1)
        settled(house, shop)
    for each in packed:
        page = shop.order(each["number"])
        gone, kept = (
            page["lines"][0]["buckets"]["shipped"],
            page["lines"][0]["buckets"]["cancelled"],
        )
        assert (gone, kept) in ((1, 0), (0, 1)), page["lines"]
        assert outside.paid(each["number"]) == 1000 * gone
        assert outside.paid(each["number"], "void") == 1000 * kept
    shop.holds()


def test_a_killed_worker_loses_nothing(house: House, outside: Outside) -> None:
    shop = house.shop()
    numbers = [shop.post("/v1/orders", order(f"D{n}", {"SKU-2": 1}))["number"] for n in range(24)]
    with house.process("work") as worker:
        for _ in range(600):
            done = shop.get("/v1/orders?status=released&limit=200")["data"]
            if done:
                break
            threading.Event().wait(0.02)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    left = 24 - len(shop.get("/v1/orders?status=released&limit=200")["data"])
    with house.process("work"):
        settled(house, shop)
    assert left, "it was killed in the middle"
    assert len(shop.get("/v1/orders?status=released&limit=200")["data"]) == 24
    asked = Counter(
        entry["reference"]
        for entry in outside.lines(outside.ledger)
        if entry["operation"] == "authorise" and entry["outcome"] == "succeeded"
    )
    assert {asked[number] for number in numbers} == {1}
    # a mail that was under way may come again, under the same Message-ID: nobody could be asked
    mails = [[mail["message_id"] for mail in outside.mails(number)] for number in numbers]
    assert {len(set(copies)) for copies in mails} == {1}
    assert sum(map(len, mails)) <= len(numbers) + WORKER_THREADS
    shop.holds()


def test_a_gateway_that_drops_answers_is_paid_once(
    new_database: Callable[[], str], outside: Outside, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.jsonl"
    faults = ("--seed", "7", "--fault", "drop_answer=0.3,twice=0.2")
    with helper("example.gateway", "--ledger", str(ledger), *faults) as gateway:
        lossy = Outside(gateway, outside.mail, ledger, outside.box, tmp_path / "labels.jsonl")
        house = House(new_database(), lossy)
        shop = house.shop()
        numbers = [
            shop.post("/v1/orders", order(f"G{n}", {"SKU-3": 1}))["number"] for n in range(16)
        ]
        asked_again(house, shop)
        for number in numbers[:12]:
            shop.fulfil(shop.order(number)["fulfillment_orders"][0])
        for number in numbers[12:]:
            shop.post(f"/v1/orders/{number}/cancel", {"reason": "changed their mind"})
        asked_again(house, shop)
        for number in numbers:
            page = shop.order(number)
            taken = 1000 if page["status"] == "shipped" else 0
            assert lossy.paid(number) == page["totals"]["captured"] == taken
            assert lossy.paid(number, "authorise") == 1000
            assert lossy.paid(number, "void") == 1000 - taken
        shop.holds()
        house.app.close()


def asked_again(house: House, shop: Api) -> None:
    """Unknown answers are looked for at once, and not when their time has come."""
    for _ in range(12):
        shop.work()
        with house.app.db.transaction(Caller(shop.tenant, "test")) as tx:
            tx.connection.execute(
                "update work.items set run_at = created_at where tenant_id = %s", (shop.tenant,)
            )
    shop.work()
