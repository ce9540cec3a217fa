"""Total and free float of every task, in working minutes of its calendar (elapsed tasks: of the clock)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steerco.engine.forward import Dates
from steerco.engine.nodes import FS, SF, SS, Nodes
from steerco.engine.order import leaves_under
from steerco.engine.plan import FloatFrom
from steerco.engine.worktime import WorkTime

Minutes = npt.NDArray[np.int64]


@dataclass(slots=True)
class Floats:
    """Working minutes each, in the order of plan.tasks."""

    total: Minutes
    free: Minutes
    start: Minutes
    finish: Minutes


def floats(net: Nodes, early: Dates, late: Dates, planned: Dates, project_finish: int) -> Floats:
    """Floats from early and late dates; `planned` are the dates that successors are held to for free float."""
    early_start, early_finish = indices(net, early.start), indices(net, early.finish)
    start = indices(net, late.start) - early_start
    finish = indices(net, late.finish) - early_finish
    for at, node in enumerate(net.nodes):
        if node.as_late and net.plan.options.as_late == "total_float":
            start[at] = finish[at] = 0
    rule = net.plan.options.total_float
    total = {FloatFrom.START: start, FloatFrom.FINISH: finish, FloatFrom.SMALLER: np.minimum(start, finish)}[
        rule
    ].copy()
    if rule is FloatFrom.SMALLER:
        started = np.array([node.task.actual_start is not None for node in net.nodes], bool)
        total = np.where(started, finish, total)
    return Floats(total, _free(net, planned, total, project_finish), start, finish)


def indices(net: Nodes, minutes: list[int]) -> Minutes:
    """Working index of one moment per task, each on the task's own clock."""
    values = np.array(minutes, np.int64)
    groups: dict[int, tuple[WorkTime, list[int]]] = {}
    for at, node in enumerate(net.nodes):
        groups.setdefault(id(node.clock), (node.clock, []))[1].append(at)
    for clock, members in groups.values():
        values[members] = clock.index_of(values[members])
    return values


def _free(net: Nodes, planned: Dates, total: Minutes, project_finish: int) -> Minutes:
    free = np.zeros(len(net.nodes), np.int64)
    open_end = (
        net.plan.options.reschedule_after_data_date
    )  # Primavera: up to the project's finish, not the float
    for at, node in enumerate(net.nodes):
        if node.task.actual_finish is not None or not net.is_active[at]:
            continue
        clock = node.clock
        edges = node.successors
        if not net.is_leaf[at]:
            below = set(leaves_under(at, net.children))
            edges = edges + [e for leaf in below for e in net.nodes[leaf].successors if e[0] not in below]
        gaps = []
        for after, kind, lag, _ in edges:
            if net.nodes[after].task.actual_finish is not None:
                continue
            begin = planned.start[at] if kind in (SS, SF) else planned.finish[at]
            end = planned.start[after] if kind in (FS, SS) else planned.finish[after]
            gap = clock.index(end) - clock.index(begin)
            if lag is not None:
                gap -= (
                    lag.minutes
                    if lag.clock is not None
                    else clock.index(begin + lag.minutes) - clock.index(begin)
                )
            gaps.append(gap)
        if gaps:
            free[at] = max(min(gaps), 0)
        elif open_end:
            free[at] = max(clock.index(project_finish) - clock.index(planned.finish[at]), 0)
        else:
            free[at] = max(int(total[at]), 0)
    return free
