"""What customers refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound


class AddressUnkeepable(Invalid):
    """An address is so long, or holds such characters, that it can't be kept."""

    code = "address_unkeepable"


class CustomerNotFound(NotFound):
    """There is no such customer."""

    code = "customer_not_found"
