"""What the fake service takes of a line: pure, and the same each time it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from baton.tax.model import Code
from baton.tax.port import Quoted, QuoteRequest, Refused, ServiceLine, ServiceTax
from baton.values.money import rounded


def answered(
    request: QuoteRequest, rates: Mapping[str, Decimal], default: Decimal
) -> Quoted | Refused:
    """The taxes of a sale: the rate of the country, one component, half to even.

    A line of the category "unknown" is refused, as a service refuses codes that it does not have.
    """
    strange = next((line.key for line in request.lines if line.category == "unknown"), None)
    if strange is not None:
        return Refused(f"{strange}: tax code unknown")
    return Quoted(tuple(_tax(line, request, rates, default) for line in request.lines))


def _tax(
    line: ServiceLine, request: QuoteRequest, rates: Mapping[str, Decimal], default: Decimal
) -> ServiceTax:
    rate = rates.get(line.to.country, default)
    whole = 100 + rate if request.tax_included else Decimal(100)
    code = Code.STANDARD if rate else Code.ZERO
    tax = rounded(line.amount * rate / whole)
    return ServiceTax(line.key, "vat", line.to.country, code, rate, tax)
