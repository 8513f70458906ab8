"""Facts about stock. `location_id` is the nil id where an area as a whole is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class StockRecorded(Fact):
    """A stock document was recorded: a receipt, count, adjustment, sale, damage and the like.

    With state "history" it moved no stock here. The units are in its movements.
    """

    fact: ClassVar[str] = "inventory.recorded"
    subject: ClassVar[str] = "stock_document"

    kind: str
    state: str
    location_id: Id
    reference: str
    lines: int


@dataclass(frozen=True, slots=True)
class StockWentShort(Fact):
    """Promised units are not there any more; one shortage is open until they are worked off.

    `subject_id` is the document that took them, `cause` the kind of its movement.
    """

    fact: ClassVar[str] = "inventory.went_short"
    subject: ClassVar[str] = "stock_document"

    shortage_id: Id
    sku_id: Id
    area_id: Id
    location_id: Id
    units: int
    cause: str


@dataclass(frozen=True, slots=True)
class CountWanted(Fact):
    """Somebody is to count a SKU at a location, because units were not where they should be."""

    fact: ClassVar[str] = "inventory.count_wanted"
    subject: ClassVar[str] = "count_task"

    sku_id: Id
    location_id: Id
    cause: str


@dataclass(frozen=True, slots=True)
class HeldBackSet(Fact):
    """Other units than before are kept from sale at a location; `levels` names them all.

    Each level is (SKU, location, units before, units now).
    """

    fact: ClassVar[str] = "inventory.held_back_set"
    subject: ClassVar[str] = "held_back"

    levels: tuple[tuple[Id, Id, int, int], ...]


@dataclass(frozen=True, slots=True)
class TransferRequested(Fact):
    """Goods are promised to a transfer and wait to be sent."""

    fact: ClassVar[str] = "inventory.transfer_requested"
    subject: ClassVar[str] = "stock_document"

    location_id: Id
    to_location_id: Id
    units: int


@dataclass(frozen=True, slots=True)
class TransferSent(Fact):
    """The goods of a transfer have left; until they arrive they are in transit."""

    fact: ClassVar[str] = "inventory.transfer_sent"
    subject: ClassVar[str] = "stock_document"

    location_id: Id
    to_location_id: Id
    units: int


@dataclass(frozen=True, slots=True)
class TransferReceived(Fact):
    """Goods of a transfer came in with the delivery `receipt_id`; `complete`: the last ones.

    `lost` units were sent and will not come any more. By SKU: `arrived` is (SKU, units, those of
    them that were not on the way), `missing` is (SKU, units lost); all come from
    `from_location_id`.
    """

    fact: ClassVar[str] = "inventory.transfer_received"
    subject: ClassVar[str] = "stock_document"

    receipt_id: Id
    location_id: Id
    units: int
    complete: bool
    lost: int
    arrived: tuple[tuple[Id, int, int], ...] = ()
    missing: tuple[tuple[Id, int], ...] = ()
    from_location_id: Id | None = None


@dataclass(frozen=True, slots=True)
class TransferCancelled(Fact):
    """A transfer was given up before it was sent; its goods are free again."""

    fact: ClassVar[str] = "inventory.transfer_cancelled"
    subject: ClassVar[str] = "stock_document"

    location_id: Id
    to_location_id: Id
    units: int
