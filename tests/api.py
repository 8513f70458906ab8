"""A Baton in the test's own process: the API over ASGI, a worker that is run by hand."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from baton import access
from baton.access.model import KeyDraft, Permission, TenantDraft
from baton.access.rules import program
from baton.app import App
from baton.asgi import create
from baton.platform import ids
from baton.platform.db import Caller
from baton.platform.settings import Settings

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Outside:
    """Where the outside world listens, and what it writes down itself."""

    gateway: str
    mail: str
    ledger: Path
    box: Path
    carrier: Path

    def settings(self, **more: Any) -> Settings:
        return Settings(
            gateway_url=self.gateway,
            gateway_timeout_s=2,
            smtp_url=self.mail if "://" in self.mail else f"smtp://{self.mail}",
            carrier_ledger=self.carrier,
            **more,
        )

    def paid(self, number: str, operation: str = "capture") -> int:
        """What the gateway did for an order, in minor units."""
        return sum(
            entry["amount"]
            for entry in self.lines(self.ledger)
            if entry["reference"] == number
            and entry["operation"] == operation
            and entry["outcome"] == "succeeded"
        )

    def mails(self, number: str) -> list[dict[str, Any]]:
        return [mail for mail in self.lines(self.box) if number in mail["subject"]]

    @staticmethod
    def lines(path: Path) -> list[dict[str, Any]]:
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def helper(module: str, *options: str) -> Iterator[str]:
    """One of the example's helper processes; gives its address."""
    with subprocess.Popen(
        [sys.executable, "-m", module, "--while-stdin-open", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["address"])
        process.terminate()


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any
    content: bytes

    @property
    def code(self) -> str:
        return str(self.body.get("code"))


@dataclass
class Api:
    """What a client of one tenant sees."""

    app: App
    tenant: int
    key: str
    asgi: Any = field(default=None)

    def __post_init__(self) -> None:
        self.asgi = self.asgi or create(self.app)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        asked = self._call(method, path, body, headers)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(asked)
        with ThreadPoolExecutor(1) as aside:  # a browser's own loop runs in this thread
            return aside.submit(asyncio.run, asked).result()

    async def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        transport = httpx2.ASGITransport(app=self.asgi)
        sent = {"Authorization": f"Bearer {self.key}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            options = {"content": body} if isinstance(body, bytes) else {"json": body}
            if body is None:
                options = {}
            response = await client.request(method, path, headers=sent, **options)
        kind = response.headers.get("content-type", "")
        parsed = response.json() if "json" in kind and response.content else None
        return Answer(response.status_code, parsed, response.headers, response.content)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, **headers)
        assert answer.status == 200, answer.body
        return answer.body

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call("POST", path, body if body is not None else {}, **headers)
        assert answer.status in (200, 201), (path, answer.status, answer.body)
        return answer.body

    def work(self) -> int:
        """Run all that is due for this tenant."""
        return self.app.worker(frozenset({self.tenant})).drain()

    def holds(self) -> None:
        """Every promise of `verify` holds for this tenant."""
        answer = self.get("/v1/verify")
        assert answer["holds"], [p for p in answer["promises"] if not p["holds"]]

    def order(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/v1/orders/{number}")
        return found

    def release(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take an order and let it be routed and released."""
        number = self.post("/v1/orders", body)["number"]
        self.work()
        return self.order(number)

    def fulfil(self, work: dict[str, Any], *, until: str = "ship") -> None:
        """Accept, pick, pack and ship a fulfillment order."""
        path = f"/v1/fulfillment-orders/{work['id']}"
        lines = [(x["line_no"], x["to_pick"]) for x in work["lines"] if x["to_pick"]]
        self.post(f"{path}/accept")
        picks = [{"line": n, "picked": quantity} for n, quantity in lines]
        for step, body in (
            ("pick", {"lines": picks}),
            (
                "pack",
                {
                    "packages": [
                        {
                            "weight_g": 900,
                            "lines": [{"line": n, "quantity": q} for n, q in lines],
                        }
                    ]
                },
            ),
            ("ship", {}),
        ):
            self.post(f"{path}/{step}", body)
            if step == until:
                break
        self.work()


def new_api(app: App, asgi: Any = None) -> Api:
    """A fresh tenant with a key that may do everything."""
    draft = TenantDraft(f"t-{ids.secret()[:10]}", "Test")
    tenant = access.create_tenant(app.db, draft, actor="test")
    with app.db.transaction(Caller(tenant.id, "test")) as tx:
        made = access.create_key(tx, program("test"), KeyDraft("test", frozenset(Permission)))
    return Api(app, tenant.id, made.handle, asgi)


ADDRESS = {
    "name": "Ada Lovelace",
    "lines": ["Friedrichstraße 1"],
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}


def company(api: Api, *, stock: int = 100, skus: int = 3) -> None:
    """One legal entity, two areas, two warehouses and a store, a channel of each mode."""
    api.post(
        "/v1/legal-entities",
        {"code": "main", "name": "Test GmbH", "country": "DE", "base_currency": "EUR"},
    )
    for area in ("eu", "stores"):
        api.post("/v1/areas", {"code": area, "name": area})
    place(api, "W1", "warehouse", "eu", 52.5, 13.4)
    place(api, "W2", "warehouse", "eu", 48.1, 11.6)
    place(api, "S1", "store", "stores", 53.5, 10.0)
    for mode in ("refuse", "partial", "backorder", "must_accept"):
        marketplace = mode == "must_accept"
        api.post(
            "/v1/channels",
            {
                "code": mode,
                "name": mode,
                "kind": "marketplace" if marketplace else "shop",
                "acceptance": mode,
                "legal_entity": "main",
                "currency": "EUR",
                "areas": ["eu", "stores"],
                "capture_at": "external" if marketplace else "ship",
                "payment_provider": "" if marketplace else "fake",
            },
        )
    api.post(
        "/v1/rate-cards",
        {
            "carrier": "flat_rate",
            "service": "standard",
            "name": "Standard",
            "currency": "EUR",
            "zones": [
                {"up_to_km": 300, "transit_min_days": 1, "transit_max_days": 2},
                {"up_to_km": None, "transit_min_days": 2, "transit_max_days": 4},
            ],
            "brackets_g": [1000, 5000, 31500],
            "prices": [[390, 490, 990], [490, 690, 1290]],
        },
    )
    codes = [f"SKU-{n}" for n in range(1, skus + 1)]
    api.post("/v1/products", {"products": [{"code": "P", "title": "Product"}]})
    api.post(
        "/v1/skus",
        {
            "skus": [
                {
                    "code": code,
                    "product": "P",
                    "title": f"Thing {code}",
                    "currency": "EUR",
                    "price": 1000,
                    "cost": 430,
                    "weight_g": 400,
                }
                for code in codes
            ]
        },
    )
    if stock:
        for where in ("W1", "W2", "S1"):
            receive(api, where, dict.fromkeys(codes, stock))


def place(
    api: Api, code: str, kind: str, area: str, lat: float, lon: float, legal_entity: str = "main"
) -> None:
    api.post(
        "/v1/locations",
        {
            "code": code,
            "name": f"Place {code}",
            "kind": kind,
            "area": area,
            "legal_entity": legal_entity,
            "address": ADDRESS | {"name": f"Place {code}"},
            "time_zone": "Europe/Berlin",
            "lat": lat,
            "lon": lon,
            "pick_cost": 30,
            "pack_cost": 80,
        },
    )


def receive(api: Api, location: str, units: dict[str, int]) -> None:
    api.post(
        "/v1/stock/receipts",
        {
            "location": location,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()],
        },
    )


def order(
    external_id: str, lines: dict[str, int], *, channel: str = "backorder", **more: Any
) -> dict[str, Any]:
    """A paid order of things at 10.00."""
    total = sum(lines.values()) * 1000
    tender = {"method": "card", "amount": total, "token": "tok_ok"}
    body = {
        "channel": channel,
        "external_id": external_id,
        "placed_at": "2026-03-02T10:00:00Z",
        "currency": "EUR",
        "total": total,
        "lines": [
            {"sku": sku, "quantity": quantity, "unit_price": 1000}
            for sku, quantity in lines.items()
        ],
        "groups": [{"address": ADDRESS, "lat": 52.52, "lon": 13.4}],
        "tenders": [] if channel == "must_accept" else [tender],
        "buyer_name": "Ada Lovelace",
        "email": "ada@example.com",
    }
    return body | more


PHOTO = {
    "media_type": "image/png",
    "content": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode(),
}


def returned(api: Api, number: str, mark: str) -> dict[str, str]:
    """Returns of one unit each, graded or labelled at W1, and what belongs to them: ids by name."""
    line = {"line": 1, "reason": "too_small", "note": mark, "photos": [PHOTO]}
    rma = api.post("/v1/returns", {"order": number, "lines": [line], "note": mark})
    path = f"/v1/returns/{rma['id']}"
    api.post(f"{path}/receive", {"location": "W1", "lines": [{"line": 1, "quantity": 1}]})
    rma = api.post(f"{path}/grade", {"location": "W1", "line": 1, "grade": "B", "note": mark})
    more = api.post("/v1/returns", {"order": number, "lines": [line], "note": mark})
    api.post(f"/v1/returns/{more['id']}/label", {})
    api.work()
    goods = {"location": "W1", "lines": [{"sku": "SKU-1"}], "sender": mark, "note": mark}
    parcel = api.post("/v1/return-parcels", goods)["parcel"]
    content = api.get("/v1/returns/policies/policy-0")["content"]
    shipment = api.order(number)["shipments"][0]["id"]
    claimed = {"shipment_id": shipment, "amount": 1, "reason": mark}
    claim = api.post("/v1/carrier-claims", claimed)
    kept = api.call("PUT", "/v1/returns/policies", {"name": mark, "content": content}).body
    return {
        "return_id": more["id"],
        "photo_id": api.get(f"/v1/returns/{more['id']}")["photos"][0]["id"],
        "grading_id": rma["gradings"][0]["id"],
        "policy": kept["policy"],
        "parcel_id": parcel["id"],
        "claim_id": claim["id"],
    }


def written_down(shop: Api, number: str, mark: str = "x") -> dict[str, str]:
    """A draft, and an appeasement of a paid order that waits for approval: their ids."""
    limit = {"role": "key", "currency": "EUR", "per_order": 0, "per_customer": 0}
    answer = shop.call("PUT", "/v1/appeasement-limits", {"limits": [limit]})
    assert answer.status == 200, answer.body
    draft = {
        "channel": "backorder",
        "lines": [{"sku": "SKU-1", "quantity": 1}],
        "groups": [{"address": ADDRESS}],
        "buyer_name": mark,
        "note": mark,
    }
    asked = {"amount": 1, "reason": "late", "note": mark}
    return {
        "draft": str(shop.post("/v1/drafts", draft)["id"]),
        "appeasement_id": str(shop.post(f"/v1/orders/{number}/appeasements", asked)["id"]),
    }
