"""Cut-offs, closed days and clocks that are put forward and back, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest

from baton.promising.errors import DispatchInvalid, NoWorkingDay
from baton.promising.model import Calendar, Dispatch, Start, Step, Transit
from baton.promising.rules import cut_off_at, promise, ship_day, transit_days_left

# 2027: 1 January is a Friday, 5 January a Tuesday, 8 January a Friday
BERLIN = Dispatch("Europe/Berlin", Calendar(), time(14, 0))
TRANSIT = Transit(1, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_before_the_cut_off_it_ships_today() -> None:
    found = promise(at("2027-01-05T13:59:59+01:00"), BERLIN, TRANSIT)
    assert found.start is Start.IN_TIME
    assert found.ship_on == date(2027, 1, 5)
    assert (found.deliver_from, found.deliver_by) == (date(2027, 1, 6), date(2027, 1, 7))
    assert found.order_before == at("2027-01-05T13:00:00+00:00")
    assert found.order_within == timedelta(seconds=1)


def test_at_the_cut_off_it_ships_tomorrow() -> None:
    found = promise(at("2027-01-05T14:00:00+01:00"), BERLIN, TRANSIT)
    assert found.start is Start.AFTER_CUT_OFF
    assert found.ship_on == date(2027, 1, 6)
    assert found.order_within == timedelta(days=1)


def test_the_cut_off_is_the_location_s_not_the_buyer_s() -> None:
    tokyo = Dispatch("Asia/Tokyo", Calendar(), time(14, 0))
    # 6 a.m. in Berlin is 2 p.m. in Tokyo, and 11 p.m. in Berlin is the next morning there
    assert ship_day(at("2027-01-05T05:59:00+01:00"), tokyo).ship_on == date(2027, 1, 5)
    assert ship_day(at("2027-01-05T06:00:00+01:00"), tokyo).ship_on == date(2027, 1, 6)
    assert ship_day(at("2027-01-05T23:00:00+01:00"), tokyo).ship_on == date(2027, 1, 6)


def test_friday_afternoon_waits_for_monday() -> None:
    found = promise(at("2027-01-08T15:00:00+01:00"), BERLIN, TRANSIT)
    assert found.ship_on == date(2027, 1, 11)
    assert found.deliver_by == date(2027, 1, 13)
    assert found.terms[0].passed_over == (date(2027, 1, 9), date(2027, 1, 10))


def test_a_closed_day_says_so() -> None:
    assert ship_day(at("2027-01-09T10:00:00+01:00"), BERLIN).start is Start.CLOSED


def test_closures_are_passed_over_at_the_location_and_on_the_way() -> None:
    epiphany = date(2027, 1, 6)
    closed = Dispatch("Europe/Berlin", Calendar(closures=frozenset({epiphany})), time(14, 0), 1)
    found = promise(at("2027-01-05T09:00:00+01:00"), closed, TRANSIT)
    assert found.ship_on == date(2027, 1, 7)
    carrier = Transit(1, 2, Calendar(closures=frozenset({epiphany})))
    found = promise(at("2027-01-05T09:00:00+01:00"), BERLIN, carrier)
    assert (found.deliver_from, found.deliver_by) == (date(2027, 1, 7), date(2027, 1, 8))


def test_a_store_that_works_on_sunday_waits_for_the_carrier() -> None:
    store = Dispatch("Europe/Berlin", Calendar(frozenset(range(1, 8))), time(14, 0))
    found = promise(at("2027-01-10T09:00:00+01:00"), store, TRANSIT)
    assert found.ship_on == date(2027, 1, 10)
    assert [term.on for term in found.terms if term.step is Step.COLLECTED] == [date(2027, 1, 11)]
    assert found.deliver_from == date(2027, 1, 12)


def test_a_courier_delivers_on_the_day_of_collection() -> None:
    found = promise(at("2027-01-05T09:00:00+01:00"), BERLIN, Transit(0, 0))
    assert found.deliver_from == found.deliver_by == date(2027, 1, 5)


def test_processing_takes_working_days() -> None:
    slow = Dispatch("Europe/Berlin", Calendar(), time(14, 0), processing_days=2)
    assert ship_day(at("2027-01-07T09:00:00+01:00"), slow).ship_on == date(2027, 1, 11)


def test_the_terms_lead_from_the_order_to_the_door() -> None:
    found = promise(at("2027-01-08T15:00:00+01:00"), BERLIN, TRANSIT)
    assert [(term.step, term.on, term.working_days) for term in found.terms] == [
        (Step.BEGUN, date(2027, 1, 11), 1),
        (Step.SHIPPED, date(2027, 1, 11), 0),
        (Step.COLLECTED, date(2027, 1, 11), 0),
        (Step.DELIVERED_FROM, date(2027, 1, 12), 1),
        (Step.DELIVERED_BY, date(2027, 1, 13), 2),
    ]


def test_a_promise_is_plain_json() -> None:
    found = promise(at("2027-01-05T13:00:00+01:00"), BERLIN, TRANSIT)
    plain = msgspec.json.decode(msgspec.json.encode(found))
    assert plain["deliver_by"] == "2027-01-07"
    assert plain["order_before"] == "2027-01-05T13:00:00Z"
    assert plain["terms"][0]["step"] == "begun"


# ------------------------------------------------------------------ clocks


def test_the_day_of_the_change_to_summer_time_is_an_hour_shorter() -> None:
    every_day = Dispatch("Europe/Berlin", Calendar(frozenset(range(1, 8))), time(14, 0))
    # clocks go from 2:00 to 3:00 on 28 March 2027
    found = ship_day(at("2027-03-27T14:00:00+01:00"), every_day)
    assert found.ship_on == date(2027, 3, 28)
    assert found.order_within == timedelta(hours=23)


def test_a_cut_off_in_the_hour_that_is_left_out_comes_an_hour_later() -> None:
    night = Dispatch("Europe/Berlin", Calendar(), time(2, 30))
    assert cut_off_at(night, date(2027, 3, 28)) == at("2027-03-28T03:30:00+02:00")


def test_a_cut_off_in_the_hour_that_comes_twice_is_the_first() -> None:
    night = Dispatch("Europe/Berlin", Calendar(), time(2, 30))
    assert cut_off_at(night, date(2027, 10, 31)) == at("2027-10-31T02:30:00+02:00")


def test_a_date_that_comes_twice_keeps_its_cut_off() -> None:
    # in Havana the clock goes from 1:00 back to 0:00, so 0:30 comes twice on 7 November 2027
    havana = Dispatch("America/Havana", Calendar(frozenset(range(1, 8))), time(0, 45))
    assert ship_day(at("2027-11-07T00:30:00-04:00"), havana).ship_on == date(2027, 11, 7)
    assert ship_day(at("2027-11-07T00:50:00-04:00"), havana).ship_on == date(2027, 11, 8)
    assert ship_day(at("2027-11-07T00:30:00-05:00"), havana).ship_on == date(2027, 11, 8)


# ------------------------------------------------------------------ days left for the router


@pytest.mark.parametrize(
    ("ship_on", "needed_by", "days"),
    [
        ("2027-01-05", "2027-01-07", 2),
        ("2027-01-05", "2027-01-05", 0),
        ("2027-01-08", "2027-01-10", 0),  # needed on a Sunday: Friday's collection is too late
        ("2027-01-08", "2027-01-11", 1),
        ("2027-01-09", "2027-01-11", 0),  # shipped on a Saturday, collected on Monday
        ("2027-01-09", "2027-01-10", -1),
        ("2027-01-12", "2027-01-11", -1),
        ("2027-01-12", "2027-01-07", -3),
    ],
)
def test_days_left(ship_on: str, needed_by: str, days: int) -> None:
    ship, needed = date.fromisoformat(ship_on), date.fromisoformat(needed_by)
    assert transit_days_left(ship, needed, Calendar()) == days


# ------------------------------------------------------------------ what can't be


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        ship_day(datetime(2027, 1, 5, 9, 0), BERLIN)  # noqa: DTZ001


def test_a_location_that_never_works_promises_nothing() -> None:
    shut = Dispatch("Europe/Berlin", Calendar(frozenset()), time(14, 0))
    with pytest.raises(NoWorkingDay):
        ship_day(datetime(2027, 1, 5, tzinfo=UTC), shut)


def test_a_dispatch_that_makes_no_sense_is_refused() -> None:
    for field, make in {
        "time_zone": lambda: Dispatch("Europe/Atlantis", Calendar(), time(14, 0)),
        "cut_off": lambda: Dispatch("Europe/Berlin", Calendar(), time(14, 0, tzinfo=UTC)),
        "processing_days": lambda: Dispatch("Europe/Berlin", Calendar(), time(14, 0), -1),
        "weekdays": lambda: Calendar(frozenset({0})),
        "min_days": lambda: Transit(3, 2),
    }.items():
        with pytest.raises(DispatchInvalid) as error:
            make()
        assert error.value.field == field
