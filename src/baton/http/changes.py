"""Changes of orders over HTTP: preview, submit, history, and the order at an earlier version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field

from baton import locations, orders
from baton.access.model import Permission, Principal
from baton.flows import change_order, preview_change
from baton.flows.preview_change import Preview, Seen
from baton.fulfillment.model import FulfillmentOrder
from baton.http import order_shapes as shapes
from baton.http.call import Asked, Places
from baton.http.orders import AddressIn, OrderRef, address_of, found, page_of
from baton.http.wire import In, Minor, Out, Page, Text, Units
from baton.orders import changes
from baton.orders.model import Change, ChargeKind, Line, Method, TenderDraft
from baton.orders.versions import at_version
from baton.platform.db import Tx
from baton.values.errors import NotFound
from baton.values.money import share

router = APIRouter(prefix="/v1", tags=["orders"])

LineNo = Annotated[int, Field(ge=1, le=100_000)]
GroupNo = Annotated[int, Field(ge=1, le=1000)]
Signed = Annotated[int, Field(ge=-(10**14), le=10**14, description="Minor units.")]


class VersionUnknown(NotFound):
    """The order has not been changed that often."""

    code = "version_not_found"


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


# ── endpoints ──────────────────────────────────────────────────────────────────────────────


@router.post("/orders/{order}/changes/preview")
def preview_change_of(call: Asked, order: OrderRef, body: PreviewIn) -> ChangePreviewOut:
    """What a change would do to money, stock, dates and work; nothing changes."""

    def work(tx: Tx, at: Places) -> ChangePreviewOut:
        id = found(tx, order, at)
        return _previewed(tx, preview_change.preview(tx, id, _actions(body)), at)

    return call.read_at(Permission.ORDERS_EDIT, work)


@router.post("/orders/{order}/changes", status_code=201, response_model=SubmittedOut)
def submit_change(call: Asked, order: OrderRef, body: ChangeIn) -> Response:
    """Change an order: at once, or once its locations have given back what they were sent."""

    def work(tx: Tx, principal: Principal) -> SubmittedOut:
        id = found(tx, order, principal.location_ids)
        made = change_order.submit(
            tx, id, _actions(body), body.reason, body.version, tender=_tender(body.tender)
        )
        return SubmittedOut(
            change=change_out(made.change), order=page_of(tx, call, id, principal.location_ids)
        )

    return call.write(Permission.ORDERS_EDIT, work, status=201)


@router.get("/orders/{order}/changes")
def list_changes(call: Asked, order: OrderRef) -> Page[ChangeOut]:
    """Every change of an order, oldest first: who, why, what it was and became."""

    def work(tx: Tx, at: Places) -> Page[ChangeOut]:
        id = found(tx, order, at)
        return Page(data=[change_out(each) for each in orders.changes_of(tx, [id])])

    return call.read_at(Permission.ORDERS_READ, work)


@router.get("/orders/{order}/versions/{version}")
def order_version(
    call: Asked, order: OrderRef, version: Annotated[int, Path(ge=0, le=2**31 - 1)]
) -> VersionOut:
    """The order as it was after so many changes; 0 as it was taken."""

    def work(tx: Tx, at: Places) -> VersionOut:
        id = found(tx, order, at)
        history = orders.changes_of(tx, [id])
        if version > max((c.version or 0 for c in history), default=0):
            raise VersionUnknown("The order was not changed that often.", field="version")
        kept = at_version(orders.read(tx, [id])[id], history, version)
        return VersionOut(version=version, **kept)

    return call.read_at(Permission.ORDERS_READ, work)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def change_out(change: Change) -> ChangeOut:
    """A change as the API shows it."""
    return ChangeOut(
        number=change.change_no,
        kind=change.kind,
        state=change.state.value,
        version=change.version,
        actions=[dict(action) for action in change.actions],
        before=dict(change.before or {}),
        after=dict(change.after or {}),
        reason=change.reason,
        actor=change.actor,
        at=change.at,
        settled_at=change.settled_at,
        outcome=change.outcome,
    )


def _actions(body: PreviewIn) -> list[changes.Action]:
    return [each.action() for each in body.actions]


def _tender(given: TenderIn | None) -> TenderDraft | None:
    if given is None:
        return None
    return TenderDraft(given.method, given.amount, given.token, given.provider)


def _previewed(tx: Tx, seen: Preview, at: Places) -> ChangePreviewOut:
    before, after = seen.before, seen.after
    new = _new_works(before, after)
    places = {work.location_id for work in new} | {r.work.location_id for r in seen.recalls}
    codes = {id: p.code for id, p in locations.locations_by_id(tx, sorted(places)).items()}
    areas = locations.areas_by_id(tx, sorted({area for _, area in seen.stock}))
    return ChangePreviewOut(
        version=before.order.header.version,
        currency=before.order.header.currency,
        possible=not seen.problems,
        problems=list(seen.problems),
        lines=_line_effects(before, after),
        money=_money(before, after),
        stock=[
            StockOut(line_no=line, area=areas[area].code, quantity=units)
            for (line, area), units in seen.stock.items()
            if at is None
        ],
        missing=_units(seen.missing.items()),
        promises=_promises(before, after),
        recalls=[
            RecallOut(
                number=each.work.number,
                location=codes[each.work.location_id],
                at_once=each.at_once,
                lines=_units(each.units.items()),
            )
            for each in seen.recalls
            if at is None or each.work.location_id in at
        ],
        planned=[
            PlannedOut(
                location=codes[work.location_id],
                ship_on=work.ship_on,
                lines=_units((line.order_line, line.quantity) for line in work.lines),
            )
            for work in new
            if at is None or work.location_id in at
        ],
    )


def _new_works(before: Seen, after: Seen) -> list[FulfillmentOrder]:
    """Work that follows from the change; what it only touched keeps its id."""
    known = {work.id for work in before.works}
    return [work for work in after.works if work.id not in known and work.open]


def _line_effects(before: Seen, after: Seen) -> list[LineEffectOut]:
    was = {line.line_no: line for line in before.order.lines}
    effects = []
    for line in after.order.lines:
        old = was.get(line.line_no)
        effect = LineEffectOut(
            line_no=line.line_no,
            sku=line.sku_code,
            title=line.title,
            quantity_before=_wanted(old),
            quantity_after=_wanted(line),
            total_before=_value(old),
            total_after=_value(line),
        )
        changed = effect.quantity_before != effect.quantity_after
        if changed or effect.total_before != effect.total_after:
            effects.append(effect)
    return effects


def _wanted(line: Line | None) -> int:
    return line.ordered - line.cancelled if line else 0


def _value(line: Line | None) -> int:
    return share(line.total, line.ordered, _wanted(line)) if line else 0


def _money(before: Seen, after: Seen) -> MoneyOut:
    was = {payment.id: payment for payment in before.payments}
    refunds = []
    let_go = 0
    for payment in after.payments:
        old = was[payment.id]
        back = payment.refunded + payment.refunding - old.refunded - old.refunding
        let_go += payment.voided - old.voided
        if back:
            refunds.append(RefundOut(method=payment.method, provider=payment.provider, amount=back))
    return MoneyOut(
        payable_before=before.money.payable,
        payable_after=after.money.payable,
        tax_before=_tax(before),
        tax_after=_tax(after),
        to_ask=after.money.uncovered,
        given_back=sum(each.amount for each in refunds),
        let_go=let_go,
        outside=after.money.outside,
        refunds=refunds,
    )


def _tax(seen: Seen) -> int:
    """The tax in what is payable: shares of lines, and of charges while a unit is wanted."""
    lines = seen.order.lines
    tax = sum(share(line.tax, line.ordered, _wanted(line)) for line in lines)
    if any(_wanted(line) for line in lines) or not lines:
        tax += sum(charge.tax for charge in seen.order.charges)
    return tax


def _promises(before: Seen, after: Seen) -> list[PromiseOut]:
    return [
        PromiseOut(group=old.group_no, before=old.promised_by, after=new.promised_by)
        for old, new in zip(before.order.groups, after.order.groups, strict=True)
    ]


def _units(units: Any) -> list[shapes.UnitsOut]:
    return [shapes.UnitsOut(line_no=line, quantity=count) for line, count in units]
