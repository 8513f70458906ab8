"""Facts about rates of exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact


@dataclass(frozen=True, slots=True)
class RatesImported(Fact):
    """Rates of a source came in; rows that say none were kept and named."""

    fact: ClassVar[str] = "currencies.imported"
    subject: ClassVar[str] = "currency_import"

    source: str
    added: int
    changed: int
    rejected: int
