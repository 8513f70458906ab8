"""The words of tax: rates, registrations, exemptions, and what was determined for an order.

Rates are percent as exact decimals (19 means 19 %). Amounts are minor units of the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from baton.values.ids import NIL, Id

STANDARD = "standard"
"""The category of goods that nobody has put into another."""

VAT = "vat"
"""The component where a place has one tax and not several on top of each other."""

EVERYWHERE = NIL
"""Settings of a legal entity that hold for its channels without settings of their own."""


class Code(StrEnum):
    """The category of a tax on an invoice. *Source:* UNCL 5305 as EN 16931-1 restricts it."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"


class Reason(StrEnum):
    """Why a tax is what it is."""

    DOMESTIC = "domestic"
    """Seller and buyer are in one country."""
    PICKED_UP = "picked_up"
    """Handed over at the seller's place."""
    REGISTERED = "registered"
    """The seller is registered where the goods go."""
    OSS = "oss"
    """The seller declares sales to consumers of other member states by the one-stop shop."""
    ORIGIN = "origin"
    """A sale to a consumer of another member state, taxed where it leaves: neither of the two."""
    INTRA_COMMUNITY = "intra_community"
    REVERSE_CHARGE = "reverse_charge"
    EXPORT = "export"
    SERVICE = "service"
    """A service to a consumer is taxed where the seller is."""
    CUSTOMER_EXEMPT = "customer_exempt"
    VOUCHER = "voucher"
    """A voucher that may be spent on anything is taxed when it is spent."""
    NOT_REGISTERED = "not_registered"
    """The country taxes by region, and the seller is not registered in this one."""
    OUTSIDE_SCOPE = "outside_scope"
    TAX_SERVICE = "tax_service"
    """A tax service has said it."""
    NO_DESTINATION = "no_destination"
    """The order names no country: the seller's was taken."""
    NO_RATE = "no_rate"
    """The tables have no rate for this place, category and day."""
    NO_TABLES = "no_tables"
    """The merchant keeps no rates at all: the channel's figures stand alone."""
    UNEXPLAINED = "unexplained"
    """The channel's tax fits no rate of the tables."""


class Scheme(StrEnum):
    """How a seller is known to a tax office."""

    LOCAL = "local"
    OSS = "oss"


class Given(StrEnum):
    """Whether a channel says the tax of its orders."""

    WHEN_PRESENT = "when_present"
    """An order all of whose taxes are 0 has not been told its tax."""
    ALWAYS = "always"
    """A tax of 0 is a tax of 0."""


class Source(StrEnum):
    """Whose figures an order's tax is made of."""

    CHANNEL = "channel"
    TABLES = "tables"
    SERVICE = "service"


class State(StrEnum):
    """Whether the figures agree with what was reckoned."""

    FITS = "fits"
    DIFFERS = "differs"
    UNCHECKED = "unchecked"
    """The merchant keeps no rates, so there is nothing to compare with."""


class ItemKind(StrEnum):
    """What a line sells: goods are where they arrive, services mostly where the seller is."""

    GOODS = "goods"
    SERVICE = "service"
    VOUCHER = "voucher"


# ── master data ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Rate:
    """What a jurisdiction takes of a category of goods from a day on, in one component.

    `region` is empty for the whole country; a rate of the region goes before the country's of the
    same component, and another component comes on top. Without `valid_to` it holds until the next.
    """

    country: str
    region: str
    category: str
    component: str
    valid_from: date
    valid_to: date | None
    percent: Decimal
    code: Code
    exemption: str
    """Why nothing is taken, as a code of the VATEX list, where there is one."""
    source: str

    @property
    def jurisdiction(self) -> str:
        return jurisdiction(self.country, self.region)

    @property
    def key(self) -> tuple[str, str, str, str, date]:
        return (self.country, self.region, self.category, self.component, self.valid_from)


@dataclass(frozen=True, slots=True)
class ChargeRule:
    """How a country taxes a kind of charge: as the goods are, in their shares, or by a category."""

    country: str
    kind: str
    category: str
    """Empty: it shares the rates of the goods."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A legal entity is known to a tax office, under `number`, from a day on."""

    legal_entity_id: Id
    country: str
    region: str
    scheme: Scheme
    number: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A customer's certificate: in this jurisdiction nothing is taken from them."""

    id: Id
    customer_id: Id
    country: str
    region: str
    certificate: str
    reason: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class SkuCategory:
    """The tax category of a SKU; those without one are standard."""

    sku_id: Id
    category: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a legal entity's channel: whether it says the tax, and who else is asked.

    `channel_id` is `EVERYWHERE` for all channels without terms of their own. `service` is the
    name of a connector, or empty: the own tables.
    """

    legal_entity_id: Id
    channel_id: Id
    given: Given
    service: str


# ── what is to be taxed ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Place:
    """Where something goes to or comes from, as far as tax asks."""

    country: str
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells: where from, and known to which tax offices on the day."""

    place: Place
    registrations: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys: a business where `vat_id` is one by its format, with what exempts them."""

    vat_id: str = ""
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A line or charge with its amount (as the buyer was quoted: tax and all, or before it).

    `line_no` 0 for a charge and `charge_no` 0 for a line. `kind` of a charge is its own word
    ("shipping"). `given` is the tax that the channel says, None where it says none.
    """

    line_no: int
    charge_no: int
    kind: str
    category: str
    amount: int
    quantity: int
    given: int | None
    to: Place | None
    picked_up: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """All that one order's tax is determined from."""

    day: date
    tax_included: bool
    seller: Seller
    buyer: Buyer
    items: tuple[Item, ...]


# ── what was determined ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Determined:
    """The tax of a line or charge in one component: what it is, and why.

    `tax_minor` is what the buyer pays, so that an order's sum to its tax; `expected_minor` is what
    the tables say. `basis_minor` is the amount without any tax. `category` is a `Code`.
    """

    order_id: Id
    line_no: int
    charge_no: int
    component: str
    jurisdiction: str
    category: str
    rate: Decimal
    basis_minor: int
    tax_minor: int
    reason: str
    goods_category: str = STANDARD
    exemption: str = ""
    expected_minor: int = 0


@dataclass(frozen=True, slots=True)
class Determination:
    """The whole of an order's tax as it stands; `version` counts how often it was made anew."""

    order_id: Id
    version: int
    source: Source
    service: str
    state: State
    tax_minor: int
    expected_minor: int
    note: str
    """What a person is to know: the differences, or that a service did not answer."""
    fingerprint: bytes
    parts: tuple[Determined, ...]


# ── what a service is asked ────────────────────────────────────────────────────────────────

CALL = "tax.call"


class CallKind(StrEnum):
    """What can be asked of a tax service."""

    QUOTE = "quote"
    COMMIT = "commit"
    VOID = "void"


class CallState(StrEnum):
    """What came of it. An answer that is unknown leaves it requested."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One thing asked of a tax service; its id is the idempotency key.

    `subject_id` is the order that is quoted, or the shipment whose sale is filed; `version` that
    of the order's tax where a quote is asked, else 0. `request` is what is asked, each time the
    same.
    """

    id: Id
    kind: CallKind
    order_id: Id
    subject_id: Id
    version: int
    service: str
    state: CallState
    request: Mapping[str, Any]
    ref: str
    error: str
    requested_at: datetime
    settled_at: datetime | None = None


def jurisdiction(country: str, region: str = "") -> str:
    """`DE`, `US-CA`: how a place is called that takes tax."""
    return f"{country}-{region}" if region else country
