"""Facts about customers: ids and kinds, never a name, an address or a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class CustomerCreated(Fact):
    """A buyer was seen for the first time; `known_by` are the kinds of identity they came with."""

    fact: ClassVar[str] = "customers.created"
    subject: ClassVar[str] = "customer"

    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerLinked(Fact):
    """A known customer can be known again in one more way."""

    fact: ClassVar[str] = "customers.linked"
    subject: ClassVar[str] = "customer"

    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressSaved(Fact):
    """An address came into a customer's book; `problems` are "field: code"."""

    fact: ClassVar[str] = "customers.address_saved"
    subject: ClassVar[str] = "customer"

    address_id: Id
    country: str
    problems: tuple[str, ...]
