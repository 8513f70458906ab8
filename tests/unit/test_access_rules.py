"""Handles, permissions, roles and what a draft must hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baton.access import rules
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
    SignedIn,
    TaxId,
    TenantDraft,
    UserDraft,
)
from baton.access.passwords import hashed, matches, outdated
from baton.values.ids import new_id

SECRET = "0123456789abcdef" * 2
HERE, THERE = new_id(1, 1), new_id(1, 2)


def test_a_handle_is_read_back_from_how_it_is_written() -> None:
    handle = Handle(HandleKind.KEY, 17, SECRET)
    assert str(handle) == f"bk_17_{SECRET}"
    assert rules.parse_handle(str(handle)) == handle
    assert rules.handle_tenant(f"bt_2147483647_{SECRET}") == 2**31 - 1
    assert SECRET not in repr(handle)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bk_1",
        f"bx_1_{SECRET}",
        f"bk_0_{SECRET}",
        f"bk_01_{SECRET}",
        f"bk_2147483648_{SECRET}",
        f"bk_99999999999999999999_{SECRET}",
        f"bk_1_{SECRET}\n",
        f"bk_1_{SECRET[:-1]}",
        f"bk_1_{SECRET.upper()}",
        f"bk_١_{SECRET}",
        "bk_1_\x00",
    ],
)
def test_anything_else_is_no_handle(text: str) -> None:
    with pytest.raises(Unauthenticated):
        rules.handle_tenant(text)


def test_permissions_stand_in_alphabetical_order_and_name_scope_and_action() -> None:
    values = [p.value for p in Permission]
    assert values == sorted(values)
    for permission in Permission:
        assert permission.name == permission.value.replace(":", "_").upper()


def test_every_role_has_rights_and_the_admin_alone_decides_over_access() -> None:
    assert set(ROLES) == set(Role)
    assert ROLES[Role.ADMIN] == frozenset(Permission)
    for role in set(Role) - {Role.ADMIN}:
        assert ROLES[role], role
        assert Permission.ACCESS_WRITE not in ROLES[role], role
    assert all(p.endswith(":read") for p in ROLES[Role.VIEWER])
    with pytest.raises(TypeError):
        ROLES[Role.VIEWER] = frozenset(Permission)  # type: ignore[index]


def test_require_wants_the_permission_and_the_place() -> None:
    store = Principal("user:x", ROLES[Role.STORE], frozenset({HERE}))
    rules.require(store, Permission.FULFILLMENT_WORK)
    rules.require(store, Permission.FULFILLMENT_WORK, HERE)
    with pytest.raises(LocationForbidden):
        rules.require(store, Permission.FULFILLMENT_WORK, THERE)
    with pytest.raises(PermissionMissing) as missing:
        rules.require(store, Permission.ACCESS_WRITE, HERE)
    assert missing.value.parameters == {"permission": "access:write"}
    rules.require(rules.program("cli"), Permission.ACCESS_WRITE, THERE)
    with pytest.raises(LocationForbidden):
        rules.require_everywhere(store)
    rules.require_everywhere(rules.program("cli"))


def test_nobody_grants_more_than_they_have() -> None:
    read = frozenset({Permission.ORDERS_READ})
    maker = Principal("user:x", read | {Permission.ACCESS_WRITE}, frozenset({HERE}))
    rules.check_grant(maker, read, frozenset({HERE}))
    for permissions, places in [
        (read | {Permission.ORDERS_WRITE}, frozenset({HERE})),
        (read, frozenset({HERE, THERE})),
        (read, None),
    ]:
        with pytest.raises(GrantTooWide):
            rules.check_grant(maker, permissions, places)


def test_passwords_are_checked_in_either_spelling_and_never_shown() -> None:
    kept = hashed("Zoë's parrot")
    assert matches(kept, "Zoë's parrot")
    assert matches(kept, "Zoe\u0308's parrot")  # typed as two characters
    assert not matches(kept, "zoë's parrot")
    assert not matches(None, "Zoë's parrot")
    assert not matches(kept, "\ud800")
    assert "parrot" not in repr(UserDraft("a@b.example", "A", frozenset(), None, "parrot"))
    assert not outdated(kept)
    assert outdated(kept.replace("m=19456", "m=8192"))


def test_a_long_password_is_not_cut_to_one_that_fits() -> None:
    kept = hashed("x" * rules.MOST_PASSWORD)
    assert matches(kept, "x" * rules.MOST_PASSWORD)
    assert not matches(kept, "x" * (rules.MOST_PASSWORD + 1))


@pytest.mark.parametrize("password", ["", "short", "x" * 257, " Ann@Example.com", "seven77\x00s"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordUnfit):
        rules.check_password(password, "ann@example.com")


ENTITY = LegalEntityDraft("de", "Baton GmbH", "DE", "EUR", "DE-", (TaxId("DE", "DE123456789"),))
USER = UserDraft("ann@example.com", "Ann", frozenset({Role.CARE}))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(ENTITY, code="a b"), "legal_entities.0.code"),
        (replace(ENTITY, name=" "), "legal_entities.0.name"),
        (replace(ENTITY, name="x" * 201), "legal_entities.0.name"),
        (replace(ENTITY, name="a\x00b"), "legal_entities.0.name"),
        (replace(ENTITY, country="EU"), "legal_entities.0.country"),
        (replace(ENTITY, country="de"), "legal_entities.0.country"),
        (replace(ENTITY, base_currency="EURO"), "legal_entities.0.base_currency"),
        (replace(ENTITY, tax_ids=(TaxId("XX", "1"),)), "legal_entities.0.tax_ids.0.country"),
        (replace(ENTITY, tax_ids=(TaxId("DE", ""),)), "legal_entities.0.tax_ids.0.number"),
    ],
)
def test_a_legal_entity_is_refused_with_the_field_to_mend(
    draft: LegalEntityDraft, field: str
) -> None:
    rules.check_legal_entities([ENTITY])
    with pytest.raises(AccessInvalid) as refused:
        rules.check_legal_entities([draft])
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(USER, email="ann"), "users.0.email"),
        (replace(USER, email="ann smith@example.com"), "users.0.email"),
        (replace(USER, email="a@" + "b" * 300), "users.0.email"),
        (replace(USER, email="ann\ud800@example.com"), "users.0.email"),
        (replace(USER, name=""), "users.0.name"),
        (replace(USER, roles=frozenset()), "users.0.roles"),
        (replace(USER, location_ids=frozenset()), "users.0.location_ids"),
        (replace(USER, password="short"), "users.0.password"),
    ],
)
def test_a_user_is_refused_with_the_field_to_mend(draft: UserDraft, field: str) -> None:
    rules.check_users([USER])
    with pytest.raises((AccessInvalid, PasswordUnfit)) as refused:
        rules.check_users([draft])
    assert refused.value.field == field


def test_a_log_in_inside_a_company_network_is_an_address_too() -> None:
    rules.check_users([replace(USER, email="ann@warehouse.local")])


def test_one_user_stands_once_in_a_batch_however_it_is_written() -> None:
    with pytest.raises(AccessInvalid) as refused:
        rules.check_users([USER, replace(USER, email=" ANN@example.com")])
    assert refused.value.field == "users.1.email"


@pytest.mark.parametrize("handle", ["", "a", "A-b", "a_b", "a" * 41, "-ab"])
def test_a_tenants_handle_is_plain(handle: str) -> None:
    with pytest.raises(AccessInvalid):
        rules.check_tenant(TenantDraft(handle, "Name"))


def test_a_key_needs_a_name_and_a_purpose() -> None:
    with pytest.raises(AccessInvalid):
        rules.check_key(KeyDraft("", frozenset({Permission.ORDERS_READ})))
    with pytest.raises(AccessInvalid):
        rules.check_key(KeyDraft("shop", frozenset()))


def test_what_holds_a_handle_does_not_print_it() -> None:
    names = [f.name for f in SignedIn.__dataclass_fields__.values() if f.repr]
    assert "handle" not in names
