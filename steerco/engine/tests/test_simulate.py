"""The simulation against closed forms, its own deterministic limit, and what it must never hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from steerco.engine.calendar import Calendar
from steerco.engine.distributions import Shape, ThreePoint, cumulative, mean, quantile
from steerco.engine.draws import stratified, streams, uniforms
from steerco.engine.drivers import AssumedSpread, Correlation, Costs, Effect, RiskDriver, TaskCost
from steerco.engine.network import schedule
from steerco.engine.normal import deviate, probability
from steerco.engine.plan import Constraint, Estimate, Link, LinkType, Plan, Task
from steerco.engine.simulate import simulate, what_closing_buys

START = 20454 * 1440  # 2026-01-05 00:00, a Monday
ALWAYS = {"": Calendar.around_the_clock()}
STANDARD = {"": Calendar.standard()}


def plan_of(*tasks, links=(), calendars=ALWAYS, start=START, **more):
    return Plan(start=start, tasks=tasks, links=tuple(links), calendars=calendars, **more)


def estimated(key, low, mode, high, **more):
    return Task(key, mode, estimate=Estimate(low, mode, high), **more)


# distributions


def test_triangular_quantiles_are_the_closed_form():
    # F(x) = (x - a)^2 / ((b - a)(m - a)) below the mode: a 0, m 4, b 10 has F(4) = 0.4, F(2) = 0.1
    assert quantile(Shape.TRIANGULAR, 0, 4, 10, [0.1, 0.4, 0.0, 1.0]).tolist() == pytest.approx([2, 4, 0, 10])


@pytest.mark.parametrize(("low", "mode", "high"), [(0, 4, 10), (0, 0, 1), (5, 9, 9), (80, 100, 150)])
def test_quantiles_agree_with_scipy(low, mode, high):
    share = np.linspace(0.001, 0.999, 97)
    span, turn = high - low, (mode - low) / (high - low)
    triangular = stats.triang(turn, low, span).ppf(share)
    pert = stats.beta(1 + 4 * turn, 5 - 4 * turn, low, span).ppf(share)
    assert quantile(Shape.TRIANGULAR, low, mode, high, share) == pytest.approx(triangular, rel=1e-9, abs=1e-9)
    assert quantile(Shape.PERT, low, mode, high, share) == pytest.approx(pert, abs=2e-5 * span)


@pytest.mark.parametrize("shape", list(Shape))
@given(points=st.lists(st.floats(0, 1000), min_size=3, max_size=3), share=st.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_probability_inverts_quantile(shape, points, share):
    low, mode, high = sorted(points)
    if high - low < 1e-3:
        return
    value = float(quantile(shape, low, mode, high, share))
    assert float(cumulative(shape, ThreePoint(low, mode, high), value)) == pytest.approx(share, abs=2e-3)


def test_lognormal_goes_through_its_three_points():
    got = quantile(Shape.LOGNORMAL, 80, 100, 150, [0.1, 0.5, 0.9])
    assert got.tolist() == pytest.approx([80, 100, 150])


@pytest.mark.parametrize("shape", list(Shape))
def test_means_are_those_of_the_quantiles(shape):
    share = (np.arange(100_000) + 0.5) / 100_000
    assert quantile(shape, 80, 100, 150, share).mean() == pytest.approx(
        float(mean(shape, 80, 100, 150)), rel=1e-4
    )


def test_the_normal_by_table_is_the_normal():
    share = np.linspace(0.001, 0.999, 5001)
    assert deviate(share) == pytest.approx(stats.norm.ppf(share), abs=2e-5)
    points = np.linspace(-7, 7, 5001)
    assert probability(points) == pytest.approx(stats.norm.cdf(points), abs=2e-7)
    assert 0 < probability(np.array([-50.0]))[0] < probability(np.array([50.0]))[0] <= 1


def test_luck_depends_on_its_address_alone():
    both = uniforms(streams(7, ["a", "b"]), 0, 100)
    assert uniforms(streams(7, ["b"]), 40, 10).tolist() == both[1:, 40:50].tolist()
    assert abs(np.corrcoef(uniforms(streams(7, ["a", "b"]), 0, 20_000))[0, 1]) < 0.03
    assert stats.kstest(uniforms(streams(3, ["x"]), 0, 20_000)[0], "uniform").pvalue > 0.001


def test_latin_hypercube_has_one_draw_in_each_stratum():
    got = stratified(streams(1, ["a", "b"]), 0, 50)
    assert np.sort(got * 50, axis=1).astype(int).tolist() == [list(range(50))] * 2


# closed forms


def test_one_triangular_task_has_its_closed_form_percentiles():
    trial = simulate(plan_of(estimated("a", 1000, 4000, 10000)), seed=1, draws=20_000)
    for level in (0.1, 0.5, 0.8, 0.95):
        exact = START + float(quantile(Shape.TRIANGULAR, 1000, 4000, 10000, level))
        found = trial.percentile(level)
        assert found.low - 1 <= exact <= found.high + 1
        assert found.value == pytest.approx(exact, abs=120)


def test_two_parallel_tasks_finish_with_the_product_of_their_distributions():
    plan = plan_of(estimated("a", 1000, 4000, 10000), estimated("b", 2000, 5000, 8000))
    trial = simulate(plan, seed=2, draws=20_000, correlation=0.0)
    for minutes in (4000, 6000, 8000):
        exact = float(
            cumulative(Shape.TRIANGULAR, ThreePoint(1000, 4000, 10000), minutes)
            * cumulative(Shape.TRIANGULAR, ThreePoint(2000, 5000, 8000), minutes)
        )
        found = trial.confidence(START + minutes)
        assert found.probability == pytest.approx(exact, abs=4 * found.standard_error)


def chain(count, **more):
    tasks = [estimated(f"t{n}", 600, 1000, 1400, **more) for n in range(count)]
    return plan_of(*tasks, links=[Link(f"t{n}", f"t{n + 1}") for n in range(count - 1)])


@pytest.mark.parametrize("common", [0.0, 0.3])
def test_a_chain_sums_means_and_variances_with_their_correlation(common):
    # Var of a symmetric triangular is (b - a)^2 / 24 = 800^2 / 24; with correlation r: n var (1 + (n - 1) r).
    # The copula's rank correlation makes the linear one of triangulars a trifle less than r.
    count = 30
    trial = simulate(chain(count), seed=3, draws=8000, correlation=common)
    assert trial.mean_finish == pytest.approx(START + count * 1000, abs=4 * trial.mean_error)
    deviation = np.sqrt(count * 800**2 / 24 * (1 + (count - 1) * common))
    assert trial.finishes.std() == pytest.approx(deviation, rel=0.04)


def test_common_causes_widen_a_plan_that_independence_makes_look_sure():
    narrow = simulate(chain(100), seed=3, draws=2000, correlation=0.0)
    wide = simulate(chain(100), seed=3, draws=2000)
    assert wide.finishes.std() > 4 * narrow.finishes.std()
    assert wide.percentile(0.8).value > narrow.percentile(0.8).value


def test_merge_bias_of_parallel_paths_is_the_expected_maximum():
    # Van Slyke (1963): n equal independent paths finish later on average than any of them.
    # Uniform 0..2 days each: E max = 2 n / (n + 1) days, against a deterministic 1 day.
    paths = 9
    plan = plan_of(*(estimated(f"p{n}", 0, 1440, 2880) for n in range(paths)))
    trial = simulate(plan, seed=4, draws=8000, correlation=0.0, shape=Shape.UNIFORM)
    assert trial.deterministic_finish == START + 1440
    expected = 2880 * paths / (paths + 1) - 1440
    assert trial.merge_bias == pytest.approx(expected, abs=4 * trial.mean_error + 1)
    assert trial.deterministic_confidence.probability == pytest.approx(0.5**paths, abs=0.004)


def test_bounds_of_percentiles_hold_the_truth():
    plan = plan_of(estimated("a", 1000, 4000, 10000))
    exact = START + float(quantile(Shape.TRIANGULAR, 1000, 4000, 10000, 0.8))
    held = [
        q.low - 1 <= exact <= q.high + 1
        for q in (simulate(plan, seed=s, draws=300, criticality=False).percentile(0.8) for s in range(40))
    ]
    assert sum(held) >= 34


# the deterministic limit


def test_without_spread_every_draw_is_the_schedule():
    tasks = (
        Task("a", 960),
        Task("b", 480, constraint=Constraint.SNET, constraint_date=START + 20 * 1440),
        Task("c", 1440, actual_start=START + 480, percent_complete=50.0),
        Task("m", 0, milestone=True),
    )
    links = [Link("a", "b", LinkType.SS, 240), Link("b", "m"), Link("c", "m", LinkType.FF)]
    plan = plan_of(*tasks, links=links, calendars=STANDARD, start=START + 480)
    found, trial = schedule(plan), simulate(plan, seed=1, draws=10)
    assert set(trial.finishes.tolist()) == {found.project_finish} == {trial.deterministic_finish}
    assert trial.task_p80.tolist() == found.early_finish.tolist()
    assert trial.certain_share == 1.0
    assert trial.merge_bias == 0


def test_estimates_without_spread_give_the_schedule_too():
    plan = chain(5)
    sure = replace(plan, tasks=tuple(replace(t, estimate=Estimate(1000, 1000, 1000)) for t in plan.tasks))
    assert set(simulate(sure, seed=1, draws=5).finishes.tolist()) == {schedule(plan).project_finish}


def test_finished_work_is_certain_and_only_the_rest_varies():
    done = estimated("a", 100, 2000, 9000, actual_start=START, actual_finish=START + 2000)
    half = estimated("b", 800, 1000, 1400, actual_start=START, percent_complete=50.0)
    trial = simulate(plan_of(done), seed=1, draws=200)
    assert set(trial.finishes.tolist()) == {START + 2000}
    trial = simulate(plan_of(half), seed=1, draws=4000)
    assert trial.finishes.min() >= START + 500 + 400
    assert trial.finishes.max() <= START + 500 + 700


def test_no_remaining_work_lies_before_the_status_date():
    plan = plan_of(estimated("a", 800, 1000, 1400))
    trial = simulate(plan, seed=1, draws=200, status_date=START + 10_000)
    assert trial.finishes.min() >= START + 10_800


# honesty about what was not estimated


def test_tasks_without_estimate_get_no_spread_in_secret():
    plan = plan_of(Task("a", 1000), Task("b", 1000), estimated("c", 500, 1000, 2000), links=[Link("a", "b")])
    silent = simulate(plan, seed=1, draws=200)
    assert silent.assumed == () and silent.certain_share == pytest.approx(2 / 3)
    assert silent.cruciality[0] == 0
    open_about_it = simulate(plan, seed=1, draws=200, assumed_spread=AssumedSpread())
    assert open_about_it.assumed == ("a", "b")
    assert open_about_it.assumed_share == pytest.approx(2 / 3)
    assert open_about_it.certain_share == 0
    assert open_about_it.finishes.max() <= START + 2860


# risks


def test_a_risk_that_hits_the_finish_delays_it_as_often_as_it_happens():
    risk = RiskDriver("R-1", 0.25, ThreePoint.certain(480))
    trial = simulate(plan_of(Task("a", 1000)), seed=5, draws=8000, drivers=(risk,))
    assert set(trial.finishes.tolist()) == {START + 1000, START + 1480}
    share = dict(trial.risk_happened)["R-1"]
    assert share == pytest.approx(0.25, abs=0.02)
    assert trial.mean_finish == pytest.approx(START + 1000 + 480 * share)


def test_a_factor_multiplies_what_is_left_of_every_task_it_hits():
    task = Task("a", 1000, actual_start=START, percent_complete=40.0)
    risk = RiskDriver("R-1", 1.0, ThreePoint.certain(1.5), Effect.FACTOR, ("a",))
    assert set(simulate(plan_of(task), seed=1, draws=5, drivers=(risk,)).finishes.tolist()) == {
        START + 400 + 900
    }


def test_a_risk_on_a_summary_strikes_its_last_task_and_idle_risks_are_named():
    tasks = (
        Task("sum", 0),
        Task("a", 100, parent="sum"),
        Task("b", 200, parent="sum"),
        Task("done", 100, actual_start=START, actual_finish=START + 100),
    )
    risks = (
        RiskDriver("R-1", 1.0, ThreePoint.certain(50), tasks=("sum",)),
        RiskDriver("R-2", 1.0, ThreePoint.certain(50), tasks=("done",)),
    )
    trial = simulate(plan_of(*tasks), seed=1, draws=5, drivers=risks)
    assert set(trial.finishes.tolist()) == {START + 250}
    assert trial.idle_risks == ("R-2",)


def test_a_risk_on_an_unknown_task_is_refused_by_name():
    with pytest.raises(ValueError, match=r"R-9.*'nowhere'"):
        simulate(
            plan_of(Task("a", 1)),
            seed=1,
            drivers=(RiskDriver("R-9", 0.5, ThreePoint.certain(1), tasks=("nowhere",)),),
        )


def test_closing_a_risk_buys_exactly_its_delay_and_its_money():
    risks = (
        RiskDriver("R-1", 1.0, ThreePoint.certain(480), tasks=("a",), cost=ThreePoint.certain(700)),
        RiskDriver("R-2", 1.0, ThreePoint.certain(300), tasks=("slack",)),
    )
    plan = plan_of(estimated("a", 4000, 5000, 6000), Task("slack", 100))
    costs = Costs(spent=1000, overhead_per_minute=2.0)
    first, second = what_closing_buys(plan, seed=1, draws=500, drivers=risks, costs=costs)
    assert first.minutes == pytest.approx(480) and first.mean_minutes == pytest.approx(480)
    assert first.money == pytest.approx(700 + 960) and first.mean_money == pytest.approx(700 + 960)
    assert second.minutes == 0 and second.money == 0


# drivers of the finish


def test_the_longer_of_two_paths_is_critical_when_it_is_longer():
    plan = plan_of(estimated("a", 1000, 4000, 10000), estimated("b", 2000, 5000, 8000), Task("end", 0), links=[
        Link("a", "end"), Link("b", "end")])  # fmt: skip
    trial = simulate(plan, seed=6, draws=8000, correlation=0.0)
    a, b, end = trial.criticality
    assert end == 1.0
    assert a + b == pytest.approx(1.0, abs=0.01)  # ties are rare
    share = (np.arange(4000) + 0.5) / 4000
    first = quantile(Shape.TRIANGULAR, 1000, 4000, 10000, share)
    exact = float(cumulative(Shape.TRIANGULAR, ThreePoint(2000, 5000, 8000), first).mean())  # P(b < a)
    assert a == pytest.approx(exact, abs=0.02)
    assert trial.cruciality[0] > trial.cruciality[1] > 0
    assert trial.tornado[0].swing >= trial.tornado[-1].swing


def test_equal_certain_paths_are_both_critical():
    plan = plan_of(Task("a", 100), Task("b", 100), Task("c", 50), Task("end", 10), links=[
        Link("a", "end"), Link("b", "end"), Link("c", "end")])  # fmt: skip
    assert simulate(plan, seed=1, draws=4).criticality.tolist() == [1, 1, 0, 1]


def test_a_single_uncertain_task_is_wholly_crucial():
    trial = simulate(plan_of(estimated("a", 1000, 4000, 10000)), seed=1, draws=2000, correlation=0.0)
    assert trial.cruciality[0] == pytest.approx(1.0, abs=5e-3)
    assert trial.sensitivity[0] == pytest.approx(1.0, abs=1e-3)


def test_pairs_get_the_correlation_they_are_given():
    plan = plan_of(estimated("a", 1000, 4000, 7000), estimated("b", 1000, 4000, 7000), links=[Link("a", "b")])
    together = simulate(plan, seed=1, draws=6000, correlation=Correlation(0.0, (("a", "b", 1.0),)))
    against = simulate(plan, seed=1, draws=6000, correlation=Correlation(0.0, (("a", "b", -1.0),)))
    single = 6000**2 / 24
    assert together.finishes.var() == pytest.approx(4 * single, rel=0.05)
    assert against.finishes.std() < 2
    impossible = Correlation(0.0, (("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", -1.0)))
    three = plan_of(*(estimated(k, 1000, 4000, 7000) for k in "abc"))
    assert simulate(three, seed=1, draws=10, correlation=impossible).correlation_adjusted


# money


def test_cost_is_fixed_plus_time_dependent():
    plan = plan_of(estimated("a", 1000, 4000, 10000))
    costs = Costs(
        spent=50, tasks=(("a", TaskCost(ThreePoint.certain(200), per_minute=3.0)),), overhead_per_minute=1.0
    )
    trial = simulate(plan, seed=1, draws=500, costs=costs)
    assert trial.costs == pytest.approx(250 + 4.0 * (trial.finishes - START))
    joint = trial.joint_confidence(int(trial.percentile(0.8).value), trial.cost_percentile(0.8).value)
    assert joint.probability == pytest.approx(0.8, abs=0.01)  # date and money are one here


def test_cost_questions_without_costs_are_refused():
    with pytest.raises(ValueError, match="without costs"):
        simulate(plan_of(Task("a", 1)), seed=1, draws=2).cost_percentile(0.8)


# invariances


def test_the_same_seed_gives_the_same_arrays_and_the_order_of_tasks_does_not_matter():
    plan = chain(6, calendar="")
    one, again, other = (simulate(plan, seed=s, draws=700) for s in (8, 8, 9))
    turned = simulate(replace(plan, tasks=plan.tasks[::-1], links=plan.links[::-1]), seed=8, draws=700)
    assert one.finishes.tolist() == again.finishes.tolist() == turned.finishes.tolist()
    assert one.finishes.tolist() != other.finishes.tolist()


def test_a_plan_moved_by_a_week_finishes_a_week_later_in_every_draw():
    plan = replace(chain(4), calendars=STANDARD, start=START + 480)
    week = 7 * 1440
    moved = replace(plan, start=plan.start + week)
    assert (simulate(plan, seed=1, draws=600).finishes + week).tolist() == simulate(
        moved, seed=1, draws=600
    ).finishes.tolist()


@given(st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_adding_a_link_never_makes_a_draw_finish_earlier(first, second):
    if first == second:
        return
    first, second = sorted((first, second))
    plan = plan_of(
        *(estimated(f"t{n}", 400, 900, 2000) for n in range(6)), links=[Link("t0", "t3"), Link("t1", "t4")]
    )
    more = replace(plan, links=(*plan.links, Link(f"t{first}", f"t{second}")))
    assert (simulate(more, seed=1, draws=64).finishes >= simulate(plan, seed=1, draws=64).finishes).all()


def test_draws_far_beyond_the_plan_are_still_right():
    # A hundredfold pessimistic value leaves the tables laid out first; the answer must not notice.
    plan = plan_of(estimated("a", 1000, 1000, 900_000))
    trial = simulate(plan, seed=1, draws=2000)
    exact = START + float(quantile(Shape.TRIANGULAR, 1000, 1000, 900_000, 0.8))
    assert trial.percentile(0.8).low <= exact <= trial.percentile(0.8).high


def test_latin_hypercube_estimates_the_mean_more_closely():
    plan = chain(3)
    errors = {True: [], False: []}
    for lhs, found in errors.items():
        for seed in range(12):
            trial = simulate(
                plan, seed=seed, draws=256, correlation=0.0, latin_hypercube=lhs, criticality=False
            )
            found.append(trial.mean_finish - START - 3000)
    assert np.std(errors[True]) < np.std(errors[False]) / 3
