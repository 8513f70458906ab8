"""Holds and exceptions over HTTP: what stands in an order's way, and who looks at it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import access, orders
from baton.access.model import Permission, Principal
from baton.http import order_shapes as shapes
from baton.http.call import Asked, Places
from baton.http.orders import OrderRef, changed, page_of, seen
from baton.http.wire import In, Limit, Page, Text, cursor, place
from baton.orders import rules
from baton.orders.errors import ExceptionNotOpen
from baton.orders.model import HoldKind, Order, Transition
from baton.orders.rules import Legal
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import NotFound
from baton.values.ids import NIL
from baton.views.inbox import inbox

router = APIRouter(prefix="/v1", tags=["orders"])


class UserUnknown(NotFound):
    """There is nobody with this id to give something to."""

    code = "user_unknown"


class HoldIn(In):
    kind: HoldKind = HoldKind.MANUAL
    reason: Text
    blocks: list[Transition] | None = Field(default=None, min_length=1, max_length=3)
    line: int | None = Field(default=None, ge=1)


class ResolutionIn(In):
    resolution: Text


class AssignIn(In):
    user_id: shapes.UserId


@router.post("/orders/{order}/holds", status_code=201, response_model=shapes.OrderOut)
def place_hold(call: Asked, order: OrderRef, body: HoldIn) -> Response:
    """Stop named transitions until the hold is resolved."""

    def work(tx: Tx, id: Id) -> Order:
        locked = orders.locked(tx, id)
        rules.check(locked, Legal.HOLD)
        if body.line is not None:
            orders.line_of(locked, body.line, "line")
        return orders.hold(
            tx, locked, body.kind.value, body.reason, blocks=body.blocks, line_no=body.line
        )

    return changed(call, Permission.ORDERS_HOLD, order, work, status=201)


@router.post("/orders/{order}/holds/{hold_id}/resolve", response_model=shapes.OrderOut)
def resolve_hold(
    call: Asked, order: OrderRef, hold_id: shapes.HoldId, body: ResolutionIn
) -> Response:
    """End a hold; what it blocked goes on."""

    def work(tx: Tx, id: Id) -> Order:
        return orders.resolve_hold(tx, orders.locked(tx, id), hold_id, body.resolution)

    return changed(call, Permission.ORDERS_HOLD, order, work)


@router.get("/exceptions")
def list_exceptions(
    call: Asked,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.ExceptionOut]:
    """What a person must look at, oldest first."""

    def work(tx: Tx, at: Places) -> Page[shapes.ExceptionOut]:
        since = place(after) if after else (datetime(1970, 1, 1, tzinfo=UTC), NIL)
        found = inbox(tx, since, limit, at)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=[shapes.ExceptionOut.model_validate(each) for each in found],
            next=cursor(last.opened_at, last.id) if last and last.opened_at else None,
        )

    return call.read_at(Permission.ORDERS_READ, work)


@router.post("/exceptions/{exception_id}/resolve", response_model=shapes.OrderOut)
def resolve_exception(
    call: Asked, exception_id: shapes.ExceptionId, body: ResolutionIn
) -> Response:
    """Settle an exception, and say how."""

    def work(tx: Tx, principal: Principal) -> shapes.OrderOut:
        order_id = _order_of(tx, exception_id, principal.location_ids)
        locked = orders.locked(tx, order_id)
        orders.resolve_exceptions(tx, locked, [exception_id], body.resolution)
        return page_of(tx, call, order_id, principal.location_ids)

    return call.write(Permission.ORDERS_HOLD, work)


@router.post("/exceptions/{exception_id}/assign", response_model=shapes.OrderOut)
def assign_exception(call: Asked, exception_id: shapes.ExceptionId, body: AssignIn) -> Response:
    """Give an exception an owner."""

    def work(tx: Tx, principal: Principal) -> shapes.OrderOut:
        order_id = _order_of(tx, exception_id, principal.location_ids)
        if body.user_id not in access.users_by_id(tx, [body.user_id]):
            raise UserUnknown("There is no such user.", field="user_id")
        orders.assign_exception(tx, exception_id, body.user_id)
        return page_of(tx, call, order_id, principal.location_ids)

    return call.write(Permission.ORDERS_HOLD, work)


def _order_of(tx: Tx, exception_id: Id, at: Places) -> Id:
    """The order that an open exception is about, if it is seen. Raises ExceptionNotOpen."""
    order_id = orders.exception_order(tx, exception_id)
    if not seen(tx, order_id, at):
        raise ExceptionNotOpen("This exception is not open.", field="exception")
    return order_id
