"""How large a request may be, however it is sent, and that no body holds a card number."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from baton.http import card_data

MAX_BODY = 10 * 1024 * 1024


class BodyLimit:
    """Ends the reading of a body at `MAX_BODY` bytes, also of one that never said its length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        kept = bytearray() if _is_json(scope) else None

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise HTTPException(413, "A body has at most 10 MB.")
            if kept is not None:
                kept.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    card_data.check(bytes(kept))
                    kept.clear()
            return message

        await self._app(scope, counted, send)


def _is_json(scope: Scope) -> bool:
    """Whether a body may be read as JSON; webhooks are kept as they came, whatever is in them."""
    if scope["type"] != "http" or scope.get("path", "").startswith("/v1/webhooks/"):
        return False
    kind = dict(scope.get("headers", ())).get(b"content-type", b"application/json")
    return b"json" in kind or not kind
