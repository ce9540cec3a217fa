"""Working time as lookup tables over a fixed stretch, so that thousands of draws convert at memory speed."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steerco.engine.worktime import WorkTime

Minutes = NDArray[np.int64]

LONGEST = 30_000_000  # minutes (57 years) that a table may span; longer plans convert by search
BEYOND = 1_000_000_000


class Clock(Protocol):
    """What converts arrays of timeline minutes to working indices and back."""

    def index_of(self, minutes: Minutes) -> Minutes: ...

    def starts_at(self, indices: Minutes) -> Minutes: ...

    def finishes_at(self, indices: Minutes) -> Minutes: ...


class Outrun(Exception):
    """A date lay beyond the stretch that the tables cover."""


class Dial:
    """A `WorkTime` between two timeline minutes, as tables.

    What lies before the stretch, or is reached from there, comes out as a minute before `low`; what lies behind, as
    `high` or later. So nothing beyond the tables can pass for a date inside them.
    """

    __slots__ = ("_index", "_low", "_start")

    def __init__(self, clock: WorkTime, low: int, high: int) -> None:
        index = clock.index_of(np.arange(low, high + 1, dtype=np.int64))
        worked = np.flatnonzero(np.diff(index) > 0)  # the open minutes, counted from low
        self._low = low
        self._index = np.concatenate(([-BEYOND], index[:-1] - index[0], [BEYOND])).astype(np.int32)
        self._start = np.concatenate(([-BEYOND], worked, [high - low])).astype(np.int32)

    def index_of(self, minutes: Minutes) -> Minutes:
        """Working indices counted from the beginning of the stretch."""
        return np.take(self._index, minutes - (self._low - 1), mode="clip").astype(np.int64)

    def starts_at(self, indices: Minutes) -> Minutes:
        """Timeline minutes of working indices, as starts."""
        return np.take(self._start, indices + 1, mode="clip") + np.int64(self._low)

    def finishes_at(self, indices: Minutes) -> Minutes:
        """Timeline minutes of working indices, as finishes."""
        return np.take(self._start, indices, mode="clip") + np.int64(self._low + 1)


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
