"""Every operation of the API document, called with whatever its schema allows, and with what it
does not: no answer is a 500, and every answer is one that the document names.

BATON_FUZZ_EXAMPLES sets how many requests each operation gets; BATON_FUZZ_SEED other ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from api_document import OPERATIONS, told_by_provider
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import ADDRESS, Api, company, new_api, order, returned, written_down
from baton.app import App

EXAMPLES = int(os.environ.get("BATON_FUZZ_EXAMPLES", "8"))
SEED = int(os.environ.get("BATON_FUZZ_SEED", "2026"))
CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
pytestmark = pytest.mark.slow


@dataclass
class World:
    """A merchant with orders at every stage, the document, and names of things that are there."""

    shop: Api
    schema: Any
    known: dict[str, list[Any]]


@pytest.fixture(scope="module")
def world(app: App, asgi: Any) -> Iterator[World]:
    shop = new_api(app, asgi)
    company(shop)
    known = _made(shop)
    schema = schemathesis.openapi.from_asgi("/openapi.json", asgi)
    yield World(shop, schema, known)
    shop.holds()


def _made(shop: Api) -> dict[str, list[Any]]:
    """Things of each kind, under the names by which paths and bodies call them."""
    issuer = {"legal_entity": "main", "address": ADDRESS, "registration": "HRB 1"}
    assert shop.call("PUT", "/v1/invoicing/issuers", issuer).status == 200
    shipped = shop.release(order("shipped", {"SKU-1": 2}))
    shop.fulfil(shipped["fulfillment_orders"][0])
    out = shop.release(order("out", {"SKU-1": 1, "SKU-2": 1}))
    waits = shop.post("/v1/orders", order("waits", {"SKU-3": 500}))
    parked = shop.post("/v1/orders", order("p", {"NEW-1": 1}, channel="must_accept"))
    held = shop.post(f"/v1/orders/{waits['id']}/holds", {"reason": "to be looked at"})
    begun = [shop.release(order(f"f{n}", {"SKU-2": 2})) for n in range(4)]
    shipped = shop.order(shipped["number"])
    rma = returned(shop, shipped["number"], "fuzz")
    noted = written_down(shop, shipped["number"])
    works = [w for each in (out, *begun) for w in each["fulfillment_orders"]]
    transfer = {
        "from": "W1",
        "to": "W2",
        "lines": [{"sku": "SKU-1", "quantity": 3}],
    }
    documents = [shop.post("/v1/stock/transfers", transfer) for _ in range(3)]
    user = {"email": "u@example.com", "name": "U", "roles": ["viewer"], "password": "long enough"}
    users = [shop.post("/v1/users", user)]
    keys = [shop.post("/v1/api-keys", {"name": "k", "scopes": ["orders:read"]}) for _ in range(3)]
    entries = [
        shop.post(
            "/v1/accounting/entries",
            {
                "legal_entity": "main",
                "day": "2026-01-01",
                "memo": "by hand",
                "lines": [{"account": "1000", "debit": 1}, {"account": "3000", "credit": 1}],
            },
        )
        for _ in range(2)
    ]
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    exports = [
        shop.post("/v1/accounting/exports", {"legal_entity": "main", "format": each} | days)
        for each in ("csv", "datev", "quickbooks", "xero", "beancount")
    ]
    card = {"amount": 5000, "currency": "EUR"}
    cards = [shop.post("/v1/gift-cards", card) for _ in range(3)]
    told = told_by_provider(shop, shipped["number"], "fuzz")
    orders = [out, waits, parked, *begun, shipped]
    places = shop.get("/v1/locations")["data"]
    return {
        "order_id": [o["id"] for o in orders],
        "entry_id": [e["id"] for e in entries],
        "export_id": [e["id"] for e in exports],
        "account": ["1000", "1100", "4000"],
        "format": ["csv", "datev", "quickbooks", "xero", "beancount"],
        "order": [o["id"] for o in orders] + [o["number"] for o in orders],
        "hold_id": [h["id"] for h in held["holds"]],
        "exception_id": [e["id"] for o in orders for e in o["exceptions"]],
        "work_id": [w["id"] for w in works],
        "invoice_id": [d["id"] for d in shop.get("/v1/invoices")["data"]],
        "shipment_id": [s["id"] for s in shipped["shipments"]],
        "package_id": [x["package_id"] for s in shipped["shipments"] for x in s["labels"]],
        "tracking_no": [s["tracking_no"] for s in shipped["shipments"]],
        "document_id": [d["id"] for d in documents],
        "return_id": [rma["return_id"]],
        "grading_id": [rma["grading_id"]],
        "photo_id": [rma["photo_id"]],
        "policy": [rma["policy"], "policy-0"],
        "parcel_id": [rma["parcel_id"]],
        "claim_id": [rma["claim_id"]],
        "customer_id": [shipped["customer"]["id"]],
        "user_id": [u["id"] for u in users],
        "key_id": [k["id"] for k in keys],
        "account_id": [c["id"] for c in cards],
        "receivable_id": ["rcv_00000000000000000000000000"],
        **{name: [id] for name, id in told.items()},
        "location_ids": [p["id"] for p in places],
        "sku": ["SKU-1", "SKU-2", "SKU-3"],
        "location": ["W1", "W2", "S1"],
        "from": ["W1", "W2", "S1"],
        "to": ["W1", "W2", "S1"],
        "channel": ["refuse", "partial", "backorder", "must_accept"],
        "area": ["eu", "stores"],
        "legal_entity": ["main"],
        "product": ["P"],
        "currency": ["EUR", "JPY"],
        "country": ["DE", "FR"],
        "line": [1, 2],
        "draft": [noted["draft"]],
        "appeasement_id": [noted["appeasement_id"]],
        "version": [0, 1],
    }


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_a_documented_one(
    world: World, method: str, path: str, mode: GenerationMode
) -> None:
    operation = world.schema[path][method]
    try:
        cases = operation.as_strategy(generation_mode=mode)
        cases.validate()
    except schemathesis.errors.SchemathesisError:  # nothing in it could be wrong
        assert mode is GenerationMode.NEGATIVE
        return

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def call(data: st.DataObject) -> None:
        case = data.draw(cases)
        if data.draw(st.integers(0, 3)):
            case.path_parameters = _known(data, world.known, case.path_parameters)
            case.query = _known(data, world.known, case.query)
            case.body = _known(data, world.known, case.body)
        response = case.call(headers={"Authorization": f"Bearer {world.shop.key}"})
        case.validate_response(response, checks=CHECKS)

    call()


def _known(data: st.DataObject, known: dict[str, list[Any]], given: Any) -> Any:
    """The same request about things that are there, wherever a name tells which kind is meant."""
    match given:
        case list():
            return [_known(data, known, each) for each in given]
        case dict():
            return type(given)(
                (name, _named(data, known, name, value)) for name, value in given.items()
            )
    return given


def _named(data: st.DataObject, known: dict[str, list[Any]], name: str, value: Any) -> Any:
    if name in known and isinstance(value, (str, int)):
        return data.draw(st.sampled_from(known[name]))
    return _known(data, known, value)
