"""What invoices, what waits to be billed and the settings look like on the wire."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer, WithJsonSchema

from baton.http.order_shapes import ChannelId
from baton.http.orders import AddressIn
from baton.http.wire import Code, In, Minor, Out, Prefixed, Text, Units
from baton.invoicing.model import INTENT_PREFIX, PREFIX, Kind, Policy
from baton.values import Id

DocumentId = Annotated[Id, Prefixed(PREFIX)]
IntentId = Annotated[Id, Prefixed(INTENT_PREFIX)]
EntityId = Annotated[Id, Prefixed("lge")]
OrderId = Annotated[Id, Prefixed("ord")]
CustomerId = Annotated[Id, Prefixed("cus")]
# a rate as it is stated: "19", "5.5"
Rate = Annotated[
    Decimal,
    PlainSerializer(lambda rate: f"{rate.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?$"}),
]


class AddressOut(Out):
    name: str
    lines: list[str]
    city: str
    postal_code: str
    region: str
    country: str
    company: str


class PartyOut(Out):
    name: str
    address: AddressOut | None
    vat_id: str
    tax_number: str
    registration: str
    email: str
    phone: str


class NamedOut(Out):
    """An order that is billed."""

    id: OrderId
    number: str
    external_id: str
    placed_on: date


class DeliveryOut(Out):
    number: str
    on: date


class CorrectedOut(Out):
    """An invoice that a credit memo corrects."""

    document_id: DocumentId
    number: str
    issued_on: date


class TaxOut(Out):
    """A category of UNTDID 5305 with its rate in percent."""

    category: str
    rate: Rate
    net: int
    tax: int
    exemption: str


class LineOut(Out):
    """Units `first_unit` + 1 … `first_unit` + `units` of a line; a part of a charge has none."""

    order_id: OrderId
    line: int | None
    charge: int | None
    sku: str
    title: str
    first_unit: int
    units: int
    unit_price: int
    discount: int
    net: int
    tax: int
    total: int
    category: str
    rate: Rate


class InvoiceRowOut(Out):
    """An invoice or credit memo in a list; amounts are minor units, of a memo positive too."""

    id: DocumentId
    kind: Kind
    number: str
    issued_on: date
    issued_at: datetime
    currency: str
    net: int
    tax: int
    total: int
    paid: int
    due: int
    buyer: str
    orders: list[str]


class InvoiceOut(InvoiceRowOut):
    """A whole document. `e_invoice_lacks` names what keeps it from being an electronic one."""

    legal_entity_id: EntityId
    customer_id: CustomerId | None
    language: str
    prices_include_tax: bool
    collecting: int
    due_on: date
    reason: str
    seller: PartyOut
    billed_to: PartyOut
    deliver_to: AddressOut | None
    billed_orders: list[NamedOut]
    deliveries: list[DeliveryOut]
    corrects: list[CorrectedOut]
    lines: list[LineOut]
    taxes: list[TaxOut]
    e_invoice_lacks: list[str]


class WaitingOut(Out):
    """What is to be billed or credited and has no document yet, and why."""

    id: IntentId
    kind: Kind
    order_id: OrderId
    legal_entity_id: EntityId
    policy: Policy
    currency: str
    net: int
    tax: int
    total: int
    reason: str
    occurred_at: datetime
    waits_for: str


class IssuerIn(In):
    """What a legal entity's paper says, and the patterns of its numbers.

    Without patterns they are made of the legal entity's own `invoice_series`.
    """

    legal_entity: Code
    address: AddressIn
    invoice_pattern: str | None = Field(default=None, min_length=1, max_length=40)
    credit_memo_pattern: str | None = Field(default=None, min_length=1, max_length=40)
    email: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=60)
    registration: str = Field(default="", max_length=200)
    iban: str = Field(default="", max_length=34, pattern="^[A-Z0-9]*$")
    bic: str = Field(default="", max_length=11, pattern="^[A-Z0-9]*$")
    payment_days: int = Field(default=14, ge=0, le=3650)
    time_zone: str = Field(default="UTC", min_length=1, max_length=60)
    footer: str = Field(default="", max_length=1000)


class SeriesOut(Out):
    kind: Kind
    pattern: str
    in_use: bool


class IssuerOut(Out):
    """A legal entity that issues, or (without an address) one that can't yet."""

    legal_entity: str
    name: str
    address: AddressOut | None
    email: str
    phone: str
    registration: str
    iban: str
    bic: str
    payment_days: int
    time_zone: str
    footer: str
    series: list[SeriesOut]


class PolicyIn(In):
    """When shipments are billed: for a customer, a channel, both, or without either for all."""

    policy: Policy
    channel: Code | None = None
    customer_id: CustomerId | None = None


class PolicyOut(Out):
    policy: Policy
    channel_id: ChannelId | None
    customer_id: CustomerId | None


class RunIn(In):
    """Bill what waits for its month and was shipped until this day, that day included."""

    legal_entity: Code
    until: date


class RunOut(Out):
    """How many shipments are billed by the run; a job makes the documents."""

    shipments: int


class LineCreditIn(In):
    """Units of a line; `amount` says what they are worth, if that is not their share."""

    line: int = Field(ge=1, le=100_000)
    quantity: Units
    amount: Minor | None = None


class ChargeCreditIn(In):
    charge: int = Field(ge=1, le=100_000)
    amount: Annotated[int, Field(ge=1, le=10**14, description="Minor units, e.g. cents.")]


class CreditIn(In):
    """What is credited of an order's invoices, as the buyer pays it, tax and all.

    `amount` is spread over all that is left; `fee` is kept back of lines and charges.
    """

    lines: list[LineCreditIn] = Field(default_factory=list, max_length=10_000)
    charges: list[ChargeCreditIn] = Field(default_factory=list, max_length=1_000)
    amount: Minor = 0
    fee: Minor = 0
    reason: Text


class CheckIn(In):
    """An invoice of anybody, as the text of its XML: UBL 2.1 or Cross Industry Invoice."""

    xml: str = Field(min_length=1, max_length=5_000_000)


class CheckOut(Out):
    """What an electronic invoice says, and every rule of EN 16931 that does not hold."""

    kind: Kind
    number: str
    issued_on: date | None
    currency: str
    seller: str
    buyer: str
    lines: int
    net: str | None
    tax: str | None
    gross: str | None
    due: str | None
    faults: list[str]
