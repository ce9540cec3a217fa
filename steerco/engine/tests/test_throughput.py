"""Throughput forecasts: their coverage on series with known truth and on real ones, and what they refuse."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from steerco.engine.refused import Refused
from steerco.engine.throughput import (
    TUNED,
    Method,
    bootstrap,
    crps,
    how_many,
    paths,
    rate_of,
    walk_forward,
    when,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "outcomes" / "jira_resolved"
STEADY = [5, 7, 6, 4, 8, 5, 6, 7, 5, 6, 4, 8, 6, 5, 7, 6] * 3


def weekly(path):
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        found = [row["Resolution_Date"] for row in csv.DictReader(file)]
    days = np.array([datetime.fromisoformat(t).toordinal() for t in found if t not in ("", "NULL")])
    return np.bincount((days - days.min()) // 7)


def test_the_mean_of_a_steady_team_goes_on():
    found = how_many(STEADY, 10, seed=1)
    assert found.mean == pytest.approx(60, rel=0.1)
    assert found.at_least(0.95) < found.at_least(0.5) < found.mean * 1.2
    assert found.confidence(found.at_least(0.8)) >= 0.8


def test_a_farther_forecast_is_relatively_less_sure():
    near, far = (how_many(STEADY, n, seed=1) for n in (4, 26))
    assert far.counts.std() / far.mean > 0.9 * near.counts.std() / near.mean
    assert far.at_least(0.85) / 26 < near.at_least(0.5) / 4


def test_when_and_how_many_tell_one_story():
    # Done within n periods exactly when at least that many are finished in n: the same seed, the same futures.
    items = 40
    time = when(STEADY, items, seed=3, horizon=30)
    cumulative = paths(STEADY, 30, seed=3)
    for periods in (5, 8, 12):
        assert time.confidence(periods) == (cumulative[:, periods - 1] >= items).mean()
    assert time.confidence(time.within(0.85)) >= 0.85 > time.confidence(time.within(0.85) - 1)


def test_growing_scope_ends_later():
    fixed = when(STEADY, 60, seed=1)
    growing = when(STEADY, 60, seed=1, arrivals=[2, 3, 2, 1, 3, 2] * 6)
    assert growing.within(0.5) > fixed.within(0.5)
    assert growing.remaining[4] > fixed.remaining[4]


def test_scope_that_grows_faster_than_work_has_no_end_in_sight():
    found = when(STEADY, 60, seed=1, arrivals=[12, 13, 11] * 10, horizon=52)
    assert isinstance(found.within(0.85), Refused)
    assert found.beyond > 0.5


def test_short_or_empty_histories_are_refused_with_the_number_needed():
    with pytest.raises(Refused, match="11 of 12 periods"):
        how_many([3] * 11, 4, seed=1)
    with pytest.raises(Refused, match="7 of 8 items"):
        how_many([0] * 19 + [1] * 7, 4, seed=1)
    with pytest.raises(ValueError, match="-1"):
        how_many([3] * 20 + [-1], 4, seed=1)


def test_a_pace_that_changed_counts_more_than_the_pace_it_had():
    assert rate_of([2] * 40 + [10] * 12).mean > 8
    assert rate_of([10] * 40 + [2] * 12).mean < 4


def test_a_changing_pace_is_not_taken_for_clumps():
    rng = np.random.default_rng(1)
    growing = rng.poisson(np.linspace(4, 30, 60))
    assert rate_of(growing).clumpiness < 2.5
    clumpy = np.where(np.arange(60) % 6 == 0, 60, 0)
    assert rate_of(clumpy).clumpiness > 20


def test_the_same_seed_gives_the_same_futures():
    assert (paths(STEADY, 8, seed=5) == paths(STEADY, 8, seed=5)).all()
    assert (paths(STEADY, 8, seed=5) != paths(STEADY, 8, seed=6)).any()
    assert (np.diff(paths(STEADY, 8, seed=5), axis=1) >= 0).all()


def test_crps_by_hand_and_its_best_forecast():
    # X uniform on {0, 2}, y = 1: E|X - y| = 1, E|X - X'| / 2 = 0.5
    assert crps(np.array([0, 2]), 1) == pytest.approx(0.5)
    assert crps(np.array([3, 3]), 1) == pytest.approx(2)


def test_stated_confidence_holds_on_a_team_whose_truth_is_the_supposed_one():
    # Futures drawn from the method itself must be covered as stated: this fails when paths and levels disagree.
    truth = paths(STEADY, 8, seed=11, draws=2000)[:, -1]
    found = how_many(STEADY, 8, seed=12, draws=20_000)
    for level in (0.5, 0.8, 0.95):
        assert (truth >= found.at_least(level)).mean() == pytest.approx(level, abs=0.04)


@pytest.mark.skipif(not DATA.is_dir(), reason="real series are not beside the repository")
def test_on_real_series_stated_confidence_holds_where_resampling_breaks_it():
    # Every third series by name, scored on forecasts eight weeks apart so that they hardly overlap.
    files = sorted(DATA.glob("*.csv"))[1::3]
    assert files, "the folder of real series is empty"
    ours, peers = [], []
    for path in files:
        series = weekly(path)
        ours.append(walk_forward(series, 8, seed=1, step=4, draws=400))
        peers.append(walk_forward(series, 8, seed=1, step=4, draws=400, method=None))

    def held(scores, level):
        return float(np.mean([score.held[level] for score in scores]))

    for level in (0.5, 0.8, 0.95):
        assert abs(held(ours, level) - level) < abs(held(peers, level) - level)
        assert held(ours, level) == pytest.approx(level, abs=0.08)
    ratio = [a.crps / b.crps for a, b in zip(ours, peers)]
    assert np.average(ratio, weights=[score.forecasts for score in ours]) < 1


def test_walk_forward_counts_what_it_refuses_and_uses_the_past_alone():
    series = np.array([0] * 30 + STEADY)
    score = walk_forward(series, 4, seed=1, draws=200)
    assert score.refused > 0
    again = walk_forward(np.concatenate([series, [10_000]]), 4, seed=1, draws=200, step=1)
    assert again.forecasts == score.forecasts + 1
    with pytest.raises(Refused):
        walk_forward([1] * 20, 4, seed=1)


def test_without_unsureness_and_drift_the_spread_is_that_of_the_clumps():
    sure = Method(unsureness=1e-6, drift=1e-6)
    rate = rate_of(STEADY, sure)
    found = paths(STEADY, 10, seed=1, draws=40_000, method=sure)[:, -1]
    # negative binomial: mean 10 m, variance clumpiness x mean
    assert found.mean() == pytest.approx(10 * rate.mean, rel=0.01)
    assert found.var() == pytest.approx(10 * rate.mean * rate.clumpiness, rel=0.05)
    assert bootstrap(STEADY, 10, seed=1)[:, -1].mean() == pytest.approx(10 * np.mean(STEADY[-12:]), rel=0.05)
    assert TUNED.unsureness > 1
