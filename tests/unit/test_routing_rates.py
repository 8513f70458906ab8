"""Distances that can be looked up, and prices at the edges of zones and brackets."""

from __future__ import annotations

import pytest

from baton.routing.model import Point, RateCard, Service, Zone
from baton.routing.rates import Tariff, distance_km, quote

LOCAL, FAR = Zone(100, 1, 1, (400, 600)), Zone(300, 2, 4, (500, 800))
PARCEL = Service("parcel", "Parcel", (1000, 5000), (LOCAL, FAR))
CARD = RateCard("EUR", (PARCEL,), late_fee=100, late_fee_per_day=10)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (Point(52.52, 13.405), Point(52.52, 13.405), 0),
        (Point(0, 0), Point(0, 1), 111),  # a degree of the equator: 2 π · 6371 / 360
        (Point(0, 0), Point(0, 180), 20015),  # half way round
        (Point(90, 0), Point(-90, 77), 20015),  # pole to pole
        (Point(0, 179.5), Point(0, -179.5), 111),  # across the date line
        (Point(36.12, -86.67), Point(33.94, -118.40), 2886),  # Nashville to Los Angeles
    ],
)
def test_distances(one: Point, other: Point, km: int) -> None:
    assert distance_km(one, other) == distance_km(other, one) == km


def test_bounds_belong_to_the_zone_and_the_bracket_below() -> None:
    tariff = Tariff(CARD, "DE")
    assert quote(tariff.menu(100, None), 1000).freight == 400
    assert quote(tariff.menu(101, None), 1000).freight == 500
    assert quote(tariff.menu(100, None), 1001).freight == 600
    assert tariff.menu(301, None) == ()


def test_weight_beyond_the_last_bracket_is_packed_into_full_packages_and_a_rest() -> None:
    lanes = Tariff(CARD, "DE").menu(50, None)
    prices = {weight: quote(lanes, weight) for weight in (0, 5000, 5001, 6001, 10000, 10001)}
    assert {weight: (each.packages, each.freight) for weight, each in prices.items()} == {
        0: (1, 400),
        5000: (1, 600),
        5001: (2, 1000),
        6001: (2, 1200),
        10000: (2, 1200),
        10001: (3, 1600),
    }


def test_lateness_is_counted_by_the_slowest_usual_transit() -> None:
    tariff = Tariff(CARD, "DE")
    assert quote(tariff.menu(200, 4), 1).late == 0
    late = quote(tariff.menu(200, 3), 1)
    assert (late.days_late, late.late) == (1, 110)
    assert quote(tariff.menu(200, -1), 1).late == 150


def test_a_service_that_is_in_time_goes_before_a_cheaper_one_that_is_not() -> None:
    express = Service("express", "Express", (5000,), (Zone(None, 1, 1, (9000,)),))
    tariff = Tariff(RateCard("EUR", (PARCEL, express)), "DE")
    assert quote(tariff.menu(200, 1), 1).service == "express"
    assert quote(tariff.menu(200, 4), 1).service == "parcel"
    assert quote(tariff.menu(200, 0), 1).service == "parcel"


def test_equal_menus_are_one_object() -> None:
    tariff = Tariff(CARD, "DE")
    assert tariff.menu(5, None) is tariff.menu(100, 7)
    assert tariff.menu(5, None) is not tariff.menu(150, None)
