"""What calculating a project gives: dates, distributions, earned value and loads, without a database in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steerco.engine.check import Finding
from steerco.engine.earned import EarnedSchedule, EarnedValue
from steerco.engine.schedule import Schedule
from steerco.kit.fields import Label

MINUTES_A_DAY = 1440
LEVELS = (10, 25, 50, 75, 80, 90, 95)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no number: a template in English, translated when it is read, and its figures."""

    text: Label
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DriverFact:
    """What moves a forecast: a risk or an uncertain task. Days are calendar days of P80, money is expected cost.

    `gain` is what closing the risk (or making the task certain) takes off P80; `better` and `worse` are the ends of
    its bar in a tornado around the mean finish.
    """

    ref: str
    title: str
    kind: str  # "risk" or "task"
    gain: float
    better: float
    worse: float
    money: float = 0.0
    share: float = 0.0  # how likely the risk is, or how often the task is critical, 0..1


@dataclass(frozen=True, eq=False)
class Distribution:
    """A forecast as a sample: timeline minutes for finishes, money for costs."""

    sample: NDArray[np.float64]
    deterministic: float | None
    seed: int
    method: str
    assumed_share: float = 0.0
    drivers: tuple[DriverFact, ...] = ()

    def percentile(self, level: float) -> float:
        """The value not exceeded in `level` per cent of the draws; one that really occurred."""
        return float(np.quantile(self.sample, level / 100, method="inverted_cdf"))

    def chance(self, value: float) -> float:
        """Share of draws at or below a value."""
        return float(np.mean(self.sample <= value))

    @property
    def mean(self) -> float:
        return float(self.sample.mean())

    @property
    def draws(self) -> int:
        return int(self.sample.size)

    def bins(self, count: int = 24, step: float | None = None) -> dict[str, list[float]]:
        """Histogram over the middle 99 % of draws, the tails put into the outer bins.

        With `step`, a day, bins are whole days, or whole weeks once there are more days than bins: a bin of three days would
        hold one to three working days and look like a comb.
        """
        low, high = float(np.quantile(self.sample, 0.005)), float(np.quantile(self.sample, 0.995))
        if step:
            step = step if (high - low) / step <= count else 7 * step
            low, width = np.floor(low / step) * step, max(np.ceil((high - low) / step / count), 1) * step
            edges = np.arange(low, high + 2 * width, width)
        else:
            edges = np.linspace(low, high if high > low else low + 1, count + 1)
        counts, _edges = np.histogram(np.clip(self.sample, edges[0], edges[-1]), bins=edges)
        while counts.size > 1 and counts[-1] == 0:
            counts, edges = counts[:-1], edges[:-1]
        return {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]}


@dataclass(frozen=True, eq=False)
class Calculation:
    """All results of one project; what could not be calculated is None or says what is missing."""

    schedule: Schedule | None
    levelled: Mapping[str, tuple[int, int]]  # task key -> start, finish; empty where nothing was levelled
    findings: tuple[Finding, ...]
    quality: float | Missing  # 0..100
    finish: Distribution | Missing
    throughput: Distribution | Missing | None
    cost: Distribution | Missing
    earned: EarnedValue | Missing
    earned_schedule: EarnedSchedule | Missing
    loads: Mapping[
        str, tuple[float, int]
    ]  # resource key -> peak of booked over capacity, when (timeline minute)
    p80_of_task: Mapping[str, int] = field(default_factory=dict)

    @property
    def best(self) -> Distribution | Missing:
        """The finish to publish: of the network where there is one, else of the backlog."""
        if isinstance(self.finish, Distribution) or self.throughput is None:
            return self.finish
        return self.throughput
