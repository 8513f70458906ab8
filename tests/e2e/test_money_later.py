"""Money at every moment: with the order, at release, later; renewed before it lapses, collected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api import Api, Outside, order
from baton.app import App
from baton.flows import pay
from baton.platform.db import Caller


def channel(shop: Api, capture_at: str) -> None:
    shop.post(
        "/v1/channels",
        {
            "code": capture_at,
            "name": capture_at,
            "kind": "shop",
            "acceptance": "backorder",
            "legal_entity": "main",
            "currency": "EUR",
            "areas": ["eu", "stores"],
            "capture_at": capture_at,
            "payment_provider": "fake",
        },
    )


def money(shop: Api, number: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.get(f"/v1/orders/{number}/payments")
    return found


def open_exceptions(shop: Api, number: str) -> list[str]:
    return [e["kind"] for e in shop.order(number)["exceptions"] if e["resolved_at"] is None]


def called_back(shop: Api, number: str) -> None:
    """Locations agree to what they are asked back for."""
    for work in shop.order(number)["fulfillment_orders"]:
        path = f"/v1/fulfillment-orders/{work['id']}/answer-recall"
        shop.call("POST", path, {"accepted": True})
    shop.work()


@pytest.mark.parametrize("moment", ["order", "release"])
def test_what_was_captured_for_cancelled_units_goes_back(
    shop: Api, outside: Outside, moment: str
) -> None:
    channel(shop, moment)
    placed = shop.release(order("O1", {"SKU-1": 3}, channel=moment))
    number = placed["number"]
    assert outside.paid(number) == 3_000
    lines = [{"line": 1, "quantity": 1}]
    shop.post(f"/v1/orders/{number}/cancel", {"reason": "less", "lines": lines})
    shop.work()
    called_back(shop, number)
    assert outside.paid(number, "refund") == 1_000
    shop.post(f"/v1/orders/{number}/cancel", {"reason": "none"})
    shop.work()
    called_back(shop, number)
    assert outside.paid(number, "refund") == 3_000
    assert money(shop, number)["refundable"] == 0
    shop.holds()


def test_captured_with_the_order_is_not_taken_again_when_it_ships(
    shop: Api, outside: Outside
) -> None:
    channel(shop, "order")
    placed = shop.release(order("O2", {"SKU-1": 2}, channel="order"))
    shop.fulfil(placed["fulfillment_orders"][0])
    assert outside.paid(placed["number"]) == 2_000
    assert shop.order(placed["number"])["totals"]["receivable"] == 0
    shop.holds()


# ── lapsing ────────────────────────────────────────────────────────────────────────────────


def renew(app: App, shop: Api, within: timedelta = timedelta(days=30)) -> int:
    with app.db.transaction(Caller(shop.tenant, "test")) as tx:
        return pay.renew(tx, within)


def test_an_authorisation_that_is_still_needed_is_renewed_once(
    shop: Api, app: App, outside: Outside
) -> None:
    placed = shop.release(order("L1", {"SKU-1": 2}))
    number = placed["number"]
    assert renew(app, shop, timedelta(days=2)) == 0, "it lapses in seven"
    assert renew(app, shop) == 1
    assert renew(app, shop) == 0
    shop.work()
    old, new = money(shop, number)["payments"]
    assert (old["status"], new["status"]) == ("voided", "authorised")
    assert new["replaces"] == old["id"]
    assert outside.paid(number, "authorise") == 4_000
    assert outside.paid(number, "void") == 2_000
    shop.fulfil(placed["fulfillment_orders"][0])
    assert outside.paid(number) == 2_000
    assert money(shop, number)["payments"][1]["captured"] == 2_000
    assert renew(app, shop) == 0, "nothing more is needed"
    shop.holds()


def test_a_renewal_that_is_declined_holds_the_order_and_the_old_one_stays(
    shop: Api, app: App
) -> None:
    placed = shop.post("/v1/orders", order("L2", {"SKU-3": 500}))  # it waits for stock
    number = placed["number"]
    shop.work()
    with app.db.transaction(Caller(shop.tenant, "test")) as tx:
        tx.connection.execute(
            "update payments.payments set token = 'tok_decline_authorise' where tenant_id = %s",
            (shop.tenant,),
        )
    assert renew(app, shop) == 1
    shop.work()
    assert renew(app, shop) == 0, "once, whatever came of it"
    page = shop.order(number)
    assert [h["kind"] for h in page["holds"] if h["resolved_at"] is None] == ["payment"]
    assert open_exceptions(shop, number) == ["authorisation_not_renewed"]
    assert [p["status"] for p in page["payments"]] == ["authorised", "declined"]
    shop.holds()


# ── debts ──────────────────────────────────────────────────────────────────────────────────


def unpaid(shop: Api, external_id: str) -> tuple[str, str]:
    """An order that has left and was not paid: its number, and what is owed."""
    tender = {"method": "card", "amount": 2_000, "token": "tok_decline_capture"}
    placed = shop.release(order(external_id, {"SKU-1": 2}, tenders=[tender]))
    shop.fulfil(placed["fulfillment_orders"][0])
    [owed] = money(shop, placed["number"])["receivables"]
    assert (owed["amount"], owed["paid"], owed["settled_at"]) == (2_000, 0, None)
    return placed["number"], owed["id"]


def test_a_debt_is_collected_by_a_tender_that_was_added_for_it(shop: Api, outside: Outside) -> None:
    number, owed = unpaid(shop, "R1")
    body = {"method": "card", "token": "tok_ok", "amount": 1_200, "receivable": owed}
    shop.post(f"/v1/orders/{number}/payments", body)
    shop.work()
    [debt] = money(shop, number)["receivables"]
    assert (debt["paid"], debt["settled_at"]) == (1_200, None)
    high = shop.call("POST", f"/v1/orders/{number}/payments", body | {"amount": 801})
    assert high.code == "tender_invalid"
    shop.post(f"/v1/orders/{number}/payments", body | {"amount": 800})
    shop.work()
    [debt] = money(shop, number)["receivables"]
    assert debt["paid"] == 2_000
    assert debt["settled_at"] is not None
    assert outside.paid(number) == 2_000
    assert shop.order(number)["totals"]["receivable"] == 0
    gone = shop.call("POST", f"/v1/orders/{number}/receivables/{owed}/collect")
    assert (gone.status, gone.code) == (404, "receivable_not_found")
    shop.holds()


def test_a_debt_is_collected_from_what_is_free(shop: Api, outside: Outside) -> None:
    number, owed = unpaid(shop, "R2")
    shop.post(
        f"/v1/orders/{number}/payments", {"method": "card", "token": "tok_ok", "amount": 2_000}
    )
    shop.work()
    for paid in (0, 2_000):  # first the card that declined it, as it is the first in turn
        shop.post(f"/v1/orders/{number}/receivables/{owed}/collect")
        shop.post(f"/v1/orders/{number}/receivables/{owed}/collect")
        shop.work()
        assert money(shop, number)["receivables"][0]["paid"] == paid
    [debt] = money(shop, number)["receivables"]
    assert debt["paid"] == 2_000
    assert outside.paid(number) == 2_000
    shop.holds()


@pytest.mark.parametrize("how", ["paid_elsewhere", "written_off"])
def test_a_debt_is_ended_by_hand(shop: Api, how: str) -> None:
    number, owed = unpaid(shop, f"R3{how}")
    body = {"how": how, "reason": "a bank transfer"}
    done = shop.post(f"/v1/orders/{number}/receivables/{owed}/settle", body)
    assert done["receivables"][0]["paid"] == 2_000
    assert shop.call("POST", f"/v1/orders/{number}/receivables/{owed}/settle", body).status == 404
    shop.work()
    [fact] = [
        f for f in shop.get(f"/v1/orders/{number}/timeline")["data"]
        if f["fact"] == "payments.receivable_paid"
    ]  # fmt: skip
    assert fact["data"]["how"] == how
    assert shop.order(number)["totals"]["receivable"] == 0
    shop.holds()


@pytest.mark.parametrize(
    "body",
    [
        {"method": "card", "amount": 100},
        {"method": "gift_card", "amount": 100, "token": "NOT-A-CARD-1234"},
        {"method": "store_credit", "amount": 100},
        {"method": "card", "amount": 100, "token": "tok_ok",
         "receivable": "rcv_00000000000000000000000000"},
    ],
)  # fmt: skip
def test_a_tender_that_can_not_pay_is_refused(shop: Api, body: dict[str, Any]) -> None:
    number = shop.post("/v1/orders", order("T1", {"SKU-1": 1}))["number"]
    answer = shop.call("POST", f"/v1/orders/{number}/payments", body)
    assert answer.status in (404, 422)
    assert answer.code in ("tender_invalid", "receivable_not_found")
    assert len(money(shop, number)["payments"]) == 1


def test_an_order_without_payment_waits_for_one(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("T2", {"SKU-1": 1}, tenders=[]))
    shop.work()
    number = taken["number"]
    assert [h["kind"] for h in shop.order(number)["holds"]] == ["payment"]
    shop.post(
        f"/v1/orders/{number}/payments", {"method": "card", "token": "tok_ok", "amount": 1_000}
    )
    shop.work()
    page = shop.order(number)
    assert [h["resolved_at"] is not None for h in page["holds"]] == [True]
    assert page["fulfillment_orders"][0]["status"] == "released"
    shop.holds()
