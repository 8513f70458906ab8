"""UBL 2.1 invoices and credit notes, written and read.

*Source:* OASIS UBL 2.1, and the UBL binding of EN 16931 (CEN/TS 16931-3-2).
"""

from __future__ import annotations

from decimal import Decimal

from baton.connectors.e_invoices import model as e
from baton.connectors.e_invoices.trees import Node, Reader, Tree, parsed
from baton.invoicing.errors import EInvoiceUnreadable

CUSTOMIZATION = "urn:cen.eu:en16931:2017"
_XSD = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_XSD}CommonAggregateComponents-2", f"{_XSD}CommonBasicComponents-2"
_CREDIT_TRANSFER = "58"
_READ_AS = {f"{{{_XSD}Invoice-2}}Invoice": "Invoice", f"{{{_XSD}CreditNote-2}}CreditNote": "Credit"}


# ── writing ────────────────────────────────────────────────────────────────────────────────


def written(invoice: e.EInvoice) -> bytes:
    """The invoice as XML; the elements stand in the order that the schema wants."""
    root = "CreditNote" if invoice.credits else "Invoice"
    tree = Tree(root, {None: f"{_XSD}{root}-2", "cac": _CAC, "cbc": _CBC})
    top = tree.root
    tree.put(top, "cbc:CustomizationID", CUSTOMIZATION)
    tree.put(top, "cbc:ID", invoice.number)
    tree.put(top, "cbc:IssueDate", invoice.issued_on)
    if not invoice.credits:
        tree.put(top, "cbc:DueDate", invoice.due_on)
    tree.put(top, f"cbc:{root}TypeCode", invoice.type_code)
    for note in invoice.notes:
        tree.put(top, "cbc:Note", note)
    tree.put(top, "cbc:DocumentCurrencyCode", invoice.currency)
    tree.put(tree.add(top, "cac:OrderReference"), "cbc:ID", invoice.order_number)
    for each in invoice.preceding:
        before = tree.add(top, "cac:BillingReference", "cac:InvoiceDocumentReference")
        tree.put(before, "cbc:ID", each.number)
        tree.put(before, "cbc:IssueDate", each.issued_on)
    _party(tree, tree.add(top, "cac:AccountingSupplierParty", "cac:Party"), invoice.seller)
    _party(tree, tree.add(top, "cac:AccountingCustomerParty", "cac:Party"), invoice.buyer)
    _delivery(tree, top, invoice)
    _means(tree, top, invoice)
    tree.put(tree.add(top, "cac:PaymentTerms"), "cbc:Note", invoice.terms)
    for change in invoice.changes:
        _change(tree, top, change, invoice.currency)
    _taxes(tree, top, invoice)
    _totals(tree, top, invoice)
    for item in invoice.items:
        _item(tree, top, item, invoice)
    return tree.done()


def _party(tree: Tree, node: Node, party: e.Party) -> None:
    _address(tree, tree.add(node, "cac:PostalAddress"), party)
    for number, scheme in ((party.vat_id, "VAT"), (party.tax_number, "FC")):
        if number:
            registered = tree.add(node, "cac:PartyTaxScheme")
            tree.put(registered, "cbc:CompanyID", number)
            tree.put(tree.add(registered, "cac:TaxScheme"), "cbc:ID", scheme)
    legal = tree.add(node, "cac:PartyLegalEntity")
    tree.put(legal, "cbc:RegistrationName", party.name)
    tree.put(legal, "cbc:CompanyID", party.registration)
    contact = tree.add(node, "cac:Contact")
    tree.put(contact, "cbc:Telephone", party.phone)
    tree.put(contact, "cbc:ElectronicMail", party.email)


def _address(tree: Tree, node: Node, party: e.Party) -> None:
    lines = [*party.street[:2], ", ".join(party.street[2:])]
    for name, line in zip(("StreetName", "AdditionalStreetName"), lines, strict=False):
        tree.put(node, f"cbc:{name}", line)
    tree.put(node, "cbc:CityName", party.city)
    tree.put(node, "cbc:PostalZone", party.postal_code)
    tree.put(node, "cbc:CountrySubentity", party.region)
    if len(lines) > 2:
        tree.put(tree.add(node, "cac:AddressLine"), "cbc:Line", lines[2])
    tree.put(tree.add(node, "cac:Country"), "cbc:IdentificationCode", party.country)


def _delivery(tree: Tree, top: Node, invoice: e.EInvoice) -> None:
    node = tree.add(top, "cac:Delivery")
    tree.put(node, "cbc:ActualDeliveryDate", invoice.delivered_on)
    to = invoice.deliver_to
    if to is not None and to.country:
        _address(tree, tree.add(node, "cac:DeliveryLocation", "cac:Address"), to)
        name = tree.add(node, "cac:DeliveryParty", "cac:PartyName")
        tree.put(name, "cbc:Name", to.name)


def _means(tree: Tree, top: Node, invoice: e.EInvoice) -> None:
    if not invoice.iban:
        return
    node = tree.add(top, "cac:PaymentMeans")
    tree.put(node, "cbc:PaymentMeansCode", _CREDIT_TRANSFER)
    account = tree.add(node, "cac:PayeeFinancialAccount")
    tree.put(account, "cbc:ID", invoice.iban)
    tree.put(tree.add(account, "cac:FinancialInstitutionBranch"), "cbc:ID", invoice.bic)


def _tax(tree: Tree, node: Node, tax: e.Tax, *, reason: bool = False) -> None:
    tree.put(node, "cbc:ID", tax.category)
    if tax.category != "O":
        tree.put(node, "cbc:Percent", tax.rate)
    if reason:
        tree.put(node, "cbc:TaxExemptionReasonCode", tax.exemption_code)
        tree.put(node, "cbc:TaxExemptionReason", tax.exemption)
    tree.put(tree.add(node, "cac:TaxScheme"), "cbc:ID", "VAT")


def _change(tree: Tree, parent: Node, change: e.Change, currency: str) -> None:
    node = tree.add(parent, "cac:AllowanceCharge")
    tree.put(node, "cbc:ChargeIndicator", "true" if change.charge else "false")
    tree.put(node, "cbc:AllowanceChargeReason", change.reason)
    tree.put(node, "cbc:Amount", change.amount, currencyID=currency)
    if change.tax is not None:
        _tax(tree, tree.add(node, "cac:TaxCategory"), change.tax)


def _taxes(tree: Tree, top: Node, invoice: e.EInvoice) -> None:
    node, currency = tree.add(top, "cac:TaxTotal"), invoice.currency
    tree.put(node, "cbc:TaxAmount", invoice.totals.tax, currencyID=currency)
    for group in invoice.taxes:
        part = tree.add(node, "cac:TaxSubtotal")
        tree.put(part, "cbc:TaxableAmount", group.net, currencyID=currency)
        tree.put(part, "cbc:TaxAmount", group.amount, currencyID=currency)
        _tax(tree, tree.add(part, "cac:TaxCategory"), group.tax, reason=True)


def _totals(tree: Tree, top: Node, invoice: e.EInvoice) -> None:
    t = invoice.totals
    node = tree.add(top, "cac:LegalMonetaryTotal")
    for name, amount in (
        ("LineExtensionAmount", t.lines),
        ("TaxExclusiveAmount", t.net),
        ("TaxInclusiveAmount", t.gross),
        ("AllowanceTotalAmount", t.allowances),
        ("ChargeTotalAmount", t.charges),
        ("PrepaidAmount", t.paid),
        ("PayableRoundingAmount", t.rounding),
        ("PayableAmount", t.due),
    ):
        tree.put(node, f"cbc:{name}", amount, currencyID=invoice.currency)


def _item(tree: Tree, top: Node, item: e.Item, invoice: e.EInvoice) -> None:
    kind, units = ("CreditNote", "Credited") if invoice.credits else ("Invoice", "Invoiced")
    currency = invoice.currency
    node = tree.add(top, f"cac:{kind}Line")
    tree.put(node, "cbc:ID", item.id)
    tree.put(node, "cbc:Note", item.note)
    tree.put(node, f"cbc:{units}Quantity", item.quantity, unitCode=item.unit)
    tree.put(node, "cbc:LineExtensionAmount", item.net, currencyID=currency)
    for change in item.changes:
        _change(tree, node, change, currency)
    thing = tree.add(node, "cac:Item")
    tree.put(thing, "cbc:Name", item.name)
    tree.put(tree.add(thing, "cac:SellersItemIdentification"), "cbc:ID", item.sku)
    if item.tax is not None:
        _tax(tree, tree.add(thing, "cac:ClassifiedTaxCategory"), item.tax)
    price = tree.add(node, "cac:Price")
    tree.put(price, "cbc:PriceAmount", item.price, currencyID=currency)
    if item.price_units != 1:
        tree.put(price, "cbc:BaseQuantity", item.price_units, unitCode=item.unit)


# ── reading ────────────────────────────────────────────────────────────────────────────────

_MORE_STREET = ("cbc:AdditionalStreetName", "cac:AddressLine/cbc:Line")
_read = Reader({"cac": _CAC, "cbc": _CBC})


def read(xml: bytes) -> e.EInvoice:
    """The invoice or credit note that an XML says. Raises EInvoiceUnreadable."""
    top = parsed(xml)
    kind = _READ_AS.get(str(top.tag))
    if kind is None:
        raise EInvoiceUnreadable("This is no UBL invoice and no credit note.", field="xml")
    credits_ = kind == "Credit"
    line = "cac:CreditNoteLine" if credits_ else "cac:InvoiceLine"
    code = "cbc:CreditNoteTypeCode" if credits_ else "cbc:InvoiceTypeCode"
    to = _read.node(top, "cac:Delivery/cac:DeliveryLocation/cac:Address")
    account = "cac:PaymentMeans/cac:PayeeFinancialAccount"
    return e.EInvoice(
        type_code=_read.text(top, code) or (e.CREDIT_NOTE if credits_ else e.INVOICE),
        number=_read.text(top, "cbc:ID"),
        issued_on=_read.day(top, "cbc:IssueDate"),
        currency=_read.text(top, "cbc:DocumentCurrencyCode"),
        seller=_party_of(_read.node(top, "cac:AccountingSupplierParty/cac:Party")),
        buyer=_party_of(_read.node(top, "cac:AccountingCustomerParty/cac:Party")),
        items=tuple(_item_of(node, credits_=credits_) for node in _read.nodes(top, line)),
        changes=_changes_of(top),
        taxes=tuple(
            _tax_total_of(node) for node in _read.nodes(top, "cac:TaxTotal/cac:TaxSubtotal")
        ),
        totals=_totals_of(top),
        due_on=_read.day(top, "cbc:DueDate")
        or _read.day(top, "cac:PaymentMeans/cbc:PaymentDueDate"),
        delivered_on=_read.day(top, "cac:Delivery/cbc:ActualDeliveryDate"),
        deliver_to=_place_of(
            to, _read.text(top, "cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name")
        )
        if to is not None
        else None,
        order_number=_read.text(top, "cac:OrderReference/cbc:ID"),
        terms=_read.text(top, "cac:PaymentTerms/cbc:Note"),
        notes=tuple(" ".join((n.text or "").split()) for n in _read.nodes(top, "cbc:Note")),
        preceding=tuple(
            e.Preceding(_read.text(node, "cbc:ID"), _read.day(node, "cbc:IssueDate"))
            for node in _read.nodes(top, "cac:BillingReference/cac:InvoiceDocumentReference")
        ),
        iban=_read.text(top, f"{account}/cbc:ID"),
        bic=_read.text(top, f"{account}/cac:FinancialInstitutionBranch/cbc:ID")
        or _read.text(
            top, f"{account}/cac:FinancialInstitutionBranch/cac:FinancialInstitution/cbc:ID"
        ),
    )


def _party_of(node: Node | None) -> e.Party:
    place = _place_of(_read.node(node, "cac:PostalAddress"), "")
    legal = "cac:PartyLegalEntity/cbc"
    numbers: dict[str, str] = {}
    for scheme in _read.nodes(node, "cac:PartyTaxScheme") if node is not None else ():
        name = _read.text(scheme, "cac:TaxScheme/cbc:ID")
        numbers.setdefault(name, _read.text(scheme, "cbc:CompanyID"))
    name = _read.text(node, f"{legal}:RegistrationName")
    return e.Party(
        name=name or _read.text(node, "cac:PartyName/cbc:Name"),
        vat_id=numbers.get("VAT", ""),
        tax_number=next((n for scheme, n in numbers.items() if scheme != "VAT"), ""),
        registration=_read.text(node, f"{legal}:CompanyID"),
        street=place.street,
        city=place.city,
        postal_code=place.postal_code,
        region=place.region,
        country=place.country,
        email=_read.text(node, "cac:Contact/cbc:ElectronicMail"),
        phone=_read.text(node, "cac:Contact/cbc:Telephone"),
    )


def _place_of(node: Node | None, name: str) -> e.Party:
    house = _read.text(node, "cbc:BuildingNumber")
    street = " ".join(filter(None, (_read.text(node, "cbc:StreetName"), house)))
    more = (
        _read.text(node, "cbc:AdditionalStreetName"),
        _read.text(node, "cac:AddressLine/cbc:Line"),
    )
    return e.Party(
        name=name,
        street=tuple(filter(None, (street, *more))),
        city=_read.text(node, "cbc:CityName"),
        postal_code=_read.text(node, "cbc:PostalZone"),
        region=_read.text(node, "cbc:CountrySubentity"),
        country=_read.text(node, "cac:Country/cbc:IdentificationCode"),
    )


def _item_of(node: Node, *, credits_: bool) -> e.Item:
    units = "cbc:CreditedQuantity" if credits_ else "cbc:InvoicedQuantity"
    quantity = _read.node(node, units)
    written_units = _read.amount(node, units)
    return e.Item(
        id=_read.text(node, "cbc:ID"),
        name=_read.text(node, "cac:Item/cbc:Name") or _read.text(node, "cac:Item/cbc:Description"),
        quantity=written_units if written_units is not None else Decimal(1),
        net=_read.number(node, "cbc:LineExtensionAmount"),
        price=_read.amount(node, "cac:Price/cbc:PriceAmount")
        or (_read.number(node, "cbc:LineExtensionAmount") if quantity is None else Decimal(0)),
        tax=_tax_of(_read.node(node, "cac:Item/cac:ClassifiedTaxCategory")),
        unit=quantity.get("unitCode", "C62") if quantity is not None else "C62",
        price_units=_read.amount(node, "cac:Price/cbc:BaseQuantity") or Decimal(1),
        sku=_read.text(node, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        note=_read.text(node, "cbc:Note"),
        changes=_changes_of(node),
    )


def _tax_of(node: Node | None) -> e.Tax | None:
    if node is None:
        return None
    category, rate = _read.text(node, "cbc:ID"), _read.amount(node, "cbc:Percent")
    if category == "O":
        rate = Decimal(0)
    reason, code = (_read.text(node, f"cbc:TaxExemptionReason{end}") for end in ("", "Code"))
    return e.Tax(category, rate, reason, code)


def _changes_of(parent: Node) -> tuple[e.Change, ...]:
    return tuple(
        e.Change(
            _read.text(node, "cbc:ChargeIndicator") == "true",
            _read.number(node, "cbc:Amount"),
            _read.text(node, "cbc:AllowanceChargeReason"),
            _tax_of(_read.node(node, "cac:TaxCategory")),
        )
        for node in _read.nodes(parent, "cac:AllowanceCharge")
    )


def _tax_total_of(node: Node) -> e.TaxTotal:
    tax = _tax_of(_read.node(node, "cac:TaxCategory")) or e.Tax("")
    return e.TaxTotal(
        tax, _read.number(node, "cbc:TaxableAmount"), _read.number(node, "cbc:TaxAmount")
    )


def _totals_of(top: Node) -> e.Totals:
    node = _read.node(top, "cac:LegalMonetaryTotal")
    return e.Totals(
        lines=_read.amount(node, "cbc:LineExtensionAmount"),
        allowances=_read.amount(node, "cbc:AllowanceTotalAmount"),
        charges=_read.amount(node, "cbc:ChargeTotalAmount"),
        net=_read.amount(node, "cbc:TaxExclusiveAmount"),
        tax=_read.amount(top, "cac:TaxTotal/cbc:TaxAmount"),
        gross=_read.amount(node, "cbc:TaxInclusiveAmount"),
        paid=_read.amount(node, "cbc:PrepaidAmount"),
        rounding=_read.amount(node, "cbc:PayableRoundingAmount"),
        due=_read.amount(node, "cbc:PayableAmount"),
    )
