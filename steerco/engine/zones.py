"""Wall-clock minutes of a time zone to UTC minutes, over the clock changes, for whole arrays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

Minutes = npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 1440
_DECADE = 3660 * _DAY
_STEP = 5 * _DAY  # no zone changed its clock twice within so short a time


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone, or a ValueError that names it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}; use an IANA name such as Europe/Kyiv") from error


def local_to_utc(zone: str, local: Minutes) -> Minutes:
    """UTC minutes of wall-clock minutes (both counted from 1970-01-01 00:00).

    A wall-clock minute that the clock jumps over becomes the moment of the jump; one that comes twice is its first
    occurrence. So the result never falls when the argument rises.
    """
    if not local.size:
        return local
    first = int(local.min()) // _DECADE - 1
    last = int(local.max()) // _DECADE + 2
    changes, offsets = [], []
    for decade in range(first, last):
        at, offset = _changes(zone, decade)
        changes.append(at)
        offsets.append(offset)
    starts, offset = np.concatenate(changes), np.concatenate(offsets)
    ends_local = np.append(starts[1:] + offset[:-1], np.iinfo(np.int64).max)
    segment = np.searchsorted(ends_local, local, side="right")
    utc: Minutes = np.maximum(local - offset[segment], starts[segment])
    return utc


@lru_cache(maxsize=256)
def _changes(zone: str, decade: int) -> tuple[Minutes, Minutes]:
    """Start of the decade and each clock change in it (UTC minutes), with the offset in minutes that holds from there."""
    info = zone_named(zone)

    def offset_at(minute: int) -> int:
        moment = (_EPOCH + timedelta(minutes=minute)).astimezone(info)
        return int((moment.utcoffset() or timedelta()).total_seconds() // 60)

    begin, end = decade * _DECADE, (decade + 1) * _DECADE
    starts, offsets = [begin], [offset_at(begin)]
    for week in range(begin + _STEP, end + _STEP, _STEP):
        after = offset_at(min(week, end))
        if after != offsets[-1]:
            low, high = week - _STEP, min(week, end)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset_at(middle) == after else (middle, high)
            starts.append(high)
            offsets.append(after)
    if starts[-1] == end:
        starts.pop()
        offsets.pop()
    return np.array(starts, np.int64), np.array(offsets, np.int64)
