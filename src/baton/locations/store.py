"""All the SQL of locations. Lists travel as text with commas: `unnest` would flatten them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from baton.locations.model import (
    Ability,
    Area,
    Closure,
    Location,
    LocationKind,
    Point,
)
from baton.platform.db import Statements, Tx, checked, columns
from baton.values.address import Address
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("locations")

# ---------------------------------------------------------------- areas

ADD_AREAS = sql(
    "add_areas",
    """
    insert into locations.areas (tenant_id, id, code, name, created_at)
    select %(tenant)s, n.id, n.code, n.name, %(now)s
    from unnest(%(id)s::uuid[], %(code)s::text[], %(name)s::text[]) as n (id, code, name)
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE_AREAS = sql(
    "change_areas",
    """
    update locations.areas a set name = n.name
    from unnest(%(id)s::uuid[], %(name)s::text[]) as n (id, name)
    where a.tenant_id = %(tenant)s and a.id = n.id
    """,
)
LOCK_AREAS = sql(
    "lock_areas",
    """
    select id, code, name from locations.areas
    where tenant_id = %(tenant)s and code = any(%(codes)s) order by code for update
    """,
)
AREAS_BY_CODE = sql(
    "areas_by_code",
    """
    select id, code, name from locations.areas
    where tenant_id = %(tenant)s and code = any(%(codes)s)
    """,
)
AREAS_BY_ID = sql(
    "areas_by_id",
    """
    select id, code, name from locations.areas where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
AREA_PAGE = sql(
    "area_page",
    """
    select id, code, name from locations.areas
    where tenant_id = %(tenant)s and code > %(after)s order by code limit %(limit)s
    """,
)


def add_areas(tx: Tx, areas: Sequence[Area]) -> None:
    """Write those whose code is new; the others stay as they are."""
    tx.run(ADD_AREAS, **columns(areas, "id", "code", "name"), now=tx.now)


def change_areas(tx: Tx, areas: Sequence[Area]) -> None:
    tx.run(CHANGE_AREAS, **columns(areas, "id", "name"))


def lock_areas(tx: Tx, codes: Collection[str]) -> dict[str, Area]:
    return {a.code: a for a in tx.rows(Area, LOCK_AREAS, codes=list(codes))}


def areas_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Area]:
    """Those that exist, by code."""
    return {a.code: a for a in tx.rows(Area, AREAS_BY_CODE, codes=list(codes))}


def areas_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Area]:
    """Those that exist, by id."""
    return {a.id: a for a in tx.rows(Area, AREAS_BY_ID, ids=list(ids))}


def page_of_areas(tx: Tx, after: str = "", limit: int = 100) -> list[Area]:
    """Up to `limit` areas whose code comes after `after`."""
    return tx.rows(Area, AREA_PAGE, after=after, limit=limit)


# ---------------------------------------------------------------- locations

# as they lie in `Location`, but for kind, address, point, weekdays and can
_PLAIN = (
    "id",
    "code",
    "name",
    "area_id",
    "legal_entity_id",
    "time_zone",
    "cut_off",
    "processing_days",
    "capacity_per_day",
    "pick_cost_minor",
    "pack_cost_minor",
    "active",
)
_LOCATION = """id, code, name, kind, area_id, legal_entity_id, address, lat, lon, time_zone,
        weekdays, cut_off, processing_days, capacity_per_day, can, pick_cost_minor,
        pack_cost_minor, active"""
_NEW = """unnest(
        %(id)s::uuid[], %(code)s::text[], %(name)s::text[], %(kind)s::text[], %(area_id)s::uuid[],
        %(legal_entity_id)s::uuid[], %(address)s::jsonb[], %(country)s::text[],
        %(lat)s::float8[], %(lon)s::float8[], %(time_zone)s::text[], %(weekdays)s::text[],
        %(cut_off)s::time[], %(processing_days)s::int[], %(capacity_per_day)s::int[],
        %(can)s::text[], %(pick_cost_minor)s::bigint[], %(pack_cost_minor)s::bigint[],
        %(active)s::bool[])
    as n (id, code, name, kind, area_id, legal_entity_id, address, country, lat, lon, time_zone,
          weekdays, cut_off, processing_days, capacity_per_day, can, pick_cost_minor,
          pack_cost_minor, active)"""
ADD_LOCATIONS = sql(
    "add_locations",
    f"""
    insert into locations.locations (
        tenant_id, id, code, name, kind, area_id, legal_entity_id, address, country, lat, lon,
        time_zone, weekdays, cut_off, processing_days, capacity_per_day, can, pick_cost_minor,
        pack_cost_minor, active, created_at)
    select %(tenant)s, n.id, n.code, n.name, n.kind, n.area_id, n.legal_entity_id, n.address,
           n.country, n.lat, n.lon, n.time_zone, string_to_array(n.weekdays, ',')::int[],
           n.cut_off, n.processing_days, n.capacity_per_day, string_to_array(n.can, ','),
           n.pick_cost_minor, n.pack_cost_minor, n.active, %(now)s
    from {_NEW}
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE_LOCATIONS = sql(
    "change_locations",
    f"""
    update locations.locations l
    set name = n.name, kind = n.kind, legal_entity_id = n.legal_entity_id, address = n.address,
        country = n.country, lat = n.lat, lon = n.lon, time_zone = n.time_zone,
        weekdays = string_to_array(n.weekdays, ',')::int[], cut_off = n.cut_off,
        processing_days = n.processing_days, capacity_per_day = n.capacity_per_day,
        can = string_to_array(n.can, ','), pick_cost_minor = n.pick_cost_minor,
        pack_cost_minor = n.pack_cost_minor, active = n.active
    from {_NEW}
    where l.tenant_id = %(tenant)s and l.id = n.id
    """,
)
LOCK_LOCATIONS = sql(
    "lock_locations",
    f"""
    select {_LOCATION} from locations.locations
    where tenant_id = %(tenant)s and code = any(%(codes)s) order by code for update
    """,
)
LOCK_LOCATION_IDS = sql(
    "lock_location_ids",
    """
    select id from locations.locations
    where tenant_id = %(tenant)s and id = any(%(ids)s) order by code for update
    """,
)
LOCATIONS_BY_CODE = sql(
    "locations_by_code",
    f"""
    select {_LOCATION} from locations.locations
    where tenant_id = %(tenant)s and code = any(%(codes)s)
    """,
)
LOCATIONS_BY_ID = sql(
    "locations_by_id",
    f"""
    select {_LOCATION} from locations.locations
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
LOCATIONS_OF_AREAS = sql(
    "locations_of_areas",
    f"""
    select {_LOCATION} from locations.locations
    where tenant_id = %(tenant)s and area_id = any(%(area_ids)s) order by code
    """,
)
LOCATION_PAGE = sql(
    "location_page",
    f"""
    select {_LOCATION} from locations.locations
    where tenant_id = %(tenant)s and code > %(after)s order by code limit %(limit)s
    """,
)


def _locations(rows: Iterable[tuple[Any, ...]]) -> list[Location]:
    return [
        Location(
            id,
            code,
            name,
            LocationKind(kind),
            area_id,
            legal_entity_id,
            msgspec.convert(address, Address),
            None if lat is None or lon is None else Point(lat, lon),
            zone,
            tuple(weekdays),
            cut_off,
            days,
            capacity,
            frozenset(Ability(one) for one in can),
            pick,
            pack,
            active,
        )
        for (
            id, code, name, kind, area_id, legal_entity_id, address, lat, lon, zone, weekdays,
            cut_off, days, capacity, can, pick, pack, active,
        ) in rows
    ]  # fmt: skip


def _written(locations: Sequence[Location]) -> dict[str, list[Any]]:
    return {
        **columns(locations, *_PLAIN),
        "kind": [str(one.kind) for one in locations],
        "address": [msgspec.json.encode(one.address).decode() for one in locations],
        "country": [one.address.country for one in locations],
        "lat": [one.point.lat if one.point else None for one in locations],
        "lon": [one.point.lon if one.point else None for one in locations],
        "weekdays": [",".join(map(str, one.weekdays)) for one in locations],
        "can": [",".join(sorted(one.can)) for one in locations],
    }


def add_locations(tx: Tx, locations: Sequence[Location]) -> None:
    """Write those whose code is new; the others stay as they are."""
    tx.run(ADD_LOCATIONS, **_written(locations), now=tx.now)


def change_locations(tx: Tx, locations: Sequence[Location]) -> None:
    tx.run(CHANGE_LOCATIONS, **_written(locations))


def lock_locations(tx: Tx, codes: Collection[str]) -> dict[str, Location]:
    return {one.code: one for one in _locations(tx.all(LOCK_LOCATIONS, codes=list(codes)))}


def lock_location_ids(tx: Tx, ids: Collection[Id]) -> set[Id]:
    """Those of them that exist, locked in the order in which `lock_locations` locks."""
    return {row[0] for row in tx.all(LOCK_LOCATION_IDS, ids=list(ids))}


def locations_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Location]:
    """Those that exist, by code; inactive ones too."""
    return {one.code: one for one in _locations(tx.all(LOCATIONS_BY_CODE, codes=list(codes)))}


def locations_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Location]:
    """Those that exist, by id; inactive ones too."""
    return {one.id: one for one in _locations(tx.all(LOCATIONS_BY_ID, ids=list(ids)))}


def locations_of_areas(tx: Tx, area_ids: Collection[Id]) -> dict[Id, list[Location]]:
    """The locations of each area, by code, inactive ones too; areas without any are absent."""
    found: dict[Id, list[Location]] = {}
    for location in _locations(tx.all(LOCATIONS_OF_AREAS, area_ids=list(area_ids))):
        found.setdefault(location.area_id, []).append(location)
    return found


def page_of_locations(tx: Tx, after: str = "", limit: int = 100) -> list[Location]:
    """Up to `limit` locations whose code comes after `after`; inactive ones too."""
    return _locations(tx.all(LOCATION_PAGE, after=after, limit=limit))


# ---------------------------------------------------------------- closures

ADD_CLOSURES = sql(
    "add_closures",
    """
    insert into locations.closures (tenant_id, location_id, closed_on, reason)
    select %(tenant)s, n.location_id, n.closed_on, n.reason
    from unnest(%(location_id)s::uuid[], %(closed_on)s::date[], %(reason)s::text[])
         as n (location_id, closed_on, reason)
    on conflict (tenant_id, location_id, closed_on) do nothing returning location_id, closed_on
    """,
)
REMOVE_CLOSURES = sql(
    "remove_closures",
    """
    delete from locations.closures c
    using unnest(%(location_id)s::uuid[], %(closed_on)s::date[]) as n (location_id, closed_on)
    where c.tenant_id = %(tenant)s and c.location_id = n.location_id
      and c.closed_on = n.closed_on
    returning c.location_id, c.closed_on
    """,
)
CLOSURES = sql(
    "closures",
    """
    select location_id, closed_on, reason from locations.closures
    where tenant_id = %(tenant)s and location_id = any(%(location_ids)s)
      and closed_on >= %(first)s and closed_on <= %(last)s
    order by location_id, closed_on
    """,
)


def add_closures(tx: Tx, closures: Sequence[Closure]) -> list[tuple[Id, date]]:
    """The days that were still open, by location, now closed."""
    rows = tx.all(ADD_CLOSURES, **columns(closures, "location_id", "closed_on", "reason"))
    return [(row[0], row[1]) for row in rows]


def remove_closures(tx: Tx, closures: Sequence[Closure]) -> list[tuple[Id, date]]:
    """The days that were closed, by location, now open."""
    rows = tx.all(REMOVE_CLOSURES, **columns(closures, "location_id", "closed_on"))
    return [(row[0], row[1]) for row in rows]


def closures(tx: Tx, location_ids: Collection[Id], first: date, last: date) -> list[Closure]:
    """The closures from `first` to `last`, both included, by location and day."""
    return tx.rows(Closure, CLOSURES, location_ids=list(location_ids), first=first, last=last)


# ---------------------------------------------------------------- what must hold

CHECK_LOCATIONS = sql(
    "check_locations",
    """
    select count(*), (array_agg(l.code) filter (where a.id is null))[1:20]
    from locations.locations l
    left join locations.areas a on a.tenant_id = %(tenant)s and a.id = l.area_id
    where l.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_CLOSURES = sql(
    "check_closures",
    """
    select count(*), (array_agg(c.closed_on::text) filter (where l.id is null))[1:20]
    from locations.closures c
    left join locations.locations l on l.tenant_id = %(tenant)s and l.id = c.location_id
    where c.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """Locations lie in an area; closures have their location."""
    return [
        checked(
            tx,
            "locations: a location lies in an area",
            CHECK_LOCATIONS,
            "location {} lies in none",
        ),
        checked(
            tx,
            "locations: a closure has a location",
            CHECK_CLOSURES,
            "the closure of {} has none",
        ),
    ]
