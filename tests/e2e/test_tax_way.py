"""Tax from capture on: determined behind the journal, explained, anew when the order changes."""

from __future__ import annotations

from typing import Any

import pytest

from api import ADDRESS, Api, order

LONDON = {
    "name": "Mary Somerville",
    "lines": ["1 Gresham Street"],
    "city": "London",
    "postal_code": "EC2V 7BX",
    "country": "GB",
}
PARIS = ADDRESS | {"city": "Paris", "postal_code": "75002", "country": "FR"}
WIEN = ADDRESS | {"city": "Wien", "postal_code": "1010", "country": "AT"}


def rate(country: str, percent: str, category: str = "standard", **more: Any) -> dict[str, Any]:
    return {
        "country": country,
        "category": category,
        "valid_from": "2024-01-01",
        "percent": percent,
    } | more


@pytest.fixture
def taxed(shop: Api) -> Api:
    """The company with rates of three countries; SKU-2 is a book, SKU-3 is a voucher's worth."""
    rates = [
        rate("DE", "19"),
        rate("DE", "7", "reduced"),
        rate("FR", "20"),
        rate("FR", "5.5", "reduced"),
        rate("GB", "20"),
        rate("GB", "0", "reduced", code="Z"),
    ]
    assert put(shop, "rates", {"rates": rates})["saved"] == 6
    put(shop, "sku-categories", {"skus": [{"sku": "SKU-2", "category": "reduced"}]})
    return shop


def put(shop: Api, what: str, body: dict[str, Any]) -> Any:
    answer = shop.call("PUT", f"/v1/tax/{what}", body)
    assert answer.status == 200, answer.body
    return answer.body


def to(address: dict[str, Any]) -> dict[str, Any]:
    return {"groups": [{"address": address}]}


def taken(shop: Api, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The order, and its tax, once the worker has run."""
    number = shop.post("/v1/orders", body)["number"]
    shop.work()
    return shop.order(number), shop.get(f"/v1/orders/{number}/tax")


def test_an_order_without_tax_is_told_what_its_prices_hold(taxed: Api) -> None:
    made, tax = taken(taxed, order("A", {"SKU-1": 1, "SKU-2": 2}))
    assert (tax["source"], tax["state"]) == ("tables", "fits")
    assert [(p["rate"], p["basis"], p["tax"], p["reason"]) for p in tax["parts"]] == [
        ("19", 840, 160, "domestic"),
        ("7", 1869, 131, "domestic"),
    ]
    assert made["totals"]["tax"] == tax["tax"] == 291
    assert made["totals"]["total"] == 3000
    assert [line["tax"] for line in made["lines"]] == [160, 131]
    assert made["exceptions"] == []
    taxed.holds()


def test_the_channels_figures_stand_and_a_difference_is_seen(taxed: Api) -> None:
    body = order("A", {"SKU-1": 1})
    body["lines"][0]["tax"] = 65  # 7 % of a thing at 19 %
    made, tax = taken(taxed, body)
    (part,) = tax["parts"]
    assert (part["rate"], part["goods_category"], part["tax"]) == ("7", "reduced", 65)
    assert (part["expected"], tax["state"]) == (160, "differs")
    assert made["totals"]["tax"] == 65
    (seen,) = made["exceptions"]
    assert seen["kind"] == "tax_differs"
    assert "160 was expected: DE 19 %" in seen["cause"]
    taxed.holds()


def test_a_rounding_is_no_difference(taxed: Api) -> None:
    body = order("A", {"SKU-1": 3})
    body["lines"][0]["tax"] = 480  # 3 × 1.60; of 30.00 it is 4.79
    made, tax = taken(taxed, body)
    assert (tax["state"], tax["tax"]) == ("fits", 480)
    assert made["exceptions"] == []


def test_a_total_that_does_not_add_up_is_not_taxed_twice(taxed: Api) -> None:
    """What a marketplace told less than its lines sum to: an adjustment, which is no supply."""
    made, tax = taken(taxed, order("A", {"SKU-1": 1}, channel="must_accept", total=900))
    assert [(p["category"], p["tax"]) for p in tax["parts"]] == [("S", 160), ("O", 0)]
    assert (made["totals"]["tax"], made["totals"]["total"]) == (160, 900)
    assert "tax_differs" not in [each["kind"] for each in made["exceptions"]]
    taxed.holds()


def test_shipping_shares_the_rates_of_the_goods(taxed: Api) -> None:
    body = order("A", {"SKU-1": 3, "SKU-2": 1}, total=4500)
    body["charges"] = [{"kind": "shipping", "amount": 500}]
    body["tenders"][0]["amount"] = 4500
    _, tax = taken(taxed, body)
    shared = [p for p in tax["parts"] if p["charge_no"]]
    assert [(p["component"], p["basis"] + p["tax"]) for p in shared] == [
        ("vat:DE:S19", 375),
        ("vat:DE:S7", 125),
    ]
    put(taxed, "charge-rules", {"charge_rules": [{"country": "DE", "kind": "shipping",
                                                  "category": "standard"}]})  # fmt: skip
    number = taxed.post("/v1/orders", body | {"external_id": "B"})["number"]
    taxed.work()
    (whole,) = [p for p in taxed.get(f"/v1/orders/{number}/tax")["parts"] if p["charge_no"]]
    assert (whole["rate"], whole["tax"]) == ("19", 80)


def test_a_british_buyer_of_a_german_seller(taxed: Api) -> None:
    """Exported until the seller is registered there; then taxed as the British do."""
    _, tax = taken(taxed, order("A", {"SKU-1": 1}, **to(LONDON)))
    (part,) = tax["parts"]
    assert (part["category"], part["tax"], part["exemption"]) == ("G", 0, "VATEX-EU-G")
    put(taxed, "registrations", {"legal_entity": "main", "country": "GB", "number": "GB980780684",
                                 "valid_from": "2024-01-01"})  # fmt: skip
    body = order("B", {"SKU-1": 6, "SKU-2": 1}, **to(LONDON))
    body["lines"][0]["tax"] = 1000
    made, tax = taken(taxed, body)
    assert [(p["rate"], p["category"], p["tax"]) for p in tax["parts"]] == [
        ("20", "S", 1000),
        ("0", "Z", 0),
    ]
    assert {p["reason"] for p in tax["parts"]} == {"registered"}
    assert made["exceptions"] == []
    taxed.holds()


def test_a_new_address_makes_it_anew(taxed: Api) -> None:
    put(taxed, "registrations", {"legal_entity": "main", "country": "DE", "scheme": "oss",
                                 "number": "DE136695976", "valid_from": "2024-01-01"})  # fmt: skip
    made = taxed.post("/v1/orders", order("A", {"SKU-1": 1}))
    taxed.post(f"/v1/orders/{made['number']}/holds", {"reason": "not to be released"})
    taxed.work()
    tax = taxed.get(f"/v1/orders/{made['number']}/tax")
    assert (tax["version"], tax["tax"]) == (1, 160)
    edit = {"address": {"group": 1, "address": PARIS}, "reason": "moved"}
    taxed.post(f"/v1/orders/{made['number']}/edit", edit)
    taxed.work()
    tax = taxed.get(f"/v1/orders/{made['number']}/tax")
    assert (tax["version"], tax["tax"]) == (2, 167)
    assert (tax["parts"][0]["jurisdiction"], tax["parts"][0]["reason"]) == ("FR", "oss")
    after = taxed.order(made["number"])
    assert (after["totals"]["tax"], after["totals"]["total"]) == (167, 1000)
    quantities = {"quantities": [{"line": 1, "quantity": 3}], "reason": "more"}
    taxed.post(f"/v1/orders/{made['number']}/edit", quantities)
    taxed.work()
    assert taxed.get(f"/v1/orders/{made['number']}/tax")["tax"] == 500
    taxed.holds()


def changed(shop: Api, number: str, *actions: dict[str, Any]) -> dict[str, Any]:
    """The order's tax after a change."""
    version = shop.order(number)["version"]
    body = {"actions": list(actions), "reason": "as wished", "version": version}
    answer = shop.call("POST", f"/v1/orders/{number}/changes", body)
    assert answer.status == 201, answer.body
    shop.work()
    found: dict[str, Any] = shop.get(f"/v1/orders/{number}/tax")
    return found


def test_what_is_added_later_is_told_its_own_tax(taxed: Api) -> None:
    """To an order whose tax the channel has said, and to one whose tax was reckoned."""
    for name, said in (("A", 159), ("B", 0)):
        body = order(name, {"SKU-1": 1})
        body["lines"][0]["tax"] = said
        number = taxed.post("/v1/orders", body)["number"]
        taxed.post(f"/v1/orders/{number}/holds", {"reason": "not to be released"})
        taxed.work()
        tax = changed(taxed, number, {"type": "add_line", "sku": "SKU-2", "quantity": 1})
        assert [p["tax"] for p in tax["parts"]] == [said or 160, 65]
        tax = changed(
            taxed, number,
            {"type": "add_charge", "kind": "fee", "amount": 200, "tax": 22, "title": "Fee"},
        )  # fmt: skip
        assert tax["tax"] == taxed.order(number)["totals"]["tax"] == (said or 160) + 65 + 22
        assert tax["state"] == "fits"
    taxed.holds()


def test_it_is_determined_once(taxed: Api) -> None:
    made, _ = taken(taxed, order("A", {"SKU-1": 1}))
    for _ in range(2):
        taxed.post(f"/v1/orders/{made['number']}/tax/determine")
        taxed.work()
    page = taxed.get(f"/v1/orders/{made['number']}/timeline")["data"]
    assert [f["fact"] for f in page].count("tax.determined") == 1


def test_a_missing_rate_is_said_and_mended(taxed: Api) -> None:
    put(taxed, "registrations", {"legal_entity": "main", "country": "AT", "number": "ATU13585627",
                                 "valid_from": "2024-01-01"})  # fmt: skip
    made, tax = taken(taxed, order("A", {"SKU-1": 1}, **to(WIEN)))
    assert (tax["state"], tax["tax"]) == ("differs", 0)
    assert "no rate of AT for standard" in made["exceptions"][0]["cause"]
    put(taxed, "rates", {"rates": [rate("AT", "20")]})
    taxed.post(f"/v1/orders/{made['number']}/tax/determine")
    taxed.work()
    made = taxed.order(made["number"])
    assert (made["totals"]["tax"], made["health"]) == (167, "ok")
    taxed.holds()


def test_prices_without_tax_are_never_given_some(taxed: Api) -> None:
    net = {"code": "net", "name": "net", "kind": "shop", "acceptance": "backorder",
           "legal_entity": "main", "currency": "EUR", "areas": ["eu"],
           "payment_provider": "fake", "prices_include_tax": False}  # fmt: skip
    taxed.post("/v1/channels", net)
    made, tax = taken(taxed, order("A", {"SKU-1": 1}, channel="net"))
    assert (made["totals"]["total"], made["totals"]["tax"], tax["tax"]) == (1000, 0, 0)
    assert (tax["expected"], tax["state"]) == (190, "differs")
    told = order("B", {"SKU-1": 1}, channel="net", total=1190)
    told["lines"][0]["tax"], told["tenders"][0]["amount"] = 190, 1190
    _, tax = taken(taxed, told)
    assert (tax["tax"], tax["parts"][0]["basis"], tax["state"]) == (190, 1000, "fits")
    taxed.holds()


def test_a_business_of_another_country_owes_the_tax_itself(taxed: Api) -> None:
    body = order("A", {"SKU-1": 1}, **to(PARIS)) | {"attributes": {"vat_id": "FR40303265045"}}
    _, tax = taken(taxed, body)
    assert (tax["parts"][0]["category"], tax["tax"]) == ("K", 0)
    body = order("B", {"SKU-1": 1}, **to(PARIS)) | {"attributes": {"vat_id": "FR41303265045"}}
    made, tax = taken(taxed, body)
    assert (tax["parts"][0]["reason"], tax["tax"], tax["state"]) == ("origin", 160, "differs")
    assert "taken for a consumer" in made["exceptions"][0]["cause"]


def test_a_merchant_without_rates_is_left_in_peace(shop: Api) -> None:
    body = order("A", {"SKU-1": 1})
    body["lines"][0]["tax"] = 160
    made, tax = taken(shop, body)
    assert (tax["state"], tax["tax"], made["health"]) == ("unchecked", 160, "ok")
    assert (tax["parts"][0]["rate"], tax["parts"][0]["reason"]) == ("19.05", "no_tables")
    shop.holds()


def test_a_quote_is_what_the_order_will_be(taxed: Api) -> None:
    asked = {
        "channel": "backorder",
        "lines": [
            {"sku": "SKU-1", "quantity": 1, "amount": 1000},
            {"sku": "SKU-2", "quantity": 2, "amount": 2000},
        ],
        "charges": [{"kind": "shipping", "amount": 500}],
        "destination": {"country": "DE"},
    }
    said = taxed.post("/v1/taxes/quote", asked)
    body = order("A", {"SKU-1": 1, "SKU-2": 2}, total=3500)
    body["charges"] = [{"kind": "shipping", "amount": 500}]
    body["tenders"][0]["amount"] = 3500
    _, tax = taken(taxed, body)
    assert said["parts"] == tax["parts"]
    assert (said["total"], said["net"] + said["tax"]) == (3500, 3500)
    net = taxed.post("/v1/taxes/quote", asked | {"prices_include_tax": False})
    assert net["total"] == 3500 + net["tax"]
    free = taxed.post("/v1/taxes/quote", asked | {"vat_id": "FR40303265045",
                                                  "destination": {"country": "FR"}})  # fmt: skip
    assert free["tax"] == 0
    wrong = taxed.call("POST", "/v1/taxes/quote", asked | {"vat_id": "FR41303265045"})
    assert (wrong.status, wrong.code, wrong.body["field"]) == (422, "vat_id_invalid", "vat_id")


def test_a_certificate_frees_a_customer(taxed: Api) -> None:
    made, tax = taken(taxed, order("A", {"SKU-1": 1}))
    assert tax["tax"] == 160
    paper = {"customer_id": made["customer"]["id"], "country": "DE", "certificate": "NATO 4711",
             "reason": "VATEX-EU-151", "valid_from": "2026-01-01"}  # fmt: skip
    first = put(taxed, "exemptions", paper)
    assert put(taxed, "exemptions", paper)["id"] == first["id"]
    _, tax = taken(taxed, order("B", {"SKU-1": 1}))
    (part,) = tax["parts"]
    assert (part["category"], part["tax"], part["exemption"]) == ("E", 0, "VATEX-EU-151")
    assert part["reason"] == "customer_exempt"
