"""Flow metrics on samples small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steerco.engine.flow import (
    DAY,
    Item,
    Sprint,
    ageing,
    arrivals,
    cumulative_flow,
    cycle_times,
    lead_times,
    littles_law,
    percentiles,
    sprint_predictability,
    throughput,
    work_in_progress,
)
from steerco.engine.refused import Refused


def item(key, created, started=None, finished=None):
    minutes = [None if day is None else int(day * DAY) for day in (created, started, finished)]
    return Item(key, *minutes)


STEADY = [item(str(n), n, n + 1, n + 4) for n in range(40)]  # one a day, 3 days of work each, 1 of waiting


def test_times_count_from_start_and_from_creation():
    assert cycle_times(STEADY, since=0, until=100 * DAY).tolist() == [3.0] * 40
    assert lead_times(STEADY, since=0, until=100 * DAY).tolist() == [4.0] * 40


def test_the_window_is_half_open():
    # finishes on days 4, 5, 6, ...: [4, 6) holds two
    assert cycle_times(STEADY, since=4 * DAY, until=6 * DAY).size == 2


def test_percentiles_are_values_that_occurred():
    # 1..20: half of them are at most 10, 17 of 20 at most 17
    low, high = percentiles(range(20, 0, -1), (0.5, 0.85))
    assert (low.value, high.value) == (10, 17)
    assert low.low < low.value < low.high


def test_bounds_hold_the_true_percentile_in_nine_of_ten_samples():
    random = np.random.default_rng(5)
    truth = np.quantile(random.lognormal(size=1_000_000), 0.85)
    inside = 0
    for _ in range(400):
        (found,) = percentiles(random.lognormal(size=60), (0.85,))
        inside += found.low <= truth <= found.high
    assert inside / 400 >= 0.87


@pytest.mark.parametrize(("size", "level", "need"), [(9, 0.5, 10), (19, 0.95, 20), (99, 0.99, 100)])
def test_too_few_items_are_refused_with_the_number_needed(size, level, need):
    with pytest.raises(Refused, match=f"{size} of {need} finished items needed"):
        percentiles(range(size), (level,))


def test_throughput_leaves_out_the_broken_first_period():
    # finishes on days 4..43; window 0..45 in weeks counted back from 45: 3..10 holds 4..9, then 7 a week, 38..45 holds 38..43
    assert throughput(STEADY, since=0, until=45 * DAY).tolist() == [6, 7, 7, 7, 7, 6]
    assert arrivals(STEADY, since=0, until=42 * DAY).tolist() == [7, 7, 7, 7, 7, 5]


def test_age_of_open_work_stands_against_finished_work():
    done = [item(f"d{n}", 0, 0, n) for n in range(1, 11)]  # cycle times 1..10 days
    open_ones = [item("old", 0, 12), item("young", 0, 17.5), item("waiting", 0)]
    found = ageing(done + open_ones, at=20 * DAY, since=0)
    assert [(a.key, a.age, a.percentile) for a in found] == [("old", 8.0, 0.8), ("young", 2.5, 0.2)]
    assert work_in_progress(done + open_ones, at=20 * DAY) == 2


def test_cumulative_flow_counts_what_had_happened():
    flow = cumulative_flow(
        [item("a", 0, 1, 3), item("b", 1, 2), item("c", 2, None, 2)], since=0, until=3 * DAY
    )
    assert flow.created.tolist() == [1, 2, 3, 3]
    assert flow.started.tolist() == [0, 1, 3, 3]  # c counts as started when it finished
    assert flow.finished.tolist() == [0, 0, 1, 2]
    assert flow.work_in_progress.tolist() == [0, 1, 2, 1]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(0, 20)), min_size=10, max_size=40)
)
def test_littles_law_is_exact_when_everything_begins_and_ends_inside(spans):
    items = [item(str(n), c, c + w, c + w + d + 0.5) for n, (c, w, d) in enumerate(spans)]
    law = littles_law(items, since=0, until=100 * DAY)
    assert law.ratio == pytest.approx(1.0)
    assert law.is_stable


def test_growing_backlog_breaks_littles_law_with_the_reason():
    items = [*STEADY, *(item(f"x{n}", n, n) for n in range(40))]
    law = littles_law(items, since=10 * DAY, until=40 * DAY)
    assert not law.is_stable
    assert any("more is begun than finished" in reason for reason in law.reasons)


def test_steady_flow_satisfies_littles_law():
    law = littles_law(STEADY, since=10 * DAY, until=35 * DAY)
    # one a day, three days each: three open on average
    assert (law.average_wip, law.throughput, law.mean_cycle_time) == (3.0, 1.0, 3.0)
    assert law.is_stable


def test_sprint_predictability_by_hand():
    sprints = [Sprint(str(n), 20, d, min(d, 20)) for n, d in enumerate((10, 16, 20, 24, 30))]
    answer = sprint_predictability([Sprint("empty", 0, 5, 0), *sprints])
    assert answer.ratios == (0.5, 0.8, 1.0, 1.2, 1.5)
    assert answer.median == 1.0
    assert answer.kept == pytest.approx(0.6)
    assert answer.commitment_kept == pytest.approx((10 + 16 + 20 + 20 + 20) / 100)
    assert answer.left_out == ("empty",)


def test_predictability_is_refused_without_enough_sprints_or_without_content():
    with pytest.raises(Refused, match="4 of 5"):
        sprint_predictability([Sprint(str(n), 10, 10) for n in range(4)])
    answer = sprint_predictability([Sprint(str(n), 10, 10) for n in range(5)])
    assert isinstance(answer.commitment_kept, Refused)


def test_an_item_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="A-1"):
        item("A-1", 5, 6, 3)
