"""The words of invoicing: what is to be billed, documents, and who issues them.

Amounts are minor units of the document's currency. Those of a credit memo are positive: its kind
says which way they go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from baton.values.address import Address
from baton.values.ids import NIL, Id

PREFIX = "inv"
INTENT_PREFIX = "bil"

ISSUE = "invoicing.issue"  # kinds of jobs
COLLECT = "invoicing.collect"


class Kind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_MEMO = "credit_memo"


class Policy(StrEnum):
    """When what was shipped is billed."""

    SHIPMENT = "shipment"
    """An invoice for each shipment, as soon as it has left."""
    ORDER = "order"
    """One invoice for the order, once nothing of it is left to ship."""
    MONTH = "month"
    """One invoice for a customer's shipments of a month."""
    NONE = "none"
    """Somebody else bills: a marketplace, a till."""


class Part(NamedTuple):
    """What a line of a document is about: an order's line (charge 0) or charge (line 0).

    A charge that shares the rates of several goods is billed in a piece for each.
    """

    line_no: int
    charge_no: int
    piece: int = 0


# ── what may be billed ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Taxed:
    """How something is taxed: a category of UNTDID 5305, a rate in percent, and why none."""

    category: str
    rate: Decimal
    exemption: str = ""


@dataclass(frozen=True, slots=True)
class Billable:
    """An order's line or charge: what all its units cost. A charge is one unit.

    `total` is what the buyer pays, tax and all; `discount` and `unit_price` are as the order
    quotes its prices.
    """

    part: Part
    sku: str
    title: str
    ordered: int
    unit_price: int
    discount: int
    tax: int
    total: int
    taxed: Taxed


@dataclass(frozen=True, slots=True)
class Billed:
    """What documents, issued or waiting, say of one line or charge so far, and at which rate."""

    part: Part
    taxed: Taxed | None = None
    units: int = 0
    net: int = 0
    tax: int = 0
    credited_units: int = 0
    credited_net: int = 0
    credited_tax: int = 0

    def more(self, kind: Kind, units: int, net: int, tax: int) -> Billed:
        """The same with what one more document says."""
        if kind is Kind.INVOICE:
            now = (self.units + units, self.net + net, self.tax + tax)
            return replace(self, units=now[0], net=now[1], tax=now[2])
        return replace(
            self,
            credited_units=self.credited_units + units,
            credited_net=self.credited_net + net,
            credited_tax=self.credited_tax + tax,
        )

    @property
    def left(self) -> int:
        """What was billed and not credited, tax and all."""
        return self.net + self.tax - self.credited_net - self.credited_tax

    @property
    def tax_left(self) -> int:
        return self.tax - self.credited_tax


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document: units first_unit + 1 … first_unit + units of an order's line, or a
    part of a charge; money that is credited without units has none."""

    order_id: Id
    part: Part
    sku: str
    title: str
    first_unit: int
    units: int
    unit_price: int
    discount: int
    net: int
    tax: int
    taxed: Taxed

    @property
    def total(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class InvoicedIn:
    """Which units of a line, or which charge, a document bills."""

    order_id: Id
    part: Part
    first_unit: int
    units: int
    document_id: Id


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be billed for a shipment, or credited for a settlement: once for each.

    `ready` says that it may be issued now; those with the same `group_key` become one document.
    """

    id: Id
    kind: Kind
    subject_id: Id
    order_id: Id
    legal_entity_id: Id
    customer_id: Id | None
    currency: str
    policy: Policy
    group_key: str
    net: int
    tax: int
    reason: str
    occurred_at: datetime
    created_at: datetime
    ready: bool
    document_id: Id | None
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return self.net + self.tax


# ── what the paper says ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer as they stand on the paper. `vat_id` begins with its country."""

    name: str
    address: Address | None = None
    vat_id: str = ""
    tax_number: str = ""
    registration: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OrderNamed:
    """An order that a document bills."""

    id: Id
    number: str
    external_id: str
    placed_on: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """A shipment that a document bills, and the day that it left."""

    subject_id: Id
    number: str
    on: date


@dataclass(frozen=True, slots=True)
class Corrected:
    """An invoice that a credit memo corrects."""

    document_id: Id
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class TaxSum:
    """What a document says of one category and rate."""

    category: str
    rate: Decimal
    net: int
    tax: int
    exemption: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that the paper says beside its number, lines and sums."""

    language: str
    prices_include_tax: bool
    seller: Party
    buyer: Party
    deliver_to: Address | None
    orders: tuple[OrderNamed, ...]
    deliveries: tuple[Delivery, ...]
    corrects: tuple[Corrected, ...]
    taxes: tuple[TaxSum, ...]
    due_on: date
    iban: str = ""
    bic: str = ""
    reason: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that is ready to be numbered; `intents` are what it bills."""

    id: Id
    kind: Kind
    legal_entity_id: Id
    customer_id: Id | None
    currency: str
    paid: int
    collecting: int
    content: Content
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """An issued invoice or credit memo. Nothing of it ever changes.

    `paid` had come by the day of issue; `collecting` was being asked of a gateway.
    """

    id: Id
    kind: Kind
    legal_entity_id: Id
    series_id: Id
    year: int
    no: int
    number: str
    issued_on: date
    issued_at: datetime
    customer_id: Id | None
    currency: str
    net: int
    tax: int
    total: int
    paid: int
    collecting: int
    content: Content
    lines: tuple[Line, ...] = ()

    @property
    def due(self) -> int:
        """What is still to be paid, or to be given back."""
        return self.total - self.paid


# ── settings ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a legal entity's paper says of it, beside its name and tax ids."""

    legal_entity_id: Id
    address: Address
    email: str = ""
    phone: str = ""
    registration: str = ""
    iban: str = ""
    bic: str = ""
    payment_days: int = 14
    time_zone: str = "UTC"
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one pattern, such as INV-{year}-{no:06d}."""

    id: Id
    legal_entity_id: Id
    kind: Kind
    pattern: str
    in_use: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy for a customer, for a channel (customer NIL), or for all others (both NIL)."""

    channel_id: Id
    customer_id: Id
    policy: Policy


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents a list shows, newest first; `before` is the last of the page before."""

    number: str | None = None
    order_id: Id | None = None
    customer_id: Id | None = None
    legal_entity_id: Id | None = None
    series_id: Id | None = None
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    before: tuple[datetime, Id] | None = None
    limit: int = 50


def policy_for(rules: Sequence[Rule], channel_id: Id, customer_id: Id | None) -> Policy:
    """The customer's policy, else the channel's, else that for all; where none says: shipment."""
    of = {(rule.channel_id, rule.customer_id): rule.policy for rule in rules}
    keys = [(channel_id, NIL), (NIL, NIL)]
    if customer_id is not None:
        keys = [(channel_id, customer_id), (NIL, customer_id), *keys]
    return next((of[key] for key in keys if key in of), Policy.SHIPMENT)
