"""Papers, set by typst. No connector, but what carriers' labels and packing slips are made with.

*Source* of the language: typst 0.15, https://typst.app/docs/reference/.
"""

from baton.connectors.documents.invoice import InvoicePapers
from baton.connectors.documents.packing_slip import TypstDocuments
from baton.connectors.documents.typesetting import Typesetter

__all__ = ["InvoicePapers", "Typesetter", "TypstDocuments"]
