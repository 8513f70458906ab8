"""The fake gateway's books: its rules, and the file in which it remembers.

The file is the truth. Each line is on disk before anybody hears of it, and the state is what
the lines add up to, so that a gateway that was killed goes on where its file ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict


class Asked(TypedDict):
    """A request, once its fields are checked. `previous` is "" for authorise, `method` else."""

    key: str
    amount: int
    currency: str
    reference: str
    method: str
    previous: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what was asked under one key, and what came of it."""

    no: int
    at: str
    operation: str
    key: str
    reference: str
    outcome: str
    ref: str
    previous: str
    method: str
    amount: int
    currency: str
    expires_at: str | None
    code: str
    message: str
    request_sha256: str

    def answer(self) -> dict[str, str | int | None]:
        """As the gateway tells it, whenever it is asked."""
        told: dict[str, str | int | None] = {
            "outcome": self.outcome,
            "key": self.key,
            "operation": self.operation,
        }
        if self.outcome == "declined":
            return told | {"code": self.code, "message": self.message}
        return told | {
            "ref": self.ref,
            "amount": self.amount,
            "currency": self.currency,
            "expires_at": self.expires_at,
        }


class KeyReused(Exception):
    """The key has been used for another request."""


class LedgerDamaged(Exception):
    """A line before the last one can't be read."""


class _Declined(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class _Authorisation:
    amount: int
    currency: str
    method: str
    expires_at: str | None
    captured: int = 0
    capture_tries: int = 0
    void: bool = False


@dataclass(slots=True)
class _Capture:
    authorisation: _Authorisation
    amount: int
    currency: str
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class _Success:
    """What was done. A void does what is left, whatever amount was asked."""

    amount: int
    expires_at: str | None = None


_PREFIX = {"authorise": "auth", "capture": "cap", "void": "void", "refund": "rfd"}


class Books:
    """Everything that was ever asked. Safe to share among threads."""

    def __init__(self, path: Path, *, authorisation_days: int) -> None:
        self._days = authorisation_days
        self._lock = threading.Lock()
        self._by_key: dict[str, Entry] = {}
        self._authorisations: dict[str, _Authorisation] = {}
        self._captures: dict[str, _Capture] = {}
        for entry in _read_and_mend(path):
            self._apply(entry)
        self._file = path.open("ab")

    def found(self, key: str) -> Entry | None:
        with self._lock:
            return self._by_key.get(key)

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._by_key.values())

    def do(self, operation: str, asked: Asked, declines: Callable[[str], bool]) -> Entry:
        """Does it once per key and remembers it before returning; repeats return the same.

        `declines` is asked for work that has just come in. Raises KeyReused.
        """
        digest = hashlib.sha256(json.dumps([operation, asked], sort_keys=True).encode()).hexdigest()
        with self._lock:
            known = self._by_key.get(asked["key"])
            if known is None:
                entry = self._decided(operation, asked, digest, declines)
                self._write(entry)
                self._apply(entry)
                return entry
        if known.request_sha256 != digest:
            raise KeyReused(asked["key"])
        return known

    def moved(self, since: str) -> list[dict[str, object]]:
        """Captures and refunds that were done since then."""
        start = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        names = ("operation", "key", "ref", "reference", "amount", "currency")
        return [
            {name: getattr(entry, name) for name in names}
            for entry in self.entries()
            if entry.operation in ("capture", "refund")
            and entry.outcome == "succeeded"
            and datetime.fromisoformat(entry.at) >= start
        ]

    def unasked(self, reference: str, amount: int, currency: str) -> dict[str, str | int | None]:
        """Somebody takes money at the gateway's own screen: under no key of anybody's."""
        key = f"by hand {len(self.entries()) + 1}"
        common = {"amount": amount, "currency": currency, "reference": reference}
        held = self.do(
            "authorise",
            Asked(key=f"{key} a", method="tok_hand", previous="", **common),
            lambda _: False,
        )
        taken = self.do(
            "capture",
            Asked(key=f"{key} c", method="", previous=held.ref, **common),
            lambda _: False,
        )
        return taken.answer()

    # -------------------------------------------------------------- rules

    def _decided(
        self, operation: str, asked: Asked, digest: str, declines: Callable[[str], bool]
    ) -> Entry:
        now = datetime.now(UTC)
        success, code, message = _Success(asked["amount"]), "", ""
        try:
            match operation:
                case "authorise":
                    success = self._authorise(asked, now)
                case "capture":
                    success = self._capture(asked, now)
                case "void":
                    success = self._void(asked)
                case _:
                    success = self._refund(asked)
            if operation in ("authorise", "capture") and declines(asked["key"]):
                raise _Declined("do_not_honour", "the issuer gave no reason")
        except _Declined as declined:
            code, message = declined.code, declined.message
        no = len(self._by_key) + 1
        return Entry(
            no=no,
            at=now.isoformat(timespec="milliseconds"),
            operation=operation,
            key=asked["key"],
            reference=asked["reference"],
            outcome="declined" if code else "succeeded",
            ref="" if code else f"{_PREFIX[operation]}_{no:08d}",
            previous=asked["previous"],
            method=asked["method"],
            amount=success.amount,
            currency=asked["currency"],
            expires_at=None if code else success.expires_at,
            code=code,
            message=message,
            request_sha256=digest,
        )

    def _authorise(self, asked: Asked, now: datetime) -> _Success:
        method = asked["method"]
        if not method.startswith("tok_"):
            raise _Declined("token_unknown", "there is no such token")
        if method == "tok_decline_authorise":
            raise _Declined("insufficient_funds", "the account does not hold as much")
        if method == "tok_decline_fraud":
            raise _Declined("suspected_fraud", "the issuer suspects fraud")
        days = 0 if method == "tok_expires_at_once" else self._days
        if days or method == "tok_expires_at_once":
            expires_at = now + timedelta(days=days)
            return _Success(asked["amount"], expires_at.isoformat(timespec="milliseconds"))
        return _Success(asked["amount"])

    def _capture(self, asked: Asked, now: datetime) -> _Success:
        held = self._held(asked)
        if held.void:
            raise _Declined("authorisation_voided", "the authorisation was voided")
        if held.expires_at is not None and datetime.fromisoformat(held.expires_at) <= now:
            raise _Declined("authorisation_expired", f"it lapsed at {held.expires_at}")
        if held.captured + asked["amount"] > held.amount:
            left = held.amount - held.captured
            raise _Declined("amount_too_high", f"{left} of {held.amount} is left to capture")
        first = held.capture_tries == 0
        if held.method == "tok_decline_capture" or (
            held.method == "tok_decline_capture_once" and first
        ):
            raise _Declined("do_not_honour", "the issuer gave no reason")
        return _Success(asked["amount"])

    def _void(self, asked: Asked) -> _Success:
        held = self._held(asked)
        if held.void or held.captured == held.amount:
            raise _Declined("nothing_left", "nothing is left to void")
        if held.method == "tok_decline_void":
            raise _Declined("do_not_honour", "the issuer gave no reason")
        return _Success(held.amount - held.captured)

    def _refund(self, asked: Asked) -> _Success:
        taken = self._captures.get(asked["previous"])
        if taken is None:
            raise _Declined("ref_unknown", "there is no such capture")
        if taken.currency != asked["currency"]:
            raise _Declined("currency_mismatch", f"the capture is in {taken.currency}")
        if taken.refunded + asked["amount"] > taken.amount:
            left = taken.amount - taken.refunded
            raise _Declined("amount_too_high", f"{left} of {taken.amount} is left to refund")
        if taken.authorisation.method == "tok_decline_refund":
            raise _Declined("do_not_honour", "the issuer gave no reason")
        return _Success(asked["amount"])

    def _held(self, asked: Asked) -> _Authorisation:
        held = self._authorisations.get(asked["previous"])
        if held is None:
            raise _Declined("ref_unknown", "there is no such authorisation")
        if held.currency != asked["currency"]:
            raise _Declined("currency_mismatch", f"the authorisation is in {held.currency}")
        return held

    # -------------------------------------------------------------- memory

    def _apply(self, entry: Entry) -> None:
        """The state after this line, whether it is being written or read again."""
        self._by_key[entry.key] = entry
        held = self._authorisations.get(entry.previous)
        if entry.operation == "capture" and held is not None:
            held.capture_tries += 1
        if entry.outcome == "declined":
            return
        match entry.operation:
            case "authorise":
                self._authorisations[entry.ref] = _Authorisation(
                    entry.amount, entry.currency, entry.method, entry.expires_at
                )
            case "capture" if held is not None:
                held.captured += entry.amount
                self._captures[entry.ref] = _Capture(held, entry.amount, entry.currency)
            case "void" if held is not None:
                held.void = True
            case _:
                self._captures[entry.previous].refunded += entry.amount

    def _write(self, entry: Entry) -> None:
        self._file.write(json.dumps(asdict(entry)).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _read_and_mend(path: Path) -> list[Entry]:
    """The whole lines of the file. A line that was being written when the process died was
    never answered: it is cut off.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = path.read_bytes() if path.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    try:
        return [Entry(**json.loads(line)) for line in whole.splitlines()]
    except (ValueError, TypeError) as error:
        raise LedgerDamaged(f"{path}: {error}") from error
