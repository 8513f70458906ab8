"""When goods leave, where countries are, and what a location must hold."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import replace
from datetime import UTC, date, datetime, time
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
HAMBURG = rules.location_of(DRAFT, ID, AREA)
FRIDAY, SATURDAY, MONDAY = date(2026, 3, 27), date(2026, 3, 28), date(2026, 3, 30)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


# ---------------------------------------------------------------- the day goods leave


def test_what_is_released_by_the_cut_off_leaves_the_same_day() -> None:
    assert rules.ship_on(HAMBURG, at(27, 13, 0)) == FRIDAY  # 14:00 in Hamburg
    assert rules.ship_on(HAMBURG, at(27, 13, 1)) == MONDAY


def test_the_cut_off_is_local_and_summer_time_moves_it() -> None:
    assert rules.ship_on(HAMBURG, at(30, 12, 0)) == MONDAY  # the clocks went forward on the 29th
    assert rules.ship_on(HAMBURG, at(30, 12, 1)) == date(2026, 3, 31)
    auckland = replace(HAMBURG, time_zone="Pacific/Auckland")
    assert rules.ship_on(auckland, at(26, 20)) == FRIDAY


def test_closed_days_and_free_days_are_passed_over() -> None:
    assert rules.ship_on(HAMBURG, at(28, 9)) == MONDAY
    assert rules.ship_on(HAMBURG, at(27, 9), {FRIDAY}) == MONDAY
    assert rules.ship_on(HAMBURG, at(27, 9), {FRIDAY, MONDAY}) == date(2026, 3, 31)
    assert rules.ship_on(replace(HAMBURG, weekdays=(6,)), at(27, 9)) == SATURDAY


def test_processing_takes_working_days() -> None:
    two_days = replace(HAMBURG, processing_days=2)
    assert rules.ship_on(two_days, at(26, 9)) == MONDAY
    assert rules.ship_on(two_days, at(26, 9), {FRIDAY}) == date(2026, 3, 31)


def test_a_location_that_is_closed_for_good_ships_never() -> None:
    every_day = {date.fromordinal(FRIDAY.toordinal() + n) for n in range(500)}
    assert rules.ship_on(HAMBURG, at(27, 9), every_day) is None


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
