"""What goes back to the customer, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baton.values.ids import Id


class GoesTo(StrEnum):
    """Where the money for returned goods goes."""

    ORIGINAL = "original"
    """Back the way it came."""
    STORE_CREDIT = "store_credit"
    EXCHANGE = "exchange"
    """Into an order for other goods."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LineBack:
    """Units of one order line, counted from `first_unit`, and what they bring."""

    line_no: int
    order_line: int
    first_unit: int
    units: int
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class ChargeBack:
    """Of a charge, what is given back (or taken off, where it was a discount)."""

    charge_no: int
    amount: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a return brings at one moment: in the end
    max(goods + charges − fee, 0) + bonus − withheld."""

    id: Id
    rma_id: Id
    settlement_no: int
    order_id: Id
    goes_to: GoesTo
    currency: str
    goods_minor: int
    tax_minor: int
    charges_minor: int
    fee_minor: int
    bonus_minor: int
    amount_minor: int
    withheld_minor: int
    exchange_order: Id | None
    exchanged_minor: int
    settled_at: datetime
    settled_by: str
    lines: tuple[LineBack, ...] = ()
    charges: tuple[ChargeBack, ...] = ()
