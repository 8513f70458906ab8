"""A tax service beside the tables: asked where nobody said the tax, told what was sold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api import Api, Outside, company, new_api, order
from baton.app import App


@dataclass
class House:
    """A merchant whose channels ask the fake service, its books, and a way to make it be away."""

    shop: Api
    books: Path
    gone: Path

    def filed(self) -> list[dict[str, Any]]:
        lines = self.books.read_text().splitlines() if self.books.exists() else []
        return [json.loads(line) for line in lines]

    def tax(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.get(f"/v1/orders/{number}/tax")
        return found


@pytest.fixture
def house(new_database: Callable[[], str], outside: Outside, tmp_path: Path) -> Iterator[House]:
    books, gone = tmp_path / "books.jsonl", tmp_path / "away"
    chosen = {"tax.fake": {"ledger": str(books), "rates": {"DE": "10"}, "away_while": str(gone)}}
    app = App.on(outside.settings(connectors=chosen), new_database())
    shop = new_api(app)
    company(shop)
    rates = [{"country": "DE", "valid_from": "2024-01-01", "percent": "19"}]
    for what, body in (
        ("rates", {"rates": rates}),
        ("terms", {"legal_entity": "main", "service": "fake"}),
    ):
        assert shop.call("PUT", f"/v1/tax/{what}", body).status == 200
    yield House(shop, books, gone)
    app.close()


def asked_again(house: House) -> None:
    """What backs off is due now."""
    with psycopg.connect(house.shop.app.db.dsn) as connection:
        connection.execute(
            "select set_config('baton.tenant', %s, false)", (str(house.shop.tenant),)
        )
        connection.execute("update work.items set run_at = now() - interval '1 s'")
    house.shop.work()


def test_the_service_says_the_tax_where_nobody_has(house: House) -> None:
    made = house.shop.post("/v1/orders", order("A", {"SKU-1": 1}))
    house.shop.work()
    tax = house.tax(made["number"])
    assert (tax["source"], tax["service"], tax["tax"], tax["version"]) == ("service", "fake", 91, 2)
    assert tax["parts"][0]["reason"] == "tax_service"
    assert house.shop.order(made["number"])["totals"]["tax"] == 91
    assert [(c["kind"], c["state"]) for c in tax["calls"]] == [("quote", "succeeded")]
    house.shop.holds()


def test_the_channels_figures_are_not_asked_about(house: House) -> None:
    body = order("A", {"SKU-1": 1})
    body["lines"][0]["tax"] = 160
    made = house.shop.post("/v1/orders", body)
    house.shop.work()
    tax = house.tax(made["number"])
    assert (tax["source"], tax["tax"], tax["calls"]) == ("channel", 160, [])


def test_the_tables_answer_while_it_is_away_and_it_is_said(house: House) -> None:
    house.gone.touch()
    made = house.shop.post("/v1/orders", order("A", {"SKU-1": 1}))
    house.shop.post(f"/v1/orders/{made['number']}/holds", {"reason": "not to be shipped"})
    house.shop.work()
    tax = house.tax(made["number"])
    assert (tax["source"], tax["tax"], tax["state"]) == ("tables", 160, "fits")
    assert "fake does not answer" in tax["note"]
    assert [c["state"] for c in tax["calls"]] == ["requested"]
    house.shop.holds()
    house.gone.unlink()
    asked_again(house)
    tax = house.tax(made["number"])
    assert (tax["source"], tax["tax"], tax["note"]) == ("service", 91, "")
    house.shop.holds()


def test_a_refusal_leaves_the_tables_figures(house: House) -> None:
    unknown = {"skus": [{"sku": "SKU-2", "category": "unknown"}]}
    assert house.shop.call("PUT", "/v1/tax/sku-categories", unknown).status == 200
    rates = [{"country": "DE", "category": "unknown", "valid_from": "2024-01-01", "percent": "7"}]
    assert house.shop.call("PUT", "/v1/tax/rates", {"rates": rates}).status == 200
    made = house.shop.post("/v1/orders", order("A", {"SKU-2": 1}))
    house.shop.work()
    tax = house.tax(made["number"])
    assert (tax["source"], tax["tax"]) == ("tables", 65)
    assert "tax code unknown" in tax["note"]
    house.shop.holds()


def test_what_was_sold_is_filed_by_shipment_and_taken_back(house: House) -> None:
    body = order("A", {"SKU-1": 3}, total=3500)
    body["charges"] = [{"kind": "shipping", "amount": 500}]
    body["tenders"][0]["amount"] = 3500
    made = house.shop.release(body)
    (work,) = made["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    house.shop.post(f"{path}/accept")
    house.shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 3}]})
    pack = {"packages": [{"weight_g": 900, "lines": [{"line": 1, "quantity": 3}]}]}
    house.shop.post(f"{path}/pack", pack)
    house.gone.touch()
    house.shop.post(f"{path}/ship")
    house.shop.work()
    assert house.filed() == []
    assert house.shop.order(made["number"])["status"] == "shipped", "no service holds up a parcel"
    house.gone.unlink()
    asked_again(house)
    (sale,) = house.filed()
    tax = house.tax(made["number"])
    assert sale["tax"] == tax["tax"] == 273 + 45
    asked_again(house)
    assert len(house.filed()) == 1
    for _ in range(2):
        house.shop.post(f"/v1/orders/{made['number']}/tax/void")
        house.shop.work()
    assert [entry["event"] for entry in house.filed()] == ["commit", "void"]
    house.shop.holds()


def test_a_cart_is_quoted_by_the_service_or_the_tables(house: House) -> None:
    cart = {
        "channel": "backorder",
        "lines": [{"sku": "SKU-1", "quantity": 1, "amount": 1000}],
        "destination": {"country": "DE"},
    }
    said = house.shop.post("/v1/taxes/quote", cart)
    assert (said["source"], said["service"], said["tax"], said["net"]) == (
        "service", "fake", 91, 909,
    )  # fmt: skip
    house.gone.touch()
    said = house.shop.post("/v1/taxes/quote", cart)
    assert (said["source"], said["tax"]) == ("tables", 160)
    assert "own tables" in said["note"]
    assert house.filed() == []
