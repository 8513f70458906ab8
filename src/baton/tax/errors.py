"""What the tax module refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound, Unavailable


class RateInvalid(Invalid):
    """A rate is out of bounds, or contradicts its own category code."""

    code = "tax_rate_invalid"


class RatesUnreadable(Invalid):
    """A file of rates can't be read as a table with the columns that are needed."""

    code = "tax_rates_unreadable"


class RegistrationInvalid(Invalid):
    """A registration ends before it begins, or its number is none of that country."""

    code = "tax_registration_invalid"


class ExemptionInvalid(Invalid):
    """An exemption ends before it begins, or names nobody."""

    code = "tax_exemption_invalid"


class VatIdInvalid(Invalid):
    """A VAT id does not have the form that its country gives them, or its check digit is wrong."""

    code = "vat_id_invalid"


class QuoteInvalid(Invalid):
    """What is to be quoted names an unknown channel, or amounts beyond all reason."""

    code = "tax_quote_invalid"


class NotDetermined(NotFound):
    """The tax of this order has not been determined yet."""

    code = "tax_not_determined"


class ServiceMissing(NotFound):
    """No connector of this name is set up, so nobody can be asked for tax."""

    code = "tax_service_missing"


class ServiceRequestInvalid(Invalid):
    """A tax service was to be asked without lines, or under a key that it can't keep."""

    code = "tax_service_request_invalid"


class ServiceAway(Unavailable):
    """The tax service's answer did not come or was not understood: it is asked again."""

    code = "tax_service_away"
