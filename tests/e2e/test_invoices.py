"""From a parcel to its invoice, and back by a credit memo: over HTTP, with the worker."""

from __future__ import annotations

from typing import Any

import facturx
import pytest

from api import ADDRESS, Api, order
from papers import rule_faults, schema_faults

ISSUER = {
    "legal_entity": "main",
    "address": ADDRESS | {"name": "Test GmbH"},
    "registration": "HRB 1",
    "iban": "DE75512108001245126199",
    "time_zone": "Europe/Berlin",
}


def set_up(shop: Api, **more: Any) -> Any:
    answer = shop.call("PUT", "/v1/invoicing/issuers", ISSUER | more)
    assert answer.status == 200, answer.body
    shop.work()
    return answer.body


def sold(shop: Api, name: str, lines: dict[str, int], **more: Any) -> dict[str, Any]:
    """A shipped order."""
    taken = shop.release(order(name, lines, **more))
    for work in taken["fulfillment_orders"]:
        shop.fulfil(work)
    return shop.order(taken["number"])


def taxed(name: str, units: int, tax: int, **more: Any) -> dict[str, Any]:
    """An order of one line at 10.00 with its tax, and shipping at 4.90."""
    body = order(name, {"SKU-1": units})
    body["lines"][0]["tax"] = tax
    body["charges"] = [{"kind": "shipping", "amount": 490, "tax": 78, "title": "Shipping"}]
    body["total"] += 490
    body["tenders"][0]["amount"] = body["total"]
    return body | more


def documents(shop: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.get(f"/v1/invoices?limit=200{query}")["data"]
    return found


def test_each_shipment_has_its_invoice(shop: Api) -> None:
    set_up(shop)
    taken = shop.release(taxed("a", 3, 479))
    shop.fulfil(taken["fulfillment_orders"][0])
    (row,) = documents(shop)
    assert (row["kind"], row["number"][:4], row["number"][-6:]) == ("invoice", "INV-", "000001")
    assert row["total"] == 3490
    assert row["orders"] == [taken["number"]]
    whole = shop.get(f"/v1/invoices/{row['id']}")
    assert whole["billed_to"]["name"] == "Ada Lovelace"
    assert whole["seller"]["name"] == "Test GmbH"
    assert [(x["units"], x["total"]) for x in whole["lines"]] == [(3, 3000), (1, 490)]
    assert sum(t["net"] for t in whole["taxes"]) == whole["net"] == 3490 - 479 - 78
    (line,) = shop.order(taken["number"])["lines"]
    assert line["counts"]["invoiced"] == 3 if "counts" in line else True
    shop.holds()


def test_the_paper_and_the_electronic_invoice_say_the_same(shop: Api) -> None:
    shop.post(
        "/v1/legal-entities",
        {"code": "main", "name": "Test GmbH", "country": "DE", "base_currency": "EUR",
         "tax_ids": {"DE": "123456789"}, "invoice_series": "TG"},
    )  # fmt: skip
    set_up(shop)
    shop.release(taxed("a", 3, 479))
    (work,) = shop.get("/v1/fulfillment-orders?limit=5")["data"]
    shop.fulfil(work)
    (row,) = documents(shop)
    assert row["number"].startswith("TG-20")
    whole = shop.get(f"/v1/invoices/{row['id']}")
    assert whole["e_invoice_lacks"] == []
    path = f"/v1/invoices/{row['id']}"
    pdf, cii, ubl = (shop.call("GET", f"{path}/{kind}") for kind in ("pdf", "xml", "ubl"))
    assert [a.headers["content-type"] for a in (pdf, cii, ubl)] == [
        "application/pdf", "application/xml", "application/xml",
    ]  # fmt: skip
    name, attached = facturx.get_facturx_xml_from_pdf(pdf.content)
    assert (name, attached) == ("factur-x.xml", cii.content)
    for each in (cii, ubl):
        assert schema_faults(each.content) == []
        assert rule_faults(each.content) == []
        read = shop.post("/v1/invoicing/checks", {"xml": each.content.decode()})
        assert (read["number"], read["gross"], read["faults"]) == (row["number"], "34.90", [])


def test_what_was_shipped_waits_for_a_series(shop: Api) -> None:
    first, second = (sold(shop, name, {"SKU-1": 1}) for name in "ab")
    assert documents(shop) == []
    waiting = shop.get("/v1/invoicing/waiting")["data"]
    assert [w["order_id"] for w in waiting] == [first["id"], second["id"]]
    assert {w["waits_for"] for w in waiting} == {"a series of the legal entity"}
    set_up(shop)
    rows = documents(shop)
    assert [row["orders"] for row in reversed(rows)] == [[first["number"]], [second["number"]]]
    assert [row["number"][-1] for row in reversed(rows)] == ["1", "2"]
    assert shop.get("/v1/invoicing/waiting")["data"] == []
    shop.holds()


def test_an_orders_policy_waits_for_its_end(shop: Api) -> None:
    set_up(shop)
    shop.call("PUT", "/v1/invoicing/policies", {"policy": "order", "channel": "backorder"})
    taken = shop.release(order("a", {"SKU-1": 2, "SKU-2": 500}))
    for work in taken["fulfillment_orders"]:
        shop.fulfil(work)
    assert documents(shop) == []
    waits = shop.get("/v1/invoicing/waiting")["data"]
    assert {each["waits_for"] for each in waits} == {"rest of the order"}
    for work in shop.order(taken["number"])["fulfillment_orders"]:
        if work["status"] == "released":
            shop.fulfil(work)
    open_ = {
        x["line_no"]: x["buckets"]["backordered"]
        for x in shop.order(taken["number"])["lines"]
        if x["buckets"]["backordered"]
    }
    lines = [{"line": n, "quantity": q} for n, q in open_.items()]
    shop.post(f"/v1/orders/{taken['number']}/cancel", {"reason": "rest", "lines": lines})
    shop.work()
    (row,) = documents(shop)
    assert row["orders"] == [taken["number"]]
    shop.holds()


def test_a_customers_month_is_one_invoice(shop: Api) -> None:
    set_up(shop)
    first = sold(shop, "a", {"SKU-1": 1})
    body = {"policy": "month", "customer_id": first["customer"]["id"]}
    assert shop.call("PUT", "/v1/invoicing/policies", body).status == 200
    second, third = (sold(shop, name, {"SKU-1": 2, "SKU-2": 1}) for name in "bc")
    assert len(documents(shop)) == 1
    run = {"legal_entity": "main", "until": "2999-01-01"}
    assert shop.post("/v1/invoicing/collective-runs", run) == {"shipments": 2}
    shop.work()
    collective = documents(shop)[0]
    assert collective["orders"] == [second["number"], third["number"]]
    assert collective["total"] == 6000
    assert shop.post("/v1/invoicing/collective-runs", run) == {"shipments": 0}
    assert documents(shop, f"&order={second['number']}") == [collective]
    (one,) = shop.get("/v1/invoicing/policies")["data"]
    assert one["policy"] == "month"
    shop.holds()


def test_nobody_bills_what_a_marketplace_bills(shop: Api) -> None:
    set_up(shop)
    shop.call("PUT", "/v1/invoicing/policies", {"policy": "none", "channel": "must_accept"})
    page = sold(shop, "a", {"SKU-1": 1}, channel="must_accept")
    assert documents(shop) == []
    assert shop.get("/v1/invoicing/waiting")["data"] == []
    body = {"amount": 100, "reason": "x"}
    answer = shop.call("POST", f"/v1/orders/{page['number']}/credit-memos", body)
    assert (answer.status, answer.code) == (409, "credit_too_much")
    shop.holds()


def test_a_credit_memo_corrects_its_invoice(shop: Api) -> None:
    set_up(shop)
    page = sold(shop, "a", {"SKU-1": 3})
    path = f"/v1/orders/{page['number']}/credit-memos"
    body = {"lines": [{"line": 1, "quantity": 2}], "reason": "two came back"}
    made = shop.post(path, body, Idempotency_Key="k1")
    assert shop.post(path, body, Idempotency_Key="k1") == made
    shop.work()
    memo, invoice = documents(shop)
    assert (memo["kind"], memo["number"][:3], memo["total"]) == ("credit_memo", "CN-", 2000)
    whole = shop.get(f"/v1/invoices/{memo['id']}")
    assert [c["number"] for c in whole["corrects"]] == [invoice["number"]]
    assert whole["reason"] == "two came back"
    too_much = shop.call("POST", path, body)
    assert (too_much.status, too_much.code) == (409, "credit_too_much")
    shop.post(path, {"amount": 250, "reason": "scratched"})
    shop.post(path, {"lines": [{"line": 1, "quantity": 1}], "reason": "the last one"})
    shop.work()
    memos = [d for d in documents(shop) if d["kind"] == "credit_memo"]
    assert sorted(m["total"] for m in memos) == [250, 750, 2000]
    nothing = shop.call("POST", path, {"amount": 1, "reason": "more"})
    assert (nothing.status, nothing.code) == (409, "credit_too_much")
    assert shop.call("POST", path, {"reason": "x"}).code == "nothing_to_do"
    shop.holds()


def test_a_settled_return_is_credited(shop: Api) -> None:
    """Two units of three come back, one of them worn: the memos are what is refunded."""
    set_up(shop)
    page = sold(shop, "a", {"SKU-1": 3})
    line = {"line": 1, "quantity": 2, "reason": "changed_mind"}
    rma = shop.post("/v1/returns", {"order": page["number"], "lines": [line]})
    path = f"/v1/returns/{rma['id']}"
    shop.post(f"{path}/receive", {"location": "W1", "lines": [{"line": 1, "quantity": 2}]})
    for mark in "AC":
        body = {"location": "W1", "line": 1, "quantity": 1, "grade": mark}
        rma = shop.post(f"{path}/grade", body)
    shop.work()
    memos = [d for d in documents(shop) if d["kind"] == "credit_memo"]
    assert sorted(m["total"] for m in memos) == sorted(s["amount"] for s in rma["settlements"])
    assert sorted(m["total"] for m in memos) == [800, 1000]
    shop.work()
    assert len(documents(shop)) == 3
    shop.holds()


def test_a_series_can_change_and_come_back(shop: Api) -> None:
    set_up(shop, invoice_pattern="A-{no:03d}")
    sold(shop, "a", {"SKU-1": 1})
    set_up(shop, invoice_pattern="B-{no}")
    sold(shop, "b", {"SKU-1": 1})
    told = set_up(shop, invoice_pattern="A-{no:03d}")
    sold(shop, "c", {"SKU-1": 1})
    assert [d["number"] for d in reversed(documents(shop))] == ["A-001", "B-1", "A-002"]
    assert [s["pattern"] for s in told["series"] if s["in_use"]] == [
        "CN-{year}-{no:06d}", "A-{no:03d}",
    ]  # fmt: skip
    rows = documents(shop, "&legal_entity=main&series=A-{no:03d}")
    assert [d["number"] for d in rows] == ["A-002", "A-001"]
    alike = shop.call("PUT", "/v1/invoicing/issuers", ISSUER | {"invoice_pattern": "A-9{no}"})
    assert (alike.status, alike.code) == (409, "series_too_alike")
    shop.holds()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"invoice_pattern": "INV"}, "series_invalid"),
        ({"invoice_pattern": "{no}{no}"}, "series_invalid"),
        ({"invoice_pattern": "{no} <b>"}, "series_invalid"),
        ({"time_zone": "Nowhere"}, "issuer_invalid"),
        ({"address": ADDRESS | {"city": " "}}, "invalid"),
        ({"legal_entity": "other"}, "code_unknown"),
    ],
)
def test_settings_that_can_not_be(shop: Api, bad: dict[str, Any], code: str) -> None:
    answer = shop.call("PUT", "/v1/invoicing/issuers", ISSUER | bad)
    assert (answer.status, answer.code) == (422, code), answer.body
    assert shop.get("/v1/invoicing/issuers")["data"][0]["series"] == []


def test_an_unreadable_invoice_is_said_to_be(shop: Api) -> None:
    for text in ("x", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        answer = shop.call("POST", "/v1/invoicing/checks", {"xml": text})
        assert (answer.status, answer.code) == (422, "e_invoice_unreadable"), text


def test_an_incomplete_electronic_invoice_is_refused_and_the_paper_is_not(shop: Api) -> None:
    set_up(shop, registration="")  # no registration and no tax id
    shop.release(taxed("a", 1, 160))
    (work,) = shop.get("/v1/fulfillment-orders?limit=5")["data"]
    shop.fulfil(work)
    (row,) = documents(shop)
    path = f"/v1/invoices/{row['id']}"
    assert any("BR-S-02" in lack for lack in shop.get(path)["e_invoice_lacks"])
    for kind in ("xml", "ubl"):
        answer = shop.call("GET", f"{path}/{kind}")
        assert (answer.status, answer.code) == (409, "e_invoice_incomplete")
    assert shop.call("GET", f"{path}/pdf").content.startswith(b"%PDF")
