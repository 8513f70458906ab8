"""Users and their password hashes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baton.access.model import User
from baton.access.store import sql
from baton.access.store.rows import joined, places, roles_of
from baton.platform.db import Tx, columns
from baton.values.ids import Id

_USER = "id, email, name, roles, location_ids, created_at, disabled_at"
ADD_USERS = sql(
    "add_users",
    """
    insert into access.users (tenant_id, id, email, name, password_hash, roles, location_ids,
                              created_at)
    select %(tenant)s, n.id, n.email, n.name, n.password_hash, string_to_array(n.roles, ','),
           string_to_array(n.location_ids, ',')::uuid[], %(now)s
    from unnest(%(id)s::uuid[], %(email)s::text[], %(name)s::text[], %(password_hash)s::text[],
                %(roles)s::text[], %(location_ids)s::text[])
         as n (id, email, name, password_hash, roles, location_ids)
    on conflict (tenant_id, email) do nothing
    """,
)
CHANGE_USERS = sql(
    "change_users",
    """
    update access.users u
    set name = n.name, roles = string_to_array(n.roles, ','),
        location_ids = string_to_array(n.location_ids, ',')::uuid[]
    from unnest(%(id)s::uuid[], %(name)s::text[], %(roles)s::text[], %(location_ids)s::text[])
         as n (id, name, roles, location_ids)
    where u.tenant_id = %(tenant)s and u.id = n.id
    """,
)
SET_PASSWORDS = sql(
    "set_passwords",
    """
    update access.users u set password_hash = n.password_hash
    from unnest(%(ids)s::uuid[], %(password_hashes)s::text[]) as n (id, password_hash)
    where u.tenant_id = %(tenant)s and u.id = n.id
    """,
)
SET_DISABLED = sql(
    "set_disabled",
    """
    update access.users set disabled_at = %(disabled_at)s
    where tenant_id = %(tenant)s and id = %(id)s
    """,
)
LOCK_USERS_BY_EMAIL = sql(
    "lock_users_by_email",
    f"""
    select {_USER} from access.users
    where tenant_id = %(tenant)s and email = any(%(emails)s) order by email for update
    """,
)
LOCK_USER = sql(
    "lock_user",
    f"""
    select {_USER}, password_hash from access.users
    where tenant_id = %(tenant)s and id = %(id)s order by id for update
    """,
)
LOGIN = sql(
    "login",
    """
    select id, email, password_hash from access.users
    where tenant_id = %(tenant)s and email = %(email)s and disabled_at is null
    """,
)
LOGIN_BY_ID = sql(
    "login_by_id",
    """
    select id, email, password_hash from access.users
    where tenant_id = %(tenant)s and id = %(id)s and disabled_at is null
    """,
)
USERS_BY_ID = sql(
    "users_by_id",
    f"select {_USER} from access.users where tenant_id = %(tenant)s and id = any(%(ids)s)",
)
USER_PAGE = sql(
    "user_page",
    f"""
    select {_USER} from access.users
    where tenant_id = %(tenant)s and email > %(after)s order by email limit %(limit)s
    """,
)


@dataclass(frozen=True, slots=True)
class Login:
    """What is needed to check a password."""

    id: Id
    email: str
    password_hash: str


def _users(rows: Iterable[tuple[Any, ...]]) -> list[User]:
    return [
        User(id, email, name, roles_of(roles), places(location_ids), *times)
        for id, email, name, roles, location_ids, *times in rows
    ]


def add_users(tx: Tx, users: Sequence[User], password_hashes: Sequence[str]) -> None:
    """Write those whose e-mail is new; the others stay as they are."""
    tx.run(
        ADD_USERS,
        **columns(users, "id", "email", "name"),
        password_hash=list(password_hashes),
        roles=[joined(u.roles) for u in users],
        location_ids=[joined(u.location_ids) for u in users],
        now=tx.now,
    )


def change_users(tx: Tx, users: Sequence[User]) -> None:
    tx.run(
        CHANGE_USERS,
        **columns(users, "id", "name"),
        roles=[joined(u.roles) for u in users],
        location_ids=[joined(u.location_ids) for u in users],
    )


def set_passwords(tx: Tx, password_hashes: dict[Id, str]) -> None:
    tx.run(SET_PASSWORDS, ids=list(password_hashes), password_hashes=list(password_hashes.values()))


def set_disabled(tx: Tx, id: Id, disabled_at: datetime | None) -> None:
    tx.run(SET_DISABLED, id=id, disabled_at=disabled_at)


def lock_users_by_email(tx: Tx, emails: Collection[str]) -> dict[str, User]:
    return {u.email: u for u in _users(tx.all(LOCK_USERS_BY_EMAIL, emails=list(emails)))}


def lock_user(tx: Tx, id: Id) -> tuple[User, str] | None:
    """The user and the hash of their password."""
    row = tx.one(LOCK_USER, id=id)
    return (_users([row[:7]])[0], str(row[7])) if row else None


def login(tx: Tx, email: str) -> Login | None:
    return next(iter(tx.rows(Login, LOGIN, email=email)), None)


def login_by_id(tx: Tx, id: Id) -> Login | None:
    return next(iter(tx.rows(Login, LOGIN_BY_ID, id=id)), None)


def users_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, User]:
    return {u.id: u for u in _users(tx.all(USERS_BY_ID, ids=list(ids)))}


def page_of_users(tx: Tx, after: str, limit: int) -> list[User]:
    return _users(tx.all(USER_PAGE, after=after, limit=limit))
