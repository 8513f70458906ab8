"""Where goods lie and leave from.

Owns       areas, locations (warehouse, store, 3PL, supplier) and their closed days.
Tables     locations.areas · locations.locations · locations.closures
Verbs      save_areas · save_locations · close · reopen
Reads      areas_by_code · areas_by_id · page_of_areas · locations_by_code · locations_by_id ·
           locations_of_areas · page_of_locations · closures · closed_days
Decides    coordinates(country, lat, lon): the point that is known, or a country's middle
Facts      locations.area_saved · locations.location_saved · locations.closed · locations.reopened
Invariants A location lies in exactly one area, for good: areas that overlap, or a location that
           moves with its stock promised, would sell units twice. Time zones are IANA names; every
           location works on at least one day of the week.
"""

from baton.locations.actions import close, closed_days, reopen, save_areas, save_locations
from baton.locations.rules import coordinates
from baton.locations.store import (
    areas_by_code,
    areas_by_id,
    closures,
    locations_by_code,
    locations_by_id,
    locations_of_areas,
    page_of_areas,
    page_of_locations,
    verify,
)

__all__ = [
    "areas_by_code",
    "areas_by_id",
    "close",
    "closed_days",
    "closures",
    "coordinates",
    "locations_by_code",
    "locations_by_id",
    "locations_of_areas",
    "page_of_areas",
    "page_of_locations",
    "reopen",
    "save_areas",
    "save_locations",
    "verify",
]
