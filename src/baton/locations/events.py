"""Facts about places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class AreaSaved(Fact):
    """An area is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "locations.area_saved"
    subject: ClassVar[str] = "area"

    code: str
    new: bool
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocationSaved(Fact):
    """A location is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "locations.location_saved"
    subject: ClassVar[str] = "location"

    code: str
    area_id: Id
    new: bool
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocationClosed(Fact):
    """A location will not work on these days."""

    fact: ClassVar[str] = "locations.closed"
    subject: ClassVar[str] = "location"

    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class LocationReopened(Fact):
    """A location will work on these days after all, as far as its week says so."""

    fact: ClassVar[str] = "locations.reopened"
    subject: ClassVar[str] = "location"

    days: tuple[date, ...]
