"""Who may do what, over HTTP: sign-in, users, API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, SecretStr

from baton import access, locations
from baton.access.errors import SignInFailed
from baton.access.model import KeyDraft, Permission, Principal, Role, User, UserDraft
from baton.app import App
from baton.http.call import COOKIE, Asked, Call, handle_of
from baton.http.order_shapes import LocationId, UserId
from baton.http.wire import In, Limit, Out, Page, Prefixed, Text
from baton.platform.db import Caller, Tx
from baton.values import Id
from baton.values.errors import NotFound
from baton.values.ids import parsed

router = APIRouter(prefix="/v1", tags=["access"])

KeyId = Annotated[Id, Prefixed("key")]


class LocationUnknown(NotFound):
    """A user or key was to be kept to a location that is not there."""

    code = "location_unknown"


class SignInIn(In):
    """`merchant` is the merchant's short name; it may be left out where there is only one."""

    merchant: str | None = Field(default=None, max_length=80)
    email: str = Field(min_length=3, max_length=200)
    password: SecretStr = Field(max_length=200)


class MerchantOut(Out):
    handle: str
    name: str


class UserOut(Out):
    id: UserId
    email: str
    name: str
    roles: list[Role]
    location_ids: list[LocationId] | None
    created_at: datetime
    disabled_at: datetime | None


class SessionOut(Out):
    """Who is signed in, and what they may do."""

    actor: str
    permissions: list[Permission]
    location_ids: list[LocationId] | None
    user: UserOut | None
    merchant: MerchantOut


class UserIn(In):
    email: str = Field(min_length=3, max_length=200)
    name: Text
    roles: list[Role] = Field(min_length=1, max_length=10)
    location_ids: list[LocationId] | None = Field(default=None, max_length=1000)
    password: SecretStr | None = Field(default=None, max_length=200)


class KeyIn(In):
    name: Text
    scopes: list[Permission] = Field(min_length=1, max_length=100)
    location_ids: list[LocationId] | None = Field(default=None, max_length=1000)


class KeyOut(Out):
    id: KeyId
    name: str
    hint: str
    scopes: list[Permission]
    location_ids: list[LocationId] | None
    created_at: datetime
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    """The only time the key itself is shown."""

    key: str


@router.post("/sessions", status_code=201)
def sign_in(request: Request, body: SignInIn) -> SessionOut:
    """Sign in with e-mail and password; the session comes back as a cookie."""
    app: App = request.app.state.app
    tenant = _tenant(app, body.merchant)
    signed = app.execute(
        Caller(tenant, "sign-in", request.state.id),
        lambda tx: access.sign_in(tx, body.email, body.password.get_secret_value()),
    )
    request.state.cookie = signed.handle
    call = Call(app, signed.handle, request.state.id, None, b"")
    return call.read(None, lambda tx: _session(tx, call))


@router.get("/session")
def show_session(call: Asked) -> SessionOut:
    """Who asks, and what they may do."""
    return call.read(None, lambda tx: _session(tx, call))


@router.delete("/session", status_code=204, response_class=Response)
def sign_out(request: Request, call: Asked) -> Response:
    """End the session that the request came with."""
    handle = handle_of(request)
    call.app.execute(call.caller(), lambda tx: access.sign_out(tx, handle))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/users")
def list_users(
    call: Asked,
    after: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[Limit, Query()] = 50,
) -> Page[UserOut]:
    """Users by e-mail."""

    def work(tx: Tx) -> Page[UserOut]:
        found = access.page_of_users(tx, after, limit)
        last = found[-1].email if len(found) == limit else None
        return Page(data=[user_out(user) for user in found], next=last)

    return call.read(Permission.ACCESS_READ, work)


@router.post("/users", response_model=UserOut)
def save_user(call: Asked, body: UserIn) -> Response:
    """Create a user, or change the one with this e-mail."""

    def work(tx: Tx, principal: Principal) -> UserOut:
        places = _places(tx, body.location_ids)
        password = body.password.get_secret_value() if body.password else None
        draft = UserDraft(body.email, body.name, frozenset(body.roles), places, password)
        return user_out(access.save_users(tx, principal, [draft])[0])

    return call.write(Permission.ACCESS_WRITE, work)


@router.get("/api-keys")
def list_keys(call: Asked, limit: Annotated[Limit, Query()] = 200) -> Page[KeyOut]:
    """API keys, without their secrets."""

    def work(tx: Tx) -> Page[KeyOut]:
        keys = access.page_of_keys(tx, limit=limit)
        return Page(data=[KeyOut.model_validate(key) for key in keys])

    return call.read(Permission.ACCESS_READ, work)


@router.post("/api-keys", status_code=201, response_model=NewKeyOut)
def create_key(call: Asked, body: KeyIn) -> Response:
    """Make an API key; it is shown this once. It can't do more than its maker."""

    def work(tx: Tx, principal: Principal) -> NewKeyOut:
        places = _places(tx, body.location_ids)
        draft = KeyDraft(body.name, frozenset(body.scopes), places)
        made = access.create_key(tx, principal, draft)
        return NewKeyOut(key=made.handle, **KeyOut.model_validate(made.key).model_dump())

    return call.write(Permission.ACCESS_WRITE, work, status=201, keep=False)


@router.delete("/api-keys/{key_id}", response_model=KeyOut)
def revoke_key(call: Asked, key_id: KeyId) -> Response:
    """Make a key useless from now on."""

    def work(tx: Tx, principal: Principal) -> KeyOut:
        return KeyOut.model_validate(access.revoke_key(tx, principal, key_id))

    return call.write(Permission.ACCESS_WRITE, work)


def _places(tx: Tx, location_ids: list[Id] | None) -> frozenset[Id] | None:
    """The locations that are named. Raises LocationUnknown where one is not the merchant's."""
    if location_ids is None:
        return None
    places = frozenset(location_ids)
    if places and places != locations.locations_by_id(tx, sorted(places)).keys():
        raise LocationUnknown("There is no such location.", field="location_ids")
    return places


def user_out(user: User) -> UserOut:
    """A user as the API shows them."""
    return UserOut.model_validate(user)


def _tenant(app: App, handle: str | None) -> int:
    with app.db.transaction(Caller(0, "sign-in")) as tx:
        if handle:
            found = access.tenant_by_handle(tx, handle)
            tenants = [found] if found else []
        else:
            tenants = access.all_tenants(tx)
    if len(tenants) != 1:
        raise SignInFailed("E-mail and password don't fit, or name the merchant.")
    return tenants[0].id


def _session(tx: Tx, call: Call) -> SessionOut:
    principal = call.who(tx)
    kind, _, shown_id = principal.actor.partition(":")
    users = {}
    if kind == "user":
        user_id = parsed("usr", shown_id)
        users = access.users_by_id(tx, [user_id])
    tenant = next(t for t in access.all_tenants(tx) if t.id == tx.tenant)
    return SessionOut(
        actor=principal.actor,
        permissions=sorted(principal.permissions),
        location_ids=sorted(principal.location_ids) if principal.location_ids is not None else None,
        user=user_out(next(iter(users.values()))) if users else None,
        merchant=MerchantOut(handle=tenant.handle, name=tenant.name),
    )
