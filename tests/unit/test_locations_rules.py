"""Where countries are, and what a location must hold."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import replace
from datetime import UTC, date, time
from pathlib import Path

import pytest

from baton.locations import rules
from baton.locations.centroids import CENTROIDS
from baton.locations.errors import LocationInvalid
from baton.locations.model import (
    AreaDraft,
    Closure,
    LocationDraft,
    LocationKind,
    Point,
)
from baton.values.address import Address
from baton.values.ids import new_id

ID, AREA, ENTITY = new_id(1, 1), new_id(1, 2), new_id(1, 3)
DRAFT = LocationDraft(
    "hh-1",
    "Hamburg",
    LocationKind.WAREHOUSE,
    "eu",
    ENTITY,
    Address("Baton GmbH", ("Am Sandtorkai 1",), "Hamburg", "DE", "20457"),
    "Europe/Berlin",
    Point(53.54, 9.99),
)
FRIDAY = date(2026, 3, 27)


# ---------------------------------------------------------------- where countries are


def test_a_known_point_counts_and_the_country_stands_in_for_it() -> None:
    assert rules.coordinates("DE", 53.5, 10.0) == Point(53.5, 10.0)
    assert rules.coordinates("DE", 0.0, 0.0) == Point(0.0, 0.0)
    assert rules.coordinates("DE") == rules.coordinates("DE", 53.5) == Point(51.0, 9.0)
    assert rules.coordinates("XX") is None


def test_the_table_of_countries_is_in_order_and_on_the_globe() -> None:
    assert list(CENTROIDS) == sorted(CENTROIDS)
    assert len(CENTROIDS) >= 60
    for lat, lon in CENTROIDS.values():
        assert -90 < lat < 90
        assert -180 < lon < 180


@pytest.mark.realdata
def test_the_middle_of_a_country_lies_among_its_post_codes(shared_data: Path) -> None:
    def places(country: str) -> list[tuple[float, float]]:
        file = shared_data / "geo" / "geonames_postal" / f"{country}.csv.gz"
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = csv.DictReader(lines)
            return [(float(r["latitude"]), float(r["longitude"])) for r in rows if r["latitude"]]

    for country, within_km in {"DE": 50, "FR": 50, "GB": 100, "CH": 50, "ZA": 150}.items():
        lat, lon = CENTROIDS[country]
        nearest = min(
            111 * math.hypot(lat - y, (lon - x) * math.cos(math.radians(lat)))
            for y, x in places(country)
        )
        assert nearest < within_km, country


# ---------------------------------------------------------------- drafts


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(DRAFT, code="a/b"), "code"),
        (replace(DRAFT, name="\x00"), "name"),
        (replace(DRAFT, address=replace(DRAFT.address, country="UK")), "address.country"),
        (replace(DRAFT, address=replace(DRAFT.address, city="\ud800")), "address.city"),
        (replace(DRAFT, address=replace(DRAFT.address, lines=("a", "x" * 201))), "address.lines.1"),
        (replace(DRAFT, point=Point(91, 0)), "point.lat"),
        (replace(DRAFT, point=Point(0, -181)), "point.lon"),
        (replace(DRAFT, point=Point(math.nan, 0)), "point.lat"),
        (replace(DRAFT, point=Point(0, math.inf)), "point.lon"),
        (replace(DRAFT, time_zone="Berlin"), "time_zone"),
        (replace(DRAFT, time_zone="../../etc/passwd"), "time_zone"),
        (replace(DRAFT, time_zone=""), "time_zone"),
        (replace(DRAFT, weekdays=()), "weekdays"),
        (replace(DRAFT, weekdays=(0, 1)), "weekdays"),
        (replace(DRAFT, weekdays=(1, 1)), "weekdays"),
        (replace(DRAFT, cut_off=time(14, tzinfo=UTC)), "cut_off"),
        (replace(DRAFT, processing_days=-1), "processing_days"),
        (replace(DRAFT, capacity_per_day=-1), "capacity_per_day"),
        (replace(DRAFT, pick_cost_minor=-1), "pick_cost_minor"),
        (replace(DRAFT, pack_cost_minor=10**13), "pack_cost_minor"),
    ],
)
def test_a_location_is_refused_with_the_field_to_mend(draft: LocationDraft, field: str) -> None:
    rules.check_locations([DRAFT, replace(DRAFT, code="other", capacity_per_day=0, point=None)])
    other = replace(DRAFT, code="other")
    with pytest.raises(LocationInvalid) as refused:
        rules.check_locations([other, draft])
    assert refused.value.field == f"locations.1.{field}"


def test_a_code_stands_once_in_a_batch() -> None:
    with pytest.raises(LocationInvalid) as refused:
        rules.check_locations([DRAFT, DRAFT])
    assert refused.value.field == "locations.1.code"
    with pytest.raises(LocationInvalid) as refused:
        rules.check_areas([AreaDraft("eu", "Europe"), AreaDraft("eu", "Europe")])
    assert refused.value.field == "areas.1.code"


def test_a_reason_is_text() -> None:
    with pytest.raises(LocationInvalid) as refused:
        rules.check_closures([Closure(ID, FRIDAY), Closure(ID, FRIDAY, "x" * 201)])
    assert refused.value.field == "closures.1.reason"
