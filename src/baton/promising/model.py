"""The words of promising: who works when, and what follows from it for one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from baton.promising.errors import DispatchInvalid

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which work is done: these ISO weekdays (Monday is 1), but for the closures."""

    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    closures: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays <= frozenset(range(1, 8)):
            raise DispatchInvalid("weekdays are 1 (Monday) to 7", field="weekdays")

    def works(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.closures


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How a location gets orders out of the door.

    What comes before `cut_off` (local time) on a working day is begun that day, and handed to
    the carrier `processing_days` working days later: 0 is the same day.
    """

    time_zone: str
    calendar: Calendar
    cut_off: time
    processing_days: int = 0

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise DispatchInvalid(
                f"{self.time_zone!r} is no time zone", field="time_zone"
            ) from error
        if self.cut_off.tzinfo is not None:
            raise DispatchInvalid("a cut-off is local: it has no zone", field="cut_off")
        if self.processing_days < 0:
            raise DispatchInvalid("days can't be negative", field="processing_days")


@dataclass(frozen=True, slots=True)
class Transit:
    """The carrier's working days on the way, fewest and most, counted from the collection."""

    min_days: int
    max_days: int
    calendar: Calendar = Calendar()

    def __post_init__(self) -> None:
        if not 0 <= self.min_days <= self.max_days:
            raise DispatchInvalid("fewest days come before most", field="min_days")


class Start(StrEnum):
    """Why work on an order begins on that day."""

    IN_TIME = "in_time"
    """It came on a working day, before the cut-off."""
    AFTER_CUT_OFF = "after_cut_off"
    """It came on a working day, too late for that."""
    CLOSED = "closed"
    """It came on a day on which the location is closed."""


class Step(StrEnum):
    """The terms of a promise, in their order."""

    BEGUN = "begun"
    SHIPPED = "shipped"
    COLLECTED = "collected"
    DELIVERED_FROM = "delivered_from"
    DELIVERED_BY = "delivered_by"


@dataclass(frozen=True, slots=True)
class Term:
    """A day of the promise: so many working days after the one that it counts from.

    `passed_over` are the closed days between the two. Both days in transit count from the
    collection, every other term from the one before it.
    """

    step: Step
    on: date
    working_days: int
    passed_over: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ShipDay:
    """When a location ships what is ordered now: local dates.

    `order_before` is the instant (UTC) from which on a later day would hold.
    """

    start: Start
    begun_on: date
    ship_on: date
    order_before: datetime
    order_within: timedelta
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """The window in which an order arrives if it is placed now, or within `order_within`."""

    start: Start
    ship_on: date
    deliver_from: date
    deliver_by: date
    order_before: datetime
    order_within: timedelta
    terms: tuple[Term, ...]
