"""The reckoning of dates: cut-off, working days, transit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from baton.promising.errors import NoWorkingDay
from baton.promising.model import (
    Calendar,
    Dispatch,
    Promise,
    ShipDay,
    Start,
    Step,
    Term,
    Transit,
)

ONE_DAY = timedelta(days=1)
HORIZON = 366
"""Closed days in a row after which a calendar is taken to be shut for good."""


def promise(now: datetime, dispatch: Dispatch, transit: Transit) -> Promise:
    """The days between which an order placed `now` (aware) arrives; never earlier for a later
    `now`. Raises NoWorkingDay where a calendar is shut for a year.
    """
    day = ship_day(now, dispatch)
    collected = _first(transit.calendar, day.ship_on, Step.COLLECTED)
    earliest = _after(transit.calendar, collected.on, transit.min_days, Step.DELIVERED_FROM)
    latest = _after(transit.calendar, collected.on, transit.max_days, Step.DELIVERED_BY)
    return Promise(
        start=day.start,
        ship_on=day.ship_on,
        deliver_from=earliest.on,
        deliver_by=latest.on,
        order_before=day.order_before,
        order_within=day.order_within,
        terms=(*day.terms, collected, earliest, latest),
    )


def ship_day(now: datetime, dispatch: Dispatch) -> ShipDay:
    """The day on which the location hands over what is ordered `now` (aware).

    It begins on its first working day whose cut-off is still ahead. An order at the cut-off
    itself is too late.
    """
    if now.utcoffset() is None:
        raise ValueError("a time without a zone is no instant")
    calendar, now = dispatch.calendar, now.astimezone(UTC)
    today = now.astimezone(ZoneInfo(dispatch.time_zone)).date()
    # clocks put back at midnight show a date twice: yesterday's cut-off can still be ahead
    begun = _first(calendar, today - ONE_DAY, Step.BEGUN)
    while cut_off_at(dispatch, begun.on) <= now:
        begun = _first(calendar, begun.on + ONE_DAY, Step.BEGUN)
    shipped = _after(calendar, begun.on, dispatch.processing_days, Step.SHIPPED)
    before = cut_off_at(dispatch, begun.on)
    return ShipDay(
        start=_start(calendar, today, begun.on),
        begun_on=begun.on,
        ship_on=shipped.on,
        order_before=before,
        order_within=before - now,
        terms=(_begun(calendar, today, begun.on), shipped),
    )


def cut_off_at(dispatch: Dispatch, day: date) -> datetime:
    """The instant (UTC) of a day's cut-off.

    Where clocks are put back and the time comes twice, the first counts; where they are put
    forward and it is left out, as much later as they were put. *Source:* PEP 495, fold=0.
    """
    local = datetime.combine(day, dispatch.cut_off, tzinfo=ZoneInfo(dispatch.time_zone))
    return local.astimezone(UTC)


def transit_days_left(ship_on: date, needed_by: date, carrier: Calendar) -> int:
    """The most working days in transit with which a parcel shipped on that day is in time.

    Negative where even a parcel delivered on the day of its collection would be late: by how
    many working days.
    """
    collected = _first(carrier, ship_on, Step.COLLECTED).on
    if needed_by >= collected:
        return _working_days(carrier, collected, needed_by)
    return -_working_days(carrier, needed_by, collected)


def _working_days(calendar: Calendar, after: date, until: date) -> int:
    """Working days later than `after`, up to and including `until`."""
    days = (until - after).days
    return sum(calendar.works(after + ONE_DAY * each) for each in range(1, days + 1))


def _start(calendar: Calendar, today: date, begun: date) -> Start:
    if begun <= today:
        return Start.IN_TIME
    return Start.AFTER_CUT_OFF if calendar.works(today) else Start.CLOSED


def _begun(calendar: Calendar, today: date, begun: date) -> Term:
    """The term of the day on which work begins, counted from the day of the order."""
    closed = tuple(day for day in _days(today, begun) if not calendar.works(day))
    return Term(Step.BEGUN, begun, _working_days(calendar, today, begun), closed)


def _days(first: date, end: date) -> list[date]:
    """The days from `first` up to, not including, `end`."""
    return [first + ONE_DAY * each for each in range((end - first).days)]


def _first(calendar: Calendar, day: date, step: Step) -> Term:
    """The first working day, that day included."""
    closed = []
    while not calendar.works(day):
        closed.append(day)
        if len(closed) > HORIZON:
            raise NoWorkingDay(f"no working day within a year of {closed[0]}")
        day += ONE_DAY
    return Term(step, day, 0, tuple(closed))


def _after(calendar: Calendar, day: date, days: int, step: Step) -> Term:
    """So many working days after a working day."""
    closed: list[date] = []
    for _ in range(days):
        found = _first(calendar, day + ONE_DAY, step)
        closed.extend(found.passed_over)
        day = found.on
    return Term(step, day, days, tuple(closed))
