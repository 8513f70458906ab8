"""What changes of orders look like on the wire: actions that come in, effects that go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from baton.http import order_shapes as shapes
from baton.http.orders import AddressIn, address_of
from baton.http.wire import In, Minor, Out, Text, Units
from baton.orders import changes
from baton.orders.model import ChargeKind, Method

LineNo = Annotated[int, Field(ge=1, le=100_000)]
GroupNo = Annotated[int, Field(ge=1, le=1000)]
Signed = Annotated[int, Field(ge=-(10**14), le=10**14, description="Minor units.")]


# ── what can be asked ──────────────────────────────────────────────────────────────────────


class SetQuantityIn(In):
    """So many units of a line are wanted: more are added, fewer are cancelled."""

    type: Literal["set_quantity"]
    line: LineNo
    quantity: int = Field(ge=0, le=10_000_000)

    def action(self) -> changes.Action:
        return changes.SetQuantity(self.line, self.quantity)


class CancelUnitsIn(In):
    """Units of a line are not wanted any more."""

    type: Literal["cancel_units"]
    line: LineNo
    quantity: Units

    def action(self) -> changes.Action:
        return changes.CancelUnits(self.line, self.quantity)


class ChangeAddressIn(In):
    """A delivery group goes elsewhere."""

    type: Literal["change_address"]
    group: GroupNo = 1
    address: AddressIn

    def action(self) -> changes.Action:
        return changes.ChangeAddress(address_of(self.address), self.group)


class ChangeMethodIn(In):
    """A group is shipped by another service, or picked up at a location's code."""

    type: Literal["change_method"]
    group: GroupNo = 1
    method: Method | None = None
    service: Text | None = None
    location: str = Field(default="", max_length=80)
    address: AddressIn | None = None

    def action(self) -> changes.Action:
        address = address_of(self.address) if self.address else None
        return changes.ChangeMethod(self.group, self.method, self.service, self.location, address)


class AddLineIn(In):
    """Units of a SKU more; without a price it is the catalogue's. `tax` is over the line."""

    type: Literal["add_line"]
    sku: Text
    quantity: Units
    unit_price: Minor | None = None
    discount: Minor = 0
    tax: Minor = 0
    group: GroupNo = 1

    def action(self) -> changes.Action:
        return changes.AddLine(
            self.sku, self.quantity, self.unit_price, self.discount, self.tax, self.group
        )


class SubstituteIn(In):
    """Units of a line are cancelled, and as many of another SKU come in their place."""

    type: Literal["substitute"]
    line: LineNo
    sku: Text
    quantity: Units
    unit_price: Minor | None = None
    tax: Minor | None = None

    def action(self) -> changes.Action:
        return changes.Substitute(self.line, self.sku, self.quantity, self.unit_price, self.tax)


class AddChargeIn(In):
    """Something beside the goods is to be paid; negative for a discount."""

    type: Literal["add_charge"]
    kind: ChargeKind
    amount: Signed
    tax: Signed = 0
    title: str = Field(default="", max_length=200)

    def action(self) -> changes.Action:
        return changes.AddCharge(self.kind, self.amount, self.tax, self.title)


class WaiveChargeIn(In):
    """A charge need not be paid."""

    type: Literal["waive_charge"]
    charge: int = Field(ge=1, le=100_000)

    def action(self) -> changes.Action:
        return changes.WaiveCharge(self.charge)


class ChangePriceIn(In):
    """A line has another unit price; its tax keeps its rate."""

    type: Literal["change_price"]
    line: LineNo
    unit_price: Minor

    def action(self) -> changes.Action:
        return changes.ChangePrice(self.line, self.unit_price)


class ReshipIn(In):
    """Units that left and did not arrive as they should are sent once more, for nothing."""

    type: Literal["reship"]
    line: LineNo
    quantity: Units

    def action(self) -> changes.Action:
        return changes.Reship(self.line, self.quantity)


ActionIn = Annotated[
    SetQuantityIn
    | CancelUnitsIn
    | ChangeAddressIn
    | ChangeMethodIn
    | AddLineIn
    | SubstituteIn
    | AddChargeIn
    | WaiveChargeIn
    | ChangePriceIn
    | ReshipIn,
    Field(discriminator="type"),
]


class PreviewIn(In):
    """Actions that are made together, one after the other."""

    actions: list[ActionIn] = Field(min_length=1, max_length=1000)


class TenderIn(In):
    """How what is added is paid: the provider's token, never a card number."""

    method: Text
    amount: Minor
    token: str = Field(default="", max_length=500)
    provider: str = Field(default="", max_length=80)


class ChangeIn(PreviewIn):
    """A change of the order as it was looked at: `version` is the order's, as its page said."""

    version: int = Field(ge=1, le=2**31 - 1)
    reason: Text
    tender: TenderIn | None = None


# ── what is answered ───────────────────────────────────────────────────────────────────────


class ChangeOut(Out):
    """A change with what it touched, before and after; `version` once it is applied."""

    number: int
    kind: str
    state: str
    version: int | None
    actions: list[dict[str, Any]]
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    actor: str
    at: datetime
    settled_at: datetime | None
    outcome: str


class SubmittedOut(Out):
    """The change as it stands, and the order with it."""

    change: ChangeOut
    order: shapes.OrderOut


class VersionOut(Out):
    """The order as it was after so many changes; amounts in minor units."""

    version: int
    total: int
    payable: int
    tax: int
    lines: dict[str, dict[str, Any]]
    charges: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, Any]]


class LineEffectOut(Out):
    """A line before and after; `total` is of the units that are wanted."""

    line_no: int
    sku: str
    title: str
    quantity_before: int
    quantity_after: int
    total_before: int
    total_after: int


class RefundOut(Out):
    """What goes back by the way it came."""

    method: str
    provider: str
    amount: int


class MoneyOut(Out):
    """What is paid in the end, and how the difference is settled, in minor units.

    `to_ask` is covered by no payment; `let_go` was authorised and is voided; `outside` was paid
    elsewhere, where a difference is settled too.
    """

    payable_before: int
    payable_after: int
    tax_before: int
    tax_after: int
    to_ask: int
    given_back: int
    let_go: int
    outside: int
    refunds: list[RefundOut]


class StockOut(Out):
    """Units of a line more, or fewer, that are promised in an area."""

    line_no: int
    area: str
    quantity: int


class PromiseOut(Out):
    group: int
    before: date | None
    after: date | None


class RecallOut(Out):
    """Units that a location is asked for; `at_once` where it has not begun."""

    number: str
    location: str
    at_once: bool
    lines: list[shapes.UnitsOut]


class PlannedOut(Out):
    """New work that would follow, at the location that routing chooses now."""

    location: str
    ship_on: date | None
    lines: list[shapes.UnitsOut]


class ChangePreviewOut(Out):
    """What a change would do; with `problems` it can't be made."""

    version: int
    currency: str
    possible: bool
    problems: list[str]
    lines: list[LineEffectOut]
    money: MoneyOut
    stock: list[StockOut]
    missing: list[shapes.UnitsOut]
    promises: list[PromiseOut]
    recalls: list[RecallOut]
    planned: list[PlannedOut]
