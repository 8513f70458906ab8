"""Who buys: customers, how they are known again, and where they have things sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from baton.values.address import Address
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class Seed:
    """What an order says of its buyer; all but the channel may be missing.

    `country` helps to read a telephone number that was written without its prefix.
    """

    channel_id: Id
    channel_customer_id: str = ""
    email: str = ""
    name: str = ""
    phone: str = ""
    language: str = ""
    country: str = ""


class Identity(NamedTuple):
    """One way to know a customer again: ("email", …) or ("channel:<id>", the channel's own id)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer as first seen; orders keep their own snapshot of name and address.

    `merged_into` points to the customer who stands for this one, and can be taken back.
    """

    id: Id
    name: str
    email: str
    phone: str
    language: str
    merged_into: Id | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of an address, and what to do.

    `code` is one of: required · unknown_country · unknown_region · malformed · elsewhere (a
    postal code of another region).
    """

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address for a customer's book."""

    customer_id: Id
    address: Address


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """An address in a customer's book, in their own words, and what its country's rules say."""

    id: Id
    customer_id: Id
    address: Address
    problems: tuple[Problem, ...]
