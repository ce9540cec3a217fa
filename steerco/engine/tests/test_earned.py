"""Earned value and earned schedule against published worked examples."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steerco.engine.earned import (
    Curve,
    Method,
    Work,
    earned_schedule,
    earned_value,
    earned_value_of,
    indices_over_time,
    planned_value_curve,
)
from steerco.engine.refused import Refused, is_known, require


def test_the_fence_of_the_exam_textbook():
    # Mulcahy, PMP Exam Prep, the four-sided fence: 1,000 a side, one side a day, end of day 3;
    # sides 1 and 2 done (1,000 and 1,200 spent), side 3 half done (600 spent), side 4 not begun.
    fence = [Work(1000, 0, 1, 100), Work(1000, 1, 2, 100), Work(1000, 2, 3, 50), Work(1000, 3, 4, 0)]
    curve = planned_value_curve(fence)
    answer = earned_value(
        budget_at_completion=curve.budget_at_completion,
        planned_value=curve.at(3),
        earned_value=earned_value_of(fence),
        actual_cost=1000 + 1200 + 600,
    )
    assert (answer.budget_at_completion, answer.planned_value, answer.earned_value) == (4000, 3000, 2500)
    assert answer.cost_variance == -300
    assert answer.cost_performance_index == pytest.approx(0.893, abs=5e-4)
    assert answer.schedule_variance == -500
    assert answer.schedule_performance_index == pytest.approx(0.833, abs=5e-4)
    assert answer.estimate_at_completion[Method.TYPICAL] == pytest.approx(
        4480, abs=1
    )  # the book rounds CPI: 4,479
    assert answer.estimate_to_complete == pytest.approx(1680, abs=1)
    assert answer.variance_at_completion == pytest.approx(-480, abs=1)


def test_every_estimate_at_completion_by_hand():
    # BAC 1000, PV 500, EV 400, AC 500: CPI 0.8, SPI 0.8
    answer = earned_value(
        budget_at_completion=1000,
        planned_value=500,
        earned_value=400,
        actual_cost=500,
        bottom_up_to_complete=700,
    )
    assert answer.estimate_at_completion == {
        Method.TYPICAL: pytest.approx(1250),  # 1000 / 0.8
        Method.ATYPICAL: pytest.approx(1100),  # 500 + 600
        Method.COST_AND_SCHEDULE: pytest.approx(1437.5),  # 500 + 600 / 0.64
        Method.WEIGHTED: pytest.approx(1250),  # 500 + 600 / (0.64 + 0.16)
        Method.BOTTOM_UP: 1200,
    }
    assert answer.to_complete_index == pytest.approx(1.2)  # 600 / 500
    assert answer.to_complete_index_of_estimate == pytest.approx(0.8)  # 600 / 750
    assert answer.percent_complete == 40
    assert answer.percent_spent == 50


def test_without_actuals_cost_figures_are_refused_and_schedule_figures_stand():
    for nothing in (None, 0):
        answer = earned_value(
            budget_at_completion=100, planned_value=50, earned_value=40, actual_cost=nothing
        )
        assert answer.schedule_performance_index == pytest.approx(0.8)
        for figure in (
            answer.actual_cost,
            answer.cost_variance,
            answer.cost_performance_index,
            answer.estimate_at_completion[Method.ATYPICAL],
            answer.variance_at_completion,
            answer.to_complete_index,
        ):
            assert isinstance(figure, Refused)
            assert "actual costs" in figure.sentence


def test_a_finished_project_costs_what_it_cost():
    answer = earned_value(budget_at_completion=100, planned_value=100, earned_value=100, actual_cost=140)
    assert answer.estimate_at_completion[Method.TYPICAL] == 140
    assert isinstance(answer.to_complete_index, Refused)


def test_nothing_earned_gives_no_typical_estimate():
    answer = earned_value(budget_at_completion=100, planned_value=10, earned_value=0, actual_cost=5)
    assert isinstance(answer.estimate_at_completion[Method.TYPICAL], Refused)
    assert answer.estimate_at_completion[Method.ATYPICAL] == 105


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_at_completion": 0, "planned_value": 0, "earned_value": 0},
        {"budget_at_completion": 10, "planned_value": 11, "earned_value": 0},
        {"budget_at_completion": 10, "planned_value": 1, "earned_value": -1},
    ],
)
def test_impossible_amounts_are_refused_with_the_amount(wrong):
    with pytest.raises(ValueError, match=r"\d"):
        earned_value(actual_cost=1, **wrong)


MONTHS = Curve((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), (0, 5, 15, 30, 50, 70, 85, 95, 110, 115, 120))


def test_earned_schedule_by_lipkes_formula():
    # ES = C + (EV - PV_C) / (PV_C+1 - PV_C). After 7 months EV is 80: C = 5, ES = 5 + 10 / 15.
    answer = earned_schedule(MONTHS, earned_value=80, at=7)
    assert answer.earned_schedule == pytest.approx(5 + 10 / 15)
    assert answer.schedule_variance == pytest.approx(5 + 10 / 15 - 7)
    assert answer.schedule_performance_index == pytest.approx((5 + 10 / 15) / 7)
    # EAC(t) = PD / SPI(t) when the factor is SPI(t)
    assert answer.estimate_at_completion == pytest.approx(10 / answer.schedule_performance_index)
    assert earned_schedule(
        MONTHS, earned_value=80, at=7, performance=1.0
    ).estimate_at_completion == pytest.approx(7 + 10 - 5 - 10 / 15)
    assert answer.to_complete_index == pytest.approx((10 - 5 - 10 / 15) / 3)


def test_spi_of_a_late_project_returns_to_one_and_spi_t_does_not():
    # Lipke's "late finish" shape: ten months of work finished after thirteen.
    times = np.arange(1, 14)
    earned = np.interp(times * 10 / 13, MONTHS.times, MONTHS.values)
    spi, spi_t = indices_over_time(MONTHS, times, earned)
    assert spi[-1] == pytest.approx(1.0)
    assert spi_t == pytest.approx(np.full(13, 10 / 13))


def test_a_finished_project_has_earned_all_its_time():
    answer = earned_schedule(MONTHS, earned_value=120, at=13)
    assert answer.earned_schedule == 10
    assert answer.estimate_at_completion == 13
    assert isinstance(answer.to_complete_index, Refused)


def test_a_plateau_counts_as_time_earned():
    # Nothing is planned in August (7 to 8): whoever has July's value has August's too.
    curve = Curve((0, 7, 8, 10), (0, 70, 70, 100))
    assert curve.when(70) == 8
    assert curve.when(69.9) < 7


def test_an_overdue_plan_has_no_index_to_finish_in_time():
    assert isinstance(earned_schedule(MONTHS, earned_value=80, at=10).to_complete_index, Refused)


def test_a_baseline_without_budget_is_refused():
    with pytest.raises(Refused, match="budget"):
        planned_value_curve([Work(0, 0, 5)])


def test_work_without_length_is_planned_at_its_finish():
    curve = planned_value_curve([Work(100, 0, 10), Work(50, 10, 10)])
    assert curve.at(9.99) == pytest.approx(99.9)
    assert curve.at(10) == 150


@given(
    st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 100), st.floats(0.1, 100)), min_size=1, max_size=8),
    st.floats(0.01, 0.99),
)
def test_value_and_time_of_a_curve_are_inverse(pieces, share):
    curve = planned_value_curve([Work(b, s, s + d) for b, s, d in pieces])
    value = share * curve.budget_at_completion
    assert curve.at(curve.when(value)) == pytest.approx(value, rel=1e-6, abs=1e-6)


def test_a_refusal_says_what_is_missing_and_travels_between_processes():
    refusal = Refused("finished items", have=3, need=10, remedy="Look at a longer period.")
    assert str(refusal) == "3 of 10 finished items needed. Look at a longer period."
    assert pickle.loads(pickle.dumps(refusal)) == refusal
    assert refusal != Refused("finished items", have=4, need=10)
    assert not is_known(refusal) and is_known(1.0)
    with pytest.raises(Refused):
        require(1, 2, "weeks")
    require(2, 2, "weeks")
