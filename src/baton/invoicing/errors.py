"""What the invoicing module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Invalid, NotFound, Refused


class SeriesInvalid(Invalid):
    """A pattern of numbers has no {no}, or something in it that can't stand in a number."""

    code = "series_invalid"


class SeriesTooAlike(Conflict):
    """Another series of the legal entity could make the same number: choose another pattern."""

    code = "series_too_alike"


class IssuerInvalid(Invalid):
    """What the paper is to say of the legal entity can't be used."""

    code = "issuer_invalid"


class DocumentNotFound(NotFound):
    """There is no such invoice or credit memo."""

    code = "invoice_not_found"


class NothingToCredit(Refused):
    """Nothing of this was billed, or all that was billed is credited already."""

    code = "nothing_to_credit"


class CreditTooMuch(Refused):
    """More would be credited than was billed and not credited yet."""

    code = "credit_too_much"


class EInvoiceIncomplete(Refused):
    """The document lacks what an electronic invoice must say; the parameters name the rules."""

    code = "e_invoice_incomplete"


class EInvoiceUnreadable(Invalid):
    """The text is no electronic invoice that can be read: UBL 2.1, or Cross Industry Invoice."""

    code = "e_invoice_unreadable"
