"""Errors as the API shows them: one shape, one place that knows HTTP statuses.

*Source:* RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from baton.access.errors import SignInFailed, Unauthenticated
from baton.platform import log
from baton.values.errors import (
    BatonError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unavailable,
)

DOCS = "https://github.com/baton-oms/baton/blob/main/docs/reference/errors.md#"
MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[BatonError], int], ...] = (
    (Invalid, 422),
    (NotFound, 404),
    (Refused, 409),
    (Conflict, 409),
    (Forbidden, 403),
    (Unavailable, 503),
)

logger = log.get("http")


class TooLarge(Invalid):
    """The body is larger than this endpoint takes."""

    code = "body_too_large"


class NotJson(Invalid):
    """The body is not JSON, or nested beyond reason."""

    code = "body_not_json"


def status_of(error: BatonError) -> int:
    """The HTTP status of an expected error."""
    match error:
        case Unauthenticated() | SignInFailed():
            return 401
        case TooLarge():
            return 413
        case NotJson():
            return 400
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(
    status: int, code: str, detail: str, *, field: str | None = None, **more: Any
) -> JSONResponse:
    """A problem document: stable code, a sentence, the field and what to do."""
    body = {
        "type": f"{DOCS}{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    headers = {}
    if status == 503:
        headers["Retry-After"] = "1"
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    safe = msgspec.to_builtins(body | more, str_keys=True)
    return JSONResponse(safe, status, headers, media_type=MEDIA_TYPE)


def of(error: BatonError) -> JSONResponse:
    """The problem document of an expected error."""
    return problem(
        status_of(error), error.code, error.message, field=error.field, **_plain(error.parameters)
    )


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": parameters} if parameters else {}


async def on_baton_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BatonError)
    return of(error)


async def on_validation_error(_request: Request, error: Exception) -> JSONResponse:
    """What a framework's own check says, in our shape: the first problem, and all of them."""
    assert isinstance(error, RequestValidationError)
    found = [(_path(e["loc"]), str(e["msg"])) for e in error.errors()]
    if any(e["type"] == "json_invalid" for e in error.errors()):
        return problem(400, "body_not_json", "The body is not valid JSON.")
    field, said = found[0]
    return problem(
        422,
        "invalid",
        said,
        field=field,
        problems=[{"field": where, "detail": what} for where, what in found[:50]],
    )


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {
        400: "body_not_json",
        404: "not_found",
        405: "method_not_allowed",
        413: "body_too_large",
    }.get(error.status_code, "http_error")
    code = getattr(error, "code", code)
    field = getattr(error, "field", None)
    response = problem(error.status_code, code, str(error.detail), field=field)
    response.headers.update(error.headers or {})
    return response


_AT = re.compile(r"`\$\.?([^`]*)`$")


def of_msgspec(error: msgspec.DecodeError) -> JSONResponse:
    """Problems that msgspec found: its path made into ours ("lines.0.quantity")."""
    said = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return problem(400, "body_not_json", f"The body is not valid JSON: {said}.")
    text, _, where = said.partition(" - at ")
    found = _AT.search(where)
    field = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", found[1]).strip(".") if found else ""
    if unknown := re.search(r"unknown field `([^`]*)`", text):
        field = f"{field}.{unknown[1]}".strip(".")
    return problem(422, "invalid", f"{text}.", field=field or "body")


def _path(loc: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in loc]
    return ".".join(parts[1:] if parts[:1] == ["body"] and len(parts) > 1 else parts)
