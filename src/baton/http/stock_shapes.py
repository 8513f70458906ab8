"""What stock looks like on the wire: levels, movements, documents, shortages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from baton.http.order_shapes import LocationId
from baton.http.wire import Code, In, Minor, Out, Prefixed
from baton.values import Id

SkuId = Annotated[Id, Prefixed("sku")]
DocumentId = Annotated[Id, Prefixed("doc")]
MovementId = Annotated[Id, Prefixed("mov")]
ShortageId = Annotated[Id, Prefixed("sho")]
TaskId = Annotated[Id, Prefixed("tsk")]


class LevelOut(Out):
    """One SKU at one location, in units."""

    location: str
    on_hand: int
    unavailable: int
    held_back: int
    allocated: int
    short: int
    sellable: int
    free: int


class AreaStockOut(Out):
    area: str
    physical: int
    offered: int
    committed: int
    short: int
    free: int


class StockOut(Out):
    """A SKU's stock: by location, and by area as it is promised."""

    sku: str
    title: str
    levels: list[LevelOut]
    areas: list[AreaStockOut]


class MovementOut(Out):
    id: MovementId
    kind: str
    on_hand: int
    unavailable: int
    document_kind: str
    document_id: DocumentId
    reason: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime


class LineIn(In):
    """`quantity` is what was counted or received; for adjustments, the signed difference.

    `unit_cost` (receipts alone) is what a unit cost, in `currency` or else in the currency of the
    location's legal entity.
    """

    sku: Code
    quantity: int = Field(ge=-10_000_000, le=10_000_000)
    expected: int | None = Field(default=None, ge=-10_000_000, le=10_000_000)
    unit_cost: Minor | None = None
    currency: str | None = Field(default=None, min_length=3, max_length=3)


class DocumentIn(In):
    """`reference` is yours: the same one again changes nothing."""

    location: Code
    lines: list[LineIn] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=120)
    occurred_at: AwareDatetime | None = None


class DocumentLineOut(Out):
    line_no: int
    sku: str
    quantity: int
    expected: int | None
    sent: int
    received: int
    unit_cost: int | None
    currency: str | None


class DocumentOut(Out):
    id: DocumentId
    kind: str
    state: str
    location_id: LocationId
    to_location_id: LocationId | None
    reason: str
    reference: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    lines: list[DocumentLineOut]


class MoveIn(In):
    sku: Code
    quantity: int = Field(ge=1, le=10_000_000)


class TransferIn(In):
    source: Code = Field(alias="from")
    target: Code = Field(alias="to")
    lines: list[MoveIn] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=120)


class UnitsIn(In):
    line: int = Field(ge=1)
    quantity: int = Field(ge=1, le=10_000_000)


class SendIn(In):
    """What leaves; without `lines`, all that was requested."""

    lines: list[UnitsIn] | None = Field(default=None, min_length=1, max_length=5000)


class ReceiveIn(SendIn):
    """What came in; `final` says that nothing more will."""

    reference: str = Field(default="", max_length=120)
    final: bool = False


class HeldIn(In):
    sku: Code
    units: int = Field(ge=0, le=10_000_000)


class HoldBackIn(In):
    location: Code
    lines: list[HeldIn] = Field(min_length=1, max_length=5000)


class ShortageOut(Out):
    id: ShortageId
    sku: str
    area: str
    location: str | None
    units: int
    open_units: int
    cause: str
    opened_at: datetime


class TaskOut(Out):
    id: TaskId
    location: str
    sku: str
    cause: str
    opened_at: datetime
