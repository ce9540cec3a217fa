"""Flow of work items: how long they take, how many finish, how many are open, how old the open ones are, and whether these agree.

Moments are timeline minutes, durations elapsed days (finish minus start; an item finished at once took 0 days, not 1).
A window is half open: since <= moment < until. Sources and limits: docs/engine/flow.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steerco.engine.refused import Refused, require
from steerco.engine.special import bdtr

DAY = 1440
ENOUGH_ITEMS = 10
ENOUGH_SPRINTS = 5

Days = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work: when it was asked for, begun and finished, in timeline minutes. None has not happened yet."""

    key: str
    created: int
    started: int | None = None
    finished: int | None = None

    def __post_init__(self) -> None:
        if self.started is not None and self.started < self.created:
            raise ValueError(f"item {self.key} was started before it was created")
        if self.finished is not None and self.finished < (
            self.created if self.started is None else self.started
        ):
            raise ValueError(f"item {self.key} was finished before it was begun")


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of a sample with the bounds that hold it in 90 of 100 samples (order statistics, no shape assumed)."""

    level: float
    value: float
    low: float
    high: float
    samples: int


def percentiles(sample: ArrayLike, levels: Sequence[float] = (0.5, 0.85, 0.95)) -> tuple[Percentile, ...]:
    """Percentiles of a sample, each a value that really occurred: the smallest that at least `level` of it do not exceed.

    Raises Refused below 10 samples, or below 1 / (1 - level): a 95th percentile of 12 items is their maximum, not news.
    Bounds that the sample is too small to give are its smallest and largest values.
    Source: Conover, Practical Nonparametric Statistics, ch. 3.
    """
    for level in levels:
        if not 0 < level < 1:
            raise ValueError(f"a percentile level must lie between 0 and 1, got {level}")
    values = np.sort(np.asarray(sample, dtype=float))
    size = values.size
    require(
        size,
        max(ENOUGH_ITEMS, *(ceil(round(1 / (1 - level), 9)) for level in levels)),
        "finished items",
        "Look at a longer period, or at a lower percentile.",
    )
    found = []
    for level in levels:
        rank = max(ceil(round(level * size, 9)), 1) - 1
        below = bdtr(
            np.arange(size + 1, dtype=float), size, level
        )  # how many of a sample lie below the truth
        low, high = int(np.searchsorted(below, 0.05)) - 1, int(np.searchsorted(below, 0.95))
        found.append(
            Percentile(
                level,
                float(values[rank]),
                float(values[max(low, 0)]),
                float(values[min(high, size - 1)]),
                size,
            )
        )
    return tuple(found)


def cycle_times(items: Sequence[Item], *, since: int, until: int) -> Days:
    """Days from start to finish of the items finished in the window that say when they were started, oldest finish first."""
    done = sorted(
        (item.finished, item.started)
        for item in items
        if item.finished is not None and item.started is not None and since <= item.finished < until
    )
    return np.array([(finished - started) / DAY for finished, started in done])


def lead_times(items: Sequence[Item], *, since: int, until: int) -> Days:
    """Days from creation to finish of the items finished in the window, oldest finish first."""
    done = sorted(
        (i.finished, i.created) for i in items if i.finished is not None and since <= i.finished < until
    )
    return np.array([(finished - created) / DAY for finished, created in done])


def throughput(items: Sequence[Item], *, since: int, until: int, period: int = 7 * DAY) -> NDArray[np.int64]:
    """Items finished in each whole period of the window, the oldest period first. Periods end at `until`.

    What is left over at the beginning is no whole period and is not counted: half a week would look like a bad week.
    """
    return _counted((item.finished for item in items), since, until, period)


def arrivals(items: Sequence[Item], *, since: int, until: int, period: int = 7 * DAY) -> NDArray[np.int64]:
    """Items created in each whole period of the window, the oldest first."""
    return _counted((item.created for item in items), since, until, period)


def _counted(moments: Iterable[int | None], since: int, until: int, period: int) -> NDArray[np.int64]:
    whole = (until - since) // period
    if whole < 1:
        raise ValueError(f"the window of {until - since} minutes holds no period of {period} minutes")
    first = until - whole * period
    known = np.array([m for m in moments if m is not None], dtype=np.int64)
    inside = known[(known >= first) & (known < until)]
    return np.bincount((inside - first) // period, minlength=whole).astype(np.int64)


def work_in_progress(items: Sequence[Item], *, at: int) -> int:
    """Items begun and not finished at a moment. An item that never said when it was begun is not counted."""
    return sum(_open_at(item, at) for item in items)


def _open_at(item: Item, at: int) -> bool:
    return item.started is not None and item.started <= at and (item.finished is None or item.finished > at)


@dataclass(frozen=True, slots=True)
class Ageing:
    """An open item, its age in days, and the share of finished items that took no longer than it is old already."""

    key: str
    age: float
    percentile: float


def ageing(items: Sequence[Item], *, at: int, since: int) -> tuple[Ageing, ...]:
    """Open items, the oldest first, against the cycle times of the items finished from `since` until `at`.

    Raises Refused below 10 finished items.
    """
    times = np.sort(cycle_times(items, since=since, until=at + 1))
    require(
        times.size, ENOUGH_ITEMS, "finished items", "Age says little without finished items to compare with."
    )
    found = []
    for item in items:
        if item.started is not None and _open_at(item, at):
            age = (at - item.started) / DAY
            found.append(Ageing(item.key, age, float(np.searchsorted(times, age, side="right")) / times.size))
    return tuple(sorted(found, key=lambda a: (-a.age, a.key)))


@dataclass(frozen=True, slots=True)
class CumulativeFlow:
    """Numbers of items that had been created, started and finished by each moment: three rising arrays of one shape."""

    moments: NDArray[np.int64]
    created: NDArray[np.int64]
    started: NDArray[np.int64]
    finished: NDArray[np.int64]

    @property
    def work_in_progress(self) -> NDArray[np.int64]:
        return self.started - self.finished

    @property
    def waiting(self) -> NDArray[np.int64]:
        return self.created - self.started


def cumulative_flow(items: Sequence[Item], *, since: int, until: int, step: int = DAY) -> CumulativeFlow:
    """Cumulative flow at since, since + step, ... up to `until`, counting what happened up to and including each moment.

    An item finished without a start counts as started when it was finished, so that the bands cannot cross.
    """
    moments = np.arange(since, until + 1, step, dtype=np.int64)

    def reached(times: list[int]) -> NDArray[np.int64]:
        return np.searchsorted(np.sort(np.array(times, dtype=np.int64)), moments, side="right").astype(
            np.int64
        )

    begun = [i.finished if i.started is None else i.started for i in items]
    return CumulativeFlow(
        moments,
        reached([i.created for i in items]),
        reached([b for b in begun if b is not None]),
        reached([i.finished for i in items if i.finished is not None]),
    )


@dataclass(frozen=True, slots=True)
class LittlesLaw:
    """Average work in progress against throughput times mean cycle time; equal only while the flow is stable.

    `reasons` say why the law does not hold here; while there are any, cycle times of the past promise nothing.
    """

    average_wip: float  # items
    throughput: float  # items a day
    arrival_rate: float  # items a day that were begun
    mean_cycle_time: float  # days
    ratio: float  # average_wip / (throughput * mean_cycle_time)
    reasons: tuple[str, ...]

    @property
    def is_stable(self) -> bool:
        return not self.reasons


def littles_law(items: Sequence[Item], *, since: int, until: int, tolerance: float = 0.2) -> LittlesLaw:
    """Check of the conditions of Little's law over a window, by its own three averages.

    Raises Refused below 10 items finished in the window. `tolerance` is the relative gap that still counts as equal.
    Source: Little (1961); Little and Graves (2008) for its form over a finite window.
    """
    if until <= since:
        raise ValueError(f"the window must have a length, got {since} to {until}")
    times = cycle_times(items, since=since, until=until)
    require(times.size, ENOUGH_ITEMS, "finished items", "Look at a longer period.")
    days = (until - since) / DAY
    open_days = 0.0
    begun = 0
    ages = [0.0, 0.0]
    for item in items:
        if item.started is None:
            continue
        end = until if item.finished is None else min(item.finished, until)
        open_days += max(end - max(item.started, since), 0) / DAY
        begun += since <= item.started < until
        for side, moment in enumerate((since, until)):
            if _open_at(item, moment):
                ages[side] += (moment - item.started) / DAY
    average, rate, arriving = open_days / days, times.size / days, begun / days
    mean = float(times.mean())
    ratio = average / (rate * mean) if mean > 0 else float("inf")
    reasons = []
    if abs(arriving - rate) > tolerance * rate:
        more = "more" if arriving > rate else "less"
        reasons.append(f"{more} is begun than finished: {arriving:.2f} against {rate:.2f} items a day")
    if ages[1] - ages[0] > tolerance * times.sum():
        reasons.append("open work grows older: items are left lying")
    if abs(ratio - 1) > tolerance:
        reasons.append(f"work in progress is {ratio:.2f} times what throughput and cycle time explain")
    return LittlesLaw(average, rate, arriving, mean, ratio, tuple(reasons))


@dataclass(frozen=True, slots=True)
class Sprint:
    """What a sprint promised at its start and delivered at its end, in points or items of one kind.

    `delivered` counts everything finished; `delivered_committed` what of it was promised at the start, when known.
    """

    key: str
    committed: float
    delivered: float
    delivered_committed: float | None = None

    def __post_init__(self) -> None:
        if self.committed < 0 or self.delivered < 0:
            raise ValueError(f"sprint {self.key} has a negative amount")
        if self.delivered_committed is not None and not 0 <= self.delivered_committed <= min(
            self.committed, self.delivered
        ):
            raise ValueError(
                f"sprint {self.key} delivered more of its commitment than it committed or delivered"
            )


@dataclass(frozen=True, slots=True)
class Predictability:
    """Delivered over committed, of the last sprints. `kept` is the share of sprints between 80 and 120 %."""

    ratios: tuple[float, ...]  # oldest first, sprints that committed nothing left out
    median: float
    low: float  # 10th percentile
    high: float  # 90th percentile
    kept: float
    commitment_kept: float | Refused  # share of the promised amount that was delivered, all sprints together
    left_out: tuple[str, ...]  # sprints that committed nothing


def sprint_predictability(sprints: Sequence[Sprint]) -> Predictability:
    """How far sprints deliver what they commit, oldest first. Raises Refused below 5 sprints with a commitment."""
    used = [sprint for sprint in sprints if sprint.committed > 0]
    require(
        len(used), ENOUGH_SPRINTS, "finished sprints with a commitment", "Record what each sprint commits to."
    )
    ratios = np.array([sprint.delivered / sprint.committed for sprint in used])
    known = [s for s in used if s.delivered_committed is not None]
    kept: float | Refused
    if len(known) == len(used):
        kept = sum(s.delivered_committed or 0.0 for s in known) / sum(s.committed for s in known)
    else:
        kept = Refused(
            "sprints that tell promised work from added work",
            have=len(known),
            need=len(used),
            remedy="Record the sprint's content at its start.",
        )
    return Predictability(
        tuple(ratios.tolist()),
        float(np.median(ratios)),
        float(np.quantile(ratios, 0.1)),
        float(np.quantile(ratios, 0.9)),
        float(np.mean((ratios >= 0.8) & (ratios <= 1.2))),
        kept,
        tuple(s.key for s in sprints if s.committed <= 0),
    )
