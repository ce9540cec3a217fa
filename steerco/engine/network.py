"""The critical path method over a plan: early, late and planned dates, floats, drivers.

Kelley and Walker (1959), with the calendars, link types, constraints and progress rules of MS Project and Primavera;
docs/engine/semantics.md says what is done where they differ.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from steerco.engine.backward import backward
from steerco.engine.check import refuse_circle, refuse_faults
from steerco.engine.floats import floats
from steerco.engine.forward import Dates, DriverKind, forward
from steerco.engine.nodes import FF, FS, SS, Nodes
from steerco.engine.plan import AsLate, Constraint, Plan
from steerco.engine.schedule import Schedule


def schedule(plan: Plan) -> Schedule:
    """Dates and floats of all tasks of a plan.

    Raises Cycle when links run in a circle, PlanError for other faults of the plan (both carry all findings of
    `check`), CalendarError when a calendar has not enough working time.
    """
    return schedule_nodes(compile_plan(plan))


def compile_plan(plan: Plan) -> Nodes:
    """The plan ready for `schedule_nodes`; raises what `schedule` raises for a faulty plan."""
    refuse_faults(plan)
    net = Nodes(plan)
    if len(net.order) < len(plan.tasks):
        refuse_circle(plan)
    return net


def schedule_nodes(net: Nodes) -> Schedule:
    """The same for a plan that is compiled already, and known to be free of faults."""
    plan = net.plan
    project_start = plan.start
    early = forward(net, project_start)
    leaves = [at for at in range(len(net.nodes)) if net.is_leaf[at] and net.is_active[at]]
    if plan.options.schedule_from_finish and plan.finish is not None:
        project_finish = plan.finish
        late = backward(net, early, project_finish)
        project_start = min((late.start[at] for at in leaves), default=project_start)
        early = forward(net, project_start)
    else:
        project_finish = max((early.finish[at] for at in leaves), default=project_start)
        if plan.finish is not None:
            project_finish = plan.finish
        late = backward(net, early, project_finish)
    if any(node.as_late for node in net.nodes):
        if plan.options.as_late is AsLate.TOTAL_FLOAT:
            early = forward(net, project_start, late)
        else:
            _slide(net, early, late)
    planned = _planned(net, early, late)
    found = floats(net, early, late, planned, project_finish)
    finished = np.array([node.task.actual_finish is not None for node in net.nodes], bool)
    active = np.array(net.is_active, bool)
    critical = (found.total <= plan.options.critical_at) & ~finished & active
    _critical_summaries(net, critical)
    return Schedule(
        keys=tuple(task.key for task in plan.tasks),
        early_start=np.array(early.start, np.int64),
        early_finish=np.array(early.finish, np.int64),
        late_start=np.array(late.start, np.int64),
        late_finish=np.array(late.finish, np.int64),
        start=np.array(planned.start, np.int64),
        finish=np.array(planned.finish, np.int64),
        total_float=found.total,
        free_float=found.free,
        start_float=found.start,
        finish_float=found.finish,
        is_critical=critical,
        is_summary=~np.array(net.is_leaf, bool),
        is_active=active,
        driver_kind=np.array(planned.driver, np.int8),
        driver_link=np.array(planned.link, np.int32),
        links=plan.links,
        project_start=project_start,
        project_finish=max((planned.finish[at] for at in leaves), default=project_start),
        position=net.position,
    )


def _planned(net: Nodes, early: Dates, late: Dates) -> Dates:
    """Where tasks are planned: late for as-late-as-possible ones, and for most of a plan scheduled from its finish."""
    options = net.plan.options
    planned = Dates(early.start.copy(), early.finish.copy(), early.driver.copy(), early.link.copy())
    for at, node in enumerate(net.nodes):
        task = node.task
        if not net.is_leaf[at] or task.actual_start is not None or task.manual or not net.is_active[at]:
            continue
        as_late = node.as_late and options.as_late is AsLate.TOTAL_FLOAT
        if as_late or (options.schedule_from_finish and task.constraint is not Constraint.ASAP):
            planned.start[at], planned.finish[at] = late.start[at], late.finish[at]
            planned.driver[at], planned.link[at] = DriverKind.AS_LATE_AS_POSSIBLE, -1
    for at in net.order:
        if not net.is_leaf[at]:
            below = [child for child in net.children[at] if net.is_active[child]]
            if below:
                planned.start[at] = min(planned.start[child] for child in below)
                planned.finish[at] = max(planned.finish[child] for child in below)
    return planned


def _slide(net: Nodes, early: Dates, late: Dates) -> None:
    """Move as-late-as-possible tasks, last ones first, as late as no successor has to move for them."""
    for at in reversed(net.order):
        node = net.nodes[at]
        if not node.as_late or not net.is_leaf[at] or node.task.actual_start is not None:
            continue
        finish = late.finish[at]
        for after, kind, lag, _ in node.successors:
            if net.nodes[after].task.actual_finish is not None:
                continue
            date = early.start[after] if kind in (FS, SS) else early.finish[after]
            date = date if lag is None else lag.before(date)
            finish = min(finish, date if kind in (FS, FF) else node.finish_from(date))
        finish = node.closing(finish)
        if finish > early.finish[at]:
            early.start[at], early.finish[at] = node.start_from(finish), finish
            early.driver[at], early.link[at] = DriverKind.AS_LATE_AS_POSSIBLE, -1


def _critical_summaries(net: Nodes, critical: npt.NDArray[np.bool_]) -> None:
    for at in net.order:
        if not net.is_leaf[at]:
            critical[at] = any(critical[child] for child in net.children[at])
