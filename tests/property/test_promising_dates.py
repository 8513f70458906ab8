"""What holds for every promise, in any zone, at any time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.promising.model import Calendar, Dispatch, Promise, Start, Step, Transit
from baton.promising.rules import cut_off_at, promise, transit_days_left

ZONES = ["Europe/Berlin", "America/New_York", "America/Havana", "Asia/Tokyo", "Asia/Kathmandu",
         "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Chatham", "UTC"]  # fmt: skip

instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)
days = st.dates(date(2026, 1, 1), date(2029, 1, 31))
calendars = st.builds(
    Calendar,
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    closures=st.frozensets(days, max_size=40),
)
dispatches = st.builds(
    Dispatch,
    time_zone=st.sampled_from(ZONES),
    calendar=calendars,
    cut_off=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    processing_days=st.integers(0, 5),
)
transits = st.builds(
    lambda least, more, calendar: Transit(least, least + more, calendar),
    st.integers(0, 5),
    st.integers(0, 5),
    calendars,
)


@settings(max_examples=80, deadline=None)
@given(instants, st.timedeltas(timedelta(0), timedelta(days=10)), dispatches, transits)
def test_a_later_order_is_never_promised_earlier(
    now: datetime, later: timedelta, dispatch: Dispatch, transit: Transit
) -> None:
    one, other = promise(now, dispatch, transit), promise(now + later, dispatch, transit)
    assert one.ship_on <= other.ship_on
    assert one.deliver_from <= other.deliver_from
    assert one.deliver_by <= other.deliver_by
    assert one.order_before <= other.order_before


@settings(max_examples=80, deadline=None)
@given(instants, dispatches, transits)
def test_nothing_happens_on_a_closed_day(
    now: datetime, dispatch: Dispatch, transit: Transit
) -> None:
    found = promise(now, dispatch, transit)
    assert dispatch.calendar.works(found.ship_on)
    on = {term.step: term.on for term in found.terms}
    assert dispatch.calendar.works(on[Step.BEGUN])
    for step in (Step.COLLECTED, Step.DELIVERED_FROM, Step.DELIVERED_BY):
        assert transit.calendar.works(on[step])
    assert on[Step.BEGUN] <= found.ship_on <= on[Step.COLLECTED] <= found.deliver_from
    assert found.deliver_from <= found.deliver_by


@settings(max_examples=80, deadline=None)
@given(instants, dispatches, transits)
def test_the_promise_holds_until_order_before_and_not_longer(
    now: datetime, dispatch: Dispatch, transit: Transit
) -> None:
    found = promise(now, dispatch, transit)
    assert found.order_within > timedelta(0)
    assert found.order_before == now + found.order_within
    last = promise(found.order_before - timedelta(microseconds=1), dispatch, transit)
    next_one = promise(found.order_before, dispatch, transit)
    assert (last.ship_on, last.deliver_by) == (found.ship_on, found.deliver_by)
    assert next_one.ship_on > found.ship_on


@settings(max_examples=60, deadline=None)
@given(instants, dispatches, transits)
def test_the_start_says_what_the_clock_on_the_wall_says(
    now: datetime, dispatch: Dispatch, transit: Transit
) -> None:
    today = now.astimezone(ZoneInfo(dispatch.time_zone)).date()
    if not dispatch.calendar.works(today):
        expected = Start.CLOSED
    elif now < cut_off_at(dispatch, today):
        expected = Start.IN_TIME
    else:
        expected = Start.AFTER_CUT_OFF
    assert promise(now, dispatch, transit).start is expected


def counted(calendar: Calendar, first: date, last: date) -> int:
    """Working days after the first day, up to and including the last: one by one."""
    number, day = 0, first
    while day < last:
        day += timedelta(days=1)
        number += calendar.works(day)
    return number


@settings(max_examples=60, deadline=None)
@given(instants, dispatches, transits)
def test_the_terms_add_up(now: datetime, dispatch: Dispatch, transit: Transit) -> None:
    found = promise(now, dispatch, transit)
    on = {term.step: term.on for term in found.terms}
    assert counted(dispatch.calendar, on[Step.BEGUN], found.ship_on) == dispatch.processing_days
    assert counted(transit.calendar, on[Step.COLLECTED], found.deliver_from) == transit.min_days
    assert counted(transit.calendar, on[Step.COLLECTED], found.deliver_by) == transit.max_days
    for term in found.terms:
        own = dispatch if term.step in (Step.BEGUN, Step.SHIPPED) else transit
        assert not any(own.calendar.works(day) for day in term.passed_over)


def keeps(found: Promise, needed_by: date) -> bool:
    return found.deliver_by <= needed_by


@settings(max_examples=60, deadline=None)
@given(instants, dispatches, transits, st.integers(-10, 30))
def test_days_left_say_whether_the_date_is_kept(
    now: datetime, dispatch: Dispatch, transit: Transit, offset: int
) -> None:
    found = promise(now, dispatch, transit)
    needed_by = found.deliver_by + timedelta(days=offset)
    left = transit_days_left(found.ship_on, needed_by, transit.calendar)
    assert (transit.max_days <= left) == keeps(found, needed_by)


def test_midnight_as_a_cut_off_is_the_beginning_of_the_day() -> None:
    dispatch = Dispatch("Europe/Berlin", Calendar(), time(0, 0))
    now = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
    assert promise(now, dispatch, Transit(1, 1)).ship_on == date(2027, 1, 6)
