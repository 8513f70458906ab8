"""The API's own document: every operation it says it has, known before anything runs."""

from __future__ import annotations

from typing import Any

from baton.app import App
from baton.asgi import create

DOCUMENT: dict[str, Any] = create(App.__new__(App)).openapi()

OPERATIONS: list[tuple[str, str]] = sorted(
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if method in ("get", "post", "put", "patch", "delete")
)
