"""Between rows and values. Lists travel as text with commas: `unnest` would flatten them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from baton.access.model import Permission, Role
from baton.values.ids import Id

_ROLES = {role.value: role for role in Role}
_SCOPES = {permission.value: permission for permission in Permission}


@dataclass(frozen=True, slots=True)
class Grant:
    """What stands behind a handle: who, by which hash, and what they may."""

    secret_hash: bytes
    id: Id
    names: tuple[str, ...]
    location_ids: frozenset[Id] | None


def grant(row: tuple[Any, ...] | None) -> Grant | None:
    if row is None:
        return None
    return Grant(bytes(row[0]), row[1], tuple(row[2]), places(row[3]))


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """The roles that this version knows: a name it doesn't know grants nothing."""
    return frozenset(_ROLES[name] for name in names if name in _ROLES)


def scopes_of(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions that this version knows: a name it doesn't know grants nothing."""
    return frozenset(_SCOPES[name] for name in names if name in _SCOPES)


def places(location_ids: Sequence[Id] | None) -> frozenset[Id] | None:
    return None if location_ids is None else frozenset(location_ids)


def joined(values: Iterable[object] | None) -> str | None:
    return None if values is None else ",".join(sorted(str(value) for value in values))
