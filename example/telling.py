"""What the fake gateway says by itself: signed webhooks, disputes, payout files.

Disputes and payouts are remembered in files of their own beside the ledger.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import itertools
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from example.books import Books, Entry

Json: TypeAlias = Mapping[str, object]

FEE_FIXED = 25  # minor units for a capture, and two in a hundred
DISPUTE_FEE = 1500
COLUMNS = ("payout_ref", "currency", "paid_at", "kind", "ref", "amount", "fee")


class Telling:
    """Safe to share among threads."""

    def __init__(self, ledger: Path, address: str, secret: str) -> None:
        self.address = address
        self._secret = secret.encode()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._disputes = ledger.with_suffix(".disputes.jsonl")
        self._payouts = ledger.with_suffix(".payouts.jsonl")

    def send(self, url: str, answer: Json | None, dispute: Json | None) -> None:
        """Sends one webhook, signed with the time; whoever does not listen is not told again."""
        event = {"id": f"evt_{os.getpid()}_{next(self._numbers)}"}
        told = event | ({"answer": answer} if answer else {"dispute": dispute})
        body = json.dumps(told).encode()
        request = urllib.request.Request(  # noqa: S310 (the address comes from who started this)
            url, body, {"Content-Type": "application/json", "Fake-Signature": self.signed(body)}
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310
        except (urllib.error.URLError, OSError):
            return

    def signed(self, body: bytes) -> str:
        seconds = str(int(time.time()))
        digest = hmac.new(self._secret, seconds.encode() + b"." + body, hashlib.sha256)
        return f"t={seconds},v1={digest.hexdigest()}"

    def dispute(
        self, books: Books, ref: str, state: str = "open", reason: str = "fraudulent"
    ) -> Json:
        """A buyer's bank takes a capture back, or decides on it. Raises KeyError for no capture."""
        captures = {e.ref: e for e in books.entries() if e.operation == "capture" and e.ref}
        taken = captures[ref]
        until = datetime.now(UTC) + timedelta(days=14)
        told = {
            "dispute": f"dp_{ref}",
            "ref": ref,
            "state": state,
            "amount": taken.amount,
            "fee": DISPUTE_FEE,
            "currency": taken.currency,
            "reason": reason,
            "respond_by": until.isoformat(timespec="seconds") if state == "open" else None,
        }
        with self._lock:
            _append(self._disputes, told)
        return told

    def payout(self, books: Books, payout_ref: str, currency: str = "EUR") -> str:
        """A payout of all that was not paid out before, as a file; the same name, the same file."""
        with self._lock:
            made = _lines(self._payouts)
            known = [line for line in made if line["payout_ref"] == payout_ref]
            if not known:
                known = self._due(books, made, payout_ref, currency)
                for line in known:
                    _append(self._payouts, line)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(known)
        return text.getvalue()

    def _due(
        self, books: Books, made: list[dict[str, Any]], payout_ref: str, currency: str
    ) -> list[dict[str, Any]]:
        paid = {(line["kind"], line["ref"], line["amount"] > 0) for line in made}
        head = {
            "payout_ref": payout_ref,
            "currency": currency,
            "paid_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        rows = [_row(entry) for entry in books.entries() if _counts(entry, currency)]
        for told in _lines(self._disputes):
            if told["currency"] == currency and told["state"] in ("open", "won"):
                back = told["state"] == "won"  # the bank gives the money back, but not the fee
                amount = told["amount"] if back else -told["amount"]
                row = {"kind": "dispute", "ref": told["dispute"], "amount": amount}
                rows.append(row | {"fee": 0 if back else told["fee"]})
        return [
            head | row for row in rows if (row["kind"], row["ref"], row["amount"] > 0) not in paid
        ]


def _counts(entry: Entry, currency: str) -> bool:
    moved = entry.operation in ("capture", "refund") and entry.outcome == "succeeded"
    return moved and entry.currency == currency


def _row(entry: Entry) -> dict[str, Any]:
    if entry.operation == "refund":
        return {"kind": "refund", "ref": entry.ref, "amount": -entry.amount, "fee": 0}
    fee = FEE_FIXED + entry.amount * 2 // 100
    return {"kind": "capture", "ref": entry.ref, "amount": entry.amount, "fee": fee}


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _append(path: Path, told: Json) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
