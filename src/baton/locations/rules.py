"""Decisions of locations: where a country is, what a draft must hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import available_timezones

from babel.core import get_global

from baton.locations.centroids import CENTROIDS
from baton.locations.errors import LocationInvalid
from baton.locations.model import AreaDraft, Closure, Location, LocationDraft, Point
from baton.values.address import Address
from baton.values.ids import Id
from baton.values.text import fits

MOST_MINOR = 10**12
MOST_COUNT = 10**9
MOST_DAYS = 365
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def coordinates(country: str, lat: float | None = None, lon: float | None = None) -> Point | None:
    """The point that is known, else about the middle of the country, else None."""
    if lat is not None and lon is not None:
        return Point(lat, lon)
    middle = CENTROIDS.get(country)
    return Point(*middle) if middle else None


def location_of(draft: LocationDraft, id: Id, area_id: Id) -> Location:
    """The row that a draft asks for."""
    return Location(
        id,
        draft.code,
        draft.name,
        draft.kind,
        area_id,
        draft.legal_entity_id,
        draft.address,
        draft.point,
        draft.time_zone,
        tuple(sorted(draft.weekdays)),
        draft.cut_off,
        draft.processing_days,
        draft.capacity_per_day,
        draft.can,
        draft.pick_cost_minor,
        draft.pack_cost_minor,
        draft.active,
    )


# ---------------------------------------------------------------- what a draft must hold


def check_areas(drafts: Sequence[AreaDraft]) -> None:
    """Raises LocationInvalid at the first draft that can't be kept."""
    for place, draft in enumerate(drafts):
        _check_code(draft.code, f"areas.{place}.code")
        _check_text(draft.name, f"areas.{place}.name")
    _check_once([draft.code for draft in drafts], "areas")


def check_locations(drafts: Sequence[LocationDraft]) -> None:
    """Raises LocationInvalid at the first draft that can't be kept."""
    for place, draft in enumerate(drafts):
        where = f"locations.{place}"
        _check_code(draft.code, f"{where}.code")
        _check_text(draft.name, f"{where}.name")
        _check_address(draft.address, f"{where}.address")
        _check_point(draft.point, f"{where}.point")
        _check_calendar(draft, where)
        _check_number(draft.capacity_per_day or 0, f"{where}.capacity_per_day", MOST_COUNT)
        _check_number(draft.pick_cost_minor, f"{where}.pick_cost_minor", MOST_MINOR)
        _check_number(draft.pack_cost_minor, f"{where}.pack_cost_minor", MOST_MINOR)
    _check_once([draft.code for draft in drafts], "locations")


def check_closures(closures: Sequence[Closure]) -> None:
    """Raises LocationInvalid at the first closure that can't be kept."""
    for place, closure in enumerate(closures):
        _check_text(closure.reason, f"closures.{place}.reason", least=0)


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_calendar(draft: LocationDraft, where: str) -> None:
    if draft.time_zone not in _time_zones():
        raise LocationInvalid(
            "Give a time zone of the IANA list, such as Europe/Berlin.", field=f"{where}.time_zone"
        )
    days = draft.weekdays
    if not days or len(set(days)) < len(days) or not set(days) <= set(range(1, 8)):
        raise LocationInvalid(
            "Name at least one working day, each once: 1 is Monday, 7 Sunday.",
            field=f"{where}.weekdays",
        )
    if draft.cut_off.tzinfo is not None:
        raise LocationInvalid(
            "Give the cut-off in local time, without a zone.", field=f"{where}.cut_off"
        )
    _check_number(draft.processing_days, f"{where}.processing_days", MOST_DAYS)


def _check_address(address: Address, where: str) -> None:
    if address.country == "EU" or address.country not in get_global("territory_currencies"):
        raise LocationInvalid(
            "Give the ISO 3166 code of a country, such as DE.", field=f"{where}.country"
        )
    for name in ("name", "company", "city", "region", "postal_code"):
        _check_text(getattr(address, name), f"{where}.{name}", least=0)
    for number, line in enumerate(address.lines):
        _check_text(line, f"{where}.lines.{number}", least=0)


def _check_point(point: Point | None, where: str) -> None:
    # NaN fails every comparison and so both checks
    if point is None:
        return
    if not -90 <= point.lat <= 90:
        raise LocationInvalid("A latitude lies between -90 and 90.", field=f"{where}.lat")
    if not -180 <= point.lon <= 180:
        raise LocationInvalid("A longitude lies between -180 and 180.", field=f"{where}.lon")


def _check_code(code: str, field: str) -> None:
    if not _CODE.fullmatch(code):
        raise LocationInvalid(
            "Use 1 to 60 letters, digits, dots, hyphens or underscores.", field=field
        )


def _check_text(text: str, field: str, *, least: int = 1, most: int = 200) -> None:
    if not fits(text, least, most):
        raise LocationInvalid(f"Write {least} to {most} characters of plain text.", field=field)


def _check_number(number: int, field: str, most: int) -> None:
    if not 0 <= number <= most:
        raise LocationInvalid(f"Give a whole number from 0 to {most}.", field=field)


def _check_once(codes: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for place, code in enumerate(codes):
        if code in seen:
            raise LocationInvalid(f"{code!r} stands twice.", field=f"{what}.{place}.code")
        seen.add(code)
