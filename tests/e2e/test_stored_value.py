"""Gift cards and store credit: made, spent, given back; money back by every way."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from api import Api, Outside, order
from baton import stored_value
from baton.app import App
from baton.platform.db import Caller
from baton.values.ids import parsed


def card(shop: Api, amount: int = 5_000, **more: Any) -> dict[str, Any]:
    body = {"amount": amount, "currency": "EUR"} | more
    made: dict[str, Any] = shop.post("/v1/gift-cards", body)
    return made


def paid_by(shop: Api, external_id: str, code: str, on_card: int, units: int = 3) -> dict[str, Any]:
    """An order of things at 10.00 that is paid by a gift card first, by a card for the rest."""
    tenders = [
        {"method": "gift_card", "amount": on_card, "token": code},
        {"method": "card", "amount": units * 1000 - on_card, "token": "tok_ok"},
    ]
    taken = shop.post("/v1/orders", order(external_id, {"SKU-1": units}, tenders=tenders))
    shop.work()
    return shop.order(taken["number"])


def money(shop: Api, number: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.get(f"/v1/orders/{number}/payments")
    return found


def balance(shop: Api, account: str) -> tuple[int, int]:
    found = shop.get(f"/v1/stored-value/{account}")
    assert sum(entry["amount"] for entry in found["entries"]) == found["balance"]
    return found["balance"], found["held"]


def refund(shop: Api, number: str, amount: int, subject: str = "s", **more: Any) -> dict[str, Any]:
    body = {"subject": subject, "amount": amount} | more
    made: dict[str, Any] = shop.post(f"/v1/orders/{number}/refunds", body)
    shop.work()
    return made


def _as(connection: psycopg.Connection[Any], tenant: int) -> None:
    """The owner of the tables, who sees one tenant's rows and may change them all."""
    connection.execute("select set_config('baton.tenant', %s::text, false)", (tenant,))


# ── the way of a gift card ─────────────────────────────────────────────────────────────────


def test_a_gift_card_and_a_card_pay_an_order(shop: Api, outside: Outside) -> None:
    made = card(shop)
    placed = paid_by(shop, "G1", made["code"], 1_200)
    number = placed["number"]
    assert [(p["provider"], p["status"]) for p in placed["payments"]] == [
        ("gift_card", "authorised"),
        ("fake", "authorised"),
    ]
    assert balance(shop, made["id"]) == (5_000, 1_200)
    shop.fulfil(placed["fulfillment_orders"][0])
    assert balance(shop, made["id"]) == (3_800, 0)
    assert outside.paid(number) == 1_800
    told = money(shop, number)
    assert [(p["captured"], p["status"]) for p in told["payments"]] == [
        (1_200, "captured"),
        (1_800, "captured"),
    ]
    assert told["refundable"] == 3_000
    # the last tender first, the gift card with what is left
    seen = shop.post(f"/v1/orders/{number}/refunds/preview", {"subject": "r", "amount": 2_000})
    assert [(p["provider"], p["amount"]) for p in seen["parts"]] == [
        ("fake", 1_800),
        ("gift_card", 200),
    ]
    refund(shop, number, 2_000, "r")
    refund(shop, number, 2_000, "r")  # said twice, it is once
    assert outside.paid(number, "refund") == 1_800
    assert balance(shop, made["id"]) == (4_000, 0)
    assert shop.order(number)["totals"]["refunded"] == 2_000
    shop.holds()


def test_the_code_is_nowhere(shop: Api, app: App) -> None:
    made = card(shop, code="OLD-SHOP-CARD-77")
    assert made["last_four"] == "RD77"
    assert made["code"] == "OLDS-HOPC-ARD7-7"
    number = paid_by(shop, "G2", "old shop card 77", 1_000)["number"]
    assert balance(shop, made["id"]) == (5_000, 1_000)
    with psycopg.connect(app.db.dsn) as connection:
        _as(connection, shop.tenant)
        tables = connection.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid ="
            " c.relnamespace where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'"
        ).fetchall()
        assert ("stored_value.accounts",) in tables
        kept = connection.execute("select count(*) from stored_value.accounts").fetchone()
        assert kept == (1,)
        for (table,) in tables:
            found = connection.execute(
                f"select count(*) from {table} t where upper(replace(replace(t::text, '-', ''),"
                " ' ', '')) like '%OLDSHOPCARD77%'"
            ).fetchone()
            assert found == (0,), table
    told = shop.get(f"/v1/orders/{number}/timeline")
    assert "OLD" not in str(told)


def test_a_card_that_has_too_little_declines_and_the_order_waits(shop: Api) -> None:
    made = card(shop, 500)
    placed = paid_by(shop, "G3", made["code"], 1_000)
    assert [p["status"] for p in placed["payments"]] == ["declined", "authorised"]
    assert [h["kind"] for h in placed["holds"] if h["resolved_at"] is None] == ["payment"]
    assert balance(shop, made["id"]) == (500, 0)
    number = placed["number"]
    # a tender added later covers it: the hold ends, the order goes on
    shop.post(
        f"/v1/orders/{number}/payments", {"method": "card", "token": "tok_ok", "amount": 1_000}
    )
    shop.work()
    after = shop.order(number)
    assert [h["kind"] for h in after["holds"] if h["resolved_at"] is None] == []
    assert after["fulfillment_orders"][0]["status"] == "released"
    shop.holds()


@pytest.mark.parametrize("code", ["NOT-A-CARD-AT-ALL", "x", ""])
def test_a_code_that_is_none_is_declined(shop: Api, code: str) -> None:
    placed = paid_by(shop, "G4", code, 1_000)
    assert [p["status"] for p in placed["payments"]] == ["declined", "authorised"]
    shop.holds()


def test_a_cancelled_order_lets_the_gift_card_go(shop: Api) -> None:
    made = card(shop)
    number = paid_by(shop, "G5", made["code"], 3_000)["number"]
    assert balance(shop, made["id"]) == (5_000, 3_000)
    shop.post(f"/v1/orders/{number}/cancel", {"reason": "no"})
    shop.work()
    works = shop.order(number)["fulfillment_orders"]
    for work in works:
        if work["status"] not in ("cancelled",):
            shop.call(
                "POST", f"/v1/fulfillment-orders/{work['id']}/answer-recall", {"accepted": True}
            )
    shop.work()
    assert balance(shop, made["id"]) == (5_000, 0)
    shop.holds()


def test_freeze_thaw_correct_expire(shop: Api, app: App) -> None:
    made = card(shop, active=False)
    path = f"/v1/stored-value/{made['id']}"
    assert made["status"] == "inactive"
    assert shop.call("POST", f"{path}/freeze", {}).code == "stored_value_status_unfit"
    assert shop.post(f"{path}/activate")["status"] == "active"
    assert shop.post(f"{path}/freeze", {"reason": "lost"})["status"] == "frozen"
    assert shop.post(f"{path}/thaw")["status"] == "active"
    assert shop.post(f"{path}/correct", {"amount": -1_000, "reason": "x"})["balance"] == 4_000
    low = shop.call("POST", f"{path}/correct", {"amount": -4_001, "reason": "x"})
    assert (low.status, low.code) == (409, "stored_value_too_low")
    shop.post(f"{path}/expiry", {"expires_at": "2020-01-01T00:00:00Z"})
    with app.db.transaction(Caller(shop.tenant, "test")) as tx:
        assert stored_value.expire(tx) == 1
        assert stored_value.expire(tx) == 0
    assert balance(shop, made["id"]) == (0, 0)
    renewed = shop.post(f"{path}/code")
    assert renewed["code"] != made["code"]
    assert shop.call("POST", "/v1/gift-cards/look-up", {"code": made["code"]}).status == 404
    assert shop.post("/v1/gift-cards/look-up", {"code": renewed["code"]})["status"] == "expired"
    listed = shop.get("/v1/stored-value")["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    shop.holds()


def test_guessing_codes_is_limited(shop: Api) -> None:
    made = card(shop)
    asked = {"code": "GUESS-GUESS-1234"}
    answers = [shop.call("POST", "/v1/gift-cards/look-up", asked).code for _ in range(22)]
    assert answers == ["gift_card_unknown"] * 20 + ["gift_card_look_ups_limited"] * 2
    right = shop.call("POST", "/v1/gift-cards/look-up", {"code": made["code"]})
    assert right.code == "gift_card_look_ups_limited"  # or right guesses would tell


def test_a_code_is_given_to_one_card(shop: Api) -> None:
    card(shop, code="OLD-SHOP-CARD-77")
    again = shop.call(
        "POST", "/v1/gift-cards", {"amount": 1, "currency": "EUR", "code": "old shopcard77"}
    )
    assert (again.status, again.code) == (409, "gift_card_code_taken")


def test_gift_cards_that_are_sold_are_made_once_they_are_due(shop: Api) -> None:
    sku = {"code": "GIFT", "product": "P", "title": "A card", "currency": "EUR", "price": 2500}
    shop.post("/v1/skus", {"skus": [sku | {"kind": "gift_card", "weight_g": 0}]})
    lines = [{"sku": "GIFT", "quantity": 2, "unit_price": 2500}]
    tender = {"method": "card", "amount": 5000, "token": "tok_ok"}
    shop.release(order("SOLD", {}) | {"lines": lines, "total": 5000, "tenders": [tender]})
    made = shop.get("/v1/stored-value")["data"]
    assert [(each["free"], each["status"]) for each in made] == [(2500, "inactive")] * 2
    shop.work()
    assert len(shop.get("/v1/stored-value")["data"]) == 2
    shop.holds()


# ── store credit ───────────────────────────────────────────────────────────────────────────


def test_a_refund_to_store_credit_that_pays_the_next_order(shop: Api, outside: Outside) -> None:
    first = shop.release(order("C1", {"SKU-1": 2}))
    shop.fulfil(first["fulfillment_orders"][0])
    made = refund(shop, first["number"], 1_500, to="store_credit", reason="late")
    assert (made["refunded"], made["missing"]) == (1_500, 0)
    assert [part["provider"] for part in made["parts"]] == ["store_credit"]
    assert outside.paid(first["number"], "refund") == 0
    customer = first["customer"]["id"]
    [credit] = shop.get(f"/v1/customers/{customer}/store-credit")["data"]
    assert credit["free"] == 1_500
    tenders = [
        {"method": "store_credit", "amount": 1_000},
        {"method": "card", "amount": 1_000, "token": "tok_ok"},
    ]
    second = shop.release(order("C2", {"SKU-1": 2}, tenders=tenders))
    shop.fulfil(second["fulfillment_orders"][0])
    assert balance(shop, credit["id"]) == (500, 0)
    # its rest can be given back to the card, and no more than that
    high = shop.call(
        "POST", f"/v1/orders/{first['number']}/refunds", {"subject": "t", "amount": 501}
    )
    assert (high.status, high.code) == (409, "refund_too_high")
    assert high.body["parameters"] == {"refundable": 500}
    refund(shop, first["number"], 500, "t")
    assert outside.paid(first["number"], "refund") == 500
    shop.holds()


def test_store_credit_is_granted_once_for_a_subject(shop: Api) -> None:
    customer = shop.release(order("C3", {"SKU-1": 1}))["customer"]["id"]
    body = {"amount": 700, "currency": "EUR", "subject": "sorry", "reason": "a late parcel"}
    for _ in range(3):
        given = shop.post(f"/v1/customers/{customer}/store-credit", body)
    assert given["balance"] == 700
    shop.holds()


def test_money_taken_elsewhere_goes_back_elsewhere(shop: Api) -> None:
    sold = shop.release(order("M1", {"SKU-1": 1}, channel="must_accept"))
    number = sold["number"]
    made = refund(shop, number, 400)
    assert (made["refunded"], made["missing"]) == (0, 400)
    page = shop.order(number)
    assert [e["kind"] for e in page["exceptions"] if e["resolved_at"] is None] == ["refund_by_hand"]
    made = refund(shop, number, 400, to="elsewhere")
    assert (made["refunded"], made["missing"]) == (400, 0)
    page = shop.order(number)
    assert [e["kind"] for e in page["exceptions"] if e["resolved_at"] is None] == []
    shop.holds()


def test_a_refund_to_an_expired_gift_card_becomes_store_credit(shop: Api) -> None:
    made = card(shop)
    placed = paid_by(shop, "G6", made["code"], 3_000 - 1)
    shop.fulfil(placed["fulfillment_orders"][0])
    shop.post(f"/v1/stored-value/{made['id']}/expiry", {"expires_at": "2020-01-01T00:00:00Z"})
    refund(shop, placed["number"], 2_000)
    refund(shop, placed["number"], 2_000)
    [credit] = shop.get(f"/v1/customers/{placed['customer']['id']}/store-credit")["data"]
    assert credit["balance"] == 1_999
    assert money(shop, placed["number"])["refundable"] == 1_000
    shop.holds()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": 1, "currency": "USD"}, 422, "payment_currency_mismatch"),
        ({"amount": 1_001}, 409, "refund_too_high"),
        ({"amount": 0}, 422, "invalid"),
        ({"amount": 1, "to": "moon"}, 422, "invalid"),
    ],
)
def test_bad_refunds_are_refused(shop: Api, body: dict[str, Any], status: int, code: str) -> None:
    placed = shop.release(order("B1", {"SKU-1": 1}))
    shop.fulfil(placed["fulfillment_orders"][0])
    for kind in ("refunds/preview", "refunds"):
        answer = shop.call("POST", f"/v1/orders/{placed['number']}/{kind}", {"subject": "s"} | body)
        if kind == "refunds":
            assert (answer.status, answer.code) == (status, code)
    assert money(shop, placed["number"])["refundable"] == 1_000


# ── at the same time ───────────────────────────────────────────────────────────────────────


def test_many_orders_at_once_never_spend_more_than_a_card_has(shop: Api, app: App) -> None:
    made = card(shop, 1_000)
    numbers = [
        shop.post(
            "/v1/orders",
            order(
                f"R{n}",
                {"SKU-1": 1},
                tenders=[
                    {"method": "gift_card", "amount": 300, "token": made["code"]},
                    {"method": "card", "amount": 700, "token": "tok_ok"},
                ],
            ),
        )["number"]
        for n in range(8)
    ]
    threads = [threading.Thread(target=shop.work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.work()
    states = [shop.order(number)["payments"][0]["status"] for number in numbers]
    assert sorted(states) == ["authorised"] * 3 + ["declined"] * 5
    assert balance(shop, made["id"]) == (1_000, 900)
    shop.holds()


def test_a_row_altered_by_hand_is_found(shop: Api, app: App) -> None:
    made = card(shop, 1_000)
    account = parsed("sva", made["id"])
    shop.release(
        order("V1", {"SKU-1": 1}, tenders=[{"method": "gift_card", "amount": 1_000,
                                            "token": made["code"]}])
    )  # fmt: skip
    shop.holds()

    def broken(statement: str) -> set[str]:
        """The promises about the ledger itself that do not hold then; the books have their own."""
        with psycopg.connect(app.db.dsn) as connection:
            _as(connection, shop.tenant)
            changed = connection.execute(statement, (shop.tenant, account))
            assert changed.rowcount
        found = {p["name"] for p in shop.get("/v1/verify")["promises"] if p["failures"]}
        return {name for name in found if not name.startswith("I15")}

    where = "where tenant_id = %s and {} = %s"
    assert broken(
        "update stored_value.accounts set balance = balance + 1 " + where.format("id")
    ) == {"stored value: a balance is the sum of its entries"}
    broken("update stored_value.accounts set balance = balance - 1 " + where.format("id"))
    assert broken(
        "update stored_value.holds set amount = amount - 1 " + where.format("account_id")
    ) == {
        "stored value: what is held is the sum of the holds, and is there",
        "I5 gift cards and store credit hold what payments may still take",
    }
    broken("update stored_value.holds set amount = amount + 1 " + where.format("account_id"))
    assert broken(
        "update stored_value.entries set cause = 'redeemed', subject_id = account_id "
        + where.format("account_id")
    ) == {"I7 what gift cards and store credit paid or got back is in their ledger"}
