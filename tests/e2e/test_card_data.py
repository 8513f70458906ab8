"""A card number gets in nowhere: by no body, no file, and into no table."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from api import Api, order
from baton.app import App

CARD = "4242 4242 4242 4242"


def places(given: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where texts stand in a document."""
    if isinstance(given, dict):
        return [p for k, v in given.items() for p in places(v, (*path, k))]
    if isinstance(given, list):
        return [p for k, v in enumerate(given) for p in places(v, (*path, k))]
    return [path] if isinstance(given, str) else []


def test_no_text_of_an_order_may_be_a_card_number(shop: Api) -> None:
    body = order("N1", {"SKU-1": 1}, note="n", phone="1", attributes={"a": {"b": "c"}})
    for path in places(body):
        if path[-1] in ("external_id",):
            continue
        sent = json.loads(json.dumps(body))
        at = sent
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = f"my card is {CARD}"
        answer = shop.call("POST", "/v1/orders", sent)
        assert (answer.status, answer.code) == (422, "card_data"), path
        assert answer.body["field"] == ".".join(map(str, path))
        assert CARD not in answer.content.decode()
    assert shop.get("/v1/orders")["data"] == []


@pytest.mark.parametrize("written", [CARD, "4242424242424242", "\\u0034242424242424242"])
def test_it_is_found_however_it_is_written(shop: Api, written: str) -> None:
    number = shop.post("/v1/orders", order("N2", {"SKU-1": 1}))["number"]
    body = b'{"reason": "%s"}' % written.encode()
    answer = shop.call("POST", f"/v1/orders/{number}/holds", body, Content_Type="application/json")
    assert (answer.status, answer.code, answer.body["field"]) == (422, "card_data", "reason")


def test_numbers_of_orders_goods_and_parcels_are_taken(shop: Api) -> None:
    like_a_card = "4242424242424242"
    taken = shop.post("/v1/orders", order(like_a_card, {"SKU-1": 1}))
    assert taken["external_id"] == like_a_card
    sku = {"code": "B", "product": "P", "title": "t", "currency": "EUR", "price": 1}
    shop.post("/v1/skus", {"skus": [sku | {"barcodes": ["4006381333931"], "weight_g": 1}]})


def test_none_is_in_any_table(shop: Api, app: App) -> None:
    for body in (order("N3", {"SKU-1": 1}, note=CARD), order("N4", {"SKU-1": 1})):
        shop.call("POST", "/v1/orders", body)
    with psycopg.connect(app.db.dsn) as connection:
        connection.execute("select set_config('baton.tenant', %s::text, false)", (shop.tenant,))
        kept = connection.execute("select count(*) from orders.orders").fetchone()
        assert kept == (1,)
        tables = connection.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid ="
            " c.relnamespace where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'"
        ).fetchall()
        for (table,) in tables:
            found = connection.execute(
                f"select count(*) from {table} t where t::text like %s",
                (f"%{CARD}%",),
            ).fetchone()
            assert found == (0,), table
