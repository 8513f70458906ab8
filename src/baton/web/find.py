"""A guest's way back to their order: number and e-mail, and the link goes to the e-mail on file.

The answer and the work are the same whether or not there is such an order: this page counts the
asking and puts one job; a worker looks, where nobody watches the clock.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from baton import access, notifications
from baton.access.model import Tenant
from baton.app import App
from baton.flows import find_order
from baton.platform.db import Caller, Tx
from baton.values.errors import BatonError
from baton.web.forms import Form, fields
from baton.web.render import accepted, page

router = APIRouter(include_in_schema=False)

# Within an hour.
ASKINGS_OF_AN_ADDRESS = 20
ASKINGS_OF_A_NUMBER = 5


@router.get("/find")
@router.get("/find/{merchant}")
def find_form(request: Request, merchant: str = "") -> Response:
    """Ask for the number and the e-mail."""
    speaks = accepted(request.headers.get("accept-language", ""))
    tenant = _tenant(request.app.state.app, merchant)
    if tenant is None:
        return page("gone.html", speaks, 404)
    return page("find.html", speaks, shop=tenant.name, missing=False, typed="")


@router.post("/find")
@router.post("/find/{merchant}")
def find(request: Request, sent: Form, merchant: str = "") -> Response:
    """Have the link sent, if there is such an order; the answer does not say."""
    speaks = accepted(request.headers.get("accept-language", ""))
    app: App = request.app.state.app
    tenant = _tenant(app, merchant)
    if tenant is None:
        return page("gone.html", speaks, 404)
    try:
        form = fields(sent)
    except BatonError:
        return page("stopped.html", speaks, 422, home=request.url.path, what="broken")
    number = find_order.tidy(form.get("number", ""))
    email = form.get("email", "")[:254]
    if not number or "@" not in email:
        return page("find.html", speaks, 422, shop=tenant.name, missing=True, typed=number)
    who = request.client.host if request.client else ""

    def work(tx: Tx) -> bool:
        limits = {f"ip {who}": ASKINGS_OF_AN_ADDRESS, f"number {number}": ASKINGS_OF_A_NUMBER}
        often = notifications.asked_too_often(tx, limits)
        if not often:
            find_order.ask(tx, number, email)
        return often

    often = app.execute(Caller(tenant.id, "guest", request.state.id), work)
    if often:
        return page("often.html", speaks, 429, {"Retry-After": "3600"}, shop=tenant.name)
    return page("found.html", speaks, shop=tenant.name, again=request.url.path)


def _tenant(app: App, handle: str) -> Tenant | None:
    """The merchant of this short name, or the only one."""
    with app.db.transaction(Caller(0, "guest")) as tx:
        if handle:
            return access.tenant_by_handle(tx, handle[:80])
        tenants = access.all_tenants(tx)
    return tenants[0] if len(tenants) == 1 else None
