"""The pass over many draws gives, draw by draw, what the single pass gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from steerco.engine.calendar import Calendar
from steerco.engine.forward import forward
from steerco.engine.forward_many import Length, ManyForward
from steerco.engine.nodes import Nodes
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
)

MONDAY = 20454 * 1440  # 2026-01-05 00:00
CALENDARS = {
    "": Calendar.standard(),
    "late": Calendar(week=(((600, 1320),),) * 6 + ((),)),
    "half": Calendar(week=((), ((540, 720),), (), ((540, 720), (780, 900)), (), (), ())),
}
KINDS = [Constraint.SNET, Constraint.FNET, Constraint.SNLT, Constraint.FNLT, Constraint.MSO, Constraint.MFO]


def random_plan(seed, size=14):
    """A network with everything that moves dates, from one seed."""
    rng = np.random.default_rng(seed)
    pick = lambda *options: options[rng.integers(len(options))]  # noqa: E731
    started = seed % 3 == 0
    tasks = [Task("sum", 0)] if seed % 2 else []
    for n in range(size):
        task = Task(
            f"t{n}",
            int(pick(0, 60, 480, 960, 2400)),
            calendar=pick("", "", "late", "half") if seed % 5 else "",
            parent="sum" if tasks and tasks[0].key == "sum" and n in (2, 3) else "",
            elapsed=rng.random() < 0.1,
        )
        if rng.random() < 0.25:
            date = MONDAY + int(rng.integers(0, 60 * 1440))
            task = replace(task, constraint=pick(*KINDS), constraint_date=date)
        if rng.random() < 0.1:
            task = replace(task, levelling_delay=2000)
        if rng.random() < 0.3 and not task.elapsed:
            task = replace(
                task,
                demands=(Demand("nina", 1.0), Demand("omar", 0.5, work=int(task.duration * 0.6), delay=60)),
            )
        if started and n < 4 and task.duration:
            task = replace(task, actual_start=MONDAY + n * 1440 + 480, percent_complete=40.0)
            if n < 2:
                task = replace(task, actual_finish=MONDAY + (n + 3) * 1440, percent_complete=100.0)
        tasks.append(task)
    links = []
    for n in range(1, size):
        for before in sorted({int(b) for b in rng.integers(0, n, 2)}):
            lag = pick(0, 0, 240, -240, 1500, 50)
            unit = pick(*LagUnit) if lag == 50 else pick(LagUnit.WORKING, LagUnit.ELAPSED)
            links.append(Link(f"t{before}", f"t{n}", pick(*LinkType), lag, unit))
    if seed % 2:
        links.append(Link("sum", f"t{size - 1}", pick(LinkType.FS, LinkType.SS, LinkType.FF)))
    options = Options(
        lag_calendar=pick(*LagCalendar),
        honour_constraints=bool(rng.integers(2)),
        reschedule_after_data_date=seed % 4 == 0,
        progress=pick(*Progress),
    )
    return Plan(
        start=MONDAY + 480,
        tasks=tuple(tasks),
        links=tuple(links),
        calendars=CALENDARS,
        data_date=MONDAY + 8 * 1440 if started or seed % 4 == 0 else None,
        resources=(Resource("nina", 1.0, "half"), Resource("omar", 1.0, "late")),
        options=options,
    )


def lasting(plan, factor):
    """The same plan with every open task `factor` times as long, in the parts that are still to do."""
    tasks = []
    for task in plan.tasks:
        node_rest = round(task.duration * (100 - task.percent_complete) / 100)
        if task.actual_finish is not None or not task.duration:
            tasks.append(task)
            continue
        rest = round(node_rest * factor)
        whole = task.duration - node_rest + rest
        demands = tuple(
            d
            if d.work is None
            else replace(d, work=round(round(d.work / d.units) * (whole / task.duration)) * d.units)
            for d in task.demands
        )
        if task.percent_complete:
            demands = tuple(
                d
                if d.work is None
                else replace(
                    d, remaining_work=d.units * round(round(d.work / d.units) * rest / task.duration)
                )
                for d in task.demands
            )
        tasks.append(replace(task, duration=whole, remaining=rest, demands=demands))
    return replace(plan, tasks=tuple(tasks))


@pytest.mark.parametrize("seed", range(30))
def test_each_draw_equals_a_pass_over_a_plan_with_those_durations(seed):
    plan = random_plan(seed)
    if seed % 3 == 0:  # parts of a task in progress are scaled by rules of their own: one clock each here
        plan = replace(plan, tasks=tuple(replace(t, demands=()) for t in plan.tasks))
    net = Nodes(plan)
    base = forward(net, plan.start)
    factors = (0.5, 1.0, 1.5, 3.0)
    lengths = {}
    for at, node in enumerate(net.nodes):
        if node.duration and net.is_leaf[at] and node.task.actual_finish is None:
            rest = np.array([round(node.remaining * f) for f in factors])
            lengths[at] = Length(node.duration - node.remaining + rest, rest)
    truth = [forward(Nodes(lasting(plan, f)), plan.start) for f in factors]
    reach = max(max(t.finish) for t in truth) + 40 * 1440
    first = min(min(t.start) for t in truth) - 90 * 1440
    for horizon in ((first, reach), None):
        many = ManyForward(net, plan.start, base, set(lengths), horizon)
        starts, finishes = many.run(lengths)
        for draw, single in enumerate(truth):
            got = [
                (int(np.broadcast_to(s, 4)[draw]), int(np.broadcast_to(f, 4)[draw]))
                for s, f in zip(starts, finishes)
            ]
            assert got == list(zip(single.start, single.finish)), (seed, draw, horizon is None)


def test_a_date_beyond_the_tables_is_not_answered_wrongly():
    from steerco.engine.dial import Outrun

    plan = Plan(start=MONDAY + 480, tasks=(Task("a", 480),), calendars=CALENDARS)
    net = Nodes(plan)
    many = ManyForward(net, plan.start, forward(net, plan.start), {0}, (MONDAY, MONDAY + 20 * 1440))
    with pytest.raises(Outrun):
        many.run({0: Length(np.array([480 * 40]), np.array([480 * 40]))})
