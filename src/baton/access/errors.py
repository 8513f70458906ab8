"""What access refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Conflict, Forbidden, Invalid, NotFound, Refused


class Unauthenticated(Forbidden):
    """The handle is missing, malformed, unknown, revoked or expired: sign in or send a key."""

    code = "unauthenticated"


class SignInFailed(Forbidden):
    """E-mail and password don't open an account here; which of the two is wrong is not said."""

    code = "sign_in_failed"


class PermissionMissing(Forbidden):
    """The caller is known and lacks the permission that this needs."""

    code = "permission_missing"


class LocationForbidden(Forbidden):
    """The caller works for other locations than this one."""

    code = "location_forbidden"


class GrantTooWide(Forbidden):
    """Nobody gives, or takes from another, more rights than they have."""

    code = "grant_too_wide"


class AccessInvalid(Invalid):
    """A tenant, legal entity, user or key can't be kept as it was sent."""

    code = "access_invalid"


class PasswordUnfit(Invalid):
    """A password is missing, too short, or the e-mail address itself."""

    code = "password_unfit"


class HandleTaken(Refused):
    """Another tenant has this handle already."""

    code = "tenant_handle_taken"


class BaseCurrencyFixed(Refused):
    """A legal entity keeps its books in one currency from its first day on."""

    code = "base_currency_fixed"


class PasswordChanged(Conflict):
    """The password was changed by somebody else at the same moment."""

    code = "password_changed"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"


class KeyNotFound(NotFound):
    """There is no such API key."""

    code = "key_not_found"
