"""The days of a recurring calendar exception of MS Project: daily, weekly, monthly and yearly patterns."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS = 5_000


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A pattern between two days.

    `type` is MSPDI's: 1 daily, 2 yearly by date, 3 yearly by position, 4 monthly by date, 5 monthly by position,
    6 weekly, 7 every `period` days. `weekdays` are Sunday-first bits; `item` 0 is a day, 1 a weekday, 2 a weekend day,
    3 to 9 Sunday to Saturday; `position` 0 to 3 is first to fourth, 4 last; `month` counts from 0.
    """

    first: date
    last: date
    type: int = 1
    period: int = 1
    weekdays: int = 0
    month: int = 0
    month_day: int = 1
    item: int = 0
    position: int = 0
    occurrences: int = 0  # 0 is without a limit but `last`

    def days(self) -> list[date]:
        """Every day of the pattern, rising, at most 5,000."""
        found: list[date] = []
        limit = min(self.occurrences or MOST_DAYS, MOST_DAYS)
        for day in self._candidates():
            if day > self.last or len(found) >= limit:
                break
            if day >= self.first:
                found.append(day)
        return found

    def _candidates(self) -> Iterator[date]:
        period = min(max(self.period, 1), 999)
        if self.type == 6:
            sunday = self.first - timedelta(days=(self.first.weekday() + 1) % 7)
            while sunday <= self.last:
                yield from (sunday + timedelta(days=d) for d in range(7) if self.weekdays >> d & 1)
                sunday += timedelta(weeks=period)
        elif self.type in (2, 3, 4, 5):
            yearly = self.type in (2, 3)
            month = self.first.year * 12 + (self.month if yearly else self.first.month - 1)
            while month // 12 <= self.last.year:
                day = self._in_month(month // 12, month % 12 + 1)
                if day:
                    yield day
                month += 12 if yearly else period
        else:
            step, day = timedelta(days=period if self.type == 7 else 1), self.first
            while day <= self.last:
                yield day
                day += step

    def _in_month(self, year: int, month: int) -> date | None:
        length = calendar.monthrange(year, month)[1]
        if self.type in (2, 4):
            return date(year, month, self.month_day) if 1 <= self.month_day <= length else None
        days = [d for n in range(1, length + 1) if self._is_item(d := date(year, month, n))]
        if self.position == 4:
            return days[-1]
        return days[self.position] if 0 <= self.position < len(days) else None

    def _is_item(self, day: date) -> bool:
        weekday = (day.weekday() + 1) % 7  # Sunday is 0
        if self.item == 0:
            return True
        if self.item in (1, 2):
            return (weekday in (0, 6)) == (self.item == 2)
        return weekday == self.item - 3


def spans(days: list[date]) -> list[tuple[date, date]]:
    """Runs of adjacent days as (first, last)."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
