"""What locations refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, NotFound, Refused


class LocationInvalid(Invalid):
    """An area, location or closure can't be kept as it was sent."""

    code = "location_invalid"


class AreaUnknown(Invalid):
    """A location names an area that there is not."""

    code = "area_unknown"


class AreaFixed(Refused):
    """A location stays in the area that it was made in: its stock is promised there."""

    code = "location_area_fixed"


class LocationNotFound(NotFound):
    """There is no such location."""

    code = "location_not_found"
