"""What rates, registrations, certificates and an order's tax look like on the wire."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from baton.http.order_shapes import CustomerId
from baton.http.wire import Code as CodeText
from baton.http.wire import In, Out, Prefixed, Units
from baton.tax.model import Code, Given, Scheme
from baton.values import Id

Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2; XI: goods "
                               "in Northern Ireland.")]  # fmt: skip
Region = Annotated[str, Field(pattern="^[A-Z0-9]{0,3}$", description="ISO 3166-2 without the "
                              "country; empty: all of it.")]  # fmt: skip
Category = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_.-]{0,39}$")]
Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=9, decimal_places=6),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{1,2}(\.\d{1,6})?|100)$"}),
]
Signed = Annotated[int, Field(ge=-(10**14), le=10**14, description="Minor units, e.g. cents.")]
MOST = 1000


class RateIn(In):
    """What a place takes of a category of goods from a day on; percent as a decimal text."""

    country: Country
    region: Region = ""
    category: Category = "standard"
    component: Category = "vat"
    valid_from: date
    valid_to: date | None = None
    percent: Percent
    code: Code | None = Field(
        default=None, description="UNCL 5305; S, or Z where nothing is taken."
    )
    exemption: str = Field(default="", max_length=40, description="A VATEX code.")
    source: str = Field(default="", max_length=200)


class RateOut(Out):
    country: str
    region: str
    category: str
    component: str
    valid_from: date
    valid_to: date | None
    percent: Percent
    code: Code
    exemption: str
    source: str


class RatesIn(In):
    rates: list[RateIn] = Field(min_length=1, max_length=MOST)


class RatesSavedOut(Out):
    """How many rates are new or different now."""

    saved: int


class RatePreviewOut(Out):
    """What would become of one rate of the list: new, changed, same or refused."""

    place: int
    becomes: str
    problem: str


class ChargeRuleIn(In):
    """How a country taxes a kind of charge. An empty category: in the shares of the goods."""

    country: Country
    kind: Category
    category: str = Field(default="", pattern="^([a-z0-9][a-z0-9_.-]{0,39})?$")


class ChargeRulesIn(In):
    charge_rules: list[ChargeRuleIn] = Field(min_length=1, max_length=MOST)


class ChargeRuleOut(Out):
    country: str
    kind: str
    category: str


class SkuCategoryIn(In):
    sku: CodeText
    category: Category


class SkuCategoriesIn(In):
    skus: list[SkuCategoryIn] = Field(min_length=1, max_length=MOST)


class SkuCategoryOut(Out):
    sku: str
    category: str


class RegistrationIn(In):
    """A legal entity is known to a tax office; `oss` is the one-stop shop of that country."""

    legal_entity: CodeText
    country: Country
    region: Region = ""
    scheme: Scheme = Scheme.LOCAL
    number: str = Field(min_length=1, max_length=40)
    valid_from: date
    valid_to: date | None = None


class RegistrationOut(Out):
    legal_entity: str
    country: str
    region: str
    scheme: Scheme
    number: str
    valid_from: date
    valid_to: date | None


class ExemptionIn(In):
    """A customer's certificate: nothing is taken from them in this place."""

    customer_id: CustomerId
    country: Country
    region: Region = ""
    certificate: str = Field(min_length=1, max_length=120)
    reason: str = Field(default="", max_length=40, description="A VATEX code, or the office's own.")
    valid_from: date
    valid_to: date | None = None


class ExemptionOut(Out):
    id: Annotated[Id, Prefixed("tex")]
    customer_id: CustomerId
    country: str
    region: str
    certificate: str
    reason: str
    valid_from: date
    valid_to: date | None


class TermsIn(In):
    """Whether channels tell the tax of their orders, and which service is asked beside the tables.

    Without `channel` for all channels of the legal entity that have no terms of their own.
    """

    legal_entity: CodeText
    channel: CodeText | None = None
    given: Given = Given.WHEN_PRESENT
    service: str = Field(default="", max_length=40, description="A connector's name, or empty.")


class TermsOut(Out):
    legal_entity: str
    channel: str | None
    given: Given
    service: str


class VatIdOut(Out):
    """What the form of a VAT id says; whether it is in use, only its country's register knows."""

    vat_id: str
    valid: bool
    country: str | None
    problem: str


class QuoteAddressIn(In):
    country: Country
    region: str = Field(default="", max_length=120)
    postal_code: str = Field(default="", max_length=40)


class QuoteLineIn(In):
    """Units of a SKU; `amount` for all of them, after discounts."""

    sku: CodeText
    quantity: Units
    amount: Signed


class QuoteChargeIn(In):
    kind: Category
    amount: Signed


class QuoteIn(In):
    """A sale to be quoted. `prices_include_tax` is the channel's own way, unless it is said."""

    channel: CodeText
    lines: list[QuoteLineIn] = Field(min_length=1, max_length=MOST)
    charges: list[QuoteChargeIn] = Field(default_factory=list, max_length=100)
    destination: QuoteAddressIn
    vat_id: str = Field(default="", max_length=40)
    customer_id: CustomerId | None = None
    day: date | None = None
    prices_include_tax: bool | None = None


class TaxPartOut(Out):
    """The tax of one line or charge in one component; the other number is 0."""

    line_no: int
    charge_no: int
    component: str
    jurisdiction: str
    category: str
    rate: Percent
    basis: int
    tax: int
    expected: int
    reason: str
    goods_category: str
    exemption: str


class TaxTotalOut(Out):
    """Basis and tax at one rate: a row at the foot of an invoice."""

    jurisdiction: str
    category: str
    rate: Percent
    basis: int
    tax: int


class QuoteOut(Out):
    """Per line and charge what the tax is and why; amounts in minor units of the cart."""

    day: date
    prices_include_tax: bool
    net: int
    tax: int
    total: int
    source: str
    service: str
    state: str
    note: str
    parts: list[TaxPartOut]
    totals: list[TaxTotalOut]


class TaxCallOut(Out):
    """Something asked of a tax service, and what came of it."""

    kind: str
    service: str
    state: str
    ref: str
    error: str
    requested_at: datetime
    settled_at: datetime | None


class OrderTaxOut(Out):
    """An order's tax. `source`: whose figures; `state`: whether they fit the tables."""

    order: str
    currency: str
    version: int
    source: str
    service: str
    state: str
    tax: int
    expected: int
    note: str
    parts: list[TaxPartOut]
    totals: list[TaxTotalOut]
    calls: list[TaxCallOut]


def part(made: Any) -> TaxPartOut:
    """A part as it goes out."""
    return TaxPartOut(
        line_no=made.line_no,
        charge_no=made.charge_no,
        component=made.component,
        jurisdiction=made.jurisdiction,
        category=made.category,
        rate=made.rate,
        basis=made.basis_minor,
        tax=made.tax_minor,
        expected=made.expected_minor,
        reason=made.reason,
        goods_category=made.goods_category,
        exemption=made.exemption,
    )
