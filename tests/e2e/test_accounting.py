"""The books through the API: what follows from an order, periods, the chart, exports."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from test_returns_way import ask, grade
from test_returns_way import receive as back_in
from test_stored_value import card, money, paid_by, refund

from api import Api, company, new_api, order, place
from baton.app import App

OTHER = "/v1/accounting/trial-balance?legal_entity=main"


@pytest.fixture
def shop(app: App, asgi: Any) -> Api:
    made = new_api(app, asgi)
    company(made, stock=0)
    received(made, "W1", "SKU-1", 10, 333, "R1")
    return made


def received(shop: Api, where: str, sku: str, units: int, cost: int | None, ref: str = "") -> Any:
    line: dict[str, Any] = {"sku": sku, "quantity": units}
    if cost is not None:
        line["unit_cost"] = cost
    body = {"location": where, "lines": [line], "reference": ref}
    made = shop.post("/v1/stock/receipts", body)
    shop.work()
    return made


def balances(shop: Api) -> dict[str, int]:
    """What each account came to, in base currency."""
    answer = shop.get(OTHER)
    assert answer["debit"] == answer["credit"]
    found: dict[str, int] = {}
    for each in answer["balances"]:
        found[each["account"]] = found.get(each["account"], 0) + each["base_closing"]
    return {account: closing for account, closing in found.items() if closing}


def shipped(shop: Api, body: dict[str, Any]) -> dict[str, Any]:
    page = shop.release(body)
    for work in page["fulfillment_orders"]:
        shop.fulfil(work)
    shop.work()
    return shop.order(page["number"])


def test_an_order_from_receipt_to_money(shop: Api) -> None:
    body = order("A", {"SKU-1": 3})
    body["lines"][0] |= {"tax": 479, "discount": 0}
    body["charges"] = [{"kind": "shipping", "amount": 500, "tax": 80}]
    body["total"] = 3500
    body["tenders"][0]["amount"] = 3500
    page = shipped(shop, body)
    assert balances(shop) == {
        "1200": 3500,  # the gateway has it
        "1300": 3330 - 999,
        "2000": -3330,
        "2300": -559,
        "4000": -(3000 - 479),
        "4020": -(500 - 80),
        "5000": 999,
    }
    entries = shop.get(f"/v1/accounting/orders/{page['id']}/entries")["data"]
    assert [(e["fact"], e["rule"]) for e in entries] == [
        ("orders.shipped", "sale"),
        ("orders.shipped", "cost"),
        ("payments.captured", "money"),
    ]
    whole = shop.get(f"/v1/accounting/entries/{entries[0]['id']}")
    assert whole["source"]["fact"] == "orders.shipped"
    assert whole["source"]["data"]["due_minor"] == 3500
    shop.holds()


def test_a_discount_is_told_apart_net_of_tax(shop: Api) -> None:
    body = order("A", {"SKU-1": 3})
    body["lines"][0] |= {"tax": 431, "discount": 300}
    body["total"] = body["tenders"][0]["amount"] = 2700
    shipped(shop, body)
    found = balances(shop)
    assert found["4000"] + found["4100"] == -(2700 - 431)
    assert found["4100"] == 300 - 48, "19 % of the discount is tax"
    shop.holds()


def test_a_marketplace_owes_what_it_took(shop: Api) -> None:
    tenders = [{"method": "market", "amount": 2000}]
    body = order("M", {"SKU-1": 2}, channel="must_accept", tenders=tenders)
    shop.post("/v1/orders", body)
    shop.work()
    assert balances(shop)["1210"] == 2000
    assert balances(shop)["2100"] == -2000, "a deposit until it ships"
    for row in shop.get("/v1/orders")["data"]:
        for work in shop.order(row["number"])["fulfillment_orders"]:
            shop.fulfil(work)
    shop.work()
    found = balances(shop)
    assert "2100" not in found
    assert found["4000"] == -2000
    shop.holds()


def test_what_is_not_paid_is_owed(shop: Api) -> None:
    declines = [{"method": "card", "amount": 1000, "token": "tok_decline_capture"}]
    page = shop.release(order("A", {"SKU-1": 1}, tenders=declines))
    for work in page["fulfillment_orders"]:
        shop.fulfil(work)
    shop.work()
    assert balances(shop)["1100"] == 1000
    shop.holds()


def test_sold_before_it_came_is_trued_up(shop: Api) -> None:
    page = shop.release(order("A", {"SKU-1": 10}))
    count = {"location": "W1", "lines": [{"sku": "SKU-1", "quantity": 4}], "reason": "counted"}
    (work,) = page["fulfillment_orders"]
    shop.fulfil(work, until="pack")
    shop.post("/v1/stock/counts", count)
    shop.post(f"/v1/fulfillment-orders/{work['id']}/ship")
    shop.work()
    found = balances(shop)
    assert found["5110"] == 6 * 333, "six were not there"
    assert found["5000"] == 10 * 333, "four of the ten at what they cost, six at the last known"
    assert found["1300"] == -6 * 333
    received(shop, "W1", "SKU-1", 8, 400)
    found = balances(shop)
    assert found["5000"] == 4 * 333 + 6 * 400
    assert found["1300"] == 2 * 400
    shop.holds()


def test_first_in_first_out(shop: Api) -> None:
    shop.call("PUT", "/v1/accounting/books/main/method", {"method": "fifo"})
    received(shop, "W2", "SKU-1", 10, 500)
    shipped(shop, order("A", {"SKU-1": 12}))
    assert balances(shop)["5000"] == 10 * 333 + 2 * 500
    shop.call("PUT", "/v1/accounting/books/main/method", {"method": "average"})
    received(shop, "W2", "SKU-1", 2, 100)
    shipped(shop, order("B", {"SKU-1": 5}))
    assert balances(shop)["5000"] == 4330 + 2100, "five of ten that are worth 4,200"
    shop.holds()


def test_transfers_change_nothing_but_what_is_lost(shop: Api) -> None:
    before = balances(shop)
    lines = [{"sku": "SKU-1", "quantity": 4}]
    made = shop.post("/v1/stock/transfers", {"from": "W1", "to": "W2", "lines": lines})
    path = f"/v1/stock/transfers/{made['id']}"
    shop.post(f"{path}/send")
    shop.work()
    assert balances(shop) == before
    shop.holds()
    shop.post(f"{path}/receive", {"lines": [{"line": 1, "quantity": 3}], "final": True})
    shop.work()
    assert balances(shop) == before | {"1300": 9 * 333, "5120": 333}
    shop.holds()
    shop.post(f"{path}/receive", {"lines": [{"line": 1, "quantity": 1}]})
    shop.work()
    assert balances(shop) == before | {"1300": 3330, "5120": 333, "5100": -333}
    shop.holds()


def test_goods_between_two_companies(shop: Api) -> None:
    """One company sells, another one owns the warehouse: both books say what is due."""
    shop.post(
        "/v1/legal-entities",
        {"code": "nl", "name": "Test BV", "country": "NL", "base_currency": "EUR"},
    )
    place(shop, "N1", "warehouse", "eu", 52.4, 4.9, legal_entity="nl")
    received(shop, "N1", "SKU-2", 5, 200)
    shipped(shop, order("A", {"SKU-2": 2}))
    main, other = (
        {
            each["account"]: each["base_closing"]
            for each in shop.get(f"/v1/accounting/trial-balance?legal_entity={code}")["balances"]
        }
        for code in ("main", "nl")
    )
    assert (main["1400"], main["5000"], main["4000"]) == (-400, 400, -2000)
    assert (other["1400"], other["1300"]) == (400, 600)
    lines = [{"sku": "SKU-2", "quantity": 3}]
    made = shop.post("/v1/stock/transfers", {"from": "N1", "to": "W1", "lines": lines})
    shop.post(f"/v1/stock/transfers/{made['id']}/send")
    shop.post(f"/v1/stock/transfers/{made['id']}/receive")
    shop.work()
    assert balances(shop)["1400"] == -1000
    shop.holds()


# ── what can't be booked ───────────────────────────────────────────────────────────────────


def test_a_missing_mapping_parks_and_nothing_is_lost(shop: Api) -> None:
    chart = shop.get("/v1/accounting/chart")
    assert chart["saved"] is False
    assert chart["unmapped"] == []
    whole = {"accounts": chart["accounts"], "mappings": chart["mappings"]}
    fewer = [m for m in chart["mappings"] if m["key"] != "revenue.goods"]
    answer = shop.call("PUT", "/v1/accounting/chart", whole | {"mappings": fewer})
    assert answer.body["unmapped"] == ["revenue.goods"]
    shipped(shop, order("A", {"SKU-1": 1}))
    (parked,) = shop.get("/v1/accounting/parked")["data"]
    assert parked["code"] == "mapping_missing"
    assert "revenue.goods" in parked["reason"]
    assert parked["amounts"]["due_minor"] == 1000
    assert balances(shop)["2100"] == -1000, "the money came all the same"
    shop.holds()
    shop.call("PUT", "/v1/accounting/chart", whole)
    assert shop.post("/v1/accounting/parked/replay") == {"parked": 1}
    shop.work()
    assert shop.get("/v1/accounting/parked")["data"] == []
    found = balances(shop)
    assert found["4000"] == -1000
    assert "2100" not in found
    shop.holds()


def test_a_mapping_by_channel_and_code(shop: Api) -> None:
    chart = shop.get("/v1/accounting/chart")
    accounts = [*chart["accounts"], {"number": "1201", "name": "Fake gateway", "kind": "asset"}]
    accounts.append({"number": "4001", "name": "Web shop", "kind": "income"})
    mappings = [
        *chart["mappings"],
        {"key": "clearing.gateway", "account": "1201", "code": "fake"},
        {"key": "revenue.goods", "account": "4001", "channel": "backorder"},
    ]
    body = {"accounts": accounts, "mappings": mappings}
    assert shop.call("PUT", "/v1/accounting/chart", body).status == 200
    shipped(shop, order("A", {"SKU-1": 1}))
    found = balances(shop)
    assert (found["1201"], found["4001"]) == (1000, -1000)
    wrong = body | {"mappings": [{"key": "bank", "account": "9999"}]}
    assert shop.call("PUT", "/v1/accounting/chart", wrong).code == "chart_invalid"
    shop.holds()


def test_an_order_in_another_currency_needs_its_rate(shop: Api) -> None:
    body = order("A", {"SKU-1": 1}, currency="USD")
    page = shop.release(body)
    for work in page["fulfillment_orders"]:
        shop.fulfil(work)
    shop.work()
    parked = shop.get("/v1/accounting/parked")["data"]
    assert {each["code"] for each in parked} == {"rate_missing"}
    assert {each["fact"] for each in parked} == {"orders.shipped", "payments.captured"}
    shop.holds()


# ── periods and entries by hand ────────────────────────────────────────────────────────────


def today(shop: Api) -> str:
    return str(shop.get(OTHER)["last"])


def manual(day: str, debit: int = 1000, credit: int = 1000) -> dict[str, Any]:
    return {
        "legal_entity": "main",
        "day": day,
        "memo": "Opening",
        "lines": [{"account": "1000", "debit": debit}, {"account": "3000", "credit": credit}],
    }


def test_a_closed_period_takes_nothing_more(shop: Api) -> None:
    close = "/v1/accounting/books/main/close"
    assert shop.call("POST", close, {"through": today(shop)}).code == "period_unfit"
    assert shop.post(close, {"through": "2025-12-31"})["closed_through"] == "2025-12-31"
    assert shop.call("POST", close, {"through": "2025-06-30"}).code == "period_unfit"
    made = shop.post("/v1/accounting/entries", manual("2025-07-01"))
    assert (made["booked_on"], made["belongs_on"]) == ("2026-01-01", "2025-07-01")
    assert "2025-07-01" in made["note"]
    reopen = {"through": "2025-06-30", "reason": "forgot something"}
    assert shop.post("/v1/accounting/books/main/reopen", reopen)["closed_through"] == "2025-06-30"
    again = shop.post("/v1/accounting/entries", manual("2025-07-01"))
    assert again["booked_on"] == "2025-07-01"
    shop.holds()


def test_closing_needs_its_own_permission(shop: Api) -> None:
    scopes = ["accounting:read", "accounting:write"]
    key = shop.post("/v1/api-keys", {"name": "k", "scopes": scopes})["key"]
    clerk = Api(shop.app, shop.tenant, key, shop.asgi)
    answer = clerk.call("POST", "/v1/accounting/books/main/close", {"through": "2025-12-31"})
    assert (answer.status, answer.code) == (403, "permission_missing")
    assert clerk.call("GET", OTHER).status == 200


def test_an_entry_by_hand_is_reversed_once(shop: Api) -> None:
    day = today(shop)
    before = balances(shop)
    unbalanced = shop.call("POST", "/v1/accounting/entries", manual(day, 1000, 999))
    assert (unbalanced.status, unbalanced.code) == (422, "entry_invalid")
    made = shop.post("/v1/accounting/entries", manual(day))
    assert balances(shop) == before | {"1000": 1000, "3000": -1000}
    path = f"/v1/accounting/entries/{made['id']}/reverse"
    taken_back = shop.post(path, {"reason": "mistyped"})
    assert taken_back["reverses"] == made["id"]
    assert balances(shop) == before
    assert shop.get(f"/v1/accounting/entries/{made['id']}")["reversed_by"] == taken_back["id"]
    assert shop.call("POST", path, {"reason": "again"}).code == "entry_reversed_before"
    again = f"/v1/accounting/entries/{taken_back['id']}/reverse"
    assert shop.call("POST", again, {"reason": "no"}).code == "entry_reversed_before"
    shop.holds()


def test_an_account_has_a_running_balance_page_by_page(shop: Api) -> None:
    day = today(shop)
    for amount in (100, 200, 300):
        shop.post("/v1/accounting/entries", manual(day, amount, amount))
    path = "/v1/accounting/accounts/1000/ledger?legal_entity=main&limit=2"
    first = shop.get(path)
    assert [x["balance"] for x in first["data"]] == [100, 300]
    second = shop.get(f"{path}&after={first['next']}")
    assert [x["balance"] for x in second["data"]] == [600]
    later = shop.get(f"/v1/accounting/accounts/1000/ledger?legal_entity=main&first={day}")
    assert later["opening"] == 0
    unknown = shop.call("GET", "/v1/accounting/accounts/77/ledger?legal_entity=main")
    assert unknown.code == "account_unknown"
    pages = shop.get("/v1/accounting/entries?legal_entity=main&limit=2")
    rest = shop.get(f"/v1/accounting/entries?legal_entity=main&limit=2&after={pages['next']}")
    assert [e["no"] for e in pages["data"] + rest["data"]] == [1, 2, 3, 4]


# ── exports ────────────────────────────────────────────────────────────────────────────────


def test_a_period_exported_twice_says_so(shop: Api) -> None:
    shipped(shop, order("A", {"SKU-1": 1}))
    day = today(shop)
    body = {"legal_entity": "main", "format": "csv", "first": f"{day[:4]}-01-01", "last": day}
    first = shop.post("/v1/accounting/exports", body)
    assert (first["number"], first["repeats"]) == (1, [])
    file = shop.call("GET", f"/v1/accounting/exports/{first['id']}/file")
    shop.post("/v1/accounting/entries", manual(day))
    again = shop.call("GET", f"/v1/accounting/exports/{first['id']}/file")
    assert again.content == file.content, "the same bytes, whatever was booked since"
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert sum(float(row["base_debit"]) - float(row["base_credit"]) for row in rows) == 0
    second = shop.post("/v1/accounting/exports", body | {"format": "datev"})
    assert (second["number"], second["repeats"]) == (2, [1])
    assert second["entries"] == first["entries"] + 1
    told = shop.call("GET", f"/v1/accounting/exports/{second['id']}/file")
    assert "REPEATED" in told.headers["x-baton-export"]
    assert b"WIEDERHOLT" in told.content
    assert [e["number"] for e in shop.get("/v1/accounting/exports?legal_entity=main")["data"]] == [
        2,
        1,
    ]
    wrong = shop.call("POST", "/v1/accounting/exports", body | {"format": "pdf"})
    assert wrong.code == "export_format_unknown"


# ── money that goes back, stored value, debts ──────────────────────────────────────────────


def test_a_return_is_credited_with_its_tax_and_refunded(shop: Api) -> None:
    body = order("A", {"SKU-1": 3})
    body["lines"][0]["tax"] = 479
    page = shipped(shop, body)
    before = balances(shop)
    rma = ask(shop, page, 2)
    back_in(shop, rma, 1)
    rma = grade(shop, rma, 1, "A", disposition="restock")
    shop.work()
    assert [s["amount"] for s in rma["settlements"]] == [1000]
    found = balances(shop)
    assert found["4200"] == 1000 - 160, "the first unit's share of the tax"
    assert found["2300"] == -479 + 160
    assert found["1200"] == before["1200"] - 1000
    assert found["1300"] == before["1300"] + 333, "at the cost that it left with"
    assert "2100" not in found
    assert "1100" not in found
    back_in(shop, rma, 1)
    grade(shop, rma, 1, "scrap", disposition="write_off")
    shop.work()
    found = balances(shop)
    assert found["5120"] == 333
    assert "2100" not in found
    shop.holds()


def test_a_gesture_is_an_appeasement(shop: Api) -> None:
    page = shipped(shop, order("A", {"SKU-1": 2}))
    refund(shop, page["number"], 300, "it was late")
    found = balances(shop)
    assert (found["4300"], found["1200"]) == (300, 1700)
    assert "1100" not in found, "the buyer owes nothing for it"
    refund(shop, page["number"], 200, "and again", to="store_credit")
    found = balances(shop)
    assert (found["4300"], found["2210"]) == (500, -200)
    shop.holds()


def test_what_was_captured_and_cancelled_leaves_no_trace(shop: Api) -> None:
    """Taken with the order, cancelled in part: a deposit in between, nothing in the end."""
    shop.post(
        "/v1/channels",
        {
            "code": "early",
            "name": "early",
            "kind": "shop",
            "acceptance": "backorder",
            "legal_entity": "main",
            "currency": "EUR",
            "areas": ["eu"],
            "capture_at": "order",
            "payment_provider": "fake",
        },
    )
    page = shop.post("/v1/orders", order("A", {"SKU-1": 4}, channel="early"))
    shop.work()
    assert balances(shop)["2100"] == -4000
    lines = [{"line": 1, "quantity": 3}]
    shop.post(f"/v1/orders/{page['id']}/cancel", {"reason": "fewer", "lines": lines})
    shop.work()
    assert balances(shop)["2100"] == -1000
    for work in shop.order(page["number"])["fulfillment_orders"]:
        if "accept" in work["actions"]:
            shop.fulfil(work)
    shop.work()
    found = balances(shop)
    assert (found["1200"], found["4000"]) == (1000, -1000)
    assert "2100" not in found
    shop.holds()


def test_gift_cards_are_owed_until_they_are_spent(shop: Api) -> None:
    made = card(shop)
    shop.work()
    assert balances(shop)["2200"] == -5000
    placed = paid_by(shop, "G1", made["code"], 1200)
    shop.fulfil(placed["fulfillment_orders"][0])
    shop.work()
    found = balances(shop)
    assert (found["2200"], found["1200"], found["4000"]) == (-3800, 1800, -3000)
    refund(shop, placed["number"], 2000)
    found = balances(shop)
    assert (found["2200"], found["4300"]) == (-4000, 5000 + 2000)
    assert "1200" not in found, "the card got back what it had paid"
    shop.holds()


@pytest.mark.parametrize(("how", "account"), [("paid_elsewhere", "1000"), ("written_off", "6100")])
def test_a_debt_ends(shop: Api, how: str, account: str) -> None:
    declines = [{"method": "card", "amount": 1000, "token": "tok_decline_capture"}]
    page = shipped(shop, order("A", {"SKU-1": 1}, tenders=declines))
    (owed,) = money(shop, page["number"])["receivables"]
    path = f"/v1/orders/{page['id']}/receivables/{owed['id']}/settle"
    shop.post(path, {"how": how, "reason": "by transfer"})
    shop.work()
    found = balances(shop)
    assert found[account] == 1000
    assert "1100" not in found
    shop.holds()


def test_tax_is_told_by_place_and_rate(shop: Api) -> None:
    body = order("A", {"SKU-1": 2})
    body["lines"][0]["tax"] = 319
    page = shipped(shop, body)
    entries = shop.get(f"/v1/accounting/orders/{page['id']}/entries")["data"]
    lines = [x for e in entries for x in e["lines"] if x["key"] == "tax"]
    assert sum(line["credit"] for line in lines) == 319
    determined = shop.get(f"/v1/orders/{page['id']}/tax")
    assert {line["code"] for line in lines} == {
        f"{part['jurisdiction']}/{part['category']}/{float(part['rate']):g}"
        for part in determined["parts"]
        if part["tax"]
    }
