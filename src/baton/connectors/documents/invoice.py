"""Invoices and credit memos as PDF/A-3, with the electronic invoice inside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from typst import TypstError

from baton.connectors import e_invoices
from baton.connectors.documents.addresses import postal_lines, printed
from baton.connectors.documents.factur_x import with_profile
from baton.connectors.documents.invoice_words import WORDS, language_of
from baton.connectors.documents.typesetting import Typesetter
from baton.invoicing.errors import EInvoiceIncomplete
from baton.invoicing.model import Document, Kind, Line, Party
from baton.values.money import minor_units

TEMPLATE = Path(__file__).with_name("invoice.typ")


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """Every text on the paper. `facts`, `sums` and `tax_ids` are (name, value); a line is
    (units, item, SKU, price, rate, amount). `xml` is empty where there is none to attach."""

    language: str
    title: str
    number: str
    seller: str
    seller_lines: tuple[str, ...]
    seller_small: tuple[str, ...]
    bill_to_caption: str
    bill_to: tuple[str, ...]
    ship_to_caption: str
    ship_to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    carried: str
    lines: tuple[tuple[str, str, str, str, str, str], ...]
    sums: tuple[tuple[str, str], ...]
    total: tuple[str, str]
    after: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    footer: str
    page: str
    xml: str


class InvoicePapers:
    """The `Papers` port, set by typst. The same document gives the same bytes."""

    def __init__(self) -> None:
        self._typesetter = Typesetter(TEMPLATE)

    def pdf(self, document: Document) -> bytes:
        """A PDF/A-3; with the electronic invoice in it (Factur-X) where that is complete.

        A document with letters that no font has is an ordinary PDF, with the same file in it.
        """
        xml = "" if self.missing(document) else self.xml(document).decode()
        sheet = invoice_sheet(document, xml)
        try:
            made = self._typesetter.archivable(sheet, on=document.issued_on)
        except TypstError:  # a letter that no font has: an archive may not show an empty box
            return self._typesetter.pdf(sheet, on=document.issued_on)
        return with_profile(made) if xml else made

    def xml(self, document: Document) -> bytes:
        return e_invoices.cii.written(self._complete(document))

    def ubl(self, document: Document) -> bytes:
        return e_invoices.ubl.written(self._complete(document))

    def missing(self, document: Document) -> tuple[str, ...]:
        return e_invoices.faults(e_invoices.e_invoice(document))

    def _complete(self, document: Document) -> e_invoices.EInvoice:
        made = e_invoices.e_invoice(document)
        if wrong := e_invoices.faults(made):
            raise EInvoiceIncomplete(
                f"{document.number} can't be an electronic invoice: {wrong[0]}.", rules=list(wrong)
            )
        return made


class _Told:
    """Amounts, dates and words in one language."""

    def __init__(self, document: Document) -> None:
        self.language = language_of(document.content.language)
        self.words = WORDS[self.language]
        self._locale = Locale.parse(self.language)
        self._currency = document.currency

    def money(self, minor: int) -> str:
        amount = Decimal(minor).scaleb(-minor_units(self._currency))
        return format_currency(amount, self._currency, locale=self._locale)

    def percent(self, rate: Decimal) -> str:
        return format_percent(rate / 100, format="#,##0.## %", locale=self._locale)

    def day(self, day: object) -> str:
        return format_date(day, format="long", locale=self._locale)  # type: ignore[arg-type]

    def units(self, units: int) -> str:
        return format_decimal(units, locale=self._locale)


def invoice_sheet(document: Document, xml: str = "") -> InvoiceSheet:
    """What the paper says, in the buyer's language."""
    told, content = _Told(document), document.content
    words = told.words
    gross = content.prices_include_tax
    amount = words["amount_gross" if gross else "amount_net"]
    return InvoiceSheet(
        language=told.language,
        title=words[document.kind.value],
        number=document.number,
        seller=printed(content.seller.name, 60),
        seller_lines=_lines(content.seller),
        seller_small=_seller_small(content.seller, told),
        bill_to_caption=words["bill_to"],
        bill_to=(*_lines(content.buyer), *_vat(content.buyer, told)),
        ship_to_caption=words["ship_to"],
        ship_to=postal_lines(content.deliver_to)
        if content.deliver_to and content.deliver_to != content.buyer.address
        else (),
        facts=_facts(document, told),
        headings=(words["units"], words["item"], words["price"], words["rate"], amount),
        carried=f"{document.number}, {words['carried']}",
        lines=tuple(_line(line, told, gross=gross) for line in document.lines),
        sums=_sums(document, told),
        total=(
            words["total" if document.kind is Kind.INVOICE else "credited"],
            told.money(document.total),
        ),
        after=_after(document, told),
        remarks=_remarks(document, told),
        footer=printed(content.footer, 1000),
        page=words["page"],
        xml=xml,
    )


def _lines(party: Party) -> tuple[str, ...]:
    lines = postal_lines(party.address) if party.address else ()
    name = printed(party.name, 90)
    return lines if name in lines else (name, *lines)


def _vat(party: Party, told: _Told) -> tuple[str, ...]:
    return (f"{told.words['vat_id']} {printed(party.vat_id, 30)}",) if party.vat_id else ()


def _seller_small(seller: Party, told: _Told) -> tuple[str, ...]:
    named = (
        ("vat_id", seller.vat_id),
        ("tax_number", seller.tax_number),
        ("registration", seller.registration),
    )
    ids = [f"{told.words[name]}: {printed(text, 60)}" for name, text in named if text]
    return (*ids, *(printed(text, 80) for text in (seller.email, seller.phone) if text))


def _facts(document: Document, told: _Told) -> tuple[tuple[str, str], ...]:
    content, words = document.content, told.words
    days = sorted({delivery.on for delivery in content.deliveries})
    span = " – ".join(told.day(day) for day in dict.fromkeys((days[0], days[-1]))) if days else ""
    one = content.orders[0] if len(content.orders) == 1 else None
    facts = [
        (words["number"], document.number),
        (words["date"], told.day(document.issued_on)),
        (words["order"], printed(one.number, 40)) if one else (words["orders"], _numbers(document)),
        (words["ordered"], told.day(one.placed_on) if one else ""),
        (words["delivered"], span),
        (words["corrects"], ", ".join(c.number for c in content.corrects)),
    ]
    return tuple((name, value) for name, value in facts if value)


def _numbers(document: Document) -> str:
    numbers = [order.number for order in document.content.orders]
    shown = ", ".join(numbers[:12])
    return shown if len(numbers) <= 12 else f"{shown} … ({len(numbers)})"


def _line(line: Line, told: _Told, *, gross: bool) -> tuple[str, str, str, str, str, str]:
    note = f"{told.words['discount']} {told.money(-line.discount)}" if line.discount else ""
    sku = " · ".join(filter(None, (printed(line.sku, 60), note)))
    goods = bool(line.part.line_no and line.units)
    return (
        told.units(line.units) if goods else "",
        printed(line.title, 200),
        sku,
        told.money(line.unit_price) if goods else "",
        told.percent(line.taxed.rate),
        told.money(line.total if gross else line.net),
    )


def _sums(document: Document, told: _Told) -> tuple[tuple[str, str], ...]:
    taxes = [
        (
            told.words["tax_at"].format(rate=told.percent(tax.rate), net=told.money(tax.net)),
            told.money(tax.tax),
        )
        for tax in document.content.taxes
    ]
    return ((told.words["net"], told.money(document.net)), *taxes)


def _after(document: Document, told: _Told) -> tuple[tuple[str, str], ...]:
    """What was paid and what is due: of an invoice alone."""
    if document.kind is Kind.CREDIT_MEMO:
        return ()
    rows = [("paid", document.paid), ("collecting", document.collecting)]
    rows.append(("due", document.due - document.collecting))
    return tuple((told.words[name], told.money(minor)) for name, minor in rows if minor)


def _remarks(document: Document, told: _Told) -> tuple[str, ...]:
    content, words = document.content, told.words
    said = [words["prices_gross" if content.prices_include_tax else "prices_net"]]
    said += [
        words.get(tax.category) or printed(tax.exemption, 200)
        for tax in content.taxes
        if tax.exemption or tax.category in words
    ]
    if document.kind is Kind.CREDIT_MEMO:
        said += [f"{words['reason']}: {printed(content.reason, 300)}"] if content.reason else []
    elif document.due - document.collecting > 0:
        said.append(words["due_on"].format(day=told.day(content.due_on)))
        if content.iban:
            said.append(f"{words['bank']}: {' '.join((content.iban, content.bic)).strip()}")
    elif not document.due:
        said.append(words["settled"])
    return tuple(dict.fromkeys(said))
