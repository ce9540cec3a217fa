"""Working calendars: a week of shifts, exceptions, seasons with another week, in a time zone, combined at will.

A calendar says when work may be done; `compile` turns it into a `WorkTime` that converts between moments and
working minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steerco.engine.zones import local_to_utc

if TYPE_CHECKING:
    from steerco.engine.worktime import WorkTime

DAY = 1440
Shift = tuple[int, int]
Shifts = tuple[Shift, ...]
Week = tuple[Shifts, Shifts, Shifts, Shifts, Shifts, Shifts, Shifts]
Minutes = npt.NDArray[np.int64]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
OFFICE_HOURS: Shifts = ((480, 720), (780, 1020))
STANDARD_WEEK: Week = (OFFICE_HOURS,) * 5 + ((), ())
ALL_HOURS: Week = (((0, DAY),),) * 7


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


@dataclass(frozen=True, slots=True)
class CalendarException:
    """The days `first` to `last` (both included) have these shifts instead; none means closed."""

    first: date
    last: date
    shifts: Shifts = ()
    name: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(
                f"calendar exception {self.name!r} ends on {self.last} before it starts on {self.first}"
            )
        object.__setattr__(self, "shifts", _checked(self.shifts, f"exception from {self.first}"))


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """From `first` to `last` (both included) another week holds; a day that is None keeps the calendar's week."""

    first: date
    last: date
    week: tuple[Shifts | None, ...]
    name: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"work week {self.name!r} ends on {self.last} before it starts on {self.first}")
        if len(self.week) != 7:
            raise ValueError(f"work week {self.name!r} has {len(self.week)} days, it takes 7, Monday first")
        days = tuple(None if d is None else _checked(d, f"work week from {self.first}") for d in self.week)
        object.__setattr__(self, "week", days)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work may be done.

    Attributes
    ----------
    week
        Seven tuples of shifts, Monday first. A shift is (start, end) in minutes of the day, `0 <= start < 1440`.
        An end at or before the start, or above 1440, lies on the next day: (1320, 360) and (1320, 1800) are both
        22:00 to 06:00; (0, 0) is the whole day. A shift belongs to the day on which it starts.
    exceptions
        Days with other shifts. Of several that cover a day the first one counts; all of them beat `weeks`.
    weeks
        Seasons with another week. Of several that cover a day the first one counts.
    zone
        IANA name. "" means that the shifts are on the plan's own clock; with a zone, timeline minutes are UTC.
    within
        Calendars that must be open too.
    """

    week: Week = STANDARD_WEEK
    exceptions: tuple[CalendarException, ...] = ()
    weeks: tuple[WorkWeek, ...] = ()
    zone: str = ""
    within: tuple[Calendar, ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f"a week has 7 days, Monday first, got {len(self.week)}")
        object.__setattr__(self, "week", tuple(_checked(day, "week") for day in self.week))

    @classmethod
    def standard(cls, zone: str = "") -> Calendar:
        """Monday to Friday, 8:00 to 12:00 and 13:00 to 17:00."""
        return cls(zone=zone)

    @classmethod
    def around_the_clock(cls, zone: str = "") -> Calendar:
        """Open at every minute."""
        return cls(week=ALL_HOURS, zone=zone)

    def intersect(self, *others: Calendar) -> Calendar:
        """A calendar that is open when this one and all others are."""
        return replace(self, within=(*self.within, *(o for o in others if o != self)))

    def with_exceptions(self, exceptions: Iterable[CalendarException]) -> Calendar:
        """The same calendar with more exceptions; the added ones count first."""
        return replace(self, exceptions=(*exceptions, *self.exceptions))

    def compile(self, first: int | None = None, last: int | None = None, name: str = "") -> WorkTime:
        """Conversions between timeline minutes and working minutes, grown as needed from [first, last].

        `name` is what error messages call the calendar.
        """
        from steerco.engine.worktime import WorkTime

        return WorkTime(self, first, last, name=name)

    def intervals(self, first_day: int, last_day: int) -> tuple[Minutes, Minutes]:
        """Opening and closing minutes, merged and rising, of the days first_day <= day < last_day (see day_number).

        What a shift of the day before leaves over is part of it, what lies outside is cut off. Days are UTC days
        when the calendar has a zone.
        """
        margin = 2 if self.zone else 1
        opens, closes = self._shifts_of(first_day - margin, last_day + margin - 1)
        if self.zone:
            opens, closes = local_to_utc(self.zone, opens), local_to_utc(self.zone, closes)
        opens, closes = _merged(np.maximum(opens, first_day * DAY), np.minimum(closes, last_day * DAY))
        for other in self.within:
            opens, closes = _common(opens, closes, *other.intervals(first_day, last_day))
        return opens, closes

    def _shifts_of(self, first_day: int, last_day: int) -> tuple[Minutes, Minutes]:
        days = np.arange(first_day, last_day, dtype=np.int64)
        weekdays = (days + 3) % 7  # day 0 was a Thursday
        patterns: list[Shifts] = list(self.week)
        pattern = weekdays.copy()
        for season in reversed(self.weeks):
            span = _span(season.first, season.last, first_day, last_day)
            for weekday, shifts in enumerate(season.week):
                if shifts is not None:
                    pattern[span][weekdays[span] == weekday] = len(patterns)
                    patterns.append(shifts)
        for exception in reversed(self.exceptions):
            pattern[_span(exception.first, exception.last, first_day, last_day)] = len(patterns)
            patterns.append(exception.shifts)
        opens, closes = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        used = np.unique(pattern)
        for index in used.tolist():
            starts = days[pattern == index] * DAY
            for start, end in patterns[index]:
                opens.append(starts + start)
                closes.append(starts + end)
        return np.concatenate(opens), np.concatenate(closes)


def _checked(shifts: Iterable[Shift], where: str) -> Shifts:
    found = []
    for start, end in shifts:
        if not (0 <= start < DAY and 0 <= end <= 2 * DAY):
            raise ValueError(f"{where}: shift ({start}, {end}) is not in minutes of a day, 0 to 1440")
        if end > start + DAY:
            raise ValueError(f"{where}: shift ({start}, {end}) is longer than a day")
        found.append((int(start), int(end) if end > start else int(end) + DAY))
    return tuple(found)


def _span(first: date, last: date, first_day: int, last_day: int) -> slice:
    start, stop = day_number(first) - first_day, day_number(last) + 1 - first_day
    size = last_day - first_day
    return slice(min(max(start, 0), size), min(max(stop, 0), size))


def _merged(opens: Minutes, closes: Minutes) -> tuple[Minutes, Minutes]:
    keep = closes > opens
    opens, closes = opens[keep], closes[keep]
    if not opens.size:
        return opens, closes
    order = np.argsort(opens, kind="stable")
    opens, closes = opens[order], np.maximum.accumulate(closes[order])
    first = np.ones(opens.size, bool)
    first[1:] = opens[1:] > closes[:-1]
    last = np.ones(opens.size, bool)
    last[:-1] = first[1:]
    return opens[first], closes[last]


def _common(opens: Minutes, closes: Minutes, opens2: Minutes, closes2: Minutes) -> tuple[Minutes, Minutes]:
    """Intersection of two merged sets of intervals: where the count of open calendars is two."""
    marks = np.concatenate((opens, opens2, closes, closes2))
    steps = np.repeat(np.array([1, -1], np.int64), (opens.size + opens2.size, closes.size + closes2.size))
    order = np.lexsort((steps, marks))
    marks, both = marks[order], np.cumsum(steps[order]) == 2
    at = np.flatnonzero(both)
    return _merged(marks[at], marks[at + 1])
