"""What a tax service must be able to do for Baton. Amounts are minor units of `currency`.

A quote leaves nothing behind at the service. A commit is a sale that it will file; a void takes a
commit back. No method raises for what the other side or the network does: that is an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeAlias

from baton.tax.errors import ServiceRequestInvalid
from baton.tax.model import Code, Place


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A line or charge: `key` is "line 1" or "charge 1", and comes back with its taxes.

    `amount` is for all units, with the tax in it or before it, as the request says.
    """

    key: str
    kind: str
    category: str
    quantity: int
    amount: int
    to: Place


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What would the tax of this sale be?"""

    reference: str
    day: date
    currency: str
    tax_included: bool
    seller: Place
    vat_id: str
    lines: tuple[ServiceLine, ...]

    def __post_init__(self) -> None:
        _check(self.reference, [line.key for line in self.lines])


@dataclass(frozen=True, slots=True)
class ServiceTax:
    """One tax of one line: what is taken, where, and at which rate in percent."""

    key: str
    component: str
    jurisdiction: str
    category: Code
    rate: Decimal
    tax: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A tax of units that were sold, as the buyer pays it."""

    key: str
    component: str
    jurisdiction: str
    category: Code
    rate: Decimal
    basis: int
    tax: int


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """This was sold, at these taxes: file it. The same key again is the same sale."""

    idempotency_key: str
    reference: str
    day: date
    currency: str
    lines: tuple[SoldLine, ...]

    def __post_init__(self) -> None:
        _check(self.idempotency_key, [f"{line.key} {line.component}" for line in self.lines])


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """Take back the sale that was committed under `commit`, its idempotency key."""

    idempotency_key: str
    commit: str

    def __post_init__(self) -> None:
        _check(self.idempotency_key, [self.commit])


@dataclass(frozen=True, slots=True)
class Quoted:
    """The taxes, at least one for each line that was asked about."""

    taxes: tuple[ServiceTax, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """It is in the service's books, as `ref`: committed, or voided."""

    ref: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The service said no, and will say so again; `message` is its own sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say yet: ask again under the same key."""

    reason: str


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """The service has never seen this key."""


QuoteOutcome: TypeAlias = Quoted | Refused | Unknown
FileOutcome: TypeAlias = Filed | Refused | Unknown
LookedUp: TypeAlias = Filed | Refused | Unknown | NeverReceived


@dataclass(frozen=True, slots=True)
class TaxCapabilities:
    """What a service can do beyond quoting."""

    commit: bool
    """It keeps what was sold, and files it."""


class TaxService(Protocol):
    """A tax service. Every method may be repeated with the same key. Safe to share by threads."""

    def quote(self, request: QuoteRequest) -> QuoteOutcome: ...

    def commit(self, request: CommitRequest) -> FileOutcome: ...

    def void(self, request: VoidRequest) -> FileOutcome: ...

    def lookup(self, idempotency_key: str) -> LookedUp:
        """What became of the commit or void with this key."""
        ...

    def close(self) -> None:
        """Give back connections; the service is not used afterwards."""
        ...


def _check(key: str, lines: list[str]) -> None:
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise ServiceRequestInvalid("A key of 1 to 200 printable characters is needed.")
    if not lines or len(set(lines)) != len(lines):
        raise ServiceRequestInvalid("There are lines, each under a name of its own.")
