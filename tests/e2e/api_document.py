"""The API's own document: every operation it says it has, known before anything runs."""

from __future__ import annotations

from typing import Any

from api import Api
from baton.app import App
from baton.asgi import create

DOCUMENT: dict[str, Any] = create(App.__new__(App)).openapi()

PAYOUT = """payout_ref,currency,paid_at,kind,ref,amount,fee
{0},EUR,2026-03-01T00:00:00+00:00,fee,{0},-1,0
"""


def told_by_provider(shop: Api, number: str, mark: str) -> dict[str, str]:
    """A webhook, a dispute and a payout, with a merchant's own word in each; their ids."""
    url = shop.post("/v1/payments/webhook-addresses", {"provider": "fake"})["url"]
    address = url.rpartition("/")[2]
    shop.call("POST", f"/v1/webhooks/fake/{address}", {"a": mark})
    [webhook] = shop.get("/v1/payments/webhooks")["data"]
    payment = shop.order(number)["payments"][0]["id"]
    body = {"payment_id": payment, "provider_ref": mark, "amount": 1, "reason": mark}
    dispute = shop.post(f"/v1/orders/{number}/disputes", body)
    content = PAYOUT.format(mark)
    [payout] = shop.post("/v1/payouts", {"provider": "fake", "content": content})["data"]
    return {
        "webhook_id": webhook["id"],
        "dispute_id": dispute["id"],
        "payout_id": payout["id"],
        "provider": "fake",
        "address": address,
    }


OPERATIONS: list[tuple[str, str]] = sorted(
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if method in ("get", "post", "put", "patch", "delete")
)

# The least that operations on one thing want to be told.
BODIES: dict[str, Any] = {
    "/v1/orders/{order}/credit-memos": {"amount": 1, "reason": "x"},
    "/v1/orders/{order}/cancel": {"reason": "x"},
    "/v1/orders/{order}/cancel/preview": {"reason": "x"},
    "/v1/orders/{order}/edit": {"quantities": [{"line": 1, "quantity": 1}], "reason": "x"},
    "/v1/orders/{order}/edit/preview": {"quantities": [{"line": 1, "quantity": 1}], "reason": "x"},
    "/v1/orders/{order}/appeasements": {"amount": 1, "reason": "x"},
    "/v1/appeasements/{appeasement_id}/approve": {},
    "/v1/appeasements/{appeasement_id}/refuse": {},
    "/v1/drafts/{draft}": {"note": "x"},
    "/v1/drafts/{draft}/place": {},
    "/v1/drafts/{draft}/discard": {},
    "/v1/drafts/{draft}/hold-stock": {"minutes": 1},
    "/v1/orders/{order}/changes": {
        "actions": [{"type": "set_quantity", "line": 1, "quantity": 1}],
        "reason": "x",
        "version": 1,
    },
    "/v1/orders/{order}/changes/preview": {
        "actions": [{"type": "set_quantity", "line": 1, "quantity": 1}]
    },
    "/v1/orders/{order}/holds": {"reason": "x"},
    "/v1/orders/{order}/holds/{hold_id}/resolve": {"resolution": "x"},
    "/v1/orders/{order}/recall": {"reason": "x"},
    "/v1/orders/{order}/unpark": {"line": 1, "sku": "SKU-1"},
    "/v1/customers/{customer_id}/consents": {"consents": []},
    "/v1/orders/{order}/payments": {"method": "card", "amount": 1, "token": "tok_ok"},
    "/v1/orders/{order}/refunds": {"subject": "x", "amount": 1},
    "/v1/orders/{order}/refunds/preview": {"subject": "x", "amount": 1},
    "/v1/orders/{order}/receivables/{receivable_id}/settle": {
        "how": "written_off",
        "reason": "x",
    },
    "/v1/orders/{order}/disputes": {
        "payment_id": "pay_00000000000000000000000000",
        "provider_ref": "x",
        "amount": 1,
    },
    "/v1/disputes/{dispute_id}/end": {"outcome": "won"},
    "/v1/stored-value/{account_id}/correct": {"amount": 1, "reason": "x"},
    "/v1/stored-value/{account_id}/expiry": {"expires_at": None},
    "/v1/customers/{customer_id}/store-credit": {
        "amount": 1,
        "currency": "EUR",
        "subject": "x",
        "reason": "x",
    },
    "/v1/exceptions/{exception_id}/assign": {"user_id": "usr_00000000000000000000000000"},
    "/v1/exceptions/{exception_id}/resolve": {"resolution": "x"},
    "/v1/fulfillment-orders/{work_id}/reject": {"reason": "x"},
    "/v1/fulfillment-orders/{work_id}/pick": {"lines": [{"line": 1, "picked": 1}]},
    "/v1/fulfillment-orders/{work_id}/pack": {
        "packages": [{"weight_g": 1, "lines": [{"line": 1, "quantity": 1}]}]
    },
    "/v1/fulfillment-orders/{work_id}/hand-over": {"code": "000000"},
    "/v1/accounting/books/{legal_entity}/close": {"through": "2020-12-31"},
    "/v1/accounting/books/{legal_entity}/method": {"method": "fifo"},
    "/v1/accounting/books/{legal_entity}/reopen": {"reason": "x"},
    "/v1/accounting/entries/{entry_id}/reverse": {"reason": "x"},
    "/v1/fulfillment-orders/{work_id}/answer-recall": {"accepted": True},
    "/v1/returns/{return_id}/approve": {},
    "/v1/returns/{return_id}/refuse": {"reason": "x"},
    "/v1/returns/{return_id}/answer": {"condition": "x"},
    "/v1/returns/{return_id}/cancel": {"reason": "x"},
    "/v1/returns/{return_id}/receive": {
        "location": "W1",
        "lines": [{"line": 1, "quantity": 1}],
    },
    "/v1/returns/{return_id}/grade": {"location": "W1", "line": 1, "grade": "A"},
    "/v1/returns/{return_id}/gradings/{grading_id}/dispose": {"disposition": "restock"},
    "/v1/returns/{return_id}/label": {},
    "/v1/returns/{return_id}/exchange": {},
    "/v1/return-parcels/{parcel_id}/match": {"rma": "R"},
    "/v1/return-parcels/{parcel_id}/dispose": {"disposition": "restock"},
    "/v1/orders/{order}/refund-lost": {"lines": [{"line": 1, "quantity": 1}]},
    "/v1/carrier-claims/{claim_id}/settle": {"paid": 1},
}
