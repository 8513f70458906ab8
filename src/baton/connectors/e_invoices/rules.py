"""What EN 16931 asks of an invoice, as far as Baton checks it: what does not hold, rule by rule.

*Source:* EN 16931-1, section 6.4, and the business rules of its validation artefacts.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from baton.connectors.e_invoices.model import Change, EInvoice, Item, Tax, TaxTotal

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_TAXED = {"S", "AA", "L", "M"}  # categories that have a rate; AA is of older UBL


def faults(invoice: EInvoice) -> tuple[str, ...]:
    """Every rule that does not hold, as "BR-CO-10: …"; nothing where all do."""
    return (*_missing(invoice), *_sums(invoice), *_taxes(invoice))


def _missing(e: EInvoice) -> Iterator[str]:
    """What has to be there."""
    needed = {
        "BR-02: a number": e.number,
        "BR-03: a date of issue": e.issued_on,
        "BR-05: a currency": e.currency,
        "BR-06: the seller's name": e.seller.name,
        "BR-07: the buyer's name": e.buyer.name,
        "BR-09: the seller's country": e.seller.country,
        "BR-11: the buyer's country": e.buyer.country,
        "BR-16: a line": e.items,
        "BR-12: the sum of the lines": e.totals.lines is not None,
        "BR-13: the total without tax": e.totals.net is not None,
        "BR-14: the total with tax": e.totals.gross is not None,
        "BR-15: the amount due": e.totals.due is not None,
    }
    yield from (f"{what} is missing" for what, there in needed.items() if not there)
    if not (e.seller.vat_id or e.seller.tax_number or e.seller.registration):
        yield "BR-CO-26: the seller has no tax id and no registration"
    if any(tax.tax.category == "S" for tax in e.taxes) and not (
        e.seller.vat_id or e.seller.tax_number
    ):
        yield "BR-S-02: the seller has no VAT id, and something is taxed"
    if any(tax.tax.category in ("AE", "K") for tax in e.taxes) and not e.buyer.vat_id:
        yield "BR-AE-02: the buyer has no VAT id, and owes the tax"
    for place, item in enumerate(e.items, 1):
        if not item.name:
            yield f"BR-25: line {place} has no name"
        if item.tax is None:
            yield f"BR-CO-4: line {place} has no tax category"
        if item.price < 0:
            yield f"BR-27: line {place} has a negative price"
    if (e.totals.due or 0) > 0 and not (e.due_on or e.terms):
        yield "BR-CO-25: something is due, and nothing says when"


def _sums(e: EInvoice) -> Iterator[str]:
    """Whether the totals are the sums of what stands above them."""
    t = e.totals
    lines = sum((item.net for item in e.items), _ZERO)
    allowances = sum((c.amount for c in e.changes if not c.charge), _ZERO)
    charges = sum((c.amount for c in e.changes if c.charge), _ZERO)
    taxes = sum((tax.amount for tax in e.taxes), _ZERO)
    net = lines - allowances + charges
    gross = (t.net or _ZERO) + (t.tax or _ZERO)
    due = (t.gross or _ZERO) - (t.paid or _ZERO) + (t.rounding or _ZERO)
    for rule, what, said, right in (
        ("BR-CO-10", "the sum of the lines", t.lines, lines),
        ("BR-CO-11", "the sum of allowances", t.allowances or _ZERO, allowances),
        ("BR-CO-12", "the sum of charges", t.charges or _ZERO, charges),
        ("BR-CO-13", "the total without tax", t.net, net),
        ("BR-CO-14", "the tax", t.tax if t.tax is not None else _ZERO, taxes),
        ("BR-CO-15", "the total with tax", t.gross, gross),
        ("BR-CO-16", "the amount due", t.due, due),
    ):
        if said is not None and said != right:
            yield f"{rule}: {what} is {said:f}, what it is made of comes to {right:f}"
    for item in e.items:
        if (off := abs(item.net - _line(item))) > _CENT:
            yield f"line {item.id}: {item.net:f} is {off:f} off its price, units and changes"


def _line(item: Item) -> Decimal:
    """What a line comes to by its own figures."""
    changes = sum((c.amount if c.charge else -c.amount for c in item.changes), _ZERO)
    return item.quantity * item.price / (item.price_units or 1) + changes


def _taxes(e: EInvoice) -> Iterator[str]:
    """Whether each group of taxes has its lines and charges, and its rate its tax."""
    if not e.taxes and (e.items or e.changes):
        yield "BR-CO-18: no group of taxes"
    known = {(tax.tax.category, tax.tax.rate) for tax in e.taxes}
    stated = [item.tax for item in e.items] + [change.tax for change in e.changes]
    used = {(tax.category, tax.rate) for tax in stated if tax is not None}
    yield from (f"BR-S-01: no sum for {_name(key)}" for key in sorted(used - known, key=str))
    if len(e.taxes) > 1 and any(group.tax.category == "O" for group in e.taxes):
        yield "BR-O-11: what no tax applies to stands beside what has one"
    for group in e.taxes:
        yield from _group(e, group)


def _group(e: EInvoice, group: TaxTotal) -> Iterator[str]:
    tax, name = group.tax, _name((group.tax.category, group.tax.rate))
    parts = [item.net for item in e.items if _same(item.tax, tax)]
    parts += [_signed(c) for c in e.changes if _same(c.tax, tax)]
    untold = [each.tax for each in e.items] + [each.tax for each in e.changes]
    if None not in untold and abs(sum(parts, _ZERO) - group.net) >= 1:
        yield f"BR-S-08: {name} is of {group.net:f}, its lines come to {sum(parts, _ZERO):f}"
    rate = tax.rate or _ZERO
    if abs(abs(group.net * rate / 100) - abs(group.amount)) >= 1:
        yield f"BR-CO-17: {name} of {group.net:f} is not {group.amount:f}"
    if tax.category == "S" and rate <= 0:
        yield "BR-S-05: category S has a rate above 0"
    if tax.category not in _TAXED and (rate or group.amount):
        yield f"BR-Z-05: {name} has no tax, but {group.amount:f} stands there"
    if tax.category in ("E", "AE", "K", "G", "O") and not (tax.exemption or tax.exemption_code):
        yield f"BR-E-10: {name} says no reason"


def _same(one: Tax | None, other: Tax) -> bool:
    return one is not None and (one.category, one.rate) == (other.category, other.rate)


def _signed(change: Change) -> Decimal:
    return change.amount if change.charge else -change.amount


def _name(key: tuple[str, Decimal | None]) -> str:
    category, rate = key
    return f"category {category}" + ("" if rate is None else f" at {rate.normalize():f} %")
