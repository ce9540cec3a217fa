"""Working time as lookup tables over a fixed stretch, so that thousands of draws convert at memory speed."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steerco.engine.worktime import WorkTime

Minutes = NDArray[np.int64]
Indices = NDArray[np.int32] | NDArray[np.int64]

LONGEST = 30_000_000  # minutes (57 years) that a table may span; longer plans convert by search
BEYOND = 1_000_000_000


class Clock(Protocol):
    """What converts arrays of timeline minutes to working indices and back."""

    def index_of(self, minutes: Minutes) -> Indices: ...

    def starts_at(self, indices: Indices) -> Minutes: ...

    def finishes_at(self, indices: Indices) -> Minutes: ...


class Outrun(Exception):
    """A date lay beyond the stretch that the tables cover."""


class Dial:
    """A `WorkTime` between two timeline minutes, as tables.

    What lies before the stretch, or is reached from there, comes out as a minute before `low`; what lies behind, as
    `high` or later. So nothing beyond the tables can pass for a date inside them.
    """

    __slots__ = ("_index", "_low", "_start")

    def __init__(self, clock: WorkTime, low: int, high: int) -> None:
        clock.index_of(np.array([low, high], dtype=np.int64))  # grows the clock to the stretch
        opens, closes, _ = clock.arrays
        inside = (closes > low) & (opens < high)
        turns = np.zeros(high - low + 1, dtype=np.int32)
        turns[np.maximum(opens[inside], low) - low] += 1
        turns[np.minimum(closes[inside], high) - low] -= 1
        is_open = np.cumsum(turns[:-1], dtype=np.int32)
        worked = np.flatnonzero(is_open)  # the open minutes, counted from low
        self._low = low
        self._index = np.concatenate(([-BEYOND, 0], np.cumsum(is_open)[:-1], [BEYOND])).astype(np.int32)
        self._start = np.concatenate(([-BEYOND], worked, [high - low])).astype(np.int32)

    def index_of(self, minutes: Minutes) -> Indices:
        """Working indices counted from the beginning of the stretch."""
        return self._index.take(minutes - (self._low - 1), mode="clip")

    def starts_at(self, indices: Indices) -> Minutes:
        """Timeline minutes of working indices, as starts."""
        return self._start.take(indices + 1, mode="clip") + np.int64(self._low)

    def finishes_at(self, indices: Indices) -> Minutes:
        """Timeline minutes of working indices, as finishes."""
        return self._start.take(indices, mode="clip") + np.int64(self._low + 1)


def settled(clock: Clock, minutes: Minutes) -> Minutes:
    """Where something without duration sits: at the minute itself when that is open or a closing, else the next opening."""
    touches = clock.index_of(minutes + 1) > clock.index_of(minutes - 1)
    return np.where(touches, minutes, clock.starts_at(clock.index_of(minutes)))


def add(clock: Clock, minutes: Minutes, work: Minutes | int) -> Minutes:
    """The moments `work` working minutes later (earlier when negative); one sign for all."""
    if np.all(np.asarray(work) > 0):
        return clock.finishes_at(clock.index_of(minutes) + work)
    if np.all(np.asarray(work) < 0):
        return clock.starts_at(clock.index_of(minutes) + work)
    later, earlier = clock.index_of(minutes) + work, np.asarray(work)
    moved = np.where(earlier > 0, clock.finishes_at(later), clock.starts_at(later))
    return np.where(earlier == 0, settled(clock, minutes), moved)
