"""The customer's tracking page, without JavaScript, and the console's built files.

A tracking link carries 128 random bits and no name; a wrong one gets the same answer as one
that never was. The page shows what is needed to follow parcels, and no address or surname.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, select_autoescape

from baton import orders
from baton.access.errors import Unauthenticated
from baton.access.model import HandleKind
from baton.access.rules import parse_handle
from baton.app import App
from baton.platform.db import Caller, Tx
from baton.views.tracking_page import TrackingPage, tracking_page

router = APIRouter(include_in_schema=False)

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_pages = Environment(
    loader=PackageLoader("baton.web"), autoescape=select_autoescape(), trim_blocks=True
)
CONSOLE = Path(str(files("baton.web"))) / "console"


def add_to(api: FastAPI) -> None:
    """Add the pages to an application."""
    api.include_router(router)


@router.get("/t/{token}")
def track(request: Request, token: str) -> Response:
    """Where an order is, for whoever has its link."""
    page = _found(request.app.state.app, token)
    if page is None:
        return _html("no_order.html", 404)
    return _html("tracking.html", 200, page=page)


@router.get("/")
def home() -> Response:
    """The console is where people work."""
    return RedirectResponse("/console/")


@router.get("/console")
def console_without_slash() -> Response:
    return RedirectResponse("/console/")


@router.get("/console/{path:path}")
def console(path: str) -> Response:
    """A built file of the console, or its page for any of its own addresses."""
    wanted = (CONSOLE / path).resolve()
    headers = {"Content-Security-Policy": _POLICY}
    if path and wanted.is_relative_to(CONSOLE.resolve()) and wanted.is_file():
        lasting = "assets/" in path  # their names change with their contents
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return FileResponse(wanted, headers=headers)
    if (CONSOLE / "index.html").is_file():
        headers["Cache-Control"] = "no-cache"
        return FileResponse(CONSOLE / "index.html", headers=headers)
    return _html("no_console.html", 503)


def _found(app: App, token: str) -> TrackingPage | None:
    try:
        handle = parse_handle(token)
    except Unauthenticated:
        return None
    if handle.kind is not HandleKind.TRACKING:
        return None

    def read(tx: Tx) -> TrackingPage | None:
        order_id = orders.by_tracking(tx, handle.secret)
        if order_id is None:
            return None
        return tracking_page(tx, orders.read(tx, [order_id])[order_id])

    with app.db.transaction(Caller(handle.tenant, "tracking page")) as tx:
        return read(tx)


def _html(name: str, status: int, **values: object) -> HTMLResponse:
    text = _pages.get_template(name).render(**values)
    headers = {"Content-Security-Policy": _POLICY, "X-Robots-Tag": "noindex"}
    return HTMLResponse(text, status, headers)
