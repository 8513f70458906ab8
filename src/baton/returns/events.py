"""Facts about returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class ReturnRecorded(Fact):
    """A return came in from a channel, with the sum of its lines and the orders it reverses."""

    fact: ClassVar[str] = "returns.recorded"
    subject: ClassVar[str] = "return"

    channel_id: Id
    kind: str
    mode: str
    currency: str
    amount_minor: int
    units: int
    order_ids: tuple[Id, ...]
