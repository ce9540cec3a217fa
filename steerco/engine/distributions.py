"""Distributions of a three-point estimate, each by its quantile function, so that correlated and stratified draws need no special case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steerco.engine.special import betainc, ndtr, ndtri

Numbers = NDArray[np.float64]

DECILE = 1.2815515655446004  # the standard normal's 90th percentile
STEEPEST = 20.0  # greatest ratio of upper to lower spread that the lognormal follows
_GRID = np.sin(np.linspace(0.0, np.pi / 2, 1025)) ** 2  # dense at both ends, where quantiles are steep


class Shape(StrEnum):
    """How the three points of an estimate are read."""

    TRIANGULAR = "triangular"  # smallest, most likely, largest
    PERT = "pert"  # smallest, most likely, largest of a beta with weight 4 on the mode
    LOGNORMAL = "lognormal"  # 10th percentile, median, 90th percentile; no largest value
    UNIFORM = "uniform"  # smallest and largest; the middle point is not used


@dataclass(frozen=True, slots=True)
class ThreePoint:
    """A three-point estimate of any quantity: minutes, money, a factor. It rises; it may be negative (a gain)."""

    optimistic: float
    most_likely: float
    pessimistic: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.optimistic) and np.isfinite(self.pessimistic)):
            raise ValueError(f"an estimate must be finite, got {self.optimistic} and {self.pessimistic}")
        if not self.optimistic <= self.most_likely <= self.pessimistic:
            raise ValueError(
                "an estimate must rise from optimistic over most likely to pessimistic, got "
                f"{self.optimistic}, {self.most_likely}, {self.pessimistic}"
            )

    @classmethod
    def certain(cls, value: float) -> ThreePoint:
        """An estimate without spread."""
        return cls(value, value, value)


def quantile(shape: Shape, low: ArrayLike, mode: ArrayLike, high: ArrayLike, share: ArrayLike) -> Numbers:
    """The value below which `share` (0..1) of the distribution lies. All arguments broadcast.

    Triangular and uniform are closed forms. PERT inverts the incomplete beta function by table, to within 1e-5 of the
    range. The lognormal goes through the three points as 10th, 50th and 90th percentile and is mirrored when the
    estimate leans to the left; where an outer point meets the median, its spread is taken as a 20th of the other's.
    Source: Vose, Risk Analysis, ch. 14 (triangular, PERT); Johnson (1949) for the three-percentile lognormal.
    """
    a, m, b, u = (np.asarray(x, dtype=float) for x in (low, mode, high, share))
    if shape is Shape.UNIFORM:
        return np.asarray(a + u * (b - a))
    if shape is Shape.TRIANGULAR:
        return _triangular(a, m, b, u)
    if shape is Shape.LOGNORMAL:
        return _lognormal(a, m, b, u)
    return _pert(a, m, b, u)


def _triangular(a: Numbers, m: Numbers, b: Numbers, u: Numbers) -> Numbers:
    span, left = b - a, m - a
    turn = np.divide(left, span, out=np.zeros(np.broadcast(left, span).shape), where=span > 0)
    # One square root serves both branches: a + sqrt(u c) before the mode, b - sqrt((1 - u) d) behind it.
    rising = u < turn
    root = np.where(rising, u, 1.0 - u)
    root *= np.where(rising, left * span, (b - m) * span)
    np.sqrt(root, out=root)
    return np.asarray(np.where(rising, a + root, b - root))


def _lognormal(a: Numbers, m: Numbers, b: Numbers, u: Numbers) -> Numbers:
    down, up = np.maximum(m - a, (b - m) / STEEPEST), np.maximum(b - m, (m - a) / STEEPEST)
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = np.log(np.where(down > 0, up / np.where(down > 0, down, 1.0), 1.0)) / DECILE
    z = ndtri(np.clip(u, 1e-12, 1 - 1e-12))
    straight = np.abs(skew) < 1e-6
    safe = np.where(straight, 1.0, skew)
    bent = np.expm1(safe * z) / np.expm1(safe * DECILE)
    return np.asarray(m + up * np.where(straight, z / DECILE, bent))


def _pert(a: Numbers, m: Numbers, b: Numbers, u: Numbers) -> Numbers:
    shape = np.broadcast(a, m, b, u).shape
    span = b - a
    turn = np.broadcast_to(
        np.divide(m - a, span, out=np.zeros(np.broadcast(m, span).shape), where=span > 0), shape
    )
    flat_turn, flat_u = turn.reshape(-1), np.broadcast_to(u, shape).reshape(-1)
    unit = np.empty(flat_u.size)
    turns, where = np.unique(flat_turn, return_inverse=True)
    order = np.argsort(where, kind="stable")
    for value, part in zip(turns.tolist(), np.split(order, np.cumsum(np.bincount(where))[:-1])):
        unit[part] = np.interp(flat_u[part], betainc(1 + 4 * value, 5 - 4 * value, _GRID), _GRID)
    return np.asarray(a + span * unit.reshape(shape))


def mean(shape: Shape, low: ArrayLike, mode: ArrayLike, high: ArrayLike) -> Numbers:
    """Expected value of the distribution."""
    a, m, b = (np.asarray(x, dtype=float) for x in (low, mode, high))
    if shape is Shape.UNIFORM:
        return np.asarray((a + b) / 2)
    if shape is Shape.TRIANGULAR:
        return np.asarray((a + m + b) / 3)
    if shape is Shape.PERT:
        return np.asarray((a + 4 * m + b) / 6)
    return np.asarray(_lognormal(a[..., None], m[..., None], b[..., None], _MIDPOINTS).mean(axis=-1))


_MIDPOINTS = (np.arange(4096) + 0.5) / 4096


def cumulative(shape: Shape, estimate: ThreePoint, values: ArrayLike) -> Numbers:
    """Probability that the quantity is at most each of `values`."""
    x = np.asarray(values, dtype=float)
    a, m, b = estimate.optimistic, estimate.most_likely, estimate.pessimistic
    if a == b:
        return np.where(x >= a, 1.0, 0.0)
    if shape is Shape.UNIFORM:
        return np.asarray(np.clip((x - a) / (b - a), 0.0, 1.0))
    if shape is Shape.TRIANGULAR:
        inside = np.clip(x, a, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = (inside - a) / (b - a) * ((inside - a) / np.float64(m - a))
            falling = 1 - (b - inside) / (b - a) * ((b - inside) / np.float64(b - m))
        return np.asarray(np.where((inside <= m) & (m > a), rising, falling))
    if shape is Shape.PERT:
        turn = (m - a) / (b - a)
        return np.asarray(betainc(1 + 4 * turn, 5 - 4 * turn, np.clip((x - a) / (b - a), 0.0, 1.0)))
    return _lognormal_cumulative(a, m, b, x)


def _lognormal_cumulative(a: float, m: float, b: float, x: Numbers) -> Numbers:
    down, up = max(m - a, (b - m) / STEEPEST), max(b - m, (m - a) / STEEPEST)
    skew = float(np.log(up / down)) / DECILE
    if abs(skew) < 1e-6:
        return np.asarray(ndtr((x - m) / up * DECILE))
    bent = 1 + (x - m) / up * np.expm1(skew * DECILE)
    z = np.log(np.maximum(bent, 1e-300)) / skew
    return np.asarray(ndtr(z))
