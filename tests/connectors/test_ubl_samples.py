"""UBL documents that nobody here wrote: read, recomputed, written and read again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from baton.connectors.e_invoices import cii, faults, read, ubl

pytestmark = pytest.mark.realdata
SAMPLES = {
    "invoice/UBL-Invoice-2.1-Example.xml": (
        5,
        "1729",
        {"BR-CO-15", "BR-CO-16", "line 1"},
    ),
    "creditnote/UBL-CreditNote-2.1-Example.xml": (
        5,
        "1729",
        {"BR-CO-15", "BR-CO-16", "BR-CO-25"},
    ),
}


def sample(shared_data: Path, name: str) -> bytes:
    return (shared_data / "ubl" / "ph-ubl" / name).read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_read_and_what_does_not_add_up_is_said(shared_data: Path, name: str) -> None:
    items, gross, wrong = SAMPLES[name]
    found = read(sample(shared_data, name))
    assert (found.number, found.currency, len(found.items)) == ("TOSL108", "EUR", items)
    assert found.credits is name.startswith("credit")
    assert found.seller.name == "The Sellercompany Incorporated"
    assert (found.seller.vat_id, found.buyer.vat_id) == ("DK12345", "BE54321")
    assert found.totals.gross == Decimal(gross)
    assert sum(item.net for item in found.items) == found.totals.lines == Decimal("1436.5")
    # its totals are rounded up to 1729 before the rounding amount is added, not after
    assert {fault.partition(":")[0] for fault in faults(found)} == wrong


def test_a_trivial_one_lacks_nearly_everything(shared_data: Path) -> None:
    found = read(sample(shared_data, "invoice/UBL-Invoice-2.1-Example-Trivial.xml"))
    assert (found.number, found.totals.due) == ("123", Decimal("100.00"))
    missing = {fault.partition(":")[0] for fault in faults(found)}
    assert {"BR-05", "BR-09", "BR-11", "BR-13", "BR-CO-18"} <= missing


def test_it_is_written_as_it_was_read(shared_data: Path) -> None:
    for path in sorted((shared_data / "ubl").rglob("UBL-*Note-*.xml")) + sorted(
        (shared_data / "ubl").rglob("UBL-Invoice-*.xml")
    ):
        found = read(path.read_bytes())
        assert ubl.read(ubl.written(found)) == found, path.name


def test_it_can_be_turned_into_the_other_syntax(shared_data: Path) -> None:
    found = read(sample(shared_data, "invoice/UBL-Invoice-2.1-Example.xml"))
    turned = cii.read(cii.written(found))
    assert (turned.totals, turned.taxes, turned.seller.vat_id) == (
        found.totals,
        found.taxes,
        found.seller.vat_id,
    )
    assert [item.net for item in turned.items] == [item.net for item in found.items]


def test_other_documents_are_no_invoices(shared_data: Path) -> None:
    from baton.invoicing.errors import EInvoiceUnreadable

    others = list((shared_data / "ubl").rglob("UBL-Order*.xml"))
    assert others
    for path in others:
        with pytest.raises(EInvoiceUnreadable):
            read(path.read_bytes())
