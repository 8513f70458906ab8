"""Changes of orders over HTTP: preview, submit, history, and the order at an earlier version."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from baton import orders
from baton.access.model import Permission, Principal
from baton.flows import change_order, pay, preview_change
from baton.http.call import Asked, Places
from baton.http.change_shapes import (
    ChangeIn,
    ChangeOut,
    ChangePreviewOut,
    PreviewIn,
    SubmittedOut,
    TenderIn,
    VersionOut,
)
from baton.http.change_views import change_out, previewed
from baton.http.orders import OrderRef, found, page_of
from baton.http.wire import Page
from baton.orders import changes
from baton.orders.versions import at_version
from baton.platform.db import Tx
from baton.values.errors import NotFound

router = APIRouter(prefix="/v1", tags=["orders"])


class VersionUnknown(NotFound):
    """The order has not been changed that often."""

    code = "version_not_found"


# ── endpoints ──────────────────────────────────────────────────────────────────────────────


@router.post("/orders/{order}/changes/preview")
def preview_change_of(call: Asked, order: OrderRef, body: PreviewIn) -> ChangePreviewOut:
    """What a change would do to money, stock, dates and work; nothing changes."""

    def work(tx: Tx, at: Places) -> ChangePreviewOut:
        id = found(tx, order, at)
        return previewed(tx, preview_change.preview(tx, id, _actions(body)), at)

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


def _actions(body: PreviewIn) -> list[changes.Action]:
    return [each.action() for each in body.actions]


def _tender(given: TenderIn | None) -> pay.TenderIn | None:
    if given is None:
        return None
    return pay.TenderIn(given.method, given.amount, given.token, given.provider)
