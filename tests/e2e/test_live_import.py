"""Real orders from a file, taken live: they flow to shipped; what was called off is not sent."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api import Api, Outside, order, receive
from baton.connectors.files import OrderEntry, ReturnEntry, load_map, open_import
from example.client import Client
from example.people import Care, Staff

FILE = "orders-uci-online-retail/online_retail_2010-12_to_2011-09.csv.gz"
ROWS = 2500


@pytest.fixture
def part(shared_data: Path, tmp_path: Path) -> Path:
    """The first rows of the file, with whole invoices."""
    with gzip.open(shared_data / FILE, "rt", encoding="utf-8", newline="") as source:
        rows = list(islice(csv.reader(source), ROWS))
    last = rows[-1][0]
    while rows[-1][0] == last:
        rows.pop()
    path = tmp_path / "part.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    return path


def entries(path: Path) -> Iterator[list[Any]]:
    kinds = {OrderEntry: "order", ReturnEntry: "return"}
    with open_import(path, load_map("uci-online-retail")) as orders:
        for batch in orders:
            yield [
                {"type": kinds.get(type(each.entry), "write_off")} | msgspec.to_builtins(each.entry)
                for each in batch.entries
            ]


@pytest.mark.realdata
@pytest.mark.slow
def test_a_real_file_taken_live_flows_to_shipped(shop: Api, outside: Outside, part: Path) -> None:
    shop.post(
        "/v1/channels",
        {
            "code": "uci",
            "name": "UCI",
            "kind": "import",
            "acceptance": "must_accept",
            "legal_entity": "main",
            "currency": "GBP",
            "areas": ["eu"],
            "capture_at": "external",
        },
    )
    batches = list(entries(part))
    goods = sorted(
        {x["sku"] for batch in batches for e in batch if e["type"] == "order" for x in e["lines"]}
    )
    create_skus(shop, goods)
    for start in range(0, len(goods), 1000):
        receive(shop, "W1", dict.fromkeys(goods[start : start + 1000], 100_000))
    with closing(Client(shop.asgi, shop.key)) as client:
        _import_and_ship(shop, client, batches, outside)
    shop.holds()


def _import_and_ship(shop: Api, client: Client, batches: list[list[Any]], outside: Outside) -> None:
    for batch in batches:
        body = {"mode": "live", "create_skus": True, "entries": batch}
        results = client.post("/v1/imports", body)["results"]
        assert [x for x in results if x["problem"]] == []
    staff = Staff(client, Care(client), outside.box, 1)
    while shop.work() + staff.shift({}):
        pass
    counts = client.get("/v1/orders/counts")["by_status"]
    assert counts == {}, "every order is shipped or cancelled"
    shipped = list(client.pages("/v1/orders?status=shipped"))
    assert len(shipped) > 80
    again = client.post("/v1/imports", {"mode": "live", "create_skus": True, "entries": batches[0]})
    assert [x for x in again["results"] if x["new"]] == []


def test_what_a_location_was_asked_for_before_is_not_called_off_twice(shop: Api) -> None:
    sold = shop.release(order("A1", {"SKU-1": 3}, email="ada@example.com"))
    shop.post(f"/v1/fulfillment-orders/{sold['fulfillment_orders'][0]['id']}/accept")
    for reference in ("C1", "C2"):
        line = {"sku": "SKU-1", "title": "Thing", "quantity": 2, "amount": 2000}
        entry = {
            "type": "return",
            "kind": "cancellation",
            "channel": "backorder",
            "external_id": reference,
            "occurred_at": "2026-03-03T10:00:00Z",
            "currency": "EUR",
            "email": "ada@example.com",
            "lines": [line],
        }
        (landed,) = shop.post("/v1/imports", {"mode": "live", "entries": [entry]})["results"]
        assert (landed["new"], landed["problem"]) == (True, None)
    (work,) = shop.order(sold["number"])["fulfillment_orders"]
    assert work["lines"][0]["cancel_requested"] == 3, "two units of C1, and the one left for C2"
    answer = {"accepted": True, "reason": ""}
    shop.post(f"/v1/fulfillment-orders/{work['id']}/answer-recall", answer)
    shop.work()
    assert shop.order(sold["number"])["status"] == "cancelled"
    shop.holds()


def create_skus(shop: Api, codes: list[str]) -> None:
    for start in range(0, len(codes), 500):
        some = codes[start : start + 500]
        shop.post("/v1/products", {"products": [{"code": c, "title": c} for c in some]})
        shop.post(
            "/v1/skus",
            {
                "skus": [
                    {
                        "code": code,
                        "product": code,
                        "title": code,
                        "currency": "GBP",
                        "price": 100,
                        "weight_g": 20,
                    }
                    for code in some
                ]
            },
        )
