"""Who works in the demo: warehouse and store staff, customer care, the carrier's drivers."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from example.client import Client, Refused
from example.shoppers import Sale, Story

Body = dict[str, Any]

MAX_PARCEL_G = 30_000


class Care:
    """Customer care: holds, cancellations, recalls, and what is still to be paid."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: set[str] = set()

    def sell_gift_card(self, sale: Sale) -> None:
        """A card bought at the counter some weeks ago; the buyer now pays with its code."""
        tender = sale.body["tenders"][0]
        body = {"amount": tender["amount"], "currency": sale.body["currency"], "reason": "sold"}
        tender["token"] = self._client.post("/v1/gift-cards", body)["code"]

    def collect_debts(self, sales: Mapping[str, Sale]) -> int:
        """Customers whose card was refused for a parcel on its way give another, once."""
        asked = 0
        for number, sale in sales.items():
            if sale.story is not Story.FAILED_CAPTURE or number in self._asked:
                continue
            for debt in self._client.get(f"/v1/orders/{number}/payments")["receivables"]:
                self._asked.add(number)
                owed = debt["amount"] - debt["paid"]
                card = {"method": "card", "token": "tok_master", "receivable": debt["id"]}
                self._client.post(f"/v1/orders/{number}/payments", card | {"amount": owed})
                asked += 1
        return asked

    def after_capture(self, order: Body, story: Story) -> None:
        """What is done to an order at once."""
        if story is Story.PART_CANCEL:
            line = max(order["lines"], key=lambda each: each["ordered"])
            body = {
                "lines": [{"line": line["line_no"], "quantity": 1}],
                "reason": "ordered one too many",
            }
            self._client.post(f"/v1/orders/{order['id']}/cancel", body)
        if story is Story.HOLD_RESOLVED:
            body = {"kind": "fraud", "reason": "first order, unusual amount"}
            self._client.post(f"/v1/orders/{order['id']}/holds", body)

    def resolve(self, number: str) -> None:
        """Look at a held order, and let it go."""
        order = self._client.get(f"/v1/orders/{number}")
        for hold in order["holds"]:
            if hold["resolved_at"] is None:
                path = f"/v1/orders/{order['id']}/holds/{hold['id']}/resolve"
                self._client.post(path, {"resolution": "called the customer: all is well"})

    def recall(self, number: str) -> None:
        """The customer changed their mind while the goods are being packed."""
        order = self._client.get(f"/v1/orders/{number}")
        units = {x["line_no"]: x["buckets"]["released"] for x in order["lines"]}
        lines = [{"line": n, "quantity": u} for n, u in units.items() if u]
        if lines:
            body = {"lines": lines, "reason": "changed their mind"}
            self._client.post(f"/v1/orders/{order['id']}/cancel", body)


class Staff:
    """Warehouse and store staff: works through what was released, and lives the stories."""

    def __init__(self, client: Client, care: Care, box: Path, seed: int) -> None:
        self._client, self._care, self._box = client, care, box
        self._dice = random.Random(f"staff/{seed}")
        self._told: set[str] = set()

    def shift(
        self, sales: Mapping[str, Sale], share: Callable[[Body], bool] = lambda _: True
    ) -> int:
        """Do all of one's share that is there to be done; returns how many pieces of work moved."""
        moved = 0
        for status in ("released", "accepted", "picked", "packed", "ready"):
            for work in list(self._client.pages(f"/v1/fulfillment-orders?status={status}")):
                if share(work):
                    moved += self._step(work, sales)
        return moved

    def _step(self, work: Body, sales: Mapping[str, Sale]) -> int:
        number = work["number"].rsplit("-F", 1)[0]
        story = sales[number].story if number in sales else Story.PLAIN
        try:
            return self._do(work, number, story)
        except Refused as refused:
            if refused.status in (403, 422):
                raise
            return 0  # somebody else was faster, or a hold stands in the way

    def _do(self, work: Body, number: str, story: Story) -> int:
        path = f"/v1/fulfillment-orders/{work['id']}"
        if "answer_recall" in work["actions"]:
            refuse = {"accepted": False, "reason": "already packed"}
            self._client.post(f"{path}/answer-recall", refuse)
            return 1
        match work["status"]:
            case "released":
                self._client.post(f"{path}/accept")
                return 1
            case "accepted":
                return self._pick(path, work, number, story)
            case "picked":
                return self._pack(path, work, number, story)
            case "packed" if not work["packages"] or self._unlabelled(work):
                self._client.post(f"{path}/ship")
                return 1
            case "ready":
                return self._hand_over(path, number)
        return 0

    def _unlabelled(self, work: Body) -> bool:
        once = work["id"] not in self._told
        self._told.add(work["id"])
        return once

    def _pick(self, path: str, work: Body, number: str, story: Story) -> int:
        lines = [
            {"line": x["line_no"], "picked": x["to_pick"], "short": 0}
            for x in work["lines"]
            if x["to_pick"]
        ]
        if story is Story.SHORT_PICK and f"short {number}" not in self._told:
            self._told.add(f"short {number}")
            lines[0]["picked"] -= 1
            lines[0]["short"] = 1
        self._client.post(f"{path}/pick", {"lines": lines})
        if story is Story.RECALL_REFUSED and f"recall {number}" not in self._told:
            self._told.add(f"recall {number}")
            self._care.recall(number)
        return 1

    def _pack(self, path: str, work: Body, number: str, story: Story) -> int:
        units = [(x["line_no"], x["picked"]) for x in work["lines"] if x["picked"]]
        order = self._client.get(f"/v1/orders/{number}")
        heavy = {x["line_no"]: x["unit_weight_g"] for x in order["lines"]}
        if story is Story.TWO_PARCELS and len(units) > 1:
            boxes = [units[:1], units[1:]]
        else:
            boxes = _boxes(units, heavy)
        packages = [
            {
                "weight_g": 150 + sum(heavy[n] * quantity for n, quantity in box),
                "lines": [{"line": n, "quantity": quantity} for n, quantity in box],
            }
            for box in boxes
        ]
        self._client.post(f"{path}/pack", {"packages": packages})
        return 1

    def _hand_over(self, path: str, number: str) -> int:
        """The customer comes with the code from their e-mail."""
        code = self._code(number)
        if code is None:
            return 0
        self._client.post(f"{path}/hand-over", {"code": code})
        return 1

    def _code(self, number: str) -> str | None:
        if not self._box.exists():
            return None
        for line in self._box.read_text(encoding="utf-8").splitlines():
            mail = json.loads(line)
            if number in mail["subject"] and (found := re.search(r"\b\d{6}\b", mail["text"])):
                return found[0]
        return None


def _boxes(units: list[tuple[int, int]], heavy: Mapping[int, int]) -> list[list[tuple[int, int]]]:
    """Units into boxes that a carrier takes."""
    boxes: list[list[tuple[int, int]]] = [[]]
    weight = 0
    for line_no, quantity in units:
        left = quantity
        while left:
            fits = max(0, (MAX_PARCEL_G - weight) // max(1, heavy[line_no]))
            take = min(left, fits)
            if take:
                boxes[-1].append((line_no, take))
                weight += take * heavy[line_no]
                left -= take
            if left:
                if not take and not boxes[-1]:
                    boxes[-1].append((line_no, 1))
                    left -= 1
                boxes.append([])
                weight = 0
    return [box for box in boxes if box]


class Drivers:
    """The carrier: says where parcels are, late, twice and out of order at times."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client, self._dice = client, random.Random(f"drivers/{seed}")
        self._done: set[str] = set()

    def round(self, sales: Mapping[str, Sale]) -> int:
        """Deliver what has been shipped; returns how many parcels that were."""
        events: list[Body] = []
        for status in ("shipped", "partly_shipped"):
            for row in list(self._client.pages(f"/v1/orders?status={status}")):
                sale = sales.get(row["number"])
                events += self._of_order(row["number"], sale.story if sale else Story.PLAIN)
        self._dice.shuffle(events)
        for start in range(0, len(events), 500):
            self._client.post("/v1/tracking-events", {"events": events[start : start + 500]})
        return len(events)

    def _of_order(self, number: str, story: Story) -> list[Body]:
        order = self._client.get(f"/v1/orders/{number}")
        events = []
        for shipment in order["shipments"]:
            for label in shipment["labels"]:
                tracking_no = label["tracking_no"]
                if tracking_no and shipment["shipped_at"] and tracking_no not in self._done:
                    self._done.add(tracking_no)
                    events += self._way(tracking_no, shipment["shipped_at"], story)
        return events

    def _way(self, tracking_no: str, shipped_at: str, story: Story) -> list[Body]:
        start = datetime.fromisoformat(shipped_at)
        codes = ["picked_up", "in_transit", "out_for_delivery", "delivered"]
        if story is Story.CARRIER_EXCEPTION:
            first = self._event(tracking_no, "exception", start + timedelta(minutes=2), 0)
            self._client.post("/v1/tracking-events", {"events": [first]})
        way = [
            self._event(tracking_no, code, start + timedelta(minutes=5 * n), n)
            for n, code in enumerate(codes, 1)
        ]
        return [*way, way[-1]] if self._dice.random() < 0.1 else way

    def _event(self, tracking_no: str, code: str, at: datetime, number: int) -> Body:
        return {
            "tracking_no": tracking_no,
            "event_id": f"{tracking_no}/{number}",
            "code": code,
            "place": self._dice.choice(("Hub Hannover", "Hub Kassel", "Depot Nord", "")),
            "occurred_at": at.isoformat(),
        }
