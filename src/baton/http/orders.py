"""Orders over HTTP: lists, pages, holds, changes, and what a person must look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import channels, fulfillment, orders, payments, routing
from baton.access.model import Permission, Principal
from baton.flows import cancel, change_order, jobs, preview_change, recall, unpark
from baton.http import order_shapes as shapes
from baton.http import order_views as views
from baton.http.call import Asked, Call, Places
from baton.http.wire import In, Limit, Out, Page, Text, cursor, place
from baton.orders import rules
from baton.orders.changes import Action, ChangeAddress, SetQuantity
from baton.orders.errors import OrderNotFound
from baton.orders.model import Health, HoldKind, Order, Status, Transition
from baton.orders.rules import Legal
from baton.platform.db import Tx
from baton.values import Address, Id
from baton.values.errors import Invalid
from baton.values.ids import parsed
from baton.views.order_list import Wanted, counts, order_list
from baton.views.order_page import order_page, timeline

router = APIRouter(prefix="/v1", tags=["orders"])

OrderRef = Annotated[str, Field(max_length=80, description="Id or number of an order.")]


class Filters(In):
    """What the list shows; `q` finds numbers, external ids, e-mails, names, SKUs, parcels."""

    status: Status | None = None
    health: Health | None = None
    channel: str | None = Field(default=None, max_length=80, description="A channel's code.")
    q: str = Field(default="", max_length=200)
    after: str | None = Field(default=None, max_length=300)
    limit: Limit = 50


class CountsOut(Out):
    by_status: dict[str, int]
    by_health: dict[str, int]
    exceptions: int
    parked_jobs: int


class FactOut(Out):
    seq: int
    at: datetime
    fact: str
    actor: str
    cause: str
    data: dict[str, Any]


class PlanOut(Out):
    """A routing decision with everything it was made from."""

    plan_no: int
    group: int
    trigger: str
    cost: int
    currency: str
    exact: bool
    at: datetime
    explanation: dict[str, Any]


class UnitsIn(In):
    line: int = Field(ge=1, le=100_000)
    quantity: int = Field(ge=1, le=10_000_000)


class CancelIn(In):
    """Which units; without `lines`, all that can still be cancelled."""

    lines: list[UnitsIn] | None = Field(default=None, min_length=1, max_length=10_000)
    reason: Text
    version: int | None = Field(default=None, ge=1)


class CancelPreviewOut(Out):
    """Units by line that are cancelled at once, asked back, or gone already; minor units."""

    now: list[shapes.UnitsOut]
    recall: list[shapes.UnitsOut]
    too_late: list[shapes.UnitsOut]
    value: int
    still_due: int
    currency: str


class AddressIn(In):
    name: Text
    lines: list[Text] = Field(min_length=1, max_length=6)
    city: Text
    country: str = Field(pattern=r"^[A-Z]{2}$")
    postal_code: str = Field(default="", max_length=40)
    region: str = Field(default="", max_length=120)
    company: str = Field(default="", max_length=200)


class GroupAddressIn(In):
    group: int = Field(default=1, ge=1)
    address: AddressIn


class QuantityIn(In):
    line: int = Field(ge=1, le=100_000)
    quantity: int = Field(ge=0, le=10_000_000)


class EditIn(In):
    """A new address, new quantities, or both."""

    address: GroupAddressIn | None = None
    quantities: list[QuantityIn] | None = Field(default=None, min_length=1, max_length=10_000)
    reason: Text
    version: int | None = Field(default=None, ge=1)


class EditPreviewOut(Out):
    total_before: int
    total_after: int
    uncovered: int
    currency: str
    missing: list[shapes.UnitsOut]
    problems: list[str]


class RecallIn(In):
    lines: list[UnitsIn] | None = Field(default=None, min_length=1, max_length=10_000)
    reason: Text


class UnparkIn(In):
    line: int = Field(ge=1)
    sku: Text


class NothingToDo(Invalid):
    """The request names no change."""

    code = "nothing_to_do"


# ── reading ────────────────────────────────────────────────────────────────────────────────


@router.get("/orders")
def list_orders(call: Asked, filters: Annotated[Filters, Query()]) -> Page[shapes.OrderRowOut]:
    """Orders, newest first; filtered and searched."""

    def work(tx: Tx, at: Places) -> Page[shapes.OrderRowOut]:
        channel = channels.channels_by_code(tx, [filters.channel]) if filters.channel else {}
        if filters.channel and not channel:
            return Page(data=[])
        wanted = Wanted(
            filters.status,
            filters.health,
            channel[filters.channel].id if filters.channel else None,
            filters.q,
            limit=filters.limit,
            at=at,
        )
        if filters.after:
            wanted = replace(wanted, before=place(filters.after))
        found = order_list(tx, wanted)
        named = channels.channels_by_id(tx, sorted({o.channel_id for o in found})) if found else {}
        places = {id: views.place("chn", channel) for id, channel in named.items()}
        last = found[-1] if len(found) == filters.limit else None
        return Page(
            data=[views.row(order, places) for order in found],
            next=cursor(last.placed_at, last.id) if last else None,
        )

    return call.read_at(Permission.ORDERS_READ, work)


@router.get("/orders/counts")
def order_counts(call: Asked) -> CountsOut:
    """How many orders wait, by status and health; exceptions and parked jobs."""

    def work(tx: Tx, at: Places) -> CountsOut:
        found = counts(tx, at)
        return CountsOut(
            by_status=found["status"],
            by_health=found["health"],
            exceptions=found["queue"].get("exceptions", 0),
            parked_jobs=found["queue"].get("parked_jobs", 0),
        )

    return call.read_at(Permission.ORDERS_READ, work)


@router.get("/orders/{order}")
def show_order(call: Asked, order: OrderRef) -> shapes.OrderOut:
    """One order with all that belongs to it."""

    def work(tx: Tx, at: Places) -> shapes.OrderOut:
        return page_of(tx, call, found(tx, order, at), at)

    return call.read_at(Permission.ORDERS_READ, work)


@router.get("/orders/{order}/timeline")
def order_timeline(call: Asked, order: OrderRef) -> Page[FactOut]:
    """All that happened to an order, oldest first."""

    def work(tx: Tx, at: Places) -> Page[FactOut]:
        entries = timeline(tx, found(tx, order, at), at)
        return Page(data=[FactOut.model_validate(entry) for entry in entries])

    return call.read_at(Permission.ORDERS_READ, work)


@router.get("/orders/{order}/routing")
def order_routing(call: Asked, order: OrderRef) -> Page[PlanOut]:
    """Why it ships from where it does: every decision, newest first."""

    def work(tx: Tx) -> Page[PlanOut]:
        return Page(
            data=[
                PlanOut(
                    plan_no=plan.plan_no,
                    group=plan.group_no,
                    trigger=plan.trigger,
                    cost=plan.cost_minor,
                    currency=plan.currency,
                    exact=plan.exact,
                    at=plan.at,
                    explanation=dict(plan.explanation),
                )
                for plan in routing.plans(tx, found(tx, order, None))
            ]
        )

    return call.read(Permission.ROUTING_READ, work, everywhere=True)


# ── changing ───────────────────────────────────────────────────────────────────────────────


@router.post("/orders/{order}/cancel/preview")
def preview_cancel(call: Asked, order: OrderRef, body: CancelIn) -> CancelPreviewOut:
    """What cancelling would do to units and money; nothing changes."""

    def work(tx: Tx, at: Places) -> CancelPreviewOut:
        seen = cancel.preview(tx, found(tx, order, at), _units(body.lines))
        return CancelPreviewOut(
            now=_listed(seen.plan.units_now),
            recall=_listed(seen.plan.recall),
            too_late=_listed(seen.plan.too_late),
            value=seen.value_minor,
            still_due=seen.still_due_minor,
            currency=seen.order.header.currency,
        )

    return call.read_at(Permission.ORDERS_CANCEL, work)


@router.post("/orders/{order}/cancel", response_model=shapes.OrderOut)
def cancel_order(call: Asked, order: OrderRef, body: CancelIn) -> Response:
    """Cancel units at once where nothing has begun, by recall where a location has them."""

    def work(tx: Tx, id: Id) -> object:
        return cancel.cancel(tx, id, _units(body.lines), body.reason, body.version)

    return changed(call, Permission.ORDERS_CANCEL, order, work)


@router.post("/orders/{order}/edit/preview")
def preview_edit(call: Asked, order: OrderRef, body: EditIn) -> EditPreviewOut:
    """What an edit would do to money and stock; nothing changes."""

    def work(tx: Tx, at: Places) -> EditPreviewOut:
        seen = preview_change.preview(tx, found(tx, order, at), _edits(body))
        recalls = [
            f"line {line}: {units} units are with a location already"
            for each in seen.recalls
            for line, units in each.units.items()
        ]
        money = seen.after.money
        return EditPreviewOut(
            total_before=seen.before.money.payable,
            total_after=money.payable,
            uncovered=money.uncovered,
            currency=seen.before.order.header.currency,
            missing=_listed(seen.missing),
            problems=[*seen.problems, *recalls],
        )

    return call.read_at(Permission.ORDERS_EDIT, work)


@router.post("/orders/{order}/edit", response_model=shapes.OrderOut)
def edit(call: Asked, order: OrderRef, body: EditIn) -> Response:
    """Change address or quantities before release: a change that does not wait."""

    def work(tx: Tx, id: Id) -> object:
        return change_order.edit(tx, id, _edits(body), body.reason, body.version)

    return changed(call, Permission.ORDERS_EDIT, order, work)


@router.post("/orders/{order}/route", response_model=shapes.OrderOut)
def route(call: Asked, order: OrderRef) -> Response:
    """Have reserved units routed now."""

    def work(tx: Tx, id: Id) -> None:
        rules.check(orders.locked(tx, id), Legal.ROUTE)
        jobs.for_orders(tx, jobs.ROUTE, [id], "asked by hand")

    return changed(call, Permission.ROUTING_WRITE, order, work)


@router.post("/orders/{order}/release", response_model=shapes.OrderOut)
def release(call: Asked, order: OrderRef) -> Response:
    """Have planned work sent to its locations now, if nothing stands against it."""

    def work(tx: Tx, id: Id) -> None:
        rules.check(orders.locked(tx, id), Legal.RELEASE)
        jobs.for_orders(tx, jobs.RELEASE, [id], "asked by hand")

    return changed(call, Permission.ROUTING_WRITE, order, work)


@router.post("/orders/{order}/recall", response_model=shapes.OrderOut)
def recall_order(call: Asked, order: OrderRef, body: RecallIn) -> Response:
    """Ask locations for released units back, to change the order; it is held until resolved."""

    def work(tx: Tx, id: Id) -> Order:
        asked = recall.recall(tx, id, _units(body.lines), body.reason)
        blocks = (Transition.ROUTE, Transition.RELEASE)
        return orders.hold(tx, asked, HoldKind.MANUAL, f"Recalled: {body.reason}", blocks=blocks)

    return changed(call, Permission.ORDERS_EDIT, order, work)


@router.post("/orders/{order}/void-payments", response_model=shapes.OrderOut)
def void_payments(call: Asked, order: OrderRef) -> Response:
    """Let go of all money that is authorised and claimed by no shipment."""

    def work(tx: Tx, id: Id) -> None:
        payments.void_rest(tx, [orders.locked(tx, id).id])

    return changed(call, Permission.PAYMENTS_WRITE, order, work)


@router.post("/orders/{order}/unpark", response_model=shapes.OrderOut)
def unpark_line(call: Asked, order: OrderRef, body: UnparkIn) -> Response:
    """Give a parked line its SKU; its units find stock or wait for some."""

    def work(tx: Tx, id: Id) -> Order:
        return unpark.unpark(tx, id, body.line, body.sku)

    return changed(call, Permission.ORDERS_EDIT, order, work)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def found(tx: Tx, text: str, at: Places) -> Id:
    """The order with this id or number, if it is seen from these locations (None: from all).

    Raises OrderNotFound.
    """
    id = parsed("ord", text) if text.startswith("ord_") else orders.by_number(tx, text.upper())
    if id is None or not orders.read(tx, [id]) or not seen(tx, id, at):
        raise OrderNotFound(f"There is no order {text[:40]!r}.")
    return id


def seen(tx: Tx, id: Id, at: Places) -> bool:
    """Whether an order is there for people of these locations: some work of it was sent there."""
    return at is None or fulfillment.sent_to(tx, id, at)


def changed(
    call: Call, permission: Permission, order: str, work: Any, *, status: int = 200
) -> Response:
    """Run a change of one order that the caller sees, and answer with the order as it is then."""

    def work_and_show(tx: Tx, principal: Principal) -> shapes.OrderOut:
        id = found(tx, order, principal.location_ids)
        work(tx, id)
        return page_of(tx, call, id, principal.location_ids)

    return call.write(permission, work_and_show, status=status)


def page_of(tx: Tx, call: Call, id: Id, at: Places) -> shapes.OrderOut:
    """The order as its page shows it to people of these locations."""
    page = order_page(tx, orders.read(tx, [id])[id], at)
    return views.whole(page, call.app.links.tracking(tx.tenant, page.order))


def _edits(body: EditIn) -> list[Action]:
    """The actions of an edit. Raises NothingToDo."""
    if body.address is None and body.quantities is None:
        raise NothingToDo("Give an address or quantities.", field="quantities")
    actions: list[Action] = []
    if body.address is not None:
        actions.append(ChangeAddress(address_of(body.address.address), body.address.group))
    actions += [SetQuantity(each.line, each.quantity) for each in body.quantities or ()]
    return actions


def _units(lines: list[UnitsIn] | None) -> dict[int, int] | None:
    if lines is None:
        return None
    units: dict[int, int] = {}
    for each in lines:
        units[each.line] = units.get(each.line, 0) + each.quantity
    return units


def _listed(units: Any) -> list[shapes.UnitsOut]:
    return [shapes.UnitsOut(line_no=n, quantity=u) for n, u in sorted(units.items())]


def address_of(given: AddressIn) -> Address:
    """The address that a body gives."""
    return Address(
        given.name,
        tuple(given.lines),
        given.city,
        given.country,
        given.postal_code,
        given.region,
        given.company,
    )
