"""Cross Industry Invoice: the XML inside a Factur-X or ZUGFeRD PDF, written and read.

*Source:* UN/CEFACT CII D22B with the EN 16931 profile of Factur-X 1.0 (ZUGFeRD 2.x).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from baton.connectors.e_invoices import model as e
from baton.connectors.e_invoices.trees import Node, Reader, Tree, parsed
from baton.invoicing.errors import EInvoiceUnreadable

PROFILE = "urn:cen.eu:en16931:2017"
SPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_CREDIT_TRANSFER = "58"  # SEPA, UNTDID 4461
_DAY = "%Y%m%d"


# ── writing ────────────────────────────────────────────────────────────────────────────────


def written(invoice: e.EInvoice) -> bytes:
    """The invoice as XML; the elements stand in the order that the schema wants."""
    tree = Tree("rsm:CrossIndustryInvoice", SPACES)
    context = tree.add(tree.root, "rsm:ExchangedDocumentContext")
    profile = tree.add(context, "ram:GuidelineSpecifiedDocumentContextParameter")
    tree.put(profile, "ram:ID", PROFILE)
    head = tree.add(tree.root, "rsm:ExchangedDocument")
    tree.put(head, "ram:ID", invoice.number)
    tree.put(head, "ram:TypeCode", invoice.type_code)
    _day(tree, head, "ram:IssueDateTime", invoice.issued_on)
    for note in invoice.notes:
        tree.put(tree.add(head, "ram:IncludedNote"), "ram:Content", note)
    deal = tree.add(tree.root, "rsm:SupplyChainTradeTransaction")
    for item in invoice.items:
        _item(tree, deal, item)
    _agreement(tree, deal, invoice)
    _delivery(tree, deal, invoice)
    _settlement(tree, deal, invoice)
    return tree.done()


def _item(tree: Tree, deal: Node, item: e.Item) -> None:
    line = tree.add(deal, "ram:IncludedSupplyChainTradeLineItem")
    about = tree.add(line, "ram:AssociatedDocumentLineDocument")
    tree.put(about, "ram:LineID", item.id)
    if item.note:
        tree.put(tree.add(about, "ram:IncludedNote"), "ram:Content", item.note)
    product = tree.add(line, "ram:SpecifiedTradeProduct")
    tree.put(product, "ram:SellerAssignedID", item.sku)
    tree.put(product, "ram:Name", item.name)
    price = tree.add(line, "ram:SpecifiedLineTradeAgreement", "ram:NetPriceProductTradePrice")
    tree.put(price, "ram:ChargeAmount", item.price)
    if item.price_units != 1:
        tree.put(price, "ram:BasisQuantity", item.price_units, unitCode=item.unit)
    sent = tree.add(line, "ram:SpecifiedLineTradeDelivery")
    tree.put(sent, "ram:BilledQuantity", item.quantity, unitCode=item.unit)
    settled = tree.add(line, "ram:SpecifiedLineTradeSettlement")
    if item.tax is not None:
        _tax(tree, tree.add(settled, "ram:ApplicableTradeTax"), item.tax)
    for change in item.changes:
        _change(tree, settled, change)
    tree.put(
        tree.add(settled, "ram:SpecifiedTradeSettlementLineMonetarySummation"),
        "ram:LineTotalAmount",
        item.net,
    )


def _tax(tree: Tree, node: Node, tax: e.Tax) -> None:
    tree.put(node, "ram:TypeCode", "VAT")
    tree.put(node, "ram:CategoryCode", tax.category)
    if tax.category != "O":  # what no tax applies to has no rate (BR-O-05)
        tree.put(node, "ram:RateApplicablePercent", tax.rate)


def _change(tree: Tree, parent: Node, change: e.Change) -> None:
    node = tree.add(parent, "ram:SpecifiedTradeAllowanceCharge")
    said = "true" if change.charge else "false"
    tree.put(tree.add(node, "ram:ChargeIndicator"), "udt:Indicator", said)
    tree.put(node, "ram:ActualAmount", change.amount)
    tree.put(node, "ram:Reason", change.reason)
    if change.tax is not None:
        _tax(tree, tree.add(node, "ram:CategoryTradeTax"), change.tax)


def _agreement(tree: Tree, deal: Node, invoice: e.EInvoice) -> None:
    node = tree.add(deal, "ram:ApplicableHeaderTradeAgreement")
    _party(tree, tree.add(node, "ram:SellerTradeParty"), invoice.seller)
    _party(tree, tree.add(node, "ram:BuyerTradeParty"), invoice.buyer)
    if invoice.order_number:
        order = tree.add(node, "ram:BuyerOrderReferencedDocument")
        tree.put(order, "ram:IssuerAssignedID", invoice.order_number)


def _party(tree: Tree, node: Node, party: e.Party, *, taxes: bool = True) -> None:
    tree.put(node, "ram:Name", party.name)
    if party.registration:
        tree.put(tree.add(node, "ram:SpecifiedLegalOrganization"), "ram:ID", party.registration)
    if taxes and (party.phone or party.email):
        contact = tree.add(node, "ram:DefinedTradeContact")
        tree.put(contact, "ram:PersonName", party.name)
        phone = tree.add(contact, "ram:TelephoneUniversalCommunication")
        tree.put(phone, "ram:CompleteNumber", party.phone)
        mail = tree.add(contact, "ram:EmailURIUniversalCommunication")
        tree.put(mail, "ram:URIID", party.email)
    address = tree.add(node, "ram:PostalTradeAddress")
    tree.put(address, "ram:PostcodeCode", party.postal_code)
    lines = [*party.street[:2], ", ".join(party.street[2:])]
    for name, line in zip(("One", "Two", "Three"), lines, strict=False):
        tree.put(address, f"ram:Line{name}", line)
    tree.put(address, "ram:CityName", party.city)
    tree.put(address, "ram:CountryID", party.country)
    tree.put(address, "ram:CountrySubDivisionName", party.region)
    for scheme, number in (("VA", party.vat_id), ("FC", party.tax_number)):
        if taxes and number:
            registered = tree.add(node, "ram:SpecifiedTaxRegistration")
            tree.put(registered, "ram:ID", number, schemeID=scheme)


def _delivery(tree: Tree, deal: Node, invoice: e.EInvoice) -> None:
    node = tree.add(deal, "ram:ApplicableHeaderTradeDelivery")
    node.text = "\n"  # the schema wants it, even empty
    if invoice.deliver_to is not None and invoice.deliver_to.country:
        _party(tree, tree.add(node, "ram:ShipToTradeParty"), invoice.deliver_to, taxes=False)
    if invoice.delivered_on is not None:
        event = tree.add(node, "ram:ActualDeliverySupplyChainEvent")
        _day(tree, event, "ram:OccurrenceDateTime", invoice.delivered_on)


def _settlement(tree: Tree, deal: Node, invoice: e.EInvoice) -> None:
    node = tree.add(deal, "ram:ApplicableHeaderTradeSettlement")
    tree.put(node, "ram:InvoiceCurrencyCode", invoice.currency)
    if invoice.iban:
        means = tree.add(node, "ram:SpecifiedTradeSettlementPaymentMeans")
        tree.put(means, "ram:TypeCode", _CREDIT_TRANSFER)
        account = tree.add(means, "ram:PayeePartyCreditorFinancialAccount")
        tree.put(account, "ram:IBANID", invoice.iban)
        bank = tree.add(means, "ram:PayeeSpecifiedCreditorFinancialInstitution")
        tree.put(bank, "ram:BICID", invoice.bic)
    for group in invoice.taxes:
        _tax_total(tree, node, group)
    for change in invoice.changes:
        _change(tree, node, change)
    if invoice.terms or invoice.due_on is not None:
        terms = tree.add(node, "ram:SpecifiedTradePaymentTerms")
        tree.put(terms, "ram:Description", invoice.terms)
        _day(tree, terms, "ram:DueDateDateTime", invoice.due_on)
    _totals(tree, node, invoice)
    for each in invoice.preceding:
        before = tree.add(node, "ram:InvoiceReferencedDocument")
        tree.put(before, "ram:IssuerAssignedID", each.number)
        if each.issued_on is not None:
            day = tree.add(before, "ram:FormattedIssueDateTime")
            tree.put(day, "qdt:DateTimeString", f"{each.issued_on:{_DAY}}", format="102")


def _tax_total(tree: Tree, parent: Node, group: e.TaxTotal) -> None:
    node = tree.add(parent, "ram:ApplicableTradeTax")
    tree.put(node, "ram:CalculatedAmount", group.amount)
    tree.put(node, "ram:TypeCode", "VAT")
    tree.put(node, "ram:ExemptionReason", group.tax.exemption)
    tree.put(node, "ram:BasisAmount", group.net)
    tree.put(node, "ram:CategoryCode", group.tax.category)
    tree.put(node, "ram:ExemptionReasonCode", group.tax.exemption_code)
    if group.tax.category != "O":
        tree.put(node, "ram:RateApplicablePercent", group.tax.rate)


def _totals(tree: Tree, parent: Node, invoice: e.EInvoice) -> None:
    t = invoice.totals
    node = tree.add(parent, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    for name, amount in (
        ("LineTotalAmount", t.lines),
        ("ChargeTotalAmount", t.charges),
        ("AllowanceTotalAmount", t.allowances),
        ("TaxBasisTotalAmount", t.net),
    ):
        tree.put(node, f"ram:{name}", amount)
    tree.put(node, "ram:TaxTotalAmount", t.tax, currencyID=invoice.currency)
    for name, amount in (
        ("RoundingAmount", t.rounding),
        ("GrandTotalAmount", t.gross),
        ("TotalPrepaidAmount", t.paid),
        ("DuePayableAmount", t.due),
    ):
        tree.put(node, f"ram:{name}", amount)


def _day(tree: Tree, parent: Node, name: str, day: date | None) -> None:
    if day is not None:
        tree.put(tree.add(parent, name), "udt:DateTimeString", f"{day:{_DAY}}", format="102")


# ── reading ────────────────────────────────────────────────────────────────────────────────

_read = Reader(SPACES)
_SETTLED = "ram:SpecifiedLineTradeSettlement"


def read(xml: bytes) -> e.EInvoice:
    """The invoice that an XML says. Raises EInvoiceUnreadable."""
    root = parsed(xml)
    if root.tag != f"{{{SPACES['rsm']}}}CrossIndustryInvoice":
        raise EInvoiceUnreadable("This is no Cross Industry Invoice.", field="xml")
    head = _read.node(root, "rsm:ExchangedDocument")
    deal = _read.node(root, "rsm:SupplyChainTradeTransaction")
    agreed = _read.node(deal, "ram:ApplicableHeaderTradeAgreement")
    sent = _read.node(deal, "ram:ApplicableHeaderTradeDelivery")
    settled = _read.node(deal, "ram:ApplicableHeaderTradeSettlement")
    if head is None or deal is None or settled is None:
        raise EInvoiceUnreadable("The invoice has no header or no settlement.", field="xml")
    ship_to = _read.node(sent, "ram:ShipToTradeParty")
    terms = "ram:SpecifiedTradePaymentTerms"
    means = "ram:SpecifiedTradeSettlementPaymentMeans"
    event = "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
    return e.EInvoice(
        type_code=_read.text(head, "ram:TypeCode"),
        number=_read.text(head, "ram:ID"),
        issued_on=_read.day(head, "ram:IssueDateTime/udt:DateTimeString"),
        currency=_read.text(settled, "ram:InvoiceCurrencyCode"),
        seller=_party_of(_read.node(agreed, "ram:SellerTradeParty")),
        buyer=_party_of(_read.node(agreed, "ram:BuyerTradeParty")),
        items=tuple(_item_of(n) for n in _read.nodes(deal, "ram:IncludedSupplyChainTradeLineItem")),
        changes=_changes_of(settled),
        taxes=tuple(_tax_total_of(n) for n in _read.nodes(settled, "ram:ApplicableTradeTax")),
        totals=_totals_of(
            _read.node(settled, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
        ),
        due_on=_read.day(settled, f"{terms}/ram:DueDateDateTime/udt:DateTimeString"),
        delivered_on=_read.day(sent, event),
        deliver_to=_party_of(ship_to) if ship_to is not None else None,
        order_number=_read.text(agreed, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        terms=_read.text(settled, f"{terms}/ram:Description"),
        notes=tuple(_read.text(n, "ram:Content") for n in _read.nodes(head, "ram:IncludedNote")),
        preceding=tuple(
            e.Preceding(
                _read.text(n, "ram:IssuerAssignedID"),
                _read.day(n, "ram:FormattedIssueDateTime/qdt:DateTimeString"),
            )
            for n in _read.nodes(settled, "ram:InvoiceReferencedDocument")
        ),
        iban=_read.text(settled, f"{means}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID"),
        bic=_read.text(
            settled, f"{means}/ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"
        ),
    )


def _party_of(node: Node | None) -> e.Party:
    address = _read.node(node, "ram:PostalTradeAddress")
    lines = [_read.text(address, f"ram:Line{name}") for name in ("One", "Two", "Three")]
    numbers = {
        registered.get("schemeID", ""): (registered.text or "").strip()
        for registered in (
            _read.nodes(node, "ram:SpecifiedTaxRegistration/ram:ID") if node is not None else ()
        )
    }
    contact = "ram:DefinedTradeContact"
    return e.Party(
        name=_read.text(node, "ram:Name"),
        vat_id=numbers.get("VA", ""),
        tax_number=numbers.get("FC", ""),
        registration=_read.text(node, "ram:SpecifiedLegalOrganization/ram:ID"),
        street=tuple(filter(None, lines)),
        city=_read.text(address, "ram:CityName"),
        postal_code=_read.text(address, "ram:PostcodeCode"),
        region=_read.text(address, "ram:CountrySubDivisionName"),
        country=_read.text(address, "ram:CountryID"),
        email=_read.text(node, f"{contact}/ram:EmailURIUniversalCommunication/ram:URIID"),
        phone=_read.text(node, f"{contact}/ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
    )


def _item_of(node: Node) -> e.Item:
    price = _read.node(node, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice")
    quantity = _read.node(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    settled = _read.node(node, _SETTLED)
    summed = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    about = "ram:AssociatedDocumentLineDocument"
    return e.Item(
        id=_read.text(node, f"{about}/ram:LineID"),
        name=_read.text(node, "ram:SpecifiedTradeProduct/ram:Name"),
        quantity=_read.number(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
        net=_read.number(settled, summed),
        price=_read.number(price, "ram:ChargeAmount"),
        tax=_tax_of(_read.node(settled, "ram:ApplicableTradeTax")),
        unit=quantity.get("unitCode", "C62") if quantity is not None else "C62",
        price_units=_read.amount(price, "ram:BasisQuantity") or Decimal(1),
        sku=_read.text(node, "ram:SpecifiedTradeProduct/ram:SellerAssignedID"),
        note=_read.text(node, f"{about}/ram:IncludedNote/ram:Content"),
        changes=_changes_of(settled),
    )


def _tax_of(node: Node | None) -> e.Tax | None:
    if node is None:
        return None
    rate = _read.amount(node, "ram:RateApplicablePercent")
    category = _read.text(node, "ram:CategoryCode")
    if category == "O":
        rate = Decimal(0)
    reason, code = (_read.text(node, f"ram:ExemptionReason{end}") for end in ("", "Code"))
    return e.Tax(category, rate, reason, code)


def _changes_of(settled: Node | None) -> tuple[e.Change, ...]:
    if settled is None:
        return ()
    return tuple(
        e.Change(
            _read.text(node, "ram:ChargeIndicator/udt:Indicator") == "true",
            _read.number(node, "ram:ActualAmount"),
            _read.text(node, "ram:Reason"),
            _tax_of(_read.node(node, "ram:CategoryTradeTax")),
        )
        for node in _read.nodes(settled, "ram:SpecifiedTradeAllowanceCharge")
    )


def _tax_total_of(node: Node) -> e.TaxTotal:
    tax = _tax_of(node)
    assert tax is not None
    net, amount = _read.number(node, "ram:BasisAmount"), _read.number(node, "ram:CalculatedAmount")
    return e.TaxTotal(tax, net, amount)


def _totals_of(node: Node | None) -> e.Totals:
    return e.Totals(
        lines=_read.amount(node, "ram:LineTotalAmount"),
        allowances=_read.amount(node, "ram:AllowanceTotalAmount"),
        charges=_read.amount(node, "ram:ChargeTotalAmount"),
        net=_read.amount(node, "ram:TaxBasisTotalAmount"),
        tax=_read.amount(node, "ram:TaxTotalAmount"),
        gross=_read.amount(node, "ram:GrandTotalAmount"),
        paid=_read.amount(node, "ram:TotalPrepaidAmount"),
        rounding=_read.amount(node, "ram:RoundingAmount"),
        due=_read.amount(node, "ram:DuePayableAmount"),
    )
