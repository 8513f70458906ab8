"""Decisions of access: what a handle is, who may do what, what a draft must hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import TypeVar

from babel.core import get_global
from babel.numbers import is_currency

from baton.access.errors import (
    AccessInvalid,
    GrantTooWide,
    LocationForbidden,
    PasswordUnfit,
    PermissionMissing,
    Unauthenticated,
)
from baton.access.model import (
    ROLES,
    Handle,
    HandleKind,
    KeyDraft,
    LegalEntityDraft,
    Permission,
    Principal,
    Role,
    TenantDraft,
    User,
    UserDraft,
)
from baton.values.ids import Id

_HANDLE = re.compile(r"(bk|bs|bt|bw)_([1-9][0-9]{0,9})_([0-9a-f]{32})")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_EMAIL = re.compile(r"(?=.{3,254}$)[^@\s]+@[^@\s]+")
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_MOST_TENANTS = 2**31 - 1
# Source: NIST SP 800-63B, section 3.1.1: at least eight, long ones allowed, no rules of make-up
LEAST_PASSWORD, MOST_PASSWORD = 8, 256

T = TypeVar("T")


def parse_handle(text: str) -> Handle:
    """The parts of a handle; `str` is its inverse. Raises Unauthenticated where it is none."""
    found = _HANDLE.fullmatch(text)
    if found is None or int(found[2]) > _MOST_TENANTS:
        raise Unauthenticated("This is no key, session or link that Baton gave out.")
    return Handle(HandleKind(found[1]), int(found[2]), found[3])


def handle_tenant(text: str) -> int:
    """The tenant that a handle belongs to, known before anything is read.

    Raises Unauthenticated.
    """
    return parse_handle(text).tenant


def permissions_of(roles: Collection[Role]) -> frozenset[Permission]:
    """All that somebody with these roles may do."""
    return frozenset().union(*(ROLES[role] for role in roles))


def program(actor: str) -> Principal:
    """A part of Baton itself, which may do everything: the command line, the demo, a job."""
    return Principal(actor, frozenset(Permission))


def require(principal: Principal, permission: Permission, location_id: Id | None = None) -> None:
    """Pass if the principal may do this, at this location where one is named.

    Without a location only the permission counts: whoever lists things across locations keeps
    to `principal.location_ids`. Raises PermissionMissing or LocationForbidden.
    """
    if permission not in principal.permissions:
        raise PermissionMissing(
            f"This needs the permission {permission}: ask an administrator for it.",
            permission=str(permission),
        )
    places = principal.location_ids
    if location_id is not None and places is not None and location_id not in places:
        raise LocationForbidden("You work for other locations: ask an administrator.")


def require_everywhere(principal: Principal) -> None:
    """Pass if the principal works for every location: what spans them all can't be cut to some.

    Raises LocationForbidden.
    """
    if principal.location_ids is not None:
        raise LocationForbidden("This spans all locations, and you work for some of them.")


def check_grant(
    maker: Principal, permissions: frozenset[Permission], location_ids: frozenset[Id] | None
) -> None:
    """Pass if nothing in the grant goes beyond what its maker may do. Raises GrantTooWide."""
    beyond = permissions - maker.permissions
    if beyond:
        raise GrantTooWide(
            f"You lack {', '.join(sorted(beyond))} and so can't decide over it for others.",
            field="permissions",
        )
    if maker.location_ids is not None and (
        location_ids is None or not location_ids <= maker.location_ids
    ):
        raise GrantTooWide(
            "You can decide over your own locations alone: name some of them.",
            field="location_ids",
        )


def check_over(maker: Principal, user: User) -> None:
    """Pass if this user may do nothing that the maker may not. Raises GrantTooWide."""
    check_grant(maker, permissions_of(user.roles), user.location_ids)


def login_name(email: str) -> str:
    """An e-mail address as it is compared when people sign in."""
    return _UNKEEPABLE.sub("", email).strip().lower()


def changed_fields(before: T, after: T) -> tuple[str, ...]:
    """Names of the fields in which two rows of one kind differ."""
    names = (one.name for one in fields(before))  # type: ignore[arg-type]
    return tuple(n for n in names if getattr(before, n) != getattr(after, n))


# ---------------------------------------------------------------- what a draft must hold


def check_tenant(draft: TenantDraft) -> None:
    """Raises AccessInvalid where the tenant can't be set up like this."""
    if not _TENANT.fullmatch(draft.handle):
        raise AccessInvalid("Use 2 to 40 small letters, digits and hyphens.", field="handle")
    _check_text(draft.name, "name")


def check_legal_entities(drafts: Sequence[LegalEntityDraft]) -> None:
    """Raises AccessInvalid at the first draft that can't be kept."""
    for place, draft in enumerate(drafts):
        where = f"legal_entities.{place}"
        if not _CODE.fullmatch(draft.code):
            raise AccessInvalid(
                "Use 1 to 60 letters, digits, dots, hyphens or underscores.", field=f"{where}.code"
            )
        _check_text(draft.name, f"{where}.name")
        _check_text(draft.invoice_series, f"{where}.invoice_series", least=0)
        _check_country(draft.country, f"{where}.country")
        if not is_currency(draft.base_currency):
            raise AccessInvalid(
                "Give the ISO 4217 code of a currency, such as EUR.",
                field=f"{where}.base_currency",
            )
        for number, tax_id in enumerate(draft.tax_ids):
            _check_country(tax_id.country, f"{where}.tax_ids.{number}.country")
            _check_text(tax_id.number, f"{where}.tax_ids.{number}.number")
    _check_once([draft.code for draft in drafts], "legal_entities", "code")


def check_users(drafts: Sequence[UserDraft]) -> None:
    """Raises AccessInvalid or PasswordUnfit at the first draft that can't be kept."""
    for place, draft in enumerate(drafts):
        where = f"users.{place}"
        _check_email(draft.email, f"{where}.email")
        _check_text(draft.name, f"{where}.name")
        if not draft.roles:
            raise AccessInvalid("Give at least one role.", field=f"{where}.roles")
        _check_places(draft.location_ids, f"{where}.location_ids")
        if draft.password is not None:
            check_password(draft.password, draft.email, f"{where}.password")
    _check_once([login_name(draft.email) for draft in drafts], "users", "email")


def check_key(draft: KeyDraft) -> None:
    """Raises AccessInvalid where the key can't be made like this."""
    _check_text(draft.name, "name")
    if not draft.scopes:
        raise AccessInvalid("Name at least one permission that the key needs.", field="scopes")
    _check_places(draft.location_ids, "location_ids")


def check_password(password: str, email: str, field: str = "password") -> None:
    """Raises PasswordUnfit where it is too easy to guess, or too long to be typed."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or _UNKEEPABLE.search(password):
        raise PasswordUnfit(
            f"Choose a password of {LEAST_PASSWORD} to {MOST_PASSWORD} characters.", field=field
        )
    if login_name(password) == login_name(email):
        raise PasswordUnfit("Choose a password other than the e-mail address.", field=field)


def _check_text(text: str, field: str, *, least: int = 1, most: int = 200) -> None:
    if not least <= len(text.strip()) <= len(text) <= most or _UNKEEPABLE.search(text):
        raise AccessInvalid(f"Write {least} to {most} characters of plain text.", field=field)


def _check_country(country: str, field: str) -> None:
    if country == "EU" or country not in get_global("territory_currencies"):
        raise AccessInvalid("Give the ISO 3166 code of a country, such as DE.", field=field)


def _check_email(email: str, field: str) -> None:
    # it is compared, not written to: names inside a company's network will do
    if not _EMAIL.fullmatch(email.strip()) or _UNKEEPABLE.search(email):
        raise AccessInvalid("Give an e-mail address such as ann@example.com.", field=field)


def _check_places(location_ids: frozenset[Id] | None, field: str) -> None:
    if location_ids is not None and not location_ids:
        raise AccessInvalid(
            "Name at least one location, or leave it out for all of them.", field=field
        )


def _check_once(keys: Sequence[str], what: str, field: str) -> None:
    seen: set[str] = set()
    for place, key in enumerate(keys):
        if key in seen:
            raise AccessInvalid(f"{key!r} stands twice.", field=f"{what}.{place}.{field}")
        seen.add(key)
