"""Exposure of a risk register: what its risks cost in days and money on average, and how much to hold for 80 % confidence.

The total is calculated, not drawn: distributions of single risks are convolved on a fine grid, so the same register
gives the same figure without a seed. It supposes that risks happen independently and that their days add up, as if
all struck one path; which of them really move the finish is for `simulate` to say. See docs/engine/exposure.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steerco.engine.distributions import Shape, ThreePoint, cumulative, mean, quantile
from steerco.engine.refused import Refused

Numbers = NDArray[np.float64]

CELLS = 16_384  # grid cells of the whole range


@dataclass(frozen=True, slots=True)
class RegisterRisk:
    """A risk with its probability (0..1) and, if it happens, three-point days and money; opportunities are negative."""

    key: str
    probability: float
    days: ThreePoint | None = None
    money: ThreePoint | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"the probability of risk {self.key} must lie in 0..1, got {self.probability}")


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """Distribution of a sum of impacts on a grid: `chance[i]` is the probability of the cell around `values[i]`."""

    values: Numbers
    chance: Numbers
    expected: float
    step: float

    def percentile(self, level: float) -> float:
        """The amount that is not exceeded with probability `level`, to within half a cell of the grid."""
        if not 0 < level < 1:
            raise ValueError(f"a percentile level must lie between 0 and 1, got {level}")
        sums = np.cumsum(self.chance)
        at = int(np.searchsorted(sums, level * sums[-1] - 1e-12))
        return float(self.values[min(at, self.values.size - 1)])

    def confidence(self, amount: float) -> float:
        """Probability that the total does not exceed an amount."""
        return float(min(self.chance[self.values <= amount + self.step / 2].sum(), 1.0))


@dataclass(frozen=True, slots=True)
class RiskExposure:
    """One risk's part: its expected days and money, and its share of the register's expected threat."""

    key: str
    expected_days: float
    expected_money: float
    share_of_days: float  # 0..1, of the threats' sum; 0 for opportunities
    share_of_money: float


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """The register's exposure. A side that no risk estimates is Refused, not zero."""

    risks: tuple[RiskExposure, ...]  # in the order given
    days: Total | Refused
    money: Total | Refused
    without_days: tuple[str, ...]  # risks that say nothing about days
    without_money: tuple[str, ...]


def exposure(risks: Sequence[RegisterRisk], *, shape: Shape = Shape.TRIANGULAR) -> Exposure:
    """Expected and total exposure of a register.

    Raises Refused for an empty register, ValueError for two risks of one key. Expected values are exact; percentiles
    are exact to 1/16,384 of the range from all opportunities to all threats at their worst.
    Source: Vose, Risk Analysis, ch. 11 (aggregate distributions by FFT).
    """
    if not risks:
        raise Refused("open risks", remedy="Record risks, or confirm that there are none.")
    if len({risk.key for risk in risks}) != len(risks):
        raise ValueError("two risks have the same key")
    days = [_expected(shape, risk.probability, risk.days) for risk in risks]
    money = [_expected(shape, risk.probability, risk.money) for risk in risks]
    all_days, all_money = sum(d for d in days if d > 0), sum(m for m in money if m > 0)
    parts = tuple(
        RiskExposure(
            risk.key,
            d,
            m,
            d / all_days if d > 0 else 0.0,
            m / all_money if m > 0 else 0.0,
        )
        for risk, d, m in zip(risks, days, money)
    )
    return Exposure(
        parts,
        _total(shape, [(r.probability, r.days) for r in risks if r.days is not None], sum(days), "days"),
        _total(shape, [(r.probability, r.money) for r in risks if r.money is not None], sum(money), "money"),
        tuple(r.key for r in risks if r.days is None),
        tuple(r.key for r in risks if r.money is None),
    )


def _expected(shape: Shape, probability: float, impact: ThreePoint | None) -> float:
    if impact is None:
        return 0.0
    return probability * float(mean(shape, impact.optimistic, impact.most_likely, impact.pessimistic))


def _total(
    shape: Shape, parts: list[tuple[float, ThreePoint]], expected: float, what: str
) -> Total | Refused:
    if not parts:
        return Refused(
            f"risks with an impact in {what}", remedy=f"Estimate what at least one risk takes in {what}."
        )
    ends = [_range(shape, impact) for _, impact in parts]
    low = sum(min(a, 0.0) for a, _ in ends)
    high = sum(max(b, 0.0) for _, b in ends)
    if high == low:
        return Total(np.zeros(1), np.ones(1), 0.0, 0.0)
    step = (high - low) / CELLS
    total, offset = np.ones(1), 0
    for (probability, impact), (a, b) in zip(parts, ends):
        cells, first = _cells(shape, impact, a, b, step)
        lowest = min(first, 0)
        single = np.zeros(max(first + cells.size, 1) - lowest)
        single[first - lowest : first - lowest + cells.size] += probability * cells
        single[-lowest] += 1 - probability
        total = _convolved(total, single)
        offset += lowest
    total /= total.sum()
    values = (np.arange(total.size, dtype=np.float64) + offset) * step
    return Total(values, np.asarray(total, dtype=np.float64), expected, step)


def _convolved(first: Numbers, second: Numbers) -> Numbers:
    size = first.size + second.size - 1
    spectrum = np.fft.rfft(first, size) * np.fft.rfft(second, size)
    return np.maximum(np.fft.irfft(spectrum, size), 0.0).astype(np.float64)


def _range(shape: Shape, impact: ThreePoint) -> tuple[float, float]:
    if shape is not Shape.LOGNORMAL or impact.optimistic == impact.pessimistic:
        return impact.optimistic, impact.pessimistic
    points = (impact.optimistic, impact.most_likely, impact.pessimistic)
    ends = quantile(shape, *points, [0.0005, 0.9995])
    return float(ends[0]), float(ends[1])


def _cells(shape: Shape, impact: ThreePoint, low: float, high: float, step: float) -> tuple[Numbers, int]:
    """Probabilities of the cells around first * step, (first + 1) * step, ... that the impact covers."""
    first, last = round(low / step), round(high / step)
    edges = (np.arange(first, last + 2) - 0.5) * step
    shares = cumulative(shape, impact, edges)
    shares[0], shares[-1] = 0.0, 1.0
    return np.diff(shares), first
