"""Electronic invoices by EN 16931: written, read back, held against the standard's own rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import facturx
import pypdf
import pytest
from lxml import etree

from baton.connectors.documents import InvoicePapers
from baton.connectors.documents.invoice import invoice_sheet
from baton.connectors.documents.invoice_words import WORDS, language_of
from baton.connectors.e_invoices import EInvoice, cii, e_invoice, faults, read, ubl
from baton.invoicing.errors import EInvoiceIncomplete, EInvoiceUnreadable
from baton.invoicing.model import Document, Kind, Taxed
from papers import BUYER, S7, SELLER, document, line, rule_faults, schema_faults

PAPERS = InvoicePapers()
SHIPPING = line(1, 1, 420, 80, charge=True, title="Shipping")
VOUCHER = line(2, 1, -168, -32, charge=True, title="Voucher")


def zero(category: str) -> Taxed:
    return Taxed(category, Decimal(0))


DOCUMENTS = {
    "two rates, a charge, an allowance": document(
        [line(1, 2, 1681, 319), line(2, 3, 2804, 196, S7), SHIPPING, VOUCHER]
    ),
    "charges alone": document([SHIPPING]),
    "an allowance alone": document([VOUCHER], Kind.CREDIT_MEMO),
    "a third of a cent": document([line(1, 3, 1000, 190)], prices_include_tax=False, paid=500),
    "a memo": document([line(1, 1, 840, 160), SHIPPING], Kind.CREDIT_MEMO, language="fr"),
    "money without units": document([line(1, 0, 84, 16)], Kind.CREDIT_MEMO),
    "reverse charge": document(
        [line(1, 1, 1000, 0, zero("AE"))], buyer=replace(BUYER, vat_id="FR12345678901")
    ),
    "export": document([line(1, 1, 1000, 0, zero("G"))]),
    "exempt": document([line(1, 1, 1000, 0, zero("E"))]),
    "zero": document([line(1, 1, 1000, 0, zero("Z"))]),
    "a gift card beside goods": document(
        [line(1, 1, 840, 160), line(2, 1, 5000, 0, Taxed("O", Decimal(0), "VATEX-EU-O"))]
    ),
    "a gift card and what is exempt": document(
        [line(1, 1, 840, 0, zero("E")), line(2, 1, 5000, 0, zero("O"))]
    ),
    "export with its code": document([line(1, 1, 1000, 0, Taxed("G", Decimal(0), "VATEX-EU-G"))]),
    "no tax at all": document([line(1, 1, 1000, 0, zero("O"))], seller=replace(SELLER, vat_id="")),
    "no small units": document([line(1, 1, 1000, 100, Taxed("S", Decimal(10)))], currency="JPY"),
    "paid": document([line(1, 2, 1681, 319)], paid=2000),
    "strange letters": document(
        [line(1, 1, 840, 160, title="<&> \x00 \ud83d “quoted”")], footer="a\x0bb"
    ),
}
every = pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)


@every
def test_it_is_what_the_standard_wants(made: Document) -> None:
    assert faults(e_invoice(made)) == ()
    for xml in (PAPERS.xml(made), PAPERS.ubl(made)):
        assert schema_faults(xml) == []
        assert rule_faults(xml) == []


@every
def test_it_reads_back_as_it_was(made: Document) -> None:
    written = e_invoice(made)
    plain = written.items[0].name.isascii()
    for syntax in (cii, ubl):
        back = read(syntax.written(written))
        assert back == written or not plain
        assert read(syntax.written(back)) == back


@every
def test_the_paper_carries_it(made: Document) -> None:
    pdf = PAPERS.pdf(made)
    assert pdf == PAPERS.pdf(made), "the same document gives the same bytes"
    name, xml = facturx.get_facturx_xml_from_pdf(pdf)
    assert (name, xml) == ("factur-x.xml", PAPERS.xml(made))
    reader = pypdf.PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]
    said = etree.fromstring(root["/Metadata"].get_data())
    told = {
        etree.QName(e).localname: e.text
        for e in said.iter()
        if str(e.tag).startswith(("{urn:factur-x", "{http://www.aiim.org/pdfa/ns/id"))
    }
    assert told == {
        "part": "3",
        "conformance": "B",
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    (file,) = root["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Alternative"
    text = "".join(page.extract_text() for page in reader.pages)
    assert made.number in text


def test_letters_without_a_font_cost_the_archive_and_nothing_else() -> None:
    made = document([line(1, 1, 840, 160, title="猫 2")])
    pdf = PAPERS.pdf(made)
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert reader.attachments["factur-x.xml"] == [PAPERS.xml(made)]
    assert b"pdfaid" not in pdf


def broken(made: EInvoice) -> dict[str, EInvoice]:
    """Invoices that each break a rule, by the rule."""
    totals, (first, *rest) = made.totals, made.items
    group = made.taxes[0]
    return {
        "BR-02": replace(made, number=""),
        "BR-06": replace(made, seller=replace(made.seller, name="")),
        "BR-09": replace(made, seller=replace(made.seller, country="")),
        "BR-11": replace(made, buyer=replace(made.buyer, country="")),
        "BR-S-02": replace(made, seller=replace(made.seller, vat_id="")),
        "BR-CO-10": replace(made, totals=replace(totals, lines=totals.lines + 1)),
        "BR-CO-13": replace(made, totals=replace(totals, net=totals.net + 1)),
        "BR-CO-14": replace(made, totals=replace(totals, tax=totals.tax + 1)),
        "BR-CO-15": replace(made, totals=replace(totals, gross=totals.gross + 1)),
        "BR-CO-16": replace(made, totals=replace(totals, due=totals.due + 1)),
        "BR-CO-17": replace(made, taxes=(replace(group, amount=group.amount + 2), *made.taxes[1:])),
        "BR-CO-25": replace(made, due_on=None),
        "BR-27": replace(made, items=(replace(first, price=-first.price), *rest)),
    }


@pytest.mark.parametrize("rule", broken(e_invoice(DOCUMENTS["two rates, a charge, an allowance"])))
def test_what_is_wrong_is_found_by_us_and_by_the_standards_rules(rule: str) -> None:
    wrong = broken(e_invoice(DOCUMENTS["two rates, a charge, an allowance"]))[rule]
    assert any(fault.startswith(rule) for fault in faults(wrong)), faults(wrong)
    found = rule_faults(cii.written(wrong)) + schema_faults(cii.written(wrong))
    found += rule_faults(ubl.written(wrong))
    # of this one the makers' own rules say nothing in either syntax
    assert found or rule == "BR-CO-25", "the standard's own validators find it too"


def test_an_incomplete_one_is_paper_alone() -> None:
    made = document([line(1, 1, 840, 160)], seller=replace(SELLER, vat_id="", registration=""))
    for write in (PAPERS.xml, PAPERS.ubl):
        with pytest.raises(EInvoiceIncomplete, match="BR-CO-26"):
            write(made)
    assert pypdf.PdfReader(BytesIO(PAPERS.pdf(made))).attachments == {}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        b"<CrossIndustryInvoice/>",
    ],
)
def test_what_is_no_invoice(text: bytes) -> None:
    with pytest.raises(EInvoiceUnreadable):
        read(text)


@pytest.mark.parametrize("amount", ["x", "1e99999", "NaN", "1" * 50])
def test_what_is_no_amount(amount: str) -> None:
    xml = PAPERS.ubl(DOCUMENTS["paid"]).replace(b">20.00<", f">{amount}<".encode())
    with pytest.raises(EInvoiceUnreadable):
        read(xml)


# ── the paper ──────────────────────────────────────────────────────────────────────────────


def test_every_language_has_every_word() -> None:
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        for name, text in words.items():
            assert text.count("{") == WORDS["en"][name].count("{"), (language, name)


@pytest.mark.parametrize(
    ("wanted", "spoken"), [("de-AT", "de"), ("fr_CA", "fr"), ("EN", "en"), ("xx", "en"), ("", "en")]
)
def test_a_language_that_is_not_spoken_is_english(wanted: str, spoken: str) -> None:
    assert language_of(wanted) == spoken


def test_amounts_and_dates_are_the_languages_own() -> None:
    made = document([line(1, 2, 168067, 31933)], language="de", paid=100_000)
    sheet = invoice_sheet(made)
    assert sheet.title == "Rechnung"
    assert sheet.total == ("Gesamtbetrag", "2.000,00\xa0€")
    assert ("Datum", "3. März 2026") in sheet.facts
    assert sheet.after == (("Bezahlt", "1.000,00\xa0€"), ("Offener Betrag", "1.000,00\xa0€"))
    assert "Zahlbar bis 17. März 2026" in sheet.remarks
    french = invoice_sheet(document([line(1, 1, 840, 160)], Kind.CREDIT_MEMO, language="fr"))
    assert french.title == "Avoir"
    assert ("Corrige la facture", "INV-2026-000001") in french.facts
    assert french.after == ()


def test_net_prices_are_shown_net() -> None:
    made = document([line(1, 1, 1000, 190)], prices_include_tax=False)
    assert invoice_sheet(made).lines[0][-1] == "€10.00"
    assert invoice_sheet(made).headings[-1] == "Amount"


def test_a_long_invoice_carries_its_head_over() -> None:
    made = document([line(n, 2, 1681, 319) for n in range(1, 80)], language="de")
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(PAPERS.pdf(made))).pages]
    assert len(pages) > 2
    assert "Fortsetzung" not in pages[0]
    for number, text in enumerate(pages[1:-1], 2):
        assert "INV-2026-000007, Fortsetzung" in text
        assert "EINZELPREIS" in text
        assert f"Seite {number} von {len(pages)}" in text
