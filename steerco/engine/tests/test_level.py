"""Levelling: nobody is asked for more than there is, nothing comes earlier, and every move has its reason."""

import json
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steerco.engine.calendar import Calendar
from steerco.engine.level import Levelled, level, with_delays
from steerco.engine.network import schedule
from steerco.engine.plan import Constraint, Demand, Link, Plan, Resource, Task, to_minute

DATA = Path(__file__).parents[4] / "shared" / "data"
START = to_minute(datetime(2026, 1, 5, 8))  # a Monday
DAY = 480


def moment(day: int, hour: int) -> int:
    return to_minute(datetime(2026, 1, day, hour))


def plan_of(
    *tasks: Task, links: tuple[Link, ...] = (), resources: tuple[Resource, ...] = (Resource("Ann", 1.0),)
) -> Plan:
    return Plan(
        start=START,
        tasks=tasks,
        links=links,
        resources=resources,
        calendars={"": Calendar.standard(), "24h": Calendar.around_the_clock()},
    )


def asks(key: str, days: float, *needs: tuple[str, float], **more) -> Task:
    return Task(key, round(days * DAY), demands=tuple(Demand(*n) for n in needs), **more)


def peaks(plan: Plan, levelled: Levelled) -> dict[str, float]:
    """Highest use of each resource, counted at every start by adding up who is under way: no step function."""
    found: dict[str, float] = {}
    spans = [(*levelled[t.key], d.resource, d.units) for t in plan.tasks for d in t.demands]
    for moment_, _, resource, _ in spans:
        used = sum(units for start, finish, r, units in spans if r == resource and start <= moment_ < finish)
        found[resource] = max(found.get(resource, 0.0), used)
    return found


def test_two_tasks_of_one_person_follow_each_other():
    plan = plan_of(asks("A", 2, ("Ann", 1)), asks("B", 1, ("Ann", 1)))
    levelled = level(plan)
    # A has no float and goes first (Monday, Tuesday); B waits until Wednesday
    assert levelled["A"] == (START, moment(6, 17))
    assert levelled["B"] == (moment(7, 8), moment(7, 17))
    (move,) = levelled.moves
    assert (move.task, move.resource, move.blockers, move.working_minutes) == ("B", "Ann", ("A",), 2 * DAY)
    assert "Ann is held by A" in move.sentence


def test_higher_priority_is_placed_first():
    plan = plan_of(asks("A", 2, ("Ann", 1)), asks("B", 1, ("Ann", 1), priority=900))
    levelled = level(plan)
    assert levelled["B"][0] == START
    assert levelled["A"][0] == moment(6, 8)


def test_priority_1000_never_moves_and_others_wait_for_it():
    plan = plan_of(asks("A", 2, ("Ann", 1)), asks("B", 1, ("Ann", 1), priority=1000))
    assert level(plan)["B"][0] == START
    assert level(plan)["A"][0] == moment(6, 8)


def test_halves_of_a_person_fit_together():
    plan = plan_of(asks("A", 2, ("Ann", 0.5)), asks("B", 2, ("Ann", 0.5)), asks("C", 1, ("Ann", 0.5)))
    levelled = level(plan)
    assert levelled["A"][0] == levelled["B"][0] == START
    assert levelled["C"][0] == moment(7, 8)


def test_a_task_waits_until_all_its_resources_are_free():
    plan = plan_of(
        asks("A", 1, ("Ann", 1), priority=900),
        asks("B", 3, ("GPU", 2), priority=800),
        asks("C", 1, ("Ann", 1), ("GPU", 1)),
        resources=(Resource("Ann", 1), Resource("GPU", 2)),
    )
    assert level(plan)["C"][0] == moment(8, 8)


def test_started_work_stays_and_is_booked_first():
    plan = plan_of(asks("A", 1, ("Ann", 1)), asks("B", 2, ("Ann", 1), actual_start=START, remaining=DAY))
    levelled = level(plan)
    assert levelled["B"] == (START, moment(6, 17))
    assert levelled["A"][0] == moment(7, 8)


def test_successors_follow_a_moved_predecessor_and_say_so():
    plan = plan_of(
        asks("A", 2, ("Ann", 1), priority=900),
        asks("B", 1, ("Ann", 1)),
        asks("C", 1),
        links=(Link("B", "C"),),
    )
    levelled = level(plan)
    assert levelled["C"][0] == moment(8, 8)
    assert {m.task: m.predecessor for m in levelled.moves} == {"B": "", "C": "B"}


def test_need_above_capacity_takes_the_whole_resource_and_is_reported():
    plan = plan_of(asks("A", 1, ("Ann", 1), priority=900), asks("B", 1, ("Ann", 2)))
    levelled = level(plan)
    assert levelled["B"][0] == moment(6, 8)
    (finding,) = levelled.findings
    assert (finding.code, finding.value, finding.threshold) == ("over-demand", 2.0, 1.0)


def test_fixed_tasks_that_overload_are_reported_and_do_not_loop():
    must = {"constraint": Constraint.MSO, "constraint_date": START}
    plan = plan_of(
        asks("A", 1, ("Ann", 1), **must), asks("B", 1, ("Ann", 1), **must), asks("C", 1, ("Ann", 1))
    )
    levelled = level(plan)
    assert levelled["A"][0] == levelled["B"][0] == START
    assert levelled["C"][0] == moment(6, 8)
    assert [f.code for f in levelled.findings] == ["fixed-overload"]
    assert set(levelled.findings[0].tasks) == {"A", "B"}


def test_milestones_and_summaries_hold_nobody():
    plan = plan_of(
        Task("S", 0),
        asks("A", 1, ("Ann", 1), parent="S"),
        asks("M", 0, ("Ann", 1), parent="S"),
        asks("B", 1, ("Ann", 1), parent="S"),
    )
    levelled = level(plan)
    assert levelled["M"][0] == START
    assert levelled["S"] == (START, moment(6, 17))


def test_delays_reproduce_the_levelled_dates():
    plan = plan_of(
        asks("A", 2, ("Ann", 1)),
        asks("B", 1, ("Ann", 1)),
        asks("C", 3, ("Ann", 1)),
        asks("D", 1),
        links=(Link("B", "D"),),
    )
    levelled = level(plan)
    again = schedule(with_delays(plan, levelled))
    assert again.start.tolist() == levelled.start.tolist()
    assert again.finish.tolist() == levelled.finish.tolist()


@st.composite
def resource_plans(draw) -> Plan:
    count = draw(st.integers(2, 9))
    tasks = []
    for i in range(count):
        needs = draw(st.lists(st.sampled_from(["Ann", "Bob", "GPU"]), unique=True, max_size=3))
        units = [draw(st.sampled_from([0.25, 0.5, 1.0] if r != "GPU" else [1.0, 2.0, 4.0])) for r in needs]
        tasks.append(
            Task(
                f"T{i}",
                draw(st.sampled_from([0, 60, 240, 480, 1440, 2400])),
                demands=tuple(Demand(r, u) for r, u in zip(needs, units)),
                priority=draw(st.sampled_from([100, 500, 900])),
            )
        )
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=8))
    links = tuple(dict.fromkeys(Link(f"T{a}", f"T{b}") for a, b in pairs if a < b))
    return plan_of(
        *tasks, links=links, resources=(Resource("Ann", 1), Resource("Bob", 1, "24h"), Resource("GPU", 4))
    )


@settings(max_examples=50, deadline=None)
@given(resource_plans())
def test_no_resource_is_overloaded_no_task_early_no_link_broken(plan):
    before = schedule(plan)
    levelled = level(plan, before)
    capacity = {r.key: r.capacity for r in plan.resources}
    assert all(used <= capacity[r] + 1e-6 for r, used in peaks(plan, levelled).items())
    assert (levelled.start >= before.start).all()
    assert all(levelled[link.successor][0] >= levelled[link.predecessor][1] for link in plan.links)
    assert {m.task for m in levelled.moves} == {
        k for k, a, b in zip(levelled.keys, before.start, levelled.start) if b > a
    }
    again = schedule(with_delays(plan, levelled))
    assert again.start.tolist() == levelled.start.tolist()


def psplib(text: str) -> Plan:
    """A single-mode PSPLIB instance; a period is an hour of a calendar that never closes."""
    jobs = {}
    for row in re.search(r"successors\n(.*?)\*\*", text, re.S).group(1).splitlines():
        number, _, _, *after = row.split()
        jobs[number] = after
    rows = re.search(r"REQUESTS/DURATIONS:.*?-\n(.*?)\*\*", text, re.S).group(1).splitlines()
    capacity = re.search(r"RESOURCEAVAILABILITIES:\n.*?\n(.*?)\n", text, re.S).group(1).split()
    tasks = []
    for row in rows:
        number, _, length, *needs = row.split()
        demands = tuple(Demand(f"R{i}", float(n)) for i, n in enumerate(needs) if n != "0")
        tasks.append(Task(number, int(length) * 60, demands=demands))
    return Plan(
        start=START,
        tasks=tuple(tasks),
        links=tuple(Link(a, b) for a, after in jobs.items() for b in after),
        resources=tuple(Resource(f"R{i}", float(c)) for i, c in enumerate(capacity)),
        calendars={"": Calendar.around_the_clock()},
    )


@pytest.mark.skipif(not (DATA / "levelling").exists(), reason=f"needs the levelling benchmark in {DATA}")
def test_benchmark_schedules_are_feasible_and_near_the_best_known():
    best = json.loads((DATA / "levelling" / "best_known.json").read_text())["j30"]
    gaps = []
    with zipfile.ZipFile(DATA / "levelling" / "j30.zip") as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".sm"))[::24]:
            plan = psplib(archive.read(name).decode())
            levelled = level(plan)
            capacity = {r.key: r.capacity for r in plan.resources}
            assert all(used <= capacity[r] for r, used in peaks(plan, levelled).items())
            length = (levelled.project_finish - START) / 60
            known = best[Path(name).name]["ub"]
            assert length >= known
            gaps.append(length / known - 1)
    # the published minimum-slack serial scheme lies a few percent above the best known makespans
    assert sum(gaps) / len(gaps) < 0.12
