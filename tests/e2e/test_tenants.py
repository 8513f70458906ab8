"""Nobody sees or changes what is another merchant's, and nobody does more than they may.

Every operation of the API document is tried: with a stranger's key on one merchant's ids, with
forged handles, with every role's permissions, and with a key for one location only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from api_document import BODIES, DOCUMENT, OPERATIONS, told_by_provider

from api import ADDRESS, Api, company, new_api, order, returned, written_down
from baton.access.model import ROLES, Permission, Role
from baton.app import App

READS = [path for method, path in OPERATIONS if method == "GET"]
WRITES = [(method, path) for method, path in OPERATIONS if method != "GET"]
WEBHOOK = "/v1/webhooks/{provider}/{address}"
OPEN_TO_ALL = {  # to come in and go out, and for providers, who sign what they send
    ("POST", "/v1/sessions"),
    ("DELETE", "/v1/session"),
    ("POST", WEBHOOK),
}
OPEN = {"/v1/sessions", "/v1/session", WEBHOOK}  # for whoever is nobody yet, or anybody

# A merchant's own word, in every text that is theirs: a stranger must never read it.
MARK = "Zyx9Mark"


@dataclass
class Merchant:
    api: Api
    ids: dict[str, str]

    def at(self, path: str) -> str:
        """The path with this merchant's ids in it, and a query where one is needed."""
        names = self.ids | {"version": "0"}
        found = re.sub(r"\{(\w+)\}", lambda name: names[name[1]], path)
        asks = {
            "/v1/stock": f"?sku={MARK}-1",
            "/v1/stock/movements": f"?sku={MARK}-1&location=W1",
            "/v1/stock/count-tasks": "?location=W1",
            "/v1/orders": f"?q={MARK}",
            "/v1/search": f"?q={MARK}",
            "/v1/imports/sums": "?channel=backorder",
            "/v1/notifications/template": "?kind=shipped&language=en",
            "/v1/accounting/books": "?legal_entity=main",
            "/v1/accounting/entries": "?legal_entity=main",
            "/v1/accounting/exports": "?legal_entity=main",
            "/v1/accounting/trial-balance": "?legal_entity=main",
            "/v1/accounting/accounts/{account}/ledger": "?legal_entity=main",
            "/v1/currencies/rate": "?base=EUR&quote=EUR",
            "/v1/tax/charge-rules": "?country=DE",
            "/v1/tax/exemptions": f"?customer_id={self.ids['customer_id']}",
            "/v1/tax/registrations": "?legal_entity=main",
            "/v1/tax/terms": "?legal_entity=main",
            "/v1/tax/vat-ids": "?vat_id=DE136695976",
        }
        return found + asks.get(path, "")


@pytest.fixture(scope="module")
def owner(app: App, asgi: Any) -> Merchant:
    """A merchant with something of everything."""
    shop = new_api(app, asgi)
    company(shop)
    sku = {"code": f"{MARK}-1", "product": "P", "title": MARK, "currency": "EUR", "price": 1000}
    shop.post("/v1/skus", {"skus": [sku | {"weight_g": 400}]})
    lines = [{"sku": f"{MARK}-1", "quantity": 50}]
    for place in ("W1", "W2"):
        received = shop.post(
            "/v1/stock/receipts", {"location": place, "lines": lines, "reason": MARK}
        )
    more = {"buyer_name": MARK, "email": f"{MARK}@example.com", "note": MARK}
    shipped = shop.release(order(f"{MARK}-S", {f"{MARK}-1": 2}, **more))
    shop.fulfil(shipped["fulfillment_orders"][0])
    issuer = {"legal_entity": "main", "address": ADDRESS, "registration": MARK}
    assert shop.call("PUT", "/v1/invoicing/issuers", issuer).status == 200
    shop.work()
    (invoice,) = shop.get("/v1/invoices")["data"]
    shipped = shop.order(shipped["number"])
    out = shop.release(order(f"{MARK}-O", {f"{MARK}-1": 2}, **more))
    (work,) = out["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/accept")
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": 1, "short": 1}]})
    held = shop.post(f"/v1/orders/{out['id']}/holds", {"reason": MARK})
    parked = shop.post("/v1/orders", order("P", {f"{MARK}-N": 1}, channel="must_accept", **more))
    rma = returned(shop, shipped["number"], MARK)
    card = {"amount": 100, "currency": "EUR", "reason": MARK, "code": f"{MARK}-CARD-1"}
    card = shop.post("/v1/gift-cards", card)
    user = shop.post(
        "/v1/users",
        {
            "email": f"{MARK}@example.com",
            "name": MARK,
            "roles": ["viewer"],
            "password": "long enough",
        },
    )
    entry = shop.post(
        "/v1/accounting/entries",
        {
            "legal_entity": "main",
            "day": "2026-01-01",
            "memo": MARK,
            "lines": [{"account": "1000", "debit": 1}, {"account": "3000", "credit": 1}],
        },
    )
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    written = shop.post("/v1/accounting/exports", {"legal_entity": "main", "format": "csv"} | days)
    entity = {"code": MARK, "name": MARK, "country": "DE", "base_currency": "EUR"}
    shop.post("/v1/legal-entities", entity)
    chart = shop.get("/v1/accounting/chart")
    accounts = [*chart["accounts"], {"number": MARK, "name": MARK, "kind": "asset"}]
    body = {"accounts": accounts, "mappings": chart["mappings"]}
    assert shop.call("PUT", "/v1/accounting/chart", body).status == 200
    key = shop.post("/v1/api-keys", {"name": MARK, "scopes": ["orders:read"]})
    ids = {
        "order": out["id"],
        "work_id": work["id"],
        "shipment_id": shipped["shipments"][0]["id"],
        "package_id": shipped["shipments"][0]["labels"][0]["package_id"],
        "customer_id": shipped["customer"]["id"],
        "message_id": out["messages"][0]["id"],
        "document_id": received["id"],
        "hold_id": held["holds"][0]["id"],
        "exception_id": parked["exceptions"][0]["id"],
        "user_id": user["id"],
        "key_id": key["id"],
        "account_id": card["id"],
        "receivable_id": "rcv_00000000000000000000000000",
        **told_by_provider(shop, shipped["number"], MARK),
        "invoice_id": invoice["id"],
        "job_id": "job_00000000000000000000000000",
        "order_id": out["id"],
        "entry_id": entry["id"],
        "export_id": written["id"],
        "account": MARK,
        "legal_entity": MARK,
        "number": out["number"],
        "tracking": shipped["tracking_url"],
    } | rma
    ids |= written_down(shop, shipped["number"], MARK)
    return Merchant(shop, ids)


@pytest.fixture(scope="module")
def stranger(app: App, asgi: Any) -> Api:
    """Another merchant, who happens to use the same codes."""
    shop = new_api(app, asgi)
    company(shop)
    return shop


@pytest.mark.parametrize("path", READS)
def test_the_owner_reads_it_and_a_stranger_does_not(
    owner: Merchant, stranger: Api, path: str
) -> None:
    wanted = owner.at(path)
    mine = owner.api.call("GET", wanted)
    assert mine.status == 200, (wanted, mine.body)
    theirs = stranger.call("GET", wanted)
    assert theirs.status in (200, 404), (wanted, theirs.body)
    said = theirs.content.decode(errors="replace").lower()
    for asked_for in re.split("[/?&=]", wanted.lower()):
        said = said.replace(asked_for, "") if len(asked_for) > 8 else said
    assert MARK.lower() not in said
    own = {name: id for name, id in owner.ids.items() if name != "provider"}
    assert not [id for id in own.values() if id.lower() in said]
    if "{" in path:
        assert theirs.status == 404, "what is named by its id is not there for a stranger"


NAMED = [(method, path) for method, path in WRITES if "{" in path and path not in OPEN]


def body_of(owner: Merchant, path: str) -> Any:
    if path == "/v1/exceptions/{exception_id}/assign":
        return {"user_id": owner.ids["user_id"]}
    return BODIES.get(path, {})


@pytest.mark.parametrize(("method", "path"), NAMED, ids=[f"{m} {p}" for m, p in NAMED])
def test_a_stranger_changes_nothing(owner: Merchant, stranger: Api, method: str, path: str) -> None:
    before = owner.api.order(owner.ids["number"])
    answer = stranger.call(method, owner.at(path), body_of(owner, path))
    assert answer.status in (404, 409, 422), (answer.status, answer.body)
    assert answer.status == 404 or answer.code.endswith(("not_open", "_invalid")), answer.body
    assert MARK.encode() not in answer.content
    assert owner.api.order(owner.ids["number"]) == before


def test_a_strangers_people_and_places_can_not_be_named(owner: Merchant, stranger: Api) -> None:
    where = owner.api.get("/v1/locations")["data"][0]["id"]
    for path, body in (
        ("/v1/api-keys", {"name": "k", "scopes": ["orders:read"], "location_ids": [where]}),
        (
            "/v1/users",
            {
                "email": "u@example.com",
                "name": "u",
                "roles": ["viewer"],
                "location_ids": [where],
                "password": "long enough",
            },
        ),
    ):
        answer = stranger.call("POST", path, body)
        assert answer.status in (404, 422), (path, answer.status, answer.body)
    taken = stranger.post("/v1/orders", order("N", {"NEW": 1}, channel="must_accept"))
    path = f"/v1/exceptions/{taken['exceptions'][0]['id']}/assign"
    answer = stranger.call("POST", path, {"user_id": owner.ids["user_id"]})
    assert answer.status in (404, 422), (answer.status, answer.body)


def test_a_tracking_link_opens_one_order_of_one_merchant(owner: Merchant, stranger: Api) -> None:
    token = owner.ids["tracking"].split("/t/")[1]
    kind, tenant, secret = token.split("_")
    assert owner.api.call("GET", f"/t/{token}").status == 200
    other = f"{kind}_{stranger.tenant}_{secret}"
    assert stranger.call("GET", f"/t/{other}").status == 404
    assert tenant == str(owner.api.tenant)


@pytest.mark.parametrize(
    ("method", "path"),
    [each for each in OPERATIONS if each not in OPEN_TO_ALL],
    ids=[f"{m} {p}" for m, p in OPERATIONS if (m, p) not in OPEN_TO_ALL],
)
def test_nobody_unknown_gets_in(owner: Merchant, method: str, path: str) -> None:
    secret = owner.api.key.rpartition("_")[2]
    forged = [
        "",
        "nonsense",
        f"bk_{owner.api.tenant}_{'0' * 32}",
        f"bk_{owner.api.tenant + 1}_{secret}",
        f"bk_0_{secret}",
        f"bk_99999999999_{secret}",
        f"bs_{owner.api.tenant}_{secret}",
        f"bt_{owner.api.tenant}_{secret}",
        f"bk_{owner.api.tenant}_{secret}' or '1'='1",
    ]
    body = body_of(owner, path) or _sample(path)
    for handle in forged:
        thief = Api(owner.api.app, owner.api.tenant, handle, owner.api.asgi)
        answer = thief.call(method, owner.at(path), None if method == "GET" else body)
        # a body that is wrong may be refused before anybody looks at who sent it
        assert answer.status in ((401,) if method == "GET" else (401, 422)), (handle, answer.body)
        assert MARK.encode() not in answer.content


def _sample(path: str) -> Any:
    samples: dict[str, Any] = {
        "/v1/orders": order("F", {"SKU-1": 1}),
        "/v1/areas": {"code": "f", "name": "f"},
        "/v1/users": {
            "email": "f@example.com",
            "name": "f",
            "roles": ["admin"],
            "password": "long enough",
        },
        "/v1/api-keys": {"name": "f", "scopes": ["orders:read"]},
        "/v1/gift-cards": {"amount": 1, "currency": "EUR"},
        "/v1/gift-cards/look-up": {"code": "x"},
        "/v1/payments/webhook-addresses": {"provider": "f"},
        "/v1/payouts": {"provider": "f", "content": "f"},
        "/v1/products": {"products": [{"code": "f", "title": "f"}]},
    }
    receipt = {"location": "W1", "lines": [{"sku": "SKU-3", "quantity": 1}], "reason": "f"}
    whole = path.startswith("/v1/stock/") and "{" not in path
    return receipt if whole else samples.get(path, {})


# ── who may do what ────────────────────────────────────────────────────────────────────────


def holder(owner: Merchant, permissions: frozenset[Permission], **more: Any) -> Api:
    scopes = sorted(permissions)
    made = owner.api.post("/v1/api-keys", {"name": "h", "scopes": scopes} | more)
    return Api(owner.api.app, owner.api.tenant, made["key"], owner.api.asgi)


def asked(owner: Merchant, key: Api, method: str, path: str) -> Any:
    """The operation on things that are not there: only the permission can make a difference."""
    nothing = {"number", "tracking"}
    names = {
        name: re.sub("[0-9a-z]{26}$", "0" * 26, id)
        for name, id in owner.ids.items()
        if name not in nothing
    }
    return key.call(
        method,
        Merchant(owner.api, names).at(path),
        None if method == "GET" else (body_of(owner, path) or _sample(path)),
    )


@pytest.fixture(scope="module")
def needed(owner: Merchant) -> dict[tuple[str, str], Permission]:
    """The permission that each operation asks for, as its refusal names it."""
    found = {}
    for held in (Permission.NOTIFICATIONS_READ, Permission.VERIFY_READ):
        key = holder(owner, frozenset({held}))
        for method, path in OPERATIONS:
            answer = asked(owner, key, method, path)
            if answer.status == 403:
                found[method, path] = Permission(answer.body["parameters"]["permission"])
    return found


def test_every_operation_asks_for_a_permission(
    needed: dict[tuple[str, str], Permission],
) -> None:
    """Reading asks for a permission to read, and writing for none that a viewer has."""
    named = {(m, p) for m, p in OPERATIONS if p not in OPEN and (m == "GET" or "{" in p)}
    assert named <= needed.keys(), named - needed.keys()
    for (method, path), permission in needed.items():
        reads = permission in ROLES[Role.VIEWER] or permission is Permission.ACCESS_READ
        assert reads is (method == "GET"), (method, path, permission)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_does_what_it_may_and_nothing_else(
    owner: Merchant, needed: dict[tuple[str, str], Permission], role: Role
) -> None:
    key = holder(owner, ROLES[role])
    for (method, path), permission in needed.items():
        answer = asked(owner, key, method, path)
        assert answer.status < 500
        assert (answer.status != 403) is (permission in ROLES[role]), (method, path, answer.body)


CHANGES = [(m, p) for m, p in WRITES if p not in OPEN and not p.endswith("/preview")]


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=[f"{m} {p}" for m, p in CHANGES])
def test_a_viewer_can_not_write(owner: Merchant, method: str, path: str) -> None:
    key = holder(owner, ROLES[Role.VIEWER])
    before = owner.api.order(owner.ids["number"])
    answer = key.call(method, owner.at(path), body_of(owner, path) or _sample(path))
    assert answer.status in (403, 422), (answer.status, answer.body)
    assert answer.status == 403 or answer.code == "invalid", "the body is refused unread"
    assert owner.api.order(owner.ids["number"]) == before


def test_every_operation_says_what_a_stranger_to_it_gets() -> None:
    for method, path in OPERATIONS:
        answers = DOCUMENT["paths"][path][method.lower()]["responses"]
        assert {"401", "403", "404", "409", "422"} <= set(answers), (method, path)


# ── people of one location ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def places(owner: Merchant) -> dict[str, str]:
    return {each["code"]: each["id"] for each in owner.api.get("/v1/locations")["data"]}


@pytest.fixture(scope="module")
def works(owner: Merchant) -> dict[str, str]:
    """Work at two locations: one order is near each."""
    munich = ADDRESS | {"city": "München", "postal_code": "80331"}
    near = {
        "W1": {"groups": [{"address": ADDRESS, "lat": 52.52, "lon": 13.4}]},
        "W2": {"groups": [{"address": munich, "lat": 48.1, "lon": 11.6}]},
    }
    found = {}
    for place, groups in near.items():
        page = owner.api.release(order(f"at {place}", {"SKU-1": 1}, **groups))
        (work,) = page["fulfillment_orders"]
        assert work["location"]["code"] == place
        found[place] = work["id"]
    return found


def test_a_key_for_one_location_sees_and_does_its_work_alone(
    owner: Merchant, places: dict[str, str], works: dict[str, str]
) -> None:
    key = holder(owner, ROLES[Role.WAREHOUSE], location_ids=[places["W2"]])
    seen = key.get("/v1/fulfillment-orders?limit=200")["data"]
    assert {each["location"]["code"] for each in seen} == {"W2"}
    assert works["W2"] in {each["id"] for each in seen}
    assert key.get("/v1/fulfillment-orders?location=W1")["data"] == []
    assert key.get("/v1/fulfillment-orders?location=W2&status=released")["data"]
    assert key.call("GET", f"/v1/fulfillment-orders/{works['W1']}").status == 404
    for step, body in (
        ("accept", {}),
        ("pick", {"lines": [{"line": 1, "picked": 1}]}),
        ("reject", {"reason": "x"}),
        ("pack", BODIES["/v1/fulfillment-orders/{work_id}/pack"]),
        ("ship", {}),
        ("hand-over", {"code": "000000"}),
        ("answer-recall", {"accepted": True}),
    ):
        answer = key.call("POST", f"/v1/fulfillment-orders/{works['W1']}/{step}", body)
        assert answer.status == 404, (step, answer.body)
        assert answer.code == "fulfillment_order_not_found"
    key.post(f"/v1/fulfillment-orders/{works['W2']}/accept")


def test_a_key_for_one_location_books_its_stock_alone(
    owner: Merchant, places: dict[str, str]
) -> None:
    key = holder(owner, ROLES[Role.WAREHOUSE], location_ids=[places["W2"]])
    one = [{"sku": "SKU-1", "quantity": 1}]
    for kind in ("receipts", "adjustments", "counts", "damages", "found", "sales", "write-offs"):
        body = {"location": "W1", "lines": one, "reason": "x"}
        answer = key.call("POST", f"/v1/stock/{kind}", body)
        assert (answer.status, answer.code) == (403, "location_forbidden"), (kind, answer.body)
    key.post("/v1/stock/receipts", {"location": "W2", "lines": one})
    held = {"location": "W1", "lines": [{"sku": "SKU-1", "units": 1}]}
    assert key.call("PUT", "/v1/stock/held-back", held).status == 403
    out = {"from": "W1", "to": "W2", "lines": one}
    assert key.call("POST", "/v1/stock/transfers", out).status == 403
    moved = owner.api.post("/v1/stock/transfers", out)
    path = f"/v1/stock/transfers/{moved['id']}"
    assert key.call("POST", f"{path}/send").status == 403
    assert key.call("POST", f"{path}/cancel").status == 403
    owner.api.post(f"{path}/send")
    assert key.post(f"{path}/receive")["state"] == "received"


def test_nobody_makes_a_key_that_can_do_more_than_themselves(
    owner: Merchant, places: dict[str, str]
) -> None:
    may = frozenset({Permission.ACCESS_WRITE, Permission.ORDERS_READ})
    key = holder(owner, may, location_ids=[places["W2"]])
    wide = [
        {"name": "x", "scopes": ["orders:write"], "location_ids": [places["W2"]]},
        {"name": "x", "scopes": ["orders:read"]},
        {"name": "x", "scopes": ["orders:read"], "location_ids": [places["W1"]]},
    ]
    for body in wide:
        answer = key.call("POST", "/v1/api-keys", body)
        assert answer.status == 403, answer.body
    fine = {"name": "x", "scopes": ["orders:read"], "location_ids": [places["W2"]]}
    made = key.post("/v1/api-keys", fine)
    again = key.call("POST", "/v1/api-keys", fine, Idempotency_Key="once")
    replay = key.call("POST", "/v1/api-keys", fine, Idempotency_Key="once")
    assert again.body["key"] not in json.dumps(replay.body), "a secret is shown once"
    assert made["key"] != again.body["key"]
