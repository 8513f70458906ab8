"""The API application: routes, error shapes, limits, and what operators watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from baton import __version__
from baton.app import App
from baton.http import (
    access,
    accounting,
    appeasements,
    attention,
    capture,
    catalog,
    changes,
    currencies,
    drafts,
    fulfillment,
    imports,
    invoicing,
    ledger_exports,
    master_data,
    notifications,
    operations,
    orders,
    payments,
    problems,
    provider_news,
    return_goods,
    returns,
    search,
    stock,
    stored_value,
    tax,
)
from baton.http.call import COOKIE
from baton.http.limits import MAX_BODY, BodyLimit
from baton.http.wire import ProblemOut
from baton.platform import clock, ids, log
from baton.values.errors import BatonError

logger = log.get("http")

Next = Callable[[Request], Awaitable[Response]]

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create(app: App) -> FastAPI:
    """The API on a running App; its document is OpenAPI 3.1 at /openapi.json."""
    api = FastAPI(
        title="Baton",
        version=__version__,
        description="Order management: capture, stock, routing, fulfillment, money.",
        docs_url=None,
        redoc_url=None,
    )
    api.state.app = app
    api.add_exception_handler(BatonError, problems.on_baton_error)
    api.add_exception_handler(RequestValidationError, problems.on_validation_error)
    api.add_exception_handler(HTTPException, problems.on_http_error)
    api.add_middleware(BodyLimit)
    api.middleware("http")(_around)
    capture.add_to(api)
    imports.add_to(api)
    for part in (
        access,
        orders,
        changes,
        search,
        appeasements,
        drafts,
        payments,
        stored_value,
        attention,
        fulfillment,
        stock,
        return_goods,
        returns,
        catalog,
        master_data,
        tax,
        currencies,
        imports,
        notifications,
        invoicing,
        operations,
        accounting,
        ledger_exports,
    ):
        api.include_router(part.router, responses=_problems())
    provider_news.add_to(api, _problems())
    api.openapi = lambda: _document(api)  # type: ignore[method-assign]
    return api


async def _around(request: Request, call_next: Next) -> Response:
    """Every request has an id, a limit on its size, and a line in the metrics."""
    request.state.id = f"req_{ids.fresh().hex}"
    started = clock.monotonic()
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MAX_BODY:
        response: Response = problems.of(problems.TooLarge("A body has at most 10 MB."))
    else:
        response = await call_next(request)
    route = request.scope.get("route")
    known = request.url.path if response.status_code not in (404, 405) else "unknown"
    path = getattr(route, "path", known)  # bare routes name no path, and have no parameters
    operations.seen(request.method, path, response.status_code, clock.monotonic() - started)
    response.headers["X-Request-Id"] = request.state.id
    if cookie := getattr(request.state, "cookie", None):
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


_PROBLEMS = {
    400: "The body is not JSON",
    401: "No valid key or session",
    403: "Not allowed",
    404: "No such thing",
    409: "A rule of the business says no, or it changed meanwhile",
    413: "Too large",
    422: "Something in the request must be mended",
    503: "Try again later",
}


def _problems() -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "description": text,
            "model": ProblemOut,
            "content": {problems.MEDIA_TYPE: {}},
        }
        for status, text in _PROBLEMS.items()
    }


def _document(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            openapi_version="3.1.0",
        )
        document["components"]["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key: bk_…"}
        }
        document["security"] = [{"key": []}]
        capture.documented(document)
        imports.documented(document)
        for path in document["paths"].values():
            for operation in path.values():
                _with_problems(operation)
        api.openapi_schema = document
    return api.openapi_schema


def _with_problems(operation: dict[str, Any]) -> None:
    """Every operation may answer with any problem, and problems have one media type."""
    answers = operation.setdefault("responses", {})
    shape = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for status, text in _PROBLEMS.items():
        answers[str(status)] = {"description": text, "content": {problems.MEDIA_TYPE: shape}}
