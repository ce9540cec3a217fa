"""Result of a simulation: finishes and costs of all draws, and what is read from them with its Monte Carlo error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steerco.engine.special import bdtr

Minutes = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantile:
    """A percentile with the bounds that hold the true one in 95 of 100 runs with other seeds."""

    level: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """Probability of keeping a date or a budget, with its standard error from the number of draws."""

    probability: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the tornado: mean finish (timeline minutes) when this is at its kindest and at its worst.

    For tasks and the common cause these are the kindest and the worst fifth of draws, for risks the draws in which
    they do not happen and do.
    """

    kind: str  # "task", "risk" or "common cause"
    key: str
    kind_finish: float
    worst_finish: float

    @property
    def swing(self) -> float:
        """Elapsed minutes between the two."""
        return self.worst_finish - self.kind_finish


def quantile_of(sample: Minutes | Numbers, level: float) -> Quantile:
    """A percentile that really was drawn: the smallest value that at least `level` of the draws do not exceed.

    Source of the bounds: order statistics, Conover, Practical Nonparametric Statistics, ch. 3.
    """
    if not 0 < level < 1:
        raise ValueError(f"a percentile level must lie between 0 and 1, got {level}")
    size = sample.size
    below = bdtr(np.arange(size + 1, dtype=float), size, level)
    rank = rank_of(level, size)
    low = min(max(int(np.searchsorted(below, 0.025)) - 1, 0), rank)
    high = max(min(int(np.searchsorted(below, 0.975)), size - 1), rank)
    part = np.partition(sample, (low, rank, high))
    return Quantile(level, float(part[rank]), float(part[low]), float(part[high]))


def rank_of(level: float, size: int) -> int:
    """Place of a percentile in a sorted sample."""
    return min(max(int(np.ceil(round(level * size, 9))) - 1, 0), size - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A simulation. Arrays over tasks follow `keys`, arrays over draws are (draws,); dates are timeline minutes."""

    seed: int
    draws: int
    keys: tuple[str, ...]
    finishes: Minutes
    deterministic_finish: int  # of the plan as it stands, no risk happening
    costs: Numbers | None
    task_p50: Minutes
    task_p80: Minutes
    criticality: Numbers  # share of draws in which the task lies on a driving path to the finish
    cruciality: Numbers  # rank correlation of the task's own luck with the finish; 0 where a task is certain
    sensitivity: Numbers  # criticality x spread of the task / spread of the finish (SSI), in working time
    tornado: tuple[Bar, ...]  # widest swing first
    risk_happened: tuple[tuple[str, float], ...]  # share of draws in which each risk happened
    idle_risks: tuple[str, ...]  # risks that hit only finished, manual or inactive tasks
    assumed: tuple[str, ...]  # tasks whose spread is an assumption, not an estimate
    assumed_share: float  # of the open tasks with work
    certain_share: float  # of the open tasks with work: neither estimated nor assumed, taken as sure
    correlation_adjusted: bool  # the pairs asked for could not all hold at once

    @property
    def mean_finish(self) -> float:
        return float(self.finishes.mean())

    @property
    def mean_error(self) -> float:
        """Standard error of the mean finish, in minutes, from the number of draws."""
        return float(self.finishes.std(ddof=1) / np.sqrt(self.draws)) if self.draws > 1 else float("inf")

    @property
    def merge_bias(self) -> float:
        """Elapsed minutes by which the mean lies behind the deterministic finish. See Van Slyke (1963)."""
        return self.mean_finish - self.deterministic_finish

    @property
    def deterministic_confidence(self) -> Confidence:
        """How sure the plan's own finish is."""
        return self.confidence(self.deterministic_finish)

    def percentile(self, level: float) -> Quantile:
        """Finish that `level` (0..1) of the draws keep."""
        return quantile_of(self.finishes, level)

    def confidence(self, finish: int) -> Confidence:
        """Probability of finishing at or before a timeline minute."""
        return _share(self.finishes <= finish)

    def contingency(self, level: float) -> float:
        """Elapsed minutes to add to the deterministic finish for this confidence; negative when there is reserve."""
        return self.percentile(level).value - self.deterministic_finish

    def cost_percentile(self, level: float) -> Quantile:
        """Cost that `level` of the draws keep. Raises ValueError when the simulation had no costs."""
        if self.costs is None:
            raise ValueError("the simulation was run without costs")
        return quantile_of(self.costs, level)

    def joint_confidence(self, finish: int, cost: float) -> Confidence:
        """Probability of keeping a date and a budget together. Raises ValueError without costs."""
        if self.costs is None:
            raise ValueError("the simulation was run without costs")
        return _share((self.finishes <= finish) & (self.costs <= cost))


def _share(kept: NDArray[np.bool_]) -> Confidence:
    p = float(kept.mean())
    # Never 0: after n draws without an exception one may still be a 1 in n away.
    error = max(np.sqrt(p * (1 - p) / kept.size), 1 / (2 * kept.size))
    return Confidence(p, float(error))


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing one risk buys, by the same draws with and without it."""

    key: str
    finish_with: float  # at the level asked for, timeline minutes
    finish_without: float
    mean_minutes: float  # elapsed minutes won on average
    money: float | None  # at the level asked for, won
    mean_money: float | None
    level: float

    @property
    def minutes(self) -> float:
        """Elapsed minutes won at the level asked for."""
        return self.finish_with - self.finish_without
