"""Returns at once with themselves: one unit has one return, one receipt, one settlement."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from test_returns_way import ask, grade, receive, sold, stock

from api import Answer, Api, Outside
from baton.platform.db import Caller
from baton.views.verify import verify

TOGETHER = 4


def at_once(shop: Api, requests: list[tuple[str, Any]]) -> list[Answer]:
    """All requests begun at the same moment, each by a thread of its own."""
    barrier = Barrier(len(requests))

    def send(request: tuple[str, Any]) -> Answer:
        barrier.wait(30)
        return shop.call("POST", *request)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def codes(answers: list[Answer]) -> Counter[str]:
    assert all(answer.status < 500 for answer in answers), [a.body for a in answers]
    return Counter("done" if a.status < 300 else a.code for a in answers)


def test_the_last_unit_is_on_one_return(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    ask(shop, page)
    lines = [{"line": 1, "quantity": 1, "reason": "other"}]
    body = {"order": page["number"], "lines": lines}
    answers = at_once(shop, [("/v1/returns", body)] * TOGETHER)
    assert codes(answers) == {"done": 1, "units_not_returnable": TOGETHER - 1}
    shop.holds()


def test_goods_come_in_once(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 2})
    path = f"/v1/returns/{ask(shop, page, 2)['id']}/receive"
    body = {"location": "W1", "lines": [{"line": 1, "quantity": 2}]}
    assert codes(at_once(shop, [(path, body)] * TOGETHER))["done"] == 1
    again = {"reference": "same scan"} | body
    assert codes(at_once(shop, [(path, again)] * TOGETHER))["done"] == 0
    assert stock(shop) == (100, 2)
    shop.holds()


def test_a_scan_that_is_sent_twice_is_one(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 3})
    path = f"/v1/returns/{ask(shop, page, 3)['id']}/receive"
    body = {"location": "W1", "lines": [{"line": 1, "quantity": 1}], "reference": "scan"}
    assert codes(at_once(shop, [(path, body)] * TOGETHER)) == {"done": TOGETHER}
    assert stock(shop) == (98, 1)
    shop.holds()


def test_nothing_is_restocked_or_paid_twice(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = ask(shop, page, 2)
    receive(shop, rma, 2)
    path = f"/v1/returns/{rma['id']}"
    body = {"location": "W1", "line": 1, "quantity": 2, "grade": "A"}
    graded = at_once(shop, [(f"{path}/grade", body)] * TOGETHER)
    assert codes(graded) == {"done": 1, "returned_goods_missing": TOGETHER - 1}
    (grading,) = shop.get(path)["gradings"]
    dispose = f"{path}/gradings/{grading['id']}/dispose"
    put_away = at_once(shop, [(dispose, {"disposition": "restock"})] * TOGETHER)
    assert codes(put_away) == {"done": 1, "goods_disposed_already": TOGETHER - 1}
    assert stock(shop) == (100, 0)
    shop.work()
    assert outside.paid(page["number"], "refund") == 2000
    shop.holds()


def test_settling_and_grading_at_once_pay_each_unit_once(shop: Api, outside: Outside) -> None:
    page = sold(shop, {"SKU-1": 4})
    rma = ask(shop, page, 4)
    receive(shop, rma, 4)
    path = f"/v1/returns/{rma['id']}"
    one = {"location": "W1", "line": 1, "quantity": 1, "grade": "A", "disposition": "restock"}
    soon = (f"{path}/settle", {"at": "receipt"})
    answers = at_once(shop, [(f"{path}/grade", one)] * 4 + [soon, soon])
    assert codes(answers)["done"] >= 4
    rma = shop.get(path)
    assert rma["status"] == "closed"
    assert sum(line["units"] for s in rma["settlements"] for line in s["lines"]) == 4
    assert sum(s["amount"] for s in rma["settlements"]) == 4000
    shop.work()
    assert outside.paid(page["number"], "refund") == 4000
    shop.holds()


def test_cancelling_and_receiving_at_once_have_one_winner(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    path = f"/v1/returns/{ask(shop, page)['id']}"
    came = {"location": "W1", "lines": [{"line": 1, "quantity": 1}]}
    answers = at_once(shop, [(f"{path}/cancel", {"reason": "no"}), (f"{path}/receive", came)])
    assert codes(answers) == {"done": 1, "return_action_illegal": 1}
    shop.holds()


def test_a_version_that_is_old_changes_nothing(shop: Api) -> None:
    page = sold(shop, {"SKU-1": 1})
    rma = ask(shop, page)
    receive(shop, rma, 1)
    path = f"/v1/returns/{rma['id']}/cancel"
    answer = shop.call("POST", path, {"reason": "x", "version": rma["version"]})
    assert (answer.status, answer.code) == (409, "return_changed")


# ── what somebody altered by hand is found ─────────────────────────────────────────────────

ALTERED = [
    ("update returns.rma_lines set received = 2, units = 2, requested = 2", "units are those"),
    ("update returns.rma_lines set disposed = 0", "units are those"),
    ("update returns.claims set claimed = 0, settled = 0", "is claimed of its line"),
    ("update returns.settlement_lines set amount = amount - 1", "sum of its parts"),
    ("update returns.gradings set units = units + 1", "moved its stock once"),
    ("update returns.receipt_lines set units = units + 1", "moved its stock once"),
    ("update orders.lines set returned = 0", "received or reported"),
    ("update payments.effects set amount = amount + 1 where kind = 'refund'", "than it brings"),
    ("update returns.rma_lines set missing = 0, received = 0, graded = 0, disposed = 0", "units"),
    ("update returns.rmas set order_id = id", "has its order"),
]


@pytest.mark.parametrize(("change", "promise"), ALTERED, ids=[a[0][7:60] for a in ALTERED])
def test_verify_finds_what_was_altered(shop: Api, change: str, promise: str) -> None:
    page = sold(shop, {"SKU-1": 2})
    rma = ask(shop, page)
    receive(shop, rma, 1)
    grade(shop, rma, 1, disposition="restock")
    shop.work()
    shop.holds()
    caller = Caller(shop.tenant, "test")
    with (
        pytest.raises(Undone),
        shop.app.db.transaction(caller) as tx,
    ):
        joined = " and " if " where " in change else " where "
        text = f"{change}{joined}tenant_id = {shop.tenant}"
        try:
            tx.connection.execute("reset role")
            tx.connection.execute(text)
        except psycopg.errors.CheckViolation:  # the database refuses it itself
            raise Undone from None
        broken = [p.name for p in verify(tx) if not p.holds]
        assert any(promise in name for name in broken), broken
        raise Undone


class Undone(Exception):
    pass
