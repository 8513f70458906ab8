"""The day goods leave, for any calendar: a working day, not too early, never earlier for later."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from baton.locations.model import Ability, Location, LocationKind
from baton.locations.rules import ship_on
from baton.values.address import Address
from baton.values.ids import new_id

instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
closed_days = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40)
locations = st.builds(
    Location,
    st.just(new_id(1, 1)),
    st.just("x"),
    st.just("X"),
    st.just(LocationKind.STORE),
    st.just(new_id(1, 2)),
    st.just(new_id(1, 3)),
    st.just(Address("", (), "", "DE")),
    st.none(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"]),
    st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    st.times(time(0), time(23, 59)),
    st.integers(0, 5),
    st.none(),
    st.just(frozenset(Ability)),
    st.just(0),
    st.just(0),
    st.just(True),
)


@given(locations, instants, closed_days)
def test_goods_leave_on_a_working_day_after_enough_working_days(
    location: Location, ready_at: datetime, closed: frozenset[date]
) -> None:
    day = ship_on(location, ready_at, closed)
    assert day is not None

    def works(one: date) -> bool:
        return one.isoweekday() in location.weekdays and one not in closed

    local = ready_at.astimezone(ZoneInfo(location.time_zone))
    first = local.date() + timedelta(days=1 if local.time() > location.cut_off else 0)
    span = [first + timedelta(days=n) for n in range((day - first).days + 1)]
    assert works(day)
    assert sum(works(one) for one in span) == location.processing_days + 1


@given(locations, instants, closed_days, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_is_ready_later_never_leaves_earlier(
    location: Location, ready_at: datetime, closed: frozenset[date], later: timedelta
) -> None:
    first, second = (ship_on(location, at, closed) for at in (ready_at, ready_at + later))
    assert first is not None
    assert second is not None
    assert first <= second
