"""Forecasts from how many items a team finished per period: how many by a date, and when a number of items is done.

The finishing rate is not known exactly, drifts, and items finish in clumps; a forecast that resamples the last weeks
knows only the clumps, and its "85 % sure" comes true far less often. Here all three are drawn. Method, measured
coverage and limits: docs/engine/throughput.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steerco.engine.refused import Refused, require

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

ENOUGH_PERIODS = 12
ENOUGH_ITEMS = 8
FARTHEST = 520  # periods


@dataclass(frozen=True, slots=True)
class Method:
    """What the forecast supposes; the defaults were tuned on weekly counts of real teams.

    The rate is a gamma around the recency-weighted mean (`half_life` periods), with `unsureness` times the variance
    that independent clumpy periods would give. Its logarithm then walks by `drift` per period, in `tails`-degree
    Student steps. A period's count is Poisson with a gamma rate (negative binomial), its clumpiness (variance over
    mean) measured over `clump_window` periods. Source: West and Harrison, Bayesian Forecasting and Dynamic Models;
    Harvey and Fernandes (1989) for count series.
    """

    half_life: float = 4.0
    unsureness: float = 5.0
    drift: float = 0.08
    tails: float = 3.0
    clump_window: int = 26
    long_run_weight: float = 0.3  # periods' worth of the mean of the last 52
    clump_prior: float = 3.0  # clumpiness expected beforehand
    clump_prior_weight: float = 1.0  # items' worth of it


TUNED = Method()


@dataclass(frozen=True, slots=True)
class Rate:
    """What a history says about the finishing rate at its end."""

    mean: float  # items per period
    clumpiness: float  # variance over mean of a period's count, above 1
    periods: float  # how many independent periods the mean is worth

    def spread(self, unsureness: float) -> float:
        """Variance of the rate over its squared mean."""
        return unsureness * self.clumpiness / (self.mean * self.periods)


def rate_of(history: Sequence[int] | Counts, method: Method = TUNED) -> Rate:
    """The finishing rate at the end of a history of counts per period, oldest first.

    Raises Refused below 12 periods or 8 items in the last 26 of them, ValueError for negative counts.
    """
    counts = np.asarray(history, dtype=float)
    if counts.size and counts.min() < 0:
        raise ValueError(f"a count of finished items cannot be negative, got {counts.min():g}")
    require(counts.size, ENOUGH_PERIODS, "periods of history", "Wait, or count by shorter periods.")
    require(
        counts[-26:].sum(),
        ENOUGH_ITEMS,
        "items finished in the last 26 periods",
        "There is no pace to go on from.",
    )
    latest = counts[::-1][:104]
    weights = 0.5 ** (np.arange(latest.size) / method.half_life)
    total = weights.sum()
    long_run = latest[:52].mean()
    mean = (weights @ latest + method.long_run_weight * long_run) / (total + method.long_run_weight)
    worth = total**2 / (weights @ weights) + method.long_run_weight
    # Clumpiness is measured around a moving mean of nine periods, so that a changing pace does not count as clumps.
    near = latest[: method.clump_window]
    window = np.ones(9)
    level = np.convolve(near, window, "same") / np.convolve(np.ones(near.size), window, "same")
    excess = ((near - level) ** 2).sum() * 9 / 8
    clumps = (excess + method.clump_prior_weight * method.clump_prior) / (
        level.sum() + method.clump_prior_weight
    )
    return Rate(max(float(mean), 0.02), max(float(clumps), 1.05), float(worth))


def paths(
    history: Sequence[int] | Counts, periods: int, *, draws: int = 4000, seed: int, method: Method = TUNED
) -> Counts:
    """Cumulative counts after 1, 2, ... `periods` periods, shape (draws, periods), each row one possible future."""
    if not 1 <= periods <= FARTHEST:
        raise ValueError(f"a forecast reaches 1 to {FARTHEST} periods ahead, got {periods}")
    rate = rate_of(history, method)
    random = np.random.default_rng(seed)
    shape = 1 / rate.spread(method.unsureness)
    start = random.gamma(shape, rate.mean / shape, size=(draws, 1))
    steps = random.standard_normal((draws, periods)) * method.drift
    steps *= np.sqrt(method.tails / random.chisquare(method.tails, size=(draws, 1)))
    # A walk of hundreds of heavy-tailed steps may leave all reason; a pace changes at most fifty-fold.
    walk = np.exp(np.clip(np.cumsum(steps, axis=1) - steps / 2, -9.0, 4.0))
    clump = rate.clumpiness - 1
    pace = random.gamma(np.maximum(start * walk / clump, 1e-9)) * clump
    return np.cumsum(random.poisson(np.minimum(pace, 1e9)), axis=1).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class CountForecast:
    """How many items will be finished within `periods` periods."""

    periods: int
    counts: Counts  # (draws,)

    def at_least(self, confidence: float) -> int:
        """The number that will be reached or passed with this confidence (0..1)."""
        return int(np.sort(self.counts)[int(np.floor((1 - _checked(confidence)) * self.counts.size))])

    def confidence(self, items: int) -> float:
        """Probability of finishing at least so many."""
        return float((self.counts >= items).mean())

    @property
    def mean(self) -> float:
        return float(self.counts.mean())


@dataclass(frozen=True, slots=True, eq=False)
class TimeForecast:
    """In how many periods the items will be finished; `beyond` is the share of futures in which they are not."""

    items: int
    horizon: int
    periods: Numbers  # (draws,), infinite where the horizon was passed
    remaining: NDArray[np.float64]  # (horizon,) mean number still open after each period

    @property
    def beyond(self) -> float:
        return float(np.isinf(self.periods).mean())

    def within(self, confidence: float) -> int | Refused:
        """Whole periods that will do with this confidence; Refused where the horizon does not carry it."""
        found = np.sort(self.periods)[int(np.ceil(_checked(confidence) * self.periods.size)) - 1]
        if np.isinf(found):
            return Refused(
                "futures that end within the horizon",
                have=round(1 - self.beyond, 3),
                need=confidence,
                remedy="At this pace the work does not end in sight: cut scope, or add people.",
            )
        return int(found)

    def confidence(self, periods: int) -> float:
        """Probability of being done within so many periods."""
        return float((self.periods <= periods).mean())


def _checked(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence must lie between 0 and 1, got {confidence}")
    return confidence


def how_many(
    history: Sequence[int] | Counts, periods: int, *, seed: int, draws: int = 4000, method: Method = TUNED
) -> CountForecast:
    """How many items will be finished in the next `periods` periods.

    `history` counts finished items per period, oldest first, the last one complete. Raises Refused when it is too
    short or too empty.
    """
    return CountForecast(periods, paths(history, periods, draws=draws, seed=seed, method=method)[:, -1])


def when(
    history: Sequence[int] | Counts,
    items: int,
    *,
    seed: int,
    draws: int = 4000,
    horizon: int = 156,
    arrivals: Sequence[int] | Counts | None = None,
    method: Method = TUNED,
) -> TimeForecast:
    """In how many periods `items` open items will be finished, within a horizon.

    `arrivals` counts items added to the scope per period, oldest first: given, the scope keeps growing as
    unsurely as it did, and the end is when all of it, old and new, is done. None holds the scope fixed, which is a
    claim: on most teams it is wrong. A pause (holidays, an absent team) is best told by leaving those periods out.
    Raises Refused as `how_many`, for either history.
    """
    if items < 1:
        raise ValueError(f"at least one item must be open, got {items}")
    done = paths(history, horizon, draws=draws, seed=seed, method=method)
    goal = np.full((1, 1), items, dtype=np.int64)
    if arrivals is not None:
        # Another seed: what arrives must not be lucky exactly when what finishes is.
        goal = items + paths(arrivals, horizon, draws=draws, seed=seed + 1_000_003, method=method)
    reached = done >= goal
    first = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.inf)
    left = np.maximum(goal - done, 0) * (np.arange(1, horizon + 1) < first[:, None])
    return TimeForecast(items, horizon, first, left.mean(axis=0))


def bootstrap(
    history: Sequence[int] | Counts, periods: int, *, seed: int, draws: int = 4000, window: int = 12
) -> Counts:
    """What most tools do: paths that resample the last `window` periods. Kept as the measure to beat."""
    counts = np.asarray(history, dtype=np.int64)[-window:]
    require(counts.size, window, "periods of history")
    pick = np.random.default_rng(seed).integers(0, window, size=(draws, periods))
    return np.cumsum(counts[pick], axis=1)


@dataclass(frozen=True, slots=True)
class Score:
    """How stated confidence came true over many past forecasts of one length, and how sharp they were.

    `held[p]` is the share of forecasts in which at least the number named with confidence p was finished; whole
    numbers cannot match every p, so a number shared by several outcomes counts by lot (randomised). `inside[p]` is
    the same for central intervals. `crps` is the mean continuous ranked probability score, in items: smaller is better.
    """

    periods: int
    forecasts: int
    refused: int
    held: dict[float, float]
    inside: dict[float, float]
    crps: float
    mean_actual: float


def walk_forward(
    series: Sequence[int] | Counts,
    periods: int,
    *,
    seed: int,
    levels: Sequence[float] = (0.5, 0.8, 0.95),
    first: int = 26,
    step: int = 1,
    draws: int = 1000,
    method: Method | None = TUNED,
) -> Score:
    """Forecast every past stretch of `periods` periods from what was known before it, and score it.

    `method` None scores the bootstrap on the same stretches. Stretches the method refuses are counted, for either.
    Raises Refused when no stretch is left. Source of the score: Gneiting and Raftery (2007); of the randomised
    coverage: Czado, Gneiting, Held (2009).
    """
    counts = np.asarray(series, dtype=np.int64)
    random = np.random.default_rng(seed)
    shares, scores, actuals, refused = [], [], [], 0
    for now in range(max(first, ENOUGH_PERIODS), counts.size - periods + 1, step):
        known, actual = counts[:now], int(counts[now : now + periods].sum())
        try:
            rate_of(known)
        except Refused:
            refused += 1
            continue
        if method is None:
            drawn = bootstrap(known, periods, seed=seed + now, draws=draws)[:, -1]
        else:
            drawn = paths(known, periods, seed=seed + now, draws=draws, method=method)[:, -1]
        below, upto = (drawn < actual).mean(), (drawn <= actual).mean()
        shares.append(below + random.random() * (upto - below))
        scores.append(crps(drawn, actual))
        actuals.append(actual)
    require(
        len(shares), 1, "past stretches to forecast", "The series is too short or too empty to be scored."
    )
    share = np.array(shares)
    return Score(
        periods,
        len(shares),
        refused,
        {p: float((share >= 1 - p).mean()) for p in levels},
        {p: float((np.abs(share - 0.5) <= p / 2).mean()) for p in levels},
        float(np.mean(scores)),
        float(np.mean(actuals)),
    )


def crps(drawn: Counts | Numbers, actual: float) -> float:
    """Continuous ranked probability score of a sample forecast: E|X - y| - E|X - X'| / 2."""
    x = np.sort(np.asarray(drawn, dtype=float))
    rank = 2 * np.arange(1, x.size + 1) - x.size - 1
    return float(np.abs(x - actual).mean() - (rank @ x) / x.size**2)
