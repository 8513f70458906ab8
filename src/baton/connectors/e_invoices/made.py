"""A document of ours as an electronic invoice."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from baton.connectors.e_invoices import model as e
from baton.invoicing.model import Document, Kind, Line, Party, Taxed, TaxSum
from baton.values.address import Address
from baton.values.money import minor_units

_PRICE_DIGITS = Decimal("0.00000001")

# Why no tax is charged, where the document does not say it. Source: EN 16931-1, BT-120.
_EXEMPTIONS = {
    "E": "Exempt from tax",
    "AE": "Reverse charge",
    "K": "Intra-Community supply",
    "G": "Export outside the EU",
    "O": "Not subject to tax",
}


def e_invoice(document: Document) -> e.EInvoice:
    """What the document says, in the words of EN 16931.

    Charges are allowances and charges of the document; where it has nothing else they are lines,
    for it must have one.
    """
    content = document.content
    goods = [line for line in document.lines if _is_item(line)]
    others = [line for line in document.lines if not _is_item(line)]
    items = [_item(no, line, document) for no, line in enumerate(goods or others, 1)]
    changes = [_change(line, document) for line in others] if goods else []
    stated = _categories(document)
    kind = e.INVOICE if document.kind is Kind.INVOICE else e.CREDIT_NOTE
    return e.EInvoice(
        type_code=kind,
        number=document.number,
        issued_on=document.issued_on,
        currency=document.currency,
        seller=_party(content.seller),
        buyer=_party(content.buyer),
        items=tuple(items),
        changes=tuple(changes),
        taxes=tuple(
            e.TaxTotal(
                tax,
                _whole(sum(t.net for t in own), document),
                _whole(sum(t.tax for t in own), document),
            )
            for tax, own in _groups(document, stated).items()
        ),
        totals=_totals(document, items, changes),
        due_on=content.due_on if document.kind is Kind.INVOICE else None,
        delivered_on=max((d.on for d in content.deliveries), default=None),
        deliver_to=_place(content.deliver_to) if content.deliver_to else None,
        order_number=content.orders[0].number if len(content.orders) == 1 else "",
        terms="" if document.kind is Kind.INVOICE else "Refunded or set off",
        notes=tuple(filter(None, (content.reason, content.footer))),
        preceding=tuple(e.Preceding(c.number, c.issued_on) for c in content.corrects),
        iban=content.iban,
        bic=content.bic if content.iban else "",
    )


def _groups(document: Document, stated: dict[str, str]) -> dict[e.Tax, list[TaxSum]]:
    """Sums by what they are stated as: two that are stated alike are one group."""
    firsts: dict[tuple[str, Decimal], e.Tax] = {}
    found: dict[e.Tax, list[TaxSum]] = {}
    for each in document.content.taxes:
        taxed = Taxed(each.category, each.rate, each.exemption)
        made = _tax(taxed, stated[each.category])
        found.setdefault(firsts.setdefault((made.category, each.rate), made), []).append(each)
    return found


def _is_item(line: Line) -> bool:
    return bool(line.part.line_no) and not _downwards(line)


def _downwards(line: Line) -> bool:
    return line.net < 0


def _item(no: int, line: Line, document: Document) -> e.Item:
    """A line whose units times its price is its amount, so far as digits go."""
    net = _whole(line.net, document)
    units = Decimal(line.units or 1) * (-1 if net < 0 else 1)
    price = (net / units).quantize(_PRICE_DIGITS, ROUND_HALF_EVEN).normalize()
    return e.Item(
        id=str(no),
        name=line.title or line.sku,
        quantity=units,
        net=net,
        price=price if price.as_tuple().exponent <= 0 else price.quantize(Decimal(1)),  # type: ignore[operator]
        tax=e.Tax(_categories(document)[line.taxed.category], line.taxed.rate),
        sku=line.sku,
    )


def _change(line: Line, document: Document) -> e.Change:
    return e.Change(
        charge=not _downwards(line),
        amount=abs(_whole(line.net, document)),
        reason=line.title or "Charge",
        tax=e.Tax(_categories(document)[line.taxed.category], line.taxed.rate),
    )


def _totals(document: Document, items: list[e.Item], changes: list[e.Change]) -> e.Totals:
    zero = _whole(0, document)
    return e.Totals(
        lines=sum((item.net for item in items), zero),
        allowances=sum((c.amount for c in changes if not c.charge), zero),
        charges=sum((c.amount for c in changes if c.charge), zero),
        net=_whole(document.net, document),
        tax=_whole(document.tax, document),
        gross=_whole(document.total, document),
        paid=_whole(document.paid, document),
        due=_whole(document.due, document),
    )


def _whole(minor: int, document: Document) -> Decimal:
    return Decimal(minor).scaleb(-minor_units(document.currency))


def _tax(taxed: Taxed, category: str) -> e.Tax:
    """The tax of a group. Why there is none may be kept as a code of the VATEX list."""
    code = taxed.exemption if taxed.exemption.upper().startswith("VATEX-") else ""
    reason = (not code and taxed.exemption) or _EXEMPTIONS.get(taxed.category, "")
    same = category == taxed.category
    return e.Tax(category, taxed.rate, reason, code if same else "")


def _categories(document: Document) -> dict[str, str]:
    """How each category is stated. What no tax applies to may not stand beside what has one, nor
    on the paper of a seller with a VAT id (BR-O-02, BR-O-11): it is then stated as exempt."""
    used = {tax.category for tax in document.content.taxes}
    alone = used == {"O"} and not document.content.seller.vat_id
    return {each: "E" if each == "O" and not alone else each for each in used}


def _party(party: Party) -> e.Party:
    place = _place(party.address) if party.address else e.Party()
    return e.Party(
        name=party.name,
        vat_id=party.vat_id,
        tax_number=party.tax_number,
        registration=party.registration,
        street=place.street,
        city=place.city,
        postal_code=place.postal_code,
        region=place.region,
        country=place.country,
        email=party.email,
        phone=party.phone,
    )


def _place(address: Address) -> e.Party:
    return e.Party(
        name=address.company or address.name,
        street=tuple(address.lines),
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
        country=address.country,
    )
