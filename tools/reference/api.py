"""api.md: every endpoint and every shape, from the program's own OpenAPI document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from baton.access.model import Permission
from baton.app import App
from baton.http.api import create
from tools.reference.markdown import head, table

KEY = "Makes a repeated request harmless."  # said once, at the top of the page
METHODS = ("get", "post", "put", "patch", "delete")


def page() -> str:
    """Endpoints by area, then shapes by name."""
    document = openapi()
    parts = [
        head(
            "HTTP API",
            "A running Baton serves this as OpenAPI 3.1 at `/openapi.json`. Bodies are JSON. Send "
            "an API key (`Authorization: Bearer bk_…`) or the session cookie of the console.",
            "- **Amounts** are integers in minor units; the currency stands beside them.\n"
            "- **Ids** have prefixes (`ord_…`); an order is also found by its number.\n"
            "- **Instants** are RFC 3339 with a zone; dates are local to the place they speak of.\n"
            "- **Idempotency-Key** on whatever writes: the same key and body get the stored "
            "answer, another body gets 422, a request that still runs gets 409. Kept for 7 days.\n"
            "- **Pages**: `data` and `next`; pass `next` as `after` to go on. No `next`, no more.\n"
            "- **Unknown fields** are refused, with their path.\n"
            "- **Errors** have [one shape and stable codes](errors.md).\n"
            "- **`legal_actions`** in an answer say what may be done now.",
            "Beside the API: `/healthz` (the process runs), `/readyz` (the database answers), "
            "`/metrics` (Prometheus), `/console/`, and `/t/…`, the customer's tracking page.",
        )
    ]
    for tag, operations in _by_tag(document).items():
        parts.append(f"## {tag.capitalize()}\n")
        parts += [_operation(*each) for each in operations]
    parts.append("## Shapes\n")
    shapes = document["components"]["schemas"]
    parts += [_shape(name, shapes[name]) for name in sorted(shapes)]
    return "\n".join(parts)


@cache
def application() -> FastAPI:
    """The API on nothing: it is asked for its document, never for an answer."""
    return create(cast("App", SimpleNamespace()))


def openapi() -> dict[str, Any]:
    """The document, as a running Baton serves it."""
    return application().openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every endpoint."""
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield method.upper(), path, operation


def _by_tag(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    assert document is openapi()
    for method, path, operation in operations():
        found.setdefault(operation.get("tags", ["other"])[0], []).append((method, path, operation))
    return found


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    said = operation.get("description") or operation.get("summary") or ""
    parts = [f"### {method} {path}\n", " ".join(said.split()) + "\n"]
    if needed := sorted(_permissions(_endpoint(method, path))):
        parts.append(f"Permission: {', '.join(f'`{each}`' for each in needed)}.\n")
    parameters = [
        (
            f"`{each['name']}`",
            each["in"],
            _type(each.get("schema", {})),
            each.get("description", "") + (" Required." if each.get("required") else ""),
        )
        for each in operation.get("parameters", ())
        if each["in"] == "query" or each.get("description") not in (None, KEY)
    ]
    if parameters:
        parts.append(table(("parameter", "in", "type", "meaning"), parameters))
    if body := operation.get("requestBody"):
        parts.append(f"Body: {_content(body)}.\n")
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            parts.append(f"Answer {status}: {_content(answer) or 'nothing'}.\n")
    return "\n".join(parts)


def _content(holder: Mapping[str, Any]) -> str:
    kinds = []
    for media, content in holder.get("content", {}).items():
        shown = _type(content.get("schema", {}))
        kinds.append(shown if media == "application/json" else f"{media} {shown}".strip())
    return " or ".join(kinds)


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    parts = [f"### {name}\n"]
    if said := schema.get("description"):
        parts.append(" ".join(said.split()) + "\n")
    if "enum" in schema:
        parts.append("One of " + ", ".join(f"`{each}`" for each in schema["enum"]) + ".\n")
    required = set(schema.get("required", ()))
    rows = [
        (f"`{field}`", _type(kind), "" if field in required else "optional")
        for field, kind in schema.get("properties", {}).items()
    ]
    if rows:
        parts.append(table(("field", "type", ""), rows))
    return "\n".join(parts)


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: a link where it has a name."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[several]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    kind = schema.get("type", "")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {})) or 'anything'}{_limits(schema)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties']) or 'anything'}"
    return f"{schema.get('format') or kind}{_limits(schema)}"


def _limits(schema: Mapping[str, Any]) -> str:
    words = {
        "minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}",
        "minLength": "≥ {} characters", "maxLength": "≤ {} characters",
        "minItems": "≥ {}", "maxItems": "≤ {}", "pattern": "`{}`",
    }  # fmt: skip
    found = [text.format(schema[key]) for key, text in words.items() if key in schema]
    return f" ({', '.join(found)})" if found else ""


def _endpoint(method: str, path: str) -> Callable[..., object] | None:
    for route in _routes(application().routes):
        if route.path == path and method in (route.methods or ()):
            return route.endpoint
    return None


def _routes(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """Routes, and those of routers that were included."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from _routes(router.routes)


def _permissions(function: Callable[..., object] | None, deep: int = 3) -> set[str]:
    """Permissions that a function names, or those of its own file that it calls."""
    if function is None or not deep:
        return set()
    names = _names(inspect.unwrap(function).__code__)
    found = {Permission[name].value for name in names & Permission.__members__.keys()}
    known = getattr(function, "__globals__", {})
    for name in names - {function.__name__}:
        other = known.get(name)
        if inspect.isfunction(other) and other.__module__ == function.__module__:
            found |= _permissions(other, deep - 1)
    return found


def _names(code: CodeType) -> set[str]:
    """Every name that a function, or one inside it, looks up."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*map(_names, inner))
