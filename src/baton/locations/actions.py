"""The verbs of locations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from baton.locations import rules, store
from baton.locations.errors import AreaFixed, AreaUnknown, LocationNotFound
from baton.locations.events import AreaSaved, LocationClosed, LocationReopened, LocationSaved
from baton.locations.model import Area, AreaDraft, Closure, Location, LocationDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id
from baton.values.saved import saved


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
    found = saved(wanted, store.lock_areas(tx, wanted))
    if changed := [one.row for one in found.values() if one.changed]:
        store.change_areas(tx, changed)
    told = [one for one in found.values() if one.differs]
    journal.record(tx, [AreaSaved(one.row.id, one.row.code, one.new, one.changed) for one in told])
    return [found[draft.code].row for draft in drafts]


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
    found = saved(wanted, store.lock_locations(tx, wanted))
    for code, one in found.items():
        if "area_id" in one.changed:
            raise AreaFixed(
                f"{code} lies in another area and its stock is promised there: make a new "
                "location and transfer the stock.",
                field="area_code",
            )
    if changed := [one.row for one in found.values() if one.changed]:
        store.change_locations(tx, changed)
    told = [one for one in found.values() if one.differs]
    journal.record(
        tx,
        [
            LocationSaved(one.row.id, one.row.code, one.row.area_id, one.new, one.changed)
            for one in told
        ],
    )
    return [found[draft.code].row for draft in drafts]


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


def closed_days(
    tx: Tx, location_ids: Collection[Id], first: date, last: date
) -> dict[Id, frozenset[date]]:
    """The closed days of each location from `first` to `last`; those without any are absent."""
    found = store.closures(tx, location_ids, first, last)
    days = _by_location([(closure.location_id, closure.closed_on) for closure in found])
    return {location_id: frozenset(of_it) for location_id, of_it in days.items()}
