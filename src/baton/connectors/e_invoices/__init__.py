"""Electronic invoices by EN 16931: Cross Industry Invoice (Factur-X, ZUGFeRD) and UBL 2.1.

`e_invoice` puts a document of ours into the standard's words; `cii` and `ubl` write and read the
two syntaxes; `faults` says what does not hold of an invoice, ours or somebody else's. Pure: text
in, values out.
"""

from baton.connectors.e_invoices import cii, ubl
from baton.connectors.e_invoices.made import e_invoice
from baton.connectors.e_invoices.model import EInvoice
from baton.connectors.e_invoices.rules import faults

__all__ = ["EInvoice", "cii", "e_invoice", "faults", "read", "ubl"]


def read(xml: bytes) -> EInvoice:
    """An invoice in either syntax. Raises EInvoiceUnreadable."""
    return cii.read(xml) if b"CrossIndustryInvoice" in xml[:4000] else ubl.read(xml)
