"""The pages put together: customers' (`customer`, `find`), their style, the console's files.

An order's link carries 128 random bits and no name; a wrong one gets the same answer as one that
never was. The page shows what is needed to follow parcels, and no address or surname.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, select_autoescape

from baton.web import customer, customer_invoices, customer_returns, find
from baton.web.render import STYLE, STYLE_PATH

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
    for part in (
        router,
        customer.router,
        customer_returns.router,
        customer_invoices.router,
        find.router,
    ):
        api.include_router(part)


@router.get(STYLE_PATH)
def style() -> Response:
    """The style sheet of customers' pages; its name changes with its contents."""
    lasting = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STYLE, headers=lasting, media_type="text/css")


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


def _html(name: str, status: int, **values: object) -> HTMLResponse:
    text = _pages.get_template(name).render(**values)
    headers = {"Content-Security-Policy": _POLICY, "X-Robots-Tag": "noindex"}
    return HTMLResponse(text, status, headers)
