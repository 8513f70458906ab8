"""What happens after delivery: buyers who send things back, and the desk that takes them in."""

from __future__ import annotations

import json
import random
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from example.client import Client
from example.company import Thing
from example.shoppers import Sale, Story

Body = dict[str, Any]

KEEP_BELOW = 3000
"""What a faulty thing may be worth and still not be worth its way back, in cents."""
_GRADES = (
    ("A", "restock", 70),
    ("B", "restock", 15),
    ("C", "donate", 10),
    ("scrap", "write_off", 5),
)
_REASONS = ("too_small", "too_large", "changed_mind", "other")


def save_policy(client: Client) -> None:
    """The built-in return policy, with a threshold of the company's own below which one keeps."""
    built_in = client.get("/v1/returns/policies/policy-0")["content"]
    text = json.dumps(built_in).replace("<= 1000", f"<= {KEEP_BELOW}")
    saved = client.call(
        "PUT", "/v1/returns/policies", {"name": "Keep what is cheap", "content": json.loads(text)}
    )
    client.post(f"/v1/returns/policies/{saved['policy']}/activate")


class Buyers:
    """Those who got their parcels: some send things back, with or without asking."""

    def __init__(self, client: Client, things: Sequence[Thing], seed: int) -> None:
        self._client, self._dice = client, random.Random(f"buyers/{seed}")
        self._prices = {thing.code: thing.price for thing in things}
        self._asked: set[str] = set()
        self._paid: set[str] = set()

    def round(self, sales: Mapping[str, Sale]) -> int:
        """Do what the stories say with what was delivered, once each; returns how often."""
        moved = self._pay_differences()
        for number, sale in sales.items():
            if sale.story in _SEND_BACK and number not in self._asked:
                order = self._client.get(f"/v1/orders/{number}")
                if order["status"] == "delivered":
                    self._asked.add(number)
                    self._send_back(order, sale.story)
                    moved += 1
        return moved

    def _send_back(self, order: Body, story: Story) -> None:
        if story is Story.BLIND_RETURN:
            return self._just_send(order)
        line = order["lines"][0]
        wanted = {"line": line["line_no"], "quantity": 1, "reason": self._dice.choice(_REASONS)}
        if story is Story.KEEP_IT:
            wanted["reason"] = "wrong_item"
        if story is Story.UNEVEN_EXCHANGE:
            wanted["resolution"] = "exchange"
            wanted["exchange_sku"] = self._other(line)
        self._client.post("/v1/returns", {"order": order["number"], "lines": [wanted]})
        return None

    def _other(self, line: Body) -> str:
        """Another thing, dearer or cheaper."""
        price = line["unit_price"]
        others = [code for code, other in self._prices.items() if abs(other - price) > 500]
        return self._dice.choice(others)

    def _just_send(self, order: Body) -> None:
        """A parcel that nobody announced; every other one says which order it belongs to."""
        body = {
            "location": "HAM",
            "lines": [{"sku": order["lines"][0]["sku"], "quantity": 1}],
            "reference": f"dock {order['number']}",
            "order": order["number"] if self._dice.random() < 0.5 else "",
        }
        arrived = self._client.post("/v1/return-parcels", body)
        parcel = arrived["parcel"]
        if parcel is None:
            return
        # the buyer calls, and care finds out what it is
        wanted = {"line": order["lines"][0]["line_no"], "reason": "changed_mind"}
        made = self._client.post("/v1/returns", {"order": order["number"], "lines": [wanted]})
        self._client.post(f"/v1/return-parcels/{parcel['id']}/match", {"rma": made["number"]})

    def _pay_differences(self) -> int:
        """What an exchange costs more is paid by card."""
        paid = 0
        for row in list(self._client.pages("/v1/orders?health=blocked")):
            if "-X" in row["external_id"] and row["number"] not in self._paid:
                self._paid.add(row["number"])
                order = self._client.get(f"/v1/orders/{row['number']}")
                had = sum(payment["amount"] for payment in order["payments"])
                card = {"method": "card", "token": "tok_visa", "provider": "fake"}
                more = card | {"amount": order["totals"]["total"] - had}
                self._client.post(f"/v1/orders/{row['number']}/payments", more)
                paid += 1
        return paid


_SEND_BACK = (Story.PART_RETURN, Story.KEEP_IT, Story.UNEVEN_EXCHANGE, Story.BLIND_RETURN)


class ReturnsDesk:
    """Takes in what comes back, looks at it, and says what becomes of it."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client, self._dice = client, random.Random(f"returns desk/{seed}")

    def round(self) -> int:
        """Whatever is on its way comes in, whatever came in is graded; returns how many steps."""
        moved = 0
        for status in ("approved", "on_its_way"):
            for row in list(self._client.pages(f"/v1/returns?status={status}")):
                moved += self._receive(row["id"], row["location"] or "HAM")
        for row in list(self._client.pages("/v1/returns?status=received")):
            moved += self._grade(row["id"])
        return moved

    def _receive(self, id: str, location: str) -> int:
        found = self._client.get(f"/v1/returns/{id}")
        lines = [
            {"line": line["line_no"], "quantity": line["expected"]}
            for line in found["lines"]
            if line["expected"]
        ]
        if not lines:
            return 0
        body = {"location": location, "lines": lines, "reference": f"scan {found['number']}"}
        self._client.post(f"/v1/returns/{id}/receive", body)
        return 1

    def _grade(self, id: str) -> int:
        found, moved = self._client.get(f"/v1/returns/{id}"), 0
        for line in found["lines"]:
            waiting = line["received"] - line["graded"]
            if waiting:
                grade, disposition = self._verdict()
                body = {
                    "location": found["receipts"][0]["location"],
                    "line": line["line_no"],
                    "quantity": waiting,
                    "grade": grade,
                    "disposition": disposition,
                }
                self._client.post(f"/v1/returns/{id}/grade", body)
                moved += 1
        return moved

    def _verdict(self) -> tuple[str, str]:
        ((grade, disposition, _),) = self._dice.choices(_GRADES, [odds for *_, odds in _GRADES])
        return grade, disposition


class Bank:
    """The gateway's other side: buyers' banks that take money back, and payouts to the company."""

    def __init__(self, client: Client, gateway: str) -> None:
        self._client, self._gateway = client, gateway
        self._disputed: set[str] = set()

    def listen(self) -> None:
        """From now on the gateway tells the company by itself what it did."""
        door = self._client.post("/v1/payments/webhook-addresses", {"provider": "fake"})
        self._happen("webhooks", {"address": door["url"]})

    def round(self, sales: Mapping[str, Sale]) -> int:
        """Buyers dispute what they paid, once each; every other dispute is lost."""
        moved = 0
        for number, sale in sales.items():
            if sale.story is Story.CHARGEBACK and number not in self._disputed:
                ref = self._captured(number)
                if ref:
                    self._disputed.add(number)
                    self._happen("disputes", {"ref": ref})
                    lost = len(self._disputed) % 2
                    self._happen("disputes", {"ref": ref, "state": "lost" if lost else "won"})
                    moved += 1
        return moved

    def _captured(self, number: str) -> str:
        order = self._client.get(f"/v1/orders/{number}/payments")
        effects = [effect for payment in order["payments"] for effect in payment["effects"]]
        done = (e for e in effects if e["kind"] == "capture" and e["state"] == "succeeded")
        return str(next((effect["provider_ref"] for effect in done), ""))

    def pay_out(self, currencies: Sequence[str]) -> list[Body]:
        """All that was not paid out yet, as files that the company books; and each once more."""
        booked = []
        for currency in currencies:
            file = self._happen("payouts", {"payout_ref": f"po-{currency}", "currency": currency})
            body = {"provider": "fake", "content": file["csv"]}
            booked += self._client.post("/v1/payouts", body)["data"]
            again = self._client.post("/v1/payouts", body)["data"]
            assert not any(payout["new"] for payout in again), "a payout was booked twice"
        return booked

    def _happen(self, what: str, body: Body) -> Body:
        request = urllib.request.Request(  # noqa: S310 (the demo started the gateway itself)
            f"{self._gateway}/test/{what}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            told: Body = json.load(answer)
        return told
