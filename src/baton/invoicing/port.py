"""What invoicing asks of whoever sets paper."""

from __future__ import annotations

from typing import Protocol

from baton.invoicing.model import Document


class Papers(Protocol):
    """Makes a document into what is sent. The same document gives the same bytes."""

    def pdf(self, document: Document) -> bytes:
        """A PDF/A-3 for people; with the electronic invoice in it where that is complete."""
        ...

    def xml(self, document: Document) -> bytes:
        """The electronic invoice as Cross Industry Invoice. Raises EInvoiceIncomplete."""
        ...

    def ubl(self, document: Document) -> bytes:
        """The same as UBL 2.1. Raises EInvoiceIncomplete."""
        ...

    def missing(self, document: Document) -> tuple[str, ...]:
        """What keeps the document from being an electronic invoice, rule by rule."""
        ...
