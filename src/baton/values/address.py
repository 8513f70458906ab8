"""Where to, and to whom: the customer's own text, kept as it was given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. `country` is ISO 3166-1 alpha-2; `lines` is the street part."""

    name: str
    lines: tuple[str, ...]
    city: str
    country: str
    postal_code: str = ""
    region: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is reached; either may be missing."""

    email: str = ""
    phone: str = ""
