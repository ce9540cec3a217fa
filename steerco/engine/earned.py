"""Earned value and earned schedule: what the work done was worth, what it cost, and when the plan would have had it.

Formulas and their sources stand in docs/engine/earned-value.md. Money is in one currency, time in whatever unit the
planned-value curve uses (days, weeks, months, timeline minutes): results come back in the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steerco.engine.refused import Refused, is_known

Figure = float | Refused

NO_ACTUALS = Refused(
    "actual costs",
    remedy="Book what was spent up to the status date; an index without actuals would only repeat the plan.",
)
NOTHING_PLANNED = Refused("planned value", remedy="Nothing was planned to be done by the status date.")
NOTHING_EARNED = Refused("earned value", remedy="Record progress on at least one piece of work.")


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of the baseline: its budget, spread evenly from planned start to planned finish, and the part done."""

    budget: float
    planned_start: float
    planned_finish: float
    percent_complete: float = 0.0  # 0..100, physical

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise ValueError(f"a budget cannot be negative, got {self.budget}")
        if self.planned_finish < self.planned_start:
            raise ValueError(
                f"planned finish {self.planned_finish} lies before planned start {self.planned_start}"
            )
        if not 0 <= self.percent_complete <= 100:
            raise ValueError(f"percent complete must lie in 0..100, got {self.percent_complete}")


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative planned value: `values[i]` is planned by `times[i]`, straight in between, flat before and after."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values) or len(self.times) < 2:
            raise ValueError(
                f"a curve needs at least two points, got {len(self.times)} times, {len(self.values)} values"
            )
        if any(b <= a for a, b in zip(self.times, self.times[1:])):
            raise ValueError("the times of a curve must rise")
        if any(b < a for a, b in zip(self.values, self.values[1:])) or self.values[0] < 0:
            raise ValueError("cumulative planned value cannot fall, nor be negative")

    @property
    def budget_at_completion(self) -> float:
        return self.values[-1]

    @property
    def start(self) -> float:
        """When planned work begins: the last time with nothing planned yet, or the first point."""
        flat = [t for t, v in zip(self.times, self.values) if v == self.values[0]]
        return flat[-1] if self.values[0] == 0 else self.times[0]

    @property
    def finish(self) -> float:
        """The first time at which everything was planned to be done."""
        return self.times[self.values.index(self.values[-1])]

    def at(self, time: float) -> float:
        """Planned value at a time."""
        return float(np.interp(time, self.times, self.values))

    def when(self, value: float) -> float:
        """The time at which the plan had this value: the last such time on a plateau, the first one at the very end."""
        if value >= self.values[-1]:
            return self.finish
        if value <= 0:
            return self.start
        above = int(np.searchsorted(self.values, value, side="right"))
        if above == 0:
            return self.times[0]
        low, high = self.values[above - 1], self.values[above]
        share = (value - low) / (high - low)
        return self.times[above - 1] + share * (self.times[above] - self.times[above - 1])


def planned_value_curve(work: Iterable[Work]) -> Curve:
    """Time-phased baseline of many pieces of work, each spread evenly; work of no length is planned at its finish.

    Raises Refused without any budget.
    """
    pieces = [piece for piece in work if piece.budget > 0]
    if not pieces:
        raise Refused(
            "pieces of work with a budget", remedy="Give the baseline a budget per task or per period."
        )
    budget = np.array([piece.budget for piece in pieces])
    start = np.array([piece.planned_start for piece in pieces], dtype=float)
    finish = np.array([piece.planned_finish for piece in pieces], dtype=float)
    # A jump cannot be drawn by a function with one value per time: it is leaned back by a millionth of the whole span.
    span = max(float(finish.max() - start.min()), 1.0)
    start = np.where(finish - start < span * 1e-6, finish - span * 1e-6, start)
    times = np.unique(np.concatenate([start, finish]))
    values = np.zeros(times.size)
    for money, begin, end in zip(budget, start, finish):
        values += money * np.clip((times - begin) / (end - begin), 0.0, 1.0)
    return Curve(tuple(times.tolist()), tuple(np.maximum.accumulate(values).tolist()))


def earned_value_of(work: Iterable[Work]) -> float:
    """EV: budgets times physical percent complete."""
    return float(sum(piece.budget * piece.percent_complete / 100 for piece in work))


class Method(StrEnum):
    """How the estimate at completion supposes the rest will go."""

    TYPICAL = "typical"  # cost performance so far goes on: BAC / CPI
    ATYPICAL = "atypical"  # the rest costs what was budgeted: AC + BAC - EV
    COST_AND_SCHEDULE = "cost_and_schedule"  # both pressures: AC + (BAC - EV) / (CPI x SPI)
    WEIGHTED = "weighted"  # AC + (BAC - EV) / (0.8 CPI + 0.2 SPI)
    BOTTOM_UP = "bottom_up"  # AC + a new estimate of the rest


@dataclass(frozen=True, slots=True)
class EarnedValue:
    """All figures at one status date. Indices above 1 and variances above 0 are good. Refused where evidence is missing."""

    budget_at_completion: float
    planned_value: float
    earned_value: float
    actual_cost: Figure
    cost_variance: Figure
    schedule_variance: Figure
    cost_performance_index: Figure
    schedule_performance_index: Figure
    estimate_at_completion: dict[Method, Figure]
    estimate_to_complete: Figure  # of `method`
    variance_at_completion: Figure  # of `method`
    to_complete_index: Figure  # performance the rest needs to stay within BAC
    to_complete_index_of_estimate: Figure  # the same within the EAC of `method`
    percent_complete: float
    percent_spent: Figure
    method: Method


def earned_value(
    *,
    budget_at_completion: float,
    planned_value: float,
    earned_value: float,
    actual_cost: float | None,
    method: Method = Method.TYPICAL,
    bottom_up_to_complete: float | None = None,
) -> EarnedValue:
    """Every earned-value figure the inputs allow.

    `actual_cost` None (nothing was booked) refuses all cost figures; so does 0 once something is earned, since a team
    whose cost nobody booked did not work for nothing. Raises ValueError for negative amounts, a budget that is not
    positive, or more earned or planned than budgeted.
    Source: PMI, Practice Standard for Earned Value Management; Christensen (1993) for the composite estimates.
    """
    bac, pv, ev = float(budget_at_completion), float(planned_value), float(earned_value)
    if bac <= 0:
        raise ValueError(f"budget at completion must be positive, got {bac}")
    for name, amount in (("planned value", pv), ("earned value", ev)):
        if not 0 <= amount <= bac * (1 + 1e-9):
            raise ValueError(f"{name} must lie in 0..{bac}, got {amount}")
    if actual_cost is not None and actual_cost < 0:
        raise ValueError(f"actual cost cannot be negative, got {actual_cost}")

    ac: Figure = NO_ACTUALS if actual_cost is None or (actual_cost == 0 and ev > 0) else float(actual_cost)
    cpi: Figure = ac if not is_known(ac) else (ev / ac if ac > 0 else NO_ACTUALS)
    spi: Figure = ev / pv if pv > 0 else NOTHING_PLANNED
    estimates = {
        way: _estimate(way, bac=bac, ev=ev, ac=ac, cpi=cpi, spi=spi, rest=bottom_up_to_complete)
        for way in Method
    }
    eac = estimates[method]
    return EarnedValue(
        budget_at_completion=bac,
        planned_value=pv,
        earned_value=ev,
        actual_cost=ac,
        cost_variance=ev - ac if is_known(ac) else ac,
        schedule_variance=ev - pv if pv > 0 or ev > 0 else NOTHING_PLANNED,
        cost_performance_index=cpi,
        schedule_performance_index=spi,
        estimate_at_completion=estimates,
        estimate_to_complete=eac - ac if is_known(eac) and is_known(ac) else eac,
        variance_at_completion=bac - eac if is_known(eac) else eac,
        to_complete_index=_to_complete(bac, ev, ac, bac),
        to_complete_index_of_estimate=_to_complete(bac, ev, ac, eac),
        percent_complete=100 * ev / bac,
        percent_spent=100 * ac / bac if is_known(ac) else ac,
        method=method,
    )


def _estimate(
    way: Method, *, bac: float, ev: float, ac: Figure, cpi: Figure, spi: Figure, rest: float | None
) -> Figure:
    if not is_known(ac):
        return ac
    if way is Method.BOTTOM_UP:
        if rest is None:
            return Refused("new estimates of the remaining work", remedy="Re-estimate what is left to do.")
        return ac + rest
    if way is Method.ATYPICAL or ev >= bac:
        return ac + bac - ev
    if not is_known(cpi):
        return cpi
    if cpi == 0:
        return NOTHING_EARNED
    if way is Method.TYPICAL:
        return bac / cpi
    if not is_known(spi):
        return spi
    factor = cpi * spi if way is Method.COST_AND_SCHEDULE else 0.8 * cpi + 0.2 * spi
    return ac + (bac - ev) / factor


def _to_complete(bac: float, ev: float, ac: Figure, target: Figure) -> Figure:
    if not is_known(ac):
        return ac
    if not is_known(target):
        return target
    if ev >= bac:
        return Refused("pieces of work left", remedy="All work is done.")
    if target <= ac:
        return Refused(
            "money left",
            have=target - ac,
            need=bac - ev,
            remedy="The target is already spent: set a new one.",
        )
    return (bac - ev) / (target - ac)


@dataclass(frozen=True, slots=True)
class EarnedSchedule:
    """Schedule performance in time. Durations count from the start of the planned-value curve, in its unit."""

    planned_duration: float
    actual_time: float
    earned_schedule: float
    schedule_variance: float  # SV(t) = ES - AT
    schedule_performance_index: Figure  # SPI(t) = ES / AT
    estimate_at_completion: Figure  # EAC(t) = AT + (PD - ES) / PF
    estimated_finish: Figure  # the same as a point on the curve's time axis
    to_complete_index: Figure  # TSPI: what the rest needs to finish as planned


def earned_schedule(
    curve: Curve, *, earned_value: float, at: float, performance: float | None = None
) -> EarnedSchedule:
    """Earned schedule at the time `at`, which must not lie before the curve's start.

    `performance` is the factor PF assumed for the rest: None takes SPI(t), 1.0 supposes the rest goes as planned. When
    all value is earned, the estimate is `at` itself, whatever the indices say: pass the time of the last progress.
    Source: Lipke, "Schedule is Different", The Measurable News (2003); EAC(t): Henderson (2004).
    """
    if at < curve.start:
        raise ValueError(f"the status time {at} lies before the start of the plan, {curve.start}")
    if not 0 <= earned_value <= curve.budget_at_completion * (1 + 1e-9):
        raise ValueError(f"earned value must lie in 0..{curve.budget_at_completion}, got {earned_value}")
    if performance is not None and performance <= 0:
        raise ValueError(f"a performance factor must be positive, got {performance}")
    planned, elapsed = curve.finish - curve.start, at - curve.start
    earned = curve.when(earned_value) - curve.start if earned_value > 0 else 0.0
    done = earned_value >= curve.budget_at_completion
    index: Figure = (
        earned / elapsed
        if elapsed > 0
        else Refused("elapsed time", remedy="The plan starts at the status date.")
    )
    factor: Figure = performance if performance is not None else index
    total: Figure
    if done:
        total = elapsed
    elif not is_known(factor):
        total = factor
    elif factor == 0:
        total = NOTHING_EARNED
    else:
        total = elapsed + (planned - earned) / factor
    return EarnedSchedule(
        planned_duration=planned,
        actual_time=elapsed,
        earned_schedule=earned,
        schedule_variance=earned - elapsed,
        schedule_performance_index=index,
        estimate_at_completion=total,
        estimated_finish=curve.start + total if is_known(total) else total,
        to_complete_index=_to_complete_schedule(planned, earned, elapsed, done),
    )


def _to_complete_schedule(planned: float, earned: float, elapsed: float, done: bool) -> Figure:
    if done:
        return Refused("pieces of work left", remedy="All work is done.")
    if planned <= elapsed:
        return Refused(
            "time left",
            have=planned - elapsed,
            need=planned - earned,
            remedy="The planned finish has passed: set a new one.",
        )
    return (planned - earned) / (planned - elapsed)


def indices_over_time(
    curve: Curve, times: ArrayLike, earned_values: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """SPI and SPI(t) at each status time, arrays of equal shape; NaN where nothing was planned or no time has passed.

    Shown side by side they make the known flaw visible: SPI of a late project climbs back to 1, SPI(t) does not.
    """
    at, earned = np.asarray(times, dtype=float), np.asarray(earned_values, dtype=float)
    if at.shape != earned.shape:
        raise ValueError(f"as many times as earned values are needed, got {at.shape} and {earned.shape}")
    planned = np.interp(at, curve.times, curve.values)
    elapsed = at - curve.start
    schedule = np.array([curve.when(float(v)) - curve.start if v > 0 else 0.0 for v in earned])
    with np.errstate(divide="ignore", invalid="ignore"):
        spi = np.where(planned > 0, earned / planned, np.nan)
        spi_t = np.where(elapsed > 0, schedule / elapsed, np.nan)
    return spi, spi_t
