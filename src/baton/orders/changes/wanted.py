"""What can be asked of an order that was taken: one type for each action, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import msgspec

from baton.orders.intake import KnownSku
from baton.orders.model import (
    ChargeKind,
    Method,
)
from baton.values import Address, Id


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """So many units of a line are wanted: more are added, fewer are cancelled."""

    kind: ClassVar[str] = "set_quantity"

    line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CancelUnits:
    """Units of a line are not wanted any more."""

    kind: ClassVar[str] = "cancel_units"

    line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """A delivery group goes elsewhere."""

    kind: ClassVar[str] = "change_address"

    address: Address
    group: int = 1


@dataclass(frozen=True, slots=True)
class ChangeMethod:
    """A group is shipped by another service, or picked up; what is None stays as it is.

    `location` is the code of the place of pick-up.
    """

    kind: ClassVar[str] = "change_method"

    group: int = 1
    method: Method | None = None
    service: str | None = None
    location: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class AddLine:
    """Units of a SKU more. Without a price it is the catalogue's; `tax` is over the line."""

    kind: ClassVar[str] = "add_line"

    sku: str
    quantity: int
    unit_price: int | None = None
    discount: int = 0
    tax: int = 0
    group: int = 1


@dataclass(frozen=True, slots=True)
class Substitute:
    """Units of a line are cancelled, and as many of another SKU come in their place.

    Without a price the customer pays for them what the cancelled ones would have cost.
    """

    kind: ClassVar[str] = "substitute"

    line: int
    sku: str
    quantity: int
    unit_price: int | None = None
    tax: int | None = None


@dataclass(frozen=True, slots=True)
class AddCharge:
    """Something beside the goods is to be paid; negative for a discount."""

    kind: ClassVar[str] = "add_charge"

    charge: ChargeKind
    amount: int
    tax: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class WaiveCharge:
    """A charge need not be paid: a second one takes it back."""

    kind: ClassVar[str] = "waive_charge"

    charge: int


@dataclass(frozen=True, slots=True)
class ChangePrice:
    """A line has another unit price; its tax keeps its rate."""

    kind: ClassVar[str] = "change_price"

    line: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class Reship:
    """Units that left and did not arrive as they should are sent once more, for nothing."""

    kind: ClassVar[str] = "reship"

    line: int
    quantity: int


Action = (
    SetQuantity
    | CancelUnits
    | ChangeAddress
    | ChangeMethod
    | AddLine
    | Substitute
    | AddCharge
    | WaiveCharge
    | ChangePrice
    | Reship
)

KINDS: Mapping[str, type[Action]] = {
    kind.kind: kind
    for kind in (
        SetQuantity,
        CancelUnits,
        ChangeAddress,
        ChangeMethod,
        AddLine,
        Substitute,
        AddCharge,
        WaiveCharge,
        ChangePrice,
        Reship,
    )
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a change is read against: SKUs, their prices in the order's currency, pick-up places."""

    skus: Mapping[str, KnownSku] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Id] = field(default_factory=dict)


def to_json(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """Actions as they are kept, each with its `type`; `from_json` is the inverse."""
    return [{"type": each.kind} | asdict(each) for each in actions]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Action, ...]:
    """The actions that were kept."""
    return tuple(
        msgspec.convert({k: v for k, v in each.items() if k != "type"}, KINDS[each["type"]])
        for each in kept
    )


def skus_of(actions: Sequence[Action]) -> list[str]:
    """The codes of SKUs that actions name."""
    return sorted({each.sku for each in actions if isinstance(each, AddLine | Substitute)})


def places_of(actions: Sequence[Action]) -> list[str]:
    """The codes of pick-up places that actions name."""
    return sorted({a.location for a in actions if isinstance(a, ChangeMethod) and a.location})


def priced(actions: Sequence[Action], known: Known) -> tuple[Action, ...]:
    """The actions with the prices that they leave to the catalogue: what was agreed stays so."""
    return tuple(
        replace(each, unit_price=known.prices[each.sku])
        if isinstance(each, AddLine) and each.unit_price is None and each.sku in known.prices
        else each
        for each in actions
    )
