"""One API call: who asks, one transaction, the same answer for the same key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from baton import access
from baton.access.errors import Unauthenticated
from baton.access.model import Permission, Principal
from baton.app import App
from baton.http import problems
from baton.platform import idempotency
from baton.platform.db import Caller, Tx
from baton.values import Id
from baton.values.errors import BatonError, Invalid

T = TypeVar("T")

Places: TypeAlias = frozenset[Id] | None
"""The locations that a caller works for; None: all."""

COOKIE = "baton_session"
CONSOLE_HEADER = "x-baton-console"
LONGEST_KEY = 255


class KeyUnfit(Invalid):
    """The Idempotency-Key is empty or too long."""

    code = "idempotency_key_unfit"


class Call:
    """What an endpoint needs to read or write on behalf of whoever asks."""

    def __init__(
        self, app: App, handle: str, request_id: str, key: str | None, body: bytes
    ) -> None:
        self.app, self._handle, self._key, self._body = app, handle, key, body
        self._request_id = request_id

    def read(
        self,
        permission: Permission | None,
        work: Callable[[Tx], T],
        *,
        everywhere: bool = False,
    ) -> T:
        """The result of `work` for a caller who has `permission`; None: whoever is known.

        `everywhere`: it tells of all locations, and so is for those alone who work for all.
        """
        with self.app.db.transaction(self.caller()) as tx:
            self.admitted(tx, permission, everywhere=everywhere)
            return work(tx)

    def read_at(self, permission: Permission, work: Callable[[Tx, Places], T]) -> T:
        """As `read`; `work` keeps to the locations that it gets."""
        with self.app.db.transaction(self.caller()) as tx:
            return work(tx, self.admitted(tx, permission).location_ids)

    def write(
        self,
        permission: Permission,
        work: Callable[[Tx, Principal], BaseModel | BatonError | None],
        *,
        status: int = 200,
        keep: bool = True,
        everywhere: bool = False,
    ) -> Response:
        """Run `work` once for one Idempotency-Key and keep its answer beside its effect.

        `everywhere` as for `read`.
        `keep` is False for answers with a secret: a repeated request is told that it was done.
        An error that `work` returns, and does not raise, is an answer like others: its effect
        stays.
        """

        def once(tx: Tx) -> Response:
            principal = self.admitted(tx, permission, everywhere=everywhere)
            if self._key is not None and (
                kept := idempotency.claim(tx, self._key, self._asked(principal))
            ):
                return _json(kept.answer, kept.status, replayed=True)
            made = work(tx, principal)
            if isinstance(made, BatonError):
                refusal = problems.of(made)
                answer, became = bytes(refusal.body).decode(), refusal.status_code
            else:
                answer, became = made.model_dump_json() if made is not None else "{}", status
            if self._key is not None:
                kept_answer = answer if keep else '{"repeated": true}'
                idempotency.answered(tx, self._key, became, kept_answer)
            return _json(answer, became)

        return self.app.execute(self.caller(), once)

    def _asked(self, principal: Principal) -> bytes:
        """What a key stands for: an answer that was cut to some locations is for those alone."""
        at = principal.location_ids
        return self._body if at is None else self._body + b"".join(id.bytes for id in sorted(at))

    def who(self, tx: Tx) -> Principal:
        """Who asks. Raises Unauthenticated."""
        return access.authenticate(tx, self._handle)

    def admitted(
        self, tx: Tx, permission: Permission | None, *, everywhere: bool = False
    ) -> Principal:
        """Who asks, if they may. Raises Unauthenticated or Forbidden."""
        principal = self.who(tx)
        if permission is not None:
            access.require(principal, permission)
        if everywhere:
            access.require_everywhere(principal)
        tx.caller = Caller(tx.tenant, principal.actor, self._request_id)
        return principal

    def caller(self) -> Caller:
        """Whose tenant it is, before anybody is known. Raises Unauthenticated."""
        return Caller(access.handle_tenant(self._handle), "unknown", self._request_id)


def _json(text: str, status: int, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    kind = "application/json" if status < 400 else problems.MEDIA_TYPE
    return Response(text, status, headers, media_type=kind)


def handle_of(request: Request) -> str:
    """The handle that came with a request: a bearer key, or the console's cookie.

    A cookie counts only beside the console's own header, which no foreign page can send.
    """
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and key:
        return key.strip()
    cookie = request.cookies.get(COOKIE, "")
    if cookie and (request.method == "GET" or CONSOLE_HEADER in request.headers):
        return cookie
    raise Unauthenticated("Send an API key: Authorization: Bearer bk_…")


async def _call(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1, max_length=LONGEST_KEY, description="Makes a repeated request harmless."
        ),
    ] = None,
) -> Call:
    return call_of(
        request, idempotency_key, await request.body() if idempotency_key is not None else b""
    )


def bare_call(request: Request, body: bytes) -> Call:
    """The call behind a request that the framework did not check. Raises KeyUnfit."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise KeyUnfit("Give a key of 1 to 255 characters.", field="Idempotency-Key")
    return call_of(request, key, body)


def call_of(request: Request, key: str | None, body: bytes) -> Call:
    """The call behind a request; the same key with another path or body is another request."""
    stamp = f"{request.method} {request.url.path}\n".encode()
    return Call(request.app.state.app, handle_of(request), request.state.id, key, stamp + body)


Asked = Annotated[Call, Depends(_call)]
