"""What happens after delivery: buyers who send things back, and the desk that takes them in."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from example.client import Client
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
    """Those who got their parcels: some send things back."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client, self._dice = client, random.Random(f"buyers/{seed}")
        self._asked: set[str] = set()

    def round(self, sales: Mapping[str, Sale]) -> int:
        """Ask for the returns whose stories say so, once each; returns how many were asked for."""
        asked = 0
        for number, sale in sales.items():
            if sale.story in _ASK and number not in self._asked:
                order = self._client.get(f"/v1/orders/{number}")
                if order["status"] == "delivered":
                    self._asked.add(number)
                    self._ask(order, sale.story)
                    asked += 1
        return asked

    def _ask(self, order: Body, story: Story) -> None:
        line = order["lines"][0]
        wanted = {"line": line["line_no"], "quantity": 1, "reason": self._dice.choice(_REASONS)}
        if story is Story.KEEP_IT:
            wanted["reason"] = "wrong_item"
        self._client.post("/v1/returns", {"order": order["number"], "lines": [wanted]})


_ASK = (Story.PART_RETURN, Story.KEEP_IT)


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
