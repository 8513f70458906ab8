"""Who judges the demo: compares what Baton says with what the outside world wrote down itself.

The gateway, the carrier and the mail server each keep a file of their own. Baton's figures must
be theirs, to the cent and the piece; and each story must have happened often enough.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from example.client import Client
from example.shoppers import Story

Body = dict[str, Any]

CURRENCIES = ("EUR", "SEK", "CHF")


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: what was compared, how many, and what does not fit."""

    what: str
    count: int
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.wrong


def tell_stories(client: Client, orders: list[Body]) -> dict[Story, int]:
    """How many orders each story happened to, read off the journal and the orders' pages."""
    seen: dict[Story, set[str]] = {story: set() for story in Story if story is not Story.PLAIN}
    labels: dict[str, set[str]] = defaultdict(set)
    after = 0
    while events := client.get(f"/v1/events?after={after}&limit=1000")["data"]:
        after = events[-1]["no"]
        for event in events:
            _note(event, seen, labels)
    for shipment, packages in labels.items():
        if len(packages) > 1:
            seen[Story.TWO_PARCELS].add(shipment)
    for order in orders:
        _look(order, seen)
    return {story: len(orders) for story, orders in seen.items()}


def _note(event: Body, seen: Mapping[Story, set[str]], labels: Mapping[str, set[str]]) -> None:
    order, data = event["subject_id"], event["data"]
    match event["fact"]:
        case "orders.cancelled" if data["status"] != "cancelled":
            seen[Story.PART_CANCEL].add(order)
        case "orders.short":
            seen[Story.SHORT_PICK].add(order)
        case "orders.hold_resolved" if data["kind"] == "fraud":
            seen[Story.HOLD_RESOLVED].add(order)
        case "payments.capture_declined":
            seen[Story.FAILED_CAPTURE].add(order)
        case "fulfillment.handed_over":
            seen[Story.PICK_UP].add(order)
        case "shipping.label_bought":
            labels[data["shipment_id"]].add(data["package_id"])
        case "orders.returned":
            seen[Story.PART_RETURN].add(order)
        case "returns.exchange_ordered":
            seen[Story.UNEVEN_EXCHANGE].add(data["exchange_order_id"])
        case "returns.parcel_arrived":
            seen[Story.BLIND_RETURN].add(order)
        case "returns.requested" if data["cause"] == "unannounced":
            seen[Story.BLIND_RETURN].add(order)
        case "payments.dispute_opened":
            seen[Story.CHARGEBACK].add(order)
        case "returns.approved" if "keep_it" in data["reasons"]:
            seen[Story.KEEP_IT].add(order)
        case "orders.exception_opened" if data["kind"] in _EXCEPTIONS:
            seen[_EXCEPTIONS[data["kind"]]].add(order)


def _look(order: Body, seen: Mapping[Story, set[str]]) -> None:
    paid = [payment for payment in order["payments"] if payment["captured"]]
    if any(payment["provider"] == "gift_card" for payment in paid):
        seen[Story.GIFT_CARD].add(order["id"])
    elif len(paid) > 1:
        seen[Story.SPLIT_TENDER].add(order["id"])
    if paid and order["currency"] != "EUR":
        seen[Story.TWO_CURRENCIES].add(order["id"])
    reduced = any(charge["kind"] == "discount" for charge in order["charges"])
    if reduced and len(order["shipments"]) > 1:
        seen[Story.PARTS_WITH_DISCOUNT].add(order["id"])


_EXCEPTIONS = {
    "recall_refused": Story.RECALL_REFUSED,
    "recall_too_late": Story.RECALL_REFUSED,
    "sold_by_channel": Story.MUST_ACCEPT_SHORTAGE,
    "carrier_exception": Story.CARRIER_EXCEPTION,
}


def compare(orders: list[Body], gateway: Path, carrier: Path, box: Path) -> list[Finding]:
    """Payments with the gateway's ledger, labels with the carrier's, messages with the box."""
    return [
        _payments(orders, _lines(gateway)),
        _labels(orders, _lines(carrier)),
        _messages(orders, _lines(box)),
    ]


def compare_books(client: Client, payouts: list[Body], file: Path) -> list[Finding]:
    """The ledger with the gateway's own payout file: nothing unmatched, not a cent left over."""
    lines = _lines(file)
    unmatched = sum(payout["unmatched"] for payout in payouts)
    count = sum(payout["lines"] for payout in payouts)
    wrong = [f"{unmatched} lines of payouts are unmatched"] if unmatched else []
    if count != len(lines):
        wrong.append(f"{count} lines were booked, the file has {len(lines)}")
    return [
        Finding("payouts: every line is a payment of ours", count, tuple(wrong)),
        _ledger(client, lines),
    ]


def _ledger(client: Client, lines: list[Body]) -> Finding:
    """By currency: the bank got what the file says, and the gateway owes nothing any more."""
    paid = Counter[str]()
    for line in lines:
        paid[line["currency"]] += line["amount"] - line["fee"]
    keys = {row["key"]: row["account"] for row in client.get("/v1/accounting/chart")["mappings"]}
    balances = client.get("/v1/accounting/trial-balance?legal_entity=nordlicht")["balances"]
    held = {(row["account"], row["currency"]): row["closing"] for row in balances}
    wrong = []
    for currency, amount in paid.items():
        bank = held.get((keys["bank"], currency), 0)
        owed = held.get((keys["clearing.gateway"], currency), 0)
        if bank != amount:
            wrong.append(f"{currency}: the bank got {amount}, the ledger says {bank}")
        if owed:
            wrong.append(f"{currency}: the gateway owes {owed} by the ledger")
    parked = client.get("/v1/accounting/parked")["data"]
    wrong += [f"not booked: {each['fact']}: {each['reason']}" for each in parked[:10]]
    return Finding("the ledger = the payout file, to the cent", len(balances), tuple(wrong))


def _payments(orders: list[Body], ledger: list[Body]) -> Finding:
    """Per order: authorised, captured, voided and refunded are what the gateway did, once."""
    done: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    keys = Counter(entry["key"] for entry in ledger if entry["outcome"] == "succeeded")
    wrong += [f"key {key} succeeded {n} times" for key, n in keys.items() if n > 1]
    for entry in ledger:
        if entry["outcome"] == "succeeded":
            done[entry["reference"]][entry["operation"]] += entry["amount"]
    count = 0
    for order in orders:
        ours = Counter[str]()
        for payment in order["payments"]:
            if payment["provider"] == "fake":
                count += 1
                ours["authorise"] += payment["authorised"]
                ours["capture"] += payment["captured"]
                ours["refund"] += payment["refunded"]
        theirs = done.get(order["number"], Counter())
        for what in ("authorise", "capture", "refund"):
            if ours[what] != theirs[what]:
                wrong.append(f"{order['number']}: {what} {ours[what]}, gateway {theirs[what]}")
    known = {order["number"] for order in orders}
    wrong += [f"the gateway knows {number}, Baton does not" for number in set(done) - known]
    return Finding("payments = the gateway's own ledger", count, tuple(wrong[:20]))


def _labels(orders: list[Body], ledger: list[Body]) -> Finding:
    """Each label was sold once, and is ours."""
    sold = Counter(
        entry["tracking_no"] for entry in ledger if entry.get("event", "label") == "label"
    )
    ours = Counter(
        label["tracking_no"]
        for order in orders
        for shipment in order["shipments"]
        for label in shipment["labels"]
        if label["tracking_no"]
    )
    return Finding("labels = the carrier's own ledger", sum(ours.values()), _differ(ours, sold))


def _messages(orders: list[Body], box: list[Body]) -> Finding:
    """Each message arrived, and none under two ids."""
    arrived = {mail["message_id"] for mail in box}
    told = Counter(
        (recipient, mail["subject"], mail["message_id"])
        for mail in box
        for recipient in mail["recipients"]
    )
    sent = sum(message["state"] == "sent" for order in orders for message in order["messages"])
    waiting = sum(
        message["state"] == "requested" for order in orders for message in order["messages"]
    )
    wrong = []
    if sent != len(arrived):
        wrong.append(f"Baton sent {sent} messages, {len(arrived)} arrived")
    if waiting:
        wrong.append(f"{waiting} messages wait")
    if len({message_id for _, _, message_id in told}) != len(arrived):
        wrong.append("a message came under two ids")
    return Finding("messages = the mail server's own box", sent, tuple(wrong))


def _differ(ours: Counter[str], theirs: Counter[str]) -> tuple[str, ...]:
    names: Iterable[str] = sorted(set(ours) | set(theirs))
    return tuple(
        f"{name}: {ours[name]} here, {theirs[name]} there"
        for name in names
        if ours[name] != theirs[name]
    )[:20]


def _lines(path: Path) -> list[Body]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
