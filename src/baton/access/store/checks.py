"""Reads for `verify`: rows seen, and the first twenty that are wrong."""

from __future__ import annotations

from baton.access.model import Permission, Role
from baton.access.store import sql
from baton.platform.db import Tx, checked
from baton.values.check import Check

SESSIONS = sql(
    "check_sessions",
    """
    select count(*), (array_agg(s.user_id::text) filter (where u.id is null))[1:20]
    from access.sessions s
    left join access.users u on u.tenant_id = %(tenant)s and u.id = s.user_id
    where s.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
ROLES = sql(
    "check_roles",
    """
    select count(*), (array_agg(u.id::text)
                      filter (where not u.roles <@ %(known)s::text[] or u.roles = '{}'))[1:20]
    from access.users u where u.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
SCOPES = sql(
    "check_scopes",
    """
    select count(*), (array_agg(k.id::text)
                      filter (where not k.scopes <@ %(known)s::text[] or k.scopes = '{}'))[1:20]
    from access.api_keys k where k.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """Sessions have their user; users have roles, and keys scopes, that this version knows."""
    roles, scopes = [str(role) for role in Role], [str(permission) for permission in Permission]
    return [
        checked(
            tx, "access: a session belongs to a user", SESSIONS, "a session of user {} has none"
        ),
        checked(
            tx,
            "access: a user has known roles",
            ROLES,
            "user {} has none, or unknown ones",
            known=roles,
        ),
        checked(
            tx,
            "access: a key has known scopes",
            SCOPES,
            "key {} has none, or unknown ones",
            known=scopes,
        ),
    ]
