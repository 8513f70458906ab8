"""Facts about tax. Amounts are in minor units of the order's currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class RatesSaved(Fact):
    """Rates of the tables were entered or changed, from a person, a file or the list of the EU."""

    fact: ClassVar[str] = "tax.rates_saved"
    subject: ClassVar[str] = "tax_rates"

    rates: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RegistrationSaved(Fact):
    """A legal entity is registered with a tax office, or not any more."""

    fact: ClassVar[str] = "tax.registration_saved"
    subject: ClassVar[str] = "tax_registration"

    legal_entity_id: Id
    country: str
    region: str
    scheme: str


@dataclass(frozen=True, slots=True)
class ExemptionSaved(Fact):
    """A customer's certificate was entered or changed."""

    fact: ClassVar[str] = "tax.exemption_saved"
    subject: ClassVar[str] = "tax_exemption"

    customer_id: Id
    country: str


@dataclass(frozen=True, slots=True)
class CategoriesSaved(Fact):
    """SKUs or kinds of charges were put into tax categories."""

    fact: ClassVar[str] = "tax.categories_saved"
    subject: ClassVar[str] = "tax_categories"

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermsSaved(Fact):
    """It was said whether a legal entity's channel tells the tax, and which service is asked."""

    fact: ClassVar[str] = "tax.terms_saved"
    subject: ClassVar[str] = "tax_terms"

    legal_entity_id: Id
    channel_id: Id
    given: str
    service: str


@dataclass(frozen=True, slots=True)
class TaxDetermined(Fact):
    """The tax of each line and charge of an order was determined, or determined anew."""

    fact: ClassVar[str] = "tax.determined"
    subject: ClassVar[str] = "order"

    version: int
    source: str
    state: str
    tax_minor: int
    expected_minor: int


@dataclass(frozen=True, slots=True)
class ServiceAsked(Fact):
    """A tax service is to be asked about an order, or told what was sold; the call comes later."""

    fact: ClassVar[str] = "tax.service_asked"
    subject: ClassVar[str] = "order"

    call_id: Id
    kind: str
    service: str


@dataclass(frozen=True, slots=True)
class ServiceAnswered(Fact):
    """A tax service has answered: it was done, or refused with a reason."""

    fact: ClassVar[str] = "tax.service_answered"
    subject: ClassVar[str] = "order"

    call_id: Id
    kind: str
    service: str
    state: str
    error: str
