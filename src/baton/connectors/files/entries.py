"""What a file is read into: entries in the shape of the API, each with the rows it came from.

An `OrderEntry` is the body of `POST /v1/orders` to the letter. Amounts are minor units of the
entry's currency, instants are ISO 8601 in UTC. `msgspec.json.encode(entry)` gives the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from baton.connectors.files.source import Row
from baton.orders.model import ChargeDraft, ChargeKind, LineDraft, Method, TenderDraft
from baton.returns.model import ReturnKind
from baton.values.address import Address

# The API's limits, so that a dry run finds what the API would refuse.
MAX_UNITS = 10_000_000
MAX_MINOR = 10**14
MAX_ROWS = 10_000  # of one order
MAX_CODE = 120  # of a SKU, a channel, an order's id
MAX_TEXT = 500  # of any other text
MAX_NOTE = 4_000


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """The one delivery group of an imported order."""

    number: int = 1
    method: Method = Method.SHIP
    address: Address | None = None
    location: str = ""
    service: str = "standard"


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An order. `attributes["country"]` is the file's own word for the country, if it has one."""

    channel: str
    external_id: str
    placed_at: str
    currency: str
    total: int
    lines: tuple[LineDraft, ...]
    groups: tuple[GroupEntry, ...]
    charges: tuple[ChargeDraft, ...] = ()
    tenders: tuple[TenderDraft, ...] = ()
    buyer_name: str = ""
    email: str = ""
    phone: str = ""
    channel_customer_id: str = ""
    language: str = "en"
    note: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReturnLineEntry:
    """`amount` goes back to the customer for all units; `charge` is None for goods."""

    sku: str
    title: str
    quantity: int
    amount: int
    charge: ChargeKind | None = None


@dataclass(frozen=True, slots=True)
class ReturnEntry:
    """A credit note: what of earlier orders came back. `order` is the order's external id where
    the file knows it; else customer, SKU and units have to find it. `country` is the file's own
    word for it."""

    kind: ReturnKind
    channel: str
    external_id: str
    occurred_at: str
    currency: str
    total: int
    lines: tuple[ReturnLineEntry, ...]
    order: str = ""
    channel_customer_id: str = ""
    email: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class WriteOffLineEntry:
    """`quantity` units left the books, without a buyer."""

    sku: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class WriteOffEntry:
    """Stock that was damaged, lost or thrown away; `location` is the place's code, if known."""

    channel: str
    reference: str
    occurred_at: str
    reason: str
    lines: tuple[WriteOffLineEntry, ...]
    location: str = ""
    country: str = ""


Entry: TypeAlias = OrderEntry | ReturnEntry | WriteOffEntry


@dataclass(frozen=True, slots=True)
class Sourced:
    """An entry with the rows that it is made of, each with its place in it (`lines.0`)."""

    entry: Entry
    rows: tuple[Row, ...]
    places: tuple[str, ...]

    @property
    def line_nos(self) -> tuple[int, ...]:
        """The source's lines, in the order of the file."""
        return tuple(row.line_no for row in self.rows)

    def row_at(self, path: str) -> Row | None:
        """The row behind a path of the entry (`lines.3.quantity`), if one row alone is."""
        place = ".".join(path.split(".")[:2])
        return next(
            (row for row, at in zip(self.rows, self.places, strict=True) if at == place), None
        )
