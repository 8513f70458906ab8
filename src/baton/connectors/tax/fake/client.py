"""The fake service: in this process, with books in a file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
from pydantic import Field

from baton.connectors.record import ConnectorSettings
from baton.connectors.tax.fake.books import Books, Entry
from baton.connectors.tax.fake.codec import answered
from baton.tax.port import (
    CommitRequest,
    Filed,
    FileOutcome,
    LookedUp,
    NeverReceived,
    QuoteOutcome,
    QuoteRequest,
    Refused,
    Unknown,
    VoidRequest,
)


class FakeTaxSettings(ConnectorSettings):
    """Where its books are, what it takes, and whether it is away."""

    ledger: Path = Field(description="The file in which it remembers; made if it is not there.")
    rates: dict[str, Decimal] = Field(
        default_factory=dict, description="Percent by country, such as DE: 19."
    )
    default_rate: Decimal = Field(
        default=Decimal(0), ge=0, le=100, description="Percent of all other countries."
    )
    away_while: Path | None = Field(
        default=None, description="While this file is there, the service does not answer."
    )


class FakeTaxService:
    """The `TaxService` of the fake. Shared by all threads."""

    def __init__(self, settings: FakeTaxSettings) -> None:
        self._settings, self._books = settings, Books(settings.ledger)

    def quote(self, request: QuoteRequest) -> QuoteOutcome:
        """The rate of each line's country; nothing is written down."""
        if self._away():
            return Unknown("the service does not answer")
        return answered(request, self._settings.rates, self._settings.default_rate)

    def commit(self, request: CommitRequest) -> FileOutcome:
        """In the books, once for its key."""
        digest = _digest(request)
        tax = sum(line.tax for line in request.lines)
        entry = Entry(
            "commit", request.idempotency_key, request.idempotency_key, request.reference, "",
            request.currency, tax, digest,
        )  # fmt: skip
        return self._filed(entry)

    def void(self, request: VoidRequest) -> FileOutcome:
        """The sale is taken back, once for its key."""
        digest = _digest(request)
        return self._filed(
            Entry("void", request.idempotency_key, request.commit, "", "", "", 0, digest)
        )

    def lookup(self, idempotency_key: str) -> LookedUp:
        """What its books say about a key."""
        if self._away():
            return Unknown("the service does not answer")
        with self._books.opened():
            known = self._books.entries.get(idempotency_key)
        return NeverReceived() if known is None else Filed(known.ref)

    def close(self) -> None:
        """There is nothing to give back: the file is open only while it is used."""

    def _filed(self, entry: Entry) -> FileOutcome:
        if self._away():
            return Unknown("the service does not answer")
        with self._books.opened() as file:
            known = self._books.entries.get(entry.key)
            if known is not None:
                if known.request_sha256 != entry.request_sha256:
                    return Refused("the key was used for another request")
                return Filed(known.ref)
            if entry.event == "void":
                sale = self._books.entries.get(entry.commit)
                if sale is None or sale.event != "commit":
                    return Refused("there is no such sale")
                if entry.commit in self._books.voided:
                    return Refused("the sale was voided before")
            ref = f"{entry.event}-{len(self._books.entries) + 1:06}"
            self._books.add(file, replace(entry, ref=ref))
            return Filed(ref)

    def _away(self) -> bool:
        away = self._settings.away_while
        return away is not None and away.exists()


def _digest(request: CommitRequest | VoidRequest) -> str:
    return hashlib.sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
