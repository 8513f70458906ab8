"""Facts about who may do what. No names, no e-mail addresses, no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class TenantCreated(Fact):
    """A merchant was set up, and its journal began. The subject is the nil id."""

    fact: ClassVar[str] = "access.tenant_created"
    subject: ClassVar[str] = "tenant"

    handle: str


@dataclass(frozen=True, slots=True)
class LegalEntitySaved(Fact):
    """A legal entity is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "access.legal_entity_saved"
    subject: ClassVar[str] = "legal_entity"

    code: str
    new: bool
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserSaved(Fact):
    """A user is new, or the fields named in `changed` are; roles and locations as they are now.

    `location_ids` None means every location.
    """

    fact: ClassVar[str] = "access.user_saved"
    subject: ClassVar[str] = "user"

    new: bool
    roles: tuple[str, ...]
    location_ids: tuple[Id, ...] | None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserDisabled(Fact):
    """A user can't sign in any more, and their sessions have ended."""

    fact: ClassVar[str] = "access.user_disabled"
    subject: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class UserEnabled(Fact):
    """A user who had been disabled can sign in again."""

    fact: ClassVar[str] = "access.user_enabled"
    subject: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class PasswordSet(Fact):
    """A user has another password, and their sessions have ended."""

    fact: ClassVar[str] = "access.password_set"
    subject: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class UserSignedIn(Fact):
    """A session began."""

    fact: ClassVar[str] = "access.signed_in"
    subject: ClassVar[str] = "user"

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UserSignedOut(Fact):
    """A session was ended by its user."""

    fact: ClassVar[str] = "access.signed_out"
    subject: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class KeyCreated(Fact):
    """An API key was made with these scopes. `location_ids` None means every location."""

    fact: ClassVar[str] = "access.key_created"
    subject: ClassVar[str] = "api_key"

    scopes: tuple[str, ...]
    location_ids: tuple[Id, ...] | None


@dataclass(frozen=True, slots=True)
class KeyRevoked(Fact):
    """An API key opens nothing any more."""

    fact: ClassVar[str] = "access.key_revoked"
    subject: ClassVar[str] = "api_key"
