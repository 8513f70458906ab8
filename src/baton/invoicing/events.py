"""Facts about what is billed. Amounts are minor units; those of a credit memo are positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id

Taxes = tuple[tuple[str, str, int, int], ...]  # category, rate in percent, net, tax


@dataclass(frozen=True, slots=True)
class Drafted(Fact):
    """What left in a shipment is to be billed, or what was settled credited."""

    fact: ClassVar[str] = "invoicing.drafted"
    subject: ClassVar[str] = "order"

    intent_id: Id
    kind: str
    policy: str
    amount_minor: int
    currency: str
    shipment_id: Id | None
    settlement_id: Id | None


@dataclass(frozen=True, slots=True)
class Issued(Fact):
    """An invoice or a credit memo got its number; nothing of it changes any more."""

    fact: ClassVar[str] = "invoicing.issued"
    subject: ClassVar[str] = "invoice"

    document_id: Id
    kind: str
    number: str
    series: str
    legal_entity_id: Id
    customer_id: Id | None
    order_ids: tuple[Id, ...]
    shipment_ids: tuple[Id, ...]
    settlement_ids: tuple[Id, ...]
    corrects: tuple[Id, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    taxes: Taxes


@dataclass(frozen=True, slots=True)
class IssuerSaved(Fact):
    """What a legal entity's invoices say of it, or their series, was set."""

    fact: ClassVar[str] = "invoicing.issuer_saved"
    subject: ClassVar[str] = "issuer"

    legal_entity_id: Id
    invoice_pattern: str
    credit_memo_pattern: str


@dataclass(frozen=True, slots=True)
class PolicySaved(Fact):
    """When a channel's, a customer's or all others' shipments are billed was set."""

    fact: ClassVar[str] = "invoicing.policy_saved"
    subject: ClassVar[str] = "invoicing_policy"

    channel_id: Id | None
    customer_id: Id | None
    policy: str
