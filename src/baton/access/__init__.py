"""Who may do what, for which merchant.

Owns       tenants, legal entities, users, sessions, API keys; permissions and roles.
Tables     access.tenants (the one without a tenant) · legal_entities · users · sessions · api_keys
Verbs      create_tenant · save_legal_entities · save_users · change_password · disable_user ·
           enable_user · sign_in · sign_out · prune_sessions · authenticate ·
           create_key · revoke_key
Decides    handle_tenant(handle) before anything is read; require(principal, permission, location);
           require_everywhere(principal) for what spans all locations.
Facts      access.tenant_created · legal_entity_saved · user_saved · user_disabled · user_enabled ·
           password_set · signed_in · signed_out · key_created · key_revoked
Invariants Only hashes of secrets and passwords are kept. A handle carries its tenant
           (`bk_<tenant>_<secret>`), so that the tenant is set before the first look-up. Rights are
           read anew with each request: a change of roles counts at once. Nobody gives rights that
           they lack, and nobody changes a user or revokes a key with more rights than theirs.
           Signing in tells nobody whether an account exists. Whoever works for some locations
           reads and changes what lies there, and nothing tells them of the rest.

One permission enum and one mapping of roles stand in model.py. Whoever verifies a caller does
    principal = access.authenticate(tx, handle); access.require(principal, Permission.ORDERS_READ)
"""

from baton.access.actions.keys import create_key, page_of_keys, revoke_key
from baton.access.actions.sessions import authenticate, prune_sessions, sign_in, sign_out
from baton.access.actions.tenants import (
    all_tenants,
    create_tenant,
    legal_entities_by_code,
    legal_entities_by_id,
    page_of_legal_entities,
    save_legal_entities,
    tenant_by_handle,
)
from baton.access.actions.users import (
    change_password,
    disable_user,
    enable_user,
    page_of_users,
    save_users,
    users_by_id,
)
from baton.access.rules import handle_tenant, parse_handle, program, require, require_everywhere
from baton.access.store.checks import verify

__all__ = [
    "all_tenants",
    "authenticate",
    "change_password",
    "create_key",
    "create_tenant",
    "disable_user",
    "enable_user",
    "handle_tenant",
    "legal_entities_by_code",
    "legal_entities_by_id",
    "page_of_keys",
    "page_of_legal_entities",
    "page_of_users",
    "parse_handle",
    "program",
    "prune_sessions",
    "require",
    "require_everywhere",
    "revoke_key",
    "save_legal_entities",
    "save_users",
    "sign_in",
    "sign_out",
    "tenant_by_handle",
    "users_by_id",
    "verify",
]
