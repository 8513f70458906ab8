"""Signing in, keys, and what each may do, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from baton import access
from baton.access.errors import (
    GrantTooWide,
    KeyNotFound,
    PasswordUnfit,
    PermissionMissing,
    SignInFailed,
    Unauthenticated,
    UserNotFound,
)
from baton.access.model import (
    ROLES,
    KeyDraft,
    Permission,
    Principal,
    Role,
    User,
    UserDraft,
)
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx

ROOT = access.program("test")
ANN = UserDraft("Ann@Example.com", "Ann", frozenset({Role.CARE}), None, "correct horse")


def save(tx: Tx, *drafts: UserDraft, maker: Principal = ROOT) -> list[User]:
    return access.save_users(tx, maker, drafts)


def facts(tx: Tx, user: User) -> list[str]:
    return [entry.fact for entry in journal.timeline(tx, [user.id])]


def test_who_signs_in_may_what_their_roles_say(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        signed_in = access.sign_in(tx, " ann@EXAMPLE.com", "correct horse")
    assert access.handle_tenant(signed_in.handle) == caller.tenant
    with db.transaction(caller) as tx:
        principal = access.authenticate(tx, signed_in.handle)
        assert principal.permissions == ROLES[Role.CARE]
        assert principal.actor.startswith("user:usr_")
        access.require(principal, Permission.ORDERS_CANCEL)
        with pytest.raises(PermissionMissing):
            access.require(principal, Permission.ACCESS_READ)
        assert facts(tx, ann) == ["access.user_saved", "access.signed_in"]


def test_a_change_of_roles_counts_at_once(db: Database, caller: Caller) -> None:
    place = ids.fresh()
    with db.transaction(caller) as tx:
        save(tx, ANN)
        handle = access.sign_in(tx, ANN.email, "correct horse").handle
        save(tx, replace(ANN, roles=frozenset({Role.STORE}), location_ids=frozenset({place})))
    with pytest.raises(Unauthenticated), db.transaction(caller) as tx:
        access.authenticate(tx, handle)  # a password was given with it: sessions ended
    with db.transaction(caller) as tx:
        handle = access.sign_in(tx, ANN.email, "correct horse").handle
        save(tx, replace(ANN, roles=frozenset({Role.VIEWER}), password=None))
        principal = access.authenticate(tx, handle)
        assert principal.permissions == ROLES[Role.VIEWER]
        assert principal.location_ids is None


def test_signing_in_fails_in_one_way(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        _, bob = save(tx, ANN, replace(ANN, email="bob@example.com", name="Bob"))
        access.disable_user(tx, ROOT, bob.id)
    answers = set()
    for email, password in [
        ("ann@example.com", "wrong horse"),
        ("nobody@example.com", "correct horse"),
        ("bob@example.com", "correct horse"),
        ("ann@example.com\x00", "wrong"),
        ("\ud800", "\ud800"),
        ("ann@example.com", "x" * 100_000),
    ]:
        with pytest.raises(SignInFailed) as failed, db.transaction(caller) as tx:
            access.sign_in(tx, email, password)
        answers.add((failed.value.code, failed.value.message, failed.value.field))
    assert len(answers) == 1


def test_an_unknown_user_costs_as_many_hashes_as_a_known_one(
    db: Database, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baton.access import passwords

    with db.transaction(caller) as tx:
        save(tx, ANN)
    counted: list[str] = []
    kept = passwords._hasher

    class Counting:
        def hash(self, password: bytes) -> str:
            counted.append("hash")
            return kept.hash(password)

        def verify(self, given: str, password: bytes) -> bool:
            counted.append("verify")
            return kept.verify(given, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in ("ann@example.com", "nobody@example.com"):
        with pytest.raises(SignInFailed), db.transaction(caller) as tx:
            access.sign_in(tx, email, "wrong horse")
    assert counted == ["verify", "hash"]


def test_a_session_ends_by_signing_out_by_time_and_by_disabling(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        first, second, third = (
            access.sign_in(tx, ANN.email, "correct horse").handle for _ in range(3)
        )
        access.sign_out(tx, first)
        access.sign_out(tx, first)
        with pytest.raises(Unauthenticated):
            access.authenticate(tx, first)
        later = replace(tx, wall=tx.wall + timedelta(hours=12))
        with pytest.raises(Unauthenticated):
            access.authenticate(later, second)
        assert access.authenticate(replace(tx, now=tx.now + timedelta(days=99)), second)
        assert access.prune_sessions(later) == 2
        handle = access.sign_in(tx, ANN.email, "correct horse").handle
        assert access.disable_user(tx, ROOT, ann.id).disabled_at == tx.now
        access.disable_user(tx, ROOT, ann.id)
        for gone in (third, handle):
            with pytest.raises(Unauthenticated):
                access.authenticate(tx, gone)
        access.enable_user(tx, ROOT, ann.id)
        assert access.sign_in(tx, ANN.email, "correct horse")
        assert facts(tx, ann).count("access.user_disabled") == 1
        assert facts(tx, ann).count("access.signed_out") == 1


def test_a_changed_password_ends_the_sessions(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        handle = access.sign_in(tx, ANN.email, "correct horse").handle
    with pytest.raises(SignInFailed), db.transaction(caller) as tx:
        access.change_password(tx, ann.id, "wrong horse", "battery staple")
    with pytest.raises(PasswordUnfit), db.transaction(caller) as tx:
        access.change_password(tx, ann.id, "correct horse", "short")
    with db.transaction(caller) as tx:
        access.change_password(tx, ann.id, "correct horse", "battery staple")
        with pytest.raises(Unauthenticated):
            access.authenticate(tx, handle)
        assert access.sign_in(tx, ANN.email, "battery staple")
    with pytest.raises(SignInFailed), db.transaction(caller) as tx:
        access.sign_in(tx, ANN.email, "correct horse")


def test_a_hash_of_an_older_strength_is_renewed_at_sign_in(db: Database, caller: Caller) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(b"correct horse")
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
    set_hash(db, caller, ann, weak)
    with db.transaction(caller) as tx:
        access.sign_in(tx, ANN.email, "correct horse")
    assert "m=19456" in hash_of(db, caller, ann)
    with db.transaction(caller) as tx:
        access.sign_in(tx, ANN.email, "correct horse")


def set_hash(db: Database, caller: Caller, user: User, password_hash: str) -> None:
    with tenant_connection(db, caller) as connection:
        connection.execute(
            "update access.users set password_hash = %s where tenant_id = %s and id = %s",
            (password_hash, caller.tenant, user.id),
        )


def hash_of(db: Database, caller: Caller, user: User) -> str:
    with tenant_connection(db, caller) as connection:
        row = connection.execute(
            "select password_hash from access.users where tenant_id = %s and id = %s",
            (caller.tenant, user.id),
        ).fetchone()
    assert row is not None
    return str(row[0])


def tenant_connection(db: Database, caller: Caller) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}")


def test_saving_users_again_writes_only_what_differs(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        assert ann.email == "ann@example.com"
        again = replace(ANN, password=None)
        assert save(tx, again) == [ann]
        assert facts(tx, ann) == ["access.user_saved"]
        (renamed,) = save(tx, replace(again, name="Anna"))
        assert renamed == replace(ann, name="Anna")
        entries = journal.timeline(tx, [ann.id])
        assert entries[-1].data["changed"] == ["name"]
        assert access.users_by_id(tx, [ann.id, ids.fresh()]) == {ann.id: renamed}
        assert access.page_of_users(tx) == [renamed]
        assert access.page_of_users(tx, after=ann.email) == []
        assert save(tx) == []
    with pytest.raises(PasswordUnfit) as unfit, db.transaction(caller) as tx:
        save(tx, replace(again, email="new@example.com"))
    assert unfit.value.field == "users.0.password"


def test_no_fact_names_a_person_or_a_secret(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        signed_in = access.sign_in(tx, ANN.email, "correct horse")
        key = access.create_key(tx, ROOT, KeyDraft("shop", frozenset({Permission.ORDERS_READ})))
        entries = journal.timeline(tx, [ann.id, key.key.id])
    text = repr([(e.data, e.actor, e.cause) for e in entries]).lower()
    assert len(entries) == 3
    for secret in ("ann", "example", "horse", "argon", signed_in.handle[-32:], key.handle[-32:]):
        assert secret not in text
    assert {(e.actor, e.cause) for e in entries} == {("test", "test")}


def test_a_lesser_key_neither_makes_nor_touches_a_greater_user(
    db: Database, caller: Caller
) -> None:
    lesser = Principal("key:x", frozenset({Permission.ACCESS_WRITE, *ROLES[Role.VIEWER]}))
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        (viewer,) = save(tx, replace(ANN, email="v@example.com", roles=frozenset({Role.VIEWER})))
        key = access.create_key(tx, ROOT, KeyDraft("all", frozenset(Permission))).key
    for attempt in (
        lambda tx: save(tx, replace(ANN, email="new@example.com"), maker=lesser),
        lambda tx: save(tx, replace(ANN, roles=frozenset({Role.VIEWER})), maker=lesser),
        lambda tx: access.disable_user(tx, lesser, ann.id),
        lambda tx: access.enable_user(tx, lesser, ann.id),
        lambda tx: access.revoke_key(tx, lesser, key.id),
        lambda tx: access.create_key(tx, lesser, KeyDraft("all", frozenset(Permission))),
    ):
        with pytest.raises(GrantTooWide), db.transaction(caller) as tx:
            attempt(tx)
    with db.transaction(caller) as tx:
        assert access.users_by_id(tx, [ann.id])[ann.id] == ann
        assert access.sign_in(tx, ANN.email, "correct horse")
        access.disable_user(tx, lesser, viewer.id)


def test_a_key_opens_what_it_was_made_for_until_it_is_revoked(db: Database, caller: Caller) -> None:
    place = ids.fresh()
    scopes = frozenset({Permission.STOCK_READ, Permission.STOCK_WRITE})
    with db.transaction(caller) as tx:
        made = access.create_key(tx, ROOT, KeyDraft("scanner", scopes, frozenset({place})))
        assert made.handle.endswith(made.key.hint)
        principal = access.authenticate(tx, made.handle)
        assert principal.actor.startswith("key:key_")
        assert principal.permissions == scopes
        assert principal.location_ids == {place}
        assert access.page_of_keys(tx) == [made.key]
        revoked = access.revoke_key(tx, ROOT, made.key.id)
        assert access.revoke_key(tx, ROOT, made.key.id) == revoked
        with pytest.raises(Unauthenticated):
            access.authenticate(tx, made.handle)
        with pytest.raises(KeyNotFound):
            access.revoke_key(tx, ROOT, ids.fresh())
        with pytest.raises(UserNotFound):
            access.disable_user(tx, ROOT, ids.fresh())


def test_a_handle_opens_its_own_tenant_alone(
    db: Database, caller: Caller, new_tenant: Callable[[], int]
) -> None:
    other = Caller(new_tenant(), "test")
    with db.transaction(caller) as tx:
        made = access.create_key(tx, ROOT, KeyDraft("shop", frozenset({Permission.ORDERS_READ})))
    forged = made.handle.replace(f"bk_{caller.tenant}_", f"bk_{other.tenant}_")
    tracking = made.handle.replace("bk_", "bt_")
    with db.transaction(other) as tx:
        for handle in (made.handle, forged):
            with pytest.raises(Unauthenticated):
                access.authenticate(tx, handle)
    for handle in (forged, tracking):
        with pytest.raises(Unauthenticated), db.transaction(caller) as tx:
            access.authenticate(tx, handle)


def test_a_disabled_user_is_nobody_even_with_a_session_left_over(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        save(tx, ANN)
        handle = access.sign_in(tx, ANN.email, "correct horse").handle
    with tenant_connection(db, caller) as connection:
        connection.execute(
            "update access.users set disabled_at = now() where tenant_id = %s", (caller.tenant,)
        )
    with pytest.raises(Unauthenticated), db.transaction(caller) as tx:
        access.authenticate(tx, handle)


def test_what_is_stored_opens_nothing(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        made = access.create_key(tx, ROOT, KeyDraft("shop", frozenset({Permission.ORDERS_READ})))
    with tenant_connection(db, caller) as connection:
        rows = connection.execute(
            "select k::text from access.api_keys k where tenant_id = %s", (caller.tenant,)
        ).fetchall()
    assert made.handle[-32:] not in repr(rows)


def test_verify_counts_rows_and_finds_what_was_altered_by_hand(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        (ann,) = save(tx, ANN)
        access.sign_in(tx, ANN.email, "correct horse")
        access.create_key(tx, ROOT, KeyDraft("shop", frozenset({Permission.ORDERS_READ})))
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in access.verify(tx)] == [(1, ())] * 3
    with tenant_connection(db, caller) as connection:
        tenant = (caller.tenant,)
        connection.execute("update access.users set roles = '{king}' where tenant_id = %s", tenant)
        connection.execute("update access.api_keys set scopes = '{}' where tenant_id = %s", tenant)
        connection.execute(
            "update access.sessions set user_id = gen_random_uuid() where tenant_id = %s", tenant
        )
    with db.transaction(caller) as tx:
        checks = access.verify(tx)
        assert [len(c.failures) for c in checks] == [1, 1, 1]
        assert str(ann.id) in checks[1].failures[0]
        assert access.users_by_id(tx, [ann.id])[ann.id].roles == frozenset()
