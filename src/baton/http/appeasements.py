"""Appeasements over HTTP: goodwill within limits, approval beyond them, and the limits."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field, model_validator

from baton import orders
from baton.access.model import Permission, Principal
from baton.flows import appease
from baton.flows.appease import Giver, Wanted
from baton.http import order_shapes as shapes
from baton.http.call import Asked, Call, Places
from baton.http.orders import OrderRef, found, seen
from baton.http.wire import In, Limit, Minor, Out, Page, Prefixed, cursor, place
from baton.orders import appeasing
from baton.orders.appeasing import APPEASEMENT_PREFIX, Appeasement, Target
from baton.orders.errors import AppeasementNotFound
from baton.platform.db import Tx
from baton.values import Id
from baton.values.ids import NIL

router = APIRouter(prefix="/v1", tags=["appeasements"])

AppeasementId = Annotated[Id, Prefixed(APPEASEMENT_PREFIX)]
Reason = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$", description="A short code.")]
RoleName = Annotated[
    str, Field(pattern="^(admin|care|developer|finance|operations|store|viewer|warehouse|key)$")
]


class AppeasementIn(In):
    """An amount, or percent of some lines (none: of all), with the reason's code."""

    amount: int | None = Field(default=None, ge=1, le=10**14)
    percent: Decimal | None = Field(default=None, gt=0, le=100, max_digits=5, decimal_places=2)
    lines: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(
        default_factory=list, max_length=1000
    )
    reason: Reason
    note: str = Field(default="", max_length=1000)
    to: Target = Target.ORIGINAL

    @model_validator(mode="after")
    def _one_of_both(self) -> AppeasementIn:
        if (self.amount is None) is (self.percent is None):
            raise ValueError("give either amount or percent")
        return self


class DecisionIn(In):
    note: str = Field(default="", max_length=1000)


class AppeasementOut(Out):
    """Money given back out of goodwill, or asked for; minor units."""

    id: AppeasementId
    order_id: shapes.OrderId
    amount: int
    currency: str
    to: str
    reason: str
    note: str
    lines: list[int]
    state: str
    author: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str


class LimitIn(In):
    """What a role may give on its own: for an order, and to a customer within thirty days. The
    role `key` stands for programs."""

    role: RoleName
    currency: str = Field(pattern="^[A-Z]{3}$")
    per_order: Minor
    per_customer: Minor


class LimitsIn(In):
    limits: list[LimitIn] = Field(min_length=1, max_length=200)


class LimitOut(Out):
    role: str
    currency: str
    per_order: int
    per_customer: int


class LimitsOut(Out):
    limits: list[LimitOut]


@router.get("/orders/{order}/appeasements")
def order_appeasements(call: Asked, order: OrderRef) -> Page[AppeasementOut]:
    """What was given or asked for on an order, oldest first."""

    def work(tx: Tx, at: Places) -> Page[AppeasementOut]:
        given = orders.appeasements(tx, [found(tx, order, at)])
        return Page(data=[_shown(each) for each in given])

    return call.read_at(Permission.ORDERS_READ, work)


@router.post("/orders/{order}/appeasements", status_code=201, response_model=AppeasementOut)
def appease_order(call: Asked, order: OrderRef, body: AppeasementIn) -> Response:
    """Give money back out of goodwill: at once within one's limit, else once it is approved."""

    def work(tx: Tx, who: Principal) -> AppeasementOut:
        wanted = Wanted(body.reason, body.amount, body.percent, body.lines, body.note, body.to)
        id = found(tx, order, who.location_ids)
        return _shown(appease.appease(tx, id, wanted, _giver(who)))

    return call.write(Permission.ORDERS_APPEASE, work, status=201)


@router.get("/appeasements")
def list_pending(
    call: Asked,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[AppeasementOut]:
    """What waits for somebody's approval, oldest first."""

    def work(tx: Tx) -> Page[AppeasementOut]:
        since = place(after) if after else (datetime(1970, 1, 1, tzinfo=UTC), NIL)
        waiting = orders.pending_appeasements(tx, since, limit)
        last = waiting[-1] if len(waiting) == limit else None
        return Page(
            data=[_shown(each) for each in waiting],
            next=cursor(last.asked_at, last.id) if last else None,
        )

    return call.read(Permission.ORDERS_READ, work, everywhere=True)


@router.post("/appeasements/{appeasement_id}/approve", response_model=AppeasementOut)
def approve_appeasement(call: Asked, appeasement_id: AppeasementId, body: DecisionIn) -> Response:
    """Give what somebody asked for; one's own limit has to allow it."""
    return _decide(call, appeasement_id, body, appease.approve)


@router.post("/appeasements/{appeasement_id}/refuse", response_model=AppeasementOut)
def refuse_appeasement(call: Asked, appeasement_id: AppeasementId, body: DecisionIn) -> Response:
    """Give nothing, and say why."""
    return _decide(call, appeasement_id, body, appease.refuse)


@router.get("/appeasement-limits")
def list_limits(call: Asked) -> LimitsOut:
    """How much each role may give on its own, by currency."""
    return call.read(Permission.ORDERS_READ, _limits)


@router.put("/appeasement-limits", response_model=LimitsOut)
def save_limits(call: Asked, body: LimitsIn) -> Response:
    """Set what roles may give on their own; a role without a limit needs approval."""

    def work(tx: Tx, _who: Principal) -> LimitsOut:
        values = {(x.role, x.currency): appeasing.Limit(**x.model_dump()) for x in body.limits}
        orders.save_appeasement_limits(tx, list(values.values()))
        return _limits(tx)

    return call.write(Permission.ACCESS_WRITE, work)


def _limits(tx: Tx) -> LimitsOut:
    return LimitsOut(limits=[LimitOut.model_validate(x) for x in orders.appeasement_limits(tx)])


def _decide(call: Call, id: Id, body: DecisionIn, do: Any) -> Response:
    def work(tx: Tx, who: Principal) -> AppeasementOut:
        known = orders.appeasement(tx, id)
        if known is None or not seen(tx, known.order_id, who.location_ids):
            raise AppeasementNotFound("Nothing was asked for under this id.")
        return _shown(do(tx, id, body.note, _giver(who)))

    return call.write(Permission.ORDERS_APPROVE, work)


def _giver(who: Principal) -> Giver:
    roles = [role.value for role in who.roles] or ["key"]
    return Giver(who.actor, roles, Permission.ORDERS_APPROVE in who.permissions)


def _shown(given: Appeasement) -> AppeasementOut:
    return AppeasementOut(
        id=given.id,
        order_id=given.order_id,
        amount=given.amount_minor,
        currency=given.currency,
        to=given.target.value,
        reason=given.reason,
        note=given.note,
        lines=list(given.lines),
        state=given.state.value,
        author=given.author,
        asked_at=given.asked_at,
        decided_by=given.decided_by,
        decided_at=given.decided_at,
        decision=given.decision,
    )
