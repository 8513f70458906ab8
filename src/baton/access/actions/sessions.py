"""Who asks: signing in and out, and what stands behind a handle."""

from __future__ import annotations

import hmac
from datetime import timedelta

from baton.access import passwords, rules
from baton.access.errors import SignInFailed, Unauthenticated
from baton.access.events import UserSignedIn, UserSignedOut
from baton.access.model import (
    KEY_PREFIX,
    USER_PREFIX,
    Handle,
    HandleKind,
    Principal,
    SignedIn,
)
from baton.access.secret import hash_of
from baton.access.store import keys, sessions, users
from baton.access.store.rows import Grant, roles_of, scopes_of
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values.ids import shown

SESSION_LASTS = timedelta(hours=12)


def sign_in(tx: Tx, email: str, password: str) -> SignedIn:
    """A new session of twelve hours.

    Raises SignInFailed, with the same words and after the same work, for an unknown e-mail, a
    wrong password and a disabled user.
    """
    login = users.login(tx, rules.login_name(email))
    fits = passwords.matches(login.password_hash if login else None, password)
    locked = users.lock_user(tx, login.id) if login and fits else None
    if login is None or locked is None or locked[1] != login.password_hash:
        raise SignInFailed("E-mail and password don't fit.")
    user = locked[0]
    if user.disabled_at:
        raise SignInFailed("E-mail and password don't fit.")
    if passwords.outdated(login.password_hash):
        users.set_passwords(tx, {user.id: passwords.hashed(password)})
    handle = Handle(HandleKind.SESSION, tx.tenant, ids.secret())
    expires_at = tx.wall + SESSION_LASTS
    sessions.add_session(tx, hash_of(handle), user.id, expires_at)
    journal.record(tx, [UserSignedIn(user.id, expires_at)])
    return SignedIn(str(handle), user, expires_at)


def sign_out(tx: Tx, handle: str) -> None:
    """The session opens nothing any more; one that is over already is no error.

    Raises Unauthenticated where `handle` is none of this tenant's.
    """
    user_id = sessions.end_session(tx, hash_of(_own(tx, handle)))
    if user_id and users.lock_user(tx, user_id):
        journal.record(tx, [UserSignedOut(user_id)])


def authenticate(tx: Tx, handle: str) -> Principal:
    """Who stands behind a key or a session, with the rights that they have at this moment.

    Raises Unauthenticated where the handle is of another tenant, unknown, revoked or expired.
    """
    parts = _own(tx, handle)
    secret_hash = hash_of(parts)
    match parts.kind:
        case HandleKind.SESSION:
            found, prefix = sessions.session(tx, secret_hash), USER_PREFIX
        case HandleKind.KEY:
            found, prefix = keys.key(tx, secret_hash), KEY_PREFIX
        case HandleKind.TRACKING:
            raise Unauthenticated("A tracking link shows one order and opens nothing else.")
        case HandleKind.WEBHOOK:
            raise Unauthenticated("This is where webhooks arrive; it opens nothing else.")
    if found is None or not hmac.compare_digest(found.secret_hash, secret_hash):
        raise Unauthenticated("This key or session is over: sign in again, or send another key.")
    return _principal(parts.kind, prefix, found)


def _principal(kind: HandleKind, prefix: str, found: Grant) -> Principal:
    user = kind is HandleKind.SESSION
    return Principal(
        f"{'user' if user else 'key'}:{shown(prefix, found.id)}",
        rules.permissions_of(roles_of(found.names)) if user else scopes_of(found.names),
        found.location_ids,
        roles_of(found.names) if user else frozenset(),
    )


def _own(tx: Tx, handle: str) -> Handle:
    parts = rules.parse_handle(handle)
    if parts.tenant != tx.tenant:
        raise Unauthenticated("This key or session is over: sign in again, or send another key.")
    return parts


def prune_sessions(tx: Tx) -> int:
    """Forget sessions that have expired; returns how many."""
    return sessions.prune_sessions(tx)
