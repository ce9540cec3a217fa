"""A compiled calendar: conversions between moments and working minutes, one at a time or for whole arrays.

Every moment has a *working index*: the number of working minutes since the calendar's anchor. Moments between which
nobody works (Friday 17:00, Saturday, Monday 08:00) share one index, so dates are compared by it; written back as a
start an index is the next opening (Monday 08:00), as a finish the previous closing (Friday 17:00).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from steerco.engine.calendar import DAY, Calendar

Minutes = npt.NDArray[np.int64]

YEAR = 366
FIRST_DAY = -200 * YEAR  # about 1770
LAST_DAY = 600 * YEAR  # about 2571


class CalendarError(ValueError):
    """Working time was asked for that the calendar does not have."""


class WorkTime:
    """Working time of one calendar, grown by need between the years 1770 and 2570.

    Parameters
    ----------
    calendar
        What to compile.
    first, last
        Timeline minutes between which conversions are expected; others work too, at the price of growing.
    name
        How error messages call the calendar.

    A growing object is not safe to share between threads; compile one for each.
    """

    __slots__ = (
        "_before",
        "_closes",
        "_first_day",
        "_high",
        "_last_day",
        "_low",
        "_opens",
        "_work_high",
        "_work_low",
        "arrays",
        "calendar",
        "name",
    )

    def __init__(
        self, calendar: Calendar, first: int | None = None, last: int | None = None, name: str = ""
    ) -> None:
        self.calendar = calendar
        self.name = name
        self._anchor(0 if first is None else first, (0 if first is None else first) if last is None else last)

    def _anchor(self, first: int, last: int) -> None:
        self._first_day = max(first // DAY - 30, FIRST_DAY)
        self._last_day = min(max(last // DAY, self._first_day) + 2 * YEAR, LAST_DAY)
        self._check_day(first // DAY)
        self._check_day(last // DAY)
        self._build()

    def _check_day(self, day: int) -> None:
        if not FIRST_DAY <= day < LAST_DAY:
            raise CalendarError(
                f"timeline day {day} is outside the years 1770 to 2570 that calendars are kept for"
            )

    def _build(self, low_index: int = 0) -> None:
        """Compile the present range of days; `low_index` is the working index of its first minute."""
        opens, closes = self.calendar.intervals(self._first_day, self._last_day)
        work = np.cumsum(closes - opens) + low_index
        before = np.concatenate((np.array([low_index], np.int64), work))
        self._hold(opens, closes, before)
        self._low, self._high = self._first_day * DAY, self._last_day * DAY

    def _hold(self, opens: Minutes, closes: Minutes, before: Minutes) -> None:
        self.arrays = (opens, closes, before[:-1])
        self._opens: list[int] = opens.tolist()
        self._closes: list[int] = closes.tolist()
        self._before: list[int] = before[:-1].tolist()
        self._work_low, self._work_high = int(before[0]), int(before[-1])

    def _grow(self, forwards: bool, wanted: str) -> None:
        """Double the range to one side, keeping every index what it was, or say that there is no more to be had."""
        size = self._last_day - self._first_day
        if forwards:
            if self._last_day >= LAST_DAY:
                raise CalendarError(self._exhausted(wanted, "before the year 2570"))
            self._last_day = min(self._last_day + size, LAST_DAY)
            self._build(self._work_low)
            return
        if self._first_day <= FIRST_DAY:
            raise CalendarError(self._exhausted(wanted, "after the year 1770"))
        self._first_day = max(self._first_day - size, FIRST_DAY)
        minute, index = self._low, self._work_low
        self._build()
        self._build(index - self._index_inside(minute))

    def _exhausted(self, wanted: str, bound: str) -> str:
        who = f"calendar {self.name!r}" if self.name else "the calendar"
        if not self._opens:
            return f"{who} never opens; give it working hours"
        return f"{who} has no {wanted} {bound}; shorten the work or open the calendar"

    def _index_inside(self, minute: int) -> int:
        at = bisect_right(self._opens, minute) - 1
        if at < 0:
            return self._work_low
        close = self._closes[at]
        return self._before[at] + (minute if minute < close else close) - self._opens[at]

    # scalars

    def index(self, minute: int) -> int:
        """Working index of a timeline minute."""
        while not self._low <= minute < self._high:
            self._check_day(minute // DAY)
            self._grow(minute >= self._high, "working time")
        at = bisect_right(self._opens, minute) - 1
        if at < 0:
            return self._work_low
        close = self._closes[at]
        return self._before[at] + (minute if minute < close else close) - self._opens[at]

    def start_at(self, index: int) -> int:
        """Timeline minute of a working index, as a start: on the next opening."""
        while index >= self._work_high:
            self._grow(True, "such far working time")
        while index < self._work_low:
            self._grow(False, "such early working time")
        at = bisect_right(self._before, index) - 1
        return self._opens[at] + index - self._before[at]

    def finish_at(self, index: int) -> int:
        """Timeline minute of a working index, as a finish: on the previous closing."""
        while index > self._work_high:
            self._grow(True, "such far working time")
        while index <= self._work_low:
            self._grow(False, "such early working time")
        at = bisect_left(self._before, index) - 1
        return self._opens[at] + index - self._before[at]

    def between(self, start: int, finish: int) -> int:
        """Working minutes from start to finish; negative when finish is earlier."""
        return self.index(finish) - self.index(start)

    def next_open(self, minute: int) -> int:
        """The minute itself when work can start at it, else the next opening."""
        return self.start_at(self.index(minute))

    def previous_close(self, minute: int) -> int:
        """The minute itself when work can end at it, else the previous closing."""
        return self.finish_at(self.index(minute))

    def is_open(self, minute: int) -> bool:
        """Whether the minute that begins at this moment is worked."""
        self.index(minute)
        at = bisect_right(self._opens, minute) - 1
        return at >= 0 and minute < self._closes[at]

    def add(self, minute: int, work: int) -> int:
        """The finish of `work` working minutes begun at a moment; negative work gives the start it would have had.

        No work gives the moment itself when it is open or a closing, else the next opening.
        """
        if work > 0:
            return self.finish_at(self.index(minute) + work)
        if work < 0:
            return self.start_at(self.index(minute) + work)
        index = self.index(minute)
        at = bisect_right(self._opens, minute) - 1
        return minute if at >= 0 and minute <= self._closes[at] else self.start_at(index)

    # arrays

    def _cover(self, minutes: Minutes) -> None:
        if minutes.size:
            self.index(int(minutes.min()))
            self.index(int(minutes.max()))

    def index_of(self, minutes: npt.ArrayLike) -> Minutes:
        """Working indices of an array of timeline minutes."""
        values = np.asarray(minutes, np.int64)
        self._cover(values)
        opens, closes, before = self.arrays
        if not opens.size:
            return np.zeros_like(values)
        at = np.searchsorted(opens, values, side="right") - 1
        inside = np.maximum(at, 0)
        worked = before[inside] + np.minimum(values, closes[inside]) - opens[inside]
        return np.where(at < 0, self._work_low, worked)

    def starts_at(self, indices: npt.ArrayLike) -> Minutes:
        """Timeline minutes of an array of working indices, as starts."""
        values = np.asarray(indices, np.int64)
        if not values.size:
            return values
        self.start_at(int(values.min()))
        self.start_at(int(values.max()))
        opens, _, before = self.arrays
        at = np.searchsorted(before, values, side="right") - 1
        return opens[at] + values - before[at]

    def finishes_at(self, indices: npt.ArrayLike) -> Minutes:
        """Timeline minutes of an array of working indices, as finishes."""
        values = np.asarray(indices, np.int64)
        if not values.size:
            return values
        self.finish_at(int(values.min()))
        self.finish_at(int(values.max()))
        opens, _, before = self.arrays
        at = np.searchsorted(before, values, side="left") - 1
        return opens[at] + values - before[at]

    def describe(self, minute: int) -> str:
        """A timeline minute as people write it."""
        return (datetime(1970, 1, 1) + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M")
