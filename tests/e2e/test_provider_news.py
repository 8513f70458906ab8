"""What providers say by themselves: webhooks beside answers, disputes, payouts, their own list."""

from __future__ import annotations

import io
import itertools
import json
import threading
import urllib.request
import zipfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from api import Answer, Api, Outside, order
from baton import orders, payments
from baton.app import App
from baton.connectors.signatures import signature
from baton.flows import hear
from baton.payments.model import Effect, EffectKind, EffectState
from baton.payments.news import Settled
from baton.payments.port import Succeeded
from baton.platform import ids
from baton.platform.db import Caller, Tx
from baton.values import Money
from baton.values.ids import parsed

SECRET = "whsec_fake"
_numbers = itertools.count(1)


def now_of(app: App, tenant: int) -> int:
    with app.db.transaction(Caller(tenant, "test")) as tx:
        return int(tx.now.timestamp())


@pytest.fixture
def door(shop: Api) -> str:
    made = shop.post("/v1/payments/webhook-addresses", {"provider": "fake"})
    return str(made["url"]).partition("://")[2].partition("/")[2]


def event(**news: Any) -> dict[str, Any]:
    return {"id": f"evt_test_{next(_numbers)}"} | news


def tell(shop: Api, door: str, told: Any, *, age_s: int = 0, secret: str = SECRET) -> Answer:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    seconds = str(now_of(shop.app, shop.tenant) - age_s)
    header = f"t={seconds},v1={signature(seconds, secret, body)}"
    stranger = Api(shop.app, shop.tenant, "none", shop.asgi)
    return stranger.call("POST", f"/{door}", body, Fake_Signature=header)


def inbox(shop: Api) -> list[tuple[str, str, int]]:
    rows = shop.get("/v1/payments/webhooks")["data"]
    return [(row["verdict"], row["state"], row["times"]) for row in rows]


def answer_of(outside: Outside, key: str) -> dict[str, Any]:
    [entry] = [e for e in outside.lines(outside.ledger) if e["key"] == key]
    names = ("outcome", "key", "operation", "ref", "amount", "currency", "expires_at")
    return {name: entry[name] for name in names}


def shipped(shop: Api, external_id: str) -> dict[str, Any]:
    placed = shop.release(order(external_id, {"SKU-1": 2}))
    shop.fulfil(placed["fulfillment_orders"][0])
    return shop.order(placed["number"])


def captures(shop: Api, number: str) -> list[dict[str, Any]]:
    [payment] = shop.get(f"/v1/orders/{number}/payments")["payments"]
    return [effect for effect in payment["effects"] if effect["kind"] == "capture"]


def key_of(effect: dict[str, Any]) -> str:
    return str(parsed("eff", effect["id"]))


# ── webhooks ───────────────────────────────────────────────────────────────────────────────


def test_a_webhook_after_the_answer_changes_nothing(shop: Api, door: str, outside: Outside) -> None:
    number = shipped(shop, "W1")["number"]
    [capture] = captures(shop, number)
    told = event(answer=answer_of(outside, key_of(capture)))
    before = shop.get(f"/v1/orders/{number}/timeline")
    for _ in range(3):  # and twice more the same
        assert tell(shop, door, told).status == 200
        shop.work()
    assert inbox(shop) == [("genuine", "done", 3)]
    assert shop.get(f"/v1/orders/{number}/timeline") == before
    assert tell(shop, door, told | {"id": "evt_other"}).status == 200  # the same, newly told
    shop.work()
    assert shop.get(f"/v1/orders/{number}/timeline") == before
    shop.holds()


def test_a_webhook_before_the_answer_is_the_answer(shop: Api, door: str, outside: Outside) -> None:
    placed = shop.post("/v1/orders", order("W2", {"SKU-1": 1}))
    [payment] = shop.get(f"/v1/orders/{placed['number']}/payments")["payments"]
    [asked] = payment["effects"]
    key = key_of(asked)
    told = {
        "outcome": "succeeded", "key": key, "operation": "authorise", "ref": "auth_early",
        "amount": 1000, "currency": "EUR", "expires_at": None,
    }  # fmt: skip
    assert tell(shop, door, event(answer=told)).status == 200
    with shop.app.db.transaction(Caller(shop.tenant, "worker")) as tx:
        from baton.platform import work

        jobs = work.take(tx, payments.HEAR, 10)
        handler = shop.app.handlers[payments.HEAR].inside
        assert handler is not None
        handler(tx, jobs)
        work.finish(tx, jobs)
    [payment] = shop.get(f"/v1/orders/{placed['number']}/payments")["payments"]
    assert payment["status"] == "authorised"
    shop.work()  # the call finds it settled, and asks nobody
    assert not [e for e in outside.lines(outside.ledger) if e["key"] == key]
    shop.holds()


@pytest.mark.parametrize(
    ("age_s", "secret", "verdict"),
    [
        (0, "wrong", "forged"),
        (400, SECRET, "stale"),
        (-400, SECRET, "stale"),
        (200, SECRET, "genuine"),
    ],
)
def test_forged_and_old_ones_are_kept_and_not_acted_upon(
    shop: Api, door: str, age_s: int, secret: str, verdict: str
) -> None:
    answer = tell(shop, door, event(), age_s=age_s, secret=secret)
    assert answer.status == (200 if verdict == "genuine" else 401)
    shop.work()
    assert inbox(shop) == [(verdict, "done" if verdict == "genuine" else "refused", 1)]


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'{"id": 1}', b"\xff\xfe", b"[" * 10_000])
def test_rubbish_is_kept_too(shop: Api, door: str, body: bytes) -> None:
    assert tell(shop, door, body).status == 401
    assert inbox(shop) == [("unreadable", "refused", 1)]
    [row] = shop.get("/v1/payments/webhooks")["data"]
    assert "body" in shop.get(f"/v1/payments/webhooks/{row['id']}")


def test_a_changed_body_is_forged(shop: Api, door: str) -> None:
    body = json.dumps(event()).encode()
    seconds = str(now_of(shop.app, shop.tenant))
    header = f"t={seconds},v1={signature(seconds, SECRET, body)}"
    for changed in (body.replace(b"evt", b"evx"), body + b" "):
        assert shop.call("POST", f"/{door}", changed, Fake_Signature=header).status == 401
    assert {verdict for verdict, _, _ in inbox(shop)} == {"forged"}


def test_an_address_that_was_not_given_out_is_not_there(shop: Api, door: str) -> None:
    head, _, secret = door.rpartition("_")
    for other in (f"{head}_{'0' * 32}", door.replace("bw_", "bk_"), "v1/webhooks/fake/x",
                  door.replace("/fake/", "/other/")):  # fmt: skip
        assert tell(shop, other, event()).status == 404, other
    new = shop.post("/v1/payments/webhook-addresses", {"provider": "fake"})["url"]
    assert secret not in new
    assert tell(shop, door, event()).status == 404, "the old one is void"
    assert inbox(shop) == []


def test_what_contradicts_the_books_is_left_for_a_person(
    shop: Api, door: str, outside: Outside
) -> None:
    number = shipped(shop, "W3")["number"]
    [capture] = captures(shop, number)
    other = answer_of(outside, key_of(capture)) | {"ref": "cap_another"}
    tell(shop, door, event(answer=other))
    tell(shop, door, event(answer=other | {"key": str(ids.fresh())}))
    shop.work()
    assert sorted(inbox(shop)) == [("genuine", "failed", 1), ("genuine", "unmatched", 1)]
    failed = next(
        row for row in shop.get("/v1/payments/webhooks")["data"] if row["state"] == "failed"
    )
    assert "payment_settled_otherwise" in failed["note"]
    again = shop.post(f"/v1/payments/webhooks/{failed['id']}/replay")
    assert again["state"] == "new"
    shop.work()
    assert sorted(inbox(shop))[0] == ("genuine", "failed", 1)
    shop.holds()


def test_a_replay_judges_anew_and_leaves_age_aside(shop: Api, door: str) -> None:
    tell(shop, door, event(), age_s=4000)
    tell(shop, door, event(), secret="wrong")
    rows = shop.get("/v1/payments/webhooks")["data"]
    for row in rows:
        shop.post(f"/v1/payments/webhooks/{row['id']}/replay")
    shop.work()
    assert sorted(inbox(shop)) == [("forged", "refused", 1), ("genuine", "done", 1)]


def by_answer(tx: Tx, effect: Effect, outcome: Succeeded) -> None:
    orders.lock(tx, [effect.order_id])
    payments.settle(tx, effect.id, outcome)


def by_webhook(tx: Tx, effect: Effect, outcome: Succeeded) -> None:
    assert hear.act(tx, "fake", Settled(str(effect.id), outcome))


def both_at_once(app: App, caller: Caller, asked: list[Effect]) -> list[str]:
    """Answer and webhook of each effect, settled at the same moment; what went wrong."""
    errors: list[str] = []
    barrier = threading.Barrier(2, timeout=60)

    def run(settle: Callable[[Tx, Effect, Succeeded], None]) -> None:
        for effect in asked:
            outcome = Succeeded(f"cap_{effect.id}", Money(effect.amount, "EUR"))
            barrier.wait()
            try:
                app.db.execute(caller, partial(settle, effect=effect, outcome=outcome))
            except Exception as error:  # noqa: BLE001
                errors.append(repr(error))

    threads = [threading.Thread(target=run, args=(way,)) for way in (by_answer, by_webhook)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def race(app: App, shop: Api, rounds: int) -> None:
    """In each round the answer and the webhook settle the same capture at the same moment."""
    per_order = 50
    caller = Caller(shop.tenant, "race")
    for n in range(-(-rounds // per_order)):
        taken = shop.post("/v1/orders", order(f"race {n}", {"SKU-1": 10}))
        shop.work()
        order_id = parsed("ord", taken["id"])
        with app.db.transaction(caller) as tx:
            orders.lock(tx, [order_id])
            for _ in range(per_order):
                payments.ensure_captured(tx, order_id, ids.fresh(), Money(7, "EUR"))
            every = payments.effects_by_orders(tx, [order_id])
        assert both_at_once(app, caller, [e for e in every if e.kind is EffectKind.CAPTURE]) == []
        with app.db.transaction(caller) as tx:
            after = payments.effects_by_orders(tx, [order_id])
        done = [e for e in after if e.kind is EffectKind.CAPTURE]
        assert {e.state for e in done} == {EffectState.SUCCEEDED}
        facts = [f["fact"] for f in shop.get(f"/v1/orders/{taken['id']}/timeline")["data"]]
        assert facts.count("payments.captured") == per_order
        [payment] = shop.get(f"/v1/orders/{taken['id']}/payments")["payments"]
        assert payment["captured"] == per_order * 7


def test_answer_and_webhook_at_the_same_moment(shop: Api, app: App) -> None:
    race(app, shop, 100)
    shop.work()
    shop.holds()


@pytest.mark.slow
def test_answer_and_webhook_at_the_same_moment_a_thousand_times(shop: Api, app: App) -> None:
    race(app, shop, 1000)


# ── disputes ───────────────────────────────────────────────────────────────────────────────


def dispute_of(capture: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
    return event(
        dispute={
            "dispute": f"dp_{capture['provider_ref']}",
            "ref": capture["provider_ref"],
            "state": state,
            "amount": capture["amount"],
            "fee": 1500,
            "currency": "EUR",
            "reason": "fraudulent",
            "respond_by": "2030-01-15T00:00:00Z" if state == "open" else None,
        }
        | more
    )


@pytest.mark.parametrize("end", ["won", "lost"])
def test_a_dispute_from_its_opening_to_its_end(shop: Api, door: str, end: str) -> None:
    number = shipped(shop, f"D{end}")["number"]
    [capture] = captures(shop, number)
    for _ in range(2):
        tell(shop, door, dispute_of(capture, "open"))
    shop.work()
    page = shop.order(number)
    [told] = [e for e in page["exceptions"] if e["resolved_at"] is None]
    assert told["kind"] == "dispute"
    assert "2030-01-15" in told["suggestion"]
    refused = shop.call("POST", f"/v1/orders/{number}/refunds", {"subject": "s", "amount": 1})
    assert refused.code == "refund_too_high", "the bank has it already"
    [dispute] = shop.get("/v1/disputes")["data"]
    assert (dispute["state"], dispute["fee"], dispute["amount"]) == ("open", 1500, 2000)
    made = shop.get(f"/v1/disputes/{dispute['id']}/evidence")
    assert made["order"]["number"] == number
    assert made["deliveries"][0]["tracking_no"]
    assert {m["kind"] for m in made["messages"]} >= {"order_confirmed", "shipped"}
    file = shop.call("GET", f"/v1/disputes/{dispute['id']}/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert number in archive.read("summary.txt").decode()
        assert json.loads(archive.read("order.json"))["number"] == number
    tell(shop, door, dispute_of(capture, end))
    shop.work()
    tell(shop, door, dispute_of(capture, "open"))  # an old word that comes late
    shop.work()
    [dispute] = shop.get("/v1/disputes")["data"]
    assert dispute["state"] == end
    assert not [e for e in shop.order(number)["exceptions"] if e["resolved_at"] is None]
    facts = [f["fact"] for f in shop.get(f"/v1/orders/{number}/timeline")["data"]]
    assert [f for f in facts if "dispute" in f] == [
        "payments.dispute_opened",
        f"payments.dispute_{end}",
    ]
    again = shop.call("POST", f"/v1/orders/{number}/refunds", {"subject": "s", "amount": 1})
    assert again.status == (201 if end == "won" else 409)
    shop.work()
    shop.holds()


def test_a_dispute_by_letter(shop: Api) -> None:
    page = shipped(shop, "DL")
    number, payment = page["number"], page["payments"][0]["id"]
    body = {"payment_id": payment, "provider_ref": "letter 7", "amount": 500, "reason": "lost"}
    made = shop.post(f"/v1/orders/{number}/disputes", body)
    assert shop.post(f"/v1/orders/{number}/disputes", body)["id"] == made["id"]
    ended = shop.post(f"/v1/disputes/{made['id']}/end", {"outcome": "lost", "fee": 700})
    assert (ended["state"], ended["fee"]) == ("lost", 700)
    shop.holds()


# ── payouts and the provider's own list ────────────────────────────────────────────────────


def at_gateway(outside: Outside, path: str, body: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{outside.gateway}{path}", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_payout_is_matched_line_by_line_and_booked_once(
    shop: Api, outside: Outside, door: str
) -> None:
    at_gateway(outside, "/test/payouts", {"payout_ref": f"before {door}"})
    number = shipped(shop, "P1")["number"]
    shop.post(f"/v1/orders/{number}/refunds", {"subject": "s", "amount": 500})
    shop.work()
    [capture] = captures(shop, number)
    told = at_gateway(outside, "/test/disputes", {"ref": capture["provider_ref"]})
    tell(shop, door, event(dispute=told))
    shop.work()
    content = at_gateway(outside, "/test/payouts", {"payout_ref": f"po {door}"})["csv"]
    content += f"po {door},EUR,2026-03-01T00:00:00+00:00,capture,cap_of_nobody,123,0\r\n"
    for new in (True, False):
        [booked] = shop.post("/v1/payouts", {"provider": "fake", "content": content})["data"]
        assert booked["new"] is new
    # 2000 taken, 500 given back, 2000 in dispute, 123 of nobody; fees 65 and 1500
    assert (booked["gross"], booked["fee"], booked["net"]) == (-377, 1565, -1942)
    assert (booked["lines"], booked["unmatched"]) == (4, 1)
    page = shop.get(f"/v1/payouts/{booked['id']}")
    assert [(x["kind"], x["matched_id"] is not None) for x in page["line_items"]] == [
        ("capture", True),
        ("refund", True),
        ("dispute", True),
        ("capture", False),
    ]
    assert len(shop.get("/v1/payouts")["data"]) == 1
    # the same capture in another payout is nobody's
    again = content.replace(f"po {door}", f"other {door}")
    [other] = shop.post("/v1/payouts", {"provider": "fake", "content": again})["data"]
    assert other["unmatched"] == 3
    shop.holds()


@pytest.mark.parametrize(
    "content", ["x", "payout_ref,currency\n", "payout_ref,currency,paid_at,kind,ref,amount,fee\n"
                "a,EUR,2026-01-01,capture,x,1.5,0\n"]
)  # fmt: skip
def test_a_file_that_is_no_payout_is_refused(shop: Api, content: str) -> None:
    answer = shop.call("POST", "/v1/payouts", {"provider": "fake", "content": content})
    assert (answer.status, answer.code) == (422, "payout_unreadable")


def test_money_that_nobody_asked_for_is_found(shop: Api, outside: Outside) -> None:
    number = shipped(shop, "U1")["number"]
    body = {"reference": number, "amount": 777, "currency": "EUR"}
    at_gateway(outside, "/test/captures", body)
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        hear.compare_daily(tx)
    for _ in range(2):
        shop.work()
        with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
            hear.compare_daily(tx)
    [told] = [e for e in shop.order(number)["exceptions"] if e["resolved_at"] is None]
    assert told["kind"] == "unasked_money"
    assert "7.77 EUR" in told["cause"]
    assert timedelta(days=1) < hear.BACK
    shop.holds()
