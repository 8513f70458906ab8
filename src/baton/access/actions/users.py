"""People who sign in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from baton.access import passwords, rules
from baton.access.errors import PasswordChanged, PasswordUnfit, SignInFailed, UserNotFound
from baton.access.events import PasswordSet, UserDisabled, UserEnabled, UserSaved
from baton.access.model import Principal, User, UserDraft
from baton.access.store import sessions, users
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values.fact import Fact
from baton.values.ids import Id


def save_users(tx: Tx, maker: Principal, drafts: Sequence[UserDraft]) -> list[User]:
    """The users as they are now, in the order of the drafts; what is new or differs is written.

    A password that is given replaces the old one and ends the sessions. Who was disabled stays
    so. Raises AccessInvalid, PasswordUnfit, or GrantTooWide where a draft, or the user as they
    were, may do more than `maker`.
    """
    if not drafts:
        return []
    rules.check_users(drafts)
    for draft in drafts:
        rules.check_grant(maker, rules.permissions_of(draft.roles), draft.location_ids)
    wanted = {user.email: user for user in (_wanted(tx, draft) for draft in drafts)}
    hashes = {rules.login_name(d.email): passwords.hashed(d.password) for d in drafts if d.password}
    _add(tx, wanted, hashes)
    found = users.lock_users_by_email(tx, wanted)
    _check_found(drafts, found)
    changed, facts, reset = [], list[Fact](), dict[Id, str]()
    for email, before in found.items():
        new = before.id == wanted[email].id
        after = wanted[email] = replace(
            wanted[email],
            id=before.id,
            created_at=before.created_at,
            disabled_at=before.disabled_at,
        )
        rules.check_over(maker, before)
        names = rules.changed_fields(before, after)
        if names:
            changed.append(after)
        if new or names:
            facts.append(_saved(after, new, names))
        if not new and email in hashes:
            reset[before.id] = hashes[email]
            facts.append(PasswordSet(before.id))
    if changed:
        users.change_users(tx, changed)
    if reset:
        users.set_passwords(tx, reset)
        sessions.end_sessions_of(tx, reset)
    journal.record(tx, facts)
    return [wanted[rules.login_name(draft.email)] for draft in drafts]


def _wanted(tx: Tx, draft: UserDraft) -> User:
    email = rules.login_name(draft.email)
    return User(ids.fresh(), email, draft.name, draft.roles, draft.location_ids, tx.now)


def _add(tx: Tx, wanted: dict[str, User], hashes: dict[str, str]) -> None:
    fresh = [wanted[email] for email in sorted(wanted) if email in hashes]
    if fresh:
        users.add_users(tx, fresh, [hashes[user.email] for user in fresh])


def _check_found(drafts: Sequence[UserDraft], found: dict[str, User]) -> None:
    for place, draft in enumerate(drafts):
        if rules.login_name(draft.email) not in found:
            raise PasswordUnfit(
                "A new user needs a first password.", field=f"users.{place}.password"
            )


def _saved(user: User, new: bool, changed: tuple[str, ...]) -> UserSaved:
    places = user.location_ids
    return UserSaved(
        user.id,
        new,
        tuple(sorted(user.roles)),
        None if places is None else tuple(sorted(places)),
        changed,
    )


def change_password(tx: Tx, user_id: Id, old: str, new: str) -> None:
    """Replace one's own password; all sessions of the user end.

    Raises SignInFailed for a wrong old password, PasswordUnfit, or PasswordChanged.
    """
    login = users.login_by_id(tx, user_id)
    if not passwords.matches(login.password_hash if login else None, old) or login is None:
        raise SignInFailed("The old password is wrong.", field="old")
    rules.check_password(new, login.email, "new")
    password_hash = passwords.hashed(new)
    locked = users.lock_user(tx, user_id)
    if locked is None or locked[1] != login.password_hash or locked[0].disabled_at:
        raise PasswordChanged("The password was changed meanwhile: sign in again.")
    users.set_passwords(tx, {user_id: password_hash})
    sessions.end_sessions_of(tx, [user_id])
    journal.record(tx, [PasswordSet(user_id)])


def disable_user(tx: Tx, maker: Principal, user_id: Id) -> User:
    """Nobody signs in as this user any more, and open sessions end. Twice is as good as once.

    Raises UserNotFound, or GrantTooWide where the user may do more than `maker`.
    """
    user = _locked(tx, maker, user_id)
    if user.disabled_at:
        return user
    users.set_disabled(tx, user_id, tx.now)
    sessions.end_sessions_of(tx, [user_id])
    journal.record(tx, [UserDisabled(user_id)])
    return replace(user, disabled_at=tx.now)


def enable_user(tx: Tx, maker: Principal, user_id: Id) -> User:
    """The user signs in again as before. Twice is as good as once.

    Raises UserNotFound, or GrantTooWide where the user may do more than `maker`.
    """
    user = _locked(tx, maker, user_id)
    if not user.disabled_at:
        return user
    users.set_disabled(tx, user_id, None)
    journal.record(tx, [UserEnabled(user_id)])
    return replace(user, disabled_at=None)


def _locked(tx: Tx, maker: Principal, user_id: Id) -> User:
    locked = users.lock_user(tx, user_id)
    if locked is None:
        raise UserNotFound("There is no such user.", field="user")
    rules.check_over(maker, locked[0])
    return locked[0]


def users_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, User]:
    """Those that exist, by id; disabled ones too."""
    return users.users_by_id(tx, ids)


def page_of_users(tx: Tx, after: str = "", limit: int = 100) -> list[User]:
    """Up to `limit` users whose e-mail comes after `after`; disabled ones too."""
    return users.page_of_users(tx, after, limit)
