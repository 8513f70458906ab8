"""Stripe as its documentation describes it, with books of its own: PaymentIntents, refunds, search.

*Source:* docs.stripe.com/api/payment_intents, /refunds, /idempotent_requests, /errors, 2026-11.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from baton.values.money import Money

DAY = 86_400
NOW = 1_790_000_000


class _No(Exception):
    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error.get("message", ""))
        self.status, self.error = status, error


class StripeFake:
    """Answers requests, once for each Idempotency-Key. Safe to share among threads."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.headers.get("Authorization") != f"Bearer {self._api_key}":
            return _response(401, {"error": {"type": "invalid_request_error", "message": "no"}})
        body = request.content.decode()
        key = request.headers.get("Idempotency-Key", "")
        with self._lock:
            if request.method == "POST" and key in self._answers:
                asked, status, told = self._answers[key]
                if asked != f"{request.url.path} {body}":
                    error = {"type": "idempotency_error", "message": "used for another request"}
                    return _response(400, {"error": error})
                return _response(status, told)
            try:
                status, told = 200, self._done(request, dict(parse_qsl(body)))
            except _No as no:
                status, told = no.status, {"error": no.error}
            told = json.loads(json.dumps(told))
            if request.method == "POST":
                self._answers[key] = (f"{request.url.path} {body}", status, told)
        return _response(status, told)

    def intent(self, key: str, amount: Money) -> dict[str, Any]:
        """A PaymentIntent that was authorised, as Stripe shows it."""
        number = next(self._numbers)
        return {
            "id": f"pi_{number:08d}",
            "object": "payment_intent",
            "amount": amount.minor,
            "amount_capturable": amount.minor,
            "amount_received": 0,
            "currency": amount.currency.lower(),
            "status": "requires_capture",
            "metadata": {"baton_key": key},
            "description": "SO-1",
            "created": NOW,
            "latest_charge": {
                "id": f"ch_{number:08d}",
                "object": "charge",
                "payment_method_details": {"card": {"capture_before": NOW + 7 * DAY}},
            },
            "next_action": None,
            "last_payment_error": None,
        }

    def sound(self) -> None:
        """The books hold: nothing was captured or refunded beyond what there was."""
        for intent in self.intents.values():
            assert intent["amount_received"] <= intent["amount"]
            charge = intent["latest_charge"]
            name = charge["id"] if isinstance(charge, dict) else charge
            back = sum(r["amount"] for r in self.refunds if r["charge"] == name)
            assert back <= intent["amount_received"]

    def _done(self, request: httpx2.Request, form: dict[str, str]) -> dict[str, Any]:
        path = request.url.path
        if path == "/v1/payment_intents" and request.method == "POST":
            return self._made(form)
        if path == "/v1/payment_intents/search":
            return self._found(request.url.params["query"])
        if path == "/v1/refunds":
            if request.method == "POST":
                return self._refunded(form)
            return {"object": "list", "data": self.refunds[::-1][:100], "has_more": False}
        if found := re.fullmatch(r"/v1/payment_intents/([^/]+)(/capture|/cancel)?", path):
            intent = self.intents.get(found[1])
            if intent is None:
                raise _No(
                    404, type="invalid_request_error", code="resource_missing", message="no such"
                )
            match found[2]:
                case "/capture":
                    return self._captured(intent, form)
                case "/cancel":
                    return self._canceled(intent)
                case _:
                    return intent
        raise _No(404, type="invalid_request_error", message="unrecognised URL")

    def _made(self, form: dict[str, str]) -> dict[str, Any]:
        assert form["capture_method"] == "manual"
        assert form["confirm"] == "true"
        amount = Money(int(form["amount"]), form["currency"].upper())
        intent = self.intent(form["metadata[baton_key]"], amount)
        intent["metadata"]["baton_reference"] = form["metadata[baton_reference]"]
        self.intents[intent["id"]] = intent
        if form["payment_method"] == "pm_card_authenticationRequired":
            url = "https://hooks.stripe.com/3d_secure"
            intent |= {
                "status": "requires_action",
                "amount_capturable": 0,
                "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": url}},
            }
        if form["payment_method"] == "pm_card_chargeDeclinedInsufficientFunds":
            error = {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "message": "Your card has insufficient funds.",
            }
            intent |= {
                "status": "requires_payment_method",
                "amount_capturable": 0,
                "last_payment_error": error,
            }
            raise _No(402, **error, payment_intent=intent)
        return intent

    def _captured(self, intent: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        amount = int(form["amount_to_capture"])
        if intent["status"] != "requires_capture":
            raise _unexpected(intent)
        if amount > intent["amount_capturable"]:
            raise _No(
                400,
                type="invalid_request_error",
                code="amount_too_large",
                message="too large",
                param="amount_to_capture",
            )
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        _mark(intent["metadata"], form)
        return intent

    def _canceled(self, intent: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] not in ("requires_capture", "requires_payment_method"):
            raise _unexpected(intent)
        intent |= {"status": "canceled", "amount_capturable": 0}
        return intent

    def _refunded(self, form: dict[str, str]) -> dict[str, Any]:
        charges = {i["latest_charge"]["id"]: i for i in self.intents.values()}
        intent = charges.get(form["charge"])
        if intent is None:
            raise _No(404, type="invalid_request_error", code="resource_missing", message="no such")
        amount = int(form["amount"])
        back = sum(r["amount"] for r in self.refunds if r["charge"] == form["charge"])
        if back + amount > intent["amount_received"]:
            raise _No(
                400,
                type="invalid_request_error",
                message="Refund amount is greater than unrefunded amount on charge",
                param="amount",
            )
        made = {
            "id": f"re_{next(self._numbers):08d}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "charge": form["charge"],
            "status": "succeeded",
            "metadata": {},
        }
        _mark(made["metadata"], form)
        self.refunds.append(made)
        return made

    def _found(self, query: str) -> dict[str, Any]:
        asked = re.fullmatch(r"metadata\['(\w+)'\]:'(.*)'", query)
        if asked is None:
            since = re.fullmatch(r"created>(\d+)", query)
            assert since is not None, query
            data = [i for i in self.intents.values() if i["created"] > int(since[1])]
        else:
            wanted = asked[2].replace("\\'", "'").replace("\\\\", "\\")
            data = [i for i in self.intents.values() if i["metadata"].get(asked[1]) == wanted]
        return {"object": "search_result", "data": data, "has_more": False}


def _mark(metadata: dict[str, str], form: dict[str, str]) -> None:
    for name, value in form.items():
        if found := re.fullmatch(r"metadata\[(.*)\]", name):
            assert len(found[1]) <= 40
            assert len(value) <= 500
            metadata[found[1]] = value


def _unexpected(intent: dict[str, Any]) -> _No:
    return _No(
        400,
        type="invalid_request_error",
        code="payment_intent_unexpected_state",
        message=f"it is {intent['status']}",
        payment_intent=dict(intent),
    )


def _response(status: int, told: dict[str, Any]) -> httpx2.Response:
    return httpx2.Response(status, stream=httpx2.ByteStream(json.dumps(told).encode()))
