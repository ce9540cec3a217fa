"""The network pass: hand-sized cases, what each tool's rules do, an independent longest path, and what must never happen."""

from dataclasses import replace
from datetime import datetime

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steerco.engine.calendar import OFFICE_HOURS, Calendar
from steerco.engine.check import Cycle, PlanError, check
from steerco.engine.forward import DriverKind
from steerco.engine.network import schedule
from steerco.engine.plan import (
    Constraint,
    Demand,
    LagCalendar,
    LagUnit,
    Link,
    LinkType,
    Options,
    Plan,
    Progress,
    Resource,
    Task,
    to_minute,
    to_moment,
)

DAY = 480
WEEK = 7 * 1440
CALENDARS = {
    "": Calendar.standard(),
    "six": Calendar(week=(OFFICE_HOURS,) * 6 + ((),)),
    "24h": Calendar.around_the_clock(),
    "night": Calendar(week=((((1320, 1800),),) * 5 + ((), ()))),
}


def moment(day: int, hour: float = 8) -> int:
    """A moment of January 2026; the 5th is a Monday."""
    return to_minute(datetime(2026, 1, day)) + round(hour * 60)


START = moment(5)


def plan_of(*tasks: Task, links=(), **more) -> Plan:
    return Plan(start=START, tasks=tasks, links=tuple(links), calendars=CALENDARS, **more)


def work(key: str, days: float = 1, **more) -> Task:
    return Task(key, round(days * DAY), **more)


def spans(plan: Plan) -> dict[str, tuple[str, str]]:
    return {
        d.key: (f"{to_moment(d.start):%a %d %H:%M}", f"{to_moment(d.finish):%a %d %H:%M}")
        for d in schedule(plan)
    }


# links


@pytest.mark.parametrize(
    ("kind", "lag", "expected"),
    [
        (LinkType.FS, 0, ("Wed 07 08:00", "Wed 07 17:00")),
        (LinkType.FS, DAY, ("Thu 08 08:00", "Thu 08 17:00")),
        (LinkType.FS, -DAY, ("Tue 06 08:00", "Tue 06 17:00")),
        (LinkType.SS, DAY, ("Tue 06 08:00", "Tue 06 17:00")),
        (LinkType.FF, 0, ("Tue 06 08:00", "Tue 06 17:00")),
        (LinkType.FF, DAY, ("Wed 07 08:00", "Wed 07 17:00")),
        # the finish must not come before A's start on Monday, which would be before the project's start
        (LinkType.SF, 0, ("Mon 05 08:00", "Mon 05 17:00")),
        (LinkType.SF, 3 * DAY, ("Wed 07 08:00", "Wed 07 17:00")),
    ],
)
def test_four_link_types_with_lag_and_lead(kind, lag, expected):
    plan = plan_of(work("A", 2), work("B"), links=[Link("A", "B", kind, lag)])
    assert spans(plan)["B"] == expected


def test_start_to_finish_leaves_the_finish_on_the_opening():
    # as MS Project stores it: B finishes when A starts, Thursday 8:00, not Wednesday 17:00
    plan = plan_of(work("Z", 3), work("A"), work("B"), links=[Link("Z", "A"), Link("A", "B", LinkType.SF)])
    assert spans(plan)["B"] == ("Wed 07 08:00", "Thu 08 08:00")


def test_percent_and_elapsed_lags():
    half = plan_of(work("A", 2), work("B"), links=[Link("A", "B", LinkType.FS, 50, LagUnit.PERCENT)])
    assert spans(half)["B"][0] == "Thu 08 08:00"
    weekend = plan_of(work("A", 5), work("B"), links=[Link("A", "B", LinkType.FS, 2 * 1440, LagUnit.ELAPSED)])
    assert spans(weekend)["B"][0] == "Mon 12 08:00"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # A ends on Friday 17:00
        (LagCalendar.SUCCESSOR, "Mon 12 08:00"),  # Saturday is a day of six
        (LagCalendar.PREDECESSOR, "Tue 13 08:00"),
        (LagCalendar.PROJECT, "Tue 13 08:00"),
        (LagCalendar.ELAPSED, "Sat 10 08:00"),  # 8 hours after Friday 17:00 is the night
    ],
)
def test_lag_runs_on_the_calendar_the_plan_names(rule, expected):
    plan = plan_of(
        work("A", 5),
        work("B", calendar="six"),
        links=[Link("A", "B", LinkType.FS, DAY)],
        options=Options(lag_calendar=rule),
    )
    assert spans(plan)["B"][0] == expected


def test_links_of_a_summary_hold_its_children_and_wait_for_them():
    plan = plan_of(
        work("A"),
        Task("S", 0),
        work("B", 2, parent="S"),
        work("C", 1, parent="S"),
        work("D"),
        links=[Link("A", "S"), Link("S", "D")],
    )
    dates = spans(plan)
    assert dates["B"][0] == dates["C"][0] == dates["S"][0] == "Tue 06 08:00"
    assert dates["S"][1] == "Wed 07 17:00"
    assert dates["D"][0] == "Thu 08 08:00"
    floats = schedule(plan)
    assert (floats["B"].total_float, floats["C"].total_float, floats["S"].is_critical) == (0, DAY, True)


# calendars


def test_a_milestone_stays_at_the_end_of_the_day_and_work_starts_on_the_next():
    plan = plan_of(work("A"), Task("M", 0), work("B"), links=[Link("A", "M"), Link("M", "B")])
    assert spans(plan)["M"] == ("Mon 05 17:00", "Mon 05 17:00")
    assert spans(plan)["B"][0] == "Tue 06 08:00"
    assert schedule(plan)["M"].total_float == 0


def test_elapsed_work_runs_through_the_night_and_has_float_by_the_clock():
    plan = plan_of(work("A"), Task("Cure", 1440, elapsed=True), work("B", 2), links=[Link("A", "Cure")])
    assert spans(plan)["Cure"] == ("Mon 05 17:00", "Tue 06 17:00")
    plan = plan_of(work("A", 3), Task("Cure", 1440, elapsed=True))
    assert schedule(plan)["Cure"].total_float == moment(7, 17) - moment(6, 8)


def test_work_runs_on_the_calendars_of_its_people_the_slowest_one_sets_the_finish():
    resources = (Resource("Day", 1.0), Resource("Night", 1.0, "night"))
    demands = (Demand("Day", 0.5, work=DAY), Demand("Night", 1.0, work=DAY))
    plan = plan_of(work("A", 2, demands=demands), resources=resources)
    # Day: 8 hours at half a person are two days; Night: Monday 22:00 to Tuesday 6:00
    assert spans(plan)["A"] == ("Mon 05 08:00", "Tue 06 17:00")
    late = replace(
        plan, tasks=(work("A", 2, demands=(Demand("Day", 1, work=DAY), Demand("Night", 1, work=2 * DAY))),)
    )
    assert spans(late)["A"] == ("Mon 05 08:00", "Wed 07 06:00")
    for rule in ({"ignores_resource_calendars": True}, {"fixed_duration": True}):
        own = replace(plan, tasks=(work("A", 1, demands=demands, **rule),))
        assert spans(own)["A"] == ("Mon 05 08:00", "Mon 05 17:00")


# constraints


@pytest.mark.parametrize(
    ("kind", "date", "expected", "total_float"),
    [
        (Constraint.SNET, moment(7), "Wed 07 08:00", 0),
        (Constraint.FNET, moment(8, 17), "Thu 08 08:00", 0),
        (Constraint.SNLT, moment(5), "Mon 05 08:00", -DAY),
        (Constraint.FNLT, moment(5, 17), "Mon 05 08:00", -DAY),
        (Constraint.MSO, moment(5), "Mon 05 08:00", 0),
        (Constraint.MFO, moment(5, 17), "Mon 05 08:00", 0),
    ],
)
def test_hard_constraints_beat_links_and_show_negative_float(kind, date, expected, total_float):
    plan = plan_of(work("A"), work("B", constraint=kind, constraint_date=date), links=[Link("A", "B")])
    dates = schedule(plan)
    assert f"{to_moment(dates['B'].start):%a %d %H:%M}" == expected
    # A pays for a date that B cannot keep
    assert dates["A"].total_float == (
        total_float or (-DAY if kind in (Constraint.MSO, Constraint.MFO) else dates["A"].total_float)
    )
    soft = replace(plan, options=Options(honour_constraints=False))
    assert schedule(soft)["B"].start >= schedule(soft)["A"].finish


def test_a_deadline_moves_nothing_but_the_float():
    plan = plan_of(work("A"), work("B"), links=[Link("A", "B")])
    tight = replace(plan, tasks=(plan.tasks[0], work("B", deadline=moment(5, 17))))
    assert spans(tight) == spans(plan)
    assert schedule(tight)["B"].total_float == -DAY
    loose = replace(plan, tasks=(plan.tasks[0], work("B", deadline=moment(9, 17))))
    assert schedule(loose)["B"].total_float == 0


def test_as_late_as_possible_goes_to_late_dates_or_to_free_float():
    tasks = (work("A", 5), work("L", constraint=Constraint.ALAP), work("M"), work("N"))
    links = [Link("L", "M"), Link("M", "N")]
    ms_project = plan_of(*tasks, links=links)
    assert spans(ms_project)["L"][0] == "Wed 07 08:00"
    assert spans(ms_project)["M"][0] == "Thu 08 08:00"  # driven along
    assert schedule(ms_project)["L"].total_float == 0
    primavera = replace(ms_project, options=Options.primavera())
    assert spans(primavera)["L"][0] == "Mon 05 08:00"  # M would have to move
    assert spans(replace(primavera, links=()))["L"][0] == "Fri 09 08:00"


def test_a_plan_scheduled_from_its_finish_ends_there():
    plan = plan_of(
        work("A", 2, constraint=Constraint.ALAP),
        work("B", constraint=Constraint.ALAP),
        work("C", constraint=Constraint.ALAP),
        links=[Link("A", "B")],
        options=Options(schedule_from_finish=True),
        finish=moment(16, 17),
    )
    assert spans(plan) == {
        "A": ("Wed 14 08:00", "Thu 15 17:00"),
        "B": ("Fri 16 08:00", "Fri 16 17:00"),
        "C": ("Fri 16 08:00", "Fri 16 17:00"),
    }


def test_manual_tasks_stay_and_inactive_ones_move_nothing():
    plan = plan_of(
        work("A", 2),
        work("M", manual=True, manual_start=moment(5), manual_finish=moment(5, 17)),
        work("I", 50, inactive=True),
        work("B"),
        links=[Link("A", "M"), Link("M", "B"), Link("I", "B")],
    )
    assert spans(plan)["M"] == ("Mon 05 08:00", "Mon 05 17:00")
    assert spans(plan)["B"][0] == "Tue 06 08:00"
    assert schedule(plan).project_finish == moment(6, 17)


# progress


def test_work_in_progress_keeps_its_start_and_resumes_where_it_says():
    plan = plan_of(
        work("A", 4, actual_start=moment(6), remaining=2 * DAY, stop=moment(7, 17), resume=moment(12)),
        work("B"),
        links=[Link("A", "B")],
    )
    assert spans(plan)["A"] == ("Tue 06 08:00", "Tue 13 17:00")
    assert spans(plan)["B"][0] == "Wed 14 08:00"


@pytest.mark.parametrize(
    ("rule", "finish"),
    [(Progress.RETAINED_LOGIC, "Thu 15 17:00"), (Progress.PROGRESS_OVERRIDE, "Thu 08 17:00")],
)
def test_work_out_of_sequence_waits_or_does_not(rule, finish):
    # B began before A was done; data date Wednesday; A ends Tuesday 13, B has two days left
    plan = plan_of(
        work("A", 5),
        work("B", 3, actual_start=moment(6), remaining=2 * DAY),
        links=[Link("A", "B")],
        data_date=moment(7),
        options=Options.primavera(progress=rule),
    )
    assert spans(plan)["A"] == ("Wed 07 08:00", "Tue 13 17:00")
    assert spans(plan)["B"] == ("Tue 06 08:00", finish)


def test_no_remaining_work_before_the_data_date_in_primavera_only():
    plan = plan_of(work("A"), data_date=moment(8))
    assert spans(plan)["A"][0] == "Mon 05 08:00"
    assert spans(replace(plan, options=Options.primavera()))["A"][0] == "Thu 08 08:00"


# drivers and floats


def test_each_start_names_what_drives_it():
    plan = plan_of(
        work("A", 2),
        work("B"),
        work("C"),
        work("D", constraint=Constraint.SNET, constraint_date=moment(12)),
        links=[Link("A", "C"), Link("B", "C"), Link("C", "D")],
    )
    dates = schedule(plan)
    assert dates["A"].driver.kind is DriverKind.PROJECT_START
    assert dates["C"].driver.link == Link("A", "C")
    assert dates["D"].driver.kind is DriverKind.CONSTRAINT
    assert dates.driving_chain("C") == ("A", "C")


def test_free_float_counts_to_the_next_task_total_float_to_the_end():
    plan = plan_of(
        work("A"), work("B"), work("C", 3), work("D"), links=[Link("A", "B"), Link("B", "D"), Link("C", "D")]
    )
    dates = schedule(plan)
    assert [(d.total_float // DAY, d.free_float // DAY, d.is_critical) for d in dates] == [
        (1, 0, False),
        (1, 1, False),
        (0, 0, True),
        (0, 0, True),
    ]


# faults


def test_a_cycle_is_named_task_by_task():
    plan = plan_of(
        *map(work, "XABCY"),
        links=[Link("X", "A"), Link("A", "B"), Link("B", "C"), Link("C", "A"), Link("C", "Y")],
    )
    with pytest.raises(Cycle, match="A -> B -> C -> A") as caught:
        schedule(plan)
    assert caught.value.tasks == ("A", "B", "C")


def test_a_cycle_through_a_summary_is_named():
    plan = plan_of(Task("S", 0), work("A", parent="S"), work("B"), links=[Link("S", "B"), Link("B", "A")])
    with pytest.raises(Cycle) as caught:
        schedule(plan)
    assert set(caught.value.tasks) == {"S", "A", "B"}


def test_all_faults_are_found_at_once_with_their_values():
    plan = plan_of(
        work("A"),
        work("A"),
        Task("B", -60),
        work("C", manual=True, manual_start=moment(6), manual_finish=moment(5)),
        work("D", parent="nobody", calendar="moon", percent_complete=120),
        work("E", constraint=Constraint.SNET, demands=(Demand("ghost", 1),)),
        work("F", actual_finish=moment(6)),
        Task("S", 0),
        work("T", parent="S"),
        links=[Link("A", "Z"), Link("B", "B"), Link("S", "T")],
    )
    found = check(plan)
    assert {f.code for f in found} == {
        "duplicate-key",
        "negative-duration",
        "ends-before-start",
        "unknown-parent",
        "unknown-calendar",
        "percent",
        "constraint-date",
        "unknown-resource",
        "finish-without-start",
        "unknown-task",
        "self-link",
        "link-to-own-summary",
    }
    sentences = " ".join(f.sentence for f in found)
    for value in (
        "'A' stands 2 times",
        "-60 minutes",
        "2026-01-05 08:00 is before manual start 2026-01-06",
        "'moon'",
        "120",
        "'Z'",
    ):
        assert value in sentences
    assert all(f.remedy for f in found)
    with pytest.raises(PlanError) as caught:
        schedule(plan)
    assert caught.value.findings == found


def test_a_plan_without_tasks_has_an_empty_schedule():
    dates = schedule(plan_of())
    assert (len(dates), dates.project_finish) == (0, START)


# properties


@st.composite
def plans(draw, *, constrained: bool = False, varied: bool = True) -> Plan:
    count = draw(st.integers(2, 9))
    tasks = []
    for i in range(count):
        more = {}
        if constrained and draw(st.booleans()):
            more = {
                "constraint": draw(st.sampled_from([Constraint.SNET, Constraint.FNET])),
                "constraint_date": moment(draw(st.integers(5, 30))),
            }
        tasks.append(
            Task(
                f"T{i}",
                draw(st.sampled_from([0, 30, 240, 480, 960, 2400])),
                calendar=draw(st.sampled_from(["", "", "six", "24h"])) if varied else "",
                **more,
            )
        )
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=14))
    links = [
        Link(
            f"T{a}",
            f"T{b}",
            draw(st.sampled_from(list(LinkType))) if varied else LinkType.FS,
            draw(st.sampled_from([0, 0, 240, 960])) if varied else 0,
        )
        for a, b in dict.fromkeys(pairs)
        if a < b
    ]
    return plan_of(*tasks, links=links)


@settings(max_examples=35, deadline=None)
@given(plans(varied=False))
def test_one_calendar_and_finish_to_start_is_the_longest_path(plan):
    """networkx knows nothing of calendars: in working minutes both must agree."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["end", *(t.key for t in plan.tasks)])
    for task in plan.tasks:
        graph.add_edge(task.key, "end", weight=task.duration)
    for link in plan.links:
        graph.add_edge(
            link.predecessor, link.successor, weight=plan.tasks[int(link.predecessor[1:])].duration
        )
    length = nx.dag_longest_path_length(graph)
    clock = Calendar.standard().compile(START)
    dates = schedule(plan)
    assert clock.between(START, dates.project_finish) == length
    for task in plan.tasks:
        before = max(
            (nx.dag_longest_path_length(graph.subgraph({task.key, *nx.ancestors(graph, task.key)})),)
        )
        assert clock.between(START, dates[task.key].early_start) == before
        tail = nx.dag_longest_path_length(graph.subgraph({task.key, *nx.descendants(graph, task.key)}))
        assert dates[task.key].total_float == length - before - tail


@settings(max_examples=35, deadline=None)
@given(plans(constrained=True))
def test_floats_are_not_negative_and_late_is_not_before_early_without_hard_dates(plan):
    dates = schedule(plan)
    assert (dates.total_float >= 0).all()
    assert (dates.free_float >= 0).all()
    assert dates.is_critical.any()


@settings(max_examples=35, deadline=None)
@given(plans(), st.data())
def test_adding_a_link_never_makes_the_finish_earlier(plan, data):
    a, b = sorted(
        data.draw(st.lists(st.integers(0, len(plan.tasks) - 1), min_size=2, max_size=2, unique=True))
    )
    more = replace(plan, links=(*plan.links, Link(f"T{a}", f"T{b}")))
    clock = Calendar.around_the_clock().compile(START)
    before, after = schedule(plan), schedule(more)
    assert clock.between(before.project_finish, after.project_finish) >= 0
    assert after[f"T{b}"].early_start >= before[f"T{b}"].early_start


@settings(max_examples=25, deadline=None)
@given(plans(constrained=True), st.integers(-80, 80))
def test_whole_weeks_later_everything_is_whole_weeks_later(plan, weeks):
    shift = weeks * WEEK
    tasks = tuple(
        replace(t, constraint_date=None if t.constraint_date is None else t.constraint_date + shift)
        for t in plan.tasks
    )
    moved = schedule(replace(plan, start=plan.start + shift, tasks=tasks))
    here = schedule(plan)
    assert (moved.early_start - shift).tolist() == here.early_start.tolist()
    assert (moved.late_finish - shift).tolist() == here.late_finish.tolist()
    assert moved.total_float.tolist() == here.total_float.tolist()


@settings(max_examples=25, deadline=None)
@given(plans(constrained=True), st.randoms(use_true_random=False))
def test_the_order_of_tasks_and_links_changes_no_date(plan, random):
    tasks, links = list(plan.tasks), list(plan.links)
    random.shuffle(tasks)
    random.shuffle(links)
    here, there = schedule(plan), schedule(replace(plan, tasks=tuple(tasks), links=tuple(links)))
    for task in plan.tasks:
        mine, other = here[task.key], there[task.key]
        assert replace(mine, driver=other.driver) == other


def test_a_longer_day_before_a_shorter_one_does_not_cost_float():
    # A ends at 18:00, B's day ends at 17:00: nothing is late
    late_shift = Calendar(week=((((540, 780), (840, 1080)),) * 5 + ((), ())))
    plan = plan_of(work("A", 3, calendar="late"), work("B", 1), links=[Link("A", "B", LinkType.FF)])
    plan = replace(plan, calendars={**CALENDARS, "late": late_shift})
    dates = schedule(plan)
    assert (dates["A"].total_float, dates["B"].total_float) == (0, 0)
    assert f"{to_moment(dates['A'].late_finish):%H:%M}" == "18:00"
