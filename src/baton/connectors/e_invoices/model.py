"""An invoice as EN 16931 sees it: what every syntax of it says.

Amounts are in whole units of the currency, as they are written. *Source* of the terms: EN
16931-1, semantic model; BT-n and BG-n are its own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001


@dataclass(frozen=True, slots=True)
class Party:
    """Seller (BG-4) or buyer (BG-7)."""

    name: str = ""
    vat_id: str = ""
    tax_number: str = ""
    registration: str = ""
    street: tuple[str, ...] = ()
    city: str = ""
    postal_code: str = ""
    region: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Tax:
    """A VAT category (BT-151 and its like) with its rate; `rate` None where none is written."""

    category: str
    rate: Decimal | None = None
    exemption: str = ""
    exemption_code: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An allowance (BG-20, BG-27) or a charge (BG-21, BG-28)."""

    charge: bool
    amount: Decimal
    reason: str = ""
    tax: Tax | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line (BG-25). `net` is its amount (BT-131), `price` that of `price_units` units."""

    id: str
    name: str
    quantity: Decimal
    net: Decimal
    price: Decimal
    tax: Tax | None
    unit: str = "C62"
    price_units: Decimal = Decimal(1)
    sku: str = ""
    note: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """A group of the VAT breakdown (BG-23)."""

    tax: Tax
    net: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Document totals (BG-22); what is not written is None."""

    lines: Decimal | None = None
    allowances: Decimal | None = None
    charges: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    paid: Decimal | None = None
    rounding: Decimal | None = None
    due: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Preceding:
    """An invoice that this one corrects (BG-3)."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class EInvoice:
    """A whole invoice or credit note."""

    type_code: str
    number: str
    issued_on: date | None
    currency: str
    seller: Party
    buyer: Party
    items: tuple[Item, ...]
    changes: tuple[Change, ...]
    taxes: tuple[TaxTotal, ...]
    totals: Totals
    due_on: date | None = None
    delivered_on: date | None = None
    deliver_to: Party | None = None
    order_number: str = ""
    terms: str = ""
    notes: tuple[str, ...] = ()
    preceding: tuple[Preceding, ...] = ()
    iban: str = ""
    bic: str = ""

    @property
    def credits(self) -> bool:
        """It gives money back."""
        return self.type_code == CREDIT_NOTE
