"""The verbs of locations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from baton.locations import rules, store
from baton.locations.errors import AreaFixed, AreaUnknown, LocationNotFound
from baton.locations.events import AreaSaved, LocationClosed, LocationReopened, LocationSaved
from baton.locations.model import Area, AreaDraft, Closure, Location, LocationDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id


def save_areas(tx: Tx, drafts: Sequence[AreaDraft]) -> list[Area]:
    """The areas as they are now, in the order of the drafts; what is new or differs is written.

    Raises LocationInvalid.
    """
    if not drafts:
        return []
    rules.check_areas(drafts)
    wanted = {
        d.code: Area(new.fresh(), d.code, d.name) for d in sorted(drafts, key=lambda d: d.code)
    }
    store.add_areas(tx, list(wanted.values()))
    changed, facts = [], []
    for code, before in store.lock_areas(tx, wanted).items():
        made = before.id == wanted[code].id
        after = wanted[code] = replace(wanted[code], id=before.id)
        names = rules.changed_fields(before, after)
        if names:
            changed.append(after)
        if made or names:
            facts.append(AreaSaved(before.id, code, made, names))
    if changed:
        store.change_areas(tx, changed)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def save_locations(tx: Tx, drafts: Sequence[LocationDraft]) -> list[Location]:
    """The locations as they are now, in the order of the drafts; only what differs is written.

    Whether the legal entity exists is the caller's to know. Raises LocationInvalid, AreaUnknown,
    or AreaFixed where a location is to move to another area.
    """
    if not drafts:
        return []
    rules.check_locations(drafts)
    areas = _areas_of(tx, drafts)
    wanted = {
        d.code: rules.location_of(d, new.fresh(), areas[d.area_code])
        for d in sorted(drafts, key=lambda d: d.code)
    }
    store.add_locations(tx, list(wanted.values()))
    changed, facts = [], []
    for code, before in store.lock_locations(tx, wanted).items():
        made = before.id == wanted[code].id
        after = wanted[code] = replace(wanted[code], id=before.id)
        if after.area_id != before.area_id:
            raise AreaFixed(
                f"{code} lies in another area and its stock is promised there: make a new "
                "location and transfer the stock.",
                field="area_code",
            )
        names = rules.changed_fields(before, after)
        if names:
            changed.append(after)
        if made or names:
            facts.append(LocationSaved(before.id, code, before.area_id, made, names))
    if changed:
        store.change_locations(tx, changed)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def _areas_of(tx: Tx, drafts: Sequence[LocationDraft]) -> dict[str, Id]:
    found = store.areas_by_code(tx, {draft.area_code for draft in drafts})
    for place, draft in enumerate(drafts):
        if draft.area_code not in found:
            raise AreaUnknown(
                f"There is no area {draft.area_code[:60]!r}: save it first.",
                field=f"locations.{place}.area_code",
            )
    return {code: area.id for code, area in found.items()}


def close(tx: Tx, closures: Sequence[Closure]) -> None:
    """The locations don't work on these days; a day that is closed already keeps its reason.

    Raises LocationInvalid or LocationNotFound.
    """
    if not closures:
        return
    rules.check_closures(closures)
    _lock(tx, closures)
    days = _by_location(store.add_closures(tx, closures))
    journal.record(tx, [LocationClosed(id, tuple(sorted(days[id]))) for id in sorted(days)])


def reopen(tx: Tx, closures: Sequence[Closure]) -> None:
    """The locations work on these days as on any other; a day that is open stays so.

    Raises LocationNotFound.
    """
    if not closures:
        return
    _lock(tx, closures)
    days = _by_location(store.remove_closures(tx, closures))
    journal.record(tx, [LocationReopened(id, tuple(sorted(days[id]))) for id in sorted(days)])


def _lock(tx: Tx, closures: Sequence[Closure]) -> None:
    wanted = {closure.location_id for closure in closures}
    if store.lock_location_ids(tx, wanted) != wanted:
        raise LocationNotFound("There is no such location.", field="location_id")


def _by_location(days: Sequence[tuple[Id, date]]) -> dict[Id, list[date]]:
    found: dict[Id, list[date]] = {}
    for location_id, day in days:
        found.setdefault(location_id, []).append(day)
    return found


def closures(tx: Tx, location_ids: Collection[Id], first: date, last: date) -> list[Closure]:
    """The closures from `first` to `last`, both included, by location and day."""
    return store.closures(tx, location_ids, first, last)


def closed_days(
    tx: Tx, location_ids: Collection[Id], first: date, last: date
) -> dict[Id, frozenset[date]]:
    """The closed days of each location from `first` to `last`; those without any are absent."""
    found = store.closures(tx, location_ids, first, last)
    days = _by_location([(closure.location_id, closure.closed_on) for closure in found])
    return {location_id: frozenset(of_it) for location_id, of_it in days.items()}


def areas_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Area]:
    """Those that exist, by code."""
    return store.areas_by_code(tx, codes)


def areas_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Area]:
    """Those that exist, by id."""
    return store.areas_by_id(tx, ids)


def page_of_areas(tx: Tx, after: str = "", limit: int = 100) -> list[Area]:
    """Up to `limit` areas whose code comes after `after`."""
    return store.page_of_areas(tx, after, limit)


def locations_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Location]:
    """Those that exist, by code; inactive ones too."""
    return store.locations_by_code(tx, codes)


def locations_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Location]:
    """Those that exist, by id; inactive ones too."""
    return store.locations_by_id(tx, ids)


def locations_of_areas(tx: Tx, area_ids: Collection[Id]) -> dict[Id, list[Location]]:
    """The locations of each area, by code, inactive ones too; areas without any are absent."""
    found: dict[Id, list[Location]] = {}
    for location in store.locations_of_areas(tx, area_ids):
        found.setdefault(location.area_id, []).append(location)
    return found


def page_of_locations(tx: Tx, after: str = "", limit: int = 100) -> list[Location]:
    """Up to `limit` locations whose code comes after `after`; inactive ones too."""
    return store.page_of_locations(tx, after, limit)
